import Satchel
import Testing

/// What counts as a change: type and bytes (CAP-4); and what can be stored at all (CAP-13).
@Suite struct CaptureValuesTests {
    static let ddl = """
        CREATE TABLE t(
          id TEXT PRIMARY KEY, plain, n NUMERIC, r REAL, i INTEGER, x TEXT COLLATE NOCASE, b BLOB);
        """

    private func world(_ values: String) throws -> CaptureWorld {
        let world = try CaptureWorld(Self.ddl)
        try world.write("INSERT INTO t(id, plain, n, r, i, x, b) VALUES ('k', \(values))")
        try world.exchange()
        return world
    }

    @Test(arguments: CaptureWriter.present)
    func anotherTypeOrCaseIsAnotherValue_CAP4(writer: CaptureWriter) throws {
        let world = try world("1, 1, 1, 1, 'abc', x'31'")
        try world.write(by: writer, "UPDATE t SET plain = 1.0, n = 1.0, r = 1, i = 1.0, x = 'ABC', b = '1';")
        #expect(try world.captured() == ["t k: plain, x, b"])
        try world.exchange()
        #expect(try world.seen("SELECT typeof(plain), typeof(n), x, typeof(b) FROM t") == ["real|integer|ABC|text"])
    }

    @Test func trailingBlanksAndNumbersInTextAreValues_CAP4() throws {
        let world = try CaptureWorld("CREATE TABLE t(id TEXT PRIMARY KEY, a TEXT COLLATE RTRIM, n NUMERIC, p);")
        try world.write("INSERT INTO t VALUES ('k', 'a', '12', '12')")
        try world.exchange()
        try world.write("UPDATE t SET a = 'a  ', n = '12.0', p = 12")
        #expect(try world.captured() == ["t k: a, p"])
        try world.exchange()
        #expect(try world.seen("SELECT length(a), typeof(p) FROM t") == ["3|integer"])
    }

    @Test func textWithZeroBytesComesThroughWhole_CAP4() throws {
        let world = try world("NULL, NULL, NULL, NULL, 'a' || char(0) || 'b', NULL")
        #expect(try world.seen("SELECT hex(x) FROM t") == ["610062"])
        try world.write("UPDATE t SET x = 'a' || char(0) || 'c'")
        #expect(try world.captured() == ["t k: x"])
        try world.exchange()
        #expect(try world.seen("SELECT hex(x) FROM t") == ["610063"])
    }

    @Test(arguments: CaptureWriter.present)
    func textThatIsNotUTF8ComesThroughByteForByte_CAP4(writer: CaptureWriter) throws {
        let world = try world("NULL, NULL, NULL, NULL, '', x''")
        try world.write(by: writer, "UPDATE t SET x = CAST(x'ff41c0' AS TEXT), plain = CAST(x'e4bd' AS TEXT);")
        #expect(try world.captured() == ["t k: plain, x"])
        try world.exchange()
        #expect(try world.seen("SELECT hex(x), typeof(x), hex(plain) FROM t") == ["FF41C0|text|E4BD"])
        try world.write(by: writer, "UPDATE t SET x = CAST(x'ff41c1' AS TEXT);")
        #expect(try world.captured() == ["t k: x"])
        try world.exchange()
    }

