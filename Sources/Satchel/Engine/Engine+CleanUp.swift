internal import SatchelMerge
package import SatchelModel
internal import SatchelStore

/// Forgetting the dead: tombstones go when every live device knows of them, and come back when an old change still
/// names them (EXC-23 to EXC-26).
extension Engine {
    /// The highest position of a row that was dropped: at the hub as it did it, on a device as it was last told.
    package var horizon: UInt64 { get throws { UInt64(bitPattern: try store.metaInteger("horizon") ?? 0) } }

    /// Of the changeset without rows that follows a clean-up.
    package static let droppedNote = "deleted rows were dropped"

    /// EXC-23, at the hub: drops the dead rows that last moved at `limit` or before, and at `time` or before, the
    /// largest set of them that no row outside the set names. Returns how many.
    ///
    /// At most `count` rows are looked at, the oldest. O(rows looked at and those that name them).
    ///
    /// - Parameter isMixed: whether a live device follows another schema: then any column may be a reference there, and all rows are
    ///   looked at.
    package func dropDead(
        upTo limit: UInt64, before time: Timestamp, atMost count: Int = .max, isMixed: Bool
    ) throws -> Int {
        // A row of a table that is not known here may name anything: first this hub must learn the newer schema.
        guard isHub, try store.graves(.unknown).isEmpty else { return 0 }
        let dead = try store.dead(upTo: limit, before: time, limit: count)
        let kept = try named(among: dead, isMixed: isMixed)
        var horizon = try horizon
        var dropped = 0
        for row in dead where !kept.contains(row.hash) {
            let held = try store.load(table: row.table, key: row.key)
            let lives = try store.archived(row.hash).map { held.state.joined(with: $0.state) } ?? held.state
            try store.archive(held, state: lives, dropped: position)
            try store.setNaming(child: row.hash, parents: [])
            horizon = max(horizon, row.position)
            dropped += 1
        }
        if dropped > 0 {
            try store.setMeta("horizon", .integer(Int64(bitPattern: horizon)))
            // Who stands here is to be told of it too (EXC-45).
            try moveOn(note: Self.droppedNote)
        }
        return dropped
    }

    /// Those of the dead rows that a row outside the set names, taken out of it until nothing more follows: children
    /// go before parents, and a dead cycle as one.
    private func named(among dead: [Store.Dead], isMixed: Bool) throws -> Set<Int64> {
        let references = References(store.layouts)
        let places = Dictionary(dead.map { ($0.hash, $0) }, uniquingKeysWith: { first, _ in first })
        var names: [Int64: [Int64]] = [:]
        var kept: Set<Int64> = []
        for row in dead {
            let shown = try references.to(row.table).contains { reference in
                try !store.children(of: row.key, in: reference.child, columns: reference.columns).isEmpty
            }
            let namers = try store.namers(of: row.hash)
            // Merges lead to a row as long as they stand, and merged rows are never dropped (MRG-53).
            if try shown || namers.contains(where: { places[$0] == nil }) || store.isMergeTarget(row.hash) {
                kept.insert(row.hash)
            }
            for namer in namers where places[namer] != nil { names[namer, default: []].append(row.hash) }
        }
        for (namer, row) in try perhapsNamed(among: dead.filter { !kept.contains($0.hash) }, isMixed) {
            if places[namer] == nil { kept.insert(row) } else { names[namer, default: []].append(row) }
        }
        var open = kept.sorted()
        while let row = open.popLast() {
            for parent in names[row] ?? [] where kept.insert(parent).inserted { open.append(parent) }
        }
        return kept
    }

    /// Those that a value may name of a column which is not known here, or in a mixed fleet of any, each with the row that holds the
    /// value: it is equal to one of the key, whatever their types. Costs nothing where all columns are known to all.
    private func perhapsNamed(among dead: [Store.Dead], _ isMixed: Bool) throws -> [(namer: Int64, row: Int64)] {
        let unknown = try store.unknownUnits().values.reduce(into: Set<UnitID>()) { $0.formUnion($1) }
        if !isMixed && unknown.isEmpty || dead.isEmpty { return [] }
        var rows: [[UInt8]: [Int64]] = [:]
        for row in dead { for value in row.key.values { rows[value.untyped, default: []].append(row.hash) } }
        var found: [(Int64, Int64)] = []
        func look(_ namer: Int64, _ values: [Value]) {
            for value in values where value != .null {
                for row in rows[value.untyped] ?? [] { found.append((namer, row)) }
            }
        }
        try store.forEachCandidate(of: isMixed ? nil : unknown, look)
        if !isMixed { return found }
        for grave in try store.allGraves() { look(store.rowHash(grave.table, grave.key), grave.key.values) }
        for layout in store.layouts {
            try store.forEachRow(layout) { key, values in look(store.rowHash(layout.id, key), values) }
        }
        return found
    }

    /// EXC-26: the archived row that a change of it brings back; nil: there is none, or the change is of a life of its
    /// own, made by an author who knew that the row had been dropped. `change` nil: one that enters the row
    /// over nothing.
    func recallable(
        _ table: Int64, _ key: RowKey, for change: RowChange?, by head: ChangesetHeader
    ) throws -> Store.Archived? {
        guard let archived = try store.archived(store.rowHash(table, key)) else { return nil }
        return try isOfItsOwn(change, by: head, beside: archived.state, dropped: archived.dropped) ? nil : archived
    }

    /// Whether a change of a row has nothing to do with what was dropped of it: its author knew of the drop, and it names
    /// nothing of that.
    func isOfItsOwn(
        _ change: RowChange?, by head: ChangesetHeader, beside former: RowState, dropped: UInt64
    ) throws -> Bool {
        guard try reach(epoch: head.clock.epoch, position: head.clock.position) >= dropped else { return false }
        return change?.named.isDisjoint(with: former.dots) ?? true
    }
}

extension RowChange {
    /// What the change replaces or covers.
    var named: Set<DotID> {
        var dots = Set(deletionsReplaced)
        for write in writes { dots.formUnion(write.replaced) }
        return dots.union(cover?.map(\.dot) ?? [])
    }
}
