public import SatchelModel

/// Another value in the place of one, written as an app would: captured by the triggers.
extension Store {
    /// What became of it.
    public struct Replaced {
        /// Rows written.
        public var rows = 0
        /// Why the table did not take the others, one for each row.
        public var refused: [StoreError] = []
        /// Rows that the caller did not want written, by the caller's reason.
        public var unwanted: [String: Int] = [:]
    }

    /// That a column holds the value that is bound first, equal in type and bytes.
    private func holds(_ column: Int, _ layout: TableLayout) -> String {
        let name = quoted(layout.schema.columns[column].name)
        return "\(name) = ?1 COLLATE BINARY AND typeof(\(name)) = typeof(?1)"
    }

    /// How many rows of the table hold a value.
    public func count(of value: Value, in column: Int, of layout: TableLayout) throws -> Int {
        let select = try Statement(
            db, "SELECT count(*) FROM \(quoted(layout.schema.name)) WHERE \(holds(column, layout))")
        select.bind(1, value)
        return try select.step() ? Int(select.integer(0)) : 0
    }

    /// Writes `new` wherever a column outside the key holds `old`. One statement; where the table does not take that, row by
    /// row, and what it does not take stays as it is.
    ///
    /// - Parameter reason: asked of each row, as it is and as it would be, why it is not to be written; nil: nobody asks.
    public func replace(
        _ old: Value, with new: Value, in column: Int, of layout: TableLayout,
        unless reason: (([Value], [Value]) throws -> String?)?
    ) throws -> Replaced {
        var replaced = Replaced()
        let table = quoted(layout.schema.name)
        // Whatever the table says of its constraints: nobody's row gives way.
        let update = "UPDATE OR ABORT \(table) SET \(quoted(layout.schema.columns[column].name)) = "
        try db.setTriggers(true)
        if reason == nil {
            do {
                replaced.rows = try write(update + "?2 WHERE \(holds(column, layout))", [old, new])
                try db.setTriggers(false)
                return replaced
            } catch let error as StoreError where error.isConstraint && db.inTransaction {
                try db.setTriggers(true)
            }
        }
        var rows: [[Value]] = []
        let select = try Statement(db, layout.allSQL + " WHERE \(holds(column, layout))")
        select.bind(1, old)
        while try select.step() { rows.append(select.values(0..<layout.schema.columns.count)) }
        let one = update + "?\(layout.schema.key.count + 1) WHERE \(layout.byKey)"
        for row in rows {
            var changed = row
            changed[column] = new
            if let why = try reason?(row, changed) {
                replaced.unwanted[why, default: 0] += 1
                continue
            }
            do {
                replaced.rows += try write(one, layout.key(of: row).values + [new])
            } catch let error as StoreError where error.isConstraint && db.inTransaction {
                replaced.refused.append(error)
                try db.setTriggers(true)
            }
        }
        try db.setTriggers(false)
        return replaced
    }

    private func write(_ sql: String, _ values: [Value]) throws -> Int {
        try db.part {
            try db.statement(sql).bind(values).run()
            return db.changes
        }
    }
}
