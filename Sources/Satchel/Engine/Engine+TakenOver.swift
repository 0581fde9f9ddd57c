internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What merges took over of rows of which units were erased, made by authors who had not carried out the order (ERA-6).
extension Engine {
    /// Units of rows, each with what is to stand in the place of its values.
    typealias TakenOver = [RowBatch.RowName: [ErasureOrder.Unit]]

    /// What a content writes to erased units of rows into which it merges those that were erased, or renews their merge, at
    /// once or by way of others.
    ///
    /// - Parameter batch: the rows under work, where the content is about to be applied.
    func takenOver(
        in content: Content, by clock: CausalClock, batch: RowBatch? = nil
    ) throws -> TakenOver {
        let index = try erasures()
        var merges: [RowBatch.RowName: RowKey] = [:]
        var erased: [(row: RowBatch.RowName, units: [ErasureOrder.Unit])] = []
        for section in content.sections where section.into != nil {
            let table = try store.tableID(section.table, key: section.keyColumns)
            for row in 0..<section.rows {
                let name = RowBatch.RowName(table: table, key: section.key(row))
                merges[name] = section.mergedInto(row)
                var units = index.units(section.table, name.key, by: clock)
                // What came with it may be about to be erased.
                units.join(derived.taken[name] ?? [])
                if !units.isEmpty { erased.append((row: name, units: units)) }
            }
        }
        if erased.isEmpty { return [:] }
        var ends: TakenOver = [:]
        for (row, units) in erased {
            guard let first = merges[row] else { continue }
            let met = try led(to: [first], table: row.table) { next in
                let state =
                    try batch?.working(next.table, next.key)?.state
                    ?? store.load(table: next.table, key: next.key).state
                return state.deletions.compactMap(\.into) + (merges[next].map { [$0] } ?? [])
            }
            for other in met where other != row { ends[other, default: []].join(units) }
        }
        var found: TakenOver = [:]
        for section in content.sections where !section.units.isEmpty {
            let table = try store.tableID(section.table, key: section.keyColumns)
            for row in 0..<section.rows {
                let name = RowBatch.RowName(table: table, key: section.key(row))
                for unit in ends[name] ?? [] where section.holds(unit, row) { found[name, default: []].append(unit) }
            }
        }
        return found
    }

    /// The same of a kept changeset that has no effect, or in rows that are set aside: nothing follows from it, and it is
    /// left out there (REV-2, SCO-19).
    func takenOver(
        withoutEffectIn changeset: SealedChangeset, as id: DotID, _ aside: (any ChangesSetAside)?
    ) throws -> [RowBatch.RowName: Erased] {
        if unreadable(changeset) != nil { return [:] }
        let isWithheld = try store.isWithheld(id)
        var found: [RowBatch.RowName: Erased] = [:]
        let content = try ContentCoding.decode(changeset.content)
        for (row, units) in try takenOver(in: content, by: changeset.head.clock) {
            let isAside = try aside?.isOpen(id, store.rowHash(row.table, row.key)) ?? false
            if isWithheld || isAside { found[row] = .units(units) }
        }
        return found
    }

    /// Rows of a table and all to which merges lead from them.
    func led(
        to keys: [RowKey], table: Int64, _ further: (RowBatch.RowName) throws -> [RowKey]
    ) rethrows -> Set<RowBatch.RowName> {
        var met: Set<RowBatch.RowName> = []
        var open = keys
        while let key = open.popLast() {
            let row = RowBatch.RowName(table: table, key: key)
            if met.insert(row).inserted { open += try further(row) }
        }
        return met
    }

    /// Issues an order for what was taken over, so that later changes made of it are recognised too.
    func eraseTakenOver() throws {
        if derived.taken.isEmpty { return }
        let salt = try erasureSalt()
        var parts: [ErasureOrder.Part] = []
        for (row, units) in derived.taken.sorted(by: { $0.key < $1.key }) {
            let table = store.tableName(row.table)
            let name = ErasureOrder.recognizer(salt: salt, table: table, key: row.key)
            if let place = parts.firstIndex(where: { $0.table == table && $0.units == units }) {
                parts[place].rows.append(name)
            } else {
                parts.append(ErasureOrder.Part(table: table, units: units, rows: [name]))
            }
        }
        derived.taken = [:]
        _ = try issueErasure(parts, followsReferences: false, actor: "")
    }
}

extension [ErasureOrder.Unit] {
    /// Adds those of other orders that are not among them.
    mutating func join(_ others: [ErasureOrder.Unit]) {
        for unit in others where !contains(where: { $0.name == unit.name }) { append(unit) }
    }
}

extension Section {
    /// Whether it writes something else to a unit of a row than what stands in the place of erased values.
    fileprivate func holds(_ unit: ErasureOrder.Unit, _ row: Int) -> Bool {
        units.contains { part in
            part.name == unit.name && part.values.map { $0[row] } != unit.values(of: part.columns)
        }
    }
}
