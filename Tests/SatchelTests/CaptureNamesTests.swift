import Satchel
import Testing

/// Names and widths that people really use (CAP-1, CAP-12).
@Suite struct CaptureNamesTests {
    @Test(arguments: CaptureWriter.present)
    func chineseNamesNeedNoCare_CAP12(writer: CaptureWriter) throws {
        let world = try CaptureWorld(
            """
            -- satchel: unit 客户.地址 (街道, 城市)
            CREATE TABLE 客户(编号 TEXT PRIMARY KEY, 名称 TEXT, 街道 TEXT, 城市 TEXT);
            CREATE TABLE 走访(编号 TEXT PRIMARY KEY, 客户 TEXT REFERENCES 客户(编号), 备注 TEXT);
            """)
        try world.write(
            by: writer,
            "INSERT INTO 客户 VALUES ('甲', '恒达', '长安街', '北京'); INSERT INTO 走访 VALUES ('一', '甲', '复检');")
        #expect(try world.captured() == ["+客户 甲", "+走访 一"])
        try world.write(by: writer, "UPDATE 客户 SET 城市 = '上海', 名称 = 名称; UPDATE 走访 SET 备注 = '新';")
        #expect(try world.captured() == ["客户 甲: 地址", "走访 一: 备注"])
        try world.exchange()
        #expect(try world.seen("SELECT 城市 FROM 客户") == ["上海"])
    }

    @Test(arguments: CaptureWriter.present)
    func quotesBlanksAndSQLWordsInNamesAreNames_CAP12(writer: CaptureWriter) throws {
        let world = try CaptureWorld(
            """
            CREATE TABLE "a ""b"" c; --"("the key" TEXT PRIMARY KEY, "x""y" TEXT UNIQUE, "select" TEXT, "[z]" TEXT, 'q''q');
            """)
        try world.write(
            by: writer, #"INSERT INTO "a ""b"" c; --" VALUES ('1', 'u', 's', 'z', 'q'), ('2', 'v', '', '', '');"#)
        #expect(try world.captured() == [#"+a "b" c; -- 1"#, #"+a "b" c; -- 2"#])
        try world.write(
            by: writer,
            #"UPDATE OR REPLACE "a ""b"" c; --" SET "x""y" = 'v', "select" = 'S', "[z]" = 'Z', "q'q" = 0 WHERE "the key" = '1';"#
        )
        #expect(try world.captured() == [#"-a "b" c; -- 2"#, ##"a "b" c; -- 1: x"y, select, [z], q'q"##])
        try world.exchange()
    }

    @Test(arguments: ["new", "old", "OLD", "excluded", "satchel", "rowid", "n", "t"])
    func tablesCalledLikeWordsOfTheTriggersWork_CAP12(name: String) throws {
        let world = try CaptureWorld(
            "CREATE TABLE \"\(name)\"(id TEXT PRIMARY KEY, \"new\" TEXT UNIQUE, \"old\" TEXT, rowid TEXT, k1 TEXT);")
        try world.write("INSERT INTO \"\(name)\" VALUES ('1', 'a', 'b', 'c', 'd'), ('2', 'e', 'f', 'g', 'h')")
        #expect(try world.captured() == ["+\(name) 1", "+\(name) 2"])
        try world.write("INSERT INTO \"\(name)\" VALUES ('3', 'x', 'y', 'z', 'w')")
        #expect(try world.author.status().unsealedNotes == 1, "nothing else is suspected")
        try world.write("UPDATE OR REPLACE \"\(name)\" SET \"new\" = 'e', \"old\" = 'B', rowid = 'C' WHERE id = '1'")
        #expect(try world.captured() == ["+\(name) 3", "-\(name) 2", "\(name) 1: new, old, rowid"])
        try world.exchange()
    }

    /// A program makes what looks like a table that is synced, and one whose columns look alike: they stay local.
    @Test func aTableThatLooksLikeAnotherStaysLocalAndStopsNothing_SCH4_CAP14() throws {
        let world = try CaptureWorld("CREATE TABLE \"caf\u{e9}\"(id TEXT PRIMARY KEY, v TEXT);")
        try world.write("INSERT INTO \"caf\u{e9}\" VALUES ('1', 'a')")
        try world.write(
            """
            CREATE TABLE "cafe\u{301}"(id TEXT PRIMARY KEY, v TEXT); INSERT INTO "cafe\u{301}" VALUES ('2', 'b');
            CREATE TABLE two(id TEXT PRIMARY KEY, "caf\u{e9}", "cafe\u{301}"); INSERT INTO two VALUES ('3', 'c', 'd');
            """)
        #expect(try world.captured() == ["+caf\u{e9} 1"])
        try world.exchange()
        #expect(try world.seen("SELECT v FROM \"caf\u{e9}\"") == ["a"])
    }

    @Test(arguments: [600, 2000])
    func wideTablesAreCapturedColumnByColumn_CAP12(columns: Int) throws {
        let names = (1..<columns).map { "c\($0)" }
        let world = try CaptureWorld(
            "CREATE TABLE wide(id TEXT PRIMARY KEY, \(names.joined(separator: ", ")));")
        try world.write("INSERT INTO wide(id, c1, c\(columns - 1)) VALUES ('a', 1, 2), ('b', 3, 4)")
        #expect(try world.captured() == ["+wide a", "+wide b"])
        try world.write("UPDATE wide SET c\(columns - 1) = 5, c2 = c2 WHERE id = 'a'; DELETE FROM wide WHERE id = 'b'")
        #expect(try world.captured() == ["-wide b", "wide a: c\(columns - 1)"])
        try world.exchange()
        #expect(try world.seen("SELECT c1, c\(columns - 1) FROM wide") == ["1|5"])
    }
}
