public import SatchelModel

/// A column that takes NULL no more: what nobody wrote shows the default of the schema that is followed (VER-4), and is no
/// reason to refuse a row.
extension Migration {
    /// Puts the default in the place of a NULL that nobody wrote, where the column is NOT NULL from now on. O(rows of such tables).
    func fillBlanks() throws {
        for facts in after.tables {
            let table = facts.schema.name
            guard let layout = store.layout(named: table) else { continue }
            let defaults = try store.defaults(of: facts)
            var news: [Int: Value] = [:]
            for (column, value) in zip(facts.schema.columns, defaults) where column.notNull && value != .null {
                let names = layout.schema.columns.map(\.name)
                guard let name = source(of: column.name, in: table, among: names),
                    let place = names.firstIndex(of: name), layout.unitOfColumn[place] != nil,
                    !layout.schema.columns[place].notNull
                else { continue }
                news[place] = value
            }
            if !news.isEmpty { try fill(news, in: layout) }
        }
    }

    private func fill(_ news: [Int: Value], in layout: TableLayout) throws {
        var rows: [(key: RowKey, values: [Value])] = []
        try store.forEachRow(layout) { key, values in
            if news.keys.contains(where: { values[$0] == .null }) { rows.append((key, values)) }
        }
        // The old table's word is none any more.
        try store.db.execute("PRAGMA ignore_check_constraints = ON")
        defer { try? store.db.execute("PRAGMA ignore_check_constraints = OFF") }
        for row in rows {
            let h = store.rowHash(layout.id, row.key)
            guard let state = try store.clock(h, layout: layout, values: row.values) else { continue }
            var values = row.values
            for (place, value) in news where values[place] == .null {
                guard let unit = layout.unitOfColumn[place], state[layout.unitIDs[unit]].isEmpty else { continue }
                values[place] = value
            }
            if values == row.values { continue }
            let changed = layout.schema.columns.indices.filter { values[$0] != row.values[$0] }
            let set = changed.map { "\(quoted(layout.schema.columns[$0].name)) = ?" }.joined(separator: ", ")
            let key = layout.schema.keyColumns.map { "\(quoted($0)) IS ?" }.joined(separator: " AND ")
            try fitting("the default of table \(layout.schema.name)") {
                let update = try Statement(store.db, "UPDATE \(quoted(layout.schema.name)) SET \(set) WHERE \(key)")
                try update.bind(changed.map { values[$0] } + row.key.values).run()
            }
            try store.setClock(h, layout: layout, state: state, values: values)
        }
    }
}

extension Store {
    /// The tables of which a column has another default than at the last look, and notes those of now.
    func tablesOfOtherDefaults() throws -> Set<Int64> {
        var others: Set<Int64> = []
        for layout in layouts {
            let text = zip(layout.schema.columns, layout.defaults).map { "\($0.name)=\($1)" }.joined(
                separator: "\u{1F}")
            let known = try metaText("defaults \(layout.id)")
            if known == text { continue }
            if known != nil { others.insert(layout.id) }
            try setMeta("defaults \(layout.id)", .text(text))
        }
        return others
    }

    /// Rows that show in a unit that nobody wrote something else than its default. O(rows of the table).
    public func rowsOfOtherDefaults(_ layout: TableLayout) throws -> [RowKey] {
        var found: [RowKey] = []
        try forEachRow(layout) { key, values in
            guard let clock = try leanClock(rowHash(layout.id, key), layout: layout, values: values) else { return }
            let isOther = zip(layout.schema.units, layout.unitIDs).contains { unit, id in
                unit.columns.contains { values[$0] != layout.defaults[$0] }
                    && clock.candidates(of: id, layout, in: values).isEmpty
            }
            if isOther { found.append(key) }
        }
        return found
    }
}
