internal import SatchelModel
internal import SatchelStore

/// The foreign keys between synced tables, both ways (MRG-20).
///
/// Only a reference to the parent's whole primary key can be kept up by the merge; others are left to SQLite.
struct References {
    struct Reference {
        let child: TableLayout
        let parent: TableLayout
        /// Columns of the child, in the order of the parent's key.
        let columns: [Int]
        let policy: ReferencePolicy
        /// Places in `columns` of those that another foreign key of the table has too.
        let shared: [Int]
        let isInKey: Bool

        fileprivate init(
            child: TableLayout, parent: TableLayout, columns: [Int], declared: TableSchema.Reference, at place: Int
        ) {
            (self.child, self.parent, self.columns, policy) = (child, parent, columns, declared.policy)
            let others = child.schema.references.enumerated().filter { $0.offset != place }.flatMap(\.element.columns)
            shared = columns.indices.filter { others.contains(columns[$0]) }
            isInKey = columns.contains(where: child.schema.key.contains)
        }

        /// The key that is displayed for the one that was written, if that row was merged into the survivor (MRG-53).
        func displayed(_ written: RowKey, survivor: RowKey) -> RowKey {
            isInKey || shared.contains { written.values[$0] != survivor.values[$0] } ? written : survivor
        }

        /// The key that a row refers to; nil if any part of it is NULL.
        func parentKey(of row: [Value]) -> RowKey? {
            let values = columns.map { row[$0] }
            return values.contains(.null) ? nil : RowKey(values)
        }
    }

    private let byChild: [Int64: [Reference]]
    private let byParent: [Int64: [Reference]]
    /// Tables with unique places, and those that refer to one of them, or to one that does.
    private let placed: Set<Int64>

    init(_ layouts: [TableLayout]) {
        var all: [Reference] = []
        for child in layouts {
            for (place, reference) in child.schema.references.enumerated() {
                guard
                    let parent = layouts.first(where: { $0.schema.name.lowercased() == reference.parent.lowercased() }),
                    let columns = reference.columns(toKeyOf: parent.schema)
                else { continue }
                all.append(
                    Reference(child: child, parent: parent, columns: columns, declared: reference, at: place))
            }
        }
        byChild = Dictionary(grouping: all) { $0.child.id }
        byParent = Dictionary(grouping: all) { $0.parent.id }
        var placed = Set(layouts.filter(\.hasUniquePlaces).map(\.id))
        var open = Array(placed)
        while let parent = open.popLast() {
            for child in (byParent[parent] ?? []).map(\.child.id) where placed.insert(child).inserted {
                open.append(child)
            }
        }
        self.placed = placed
    }

    /// What rows of this table refer to.
    func from(_ table: Int64) -> [Reference] { byChild[table] ?? [] }

    /// Whether who has a place may decide about a row of this table, by what it refers to.
    func mayHangOnPlaces(_ table: Int64) -> Bool { placed.contains(table) }

    /// What refers to rows of this table.
    func to(_ table: Int64) -> [Reference] { byParent[table] ?? [] }

    /// The rows that a row names in any of its candidates, shown or not (EXC-19, EXC-23, EXC-26). Of a reference whose
    /// columns lie in several units, every combination of their candidates. A merge names the row that it leads to (MRG-51).
    ///
    /// - Parameter policies: by references of these alone; nil: by all.
    func named(
        by state: RowState, key: RowKey, of layout: TableLayout, policies: Set<ReferencePolicy>? = nil
    ) -> Set<RowBatch.RowName> {
        var named: Set<RowBatch.RowName> = []
        for reference in from(layout.id) where policies?.contains(reference.policy) ?? true {
            for key in layout.keys(in: reference.columns, of: state, key: key) {
                named.insert(.init(table: reference.parent.id, key: key))
            }
        }
        // A row that was merged into another names it (MRG-50).
        for case let into? in state.deletions.map(\.into) { named.insert(.init(table: layout.id, key: into)) }
        return named
    }

    /// Tables with parents before children; within a cycle, by name.
    static func parentsFirst(_ layouts: [TableLayout]) -> [TableLayout] {
        let references = References(layouts)
        var rank: [Int64: Int] = [:]
        for _ in layouts {
            for layout in layouts {
                for reference in references.from(layout.id) where reference.parent.id != layout.id {
                    let least = (rank[reference.parent.id] ?? 0) + 1
                    if rank[layout.id] ?? 0 < least, least <= layouts.count { rank[layout.id] = least }
                }
            }
        }
        return layouts.sorted { (rank[$0.id] ?? 0, $0.schema.name) < (rank[$1.id] ?? 0, $1.schema.name) }
    }
}

extension TableLayout {
    /// The keys that stand in some columns of a row in any of its candidates, each once, sorted; none with a NULL. What one
    /// candidate of a unit holds stays together; of several units every combination counts.
    func keys(in columns: [Int], of state: RowState, key: RowKey) -> [RowKey] {
        var rows = [row(key: key, shown: [:])]
        for unit in Set(columns.compactMap { unitOfColumn[$0] }).sorted() {
            let candidates = Set(state[unitIDs[unit]].map(\.values))
            guard !candidates.isEmpty else { continue }
            rows = rows.flatMap { row in
                candidates.map { values in
                    var row = row
                    for (column, value) in zip(schema.units[unit].columns, values) { row[column] = value }
                    return row
                }
            }
        }
        let keys = rows.map { row in columns.map { row[$0] } }
        return Set(keys.lazy.filter { !$0.contains(.null) }.map { RowKey($0) }).sorted()
    }
}
