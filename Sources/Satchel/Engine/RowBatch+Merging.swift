internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Rows that merges connect, brought under work together (MRG-51 to MRG-55).
extension RowBatch {
    /// Rows of one table that merges connect, as they are now.
    final class MergedRows {
        let union: Union
        /// By index in the union.
        let rows: [WorkingRow]
        /// Of every dot of their states.
        let order: (DotID) -> DotOrder
        /// Who survives or what stands on it may be other than before this batch.
        let hasChanged: Bool

        init(union: Union, rows: [WorkingRow], order: @escaping (DotID) -> DotOrder, hasChanged: Bool) {
            self.union = union
            self.rows = rows
            self.order = order
            self.hasChanged = hasChanged
        }
    }

    /// A row's place among the rows that merges connect it with; nil: none does.
    struct Membership {
        let all: MergedRows
        let place: Int

        var survivor: WorkingRow { all.rows[all.union.places[place].survivor] }
        /// The rows merged into this one; none if it is merged itself.
        var members: [WorkingRow] { all.union.members(of: place).map { all.rows[$0] } }
        var isMerged: Bool { all.union.isMerged(place) }
        var isApart: Bool { all.union.places[place].isApart }
    }

    /// Whether any merge stands, in the file or in the rows under work; asked once.
    func hasMerges() throws -> Bool {
        if let merges { return merges }
        let found = try store.hasMerges() || rows.contains { row in row.state.deletions.contains { $0.into != nil } }
        merges = found
        if found {
            for row in rows {
                for key in row.state.into {
                    newlyInto[RowName(table: row.held.table, key: key), default: []].append(row.held.key)
                }
            }
        }
        return found
    }

    /// Brings under work every row that merges connect with this one, by what stood before and by what stands now.
    ///
    /// Rows that come under work later cannot change the answer: their merges are in the store's index already.
    func membership(_ name: RowName) throws -> Membership? {
        guard try hasMerges() else { return nil }
        if let known = memberships[name] { return known }
        let isConnected =
            try index[name].map { rows[$0] }.map { !$0.state.into.isEmpty } ?? false
            || newlyInto[name] != nil || store.isInMerge(hash(name))
        guard isConnected, store.layout(name.table) != nil else {
            memberships[name] = .some(nil)
            return nil
        }
        var found: [RowName: WorkingRow] = [:]
        var open = [name]
        while let next = open.popLast() {
            if found[next] != nil { continue }
            let row = try row(next.table, next.key)
            found[next] = row
            let connected =
                try row.state.into + row.held.state.into + store.merged(into: row.held.hash) + (newlyInto[next] ?? [])
            open += connected.map { RowName(table: next.table, key: $0) }
        }
        let members = found.values.sorted { $0.held.key < $1.held.key }
        let all = try unite(members, table: name.table)
        for (place, row) in members.enumerated() {
            memberships[RowName(table: name.table, key: row.held.key)] = Membership(all: all, place: place)
        }
        for row in members {
            row.verdict = nil
            if all.hasChanged { row.isRecalled = true }
        }
        return memberships[name] ?? nil
    }

    func membership(of row: WorkingRow) throws -> Membership? {
        try membership(RowName(table: row.held.table, key: row.held.key))
    }

    private func unite(_ members: [WorkingRow], table: Int64) throws -> MergedRows {
        let order = try store.orders(of: members.map(\.state))
        let rules = store.rules(table)
        let union = Union(members.map { ($0.held.key, $0.state) }, rules, order: order)
        let changed = members.contains { row in
            row.isRecalled || row.state.deletions != row.held.state.deletions
                || row.state[RowState.existence] != row.held.state[RowState.existence]
                || row.state.units.map(\.unit) != row.held.state.units.map(\.unit)
        }
        return MergedRows(union: union, rows: members, order: order, hasChanged: changed)
    }

    /// The verdict on a row that merges touch; nil: none does, and its own state says all.
    func unitedVerdict(_ row: WorkingRow) throws -> Verdict? {
        guard let membership = try membership(of: row) else { return nil }
        if membership.isMerged {
            var verdict = try store.judge(row.state, of: row.held.key, table: row.held.table)
            // Its edits live on in the survivor, and are asked about there.
            (verdict.alive, verdict.deletedButEdited, verdict.conflicts) = (false, false, [])
            return verdict
        }
        return try store.judge(membership.all.union.united(membership.place), table: row.held.table)
    }

    /// The deletions by which a row brings back what fell by them too: its own, and those of rows merged into it (MRG-42,
    /// MRG-61).
    func bringing(_ row: WorkingRow, by state: (WorkingRow) -> RowState = \.state) throws -> [DotID] {
        let own = try store.bringing(state(row), table: row.held.table)
        guard let members = try membership(of: row)?.members, !members.isEmpty else { return own }
        return try members.reduce(into: own) { $0 += try store.bringing(state($1), table: row.held.table) }
    }

