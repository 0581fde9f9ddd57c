import Satchel
import Testing

/// REPLACE deletes rows that no delete trigger sees; each of these deletions is captured (CAP-5).
@Suite struct CaptureReplaceTests {
    private func world(_ ddl: String, _ rows: String) throws -> CaptureWorld {
        let world = try CaptureWorld(ddl)
        try world.write(rows)
        try world.exchange()
        return world
    }

    private func clients() throws -> CaptureWorld {
        try world(
            """
            CREATE TABLE client(id TEXT PRIMARY KEY, code TEXT UNIQUE, mail TEXT COLLATE NOCASE, note TEXT);
            CREATE UNIQUE INDEX by_mail ON client(mail);
            """,
            """
            INSERT INTO client VALUES ('a', '1', 'anna@x', 'old'), ('b', '2', 'bo@x', 'old'), ('c', '3', 'ci@x', 'old');
            """)
    }

    @Test(arguments: CaptureWriter.present)
    func replaceOfTheSameKeyIsAnEditOfWhatDiffers_CAP5(writer: CaptureWriter) throws {
        let world = try clients()
        try world.write(by: writer, "INSERT OR REPLACE INTO client VALUES ('a', '1', 'anna@x', 'new');")
        #expect(try world.captured() == ["client a: note"])
        try world.write(by: writer, "REPLACE INTO client VALUES ('a', '1', 'anna@x', 'new');")
        #expect(try world.captured() == [])
        try world.exchange()
    }

    @Test(arguments: CaptureWriter.present)
    func replaceThroughAnotherUniqueColumnDeletesTheOtherRow_CAP5(writer: CaptureWriter) throws {
        let world = try clients()
        try world.write(by: writer, "INSERT OR REPLACE INTO client VALUES ('d', '2', 'ANNA@X', 'new');")
        #expect(try world.captured() == ["+client d", "-client a", "-client b"])
        try world.exchange()
        #expect(try world.seen("SELECT id FROM client ORDER BY id") == ["c", "d"])
    }

    @Test(arguments: CaptureWriter.present)
    func updateOrReplaceDeletesTheOtherRow_CAP5(writer: CaptureWriter) throws {
        let world = try clients()
        try world.write(by: writer, "UPDATE OR REPLACE client SET code = '1' WHERE id = 'c';")
        #expect(try world.captured() == ["-client a", "client c: code"])
        try world.write(by: writer, "UPDATE OR REPLACE client SET id = 'b' WHERE id = 'c';")
        #expect(try world.captured() == ["-client c", "client b: code, mail"])
        try world.exchange()
        #expect(try world.seen("SELECT * FROM client") == ["b|1|ci@x|old"])
    }

    @Test func rowsThatMerelyShareValuesUnderAPartialIndexAreLeftAlone_CAP5() throws {
        let world = try world(
            """
            CREATE TABLE task(id TEXT PRIMARY KEY, owner TEXT, open INTEGER);
            CREATE UNIQUE INDEX one_open ON task(owner) WHERE open;
            """,
            "INSERT INTO task VALUES ('1', 'o', 0), ('2', 'o', 0), ('3', 'o', 1);")
        #expect(try world.write("INSERT INTO task VALUES ('4', 'o', 0)") == "")
        #expect(try world.captured() == ["+task 4"])
        try world.write("INSERT OR REPLACE INTO task VALUES ('5', 'o', 1)")
        #expect(try world.captured() == ["+task 5", "-task 3"])
        try world.exchange()
        #expect(try world.seen("SELECT id FROM task ORDER BY id") == ["1", "2", "4", "5"])
    }

    @Test func replaceThroughTheBareRowidDeletesTheOtherRow_CAP5() throws {
        let world = try world(
            "CREATE TABLE t(id TEXT PRIMARY KEY, v);", "INSERT INTO t(rowid, id, v) VALUES (7, 'a', 1), (8, 'b', 2);")
        try world.write("INSERT OR REPLACE INTO t(rowid, id, v) VALUES (7, 'c', 3)")
        #expect(try world.captured() == ["+t c", "-t a"])
        try world.exchange()
        #expect(try world.seen("SELECT id FROM t ORDER BY id") == ["b", "c"])
    }

    @Test func replaceInATableWithoutRowidAndACompositeUnique_CAP5() throws {
        let world = try world(
            "CREATE TABLE t(a TEXT, b TEXT, c TEXT, d TEXT, PRIMARY KEY(a, b), UNIQUE(c, d)) WITHOUT ROWID;",
            "INSERT INTO t VALUES ('1', '1', 'x', 'y'), ('2', '2', 'x', 'z'), ('3', '3', NULL, 'y');")
        try world.write("REPLACE INTO t VALUES ('4', '4', 'x', 'z'), ('3', '3', NULL, 'y')")
        #expect(try world.captured() == ["+t 4,4", "-t 2,2"])
        try world.exchange()
    }

