internal import SatchelMerge
package import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What is to be erased since orders were given, and has no order yet (ERA-6).
struct DerivedErasures {
    /// Rows that refer to an erased row.
    var whole: Set<RowBatch.RowName> = []
    /// Rows that do so by loose references alone: the columns of these.
    var loose: [RowBatch.RowName: Set<String>] = [:]
    /// Units of rows into which a merge took over what was erased, with what is to stand there.
    var taken: Engine.TakenOver = [:]
    /// Rows that came to refer to one without knowledge of the order, or perhaps: judged when all is settled.
    var doubtful: Set<RowBatch.RowName> = []

    var isEmpty: Bool { whole.isEmpty && loose.isEmpty && taken.isEmpty && doubtful.isEmpty }
}

/// Orders that follow from others: for what came late (ERA-6), and for what the hub learns late to read (ERA-11).
extension Engine {
    /// What is applied now of a changeset that waits for nothing, and its rows that are set aside (SCO-19). At the hub rows
    /// that it makes refer to an erased one are noted, to be judged when all is settled: what else came may have moved them on.
    func ready(
        _ changeset: SealedChangeset, as id: DotID, batch: RowBatch
    ) throws -> (changeset: SealedChangeset, aside: Set<HeldRowName>) {
        let found = try isHub ? referring(changeset, batch: batch) : Referring()
        let all = found.all
        if all.isEmpty { return (changeset, try rowsSetAside(changeset, as: id, batch: batch)) }
        // What has no effect has none on others' rows either, and who may not change a row does not take it away (SCO-19).
        let isWithheld = try judgement(of: changeset.dot) == .withheld
        let followed = try isWithheld ? [] : rowsInReach(all, of: changeset.head, as: id, batch: batch)
        derived.doubtful.formUnion(followed.intersection(found.named))
        var others: [RowBatch.RowName: Erased] = [:]
        for (row, columns) in found.loose where !followed.contains(row) {
            let units = try looseUnits(columns, table: row.table)
            if !units.isEmpty { others[row] = .units(units) }
        }
        for (row, units) in found.taken {
            if followed.contains(row) {
                derived.taken[row, default: []].join(units)
            } else {
                others[row] = others[row]?.joined(with: .units(units)) ?? .units(units)
            }
        }
        for row in found.whole.subtracting(followed) { others[row] = .whole }
        let rest = try redacted(changeset, and: others) ?? changeset
        // What was accepted before it was merged, or waited, lay in the file as it came (ERA-7).
        if rest.redaction != changeset.redaction { try store.setMeta("erasure_traces", .integer(1)) }
        let aside = try rowsSetAside(rest, as: id, batch: batch)
        // What is set aside is in no row that could be judged, and names rows too (ERA-1).
        derived.whole.formUnion(found.whole.intersection(followed).intersection(aside))
        for (row, columns) in found.loose where followed.contains(row) && aside.contains(row) {
            derived.loose[row, default: []].formUnion(columns)
        }
        return (rest, aside)
    }

    /// At the hub, once everything is settled: issues orders for rows that refer to an erased row, and for what merges took
    /// over of erased units. Returns how many rows went, by table.
    ///
    /// - Parameter next: the tables of the schema that it is about to follow.
    @discardableResult
    package func followErasures(next: [TableSchema]? = nil) throws -> [String: Int] {
        guard isHub else { return [:] }
        let isUnfollowed = try next != nil || store.hasUnfollowed()
        guard isUnfollowed || !derived.isEmpty else { return [:] }
        let naming = try Naming(store, next: next ?? [])
        if isUnfollowed {
            try store.forgetUnfollowed()
            try findReferring(naming)
            // A program that opened the hub's file as any replica's does not see what scopes set aside: the hub looks again.
            if setAsideByScopes == nil { try store.noteUnfollowed() }
        }
        try judgeDoubtful(naming)
        var gone: [String: Int] = [:]
        while !derived.whole.isEmpty || !derived.loose.isEmpty {
            gone.merge(try eraseDerived(naming)) { $0 + $1 }
        }
        try eraseTakenOver()
        return gone
    }

    /// Looks at every row that is held. O(rows), where there are orders that rows follow.
    private func findReferring(_ naming: Naming) throws {
        if try erasures().isEmpty { return }
        let following = Following(self, naming)
        try forEachHeld(or: { layout, values in try following.mayRefer(layout, values) }) { row, state in
            try note(row, state, following)
        }
    }

    private func note(_ row: RowBatch.RowName, _ state: RowState, _ following: Following) throws {
        if try following.refers(row, state) {
            derived.whole.insert(row)
        } else {
            let columns = try following.looseColumns(row, state)
            if !columns.isEmpty { derived.loose[row, default: []].formUnion(columns) }
        }
        try noteTakenOver(row, state, following)
    }

    private func noteTakenOver(_ row: RowBatch.RowName, _ state: RowState, _ following: Following) throws {
        for (other, units) in try following.takenOver(row, state) { derived.taken[other, default: []].join(units) }
    }

