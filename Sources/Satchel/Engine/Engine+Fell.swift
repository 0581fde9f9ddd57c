internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// What fell together comes back together, whoever acts on it: notes of deletions that were taken away (MRG-61, MRG-62).
extension Engine {
    /// The deletions by which a row brings back what fell by them too: its own, and those of rows merged into it (MRG-42,
    /// MRG-61).
    func bringing(_ whole: Whole) throws -> Set<DotID> {
        try ([whole.row.state] + whole.memberStates).reduce(into: []) {
            $0.formUnion(try store.bringing($1, table: whole.row.table))
        }
    }

    /// A write to a row that is shown by notes alone, with the keep that goes with it (MRG-62).
    func keeping(_ written: RowChange, _ whole: Whole) throws -> RowChange {
        guard !written.writes.isEmpty, let keep = try keepOfNotesAlone(whole) else { return written }
        return keep.joined(with: written)
    }

    /// A form's deletion of a row that is brought back, or shown by notes alone: it takes the place of those by which it is, or the
    /// row would be shown in spite of it (MRG-62).
    func replacing(_ deletion: RowChange, _ whole: Whole) throws -> RowChange {
        guard try isBroughtBack(whole) || isShownByNotesAlone(whole) else { return deletion }
        let standing = whole.row.state.deletions
        return RowChange(
            deletionsReplaced: standing.map(\.dot),
            cover: Set((deletion.cover ?? []) + standing.flatMap(\.cover)).sorted())
    }

    /// The keep of a row that is shown by notes alone; nil: it is not. O(1) for a row without deletions.
    func keepOfNotesAlone(_ whole: Whole) throws -> RowChange? {
        let row = whole.row
        guard try isShownByNotesAlone(whole) else { return nil }
        return try store.writing(on: row.state, of: row.key, table: row.table).keep(row.state, isShown: true)
    }

    /// Whether a dead row that is no merge is in its table, and one that it refers to brings it back (MRG-42).
    private func isBroughtBack(_ whole: Whole) throws -> Bool {
        let row = whole.row
        let fell = Set(row.state.deletions.map(\.dot))
        guard !fell.isEmpty, row.isInTable, row.state.into.isEmpty,
            try !store.judge(whole.united, table: row.table).alive
        else { return false }
        return try parents(of: row).contains { try !bringing($0).isDisjoint(with: fell) }
    }

    private func parents(of row: HeldRow) throws -> [Whole] {
        try Set(refersTo(row).map(\.name)).map { try whole(store.load(table: $0.table, key: $0.key)) }
    }

    private func isShownByNotesAlone(_ whole: Whole) throws -> Bool {
        let row = whole.row
        let fell = Set(row.state.deletions.map(\.dot))
        guard !fell.isEmpty, whole.membership == nil, try !store.judge(whole.united, table: row.table).alive else {
            return false
        }
        var noted: Set<DotID> = []
        for parent in try parents(of: row) {
            let standing = ([parent.row.state] + parent.memberStates).flatMap(\.deletions).map(\.dot)
            noted.formUnion(try bringing(parent).subtracting(standing))
        }
        return fell.isSubset(of: noted)
    }

    /// With what a change notes of the deletions that it takes away (MRG-61).
    func noting(_ decided: Decided, beside: [DotID] = []) throws -> Decided {
        let row = decided.row
        return Decided(
            row: row,
            change: try store.noting(decided.change, on: row.state, table: row.table, beside: beside))
    }
}
