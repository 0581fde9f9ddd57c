internal import SatchelModel

/// The plain-SQL triggers that note every write of a synced table, whatever program makes it
/// (`Protocol/capture.md`, CAP-1 to CAP-9).
///
/// A note is a suspicion: sealing compares it with the table. Notes go to `satchel_journal` (table, what, time, one
/// old value, key) and, where a whole row goes, what is outside its key to `satchel_old_<table>` under the same
/// number. Neither can meet a UNIQUE constraint: the writer's conflict clause would override any inside a trigger.
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
        /// A row found gone that no trigger had noted, with its last known values.
        static let vanished: Int64 = -4
    }

    static func journalSQL(keyColumns: Int) -> String {
        "CREATE TABLE satchel_journal(n INTEGER PRIMARY KEY, t, u, at, v, i, \(keys(keyColumns)))"
    }

    /// The columns of the journal in which the key of a row lies.
    static func keys(_ count: Int) -> String { (1...max(1, count)).map { "k\($0)" }.joined(separator: ", ") }

    var oldTable: String { "satchel_old_\(id)" }

    private static func name(_ suffix: String, of id: Int64) -> String { "satchel_\(id)_\(suffix)" }

    /// The trigger that names every column of a table.
    static func onDelete(_ id: Int64) -> String { name("delete", of: id) }

    /// The columns of `oldTable` beside its number: one for each column of the table outside the key.
    var oldColumns: [(name: String, index: Int)] {
        schema.columns.indices.filter { !schema.key.contains($0) }.map { ("c\($0)", $0) }
    }

    var oldTableSQL: String {
        let columns = oldColumns.map(\.name) + refusals.markColumns
        return "CREATE TABLE \(oldTable)(n INTEGER PRIMARY KEY\(columns.map { ", \($0)" }.joined()))"
    }

    /// What `oldTable` has beside old values, and the index on it: of a table that may refuse what is replaced.
    var marks: (columns: [String], indexSQL: String?) { (refusals.markColumns, refusals.markIndexSQL) }

    private var schema: TableSchema { table.schema }
    private var refusals: Refusals { Refusals(schema: table.schema, id: id) }
    private var name: String { quoted(schema.name) }
    private func column(_ index: Int) -> String { quoted(schema.columns[index].name) }

    /// Milliseconds since 1970. This SQLite has no subseconds in unixepoch(), and without an argument it has none to read.
    static let now = "CAST((julianday() - 2440587.5) * 86400000.0 AS INTEGER)"

    private var keyNames: String { schema.key.indices.map { "k\($0 + 1)" }.joined(separator: ", ") }

    /// `counted`: the note gets an id, by which what it tells of counts once (CAP-16). `at`: its time.
    private func note(
        _ u: Int64, row: String, old: String = "NULL", counted: Bool = false, at: String = Self.now
    ) -> String {
        let values = schema.key.map { "\(row).\(column($0))" }.joined(separator: ", ")
        return "INSERT INTO satchel_journal(t, u, at, v, \(counted ? "i, " : "")\(keyNames)) "
            + "VALUES (\(id), \(u), \(at), \(old), \(counted ? "random(), " : "")\(values));"
    }

    private func oldRow(_ row: String) -> String {
        let names = oldColumns.map { ", \($0.name)" }.joined()
        let values = oldColumns.map { ", \(row).\(column($0.index))" }.joined()
        return "INSERT INTO \(oldTable)(n\(names)) VALUES (last_insert_rowid()\(values));"
    }

    /// A name for the table that stands in no one's way, even if the table is called `new`.
    static let there = "satchel_there"

    private var rows: String { "\(name) AS \(Self.there)" }

    private func there(_ index: Int) -> String { "\(Self.there).\(column(index))" }

    /// Notes the rows that stand where NEW is going to: at most one, but two where the rowid is given beside the key.
    ///
    /// - Parameter mark: by which what is refused of it is found after the write; nil: nothing is.
    private func threat(where condition: String, mark: Int?) -> String {
        let keys = schema.key.map(there).joined(separator: ", ")
        let same = schema.key.enumerated().map { "k\($0 + 1) IS \(there($1))" }.joined(separator: " AND ")
        var names = oldColumns.map { ", \($0.name)" }.joined()
        var values = oldColumns.map { ", \(there($0.index))" }.joined()
        var forget = ""
        if let mark {
            names += refusals.markColumns.map { ", \($0)" }.joined()
            values += ", \(mark)" + schema.key.map { ", \(coming($0))" }.joined()
            forget = "UPDATE \(oldTable) SET w = NULL WHERE \(marked(mark)); "
        }
        return forget + """
            INSERT INTO satchel_journal(t, u, at, v, \(keyNames)) SELECT \(id), \(Note.threatened), \(Self.now), NULL, \
            \(keys) FROM \(rows) WHERE \(condition); \
            INSERT INTO \(oldTable)(n\(names)) SELECT (SELECT n FROM satchel_journal WHERE t = \(id) AND \(same) \
            ORDER BY n DESC LIMIT 1)\(values) FROM \(rows) WHERE \(condition);
            """
    }

    /// The row that stands in the place of NEW, which a partial index gives only to rows of its condition.
    private func matches(_ unique: TableFacts.UniqueKey) -> String {
        let same = zip(unique.columns, unique.collations).map { "\(there($0)) = \(coming($0)) COLLATE \(quoted($1))" }
        return (same + (unique.condition.map { ["(\($0))"] } ?? [])).joined(separator: " AND ")
    }

    /// What comes into a column: REPLACE puts its default in the place of a NULL that it may not hold, after this trigger.
    private func coming(_ index: Int) -> String {
        let new = "NEW.\(column(index))"
        let facts = schema.columns[index]
        // What a function says may be another here; and it may be an app's own, which no other program could write without.
        guard facts.notNull, let value = facts.defaultSQL.map({ ColumnDefault($0) }), !value.callsFunctions else {
            return new
        }
        return "coalesce(\(new), \(value.expression))"
    }

    /// Whether the writer gives a rowid, which reads −1 where SQLite is to choose one, and the row that stands under it.
    private var rowid: (isGiven: String, matches: String)? {
        table.rowidName.map { ("NEW.\($0) <> -1", "\(Self.there).\($0) = NEW.\($0)") }
    }

    /// Threats of a mark for the key that is coming.
    private func marked(_ mark: Int) -> String { Refusals.marked("= \(mark)", schema.key, coming: coming) }

    /// Whether there are any, of a write that was taken back, or came to nothing.
    private func wasThreatened(_ mark: Int?) -> String {
        mark.map { " OR EXISTS (SELECT 1 FROM \(oldTable) WHERE \(marked($0)))" } ?? ""
    }

    private func stands(_ condition: String) -> String { "EXISTS (SELECT 1 FROM \(rows) WHERE \(condition))" }

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

    /// The time of a note that a row got this key, for a key that a bundle can carry; any other is refused. It stands where
    /// the time does, since a trigger or a statement more costs each insert as much as half of the note.
    private var timeIfKeyIsGood: String {
        if table.keyIsRowid { return Self.now }
        let bytes = schema.key.map { "length(CAST(NEW.\(column($0)) AS BLOB))" }.joined(separator: " + ")
        let null = mayBeNull ? "WHEN \(keyIsNull) THEN \(Self.refuseNull) " : ""
        return "CASE \(null)WHEN \(bytes) > \(Limits.keyBytes) "
            + "THEN RAISE(ABORT, 'satchel: a key holds at most \(Limits.keyBytes) bytes') ELSE \(Self.now) END"
    }

    private static let refuseNull = "RAISE(ABORT, 'satchel: a synced row needs a key that is not NULL')"
    private static let refuseRowid =
        "RAISE(ABORT, 'satchel: a synced row needs a key that is not NULL, and -1 looks like none: enter the row under "
        + "another number, then change it to -1')"
    private var mayBeNull: Bool { schema.key.contains { !schema.columns[$0].notNull } }
    private var keyIsNull: String { schema.key.map { "NEW.\(column($0)) IS NULL" }.joined(separator: " OR ") }

    /// Name and text of every trigger of the table.
    var all: [(name: String, sql: String)] {
        var triggers: [(String, String)] = []
        func add(_ suffix: String, _ event: String, when condition: String?, _ body: String) {
            let trigger = Self.name(suffix, of: id)
            let when = condition.map { " WHEN \($0)" } ?? ""
            triggers.append((trigger, "CREATE TRIGGER \(trigger) \(event) ON \(name)\(when) BEGIN \(body) END"))
        }
        if table.keyIsRowid {
            // Before the insert a number that SQLite is to choose reads −1, and after it nothing tells that it did.
            add(
                "null_insert", "BEFORE INSERT", when: "\(keyIsNull) OR NEW.\(keyList) = -1",
                "SELECT \(Self.refuseRowid);")
        } else if mayBeNull {
            add("null_update", "BEFORE UPDATE OF \(keyList)", when: keyIsNull, "SELECT \(Self.refuseNull);")
        }
        for (index, unique) in table.unique.enumerated() {
            var (found, match) = (stands(matches(unique)), matches(unique))
            if unique.isPrimary, let rowid {
                // Two questions, the first answered from the index alone, cost less than one with OR in it.
                found += " OR (\(rowid.isGiven) AND \(stands(rowid.matches)))"
                match += " OR (\(rowid.isGiven) AND \(rowid.matches))"
            }
            let mark = refusals.mark(inserting: index, isPrimary: unique.isPrimary)
            add(
                "replace_\(index)", "BEFORE INSERT", when: found + wasThreatened(mark), threat(where: match, mark: mark)
            )
            // By bytes: keys that a column takes for equal may be two rows (CAP-7).
            let otherKey = schema.key.map { "\(there($0)) COLLATE BINARY IS NOT OLD.\(column($0))" }
            let other = "\(matches(unique)) AND (\(otherKey.joined(separator: " OR ")))"
            let moved = unique.watched.map { "(\($0.map(differs).joined(separator: " OR "))) AND " } ?? ""
            let pushed = refusals.mark(updatingPrimary: unique.isPrimary)
            add(
                "push_\(index)", "BEFORE UPDATE\(unique.watched.map(only) ?? "")",
                when: pushed == nil ? moved + stands(other) : "\(moved)(\(stands(other))\(wasThreatened(pushed)))",
                threat(where: other, mark: pushed))
        }
        let inserted = note(Note.inserted, row: "NEW", counted: schema.countsWrites, at: timeIfKeyIsGood)
        let deleted = note(Note.deleted, row: "OLD") + " " + oldRow("OLD")
        add("insert", "AFTER INSERT", when: nil, refusals.onInsert + inserted)
        add("delete", "AFTER DELETE", when: nil, refusals.onDelete + deleted)
        add(
            "key", "AFTER UPDATE\(only(schema.key))", when: keyDiffers,
            refusals.onKey + deleted + " " + inserted)
        for index in schema.columns.indices where !schema.key.contains(index) {
            add(
                "column_\(index)", "AFTER UPDATE OF \(column(index))", when: differs(index),
                refusals.onUpdate(index)
                    + note(
                        Int64(index + 1), row: "OLD", old: "OLD.\(column(index))",
                        counted: schema.policy(of: index)?.countsWrites ?? false))
        }
        return triggers
    }
}
