internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Saving a form beside what came in since it was opened (INB-10).
extension Engine {
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
    package func apply(_ entered: RecordEdit, actor: String) throws -> EditOutcome {
        try seal(actor: actor)
        let saved = try saved(entered.view)
        let edit = try again(entered, saved)
        let layout = try layout(named: edit.view.table)
        try refuseErased(edit)
        guard !layout.schema.appendOnly else {
            throw UsageError(
                "table \(layout.schema.name) is appendOnly: its rows are never changed or deleted",
                try: "enter a new row")
        }
        let row = try store.load(table: layout.id, key: edit.view.key)
        var bases: [UnitID: [Value]] = [:]
        var stood: [UnitID: [Value]] = [:]
        let whole = try whole(row)
        let members = whole.members
        let merged = try seen(edit.view.merges, members)
        let decided = try act(whole, seeing: { merged.hasAny(of: $0.state.deletions, on: $0.key) }) { united in
            try edit.deletes
                ? replacing(deletion(edit.view, row, united, members), whole)
                : keeping(writes(edit, saved, row, united, members, layout, bases: &bases, stood: &stood), whole)
        }
        let isWritten = decided.contains { $0.change != RowChange() }
        // A record that is not in its table is tried on none, and what stands on another with what that shows.
        let dot =
            try isWritten
            ? refusingToHide([whole.membership?.survivor.held ?? row]) { try write(decided, actor: actor, note: "") }
                .map { try store.dotID($0) } : nil
        // Also where all of it stood there already: the form shows it from now on.
        if !edit.deletes {
            try noteSaved(edit, layout, members: members, as: decided.first?.change.writes ?? [], of: dot, stood)
        }
        guard isWritten else { return .unchanged }
        let listed = try listedConflicts(of: row.key, layout)
        // Of a conflict that came about here the hub can tell the base only when it has got what was written.
        for conflict in listed where conflict.kind == .values {
            guard let dot, let shown = bases[conflict.unit] else { continue }
            try note(shown, asBaseOf: conflict, broughtBy: dot)
        }
        return .written(besides: listed)
    }

    /// What became of an edit that was written as any program writes: where anything was asked of the record it is sealed, to say
    /// what still is.
    package func outcome(of edit: RecordEdit, actor: String) throws -> EditOutcome {
        let layout = try layout(named: edit.view.table)
        if try reading({ try listedConflicts(of: edit.view.key, layout).isEmpty }) { return .written }
        return try transaction {
            try seal(actor: actor)
            return try .written(besides: listedConflicts(of: edit.view.key, layout))
        }
    }

    /// What is asked of a merged row is asked of the one that is shown for it (MRG-54).
    private func listedConflicts(of key: RowKey, _ layout: TableLayout) throws -> [Store.ListedConflict] {
        try connected(store.load(table: layout.id, key: key)).flatMap {
            try store.listedConflicts(of: store.rowHash(layout.id, $0))
        }
    }

    /// The row as its table would hold it with what a person changed, and the units whose values were not set but moved:
    /// counters and sets. What people write into tables passes triggers and foreign keys; a form that is saved so does
    /// not, and is refused what they refuse (CAP-17).
    private func filled(
        _ edit: RecordEdit, _ row: HeldRow, _ verdict: Verdict, _ layout: TableLayout
    ) throws -> (row: [Value], moved: Set<UnitID>) {
        var entered: [Int: Value] = [:]
        var touched: [Int] = []
        var moved: Set<UnitID> = []
        for (seen, values) in edit.changed {
            guard let (unit, id) = unit(seen, of: layout) else {
                throw UsageError(
                    "\(edit.view.table).\(seen.name) is not what it was when the record was opened",
                    try: "open the record again")
            }
            let held = try zip(unit.columns, values).map { try store.asHeld($1, layout.affinities[$0]) }
            let changed = unit.columns.indices.filter {
                // Of another affinity since it was opened, what nobody touched looks like another value.
                values[$0] != seen.values[$0] && held[$0] != seen.values[$0]
            }
            touched += changed.map { unit.columns[$0] }
            try refuseSetOnce(changed.filter { seen.values[$0] != .null }.map { unit.columns[$0] }, layout)
            var written = withHidden(values, seen, unit, layout)
            if unit.policy.countsWrites {
                try refuseMisfit(held, unit)
                let shown = verdict.shown(id)?.values.first ?? seen.values.first ?? .null
                written = held
                if !isInQuestion(id, unit, verdict),
                    let sum = difference(from: seen.values, to: held, on: shown, unit.policy)
                {
                    written = [sum]
                    moved.insert(id)
                }
            }
            for (column, value) in zip(unit.columns, written) { entered[column] = value }
        }
        if case .table = row.place {
            let new = try store.asStored(layout, key: row.key, writing: entered)
            try refuseDangling(touched, of: new, layout)
            return (new, moved)
        }
        var new = layout.row(row.key, as: verdict)
        for (column, value) in entered { new[column] = try store.asHeld(value, layout.affinities[column]) }
        // Of a record that has left the replica, what it refers to may have left too: that is the hub's to judge.
        if row.place != .absent { try refuseDangling(touched, of: new, layout) }
        return (new, moved)
    }

