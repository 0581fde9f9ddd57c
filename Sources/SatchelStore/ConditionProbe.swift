internal import GRDBSQLite
public import SatchelModel

/// Judges conditions of scopes on rows that lie before it: tables of the same columns in a database of its own, in
/// memory, so that no rule reaches the file (SCO-2, SCO-3).
///
/// Columns have their affinities and the collation BINARY.
public final class ConditionProbe {
    private let db: Connection
    private let store: Store
    private var made: Set<Int64> = []

    /// Functions whose result depends on their arguments alone.
    private static let pure: Set<String> = [
        "abs", "coalesce", "glob", "hex", "ifnull", "iif", "instr", "length", "like", "lower", "ltrim", "max", "min",
        "nullif", "replace", "round", "rtrim", "substr", "substring", "trim", "typeof", "unicode", "upper",
    ]

    public init(store: Store) throws {
        self.store = store
        db = try Connection(path: "", mode: .memory)
    }

    /// The columns that a condition reads, by their places. Throws `ScopeRuleError` if it is not one expression over
    /// the table's own columns.
    public func columns(readBy condition: String, in layout: TableLayout) throws -> Set<Int> {
        try make(layout)
        let record = Record()
        let sql = select(layout, where: condition)
        let code = withExtendedLifetime(record) {
            sqlite3_set_authorizer(
                db.handle,
                { context, action, first, second, _, _ in
                    guard let context else { return SQLITE_DENY }
                    let record = Unmanaged<Record>.fromOpaque(context).takeUnretainedValue()
                    return record.judge(action, first, second)
                }, Unmanaged.passUnretained(record).toOpaque())
            defer { sqlite3_set_authorizer(db.handle, nil, nil) }
            var statement: OpaquePointer?
            var tail: UnsafePointer<CChar>?
            return sql.withCString { text in
                let code = sqlite3_prepare_v2(db.handle, text, -1, &statement, &tail)
                defer { sqlite3_finalize(statement) }
                guard code == SQLITE_OK else { return code }
                let isWhole = tail.map { $0.pointee == 0 } ?? false
                return isWhole && sqlite3_bind_parameter_count(statement) == 0 ? SQLITE_OK : SQLITE_ERROR
            }
        }
        if let refused = record.refused {
            throw ScopeRuleError("the condition on \(layout.schema.name) may not use \(refused)")
        }
        guard code == SQLITE_OK, record.selects == 1 else {
            throw ScopeRuleError(
                "the condition on \(layout.schema.name) is not one expression over its columns: \(condition)")
        }
        return Set(
            layout.schema.columns.indices.filter { place in
                let column = layout.schema.columns[place]
                return record.columns.contains(column.name)
                    || record.columns.contains(column.identity) && Self.isFormer(column, in: layout)
            })
    }

    /// Which of the rows, given by their values in all columns, the condition is true for. One that makes it fail, as
    /// an overflow does, is not. O(rows).
    public func matching(_ condition: String, in layout: TableLayout, rows: [[Value]]) throws -> Set<Int> {
        try make(layout)
        do {
            return try matching(condition, layout, rows, from: 0)
        } catch is StoreError where rows.count > 1 {
            var found: Set<Int> = []
            for (index, row) in rows.enumerated() {
                if let one = try? matching(condition, layout, [row], from: index) { found.formUnion(one) }
            }
            return found
        } catch is StoreError {
            return []
        }
    }

    private func matching(
        _ condition: String, _ layout: TableLayout, _ rows: [[Value]], from first: Int
    ) throws -> Set<Int> {
        let table = quoted(layout.schema.name)
        try db.execute("DELETE FROM \(table)")
        let places = Array(repeating: "?", count: layout.schema.columns.count).joined(separator: ", ")
        let insert = try db.statement("INSERT INTO \(table) VALUES (\(places), ?)")
        for (index, row) in rows.enumerated() {
            insert.reset()
            try insert.bind(row).bind(row.count + 1, Int64(first + index)).run()
        }
        var found: Set<Int> = []
        let select = try db.statement(select(layout, where: condition))
        while try select.step() { found.insert(Int(select.integer(0))) }
        return found
    }

    /// The condition stands alone between lines, so that a comment in it hides nothing of ours.
    private func select(_ layout: TableLayout, where condition: String) -> String {
        "SELECT satchel_place FROM \(quoted(layout.schema.name)) WHERE (\n\(condition)\n)"
    }

    private func make(_ layout: TableLayout) throws {
        guard made.insert(layout.id).inserted else { return }
        let typed = Array(zip(layout.schema.columns, layout.affinities))
        var columns = typed.map { "\(quoted($0.name)) \($1.rawValue)" }
        columns.append("satchel_place INTEGER")
        // A condition may be older than a renamed column, and call it by its first name (VER-5).
        for (column, affinity) in typed where Self.isFormer(column, in: layout) {
            columns.append("\(quoted(column.identity)) \(affinity.rawValue) AS (\(quoted(column.name)))")
        }
        try db.execute("CREATE TABLE \(quoted(layout.schema.name))(\(columns.joined(separator: ", ")))")
    }

    /// Whether a column's first name is no other column's name of today.
    private static func isFormer(_ column: TableSchema.Column, in layout: TableLayout) -> Bool {
        column.identity != column.name && !layout.schema.columns.contains { $0.name == column.identity }
    }

    /// What a condition does, as SQLite asks whether it may.
    private final class Record {
        var columns: Set<String> = []
        var selects = 0
        var refused: String?

        func judge(_ action: Int32, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?) -> Int32 {
            switch action {
            case SQLITE_SELECT:
                selects += 1
                if selects > 1 { refused = "a subquery" }
            case SQLITE_READ: columns.insert(second.map { String(cString: $0) } ?? "")
            case SQLITE_FUNCTION:
                let name = second.map { String(cString: $0).lowercased() } ?? "?"
                if !ConditionProbe.pure.contains(name) { refused = "the function \(name)" }
            default: refused = "anything but columns and values"
            }
            return refused == nil ? SQLITE_OK : SQLITE_DENY
        }
    }
}
