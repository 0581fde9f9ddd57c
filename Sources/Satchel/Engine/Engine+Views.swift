internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Edits that name the state their author had open (INB-9, INB-10).
extension Engine {
    /// The record as its table shows it now, or would show it if it took it; nil: it is not there.
    package func view(table name: String, key: RowKey) throws -> RecordView? {
        let layout = try layout(named: name)
        guard let (whole, values) = try open(layout, key) else { return nil }
        let united = whole.united
        let members = whole.members
        let verdict = try store.judge(united, table: layout.id)
        // A set is sealed in its one form (MRG-32).
        let stood = try layout.tidied(stood(layout, key, values, verdict))
        func write(_ name: DotID) throws -> RecordView.Write {
            RecordView.Write(dot: try store.known(united.dot(name)).dot, row: united.member(name).map { members[$0] })
        }
        func seen(
            _ unit: UnitID, _ name: String, _ columns: [String], _ values: [Value], _ stood: [Value],
            isText: Bool = false
        ) throws -> RecordView.Seen {
            let (shown, held) = (verdict.shown(unit)?.dots ?? [], united.state[unit])
            return RecordView.Seen(
                name: name, columns: columns, values: values, stood: stood,
                origins: isText ? held.filter { shown.contains($0.dot) }.map(\.values) : [],
                shown: try shown.map(write), held: try held.map { try write($0.dot) })
        }
        let units = try zip(layout.schema.units, layout.unitIDs).map { unit, id in
            try seen(
                id, unit.name, unit.columns.map { layout.schema.columns[$0].name }, layout.values(of: unit, in: values),
                layout.values(of: unit, in: stood), isText: unit.policy == .text)
        }
        return RecordView(
            table: name, key: key, epoch: try epoch, position: try position, merges: try merges(into: whole),
            units: [try seen(RowState.existence, "", [], [], [])] + units, opening: Randomness.next())
    }

    /// A row with its values: that of its table, or one that its table refuses.
    private func open(_ layout: TableLayout, _ key: RowKey) throws -> (whole: Whole, values: [Value])? {
        if let values = try store.tableRow(layout, key) { return (try whole(layout, key, values), values) }
        let row = try store.load(table: layout.id, key: key)
        guard case .grave(.refused) = row.place else { return nil }
        let whole = try whole(row)
        return (whole, layout.row(key, as: try store.judge(whole.united, table: layout.id)))
    }

    /// The view with the columns of its units by their names of today.
    func today(_ view: RecordView) -> RecordView {
        guard let layout = store.layout(named: view.table) else { return view }
        var former: [String: String] = [:]
        var units: [RecordView.Seen] = []
        for seen in view.units {
            guard let (unit, _) = unit(seen, of: layout) else {
                units.append(seen)
                continue
            }
            let columns = unit.columns.map { layout.schema.columns[$0].name }
            for (old, new) in zip(seen.columns, columns) where old != new { former[old] = new }
            units.append(
                RecordView.Seen(
                    name: seen.name, columns: columns, values: seen.values, stood: seen.stood, origins: seen.origins,
                    shown: seen.shown, held: seen.held))
        }
        if former.isEmpty { return view }
        return RecordView(
            table: view.table, key: view.key, epoch: view.epoch, position: view.position, merges: view.merges,
            units: units, opening: view.opening, former: view.former.merging(former) { $1 })
    }

    /// What stands of merges into a record: a deletion based on its view is known to have seen them (MRG-60).
    private func merges(into whole: Whole) throws -> [RecordView.Write] {
        guard let own = whole.membership else { return [] }
        let union = own.all.union
        return try union.members(of: own.place).flatMap { member in
            try union.states[member].deletions.map { .init(dot: try store.known($0.dot).dot, row: union.keys[member]) }
        }
    }

    /// Whether the record was entered since the last seal: no changeset that a view could name holds it yet.
    func hasNoName(table name: String, key: RowKey) throws -> Bool {
        let layout = try layout(named: name)
        guard let values = try store.tableRow(layout, key),
            try store.state(of: layout, key: key, values: values) == nil
        else { return false }
        return try store.hasNotes(layout, key)
    }

    /// The row with what stands in references that its table shows as NULL or as another row (MRG-44, MRG-53).
    private func stood(_ layout: TableLayout, _ key: RowKey, _ row: [Value], _ verdict: Verdict) throws -> [Value] {
        let references = References(store.layouts).from(layout.id)
        guard !references.isEmpty else { return row }
        let entered = layout.row(key, as: verdict)
        var stood = row
        for reference in references {
            let (was, now) = (reference.columns.map { entered[$0] }, reference.columns.map { row[$0] })
            guard was != now, let parent = reference.parentKey(of: entered) else { continue }
            let isNull = try now.allSatisfy { $0 == .null } && store.tableRow(reference.parent, parent) == nil
            let isMoved = try !isNull && survivor(of: parent, in: reference.parent) == RowKey(now)
            guard try isNull || isMoved, try !isWritten(reference.columns, of: key, layout) else { continue }
            for column in reference.columns { stood[column] = entered[column] }
        }
        return stood
    }

