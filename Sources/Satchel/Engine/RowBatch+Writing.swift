internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Writing the rows under work with their fates.
extension RowBatch {
    /// Brings tables, graveyard and lists to what the outcome says. Returns false if a table refused a row by its
    /// values: then it is marked so, and the rest must be judged again, so that one bad row blocks no other (P15).
    func write(_ outcome: Referring.Outcome) throws -> Bool {
        try leaveUnsealed(outcome.fates)
        if try findRefused(outcome.fates) { return false }
        for (place, row) in rows.enumerated() where !outcome.fates[place].isShown {
            try bury(row, outcome.fates[place], wanted: outcome.wanted[place], outcome.fates)
        }
        try liftMoving(outcome.fates)
        var done = true
        for (place, row) in rows.enumerated() where outcome.fates[place].isShown && !row.isUnsealed {
            if try !show(row, outcome.fates[place], outcome.fates) { done = false }
        }
        return done
    }

    /// Whether the table of an alive row that is not shown refuses it, as was not known: it is listed for that (MRG-49), and
    /// what refers to it cannot stand.
    private func findRefused(_ fates: [Referring.Fate]) throws -> Bool {
        var isNews = false
        var open = rows.indices.filter { fates[$0] == .aside || fates[$0] == .fallen }
        var met = Set(open)
        while let place = open.popLast() {
            let row = rows[place]
            guard let layout = store.layout(row.held.table) else { continue }
            if row.refusal == nil {
                try ask(row)
                isNews = isNews || row.refusal != nil
            }
            // Dead or not, what it cannot be shown without.
            for parent in try parents(row, layout)
            where try policy(parent.reference, of: row, layout) != .setNull {
                if let above = index[parent.name], !fates[above].isShown, met.insert(above).inserted {
                    open.append(above)
                }
            }
        }
        return isNews
    }

    /// Rows that go to another unique place are taken out first: they may pass such a place on to one another, and none
    /// must be judged against what another held before.
    private func liftMoving(_ fates: [Referring.Fate]) throws {
        for (place, row) in rows.enumerated() where fates[place].isShown && !row.isUnsealed {
            guard let layout = store.layout(row.held.table), layout.hasUniquePlaces,
                case .table(let before) = row.place,
                try layout.mayMove(from: before, to: display(row, layout, fates).values)
            else { continue }
            try store.lift(row.held)
            row.place = .absent
            row.isLifted = true
        }
    }

    // MARK: Outside the table

    private func bury(_ row: WorkingRow, _ fate: Referring.Fate, wanted: Bool, _ fates: [Referring.Fate]) throws {
        if row.state.isEmpty { return try forget(row) }
        let (fate, reason) = try stored(row, fate)
        let waits = try wanted || isBroughtInVain(row, fates)
        if row.place == .grave(fate), row.state == row.held.state, !row.isDirty, !row.isWritten, !row.isRecalled,
            reason.isEmpty, !waits, try membership(of: row) == nil
        {
            return
        }
        var held = row.held
        held.place = row.place
        if row.isDirty || row.isLifted { try store.forgetClock(held.hash) }
        try store.bury(held, state: row.state, fate: fate, reason: reason)
        try store.setConflicts(of: held, mergeConflicts(row))
        try writeMerges(row)
        (row.place, row.isWritten, row.isLifted) = (.grave(fate), true, false)
        row.hasWrittenUnseen = true
        guard let layout = store.layout(held.table) else { return }
        let kind = try waits || judge(row).alive ? Store.Unseen.waiting : .dead
        try store.setUnseen(of: held, parents(row, layout).flatMap { named($0, as: kind) })
        if layout.hasUniquePlaces {
            try store.setClaims(of: held.hash, wanted ? places(row, layout) : [])
        }
    }

    /// Whether a dead row would come back with one that is shown, if it had all that it needs.
    private func isBroughtInVain(_ row: WorkingRow, _ fates: [Referring.Fate]) throws -> Bool {
        guard let layout = store.layout(row.held.table), try !judge(row).alive else { return false }
        let deletions = row.state.deletions.filter { $0.into == nil }.map(\.dot)
        if deletions.isEmpty { return false }
        return try parents(row, layout).contains { parent in
            guard let above = index[parent.name], rows[above] !== row, fates[above].isShown else { return false }
            return try !Set(bringing(rows[above])).isDisjoint(with: deletions)
        }
    }

    /// Nothing is held of the row any more, as when it left the scopes, or was entered and deleted in one go.
    private func forget(_ row: WorkingRow) throws {
        if row.place == .absent, !row.isDirty, !row.isLifted { return }
        var held = row.held
        held.place = row.place
        try store.forgetClock(held.hash)
        try store.purge(held)
        (row.place, row.isWritten, row.isLifted) = (.absent, true, false)
    }

    /// How a row that is not shown is kept, and why in the table's words.
    func stored(_ row: WorkingRow, _ fate: Referring.Fate) throws -> (fate: Fate, reason: String) {
        guard let layout = store.layout(row.held.table) else { return (.unknown, "") }
        switch fate {
        case .shown, .kept, .broughtBack: return (.dead, "")
        case .dead: return (try membership(of: row)?.isMerged == true ? .merged : .dead, "")
        case .fallen: return (.fallen, "")
        case .clashing: return (.refused, wordsForClash(row, layout))
        case .aside:
            if try !judge(row).complete { return (.incomplete, "") }
            if let refusal = try refusal(row, layout) { return (.refused, refusal) }
            return (.orphaned, "")
        }
    }

