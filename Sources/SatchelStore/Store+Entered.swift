public import SatchelModel

/// Rows of one table of which nothing was known at the last seal and one thing was noted since: that they were entered.
///
/// They are by far the most of what is sealed. Their values stay in the table until a changeset is made of them: here
/// is only where they lie.
public struct EnteredRows {
    public let layout: TableLayout
    /// In the order in which they were entered.
    public fileprivate(set) var rows: [Row] = []
    /// Of texts and blobs, by column of the table.
    fileprivate var columnBytes: [Int] = []

    /// About what each column will hold of some of the rows, so that none need grow, when it is there twice.
    fileprivate func bytes(of column: Int, _ count: Int) -> Int {
        let whole = columnBytes[column]
        return count == rows.count ? whole : whole / rows.count * count / 16 * 17
    }

    public struct Row {
        /// The number under which its clock is kept.
        public let hash: Int64
        fileprivate let rowid: Int64
        /// The number of the note.
        fileprivate let note: Int64
        /// Milliseconds since it was entered, by the clock of this machine.
        public let age: UInt64
        /// Of its texts and blobs.
        public let bytes: Int
    }
}

/// What was noted since the last seal, told apart.
public struct Captured {
    /// At most one for each table.
    public let entered: [EnteredRows]
    /// The numbers of the notes on them, where there are others.
    let notes: Set<Int64>
    /// Whether there is no other note.
    let isAll: Bool

    /// Nothing was told apart.
    public static var none: Captured { Captured(entered: [], notes: [], isAll: false) }
}

extension Store {
    /// The rows that were only entered. O(notes), and for each such row two look-ups.
    public func entered() throws -> Captured {
        var tables: [EnteredNotes] = []
        var places: [Int64: Int] = [:]
        var notes = 0
        var counts: [Int64: Int32] = [:]
        let journal = try db.statement(
            "SELECT t, u, (SELECT \(Triggers.now)) - at, n, \(journalKeys) "
                + "FROM satchel_journal ORDER BY n")
        var form: [UInt8] = []
        while try journal.step() {
            notes += 1
            let table = journal.integer(0)
            if places[table] == nil, let layout = layout(table) {
                places[table] = tables.count
                tables.append(EnteredNotes(layout))
            }
            guard let place = places[table] else { continue }
            form.removeAll(keepingCapacity: true)
            let columns = tables[place].keys.indices
            for column in columns { journal.value(4 + column).appendCanonical(to: &form) }
            let h = hash.row(table: table, canonical: form)
            counts[h, default: 0] += 1
            guard journal.integer(1) == Triggers.Note.inserted else { continue }
            for column in columns { journal.append(4 + column, to: &tables[place].keys[column]) }
            tables[place].notes.append((journal.integer(3), h, UInt64(max(0, journal.integer(2)))))
        }
        var found: [EnteredRows] = []
        for told in tables where told.layout.byRowid != nil && !told.layout.rules.carriesState {
            let rows = try entered(told) { counts[$0] == 1 }
            if !rows.rows.isEmpty { found.append(rows) }
        }
        // Where there is no other note nobody asks which these are.
        let isAll = found.reduce(0) { $0 + $1.rows.count } == notes
        let told = isAll ? [] : Set(found.lazy.flatMap { $0.rows.lazy.map(\.note) })
        return Captured(entered: found, notes: told, isAll: isAll)
    }

    private func entered(_ told: EnteredNotes, isNotedOnce: (Int64) -> Bool) throws -> EnteredRows {
        var found = EnteredRows(layout: told.layout)
        guard let sql = told.layout.byRowid?.findSQL else { return found }
        let known = try knownRows(told.notes.map(\.hash))
        found.rows.reserveCapacity(told.notes.count)
        let select = try db.statement(sql)
        defer { select.reset() }
        let columns = told.layout.schema.columns.count
        found.columnBytes = Array(repeating: 0, count: columns)
        try ValueColumn.withViews(told.keys) { keys in
            for (place, note) in told.notes.enumerated() where isNotedOnce(note.hash) && !known.contains(note.hash) {
                for (index, key) in keys.enumerated() { select.bind(Int32(index + 1), key, place) }
                guard try select.step() else { continue }
                var bytes = 0
                var isTooLarge = keys.reduce(0) { $0 + $1.byteCount(place) } > Limits.keyBytes
                for column in 1...columns {
                    let count = select.byteCount(column)
                    found.columnBytes[column - 1] += count
                    bytes += count
                    if count > Limits.valueBytes { isTooLarge = true }
                }
                if bytes > Limits.rowBytes { isTooLarge = true }
                if !isTooLarge {
                    found.rows.append(
                        .init(
                            hash: note.hash, rowid: select.integer(0), note: note.number, age: note.age, bytes: bytes))
                }
                select.reset()
            }
        }
        return found
    }

    /// Those of some rows of which anything is known: a clock, a place in the graveyard or in a merge. In the order of
    /// the clocks, so that each page is read once.
    private func knownRows(_ rows: [Int64]) throws -> Set<Int64> {
        var known: Set<Int64> = []
        let places = try ["satchel_row"] + (hasGraves() ? ["satchel_grave"] : [])
        let statements = try places.map { try db.statement("SELECT 1 FROM \($0) WHERE h = ?") }
        let merges = try hasMerges()
        for row in rows.sorted() {
            for statement in statements {
                if try statement.bind(1, row).step() { known.insert(row) }
                statement.reset()
            }
            if merges, try isInMerge(row) { known.insert(row) }
        }
        return known
    }

    /// The values of some of the rows, column by column of the table. They must be in it as they were.
    public func columns(of entered: EnteredRows, _ range: Range<Int>) throws -> [ValueColumn] {
        var columns = entered.layout.schema.columns.map { _ in ValueColumn() }
        guard let sql = entered.layout.byRowid?.selectSQL else { return columns }
        for column in columns.indices {
            columns[column].reserve(rows: range.count, bytes: entered.bytes(of: column, range.count))
        }
        let select = try db.statement(sql)
        defer { select.reset() }
        for row in entered.rows[range] {
            guard try select.bind(1, row.rowid).step() else { throw StoreError("a row went while it was sealed") }
            for column in columns.indices { select.append(column, to: &columns[column]) }
            select.reset()
        }
        return columns
    }

    /// Gives some of the rows, whose values these are, the clock of one dot.
    ///
    /// - Parameter places: which of `range`, from its start.
    public func setClocks(
        of entered: EnteredRows, _ range: Range<Int>, _ columns: [ValueColumn], places: [Int], dot: DotID
    ) throws {
        try ValueColumn.withViews(columns) { views in
            var form: [UInt8] = []
            try setClocks(
                places.map { place in
                    PlainClock(
                        row: entered.rows[range.lowerBound + place].hash, dot: dot,
                        mark: hash.mark(views, place, &form))
                })
        }
    }
}

/// The notes of one table that say that a row was entered.
private struct EnteredNotes {
    let layout: TableLayout
    var keys: [ValueColumn]
    var notes: [(number: Int64, hash: Int64, age: UInt64)] = []

    init(_ layout: TableLayout) {
        self.layout = layout
        keys = layout.schema.key.map { _ in ValueColumn() }
    }
}
