package import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What an order to erase must name (ERA-1).
extension Engine {
    /// The parts of an order for one row: the units of some of its columns, or all of it, with all rows that refer to it
    /// if the operator says so; of those that do so by `setNull` alone the units that hold the reference.
    ///
    /// Throws `UsageError` for names that are not there, for columns of which the table takes the blank in one row only, and
    /// where rows refer to it and are not to go with it. O(rows).
    package func planErasure(
        table name: String, key: RowKey, columns: [String], withReferences: Bool
    ) throws -> [ErasureOrder.Part] {
        let layout = try layout(named: name)
        let salt = try erasureSalt()
        guard columns.isEmpty else {
            let units = try units(of: columns, in: layout)
            try refuseClash(units, of: key, in: layout)
            // What one of merged rows holds the others show, and ask about: nobody can tell what the merge took from it.
            let rows = try connected(store.load(table: layout.id, key: key)).sorted().map {
                ErasureOrder.recognizer(salt: salt, table: name, key: $0)
            }
            return [.init(table: name, units: units, rows: rows)]
        }
        let rows = try referring(to: [RowBatch.RowName(table: layout.id, key: key)], by: Naming(store))
        let all = rows.whole.union(rows.loose.keys)
        guard withReferences || all.count == 1 else {
            let counts = Dictionary(grouping: all) { store.tableName($0.table) }
                .map { (table: $0, count: $1.count - ($0 == name ? 1 : 0)) }.filter { $0.count > 0 }
                .sorted { $0.table < $1.table }.map { "\($0.count) of \($0.table)" }
            throw UsageError(
                "\(all.count == 2 ? "a row refers" : "\(all.count - 1) rows refer") to it, itself or by way of another, shown, deleted or "
                    + "in a conflict: \(counts.joined(separator: ", "))",
                try:
                    "--with-references to erase these too (of those that refer to it by setNull only the reference), "
                    + "--column to erase what some columns of it hold, or cut their references first")
        }
        return try parts(of: rows, salt: salt)
    }

    /// The parts of an order for rows that are erased whole, and before them for those of which units are that hold loose
    /// references: as long as what these name is there a table says whether it takes the row without.
    func parts(of rows: ToErase, salt: [UInt8]) throws -> [ErasureOrder.Part] {
        var whole: [ErasureOrder.Part] = []
        for row in rows.whole.sorted() {
            let table = store.tableName(row.table)
            if whole.last?.table != table { whole.append(.init(table: table, units: [], rows: [])) }
            whole[whole.count - 1].rows.append(ErasureOrder.recognizer(salt: salt, table: table, key: row.key))
        }
        var alike: [LooseUnits: [RowBatch.RowName]] = [:]
        for (row, columns) in rows.loose where !rows.whole.contains(row) {
            alike[LooseUnits(table: row.table, columns: columns), default: []].append(row)
        }
        var cut: [ErasureOrder.Part] = []
        for (place, rows) in alike {
            let units = try looseUnits(place.columns, table: place.table)
            // None would be all of the row.
            if units.isEmpty { continue }
            let table = store.tableName(place.table)
            let names = rows.sorted().map { ErasureOrder.recognizer(salt: salt, table: table, key: $0.key) }
            cut.append(ErasureOrder.Part(table: table, units: units, rows: names))
        }
        return cut + whole
    }

    private struct LooseUnits: Hashable {
        let table: Int64
        let columns: Set<String>
    }

    /// The units of a table that hold these columns of loose references, by the names under which they travel.
    func looseUnits(_ columns: Set<String>, table: Int64) throws -> [ErasureOrder.Unit] {
        guard let layout = store.layout(table) else { return [] }
        return try units(of: layout.schema.columns.filter { columns.contains($0.identity) }.map(\.name), in: layout)
    }

