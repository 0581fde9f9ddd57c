import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

/// Moving to another schema by SQL of one's own (VER-14, CLI-41).
@Suite final class MigrationOwnSQLTests: ReviewedWorld {
    private static let first = "-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, a TEXT, b TEXT);"
    private static let without =
        "-- satchel: version 2\n-- satchel: dropped t.a\nCREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, b TEXT);"
    private static let renamed =
        "-- satchel: version 2\n-- satchel: renamed t.n from a\nCREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, n TEXT, b TEXT);"

    /// Two rows, one of which was corrected by somebody else.
    private func corrected(_ column: String) throws -> (Hub, [Replica]) {
        let (hub, devices) = try world(Self.first, "one", "two", "three")
        try run(devices[0], "INSERT INTO t VALUES ('k', 'the phone', '2'), ('m', 'another', '3')")
        try sync(hub, devices)
        try run(devices[1], "UPDATE t SET \(column) = 'x' WHERE id = 'k'")
        try sync(hub, devices)
        return (hub, devices)
    }

    /// Each is refused in these words, and changes nothing.
    private func refused(_ device: Replica, _ attempts: (schema: String, sql: String, words: String)...) throws {
        let (digest, changesets) = (try device.digest(), try device.changesets().count)
        for (schema, sql, words) in attempts {
            let error = #expect(throws: (any Error).self) { try device.migrate(schema: schema, running: sql) }
            #expect(error.map { "\($0)".contains(words) } == true, "\(sql): \(error as Any)")
            #expect(try device.digest() == digest && device.changesets().count == changesets, "\(sql)")
        }
    }

