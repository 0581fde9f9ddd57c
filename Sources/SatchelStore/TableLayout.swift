public import SatchelModel

/// A synced table as this replica knows it: numbers for the table and its units, and the SQL for its rows.
public final class TableLayout {
    public let id: Int64
    public let schema: TableSchema
    let facts: TableFacts
    /// Of each column.
    public var affinities: [Affinity] { facts.affinities }
    /// The number of each unit of `schema.units`.
    public let unitIDs: [UnitID]
    /// For each unit the dot up to which a row's one dot does not stand for it (VER-4); 0: it was always there.
    let since: [DotID]
    /// The greatest of these.
    public let newestUnit: DotID
    /// For each column, the index of its unit in `schema.units`; nil in the key.
    public let unitOfColumn: [Int?]
    /// What the merge must know of the table.
    public let rules: TableRules
    /// What each column shows of a unit that nobody has written: its default, or NULL (MRG-7).
    let defaults: [Value]

    private var keptUpdates: [[Int]: String] = [:]
    /// That a row has the key bound first.
    let byKey: String
    let selectSQL: String
    /// A row's rowid and columns, by its key; its columns, by its rowid; nil: the table has no rowid that can be named.
    let byRowid: (findSQL: String, selectSQL: String)?
    let insertSQL: String
    /// Several rows by one statement; nil: a row has too many columns for that.
    let insertTogether: (rows: Int, sql: String)?
    /// The columns outside the key.
    let written: [Int]
    let deleteSQL: String
    let allSQL: String

    /// Whether two rows of different keys may want one place in the table.
    public let hasUniquePlaces: Bool
    /// Whether a unique index gives places only to some rows.
    public let hasPartialPlaces: Bool
    /// For each unique index whether two rows may want one place of it. A primary key that is compared by bytes and
    /// type is the merge's own: two rows never want one.
    private let contended: [Bool]

    init(id: Int64, facts: TableFacts, unitIDs: [UnitID], since: [DotID], defaults: [Value]) {
        self.id = id
        self.facts = facts
        self.unitIDs = unitIDs
        self.defaults = defaults
        self.since = since
        newestUnit = since.max() ?? 0
        let schema = facts.schema
        self.schema = schema
        contended = facts.unique.map { unique in
            !unique.isPrimary || unique.collations.contains { $0.uppercased() != "BINARY" }
                || unique.columns.contains { facts.ambiguous[$0] }
        }
        hasUniquePlaces = contended.contains(true)
        hasPartialPlaces = facts.unique.contains { $0.condition != nil }
        var owner: [Int?] = Array(repeating: nil, count: schema.columns.count)
        for (index, unit) in schema.units.enumerated() { for column in unit.columns { owner[column] = index } }
        unitOfColumn = owner
        rules = Self.rules(schema, unitIDs)
        let table = quoted(schema.name)
        let columns = schema.columns.map { quoted($0.name) }
        let list = columns.joined(separator: ", ")
        // BINARY: a key that differs in bytes is another key for the merge, whatever the column's collation.
        // So is one of another type: 1 is not 1.0.
        let byKey = schema.key.enumerated().map { place, index in
            let (column, given) = (columns[index], "?\(place + 1)")
            let type = facts.ambiguous[index] ? " AND typeof(\(column)) = typeof(\(given))" : ""
            return "\(column) = \(given) AND \(column) COLLATE BINARY = \(given)\(type)"
        }.joined(separator: " AND ")
        selectSQL = "SELECT \(list) FROM \(table) WHERE \(byKey)"
        // A statement returns no more columns than a table may have.
        let rowid = columns.count == Limits.columns ? nil : facts.keyIsRowid ? columns[schema.key[0]] : facts.rowidName
        byRowid = rowid.map {
            ("SELECT \($0), \(list) FROM \(table) WHERE \(byKey)", "SELECT \(list) FROM \(table) WHERE \($0) = ?")
        }
        allSQL = "SELECT \(list) FROM \(table)"
        let places = (1...columns.count).map { "?\($0)" }.joined(separator: ", ")
        // ABORT, whatever the table says of its constraints: no row gives way to a merge but by its rules (MRG-22).
        let insert = "INSERT OR ABORT INTO \(table)(\(list)) VALUES "
        insertSQL = "\(insert)(\(places))"
        insertTogether =
            columns.count > 60
            ? nil
            : (
                Store.rowsTogether, insert + Store.parameters(rows: Store.rowsTogether, columns: columns.count)
            )
        self.byKey = byKey
        written = schema.columns.indices.filter { !schema.key.contains($0) }
        deleteSQL = "DELETE FROM \(table) WHERE \(byKey)"
    }

