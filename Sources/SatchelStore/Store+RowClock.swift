public import SatchelModel

/// The clocks of the rows that are in their tables, as they lie in the file.
extension Store {
    /// A row's clock as it lies in the file: one dot, and what differs from it.
    struct LeanClock {
        let dot: DotID
        /// A unit without candidates is one that nobody wrote (VER-4).
        let listed: RowState

        func candidates(of unit: UnitID, _ layout: TableLayout, in values: [Value]) -> [Candidate] {
            if let found = listed.units.first(where: { $0.unit == unit }) { return found.candidates }
            if unit == RowState.existence { return [Candidate(dot: dot, values: [])] }
            guard let place = layout.unitIDs.firstIndex(of: unit), dot > layout.since[place] else { return [] }
            return [Candidate(dot: dot, values: layout.values(of: layout.schema.units[place], in: values))]
        }

        /// The whole state of a row of these values.
        func state(_ layout: TableLayout, in values: [Value]) -> RowState {
            var state = listed
            state.units.removeAll { $0.candidates.isEmpty }
            for id in [RowState.existence] + layout.unitIDs where !listed.units.contains(where: { $0.unit == id }) {
                state[id] = candidates(of: id, layout, in: values)
            }
            return state
        }

        /// Whether a unit of a row of these values need not be listed: its one candidate has this dot, and is shown.
        func implies(_ unit: UnitState, _ layout: TableLayout, in values: [Value]) -> Bool {
            guard let only = unit.candidates.first, unit.candidates.count == 1, only.dot == dot else { return false }
            let since = layout.unitIDs.firstIndex(of: unit.unit).map { layout.since[$0] } ?? 0
            return dot > since && layout.shownValues(unit.unit, in: values) == only.values
        }
    }

    /// The clock of a row in its table; nil: it has none yet. `values`: those of the row when its clock was written.
    func leanClock(_ h: Int64, layout: TableLayout, values: [Value]) throws -> LeanClock? {
        let select = try db.statement("SELECT dot, detail FROM satchel_row WHERE h = ?")
        select.bind(1, h)
        guard try select.step() else { return nil }
        defer { select.reset() }
        if select.isNull(1) { return LeanClock(dot: select.integer(0), listed: RowState()) }
        var reader = RowReader(select.bytes(1))
        return LeanClock(
            dot: select.integer(0),
            listed: try reader.state(leavingGone: true) { layout.shownValues($0, in: values) })
    }

    /// The state of a row in its table, from its clock and its values. Nil: it has no clock yet.
    func clock(_ h: Int64, layout: TableLayout, values: [Value]) throws -> RowState? {
        try leanClock(h, layout: layout, values: values)?.state(layout, in: values)
    }

    /// A clock as it lies in the file: one dot, and what differs from it.
    struct EncodedClock {
        let dot: DotID
        var detail = Value.null
    }

    /// Writes the clock of a row in its table.
    ///
    /// `inline`: units whose values are written out though they stand in the table, because they leave it.
    func setClock(
        _ h: Int64, layout: TableLayout, state: RowState, values: [Value], inline: Set<UnitID> = []
    ) throws {
        try setClock(h, encoded(state, layout, values: values, inline: inline), values: values)
    }

    func setClock(_ h: Int64, _ clock: EncodedClock, values: [Value]) throws {
        let insert = try db.statement("INSERT OR REPLACE INTO satchel_row(h, dot, mark, detail) VALUES (?, ?, ?, ?)")
        try insert.bind(1, h).bind(2, clock.dot).bind(3, hash.mark(values)).bind(4, clock.detail).run()
    }

    /// The clock of a state: the base dot is the one that says most.
    func encoded(
        _ state: RowState, _ layout: TableLayout, values: [Value], inline: Set<UnitID> = []
    ) -> EncodedClock {
        var counts: [DotID: Int] = [:]
        for unit in state.units where unit.candidates.count == 1 { counts[unit.candidates[0].dot, default: 0] += 1 }
        let base =
            counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
            ?? state.units.first?.candidates.first?.dot ?? 0
        let lean = LeanClock(dot: base, listed: RowState())
        var rest = RowState(deletions: state.deletions)
        var known = 0
        for unit in state.units {
            if layout.unitIDs.contains(unit.unit) || unit.unit == RowState.existence { known += 1 }
            if !inline.contains(unit.unit), lean.implies(unit, layout, in: values) { continue }
            rest.units.append(unit)
        }
        if known <= layout.unitIDs.count {
            for (place, id) in layout.unitIDs.enumerated() where base > layout.since[place] && state[id].isEmpty {
                rest.units.append(UnitState(unit: id, candidates: []))
            }
            rest.units.sort { $0.unit < $1.unit }
        }
        return encoded(rest, beside: base, layout, values: values, inline: inline)
    }

    /// - Parameter listed: what differs from the one dot.
    func encoded(
        _ listed: RowState, beside dot: DotID, _ layout: TableLayout, values: [Value], inline: Set<UnitID> = []
    ) -> EncodedClock {
        if listed.isEmpty { return EncodedClock(dot: dot) }
        var writer = RowWriter()
        writer.state(listed) { inline.contains($0) ? nil : layout.shownValues($0, in: values) }
        return EncodedClock(dot: dot, detail: .blob(writer.bytes))
    }

    // MARK: Many at once

    /// The clock of one row as it lies.
    struct RowClock {
        let row: Int64
        let clock: EncodedClock
        let mark: Int64
    }

    /// Writes clocks in the order in which they lie.
    func setClocks(_ clocks: [RowClock]) throws {
        try insert(
            clocks.sorted { $0.row < $1.row }, "INSERT OR REPLACE INTO satchel_row(h, dot, mark, detail) VALUES ",
            columns: 4
        ) { one, insert, first in
            insert.bind(first, one.row).bind(first + 1, one.clock.dot).bind(first + 2, one.mark)
                .bind(first + 3, one.clock.detail)
        }
    }

    /// The clocks of rows that are in their table as their author left them, every unit under one dot.
    public func setPlainClocks(
        _ rows: [(layout: TableLayout, key: RowKey, values: [Value])], dot: DotID
    ) throws {
        try setClocks(
            rows.map { layout, key, values in
                RowClock(row: rowHash(layout.id, key), clock: EncodedClock(dot: dot), mark: hash.mark(values))
            })
    }
}
