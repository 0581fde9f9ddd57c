internal import SatchelModel

/// What a replica holds of a column or a table that goes, whether a table shows it or not (VER-7).
extension Migration {
    /// Throws for a column that goes and has values, if the schema does not say so.
    func refuseLoss(of lost: [Column], in table: String) throws {
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
    func refuseLoss(ofTable table: String) throws {
        guard after.directives.dropped[table]?.contains("") != true, let rows = try holders(of: table) else { return }
        throw SchemaError(
            "table \(table) is not in the schema any more, and has \(rows): say “-- satchel: dropped \(table)”")
    }

    /// The units of a table that go with some of its columns.
    func units(of lost: [Column], _ layout: TableLayout) -> Set<UnitID> {
        let lost = Set(lost.map(\.name))
        return Set(
            zip(layout.schema.units, layout.unitIDs).filter { unit, _ in
                unit.columns.contains { lost.contains(layout.schema.columns[$0].name) }
            }.map(\.1))
    }

    /// How many rows have a value in a column, in words; nil: none has. O(rows).
    func holders(of column: String, in table: String) throws -> String? {
        let shown = try count("SELECT count(*) FROM \(quoted(table)) WHERE \(quoted(column)) IS NOT NULL")
        let hidden = try store.layout(named: table).map { try store.rowsHiding(column, of: $0) } ?? 0
        return Self.inWords(
            shown, hidden, "rows have a value in it", "in the recycle bin, set aside or as a rival in an open conflict")
    }

    /// How many rows a table has, in words; nil: none.
    func holders(of table: String) throws -> String? {
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
