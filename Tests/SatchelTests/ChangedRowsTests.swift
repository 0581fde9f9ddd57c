import Foundation
import GRDB
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

@testable import Satchel
@testable import SatchelStore

/// Rows that only changed are sealed many at once, from their notes, past what is done for any other row. Nobody may be able to
/// tell: what is sealed, and the clocks that are written, are those of one row after the other (CAP-2, CAP-3, MRG-9).
@Suite struct ChangedRowsTests {
    private static let schema = """
        -- satchel: version 1
        -- satchel: unit client.address (street, city)
        -- satchel: policy client.level max
        -- satchel: policy client.story text
        -- satchel: stable point
        CREATE TABLE client(id TEXT PRIMARY KEY, name, street TEXT, city TEXT, level INTEGER, story TEXT, number TEXT UNIQUE,
            above TEXT REFERENCES client(id));
        CREATE TABLE pair(a TEXT, b INTEGER, note, PRIMARY KEY (b, a)) WITHOUT ROWID;
        CREATE TABLE point(id INTEGER PRIMARY KEY, x REAL, y REAL);
        """
    /// With a column that no row had.
    private static let next = schema.replacingOccurrences(of: "version 1", with: "version 2")
        .replacingOccurrences(of: "y REAL", with: "y REAL, z TEXT DEFAULT 'none'")
    private static let rows = 12

    /// One of two replicas to which the same happens.
    private final class Side {
        let replica: Replica
        let clock = ScriptClock(1_777_914_600_000)
        private let isTogether: Bool
        private var dots = 0
        /// By the id that a text of the two has (MRG-34), which is another on each: the number of its changeset.
        private var texts: [ArraySlice<UInt8>: UInt8] = [:]

        init(_ name: String, _ hub: Hub, _ folder: String, isTogether: Bool) throws {
            replica = try Replica.create(
                at: "\(folder)/\(name).db", enrolment: hub.enrol(name: name), clock: clock, anchors: .none)
            self.isTogether = isTogether
        }

        func migrate() throws { try replica.migrate(to: ChangedRowsTests.next) }

        struct Sealed {
            var changes: [HeldRowName: RowChange] = [:]
            var times: [Timestamp] = []
            /// Of all rows, afterwards.
            var clocks: [String] = []
        }

