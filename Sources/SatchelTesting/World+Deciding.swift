internal import Satchel
internal import SatchelModel

/// What people decide at one replica: conflicts, duplicates, deletions taken back.
extension World {
    /// Answers one open conflict as a person would.
    func answer(_ peer: WorldPeer, conflict number: Int, choice: Int) throws {
        try seal(peer)
        let before = judged(peer.standing)
        let open = before.conflicts.filter { !avoidsTies || $0.kind == "values" }
        guard !open.isEmpty else { return }
        let conflict = open[number % open.count]
        let choices =
            switch conflict.kind {
            case "values", "mergedApart": conflict.candidates.count
            case "deleted": 2
            default: 1
            }
        let choice = 1 + choice % choices
        guard let made = try shown(peer, { try peer.replica.resolve(conflict.id, keep: choice) }) else { return }
        let isOfRow = conflict.kind == "deleted" || conflict.kind == "inUse"
        var due = isOfRow ? before.model.together(conflict.row, keep: choice == 1) : [conflict.row]
        if isOfRow, choice == 1 { due.formUnion(before.model.released(byKeeping: due)) }
        try require(
            made.count == 1 && Set(acted(made[0], beside: due).keys) == due, .model,
            "the answer \(choice) to \(conflict) is \(made), not one change of \(due)")
        try noteAnswer(made[0], conflict, choice, due)
        try check(peer)
        try require(
            !judged(peer.standing).conflicts.contains { $0.id == conflict.id && $0.kind == conflict.kind },
            .model,
            "\(conflict) is open after its answer")
    }

    private func noteAnswer(
        _ change: NaiveChange, _ conflict: NaiveConflict, _ choice: Int, _ due: Set<NaiveRowName>
    ) throws {
        let done = change.rows[conflict.row]
        answers.insert(change.dot)
        switch conflict.kind {
        case "values":
            reached.insert(.answeredValues)
            for other in answered[conflict.id] ?? [] where !change.seen.contains(other) {
                reached.insert(.answeredTwice)
            }
            answered[conflict.id, default: []].append(change.dot)
            let chosen = conflict.candidates[choice - 1]
            let written = done?.writes.mapValues(\.values)
            try require(
                written == [conflict.unit: chosen], .model, "\(conflict) was answered \(choice) by \(change)")
            committed.append(
                NaiveCommitted(dot: change.dot, row: conflict.row, unit: conflict.unit, values: chosen))
        case "mergedApart":
            reached.insert(.answeredApart)
            try require(
                done?.into?.values == conflict.candidates[choice - 1], .model,
                "\(conflict) was answered \(choice) by \(change)")
        default:
            reached.insert(choice == 2 ? .answeredDelete : .answeredKeep)
            for name in due {
                try require(
                    (change.rows[name]?.cover != nil) == (choice == 2), .model,
                    "\(conflict) was answered \(choice) by \(change)")
            }
        }
    }

    /// Merges two shown rows of one table, and takes a unit over.
    func merge(_ peer: WorldPeer, row: Int, into other: Int, table: Int, taking: Int) throws {
        if avoidsTies { return }
        try seal(peer)
        let before = judged(peer.standing)
        let tables = schema(peer).tables.filter { !$0.appendOnly }
        guard !tables.isEmpty else { return }
        let table = tables[table % tables.count]
        let merges = before.model.merges(of: table.name)
        let rows = before.shown.keys.filter { $0.table == table.name && merges.survivors[$0] == nil }.sorted()
        guard rows.count > 1 else { return }
        let name = rows[row % rows.count]
        let rest = rows.filter { $0 != name }
        let into = rest[other % rest.count]
        let units = table.units.filter { $0.policy != .immutable }
        let taken = taking == 0 || units.isEmpty ? [] : units[taking % units.count].columns
        let made = try shown(peer) {
            try peer.replica.merge(
                name.key, into: into.key, in: table.name, taking: taken.map { table.columns[$0].name }, actor: "actor")
        }
        guard let made else { return }
        try require(
            made.count == 1 && made[0].rows[name]?.into == into.key, .model, "merging \(name) into \(into) is \(made)")
        let (kept, due) = (made[0].kept, before.model.kept(merging: name, into: into))
        try require(kept == due, .model, "merging \(name) into \(into) kept \(kept) and not \(due)")
        unions.insert(made[0].dot)
        for (unit, write) in made[0].rows[into]?.writes ?? [:] {
            committed.append(NaiveCommitted(dot: made[0].dot, row: into, unit: unit, values: write.values))
        }
        reached.insert(.merged)
        try check(peer)
    }