    /// Whether somebody wrote these columns since the last seal. O(notes), none if the row has none.
    private func isWritten(_ columns: [Int], of key: RowKey, _ layout: TableLayout) throws -> Bool {
        guard try store.hasNotes(layout, key),
            let touch = try store.captured().first(where: { $0.table == layout.id && $0.key == key })
        else { return false }
        return columns.contains { touch.old?[$0] != touch.new?[$0] }
    }

    /// A row of its table as it is seen, with what stands on the rows merged into it.
    private func whole(_ layout: TableLayout, _ key: RowKey, _ values: [Value]) throws -> Whole {
        let state = try store.state(of: layout, key: key, values: values) ?? RowState()
        return try whole(
            HeldRow(
                table: layout.id, key: key, hash: store.rowHash(layout.id, key), state: state, place: .table(values)))
    }

    /// The writes that a view saw and this replica still knows.
    struct SeenWrites {
        private var rows: [DotID: Set<RowKey?>] = [:]
        private let members: [RowKey]

        init(_ writes: [RecordView.Write], members: [RowKey], met: (Dot) throws -> DotID?) rethrows {
            self.members = members
            for write in writes {
                if let dot = try met(write.dot) { rows[dot, default: []].insert(write.row) }
            }
        }

        /// Whether a candidate is one of them: the same write, on the row where it was seen.
        func has(_ name: DotID, in united: UnitedState) -> Bool {
            rows[united.dot(name)]?.contains(united.member(name).map { members[$0] }) ?? false
        }

        /// Whether one of these deletions of a row merged into the record is one of them.
        func hasAny(of deletions: [Deletion], on row: RowKey) -> Bool {
            deletions.contains { rows[$0.dot]?.contains(row) ?? false }
        }

        /// Those on the record itself.
        var own: Set<DotID> { Set(rows.filter { $0.value.contains(nil) }.keys) }
    }

    /// - Parameter members: the rows merged into the record now.
    func seen(_ writes: [RecordView.Write], _ members: [RowKey]) throws -> SeenWrites {
        try SeenWrites(writes, members: members) { try store.metDot($0) }
    }

    /// The rows merged into the record, if an ordinary write of these units would replace exactly what the view showed: then it
    /// may be one. Nil: it would not.
    func undisturbed(_ edit: RecordEdit) throws -> [RowKey]? {
        guard !edit.deletes, let layout = store.layout(named: edit.view.table),
            let row = try store.tableRow(layout, edit.view.key)
        else { return nil }
        if try erased(edit.view) != nil { return nil }
        let whole = try whole(layout, edit.view.key, row)
        let (united, members) = (whole.united, whole.members)
        let isUndisturbed = try edit.changed.allSatisfy { seen, _ in
            guard let unit = layout.schema.units.first(where: { $0.name == seen.name }),
                let id = layout.unitID(seen.name)
            else { return false }
            let shown = layout.values(of: unit, in: row)
            // What counts of a counter or a set is the difference to what the table holds.
            if unit.policy.countsWrites { return shown == seen.values }
            let refers = layout.schema.references.contains { $0.columns.contains(where: unit.columns.contains) }
            // What triggers made of what the form was saved with is the form's.
            guard shown == seen.values || !refers && shown == seen.stood else { return false }
            let held = try self.seen(seen.held, members)
            return united.state[id].allSatisfy { held.has($0.dot, in: united) || $0.shows(seen.stood) }
        }
        return isUndisturbed ? members : nil
    }

    /// What was erased of a record since it was opened (ERA-5 for a view); nil: nothing.
    func erased(_ view: RecordView) throws -> Erased? {
        let clock = CausalClock(epoch: view.epoch, position: view.position, others: VersionVector())
        let share = try erasures().share(view.table, view.key, by: clock)
        return share.cut.isEmpty
            ? share.erased : share.erased?.joined(with: .units(share.cut)) ?? .units(share.cut)
    }
}

extension Engine.Whole {
    /// The keys of the rows merged into this one, as `united` numbers them.
    var members: [RowKey] {
        membership.map { own in own.all.union.members(of: own.place).map { own.all.union.keys[$0] } } ?? []
    }
}

extension Candidate {
    /// Whether it shows these values, whatever state follows them.
    func shows(_ values: [Value]) -> Bool { self.values.starts(with: values) && !values.isEmpty }
}
