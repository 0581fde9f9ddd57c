import Foundation
import GRDB
import SatchelHub
import SatchelModel
import SatchelStore
import SatchelTesting
import Testing

@testable import Satchel

/// Stories of the eleventh reading.
@Suite final class Review11Tests: ReviewedWorld {
    private static let plain = "CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, w TEXT);"

    // MARK: Parked

    @Test(
        "ERA-6, EXC-31: what is let go by declaring lost refers to somebody who was erased", arguments: [true, false])
    func declaredLostAndErased(declared: Bool) throws {
        let (hub, one, two) = try pair()
        try run(two, "INSERT INTO client(id, name) VALUES ('n', 'N')")
        try carry(two, to: one)
        try run(one, "INSERT INTO visit VALUES ('v9', 'd', 'SECRETCANARY')")
        let lost = try lose(one, workOf: two)
        #expect(try up(one, hub).merged[0].outcome == .parked)
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        if declared { try hub.declareLost([lost.description]) } else { try up(two, hub) }
        #expect(try hub.erasures().count == 2, "an order follows for the visit")
        try sync(hub, [one, two], rounds: 3)
        for replica in [hub.replica, one, two] {
            #expect(try replica.setAside().isEmpty, "\(replica.name): \(told(try replica.setAside()))")
            #expect(try text(replica, "SELECT id FROM visit") == "va")
            #expect(try bytes(replica).range(of: Data("SECRETCANARY".utf8)) == nil, "\(replica.name) has it still")
        }
        try expectEqual(hub, [one, two])
    }

