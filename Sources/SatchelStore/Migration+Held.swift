internal import SatchelModel

/// What a replica holds of a column or a table that goes, whether a table shows it or not (VER-7).
extension Migration {
    /// Keeps for others what the tables will not have (VER-3). Throws where nobody said that it goes (VER-7), and where the rows
    /// would be others, or could not be shown (VER-8): before anything is done to a table.
    func keepWhatGoes() throws {
        let present = Set(try Self.objects(store.db).filter { $0.type == "table" }.map(\.name))
        let wanted = after.objects.filter { $0.type == "table" }.map(\.name)
        for table in wanted where present.contains(table) {
            let old = try Self.columns(of: table, in: store.db)
            let new = try Self.columns(of: table, in: after.db)
            let sources = new.map { source(of: $0.name, in: table, among: old.map(\.name)) }
            let lost = old.filter { !sources.contains($0.name) }
            try checkKey(table)
            try refuseLoss(of: lost, in: table)
            try checkAdded(table, new, sources)
            if let layout = store.layout(named: table) { try store.keepAside(units(of: lost, layout), of: layout) }
        }
        for object in before.objects where object.type == "table" && !wanted.contains(object.name) {
            guard present.contains(object.name) else { continue }
            try refuseLoss(ofTable: object.name)
            if let layout = store.layout(named: object.name) { try store.keepAside(layout) }
        }
    }

    /// VER-8 of columns that come.
    private func checkAdded(_ table: String, _ new: [Column], _ sources: [String?]) throws {
        for (column, source) in zip(new, sources) where source == nil {
            let facts = TableSchema.Column(name: column.name, notNull: column.notNull, defaultSQL: column.value)
            if column.notNull, column.value == nil {
                throw SchemaError(
                    "\(table).\(column.name) is new, NOT NULL and without a default: rows of older devices could not be shown"
                )
            }
            if column.value != nil, !facts.hasConstantDefault {
                throw SchemaError(
                    "\(table).\(column.name) is new and its default is computed: each replica would compute another")
            }
        }
    }

    /// VER-8 of keys.
    private func checkKey(_ table: String) throws {
        guard let layout = store.layout(named: table), let facts = after.table(table),
            facts.schema.keyIdentities != layout.schema.keyIdentities
        else { return }
        if before.table(table) == nil {
            throw SchemaError(
                "another program made a table \(table) here, with another primary key: rename or drop it first")
        }
        throw SchemaError("the primary key of \(table) changes: its rows would be others than at the other replicas")
    }

    /// Throws for a column that goes and has values, if the schema does not say so.
    private func refuseLoss(of lost: [Column], in table: String) throws {
        for column in lost where !isDropped(column.name, from: table) {
            guard let rows = try holders(of: column.name, in: table) else { continue }
            throw SchemaError(
                "\(table).\(column.name) is not in the schema any more, and \(rows): say “-- satchel: dropped "
                    + "\(table).\(column.name)”, or “renamed”")
        }
    }

    /// Whether the schema says that a column goes, by this name or by one that it had later (VER-5).
    private func isDropped(_ column: String, from table: String) -> Bool {
        (after.directives.dropped[table] ?? []).contains { source(of: $0, in: table, among: [column]) != nil }
    }

    /// The same of a table.
    private func refuseLoss(ofTable table: String) throws {
        guard after.directives.dropped[table]?.contains("") != true, let rows = try holders(of: table) else { return }
        throw SchemaError(
            "table \(table) is not in the schema any more, and has \(rows): say “-- satchel: dropped \(table)”")
    }

    /// The units of a table that go with some of its columns.
    private func units(of lost: [Column], _ layout: TableLayout) -> Set<UnitID> {
        let lost = Set(lost.map(\.name))
        return Set(
            zip(layout.schema.units, layout.unitIDs).filter { unit, _ in
                unit.columns.contains { lost.contains(layout.schema.columns[$0].name) }
            }.map(\.1))
    }

    /// How many rows have a value in a column, in words; nil: none has. O(rows).
    private func holders(of column: String, in table: String) throws -> String? {
        let shown = try count("SELECT count(*) FROM \(quoted(table)) WHERE \(quoted(column)) IS NOT NULL")
        let hidden = try store.layout(named: table).map { try store.rowsHiding(column, of: $0) } ?? 0
        return Self.inWords(
            shown, hidden, "rows have a value in it", "in the recycle bin, set aside or as a rival in an open conflict")
    }

