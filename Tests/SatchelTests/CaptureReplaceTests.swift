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
}
