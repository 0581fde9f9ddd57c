internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// What is held beside what the tables show.
extension Engine {
    /// Every row of which more is held than its table shows: shown ones with several candidates or with columns that the
    /// table does not have, dead, set aside, of unknown tables, archived, replaced after it was handed in (EXC-44), and what
    /// kept changesets say without effect (REV-2, SCO-19). O(rows + kept changesets).
    ///
    /// - Parameter wanted: also such rows of tables, by their values.
    func forEachHeld(
        or wanted: (TableLayout, [Value]) throws -> Bool = { _, _ in false },
        _ body: (RowBatch.RowName, RowState) throws -> Void
    ) throws {
        for layout in store.layouts {
            try store.forEachRow(layout) { key, values in
                guard try wanted(layout, values) || store.hasDetail(store.rowHash(layout.id, key)),
                    let state = try store.state(of: layout, key: key, values: values)
                else { return }
                try body(.init(table: layout.id, key: key), state)
            }
        }
        for grave in try store.allGraves() { try body(.init(table: grave.table, key: grave.key), grave.state) }
        for archived in try store.allArchived() {
            try body(.init(table: archived.table, key: archived.key), archived.state)
        }
        for replaced in try store.allReplacedOfHandIn() {
            try body(.init(table: replaced.table, key: replaced.key), replaced.state)
        }
        try forEachWithoutEffect(body)
    }

    /// What kept changesets say of rows that are not made by it: it may count one day. O(kept changesets), where there is
    /// any such thing.
    private func forEachWithoutEffect(_ body: (RowBatch.RowName, RowState) throws -> Void) throws {
        let aside = try setAsideByScopes?()
        for id in try store.dots(after: 0) {
            let withheld = try store.isWithheld(id)
            guard withheld || aside != nil, let changeset = try sealed(id) else { continue }
            for (row, change) in try changes(of: changeset) {
                guard try withheld || aside?.isOpen(id, store.rowHash(row.table, row.key)) ?? false else { continue }
                var state = RowState()
                state.apply(change, as: id)
                try body(.init(table: row.table, key: row.key), state)
            }
        }
    }
}
