import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// A column keeps its type for as long as it lives: older devices go on writing in it (VER-8).
@Suite final class VersionTypeTests: ReviewedWorld {
    private func schema(_ version: Int, _ type: String, _ more: String = "") -> String {
        "-- satchel: version \(version)\n\(more)\nCREATE TABLE t(id TEXT PRIMARY KEY, n \(type), v TEXT);"
    }

    /// The column is empty where it is to change, and an older device goes on writing the old type.
    @Test(arguments: [
        ("INTEGER", "TEXT", "7"), ("TEXT", "INTEGER", "'7'"), ("REAL", "INTEGER", "7.0"), ("", "TEXT", "7"),
        ("TEXT", "", "'7'"),
    ])
    func noTypeChangesByAffinityBetweenVersions_VER8(old: String, new: String, value: String) throws {
        let (hub, all) = try world(schema(1, old), "one", "two")
        try run(all[0], "INSERT INTO t VALUES ('k', NULL, 'x')")
        try sync(hub, all)
        for replica in [all[1], hub.replica] {
            do {
                try replica.migrate(to: schema(2, new))
                Issue.record("\(old) became \(new)")
            } catch {
                #expect("\(error)".contains("t.n changes its type") && "\(error)".contains("another name"), "\(error)")
            }
            #expect(replica.schemaVersion == 1)
        }
        try run(all[0], "UPDATE t SET n = \(value); INSERT INTO t VALUES ('l', \(value), 'new')")
        try sync(hub, all)
        let seen = try text(all[0], "SELECT id || ':' || typeof(n) FROM t ORDER BY id")
        #expect(try text(all[1], "SELECT id || ':' || typeof(n) FROM t ORDER BY id") == seen)
        try expectEqual(hub, all)
        // The way that is open: a new column, and the old one goes.
        let way = """
            -- satchel: version 2
            -- satchel: dropped t.n
            CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, n2 \(new));
            """
        try hub.replica.migrate(to: way)
        try all[1].migrate(to: way)
        try run(all[1], "UPDATE t SET n2 = n2, v = 'y' WHERE id = 'l'")
        try run(all[0], "UPDATE t SET n = NULL WHERE id = 'k'")
        try sync(hub, all)
        #expect(try text(all[0], "SELECT v FROM t ORDER BY id") == "x y")
        let kept = try text(all[0], "SELECT id || ':' || typeof(n) FROM t WHERE id = 'l'")
        #expect(seen.hasSuffix(kept) && !kept.isEmpty, "\(kept)")
        try all[0].migrate(to: way)
        try sync(hub, all)
        try expectEqual(hub, all)
        for replica in all + [hub.replica] {
            let doctor = try replica.doctor()
            #expect(doctor.faults.isEmpty && doctor.rowsCaptured == 0 && doctor.mended.isEmpty)
        }
    }

    /// Types that store alike are one.
    @Test(arguments: [("INTEGER", "BIGINT"), ("INTEGER", "DECIMAL(10, 2)"), ("VARCHAR(9)", "TEXT"), ("FLOAT", "REAL")])
    func aTypeOfTheSameAffinityIsTaken_VER8(old: String, new: String) throws {
        let (hub, all) = try world(schema(1, old), "one", "two")
        try run(all[0], "INSERT INTO t VALUES ('k', 7, 'x'), ('l', '7.50', 'y'), ('m', 'seven', 'z')")
        try sync(hub, all)
        try all[1].migrate(to: schema(2, new))
        try hub.replica.migrate(to: schema(2, new))
        try run(all[0], "UPDATE t SET n = 9007199254740993.0 WHERE id = 'k'")
        try run(all[1], "UPDATE t SET n = 1.0 WHERE id = 'l'")
        try sync(hub, all)
        let seen = "SELECT id || typeof(n) || n FROM t ORDER BY id"
        #expect(try text(all[0], seen) == text(all[1], seen))
        try all[0].migrate(to: schema(2, new))
        try sync(hub, all)
        try expectEqual(hub, all)
        #expect(try all[1].doctor().rowsCaptured == 0)
    }
}

/// Columns of one name that have several types in one fleet, since nobody moved them there by a schema (VER-12).
@Suite final class ColumnTypeTests: ReviewedWorld {
    private static let some = "CREATE TABLE cache(k TEXT PRIMARY KEY, v"

