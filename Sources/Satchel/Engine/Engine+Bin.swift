internal import SatchelMerge
public import SatchelModel
internal import SatchelStore

/// A deleted row, as long as it is kept.
public struct BinEntry: Sendable {
    public let table: String
    public let key: RowKey
    public let columns: [String]
    /// Its last values, one for each column.
    public let values: [Value]
    /// Who deleted it, the newest last. Several deleted it without having seen each other's deletion.
    public let deletions: [Conflict.Writer]
    /// The row that is shown for it, if it was merged; undo takes the merge back.
    public let into: RowKey?
}

/// What an undo brought back.
public struct Undone: Sendable {
    /// The rows that are kept now, those first that were asked for.
    public let rows: [(table: String, key: RowKey)]
    /// Those of them that are set aside and not shown.
    public let aside: Int
    /// The rows that merges had left of some of them, where these had taken something over (MRG-56).
    public let others: [(table: String, key: RowKey, values: Unmerged)]
}

/// The recycle bin: deleted rows, and the way back (MRG-46, MRG-47).
extension Engine {
    /// The dead rows with their last values, by the time of their newest deletion, the newest first.
    /// O(rows in the graveyard). Throws a `UsageError` for a table that is not synced.
    package func bin(table: String? = nil) throws -> [BinEntry] {
        let wanted = try table.map { try layout(named: $0).id }
        var entries: [BinEntry] = []
        for grave in try store.allGraves() where wanted == nil || grave.table == wanted {
            guard let layout = store.layout(grave.table) else { continue }
            let whole = try whole(store.load(table: grave.table, key: grave.key))
            let verdict = try judged(whole.row)
            guard !verdict.alive, verdict.complete else { continue }
            entries.append(
                BinEntry(
                    table: layout.schema.name, key: grave.key, columns: layout.schema.columns.map(\.name),
                    values: layout.row(grave.key, as: verdict),
                    deletions: try writers(grave.state.deletions.map(\.dot)),
                    into: whole.isMerged ? whole.membership?.survivor.held.key : nil))
        }
        return entries.sorted { a, b in
            guard let first = a.deletions.last, let second = b.deletions.last else { return a.deletions.last != nil }
            if first.time != second.time { return first.time > second.time }
            return a.table != b.table ? a.table < b.table : a.key < b.key
        }
    }

    /// Takes the deletion of a row back, with what fell with it and what it needs. In the caller's transaction.
    package func undo(table: String, key: RowKey, actor: String) throws -> Undone {
        try seal(actor: actor)
        guard let layout = store.layout(named: table) else {
            throw UsageError("there is no synced table \(table)", try: "look at `status` for the tables")
        }
        let row = try store.load(table: layout.id, key: key)
        guard try canBeKept(row) else {
            throw UsageError("\(table) \(key.display) is not in the recycle bin", try: "list it with `bin`")
        }
        return try undo([row], actor: actor, note: "undone")
    }

    /// Takes every deletion of a changeset back that still stands. `name` is the changeset's dot as people see it.
    package func undo(changeset name: String, actor: String) throws -> Undone {
        try seal(actor: actor)
        var rows: [HeldRow] = []
        var dots: Set<DotID> = []
        for held in try deletedRows() {
            let named = try held.state.deletions.map(\.dot).filter { try store.known($0).dot.description == name }
            dots.formUnion(named)
            if try !named.isEmpty && canBeKept(held) { rows.append(held) }
        }
        guard dots.count <= 1 else {
            throw UsageError("several changesets are called \(name)", try: "undo the rows one by one")
        }
        guard !rows.isEmpty else {
            throw UsageError("no deletion of the changeset \(name) stands", try: "list what can be undone with `bin`")
        }
        let along = try takenAlong(among: rows, by: dots)
        rows.removeAll { along.contains($0.hash) }
        guard !rows.isEmpty else {
            throw UsageError(
                "the changeset \(name) only took along what others had merged", try: "undo the rows one by one")
        }
        return try undo(rows, actor: actor, note: "undone \(name)")
    }

