import Foundation
import GRDB
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

@testable import Satchel

/// Names of units that mean other columns elsewhere, or meant others before (VER-5, VER-8, VER-13).
@Suite final class UnitNamesTests: ReviewedWorld {
    private static let one = "CREATE TABLE t(id TEXT PRIMARY KEY, name TEXT, place TEXT);"
    private static let pair =
        "-- satchel: unit t.place (lat, lng)\nCREATE TABLE t(id TEXT PRIMARY KEY, name TEXT, lat TEXT, lng TEXT);"
    private static let without = "CREATE TABLE t(id TEXT PRIMARY KEY, name TEXT);"

    private func version(_ number: Int, _ text: String, dropped: String...) -> String {
        "-- satchel: version \(number)\n" + dropped.map { "-- satchel: dropped t.\($0)\n" }.joined() + text
    }

    /// The old unit and the new one live beside each other, and each comes back to whoever has its columns.
    @Test(arguments: [true, false], [true, false])
    func aNameGivenToOtherColumnsIsAnotherUnit_VER13_BND23(wider: Bool, atHub: Bool) throws {
        let (before, after) = wider ? (Self.one, Self.pair) : (Self.pair, Self.one)
        let gone = wider ? ["place"] : ["lat", "lng"]
        let (hub, devices) = try world("-- satchel: version 1\n" + before, "old", "new")
        let (old, new) = (devices[0], devices[1])
        try run(old, "INSERT INTO t VALUES ('a', 'A', \(wider ? "'x'" : "'1', '2'"))")
        try run(old, "INSERT INTO t VALUES ('gone', 'G', \(wider ? "'x'" : "'1', '2'"))")
        try sync(hub, devices)
        for replica in atHub ? [new, hub.replica] : [new] {
            let dropped = gone.map { "-- satchel: dropped t.\($0)\n" }.joined()
            try replica.migrate(to: "-- satchel: version 2\n" + dropped + Self.without)
            try replica.migrate(to: "-- satchel: version 3\n" + dropped + after)
        }
        try run(new, "INSERT INTO t VALUES ('b', 'B', \(wider ? "'3', '4'" : "'y'"))")
        try run(new, wider ? "UPDATE t SET lat = '5' WHERE id = 'a'" : "UPDATE t SET place = 'z' WHERE id = 'a'")
        try run(new, "DELETE FROM t WHERE id = 'gone'")
        try run(old, wider ? "UPDATE t SET place = 'w' WHERE id = 'a'" : "UPDATE t SET lng = '9' WHERE id = 'a'")
        try run(old, "UPDATE t SET name = 'of the old' WHERE id = 'a'")
        try sync(hub, devices, rounds: 3)
        let fresh = try device("fresh", hub)
        try sync(hub, [fresh])
        for replica in devices + [hub.replica, fresh] {
            #expect(
                try text(replica, "SELECT id || name FROM t ORDER BY id") == "aof the old bB",
                "\(replica.name): \(values(try replica.conflicts()))")
            #expect(try replica.conflicts().isEmpty && replica.doctor().faults.isEmpty)
        }
        #expect(try text(old, "SELECT \(wider ? "place" : "lat || lng") FROM t WHERE id = 'a'") == (wider ? "w" : "19"))
        let seen = wider ? "ifnull(lat, '') || ifnull(lng, '')" : "place"
        #expect(try text(new, "SELECT \(seen) FROM t WHERE id = 'a'") == (wider ? "5" : "z"))
        // Whoever moves has what was written there meanwhile.
        try old.migrate(to: version(2, Self.without, dropped: "place", "lat", "lng"))
        try old.migrate(to: version(3, after, dropped: gone[0], gone.count > 1 ? gone[1] : "x"))
        #expect(try text(old, "SELECT \(seen) FROM t ORDER BY id") == (wider ? "5 34" : "z y"))
    }

    @Test(arguments: [true, false]) func oneDevicesUnitOfAKnownNameStopsNobody_VER13(bySQL: Bool) throws {
        let (hub, devices) = try world((bySQL ? "" : "-- satchel: version 1\n") + Self.one, "one", "two", "three")
        let (one, two, three) = (devices[0], devices[1], devices[2])
        try run(one, "INSERT INTO t VALUES ('a', 'A', 'x')")
        try sync(hub, devices)
        if bySQL {
            try two.migrate(
                schema: "-- satchel: dropped t.place\n" + Self.pair,
                running:
                    "ALTER TABLE t DROP COLUMN place; ALTER TABLE t ADD COLUMN lat TEXT; ALTER TABLE t ADD COLUMN lng TEXT"
            )
        } else {
            try two.migrate(to: version(2, Self.without, dropped: "place"))
            try two.migrate(to: version(3, Self.pair, dropped: "place"))
        }
        try run(two, "INSERT INTO t VALUES ('b', 'B', '1', '2')")
        try run(one, "INSERT INTO t VALUES ('c', 'C', 'y')")
        try sync(hub, [two, one, three], rounds: 2)
        let fresh = try device("fresh", hub)
        try sync(hub, [fresh])
        for replica in [one, two, three, fresh] {
            #expect(try text(replica, "SELECT id FROM t ORDER BY id") == "a b c", "\(replica.name)")
        }
        #expect(try text(fresh, "SELECT place FROM t WHERE id = 'c'") == "y")
        #expect(try text(two, "SELECT lat || lng FROM t WHERE id = 'b'") == "12")
    }

    /// Else north would be east for whoever goes on with the old text.
    @Test func aColumnTravelsInOneUnitForEver_VER8() throws {
        let (_, devices) = try world("-- satchel: version 1\n" + Self.pair, "one")
        try devices[0].migrate(to: version(2, Self.without, dropped: "lat", "lng"))
        let table = "CREATE TABLE t(id TEXT PRIMARY KEY, name TEXT, lat TEXT, lng TEXT, alt TEXT);"
        for unit in ["place (lng, lat)", "place (lat, lng, alt)", "spot (lat, lng)", "height (lng, alt)"] {
            #expect(throws: SchemaError.self, "\(unit)") {
                try devices[0].migrate(to: version(3, "-- satchel: unit t.\(unit)\n" + table))
            }
        }
        #expect(throws: SchemaError.self) { try devices[0].migrate(to: version(3, table)) }
        try devices[0].migrate(to: version(3, "-- satchel: unit t.place (lat, lng)\n" + table))
        #expect(devices[0].schemaVersion == 3)
    }

    @Test func twoColumnsThatWereOneAndTwoUnitsOfOneNameAreRefused_SCH14_VER5() throws {
        let second = """
            -- satchel: renamed t.mobile from phone
            -- satchel: renamed t.landline from phone
            CREATE TABLE t(id TEXT PRIMARY KEY, name TEXT, mobile TEXT, landline TEXT);
            """
        let third = """
            -- satchel: renamed t.mobile from phone
            -- satchel: unit t.phone (prefix, number)
            CREATE TABLE t(id TEXT PRIMARY KEY, mobile TEXT, prefix TEXT, number TEXT);
            """
        let (_, devices) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, name TEXT, phone TEXT);", "one")
        for (place, text) in [second, third].enumerated() {
            #expect(throws: SchemaError.self) { try devices[0].migrate(to: "-- satchel: version 2\n" + text) }
            #expect(throws: SchemaError.self) {
                _ = try Hub.create(at: "\(self.folder)/hub\(place)", schema: text, anchors: .none)
            }
        }
    }

    private static let more = version2("email TEXT")
    private static func version2(_ column: String) -> String {
        "-- satchel: version 2\nCREATE TABLE t(id TEXT PRIMARY KEY, name TEXT, place TEXT, \(column));"
    }

    @Test func versionsOnlyGoUpByOnesOwnSQLToo_VER1() throws {
        let (_, devices) = try world(Self.more, "one")
        #expect(throws: SchemaError.self) {
            try devices[0].migrate(
                schema: "-- satchel: version 1\n" + Self.one, running: "ALTER TABLE t DROP COLUMN email")
        }
        #expect(devices[0].schemaVersion == 2)
    }

    /// A device that moved by SQL of its own is not told of the version that it follows as of a newer one.
    @Test func whoMovedByTheirOwnSQLIsOfferedNothing_VER9() throws {
        let (hub, devices) = try world("-- satchel: version 1\n" + Self.one, "one")
        try run(devices[0], "INSERT INTO t VALUES ('a', 'A', '1')")
        try hub.replica.migrate(to: Self.more)
        try sync(hub, devices)
        #expect(try devices[0].offeredVersion() == 2)
        try devices[0].migrate(schema: Self.more, running: "ALTER TABLE t ADD COLUMN email TEXT")
        #expect(devices[0].schemaVersion == 2)
        #expect(try devices[0].offeredVersion() == nil && devices[0].status().offeredVersion == nil)
    }

    /// A program made the table anew, without the triggers, and wrote.
    @Test func whatIsNotNoticedYetIsNotAtTheHub_INB13_CAP10() throws {
        let (hub, devices) = try world(Self.one, "one")
        let one = devices[0]
        try run(one, "INSERT INTO t VALUES ('a', 'A', '1')")
        try sync(hub, devices)
        #expect(try one.status().isAllAtHub)
        try one.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE anew(id TEXT PRIMARY KEY, name TEXT, place TEXT);
                    INSERT INTO anew SELECT * FROM t;
                    DROP TABLE t;
                    ALTER TABLE anew RENAME TO t;
                    INSERT INTO t VALUES ('b', 'B', '2');
                    UPDATE t SET place = '9' WHERE id = 'a';
                    """)
        }
        #expect(try !one.status().isAllAtHub)
        for id in ["a", "b"] { #expect(try one.status(table: "t", key: key(id)).level == .localOnly, "\(id)") }
    }

    @Test func aRecordOfAFormerLineThatLeftInNoBundleIsLocal_INB13() throws {
        let (_, devices) = try world(Self.one, "one")
        let one = devices[0]
        try run(one, "INSERT INTO t VALUES ('a', 'A', '1')")
        #expect(try one.status(table: "t", key: key("a")).level == .localOnly)
        try one.withEngine { engine in try engine.transaction { try engine.renewIdentity(.restored) } }
        #expect(try one.status(table: "t", key: key("a")).level == .localOnly)
    }

    /// A changeset that its author could not read again would stop all that they write after it.
    @Test func aDeletionNamesAUnitOfManyLongColumns_BND23_BND35() throws {
        let columns = (1...20).map { "\"走访记录里的第\($0)个很长很长的栏目\"" }
        let (hub, devices) = try world(
            "-- satchel: unit t.\"全部\" (\(columns.joined(separator: ", ")))\n"
                + "CREATE TABLE t(id TEXT PRIMARY KEY, \(columns.map { "\($0) TEXT" }.joined(separator: ", ")));",
            "one", "two")
        try run(devices[0], "INSERT INTO t(id, \(columns[0])) VALUES ('a', '1'), ('b', '2')")
        try sync(hub, devices)
        try run(devices[1], "DELETE FROM t WHERE id = 'a'")
        try sync(hub, devices)
        for replica in devices + [hub.replica] { #expect(try text(replica, "SELECT id FROM t") == "b") }
    }
}
