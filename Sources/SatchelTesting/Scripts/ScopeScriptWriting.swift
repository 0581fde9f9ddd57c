internal import GRDB
internal import Satchel

/// What people do, through plain SQL.
enum ScopeScriptWriting: ScriptWriting {
    static func statement(_ db: Database, _ random: inout SplitMix64) throws -> String {
        let client = "c\(Int.random(in: 0..<4, using: &random))"
        let other = "c\(Int.random(in: 0..<4, using: &random))"
        let visit = "v\(Int.random(in: 0..<4, using: &random))"
        let plan = "p\(Int.random(in: 0..<2, using: &random))"
        let owner = random.pick(["a", "b", "c"])
        let district = random.pick(["N", "S", nil])
        let note = random.pick(["x", "y"])
        let name = "n\(Int.random(in: 0..<10, using: &random))"
        let (sql, arguments): (String, [(any DatabaseValueConvertible)?]) =
            switch Int.random(in: 0..<14, using: &random) {
            case 0, 1: ("INSERT OR IGNORE INTO client VALUES (?, ?, ?, ?, NULL)", [client, name, owner, district])
            case 2: ("INSERT OR IGNORE INTO client VALUES (?, ?, ?, ?, ?)", [client, name, owner, district, other])
            case 3, 4: ("INSERT OR IGNORE INTO visit VALUES (?, ?, NULL, ?)", [visit, client, note])
            case 5: ("INSERT OR IGNORE INTO visit VALUES (?, ?, ?, ?)", [visit, client, plan, note])
            case 6: ("INSERT OR IGNORE INTO plan VALUES (?, ?)", [plan, note])
            case 7, 8: ("UPDATE client SET owner = ? WHERE id = ?", [owner, client])
            case 9: ("UPDATE client SET district = ?, name = ? WHERE id = ?", [district, name, client])
            case 10: ("UPDATE client SET above = ? WHERE id = ?", [random.chance(60) ? other : nil, client])
            case 11: ("UPDATE visit SET client = ?, note = ? WHERE id = ?", [client, note, visit])
            case 12: ("DELETE FROM client WHERE id = ?", [client])
            default: ("DELETE FROM visit WHERE id = ?", [visit])
            }
        try db.execute(sql: sql, arguments: StatementArguments(arguments))
        return sql + arguments.map { " \($0 ?? "NULL")" }.joined()
    }
}
