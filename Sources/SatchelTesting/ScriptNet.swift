internal import GRDB
internal import SatchelModel

/// A data set all of references and constraints: chains and self references of each policy, a composite key, a cycle
/// through two tables, UNIQUE and CHECK that only a merge can break.
extension ScriptData {
    package static let net = ScriptData(
        ddl: netDDL,
        schema: Schema(tables: [
            table(
                "node", key: ["id"], columns: ["id!", "kept", "part", "loose", "note"],
                references: [
                    (["kept"], "node", ["id"], .revive), (["part"], "node", ["id"], .cascade),
                    (["loose"], "node", ["id"], .setNull),
                ]),
            table("place", key: ["a", "b"], columns: ["a!", "b!", "note"], references: []),
            table(
                "stay", key: ["id"], columns: ["id!", "pb", "pa", "floor", "note"],
                references: [(["pb", "pa"], "place", ["b", "a"], .setNull)], unit: ("room", ["pa", "pb", "floor"])),
            table(
                "dept", key: ["id"], columns: ["id!", "boss", "note"],
                references: [(["boss"], "person", ["id"], .revive)]),
            table(
                "person", key: ["id"], columns: ["id!", "dept", "note"],
                references: [(["dept"], "dept", ["id"], .cascade)]),
            table(
                "slot", key: ["id"], columns: ["id!", "code", "tag", "low", "high", "node"],
                references: [(["node"], "node", ["id"], .revive)]),
        ]),
        constraints: NaiveConstraints(
            unique: ["slot": [["code"], ["tag", "low"]]],
            takes: [
                "slot": { row in
                    guard case .integer(let low) = row[3], case .integer(let high) = row[4] else { return true }
                    return low <= high
                },
                "stay": { row in row[1] != .null || row[3] != .integer(3) },
            ]),
        statement: netStatement, unenforced: 50)

    private static let netDDL = """
        -- satchel: reference node (part) cascade
        -- satchel: reference node (loose) setNull
        CREATE TABLE node (
          id TEXT PRIMARY KEY NOT NULL,
          kept TEXT REFERENCES node (id) ON DELETE CASCADE,
          part TEXT REFERENCES node (id) ON DELETE CASCADE,
          loose TEXT REFERENCES node (id) ON DELETE SET NULL,
          note
        );
        CREATE TABLE place (a TEXT NOT NULL, b INTEGER NOT NULL, note, PRIMARY KEY (a, b));
        -- satchel: reference stay (pa, pb) setNull
        -- satchel: unit stay.room (pa, pb, floor)
        CREATE TABLE stay (
          id TEXT PRIMARY KEY NOT NULL,
          pb INTEGER,
          pa TEXT,
          floor INTEGER,
          note,
          CHECK (pb IS NOT NULL OR floor IS NOT 3),
          FOREIGN KEY (pb, pa) REFERENCES place (b, a) ON DELETE SET NULL
        );
        CREATE TABLE dept (id TEXT PRIMARY KEY NOT NULL, boss TEXT REFERENCES person (id), note);
        -- satchel: reference person (dept) cascade
        CREATE TABLE person (id TEXT PRIMARY KEY NOT NULL, dept TEXT REFERENCES dept (id) ON DELETE CASCADE, note);
        CREATE TABLE slot (
          id TEXT PRIMARY KEY NOT NULL,
          code TEXT UNIQUE,
          tag TEXT,
          low INTEGER,
          high INTEGER,
          node TEXT REFERENCES node (id),
          UNIQUE (tag, low),
          CHECK (low <= high)
        );
        """

    /// Columns that end in `!` are NOT NULL; each outside the key and the unit is a unit of its own.
    static func table(
        _ name: String, key: [String], columns: [String],
        references: [(columns: [String], parent: String, parentColumns: [String], policy: ReferencePolicy)],
        unit: (name: String, columns: [String])? = nil
    ) -> TableSchema {
        let names = columns.map { $0.hasSuffix("!") ? String($0.dropLast()) : $0 }
        func indices(_ list: [String]) -> [Int] { list.compactMap { names.firstIndex(of: $0) } }
        let declared =
            unit.map { [TableSchema.Unit(name: $0.name, columns: indices($0.columns), policy: .review)] } ?? []
        return TableSchema(
            name: name,
            columns: zip(names, columns).map { .init(name: $0, notNull: $1.hasSuffix("!"), defaultSQL: nil) },
            key: indices(key),
            units: declared
                + names.filter { !key.contains($0) && !(unit?.columns.contains($0) ?? false) }.map {
                    .init(name: $0, columns: indices([$0]), policy: .review)
                },
            references: references.map {
                .init(
                    columns: indices($0.columns), parent: $0.parent, parentColumns: $0.parentColumns, policy: $0.policy)
            }, withoutRowid: false)
    }

