public import SatchelModel

/// A row as the replica holds it.
public struct HeldRow {
    public let table: Int64
    public let key: RowKey
    /// The number under which its clock is kept.
    public let hash: Int64
    public var state: RowState
    public var place: Place

    public init(table: Int64, key: RowKey, hash: Int64, state: RowState, place: Place) {
        self.table = table
        self.key = key
        self.hash = hash
        self.state = state
        self.place = place
    }

    /// Entered by somebody and not sealed: it is in its table, and no clock tells of it (CAP-13).
    public var isUnsealed: Bool {
        if case .table = place { return state.isEmpty }
        return false
    }

    public var isInTable: Bool {
        if case .table = place { return true }
        return false
    }

    public enum Place: Equatable {
        case absent
        /// In its table, with these values.
        case table([Value])
        case grave(Fate)
    }
}

/// Why a row that is held is not in its table.
public enum Fate: Int64, Sendable {
    case dead = 0
    /// Something it refers to is not held.
    case orphaned = 1
    /// A constraint of its table refuses it.
    case refused = 2
    case incomplete = 3
    /// Its table is not known here.
    case unknown = 4
    /// A row that it refers to is deleted (`cascade`).
    case fallen = 5
    /// Another row is shown for it, into which it was merged.
    case merged = 6

    /// Whether somebody is to be told of it: it is held alive and not shown. The dead and the merged are not missed.
    public var isAside: Bool { self != .dead && self != .merged }
}

extension Store {
    public func rowHash(_ table: Int64, _ key: RowKey) -> Int64 { hash.row(table: table, key: key) }

    // MARK: Reading

    /// The row with its whole state, wherever it lies. Two look-ups by key.
    public func load(table: Int64, key: RowKey) throws -> HeldRow {
        let h = rowHash(table, key)
        var row = HeldRow(table: table, key: key, hash: h, state: RowState(), place: .absent)
        if let layout = layout(table), let values = try tableRow(layout, key) {
            row.place = .table(values)
            row.state = try clock(h, layout: layout, values: values) ?? RowState()
        } else if let (state, fate) = try grave(h, table: table, key: key) {
            row.place = .grave(fate)
            row.state = state
        }
        return row
    }

    /// The row's values as they stand in its table. One look-up by key.
    public func tableRow(_ layout: TableLayout, _ key: RowKey) throws -> [Value]? {
        guard try holdsAsItIs(key, layout) else { return nil }
        let select = try db.statement(layout.selectSQL)
        select.bind(key.values)
        guard try select.step() else { return nil }
        defer { select.reset() }
        return select.values(0..<layout.schema.columns.count)
    }

    /// Whether the row is in its table.
    public func isShown(_ layout: TableLayout, _ key: RowKey) throws -> Bool {
        guard try holdsAsItIs(key, layout) else { return false }
        let select = try db.statement(layout.selectSQL)
        select.bind(key.values)
        defer { select.reset() }
        return try select.step()
    }

    private func grave(_ h: Int64, table: Int64, key: RowKey) throws -> (RowState, Fate)? {
        let select = try db.statement("SELECT state, fate, tbl, key FROM satchel_grave WHERE h = ?")
        select.bind(1, h)
        guard try select.step() else { return nil }
        defer { select.reset() }
        guard select.integer(2) == table, select.bytes(3) == key.canonical else { return nil }
        var reader = RowReader(select.bytes(0))
        return (try reader.state(), Fate(rawValue: select.integer(1)) ?? .dead)
    }

    /// Whether anything lies in the graveyard at all: if not, an insert need not look.
    public func hasGraves() throws -> Bool { try hasAny("satchel_grave") }

