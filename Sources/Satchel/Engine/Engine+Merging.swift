internal import SatchelMerge
package import SatchelModel
internal import SatchelStore

/// Merging rows and taking it back, by a person's word (MRG-50, MRG-56).
extension Engine {
    /// Merges a row into another: one changeset, with the values that the other takes over. In the caller's transaction.
    ///
    /// - Parameter columns: columns that the other takes over, each with the unit it belongs to.
    /// - Returns: the columns whose values differed and were taken over.
    package func merge(
        _ key: RowKey, into other: RowKey, in table: String, taking columns: [String], actor: String
    ) throws -> [String] {
        try seal()
        let layout = try layout(named: table)
        guard key != other else {
            throw UsageError("a row cannot be merged into itself", try: "name the row that is to be left second")
        }
        guard !layout.schema.appendOnly else {
            throw UsageError("table \(table) is appendOnly: its rows are never deleted", try: "keep both rows")
        }
        let units = try units(of: columns, layout)
        let row = try shown(key, layout, orRefused: true)
        let survivor = try shown(other, layout)
        var decided = try act(row) { .merge($0.state, into: other) }
        let source = try store.judge(row.united, table: layout.id)
        let target = try store.judge(survivor.united, table: layout.id)
        var taken: [String] = []
        var values: [Writing.NewValues] = []
        for unit in units {
            guard let new = source.shown(unit)?.values, new != target.shown(unit)?.values,
                !row.united.state.joins(survivor.united.state, in: unit, layout.rules)
            else { continue }
            if layout.rules[unit]?.policy == .immutable,
                target.shown(unit)?.values.contains(where: { $0 != .null }) == true
            {
                throw UsageError(
                    "\(layout.unit(unit)?.name ?? "a unit") is immutable, and the row that is left has a value there",
                    try: "merge without taking it over")
            }
            values.append(.init(unit: unit, values: new))
            taken += layout.unit(unit)?.columns.map { layout.schema.columns[$0].name } ?? []
        }
        let keep = try keepOfNotesAlone(survivor)
        if keep != nil || !values.isEmpty {
            decided += try act(survivor) { united in
                let taken =
                    try values.isEmpty
                    ? RowChange() : store.writing(on: united, table: layout.id).update(values, on: united.state)
                return keep?.joined(with: taken) ?? taken
            }
        }
        decided += try keepBroughtBack(by: row.row, mergedInto: survivor.row)
        try refusingToHide { try write(decided.joinedByRow(), actor: actor, note: "merged") }
        try keepReplaced(in: values.map(\.unit), of: survivor)
        return taken
    }

    /// Makes a merged row one of its own again, and gives the row that is left what it showed before. In the caller's transaction.
    package func unmerge(_ key: RowKey, in table: String, actor: String) throws -> Unmerged {
        try seal()
        let whole = try whole(store.load(table: layout(named: table).id, key: key))
        guard whole.isMerged else {
            throw UsageError(
                "this row is not merged into another",
                try: "name the row that was merged; `bin` lists it with the row that is left")
        }
        let others = try write(keep(whole), unmerging: [whole.row], actor: actor, note: "unmerged")
        return others.first?.values ?? Unmerged(restored: [], left: [])
    }

    /// The row that is shown for this one: itself, or the one into which it was merged (MRG-52).
    package func survivor(of key: RowKey, in table: String) throws -> RowKey {
        try survivor(of: key, in: layout(named: table))
    }

    func survivor(of key: RowKey, in layout: TableLayout) throws -> RowKey {
        let name = RowBatch.RowName(table: layout.id, key: key)
        return try RowBatch(store: store).membership(name)?.survivor.held.key ?? key
    }

    /// - Parameter orRefused: whether it may be one that its table does not take.
    private func shown(_ key: RowKey, _ layout: TableLayout, orRefused: Bool = false) throws -> Whole {
        let whole = try whole(store.load(table: layout.id, key: key))
        let isThere =
            switch whole.row.place {
            case .table: true
            case .grave(.refused): orRefused
            default: false
            }
        guard isThere, !whole.isMerged else {
            throw UsageError(
                "one of the two rows is not in table \(layout.schema.name)",
                try: "name two rows of the table; of one that was merged, the row that is left")
        }
        return whole
    }

    private func units(of columns: [String], _ layout: TableLayout) throws -> [UnitID] {
        var units: [UnitID] = []
        for column in columns {
            guard let index = layout.schema.columns.firstIndex(where: { $0.name == column }),
                let unit = layout.unitOfColumn[index]
            else {
                throw UsageError(
                    "\(column) is no column of \(layout.schema.name) that could be taken over",
                    try: "name columns outside the primary key")
            }
            if !units.contains(layout.unitIDs[unit]) { units.append(layout.unitIDs[unit]) }
        }
        return units
    }
}
