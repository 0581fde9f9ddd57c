internal import SatchelModel

/// Rows that were in their table at the last seal and still are, all of each under one dot, and of which only columns were noted
/// since: columns of units on which nothing else hangs, no reference, no unique place, no merge and no state of its own.
extension Store {
    /// Finds those of one table, by the units that differ, and the numbers of the notes on them. O(notes), and for each such row
    /// two look-ups.
    func changed(_ noted: Notes, _ rows: inout [NotedRows], _ told: inout [Int64]) throws {
        guard let sql = noted.layout.byRowid?.findSQL, !noted.written.isEmpty else { return }
        let dots = try plainDots(noted)
        var shapes = Shapes(noted.layout)
        let select = try db.statement(sql)
        defer { select.reset() }
        try ValueColumn.withViews(noted.keys + [noted.olds]) { views in
            let (keys, olds) = (views.dropLast(), views[views.count - 1])
            var met = Array(repeating: -1, count: noted.layout.schema.columns.count)
            var differing: [Int] = []
            for (place, row) in noted.rows.enumerated() where row.isWritten {
                guard let dot = dots[row.hash] else { continue }
                for (index, key) in keys.enumerated() { select.bind(Int32(index + 1), key, place) }
                defer { select.reset() }
                guard try select.step() else { continue }
                differing.removeAll(keepingCapacity: true)
                // The first word on each column counts (CAP-3).
                noted.forEachNote(of: row) { note, column, _ in
                    if met[column] == place { return }
                    met[column] = place
                    if !select.holds(column + 1, olds, note) { differing.append(column) }
                }
                if shapes.take(row, differing, dot: dot, at: select) {
                    noted.forEachNote(of: row) { _, _, number in told.append(number) }
                }
            }
        }
        rows += shapes.found
    }

    /// Rows by the units that differ.
    private struct Shapes {
        let layout: TableLayout
        private(set) var found: [NotedRows] = []
        /// Where in `found` rows are of which these units, or columns, differ; nil inside: more hangs on them.
        private var places: [[Int]: Int] = [:]
        private var byColumns: [[Int]: Int?] = [:]

        init(_ layout: TableLayout) { self.layout = layout }

        /// Whether the row, at which the statement stands, is sealed by what differs alone; one of which nothing does is.
        mutating func take(_ row: Notes.Row, _ columns: [Int], dot: DotID, at select: Statement) -> Bool {
            if columns.isEmpty { return true }
            guard let place = place(of: columns),
                found[place].changed.allSatisfy({ dot > layout.since[$0] })
            else { return false }
            return found[place].add(row, dot: dot, at: select)
        }

        private mutating func place(of columns: [Int]) -> Int? {
            if let known = byColumns[columns] { return known }
            let place = newPlace(of: columns)
            byColumns[columns] = .some(place)
            return place
        }

        private mutating func newPlace(of columns: [Int]) -> Int? {
            let units = Set(columns.compactMap { layout.unitOfColumn[$0] }).sorted()
            if let known = places[units] { return known }
            guard columns.allSatisfy({ layout.unitOfColumn[$0] != nil }),
                units.allSatisfy({ !layout.schema.units[$0].policy.carriesState }),
                QuietUnits(layout, units.map { layout.unitIDs[$0] }) != nil
            else { return nil }
            places[units] = found.count
            found.append(NotedRows(layout, changed: units))
            return found.count - 1
        }
    }

    /// The one dot of each row that was written, but for rows of which something more is known. In the order of the clocks.
    private func plainDots(_ noted: Notes) throws -> [Int64: DotID] {
        var dots: [Int64: DotID] = [:]
        let clock = try db.statement("SELECT dot FROM satchel_row WHERE h = ? AND detail IS NULL")
        defer { clock.reset() }
        let (merges, stood) = (try hasMerges(), try hasAny("satchel_stood"))
        for row in noted.rows.lazy.filter(\.isWritten).map(\.hash).sorted() {
            defer { clock.reset() }
            guard try clock.bind(1, row).step() else { continue }
            let dot = clock.integer(0)
            if merges, try isInMerge(row) { continue }
            // What came while the row was there may have been seen by nobody (INB-11).
            if stood, try has(.stayed, row, dot) { continue }
            dots[row] = dot
        }
        return dots
    }
}