    @Test func replaceByATableThatSaysSoItself_CAP5() throws {
        let world = try world(
            "CREATE TABLE t(id TEXT PRIMARY KEY ON CONFLICT REPLACE, u TEXT UNIQUE ON CONFLICT REPLACE, v);",
            "INSERT INTO t VALUES ('a', 'x', 1), ('b', 'y', 2);")
        try world.write("INSERT INTO t VALUES ('a', 'y', 3)")
        #expect(try world.captured() == ["-t b", "t a: u, v"])
        try world.exchange()
        #expect(try world.seen("SELECT * FROM t") == ["a|y|3"])
    }

    @Test func withRecursiveTriggersTheDeletionIsNotedTwiceAndCapturedOnce_CAP5() throws {
        let world = try clients()
        try world.write("PRAGMA recursive_triggers = ON; REPLACE INTO client VALUES ('d', '2', 'd@x', 'new')")
        #expect(try world.captured() == ["+client d", "-client b"])
        try world.exchange()
    }

    @Test func aRowThatComesIntoAPartialIndexReplacesAnother_CAP5() throws {
        let world = try CaptureWorld(
            "CREATE TABLE task(id TEXT PRIMARY KEY, owner TEXT, open INTEGER); "
                + "CREATE UNIQUE INDEX one_open ON task(owner) WHERE open;")
        try world.write("INSERT INTO task VALUES ('1', 'o', 0), ('2', 'o', 1)")
        try world.exchange()
        try world.write("UPDATE OR REPLACE task SET open = 1 WHERE id = '1'")
        #expect(try world.own("SELECT id FROM task") == ["1"])
        #expect(try world.captured() == ["-task 2", "task 1: open"])
        try world.exchange()
        #expect(try world.seen("SELECT id FROM task") == ["1"])
        #expect(try world.other.setAside().isEmpty)
        try world.write("UPDATE task SET open = 0")
        try world.exchange()
        #expect(try world.seen("SELECT id FROM task") == world.own("SELECT id FROM task"))
    }

    @Test func aDefaultThatReplacePutsInTheirPlaceReplacesAnother_CAP5() throws {
        let world = try CaptureWorld(
            "CREATE TABLE u(id TEXT PRIMARY KEY, slot INTEGER NOT NULL DEFAULT 0 UNIQUE, v);")
        try world.write("INSERT INTO u VALUES ('a', 0, 'of a')")
        try world.exchange()
        try world.write("INSERT OR REPLACE INTO u VALUES ('b', NULL, 'of b')")
        #expect(try world.own("SELECT * FROM u") == ["b|0|of b"])
        #expect(try world.captured() == ["+u b", "-u a"])
        try world.exchange()
    }

    @Test func aNullThatAnUpdateOrReplaceTurnsIntoTheDefaultReplacesAnother_CAP5() throws {
        let world = try CaptureWorld(
            "CREATE TABLE u(id TEXT PRIMARY KEY, slot INTEGER NOT NULL DEFAULT 0 UNIQUE, v);")
        try world.write("INSERT INTO u VALUES ('a', 0, 'of a'), ('b', 1, 'of b')")
        try world.exchange()
        try world.write("UPDATE OR REPLACE u SET slot = NULL WHERE id = 'b'")
        #expect(try world.own("SELECT * FROM u") == ["b|0|of b"])
        #expect(try world.captured() == ["-u a", "u b: slot"])
        try world.exchange()
    }

    @Test func keysThatDifferInCaseOnlyPushOneAnother_CAP5_CAP7() throws {
        let world = try CaptureWorld(
            "CREATE TABLE u(id TEXT COLLATE NOCASE NOT NULL, code TEXT UNIQUE, PRIMARY KEY(id COLLATE BINARY));")
        try world.write("INSERT INTO u VALUES ('a', '1'), ('A', '2')")
        try world.exchange()
        try world.write("UPDATE OR REPLACE u SET code = '1' WHERE id COLLATE BINARY = 'A'")
        #expect(try world.own("SELECT * FROM u") == ["A|1"])
        #expect(try world.captured() == ["-u a", "u A: code"])
        try world.exchange()
        try world.write("UPDATE u SET code = '3' WHERE id COLLATE BINARY = 'A'")
        try world.exchange()
        #expect(try world.seen("SELECT id FROM u") == world.own("SELECT id FROM u"))
    }

    @Test func rowsThatAPartialIndexGivesNoPlaceThreatenNobody_CAP5() throws {
        let world = try CaptureWorld(
            "CREATE TABLE task(id TEXT PRIMARY KEY, owner TEXT, open INTEGER, note TEXT); "
                + "CREATE UNIQUE INDEX one ON task(owner) WHERE open;")
        try world.write(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
                + "INSERT INTO task SELECT i, 'o', 0, 'done' FROM n")
        let notes = try world.own("SELECT count(*) FROM satchel_journal")
        #expect(notes == ["500"], "notes for 500 rows entered")
        try world.exchange()
    }

