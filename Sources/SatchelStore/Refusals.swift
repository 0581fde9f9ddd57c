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

    /// An insert may be a REPLACE that took rows away, for which SQLite fires no trigger. The threats were noted just
    /// before it, at most one for each unique key, and among them what other triggers did meanwhile.
    private var replacing: String {
        if immutable.isEmpty, !schema.appendOnly { return "" }
        let same = schema.key.enumerated().map { "j.k\($0 + 1) IS NEW.\(column($1))" }.joined(separator: " AND ")
        let changed = immutable.map { index in
            let (old, new) = ("o.c\(index)", "NEW.\(column(index))")
            let set = schema.appendOnly ? "" : "\(old) IS NOT NULL AND "
            return "(\(set)(\(old) COLLATE BINARY IS NOT \(new) COLLATE BINARY OR typeof(\(old)) <> typeof(\(new))))"
        }
        let changes = changed.isEmpty ? "0" : changed.joined(separator: " OR ")
        let recent =
            "FROM satchel_journal j JOIN satchel_old_\(id) o ON o.n = j.n "
            + "WHERE j.n > (SELECT max(n) FROM satchel_journal) - 16 AND j.t = \(id) "
            + "AND j.u = \(Triggers.Note.threatened)"
        guard schema.appendOnly else {
            return refuse(
                "a column of \(schema.name) that is set once cannot be replaced",
                where: "EXISTS (SELECT 1 \(recent) AND \(same) AND (\(changes)))")
        }
        let there = schema.key.enumerated().map { "\(Triggers.there).\(column($1)) IS j.k\($0 + 1)" }
        return refuse(
            sealed,
            where: "EXISTS (SELECT 1 \(recent) AND CASE WHEN \(same) THEN (\(changes)) ELSE NOT EXISTS "
                + "(SELECT 1 FROM \(quoted(schema.name)) AS \(Triggers.there) WHERE \(there.joined(separator: " AND "))) "
                + "END)")
    }

    var onInsert: String { schema.columns.indices.map(shape).joined() + replacing }

    var onDelete: String { schema.appendOnly ? refuse(sealed, where: nil) : "" }

    var onKey: String { onDelete }

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
