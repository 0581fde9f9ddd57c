public import SatchelModel

/// Why no replica would accept a row: one of its values has too many bytes, or all of them together have (CAP-13).
public struct Excess: Sendable {
    public let table: String
    public let key: RowKey
    /// Nil: all its values together.
    public let column: String?
    let bytes: Int
    let most: Int

    public var words: String {
        let what = column.map { "a value of column \($0) in table" } ?? "a row of table"
        return "\(what) \(table) has \(bytes) bytes, and \(most) are the most that can be synced"
    }

    /// What helps.
    public var hint: String {
        let what = column.map { "value of column \($0)" } ?? "values"
        return "make the \(what) in row \(key.display) of table \(table) smaller, or take it out"
    }
}

extension Touch {
    /// Whether the row as it is now has a value or a key that no replica would accept (`Limits`).
    public var isTooLarge: Bool {
        key.values.byteCount > Limits.keyBytes
            || new?.contains { $0.byteCount > Limits.valueBytes } == true
            || new?.byteCount ?? 0 > Limits.rowBytes
    }
}

/// Rows that are too large to be sealed.
extension Store {
    /// Those that were noted since the last seal, in the order in which they were. O(notes), one look-up for each row.
    public func excesses() throws -> [Excess] {
        let notes = try db.statement("SELECT t, \(journalKeys) FROM satchel_journal ORDER BY n")
        defer { notes.reset() }
        var seen: Set<Int64> = []
        var found: [Excess] = []
        while try notes.step() {
            guard let layout = layout(notes.integer(0)) else { continue }
            let key = RowKey(notes.values(1..<(1 + layout.schema.key.count)))
            guard seen.insert(rowHash(layout.id, key)).inserted, let sizes = try sizes(layout, key),
                let excess = excess(sizes, key, layout)
            else { continue }
            found.append(excess)
        }
        return found
    }

    /// How many bytes each value of a row has; nil: the row is not in its table.
    private func sizes(_ layout: TableLayout, _ key: RowKey) throws -> [Int]? {
        let select = try db.statement(layout.selectSQL)
        select.bind(key.values)
        defer { select.reset() }
        return try select.step() ? layout.schema.columns.indices.map { select.byteCount($0) } : nil
    }

    /// Nil: the row may be sealed.
    private func excess<Sizes: Collection>(_ sizes: Sizes, _ key: RowKey, _ layout: TableLayout) -> Excess?
    where Sizes.Element == Int, Sizes.Index == Int {
        let table = layout.schema.name
        if let column = sizes.firstIndex(where: { $0 > Limits.valueBytes }) {
            return Excess(
                table: table, key: key, column: layout.schema.columns[column].name, bytes: sizes[column],
                most: Limits.valueBytes)
        }
        let bytes = sizes.reduce(0, +)
        return bytes > Limits.rowBytes
            ? Excess(table: table, key: key, column: nil, bytes: bytes, most: Limits.rowBytes) : nil
    }

    /// A row that others know must not wait unsealed: what they do to it would be laid over what was written here.
    func checkSizes(_ row: [Value], key: RowKey, layout: TableLayout) throws {
        guard let excess = excess(row.lazy.map(\.byteCount), key, layout) else { return }
        let clock = try db.statement("SELECT 1 FROM satchel_row WHERE h = ?")
        clock.bind(1, rowHash(layout.id, key))
        defer { clock.reset() }
        if try clock.step() {
            throw StoreError("nothing can be synced before row \(key.display) can: \(excess.words)", try: excess.hint)
        }
    }

    /// Why something stops at a row that is not sealed, and what to do: nobody's history has it, so that nothing may be
    /// laid over it.
    public func unsealed(_ row: HeldRow) -> StoreError {
        guard let layout = layout(row.table), case .table(let values) = row.place else {
            return StoreError("row \(row.key.display) of table \(tableName(row.table)) is not sealed")
        }
        let table = layout.schema.name
        func stopped(_ words: String, try hint: String) -> StoreError {
            StoreError(
                "what is to be done hangs on row \(row.key.display), which is not sealed: \(words)", try: hint)
        }
        if let excess = excess(values.lazy.map(\.byteCount), row.key, layout) {
            return stopped(excess.words, try: excess.hint)
        }
        if row.key.values.byteCount > Limits.keyBytes {
            return stopped(
                "a key in table \(table) holds at most \(Limits.keyBytes) bytes", try: "give the row another key")
        }
        return stopped(
            "it was written past the triggers of table \(table)", try: "run `satchel doctor`, which captures it")
    }
}
