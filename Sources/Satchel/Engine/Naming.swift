internal import SatchelModel
internal import SatchelStore

/// Which rows a row names: by the references of the schema, and by those of tables and columns that it has no more or is
/// about to have (ERA-1, ERA-11).
struct Naming {
    private let references: References
    private let byChild: [Int64: [NamedReference]]
    private let byParent: [Int64: [NamedReference]]
    private let others: [Int64: [NamedReference]]
    /// References that a schema declares `setNull`, of tables and columns that there are: what names an erased row by these
    /// alone stays (ERA-1).
    private let loose: Set<NamedReference>
    private let store: Store

    /// - Parameter next: the tables of a schema to come.
    init(_ store: Store, next: [TableSchema] = []) throws {
        self.store = store
        references = References(store.layouts)
        let declared = try store.references(among: store.layouts.map(\.schema))
        var others = try store.droppedReferences()
        for reference in try store.references(among: next) where !(declared + others).contains(reference) {
            others.append(reference)
        }
        self.others = Dictionary(grouping: others) { $0.child }
        byChild = Dictionary(grouping: declared + others) { $0.child }
        byParent = Dictionary(grouping: declared + others) { $0.parent }
        let cut = try store.references(among: store.layouts.map(\.schema) + next, of: .setNull)
        loose = Set(
            cut.filter { reference in
                guard let columns = store.layout(reference.child)?.schema.columns.map(\.identity) else { return false }
                return reference.columns.allSatisfy(columns.contains)
            })
    }

    /// What a row names by a loose reference.
    struct LooseEnd: Hashable {
        let parent: RowBatch.RowName
        /// The reference's, by the names under which they travel.
        let columns: [String]
    }

    func isLoose(_ reference: NamedReference) -> Bool { loose.contains(reference) }

    /// What rows of a table refer to, whether the schema has that table or not.
    func from(_ table: Int64) -> [NamedReference] { byChild[table] ?? [] }

    /// The rows that a row names in any of its candidates, or was merged into.
    ///
    /// - Parameter tied: those alone with which it goes when they are erased, named by a reference that is not loose or merged
    ///   into.
    func named(
        by state: RowState, _ row: RowBatch.RowName, tied: Bool = false
    ) throws -> Set<RowBatch.RowName> {
        var named: Set<RowBatch.RowName> = []
        if let layout = store.layout(row.table) {
            named = references.named(
                by: state, key: row.key, of: layout, policies: tied ? [.revive, .cascade] : nil)
        } else {
            for case let into? in state.deletions.map(\.into) { named.insert(.init(table: row.table, key: into)) }
        }
        for reference in others[row.table] ?? [] where !tied || !isLoose(reference) {
            for key in try keys(in: reference.columns, of: state, row) {
                named.insert(.init(table: reference.parent, key: key))
            }
        }
        return named
    }

    /// What a row names by loose references in any of its candidates.
    func looseEnds(of state: RowState, _ row: RowBatch.RowName) throws -> Set<LooseEnd> {
        var ends: Set<LooseEnd> = []
        for reference in from(row.table) where isLoose(reference) {
            for key in try keys(in: reference.columns, of: state, row) {
                ends.insert(.init(parent: .init(table: reference.parent, key: key), columns: reference.columns))
            }
        }
        return ends
    }

    /// The rows that the values of a table name.
    func named(by values: [Value], in layout: TableLayout) -> [RowBatch.RowName] {
        from(layout.id).compactMap { reference in
            guard let key = places(reference, in: layout)?.map({ values[$0] }), !key.contains(.null) else { return nil }
            return RowBatch.RowName(table: reference.parent, key: RowKey(key))
        }
    }

    /// The rows of tables whose values name a row, of those that hold nothing that their table does not show: what a table shows
    /// of a row may stand on one that was merged into it.
    func shown(
        naming row: RowBatch.RowName
    ) throws -> [(row: RowBatch.RowName, by: NamedReference)] {
        try (byParent[row.table] ?? []).flatMap { reference -> [(row: RowBatch.RowName, by: NamedReference)] in
            guard let layout = store.layout(reference.child), let columns = places(reference, in: layout) else {
                return []
            }
            return try store.children(of: row.key, in: layout, columns: columns)
                .filter { try !store.hasDetail(store.rowHash(layout.id, $0)) }
                .map { (row: RowBatch.RowName(table: layout.id, key: $0), by: reference) }
        }
    }

    /// The columns of a reference, where the table has all of them.
    private func places(_ reference: NamedReference, in layout: TableLayout) -> [Int]? {
        let places = reference.columns.compactMap { name in
            layout.schema.columns.firstIndex { $0.identity == name }
        }
        return places.count == reference.columns.count ? places : nil
    }

    /// The keys that stand in columns of a row in any of its candidates; of several units every combination counts.
    private func keys(in columns: [String], of state: RowState, _ row: RowBatch.RowName) throws -> Set<RowKey> {
        let own = try store.keyColumns(row.table)
        var found = [
            columns.map { name -> Value in
                own.firstIndex(of: name).flatMap { $0 < row.key.values.count ? row.key.values[$0] : nil } ?? .null
            }
        ]
        for unit in state.units {
            let names = store.unitColumns(unit.unit, table: row.table)
            let places = columns.map { names.firstIndex(of: $0) }
            guard places.contains(where: { $0 != nil }) else { continue }
            found = found.flatMap { values in
                unit.candidates.map { candidate in
                    zip(values, places).map { value, place in
                        place.flatMap { $0 < candidate.values.count ? candidate.values[$0] : nil } ?? value
                    }
                }
            }
        }
        return Set(found.filter { !$0.contains(.null) }.map { RowKey($0) })
    }
}
