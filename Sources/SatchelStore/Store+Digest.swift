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
