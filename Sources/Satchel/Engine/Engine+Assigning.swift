internal import SatchelModel
internal import SatchelStore

/// Giving a conflict to a person: a note on the row itself, which goes wherever the row goes (INB-4).
extension Engine {
    private func note(_ conflict: String) -> UnitName {
        UnitName(name: Store.systemUnitPrefix + "inbox:" + conflict, columns: ["assignee"])
    }

    /// Whom a conflict is given to; of several that were named at once, the last by MRG-14.
    func assignee(_ conflict: Store.ListedConflict, _ row: HeldRow) throws -> String? {
        guard row.state.hasNotes, let unit = try store.metUnit(note(conflict.id), table: row.table) else { return nil }
        let candidates = row.state[unit]
        let ranked = try candidates.map { (order: try store.order($0.dot), values: $0.values) }
        guard let last = ranked.max(by: { $0.order < $1.order }), case .text(let name)? = last.values.first,
            try isOfThisLife(last.order, conflict, row.state)
        else { return nil }
        return String(decoding: name, as: UTF8.self)
    }

    /// Whether anything of the row and of what is in question was there when the conflict was given to somebody.
    private func isOfThisLife(_ given: DotOrder, _ conflict: Store.ListedConflict, _ state: RowState) throws -> Bool {
        let rivals = conflict.kind == .values ? state[conflict.unit].map(\.dot) : state.deletions.map(\.dot)
        if rivals.isEmpty { return true }
        // By the last of its existence: a record that was kept is asked about anew.
        let existence = try state[RowState.existence].map { try store.order($0.dot) }.max()
        return try existence.map { $0 < given } ?? false || rivals.contains { try store.order($0) < given }
    }

    /// Gives an open conflict to somebody; nil: to nobody.
    package func assign(_ conflict: String, to name: String?, actor: String) throws {
        try seal(actor: actor)
        let listed = try openConflict(conflict)
        guard name?.isEmpty != true, name?.utf8.count ?? 0 <= Limits.nameBytes else {
            throw UsageError("a name has 1 to \(Limits.nameBytes) bytes", try: "give a shorter one")
        }
        let row = try store.load(table: listed.table, key: listed.key)
        if try assignee(listed, row) == name { return }
        let unit = try store.unitID(note(conflict), table: listed.table)
        let write = UnitWrite(
            unit: unit, values: [name.map { .text($0) } ?? .null], replaced: row.state[unit].map(\.dot))
        try self.write(
            [Decided(row: row, change: RowChange(writes: [write]))], actor: actor, note: "assigned \(conflict)")
    }
}
