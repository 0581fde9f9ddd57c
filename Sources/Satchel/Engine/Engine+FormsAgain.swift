internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Forms that are saved more than once: what they were last saved with in counters (INB-10).
extension Engine {
    /// What a form was last saved with in a counter; nil: it was not, or nobody can say, of a view that an older program kept.
    func saved(_ view: RecordView, _ unit: UnitID, _ layout: TableLayout) throws -> [Value]? {
        guard view.opening != 0 else { return nil }
        return try store.saved(view.opening, of: store.rowHash(layout.id, view.key), unit: unit)
    }

    /// The counters of an edit, with the values as their columns hold them.
    func counted(_ edit: RecordEdit, _ layout: TableLayout) throws -> [(unit: UnitID, values: [Value])] {
        guard edit.view.opening != 0 else { return [] }
        var found: [(unit: UnitID, values: [Value])] = []
        for (seen, values) in edit.changed {
            guard let (unit, id) = unit(seen, of: layout), unit.policy == .counter else { continue }
            let held = try zip(unit.columns, values).map { try store.asHeld($1, layout.affinities[$0]) }
            found.append((unit: id, values: held))
        }
        return found
    }

    /// In the caller's transaction.
    func noteSaved(_ edit: RecordEdit, _ layout: TableLayout) throws {
        let row = store.rowHash(layout.id, edit.view.key)
        for (unit, values) in try counted(edit, layout) {
            try store.noteSaved(edit.view.opening, of: row, unit: unit, values)
        }
    }
}
