internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Overwrites by plain SQL of what a merge had brought meanwhile (INB-11).
extension Engine {
    /// Lists an ordinary write of a row, sealed as `dot`, where its author perhaps had not seen what it replaces.
    func noteUnseen(_ authored: Authored, as dot: DotID, seen: [Int64: [RowKey: Set<UnitID>]]) throws {
        let (touch, layout) = (authored.touch, authored.layout)
        for write in authored.change.writes where write.unit != RowState.existence {
            guard let unit = layout.unit(write.unit), unit.policy == .review,
                let was = try replaced(write, authored).first(where: { try !isOwn($0.dot) }),
                try store.met(was.dot) != nil, seen[touch.table]?[touch.key]?.contains(write.unit) != true
            else { continue }
            // A row that came with this value never showed another.
            let hash = store.rowHash(touch.table, touch.key)
            let wasHere = try authored.candidates(of: RowState.existence).contains {
                if try isBefore($0.dot, was.dot) { return true }
                return try store.hasStayed(hash, $0.dot)
            }
            // Of what is sealed here the numbers say the order, as they do of what came before it.
            guard wasHere, try !authored.dots.contains(where: { try $0 > was.dot && isOwn($0) }) else { continue }
            try store.keep(
                KeptUnseen(
                    id: Conflict.id(table: layout.schema.name, key: touch.key, unit: unit.name), table: layout.id,
                    unit: write.unit, key: touch.key, dot: dot, wasDot: was.dot,
                    was: Array(was.values.prefix(unit.columns.count)),
                    values: write.values), with: authored.renewed.map(\.row.hash))
        }
    }

    /// What a write takes the place of, in the row itself and in those merged into it (MRG-55).
    private func replaced(_ write: UnitWrite, _ authored: Authored) -> [Candidate] {
        let own = authored.candidates(of: write.unit).filter { write.replaced.contains($0.dot) }
        if authored.renewed.isEmpty { return own }
        return own
            + authored.renewed.flatMap { one in
                let before = Set(one.row.state.deletions.flatMap(\.cover))
                let covered = Set(one.change.cover ?? []).subtracting(before)
                return one.row.state[write.unit].filter { covered.contains(Covered(unit: write.unit, dot: $0.dot)) }
            }
    }

    private func isOwn(_ dot: DotID) throws -> Bool { try store.order(dot).dot.origin == origin }

    /// Whether a changeset was taken in before another, and not with it. The clock of the device may have been put back in
    /// between: it says only which came together.
    private func isBefore(_ a: DotID, _ b: DotID) throws -> Bool {
        guard let first = try store.met(a), let second = try store.met(b) else { return false }
        return a < b && first != second
    }

    /// Those that still stand. In the caller's transaction: what was written over since is forgotten.
    package func unseen() throws -> [Overwrite] {
        try store.unseen().compactMap { kept in
            let row = try store.load(table: kept.table, key: kept.key)
            guard row.state[kept.unit].contains(where: { $0.dot == kept.dot }),
                let writer = try writers([kept.dot]).first, let former = try writers([kept.wasDot]).first
            else {
                try store.forgetUnseen(kept.id)
                return nil
            }
            guard let place = try place(of: kept, in: row) else { return nil }
            return Overwrite(
                id: kept.id, table: store.tableName(kept.table), key: place.row.key,
                unit: store.shownUnitName(kept.unit, table: kept.table),
                columns: store.shownUnitColumns(kept.unit, table: kept.table), was: kept.was, wasWriter: former,
                values: kept.values, writer: writer)
        }
    }

    /// Says that what was overwritten had been seen, or was wrong: it is listed no more.
    package func acknowledgeUnseen(_ id: String) throws {
        _ = try overwrite(id)
        try store.forgetUnseen(id)
    }

    /// Writes the value again that was overwritten: a change like any other.
    package func takeBackUnseen(_ id: String, actor: String) throws {
        try seal(actor: actor)
        let kept = try overwrite(id)
        guard let place = try place(of: kept, in: store.load(table: kept.table, key: kept.key)) else { return }
        let isElsewhere = place.row.key != kept.key
        let decided = try act(place) { united in
            let replaced = united.state[kept.unit].map(\.dot).filter {
                united.dot($0) == kept.dot && (united.dot($0) != $0) == isElsewhere
            }
            return RowChange(writes: [UnitWrite(unit: kept.unit, values: kept.was, replaced: replaced)])
        }
        try write(decided, actor: actor, note: "took back an overwrite")
        try store.forgetUnseen(id)
    }

    /// The record in which an overwrite is to be seen: its own, or the one into which that was merged, if it stands
    /// there (MRG-54). Nil: in none; a deletion or a merge covers it, and if that is taken back it is listed again.
    private func place(of kept: KeptUnseen, in row: HeldRow) throws -> Whole? {
        let whole = try self.whole(row)
        guard let membership = whole.membership, whole.isMerged else {
            if case .table = row.place { return whole }
            return nil
        }
        let stands = row.state.uncovered.contains { $0.unit == kept.unit && $0.candidate.dot == kept.dot }
        guard stands, case .table = membership.survivor.held.place else { return nil }
        return try self.whole(membership.survivor.held)
    }

    private func overwrite(_ id: String) throws -> KeptUnseen {
        let standing = Set(try unseen().map(\.id))
        guard standing.contains(id), let kept = try store.unseen().first(where: { $0.id == id }) else {
            throw UsageError("no overwrite is listed as \(id)", try: "list them with `unseen`")
        }
        return kept
    }
}
