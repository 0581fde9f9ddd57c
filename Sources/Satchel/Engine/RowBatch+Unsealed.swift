internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Rows that somebody entered and that are too large to be sealed (CAP-13). They stand as they were entered, so that who
/// refers to them is shown, and nothing is decided about them: no state of theirs would tell what had been there.
extension RowBatch {
    /// Throws a `StoreError` where anything would become of such a row but what it is.
    func leaveUnsealed(_ fates: [Referring.Fate]) throws {
        for (place, row) in rows.enumerated() where row.isUnsealed {
            guard let layout = store.layout(row.held.table), row.state.isEmpty, fates[place] == .shown,
                try membership(of: row) == nil
            else { throw store.unsealed(row.held) }
            // What it refers to must stand by itself: kept for its sake, a person would be asked why.
            for parent in try parents(row, layout) {
                guard !parent.isMoved, index[parent.name].map({ fates[$0] == .shown }) ?? true else {
                    throw store.unsealed(row.held)
                }
            }
        }
    }
}

extension WorkingRow {
    /// Whether nothing is known of the row but what stands in its table, and that is not being sealed now.
    var isUnsealed: Bool { !isDirty && held.isUnsealed }

    /// Its values, if it is so.
    var asEntered: [Value]? { isUnsealed ? before : nil }
}