    @Test func aRowThatIsOnlyEnteredIsNotReplacedUnderAPartialIndex_CAP17() throws {
        let world = try CaptureWorld(
            "-- satchel: appendOnly log\nCREATE TABLE log(id TEXT PRIMARY KEY, owner TEXT, open INTEGER); "
                + "CREATE UNIQUE INDEX one ON log(owner) WHERE open;")
        try world.write("INSERT INTO log VALUES ('first', 'o', 1)")
        for index in 0..<20 { try world.write("INSERT INTO log VALUES ('\(index)', 'o', 0)") }
        try world.exchange()
        #expect(try world.write("INSERT OR REPLACE INTO log VALUES ('new', 'o', 1)").contains("never changed"))
        #expect(try world.own("SELECT id FROM log WHERE open") == ["first"])
        try world.exchange()
    }

    @Test func whatIsSetOnceIsNotReplacedBesideAPartialIndex_CAP17() throws {
        let world = try CaptureWorld(
            "-- satchel: policy t.number immutable\n"
                + "CREATE TABLE t(id TEXT PRIMARY KEY, owner TEXT, open INTEGER, number TEXT); "
                + "CREATE UNIQUE INDEX one ON t(owner) WHERE open;")
        try world.write("INSERT INTO t VALUES ('first', 'o', 1, '2026-7')")
        for index in 0..<20 { try world.write("INSERT INTO t VALUES ('\(index)', 'o', 0, NULL)") }
        try world.exchange()
        let words = try world.write("INSERT OR REPLACE INTO t VALUES ('first', 'o', 1, '2026-8')")
        #expect(words.contains("set once"))
        #expect(try world.own("SELECT number FROM t WHERE open") == ["2026-7"])
    }

