internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Forms that are saved more than once: they show what they were last saved with, and have seen what they wrote (INB-10).
extension Engine {
    /// What a form was last saved with on this replica, by unit; empty: it was not, or nobody can say.
    func saved(_ view: RecordView) throws -> [UnitID: SavedUnit] {
        guard view.opening != 0, let layout = store.layout(named: view.table) else { return [:] }
        return try store.saved(view.opening, of: store.rowHash(layout.id, view.key))
    }

    /// What was entered into a form as an edit of what the form shows since it was last saved.
    func again(_ entered: RecordEdit) throws -> RecordEdit { try again(entered, saved(entered.view)) }

    func again(_ entered: RecordEdit, _ saved: [UnitID: SavedUnit]) throws -> RecordEdit {
        let view = entered.view
        guard !saved.isEmpty, let layout = store.layout(named: view.table) else { return entered }
        var values = entered.values
        var units: [RecordView.Seen] = []
        for seen in view.units {
            let unit = self.unit(seen, of: layout)
            let id = seen.name.isEmpty ? RowState.existence : unit?.id
            guard let id, let last = saved[id], last.values.count == seen.columns.count else {
                units.append(seen)
                continue
            }
            let own = try writes(last.dot, on: [nil])
            units.append(
                RecordView.Seen(
                    name: seen.name, columns: seen.columns, values: last.values,
                    stood: Array(last.stood.prefix(seen.columns.count)),
                    origins: unit?.unit.policy == .text ? [last.stood] : [], shown: seen.shown + own,
                    held: seen.held + own))
            // As the same value was noted, however it is written.
            for (column, name) in zip(unit?.unit.columns ?? [], seen.columns) {
                if let value = values[name] { values[name] = try store.asHeld(value, layout.affinities[column]) }
            }
        }
        // Merges that a write of the form renewed it had seen before (MRG-55).
        let merged = Set(view.merges.compactMap(\.row)).sorted()
        let renewed = try Set(saved.values.compactMap(\.dot)).sorted().flatMap { try writes($0, on: merged) }
        return entered.again(
            RecordView(
                table: view.table, key: view.key, epoch: view.epoch, position: view.position,
                merges: view.merges + renewed, units: units, opening: view.opening, former: view.former),
            setting: values)
    }

    /// A changeset's writes in these rows; none if there is no changeset.
    private func writes(_ dot: DotID?, on rows: [RowKey?]) throws -> [RecordView.Write] {
        guard let dot, !rows.isEmpty else { return [] }
        let known = try store.known(dot).dot
        return rows.map { RecordView.Write(dot: known, row: $0) }
    }

    /// What is to be noted when an edit of what a form shows is saved: what it was saved with, of which nothing has a name
    /// yet. Nil: the form will not be known again.
    ///
    /// - Parameter members: the rows merged into the record.
    func saving(_ edit: RecordEdit, _ layout: TableLayout, members: [RowKey]) throws -> SavedForm? {
        let view = edit.view
        guard view.opening != 0 else { return nil }
        let others = Set(members + view.merges.compactMap(\.row)).sorted()
        var form = SavedForm(
            view.opening, of: store.rowHash(layout.id, view.key),
            beside: others.map { store.rowHash(layout.id, $0) })
        for (seen, values) in edit.changed {
            guard let (unit, id) = unit(seen, of: layout) else { continue }
            let held = try zip(unit.columns, values).map { try store.asHeld($1, layout.affinities[$0]) }
            form.units[id] = SavedUnit(values: held, stood: held, dot: nil, isOpen: true)
        }
        return form
    }

    /// Notes what a form was saved with. In the caller's transaction.
    ///
    /// - Parameters:
    ///   - written: what the changeset `dot` wrote to the record.
    ///   - stood: what each unit came to, written or not.
    func noteSaved(
        _ edit: RecordEdit, _ layout: TableLayout, members: [RowKey], as written: [UnitWrite], of dot: DotID?,
        _ stood: [UnitID: [Value]]
    ) throws {
        guard var form = try saving(edit, layout, members: members) else { return }
        for (id, values) in stood { form.units[id]?.stood = values }
        if let dot {
            // A form that keeps the record has written its existence too (MRG-62).
            for write in written where form.units[write.unit] != nil || write.unit == RowState.existence {
                let values = form.units[write.unit]?.values ?? write.values
                form.units[write.unit] = SavedUnit(values: values, stood: write.values, dot: dot, isOpen: false)
            }
        }
        try store.note(form)
    }

    /// What forms wrote by plain SQL has a name now, where it was sealed as they were saved.
    func nameSaved(_ authored: Authored, as dot: DotID, seen: [Int64: [RowKey: Set<UnitID>]]) throws {
        let (touch, layout) = (authored.touch, authored.layout)
        guard let units = seen[touch.table]?[touch.key], let row = touch.new else { return }
        for write in authored.change.writes where units.contains(write.unit) {
            guard let unit = layout.unit(write.unit) else { continue }
            try store.nameSaved(
                in: store.rowHash(touch.table, touch.key), write.unit, showing: layout.values(of: unit, in: row),
                as: dot, sealed: write.values)
        }
    }
}
