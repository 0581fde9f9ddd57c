internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Rows that were shown and go on being shown, referring to what they referred to and in the places that they had: nobody's
/// fate can hang on what changed in them. They go past the batch, each by itself, and only the units that changed are
/// looked at. It is what most changes do.
extension RowBatch {
    struct UnitsOfTable: Hashable {
        let table: Int64
        let units: [UnitID]
    }

    /// The units, if rows that change in no others can go past the batch; nil: they cannot.
    func quietUnits(_ layout: TableLayout, _ units: [UnitID]) -> QuietUnits? {
        if planted != nil { return nil }
        let place = UnitsOfTable(table: layout.id, units: units)
        if let known = quiet[place] { return known }
        let found = QuietUnits(layout, units)
        quiet[place] = .some(found)
        return found
    }

    /// Lists the conflicts that rows opened and closed that went past. After each changeset, before anybody asks for them.
    func listMoved() throws {
        if moved.isEmpty { return }
        try store.list(moved)
        moved = []
    }

    /// Applies to a row what one changeset does to it (MRG-8), and writes what that comes to. `listMoved` is due afterwards.
    ///
    /// Returns false if the row cannot go past the batch: nothing was done.
    func applyQuietly(
        _ change: RowChange, _ key: RowKey, _ layout: TableLayout, _ units: QuietUnits, as dot: DotID
    ) throws -> Bool {
        guard working(layout.id, key) == nil, let row = try store.quietRow(layout, key) else { return false }
        return try applyQuietly(change, row, key, layout, units, as: dot)
    }

    /// The same of a row that is read.
    func applyQuietly(
        _ change: RowChange, _ row: QuietRow, _ key: RowKey, _ layout: TableLayout, _ units: QuietUnits, as dot: DotID
    ) throws -> Bool {
        if try hasMerges(), try store.isInMerge(row.hash) { return false }
        if store.mayHide(row.values, in: units) { return false }
        let before = row.state(of: change.writes.map(\.unit), layout)
        var after = before
        after.apply(change, as: dot)
        let verdict = try store.judge(after, of: key, table: layout.id)
        var values = row.values
        for shown in verdict.shown {
            for (column, value) in zip(layout.unit(shown.unit)?.columns ?? [], shown.values) { values[column] = value }
        }
        if try store.lacksValue(values, in: units) || store.asHeld(values, layout) != values { return false }
        do {
            try store.write(row, key: key, state: after, values: values, in: units)
        } catch let error as StoreError where error.isConstraint {
            return false
        }
        try noteNumbers(row, as: dot, to: values, layout)
        let disputed = before.units.contains { $0.candidates.count > 1 }
        let open = disputed ? try store.judge(before, of: key, table: layout.id).conflicts : []
        for unit in change.writes.map(\.unit) {
            let (was, now) = (open.contains(unit), verdict.conflicts.contains(unit))
            guard was || now else { continue }
            let id = Conflict.id(table: layout.schema.name, key: key, unit: store.unitName(unit, table: layout.id))
            moved.append(
                .init(id, of: unit, table: layout.id, key: key, hash: row.hash, was: was, is: now))
        }
        return true
    }
}
