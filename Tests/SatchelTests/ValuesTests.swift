import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelTesting
import Testing

/// Every value that SQLite can store comes through every road as it is, in type and in bytes (CAP-13).
@Suite final class ValuesTests {
    private let folder = NSTemporaryDirectory() + "satchel-values-" + UUID().uuidString
    private let hub: Hub
    /// Writes; gets what the hub has by a reply, by a snapshot, from the other by hand.
    private let author: Replica, byReply: Replica, bySide: Replica
    private var lates = 0

    static let schema = """
        CREATE TABLE v(
          id INTEGER PRIMARY KEY, plain, n NUMERIC, r REAL, i INTEGER, x TEXT, b BLOB, c TEXT COLLATE NOCASE);
        -- satchel: stable v
        CREATE TABLE k(a TEXT, b, PRIMARY KEY (a, b)) WITHOUT ROWID;
        CREATE TABLE s(id TEXT PRIMARY KEY, i INT, r REAL, x TEXT, b BLOB, a ANY) STRICT;
        """
    private static let columns = ["plain", "n", "r", "i", "x", "b", "c"]

    init() throws {
        hub = try Hub.create(at: folder + "/hub", schema: Self.schema)
        let devices = try ["author", "reply", "side"].map { [hub, folder] in
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        (author, byReply, bySide) = (devices[0], devices[1], devices[2])
        for replica in devices { try sync(replica) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static let edges: [DatabaseValue] = {
        let numbers: [Int64] = [
            .min, .min + 1, -1 << 53, -1, 0, 1, 127, 128, 32767, 32768, 1 << 31, 1 << 47, 1 << 53, (1 << 53) + 1,
            .max - 1,
            .max,
        ]
        let reals: [Double] = [
            0, 1, -1, 0.1, 1.5, -2.5e-300, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
            .leastNormalMagnitude, .leastNormalMagnitude.nextDown, .greatestFiniteMagnitude, 0x1p53, 0x1p53 + 2, 0x1p63,
            -0x1p63, 0x1p63.nextDown, 1e15, 1e16, 123456789012345.6, .pi,
        ]
        let texts = [
            "", " ", "a", "a ", "A", "1", "1.0", "01", "1e3", "0x10", "NULL", "é", "e\u{301}", "\u{1E9B}\u{323}", "复检",
            "👩\u{200D}💻", "a\0b", "\0", "\u{FEFF}x", "\r\n", "line\u{2028}", "'\"`[]", "\u{10FFFF}", "2024-06-01",
            "2024-06-01T08:30:00Z", "2024-02-30", "123e4567-e89b-12d3-a456-426614174000",
            "123E4567-E89B-12D3-A456-426614174000", String(repeating: "长", count: 5000),
        ]
        let blobs: [[UInt8]] = [
            [], [0], [0, 0], [255], Array("text".utf8), Array("1".utf8), [0xC3, 0x28], Array(0...255),
            [UInt8](repeating: 7, count: 70_000),
        ]
        return [.null] + numbers.map(\.databaseValue) + reals.map(\.databaseValue) + texts.map(\.databaseValue)
            + blobs.map { Data($0).databaseValue }
    }()

    private func sync(_ replica: Replica) throws {
        try replica.pack(to: folder + "/up")
        let report = try hub.merge([folder + "/up"], replies: folder + "/replies")
        #expect(report.failures.isEmpty && report.merged[0].outcome != .refused, "\(report)")
        try replica.apply("\(folder)/replies/\(replica.name).satchel")
    }

    /// By every road: sideways first, then up, then down, and a device that comes new gets a snapshot.
    private func everyRoad(location: SourceLocation = #_sourceLocation) throws {
        try bySide.have(to: folder + "/have")
        try author.pack(for: folder + "/have", to: folder + "/side.satchel")
        try bySide.apply(folder + "/side.satchel")
        let expected = try Self.contents(author)
        #expect(try Self.contents(bySide) == expected, "sideways", sourceLocation: location)
        try sync(author)
        #expect(try Self.contents(hub.replica) == expected, "up", sourceLocation: location)
        try sync(byReply)
        #expect(try Self.contents(byReply) == expected, "by a reply", sourceLocation: location)
        try sync(bySide)
        lates += 1
        let name = "late\(lates)"
        let late = try Replica.create(at: "\(folder)/\(name).db", enrolment: hub.enrol(name: name))
        try sync(late)
        #expect(try Self.contents(late) == expected, "by a snapshot", sourceLocation: location)
        let digests = Set(try [author, bySide, byReply, late].map { try $0.digest() } + [hub.digest()])
        #expect(digests.count == 1, sourceLocation: location)
        #expect(try Self.contents(author) == expected, "the author's own are as they were", sourceLocation: location)
        #expect(try author.seal() == nil, sourceLocation: location)
    }

    /// Type and bytes of everything: text and blobs in hexadecimal, reals by their bits.
    private static func contents(_ replica: Replica) throws -> [String] {
        try replica.read { db in
            try ["v", "k", "s"].flatMap { table in
                try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY 1, 2").map { row in
                    row.databaseValues.map { value in
                        switch value.storage {
                        case .null: "null"
                        case .int64(let number): "\(number)"
                        case .double(let number): "real \(number.bitPattern)"
                        case .string(let text): "text \(Array(text.utf8))"
                        case .blob(let data): "blob \(Array(data))"
                        }
                    }.joined(separator: "|")
                }
            }
        }
    }

    @Test func everyEdgeInEveryColumnComesThroughEveryRoad_CAP13_BND31_BND32_BND33() throws {
        try author.write { db in
            for (row, value) in Self.edges.enumerated() {
                for (place, column) in Self.columns.enumerated() {
                    try db.execute(
                        sql: "INSERT INTO v(id, \(column)) VALUES (?, ?)",
                        arguments: StatementArguments([(row * 10 + place).databaseValue, value]))
                }
            }
        }
        try everyRoad()
        // And as a change of a row that others know, where single values go in columns of their own.
        try author.write { db in
            for (row, value) in Self.edges.reversed().enumerated() {
                for (place, column) in Self.columns.enumerated() {
                    try db.execute(
                        sql: "UPDATE v SET \(column) = ? WHERE id = ?",
                        arguments: StatementArguments([value, (row * 10 + place).databaseValue]))
                }
            }
        }
        try everyRoad()
    }

    @Test func emptyTextNULLAndAnEmptyBlobAreThree_CAP13() throws {
        try author.write { db in
            try db.execute(sql: "INSERT INTO v(id, plain) VALUES (1, ''), (2, NULL), (3, x'')")
        }
        try everyRoad()
        let types = try byReply.read { try String.fetchAll($0, sql: "SELECT typeof(plain) FROM v ORDER BY id") }
        #expect(types == ["text", "null", "blob"])
        for (from, to) in [("''", "x''"), ("x''", "NULL"), ("NULL", "''")] {
            try author.write { try $0.execute(sql: "UPDATE v SET plain = \(from); ") }
            try author.seal()
            try author.write { try $0.execute(sql: "UPDATE v SET plain = \(to)") }
            #expect(try author.seal() != nil, "\(from) to \(to) is a change")
        }
        try everyRoad()
    }

    @Test func composedAndDecomposedAreTwoTextsAndTwoKeys_CAP13() throws {
        try author.write { db in
            try db.execute(sql: "INSERT INTO k VALUES (?, ?), (?, ?)", arguments: ["é", 1, "e\u{301}", 1])
            try db.execute(sql: "INSERT INTO k VALUES ('', ''), (char(0), char(0)), ('a' || char(0), 1), ('a', 1)")
            try db.execute(sql: "INSERT INTO k VALUES ('a', 1.5), ('a', x'31'), ('a', '1'), ('a', 9223372036854775807)")
            try db.execute(sql: "INSERT INTO v(id, x) VALUES (1, ?)", arguments: ["é"])
        }
        try everyRoad()
        try author.write { try $0.execute(sql: "UPDATE v SET x = ?", arguments: ["e\u{301}"]) }
        #expect(try author.seal() != nil)
        try everyRoad()
        #expect(try byReply.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM k") } == 10)
        try author.write { try $0.execute(sql: "DELETE FROM k WHERE a = ?", arguments: ["e\u{301}"]) }
        try everyRoad()
        #expect(try byReply.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM k") } == 9)
    }

    @Test func realsOfAllKindsComeThroughBitByBit_CAP13_BND32() throws {
        var random = SplitMix64(seed: 11)
        try author.write { db in
            for row in 0..<3000 {
                var real = Double(bitPattern: random.next())
                // Every tenth subnormal, every tenth with few digits: those are coded in another way.
                if row % 10 == 0 { real = Double(bitPattern: random.next() & 0x800F_FFFF_FFFF_FFFF) }
                if row % 10 == 1 {
                    real = Double(Int64(truncatingIfNeeded: random.next() % 2_000_000) - 1_000_000) / 1000
                }
                guard !real.isNaN, real != 0 else { continue }
                try db.execute(sql: "INSERT INTO v(id, plain, r) VALUES (?, ?, ?)", arguments: [row, real, real])
            }
        }
        try everyRoad()
        let subnormal = try byReply.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM v WHERE abs(r) < 2.2250738585072014e-308")
        }
        #expect(subnormal ?? 0 > 200, "the test is what it says")
    }

    @Test func strictTablesChangeNoTypeEither_CAP13() throws {
        try author.write { db in
            try db.execute(sql: "INSERT INTO s VALUES ('a', 1, 1, '1', x'31', 1), ('b', 2, 2.0, '', x'', '1')")
            try db.execute(
                sql: "INSERT INTO s VALUES ('c', NULL, 9e999, char(0), NULL, 1.0), ('d', 3, -9e999, NULL, NULL, x'31')")
        }
        try everyRoad()
        try author.write { try $0.execute(sql: "UPDATE s SET a = 1.0 WHERE id = 'a'") }
        #expect(try author.seal() != nil)
        try everyRoad()
    }

    @Test func whatCannotBeStoredIsWhatSQLiteMakesOfIt_CAP13() throws {
        try author.write { db in
            try db.execute(sql: "INSERT INTO v(id, r, plain) VALUES (1, ?, ?)", arguments: [-0.0, Double.nan])
        }
        try everyRoad()
        let row = try byReply.read { try Row.fetchOne($0, sql: "SELECT r, plain FROM v") }
        #expect((row?["r"] as Double?)?.sign == .plus && row?["plain"] == DatabaseValue.null)
    }
}
