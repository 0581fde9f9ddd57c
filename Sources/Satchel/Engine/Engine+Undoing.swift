internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Undoing decisions: the conflict is open again, as it was (INB-8).
extension Engine {
    /// How the note of a changeset begins that decides conflicts.
    static var decidedNote: String { "resolved " }
    /// What follows where a rule decided many.
    static var ruleNote: String { "by rule: " }

    /// Whether a note is that of a decision: an app may write its own, and begin them likewise (INB-5).
    static func isDecision(_ note: String) -> Bool {
        guard note.hasPrefix(decidedNote) else { return false }
        let rest = note.dropFirst(decidedNote.count)
        return rest.hasPrefix(ruleNote) || Conflict.isID(rest)
    }

    /// Keeps what a row was before a decision, with what stood on rows merged into it, under each conflict of it that
    /// the decision closes.
    ///
    /// Of merges nothing is kept: they are decided anew, or taken back (MRG-56, MRG-57).
    func keepDecision(_ change: RowChange, of working: WorkingRow, as dot: DotID, note: String) throws {
        guard Self.isDecision(note), change.into == nil else { return }
        let held = working.held
        let whole = try whole(
            HeldRow(table: held.table, key: held.key, hash: held.hash, state: working.state, place: held.place))
        let table = store.tableName(held.table)
        func keep(_ id: String, _ kind: ConflictKind, _ unit: UnitID) throws {
            try store.keep(
                KeptDecision(
                    conflict: id, dot: dot, kind: kind, table: held.table, unit: unit, key: held.key,
                    was: whole.united.plain))
        }
        guard change.cover != nil || change.writes.contains(where: { $0.unit == RowState.existence }) else {
            for write in change.writes where write.unit < RowState.firstSystemUnit {
                let unit = store.unitName(write.unit, table: held.table)
                try keep(Conflict.id(table: table, key: held.key, unit: unit), .values, write.unit)
            }
            return
        }
        // Of the rows that go with it nobody was asked (MRG-46).
        let id = Conflict.id(table: table, key: held.key, unit: "")
        let isAsked =
            try note == Self.decidedNote + id || store.conflicts(of: held.hash).contains(id)
            || store.judge(whole.united, table: held.table).deletedButEdited
        if isAsked { try keep(id, .deleted, RowState.existence) }
    }

    /// The decisions known here that still stand.
    package func decisions() throws -> [StandingDecision] {
        try store.decisions().compactMap { kept in
            let row = try store.load(table: kept.table, key: kept.key)
            guard canReopen(kept), try stands(kept, in: row), let writer = try writers([kept.dot]).first else {
                return nil
            }
            let values = row.state[kept.unit].first { $0.dot == kept.dot }?.values ?? []
            return StandingDecision(
                conflict: kept.conflict, table: store.tableName(kept.table), key: kept.key,
                unit: store.shownUnitName(kept.unit, table: kept.table), values: values, writer: writer)
        }
    }

    /// Whether nobody has written over a decision since, or merged its row into another.
    private func stands(_ kept: KeptDecision, in row: HeldRow) throws -> Bool {
        let state = row.state
        if try whole(row).isMerged, !state.deletions.contains(where: { $0.dot == kept.dot }) { return false }
        return state[kept.unit].contains { $0.dot == kept.dot } || state.deletions.contains { $0.dot == kept.dot }
    }

    /// Opens a decided conflict again. Several values take a changeset each, which stay together (EXC-32).
    package func undoDecision(_ conflict: String, actor: String) throws {
        try seal(actor: actor)
        guard let kept = try store.decision(conflict) else {
            throw UsageError(
                "no decision of \(conflict) is known here", try: "undo it at the hub, or where it was decided")
        }
        let row = try store.load(table: kept.table, key: kept.key)
        guard try stands(kept, in: row), store.layout(kept.table) != nil else {
            throw UsageError(
                "what was decided of \(conflict) has been written over since", try: "`log` shows the earlier values")
        }
        guard canReopen(kept) else {
            throw UsageError(
                "what was decided of \(conflict) stands in a column that the schema here does not have",
                try: "undo it at the hub, or where it was decided")
        }
        let changes = kept.kind == .values ? reopened(kept, row.state) : [reopenedRow(kept, row.state)]
        guard !changes.isEmpty else {
            throw UsageError(
                "the values before the decision of \(conflict) are not known here",
                try: "undo it at the hub, or where it was decided")
        }
        for (place, change) in changes.enumerated() {
            let now = try store.load(table: kept.table, key: kept.key)
            try write(
                [Decided(row: now, change: change)], more: UInt32(changes.count - place - 1), actor: actor,
                note: "undid the decision of \(conflict)")
        }
        try store.forgetDecision(conflict)
    }

    /// Whether the schema here says what the values of the decision are.
    private func canReopen(_ kept: KeptDecision) -> Bool {
        kept.kind != .values || store.layout(kept.table)?.unit(kept.unit) != nil
    }

    /// The values as they were, one change for each: the first replaces the decision, the others nothing.
    private func reopened(_ kept: KeptDecision, _ now: RowState) -> [RowChange] {
        let covered = Set(kept.was.deletions.flatMap(\.cover))
        let gone = kept.was[kept.unit].filter { old in
            !covered.contains(Covered(unit: kept.unit, dot: old.dot)) && !now[kept.unit].contains { $0.dot == old.dot }
        }
        let layout = store.layout(kept.table)
        let width = layout?.unit(kept.unit)?.columns.count ?? 0
        let keepsState = layout?.rules.carriesState ?? false
        var shown: Set<[Value]> = []
        var values: [[Value]] = []
        for candidate in gone where shown.insert(Array(candidate.values.prefix(width))).inserted {
            values.append(keepsState ? candidate.values : Array(candidate.values.prefix(width)))
        }
        return values.enumerated().map { place, values in
            RowChange(writes: [UnitWrite(unit: kept.unit, values: values, replaced: place == 0 ? [kept.dot] : [])])
        }
    }

    /// A row that was kept or deleted is again what it was: deleted, with whatever the deletion had not seen uncovered.
    private func reopenedRow(_ kept: KeptDecision, _ now: RowState) -> RowChange {
        let covered = Set(kept.was.deletions.flatMap(\.cover))
        let unseen = Set(kept.was.held.filter { !covered.contains($0) }.map(\.unit))
        // A merge that did not stand is one again (MRG-51).
        let into = kept.was.into.first
        let isMerge = kept.was.deletions.allSatisfy { $0.into == into }
        return RowChange(
            deletionsReplaced: now.deletions.filter { $0.dot == kept.dot }.map(\.dot),
            cover: now.held.filter { !unseen.contains($0.unit) }, into: isMerge ? into : nil)
    }
}
