public import SatchelModel

/// The path of bulk loads: many new rows of one table at once, no object made for a value, and everything that has an
/// order written in that order: B-trees are filled from left to right.
extension Store {
    /// Inserts rows that nothing is held of, in each every unit under one dot. O(rows · log rows).
    ///
    /// - Parameters:
    ///   - columns: for each column of the table its values.
    ///   - rows: which of them. All are new; who refers to whom is the caller's to have looked at.
    ///   - dot: of a row.
    /// - Returns: the rows that a constraint refused, or whose values the table may hold otherwise (VER-12), of which
    ///   nothing was written.
    public func insertFresh(
        _ layout: TableLayout, columns: [(column: Int, values: ValueColumn)], rows: [Int],
        dot: (Int) -> DotID
    ) throws -> [Int] {
        var clocks: [RowClock] = []
        clocks.reserveCapacity(rows.count)
        var refused = rows.filter { dot($0) <= layout.newestUnit }
        let rows = refused.isEmpty ? rows : rows.filter { dot($0) > layout.newestUnit }
        try withRows(of: layout, columns) { places, views, key in
            var form: [UInt8] = []
            let typed = zip(places, views).map { (layout.affinities[Int($0) - 1], $1) }.filter { $0.0 != .none }
            var sorted = rows.count < 2 ? rows : key.sorted(rows)
            if !typed.isEmpty {
                refused += sorted.filter { row in typed.contains { $0.mayChange($1, row) } }
                sorted.removeAll { row in typed.contains { $0.mayChange($1, row) } }
            }
            let constrained = Set(try insert(sorted, of: layout, places, views))
            refused += constrained
            for row in sorted where constrained.isEmpty || !constrained.contains(row) {
                clocks.append(
                    RowClock(
                        row: hash.row(table: layout.id, key: key, row, &form), clock: EncodedClock(dot: dot(row)),
                        mark: hash.mark(views, row, &form)))
            }
        }
        try setClocks(clocks)
        return refused
    }

    /// How many rows of its own one statement inserts where there are many: what a statement costs beside its rows is a third
    /// of inserting them one by one.
    static let rowsTogether = 16

    static func parameters(rows: Int, columns: Int) -> String {
        let row = "(" + Array(repeating: "?", count: columns).joined(separator: ", ") + ")"
        return Array(repeating: row, count: rows).joined(separator: ", ")
    }

    /// Inserts rows into their table. Returns those that a constraint refused.
    private func insert(
        _ rows: [Int], of layout: TableLayout, _ places: [Int32], _ views: [ValueColumn.View]
    ) throws -> [Int] {
        var refused: [Int] = []
        var rest = rows[...]
        if let (count, sql) = layout.insertTogether, rest.count >= count {
            let together = try db.statement(sql)
            defer { together.reset() }
            while rest.count >= count {
                let group = rest.prefix(count)
                for (offset, row) in zip(stride(from: Int32(0), to: .max, by: layout.schema.columns.count), group) {
                    for (place, view) in zip(places, views) { together.bind(offset + place, view, row) }
                }
                // If not, nothing of them is in the table: which of them was refused is seen one by one.
                if try !isTaken(together) { refused += try insertEach(group, of: layout, places, views) }
                rest = rest.dropFirst(count)
            }
        }
        return rest.isEmpty ? refused : try refused + insertEach(rest, of: layout, places, views)
    }

    private func insertEach(
        _ rows: ArraySlice<Int>, of layout: TableLayout, _ places: [Int32], _ views: [ValueColumn.View]
    ) throws -> [Int] {
        let insert = try db.statement(layout.insertSQL)
        defer { insert.reset() }
        return try rows.filter { row in
            for (place, view) in zip(places, views) { insert.bind(place, view, row) }
            return try !isTaken(insert)
        }
    }

    /// Runs a statement, and says whether no constraint refused it.
    private func isTaken(_ insert: Statement) throws -> Bool {
        do {
            try insert.run()
            return true
        } catch let error as StoreError where error.isConstraint {
            return false
        }
    }

    /// Those of `rows` that do not lie here just so already, as their clocks say: every unit under this one dot, with these
    /// values. What was done to the tables round the triggers is for `doctor` to find.
    public func changed(
        _ layout: TableLayout, columns: [(column: Int, values: ValueColumn)], rows: [Int], dot: (Int) -> DotID
    ) throws -> [Int] {
        let select = try db.statement("SELECT dot, detail IS NULL, mark FROM satchel_row WHERE h = ?")
        defer { select.reset() }
        return try withRows(of: layout, columns) { _, views, key in
            var form: [UInt8] = []
            return try rows.filter { row in
                defer { select.reset() }
                guard try select.bind(1, hash.row(table: layout.id, key: key, row, &form)).step() else { return true }
                return try select.integer(0) != dot(row) || select.integer(1) == 0
                    || select.integer(2) != hash.mark(views, row, &form)
            }
        }
    }

    /// Opens columns in the order of the table: the number under which each is bound, the columns, and those of the key.
    private func withRows<T>(
        of layout: TableLayout, _ columns: [(column: Int, values: ValueColumn)],
        _ body: (_ places: [Int32], _ views: [ValueColumn.View], _ key: [ValueColumn.View]) throws -> T
    ) rethrows -> T {
        let ordered = columns.sorted { $0.column < $1.column }
        return try ValueColumn.withViews(ordered.map(\.values)) { views in
            let key = layout.schema.key.compactMap { part in
                ordered.firstIndex { $0.column == part }.map { views[$0] }
            }
            return try body(ordered.map { Int32($0.column + 1) }, views, key)
        }
    }

    /// Whether any row has a clock here.
    public func hasClocks() throws -> Bool { try hasAny("satchel_row") }

    /// Whether a table of our own holds anything. One look at its beginning.
    func hasAny(_ table: String) throws -> Bool {
        let select = try db.statement("SELECT EXISTS (SELECT 1 FROM \(table))")
        defer { select.reset() }
        return try select.step() && select.integer(0) != 0
    }

    /// Empties a table of our own. One that holds nothing is not written: SQLite would write its first page.
    func empty(_ table: String) throws { if try hasAny(table) { try db.statement("DELETE FROM \(table)").run() } }

    /// Inserts rows into a table of our own, many together. No constraint may refuse one: the transaction is lost if it does.
    ///
    /// - Parameters:
    ///   - sql: up to the parameters. With the conflict clause `FAIL` or `REPLACE` SQLite keeps no journal of the statement.
    ///   - bind: binds a row from a parameter on.
    func insert<Row>(
        _ rows: [Row], _ sql: String, columns: Int, _ bind: (Row, _ insert: Statement, _ first: Int) -> Void
    ) throws {
        var rest = rows[...]
        for count in [Self.rowsTogether, 1] where rest.count >= count {
            let insert = try db.statement(sql + Self.parameters(rows: count, columns: columns))
            while rest.count >= count {
                for (place, row) in rest.prefix(count).enumerated() { bind(row, insert, 1 + columns * place) }
                try insert.run()
                rest = rest.dropFirst(count)
            }
        }
    }
}