    @Test("ERA-6, REV-2: a parked change of a thief takes a record away from all", arguments: [true, false])
    func parkedThiefAndErased(parkedFirst: Bool) throws {
        let (hub, one, two) = try pair()
        try run(one, "INSERT INTO client(id, name) VALUES ('n', 'N')")
        try carry(one, to: two)
        try run(two, "UPDATE visit SET client_id = 'd' WHERE id = 'va'")
        _ = try lose(two, workOf: one)
        if parkedFirst { #expect(try up(two, hub).merged[0].outcome == .parked) }
        try hub.revoke("two")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        if !parkedFirst { #expect(try up(two, hub).merged[0].outcome == .parked) }
        try sync(hub, [one], rounds: 3)
        #expect(try hub.quarantine().changesets.count == 1)
        for replica in [hub.replica, one] {
            #expect(try text(replica, "SELECT id || client_id FROM visit") == "vaa", "\(replica.name)")
        }
        #expect(try hub.erasures().count == 1)
    }

    @Test(
        "ERA-6, SCO-19: a parked change of who may not change a record takes it away from all",
        arguments: [true, false])
    func parkedOutsideAndErased(parkedFirst: Bool) throws {
        let (hub, wang, li) = try scoped()
        let friend = try device("friend", hub, scopes: ["wang"])
        try run(
            li,
            "INSERT INTO client(id, name, owner) VALUES ('c2', 'L', 'li'); INSERT INTO visit(id, client) VALUES ('v2', 'c2')"
        )
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w1', 'W', 'wang')")
        try sync(hub, [wang, li, friend])
        try run(friend, "INSERT INTO client(id, name, owner) VALUES ('w2', 'W2', 'wang')")
        try carry(friend, to: wang)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "w1 w2")
        try run(wang, "INSERT INTO visit(id, client) VALUES ('v2', 'w1')")
        _ = try lose(wang, workOf: friend)
        if parkedFirst { #expect(try up(wang, hub).merged[0].outcome == .parked) }
        _ = try hub.erase(table: "client", key: key("w1"), withReferences: true)
        if !parkedFirst { #expect(try up(wang, hub).merged[0].outcome == .parked) }
        try sync(hub, [friend, li], rounds: 3)
        for replica in [hub.replica, li] {
            #expect(try text(replica, "SELECT id || client FROM visit") == "v2c2", "\(replica.name)")
        }
    }

    // MARK: Declared lost

    // MARK: Clean-up

    @Test("EXC-26: who knew of the drop enters the row anew, and the hub begins another epoch") func anewAfterARestore()
        throws
    {
        let (hub, all) = try world(Self.plain, "a", "b")
        let (a, b) = (all[0], all[1])
        try run(a, "INSERT INTO t VALUES ('p', 'old', NULL)")
        try sync(hub, all)
        try run(a, "DELETE FROM t")
        try sync(hub, all, rounds: 3)
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1)
        try run(b, "INSERT INTO t VALUES ('q', 'q', NULL)")
        try sync(hub, all, rounds: 3)
        try run(a, "INSERT INTO t VALUES ('p', 'anew', NULL)")
        try hub.restored()
        try sync(hub, all, rounds: 3)
        for replica in [hub.replica, a, b] {
            #expect(try replica.conflicts().isEmpty, "\(replica.name): \(values(try replica.conflicts()))")
            #expect(try text(replica, "SELECT v FROM t WHERE id = 'p'") == "anew")
        }
    }

    // MARK: The inbox

    @Test("INB-6, INB-8: a rule over a merged record, undone one by one, with scopes") func bulkUndo() throws {
        let (hub, wang, li) = try scoped()
        let boss = try device("boss", hub, scopes: ["all"])
        try run(
            wang, "INSERT INTO client(id, name, owner, phone) VALUES ('a', 'A', 'wang', '1'), ('b', 'B', 'wang', '2')")
        try sync(hub, [wang, boss, li])
        try run(boss, "UPDATE client SET name = 'boss', phone = '20' WHERE id = 'b'")
        try boss.merge(key("a"), into: key("b"), in: "client", taking: [], actor: "boss")
        wait()
        try run(wang, "UPDATE client SET name = 'wang', phone = '10' WHERE id = 'a'")
        try sync(hub, [boss, wang, li], rounds: 3)
        let all = [hub.replica, boss, wang]
        let before = values(try hub.conflicts())
        #expect(try hub.conflicts().count == 2, "\(before)")
        for replica in all { #expect(values(try replica.conflicts()) == before) }
        let report = try wang.resolve(ConflictFilter(), by: .newer)
        #expect(report.decided.count == 2, "\(report)")
        try sync(hub, [wang, boss, li], rounds: 3)
        for replica in all {
            #expect(try replica.conflicts().isEmpty, "\(replica.name): \(values(try replica.conflicts()))")
            #expect(try text(replica, "SELECT id || name || phone FROM client") == "bwang10")
        }
        let asked = try hub.replica.decisions()
        #expect(asked.count == 2)
        for (place, decision) in asked.enumerated() {
            let who = place == 0 ? wang : hub.replica
            do { try who.undoDecision(decision.conflict) } catch { Issue.record("\(who.name): \(error)") }
            try sync(hub, [wang, boss, li], rounds: 3)
            for replica in all { #expect(try replica.conflicts().count == place + 1, "\(replica.name)") }
        }
        for replica in all { #expect(values(try replica.conflicts()) == before, "\(replica.name)") }
        try wang.unmerge(key("a"), in: "client")
        try sync(hub, [wang, boss, li], rounds: 3)
        let seen = try all.map {
            try text($0, "SELECT id || name || phone FROM client ORDER BY id") + " " + values(try $0.conflicts())
        }
        #expect(Set(seen).count == 1, "\(seen)")
        #expect(try boss.digest() == hub.digest() && wang.digest() == hub.digest(for: "wang"))
    }

    // MARK: Places

    // MARK: A group

    // MARK: Scopes

    @Test(
        "SCO-13, SCO-15: an old bundle comes late, and a row that came and went stays on the device",
        arguments: [false, true])
    func rowThatCameAndWent(late: Bool) throws {
        let (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w', 'W', 'wang')")
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('r', 'R', 'li')")
        try sync(hub, [wang, li])
        try wang.pack(to: folder + "/old")
        try run(hub.replica, "UPDATE client SET owner = 'wang' WHERE id = 'r'")
        try up(wang, hub)
        try down(wang, hub)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "r w")
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET phone = '1' WHERE id = 'w'")
        try down(wang, hub)
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'r'")
        if late { _ = try hub.merge([folder + "/old"]) }
        try down(wang, hub)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "w", "SCO-13: r has left")
        try run(hub.replica, "UPDATE client SET phone = 'geheim' WHERE id = 'r'")
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "w", "for ever")
        #expect(try wang.digest() == hub.digest(for: "wang"))
    }

    @Test(
        "SCO-17, SCO-19: who had left a row long ago writes over it once the hub has begun another epoch",
        arguments: [false, true])
    func writesOverWhatWasLeft(restored: Bool) throws {
        let (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner, phone) VALUES ('c1', 'C', 'wang', '1')")
        try sync(hub, [wang, li])
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT id FROM client") == "")
        try run(wang, "INSERT INTO client(id, name, owner, phone) VALUES ('c1', 'again', 'wang', '9')")
        if restored { try hub.restored() }
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(li, "SELECT id || name || phone FROM client") == "c1C1")
        #expect(try li.conflicts().isEmpty, "\(values(try li.conflicts()))")
        #expect(try hub.outsideChanges().count == 1)
    }

    @Test(
        "SCO-30, P11: who had left a row long ago names it, and is given it once the hub has begun another epoch",
        arguments: [false, true])
    func namesWhatWasLeft(restored: Bool) throws {
        let (hub, wang, li) = try scoped()
        try run(
            wang,
            "INSERT INTO client(id, name, owner) VALUES ('c1', 'C', 'wang'), ('w1', 'W', 'wang'); INSERT INTO plan VALUES ('p1', 'plan'); INSERT INTO visit(id, client, plan) VALUES ('v1', 'c1', 'p1')"
        )
        try sync(hub, [wang, li])
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT id FROM client") == "w1" && text(wang, "SELECT id FROM plan") == "")
        try run(li, "UPDATE plan SET note = 'geheim'")
        try sync(hub, [li, wang], rounds: 2)
        try force(wang, "INSERT INTO visit(id, client, plan) VALUES ('v2', 'w1', 'p1')")
        if restored { try hub.restored() }
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT note FROM plan") == "", "P11")
        #expect(try hub.outsideChanges().count == 1)
    }

    @Test("SCO-13, EXC-28: a hub put back has forgotten which reply it wrote, and a row that came and went stays")
    func rowThatCameAndWentAndAHubPutBack() throws {
        var (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w', 'W', 'wang')")
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('r', 'R', 'li')")
        try sync(hub, [wang, li])
        try run(hub.replica, "UPDATE client SET owner = 'wang' WHERE id = 'r'")
        try up(wang, hub)
        try hub.backUp(to: folder + "/backup")
        try down(wang, hub)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "r w")
        hub = try restoreHub(hub, from: "backup")
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'r'")
        // As `merge --all` does, or a drop folder, before anything of wang has come.
        try down(wang, hub)
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "w", "SCO-13")
        #expect(try wang.digest() == hub.digest(for: "wang"))
    }

    @Test("SCO-22: a parked change moves a record out of the receiver's scopes") func parkedMove() throws {
        let (hub, wang, li) = try scoped()
        let (boss, second, friend) = (
            try device("boss", hub, scopes: ["all"]), try device("second", hub, scopes: ["all"]),
            try device("friend", hub, scopes: ["all"])
        )
        try run(wang, "INSERT INTO client(id, name, owner, phone) VALUES ('c1', 'C', 'wang', '1')")
        try sync(hub, [wang, li, boss, second, friend])
        try run(second, "INSERT INTO plan VALUES ('z1', 'z')")
        try carry(second, to: friend)
        try run(friend, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        _ = try lose(friend, workOf: second)
        try carry(friend, to: boss)
        #expect(try boss.status().parked.count == 1)
        try run(boss, "UPDATE client SET phone = 'geheim' WHERE id = 'c1'")
        try carry(boss, to: wang)
        #expect(try text(wang, "SELECT phone FROM client") == "1", "SCO-22: what is parked moves it")
    }

    @Test("ERA-6, EXC-29: a row that is handed in refers to somebody who was erased meanwhile") func handedInAndErased()
        throws
    {
        let (start, one, two) = try pair()
        var hub = start
        try hub.backUp(to: folder + "/backup")
        try run(two, "INSERT INTO visit VALUES ('v9', 'd', 'SECRETCANARY')")
        try sync(hub, [two, one])
        #expect(try text(one, "SELECT id FROM visit ORDER BY id") == "v9 va")
        hub = try restoreHub(hub, from: "backup")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [one], rounds: 4)
        for replica in [hub.replica, one] {
            #expect(
                try replica.setAside().isEmpty,
                "\(replica.name): \(told(try replica.setAside().map { ($0.key.display, $0.reason) }))")
            #expect(try text(replica, "SELECT id FROM visit ORDER BY id") == "va")
            #expect(try bytes(replica).range(of: Data("SECRETCANARY".utf8)) == nil, "\(replica.name) has it still")
        }
        #expect(try hub.erasures().count == 2)
        try sync(hub, [two, one], rounds: 3)
        for replica in [hub.replica, one, two] {
            #expect(try bytes(replica).range(of: Data("SECRETCANARY".utf8)) == nil, "\(replica.name) has it at the end")
        }
    }

