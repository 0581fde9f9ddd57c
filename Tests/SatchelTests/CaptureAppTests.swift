import Satchel
import Testing

/// What else an app keeps in its file: triggers of its own, generated columns, local tables (CAP-9, CAP-12).
@Suite struct CaptureAppTests {
    @Test(arguments: CaptureWriter.present)
    func aTriggerOfTheAppRunsOnceAndItsWritesTravelAsData_CAP9_SCH2(writer: CaptureWriter) throws {
        let world = try CaptureWorld(
            """
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, edits INTEGER NOT NULL DEFAULT 0);
            CREATE TABLE audit(id TEXT PRIMARY KEY, what TEXT);
            CREATE TRIGGER count_edits AFTER UPDATE OF name ON client BEGIN
              UPDATE client SET edits = edits + 1 WHERE id = NEW.id;
              INSERT INTO audit VALUES (lower(hex(randomblob(16))), OLD.name || '>' || NEW.name);
            END;
            """)
        try world.write(by: writer, "INSERT INTO client(id, name) VALUES ('a', 'Anna');")
        try world.exchange()
        try world.write(by: writer, "UPDATE client SET name = 'Ann' WHERE id = 'a';")
        let captured = try world.captured()
        #expect(captured.count == 2 && captured.last == "client a: name, edits" && captured[0].hasPrefix("+audit"))
        try world.exchange()
        #expect(try world.seen("SELECT edits FROM client") == ["1"])
        #expect(try world.seen("SELECT what FROM audit") == ["Anna>Ann"])
    }

    @Test(arguments: CaptureWriter.present)
    func generatedColumnsAreNotData_CAP12_SCH7(writer: CaptureWriter) throws {
        let world = try CaptureWorld(
            """
            CREATE TABLE item(
              id TEXT PRIMARY KEY, twice AS (price * 2) VIRTUAL, price INTEGER, sum AS (price + amount) STORED,
              amount INTEGER);
            CREATE INDEX by_sum ON item(sum);
            """)
        try world.write(by: writer, "INSERT INTO item(id, price, amount) VALUES ('a', 2, 3), ('b', 4, 5);")
        try world.exchange()
        try world.write(by: writer, "UPDATE item SET price = 10 WHERE id = 'a'; DELETE FROM item WHERE id = 'b';")
        #expect(try world.captured() == ["-item b", "item a: price"])
        try world.exchange()
        #expect(try world.seen("SELECT id, price, amount, twice, sum FROM item") == ["a|10|3|20|13"])
    }

    @Test(arguments: CaptureWriter.present)
    func tablesWithoutAKeyAndThoseDeclaredLocalStay_CAP12_SCH2(writer: CaptureWriter) throws {
        let world = try CaptureWorld(
            """
            -- satchel: local cache
            CREATE TABLE cache(id INTEGER PRIMARY KEY, v);
            CREATE TABLE scratch(text TEXT);
            CREATE TABLE t(id TEXT PRIMARY KEY, v);
            CREATE VIRTUAL TABLE search USING fts5(text);
            CREATE VIEW seen AS SELECT v FROM t;
            """)
        try world.write(
            by: writer,
            """
            INSERT INTO cache(v) VALUES (1), (2); INSERT INTO scratch VALUES ('here'); INSERT INTO t VALUES ('a', 1);
            INSERT INTO search VALUES ('words to find'); UPDATE cache SET v = 3; DELETE FROM scratch WHERE 0;
            """)
        #expect(try world.captured() == ["+t a"])
        try world.exchange()
        #expect(try world.seen("SELECT (SELECT count(*) FROM cache) + (SELECT count(*) FROM scratch)") == ["0"])
        #expect(try world.own("SELECT count(*) FROM cache") == ["2"])
        #expect(try world.seen("SELECT v FROM seen") == ["1"])
        let local = try world.author.localTables()
        #expect(local.map(\.table) == ["cache", "scratch", "search"] && local.allSatisfy { !$0.reason.isEmpty })
    }

    @Test(arguments: CaptureWriter.present)
    func rowsOfAnOlderDatabaseComeInByOneStatement_CAP1(writer: CaptureWriter) throws {
        let world = try CaptureWorld("CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, note);")
        try world.write(
            by: writer,
            """
            ATTACH '\(world.folder)/older.db' AS older;
            CREATE TABLE older.people(no INTEGER PRIMARY KEY, name TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
              INSERT INTO older.people(name) SELECT 'person ' || i FROM n;
            INSERT INTO client(id, name) SELECT printf('%05d', no), name FROM older.people;
            """)
        #expect(try world.captured().count == 3000)
        try world.exchange()
        #expect(try world.seen("SELECT count(*), max(id), min(name) FROM client") == ["3000|03000|person 1"])
    }

    @Test func aTriggerThatStopsEarlyHidesNoWrite_CAP1() throws {
        let world = try CaptureWorld("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT); CREATE TABLE log(v);")
        try world.write("INSERT INTO t VALUES ('a', 'one'), ('b', 'one'); ")
        try world.exchange()
        try world.write(
            """
            CREATE TRIGGER noted AFTER UPDATE ON t BEGIN
                SELECT RAISE(IGNORE) WHERE OLD.v IS NOT 'urgent'; INSERT INTO log VALUES (NEW.v);
            END;
            CREATE TRIGGER gone AFTER DELETE ON t BEGIN SELECT RAISE(IGNORE); END;
            """)
        #expect(try world.captured() == [])
        try world.write("UPDATE t SET v = 'two' WHERE id = 'a'; DELETE FROM t WHERE id = 'b'")
        #expect(try world.own("SELECT * FROM t") == ["a|two"])
        #expect(try world.captured() == ["-t b", "t a: v"])
        try world.exchange()
    }
}