    @Test func theEdgesOfNumbersComeThrough_CAP4() throws {
        let world = try world("9223372036854775807, -9223372036854775808, 9e999, -9223372036854775808, '', x'00ff'")
        #expect(
            try world.seen("SELECT plain, n, r = 9e999, i, hex(b) FROM t")
                == ["9223372036854775807|-9223372036854775808|1|-9223372036854775808|00FF"])
        try world.write(
            "UPDATE t SET plain = 9223372036854775807.0, r = -9e999, i = 9223372036854775807, b = zeroblob(0)")
        #expect(try world.captured() == ["t k: plain, r, i, b"])
        try world.exchange()
        try world.write("UPDATE t SET plain = 9223372036854775806, r = 5e-324, n = 0.1, b = NULL")
        #expect(try world.captured() == ["t k: plain, n, r, b"])
        try world.exchange()
        #expect(try world.seen("SELECT plain, r = 5e-324, n = 0.1, b IS NULL FROM t") == ["9223372036854775806|1|1|1"])
    }

    @Test func negativeZeroAndNaNAreReadAsZeroAndNothing_CAP13() throws {
        guard CaptureWriter.present.contains(.python) else { return }
        let world = try world("0.0, 0, 0.0, 0, '', x''")
        let script = """
            import sqlite3, sys
            connection = sqlite3.connect(sys.argv[1], isolation_level=None)
            connection.execute("UPDATE t SET plain = ?, r = ?, n = ?", (-0.0, -0.0, float("nan")))
            """
        #expect(try world.run("python3", ["-c", script, world.author.path], input: "").errors == "")
        #expect(try world.own("SELECT plain, r FROM t") == ["-0.0|0.0"], "the test is what it says")
        #expect(try world.captured() == ["t k: n"])
        try world.exchange()
        #expect(try world.seen("SELECT plain, r, n IS NULL FROM t") == ["0.0|0.0|1"])
    }

    @Test func aLargeValueComesThroughAndOneTooLargeInAKnownRowStopsTheSealWithItsName_CAP13() throws {
        let world = try world("NULL, NULL, NULL, NULL, '', zeroblob(16777216)")
        #expect(try world.seen("SELECT length(b) FROM t") == ["16777216"])
        try world.write("UPDATE t SET b = zeroblob(16777217)")
        let failure = #expect(throws: (any Error).self) { try world.author.seal() }
        #expect("\(try #require(failure))".contains("column b in table t has 16777217 bytes"))
        #expect(try world.own("SELECT length(b) FROM t") == ["16777217"])
        try world.write("UPDATE t SET b = x'01'")
        #expect(try world.captured() == ["t k: b"])
        try world.exchange()
    }

    @Test func aNewRowWithAValueTooLargeWaitsAndHoldsUpNoOther_CAP13() throws {
        let world = try world("NULL, NULL, NULL, NULL, '', x''")
        try world.write("INSERT INTO t(id, b) VALUES ('large', zeroblob(16777217)), ('small', x'01')")
        #expect(try world.captured() == ["+t small"])
        #expect(try !world.author.status().isAllAtHub)
        try world.write("UPDATE t SET i = 5 WHERE id = 'large'")
        #expect(try world.captured() == [])
        try world.write("UPDATE t SET b = x'02' WHERE id = 'large'")
        #expect(try world.captured() == ["+t large"])
        try world.exchange()
        #expect(try world.seen("SELECT id, i FROM t ORDER BY id") == ["k|", "large|5", "small|"])
    }

    @Test func aNewRowTooLargeAsAWholeWaits_AndAKnownOneStopsTheSeal_CAP13() throws {
        let world = try CaptureWorld("CREATE TABLE w(id TEXT PRIMARY KEY, a, b, c, d, e, f, g, h, i);")
        let blobs = Array(repeating: "zeroblob(16777216)", count: 8).joined(separator: ", ")
        try world.write("INSERT INTO w VALUES ('large', \(blobs), x'01'), ('small', 1, 2, 3, 4, 5, 6, 7, 8, 9)")
        #expect(try world.captured() == ["+w small"])
        try world.write("DELETE FROM w WHERE id = 'large'")
        #expect(try world.captured() == [])
        let all = "abcdefgh".map { "\($0) = zeroblob(16777216)" }.joined(separator: ", ")
        try world.write("UPDATE w SET \(all), i = x'01' WHERE id = 'small'")
        #expect { try world.author.seal() } throws: { "\($0)".contains("a row of table w has 134217734 bytes") }
    }

    @Test(arguments: CaptureWriter.present)
    func strictTablesAreTablesLikeOthers_CAP1(writer: CaptureWriter) throws {
        let world = try CaptureWorld(
            "CREATE TABLE s(id TEXT PRIMARY KEY, i INT, r REAL, b BLOB, a ANY) STRICT;")
        try world.write(by: writer, "INSERT INTO s VALUES ('k', 1, 1, x'01', 1), ('l', 2, 2, x'02', '2');")
        #expect(try world.captured() == ["+s k", "+s l"])
        try world.write(by: writer, "UPDATE s SET a = 1.0, r = 1.0, i = 1.0 WHERE id = 'k';")
        #expect(try world.captured() == ["s k: a"])
        try world.exchange()
        #expect(
            try world.seen("SELECT typeof(a), typeof(r), typeof(i) FROM s ORDER BY id") == [
                "real|real|integer", "text|real|integer",
            ])
    }
}
