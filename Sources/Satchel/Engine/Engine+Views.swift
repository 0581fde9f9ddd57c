internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Edits that name the state their author had open (INB-9, INB-10).
extension Engine {
    /// The record as its table shows it now; nil: it is not there.
    package func view(table name: String, key: RowKey) throws -> RecordView? {
        let layout = try layout(named: name)
        guard let values = try store.tableRow(layout, key) else { return nil }
        let whole = try whole(layout, key, values)
        let united = whole.united
        let members = whole.members
        let verdict = try store.judge(united, table: layout.id)
        // A set is sealed in its one form (MRG-32).
        let stood = try layout.tidied(stood(layout, key, values, verdict))
        func write(_ name: DotID) throws -> RecordView.Write {
            RecordView.Write(dot: try store.known(united.dot(name)).dot, row: united.member(name).map { members[$0] })
        }
        func seen(
            _ unit: UnitID, _ name: String, _ columns: [String], _ values: [Value], _ stood: [Value]
        ) throws -> RecordView.Seen {
            RecordView.Seen(
                name: name, columns: columns, values: values, stood: stood,
                shown: try verdict.shown(unit)?.dots.map(write) ?? [],
                held: try united.state[unit].map { try write($0.dot) })
        }
        let units = try zip(layout.schema.units, layout.unitIDs).map { unit, id in
            try seen(
                id, unit.name, unit.columns.map { layout.schema.columns[$0].name }, layout.values(of: unit, in: values),
                layout.values(of: unit, in: stood))
        }
        return RecordView(
            table: name, key: key, epoch: try epoch, position: try position,
            units: [try seen(RowState.existence, "", [], [], [])] + units)
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
    private struct SeenWrites {
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

        /// Those on the record itself.
        var own: Set<DotID> { Set(rows.filter { $0.value.contains(nil) }.keys) }
    }

    /// - Parameter members: the rows merged into the record now.
    private func seen(_ writes: [RecordView.Write], _ members: [RowKey]) throws -> SeenWrites {
        try SeenWrites(writes, members: members) { try store.metDot($0) }
    }

    /// Whether an ordinary write of these units would replace exactly what the view showed: then it may be one.
    func isUndisturbed(_ edit: RecordEdit) throws -> Bool {
        guard !edit.deletes, let layout = store.layout(named: edit.view.table),
            let row = try store.tableRow(layout, edit.view.key)
        else { return false }
        if try erased(edit.view) != nil { return false }
        let whole = try whole(layout, edit.view.key, row)
        let (united, members) = (whole.united, whole.members)
        return try edit.changed.allSatisfy { seen, _ in
            guard let unit = layout.schema.units.first(where: { $0.name == seen.name }),
                let id = layout.unitID(seen.name)
            else { return false }
            let held = try self.seen(seen.held, members)
            guard layout.values(of: unit, in: row) == seen.values else { return false }
            // What counts of a counter or a set is the difference to what the table holds.
            return unit.policy.countsWrites
                || united.state[id].allSatisfy { held.has($0.dot, in: united) || $0.shows(seen.stood) }
        }
    }

    /// What was erased of a record since it was opened (ERA-5 for a view); nil: nothing.
    private func erased(_ view: RecordView) throws -> Erased? {
        let clock = CausalClock(epoch: view.epoch, position: view.position, others: VersionVector())
        return try erasures().erased(view.table, view.key, by: clock)
    }

    private func refuseErased(_ edit: RecordEdit) throws {
        let isErased =
            switch try erased(edit.view) {
            case nil: false
            case .whole: true
            case .units(let units): edit.changed.contains { one in units.contains { $0.name == one.seen.name } }
            }
        if isErased {
            throw UsageError(
                "what was open of \(edit.view.table) has been erased since, and is not written again",
                try: "close the record")
        }
    }

    /// Writes what differs from the view, replacing what the view showed and nothing else, whatever the table shows
    /// now. In the caller's transaction.
    package func apply(_ edit: RecordEdit, actor: String) throws -> EditOutcome {
        try seal(actor: actor)
        let layout = try layout(named: edit.view.table)
        try refuseErased(edit)
        guard !layout.schema.appendOnly else {
            throw UsageError(
                "table \(layout.schema.name) is appendOnly: its rows are never changed or deleted",
                try: "enter a new row")
        }
        let row = try store.load(table: layout.id, key: edit.view.key)
        var bases: [UnitID: [Value]] = [:]
        let whole = try whole(row)
        let members = whole.members
        let decided = try act(whole) { united in
            try edit.deletes
                ? deletion(edit.view, row, united, members)
                : writes(edit, row, united, members, layout, bases: &bases)
        }
        guard decided.contains(where: { $0.change != RowChange() }) else { return .unchanged }
        try write(decided, actor: actor, note: "")
        // What is asked of a merged row is asked of the one that is shown for it (MRG-54).
        let keys = try connected(store.load(table: layout.id, key: row.key))
        let open = try keys.flatMap { try store.conflicts(of: store.rowHash(layout.id, $0)) }.sorted()
        // Of a conflict that came about here the hub tells no base: nothing of the row is new to this device.
        for (unit, values) in bases.sorted(by: { $0.key < $1.key }) {
            let name = store.unitName(unit, table: row.table)
            for id in keys.map({ Conflict.id(table: layout.schema.name, key: $0, unit: name) }) {
                if try open.contains(id) && store.base(id) == nil {
                    try store.noteBase(ConflictBase(conflict: id, values: values))
                }
            }
        }
        return open.isEmpty ? .written : .conflicts(open)
    }

    private func writes(
        _ edit: RecordEdit, _ row: HeldRow, _ united: UnitedState, _ members: [RowKey], _ layout: TableLayout,
        bases: inout [UnitID: [Value]]
    ) throws -> RowChange {
        let verdict = try store.judge(united, table: row.table)
        var change = RowChange()
        for (seen, values) in edit.changed {
            guard let (unit, id) = unit(seen, of: layout) else {
                throw UsageError(
                    "\(edit.view.table).\(seen.name) is not what it was when the record was opened",
                    try: "open the record again")
            }
            let stored = try self.stored(withHidden(values, seen, unit, layout), unit, row, layout)
            if unit.policy.countsWrites {
                let shown = verdict.shown(id)?.values.first ?? seen.values.first ?? .null
                if let sum = difference(from: seen.values, to: stored, on: shown, unit.policy) {
                    change.writes += try store.writing(on: united, table: row.table)
                        .update([.init(unit: id, values: [sum])], on: united.state).writes
                    continue
                }
            }
            let known = try (unit.policy == .review ? seen.shown : seen.held).filter { try knows($0.dot) }
            let writes = try self.seen(known, members)
            let held = united.state[id]
            let replaced = held.filter { writes.has($0.dot, in: united) || $0.shows(seen.stood) }.map(\.dot)
            if let shown = verdict.shown(id), shown.values == stored, replaced.allSatisfy(shown.dots.contains) {
                continue
            }
            // A text remembers what its author started from: that is what the view showed, held or not.
            let opened = RowState(units: [UnitState(unit: id, candidates: [Candidate(dot: 0, values: seen.values)])])
            let sealed = try store.writing(on: nil, table: row.table)
                .update([.init(unit: id, values: stored)], on: opened).writes.first?.values
            // What the view showed and others have replaced since is named too: it is what both started from.
            let gone = united.hasForeign ? [] : writes.own.subtracting(held.map(\.dot))
            if !gone.isEmpty { bases[id] = seen.stood }
            change.writes.append(
                UnitWrite(unit: id, values: sealed ?? stored, replaced: (replaced + gone).sorted()))
        }
        change.writes.sort { $0.unit < $1.unit }
        return change
    }

    /// The unit that a view saw; nil: it is not here any more. Its columns may have been renamed since (VER-5).
    func unit(_ seen: RecordView.Seen, of layout: TableLayout) -> (unit: TableSchema.Unit, id: UnitID)? {
        guard let unit = layout.schema.units.first(where: { $0.name == seen.name }), let id = layout.unitID(seen.name),
            unit.columns.map({ layout.schema.columns[$0].identity })
                == seen.columns.map({ store.directives.identity(of: $0, in: layout.schema.name) })
        else { return nil }
        return (unit, id)
    }

    /// A reference that the view showed as NULL or as another, and that was left so, is written as it stood.
    private func withHidden(
        _ values: [Value], _ seen: RecordView.Seen, _ unit: TableSchema.Unit, _ layout: TableLayout
    ) -> [Value] {
        guard seen.stood != seen.values else { return values }
        var written = values
        for reference in layout.schema.references {
            let places = unit.columns.indices.filter { reference.columns.contains(unit.columns[$0]) }
            guard places.allSatisfy({ values[$0] == seen.values[$0] }) else { continue }
            for place in places { written[place] = seen.stood[place] }
        }
        return written
    }

    /// A counter moves by what the person added, a set by what they put in and took out, whatever it is now; nil: one
    /// of the values is none.
    private func difference(from old: [Value], to new: [Value], on shown: Value, _ policy: Policy) -> Value? {
        switch (policy, old.first, new.first, shown) {
        case (.counter, .integer(let old)?, .integer(let new)?, .integer(let shown)):
            let (step, overflow) = new.subtractingReportingOverflow(old)
            let (sum, tooFar) = shown.addingReportingOverflow(step)
            return overflow || tooFar ? nil : .integer(sum)
        case (.set, let old?, let new?, _):
            guard let old = JSONArray.elements(old), let new = JSONArray.elements(new),
                let now = JSONArray.elements(shown)
            else { return nil }
            let gone = Set(old).subtracting(new)
            let elements = Set(now).subtracting(gone).union(Set(new).subtracting(old))
            return JSONArray.text(elements.sorted())
        default: return nil
        }
    }

    /// A deletion covers what its author had open, not what came since (MRG-12 for a view).
    private func deletion(
        _ view: RecordView, _ row: HeldRow, _ united: UnitedState, _ members: [RowKey]
    ) throws -> RowChange {
        var seen: [UnitID: (writes: SeenWrites, values: [Value])] = [:]
        for unit in view.units {
            let id = try store.unitID(unit.name, columns: unit.columns, table: row.table)
            seen[id] = (try self.seen(unit.held, members), unit.stood)
        }
        let cover = united.state.units.flatMap { unit in
            unit.candidates.filter { candidate in
                guard let seen = seen[unit.unit] else { return unit.unit >= RowState.firstSystemUnit }
                let isValue = unit.unit != RowState.existence && candidate.shows(seen.values)
                return seen.writes.has(candidate.dot, in: united) || isValue
            }.map { Covered(unit: unit.unit, dot: $0.dot) }
        }
        return RowChange(cover: cover)
    }

    /// As the table would hold the values.
    private func stored(
        _ values: [Value], _ unit: TableSchema.Unit, _ row: HeldRow, _ layout: TableLayout
    ) throws -> [Value] {
        if case .table = row.place { return try store.asStored(layout, key: row.key, unit: unit, values: values) }
        return try zip(unit.columns, values).map { try store.asHeld($1, layout.affinities[$0]) }
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
