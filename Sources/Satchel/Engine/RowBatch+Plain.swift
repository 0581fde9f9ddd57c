internal import SatchelModel
internal import SatchelStore

/// Rows that are plainly new: whole, over nothing, with all that they refer to in place. They go past the batch, many at
/// once.
extension RowBatch {
    /// Whole rows of one table as they lie in a bundle.
    struct Plain {
        let layout: TableLayout
        let columns: [(column: Int, values: ValueColumn)]
        let keys: [ValueColumn]

        func key(_ row: Int) -> RowKey { RowKey(keys.map { $0[row] }) }
        func value(_ column: Int, _ row: Int) -> Value {
            columns.first { $0.column == column }?.values[row] ?? .null
        }
    }

    /// Inserts those of `rows` that can be put into their table without further thought. Returns the others, in order.
    ///
    /// - Parameter isFree: whether anything else speaks against a row; nil: nothing does, against none.
    func insertPlainly(
        _ plain: Plain, _ rows: [Int], dot: (Int) -> DotID, isFree: ((RowKey) throws -> Bool)?
    ) throws -> [Int] {
        let layout = plain.layout
        let graves = try store.hasGraves()
        // Nothing can stand in the way of any of them: no key need be made to ask.
        if try self.rows.isEmpty && !graves && isFree == nil && standsPlainly(layout) {
            return try store.insertFresh(layout, columns: plain.columns, rows: rows, dot: dot).sorted()
        }
        func isPlain(_ row: Int) throws -> Bool {
            let key = plain.key(row)
            return try working(layout.id, key) == nil && (!graves || !store.isInGrave(table: layout.id, key: key))
                && (isFree?(key) ?? true) && standsPlainly(layout, key) { plain.value($0, row) }
        }
        // A row may refer to one before it.
        if references.from(layout.id).contains(where: { $0.parent.id == layout.id }) {
            return try rows.filter { row in
                try !isPlain(row) || !store.insertFresh(layout, columns: plain.columns, rows: [row], dot: dot).isEmpty
            }
        }
        var left: [Int] = []
        var taken: [Int] = []
        for row in rows { if try isPlain(row) { taken.append(row) } else { left.append(row) } }
        let refused = try store.insertFresh(layout, columns: plain.columns, rows: taken, dot: dot)
        return refused.isEmpty ? left : (left + refused).sorted()
    }

    /// Whether `standsPlainly` holds for every row of the table.
    func standsPlainly(_ layout: TableLayout) throws -> Bool {
        try references.from(layout.id).isEmpty && !hasMerges() && (references.to(layout.id).isEmpty || !hasUnseen())
            && !(layout.hasUniquePlaces && hasClaims())
    }

    /// Whether a whole new row can be put into its table without further thought: all that it refers to is in place,
    /// and nothing outside the tables waits for it or wants its place.
    func standsPlainly(_ layout: TableLayout, _ key: RowKey, value: (Int) -> Value) throws -> Bool {
        for reference in references.from(layout.id) {
            let values = reference.columns.map(value)
            if values.contains(.null) { continue }
            let parent = RowName(table: reference.parent.id, key: RowKey(values))
            if knownParents.contains(parent) { continue }
            guard index[parent] == nil, try store.isShown(reference.parent, parent.key) else { return false }
            if try hasMerges(), try store.isInMerge(hash(parent)) { return false }
            // A row that was only brought back is in use from now on (MRG-48).
            if try hasUnseen(), try store.hasUnseenReference(hash(parent)) { return false }
            knownParents.insert(parent)
        }
        if try hasMerges(), try store.isInMerge(store.rowHash(layout.id, key)) { return false }
        if !references.to(layout.id).isEmpty, try hasUnseen(), try store.isNamedUnseen(store.rowHash(layout.id, key)) {
            return false
        }
        if layout.hasUniquePlaces, try hasClaims() {
            let values = layout.schema.columns.indices.map(value)
            if try !store.claimants(of: store.places(layout, values: values)).isEmpty { return false }
        }
        return true
    }
}