    /// Writes these columns of a row; the key is bound first, then the columns in their order. The first statements are
    /// kept, and no more: whoever sends changes chooses which columns they are of.
    func update(of columns: [Int], on db: Connection) throws(StoreError) -> Statement {
        if let known = keptUpdates[columns] { return try db.statement(known) }
        let sql = Self.updateSQL(of: columns, schema, byKey)
        guard keptUpdates.count < 64 else { return try Statement(db, sql) }
        keptUpdates[columns] = sql
        return try db.statement(sql)
    }

    private static func updateSQL(of columns: [Int], _ schema: TableSchema, _ byKey: String) -> String {
        let sets = columns.enumerated().map {
            "\(quoted(schema.columns[$0.element].name)) = ?\(schema.key.count + 1 + $0.offset)"
        }
        return "UPDATE OR ABORT \(quoted(schema.name)) SET \(sets.joined(separator: ", ")) WHERE \(byKey)"
    }

    private static func rules(_ schema: TableSchema, _ unitIDs: [UnitID]) -> TableRules {
        var rules = TableRules()
        for (unit, id) in zip(schema.units, unitIDs) {
            let columns = unit.columns.map { schema.columns[$0] }
            if columns.contains(where: { $0.notNull && $0.defaultSQL == nil }) { rules.required.append(id) }
            rules[id] = .init(policy: schema.appendOnly ? .immutable : unit.policy, width: unit.columns.count)
        }
        return rules
    }

    /// Whether the table may refuse a row by its values alone: CHECK, or a type that is STRICT.
    public var hasChecks: Bool { facts.hasChecks }

    /// Whether what is in a partial index, or in none, must be asked of the table.
    public var mustProbe: Bool { facts.hasChecks || hasPartialPlaces }

    func isContended(_ unique: Int) -> Bool { contended[unique] }

    /// Whether a row that changes so may leave a unique place for another to take, or take one.
    public func mayMove(from before: [Value], to now: [Value]) -> Bool {
        if hasPartialPlaces { return before != now }
        return facts.unique.indices.contains { index in
            isContended(index) && facts.unique[index].columns.contains { before[$0] != now[$0] }
        }
    }

    public func unitID(_ name: String) -> UnitID? {
        schema.units.firstIndex { $0.name == name }.map { unitIDs[$0] }
    }

    /// The unit of a number, if it is one of the schema's.
    public func unit(_ id: UnitID) -> TableSchema.Unit? {
        unitIDs.firstIndex(of: id).map { schema.units[$0] }
    }

    public func key(of row: [Value]) -> RowKey { RowKey(schema.key.map { row[$0] }) }

    public func values(of unit: TableSchema.Unit, in row: [Value]) -> [Value] { unit.columns.map { row[$0] } }

    /// What a row's table shows of a unit: nothing for existence, nil for a unit that the table does not have.
    func shownValues(_ unit: UnitID, in row: [Value]) -> [Value]? {
        if unit == RowState.existence { return [] }
        return self.unit(unit).map { values(of: $0, in: row) }
    }

    /// Whether the row shows the only candidate of each unit. A reference that is shown as NULL does not.
    public func shows(_ state: RowState, in row: [Value]) -> Bool {
        zip(schema.units, unitIDs).allSatisfy { unit, id in state[id].first?.values == values(of: unit, in: row) }
    }

    /// A whole row from its key and the shown value of each unit; a unit not given shows its columns' defaults.
    public func row(key: RowKey, shown: [UnitID: [Value]]) -> [Value] {
        var row = defaults
        for (column, value) in zip(schema.key, key.values) { row[column] = value }
        for (unit, id) in zip(schema.units, unitIDs) {
            guard let values = shown[id] else { continue }
            for (column, value) in zip(unit.columns, values) { row[column] = value }
        }
        return row
    }
}
