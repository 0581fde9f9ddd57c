internal import SatchelModel

/// A default that changes: what nobody wrote shows the default of the schema that is followed, wherever the row came from (VER-4).
extension Migration {
    /// Gives rows in which nobody wrote a column the default that it has from now on. O(rows of tables where one changes).
    func showNewDefaults() throws {
        for facts in after.tables {
            let table = facts.schema.name
            guard let layout = store.layout(named: table) else { continue }
            let then = try store.defaults(of: facts)
            var news: [Int: Value] = [:]
            for (column, value) in zip(facts.schema.columns, then) where column.hasConstantDefault {
                let names = layout.schema.columns.map(\.name)
                guard let name = source(of: column.name, in: table, among: names),
                    let place = names.firstIndex(of: name), layout.unitOfColumn[place] != nil
                else { continue }
                if layout.defaults[place] != value { news[place] = value }
            }
            if !news.isEmpty { try show(news, in: layout) }
        }
    }

    private func show(_ news: [Int: Value], in layout: TableLayout) throws {
        var rows: [(key: RowKey, values: [Value])] = []
        try store.forEachRow(layout) { rows.append(($0, $1)) }
        for row in rows {
            let h = store.rowHash(layout.id, row.key)
            guard let state = try store.clock(h, layout: layout, values: row.values) else { continue }
            var values = row.values
            for (place, value) in news {
                guard let unit = layout.unitOfColumn[place], state[layout.unitIDs[unit]].isEmpty else { continue }
                values[place] = value
            }
            if values == row.values { continue }
            let changed = layout.schema.columns.indices.filter { values[$0] != row.values[$0] }
            let set = changed.map { "\(quoted(layout.schema.columns[$0].name)) = ?" }.joined(separator: ", ")
            let key = layout.schema.keyColumns.map { "\(quoted($0)) IS ?" }.joined(separator: " AND ")
            try fitting("the default of table \(layout.schema.name)") {
                let update = try store.db.statement("UPDATE \(quoted(layout.schema.name)) SET \(set) WHERE \(key)")
                try update.bind(changed.map { values[$0] } + row.key.values).run()
            }
            try store.setClock(h, layout: layout, state: state, values: values)
        }
    }
}
