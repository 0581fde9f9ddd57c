internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Undoing decisions: the conflict is open again, as it was (INB-8).
extension Engine {
    /// How the note of a changeset begins that decides conflicts.
    static var decidedNote: String { "resolved " }
    /// The same of those that decide many.
    static var ruleNote: String { decidedNote + "by rule: " }

    /// How the note of a changeset begins that opens a decided conflict again.
    private static var undoneNote: String { "undid the decision of " }

    /// Whether a note is that of a changeset that opens a decided conflict again.
    static func opensAgain(_ note: String) -> Bool { note.hasPrefix(undoneNote) }

    /// Whether a note is that of a decision: an app may write its own, and begin them likewise (INB-5).
    static func isDecision(_ note: String) -> Bool {
        note.hasPrefix(ruleNote) || note.hasPrefix(decidedNote) && Conflict.isID(note.dropFirst(decidedNote.count))
    }

    /// Keeps what a row was before a decision, with what stood on rows merged into it, under each conflict of it that
    /// the decision closes.
    ///
    /// Of merges nothing is kept: they are decided anew, or taken back (MRG-56, MRG-57).
    ///
    /// - Parameter first: the first changeset of the decision (EXC-32).
    func keepDecision(_ change: RowChange, of held: HeldRow, as dot: DotID, first: DotID, note: String) throws {
        guard Self.isDecision(note), change.into == nil else { return }
        let whole = try whole(held)
        let table = store.tableName(held.table)
        let others = whole.membership?.all.rows.map(\.held.hash).filter { $0 != held.hash } ?? []
        func keep(_ id: String, _ kind: ConflictKind, _ unit: UnitID, was: RowState, with others: [Int64]) throws {
            guard try isLast(dot, of: id) else { return }
            var was = was
            if first != dot { was[KeptDecision.before] = [Candidate(dot: first, values: [])] }
            let kept = KeptDecision(
                conflict: id, dot: dot, kind: kind, table: held.table, unit: unit, key: held.key, was: was)
            guard let earlier = try unaware(of: change, id, in: held) else { return try store.keep(kept, with: others) }
            try store.keep(kept.joined(with: earlier), with: others + store.stood(with: id))
        }
        func keep(_ id: String, _ kind: ConflictKind, _ unit: UnitID) throws {
            var was = whole.united.plain
            was[KeptDecision.unseenMerges] = whole.united.unseenMerges.map { Candidate(dot: $0, values: []) }
            try keep(id, kind, unit, was: was, with: others)
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
        let isTheOne = note == Self.decidedNote + id
        let isAsked =
            try isTheOne || store.conflicts(of: held.hash).contains(id)
            || store.judge(whole.united, table: held.table).deletedButEdited
        if isAsked { try keep(id, .deleted, RowState.existence) }
        // By a rule many are asked about at once.
        if isTheOne || isAsked && note.hasPrefix(Self.ruleNote) { return }
        try keep(
            KeptDecision.beside + id, .deleted, RowState.existence, was: Self.names(in: held.state), with: [])
    }

    /// The first changeset of a decision (EXC-32), if a changeset of this note is of one; else itself.
    func first(of dot: DotID, note: String) throws -> DotID {
        var first = dot
        guard Self.isDecision(note) else { return first }
        while let head = try head(first), head.sequence > 1 {
            let before = Dot(origin: head.origin, sequence: head.sequence - 1, tag: head.previous.tag)
            guard let id = try store.metDot(before), try self.head(id)?.more ?? 0 > 0 else { break }
            first = id
        }
        return first
    }

    /// Whether no other decision of a conflict is kept that was applied here later and has an effect: one that is released
    /// may be older (REV-6).
    private func isLast(_ dot: DotID, of conflict: String) throws -> Bool {
        guard let known = try store.decision(conflict), try !store.isWithheld(known.dot) else { return true }
        return try known.dot != dot && store.arrival(of: known.dot) ?? 0 < store.arrival(of: dot) ?? .max
    }

    /// The earlier decision of a conflict which stands, and which the author of another did not know of: the two are taken back
    /// together.
    private func unaware(of change: RowChange, _ conflict: String, in held: HeldRow) throws -> KeptDecision? {
        guard let known = try store.decision(conflict), try stands(known, in: held),
            try !store.isWithheld(known.dot)
        else { return nil }
        let replaced = change.writes.flatMap(\.replaced) + change.deletionsReplaced
        return replaced.contains(known.dot) ? nil : known
    }

    /// Which candidates and deletions a row had, without what is in them.
    private static func names(in state: RowState) -> RowState {
        RowState(
            units: state.units.map { unit in
                // What it noted of deletions says with whom it fell (MRG-61).
                let isNote = unit.unit >= RowState.firstSystemUnit
                return UnitState(
                    unit: unit.unit,
                    candidates: unit.candidates.map { Candidate(dot: $0.dot, values: isNote ? $0.values : []) })
            }, deletions: state.deletions.map { Deletion(dot: $0.dot, cover: [], into: $0.into) })
    }

    /// The decisions known here that still stand.
    package func decisions() throws -> [StandingDecision] {
        try store.decisions().compactMap { kept in
            let row = try store.load(table: kept.table, key: kept.key)
            guard canReopen(kept), try stands(kept, in: row), let writer = try writers([kept.dot]).first else {
                return nil
            }
            let values = row.state[kept.unit].first { $0.dot == kept.dot }?.values ?? []
            let deletes = row.state.deletions.contains { $0.dot == kept.dot }
            return StandingDecision(
                conflict: kept.conflict, table: store.tableName(kept.table), key: kept.key,
                unit: store.shownUnitName(kept.unit, table: kept.table),
                values: shown(values, of: kept.unit, table: kept.table),
                act: kept.kind == .values ? nil : deletes ? "delete" : "keep", writer: writer)
        }
    }

    /// Whether nobody has written over a decision since, deleted what was decided, or merged its row into another.
    private func stands(_ kept: KeptDecision, in row: HeldRow) throws -> Bool {
        let state = row.state
        if state.deletions.contains(where: { $0.dot == kept.dot }) { return true }
        if try whole(row).isMerged { return false }
        let covered = Set(state.deletions.flatMap(\.cover))
        return state[kept.unit].contains {
            $0.dot == kept.dot && !covered.contains(Covered(unit: kept.unit, dot: $0.dot))
        }
    }

    /// Whether something stands in the place of a decision that did not come here as a changeset: it may be another decision.
    private func isOfOthers(_ kept: KeptDecision, in row: HeldRow) throws -> Bool {
        let state = row.state
        let dots = state[kept.unit].map(\.dot) + (kept.kind == .values ? [] : state.deletions.map(\.dot))
        return try dots.contains { try store.standing(of: $0) == nil }
    }

    /// Opens a decided conflict again. Several values take a changeset each, which stay together (EXC-32).
    package func undoDecision(_ conflict: String, actor: String) throws {
        try seal(actor: actor)
        guard let kept = try store.decision(conflict) else {
            let isMerge = try store.graves(.merged).contains {
                Conflict.id(table: store.tableName($0.table), key: $0.key, unit: "") == conflict
            }
            if isMerge {
                throw UsageError("the answer to \(conflict) stands as a merge", try: "take it back with `unmerge`")
            }
            throw UsageError(
                "no decision of \(conflict) is known here", try: "undo it at the hub, or where it was decided")
        }
        let row = try store.load(table: kept.table, key: kept.key)
        guard try stands(kept, in: row), store.layout(kept.table) != nil else {
            if try isOfOthers(kept, in: row) {
                throw UsageError(
                    "what was decided of \(conflict) has been decided anew or written over elsewhere since",
                    try: "undo it at the hub, or where it was decided")
            }
            throw UsageError(
                "what was decided of \(conflict) has been written over since", try: "`log` shows the earlier values")
        }
        guard canReopen(kept) else {
            throw UsageError(
                "what was decided of \(conflict) stands in a column that the schema here does not have",
                try: "undo it at the hub, or where it was decided")
        }
        let whole = try whole(row)
        let changes =
            try kept.kind == .values
            ? reopened(kept, row.state).map { [Decided(row: row, change: $0)] }
            : [reopenedRecord(kept, whole) + reopenedBeside(kept)]
        guard !changes.isEmpty else {
            throw UsageError(
                "the values before the decision of \(conflict) are not known here",
                try: "undo it at the hub, or where it was decided")
        }
        try refusingToHide {
            for (place, change) in changes.enumerated() {
                let now = try change.map { one in
                    Decided(row: try store.load(table: one.row.table, key: one.row.key), change: one.change)
                }
                try write(
                    now, more: UInt32(changes.count - place - 1), actor: actor,
                    note: Self.undoneNote + conflict)
            }
        }
        try refuseIfNobodyIsAsked(kept)
        try store.forgetDecision(conflict)
        for one in changes.flatMap(\.self) {
            let id = Conflict.id(table: store.tableName(one.row.table), key: one.row.key, unit: "")
            try store.forgetDecision(KeptDecision.beside + id)
        }
    }

    /// Throws `WouldNotAsk` if what an undone decision had answered is not open: the caller's transaction is then to be rolled
    /// back. What others did without knowing of the decision may have settled it, as a merge of the record.
    private func refuseIfNobodyIsAsked(_ kept: KeptDecision) throws {
        let row = try store.load(table: kept.table, key: kept.key)
        let isOpen = try store.listedConflicts(of: row.hash).contains { listed in
            listed.unit == kept.unit && listed.kind != .mergedApart
                && (listed.kind == .values) == (kept.kind == .values)
        }
        if isOpen { return }
        let whole = try whole(row)
        let reason: String
        if whole.isMerged, let survivor = whole.membership?.survivor.held.key {
            reason = "it would be merged into \(survivor.display)"
        } else if case .table = row.place {
            reason = "nothing stands against what it would show"
        } else {
            reason = "it would be out of sight"
        }
        throw WouldNotAsk(table: store.tableName(kept.table), key: kept.key, reason: reason)
    }

    /// Whether the schema here says what the values of the decision are.
    private func canReopen(_ kept: KeptDecision) -> Bool {
        kept.kind != .values || store.layout(kept.table)?.unit(kept.unit) != nil
    }

    /// The values as they were, one change for each: the first replaces the decision.
    private func reopened(_ kept: KeptDecision, _ now: RowState) throws -> [RowChange] {
        let covered = Set(kept.was.deletions.flatMap(\.cover))
        let gone = kept.was[kept.unit].filter { old in
            !covered.contains(Covered(unit: kept.unit, dot: old.dot)) && !now[kept.unit].contains { $0.dot == old.dot }
        }
        let answers = [kept.dot] + now[kept.unit].map(\.dot).filter { kept.dots.dropFirst().contains($0) }
        let layout = store.layout(kept.table)
        let width = layout?.unit(kept.unit)?.columns.count ?? 0
        let keepsState = layout?.rules.carriesState ?? false
        var shown: Set<[Value]> = []
        // With the candidates that they were: who wrote a value first is known from what it names (INB-1).
        var values: [(written: [Value], first: [DotID])] = []
        for candidate in gone where shown.insert(Array(candidate.values.prefix(width))).inserted {
            let written = keepsState ? candidate.values : Array(candidate.values.prefix(width))
            values.append((written, gone.filter { $0.values == candidate.values }.map(\.dot)))
        }
        // What was shown is shown again: the last written, where it was set once the first (MRG-14, MRG-35).
        let before = try store.judge(kept.was, of: kept.key, table: kept.table).shown(kept.unit)?.values
        if let place = values.firstIndex(where: { $0.written.prefix(width).elementsEqual(before ?? []) }) {
            let isSetOnce = layout?.rules[kept.unit]?.policy == .immutable
            values.insert(values.remove(at: place), at: isSetOnce ? 0 : values.count)
        }
        return values.enumerated().map { place, value in
            let replaced = Set(value.first + (place == 0 ? answers : [])).sorted()
            return RowChange(writes: [UnitWrite(unit: kept.unit, values: value.written, replaced: replaced)])
        }
    }

    /// A row that was kept or deleted is again what it was: deleted, with whatever the deletion had not seen uncovered, and what came
    /// after the decision too.
    private func reopenedRow(_ kept: KeptDecision, _ now: RowState) -> RowChange {
        let covered = Set(kept.was.deletions.flatMap(\.cover))
        let (known, stood) = (Set(kept.was.held), Set(kept.stood.map(\.unit)))
        let cover = now.held.filter { one in
            known.contains(one) ? covered.contains(one) : kept.dots.contains(one.dot) && !stood.contains(one.unit)
        }
        // A merge that did not stand is one again (MRG-51).
        let into = kept.was.into.first
        let isMerge = kept.was.deletions.allSatisfy { $0.into == into }
        return RowChange(
            deletionsReplaced: now.deletions.map(\.dot).filter(kept.dots.contains),
            cover: cover, into: isMerge ? into : nil)
    }

    /// Such a row, with what goes with it on those merged into it: the deletion takes them along, but for those of which no
    /// deletion had seen the merge (MRG-60).
    private func reopenedRecord(_ kept: KeptDecision, _ whole: Whole) throws -> [Decided] {
        let change = reopenedRow(kept, whole.row.state)
        let unseen = Set(kept.was[KeptDecision.unseenMerges].map(\.dot))
        let released = try released(kept, whole, unseen).map { try noting($0) }
        let done = Set(released.map(\.row.hash))
        return [try noting(Decided(row: whole.row, change: change))] + released
            + (try takenAlong(by: change, whole) { unseen.isDisjoint(with: $0.state.deletions.map(\.dot)) })
            .filter { !done.contains($0.row.hash) }
    }

    /// What a deletion takes along on the rows merged into its own (MRG-55).
    private func takenAlong(
        by change: RowChange, _ whole: Whole, seeing sees: (HeldRow) -> Bool = { _ in true }
    ) throws -> [Decided] {
        try Array(act(whole, seeing: sees) { _ in change }.dropFirst())
    }

    /// The rows that the decision kept or deleted with the record are deleted with it (MRG-46), but for what was written to
    /// them since. A decision by a rule took those of many records: these are the ones that fell with this one, or that it needs.
    private func reopenedBeside(_ kept: KeptDecision) throws -> [Decided] {
        let beside = try store.decisions(beside: kept)
        let dots = Set(kept.dots + beside.map(\.dot))
        var left = try beside.map { (kept: $0, row: try store.load(table: $0.table, key: $0.key)) }
            .filter { try stands($0.kept, in: $0.row) }
        var open = [(kept: kept, row: try store.load(table: kept.table, key: kept.key))]
        var changes: [Decided] = []
        while let next = open.popLast(), !left.isEmpty {
            let needed = try needs(of: next.row)
            let with = try left.indices.filter { place in
                let other = left[place]
                return try needed.contains(name(other.row))
                    || fell(other.kept, with: next.kept) && refersTo(other.row).contains { $0.name == name(next.row) }
            }
            for place in with.reversed() {
                let other = left.remove(at: place)
                let (state, known) = (other.row.state, Set(other.kept.was.held))
                let change = RowChange(
                    deletionsReplaced: state.deletions.map(\.dot).filter(dots.contains),
                    cover: state.held.filter { known.contains($0) || dots.contains($0.dot) })
                changes.append(try noting(Decided(row: other.row, change: change)))
                changes += try takenAlong(by: change, whole(other.row))
                open.append(other)
            }
        }
        return changes

        func name(_ row: HeldRow) -> RowBatch.RowName { RowBatch.RowName(table: row.table, key: row.key) }
    }

    /// Whether a row had fallen by a deletion by which another brought it back (MRG-42, MRG-61).
    private func fell(_ kept: KeptDecision, with other: KeptDecision) throws -> Bool {
        let dots = try Set(store.bringing(other.was, table: other.table))
        return kept.was.deletions.contains { $0.into == nil && dots.contains($0.dot) }
    }

    private func needs(of row: HeldRow) throws -> [RowBatch.RowName] {
        try refersTo(row).filter { $0.policy != .setNull }.map(\.name)
    }

    /// The merges that the decision renewed let go of what it took on the merged rows (MRG-55).
    private func released(_ kept: KeptDecision, _ whole: Whole, _ unseen: Set<DotID>) -> [Decided] {
        let stood = kept.stood
        return (whole.membership?.all.rows ?? []).compactMap { member in
            let state = member.held.state
            let renewed = state.deletions.filter { kept.dots.contains($0.dot) && $0.into != nil }
            guard member.held.hash != whole.row.hash, let into = renewed.first?.into else { return nil }
            if state.deletions.contains(where: { unseen.contains($0.dot) }) {
                return Decided(row: member.held, change: RowChange(deletionsReplaced: renewed.map(\.dot)))
            }
            let taken = stood.filter { unit, candidate in
                // What the record has of that name was its own.
                let isForeign =
                    kept.was[unit].count { $0.dot == candidate.dot } > 1
                    || !whole.row.state[unit].contains { $0.dot == candidate.dot }
                return unit != RowState.existence && isForeign && state[unit].contains(candidate)
            }.map { Covered(unit: $0.unit, dot: $0.candidate.dot) }
            let change = RowChange(
                deletionsReplaced: renewed.map(\.dot),
                cover: Set(renewed.flatMap(\.cover)).subtracting(taken).sorted(), into: into)
            return Decided(row: member.held, change: change)
        }
    }
}

extension KeptDecision {
    /// This decision, and before it an earlier one of which its author did not know: what was before both.
    fileprivate func joined(with earlier: KeptDecision) -> KeptDecision {
        let before = Set(earlier.dots)
        var was = self.was
        for unit in was.units { was[unit.unit].removeAll { before.contains($0.dot) } }
        was.deletions.removeAll { before.contains($0.dot) }
        was = earlier.was.joined(with: was)
        was[Self.unaware] = before.sorted().map { Candidate(dot: $0, values: []) }
        return KeptDecision(conflict: conflict, dot: dot, kind: kind, table: table, unit: unit, key: key, was: was)
    }

    /// What stood of the row and of those merged into it, beside existence. Of two candidates of one changeset the row's own
    /// comes first, and only that can be in a cover of the row.
    fileprivate var stood: [(unit: UnitID, candidate: Candidate)] {
        let covered = Set(was.deletions.flatMap(\.cover))
        return was.units.filter { $0.unit < RowState.firstSystemUnit }.flatMap { unit in
            unit.candidates.enumerated().filter { place, candidate in
                let isFirst = !unit.candidates[..<place].contains { $0.dot == candidate.dot }
                return !isFirst || !covered.contains(Covered(unit: unit.unit, dot: candidate.dot))
            }.map { (unit.unit, $0.element) }
        }
    }
}