    /// Those of the rows on which the deletions only took along what stood there when they deleted another of the rows: the merge,
    /// which came before, stays, and so does what is asked of a row that stands by itself (MRG-47, MRG-55).
    private func takenAlong(among rows: [HeldRow], by dots: Set<DotID>) throws -> Set<Int64> {
        let asked = Set(rows.map(\.hash))
        return try Set(
            rows.filter { row in
                let merges = row.state.deletions.filter { $0.into != nil }
                let along = try merges.contains { one in
                    guard dots.contains(one.dot) else { return false }
                    let order = try store.order(one.dot)
                    return try merges.contains { try $0.into == one.into && store.order($0.dot) < order }
                }
                guard along else { return false }
                let connected = try whole(row).membership?.all.rows.map(\.held.hash) ?? []
                return connected.contains { $0 != row.hash && asked.contains($0) }
            }.map(\.hash))
    }

    private func undo(_ rows: [HeldRow], actor: String, note: String) throws -> Undone {
        let decided = try keep(rows)
        // Merges that go on in another form beside it bring nothing back.
        let kept = decided.filter { one in one.change.writes.contains { $0.unit == RowState.existence } }
        // To undo a merge is to unmerge (MRG-53).
        let merged = try kept.map(\.row).filter { try whole($0).isMerged }
        var others: [(row: HeldRow, values: Unmerged)] = []
        if merged.isEmpty {
            try write(decided, actor: actor, note: note)
        } else {
            others = try write(decided, unmerging: merged, actor: actor, note: note)
        }
        let aside = try kept.filter { one in
            if case .grave = try store.load(table: one.row.table, key: one.row.key).place { return true }
            return false
        }
        return Undone(
            rows: kept.map { (store.tableName($0.row.table), $0.row.key) }, aside: aside.count,
            others: others.map { (store.tableName($0.row.table), $0.row.key, $0.values) })
    }

    /// Every row with a standing deletion: those in the graveyard, and those of which a person is asked or that came
    /// back with such a one.
    private func deletedRows() throws -> [HeldRow] {
        var rows: [HeldRow] = []
        var seen: Set<Int64> = []
        let graves = try store.allGraves().map { (table: $0.table, key: $0.key) }
        let listed = try store.listedConflicts().filter { $0.kind != .values }.map { (table: $0.table, key: $0.key) }
        for place in try graves + listed + store.allUnseen() {
            guard seen.insert(store.rowHash(place.table, place.key)).inserted else { continue }
            let row = try store.load(table: place.table, key: place.key)
            if !row.state.deletions.isEmpty { rows.append(row) }
        }
        return rows
    }

    private func canBeKept(_ row: HeldRow) throws -> Bool {
        guard store.layout(row.table) != nil, !row.state.deletions.isEmpty else { return false }
        let whole = try whole(row)
        return try (whole.isMerged || whole.united.hasDeletions)
            && store.judge(row.state, of: row.key, table: row.table).complete
    }

    /// The verdict on a row as people see it; a merged one is dead to them.
    func judged(_ row: HeldRow) throws -> Verdict {
        let whole = try whole(row)
        guard whole.isMerged else { return try store.judge(whole.united, table: row.table) }
        var verdict = try store.judge(row.state, of: row.key, table: row.table)
        verdict.alive = false
        return verdict
    }

    // MARK: What goes together

    /// Keeps rows, with the dead rows that fell with them and those that they need (MRG-46).
    func keep(_ rows: [HeldRow]) throws -> [Decided] {
        try keep(all: together(rows, more: broughtBackOrNeeded))
    }

