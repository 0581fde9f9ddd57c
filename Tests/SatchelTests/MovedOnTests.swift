import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// What changes at the hub in no changeset that came: those who stand at the end of its log are told of it (EXC-45).
@Suite final class MovedOnTests: ReviewedWorld {
    private static let scoped1 =
        "-- satchel: version 1\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, owner TEXT, grade TEXT, partner TEXT);"
    private static let scoped2 =
        "-- satchel: version 2\n-- satchel: dropped client.grade\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, owner TEXT, partner TEXT);"
    private static let scoped2ref =
        "-- satchel: version 2\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, owner TEXT, grade TEXT, partner TEXT REFERENCES client(id));"

    private func expectTold(_ hub: Hub, _ replicas: [Replica], _ place: SourceLocation = #_sourceLocation) throws {
        for replica in replicas {
            let (mine, due) = (try replica.digest(), try hub.digest(for: replica.name))
            #expect(mine == due, "\(replica.name)", sourceLocation: place)
        }
    }

    @Test(arguments: [true, false]) func aNoticeThatComesBackReachesWhoStandsAtTheEnd_EXC45_REV4(thief: Bool) throws {
        let (hub, one, two) = try pair()
        let three = try device("three", hub)
        try sync(hub, [one, two, three])
        try hub.backUp(to: folder + "/backup")
        try run(two, "UPDATE client SET phone = 'thief' WHERE id = 'a'")
        try hub.revoke("two")
        try sync(hub, [one])
        let again = try restoreHub(hub, from: "backup")
        if thief { try up(two, again) }
        try sync(again, [three])
        try sync(again, [one, three], rounds: 3)
        let seen = try [again.replica, one, three].map { try shown($0) + " \($0.conflicts().count)" }
        #expect(Set(seen).count == 1, "\(seen)")
        try expectEqual(again, [one, three])
        // Whoever meets the thief must know.
        try two.have(to: folder + "/have")
        #expect(throws: (any Error).self, "REV-4, REV-5: three gives the thief what it has") {
            try three.pack(for: self.folder + "/have", to: self.folder + "/side")
        }
        try run(one, "UPDATE client SET name = 'on' WHERE id = 'd'")
        try sync(again, [one, three], rounds: 3)
        #expect(throws: (any Error).self, "still") {
            try three.pack(for: self.folder + "/have", to: self.folder + "/side")
        }
        try expectEqual(again, [one, three])
    }

    @Test func anOrderAndARevocationThatComeBackTogetherReachEverybody_EXC45_ERA9() throws {
        let (hub, one, two) = try pair()
        let three = try device("three", hub)
        try sync(hub, [one, two, three])
        try hub.backUp(to: folder + "/backup")
        try hub.revoke("two")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [one])
        let again = try restoreHub(hub, from: "backup")
        try run(three, "UPDATE client SET phone = '6' WHERE id = 'd'")
        try sync(again, [three])
        try sync(again, [one, three], rounds: 3)
        for replica in [again.replica, one, three] { #expect(try !shown(replica).contains("d:"), "\(replica.name)") }
        try two.have(to: folder + "/have")
        #expect(throws: (any Error).self, "REV-5") {
            try three.pack(for: self.folder + "/have", to: self.folder + "/side")
        }
    }

    @Test(arguments: [false, true]) func aRuleThatNoLongerFitsClosesOnTheTabletsToo_EXC45_SCO3(later: Bool) throws {
        let (hub, _) = try world(Self.scoped1)
        try hub.setScope("gold", rules: ["client BY grade 'A'"])
        try hub.setScope("li", rules: ["client BY owner 'li'"])
        let (wang, li) = (try device("wang", hub, scopes: ["gold"]), try device("li", hub, scopes: ["li"]))
        try run(li, "INSERT INTO client VALUES ('c', 'C', 'li', 'A', NULL)")
        try sync(hub, [li, wang], rounds: 3)
        #expect(try text(wang, "SELECT id FROM client") == "c")
        try hub.replica.migrate(to: Self.scoped2)
        if later { try run(hub.replica, "INSERT INTO client VALUES ('x', 'X', 'x', NULL)") }
        try sync(hub, [li, wang], rounds: 3)
        try run(li, "UPDATE client SET name = 'private'")
        try sync(hub, [li, wang], rounds: 3)
        #expect(try text(wang, "SELECT id || name FROM client") == "", "SCO-3, SCO-13: it left the scope")
        try expectTold(hub, [wang])
    }

    @Test(arguments: [false, true]) func parentsOfAReferenceThatTheHubLearnsFollowTheirChildren_EXC45_EXC19(
        later: Bool
    ) throws {
        let (hub, _) = try world(Self.scoped1)
        for person in ["wang", "li"] { try hub.setScope(person, rules: ["client BY owner '\(person)'"]) }
        let (wang, li) = (try device("wang", hub, scopes: ["wang"]), try device("li", hub, scopes: ["li"]))
        try run(li, "INSERT INTO client VALUES ('p', 'P', 'li', 'A', NULL)")
        try run(wang, "INSERT INTO client VALUES ('c', 'C', 'wang', 'A', 'p')")
        try sync(hub, [li, wang], rounds: 3)
        try hub.replica.migrate(to: Self.scoped2ref)
        if later { try run(hub.replica, "INSERT INTO client VALUES ('x', 'X', 'x', NULL, NULL)") }
        try sync(hub, [li, wang], rounds: 3)
        try run(wang, "UPDATE client SET name = 'C2'")
        try sync(hub, [li, wang], rounds: 3)
        do { try wang.migrate(to: Self.scoped2ref) } catch { Issue.record("wang cannot move: \(error)") }
        try li.migrate(to: Self.scoped2ref)
        try sync(hub, [li, wang], rounds: 3)
        #expect(
            try text(wang, "SELECT id FROM client ORDER BY id") == "c p",
            "EXC-19: \(told(try wang.setAside().map(\.reason)))")
        try expectTold(hub, [wang, li])
    }

    @Test func aPolicyThatChangesWhatARuleSeesMovesTheRow_EXC45_SCO3() throws {
        let (hub, _) = try world("-- satchel: version 1\nCREATE TABLE client(id TEXT PRIMARY KEY, level INTEGER);")
        try hub.setScope("top", rules: ["client BY level 9"])
        try hub.setScope("rest", rules: ["client ALL"])
        let (top, rest, other) = (
            try device("top", hub, scopes: ["top"]), try device("rest", hub, scopes: ["rest"]),
            try device("other", hub, scopes: ["rest"])
        )
        try run(rest, "INSERT INTO client VALUES ('c', 1)")
        try sync(hub, [rest, other, top])
        try run(rest, "UPDATE client SET level = 9")
        try run(other, "UPDATE client SET level = 5")
        try sync(hub, [rest, other, top], rounds: 3)
        let shownBefore = try text(hub.replica, "SELECT level FROM client")
        let second =
            "-- satchel: version 2\n-- satchel: policy client.level \(shownBefore == "9" ? "min" : "max")\nCREATE TABLE client(id TEXT PRIMARY KEY, level INTEGER);"
        try hub.replica.migrate(to: second)
        for replica in [top, rest, other] { try replica.migrate(to: second) }
        try sync(hub, [rest, other, top], rounds: 3)
        try run(rest, "INSERT INTO client VALUES ('x', 1)")
        try sync(hub, [rest, other, top], rounds: 3)
        try expectTold(hub, [rest, other, top])
    }

    @Test func whatWasAcceptedLaterIsNotEverywhereBeforeOthersHaveIt_INB13() throws {
        let (hub, wang, li) = try scoped()
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('c', 'C', 'li')")
        try sync(hub, [wang, li])
        try hub.grant("wang", scopes: ["wang", "li"])
        try sync(hub, [wang, li])
        try hub.grant("wang", scopes: ["wang"])
        try sync(hub, [wang, li])
        try force(wang, "INSERT INTO client(id, name, owner) VALUES ('c', 'X', 'li')")
        try up(wang, hub)
        #expect(try hub.outsideChanges().count == 1)
        try sync(hub, [wang, li], rounds: 3)
        try hub.acceptSetAside(table: "client", key: key("c"))
        let atHub = try hub.replica.status(table: "client", key: key("c")).level
        #expect(atHub < .everywhere, "INB-13: nobody but the hub has it")
        try up(li, hub)
        try down(li, hub)
    }

    @Test func whatWasReleasedIsNotEverywhereBeforeOthersHaveIt_INB13() throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE client SET phone = 'thief' WHERE id = 'a'")
        try hub.revoke("two")
        try up(two, hub)
        try sync(hub, [one], rounds: 3)
        #expect(try hub.quarantine().changesets.count == 1)
        try hub.release([], ofDevice: "two")
        #expect(try hub.replica.status(table: "client", key: key("a")).level < .everywhere)
        #expect(try shown(one).contains("a:Hengda:1"))
    }

    @Test func whatWasReleasedIsNotEverywhereBecauseItWasAtTheHubBefore_INB13() throws {
        let (hub, one, two) = try pair()
        let three = try device("three", hub)
        try sync(hub, [one, two, three], rounds: 2)
        try run(two, "INSERT INTO client(id, name) VALUES ('late', 'L')")
        try one.have(to: folder + "/have")
        try two.pack(for: folder + "/have", to: folder + "/side")
        try one.apply(folder + "/side")
        try hub.revoke("two")
        try sync(hub, [one, three], rounds: 3)
        try hub.release([], ofDevice: "two")
        try down(one, hub)
        #expect(try shown(one).contains("late") && !shown(three).contains("late"))
        for replica in [hub.replica, one] {
            #expect(try replica.status(table: "client", key: key("late")).level == .atHub, "\(replica.name)")
        }
        try sync(hub, [three, one, three, one])
        for replica in [hub.replica, one, three] {
            #expect(try replica.status(table: "client", key: key("late")).level == .everywhere, "\(replica.name)")
        }
    }

    /// A visit that its author entered past the foreign keys brings back a client whom nobody has any more.
    @Test func whatComesBackForALateVisitIsNotEverywhereBecauseItWasBefore_INB13_EXC26() throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE client SET phone = '7' WHERE id = 'd'")
        try sync(hub, [one, two], rounds: 3)
        try run(one, "DELETE FROM client WHERE id = 'd'")
        try sync(hub, [one, two], rounds: 3)
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1)
        try sync(hub, [one, two], rounds: 2)
        try force(two, "INSERT INTO visit VALUES ('late', 'd', 'again')")
        try up(two, hub)
        try down(two, hub)
        #expect(try shown(two).contains("d:Ruifeng:7") && !shown(one).contains("Ruifeng"))
        for replica in [hub.replica, two] {
            #expect(try replica.status(table: "client", key: key("d")).level == .atHub, "\(replica.name)")
        }
        try sync(hub, [one, two], rounds: 3)
        for replica in [hub.replica, one, two] {
            #expect(try replica.status(table: "client", key: key("d")).level == .everywhere, "\(replica.name)")
        }
    }
}
