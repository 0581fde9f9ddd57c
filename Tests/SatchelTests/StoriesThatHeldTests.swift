import Foundation
import GRDB
import SatchelHub
import SatchelModel
import SatchelStore
import SatchelTesting
import Testing

@testable import Satchel

/// Stories of a reading that held, so that they go on holding.
@Suite final class StoriesThatHeldTests: ReviewedWorld {
    /// A rule over deleted records with their visits, undone.
    @Test(arguments: [true, false])
    func aRuleOverDeletedRecordsIsUndone_INB6_INB8_MRG46(keeps: Bool) throws {
        let (hub, one, two) = try pair()
        try run(one, "INSERT INTO visit VALUES ('vb', 'b', 'to b'), ('vb2', 'b', 'to b')")
        try sync(hub, [one, two])
        if keeps {
            try run(one, "DELETE FROM visit; DELETE FROM client WHERE id IN ('a', 'b')")
            wait()
            try run(two, "UPDATE client SET phone = '9' WHERE id IN ('a', 'b')")
        } else {
            try run(two, "UPDATE client SET phone = '9' WHERE id IN ('a', 'b')")
            wait()
            try run(one, "DELETE FROM visit; DELETE FROM client WHERE id IN ('a', 'b')")
        }
        try sync(hub, [one, two], rounds: 3)
        let all = [hub.replica, one, two]
        let before = values(try hub.conflicts())
        let rows = try shown(one) + " " + text(one, "SELECT id FROM visit ORDER BY id")
        let report = try two.resolve(ConflictFilter(), by: .newer)
        #expect(report.decided.count == 2, "\(report) \(before)")
        try sync(hub, [two, one], rounds: 3)
        for replica in all {
            #expect(try replica.conflicts().isEmpty, "\(replica.name): \(values(try replica.conflicts()))")
            #expect(try text(replica, "SELECT id FROM visit ORDER BY id") == (keeps ? "va vb vb2" : ""))
        }
        #expect(try two.decisions().count == 2 && hub.replica.decisions().count == 2)
        for (place, decision) in try two.decisions().enumerated() {
            let who = place == 0 ? two : hub.replica
            do { try who.undoDecision(decision.conflict) } catch { Issue.record("\(who.name): \(error)") }
            try sync(hub, [one, two], rounds: 3)
        }
        for replica in all {
            #expect(values(try replica.conflicts()) == before, "\(replica.name)")
            #expect(
                try shown(replica) + " " + text(replica, "SELECT id FROM visit ORDER BY id") == rows, "\(replica.name)")
        }
        try expectEqual(hub, [one, two])
    }

    /// A partial index names a reference that a merge moves.
    @Test(arguments: [true, false])
    func aPartialIndexNamesAReferenceThatAMergeMoves_MRG22_MRG53(olderOnMerged: Bool) throws {
        let schema = """
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT);
            CREATE TABLE plan(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), day TEXT, note TEXT);
            CREATE UNIQUE INDEX one_day ON plan(day) WHERE client_id = 'b';
            """
        let (hub, all) = try world(schema, "one", "two", "three")
        try run(all[0], "INSERT INTO client VALUES ('a', 'A'), ('b', 'B')")
        try sync(hub, all)
        try run(all[0], "INSERT INTO plan VALUES ('p1', '\(olderOnMerged ? "a" : "b")', 'mon', NULL)")
        wait()
        try run(all[1], "INSERT INTO plan VALUES ('p0', '\(olderOnMerged ? "b" : "a")', 'mon', NULL)")
        try all[2].merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [all[2], all[1], all[0]], rounds: 3)
        let fresh = try device("fresh", hub)
        try sync(hub, all + [fresh])
        for replica in all + [hub.replica, fresh] {
            #expect(try text(replica, "SELECT id || client_id FROM plan") == "p1b", "\(replica.name)")
        }
        try run(all[0], "UPDATE plan SET day = 'tue' WHERE id = 'p1'")
        try sync(hub, all + [fresh])
        for replica in all + [hub.replica, fresh] {
            #expect(try text(replica, "SELECT id FROM plan ORDER BY id") == "p0 p1", "\(replica.name)")
        }
        try run(all[0], "UPDATE plan SET day = 'wed' WHERE id = 'p1'")
        try run(all[1], "UPDATE plan SET day = 'wed' WHERE id = 'p0'")
        try sync(hub, all + [fresh])
        for replica in all + [hub.replica, fresh] {
            #expect(try text(replica, "SELECT id || client_id FROM plan") == "p1b", "\(replica.name)")
        }
        try all[1].unmerge(key("a"), in: "client")
        try sync(hub, all + [fresh])
        for replica in all + [hub.replica, fresh] {
            #expect(try text(replica, "SELECT id FROM plan ORDER BY id") == "p0 p1", "\(replica.name)")
        }
        try expectEqual(hub, all + [fresh])
    }

    /// Two places of one row, in whatever order.
    @Test(arguments: 0..<6) func twoPlacesOfOneRowInWhateverOrder_MRG22(order: Int) throws {
        let (hub, all) = try world(
            "CREATE TABLE t(id TEXT PRIMARY KEY, p TEXT UNIQUE, q TEXT, on_ INTEGER, n TEXT); CREATE UNIQUE INDEX uq ON t(q) WHERE on_ = 1;",
            "one", "two", "three")
        try run(all[0], "INSERT INTO t VALUES ('r1', '1', '1', 1, NULL)")
        wait()
        try run(all[1], "INSERT INTO t VALUES ('r2', '1', '2', 1, NULL)")
        wait()
        try run(all[2], "INSERT INTO t VALUES ('r3', '3', '2', 1, NULL)")
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        try sync(hub, orders[order].map { all[$0] }, rounds: 3)
        let fresh = try device("fresh", hub)
        try sync(hub, all + [fresh])
        func expect(_ ids: String, _ place: SourceLocation = #_sourceLocation) throws {
            for replica in all + [hub.replica, fresh] {
                #expect(
                    try text(replica, "SELECT id FROM t ORDER BY id") == ids, "\(replica.name)", sourceLocation: place)
            }
        }
        try expect("r1 r3")
        try run(all[2], "UPDATE t SET on_ = 0 WHERE id = 'r3'")
        try run(all[1], "DELETE FROM t WHERE id = 'r1'")
        try sync(hub, all + [fresh])
        try expect("r2 r3")
        try run(all[0], "UPDATE t SET q = '7' WHERE id = 'r2'")
        try run(all[1], "UPDATE t SET q = '7', on_ = 1 WHERE id = 'r3'")
        try sync(hub, all + [fresh])
        try expect("r2")
        try run(all[1], "UPDATE t SET on_ = NULL WHERE id = 'r2'")
        try sync(hub, all + [fresh])
        try expect("r2 r3")
        try expectEqual(hub, all + [fresh])
    }

    /// By stick alone, with a copied file and merges both ways.
    @Test func byStickAloneWithACopiedFileAndMergesBothWays_MRG52_EXC27() throws {
        let (hub, all) = try world(ReviewedWorld.clients, "one", "two", "three")
        try run(
            all[0],
            "INSERT INTO client VALUES ('a', 'A', '1'), ('b', 'B', '2'), ('d', 'D', '3'); INSERT INTO visit VALUES ('va', 'a', 'n'), ('vb', 'b', 'n')"
        )
        try carry(all[0], to: all[1])
        try carry(all[0], to: all[2])
        let copy = try all[1].duplicate(to: folder + "/copy.db")
        try all[1].merge(key("a"), into: key("b"), in: "client")
        try all[2].merge(key("b"), into: key("a"), in: "client")
        try copy.merge(key("b"), into: key("d"), in: "client")
        try run(copy, "UPDATE client SET phone = '9' WHERE id = 'a'")
        try run(all[0], "DELETE FROM visit WHERE id = 'vb'; UPDATE client SET name = 'X' WHERE id = 'b'")
        let everybody = all + [copy]
        for _ in 0..<3 {
            for from in everybody { for to in everybody where from !== to { try carry(from, to: to) } }
        }
        let digests = try everybody.map { try $0.digest() }
        #expect(Set(digests).count == 1)
        #expect(Set(try everybody.map { values(try $0.conflicts()) }).count == 1)
        for replica in all { try up(replica, hub) }
        #expect(try hub.digest() == digests[0])
        try sync(hub, all)
        try expectEqual(hub, all)
    }
}
