import GRDB
import Satchel
import SatchelHub
import Testing

/// What goes round the triggers is found when the schema moves (CAP-10, CAP-11).
@Suite struct CaptureSchemaTests {
    static let ddl = "CREATE TABLE t(id TEXT PRIMARY KEY, a TEXT, b TEXT, c TEXT DEFAULT 'd');"
    static let rebuild = "CREATE TABLE t_new(id TEXT PRIMARY KEY, c TEXT DEFAULT 'd', b TEXT, a TEXT);"

    private func world() throws -> CaptureWorld {
        let world = try CaptureWorld(Self.ddl)
        try world.write("INSERT INTO t(id, a, b) VALUES ('1', 'a1', 'b1'), ('2', 'a2', 'b2'), ('3', 'a3', 'b3')")
        try world.exchange()
        return world
    }

    /// By hand, as a person might: takes away every trigger that captures.
    private func dropTriggers(_ world: CaptureWorld) throws {
        let names = try world.own("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'satchel%'")
        try world.write(names.map { "DROP TRIGGER \"\($0)\";" }.joined())
    }

    @Test(arguments: CaptureWriter.present)
    func vacuumChangesNothing_CAP10(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(by: writer, "UPDATE t SET a = 'x' WHERE id = '2'; DELETE FROM t WHERE id = '1';")
        #expect(try world.write(by: writer, "VACUUM;") == "")
        try world.write(by: writer, "UPDATE t SET b = 'y' WHERE id = '2';")
        #expect(try world.captured() == ["-t 1", "t 2: a, b"])
        try world.exchange()
    }

    @Test(arguments: CaptureWriter.present)
    func aColumnAddedByAnotherProgramIsTakenUnderWatch_CAP11(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(by: writer, "UPDATE t SET a = 'x' WHERE id = '1'; ALTER TABLE t ADD COLUMN e TEXT DEFAULT 'e';")
        #expect(try world.captured() == ["t 1: a"])
        try world.other.migrate(running: "ALTER TABLE t ADD COLUMN e TEXT DEFAULT 'e'")
        try world.hub.replica.migrate(running: "ALTER TABLE t ADD COLUMN e TEXT DEFAULT 'e'")
        try world.write(by: writer, "UPDATE t SET e = 'f' WHERE id = '2'; DELETE FROM t WHERE id = '3';")
        #expect(try world.captured() == ["-t 3", "t 2: e"])
        try world.exchange()
        #expect(try world.seen("SELECT e FROM t ORDER BY id") == ["e", "f"])
    }

    @Test func aColumnDroppedThroughTheLibraryIsGoneEverywhereThatDropsIt_CAP11() throws {
        let world = try world()
        let complaint = try world.write("ALTER TABLE t DROP COLUMN b")
        #expect(complaint.contains("trigger"), "only the library can: \(complaint)")
        try world.write("UPDATE t SET a = 'x', b = 'y' WHERE id = '1'")
        for replica in [world.author, world.other, world.hub.replica] {
            try replica.migrate(running: "ALTER TABLE t DROP COLUMN b")
        }
        try world.write("UPDATE t SET c = 'z' WHERE id = '2'; DELETE FROM t WHERE id = '3'")
        #expect(try world.captured() == ["-t 3", "t 2: c"])
        try world.exchange()
        #expect(try world.seen("SELECT * FROM t ORDER BY id") == ["1|x|d", "2|a2|z"])
    }

