import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

/// Cases that a reading with fresh eyes found, and that no random schedule reaches.
@Suite final class FreshEyesTests: ReviewedWorld {
    @Test func ownWorkThatWaitsHereIsNotAllAtTheHub_EXC20() throws {
        let fork = try ForkWorld()
        defer { fork.remove() }
        let hub = try fork.hub()
        let (a, f) = (try fork.device("a", hub: hub), try fork.device("f", hub: hub))
        try fork.write(a, "early")
        try fork.sync([a, f], hub, rounds: 2)
        try fork.copy("a", "saved")
        try fork.write(f, "of f")
        try fork.sync([f, a, f], hub, rounds: 1)
        try fork.write(a, "lost")
        try fork.carry(a, to: f)
        #expect(try fork.ids(f).contains("lost"))
        try a.close()
        try fork.restore("saved", over: "a")
        let again = try fork.open("a")
        try fork.carry(f, to: again)
        let status = try again.status()
        #expect(try !fork.ids(hub.replica).contains("lost"))
        let holds = try fork.ids(again).contains("lost")
        #expect(!status.isAllAtHub, "holds it: \(holds), parked \(status.parked.count) carried \(status.carried)")
    }

    /// What a decision keeps of a merged row is erased with that row.
    @Test func undoingADecisionBringsNoErasedValueBack_ERA2() throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE client SET phone = 'SECRET' WHERE id = 'a'")
        try one.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        let conflict = try #require(try one.conflicts().first)
        try one.resolve(conflict.id, values: [.text("5")])
        try sync(hub, [one, two])
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        try sync(hub, [one, two])
        #expect(try hub.erasures().first?.missing.isEmpty == true, "confirmed by all")
        for replica in [one, hub.replica] {
            // What it kept is gone with the erased row.
            #expect(throws: UsageError.self) { try replica.undoDecision(conflict.id) }
            #expect(
                try !replica.conflicts().flatMap(\.candidates).flatMap(\.values).contains(.text("SECRET")),
                "\(replica.name)")
            #expect(try !shown(replica).contains("SECRET"), "\(replica.name) \(told(try shown(replica)))")
        }
        try sync(hub, [one, two])
        #expect(try !shown(two).contains("SECRET"))
    }

    @Test func takingBackAnOverwriteBringsNoErasedValueBack_ERA2() throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE client SET phone = 'SECRET' WHERE id = 'a'")
        try one.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        #expect(try shown(one).contains("SECRET"))
        try run(one, "UPDATE client SET phone = '5' WHERE id = 'b'")
        let listed = try one.unseen()
        #expect(listed.map(\.was) == [[.text("SECRET")]])
        try sync(hub, [one, two])
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        try sync(hub, [one, two])
        #expect(try hub.erasures().first?.missing.isEmpty == true, "confirmed by all")
        #expect(try one.unseen().isEmpty)
        if let first = try one.unseen().first { try one.takeBackUnseen(first.id) }
        try sync(hub, [one, two])
        for replica in [one, two, hub.replica] { #expect(try !shown(replica).contains("SECRET"), "\(replica.name)") }
    }

    /// Values beyond the limit that come by a decision or an edit, and not by a table.
    @Test(arguments: ["resolve", "edit"]) func aValueTooLargeStopsNoDevice_CAP13(way: String) throws {
        let (hub, one, two) = try pair()
        let view = try #require(try one.view(table: "client", key: key("d")))
        try run(one, "UPDATE client SET phone = '8' WHERE id = 'd'")
        try run(two, "UPDATE client SET phone = '9' WHERE id = 'd'")
        try sync(hub, [one, two])
        let large = Value.text([UInt8](repeating: 97, count: 17 << 20))
        let conflict = try #require(try one.conflicts().first)
        #expect(throws: UsageError.self) {
            if way == "resolve" {
                try one.resolve(conflict.id, values: [large])
            } else {
                _ = try one.edit(basedOn: view) { $0["phone"] = large }
            }
        }
        try run(one, "UPDATE client SET name = 'afterwards' WHERE id = 'a'")
        do { try sync(hub, [one, two]) } catch { Issue.record("\(error)") }
        #expect(try shown(two).contains("a:afterwards"), "\(told(try one.status().unreceipted)) unreceipted")
    }

    @Test func whoGuessesAKeyIsNotGivenTheRowByWayOfAnEntryThatIsAcceptedLater_SCO30() throws {
        let (hub, _) = try world(
            "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, owner TEXT, partner TEXT REFERENCES client(id));"
        )
        for person in ["wang", "li"] { try hub.setScope(person, rules: ["client BY owner '\(person)'"]) }
        let (wang, li) = (try device("wang", hub, scopes: ["wang"]), try device("li", hub, scopes: ["li"]))
        try run(li, "INSERT INTO client VALUES ('secret', 'geheim', 'li', NULL)")
        try run(wang, "INSERT INTO client VALUES ('c1', 'mine', 'wang', NULL)")
        try sync(hub, [wang, li])
        try force(wang, "INSERT INTO client VALUES ('cx', 'x', 'nobody', NULL)")
        try force(wang, "UPDATE client SET partner = 'secret' WHERE id = 'cx'")
        try up(wang, hub)
        let first = try hub.outsideChanges().map(\.reason)
        try force(wang, "UPDATE client SET partner = 'cx' WHERE id = 'c1'")
        try sync(hub, [wang, li], rounds: 3)
        #expect(
            try !text(wang, "SELECT name FROM client").contains("geheim"),
            "\(first) then \(told(try hub.outsideChanges().map(\.reason)))")
    }

    @Test func aHandoverWritesOwnersThatAreNumbers_SCO24() throws {
        let (hub, _) = try world("CREATE TABLE client(id TEXT PRIMARY KEY, owner INTEGER, name TEXT);")
        try hub.setScope("seven", rules: ["client BY owner 7"])
        try hub.setScope("eight", rules: ["client BY owner 8"])
        let (a, b) = (try device("a", hub, scopes: ["seven"]), try device("b", hub, scopes: ["eight"]))
        try run(a, "INSERT INTO client VALUES ('c', 7, 'x')")
        try sync(hub, [a, b])
        let report = try hub.handOver(from: "a", to: "b")
        try sync(hub, [a, b])
        #expect(try text(b, "SELECT id FROM client") == "c")
        #expect(try text(b, "SELECT owner FROM client") == "8", "SCO-24: \(report.owners)")
    }

    @Test func nothingIsDeletedFromALogByAView_INB10() throws {
        let (hub, all) = try world(
            "-- satchel: appendOnly log\nCREATE TABLE log(id TEXT PRIMARY KEY, what TEXT);", "one", "two")
        try run(all[0], "INSERT INTO log VALUES ('l', 'said')")
        try sync(hub, all)
        #expect(throws: (any Error).self) { try self.run(all[0], "DELETE FROM log") }
        let view = try #require(try all[0].view(table: "log", key: key("l")))
        _ = try? all[0].edit(basedOn: view) { $0.delete() }
        try sync(hub, all)
        #expect(try text(all[1], "SELECT id FROM log") == "l")
    }

    @Test func anErasedColumnOfASurvivorShowsNothingOfTheMergedRowEither_ERA2() throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE client SET phone = 'SECRET' WHERE id = 'a'")
        try one.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        #expect(try shown(one).contains("b:Hengda Co:SECRET"))
        _ = try hub.erase(table: "client", key: key("b"), columns: ["phone"])
        try sync(hub, [one, two])
        for replica in [hub.replica, one, two] {
            #expect(try !shown(replica).contains("SECRET"), "\(replica.name) shows \(told(try shown(replica)))")
            let values = try replica.conflicts().flatMap(\.candidates).flatMap(\.values)
            #expect(!values.contains(.text("SECRET")), "\(replica.name) asks about it")
        }
        #expect(try hub.erasures().first?.missing.isEmpty == true)
    }

    @Test func aRenamedColumnThatTakesNoNullCanBeErased_ERA2() throws {
        let (hub, all) = try world(
            "-- satchel: version 2\n-- satchel: renamed client.mobile from phone\n-- satchel: renamed client.score from points\n-- satchel: policy client.score counter\nCREATE TABLE client(id TEXT PRIMARY KEY, mobile TEXT NOT NULL DEFAULT '', score INTEGER NOT NULL DEFAULT 0);",
            "one")
        try run(all[0], "INSERT INTO client VALUES ('a', '555', 7)")
        try sync(hub, all)
        _ = try hub.erase(table: "client", key: key("a"), columns: ["mobile"])
        _ = try hub.erase(table: "client", key: key("a"), columns: ["score"])
        try sync(hub, all)
        #expect(try text(all[0], "SELECT id || mobile || score FROM client") == "a0")
        try expectEqual(hub, all)
    }

    @Test func aDecisionThatCameWithItsCauseIsUndoneAtTheHubAsItWas_INB8() throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE client SET phone = '9' WHERE id = 'a'")
        try one.merge(key("a"), into: key("b"), in: "client")
        try carry(two, to: one)
        let conflict = try #require(try one.conflicts().first)
        #expect(conflict.candidates.map(\.values) == [[.text("2")], [.text("9")]])
        try one.resolve(conflict.id, keep: 1)
        #expect(try one.conflicts().isEmpty)
        try up(one, hub)
        #expect(try hub.conflicts().isEmpty)
        try hub.replica.undoDecision(conflict.id)
        #expect(try hub.conflicts().map { $0.candidates.map(\.values) } == [[[.text("2")], [.text("9")]]])
    }

    @Test func aBulkAnswerAboutARecordInUseThatCameWithItsCauseCanBeUndoneAtTheHub_INB8() throws {
        let (hub, one, two) = try pair()
        try run(two, "INSERT INTO visit VALUES ('vd', 'd', 'to d')")
        try run(one, "DELETE FROM client WHERE id = 'd'")
        try carry(two, to: one)
        #expect(try one.conflicts().map(\.kind) == [.inUse])
        let report = try one.resolve(ConflictFilter(), by: .shown)
        #expect(report.decided.count == 1)
        try up(one, hub)
        #expect(try hub.conflicts().isEmpty)
        #expect(try hub.replica.decisions().count == 1)
        try hub.replica.undoDecision(report.decided[0])
        #expect(try hub.conflicts().map(\.kind) == [.inUse])
    }

    @Test(arguments: [
        ("code TEXT PRIMARY KEY", "INTEGER"), ("code TEXT PRIMARY KEY", ""), ("code PRIMARY KEY", "REAL"),
        ("code TEXT COLLATE NOCASE PRIMARY KEY", "TEXT"),
    ]) func aReferenceThatIsComparedOtherwiseThanStoredIsRefused_SCH6(parent: String, type: String) throws {
        #expect(throws: SchemaError.self) {
            try self.world(
                "CREATE TABLE product(\(parent), name TEXT); "
                    + "CREATE TABLE line(id TEXT PRIMARY KEY, product \(type) REFERENCES product(code));")
        }
    }

    @Test func aDecisionAboutAColumnThatWasDroppedHereIsUndoneElsewhere_INB8() throws {
        let first = "-- satchel: version 1\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT);"
        let second =
            "-- satchel: version 2\n-- satchel: dropped client.phone\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL);"
        let (hub, all) = try world(first, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('a', 'Hengda', '1')")
        try sync(hub, all)
        try run(all[0], "UPDATE client SET phone = '11'")
        try run(all[1], "UPDATE client SET phone = '22'")
        try sync(hub, all)
        let conflict = try #require(try all[0].conflicts().first)
        try all[0].resolve(conflict.id, keep: 1)
        try sync(hub, all)
        #expect(try shown(all[1]) == "a:Hengda:11")
        try all[0].migrate(to: second)
        #expect(try all[0].decisions().isEmpty, "here nobody can say what it was about")
        #expect(throws: UsageError.self) { try all[0].undoDecision(conflict.id) }
        try sync(hub, all)
        #expect(try shown(all[1]) == "a:Hengda:11")
        try hub.replica.undoDecision(conflict.id)
        try sync(hub, all)
        let values = try all[1].conflicts().flatMap(\.candidates).map(\.values)
        #expect(values == [[.text("11")], [.text("22")]])
    }

    /// What a survivor shows decides who may hold it.
    @Test func aScopeFollowsWhatASurvivorShows_SCO3_MRG54() throws {
        let (hub, _) = try world("-- satchel: policy client.owner lastWriter\n" + ScopeWorld.schema)
        for person in ["wang", "li"] {
            try hub.setScope(person, rules: ["client BY owner '\(person)'", "visit IN (client)"])
        }
        let (wang, li) = (try device("wang", hub, scopes: ["wang"]), try device("li", hub, scopes: ["li"]))
        try run(
            li, "INSERT INTO client(id, name, owner, phone) VALUES ('a', 'A', 'li', '1'), ('b', 'B', 'li', '2')")
        try sync(hub, [wang, li])
        try hub.replica.merge(key("a"), into: key("b"), in: "client")
        Thread.sleep(forTimeInterval: 0.05)
        try run(li, "UPDATE client SET owner = 'wang' WHERE id = 'a'")
        try sync(hub, [li, wang], rounds: 3)
        #expect(try text(hub.replica, "SELECT id || owner FROM client") == "bwang")
        #expect(try text(wang, "SELECT id || owner FROM client") == "bwang")
        try run(wang, "UPDATE client SET phone = 'private to wang'")
        try sync(hub, [wang, li], rounds: 2)
        #expect(try text(li, "SELECT id || phone FROM client") == "", "SCO-3")
    }
}
