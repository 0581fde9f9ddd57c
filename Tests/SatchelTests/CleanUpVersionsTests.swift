import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Forgetting at a hub of an older version than tablets have: columns that it does not know may name what it drops.
@Suite final class CleanUpVersionsTests: ReviewedWorld {
    private static let first = "-- satchel: version 1\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL);"
    private static let second = """
        -- satchel: version 2
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, partner TEXT REFERENCES client(id));
        """

    private func clients(_ replica: Replica) throws -> String { try text(replica, "SELECT id FROM client ORDER BY id") }

    private func expectAll(_ due: String, _ hub: Hub, _ all: [Replica]) throws {
        for replica in all + [hub.replica] {
            let aside = try replica.setAside().map(\.reason)
            #expect(try clients(replica) == due, "\(replica.name) set aside \(aside)")
        }
        try expectEqual(hub, all)
    }

    @Test func aRowThatAnUnknownColumnNamesIsNotDropped_EXC23_P7_P8() throws {
        let (hub, all) = try world(Self.first, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('p', 'P'), ('c', 'C'), ('x', 'X')")
        try sync(hub, all)
        try all[1].migrate(to: Self.second)
        try run(all[1], "UPDATE client SET partner = 'p' WHERE id = 'c'")
        try run(all[0], "DELETE FROM client WHERE id IN ('p', 'x')")
        try sync(hub, all, rounds: 3)
        #expect(try clients(all[1]) == "c p", "kept by its child")
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1, "x goes, which nothing could name")
        try run(all[0], "INSERT INTO client VALUES ('n', 'N')")
        try sync(hub, all, rounds: 3)
        #expect(try clients(all[1]) == "c n p")
        try hub.replica.migrate(to: Self.second)
        try all[0].migrate(to: Self.second)
        try run(all[0], "INSERT INTO client VALUES ('m', 'M', NULL)")
        try sync(hub, all, rounds: 3)
        try expectAll("c m n p", hub, all)
    }

    @Test func whatNoUnknownColumnNamesAnyMoreIsDroppedAndACycleAsOne_EXC23() throws {
        let (hub, all) = try world(Self.first, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('p', 'P'), ('c', 'C'), ('y', 'Y'), ('z', 'Z')")
        try sync(hub, all)
        try all[1].migrate(to: Self.second)
        try run(all[1], "UPDATE client SET partner = CASE id WHEN 'y' THEN 'z' WHEN 'z' THEN 'y' WHEN 'c' THEN 'p' END")
        try sync(hub, all)
        try force(all[1], "UPDATE client SET partner = NULL WHERE id = 'c'; DELETE FROM client WHERE id <> 'c'")
        try sync(hub, all, rounds: 3)
        #expect(try hub.cleanUp(keepDays: 0).dropped == 3)
        try sync(hub, all, rounds: 3)
        for replica in all + [hub.replica] { #expect(try clients(replica) == "c", "\(replica.name)") }
    }

    @Test func aDroppedRowThatAnUnknownColumnNamesComesBack_EXC26_P8() throws {
        let (hub, all) = try world(Self.first, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('p', 'P'), ('c', 'C')")
        try sync(hub, all)
        try all[1].migrate(to: Self.second)
        try sync(hub, all)
        // Away for a while, two points at p, which the others delete and forget.
        try run(all[1], "UPDATE client SET partner = 'p' WHERE id = 'c'")
        try run(all[0], "DELETE FROM client WHERE id = 'p'")
        try sync(hub, [all[0]], rounds: 3)
        try hub.retire("two")
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1)
        try sync(hub, [all[0]])
        try sync(hub, all, rounds: 3)
        #expect(try clients(all[1]) == "c p")
        #expect(try hub.cleanUp(keepDays: 0).dropped == 0)
        try hub.replica.migrate(to: Self.second)
        try all[0].migrate(to: Self.second)
        try run(all[0], "INSERT INTO client VALUES ('n', 'N', NULL)")
        try sync(hub, all, rounds: 3)
        try expectAll("c n p", hub, all)
    }

    @Test func aKeyOfSeveralColumnsAndOfAnotherTypeIsNamedToo_EXC23_EXC26() throws {
        let first = """
            -- satchel: version 1
            CREATE TABLE site(firm TEXT, nr INTEGER, name TEXT, PRIMARY KEY (firm, nr));
            CREATE TABLE visit(id TEXT PRIMARY KEY, firm TEXT);
            """
        let second = """
            -- satchel: version 2
            CREATE TABLE site(firm TEXT, nr INTEGER, name TEXT, PRIMARY KEY (firm, nr));
            CREATE TABLE visit(id TEXT PRIMARY KEY, firm TEXT, nr INTEGER, FOREIGN KEY (firm, nr) REFERENCES site(firm, nr));
            """
        let (hub, all) = try world(first, "one", "two")
        try run(
            all[0],
            "INSERT INTO site VALUES ('f', 7, 'S'), ('f', 8, 'T'); INSERT INTO visit VALUES ('v', 'f'), ('w', 'f')")
        try sync(hub, all)
        try all[1].migrate(to: second)
        try run(all[1], "UPDATE visit SET nr = 7 WHERE id = 'v'")
        try sync(hub, all)
        try run(all[1], "UPDATE visit SET nr = 8 WHERE id = 'w'")
        try run(all[0], "DELETE FROM site")
        try sync(hub, [all[0]], rounds: 3)
        try hub.retire("two")
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1, "8 goes, since two has not told of it")
        try sync(hub, all, rounds: 3)
        #expect(try text(all[1], "SELECT nr FROM site ORDER BY nr") == "7 8")
        #expect(try hub.cleanUp(keepDays: 0).dropped == 0)
    }

    /// Tablets ask about a deleted client whom a visit needs, by a reference that the hub's schema has not, or has no more.
    @Test(arguments: [true, false])
    func aRowThatAnotherSchemaNamesIsNotDropped_EXC23_P7_P8(isTakenBack: Bool) throws {
        func schema(_ version: Int, _ hasReference: Bool) -> String {
            """
            -- satchel: version \(version)
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL);
            CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT\(hasReference ? " REFERENCES client(id)" : ""));
            """
        }
        let next = schema(2, !isTakenBack)
        let (hub, all) = try world(schema(1, isTakenBack), "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('p', 'P'), ('x', 'X'); INSERT INTO visit VALUES ('v', 'p')")
        try sync(hub, all)
        let (asking, other) = (all[0], all[1])
        if isTakenBack { try hub.replica.migrate(to: next) }
        try (isTakenBack ? other : asking).migrate(to: next)
        try run(other, "DELETE FROM client")
        try sync(hub, all, rounds: 3)
        #expect(try clients(asking) == "p" && asking.conflicts().map(\.kind) == [.inUse])
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1, "x goes, which nothing names")
        try sync(hub, all, rounds: 3)
        #expect(try clients(asking) == "p" && asking.conflicts().map(\.kind) == [.inUse])
        // When all follow one schema there is nobody who might.
        if !isTakenBack { return }
        try asking.migrate(to: next)
        try sync(hub, all, rounds: 3)
        #expect(try clients(asking) == "" && hub.cleanUp(keepDays: 0).dropped == 1)
    }
}