    @Test(arguments: CaptureWriter.present)
    func aTableRebuiltWithoutItsTriggersIsComparedWithItsClocks_CAP10_CAP11(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(
            by: writer,
            """
            UPDATE t SET b = 'before' WHERE id = '3';
            BEGIN;
            \(Self.rebuild)
            INSERT INTO t_new(id, a, b, c) SELECT id, a, b, c FROM t;
            UPDATE t_new SET a = 'edited' WHERE id = '1';
            DELETE FROM t_new WHERE id = '2';
            INSERT INTO t_new(id, a) VALUES ('4', 'added');
            DROP TABLE t;
            ALTER TABLE t_new RENAME TO t;
            COMMIT;
            UPDATE t SET c = 'after' WHERE id = '3';
            """)
        #expect(try world.captured() == ["+t 4", "-t 2", "t 1: c, b, a", "t 3: c, b, a"])
        for replica in [world.other, world.hub.replica] {
            try replica.migrate(
                running: "\(Self.rebuild) INSERT INTO t_new(id, a, b, c) SELECT id, a, b, c FROM t; DROP TABLE t; "
                    + "ALTER TABLE t_new RENAME TO t;")
        }
        try world.exchange()
        #expect(
            try world.seen("SELECT id, a, b, c FROM t ORDER BY id")
                == ["1|edited|b1|d", "3|a3|before|after", "4|added||d"])
    }

    /// Where a column went of which it cannot be told what stood in it, it cannot be told either that nothing else was changed.
    @Test func aRowThatCannotBeComparedCountsAsWritten_CAP10_CAP11() throws {
        let world = try world()
        try world.write("UPDATE t SET b = NULL WHERE id = '2'; UPDATE t SET a = 'x' WHERE id = '3'")
        try world.exchange()
        try world.write(
            "CREATE TABLE n(id TEXT PRIMARY KEY, a TEXT, c TEXT DEFAULT 'd'); INSERT INTO n SELECT id, a, c FROM t; "
                + "DROP TABLE t; ALTER TABLE n RENAME TO t")
        #expect(try world.captured() == ["t 1: a, c", "t 3: a, c"])
        try world.write("UPDATE t SET a = 'after' WHERE id = '1'")
        #expect(try world.captured() == ["t 1: a"])
    }

    @Test func notesFromBeforeARebuildAreReadByTheNamesOfTheirColumns_CAP11() throws {
        let world = try world()
        try world.write("UPDATE t SET b = 'before' WHERE id = '3'; DELETE FROM t WHERE id = '2'")
        try world.write(
            "\(Self.rebuild) INSERT INTO t_new(id, a, b, c) SELECT id, a, b, c FROM t; DROP TABLE t; "
                + "ALTER TABLE t_new RENAME TO t;")
        #expect(try world.captured() == ["-t 2", "t 3: b"])
    }

    @Test func whatIsWrittenWhileTheTriggersAreGoneIsFound_CAP10() throws {
        let world = try world()
        try dropTriggers(world)
        try world.write(
            "UPDATE t SET a = 'x' WHERE id = '1'; DELETE FROM t WHERE id = '2'; INSERT INTO t(id) VALUES ('4')")
        #expect(try world.captured() == ["+t 4", "-t 2", "t 1: a, b, c"])
        #expect(try world.author.changesets().last?.head.note == "found by doctor")
        try world.exchange()
        #expect(try world.seen("SELECT id, a FROM t ORDER BY id") == ["1|x", "3|a3", "4|"])
        try world.write("UPDATE t SET b = 'again' WHERE id = '1'")
        #expect(try world.captured() == ["t 1: b"], "the triggers are back")
    }

    @Test func whatTheTriggersSawOfARowDoesNotHideWhatTheyDidNot_CAP10() throws {
        let world = try world()
        try world.write("UPDATE t SET a = 'seen'; INSERT INTO t(id) VALUES ('5')")
        try dropTriggers(world)
        try world.write("UPDATE t SET b = 'unseen' WHERE id = '1'; DELETE FROM t WHERE id IN ('2', '5')")
        #expect(try world.captured() == ["-t 2", "t 1: a, b, c", "t 3: a"])
        try world.exchange()
        #expect(try world.seen("SELECT id, a, b FROM t ORDER BY id") == ["1|seen|unseen", "3|seen|b3"])
    }

    @Test func aRowRemovedUnseenAndEnteredAgainIsWrittenWhole_CAP10() throws {
        let world = try world()
        try dropTriggers(world)
        try world.write("DELETE FROM t WHERE id IN ('1', '2')")
        try world.author.migrate(running: "")
        try world.write("INSERT INTO t(id, a) VALUES ('1', 'back')")
        try world.exchange()
        #expect(try world.seen("SELECT id, a FROM t ORDER BY id") == ["1|back", "3|a3"])
    }

    @Test func aTableMadeByAnotherProgramIsWatchedOrStaysLocalAndStopsNothing_CAP14() throws {
        let world = try world()
        try world.write(
            "CREATE TABLE log(id INTEGER PRIMARY KEY, line); INSERT INTO log(line) VALUES ('x'); "
                + "CREATE TABLE extra(id TEXT PRIMARY KEY, v); INSERT INTO extra VALUES ('e', 1); "
                + "UPDATE t SET a = 'x' WHERE id = '1'")
        #expect(try world.captured() == ["+extra e", "t 1: a"])
        let again = try Replica.open(at: world.author.path)
        #expect(again.schema().tables.map(\.name) == ["extra", "t"])
        for replica in [world.other, world.hub.replica] {
            try replica.migrate(running: "CREATE TABLE extra(id TEXT PRIMARY KEY, v)")
        }
        try world.exchange()
        #expect(try world.seen("SELECT v FROM extra") == ["1"])
    }

    @Test func aTableOfAProgramThatIsMadeAgainAsWhatCannotBeSyncedStopsNothing_CAP14() throws {
        let world = try world()
        try world.write("CREATE TABLE extra(id TEXT PRIMARY KEY, v); INSERT INTO extra VALUES ('e', 1)")
        #expect(try world.captured() == ["+extra e"])
        try world.write(
            "DROP TABLE extra; CREATE TABLE extra(id INTEGER PRIMARY KEY, v); INSERT INTO extra VALUES (1, 1); "
                + "UPDATE t SET a = 'x' WHERE id = '1'")
        #expect(try world.captured() == ["t 1: a"])
        #expect(try Replica.open(at: world.author.path).schema().tables.map(\.name) == ["t"])
        // Of what the schema makes everybody must be told that it cannot go on so.
        try world.write("DROP TABLE t; CREATE TABLE t(id INTEGER PRIMARY KEY, a)")
        #expect(throws: (any Error).self) { try world.author.seal() }
    }

    @Test func aTableDroppedAndMadeAgainTakesNewRows_CAP14() throws {
        let world = try world()
        try world.write("UPDATE t SET a = 'x'; DELETE FROM t WHERE id = '1'")
        try world.write("DROP TABLE t")
        try world.author.seal()
        try world.write(Self.ddl + "INSERT INTO t(id, a) VALUES ('1', 'n')")
        try world.author.seal()
        #expect(try world.write("INSERT INTO t(id, a) VALUES ('9', 'n'); DELETE FROM t WHERE id = '9'") == "")
        #expect(try world.write("UPDATE t SET a = 'm' WHERE id = '1'; DELETE FROM t WHERE id = '1'") == "")
    }

    @Test func aMigrationThatChangesRowsIsCaptured_CAP11() throws {
        let world = try world()
        try world.author.migrate(running: "ALTER TABLE t ADD COLUMN e TEXT; UPDATE t SET e = a || b WHERE id < '3'")
        for replica in [world.other, world.hub.replica] {
            try replica.migrate(running: "ALTER TABLE t ADD COLUMN e TEXT")
        }
        try world.exchange()
        #expect(try world.seen("SELECT e FROM t ORDER BY id") == ["a1b1", "a2b2", ""])
    }

    @Test func aWideTableMayGetOneColumnMore_CAP11_CAP12() throws {
        let columns = (1...1995).map { "c\($0)" }.joined(separator: ", ")
        let world = try CaptureWorld("CREATE TABLE w(id TEXT PRIMARY KEY, \(columns));")
        try world.write("INSERT INTO w(id, c7) VALUES ('a', 'x')")
        #expect(try world.captured() == ["+w a"])
        try world.write("ALTER TABLE w ADD COLUMN d; ALTER TABLE w ADD COLUMN e; ALTER TABLE w ADD COLUMN f")
        #expect(try world.captured() == [])
        try world.write("UPDATE w SET c9 = 'y'")
        #expect(try world.captured() == ["w a: c9"])
    }
}