    @Test("EXC-32, SCO-22: of what was sealed together a part is given sideways") func partOfASeal() throws {
        let (hub, wang, li) = try scoped()
        let boss = try device("boss", hub, scopes: ["all"])
        try sync(hub, [wang, li, boss])
        try boss.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 100000 UNION ALL SELECT i + 1 FROM n WHERE i < 150009)
                    INSERT INTO client(id, name, owner) SELECT 'k' || i, 'n', CASE WHEN i < 150000 THEN 'li' ELSE 'wang' END FROM n
                    """)
        }
        try boss.seal()
        #expect(try boss.changesets().map(\.head.more) == [1, 0])
        try wang.have(to: folder + "/have")
        let packed = try boss.pack(for: folder + "/have", to: folder + "/side")
        #expect(packed.changesets == 0, "EXC-32: all of them or none")
        try wang.apply(folder + "/side")
        try up(wang, hub)
        let awaited = try hub.awaited()
        if !awaited.isEmpty { try hub.declareLost(awaited.map(\.changeset)) }
        let there = try text(hub.replica, "SELECT count(*) FROM client")
        #expect(there == "0" || there == "50010", "P6: \(there) of 50010")
    }

    @Test("SCO-12: an old bundle comes late, and a visit that came back is not sent", arguments: [false, true])
    func visitThatCameBack(late: Bool) throws {
        let (hub, wang, li) = try scoped()
        try run(
            wang,
            "INSERT INTO client(id, name, owner) VALUES ('w', 'W', 'wang'), ('c', 'C', 'wang'); INSERT INTO visit(id, client) VALUES ('v', 'c')"
        )
        try sync(hub, [wang, li])
        try wang.pack(to: folder + "/old")
        try run(wang, "UPDATE visit SET note = 'of wang'")
        try up(wang, hub)
        try down(wang, hub)
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c'")
        try up(wang, hub)
        try down(wang, hub)
        #expect(try text(wang, "SELECT id FROM client") == "w")
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET phone = '1' WHERE id = 'w'")
        try down(wang, hub)
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET owner = 'wang' WHERE id = 'c'")
        if late { _ = try hub.merge([folder + "/old"]) }
        try down(wang, hub)
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "c w")
        #expect(try text(wang, "SELECT id || note FROM visit") == "vof wang", "SCO-12")
        #expect(try wang.digest() == hub.digest(for: "wang"))
    }

    @Test("MRG-22, SCO-5: two people's rows want one place") func placesAcrossScopes() throws {
        let schema = """
            CREATE TABLE client(id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, owner TEXT, code TEXT UNIQUE);
            CREATE TABLE visit(id TEXT PRIMARY KEY NOT NULL, client TEXT NOT NULL REFERENCES client(id), note TEXT);
            """
        let (hub, _) = try world(schema)
        for person in ["wang", "li"] {
            try hub.setScope(person, rules: ["client BY owner '\(person)'", "visit IN (client)"])
        }
        let (wang, li) = (try device("wang", hub, scopes: ["wang"]), try device("li", hub, scopes: ["li"]))
        let boss = try device("boss", hub, scopes: ["all"])
        try run(li, "INSERT INTO client VALUES ('l', 'L', 'li', 'X'); INSERT INTO visit VALUES ('vl', 'l', 'n')")
        wait()
        try run(
            wang,
            "INSERT INTO client VALUES ('w', 'W', 'wang', 'X'), ('w2', 'W2', 'wang', 'Y'); INSERT INTO visit VALUES ('vw', 'w', 'n')"
        )
        func expectAll(_ place: SourceLocation = #_sourceLocation) throws {
            try sync(hub, [wang, li, boss], rounds: 3)
            for replica in [wang, li, boss] {
                #expect(try replica.digest() == hub.digest(for: replica.name), "\(replica.name)", sourceLocation: place)
            }
            let fresh = try device("fresh\(UUID().uuidString.prefix(4).lowercased())", hub, scopes: ["all"])
            try sync(hub, [fresh])
            #expect(try fresh.digest() == hub.digest(), sourceLocation: place)
        }
        try expectAll()
        #expect(try text(hub.replica, "SELECT id FROM visit") == "vl")
        try wang.merge(key("w"), into: key("w2"), in: "client")
        try expectAll()
        #expect(try text(hub.replica, "SELECT id FROM client ORDER BY id") == "l w2")
        try run(li, "UPDATE client SET code = 'Y' WHERE id = 'l'")
        try expectAll()
        try wang.unmerge(key("w"), in: "client")
        try expectAll()
        try run(boss, "DELETE FROM visit WHERE id = 'vl'; DELETE FROM client WHERE id = 'l'")
        try expectAll()
        #expect(try text(hub.replica, "SELECT id FROM client ORDER BY id") == "w w2")
    }

    @Test("ERA-1, REV-2: a thief's change that has no effect names somebody who is erased") func withheldNamesErased()
        throws
    {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE visit SET client_id = 'd' WHERE id = 'va'")
        try hub.revoke("two")
        try up(two, hub)
        #expect(try text(hub.replica, "SELECT id || client_id FROM visit") == "vaa", "control")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [one])
        for replica in [hub.replica, one] {
            #expect(try text(replica, "SELECT id || client_id FROM visit") == "vaa", "\(replica.name)")
        }
    }

    /// The replica as somebody makes it who has its file and its key.
    private func forge(_ replica: Replica, hub name: String = "wang", _ sql: String) throws -> Replica {
        try replica.close()
        let file = try DatabaseQueue(path: replica.path)
        try file.write { try $0.execute(sql: sql) }
        try file.close()
        return try Replica.open(at: replica.path, anchors: .none)
    }

    @Test("SCO-30, SCO-32, P11: who hands in a row that names another's is given that one") func handedInNamesForeign()
        throws
    {
        let (hub, wang, li) = try scoped()
        try run(
            li,
            "INSERT INTO client(id, name, owner) VALUES ('c1', 'L', 'li'); INSERT INTO plan VALUES ('p1', 'geheim'); INSERT INTO visit(id, client, plan) VALUES ('lv', 'c1', 'p1')"
        )
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w1', 'W', 'wang')")
        try sync(hub, [wang, li])
        #expect(try text(wang, "SELECT id FROM plan") == "")
        try force(wang, "INSERT INTO visit(id, client, plan) VALUES ('wv', 'w1', 'p1')")
        let own = try #require(try wang.changesets().last?.dot)
        try wang.withEngine { engine in
            try engine.transaction { try engine.store.forget(engine.store.dotID(own)) }
        }
        let forger = try forge(
            wang,
            "UPDATE satchel_meta SET value = 1000000 WHERE name = 'position'; INSERT OR REPLACE INTO satchel_meta(name, value) VALUES ('hand_in', 1)"
        )
        try forger.pack(to: folder + "/up")
        _ = try hub.merge([folder + "/up"])
        for _ in 0..<3 {
            try? down(forger, hub)
            try forger.pack(to: folder + "/up")
            _ = try hub.merge([folder + "/up"])
        }
        let fresh = try hub.preview(device: "wang")
        #expect(try text(forger, "SELECT note FROM plan") == "", "P11: \(fresh.tables)")
        #expect(!fresh.tables.contains { $0.table == "plan" && $0.rows > 0 }, "\(fresh.tables)")
    }

    @Test("SCO-17, SCO-30, P11: who left a row names it under a new line that says it knows of nothing")
    func namesUnderANewLine() throws {
        let (hub, wang, li) = try scoped()
        try run(
            wang,
            "INSERT INTO client(id, name, owner) VALUES ('c1', 'C', 'wang'), ('w1', 'W', 'wang'); INSERT INTO plan VALUES ('p1', 'plan'); INSERT INTO visit(id, client, plan) VALUES ('v1', 'c1', 'p1')"
        )
        try sync(hub, [wang, li])
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try sync(hub, [wang, li], rounds: 3)
        try run(li, "UPDATE plan SET note = 'geheim'")
        try sync(hub, [li, wang], rounds: 2)
        try wang.withEngine { engine in
            try engine.transaction {
                try engine.renewIdentity(.copied)
                try engine.store.setMeta("position", .integer(0))
            }
        }
        try force(wang, "INSERT INTO visit(id, client, plan) VALUES ('v2', 'w1', 'p1')")
        try up(wang, hub)
        for _ in 0..<2 {
            try? down(wang, hub)
            try up(wang, hub)
        }
        #expect(try text(wang, "SELECT note FROM plan") == "", "P11")
    }

    @Test("ERA-6, EXC-29: a duplicate of somebody who was erased is handed in") func handedInDuplicate() throws {
        let (start, one, two) = try pair()
        var hub = start
        try hub.backUp(to: folder + "/backup")
        try two.merge(key("b"), into: key("d"), in: "client", taking: [], actor: "two")
        try sync(hub, [two, one])
        #expect(try text(one, "SELECT id FROM client ORDER BY id") == "a d")
        hub = try restoreHub(hub, from: "backup")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [one], rounds: 4)
        for replica in [hub.replica, one] {
            #expect(try text(replica, "SELECT id FROM client ORDER BY id") == "a", "\(replica.name)")
            #expect(try replica.bin().isEmpty && replica.setAside().isEmpty)
        }
    }

    @Test(
        "ERA-6: a visit that was moved by a slip of the pen and moved back, before anybody saw it",
        arguments: [false, true])
    func slipOfThePen(oneSeal: Bool) throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE visit SET client_id = 'd' WHERE id = 'va'", seal: !oneSeal)
        try run(two, "UPDATE visit SET client_id = 'a' WHERE id = 'va'")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [two, one], rounds: 3)
        for replica in [hub.replica, one, two] {
            #expect(try text(replica, "SELECT id || client_id FROM visit") == "vaa", "\(replica.name)")
        }
        try expectEqual(hub, [one, two])
    }

    @Test("ERA-5, EXC-27: a copied file brings what it says of somebody erased") func copyAndErased() throws {
        let (hub, one, two) = try pair()
        let copy = try one.duplicate(to: folder + "/copy.db")
        try run(
            copy,
            "INSERT INTO visit VALUES ('v9', 'd', 'SECRETCANARY'); UPDATE client SET phone = 'SECRETCANARY' WHERE id = 'd'"
        )
        try carry(copy, to: two)
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [one, two], rounds: 2)
        try up(copy, hub)
        try down(copy, hub)
        try sync(hub, [one, two, copy], rounds: 3)
        for replica in [hub.replica, one, two, copy] {
            #expect(try replica.setAside().isEmpty, "\(replica.name)")
            #expect(try bytes(replica).range(of: Data("SECRETCANARY".utf8)) == nil, "\(replica.name)")
        }
        try expectEqual(hub, [one, two, copy])
    }

    @Test("ERA-6, EXC-30: a cause that rows handed in account for comes late, and named somebody who is erased")
    func accountedNamesErased() throws {
        let (start, one, two) = try pair()
        var hub = start
        let three = try device("three", hub)
        try sync(hub, [three])
        try hub.backUp(to: folder + "/backup")
        try run(two, "UPDATE visit SET client_id = 'd' WHERE id = 'va'")
        try carry(two, to: one)
        try run(one, "UPDATE visit SET client_id = 'a' WHERE id = 'va'")
        try sync(hub, [one])
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, [one, three], rounds: 3)
        #expect(try text(hub.replica, "SELECT id || client_id FROM visit") == "vaa", "control")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [one, three])
        #expect(try text(hub.replica, "SELECT id || client_id FROM visit") == "vaa", "control")
        try sync(hub, [two, one, three], rounds: 3)
        for replica in [hub.replica, one, two, three] {
            #expect(try text(replica, "SELECT id || client_id FROM visit") == "vaa", "\(replica.name)")
        }
    }

    @Test("SCO-13, EXC-27: a copied file of the same device comes from further back") func copyFromFurtherBack() throws
    {
        let (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w', 'W', 'wang')")
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('r', 'R', 'li')")
        try sync(hub, [wang, li])
        let copy = try wang.duplicate(to: folder + "/copy.db")
        try run(hub.replica, "UPDATE client SET owner = 'wang' WHERE id = 'r'")
        try up(wang, hub)
        try down(wang, hub)
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET phone = '1' WHERE id = 'w'")
        try down(wang, hub)
        try up(wang, hub)
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'r'")
        try up(copy, hub)
        try hub.pack(for: "wang", to: folder + "/for-wang")
        try wang.apply(folder + "/for-wang")
        try sync(hub, [wang, copy, wang, copy])
        for replica in [wang, copy] {
            #expect(try text(replica, "SELECT id FROM client ORDER BY id") == "w", "SCO-13")
            #expect(try replica.digest() == hub.digest(for: "wang"))
        }
    }
}
