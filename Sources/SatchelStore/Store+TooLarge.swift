public import SatchelModel

/// Why no replica would accept a row: one of its values has too many bytes, or all of them together have (CAP-13).
public struct Excess: Sendable {
    public let table: String
    public let key: RowKey
    /// Nil: all its values together.
    public let column: String?
    let bytes: Int
    let most: Int
    /// Not the value itself is too large, but what a counter or a set remembers of its changes.
    private let isMemory: Bool

    init(table: String, key: RowKey, column: String?, bytes: Int, most: Int) {
        (self.table, self.key, self.column, self.bytes, self.most) = (table, key, column, bytes, most)
        isMemory = false
    }

    public init(remembering column: String, table: String, key: RowKey, bytes: Int) {
        (self.table, self.key, self.column, self.bytes) = (table, key, column, bytes)
        (most, isMemory) = (Limits.valueBytes, true)
    }

    public var words: String {
        if isMemory, let column {
            return
                "what column \(column) in table \(table) remembers of its changes has \(bytes) bytes, and \(most) are "
                + "the most that can be synced"
        }
        let what = column.map { "a value of column \($0) in table" } ?? "a row of table"
        return "\(what) \(table) has \(bytes) bytes, and \(most) are the most that can be synced"
    }

    /// What helps.
    public var hint: String {
        if isMemory, let column {
            return "put the value of column \(column) in row \(key.display) of table \(table) back to what it was, or "
                + "delete the row"
        }
        let what = column.map { "value of column \($0)" } ?? "values"
        return "make the \(what) in row \(key.display) of table \(table) smaller, or take it out"
    }

    /// Of a row that others know: it must not wait unsealed.
    public var stop: StoreError {
        StoreError("nothing can be synced before row \(key.display) can: \(words)", try: hint)
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
        if try clock.step() { throw excess.stop }
    }

    /// Whether a row that was noted since the last seal may come to remember more than a value may hold: what its clock holds
    /// already is an eighth of that. O(notes), one look-up for each row of a table with a counter or a set.
    public func mayOutgrow() throws -> Bool {
        let counting = layouts.filter(\.rules.carriesState)
        if counting.isEmpty { return false }
        let notes = try db.statement("SELECT t, \(journalKeys) FROM satchel_journal")
        defer { notes.reset() }
        let clock = try db.statement("SELECT length(detail) FROM satchel_row WHERE h = ?")
        var seen: Set<Int64> = []
        while try notes.step() {
            guard let layout = counting.first(where: { $0.id == notes.integer(0) }) else { continue }
            let h = rowHash(layout.id, RowKey(notes.values(1..<(1 + layout.schema.key.count))))
            guard seen.insert(h).inserted else { continue }
            defer { clock.reset() }
            if try clock.bind(1, h).step(), clock.integer(0) > Limits.valueBytes / 8 { return true }
        }
        return false
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