    /// How many rows a table has, in words; nil: none.
    private func holders(of table: String) throws -> String? {
        let shown = try count("SELECT count(*) FROM \(quoted(table))")
        let hidden = try store.layout(named: table).map { layout in
            try count("SELECT count(*) FROM satchel_grave WHERE tbl = \(layout.id)")
        }
        return Self.inWords(shown, hidden ?? 0, "rows", "in the recycle bin or set aside")
    }

    private static func inWords(_ shown: Int, _ hidden: Int, _ what: String, _ place: String) -> String? {
        if shown + hidden == 0 { return nil }
        return "\(shown + hidden) \(what)" + (hidden == 0 ? "" : " (\(hidden) of them not shown: \(place))")
    }
}

extension Store {
    /// Writes the values of units that leave their table into the clocks of its rows: other replicas may still have those
    /// columns (VER-3). Marks the rows by what stays, so that what is changed of it beside is found (CAP-10). O(rows).
    func keepAside(_ gone: Set<UnitID>, of layout: TableLayout) throws {
        if gone.isEmpty { return }
        let lost = zip(layout.schema.units, layout.unitIDs).filter { gone.contains($1) }.flatMap { $0.0.columns }
        let left = layout.schema.columns.indices.filter { !lost.contains($0) }
        var rows: [(RowKey, [Value])] = []
        try forEachRow(layout) { rows.append(($0, $1)) }
        let mark = try db.statement("UPDATE satchel_row SET mark = ? WHERE h = ?")
        for (key, values) in rows {
            let h = rowHash(layout.id, key)
            guard let state = try clock(h, layout: layout, values: values) else {
                // With a NULL in its key it is of this file alone.
                if key.values.contains(.null) { continue }
                throw unsealed(HeldRow(table: layout.id, key: key, hash: h, state: RowState(), place: .table(values)))
            }
            try setClock(h, layout: layout, state: state, values: values, inline: gone)
            try mark.bind(1, hash.mark(left.map { values[$0] })).bind(2, h).run()
        }
        try setMarked(left.map { layout.schema.columns[$0].name }, layout.id)
    }

    /// Takes the rows of a table that goes into the graveyard, as rows of a table that is not known here. They lie in the table all the
    /// same, until that is dropped.
    func keepAside(_ layout: TableLayout) throws {
        var keys: Set<RowKey> = []
        try forEachRow(layout) { key, _ in keys.insert(key) }
        for key in keys.sorted() {
            var row = try load(table: layout.id, key: key)
            if row.isUnsealed { throw unsealed(row) }
            // A NULL in its key: it was of this file alone.
            if row.state.isEmpty { continue }
            try forgetClock(row.hash)
            row.place = .absent
            try bury(row, state: row.state, fate: .unknown, reason: "")
            try setConflicts(of: row, [])
        }
        // Those that were not shown are of no known table now either, and nobody is asked about them.
        for grave in try allGraves() where grave.table == layout.id && !keys.contains(grave.key) {
            let row = try load(table: layout.id, key: grave.key)
            try bury(row, state: row.state, fate: .unknown, reason: "")
            try setConflicts(of: row, [])
        }
        try setMarked([], layout.id)
    }

    /// How many rows have a value other than NULL in a column and do not show it: another is shown, or the row lies in
    /// the graveyard. O(rows of the table, and rows of the graveyard).
    func rowsHiding(_ column: String, of layout: TableLayout) throws -> Int {
        guard let index = layout.schema.columns.firstIndex(where: { $0.name == column }),
            let owner = layout.unitOfColumn[index],
            let place = layout.schema.units[owner].columns.firstIndex(of: index)
        else { return 0 }
        func holds(_ state: RowState) -> Bool {
            state[layout.unitIDs[owner]].contains { place < $0.values.count && $0.values[place] != .null }
        }
        var rows = 0
        try forEachRow(layout) { key, values in
            guard values[index] == .null, let state = try self.state(of: layout, key: key, values: values) else {
                return
            }
            if holds(state) { rows += 1 }
        }
        let graves = try Statement(db, "SELECT state FROM satchel_grave WHERE tbl = ?")
        graves.bind(1, layout.id)
        while try graves.step() {
            var reader = RowReader(graves.bytes(0))
            if holds(try reader.state()) { rows += 1 }
        }
        return rows
    }
}