    /// Those of some rows that name, in what was written of them without knowledge of the order, one that was erased with all that
    /// refers to it. O(rows).
    func namingErased(_ rows: Set<RowBatch.RowName>) throws -> Set<RowBatch.RowName> {
        if rows.isEmpty { return [] }
        let following = Following(self, try Naming(store))
        return try rows.filter { try following.refers($0, store.load(table: $0.table, key: $0.key).state) }
    }

    /// Rows that came late: what they name is known only with all else that came.
    private func judgeDoubtful(_ naming: Naming) throws {
        if derived.doubtful.isEmpty { return }
        let following = Following(self, naming)
        for row in derived.doubtful.sorted() {
            let state = try store.load(table: row.table, key: row.key).state
            try note(row, state, following)
            // The merge of another into it may have come before it.
            let merged = try led(to: [row.key], table: row.table) {
                try store.merged(into: store.rowHash($0.table, $0.key))
            }
            for other in merged.subtracting(derived.doubtful).sorted() {
                try noteTakenOver(other, store.load(table: other.table, key: other.key).state, following)
            }
        }
        derived.doubtful = []
    }
}

/// Asks of rows whether they follow an order.
private final class Following {
    let engine: Engine
    let naming: Naming
    private let awareness: Awareness
    private var known: [RowBatch.RowName: [ErasureOrder]] = [:]

    init(_ engine: Engine, _ naming: Naming) {
        (self.engine, self.naming, awareness) = (engine, naming, Awareness(engine))
    }

    func mayRefer(_ layout: TableLayout, _ values: [Value]) throws -> Bool {
        for parent in naming.named(by: values, in: layout) where try !orders(parent).isEmpty { return true }
        return false
    }

    /// Whether a row names, in what was written of it without knowledge of the order, a row that was erased with all that
    /// refers to it.
    func refers(_ row: RowBatch.RowName, _ state: RowState) throws -> Bool {
        for parent in try naming.named(by: state, row, tied: true).sorted() {
            for order in try orders(parent) {
                let rest = try awareness.split(state, by: order, in: row).unaware
                if try !rest.isEmpty && naming.named(by: rest, row, tied: true).contains(parent) { return true }
            }
        }
        return false
    }

    /// The columns of loose references by which a row does so.
    func looseColumns(_ row: RowBatch.RowName, _ state: RowState) throws -> Set<String> {
        var columns: Set<String> = []
        for end in try naming.looseEnds(of: state, row) {
            for order in try orders(end.parent) {
                let rest = try awareness.split(state, by: order, in: row).unaware
                if try naming.looseEnds(of: rest, row).contains(end) { columns.formUnion(end.columns) }
            }
        }
        return columns
    }

    /// What stands on other rows since a merge of this one took it over, both written without knowledge of an order for these
    /// units. Of a value whose changeset nobody has any more nothing says whose it was.
    func takenOver(_ row: RowBatch.RowName, _ state: RowState) throws -> Engine.TakenOver {
        var found: Engine.TakenOver = [:]
        let merges = state.deletions.filter { $0.into != nil }
        if merges.isEmpty { return found }
        let (store, h) = (engine.store, engine.store.rowHash(row.table, row.key))
        for (order, units) in try engine.erasures().ofUnits(store.tableName(row.table), row.key) {
            let first = try merges.filter { try !awareness.isAware($0.dot, of: order, in: h) }.compactMap(\.into)
            let met = try engine.led(to: first, table: row.table) {
                try store.load(table: $0.table, key: $0.key).state.into
            }
            for other in met where other != row {
                let held = try store.load(table: other.table, key: other.key).state
                for unit in units where try holds(held, other, unit, takenWithout: order) {
                    found[other, default: []].join([unit])
                }
            }
        }
        return found
    }

    private func holds(
        _ state: RowState, _ row: RowBatch.RowName, _ unit: ErasureOrder.Unit, takenWithout order: ErasureOrder
    ) throws -> Bool {
        let h = engine.store.rowHash(row.table, row.key)
        for id in try engine.store.metUnits(unit.name, table: row.table) {
            let blank = unit.values(of: engine.store.unitColumns(id, table: row.table))
            for candidate in state[id] where candidate.values != blank {
                if try awareness.isAware(candidate.dot, of: order, in: h) { continue }
                guard let changeset = try engine.sealed(candidate.dot) else { return true }
                guard engine.unreadable(changeset) == nil else { continue }
                let taken = try engine.takenOver(
                    in: ContentCoding.decode(changeset.content), by: changeset.head.clock)
                if taken[row]?.contains(where: { $0.name == unit.name }) == true { return true }
            }
        }
        return false
    }

    /// The orders that erased a row whole and that its referrers follow.
    private func orders(_ row: RowBatch.RowName) throws -> [ErasureOrder] {
        if let found = known[row] { return found }
        let found = try engine.erasures().followed(engine.store.tableName(row.table), row.key)
        known[row] = found
        return found
    }
}
