internal import SatchelModel
internal import SatchelStore

/// References declared `setNull` that a deletion cut, as a foreign key's SET NULL does: the row shows what it would show by MRG-43
/// alone, so that nothing was written there (CAP-8).
struct CutReferences {
    private let references: References
    /// Rows that were deleted since the last seal.
    private let gone: Set<RowBatch.RowName>

    /// Nil: no reference is `setNull`, or nothing was deleted. O(touches), where one is.
    init?(_ layouts: [TableLayout], _ touches: [Touch]) {
        guard layouts.contains(where: { $0.schema.references.contains { $0.policy == .setNull } }) else { return nil }
        gone = Set(touches.filter { $0.old != nil && $0.new == nil }.map { .init(table: $0.table, key: $0.key) })
        if gone.isEmpty { return nil }
        references = References(layouts)
    }

    /// What a row showed, with NULL in the references that were cut with the rows that they named.
    func shown(_ old: [Value], _ new: [Value], _ layout: TableLayout) -> [Value] {
        var shown = old
        for reference in references.from(layout.id) where reference.policy == .setNull {
            guard let key = reference.parentKey(of: old), gone.contains(.init(table: reference.parent.id, key: key)),
                reference.columns.allSatisfy({ new[$0] == .null })
            else { continue }
            for column in reference.columns { shown[column] = .null }
        }
        return shown
    }
}