    public func isInGrave(table: Int64, key: RowKey) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_grave WHERE h = ?")
        select.bind(1, rowHash(table, key))
        defer { select.reset() }
        return try select.step()
    }

    /// Rows of the graveyard with a fate, by table and key. `table` nil: of all tables.
    public func graves(_ fate: Fate, table: Int64? = nil) throws -> [(table: Int64, key: RowKey, reason: String)] {
        // The fate stands in the text: the index is partial, and for a parameter SQLite would plan anew each time.
        let select = try db.statement(
            "SELECT tbl, key, reason FROM satchel_grave WHERE fate = \(fate.rawValue) AND (?1 IS NULL OR tbl = ?1) "
                + "ORDER BY tbl, key")
        select.bind(1, table.map { .integer($0) } ?? .null)
        var rows: [(Int64, RowKey, String)] = []
        while try select.step() {
            var reader = RowReader(select.bytes(1))
            rows.append((select.integer(0), try reader.key(), select.string(2)))
        }
        return rows
    }

    /// Keys of the rows in their table that refer to `parent` by these columns. With an index O(children).
    public func children(of parent: RowKey, in layout: TableLayout, columns: [Int]) throws -> [RowKey] {
        let keys = layout.schema.key.map { quoted(layout.schema.columns[$0].name) }.joined(separator: ", ")
        let condition = columns.enumerated()
            .map { "\(quoted(layout.schema.columns[$1].name)) = ?\($0 + 1)" }.joined(separator: " AND ")
        let select = try db.statement("SELECT \(keys) FROM \(quoted(layout.schema.name)) WHERE \(condition)")
        select.bind(parent.values)
        var found: [RowKey] = []
        while try select.step() { found.append(RowKey(select.values(0..<layout.schema.key.count))) }
        return found
    }

    // MARK: Writing

    /// Puts a row into its table, or changes it there, with its clock.
    ///
    /// Throws a `StoreError` with `isConstraint` if the table refuses the values; then nothing is changed.
    public func show(_ row: HeldRow, state: RowState, values: [Value]) throws {
        guard let layout = layout(row.table) else { throw StoreError("a row of an unknown table cannot be shown") }
        switch row.place {
        case .table(let present): try change(row.key, of: layout, from: present, to: values, in: layout.written)
        case .absent, .grave:
            let insert = try db.statement(layout.insertSQL)
            try insert.bind(values).run()
        }
        if case .grave = row.place { try dig(row.hash) }
        try setClock(row.hash, layout: layout, state: state, values: values)
    }

    /// Writes those of the columns of a row that differ, and touches no index of the others.
    func change(
        _ key: RowKey, of layout: TableLayout, from present: [Value], to values: [Value], in columns: [Int]
    ) throws {
        let changed = columns.filter { values[$0] != present[$0] }
        if changed.isEmpty { return }
        let update = try layout.update(of: changed, on: db)
        update.bind(key.values)
        for (place, column) in changed.enumerated() { update.bind(key.values.count + 1 + place, values[column]) }
        try update.run()
    }

    /// Takes a row out of its table, if it is there, and keeps its state in the graveyard.
    public func bury(_ row: HeldRow, state: RowState, fate: Fate, reason: String) throws {
        if case .table = row.place { try removeFromTable(row) }
        try noteAside(row.hash, becomes: fate.isAside)
        var writer = RowWriter()
        writer.state(state)
        let insert = try db.statement(
            "INSERT OR REPLACE INTO satchel_grave(h, tbl, key, fate, reason, state, position, since) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        try insert.bind(1, row.hash).bind(2, row.table).bind(3, blob: row.key.canonical)
            .bind(4, fate.rawValue).bind(5, reason).bind(6, blob: writer.bytes)
            .bind(7, hubTime == nil ? 0 : Int64(clamping: try lastArrival()))
            .bind(8, hubTime?.milliseconds ?? 0).run()
    }

    /// Forgets a row altogether, as when it left the scopes.
    public func purge(_ row: HeldRow) throws {
        try takeAway(row)
        try forgetInbox(row.hash)
    }

    /// Takes a row away with all that is derived of it.
    func takeAway(_ row: HeldRow) throws {
        switch row.place {
        case .table: try removeFromTable(row)
        case .grave: try dig(row.hash)
        case .absent: break
        }
        try forgetUnseen(row.hash)
        try forgetClaims(row.hash)
        try setMerges(of: row, into: [])
        try setConflicts(of: row, [])
    }

    /// Takes a row out of its table for a moment, so that others may take the place that it leaves; its clock stays.
    public func lift(_ row: HeldRow) throws {
        if let layout = layout(row.table) { try db.statement(layout.deleteSQL).bind(row.key.values).run() }
    }

    private func removeFromTable(_ row: HeldRow) throws {
        if let layout = layout(row.table) { try db.statement(layout.deleteSQL).bind(row.key.values).run() }
        try db.statement("DELETE FROM satchel_row WHERE h = ?").bind(1, row.hash).run()
    }

    private func dig(_ h: Int64) throws {
        try noteAside(h, becomes: false)
        try db.statement("DELETE FROM satchel_grave WHERE h = ?").bind(1, h).run()
        try forgetClaims(h)
    }

    // MARK: Conflicts

    /// Replaces the listed conflicts of a row.
    public func setConflicts(of row: HeldRow, _ conflicts: [(id: String, kind: ConflictKind, unit: UnitID)]) throws {
        let listed = try self.conflicts(of: row.hash)
        if listed.isEmpty, conflicts.isEmpty { return }
        noteConflicts(were: listed, are: conflicts.map(\.id))
        try db.statement("DELETE FROM satchel_conflict WHERE h = ?").bind(1, row.hash).run()
        try list(
            conflicts.map { ($0.id, row.hash, $0.unit, $0.kind, row.table, row.key) })
    }

    /// A conflict of the values of one unit that comes, or goes.
    public struct ConflictMove {
        let id: String
        let hash: Int64
        let table: Int64
        let unit: UnitID
        let key: RowKey
        let was: Bool
        let now: Bool

        /// - Parameter was: whether it is listed.
        public init(
            _ id: String, of unit: UnitID, table: Int64, key: RowKey, hash: Int64, was: Bool, is now: Bool
        ) {
            (self.id, self.hash, self.table, self.unit, self.key) = (id, hash, table, unit, key)
            (self.was, self.now) = (was, now)
        }
    }

    /// Lists conflicts that came, and those that went no more. Many at once, in the order in which they lie.
    public func list(_ moves: [ConflictMove]) throws {
        for move in moves { noteConflicts(were: move.was ? [move.id] : [], are: move.now ? [move.id] : []) }
        for move in moves where move.was && !move.now {
            try db.statement("DELETE FROM satchel_conflict WHERE id = ? AND h = ? AND unit = ?").bind(1, move.id)
                .bind(2, move.hash).bind(3, Int64(move.unit)).run()
        }
        try list(
            moves.filter { $0.now && !$0.was }.map { ($0.id, $0.hash, $0.unit, .values, $0.table, $0.key) })
    }

    private typealias ListedRow = (
        id: String, hash: Int64, unit: UnitID, kind: ConflictKind, table: Int64, key: RowKey
    )

    private func list(_ conflicts: [ListedRow]) throws {
        try insert(
            conflicts.sorted { ($0.id, $0.hash, $0.unit) < ($1.id, $1.hash, $1.unit) },
            "INSERT OR FAIL INTO satchel_conflict(id, h, unit, kind, tbl, key) VALUES ", columns: 6
        ) { conflict, insert, first in
            insert.bind(first, conflict.id).bind(first + 1, conflict.hash).bind(first + 2, Int64(conflict.unit))
                .bind(first + 3, conflict.kind.rawValue).bind(first + 4, conflict.table)
                .bind(first + 5, blob: conflict.key.canonical)
        }
    }

    public struct ListedConflict {
        public let id: String
        public let kind: ConflictKind
        public let table: Int64
        public let unit: UnitID
        public let key: RowKey
    }

    /// The ids of a row's open conflicts.
    public func conflicts(of h: Int64) throws -> [String] {
        let select = try db.statement("SELECT id FROM satchel_conflict WHERE h = ? ORDER BY id")
        select.bind(1, h)
        var ids: [String] = []
        while try select.step() { ids.append(select.string(0)) }
        return ids
    }

    /// Whether any conflict is open.
    public func hasConflicts() throws -> Bool { try hasAny("satchel_conflict") }

    /// The open conflicts, by id.
    public func listedConflicts() throws -> [ListedConflict] {
        try listed(db.statement("SELECT id, kind, tbl, unit, key FROM satchel_conflict ORDER BY id"))
    }

    /// Those of one id.
    public func listedConflicts(named id: String) throws -> [ListedConflict] {
        let select = try db.statement("SELECT id, kind, tbl, unit, key FROM satchel_conflict WHERE id = ? ORDER BY h")
        return try listed(select.bind(1, id))
    }

    /// Those of one row.
    public func listedConflicts(of h: Int64) throws -> [ListedConflict] {
        let select = try db.statement("SELECT id, kind, tbl, unit, key FROM satchel_conflict WHERE h = ? ORDER BY id")
        return try listed(select.bind(1, h))
    }

    private func listed(_ select: Statement) throws -> [ListedConflict] {
        var found: [ListedConflict] = []
        while try select.step() {
            var reader = RowReader(select.bytes(4))
            found.append(
                ListedConflict(
                    id: select.string(0), kind: ConflictKind(rawValue: select.integer(1)) ?? .values,
                    table: select.integer(2), unit: UnitID(truncatingIfNeeded: select.integer(3)),
                    key: try reader.key()))
        }
        return found
    }
}

extension Store {
    /// Whether a row is in its table though deletions stand against it: kept by an edit or by a row that refers to it.
    public func isKept(_ layout: TableLayout, _ key: RowKey) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_conflict WHERE h = ? AND kind > 0")
        select.bind(1, rowHash(layout.id, key))
        defer { select.reset() }
        return try select.step()
    }

    /// Takes a row out of the graveyard, when it is back in its table by a person's own act.
    public func dig(_ row: HeldRow) throws { try dig(row.hash) }
}

extension Store {
    /// The state of a row that lies in the graveyard; nil: it does not.
    public func heldInGrave(table: Int64, key: RowKey) throws -> RowState? {
        try grave(rowHash(table, key), table: table, key: key)?.0
    }
}
