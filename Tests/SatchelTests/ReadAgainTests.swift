import Foundation
import GRDB
import SatchelModel
import SatchelStore
import SatchelTesting
import SatchelWire
import Testing

@testable import Satchel
@testable import SatchelHub

/// What a reading of a day of mending broke, and what it could not.
@Suite final class ReadAgainTests: ReviewedWorld {
    private static let canary = "SECRETCANARY"

    // MARK: No room, and scopes

    /// Honest work that found no room is judged by what its author said in the very bundle that brought it.
    @Test(arguments: [true, false])
    func whatFoundNoRoomIsJudgedByWhatItsAuthorHadSaidWhenItCame_SCO30_EXC35(noRoom: Bool) throws {
        let (hub, wang, li) = try scoped()
        let friend = try device("friend", hub, scopes: ["wang"])
        try run(
            wang,
            """
            INSERT INTO client(id, name, owner) VALUES ('c1', 'C', 'wang'), ('w1', 'W', 'wang');
            INSERT INTO plan VALUES ('p1', 'plan'); INSERT INTO visit(id, client, plan) VALUES ('v1', 'c1', 'p1')
            """)
        try sync(hub, [wang, li, friend])
        try run(friend, "INSERT INTO client(id, name, owner) VALUES ('w2', 'W2', 'wang')")
        try carry(friend, to: wang)
        try run(wang, "INSERT INTO visit(id, client, plan) VALUES ('v2', 'w2', 'p1')")
        let lost = try #require(try friend.changesets().last?.dot)
        try wang.withEngine { engine in
            try engine.transaction { try engine.store.forget(engine.store.dotID(lost)) }
        }
        let room = hub.replica.withEngine { $0.room }
        if noRoom { hub.replica.withEngine { $0.room = (1, 1) } }
        let first = try up(wang, hub).merged[0]
        #expect(first.turnedAway == (noRoom ? 1 : 0))
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try sync(hub, [wang])
        hub.replica.withEngine { $0.room = room }
        #expect(try hub.outsideChanges().isEmpty)
        try sync(hub, [friend, wang])
        #expect(
            try hub.outsideChanges().isEmpty,
            "wang held the plan when they named it: \(told(try hub.outsideChanges().map(\.reason)))")
        #expect(try text(hub.replica, "SELECT plan FROM visit WHERE id = 'v2'") == "p1")
    }

    // MARK: Erasure

    /// What moved a late row on has no effect after all: a hub that was put back hears of the revocation again.
    @Test func aRowThatAThiefMovedOnNamesThemAgainWhenTheNoticeComes_ERA6_REV5() throws {
        let (start, one, two) = try pair()
        var hub = start
        let three = try device("three", hub)
        try sync(hub, [three])
        try hub.backUp(to: folder + "/backup")
        try hub.revoke("two")
        try sync(hub, [three])
        hub = try restoreHub(hub, from: "backup")
        try run(one, "UPDATE visit SET client_id = 'd', note = '\(Self.canary)' WHERE id = 'va'")
        try carry(one, to: two)
        try run(two, "UPDATE visit SET client_id = 'a' WHERE id = 'va'")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try up(two, hub)
        #expect(try text(hub.replica, "SELECT client_id FROM visit") == "a", "control")
        #expect(try hub.erasures().count == 1, "control")
        try sync(hub, [three], rounds: 2)
        #expect(try hub.quarantine().changesets.count == 1, "control: the notice came back")
        try sync(hub, [one, three], rounds: 4)
        for replica in [hub.replica, one, three] {
            #expect(
                try replica.setAside().isEmpty,
                "\(replica.name): \(told(try replica.setAside().map { "\($0.key.display) \($0.kind)" }))")
            for sealed in try replica.changesets() {
                #expect(
                    Data(sealed.content).range(of: Data(Self.canary.utf8)) == nil, "\(replica.name) keeps it")
            }
        }
        #expect(try hub.erasures().count == 2, "an order follows for the visit that names them")
    }

    // MARK: Scopes: a row made over

    /// Two orders, two references, and a change set aside by scopes among them.
    @Test func oneLateRowThatNamesTwoErasedOneAfterTheOther_ERA6() throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE visit SET client_id = 'd' WHERE id = 'va'")
        try run(two, "UPDATE visit SET client_id = 'b' WHERE id = 'va'")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        _ = try hub.erase(table: "client", key: key("b"), withReferences: true)
        try sync(hub, [two, one], rounds: 3)
        for replica in [hub.replica, one, two] {
            #expect(try text(replica, "SELECT id FROM visit") == "", "\(replica.name)")
            #expect(try replica.setAside().isEmpty)
        }
        try expectEqual(hub, [one, two])
    }

    /// A late row comes back from the archive.
    @Test func aDroppedRowThatALateChangeBringsBackToAnErasedOneGoes_ERA6_EXC26() throws {
        let (hub, one, two) = try pair()
        let three = try device("three", hub)
        try sync(hub, [one, two, three])
        try run(three, "UPDATE visit SET client_id = 'd', note = '\(Self.canary)' WHERE id = 'va'")
        try run(one, "DELETE FROM visit")
        try sync(hub, [one, two], rounds: 3)
        try hub.retire("three")
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1)
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [one, two, three, one, two], rounds: 3)
        for replica in [hub.replica, one, two, three] {
            #expect(try text(replica, "SELECT id FROM visit") == "", "\(replica.name)")
            #expect(try replica.setAside().isEmpty)
            for sealed in try replica.changesets() {
                #expect(Data(sealed.content).range(of: Data(Self.canary.utf8)) == nil, "\(replica.name)")
            }
        }
        try expectEqual(hub, [one, two, three])
    }

    // MARK: Groups

    /// One of a group issues orders and is taken back; the others go on.
    @Test func anOrderOfABundleThatIsTakenBackLeavesNothing_ERA6_EXC40() throws {
        let (hub, one, two) = try pair()
        try run(one, "INSERT INTO visit VALUES ('v8', 'd', '\(Self.canary)')")
        try run(two, "INSERT INTO visit VALUES ('v9', 'd', '\(Self.canary)'), ('w9', 'a', 'ok')")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try one.pack(to: folder + "/up-1")
        try two.pack(to: folder + "/up-2")
        _ = try hub.accept([.file(folder + "/up-1"), .file(folder + "/up-2")])
        let report = try hub.mergeAccepted()
        #expect(report.merged.map(\.outcome) == [.applied, .applied])
        #expect(try hub.erasures().count == 3)
        try sync(hub, [one, two], rounds: 3)
        for replica in [hub.replica, one, two] {
            #expect(try text(replica, "SELECT id FROM visit ORDER BY id") == "va w9", "\(replica.name)")
            #expect(try replica.setAside().isEmpty)
        }
        try expectEqual(hub, [one, two])
    }

    // MARK: Lost

    /// The chain of a device whose lost work came back goes on sideways.
    @Test func theChainAfterLostWorkGoesOnSideways_EXC14_EXC31() throws {
        let (hub, all) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, w TEXT);", "z", "x", "w")
        let (z, x, w) = (all[0], all[1], all[2])
        try run(x, "INSERT INTO t VALUES ('base', 'b', NULL)")
        try sync(hub, all)
        try run(z, "INSERT INTO t VALUES ('r', 'lost', NULL)")
        try carry(z, to: x)
        try run(x, "UPDATE t SET v = 'of x' WHERE id = 'r'")
        let lost = try lose(x, workOf: z)
        try up(x, hub)
        try hub.declareLost([lost.description])
        try sync(hub, [w])
        try run(z, "UPDATE t SET w = 'of z' WHERE id = 'r'")
        try run(z, "INSERT INTO t VALUES ('r2', 'z', NULL)")
        try carry(z, to: w)
        #expect(try text(w, "SELECT id FROM t ORDER BY id").contains("r2"))
        try sync(hub, [w, x], rounds: 3)
        #expect(try text(hub.replica, "SELECT id || v || ifnull(w, '-') FROM t ORDER BY id") == "baseb- rof xof z r2z-")
        try sync(hub, [z, w, x], rounds: 2)
        try expectEqual(hub, all)
    }

    // MARK: Second round

    /// What waited when the first scope came is judged by what its author had said when it came.
    @Test(arguments: [true, false])
    func whatWaitedBeforeThereWereScopesIsJudgedAsItCame_SCO6_SCO30(claims: Bool) throws {
        let (hub, all) = try world(ScopeWorld.schema, "wang", "friend", "li")
        let (wang, friend, li) = (all[0], all[1], all[2])
        try run(
            wang,
            """
            INSERT INTO client(id, name, owner) VALUES ('c1', 'C', 'wang'), ('w1', 'W', 'wang');
            INSERT INTO plan VALUES ('p1', 'plan'); INSERT INTO visit(id, client, plan) VALUES ('v1', 'c1', 'p1')
            """)
        try sync(hub, all)
        try run(friend, "INSERT INTO client(id, name, owner) VALUES ('w2', 'W2', 'wang')")
        try carry(friend, to: wang)
        try run(wang, "INSERT INTO visit(id, client, plan) VALUES ('v2', 'w2', 'p1')")
        _ = try lose(wang, workOf: friend)
        #expect(try up(wang, hub).merged[0].outcome == .parked)
        for person in ["wang", "li"] {
            try hub.setScope(person, rules: ["client BY owner '\(person)'", "visit IN (client)"])
        }
        for (device, scope) in [("wang", "wang"), ("friend", "wang"), ("li", "li")] {
            try hub.grant(device, scopes: [scope])
        }
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        if claims { try sync(hub, [wang], rounds: 3) }
        try sync(hub, [friend], rounds: 2)
        #expect(
            try hub.outsideChanges().isEmpty,
            "wang had all when they named it: \(told(try hub.outsideChanges().map(\.reason)))")
        #expect(try text(hub.replica, "SELECT plan FROM visit WHERE id = 'v2'") == "p1")
        try sync(hub, [wang, li])
    }

    private func says(_ path: String, _ what: String) throws -> Bool {
        let bundle = try UnverifiedBundle(path: path).verify { _, certificate in certificate.deviceKey }
        let bytes = Array(what.utf8).map { String($0) }.joined(separator: ", ")
        var found = false
        try bundle.forEach { item in
            if case .state(let section) = item, "\(section)".contains(bytes) { found = true }
        }
        return found
    }

    /// A granted scope is lost with a backup: what wang hands in is left out in part, and the bundle kept.
    private func leftOut() throws -> (Hub, Replica, String) {
        let (start, wang, li) = try scoped()
        var hub = start
        let friend = try device("friend", hub, scopes: ["wang"])
        try run(
            li,
            """
            INSERT INTO client(id, name, owner) VALUES ('c1', 'L', 'li'); INSERT INTO plan VALUES ('p1', 'plan of li');
            INSERT INTO visit(id, client, plan) VALUES ('lv', 'c1', 'p1')
            """)
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w1', 'W', 'wang')")
        try sync(hub, [wang, li, friend])
        try run(friend, "INSERT INTO client(id, name, owner) VALUES ('w9', '\(Self.canary)', 'wang')")
        try sync(hub, [friend, wang])
        try hub.backUp(to: folder + "/backup")
        for name in ["wang", "friend"] { try hub.grant(name, scopes: ["wang", "li"]) }
        try sync(hub, [wang, friend, li])
        try run(friend, "INSERT INTO visit(id, client, plan, note) VALUES ('v', 'w1', 'p1', 'only')")
        try sync(hub, [friend, wang])
        #expect(try text(wang, "SELECT id FROM visit ORDER BY id") == "lv v", "control")
        hub = try restoreHub(hub, from: "backup")
        var left = 0
        for _ in 0..<3 {
            left += try up(wang, hub).merged[0].leftOut
            try down(wang, hub)
        }
        #expect(left == 1, "control")
        let kept = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/hub/quarantine")) ?? []
        #expect(kept.count == 1, "control \(kept)")
        return (hub, wang, folder + "/hub/quarantine/" + (kept.first ?? "-"))
    }

    /// What was left out comes when the operator has granted again what was lost.
    @Test func whatWasLeftOutComesWithTheKeptBundle_SCO32_EXC41() throws {
        let (hub, wang, kept) = try leftOut()
        try hub.grant("wang", scopes: ["wang", "li"])
        let report = try hub.merge([kept])
        #expect(report.merged[0].leftOut == 0, "\(report.merged)")
        #expect(try text(hub.replica, "SELECT client || plan || note FROM visit WHERE id = 'v'") == "w1p1only")
        try sync(hub, [wang], rounds: 3)
        #expect(try text(wang, "SELECT client || plan || note FROM visit WHERE id = 'v'") == "w1p1only")
        #expect(try wang.digest() == hub.digest(for: "wang"))
    }

    /// The kept bundle holds the rows of somebody who is erased then, without any changeset of them.
    @Test func aKeptBundleOfRowsHandedInSaysNothingOfWhoIsErased_ERA2_SCO32() throws {
        let (hub, wang, kept) = try leftOut()
        #expect(try says(kept, Self.canary), "control: it holds the row")
        let report = try hub.erase(table: "client", key: key("w9"), withReferences: true)
        try sync(hub, [wang], rounds: 3)
        #expect(
            try !FileManager.default.fileExists(atPath: kept) || !says(kept, Self.canary),
            "ERA-2: the erased row lies in quarantine, and the order says \(report.quarantineRemoved)")
    }

    /// The order comes first, and the one who hands in has not heard of it.
    @Test func aBundleOfRowsOfWhoWasErasedIsNotKept_ERA2_SCO32() throws {
        let (start, wang, li) = try scoped()
        var hub = start
        let friend = try device("friend", hub, scopes: ["wang"])
        try run(
            li,
            """
            INSERT INTO client(id, name, owner) VALUES ('c1', 'L', 'li'); INSERT INTO plan VALUES ('p1', 'plan of li');
            INSERT INTO visit(id, client, plan) VALUES ('lv', 'c1', 'p1')
            """)
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w1', 'W', 'wang')")
        try run(friend, "INSERT INTO client(id, name, owner) VALUES ('w9', '\(Self.canary)', 'wang')")
        try sync(hub, [wang, li, friend])
        try hub.backUp(to: folder + "/backup")
        for name in ["wang", "friend"] { try hub.grant(name, scopes: ["wang", "li"]) }
        try sync(hub, [wang, friend, li])
        try run(friend, "INSERT INTO visit(id, client, plan, note) VALUES ('v', 'w1', 'p1', 'only')")
        try sync(hub, [friend, wang])
        hub = try restoreHub(hub, from: "backup")
        try up(wang, hub)
        try hub.pack(for: "wang", to: folder + "/reply")
        _ = try hub.erase(table: "client", key: key("w9"), withReferences: true)
        try wang.apply(folder + "/reply")
        let report = try up(wang, hub)
        #expect(report.merged[0].leftOut == 1, "control")
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder + "/hub/quarantine")) ?? [] {
            #expect(try !says(folder + "/hub/quarantine/" + name, Self.canary), "\(report.merged[0].reasons)")
        }
    }

    // MARK: Third round

    @Test func uniquePlacesThatChangeHandsBesideRowsThatOnlyChange_MRG22() throws {
        let (hub, all) = try world(
            """
            CREATE TABLE t(id TEXT PRIMARY KEY, a TEXT COLLATE NOCASE UNIQUE, b TEXT CHECK (b <> 'bad'), n,
                g TEXT GENERATED ALWAYS AS (b || '!') VIRTUAL) WITHOUT ROWID;
            CREATE INDEX t_b ON t(b);
            """, "one", "two", "three")
        let (one, two, three) = (all[0], all[1], all[2])
        try run(one, "INSERT INTO t(id, a, b, n) VALUES ('1', 'x', 'b', 1), ('2', 'y', 'b', 1.0), ('3', 'z', 'b', '1')")
        try sync(hub, all)
        try run(
            one,
            "UPDATE t SET a = 'tmp' WHERE id = '1'; UPDATE t SET a = 'X' WHERE id = '2'; UPDATE t SET a = 'Y', n = 2 WHERE id = '1'"
        )
        try run(two, "UPDATE t SET b = 'c', n = 1.0 WHERE id = '1'; UPDATE t SET a = 'Z' WHERE id = '3'")
        try run(three, "DELETE FROM t WHERE id = '3'; INSERT INTO t(id, a, b) VALUES ('4', 'z', 'd')")
        try sync(hub, all, rounds: 3)
        try expectEqual(hub, all)
        let shown = "SELECT id || a || b || typeof(n) || g FROM t ORDER BY id"
        let due = try text(hub.replica, shown)
        for replica in all { #expect(try text(replica, shown) == due, "\(replica.name)") }
        #expect(try hub.verify().faults.isEmpty)
    }
}
