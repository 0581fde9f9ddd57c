public import SatchelModel

/// A row that somebody wrote since the last seal: as it was then, and as it is now.
public struct Touch {
    public let table: Int64
    public let key: RowKey
    /// Nil: it was not there.
    public let old: [Value]?
    /// Nil: it is not there.
    public let new: [Value]?
    /// Found changed by no trigger's note: what it was before is not known, and `old` says nothing.
    public let found: Bool
    /// Milliseconds since it was last noted, by the clock of this machine.
    public let age: UInt64
    /// In a table whose writes are counted: what was noted, in order.
    let counted: [CountedNote]
}

/// A note with an id, by which what it tells of counts once (CAP-16).
struct CountedNote {
    let id: UInt64
    /// Nil: the row was entered.
    let column: Int?
    /// What the column held before, or of a row entered over another what that one held in each column.
    let before: [Value]
}

extension Touch {
    /// The writes by which a column came to what it holds: the id of each, and what the column held before it.
    public func steps(of column: Int) -> [(id: UInt64, before: Value)] {
        counted.compactMap { note in
            switch note.column {
            case nil: (note.id, note.before.indices.contains(column) ? note.before[column] : .null)
            case column: (note.id, note.before[0])
            default: nil
            }
        }
    }
}

extension Store {
    /// The columns of the journal in which the keys of all tables find room.
    var journalKeys: String { Triggers.keys(layouts.map(\.schema.key.count).max() ?? 1) }

    /// Whether anything was noted since the last seal. One look at the journal's end.
    public func hasNotes() throws -> Bool { try hasAny("satchel_journal") }

    /// The rows noted since the last seal but those that were only entered, in the order in which they were first noted.
    ///
    /// Notes are suspicions: a row that is now as it was is left out by the caller, who compares. O(notes).
    /// Throws a `StoreError` if a row that others know has a value larger than any bundle may carry (CAP-13).
    public func captured(but entered: Captured = .none) throws -> [Touch] {
        if entered.isAll { return [] }
        var rows: [(name: TouchedRow, evidence: Evidence, counted: CountedNotes)] = []
        var places: [TouchedRow: Int] = [:]
        let notes = try db.statement(
            "SELECT n, t, u, (SELECT \(Triggers.now)) - at, v, i, \(journalKeys) "
                + "FROM satchel_journal ORDER BY n")
        while try notes.step() {
            if entered.notes.contains(notes.integer(0)) { continue }
            let table = notes.integer(1)
            guard let layout = layout(table) else { continue }
            let row = TouchedRow(table: table, key: RowKey(notes.values(6..<(6 + layout.schema.key.count))))
            let age = UInt64(max(0, notes.integer(3)))
            let place: Int
            // Notes on one row mostly follow one another.
            if let last = rows.last, last.name == row {
                place = rows.count - 1
            } else if let known = places[row] {
                place = known
            } else {
                place = rows.count
                places[row] = place
                rows.append((row, Evidence(age: age), CountedNotes()))
            }
            rows[place].evidence.age = min(age, rows[place].evidence.age)
            switch notes.integer(2) {
            case Triggers.Note.inserted: rows[place].evidence.inserted()
            case Triggers.Note.deleted, Triggers.Note.threatened:
                if rows[place].evidence.isOpen {
                    rows[place].evidence.whole(try oldRow(notes.integer(0), key: row.key, layout: layout))
                }
            case Triggers.Note.found: rows[place].evidence.isFound = true
            case Triggers.Note.vanished:
                rows[place].evidence.vanished(try oldRow(notes.integer(0), key: row.key, layout: layout))
            case let column: rows[place].evidence.column(Int(column) - 1, notes.value(4))
            }
            if layout.rules.countsWrites { try rows[place].counted.take(notes, row.key, layout, self) }
        }
        return try rows.compactMap { name, evidence, counted in
            guard let layout = layout(name.table) else { return nil }
            let new = try tableRow(layout, name.key)
            if let new { try checkSizes(new, key: name.key, layout: layout) }
            return Touch(
                table: name.table, key: name.key, old: evidence.old(now: new), new: new, found: evidence.isFound,
                age: evidence.age, counted: counted.notes)
        }
    }

    fileprivate func oldRow(_ note: Int64, key: RowKey, layout: TableLayout) throws -> [Value]? {
        let old = Triggers(table: layout.facts, id: layout.id)
        let columns = (["n"] + old.oldColumns.map(\.name)).joined(separator: ", ")
        let select = try db.statement("SELECT \(columns) FROM \(old.oldTable) WHERE n = ?")
        select.bind(1, note)
        guard try select.step() else { return nil }
        defer { select.reset() }
        var row = layout.row(key: key, shown: [:])
        for (place, column) in old.oldColumns.enumerated() { row[column.index] = select.value(place + 1) }
        return row
    }

    /// Empties the journal, once its notes are sealed.
    public func forgetJournal() throws {
        for table in ["satchel_journal", "satchel_seen"] + layouts.map({ "satchel_old_\($0.id)" }) { try empty(table) }
    }
}

private struct TouchedRow: Hashable {
    let table: Int64
    let key: RowKey
}

/// What the notes on one row say, taken together, of how it was at the last seal: the first word on each column
/// counts (CAP-3).
private struct Evidence {
    private enum Kind { case untold, absent, present }

    var age: UInt64
    /// Changed round the triggers too: what it was is not known, whatever else was noted (CAP-10).
    var isFound = false
    private var kind = Kind.untold
    private var columns: [(index: Int, old: Value)] = []
    private var rest: [Value]?

    init(age: UInt64) { self.age = age }

    /// Whether a whole old row would still tell something.
    var isOpen: Bool { kind != .absent && rest == nil }

    mutating func inserted() { if kind == .untold { kind = .absent } }

    mutating func column(_ index: Int, _ old: Value) {
        guard isOpen else { return }
        kind = .present
        if !columns.contains(where: { $0.index == index }) { columns.append((index, old)) }
    }

    mutating func whole(_ row: [Value]?) {
        guard let row else { return }
        kind = .present
        rest = row
    }

    /// What the clocks and the kept changesets say of a row that is gone overrides what the triggers saw.
    mutating func vanished(_ row: [Value]?) {
        columns = []
        whole(row)
    }

    func old(now: [Value]?) -> [Value]? {
        guard !isFound, kind == .present, var row = rest ?? now else { return nil }
        for (index, old) in columns where row.indices.contains(index) { row[index] = old }
        return row
    }
}

/// The notes with ids on one row, and what stood there before it was entered anew.
private struct CountedNotes {
    private(set) var notes: [CountedNote] = []
    private var gone: [Value] = []

    /// Takes the note that a statement of the journal stands at.
    mutating func take(_ note: Statement, _ key: RowKey, _ layout: TableLayout, _ store: Store) throws {
        let (what, id) = (note.integer(2), UInt64(bitPattern: note.integer(5)))
        switch what {
        case Triggers.Note.deleted, Triggers.Note.threatened:
            gone = try store.oldRow(note.integer(0), key: key, layout: layout) ?? []
        case _ where note.isNull(5): break
        case Triggers.Note.inserted:
            notes.append(CountedNote(id: id, column: nil, before: gone))
            gone = []
        default: notes.append(CountedNote(id: id, column: Int(what) - 1, before: [note.value(4)]))
        }
    }
}
