internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// At the hub: rows that were dropped and are named again, and who names whom (EXC-23, EXC-26).
extension RowBatch {
    /// Brings a dropped row back under work, with whatever was entered since.
    func recall(_ row: WorkingRow, _ old: Store.Archived) throws {
        row.state = row.state.joined(with: old.state)
        row.verdict = nil
        row.isFollowed = false
        // It may be merged into another.
        (merges, memberships, newlyInto) = (nil, [:], [:])
        try store.unarchive(row.held.hash)
        try store.noteMoved(table: row.held.table, key: row.held.key)
    }

    /// Brings back every dropped row that a row under work names in any of its candidates, transitively, and that is
    /// not held again: a late edit must not rebuild a child alone.
    func recallArchived() throws {
        guard try hasArchive() else { return }
        try recallArchived(namedBy: rows)
    }

    private func recallArchived(namedBy start: [WorkingRow]) throws {
        var unknown = try ArchivedByValue(store)
        var open = start
        var next = 0
        while next < open.count {
            let row = open[next]
            next += 1
            guard let layout = store.layout(row.held.table) else { continue }
            let named = references.named(by: row.state, key: row.held.key, of: layout)
            for name in try named.union(unknown.perhapsNamed(by: row)).sorted() {
                guard let old = try store.archived(store.rowHash(name.table, name.key)) else { continue }
                let isNew = index[name] == nil
                let parent = try self.row(name.table, name.key)
                if parent.state.isEmpty { try recall(parent, old) }
                if isNew { open.append(parent) }
            }
        }
    }

    /// Brings back the dropped rows that fell with a row which may bring others back, and name it or one merged into it; with them what
    /// they name.
    func recallArchived(fallenWith row: WorkingRow) throws {
        guard try hasArchive() else { return }
        var names: Set<RowName> = [RowName(table: row.held.table, key: row.held.key)]
        for member in try membership(of: row)?.members ?? [] {
            names.insert(RowName(table: member.held.table, key: member.held.key))
        }
        var recalled: [WorkingRow] = []
        for deletion in Set(try bringing(row)).sorted() {
            for place in try store.archived(fellBy: deletion) {
                guard let layout = store.layout(place.table),
                    let old = try store.archived(store.rowHash(place.table, place.key)),
                    !names.isDisjoint(with: references.named(by: old.state, key: place.key, of: layout))
                else { continue }
                let companion = try self.row(place.table, place.key)
                guard companion.state.isEmpty else { continue }
                try recall(companion, old)
                recalled.append(companion)
            }
        }
        try recallArchived(namedBy: recalled)
    }

    /// Whether anything was ever dropped here, as only a hub does.
    func hasArchive() throws -> Bool {
        let any = try archive ?? (store.hubTime != nil && store.hasArchive())
        archive = any
        return any
    }

    /// Keeps the list of who names whom in a candidate that no table shows. Costs nothing for a row without
    /// such candidates before and after.
    func noteNaming() throws {
        guard store.hubTime != nil else { return }
        for row in rows {
            guard row.isWritten, let layout = store.layout(row.held.table),
                !references.from(layout.id).isEmpty || !row.state.deletions.isEmpty || !row.held.state.deletions.isEmpty
            else { continue }
            var before = references.named(by: row.held.state, key: row.held.key, of: layout)
            if case .table(let values) = row.held.place { before.subtract(shownParents(layout, values)) }
            var now = references.named(by: row.state, key: row.held.key, of: layout)
            if case .table(let values) = row.place { now.subtract(shownParents(layout, values)) }
            if before == now, !row.isDirty { continue }
            try store.setNaming(child: row.held.hash, parents: now.sorted().map { store.rowHash($0.table, $0.key) })
        }
    }

    private func shownParents(_ layout: TableLayout, _ values: [Value]) -> Set<RowName> {
        Set(
            references.from(layout.id).compactMap { reference in
                reference.parentKey(of: values).map { RowName(table: reference.parent.id, key: $0) }
            })
    }
}
