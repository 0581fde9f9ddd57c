internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// A row that was changed round the triggers: what it was is not known but for what its clock keeps (CAP-10).
extension Engine {
    /// Everything that counts as written in such a row. What its table showed otherwise than it was written (MRG-43, MRG-53,
    /// VER-12), and what stands there just so, is none of it.
    ///
    /// - Parameter units: all of the row as it is now.
    func written(
        _ units: [Writing.NewValues], of touch: Touch, _ row: [Value], _ layout: TableLayout, before: Verdict
    ) throws -> [Writing.NewValues] {
        let meant = layout.row(touch.key, as: before)
        let held = try store.asHeld(meant, layout)
        let child = store.rowHash(layout.id, touch.key)
        var kept = Set(layout.schema.columns.indices.filter { row[$0] == held[$0] })
        for reference in References(store.layouts).from(layout.id) {
            if try isDisplayed(reference, of: held, as: row, child: child) { kept.formUnion(reference.columns) }
        }
        return units.compactMap { unit in
            guard let columns = layout.unit(unit.unit)?.columns else { return unit }
            let known = columns.map { meant[$0] }
            // What its clock has from the table itself says nothing of what was there.
            if known == unit.values { return unit }
            var written = unit
            for (place, column) in columns.enumerated() where kept.contains(column) {
                written.values[place] = meant[column]
            }
            return written.values == known ? nil : written
        }
    }

    /// Whether a reference stands in the row as it was displayed for what was written: as NULL, or as one to the survivor.
    private func isDisplayed(
        _ reference: References.Reference, of meant: [Value], as row: [Value], child: Int64
    ) throws -> Bool {
        guard let parent = reference.parentKey(of: meant) else { return false }
        func kind(_ key: RowKey) throws -> Store.Unseen? {
            try store.unseen(child, names: store.rowHash(reference.parent.id, key))
        }
        if reference.columns.allSatisfy({ row[$0] == .null }) { return try kind(parent) == .null }
        guard let now = reference.parentKey(of: row), now != parent else { return false }
        return try kind(parent) == .moved && kind(now) == .moved
    }
}
