internal import SatchelModel

/// What the triggers refuse because of a table's policies (CAP-17): statements to run before a note is made. They run
/// after the write, when it is certain to happen, and take the whole statement back.
struct Refusals {
    let schema: TableSchema
    let id: Int64

    private func refuse(_ message: String, where condition: String?) -> String {
        let text = "satchel: \(message)".replacing("'", with: "''")
        return "SELECT RAISE(ABORT, '\(text)')\(condition.map { " WHERE \($0)" } ?? ""); "
    }

    private func column(_ index: Int) -> String { quoted(schema.columns[index].name) }

    /// What a value of the column must be, whoever writes it.
    private func shape(_ index: Int) -> String {
        let (name, new) = ("\(schema.name).\(schema.columns[index].name)", "NEW.\(column(index))")
        switch schema.policy(of: index) {
        case .counter:
            return refuse("\(name) is a counter and holds integers only", where: "typeof(\(new)) <> 'integer'")
        case .set:
            return refuse(
                "\(name) is a set and holds a JSON array of strings and numbers", where: Store.isNoSet(new))
        default: return ""
        }
    }

    private var sealed: String { "rows of \(schema.name) are entered once and never changed" }

    /// Columns that may be set once: all, or those of the policy.
    private var immutable: [Int] {
        schema.columns.indices.filter {
            !schema.key.contains($0) && (schema.appendOnly || schema.policy(of: $0) == .immutable)
        }
    }

    // MARK: What takes another's place

    /// An insert, or an update of a key, may be a REPLACE that took rows away, for which SQLite fires no trigger. The threats were
    /// noted just before it; each bears a mark, and the key that was coming, by which it is found here, whatever other triggers and
    /// foreign keys wrote meanwhile. A trigger forgets those of its mark and key that came to nothing before.
    ///
    /// The mark is the number of the unique key for an insert, and `pushed` for an update. Nil: nothing is refused for what is
    /// replaced through that key. Of columns that are set once only the row of the same key has any.
    func mark(inserting unique: Int, isPrimary: Bool) -> Int? {
        schema.appendOnly || isPrimary && !immutable.isEmpty ? unique : nil
    }

    /// Of a table whose rows are never changed every update is refused, whatever it replaces.
    func mark(updatingPrimary isPrimary: Bool) -> Int? {
        isPrimary && !immutable.isEmpty && !schema.appendOnly ? Self.pushed : nil
    }

    private static let pushed = -1

    /// Where an old row that is threatened has its mark, and the key that is coming.
    var markColumns: [String] {
        schema.appendOnly || !immutable.isEmpty ? ["w"] + schema.key.indices.map { "b\($0 + 1)" } : []
    }

    /// To find them by: one look for a row that threatens none.
    var markIndexSQL: String? {
        markColumns.isEmpty
            ? nil
            : "CREATE INDEX IF NOT EXISTS satchel_by_\(id) ON satchel_old_\(id)"
                + "(\(markColumns.dropFirst().joined(separator: ", "))) WHERE w IS NOT NULL"
    }

    /// The threats of a mark for a key; `coming`: what comes into a column of it.
    static func marked(_ mark: String, _ key: [Int], in row: String = "", coming: (Int) -> String) -> String {
        // A plus, so that the index is of use whatever the column's affinity.
        (["\(row)w \(mark)"] + key.enumerated().map { "\(row)b\($0 + 1) = +\(coming($1))" }).joined(separator: " AND ")
    }

    private func replacing(_ mark: String) -> String {
        if markColumns.isEmpty { return "" }
        let same = schema.key.enumerated().map { "j.k\($0 + 1) IS NEW.\(column($1))" }.joined(separator: " AND ")
        let changed = immutable.map { index in
            let (old, new) = ("o.c\(index)", "NEW.\(column(index))")
            let set = schema.appendOnly ? "" : "\(old) IS NOT NULL AND "
            return "(\(set)(\(old) COLLATE BINARY IS NOT \(new) COLLATE BINARY OR typeof(\(old)) <> typeof(\(new))))"
        }
        let changes = changed.isEmpty ? "0" : changed.joined(separator: " OR ")
        let threats =
            "FROM satchel_old_\(id) o CROSS JOIN satchel_journal j ON j.n = o.n "
            + "WHERE \(Self.marked(mark, schema.key, in: "o.") { "NEW.\(column($0))" })"
        guard schema.appendOnly else {
            return refuse(
                "a column of \(schema.name) that is set once cannot be replaced",
                where: "EXISTS (SELECT 1 \(threats) AND \(same) AND (\(changes)))")
        }
        // By bytes too: a key that the column takes for equal may be the one that took its place.
        let there = schema.key.enumerated().map { place, index in
            let column = "\(Triggers.there).\(column(index))"
            return "\(column) IS j.k\(place + 1) AND \(column) COLLATE BINARY IS j.k\(place + 1)"
        }
        return refuse(
            sealed,
            where: "EXISTS (SELECT 1 \(threats) AND CASE WHEN \(same) THEN (\(changes)) ELSE NOT EXISTS "
                + "(SELECT 1 FROM \(quoted(schema.name)) AS \(Triggers.there) WHERE \(there.joined(separator: " AND "))) "
                + "END)")
    }

    var onInsert: String { schema.columns.indices.map(shape).joined() + replacing(">= 0") }

    var onDelete: String { schema.appendOnly ? refuse(sealed, where: nil) : "" }

    var onKey: String { schema.appendOnly ? onDelete : replacing("= \(Self.pushed)") }

    func onUpdate(_ index: Int) -> String {
        if schema.appendOnly { return refuse(sealed, where: nil) }
        guard schema.policy(of: index) == .immutable else { return shape(index) }
        return refuse(
            "\(schema.name).\(schema.columns[index].name) is set once and never changed",
            where: "OLD.\(column(index)) IS NOT NULL")
    }
}

extension Store {
    /// In SQL, whether a value is no set: no JSON array of strings and numbers that can be read as one (CAP-17).
    ///
    /// SQLite reads text up to a NUL, whole numbers beyond 64 bits as rounded ones, numbers beyond all bounds as infinite, and
    /// half of a surrogate pair as a character; as code points such halves, and what else is none, come out as U+FFFD, like
    /// that itself and U+FFFE and U+FFFF.
    public static func isNoSet(_ value: String) -> String {
        let rest = [65533, 65534, 65535].reduce("value") { "replace(\($0), char(\($1)), '')" }
        // CASE, because SQLite may look into the elements of what is no array first.
        return "CASE WHEN typeof(\(value)) <> 'text' THEN 1 WHEN instr(CAST(\(value) AS BLOB), x'00') THEN 1 "
            + "WHEN NOT json_valid(\(value)) THEN 1 WHEN json_type(\(value)) <> 'array' THEN 1 "
            + "ELSE EXISTS (SELECT 1 FROM json_each(\(value)) WHERE CASE type WHEN 'text' "
            + "THEN \(rest) GLOB '*' || char(65533) || '*' WHEN 'integer' THEN typeof(value) <> 'integer' "
            + "WHEN 'real' THEN value IN (9e999, -9e999) ELSE 1 END) END"
    }
}
