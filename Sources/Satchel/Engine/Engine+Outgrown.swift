internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// What counters and sets remember of their changes grows with each write; beyond the limit of a value nobody could read it
/// (CAP-13).
extension Engine {
    /// A change without what it would remember of a set beyond that limit, where nothing else of the set is held: what it holds
    /// then is as if it had been put in anew. Any other change is left as it is.
    ///
    /// - Parameter held: the candidates of a unit of the row, to which no merge adds any.
    func fitting(_ change: RowChange, on held: (UnitID) -> [Candidate], of layout: TableLayout) -> RowChange {
        var change = change
        for (place, write) in change.writes.enumerated() where outgrows(write, layout) {
            guard layout.rules[write.unit]?.policy == .set,
                held(write.unit).allSatisfy({ write.replaced.contains($0.dot) })
            else { continue }
            change.writes[place].values.removeLast()
        }
        return change
    }

    /// The same of what was decided of a row.
    func fitting(_ one: Decided) throws -> Decided {
        guard let layout = store.layout(one.row.table), outgrows(one.change, layout), try !store.isInMerge(one.row.hash)
        else { return one }
        return Decided(row: one.row, change: fitting(one.change, on: { one.row.state[$0] }, of: layout))
    }

    /// What of a change in a row remembers too much for anybody to read.
    func excess(of change: RowChange, key: RowKey, _ layout: TableLayout) -> Excess? {
        guard let write = change.writes.first(where: { outgrows($0, layout) }), let unit = layout.unit(write.unit),
            let column = unit.columns.first, let bytes = write.values.last?.byteCount
        else { return nil }
        return Excess(
            remembering: layout.schema.columns[column].name, table: layout.schema.name, key: key, bytes: bytes)
    }

    /// The rows that stop the next seal so. O(rows noted) where any may, else one look-up for each.
    func outgrown() throws -> [Excess] {
        guard try store.mayOutgrow() else { return [] }
        var found: [Excess] = []
        do {
            _ = try authoredChanges(but: .none) { found.append($0) }
        } catch let error as StoreError where error.code == 0 {
            // It is stopped by a value before, which is told by itself (`Store.excesses`).
        }
        return found
    }

    /// Whether any write of a change remembers more than a value may hold. No look at the file.
    func outgrows(_ change: RowChange, _ layout: TableLayout) -> Bool {
        layout.rules.carriesState && change.writes.contains { outgrows($0, layout) }
    }

    private func outgrows(_ write: UnitWrite, _ layout: TableLayout) -> Bool {
        guard let rule = layout.rules[write.unit], rule.policy.carriesState, write.values.count == rule.width + 1
        else { return false }
        return (write.values.last?.byteCount ?? 0) > Limits.valueBytes
    }
}
