internal import GRDB
internal import Satchel
internal import SatchelModel

/// The data set of those who meet by shared folders: a client with an address that stays together and a number that adds up,
/// and their visits.
enum FoldersScriptSchema: ScriptWriting {
    static let ddl = """
        -- satchel: unit client.address (street, town)
        -- satchel: policy client.visits counter
        CREATE TABLE client(id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, street TEXT, town TEXT,
            visits INTEGER NOT NULL);
        CREATE TABLE visit(id TEXT PRIMARY KEY NOT NULL, client TEXT NOT NULL REFERENCES client(id), note TEXT);
        """

    /// The same, written by hand: the judge does not use the library's reading of the DDL.
    static let schema = Schema(tables: [
        TableSchema(
            name: "client",
            columns: [
                .init(name: "id", notNull: true, defaultSQL: nil), .init(name: "name", notNull: true, defaultSQL: nil),
                .init(name: "street", notNull: false, defaultSQL: nil),
                .init(name: "town", notNull: false, defaultSQL: nil),
                .init(name: "visits", notNull: true, defaultSQL: nil),
            ],
            key: [0],
            units: [
                .init(name: "name", columns: [1], policy: .review),
                .init(name: "address", columns: [2, 3], policy: .review),
                .init(name: "visits", columns: [4], policy: .counter),
            ],
            references: [], withoutRowid: false),
        TableSchema(
            name: "visit",
            columns: [
                .init(name: "id", notNull: true, defaultSQL: nil),
                .init(name: "client", notNull: true, defaultSQL: nil),
                .init(name: "note", notNull: false, defaultSQL: nil),
            ],
            key: [0],
            units: [
                .init(name: "client", columns: [1], policy: .review),
                .init(name: "note", columns: [2], policy: .review),
            ],
            references: [.init(columns: [1], parent: "client", parentColumns: ["id"])], withoutRowid: false),
    ])

    static func statement(_ db: Database, _ random: inout SplitMix64) throws -> String {
        let client = "c\(Int.random(in: 0..<3, using: &random))"
        let visit = "v\(Int.random(in: 0..<4, using: &random))"
        let text = "n\(Int.random(in: 0..<100, using: &random))"
        let number = Int.random(in: 1...5, using: &random)
        let (sql, arguments): (String, [any DatabaseValueConvertible]) =
            switch Int.random(in: 0..<14, using: &random) {
            case 0..<3: ("INSERT OR IGNORE INTO client VALUES (?, ?, ?, 'A', ?)", [client, text, text, number])
            case 3..<6: ("INSERT OR IGNORE INTO visit VALUES (?, ?, ?)", [visit, client, text])
            case 6, 7: ("UPDATE client SET name = ? WHERE id = ?", [text, client])
            case 8: ("UPDATE client SET street = ?, town = 'B' WHERE id = ?", [text, client])
            case 9, 10: ("UPDATE client SET visits = visits + ? WHERE id = ?", [number, client])
            case 11: ("UPDATE visit SET note = ?, client = ? WHERE id = ?", [text, client, visit])
            case 12: ("DELETE FROM client WHERE id = ?", [client])
            default: ("DELETE FROM visit WHERE id = ?", [visit])
            }
        try db.execute(sql: sql, arguments: StatementArguments(arguments))
        return sql + arguments.map { " \($0)" }.joined()
    }
}
