internal import GRDB
internal import SatchelModel

/// A data set in which merges decide who has a unique place: UNIQUE over columns that refer to rows which are merged and
/// unmerged, by each policy, and references that share a column.
extension ScriptData {
    package static let places = ScriptData(
        ddl: placesDDL,
        schema: Schema(tables: [
            table("client", key: ["id"], columns: ["id!", "note"], references: []),
            table(
                "plan", key: ["id"], columns: ["id!", "client", "day", "note"],
                references: [(["client"], "client", ["id"], .revive)]),
            table(
                "part", key: ["id"], columns: ["id!", "client", "day"],
                references: [(["client"], "client", ["id"], .cascade)]),
            table(
                "room", key: ["id"], columns: ["id!", "client", "day"],
                references: [(["client"], "client", ["id"], .setNull)]),
            table("site", key: ["firm", "no"], columns: ["firm!", "no!", "note"], references: []),
            table("contact", key: ["firm", "no"], columns: ["firm!", "no!", "note"], references: []),
            table(
                "visit", key: ["id"], columns: ["id!", "firm", "site", "contact", "note"],
                references: [
                    (["firm", "site"], "site", ["firm", "no"], .revive),
                    (["firm", "contact"], "contact", ["firm", "no"], .revive),
                ]),
        ]),
        constraints: NaiveConstraints(
            unique: [
                "plan": [["client", "day"]], "part": [["client", "day"]], "room": [["client", "day"]],
                "visit": [["firm", "site"]],
            ]),
        statement: placesStatement, unenforced: 30, merging: (20, ["client", "site"]))

    private static let placesDDL = """
        CREATE TABLE client (id TEXT PRIMARY KEY NOT NULL, note);
        CREATE TABLE plan (
          id TEXT PRIMARY KEY NOT NULL,
          client TEXT REFERENCES client (id),
          day INTEGER,
          note,
          UNIQUE (client, day)
        );
        -- satchel: reference part (client) cascade
        CREATE TABLE part (
          id TEXT PRIMARY KEY NOT NULL,
          client TEXT REFERENCES client (id) ON DELETE CASCADE,
          day INTEGER,
          UNIQUE (client, day)
        );
        -- satchel: reference room (client) setNull
        CREATE TABLE room (
          id TEXT PRIMARY KEY NOT NULL,
          client TEXT REFERENCES client (id) ON DELETE SET NULL,
          day INTEGER,
          UNIQUE (client, day)
        );
        CREATE TABLE site (firm TEXT NOT NULL, no INTEGER NOT NULL, note, PRIMARY KEY (firm, no));
        CREATE TABLE contact (firm TEXT NOT NULL, no INTEGER NOT NULL, note, PRIMARY KEY (firm, no));
        CREATE TABLE visit (
          id TEXT PRIMARY KEY NOT NULL,
          firm TEXT,
          site INTEGER,
          contact INTEGER,
          note,
          UNIQUE (firm, site),
          FOREIGN KEY (firm, site) REFERENCES site (firm, no),
          FOREIGN KEY (firm, contact) REFERENCES contact (firm, no)
        );
        """

    /// Few clients and mostly one day, so that whoever is merged brings plans together.
    @Sendable private static func placesStatement(_ db: Database, _ random: inout SplitMix64) throws {
        func id(_ letter: String) -> DatabaseValue { "\(letter)\(Int.random(in: 0..<4, using: &random))".databaseValue }
        func orNull(_ value: DatabaseValue) -> DatabaseValue { random.chance(85) ? value : .null }
        func run(_ sql: String, _ arguments: [DatabaseValue]) throws {
            try db.execute(sql: sql, arguments: StatementArguments(arguments))
        }
        let note = Int.random(in: 0..<1000, using: &random).databaseValue
        let day = random.pick([0, 0, 0, 1]).databaseValue
        let client = random.pick(["k0", "k1", "k2"]).databaseValue
        let insert = random.pick(["INSERT OR IGNORE", "INSERT OR IGNORE", "INSERT OR REPLACE"])
        let child = random.pick(["plan", "plan", "part", "room"])
        let firm = random.pick(["x", "y"]).databaseValue
        let (no, other) = (random.pick([1, 2]).databaseValue, random.pick([1, 2, nil]).databaseValue)
        switch Int.random(in: 0..<24, using: &random) {
        case 0: try run("\(insert) INTO client VALUES (?, ?)", [client, note])
        case 1: try run("UPDATE client SET note = ? WHERE id = ?", [note, client])
        case 2: try run("DELETE FROM client WHERE id = ?", [client])
        case 3...11:
            let named = orNull(client)
            if named != .null { try run("INSERT OR IGNORE INTO client VALUES (?, ?)", [named, note]) }
            try run("\(insert) INTO \(child) (id, client, day) VALUES (?, ?, ?)", [id("c"), named, day])
        case 12, 13: try run("UPDATE OR IGNORE \(child) SET client = ? WHERE id = ?", [orNull(client), id("c")])
        case 14: try run("UPDATE OR IGNORE \(child) SET day = ? WHERE id = ?", [day, id("c")])
        case 15: try run("DELETE FROM \(child) WHERE id = ?", [id("c")])
        case 16...19:
            try run("INSERT OR IGNORE INTO site VALUES (?, ?, ?)", [firm, no, note])
            if other != .null { try run("INSERT OR IGNORE INTO contact VALUES (?, ?, ?)", [firm, other, note]) }
            try run("\(insert) INTO visit VALUES (?, ?, ?, ?, ?)", [id("v"), firm, no, other, note])
        case 20: try run("UPDATE OR IGNORE visit SET site = ?, note = ? WHERE id = ?", [orNull(no), note, id("v")])
        case 21: try run("UPDATE OR IGNORE visit SET firm = ?, contact = ? WHERE id = ?", [firm, other, id("v")])
        case 22: try run("DELETE FROM visit WHERE id = ?", [id("v")])
        default: try run("DELETE FROM site WHERE firm = ? AND no = ?", [firm, no])
        }
    }
}