    /// Makes a merged row one of its own again.
    func unmerge(_ peer: WorldPeer, row: Int) throws {
        if avoidsTies { return }
        try seal(peer)
        let before = judged(peer.standing).model
        let merged = schema(peer).tables.flatMap { before.merges(of: $0.name).survivors.keys }.sorted()
        guard !merged.isEmpty else { return }
        let name = merged[row % merged.count]
        let unmerge = { _ = try peer.replica.unmerge(name.key, in: name.table, actor: "actor") }
        guard let made = try shown(peer, unmerge) else { return }
        let back = try givenBack(made, unmerging: [name], before)
        let due = before.released(byKeeping: [name]).union([name]).union(back)
        try require(
            made.count == 1 && Set(acted(made[0], beside: due).keys) == due, .model,
            "unmerging \(name) is \(made), not of \(due)")
        answers.formUnion(made.map(\.dot))
        reached.insert(.unmerged)
        try check(peer)
        try require(
            judged(peer.standing).model.merges(of: name.table).survivors[name] == nil, .model,
            "\(name) is still merged after its unmerge")
    }

    /// The rows to which a change gave back what merges had taken over of the rows that it unmerges (MRG-56).
    private func givenBack(
        _ made: [NaiveChange], unmerging rows: Set<NaiveRowName>, _ before: NaiveModel
    ) throws -> Set<NaiveRowName> {
        guard let change = made.first else { return [] }
        let back = before.givenBack(by: change, unmerging: rows)
        try require(back.complaints.isEmpty, .model, "\(change): \(back.complaints)")
        committed += back.committed
        return back.rows
    }

    /// Takes a deletion back, of a row or of all that one changeset deleted (MRG-46, MRG-47).
    func undo(_ peer: WorldPeer, deletion: Int, whole: Bool) throws {
        if avoidsTies { return }
        try seal(peer)
        let before = judged(peer.standing).model
        let deleted = before.deleted()
        guard !deleted.isEmpty else { return }
        let name = deleted[deletion % deleted.count]
        var asked = [name]
        let dot = whole ? before.row(name).deletions.keys.min() : nil
        if let dot { asked = before.deleted(by: dot) }
        let due = asked.reduce(into: Set<NaiveRowName>()) { $0.formUnion(before.together($1, keep: true)) }
        let made: [NaiveChange]
        do {
            made = try decide(peer) {
                if let dot {
                    try peer.replica.undo(changeset: dot.description, actor: "actor")
                } else {
                    try peer.replica.undo(table: name.table, key: name.key, actor: "actor")
                }
            }
        } catch let error where before.mayRefuse(undoing: due, error) {
            return try check(peer)
        }
        let all = try due.union(before.released(byKeeping: due)).union(givenBack(made, unmerging: due, before))
        try require(
            made.count == 1 && Set(acted(made[0], beside: all).keys) == all, .model,
            "undoing \(asked) is \(made), not one change of \(all)")
        answers.formUnion(made.map(\.dot))
        reached.insert(.undone)
        try check(peer)
        for row in due {
            let after = judged(peer.standing).model.row(row)
            try require(after.isAlive && after.deletions.isEmpty, .model, "\(row) is still deleted after its undo")
        }
    }

    /// The same; nil: it was refused, since a table would take a record no more (INB-14).
    private func shown(_ peer: WorldPeer, _ act: () throws -> Void) throws -> [NaiveChange]? {
        do { return try decide(peer, act) } catch is WouldHide { return nil }
    }

    /// Runs a decision, again if the disk did not let it be made, and returns what it sealed.
    private func decide(_ peer: WorldPeer, _ act: () throws -> Void) throws -> [NaiveChange] {
        try atDisk(peer, act)
        var made = try take(peer)
        if made.isEmpty, peer.wasInterrupted {
            try act()
            made = try take(peer)
        }
        return made
    }

    /// The rows of a change without those of which merges were only renewed or let go (MRG-55, MRG-56).
    private func acted(
        _ change: NaiveChange, beside due: Set<NaiveRowName>
    ) -> [NaiveRowName: NaiveRowChange] {
        change.rows.filter { name, row in
            due.contains(name) || row.into == nil && !(row.cover == nil && row.writes.isEmpty)
        }
    }
}

extension NaiveModel {
    /// Whether undoing the deletions of these rows may be refused so: nothing is left to undo (MRG-47), or one is taken out of a merge
    /// (INB-14).
    func mayRefuse(undoing rows: Set<NaiveRowName>, _ error: any Error) -> Bool {
        rows.isEmpty && error is UsageError
            || error is WouldHide && rows.contains { merges(of: $0.table).survivors[$0] != nil }
    }
}