    /// Whether a row may bring back more than by deletions of its own.
    func hasNotes(_ row: WorkingRow) throws -> Bool {
        try row.state.hasNotes || row.held.state.hasNotes || membership(of: row)?.members.isEmpty == false
    }

    /// The row that a reference leads to: the survivor of the one it names, where it can be displayed so (MRG-53).
    func survivor(of name: RowName, for reference: References.Reference) throws -> RowName {
        guard try hasMerges(), !reference.isInKey, let membership = try membership(name), membership.isMerged else {
            return name
        }
        let key = reference.displayed(name.key, survivor: membership.survivor.held.key)
        return RowName(table: name.table, key: key)
    }

    /// A row left this replica: who was connected with it by merges is judged anew. Called after it was purged.
    func noteGone(_ row: HeldRow) throws {
        // Its own may have been the last.
        guard try !row.state.into.isEmpty || store.hasMerges() else { return }
        for place in try store.naming(row.hash, as: .moved) { _ = try self.row(place.table, place.key) }
        for key in try [row.key] + row.state.into + store.merged(into: row.hash) {
            try self.row(row.table, key).isRecalled = true
        }
    }

    /// The index of merges, where this row's changed.
    func writeMerges(_ row: WorkingRow) throws {
        let into = row.state.into
        if into != row.held.state.into || row.isRecalled && !into.isEmpty {
            try store.setMerges(of: row.held, into: into)
        }
    }

    /// MRG-57: a merged row that leads to several.
    func mergeConflicts(_ row: WorkingRow) throws -> [(id: String, kind: ConflictKind, unit: UnitID)] {
        guard let membership = try membership(of: row), membership.isMerged, membership.isApart else { return [] }
        let id = Conflict.id(table: store.tableName(row.held.table), key: row.held.key, unit: "")
        return [(id, .mergedApart, RowState.existence)]
    }

    /// Brings under work what refers to any of the rows that merges connect with this one, when who survives may have
    /// changed.
    func followMerges(_ row: WorkingRow) throws {
        guard let membership = try membership(of: row), membership.all.hasChanged else { return }
        for member in membership.all.rows {
            try recallChildren(of: member)
            if try hasUnseen() {
                // Dead ones too: another row may bring them back now (MRG-42, MRG-53).
                // All are written anew, with the rows that they name now.
                let naming = try [Store.Unseen.moved, .kept, .null, .dead].flatMap {
                    try store.naming(member.held.hash, as: $0)
                }
                for place in try naming + store.waiting(for: member.held.hash) {
                    try self.row(place.table, place.key).isRecalled = true
                }
            }
        }
    }
}

extension Store {
    /// The verdict on the survivor of merges (MRG-54).
    func judge(_ united: UnitedState, table: Int64) throws -> Verdict {
        var orders: [DotID: DotOrder] = [:]
        for unit in united.state.units where unit.candidates.count > 1 {
            for candidate in unit.candidates {
                let dot = united.dot(candidate.dot)
                orders[dot] = try order(dot)
            }
        }
        return united.judge(
            rules(table), order: { orders[$0] ?? .least },
            valueID: { (orders[$0] ?? .least).dot.valueID(in: $1) })
    }

    /// What an author's acts on the survivor of merges become.
    func writing(on united: UnitedState, table: Int64) throws -> Writing {
        let order = try orders(of: united)
        return Writing(
            rules(table), order: order, valueID: { order($0).dot.valueID(in: united.row($0)) },
            newID: { Randomness.next() })
    }

    func orders(of united: UnitedState) throws -> (DotID) -> DotOrder {
        var orders: [DotID: DotOrder] = [:]
        for unit in united.state.units {
            for candidate in unit.candidates { orders[candidate.dot] = try order(united.dot(candidate.dot)) }
        }
        return { [orders] in orders[$0] ?? .least }
    }

    /// The order of every dot of some states.
    func orders(of states: [RowState]) throws -> (DotID) -> DotOrder {
        var orders: [DotID: DotOrder] = [:]
        for state in states {
            for unit in state.units {
                for candidate in unit.candidates { orders[candidate.dot] = try order(candidate.dot) }
            }
        }
        return { [orders] in orders[$0] ?? .least }
    }
}

extension DotOrder {
    /// Of a dot that is not known: before all others.
    fileprivate static let least = DotOrder(
        time: Timestamp(milliseconds: .min), dot: Dot(origin: OriginID(high: 0, low: 0), sequence: 0, tag: 0))
}