    /// Of what stood there when the form was opened: where it was NULL, what another has set since is a rival (MRG-35).
    private func refuseSetOnce(_ columns: [Int], _ layout: TableLayout) throws {
        guard let column = columns.first(where: { layout.schema.policy(of: $0) == .immutable }) else { return }
        throw UsageError(
            "\(layout.schema.name).\(layout.schema.columns[column].name) is set once and never changed",
            try: "leave it as it is")
    }

    /// What the author started from: of a text with the texts behind it, held or not (MRG-34).
    private func opened(_ seen: RecordView.Seen, _ replaced: [Candidate]) -> [Candidate] {
        let held = replaced.filter { !seen.origins.isEmpty && $0.shows(seen.values) }
        if !held.isEmpty { return held }
        let values = seen.origins.isEmpty ? [seen.values] : seen.origins
        return values.enumerated().map { Candidate(dot: DotID($0), values: $1) }
    }

    /// - Parameters:
    ///   - saved: what the form was saved with before.
    ///   - bases: takes what conflicts that come about by this started from.
    ///   - stood: takes what each unit of the edit comes to, written or not.
    private func writes(
        _ edit: RecordEdit, _ saved: [UnitID: SavedUnit], _ row: HeldRow, _ united: UnitedState, _ members: [RowKey],
        _ layout: TableLayout, bases: inout [UnitID: [Value]], stood: inout [UnitID: [Value]]
    ) throws -> RowChange {
        let verdict = try store.judge(united, table: row.table)
        let form = try filled(edit, row, verdict, layout)
        var change = RowChange()
        for (seen, _) in edit.changed {
            guard let (unit, id) = unit(seen, of: layout) else { continue }
            let stored = layout.values(of: unit, in: form.row)
            stood[id] = stored
            if form.moved.contains(id) {
                if saved[id] != nil, verdict.shown(id)?.values == stored { continue }
                change.writes += try store.writing(on: united, table: row.table)
                    .update([.init(unit: id, values: stored)], on: united.state).writes
                continue
            }
            // Of the last writer's nobody is ever asked; elsewhere a rival that the view did not show is one (MRG-9).
            let known = try (unit.policy == .lastWriter ? seen.held : seen.shown).filter { try knows($0.dot) }
            let writes = try self.seen(known, members)
            let held = united.state[id]
            let replaced = held.filter { writes.has($0.dot, in: united) || $0.shows(seen.stood) }
            if let shown = verdict.shown(id), shown.values == stored,
                replaced.allSatisfy({ shown.dots.contains($0.dot) })
            {
                continue
            }
            let new = Writing.NewValues(unit: id, values: stored)
            let sealed: [Value]?
            if isInQuestion(id, unit, verdict) {
                sealed = try store.writing(on: united, table: row.table)
                    .entered(new, over: replaced, inQuestionIn: united.state)
            } else {
                let opened = RowState(units: [UnitState(unit: id, candidates: opened(seen, replaced))])
                sealed = try store.writing(on: nil, of: row.key, table: row.table)
                    .resolve(new, on: opened).writes.first?.values
            }
            // What the view showed and others have replaced since is named too: it is what both started from.
            var gone = united.hasForeign ? [] : writes.own.subtracting(held.map(\.dot))
            // Of a form that was saved before, that is its own write, which named what it replaced itself.
            if let own = saved[id]?.dot { gone.formIntersection([own]) }
            if !gone.isEmpty, saved[id]?.isOpen != true { bases[id] = seen.stood }
            change.writes.append(
                UnitWrite(unit: id, values: sealed ?? stored, replaced: (replaced.map(\.dot) + gone).sorted()))
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

    /// Whether several numbers stand there that nobody counted: none of them moves by what was added to one (MRG-31).
    private func isInQuestion(_ id: UnitID, _ unit: TableSchema.Unit, _ verdict: Verdict) -> Bool {
        unit.policy == .counter && verdict.conflicts.contains(id)
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
            // What the schema has no more was not looked at here.
            guard let id = unit.name.isEmpty ? RowState.existence : store.layout(row.table)?.unitID(unit.name) else {
                continue
            }
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
}

extension EditOutcome {
    fileprivate static func written(besides open: [Store.ListedConflict]) -> EditOutcome {
        open.isEmpty ? .written : .conflicts(open.map(\.id).sorted())
    }
}
