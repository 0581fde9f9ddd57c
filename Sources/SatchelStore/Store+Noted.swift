public import SatchelModel

/// Rows of one table to which the same happened since the last seal, and of which nothing need be thought but themselves: what
/// was noted of them says all.
///
/// They are by far the most of what is sealed. Their values stay in the table until a changeset is made of them: here
/// is only where they lie.
public struct NotedRows {
    public let layout: TableLayout
    /// The units that were written, by their place in the table's; empty: the rows were entered.
    public let changed: [Int]
    /// In the order in which they were first noted.
    public private(set) var rows: [Row] = []
    /// Of texts and blobs, by column of the table.
    private var columnBytes: [Int]

    /// - Parameter count: about how many rows will come.
    init(_ layout: TableLayout, changed: [Int] = [], count: Int = 0) {
        (self.layout, self.changed) = (layout, changed)
        columnBytes = Array(repeating: 0, count: layout.schema.columns.count)
        rows.reserveCapacity(count)
    }

    /// About what each column will hold of some of the rows, so that none need grow, when it is there twice.
    fileprivate func bytes(of column: Int, _ count: Int) -> Int {
        let whole = columnBytes[column]
        return count == rows.count ? whole : whole / rows.count * count / 16 * 17
    }

    /// Takes a row at which a statement of `findSQL` stands, unless no replica would accept it (CAP-13): returns whether it did.
    mutating func add(_ noted: Store.Notes.Row, dot: DotID, at select: Statement) -> Bool {
        var (bytes, most) = (0, 0)
        for column in columnBytes.indices {
            let count = select.byteCount(column + 1)
            columnBytes[column] += count
            bytes += count
            most = max(most, count)
        }
        if bytes > Limits.rowBytes || most > Limits.valueBytes { return false }
        rows.append(Row(hash: noted.hash, rowid: select.integer(0), age: noted.age, bytes: bytes, dot: dot))
        return true
    }

    public struct Row {
        /// The number under which its clock is kept.
        public let hash: Int64
        fileprivate let rowid: Int64
        /// Milliseconds since it was last noted, by the clock of this machine.
        public let age: UInt64
        /// Of its texts and blobs.
        public let bytes: Int
        /// What all of it was under at the last seal; 0: it was not there.
        public let dot: DotID
    }
}

/// What was noted since the last seal, told apart.
public struct Captured {
    /// At most one for each table and what happened.
    public private(set) var rows: [NotedRows] = []
    /// The numbers of the notes of which all is told, where there are others.
    private(set) var notes: Set<Int64> = []
    /// Whether there is no other note.
    private(set) var isAll = false

    /// Nothing was told apart.
    public static var none: Captured { Captured() }

    private init() {}

    fileprivate init(_ rows: [NotedRows], told: [Int64], of notes: Int) {
        self.rows = rows
        // Where there is no other note nobody asks which these are.
        isAll = told.count == notes
        if !isAll { self.notes = Set(told) }
    }
}

extension Store {
    /// The rows that were only entered, or of which only units were written on which no other row hangs. O(notes), and for each
    /// such row two look-ups.
    ///
    /// - Parameter changes: whether rows that were written are told apart too.
    public func toldApart(changes: Bool) throws -> Captured {
        var tables: [Notes] = []
        var places: [Int64: Int] = [:]
        var notes = 0
        let changes = try changes && !hasAny("satchel_seen")
        let journal = try db.statement(
            "SELECT t, u, (SELECT \(Triggers.now)) - at, n, v, \(journalKeys) FROM satchel_journal ORDER BY n")
        var form: [UInt8] = []
        while try journal.step() {
            notes += 1
            let table = journal.integer(0)
            if places[table] == nil, let layout = layout(table) {
                places[table] = tables.count
                tables.append(Notes(layout, changes: changes))
            }
            guard let place = places[table] else { continue }
            form.removeAll(keepingCapacity: true)
            for column in tables[place].keys.indices { journal.appendCanonical(5 + column, to: &form) }
            tables[place].take(journal, of: hash.row(table: table, canonical: form))
        }
        var rows: [NotedRows] = []
        var told: [Int64] = []
        for noted in tables where noted.layout.byRowid != nil {
            try entered(noted, &rows, &told)
            try changed(noted, &rows, &told)
        }
        return Captured(rows, told: told, of: notes)
    }