        /// What is sealed by some statements.
        func seal(_ statements: [String]) throws -> Sealed {
            for sql in statements {
                // It may refer to what it would delete.
                do { try replica.write { try $0.execute(sql: sql) } } catch DatabaseError.SQLITE_CONSTRAINT { continue }
            }
            return try replica.withEngine { engine in
                let store = engine.store
                let dots = try engine.transaction {
                    // With a write based on a view among the notes no row is told apart by what changed.
                    if !isTogether { try store.db.execute("INSERT OR REPLACE INTO satchel_seen VALUES (0, 0, x'')") }
                    return try engine.seal()
                }
                var sealed = Sealed()
                for dot in dots {
                    self.dots += 1
                    for row in 0..<ChangedRowsTests.rows {
                        let id = dot.valueID(in: RowKey([.text("\(row)")]))
                        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: id >> (56 - 8 * UInt64($0))) }
                        texts[bytes[...]] = UInt8(truncatingIfNeeded: self.dots)
                    }
                    let changeset = try #require(try engine.sealed(store.dotID(dot)))
                    sealed.times.append(changeset.head.time)
                    for (row, change) in try engine.changes(of: changeset) {
                        var change = change
                        for write in change.writes.indices {
                            change.writes[write].values = change.writes[write].values.map(plain)
                        }
                        #expect(sealed.changes.updateValue(change, forKey: row) == nil, "\(row) stands in it twice")
                    }
                }
                for layout in store.layouts {
                    try store.forEachRow(layout) { key, values in
                        let select = try store.db.statement(
                            "SELECT dot, mark IS NOT NULL, detail FROM satchel_row WHERE h = ?")
                        select.bind(1, store.rowHash(layout.id, key))
                        defer { select.reset() }
                        guard try select.step() else { return sealed.clocks.append("\(key.display) has none") }
                        sealed.clocks.append(
                            "\(layout.schema.name) \(key.display): \(select.values(0..<3).map(plain)) of \(values)")
                    }
                }
                return sealed
            }
        }

        private func plain(_ value: Value) -> Value {
            guard case .blob(var bytes) = value else { return value }
            for place in 0..<max(0, bytes.count - 7) {
                guard let text = texts[bytes[place..<(place + 8)]] else { continue }
                bytes.replaceSubrange(place..<(place + 8), with: [0, 0, 0, 0, 0, 0, 0, text])
            }
            return .blob(bytes)
        }
    }

    private static func statement(_ random: inout SplitMix64, isNext: Bool) -> String {
        let row = Int.random(in: 0..<rows, using: &random)
        let text = random.pick(["'a'", "'b'", "NULL", "''", "1.0", "x'00'", "'a' || char(0)"])
        let some = random.pick(["id = '\(row)'", "id < '3'", "1"])
        return switch Int.random(in: 0..<(isNext ? 16 : 14), using: &random) {
        case 0..<3: "UPDATE client SET name = \(text) WHERE \(some)"
        case 3: "UPDATE client SET street = \(text), city = 'c' WHERE \(some)"
        case 4: "UPDATE client SET city = \(text) WHERE \(some)"
        case 5: "UPDATE client SET level = ifnull(level, 0) + \(row - 4), name = name WHERE \(some)"
        case 6: "UPDATE client SET story = 'told ' || \(row) WHERE \(some)"
        case 7: "UPDATE OR IGNORE client SET number = \(text) WHERE \(some)"
        case 8: "UPDATE client SET above = (SELECT max(id) FROM client WHERE id < '\(row)') WHERE id = '\(row)'"
        case 9: "UPDATE pair SET note = \(text) WHERE b = \(row)"
        case 10:
            "UPDATE point SET x = -x, y = \(random.pick(["-0.0", "0.0", "1e308", "0.1", "NULL"])) WHERE id < \(row)"
        case 11: "DELETE FROM client WHERE id = '\(row)' AND above IS NULL"
        case 12: "INSERT OR REPLACE INTO client(id, name) VALUES ('\(row)', \(text))"
        case 14...15: "UPDATE point SET z = \(text) WHERE id < \(row)"
        default: "INSERT OR IGNORE INTO client(id, name, level) VALUES ('\(row)', \(text), \(row))"
        }
    }

    @Test(arguments: 1...40)
    func rowsThatChangedAreSealedAsOneAfterTheOther_CAP2_CAP3_MRG9(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let folder = NSTemporaryDirectory() + "satchel-changed-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hub = try Hub.create(at: folder + "/hub", schema: Self.schema, anchors: .none)
        let sides = try [true, false].map { try Side("\($0)", hub, folder, isTogether: $0) }
        var statements = (0..<Self.rows).flatMap { row in
            [
                "INSERT INTO client(id, name, number, story) VALUES ('\(row)', 'n', '\(row)', 'told')",
                "INSERT INTO pair VALUES ('p', \(row), 'n')", "INSERT INTO point VALUES (\(row), \(row), 0.5)",
            ]
        }
        for round in 0..<10 {
            if round == 5 { for side in sides { try side.migrate() } }
            let made = try sides.map { try $0.seal(statements) }
            let step = Int64.random(in: -90_000...60_000, using: &random)
            for side in sides { side.clock.advance(by: step) }
            #expect(made[0].changes == made[1].changes, "\(statements)")
            // What lies between a note and the seal is real time.
            let apart = zip(made[0].times, made[1].times).map { abs($0.milliseconds - $1.milliseconds) }
            #expect(made[0].times.count == made[1].times.count && apart.allSatisfy { $0 < 20_000 }, "\(apart)")
            #expect(made[0].clocks == made[1].clocks, "\(statements)")
            statements = (0..<Int.random(in: 1...9, using: &random)).map { _ in
                Self.statement(&random, isNext: round > 4)
            }
        }
        for side in sides { #expect(try side.replica.doctor().faults.isEmpty) }
    }
}