    /// The units that hold these columns, each with what is to stand in the place of its values.
    private func units(of columns: [String], in layout: TableLayout) throws -> [ErasureOrder.Unit] {
        let schema = layout.schema
        for column in columns {
            guard schema.columns.contains(where: { $0.name == column }) else {
                throw UsageError("\(schema.name) has no column \(column)", try: "give the name of one of its columns")
            }
            guard !schema.keyColumns.contains(column) else {
                throw UsageError("\(column) is part of the key", try: "erase the whole row")
            }
        }
        return try schema.units.compactMap { (unit) -> ErasureOrder.Unit? in
            let names = unit.columns.map { schema.columns[$0].name }
            guard names.contains(where: columns.contains) else { return nil }
            // A counter holds a number, always (MRG-31).
            let blanks: [Value] =
                try unit.policy == .counter
                ? [.integer(0)] : unit.columns.map { try blank(schema.columns[$0], of: schema.name) }
            let identities = unit.columns.map { schema.columns[$0].identity }
            return ErasureOrder.Unit(name: unit.name, columns: identities, blank: blanks)
        }
    }

    /// Two rows erased so would want one place, and one of them would be set aside with all that refers to it.
    private func refuseClash(_ units: [ErasureOrder.Unit], of key: RowKey, in layout: TableLayout) throws {
        let schema = layout.schema
        var blanks: [Int: Value] = [:]
        for unit in units {
            for (identity, blank) in zip(unit.columns, unit.blank) {
                if let column = schema.columns.firstIndex(where: { $0.identity == identity }) { blanks[column] = blank }
            }
        }
        guard try store.mayClash(layout, key: key, holding: blanks) else { return }
        let names = blanks.keys.sorted().map { schema.columns[$0].name }.joined(separator: ", ")
        throw UsageError(
            "\(schema.name) does not take the same \(names) in two rows, and erasing would leave the same in each",
            try: "erase the whole row")
    }

    private func blank(_ column: TableSchema.Column, of table: String) throws -> Value {
        guard column.notNull else { return .null }
        if let sql = column.defaultSQL { return try store.blank(defaultSQL: sql) }
        return try store.blank(table: table, column: column.name)
    }

    /// What an order erases: rows whole, and of others the units that hold loose references, by the columns of these.
    struct ToErase {
        var whole: Set<RowBatch.RowName>
        var loose: [RowBatch.RowName: Set<String>] = [:]

        mutating func cut(_ row: RowBatch.RowName, _ columns: [String]) {
            loose[row, default: []].formUnion(columns)
        }
    }

    /// Rows and all that name them in any candidate or were merged into them, transitively: shown, dead, set aside, of tables
    /// that the schema has no more, archived, withheld (REV-2) or kept outside their author's scopes (SCO-19). What names them
    /// by loose references alone stays, without these. O(rows).
    func referring(to targets: Set<RowBatch.RowName>, by naming: Naming) throws -> ToErase {
        // Who names a row in a candidate that no table shows, or was merged into it.
        var hidden: [RowBatch.RowName: [RowBatch.RowName]] = [:]
        var loose: [RowBatch.RowName: [(row: RowBatch.RowName, columns: [String])]] = [:]
        try forEachHeld { row, state in
            for parent in try naming.named(by: state, row, tied: true) { hidden[parent, default: []].append(row) }
            for end in try naming.looseEnds(of: state, row) {
                loose[end.parent, default: []].append((row: row, columns: end.columns))
            }
        }
        var found = ToErase(whole: targets)
        var open = targets.sorted()
        while let row = open.popLast() {
            for end in loose[row] ?? [] { found.cut(end.row, end.columns) }
            var children = hidden[row] ?? []
            for child in try naming.shown(naming: row) {
                if naming.isLoose(child.by) {
                    found.cut(child.row, child.by.columns)
                } else {
                    children.append(child.row)
                }
            }
            for child in children where found.whole.insert(child).inserted { open.append(child) }
        }
        for row in found.whole { found.loose[row] = nil }
        return found
    }
}
