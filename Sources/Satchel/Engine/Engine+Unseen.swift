internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Overwrites by plain SQL of what a merge had brought meanwhile (INB-11).
extension Engine {
    /// Lists an ordinary write of a row, sealed as `dot`, where its author perhaps had not seen what it replaces.
    func noteUnseen(
        _ change: RowChange, over base: RowState, formerly row: [Value], _ touch: Touch, _ layout: TableLayout,
        as dot: DotID, seen: [Int64: [RowKey: Set<UnitID>]]
    ) throws {
        var own: Int64?
        for write in change.writes where write.unit != RowState.existence {
            guard let unit = layout.unit(write.unit), unit.policy == .review,
                let was = try write.replaced.first(where: { try !isOwn($0) }), let came = try store.met(was),
                seen[touch.table]?[touch.key]?.contains(write.unit) != true
            else { continue }
            // A row that came with this value never showed another.
            let here = try base[RowState.existence].compactMap { try store.met($0.dot) }.min()
            guard let here, here < came else { continue }
            if own == nil { own = try lastOwnWrite(base) ?? .min }
            if let own, own >= came { continue }
            try store.keep(
                KeptUnseen(
                    id: Conflict.id(table: layout.schema.name, key: touch.key, unit: unit.name), table: layout.id,
                    unit: write.unit, key: touch.key, dot: dot, wasDot: was, was: layout.values(of: unit, in: row),
                    values: write.values))
        }
    }

    private func isOwn(_ dot: DotID) throws -> Bool { try store.order(dot).dot.origin == origin }

    private func lastOwnWrite(_ base: RowState) throws -> Int64? {
        try base.dots.filter { try isOwn($0) }.compactMap { try store.met($0) }.max()
    }

    /// Those that still stand. In the caller's transaction: what was written over since is forgotten.
    package func unseen() throws -> [Overwrite] {
        try store.unseen().compactMap { kept in
            let row = try store.load(table: kept.table, key: kept.key)
            guard row.state[kept.unit].contains(where: { $0.dot == kept.dot }),
                let writer = try writers([kept.dot]).first, let former = try writers([kept.wasDot]).first
            else {
                try store.forgetUnseen(kept.id)
                return nil
            }
            return Overwrite(
                id: kept.id, table: store.tableName(kept.table), key: kept.key,
                unit: store.shownUnitName(kept.unit, table: kept.table),
                columns: store.shownUnitColumns(kept.unit, table: kept.table), was: kept.was, wasWriter: former,
                values: kept.values, writer: writer)
        }
    }

    /// Says that what was overwritten had been seen, or was wrong: it is listed no more.
    package func acknowledgeUnseen(_ id: String) throws {
        _ = try overwrite(id)
        try store.forgetUnseen(id)
    }

    /// Writes the value again that was overwritten: a change like any other.
    package func takeBackUnseen(_ id: String, actor: String) throws {
        try seal(actor: actor)
        let kept = try overwrite(id)
        let row = try store.load(table: kept.table, key: kept.key)
        let write = UnitWrite(unit: kept.unit, values: kept.was, replaced: [kept.dot])
        try self.write(
            [Decided(row: row, change: RowChange(writes: [write]))], actor: actor, note: "took back an overwrite")
        try store.forgetUnseen(id)
    }

    private func overwrite(_ id: String) throws -> KeptUnseen {
        let standing = Set(try unseen().map(\.id))
        guard standing.contains(id), let kept = try store.unseen().first(where: { $0.id == id }) else {
            throw UsageError("no overwrite is listed as \(id)", try: "list them with `unseen`")
        }
        return kept
    }
}
