import Testing

/// A row is its key (CAP-6, CAP-7).
@Suite struct CaptureKeysTests {
    private func world(_ ddl: String, _ rows: String) throws -> CaptureWorld {
        let world = try CaptureWorld(ddl)
        try world.write(rows)
        try world.exchange()
        return world
    }

    @Test(arguments: CaptureWriter.present)
    func aChangedKeyIsADeletionAndAnInsert_CAP7(writer: CaptureWriter) throws {
        let world = try world(
            "CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, w TEXT);",
            "INSERT INTO t VALUES ('a', '1', '2'), ('b', '1', '2');")
        try world.write(by: writer, "UPDATE t SET id = 'z', v = '9' WHERE id = 'a';")
        #expect(try world.captured() == ["+t z", "-t a"])
        try world.exchange()
        #expect(try world.seen("SELECT * FROM t ORDER BY id") == ["b|1|2", "z|9|2"])
    }

    @Test func rowsThatTradeTheirKeysAreEdits_CAP7() throws {
        let world = try world(
            "CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);", "INSERT INTO t VALUES ('a', '1'), ('b', '2');")
        try world.write(
            "BEGIN; UPDATE t SET id = '-' WHERE id = 'a'; UPDATE t SET id = 'a' WHERE id = 'b'; "
                + "UPDATE t SET id = 'b' WHERE id = '-'; COMMIT;")
        #expect(try world.captured() == ["t a: v", "t b: v"])
        try world.exchange()
    }

    @Test func compositeKeysAndOneColumnOfThemChanged_CAP7() throws {
        let world = try world(
            "CREATE TABLE t(a TEXT NOT NULL, v TEXT, b INTEGER NOT NULL, PRIMARY KEY(b, a));",
            "INSERT INTO t VALUES ('x', '1', 1), ('x', '2', 2);")
        try world.write("UPDATE t SET b = b + 10 WHERE b = 2; UPDATE t SET v = '3' WHERE b = 1")
        #expect(try world.captured() == ["+t 12,x", "-t 2,x", "t 1,x: v"])
        try world.exchange()
    }

    @Test(arguments: CaptureWriter.present)
    func tablesWithoutRowidAreTablesLikeOthers_CAP1(writer: CaptureWriter) throws {
        let world = try world(
            "CREATE TABLE t(a TEXT, b TEXT, v TEXT, PRIMARY KEY(a, b)) WITHOUT ROWID;",
            "INSERT INTO t VALUES ('1', '1', 'x'), ('2', '2', 'y'), ('3', '3', 'z');")
        try world.write(
            by: writer,
            "UPDATE t SET v = 'X' WHERE a = '1'; DELETE FROM t WHERE a = '2'; UPDATE t SET b = '4' WHERE a = '3';")
        #expect(try world.captured() == ["+t 3,4", "-t 2,2", "-t 3,3", "t 1,1: v"])
        try world.exchange()
    }