    /// The values of some of the rows, column by column of the table. They must be in it as they were.
    public func columns(of noted: NotedRows, _ range: Range<Int>) throws -> [ValueColumn] {
        var columns = noted.layout.schema.columns.map { _ in ValueColumn() }
        guard let sql = noted.layout.byRowid?.selectSQL else { return columns }
        for column in columns.indices {
            columns[column].reserve(rows: range.count, bytes: noted.bytes(of: column, range.count))
        }
        let select = try db.statement(sql)
        defer { select.reset() }
        for row in noted.rows[range] {
            guard try select.bind(1, row.rowid).step() else { throw StoreError("a row went while it was sealed") }
            for column in columns.indices { select.append(column, to: &columns[column]) }
            select.reset()
        }
        return columns
    }

    /// Gives some of the rows, whose values these are, their clocks under the dot of what was sealed.
    ///
    /// - Parameter places: which of `range`, from its start.
    public func setClocks(
        of noted: NotedRows, _ range: Range<Int>, _ columns: [ValueColumn], places: [Int], dot: DotID
    ) throws {
        var clocks: [DotID: EncodedClock] = [:]
        for (place, row) in noted.rows[range].enumerated() where !noted.changed.isEmpty && clocks[row.dot] == nil {
            // What is listed in a clock are dots alone, where each value is the one that stands in the table.
            clocks[row.dot] = clock(
                of: columns.map { $0[place] }, noted.layout, written: noted.changed, over: row.dot, as: dot)
        }
        try ValueColumn.withViews(columns) { views in
            var form: [UInt8] = []
            try setClocks(
                places.map { place in
                    let row = noted.rows[range.lowerBound + place]
                    return RowClock(
                        row: row.hash, clock: clocks[row.dot] ?? EncodedClock(dot: dot),
                        mark: hash.mark(views, place, &form))
                })
        }
    }
}

extension Store {
    /// What was noted of the rows of one table.
    struct Notes {
        let layout: TableLayout
        private let changes: Bool
        /// The keys of the rows, one for each of `rows`.
        private(set) var keys: [ValueColumn]
        private(set) var rows: [Row] = []
        /// Of columns that were written: which, what each held before, and where in `written` the next of its row is; −1: there
        /// is none.
        private(set) var written: [(column: Int32, next: Int32, number: Int64)] = []
        private(set) var olds = ValueColumn()
        private var places: [Int64: Int] = [:]

        struct Row {
            let hash: Int64
            /// The number of the first note.
            let number: Int64
            fileprivate(set) var age: UInt64
            /// Whether it was entered, or written, and nothing else.
            fileprivate(set) var isEntered: Bool
            fileprivate(set) var isWritten: Bool
            /// Where the notes on its columns are in `written`.
            fileprivate var first: Int32
            fileprivate var last: Int32
        }

        init(_ layout: TableLayout, changes: Bool) {
            self.layout = layout
            self.changes = changes && !layout.rules.countsWrites
            keys = layout.schema.key.map { _ in ValueColumn() }
        }

        /// Takes the note that the statement of the journal stands at.
        mutating func take(_ journal: Statement, of hash: Int64) {
            let what = journal.integer(1)
            let age = UInt64(max(0, journal.integer(2)))
            let isColumn = changes && what > 0
            var place = rows.count - 1
            if place < 0 || rows[place].hash != hash { place = places[hash] ?? rows.count }
            if place == rows.count {
                places[hash] = place
                for column in keys.indices { journal.append(5 + column, to: &keys[column]) }
                rows.append(
                    Row(
                        hash: hash, number: journal.integer(3), age: age, isEntered: what == Triggers.Note.inserted,
                        isWritten: isColumn, first: -1, last: -1))
            } else {
                rows[place].isEntered = false
                rows[place].isWritten = rows[place].isWritten && isColumn
                rows[place].age = min(age, rows[place].age)
            }
            if rows[place].isWritten { note(Int(what) - 1, journal, on: place) }
        }

        private mutating func note(_ column: Int, _ journal: Statement, on place: Int) {
            let next = Int32(clamping: written.count)
            written.append((Int32(clamping: column), -1, journal.integer(3)))
            journal.append(4, to: &olds)
            if rows[place].first < 0 { rows[place].first = next } else { written[Int(rows[place].last)].next = next }
            rows[place].last = next
        }

        /// The notes on the columns of a row, in order: where `olds` has what the column held, which it is, and the number.
        func forEachNote(of row: Row, _ body: (_ place: Int, _ column: Int, _ number: Int64) -> Void) {
            var next = row.first
            while next >= 0 {
                let note = written[Int(next)]
                body(Int(next), Int(note.column), note.number)
                next = note.next
            }
        }
    }
}
