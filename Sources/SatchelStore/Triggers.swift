internal import SatchelModel

/// The plain-SQL triggers that note every write of a synced table, whatever program makes it
/// (`Protocol/capture.md`, CAP-1 to CAP-9).
///
/// A note is a suspicion: sealing compares it with the table. Notes go to `satchel_journal` (table, what, time, one
/// old value, key) and, where a whole row goes, to `satchel_old_<table>` under the same number. Neither has a
/// UNIQUE constraint, since the writer's conflict clause overrides any inside a trigger.
struct Triggers {
    let table: TableFacts
    let id: Int64

    /// What the column `u` of the journal says; a positive number is 1 + the index of a changed column.
    enum Note {
        static let inserted: Int64 = 0
        static let deleted: Int64 = -1
        /// A row that a REPLACE may be about to remove.
        static let threatened: Int64 = -2
        /// A row found changed that no trigger had noted: which columns is not known.
        static let found: Int64 = -3
    }

    static func journalSQL(keyColumns: Int) -> String {
        let keys = (1...max(1, keyColumns)).map { "k\($0)" }.joined(separator: ", ")
        return "CREATE TABLE satchel_journal(n INTEGER PRIMARY KEY, t, u, at, v, \(keys))"
    }

    var oldTable: String { "satchel_old_\(id)" }

    var oldTableSQL: String {
        let columns = schema.columns.indices.map { "c\($0)" }.joined(separator: ", ")
        return "CREATE TABLE \(oldTable)(n INTEGER PRIMARY KEY, \(columns))"
    }

    private var schema: TableSchema { table.schema }
    private var name: String { quoted(schema.name) }
    private func column(_ index: Int) -> String { quoted(schema.columns[index].name) }

    /// Milliseconds since 1970. This SQLite has no subseconds in unixepoch().
    private static let now = "CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)"

    private func note(_ u: Int64, row: String, old: String = "NULL") -> String {
        let keys = schema.key.indices.map { "k\($0 + 1)" }.joined(separator: ", ")
        let values = schema.key.map { "\(row).\(column($0))" }.joined(separator: ", ")
        return "INSERT INTO satchel_journal(t, u, at, v, \(keys)) VALUES (\(id), \(u), \(Self.now), \(old), \(values));"
    }

    private func oldRow(_ row: String) -> String {
        let values = schema.columns.indices.map { "\(row).\(column($0))" }.joined(separator: ", ")
        return "INSERT INTO \(oldTable) VALUES (last_insert_rowid(), \(values));"
    }

    /// Notes the row that holds NEW's place in a unique key, if there is one.
    private func threat(where condition: String) -> String {
        let keys = schema.key.indices.map { "k\($0 + 1)" }.joined(separator: ", ")
        let values = schema.key.map(column).joined(separator: ", ")
        let columns = schema.columns.indices.map(column).joined(separator: ", ")
        return """
            INSERT INTO satchel_journal(t, u, at, v, \(keys)) SELECT \(id), \(Note.threatened), \(Self.now), NULL, \
            \(values) FROM \(name) WHERE \(condition);
            INSERT INTO \(oldTable) SELECT last_insert_rowid(), \(columns) FROM \(name) WHERE \(condition);
            """
    }

    private func matches(_ unique: TableFacts.UniqueKey) -> String {
        zip(unique.columns, unique.collations)
            .map { "\(name).\(column($0)) = NEW.\(column($0)) COLLATE \(quoted($1))" }.joined(separator: " AND ")
    }

    private func differs(_ index: Int) -> String {
        let c = column(index)
        let bytes = "OLD.\(c) COLLATE BINARY IS NOT NEW.\(c) COLLATE BINARY"
        return table.ambiguous[index] ? "(\(bytes) OR typeof(OLD.\(c)) <> typeof(NEW.\(c)))" : bytes
    }

    private var keyList: String { schema.key.map(column).joined(separator: ", ") }

    /// Narrows an update trigger to some columns, but not where the rowid is the key: `UPDATE t SET rowid = …`
    /// fires no `UPDATE OF id`.
    private func only(_ columns: [Int]) -> String {
        table.keyIsRowid ? "" : " OF \(columns.map(column).joined(separator: ", "))"
    }

    private var keyDiffers: String { schema.key.map(differs).joined(separator: " OR ") }

    /// Name and text of every trigger of the table.
    var all: [(name: String, sql: String)] {
        var triggers: [(String, String)] = []
        func add(_ suffix: String, _ event: String, when condition: String?, _ body: String) {
            let trigger = "satchel_\(id)_\(suffix)"
            let when = condition.map { " WHEN \($0)" } ?? ""
            triggers.append((trigger, "CREATE TRIGGER \(trigger) \(event) ON \(name)\(when) BEGIN \(body) END"))
        }
        let nullKey = schema.key.map { "NEW.\(column($0)) IS NULL" }.joined(separator: " OR ")
        let refusal = "SELECT RAISE(ABORT, 'satchel: a synced row needs a key that is not NULL');"
        if !table.keyIsRowid, schema.key.contains(where: { !schema.columns[$0].notNull }) {
            add("null_insert", "BEFORE INSERT", when: nullKey, refusal)
            add("null_update", "BEFORE UPDATE OF \(keyList)", when: nullKey, refusal)
        }
        for (index, unique) in table.unique.enumerated() {
            let match = matches(unique)
            add(
                "replace_\(index)", "BEFORE INSERT", when: "EXISTS (SELECT 1 FROM \(name) WHERE \(match))",
                threat(where: match))
            let moved = unique.columns.map(differs).joined(separator: " OR ")
            let otherKey = schema.key.map { "\(name).\(column($0)) IS NOT OLD.\(column($0))" }
            let other = "\(match) AND (\(otherKey.joined(separator: " OR ")))"
            add(
                "push_\(index)", "BEFORE UPDATE\(only(unique.columns))",
                when: "(\(moved)) AND EXISTS (SELECT 1 FROM \(name) WHERE \(other))", threat(where: other))
        }
        add("insert", "AFTER INSERT", when: nil, note(Note.inserted, row: "NEW"))
        add("delete", "AFTER DELETE", when: nil, note(Note.deleted, row: "OLD") + " " + oldRow("OLD"))
        add(
            "key", "AFTER UPDATE\(only(schema.key))", when: keyDiffers,
            note(Note.deleted, row: "OLD") + " " + oldRow("OLD") + " " + note(Note.inserted, row: "NEW"))
        for index in schema.columns.indices where !schema.key.contains(index) {
            add(
                "column_\(index)", "AFTER UPDATE OF \(column(index))", when: differs(index),
                note(Int64(index + 1), row: "OLD", old: "OLD.\(column(index))"))
        }
        return triggers
    }
}