    /// Keeps what a row brings back that is about to be merged into another, and will bring back nothing (MRG-50).
    func keepBroughtBack(by row: HeldRow, mergedInto other: HeldRow) throws -> [Decided] {
        let back = try together([row], without: [other.hash]) { row in
            try companions(of: row).filter { place in try isShown(place) }
        }
        let kept = try together(Array(back.dropFirst()), without: [row.hash, other.hash]) { row in
            try broughtBackOrNeeded(row).filter { place in
                try !whole(store.load(table: place.table, key: place.key)).isMerged
            }
        }
        return try keep(all: kept)
    }

    private func broughtBackOrNeeded(_ row: HeldRow) throws -> [Store.RowPlace] {
        try companions(of: row)
            + refersTo(row).filter { $0.policy != .setNull }.map { (table: $0.name.table, key: $0.name.key) }
    }

    private func keep(all kept: [HeldRow]) throws -> [Decided] {
        // What else is kept where a merge is taken back is judged as without that merge (MRG-56).
        let merged = try kept.filter { try whole($0).isMerged }
        let freed = merged.map { row in
            var freed = row
            freed.state.deletions = []
            return freed
        }
        let (all, bound) = (Set(kept.map(\.hash)), Set(merged.map(\.hash)))
        var released: Set<Int64> = []
        return try kept.flatMap { row in
            try keep(whole(row, beside: bound.contains(row.hash) ? [] : freed)).filter {
                $0.row.hash == row.hash || !all.contains($0.row.hash) && released.insert($0.row.hash).inserted
            }
        }
    }

    /// Deletes a row with the dead rows that it brought back (MRG-46).
    func delete(_ row: HeldRow) throws -> [Decided] {
        try together([row]) { row in try companions(of: row) }
            .filter { other in
                if case .table = other.place { return true }
                return false
            }
            .flatMap { try act(whole($0)) { Writing.delete($0.state) } }
    }

    /// Some rows and the dead and complete ones that `more` finds for them, and so on.
    private func together(
        _ rows: [HeldRow], without others: Set<Int64> = [], more: (HeldRow) throws -> [Store.RowPlace]
    ) throws -> [HeldRow] {
        var found = rows
        var seen = others.union(rows.map(\.hash))
        var next = 0
        while next < found.count {
            let row = found[next]
            next += 1
            for place in try more(row) {
                guard seen.insert(store.rowHash(place.table, place.key)).inserted else { continue }
                let other = try store.load(table: place.table, key: place.key)
                if try canBeKept(other), try !judged(other).alive { found.append(other) }
            }
        }
        return found
    }

    private func isShown(_ place: Store.RowPlace) throws -> Bool {
        guard let layout = store.layout(place.table) else { return false }
        return try store.isShown(layout, place.key)
    }

    /// The rows to which a row is displayed as referring (MRG-20, MRG-53).
    func refersTo(_ row: HeldRow) throws -> [(name: RowBatch.RowName, policy: ReferencePolicy)] {
        guard let layout = store.layout(row.table) else { return [] }
        let shown = try judged(row).shown.map { ($0.unit, $0.values) }
        let values = layout.row(key: row.key, shown: Dictionary(uniqueKeysWithValues: shown))
        return try References(store.layouts).from(layout.id).compactMap { reference in
            guard let key = reference.parentKey(of: values) else { return nil }
            let survivor = try survivor(of: key, in: reference.parent)
            return (
                RowBatch.RowName(table: reference.parent.id, key: reference.displayed(key, survivor: survivor)),
                reference.policy
            )
        }
    }

    /// The dead rows that a row brings back, or would (MRG-42).
    private func companions(of row: HeldRow) throws -> [Store.RowPlace] {
        let whole = try whole(row)
        let fell = try bringing(whole)
        if fell.isEmpty || whole.isMerged { return [] }
        let naming = try [Store.Unseen.dead, .waiting, .kept].flatMap { try store.naming(row.hash, as: $0) }
        return try naming.filter { place in
            let other = try store.load(table: place.table, key: place.key)
            return try other.state.deletions.contains { $0.into == nil && fell.contains($0.dot) }
                && !self.whole(other).isMerged
        }
    }
}
