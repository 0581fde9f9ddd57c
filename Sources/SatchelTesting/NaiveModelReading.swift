package import SatchelModel
internal import SatchelWire

extension NaiveChange {
    /// Reads a changeset as it is kept. Its plain clock is not in it (MRG-4): who knows it passes it in.
    package init(_ sealed: SealedChangeset, seen: Set<Dot>, schema: Schema) throws {
        let content = try ContentCoding.decode(sealed.content)
        self.init(dot: sealed.dot, time: sealed.head.time, seen: seen, rows: [:])
        isUndo = sealed.head.note.hasPrefix("undid the decision of ")
        if sealed.head.sequence > 1 {
            previous = Dot(
                origin: sealed.head.origin, sequence: sealed.head.sequence - 1, tag: sealed.head.previous.tag)
        }
        for section in content.sections {
            let table = schema.table(section.table)
            let existence = section.existence.map { content.dots($0, rows: section.rows) }
            let deletions = content.dots(section.deletionsReplaced, rows: section.rows)
            let covers = section.cover.map { lists in
                content.covers(lists, rows: section.rows) { table.name(of: $0) }
            }
            let units = section.units.map { (part: $0, replaced: content.dots($0.replaced, rows: section.rows)) }
            for index in 0..<section.rows {
                var change = NaiveRowChange(
                    deletionsReplaced: deletions[index], cover: covers?[index],
                    into: section.into.map { columns in RowKey(columns.map { $0[index] }) })
                if let existence { change.writes[""] = .init(values: [], replaced: existence[index]) }
                for (part, replaced) in units {
                    let values = part.columns.indices.filter { !part.columns[$0].isEmpty }.map {
                        part.values[$0][index]
                    }
                    change.writes[table.name(of: part.unitName)] = .init(
                        values: values, state: state(part, index), replaced: replaced[index])
                }
                rows[NaiveRowName(table: section.table, key: section.key(index))] = change
            }
        }
    }
}

/// BND-24: the last column's blob, where that column has no name.
private func state(_ part: UnitPart, _ row: Int) -> [UInt8]? {
    guard part.columns.last == "", case .blob(let bytes)? = part.values.last?[row] else { return nil }
    return bytes
}

extension Content {
    fileprivate func dots(_ lists: DotLists, rows: Int) -> [Set<Dot>] {
        guard !lists.counts.isEmpty else { return Array(repeating: [], count: rows) }
        var rest = lists.dots[...]
        return lists.counts.map { count in
            defer { rest = rest.dropFirst(Int(count)) }
            return Set(rest.prefix(Int(count)).map { dots[Int($0)] })
        }
    }

    fileprivate func covers(_ lists: CoverLists, rows: Int, _ name: (UnitName) -> String) -> [Set<NaiveCovered>] {
        guard !lists.counts.isEmpty else { return Array(repeating: [], count: rows) }
        var rest = Array(zip(lists.units, lists.dots))[...]
        return lists.counts.map { count in
            defer { rest = rest.dropFirst(Int(count)) }
            return Set(
                rest.prefix(Int(count)).map { unit, dot in
                    NaiveCovered(unit: name(lists.names[Int(unit)]), dot: dots[Int(dot)])
                })
        }
    }
}

extension TableSchema? {
    /// VER-13: a unit of a name that the table has with other columns is another unit.
    fileprivate func name(of unit: UnitName) -> String {
        guard let own = self?.unitNames.first(where: { $0.name == unit.name }), own != unit else { return unit.name }
        return ([unit.name] + unit.columns).joined(separator: " | ")
    }
}
