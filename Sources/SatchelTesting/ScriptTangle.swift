internal import GRDB
internal import SatchelModel

/// A data set in which the fate of nearly every row hangs on others': each refers to several, by every policy, few places are
/// wanted by many, what is shown decides who has one, and the knots are merged too. What brings a row back, keeps it, lets it
/// fall and puts it aside changes with nearly every bundle.
extension ScriptData {
    package static let tangle = ScriptData(
        ddl: tangleDDL,
        schema: Schema(tables: [
            table(
                "knot", key: ["id"], columns: ["id!", "kept", "part", "loose", "spot", "note"],
                references: [
                    (["kept"], "knot", ["id"], .revive), (["part"], "knot", ["id"], .cascade),
                    (["loose"], "knot", ["id"], .setNull),
                ]),
            table(
                "tie", key: ["id"], columns: ["id!", "one", "two", "part", "loose", "spot"],
                references: [
                    (["one"], "knot", ["id"], .revive), (["two"], "knot", ["id"], .revive),
                    (["part"], "tie", ["id"], .cascade), (["loose"], "knot", ["id"], .setNull),
                ]),
        ]),
        constraints: NaiveConstraints(
            unique: ["knot": [["spot"]], "tie": [["loose", "spot"]]],
            takes: [
                // One that a hidden reference breaks, and one that it hides.
                "tie": { row in row[4] != .null || row[5] != .integer(2) },
                "knot": { row in row[3] == .null || row[4] != .integer(1) },
            ]),
        statement: tangleStatement, unenforced: 50, merging: (6, ["knot"]))

    private static let tangleDDL = """
        -- satchel: reference knot (part) cascade
        -- satchel: reference knot (loose) setNull
        CREATE TABLE knot (
          id TEXT PRIMARY KEY NOT NULL,
          kept TEXT REFERENCES knot (id),
          part TEXT REFERENCES knot (id) ON DELETE CASCADE,
          loose TEXT REFERENCES knot (id) ON DELETE SET NULL,
          spot INTEGER UNIQUE,
          note,
          CHECK (loose IS NULL OR spot IS NOT 1)
        );
        -- satchel: reference tie (part) cascade
        -- satchel: reference tie (loose) setNull
        CREATE TABLE tie (
          id TEXT PRIMARY KEY NOT NULL,
          one TEXT REFERENCES knot (id),
          two TEXT REFERENCES knot (id),
          part TEXT REFERENCES tie (id) ON DELETE CASCADE,
          loose TEXT REFERENCES knot (id) ON DELETE SET NULL,
          spot INTEGER,
          UNIQUE (loose, spot),
          CHECK (loose IS NOT NULL OR spot IS NOT 2)
        );
        """

    @Sendable private static func tangleStatement(_ db: Database, _ random: inout SplitMix64) throws {
        func knot() -> DatabaseValue { "k\(Int.random(in: 0..<4, using: &random))".databaseValue }
        func tie() -> DatabaseValue { "t\(Int.random(in: 0..<3, using: &random))".databaseValue }
        func orNull(_ value: DatabaseValue) -> DatabaseValue { random.chance(55) ? value : .null }
        func run(_ sql: String, _ arguments: [DatabaseValue]) throws {
            try db.execute(sql: sql, arguments: StatementArguments(arguments))
        }
        let note = Int.random(in: 0..<1000, using: &random).databaseValue
        let spot = orNull(Int.random(in: 0..<3, using: &random).databaseValue)
        let insert = random.pick(["INSERT OR IGNORE", "INSERT OR IGNORE", "INSERT OR REPLACE"])
        switch Int.random(in: 0..<32, using: &random) {
        case 0..<8:
            try run(
                "\(insert) INTO knot VALUES (?, ?, ?, ?, ?, ?)",
                [knot(), orNull(knot()), orNull(knot()), orNull(knot()), spot, note])
        case 8..<14:
            try run(
                "\(insert) INTO tie VALUES (?, ?, ?, ?, ?, ?)",
                [tie(), orNull(knot()), orNull(knot()), orNull(tie()), orNull(knot()), spot])
        case 14..<18:
            let column = random.pick(["kept", "part", "loose"])
            try run("UPDATE knot SET \(column) = ? WHERE id = ?", [orNull(knot()), knot()])
        case 18..<20:
            let column = random.pick(["one", "two", "loose"])
            try run("UPDATE OR IGNORE tie SET \(column) = ? WHERE id = ?", [orNull(knot()), tie()])
        case 20: try run("UPDATE tie SET part = ? WHERE id = ?", [orNull(tie()), tie()])
        case 21: try run("UPDATE OR IGNORE knot SET spot = ? WHERE id = ?", [spot, knot()])
        case 22: try run("UPDATE OR IGNORE tie SET spot = ? WHERE id = ?", [spot, tie()])
        case 23: try run("UPDATE knot SET note = ? WHERE id = ?", [note, knot()])
        case 24..<28: try run("DELETE FROM knot WHERE id = ?", [knot()])
        case 28: try run("DELETE FROM knot WHERE id = ?1 OR kept = ?1 OR part = ?1", [knot()])
        default: try run("DELETE FROM tie WHERE id = ?", [tie()])
        }
    }
}
