internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Overwrites by plain SQL of what a merge had brought meanwhile (INB-11).
extension Engine {
    /// Lists an ordinary write of a row, sealed as `dot`, where its author perhaps had not seen what it takes away.
    func noteUnseen(_ authored: Authored, as dot: DotID, seen: [Int64: [RowKey: Set<UnitID>]]) throws {
        let (touch, layout) = (authored.touch, authored.layout)
        for write in authored.change.writes where write.unit != RowState.existence {
            guard let unit = layout.unit(write.unit) else { continue }
            let isSeen = seen[touch.table]?[touch.key]?.contains(write.unit) == true
            if unit.policy == .counter {
                try noteUnseenCount(write, of: unit, authored, as: dot, isSeen: isSeen)
                continue
            }
            guard unit.policy.canLose, !isSeen,
                let was = try lost(by: write, of: unit, authored), let shown = authored.touch.old
            else { continue }
            // What was shown may be made of several: all of that is what is gone.
            let isOne = unit.policy == .review
            let values = isOne ? Array(was.values.prefix(unit.columns.count)) : layout.values(of: unit, in: shown)
            var others = authored.renewed.map(\.row.hash)
            // Also what the write leaves where it stands: a set's elements are shown joined (MRG-54).
            if !isOne { others += authored.merged(in: write.unit).map { store.rowHash(touch.table, $0) } }
            try store.keep(
                KeptUnseen(
                    id: Conflict.id(table: layout.schema.name, key: touch.key, unit: unit.name), table: layout.id,
                    unit: write.unit, key: touch.key, dot: dot, wasDot: was.dot, was: values,
                    values: Array(write.values.prefix(unit.columns.count))), with: others)
        }
    }

    /// The first value of another replica of which a write takes something away that nobody here had perhaps seen. What is
    /// shown may be made of several values: of those that have gone from it already nothing is taken.
    private func lost(by write: UnitWrite, of unit: TableSchema.Unit, _ authored: Authored) throws -> Candidate? {
        let others = try replaced(write, authored).filter { try !isOwn($0.dot) }
        guard !others.isEmpty, let shown = authored.touch.old, let new = authored.touch.new else { return nil }
        // What was sealed of a row may be less: what stands on rows merged into it stays theirs (MRG-54).
        let written = authored.layout.values(of: unit, in: new)
        guard unit.policy.loses(authored.layout.values(of: unit, in: shown), to: written) else { return nil }
        for (place, was) in others.enumerated() {
            let values = Array(was.values.prefix(unit.columns.count))
            // Who read one of equal values read them all, and the first of them came before the others.
            let isAgain = others[..<place].contains { $0.values.prefix(unit.columns.count).elementsEqual(values) }
            if try !isAgain && unit.policy.loses(values, to: written) && cameUnseen(was.dot, authored) { return was }
        }
        return nil
    }

    /// Whether a value came by a merge while the record was here, and nothing of the record was sealed here since.
    private func cameUnseen(_ dot: DotID, _ authored: Authored) throws -> Bool {
        guard try store.met(dot) != nil else { return false }
        // A row that came with this value never showed another.
        let hash = store.rowHash(authored.touch.table, authored.touch.key)
        let existence = authored.candidates(of: RowState.existence)
        // One that came back and is as old as it was (MRG-11) was here from then on.
        let returned = existence.count > 1 ? try existence.filter { try store.has(.returned, hash, $0.dot) } : []
        let wasHere = try (returned.isEmpty ? existence : returned).contains {
            if try isBefore($0.dot, dot) { return true }
            return try store.has(.stayed, hash, $0.dot)
        }
        // Of what is sealed here the numbers say the order, as they do of what came before it.
        return try wasHere && !authored.dots.contains(where: { try $0 > dot && isOwn($0) })
    }

    /// What a write takes the place of, in the row itself and in those merged into it (MRG-55).
    func replaced(_ write: UnitWrite, _ authored: Authored) -> [Candidate] {
        let own = authored.candidates(of: write.unit).filter { write.replaced.contains($0.dot) }
        if authored.renewed.isEmpty { return own }
        return own
            + authored.renewed.flatMap { one in
                let before = Set(one.row.state.deletions.flatMap(\.cover))
                let covered = Set(one.change.cover ?? []).subtracting(before)
                return one.row.state[write.unit].filter { covered.contains(Covered(unit: write.unit, dot: $0.dot)) }
            }
    }

