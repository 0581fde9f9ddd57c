internal import SatchelModel

/// Rows of which nothing was known at the last seal and one thing was noted since: that they were entered.
extension Store {
    /// Finds those of one table, and the numbers of the notes on them.
    func entered(_ noted: Notes, _ rows: inout [NotedRows], _ told: inout [Int64]) throws {
        guard let sql = noted.layout.byRowid?.findSQL, !noted.layout.rules.carriesState,
            noted.rows.contains(where: \.isEntered)
        else { return }
        var found = NotedRows(noted.layout, count: noted.rows.count)
        let known = try knownRows(noted.rows.lazy.filter(\.isEntered).map(\.hash))
        let select = try db.statement(sql)
        defer { select.reset() }
        try ValueColumn.withViews(noted.keys) { keys in
            for (place, note) in noted.rows.enumerated() where note.isEntered && !known.contains(note.hash) {
                for (index, key) in keys.enumerated() { select.bind(Int32(index + 1), key, place) }
                guard try select.step() else { continue }
                let isSealable = keys.reduce(0) { $0 + $1.byteCount(place) } <= Limits.keyBytes
                if isSealable, found.add(note, dot: 0, at: select) { told.append(note.number) }
                select.reset()
            }
        }
        if !found.rows.isEmpty { rows.append(found) }
    }

    /// Those of some rows of which anything is known: a clock, a place in the graveyard or in a merge. In the order of
    /// the clocks, so that each page is read once.
    private func knownRows(_ rows: some Sequence<Int64>) throws -> Set<Int64> {
        var known: Set<Int64> = []
        let places = try ["satchel_row"] + (hasGraves() ? ["satchel_grave"] : [])
        let statements = try places.map { try db.statement("SELECT 1 FROM \($0) WHERE h = ?") }
        let merges = try hasMerges()
        for row in rows.sorted() {
            for statement in statements {
                if try statement.bind(1, row).step() { known.insert(row) }
                statement.reset()
            }
            if merges, try isInMerge(row) { known.insert(row) }
        }
        return known
    }
}