    @Sendable private static func netStatement(_ db: Database, _ random: inout SplitMix64) throws {
        func id(_ letter: String) -> DatabaseValue { "\(letter)\(Int.random(in: 0..<4, using: &random))".databaseValue }
        func orNull(_ value: DatabaseValue) -> DatabaseValue { random.chance(60) ? value : .null }
        let note = Int.random(in: 0..<1000, using: &random).databaseValue
        let number = Int.random(in: 0..<4, using: &random).databaseValue
        let other = Int.random(in: 0..<4, using: &random).databaseValue
        let insert = random.pick(["INSERT OR IGNORE", "INSERT OR IGNORE", "INSERT OR REPLACE"])
        let (a, b) = (random.pick(["x", "y"]).databaseValue, random.pick([1, 2]).databaseValue)
        let (sql, arguments): (String, [DatabaseValue]) =
            switch Int.random(in: 0..<26, using: &random) {
            case 0, 1, 2:
                (
                    "\(insert) INTO node VALUES (?, ?, ?, ?, ?)",
                    [id("n"), orNull(id("n")), random.chance(40) ? id("n") : .null, orNull(id("n")), note]
                )
            case 3: ("UPDATE node SET kept = ? WHERE id = ?", [orNull(id("n")), id("n")])
            case 4: ("UPDATE node SET part = ? WHERE id = ?", [orNull(id("n")), id("n")])
            case 5: ("UPDATE node SET loose = ? WHERE id = ?", [orNull(id("n")), id("n")])
            case 6: ("UPDATE node SET note = ? WHERE id = ?", [note, id("n")])
            case 7, 8: ("DELETE FROM node WHERE id = ?", [id("n")])
            case 9: ("DELETE FROM node WHERE id = ?1 OR kept = ?1 OR part = ?1", [id("n")])
            case 10: ("\(insert) INTO place VALUES (?, ?, ?)", [a, b, note])
            case 11: ("DELETE FROM place WHERE a = ? AND b = ?", [a, b])
            case 12, 13: ("\(insert) INTO stay VALUES (?, ?, ?, ?, ?)", [id("s"), b, a, number, note])
            case 14: ("UPDATE stay SET floor = ? WHERE id = ?", [number, id("s")])
            case 15: ("UPDATE stay SET pa = ?, pb = ? WHERE id = ?", [a, b, id("s")])
            case 16: ("\(insert) INTO dept VALUES (?, ?, ?)", [id("d"), orNull(id("q")), note])
            case 17: ("\(insert) INTO person VALUES (?, ?, ?)", [id("q"), orNull(id("d")), note])
            case 18: ("UPDATE dept SET boss = ? WHERE id = ?", [orNull(id("q")), id("d")])
            case 19: ("DELETE FROM dept WHERE id = ?", [id("d")])
            case 20: ("DELETE FROM person WHERE id = ?", [id("q")])
            case 21, 22:
                (
                    "\(insert) INTO slot VALUES (?, ?, ?, ?, ?, ?)",
                    [id("u"), orNull(a), orNull(b), number, other, orNull(id("n"))]
                )
            case 23: ("UPDATE OR IGNORE slot SET code = ?, tag = ? WHERE id = ?", [orNull(a), orNull(b), id("u")])
            case 24:
                random.chance(50)
                    ? ("UPDATE OR IGNORE slot SET low = ? WHERE id = ?", [number, id("u")])
                    : ("UPDATE OR IGNORE slot SET high = ? WHERE id = ?", [number, id("u")])
            default: ("DELETE FROM slot WHERE id = ?", [id("u")])
            }
        try db.execute(sql: sql, arguments: StatementArguments(arguments))
    }
}
