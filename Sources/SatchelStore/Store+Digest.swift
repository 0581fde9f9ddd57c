public import SatchelModel

extension Store {
    /// Every row of a table, in no particular order, as its key and its values.
    public func forEachRow(_ layout: TableLayout, _ body: (RowKey, [Value]) throws -> Void) throws {
        let rows = try Statement(db, layout.allSQL)
        while try rows.step() {
            let values = rows.values(0..<layout.schema.columns.count)
            try body(layout.key(of: values), values)
        }
    }

    /// The clock of a row in its table; nil: it has none yet.
    public func state(of layout: TableLayout, key: RowKey, values: [Value]) throws -> RowState? {
        try clock(rowHash(layout.id, key), layout: layout, values: values)
    }

    /// Whether the row's clock says more than one dot for all units.
    public func hasDetail(_ h: Int64) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_row WHERE h = ? AND detail IS NOT NULL")
        select.bind(1, h)
        defer { select.reset() }
        return try select.step()
    }

    /// The row's one dot, if every unit is under it.
    public func plainDot(_ h: Int64) throws -> DotID? {
        let select = try db.statement("SELECT dot FROM satchel_row WHERE h = ? AND detail IS NULL")
        select.bind(1, h)
        defer { select.reset() }
        return try select.step() ? select.integer(0) : nil
    }

    public func rowCount(_ layout: TableLayout) throws -> Int {
        let select = try Statement(db, "SELECT count(*) FROM \(quoted(layout.schema.name))")
        return try select.step() ? Int(select.integer(0)) : 0
    }
}

extension Store {
    /// Table, key and clock number of every row held, in its table or in the graveyard.
    public func allRows() throws -> [(table: Int64, key: RowKey, hash: Int64)] {
        var found: [(Int64, RowKey, Int64)] = []
        for layout in layouts {
            try forEachRow(layout) { key, _ in found.append((layout.id, key, rowHash(layout.id, key))) }
        }
        for grave in try allGraves() { found.append((grave.table, grave.key, rowHash(grave.table, grave.key))) }
        return found
    }

    /// Every row of the graveyard with its state, by table and key.
    public func allGraves() throws -> [(table: Int64, key: RowKey, state: RowState)] {
        let select = try Statement(db, "SELECT tbl, key, state FROM satchel_grave ORDER BY tbl, key")
        var found: [(Int64, RowKey, RowState)] = []
        while try select.step() {
            var key = RowReader(select.bytes(1))
            var state = RowReader(select.bytes(2))
            found.append((select.integer(0), try key.key(), try state.state()))
        }
        return found
    }

    /// The names under which a unit's columns travel; of a unit that the table does not have, as first met.
    public func unitColumns(_ id: UnitID, table: Int64) -> [String] {
        if let layout = layout(table), let unit = layout.unit(id) {
            return unit.columns.map { layout.schema.columns[$0].identity }
        }
        return wholeUnitName(id, table: table).columns
    }
}

extension Store {
    /// A unit as people here call it: a column that was renamed by its name of today.
    public func shownUnitName(_ id: UnitID, table: Int64) -> String {
        guard let layout = layout(table), let unit = layout.unit(id), let column = unit.columns.first else {
            return unitName(id, table: table)
        }
        return layout.schema.columns[column].identity == unit.name ? layout.schema.columns[column].name : unit.name
    }

    /// A unit's columns as people here call them.
    public func shownUnitColumns(_ id: UnitID, table: Int64) -> [String] {
        guard let layout = layout(table), let unit = layout.unit(id) else { return unitColumns(id, table: table) }
        return unit.columns.map { layout.schema.columns[$0].name }
    }
}

extension Store {
    /// Every row of a table by key: values by type first, then number or bytes (DIG-4).
    public func forEachRowByKey(_ layout: TableLayout, _ body: ([Value]) throws -> Void) throws {
        let order = layout.schema.key.flatMap { index in
            let name = quoted(layout.schema.columns[index].name)
            let rank =
                "CASE typeof(\(name)) WHEN 'null' THEN 0 WHEN 'integer' THEN 1 WHEN 'real' THEN 2 "
                + "WHEN 'text' THEN 3 ELSE 4 END"
            return (layout.facts.ambiguous[index] ? [rank] : []) + ["\(name) COLLATE BINARY"]
        }
        let rows = try Statement(db, "\(layout.allSQL) ORDER BY \(order.joined(separator: ", "))")
        while try rows.step() { try body(rows.values(0..<layout.schema.columns.count)) }
    }

    public func noteCount() throws -> Int {
        let select = try db.statement("SELECT count(*) FROM satchel_journal")
        defer { select.reset() }
        return try select.step() ? Int(select.integer(0)) : 0
    }

    /// The row as its table stores it after some columns were written and their affinities had their say: tried on a row
    /// that is in its table, which afterwards is as before. All at once, for a CHECK may hold several together.
    public func asStored(_ layout: TableLayout, key: RowKey, writing values: [Int: Value]) throws -> [Value] {
        let columns = layout.schema.columns.map { quoted($0.name) }
        let written = values.sorted { $0.key < $1.key }
        let sets = written.enumerated().map { "\(columns[$1.key]) = ?\($0 + 1)" }.joined(separator: ", ")
        let byKey = layout.schema.key.enumerated()
            .map { "\(columns[$1]) COLLATE BINARY = ?\($0 + 1 + written.count)" }.joined(separator: " AND ")
        try db.execute("SAVEPOINT satchel_try")
        defer {
            // Nothing to tell: if this fails the transaction is lost anyway, and its end will say so.
            try? db.execute("ROLLBACK TO satchel_try; RELEASE satchel_try")
        }
        let update = try db.statement("UPDATE OR ABORT \(quoted(layout.schema.name)) SET \(sets) WHERE \(byKey)")
        try update.bind(written.map(\.value)).bind(key.values, from: written.count + 1).run()
        guard let row = try tableRow(layout, key) else { throw StoreError("the row is gone from its table") }
        return row
    }
}
