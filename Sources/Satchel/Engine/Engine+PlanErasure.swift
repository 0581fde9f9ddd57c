internal import SatchelMerge
package import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What an order to erase must name (ERA-1).
extension Engine {
    /// The parts of an order for one row: the units of some of its columns, or all of it, with all rows that refer to it
    /// if the operator says so.
    ///
    /// Throws `UsageError` for names that are not there, and where rows refer to it and are not to go with it. O(rows).
    package func planErasure(
        table name: String, key: RowKey, columns: [String], withReferences: Bool
    ) throws -> [ErasureOrder.Part] {
        let layout = try layout(named: name)
        let salt = try erasureSalt()
        guard columns.isEmpty else {
            let row = ErasureOrder.recognizer(salt: salt, table: name, key: key)
            return [.init(table: name, units: try units(of: columns, in: layout), rows: [row])]
        }
        let rows = try referring(to: RowBatch.RowName(table: layout.id, key: key))
        guard withReferences || rows.count == 1 else {
            throw UsageError(
                "\(rows.count == 2 ? "a row refers" : "\(rows.count - 1) rows refer") to it, shown, deleted or in a conflict",
                try: "--with-references to erase these too, or --column to erase what some columns of it hold")
        }
        var parts: [ErasureOrder.Part] = []
        for row in rows.sorted() {
            let table = store.tableName(row.table)
            if parts.last?.table != table { parts.append(.init(table: table, units: [], rows: [])) }
            parts[parts.count - 1].rows.append(ErasureOrder.recognizer(salt: salt, table: table, key: row.key))
        }
        return parts
    }

    /// The units that hold these columns, each with what is to stand in the place of its values.
    private func units(of columns: [String], in layout: TableLayout) throws -> [ErasureOrder.Unit] {
        let schema = layout.schema
        for column in columns {
            guard schema.columns.contains(where: { $0.name == column }) else {
                throw UsageError("\(schema.name) has no column \(column)", try: "give the name of one of its columns")
            }
            guard !schema.keyColumns.contains(column) else {
                throw UsageError("\(column) is part of the key", try: "erase the whole row")
            }
        }
        return try schema.units.compactMap { (unit) -> ErasureOrder.Unit? in
            let names = unit.columns.map { schema.columns[$0].name }
            guard names.contains(where: columns.contains) else { return nil }
            // A counter holds a number, always (MRG-31).
            let blanks: [Value] =
                try unit.policy == .counter
                ? [.integer(0)] : unit.columns.map { try blank(schema.columns[$0], of: schema.name) }
            return ErasureOrder.Unit(name: unit.name, columns: names, blank: blanks)
        }
    }

    private func blank(_ column: TableSchema.Column, of table: String) throws -> Value {
        guard column.notNull else { return .null }
        if let sql = column.defaultSQL { return try store.blank(defaultSQL: sql) }
        return try store.blank(table: table, column: column.name)
    }

    /// A row and all that name it in any candidate or were merged into it, transitively: shown, dead, set aside, archived,
    /// withheld (REV-2) or kept outside its author's scopes (SCO-19).
    private func referring(to target: RowBatch.RowName) throws -> Set<RowBatch.RowName> {
        let references = References(store.layouts)
        let hidden = try hiddenNames(references)
        var found: Set<RowBatch.RowName> = [target]
        var open = [target]
        while let row = open.popLast() {
            var children = hidden[row] ?? []
            for reference in references.to(row.table) {
                children += try store.children(of: row.key, in: reference.child, columns: reference.columns)
                    .map { .init(table: reference.child.id, key: $0) }
            }
            for child in children where found.insert(child).inserted { open.append(child) }
        }
        return found
    }

    /// What kept changesets say of rows that are not made by it: it may count one day. O(kept changesets), where there is
    /// any such thing.
    private func forEachWithoutEffect(_ body: (RowBatch.RowName, RowState) throws -> Void) throws {
        let isSetAside = try setAsideByScopes?()
        for id in try store.dots(after: 0) {
            let withheld = try store.isWithheld(id)
            guard withheld || isSetAside != nil, let changeset = try sealed(id) else { continue }
            for (row, change) in try changes(of: changeset) {
                guard try withheld || isSetAside?(id, store.rowHash(row.table, row.key)) ?? false else { continue }
                var state = RowState()
                state.apply(change, as: id)
                try body(row, state)
            }
        }
    }

    /// Who names a row in a candidate that no table shows, or was merged into it.
    private func hiddenNames(_ references: References) throws -> [RowBatch.RowName: [RowBatch.RowName]] {
        var names: [RowBatch.RowName: [RowBatch.RowName]] = [:]
        func note(_ state: RowState, _ key: RowKey, _ layout: TableLayout) {
            for parent in references.named(by: state, key: key, of: layout) {
                names[parent, default: []].append(.init(table: layout.id, key: key))
            }
        }
        for layout in store.layouts {
            try store.forEachRow(layout) { key, values in
                guard try store.hasDetail(store.rowHash(layout.id, key)),
                    let state = try store.state(of: layout, key: key, values: values)
                else { return }
                note(state, key, layout)
            }
        }
        for grave in try store.allGraves() {
            if let layout = store.layout(grave.table) { note(grave.state, grave.key, layout) }
        }
        for archived in try store.allArchived() {
            if let layout = store.layout(archived.table) { note(archived.state, archived.key, layout) }
        }
        try forEachWithoutEffect { row, state in
            if let layout = store.layout(row.table) { note(state, row.key, layout) }
        }
        return names
    }
}