    private func setOnce() throws -> CaptureWorld {
        let world = try CaptureWorld(
            """
            -- satchel: policy t.number immutable
            -- satchel: appendOnly log
            CREATE TABLE t(id TEXT PRIMARY KEY, number TEXT, note TEXT);
            CREATE TABLE log(id TEXT PRIMARY KEY, receipt TEXT UNIQUE, what TEXT);
            CREATE TABLE place(id TEXT PRIMARY KEY, n INTEGER);
            CREATE TRIGGER down BEFORE INSERT ON t BEGIN UPDATE place SET n = n + 1; END;
            CREATE TRIGGER down_too BEFORE INSERT ON log BEGIN UPDATE place SET n = n + 1; END;
            CREATE TRIGGER down_with_key BEFORE UPDATE ON t BEGIN UPDATE place SET n = n + 1; END;
            """)
        try world.write(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO place SELECT i, i FROM n;
            INSERT INTO t VALUES ('x', 'N1', 'a'), ('y', 'N2', 'b'), ('z', 'N1', 'c'), ('n', NULL, 'd');
            INSERT INTO log VALUES ('1', 'R1', 'said yes'), ('2', 'R2', 'said no');
            """)
        try world.exchange()
        return world
    }

    @Test(
        arguments: CaptureWriter.present,
        [
            ("REPLACE INTO t VALUES ('x', 'N2', 'a')", "set once"),
            ("UPDATE OR REPLACE t SET id = 'x' WHERE id = 'y'", "set once"),
            ("INSERT OR REPLACE INTO t SELECT 'x', number, note FROM t WHERE id = 'y'", "set once"),
            ("REPLACE INTO log VALUES ('1', 'R1', 'said no')", "never changed"),
            ("REPLACE INTO log VALUES ('3', 'R1', 'said no')", "never changed"),
            ("PRAGMA recursive_triggers = 1; REPLACE INTO t VALUES ('x', 'N2', 'a')", "set once"),
            ("PRAGMA recursive_triggers = 1; REPLACE INTO log VALUES ('1', 'R1', 'said yes')", "never changed"),
        ]) func whateverIsWrittenBetweenNothingThatIsSetOnceIsReplaced_CAP17(
            writer: CaptureWriter, statement: (sql: String, words: String)
        ) throws
    {
        let world = try setOnce()
        #expect(try world.write(by: writer, statement.sql + ";").contains(statement.words))
        #expect(try world.own("SELECT ifnull(number, '-') FROM t ORDER BY id") == ["-", "N1", "N2", "N1"])
        #expect(try world.own("SELECT what FROM log ORDER BY id") == ["said yes", "said no"])
        try world.exchange()
    }

    @Test(
        arguments: [
            "REPLACE INTO t VALUES ('x', 'N1', 'new')", "REPLACE INTO log VALUES ('1', 'R1', 'said yes')",
            "REPLACE INTO t VALUES ('n', 'N7', 'd')", "UPDATE OR REPLACE t SET id = 'x' WHERE id = 'z'",
            "REPLACE INTO t VALUES ('x', 'N1', 'new'), ('x', 'N1', 'newer')",
            "INSERT INTO t VALUES ('x', 'N9', 'e') ON CONFLICT (id) DO UPDATE SET note = excluded.note",
            // Another life of it, whatever threatened the one before.
            """
            INSERT OR IGNORE INTO t VALUES ('x', 'N8', 'e'); DELETE FROM t WHERE id = 'x';
            INSERT INTO t VALUES ('x', 'N9', 'e')
            """,
            """
            UPDATE OR IGNORE t SET id = 'x' WHERE id = 'y'; DELETE FROM t WHERE id = 'x';
            UPDATE t SET id = 'x' WHERE id = 'y'
            """,
            """
            INSERT OR IGNORE INTO t VALUES ('x', 'N8', 'e'); UPDATE OR IGNORE t SET id = 'x' WHERE id = 'y';
            DELETE FROM t WHERE id = 'x'; UPDATE OR REPLACE t SET id = 'x' WHERE id = 'y'
            """,
        ]) func whatChangesNothingThatIsSetOnceIsTaken_CAP17(sql: String) throws
    {
        let world = try setOnce()
        #expect(try world.write(sql) == "")
        try world.exchange()
    }

    @Test func aKeyThatTheColumnTakesForEqualRewritesNoLog_CAP17() throws {
        let world = try CaptureWorld(
            "-- satchel: appendOnly log\nCREATE TABLE log(id TEXT PRIMARY KEY COLLATE NOCASE, what TEXT);")
        try world.write("INSERT INTO log VALUES ('a', 'x')")
        try world.exchange()
        #expect(try world.write("REPLACE INTO log VALUES ('A', 'x')").contains("never changed"))
        #expect(try world.own("SELECT id FROM log") == ["a"])
    }

    /// A table that comes to it by a migration has old notes, and the place for what threatens in them.
    @Test func whatIsSetOnceSinceAMigrationIsNotReplaced_CAP17() throws {
        func schema(_ version: Int, _ more: String = "") -> String {
            "-- satchel: version \(version)\n\(more)CREATE TABLE t(id TEXT PRIMARY KEY, number TEXT);"
        }
        let world = try CaptureWorld(schema(1))
        try world.write("INSERT INTO t VALUES ('x', 'N1'), ('y', 'N2')")
        try world.exchange()
        try world.write("INSERT INTO t VALUES ('z', 'N1')")
        try world.author.migrate(to: schema(2, "-- satchel: policy t.number immutable\n"))
        for sql in ["REPLACE INTO t VALUES ('x', 'N2')", "UPDATE OR REPLACE t SET id = 'x' WHERE id = 'y'"] {
            #expect(try world.write(sql).contains("set once"), "\(sql)")
        }
        #expect(try world.write("UPDATE OR REPLACE t SET id = 'x' WHERE id = 'z'") == "")
        #expect(try world.own("SELECT id || number FROM t ORDER BY id") == ["xN1", "yN2"])
    }

    /// What SQLite computes changes with columns that the condition does not name.
    @Test func aRowThatComesIntoAPartialIndexByAGeneratedColumnReplacesAnother_CAP5() throws {
        let world = try world(
            """
            CREATE TABLE task(id TEXT PRIMARY KEY, owner TEXT, done TEXT, open INTEGER AS (done IS NULL));
            CREATE UNIQUE INDEX one_open ON task(owner) WHERE open = 1 /* still */ AND task.owner <> '';
            """,
            "INSERT INTO task(id, owner, done) VALUES ('1', 'o', 'May'), ('2', 'o', NULL)")
        try world.write("UPDATE OR REPLACE task SET done = NULL WHERE id = '1'")
        #expect(try world.captured() == ["-task 2", "task 1: done"])
        try world.exchange()
        #expect(try world.seen("SELECT id FROM task") == ["1"])
    }

    @Test(arguments: ["\"open\"", "('open')", "('op' || 'en')"])
    func aDefaultInWhateverWordsReplacesAnother_CAP5(words: String) throws {
        let world = try world(
            "CREATE TABLE u(id TEXT PRIMARY KEY, state TEXT NOT NULL DEFAULT \(words) UNIQUE);",
            "INSERT INTO u VALUES ('a', 'open')")
        try world.write("INSERT OR REPLACE INTO u VALUES ('b', NULL)")
        #expect(try world.own("SELECT * FROM u") == ["b|open"])
        #expect(try world.captured() == ["+u b", "-u a"])
        try world.exchange()
    }
}
