internal import GRDB
internal import Satchel
internal import SatchelModel

/// A data set that grows over three versions: tables and columns that come and go, a renamed one, one that becomes a
/// counter (`Protocol/versions.md`).
extension ScriptData {
    package static let versions: [ScriptData] = (1...3).map { version in
        ScriptData(
            ddl: texts[version - 1], schema: schema(version),
            statement: { db, random in try statement(version, db, &random) }, unenforced: 10)
    }

    private static let texts = [
        """
        -- satchel: version 1
        CREATE TABLE client (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, phone, old, n INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE contact (id TEXT PRIMARY KEY NOT NULL, client TEXT NOT NULL REFERENCES client (id), note);
        """,
        """
        -- satchel: version 2
        -- satchel: policy client.n counter
        CREATE TABLE client (
          id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, phone, old, n INTEGER NOT NULL DEFAULT 0,
          tier INTEGER NOT NULL DEFAULT 3);
        CREATE TABLE contact (id TEXT PRIMARY KEY NOT NULL, client TEXT NOT NULL REFERENCES client (id), note);
        CREATE TABLE visit (id TEXT PRIMARY KEY NOT NULL, client TEXT REFERENCES client (id), kind TEXT DEFAULT 'call');
        """,
        """
        -- satchel: version 3
        -- satchel: policy client.n counter
        -- satchel: renamed client.mobile from phone
        -- satchel: dropped client.old
        -- satchel: dropped contact
        CREATE TABLE client (
          id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, mobile, n INTEGER NOT NULL DEFAULT 0,
          tier INTEGER NOT NULL DEFAULT 3, email);
        CREATE TABLE visit (
          id TEXT PRIMARY KEY NOT NULL, client TEXT REFERENCES client (id), kind TEXT DEFAULT 'call', note);
        """,
    ]

    /// The same by hand.
    private static func schema(_ version: Int) -> Schema {
        let name = TableSchema.Column(name: "name", notNull: true, defaultSQL: nil)
        let phone = TableSchema.Column(
            name: version < 3 ? "phone" : "mobile", identity: "phone", notNull: false, defaultSQL: nil)
        let n = TableSchema.Column(name: "n", notNull: true, defaultSQL: "0")
        let tier = TableSchema.Column(name: "tier", notNull: true, defaultSQL: "3")
        let kind = TableSchema.Column(name: "kind", notNull: false, defaultSQL: "'call'")
        let columns = [
            [name, phone, plain("old"), n], [name, phone, plain("old"), n, tier],
            [name, phone, n, tier, plain("email")],
        ]
        var tables = [
            table("client", columns[version - 1], parent: nil, policies: version > 1 ? ["n": .counter] : [:])
        ]
        if version < 3 {
            let owner = TableSchema.Column(name: "client", notNull: true, defaultSQL: nil)
            tables.append(table("contact", [owner, plain("note")], parent: "client"))
        }
        if version > 1 {
            tables.append(
                table("visit", [plain("client"), kind] + (version > 2 ? [plain("note")] : []), parent: "client"))
        }
        return Schema(tables: tables)
    }

    private static func plain(_ name: String) -> TableSchema.Column {
        .init(name: name, notNull: false, defaultSQL: nil)
    }

    /// A key `id`, a unit for each other column, and if there is a parent, a reference to it in the first of them.
    private static func table(
        _ name: String, _ columns: [TableSchema.Column], parent: String?, policies: [String: Policy] = [:]
    ) -> TableSchema {
        TableSchema(
            name: name, columns: [.init(name: "id", notNull: true, defaultSQL: nil)] + columns, key: [0],
            units: columns.enumerated().map { place, column in
                .init(name: column.identity, columns: [place + 1], policy: policies[column.name] ?? .review)
            },
            references: parent.map { [.init(columns: [1], parent: $0, parentColumns: ["id"])] } ?? [],
            withoutRowid: false)
    }

    private static func statement(_ version: Int, _ db: Database, _ random: inout SplitMix64) throws {
        func id(_ letter: String) -> DatabaseValue { "\(letter)\(Int.random(in: 0..<3, using: &random))".databaseValue }
        let value = random.pick([.null, .integer(7), .real(1.5), .text(""), .text("复检"), .blob([0, 255])] as [Value])
            .databaseValue
        let number = Int.random(in: -2...4, using: &random).databaseValue
        let name = "n\(Int.random(in: 0..<1000, using: &random))".databaseValue
        let phone = version < 3 ? "phone" : "mobile"
        let insert = random.pick(["INSERT OR IGNORE", "INSERT OR IGNORE", "INSERT OR REPLACE"])
        let known: [(sql: String, arguments: [DatabaseValue])] = [
            ("\(insert) INTO client (id, name, \(phone), n) VALUES (?, ?, ?, ?)", [id("c"), name, value, number]),
            ("\(insert) INTO client (id, name) VALUES (?, ?)", [id("c"), name]),
            ("UPDATE client SET name = ? WHERE id = ?", [name, id("c")]),
            ("UPDATE client SET \(phone) = ? WHERE id = ?", [value, id("c")]),
            ("UPDATE client SET n = n + ? WHERE id = ?", [number, id("c")]),
            ("UPDATE client SET n = ?, name = ? WHERE id = ?", [number, name, id("c")]),
            ("DELETE FROM client WHERE id = ?", [id("c")]),
        ]
        let contacts: [(sql: String, arguments: [DatabaseValue])] = [
            ("UPDATE client SET old = ? WHERE id = ?", [value, id("c")]),
            ("\(insert) INTO contact VALUES (?, ?, ?)", [id("k"), id("c"), value]),
            ("UPDATE contact SET note = ? WHERE id = ?", [value, id("k")]),
            ("DELETE FROM contact WHERE id = ?", [id("k")]),
        ]
        let visits: [(sql: String, arguments: [DatabaseValue])] = [
            ("UPDATE client SET tier = ? WHERE id = ?", [number, id("c")]),
            ("\(insert) INTO visit (id, client) VALUES (?, ?)", [id("v"), id("c")]),
            ("\(insert) INTO visit (id, client, kind) VALUES (?, ?, ?)", [id("v"), id("c"), name]),
            ("UPDATE visit SET client = ? WHERE id = ?", [random.chance(50) ? id("c") : .null, id("v")]),
            ("UPDATE visit SET kind = ? WHERE id = ?", [name, id("v")]),
            ("DELETE FROM visit WHERE id = ?", [id("v")]),
        ]
        let mails: [(sql: String, arguments: [DatabaseValue])] = [
            ("UPDATE client SET email = ? WHERE id = ?", [value, id("c")]),
            ("UPDATE visit SET note = ? WHERE id = ?", [value, id("v")]),
        ]
        let all = known + (version < 3 ? contacts : []) + (version > 1 ? visits : []) + (version > 2 ? mails : [])
        let (sql, arguments) = random.pick(all)
        try db.execute(sql: sql, arguments: StatementArguments(arguments))
    }
}

/// Devices move to a newer schema, each when it comes to it.
extension RandomScript {
    func migrate(_ peer: ScriptPeer) throws {
        guard peer.version < versions.count - 1 else { return }
        try seal(peer)
        let version = Int.random(in: peer.version + 1..<versions.count, using: &random)
        try peer.replica.migrate(to: versions[version].ddl)
        peer.version = version
        let made = try take(peer)
        // The hub tells of the new schema (VER-9).
        let isTelling = peer.isHub && made.allSatisfy(\.rows.isEmpty)
        try require(made.isEmpty || isTelling, "VER-6: \(peer.name) wrote \(made) by moving to version \(version + 1)")
        try check(peer)
    }
}
