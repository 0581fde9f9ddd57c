public import SatchelModel

/// A row that is in its table and that no deletion stands against, as far as a change of some of its units needs it: what
/// its clock lists, and not what that implies of the others.
public struct QuietRow {
    public let hash: Int64
    /// As they stand in its table.
    public let values: [Value]
    /// What the clock's implied candidates hold: the same, or what the row held when its clock was written.
    private let known: [Value]
    private let clock: Store.LeanClock

    fileprivate init(hash: Int64, values: [Value], known: [Value], clock: Store.LeanClock) {
        (self.hash, self.values, self.known, self.clock) = (hash, values, known, clock)
    }

    /// The state of the row as far as these units go, which are of its table. O(units · units listed).
    public func state(of units: [UnitID], _ layout: TableLayout) -> RowState {
        RowState(
            units: units.sorted().compactMap { unit in
                let candidates = clock.candidates(of: unit, layout, in: known)
                return candidates.isEmpty ? nil : UnitState(unit: unit, candidates: candidates)
            })
    }

    /// What is held of one unit of the table, or of existence.
    public func candidates(of unit: UnitID, _ layout: TableLayout) -> [Candidate] {
        clock.candidates(of: unit, layout, in: known)
    }

    /// The whole state. O(units).
    public func state(_ layout: TableLayout) -> RowState { clock.state(layout, in: known) }

    /// Every dot of the state. O(units).
    public func dots(_ layout: TableLayout) -> Set<DotID> {
        var dots = Set(clock.listed.units.flatMap { $0.candidates.map(\.dot) })
        for unit in [RowState.existence] + layout.unitIDs where !dots.contains(clock.dot) {
            for candidate in candidates(of: unit, layout) { dots.insert(candidate.dot) }
        }
        return dots
    }

    /// The whole state, with `changed` in the place of what was held of its units.
    fileprivate func state(with changed: RowState, _ layout: TableLayout) -> RowState {
        var state = self.state(layout)
        for unit in changed.units { state[unit.unit] = unit.candidates }
        return state
    }

    /// What the clock lists, likewise, but for what its one dot implies of a row of these values.
    fileprivate func listed(with changed: RowState, _ layout: TableLayout, values: [Value]) -> RowState {
        var listed = clock.listed
        listed.units.removeAll { unit in changed.units.contains { $0.unit == unit.unit } }
        listed.units += changed.units.filter { !clock.implies($0, layout, in: values) }
        listed.units.sort { $0.unit < $1.unit }
        return listed
    }

    fileprivate var dot: DotID { clock.dot }
}

extension Store {
    /// The row, if it is in its table and nothing stands against it. Two look-ups by key.
    public func quietRow(_ layout: TableLayout, _ key: RowKey) throws -> QuietRow? {
        guard let values = try tableRow(layout, key) else { return nil }
        return try quietRow(layout, rowHash(layout.id, key), values: values, formerly: values)
    }

    /// A row in its table, if nothing stands against it. One look-up by key.
    ///
    /// - Parameter formerly: its values when its clock was written.
    public func quietRow(
        _ layout: TableLayout, _ hash: Int64, values: [Value], formerly: [Value]
    ) throws -> QuietRow? {
        guard let clock = try leanClock(hash, layout: layout, values: formerly) else { return nil }
        if !clock.listed.deletions.isEmpty { return nil }
        return QuietRow(hash: hash, values: values, known: formerly, clock: clock)
    }

    /// Whether a NULL stands in these values where the table takes none. It must not be asked: it may have a word of its
    /// own for that (`NOT NULL ON CONFLICT REPLACE`).
    public func lacksValue(_ values: [Value], in units: QuietUnits) -> Bool {
        units.columns.contains { units.layout.schema.columns[$0].notNull && values[$0] == .null }
    }

    /// Whether a reference of the row may be shown as NULL: what stands there is not in these values, and the table may refuse it.
    public func mayHide(_ values: [Value], in units: QuietUnits) -> Bool {
        units.mayHide.contains { values[$0] == .null }
    }

    /// Writes what some units of a row came to: the columns of `units` where they differ, and the clock.
    ///
    /// Throws a `StoreError` with `isConstraint` if the table refuses the values; then nothing is changed.
    /// - Parameter state: of the units that changed, all of them among `units`.
    public func write(
        _ row: QuietRow, key: RowKey, state: RowState, values: [Value], in units: QuietUnits
    ) throws {
        let layout = units.layout
        try change(key, of: layout, from: row.values, to: values, in: units.columns)
        try setClock(row.hash, clock(of: row, with: state, layout, values: values), values: values)
    }

    /// The clock of a row of which some units came to another state.
    private func clock(
        of row: QuietRow, with state: RowState, _ layout: TableLayout, values: [Value]
    ) -> EncodedClock {
        let listed = row.listed(with: state, layout, values: values)
        // With most of the units listed another dot says more.
        return listed.units.count * 2 > layout.unitIDs.count
            ? encoded(row.state(with: state, layout), layout, values: values)
            : encoded(listed, beside: row.dot, layout, values: values)
    }

    /// The clock of a row of these values that was all under one dot, when some units were written under another: it names no
    /// value, and is the same for all rows to which that happened.
    ///
    /// - Parameter written: the units, by their place in the table's.
    func clock(
        of values: [Value], _ layout: TableLayout, written: [Int], over former: DotID, as dot: DotID
    ) -> EncodedClock {
        let units = written.map { place in
            let values = layout.values(of: layout.schema.units[place], in: values)
            return UnitState(unit: layout.unitIDs[place], candidates: [Candidate(dot: dot, values: values)])
        }
        return clock(
            of: QuietRow(
                hash: 0, values: values, known: values, clock: LeanClock(dot: former, listed: RowState())),
            with: RowState(units: units.sorted { $0.unit < $1.unit }), layout, values: values)
    }
}

/// Units of a table that are written together, where nothing but the row itself hangs on what they hold: no reference,
/// and no unique place.
public struct QuietUnits {
    let layout: TableLayout
    /// Of these units.
    let columns: [Int]
    /// Of a reference that may be shown as NULL, where what stands there may matter to a CHECK (MRG-45).
    fileprivate let mayHide: [Int]

    /// Nil: something hangs on them, the table does not have all of them, or one is named twice.
    public init?(_ layout: TableLayout, _ units: [UnitID]) {
        let found = units.compactMap { layout.unit($0) }
        guard found.count == units.count, Set(units).count == units.count, !units.isEmpty, !layout.hasPartialPlaces
        else { return nil }
        // Whether a table takes its row with any of several references shown as NULL may hang on any column (MRG-43).
        let nullable = layout.hasChecks ? layout.schema.references.filter { $0.policy == .setNull } : []
        guard nullable.count < 2 else { return nil }
        let columns = found.flatMap(\.columns)
        let facts = layout.facts
        let places = facts.unique.indices.filter { layout.isContended($0) }.flatMap { facts.unique[$0].columns }
        let references = layout.schema.references.flatMap(\.columns)
        guard columns.allSatisfy({ !places.contains($0) && !references.contains($0) }) else { return nil }
        self.layout = layout
        self.columns = columns
        mayHide = nullable.flatMap(\.columns)
    }
}
