import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

/// What a table itself says of its conflicts is for those who write it: no merge acts by it (MRG-22, MRG-45).
@Suite final class ConflictClauseTests: ReviewedWorld {
    /// What is shown and what is set aside.
    private func everything(_ replica: Replica, _ sql: String) throws -> String {
        let aside = try replica.setAside().map { "\($0.key.display) \($0.kind)" }
        return try text(replica, sql) + " / " + aside.joined(separator: ", ")
    }

    private func vacuum(_ replica: Replica) throws {
        let queue = try DatabaseQueue(path: replica.path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM") }
        try queue.close()
        try replica.seal()
    }

    @Test(arguments: ["REPLACE", "IGNORE"], [false, true])
    func aUniqueWithAConflictClauseLosesNoRowInAMerge_MRG22(clause: String, edits: Bool) throws {
        let (hub, all) = try world(
            "CREATE TABLE u(id TEXT PRIMARY KEY, code TEXT UNIQUE ON CONFLICT \(clause), v TEXT);", "one", "two")
        if edits {
            try run(all[0], "INSERT INTO u VALUES ('x', '8', 'of one'), ('y', '9', 'of two')")
            try sync(hub, all)
            try run(all[0], "UPDATE u SET code = '1' WHERE id = 'x'")
            try run(all[1], "UPDATE u SET code = '1' WHERE id = 'y'")
        } else {
            try run(all[0], "INSERT INTO u VALUES ('x', '1', 'of one')")
            try run(all[1], "INSERT INTO u VALUES ('y', '1', 'of two')")
        }
        try sync(hub, all)
        for replica in all {
            let all = try everything(replica, "SELECT id FROM u")
            #expect(all == "x / y refused")
        }
        for replica in all + [hub.replica] { try vacuum(replica) }
        try sync(hub, all)
        try expectEqual(hub, all)
        for replica in all { #expect(try everything(replica, "SELECT id FROM u") == "x / y refused") }
        try run(all[0], "UPDATE u SET code = '2' WHERE id = 'x'")
        try sync(hub, all)
        for replica in all {
            let all = try everything(replica, "SELECT id FROM u ORDER BY id")
            #expect(all == "x y / ")
        }
    }

    /// What other programs do to a table whose key is compared without regard to case, and says REPLACE itself.
    @Test func keysThatDifferInCaseMeetWhereTheTableSaysReplace_CAP7_MRG22() throws {
        let (hub, all) = try world(
            "CREATE TABLE t(id TEXT COLLATE NOCASE PRIMARY KEY ON CONFLICT REPLACE, v TEXT);", "one", "two")
        try run(all[0], "INSERT INTO t VALUES ('abc', 'of one')")
        // Two writes of one millisecond are told apart by chance.
        Thread.sleep(forTimeInterval: 0.005)
        try run(all[1], "INSERT INTO t VALUES ('ABC', 'of two')")
        try sync(hub, all)
        for replica in all {
            let shown = try everything(replica, "SELECT v FROM t")
            #expect(shown == "of one / ABC refused")
        }
    }

    @Test(arguments: ["REPLACE", "IGNORE", "ABORT"])
    func aNullThatTheTableHasAWordForIsNotWrittenAnew_MRG45(clause: String) throws {
        let (hub, all) = try world(
            "-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY, phone TEXT, v);", "old", "new")
        let second =
            "-- satchel: version 2\nCREATE TABLE t(id TEXT PRIMARY KEY, "
            + "phone TEXT NOT NULL ON CONFLICT \(clause) DEFAULT 'none', v);"
        try all[1].migrate(to: second)
        try hub.replica.migrate(to: second)
        try run(all[0], "INSERT INTO t VALUES ('a', NULL, 1)")
        try run(all[0], "INSERT INTO t VALUES ('b', '5', 1)")
        try sync(hub, all)
        try run(all[0], "UPDATE t SET phone = NULL WHERE id = 'b'")
        try sync(hub, all)
        for replica in [hub.replica, all[1]] { try vacuum(replica) }
        try sync(hub, all)
        let old = try everything(all[0], "SELECT id || ifnull(phone, '-') FROM t ORDER BY id")
        #expect(old == "a- b- / ")
        let new = try everything(all[1], "SELECT id || phone FROM t ORDER BY id")
        #expect(new == " / a refused, b refused")
    }

    /// Of rows that are there none gives way to a constraint that a new text brings.
    @Test(arguments: ["REPLACE", "IGNORE"])
    func aMigrationToAUniqueThatReplacesLosesNoRow_VER8(clause: String) throws {
        let (_, all) = try world("-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY, code TEXT);", "one")
        try run(all[0], "INSERT INTO t VALUES ('a', '1'), ('b', '1')")
        #expect(throws: SchemaError.self) {
            try all[0].migrate(
                to: "-- satchel: version 2\n"
                    + "CREATE TABLE t(id TEXT PRIMARY KEY, code TEXT UNIQUE ON CONFLICT \(clause));")
        }
        #expect(try text(all[0], "SELECT id FROM t ORDER BY id") == "a b")
    }
}