    @Test func aRowidUsedAgainIsAnotherRow_CAP6() throws {
        let world = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v);", "INSERT INTO t VALUES ('a', 1);")
        try world.write("DELETE FROM t; INSERT INTO t VALUES ('b', 2)")
        #expect(try world.own("SELECT rowid FROM t") == ["1"])
        #expect(try world.captured() == ["+t b", "-t a"])
        try world.exchange()
    }

    @Test(arguments: CaptureWriter.present)
    func aChangedRowidOfAnIntegerKeyIsAChangedKey_CAP7(writer: CaptureWriter) throws {
        let world = try world(
            "-- satchel: stable t\nCREATE TABLE t(no INTEGER PRIMARY KEY, v TEXT);",
            "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c');")
        try world.write(
            by: writer, "UPDATE t SET rowid = 9 WHERE no = 1; UPDATE OR REPLACE t SET oid = 3 WHERE no = 2;")
        #expect(try world.captured() == ["+t 9", "-t 1", "-t 2", "t 3: v"])
        try world.exchange()
        #expect(try world.seen("SELECT * FROM t ORDER BY no") == ["3|b", "9|a"])
    }

    @Test(arguments: CaptureWriter.present)
    func aNullInAKeyIsRefusedAtTheWrite_CAP6_SCH5(writer: CaptureWriter) throws {
        let world = try world(
            """
            -- satchel: stable number
            CREATE TABLE number(no INTEGER PRIMARY KEY, v);
            CREATE TABLE t(a TEXT, b TEXT, v, PRIMARY KEY(a, b));
            """, "INSERT INTO t VALUES ('1', '1', 1); INSERT INTO number VALUES (0, 'zero');")
        for sql in [
            "INSERT INTO t VALUES ('x', NULL, 1);", "UPDATE t SET a = NULL;", "INSERT OR IGNORE INTO t(v) VALUES (1);",
            "INSERT OR REPLACE INTO t(a, v) VALUES ('y', 1);", "INSERT INTO number(v) VALUES ('who?');",
        ] {
            #expect(try world.write(by: writer, sql).contains("needs a key that is not NULL"), "\(sql)")
        }
        #expect(try world.captured() == [])
        try world.exchange()
        #expect(try world.seen("SELECT count(*) FROM t") == ["1"])
    }

    /// SQLite shows −1 to a trigger too where no number is given.
    @Test(arguments: CaptureWriter.present)
    func theKeyMinusOneIsRefusedInItsOwnWordsAndCanBeGiven_CAP6_SCH5(writer: CaptureWriter) throws {
        let world = try world(
            "-- satchel: stable number\nCREATE TABLE number(no INTEGER PRIMARY KEY, v);",
            "INSERT INTO number VALUES (-2, 'two')")
        for sql in ["INSERT INTO number VALUES (-1, 'unknown');", "INSERT INTO number(v) VALUES ('who?');"] {
            #expect(try world.write(by: writer, sql).contains("-1 looks like none: enter the row under another number"))
        }
        let given = try world.write(
            by: writer, "INSERT INTO number VALUES (-5, 'unknown'); UPDATE number SET no = -1 WHERE no = -5;")
        #expect(given == "")
        #expect(try world.captured() == ["+number -1"])
        try world.exchange()
        #expect(try world.seen("SELECT * FROM number ORDER BY no") == ["-2|two", "-1|unknown"])
    }

    @Test func aKeyThatNoBundleCouldCarryIsRefusedAtTheWrite_CAP13_SCH5() throws {
        let world = try world("CREATE TABLE t(a TEXT, b BLOB, v, PRIMARY KEY(a, b));", "")
        #expect(try world.write("INSERT INTO t VALUES (printf('%01024d', 0), x'', 1)") == "")
        #expect(try world.write("INSERT INTO t VALUES (printf('%01024d', 0), x'00', 1)").contains("at most 1024 bytes"))
        #expect(try world.write("UPDATE t SET b = zeroblob(1)").contains("at most 1024 bytes"))
        try world.exchange()
        #expect(try world.seen("SELECT length(a), length(b) FROM t") == ["1024|0"])
    }

    @Test func keysThatDifferInCaseAreOneRowWhereTheTableSaysSo_CAP7() throws {
        let world = try world(
            "CREATE TABLE t(id TEXT COLLATE NOCASE PRIMARY KEY, v);", "INSERT INTO t VALUES ('abc', 1);")
        try world.write("UPDATE t SET id = 'ABC'")
        #expect(try world.captured() == ["+t ABC", "-t abc"])
        try world.exchange()
        try world.write("INSERT OR REPLACE INTO t VALUES ('aBc', 2)")
        #expect(try world.captured() == ["+t aBc", "-t ABC"])
        try world.exchange()
        #expect(try world.seen("SELECT * FROM t") == ["aBc|2"])
    }

    @Test func keysOfEveryTypeAreDifferentKeys_CAP7() throws {
        let world = try world(
            "CREATE TABLE t(id PRIMARY KEY, v);", "INSERT INTO t VALUES (1, 'i'), ('1', 't'), (x'31', 'b'), (1.5, 'r');"
        )
        try world.write("UPDATE t SET v = v || '!'; UPDATE t SET id = 1.0 WHERE typeof(id) = 'integer'")
        #expect(try world.captured() == ["+t 1.0", "-t 1", "t 1.5: v", "t 1: v", "t x'31': v"])
        try world.exchange()
        #expect(
            try world.seen("SELECT typeof(id), v FROM t ORDER BY v") == ["blob|b!", "real|i!", "real|r!", "text|t!"])
    }
}