    @Test(arguments: ["a", "b"]) func whatASQLDropsIsKeptForOthersAndNothingIsStopped_VER3_VER14(column: String) throws
    {
        let (hub, devices) = try corrected(column)
        try run(devices[0], "INSERT INTO t VALUES ('new', 'not', 'sent yet')")
        try devices[0].migrate(schema: Self.without, running: "ALTER TABLE t DROP COLUMN a")
        #expect(try devices[0].doctor().faults.isEmpty)
        try sync(hub, devices)
        #expect(
            try text(devices[0], "SELECT id || b FROM t ORDER BY id")
                == (column == "a" ? "k2 m3 newsent yet" : "kx m3 newsent yet"))
        try devices[2].migrate(to: Self.without)
        let again = "-- satchel: version 3\n" + Self.first.split(separator: "\n")[1]
        for replica in [devices[0], devices[2]] { try replica.migrate(to: again) }
        try sync(hub, devices, rounds: 3)
        for replica in devices + [hub.replica] {
            #expect(
                try text(replica, "SELECT id || a FROM t ORDER BY id")
                    == (column == "a" ? "kx manother newnot" : "kthe phone manother newnot"), "\(replica.name)")
        }
    }

    @Test(arguments: ["a", "b"]) func aColumnThatASQLRenamesIsTheOneThatItWas_VER5_VER14(column: String) throws {
        let (hub, devices) = try corrected(column)
        let rename = "ALTER TABLE t RENAME COLUMN a TO n"
        for replica in [devices[0], hub.replica] { try replica.migrate(schema: Self.renamed, running: rename) }
        try devices[1].migrate(to: Self.renamed)
        try sync(hub, devices)
        try devices[2].migrate(to: Self.renamed)
        let fresh = try device("fresh", hub)
        try sync(hub, devices + [fresh])
        let digests = try Set((devices + [hub.replica, fresh]).map { try $0.digest() })
        #expect(digests.count == 1)
        for replica in devices + [hub.replica, fresh] {
            #expect(
                try text(replica, "SELECT n FROM t ORDER BY id") == (column == "a" ? "x another" : "the phone another"),
                "\(replica.name)")
        }
    }

    /// A version that does not go up, what nobody said, what SQL cannot do, and a transaction that it would end.
    @Test func whatIsRefusedChangesNothing_VER1_VER7_VER14() throws {
        let (_, devices) = try corrected("a")
        let device = devices[0]
        let unsaid = Self.without.replacing("-- satchel: dropped t.a\n", with: "")
        let change = "UPDATE t SET b = 'changed';"
        try refused(
            device,
            (Self.first, change, "versions only go up"),
            (unsaid, change + "ALTER TABLE t DROP COLUMN a", "dropped t.a"),
            (Self.without, change + "ALTER TABLE t DROP COLUMN absent", "no such column"),
            (Self.without, change + "ALTER TABLE t DROP COLUMN a; COMMIT", "not authorized"),
            (Self.without, change + "ATTACH 'x' AS y", "not authorized"),
            (
                Self.without.replacing(
                    "id TEXT PRIMARY KEY NOT NULL, b TEXT",
                    with: "id TEXT NOT NULL, b TEXT NOT NULL, PRIMARY KEY (id, b)"), change, "primary key"
            ))
        #expect(try text(device, "SELECT b FROM t ORDER BY id") == "2 3" && device.schemaVersion == 1)
        try run(device, "UPDATE t SET b = 'on' WHERE id = 'k'", seal: false)
        #expect(try device.seal() != nil, "the capture is on again")
    }

    /// What the same SQL writes into a column that comes, and into one that stays, while another goes.
    @Test func whatTheSQLWritesGoesToEverybody_CAP11_VER14() throws {
        let (hub, devices) = try corrected("a")
        let next =
            "-- satchel: version 2\n-- satchel: dropped t.a\nCREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, b TEXT, c TEXT);"
        try devices[0].migrate(
            schema: next,
            running:
                "ALTER TABLE t ADD COLUMN c TEXT; UPDATE t SET c = a || b; UPDATE t SET b = 'changed' WHERE id = 'm'; "
                + "ALTER TABLE t DROP COLUMN a")
        for replica in [devices[1], hub.replica] { try replica.migrate(to: next) }
        try sync(hub, devices)
        for replica in [devices[0], devices[1], hub.replica] {
            #expect(try text(replica, "SELECT b || c FROM t ORDER BY id") == "2x2 changedanother3", "\(replica.name)")
        }
        #expect(try text(devices[2], "SELECT a || b FROM t ORDER BY id") == "x2 anotherchanged")
    }

    /// What the SQL leaves to be done is made as the text says it.
    @Test func whatTheSQLDoesNotMakeIsMade_VER6_VER14() throws {
        let (hub, devices) = try corrected("a")
        let next =
            "-- satchel: version 2\nCREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, a TEXT, b TEXT, c TEXT DEFAULT 'd'); "
            + "CREATE UNIQUE INDEX t_a ON t(a); CREATE TABLE u(id TEXT PRIMARY KEY NOT NULL);"
        let steps = try devices[0].migrate(schema: next, running: "UPDATE t SET b = 'y' WHERE id = 'm'").steps
        #expect(steps == ["added column t.c", "made table u"])
        try run(devices[0], "INSERT INTO t(id, a) VALUES ('n', 'new')")
        #expect(throws: (any Error).self) { try run(devices[0], "INSERT INTO t(id, a) VALUES ('o', 'new')") }
        try sync(hub, devices)
        #expect(try text(hub.replica, "SELECT b FROM t WHERE id = 'm'") == "y")
    }

    /// A table that goes by SQL is kept for others as one that a migration drops.
    @Test func aTableThatTheSQLMovesElsewhereIsKept_VER2_VER14() throws {
        let (hub, devices) = try corrected("a")
        let other =
            "-- satchel: version 2\n-- satchel: dropped t\nCREATE TABLE s(id TEXT PRIMARY KEY NOT NULL, a TEXT);"
        try devices[0].migrate(
            schema: other,
            running:
                "CREATE TABLE s(id TEXT PRIMARY KEY NOT NULL, a TEXT); INSERT INTO s SELECT id, a FROM t; DROP TABLE t")
        try run(devices[1], "UPDATE t SET b = 'on' WHERE id = 'k'")
        try sync(hub, devices)
        #expect(try text(devices[0], "SELECT a FROM s ORDER BY id") == "x another")
        #expect(try text(devices[1], "SELECT a || b FROM t ORDER BY id") == "xon another3")
        let back =
            "-- satchel: version 3\nCREATE TABLE s(id TEXT PRIMARY KEY NOT NULL, a TEXT);\n"
            + Self.first.split(separator: "\n")[1]
        for replica in [devices[0], devices[1], hub.replica] { try replica.migrate(to: back) }
        try sync(hub, devices, rounds: 3)
        for replica in [devices[0], devices[1], hub.replica] {
            #expect(try text(replica, "SELECT a || b FROM t ORDER BY id") == "xon another3", "\(replica.name)")
            #expect(try text(replica, "SELECT a FROM s ORDER BY id") == "x another", "\(replica.name)")
        }
    }

    /// Who drops a column past the library loses what stood in it here, and nothing else.
    @Test func aColumnThatAnotherProgramDropsStopsNothing_CAP11() throws {
        let (hub, devices) = try corrected("a")
        try run(devices[0], "INSERT INTO t VALUES ('new', 'not', 'sent yet')")
        let other = try DatabaseQueue(path: devices[0].path)
        try other.write { db in
            try db.execute(
                sql: "CREATE TABLE n(id TEXT PRIMARY KEY NOT NULL, b TEXT); INSERT INTO n SELECT id, b FROM t; "
                    + "DROP TABLE t; ALTER TABLE n RENAME TO t")
        }
        try sync(hub, devices)
        #expect(try devices[0].doctor().faults.isEmpty)
        #expect(try text(devices[1], "SELECT b FROM t ORDER BY id") == "2 3 sent yet")
        #expect(try text(devices[1], "SELECT a FROM t WHERE id < 'n' ORDER BY id") == "x another")
    }

    /// What the SQL makes is asked what any migration is asked, and it deletes nothing unheard.
    @Test func theSQLIsAskedToo_VER8_VER14() throws {
        let (_, devices) = try corrected("a")
        func next(_ table: String) -> String { "-- satchel: version 2\n\(table);" }
        let keyed = "CREATE TABLE t(id TEXT NOT NULL, a TEXT NOT NULL, b TEXT, PRIMARY KEY (id, a))"
        let added = "CREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, a TEXT, b TEXT, k TEXT NOT NULL)"
        let plain = "CREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, a TEXT, b TEXT, k TEXT)"
        try refused(
            devices[0],
            (
                next(keyed), "ALTER TABLE t RENAME TO was; \(keyed); INSERT INTO t SELECT * FROM was; DROP TABLE was",
                "primary key"
            ),
            (next(added), "ALTER TABLE t ADD COLUMN k TEXT NOT NULL DEFAULT ''", "without a default"),
            (next(plain), "DELETE FROM t WHERE id = 'k'", "deletes 1 rows"),
            (next(plain), "UPDATE t SET id = 'x' || id", "changes their keys"))
    }

    /// A default that changes with its CHECK, with NOT NULL, and one that the SQL reads before.
    @Test func aDefaultChangesWithWhatForbadeIt_VER4_VER14() throws {
        let (hub, devices) = try corrected("a")
        func version(_ number: Int, _ column: String) -> String {
            "-- satchel: version \(number)\nCREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, a TEXT, b TEXT, \(column));"
        }
        let all = devices + [hub.replica]
        try devices[0].migrate(to: version(2, "c TEXT NOT NULL DEFAULT 'x' CHECK (c IN ('x', 'y'))"))
        let third = version(3, "c TEXT NOT NULL DEFAULT 'z' CHECK (c IN ('x', 'y', 'z'))")
        try devices[0].migrate(schema: third, running: "UPDATE t SET b = 'was ' || c WHERE id = 'm'")
        for replica in all.dropFirst() { try replica.migrate(to: third) }
        try sync(hub, devices)
        // A row that the SQL changed counts as written whole (CAP-10).
        for replica in all { #expect(try text(replica, "SELECT c FROM t ORDER BY id") == "z x", "\(replica.name)") }
        #expect(try text(hub.replica, "SELECT b FROM t WHERE id = 'm'") == "was x")
        for replica in all { try replica.migrate(to: version(4, "c TEXT")) }
        for replica in all { #expect(try text(replica, "SELECT count(c) FROM t") == "1", "\(replica.name)") }
        #expect(try Set(all.map { try $0.digest() }).count == 1)
    }

    /// What two merged rows count together, or hold, is theirs, whatever the default is.
    @Test func aChangedDefaultLeavesWhatIsJoined_VER4_MRG54() throws {
        func version(_ number: Int, _ text: String) -> String {
            "-- satchel: version \(number)\n-- satchel: policy t.s set\n"
                + "CREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, a TEXT, s TEXT NOT NULL DEFAULT '\(text)');"
        }
        let (hub, devices) = try world(Self.first.replacing(", b TEXT", with: ""), "one", "two")
        try run(devices[0], "INSERT INTO t VALUES ('p', 'P'), ('q', 'Q')")
        try sync(hub, devices)
        for replica in devices + [hub.replica] { try replica.migrate(to: version(2, "[]")) }
        try run(devices[0], "UPDATE t SET s = '[\"vip\"]' WHERE id = 'p'")
        try devices[0].merge(RowKey([.text("p")]), into: RowKey([.text("q")]), in: "t")
        try sync(hub, devices)
        for replica in devices + [hub.replica] { try replica.migrate(to: version(3, #"["new"]"#)) }
        let fresh = try device("fresh", hub)
        try sync(hub, devices + [fresh])
        for replica in devices + [hub.replica, fresh] {
            #expect(try text(replica, "SELECT s FROM t") == #"["vip"]"#, "\(replica.name)")
        }
    }

    /// Whoever comes from before the renaming is told of one name only.
    @Test func aRenamedColumnIsDroppedByItsLastName_VER5_VER7() throws {
        let (hub, devices) = try corrected("a")
        let gone =
            "-- satchel: version 3\n-- satchel: renamed t.n from a\n-- satchel: dropped t.n\n"
            + "CREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, b TEXT);"
        try devices[0].migrate(to: Self.renamed)
        for replica in devices + [hub.replica] { try replica.migrate(to: gone) }
        try sync(hub, devices)
        #expect(try Set((devices + [hub.replica]).map { try $0.digest() }).count == 1)
        let cased = gone.replacing("version 3", with: "version 4").replacing("CREATE TABLE t(", with: "CREATE TABLE T(")
        #expect(throws: SchemaError.self) { try devices[0].migrate(to: cased) }
    }

    /// VER-4: what nobody wrote shows the default of the schema that is followed, whichever came between.
    @Test func aChangedDefaultIsShownEverywhere_VER4_VER6() throws {
        let (hub, devices) = try corrected("a")
        func version(_ number: Int, _ column: String) -> String {
            "-- satchel: version \(number)\nCREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, a TEXT, b TEXT, \(column));"
        }
        try devices[0].migrate(to: version(2, "c TEXT DEFAULT 'x'"))
        try run(devices[0], "UPDATE t SET c = 'w' WHERE id = 'm'")
        for replica in devices + [hub.replica] { try replica.migrate(to: version(3, "c TEXT DEFAULT 'y'")) }
        #expect(try devices[0].seal() == nil, "no change is written by it")
        try sync(hub, devices)
        let all = devices + [hub.replica]
        #expect(try Set(all.map { try $0.digest() }).count == 1)
        for replica in all { #expect(try text(replica, "SELECT c FROM t ORDER BY id") == "y w", "\(replica.name)") }
        // Nor is a column that becomes NOT NULL refused for what nobody wrote.
        try devices[0].migrate(to: version(4, "c TEXT DEFAULT 'y', d TEXT"))
        for replica in all { try replica.migrate(to: version(5, "c TEXT DEFAULT 'y', d TEXT NOT NULL DEFAULT 'z'")) }
        try sync(hub, devices)
        for replica in all { #expect(try text(replica, "SELECT d FROM t ORDER BY id") == "z z", "\(replica.name)") }
        #expect(try Set(all.map { try $0.digest() }).count == 1)
    }
}