    func isOwn(_ dot: DotID) throws -> Bool { try store.isOf(origin, dot) }

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
            let isThere =
                try counted(by: kept).map { try self.stands($0, of: kept, in: row.state) }
                ?? row.state[kept.unit].contains { $0.dot == kept.dot }
            guard isThere, let writer = try writers([kept.dot]).first, let author = try writers([kept.wasDot]).first
            else {
                try store.forgetUnseen(kept.id)
                return nil
            }
            guard let place = try place(of: kept, in: row) else { return nil }
            return Overwrite(
                id: kept.id, table: store.tableName(kept.table), key: place.row.key,
                unit: store.shownUnitName(kept.unit, table: kept.table),
                columns: store.shownUnitColumns(kept.unit, table: kept.table), was: former(kept),
                wasWriter: author, values: kept.values, writer: writer)
        }
    }

    /// Says that what was overwritten had been seen, or was wrong: it is listed no more.
    package func acknowledgeUnseen(_ id: String) throws {
        _ = try overwrite(id)
        try store.forgetUnseen(id)
    }

    /// Writes the value again that was overwritten, with the state that the overwrite carried (MRG-38): a change like any other.
    /// Out of a counter it takes what the overwrite added.
    package func takeBackUnseen(_ id: String, actor: String) throws {
        try seal(actor: actor)
        let kept = try overwrite(id)
        try refuseSetOnce(kept)
        guard let place = try place(of: kept, in: store.load(table: kept.table, key: kept.key)) else { return }
        let isElsewhere = place.row.key != kept.key
        let policy = store.rules(kept.table)[kept.unit]?.policy ?? .review
        let counted = counted(by: kept)
        let decided = try act(place) { united in
            if let counted { return try takingOut(counted, of: kept, on: united) }
            let overwrite = united.state[kept.unit].filter {
                united.dot($0.dot) == kept.dot && (united.dot($0.dot) != $0.dot) == isElsewhere
            }
            let values = policy.puttingBack(former(kept), into: overwrite.first?.values ?? kept.values)
            return try store.writing(on: united, table: kept.table).resolve(
                .init(unit: kept.unit, values: values),
                on: RowState(units: [UnitState(unit: kept.unit, candidates: overwrite)]))
        }
        try refusingToHide([place.row]) { try write(decided, actor: actor, note: "took back an overwrite") }
        try store.forgetUnseen(id)
    }

    /// A schema may have come since by which what was overwritten is set once, and no program may change it.
    private func refuseSetOnce(_ kept: KeptUnseen) throws {
        guard let layout = store.layout(kept.table), let unit = layout.unit(kept.unit) else { return }
        let table = layout.schema.name
        if layout.schema.appendOnly {
            throw UsageError(
                "table \(table) is appendOnly: its rows are never changed or deleted",
                try: "enter a new row, and take this off the list with `--seen`")
        }
        guard unit.policy == .immutable else { return }
        let changed = unit.columns.indices.first {
            let now = kept.values.indices.contains($0) ? kept.values[$0] : .null
            return now != .null && !(kept.was.indices.contains($0) && kept.was[$0] == now)
        }
        guard let changed else { return }
        throw UsageError(
            "\(table).\(layout.schema.columns[unit.columns[changed]].name) is set once and never changed",
            try: "leave it as it is, and take it off the list with `--seen`")
    }

    /// The record in which an overwrite is to be seen: its own, or the one into which that was merged, if it stands
    /// there (MRG-54). Nil: in none; a deletion or a merge covers it, and if that is taken back it is listed again.
    private func place(of kept: KeptUnseen, in row: HeldRow) throws -> Whole? {
        let whole = try self.whole(row)
        guard let membership = whole.membership, whole.isMerged else {
            if case .table = row.place { return whole }
            return nil
        }
        let stands =
            counted(by: kept) != nil
            || row.state.uncovered.contains { $0.unit == kept.unit && $0.candidate.dot == kept.dot }
        guard stands, case .table = membership.survivor.held.place else { return nil }
        return try self.whole(membership.survivor.held)
    }

    /// The columns of what was overwritten.
    private func former(_ kept: KeptUnseen) -> [Value] { Array(kept.was.prefix(kept.values.count)) }

    private func overwrite(_ id: String) throws -> KeptUnseen {
        let standing = Set(try unseen().map(\.id))
        guard standing.contains(id), let kept = try store.unseen().first(where: { $0.id == id }) else {
            throw UsageError("no overwrite is listed as \(id)", try: "list them with `unseen`")
        }
        return kept
    }
}
