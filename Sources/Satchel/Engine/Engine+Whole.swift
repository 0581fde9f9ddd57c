internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Rows as people see them and act on them: with what stands on the rows that were merged into them (MRG-54, MRG-55).
extension Engine {
    /// A row, and what merges connect it with.
    struct Whole {
        let row: HeldRow
        let united: UnitedState
        let membership: RowBatch.Membership?

        var isMerged: Bool { membership?.isMerged ?? false }

        /// Of the rows merged into this one.
        var memberStates: [RowState] { membership?.members.map(\.held.state) ?? [] }

        /// The row that a merge of this one names, by which it is led to the one that is shown for it; nil: it is not merged.
        var way: RowKey? {
            guard let own = membership, own.isMerged else { return nil }
            return own.all.union.way(from: own.place, to: own.all.union.places[own.place].survivor)
        }
    }

    /// What a person decided of one row.
    struct Decided {
        let row: HeldRow
        let change: RowChange
    }

    /// The row with its own state as given. O(1) where no merge touches it.
    ///
    /// - Parameter others: rows that are taken as given too, and not as the file has them.
    func whole(_ row: HeldRow, beside others: [HeldRow] = []) throws -> Whole {
        guard try store.hasMerges(), try store.isInMerge(row.hash) else { return alone(row) }
        let batch = RowBatch(store: store)
        batch.add(row)
        for other in others where other.hash != row.hash { batch.add(other) }
        return try whole(row, in: batch)
    }

    /// The same of a row of the batch, beside the others of it.
    func whole(_ row: HeldRow, in batch: RowBatch) throws -> Whole {
        guard let membership = try batch.membership(RowBatch.RowName(table: row.table, key: row.key)) else {
            return alone(row)
        }
        return Whole(row: row, united: membership.all.union.united(membership.place), membership: membership)
    }

    private func alone(_ row: HeldRow) -> Whole {
        Whole(
            row: row,
            united: UnitedState(
                row.state, key: row.key, closesCycle: false, members: [], rules: store.rules(row.table)),
            membership: nil)
    }

    /// What an act upon a row does to it and to the rows merged into it. The row itself comes first.
    ///
    /// - Parameter sees: whether the author of a deletion knew that a row is merged into this one.
    func act(
        _ whole: Whole, seeing sees: (HeldRow) -> Bool = { _ in true }, _ make: (UnitedState) throws -> RowChange
    ) throws -> [Decided] {
        func made(_ united: UnitedState) throws -> RowChange {
            var change = try make(united)
            planted?.spoil(&change, madeOn: united.state)
            return change
        }
        guard let membership = whole.membership else {
            return [try noting(Decided(row: whole.row, change: made(whole.united)))]
        }
        let rows = membership.all.rows
        return try membership.all.union.act(membership.place, seeing: { sees(rows[$0].held) }, made).map {
            row, change in
            try noting(Decided(row: rows[row].held, change: change))
        }
    }

    /// Keep: of a row that is merged, its merge is taken back, with that of the survivor if the two are in a cycle
    /// (MRG-11, MRG-56).
    func keep(_ whole: Whole) throws -> [Decided] {
        guard let membership = whole.membership, membership.isMerged else {
            return try act(whole) {
                try store.writing(on: $0, table: whole.row.table).keep($0.state, isShown: whole.row.isInTable)
            }
        }
        let state = whole.row.state
        let survivor = try self.whole(membership.survivor.held)
        var decided = [
            try noting(
                Decided(
                    row: whole.row,
                    change: store.writing(on: state, of: whole.row.key, table: whole.row.table)
                        .keep(state, isShown: whole.row.isInTable)),
                beside: bringing(survivor).sorted())
        ]
        let union = membership.all.union
        if let other = union.released(byUnmerging: membership.place) {
            decided += try released(membership.all.rows[other].held, unmerging: whole.row)
        }
        // What the merge took along on rows merged into this one stands again (MRG-55).
        let along = union.letGo(with: Set(state.deletions.map(\.dot)), of: membership.place)
        for (row, change) in along.sorted(by: { $0.key < $1.key }) {
            let held = membership.all.rows[row].held
            if !decided.contains(where: { $0.row.hash == held.hash }) {
                decided.append(Decided(row: held, change: change))
            }
        }
        return decided
    }

    /// The survivor of a cycle lets go of its own merges (MRG-56). If one of them came with a note, it is kept: the note needs
    /// ground that stays (MRG-61).
    func released(_ survivor: HeldRow, unmerging row: HeldRow) throws -> [Decided] {
        guard try isKeptWhenReleased(survivor) else {
            return [Decided(row: survivor, change: .release(survivor.state))]
        }
        var freed = row
        freed.state.deletions = []
        return try act(whole(survivor, beside: [freed])) {
            try store.writing(on: $0, table: row.table).keep($0.state, isShown: true)
        }
    }

    /// Whether a note that counts came with one of a survivor's own merges, and no other deletion stands.
    private func isKeptWhenReleased(_ survivor: HeldRow) throws -> Bool {
        try !survivor.state.deletions.contains { $0.into == nil }
            && store.losesNote(.release(survivor.state), on: survivor.state, table: survivor.table)
    }

    /// The same of one that is written, or deleted, in the same changeset (MRG-10).
    func lettingGo(_ written: RowChange, on united: UnitedState, _ row: HeldRow) throws -> RowChange {
        guard try written.cover == nil && isKeptWhenReleased(row) else {
            return written.joined(with: .release(row.state))
        }
        var keep = try store.writing(on: united, table: row.table).keep(united.state, isShown: true)
        keep.writes.removeAll { kept in written.writes.contains { $0.unit == kept.unit } }
        return keep.joined(with: written)
    }
}

extension [Engine.Decided] {
    /// What was decided several times of one row as one change. In the order in which rows come first.
    func joinedByRow() -> [Engine.Decided] {
        var all: [Engine.Decided] = []
        var places: [Int64: Int] = [:]
        for one in self {
            if let place = places[one.row.hash] {
                all[place] = Engine.Decided(row: one.row, change: all[place].change.joined(with: one.change))
            } else {
                places[one.row.hash] = all.count
                all.append(one)
            }
        }
        return all
    }
}

extension RowChange {
    /// Two changes of different units of one row as one, and what they do to rows merged into it.
    func joined(with other: RowChange) -> RowChange {
        var joined = self
        joined.writes = (writes + other.writes).sorted { $0.unit < $1.unit }
        joined.deletionsReplaced = Set(deletionsReplaced + other.deletionsReplaced).sorted()
        if cover != nil || other.cover != nil { joined.cover = Set((cover ?? []) + (other.cover ?? [])).sorted() }
        joined.into = into ?? other.into
        return joined
    }
}
