import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// Views, triggers and indexes of a schema that a replica moves to, and those that other programs made (VER-6).
@Suite final class MigrationProgramsTests: ReviewedWorld {
    private func everything(_ replica: Replica, _ sql: String) throws -> String {
        let aside = try replica.setAside().map { "\($0.key.display) \($0.kind)" }
        return try text(replica, sql) + " / " + aside.joined(separator: ", ")
    }

    @Test func whatOtherProgramsMadeBesideATableStays_VER6() throws {
        let (hub, all) = try world("-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY, v);", "one")
        try force(
            all[0],
            "CREATE INDEX mine ON t(v); CREATE TABLE log(v); "
                + "CREATE TRIGGER logs AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.v); END; CREATE VIEW seen AS SELECT v FROM t"
        )
        try all[0].migrate(to: "-- satchel: version 2\nCREATE TABLE t(id TEXT PRIMARY KEY, v, w);")
        let names = try text(
            all[0], "SELECT name FROM sqlite_master WHERE name IN ('mine', 'logs', 'seen', 'log') ORDER BY 1")
        #expect(names == "log logs mine seen")
        try sync(hub, all)
    }

    @Test func aMigrationMakesTheIndexOfTheTextWhateverBearsItsName_VER6() throws {
        let table = "CREATE TABLE t(id TEXT PRIMARY KEY, code TEXT);"
        let (hub, all) = try world("-- satchel: version 1\n" + table, "one", "two")
        try force(all[0], "CREATE INDEX by_code ON t(code)")
        let second = "-- satchel: version 2\n\(table) CREATE UNIQUE INDEX by_code ON t(code);"
        for replica in all + [hub.replica] { try replica.migrate(to: second) }
        try run(all[0], "INSERT INTO t VALUES ('a', '1')")
        wait()
        try run(all[1], "INSERT INTO t VALUES ('b', '1')")
        try sync(hub, all)
        let shown = try all.map { try everything($0, "SELECT id FROM t ORDER BY id") }
        #expect(shown == ["a / b refused", "a / b refused"])
        try expectEqual(hub, all)
    }

    @Test func whatNamesAColumnThatGoesGoesWithItAndIsTold_VER6() throws {
        let (hub, all) = try world("-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY, v, old);", "one")
        try force(
            all[0],
            """
            CREATE INDEX by_old ON t(old); CREATE INDEX by_v ON t(v); CREATE TABLE log(v);
            CREATE TRIGGER old_log AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (NEW.old); END;
            CREATE TRIGGER v_log AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (NEW.v); END;
            """)
        try run(all[0], "INSERT INTO t VALUES ('a', 1, NULL)")
        let steps = try all[0].migrate(
            to: "-- satchel: version 2\n-- satchel: dropped t.old\nCREATE TABLE t(id TEXT PRIMARY KEY, v);"
        ).steps
        #expect(steps.count { $0.contains("which another program made: ") && $0.contains("old") } == 2, "\(steps)")
        try run(all[0], "UPDATE t SET v = 2")
        #expect(try text(all[0], "SELECT v FROM log") == "2")
        #expect(
            try text(all[0], "SELECT name FROM sqlite_master WHERE name IN ('by_old', 'by_v', 'old_log', 'v_log')")
                .split(separator: " ").sorted() == ["by_v", "v_log"])
        try sync(hub, all)
    }

    @Test func aTableOfAProgramIsNotGivenUpForAName_VER6_P1() throws {
        let table = "CREATE TABLE t(id TEXT PRIMARY KEY, v);"
        let (_, all) = try world("-- satchel: version 1\n" + table, "one")
        try force(all[0], "CREATE TABLE report(line); INSERT INTO report VALUES ('work')")
        #expect(throws: (any Error).self) {
            try all[0].migrate(to: "-- satchel: version 2\n\(table) CREATE VIEW report AS SELECT v FROM t;")
        }
        #expect(try text(all[0], "SELECT line FROM report") == "work")
        #expect(all[0].schemaVersion == 1)
    }

    /// What other programs' tables refer to is theirs to mind.
    @Test func aProgramsRowThatRefersToNothingHoldsUpNoMigration_VER6_VER8() throws {
        let table = "CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);"
        let (hub, all) = try world("-- satchel: version 1\n" + table, "one", "two")
        try run(all[0], "INSERT INTO t VALUES ('a', 1)")
        try sync(hub, all)
        try force(all[0], "CREATE TABLE draft(line, t TEXT REFERENCES t(id)); INSERT INTO draft VALUES ('work', 'a')")
        try run(all[1], "DELETE FROM t")
        try sync(hub, all)
        try all[0].migrate(to: "-- satchel: version 2\nCREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, w);")
        #expect(try text(all[0], "SELECT line FROM draft") == "work" && all[0].schemaVersion == 2)
        // Of the synced tables it is looked at, and said of which.
        try force(all[1], "INSERT INTO t(id, v) VALUES ('b', 'none')")
        let error = #expect(throws: (any Error).self) {
            try all[1].migrate(
                to: "-- satchel: version 2\nCREATE TABLE t(id TEXT PRIMARY KEY, v TEXT REFERENCES t(id));")
        }
        #expect("\(try #require(error))".contains("1 rows of t refer"))
    }
}