    /// The first of the row's places that a shown row has, else the first that another wants, of those that an older row wants:
    /// alike everywhere. A dead row that nothing brings back wants none, whether it is under work or not.
    private func wordsForClash(_ row: WorkingRow, _ layout: TableLayout) -> String {
        let lost = row.contests.map { contests[$0] }.filter { contest in
            contest.rows.first { wanted[$0] }.map { rows[$0] !== row } ?? false
        }.sorted { $0.place.index < $1.place.index }
        let taken = lost.first { $0.rows.contains { fates[$0].isShown } } ?? lost.first
        return taken.map { store.refusal(layout, $0.place) } ?? ""
    }

    // MARK: In the table

    /// Returns false if the table refuses the row.
    private func show(_ row: WorkingRow, _ fate: Referring.Fate, _ fates: [Referring.Fate]) throws -> Bool {
        guard let layout = store.layout(row.held.table) else { return true }
        let (now, hidden) = try display(row, layout, fates)
        var held = row.held
        held.place = row.place
        let same =
            row.place == .table(now) && row.state == row.held.state && !row.isDirty && !row.isWritten && !row.isRecalled
        if !same {
            do {
                try store.show(held, state: row.state, values: now)
            } catch let error as StoreError where error.isConstraint {
                row.refusal = error.message
                return false
            }
            if row.isDirty { try store.dig(held) }
            try noteMet(row)
            if !row.isDirty, case .table(let before) = row.held.place {
                try noteNumbers(row, from: before, to: now, layout)
            }
            (row.place, row.isWritten, row.isLifted) = (.table(now), true, false)
        }
        try store.setConflicts(of: held, try conflicts(row, fate: fate))
        try writeMerges(row)
        let parents = try parents(row, layout)
        let unseen = parents.filter { fate != .shown || $0.isMoved || hidden.contains($0.name) }
        if try !unseen.isEmpty || row.hasWrittenUnseen || !wasPlain(row) {
            row.hasWrittenUnseen = true
            try store.setUnseen(
                of: held,
                unseen.flatMap { parent in
                    named(parent, as: fate != .shown ? .kept : hidden.contains(parent.name) ? .null : .moved)
                })
            // What it wants as soon as it is displayed as it stands is its own already (MRG-22).
            if layout.hasUniquePlaces {
                try store.setClaims(of: held.hash, hidden.isEmpty ? [] : places(row, layout))
            }
        }
        return true
    }

    /// A row that was kept while it was here was here all the time, though all of its existence may be new; one that had gone from
    /// its table showed nobody here another value since it came back (INB-11).
    private func noteMet(_ row: WorkingRow) throws {
        let before = row.held.state[RowState.existence]
        let now = row.state[RowState.existence]
        if before.isEmpty || before == now { return }
        switch row.held.place {
        case .table:
            if !now.contains(where: before.contains) { try store.note(.stayed, row.held.hash, now.map(\.dot)) }
        case .grave:
            try store.note(.returned, row.held.hash, now.filter { !before.contains($0) }.map(\.dot))
        default: return
        }
    }

    /// The rows by which an unseen reference is found: the one that it names, and the one that it is shown as.
    private func named(
        _ parent: WorkingRow.Parent, as kind: Store.Unseen
    ) -> [(parent: Int64, kind: Store.Unseen)] {
        (parent.isMoved ? [parent.name, parent.written] : [parent.name]).map { (hash($0), kind) }
    }

    /// Whether none of the row's references was unseen before.
    private func wasPlain(_ row: WorkingRow) throws -> Bool {
        guard row.before != nil, row.held.state.deletions.isEmpty, !row.isRecalled else { return try !hasUnseen() }
        if try !hasMerges(), references.from(row.held.table).allSatisfy({ $0.policy != .setNull }) { return true }
        return try !hasUnseen()
    }

    private func conflicts(
        _ row: WorkingRow, fate: Referring.Fate
    ) throws -> [(id: String, kind: ConflictKind, unit: UnitID)] {
        // A merged row that something needs is asked about once: into which it goes, before that it is in use (MRG-57).
        let apart = try mergeConflicts(row)
        if !apart.isEmpty { return apart }
        let verdict = try judge(row)
        let table = store.tableName(row.held.table)
        func id(_ unit: String) -> String { Conflict.id(table: table, key: row.held.key, unit: unit) }
        // Of a unit that the table here does not have nobody sees the values (VER-3).
        let layout = store.layout(row.held.table)
        var found = verdict.conflicts.filter { layout?.unit($0) != nil }.map { unit in
            (id: id(store.unitName(unit, table: row.held.table)), kind: ConflictKind.values, unit: unit)
        }
        if verdict.deletedButEdited { found.append((id(""), .deleted, RowState.existence)) }
        if fate == .kept { found.append((id(""), .inUse, RowState.existence)) }
        return found
    }
}