    /// Devices one and three have the one type; two, or the hub, has the other.
    @Test(arguments: [
        ("INTEGER", "TEXT", "7", "'7'"), ("TEXT", "INTEGER", "'7'", "7"), ("", "REAL", "7", "7.0"),
        ("BLOB", "NUMERIC", "' 7.50 '", "7.5"), ("", "INTEGER", "7.0", "7"), ("TEXT", "REAL", "'1e3'", "1000.0"),
    ])
    func whatAColumnHoldsAsAnotherIsPassedOnAsItWasWritten_VER12(
        type: String, other: String, value: String, held: String
    ) throws {
        let (hub, all) = try world(Self.clients, "one", "two", "three")
        for replica in [all[0], all[2]] { try run(replica, Self.some + " \(type), w);") }
        for replica in [all[1], hub.replica] { try run(replica, Self.some + " \(other), w);") }
        try run(all[0], "INSERT INTO cache VALUES ('new', \(value), 0), ('later', NULL, 0)")
        try sync(hub, all)
        try run(all[0], "UPDATE cache SET v = \(value) WHERE k = 'later'")
        try sync(hub, all)
        try carry(all[0], to: all[1])
        func quoted(_ replica: Replica) throws -> String { try text(replica, "SELECT quote(v) FROM cache ORDER BY k") }
        let (written, there) = ("\(try quoted(all[0]))", try text(all[0], "SELECT quote(\(held)) FROM cache"))
        #expect(try quoted(all[1]) == there && quoted(hub.replica) == there)
        #expect(try quoted(all[2]) == written && written != there)
        // Nobody takes it for a change, also when the tables are compared, and what else is written leaves it alone.
        for replica in [all[1], hub.replica] {
            try run(replica, "VACUUM", vacuum: true)
            let doctor = try replica.doctor()
            #expect(doctor.faults.isEmpty && doctor.rowsCaptured == 0 && doctor.mended.isEmpty, "\(doctor)")
            try run(replica, "UPDATE cache SET w = w + 1")
        }
        try sync(hub, all)
        #expect(try quoted(all[2]) == written && quoted(all[0]) == written && quoted(all[1]) == there)
        #expect(try text(all[0], "SELECT DISTINCT w FROM cache") == "1")
        // Who writes it writes what they see.
        try run(all[1], "UPDATE cache SET v = v || '1' WHERE k = 'new'")
        try sync(hub, all)
        #expect(try text(hub.replica, "SELECT quote(v) FROM cache") == text(all[1], "SELECT quote(v) FROM cache"))
        #expect(try hub.conflicts().isEmpty && all[2].conflicts().count == hub.conflicts().count)
        let late = try device("late", hub)
        try run(late, Self.some + " \(type), w);")
        try sync(hub, all + [late])
        #expect(try quoted(late) == quoted(all[0]))
    }

    /// The keys differ in their type: '7' and 7 are two rows.
    @Test func aRowWhoseKeyIsOfAnotherTypeIsSetAsideAndWritesOverNone_VER12_MRG45() throws {
        let (hub, all) = try world(Self.clients, "one", "two")
        try run(all[0], "CREATE TABLE cache(k TEXT PRIMARY KEY, v); INSERT INTO cache VALUES ('7', 'text'), ('x', 'y')")
        try run(all[1], "CREATE TABLE cache(k INT PRIMARY KEY, v); INSERT INTO cache VALUES (7, 'number')")
        try run(hub.replica, "CREATE TABLE cache(k INT PRIMARY KEY, v)")
        try sync(hub, all)
        #expect(try text(all[0], "SELECT k || v FROM cache ORDER BY k") == "7text xy")
        #expect(try text(all[1], "SELECT k || v FROM cache ORDER BY k") == "7number xy")
        #expect(try text(hub.replica, "SELECT k || v FROM cache ORDER BY k") == "7number xy")
        for replica in all + [hub.replica] {
            let aside = try replica.setAside()
            #expect(aside.count == 1 && aside[0].kind == .refused, "\(aside)")
            #expect(try replica.doctor().faults.isEmpty)
        }
        try run(all[0], "UPDATE cache SET v = 'later' WHERE k = '7'; DELETE FROM cache WHERE k = 'x'")
        try run(all[1], "UPDATE cache SET v = 'more' WHERE k = 7")
        try sync(hub, all)
        #expect(
            try text(all[0], "SELECT k || v FROM cache") == "7later"
                && text(all[1], "SELECT k || v FROM cache") == "7more")
        #expect(try all[0].setAside().map { $0.values.map(\.display) } == [["7", "more"]])
        #expect(try all[1].setAside().map { $0.values.map(\.display) } == [["7", "later"]])
        #expect(try hub.conflicts().isEmpty)
    }

    private func run(_ replica: Replica, _ sql: String, vacuum: Bool) throws {
        let queue = try DatabaseQueue(path: replica.path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
        try replica.seal()
    }
}
