internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// What goes when the hub's state is taken in: rows that left the scopes, that the hub dropped, or that a snapshot does not
/// name (EXC-18, EXC-24, EXC-25).
extension Engine {
    /// The rows go, whatever is pending of them: that is replayed on nothing (SCO-15). Nothing that may go is under work
    /// before the last has gone: it would be written again.
    func purge(_ names: Set<RowBatch.RowName>, _ down: Down) throws {
        for name in names.sorted() {
            let row = try store.load(table: name.table, key: name.key)
            // Nothing is held of it that might go.
            if row.isUnsealed { continue }
            try store.purge(row)
            down.gone.append(row)
        }
        down.replaced.formUnion(names.intersection(down.pendingRows))
    }

    /// What the hub dropped (EXC-24), and of everything what the reply does not name though the hub has who wrote it (EXC-17), after
    /// a snapshot all of that (EXC-25): but not what `pending` touches, nor what rows so touched name as it leaves them, which the hub
    /// will hold again when it gets `pending` (EXC-26).
    func forget(_ down: Down) throws {
        var mayGo = down.dropped
        if !down.served.isConfined { mayGo.formUnion(down.unnamed) }
        guard down.reply.snapshot || !mayGo.isEmpty else { return }
        let needed = try rowsNeeded(by: down.pendingRows, batch: down.batch)
        try purge(mayGo.subtracting(needed), down)
        if !down.served.isConfined { down.spared = mayGo.intersection(needed) }
        guard down.reply.snapshot, !down.served.isConfined else { return }
        down.spared.formUnion(needed.filter { !down.named.contains(store.rowHash($0.table, $0.key)) })
        try purgeUnnamed(down, except: needed)
        try dropWithheld(in: needed, down)
    }

    /// Rows that this device wrote and the hub, which has these changesets, has left out: they name somebody who was erased, and are
    /// others' (ERA-6).
    func leftOut(_ told: Set<DotID>, by reply: Reply) throws -> Set<RowBatch.RowName> {
        let erasures = try erasures()
        if erasures.isEmpty { return [] }
        var rows: Set<RowBatch.RowName> = []
        for (id, dot, _) in try store.chain(.pending) where told.contains(id) && dot.origin == reply.yours {
            guard let changeset = try sealed(id), erasures.hasUnseen(by: changeset.head.clock) else { continue }
            try forEachRow(content(of: changeset)) { rows.insert($0) }
        }
        return try namingErased(rows)
    }

    /// Rows that the hub does not serve and that stayed for what was pending: they are looked at again with each reply until one names
    /// them, or nothing that is pending needs them, and they go (EXC-17). O(rows), if there are any.
    func spared() throws -> Set<RowBatch.RowName> {
        guard case .blob(let bytes)? = try store.meta(Self.sparedRows) else { return [] }
        let hashes = Set(
            stride(from: 0, to: bytes.count, by: 8).map { start in
                Int64(bitPattern: bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) })
            })
        return Set(
            try store.allRows().filter { hashes.contains($0.hash) }.map {
                RowBatch.RowName(table: $0.table, key: $0.key)
            })
    }

    func spare(_ rows: Set<RowBatch.RowName>) throws {
        if try rows.isEmpty && store.meta(Self.sparedRows) == nil { return }
        let hashes = rows.map { store.rowHash($0.table, $0.key) }.sorted()
        let bytes = hashes.flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) }
        try store.setMeta(Self.sparedRows, bytes.isEmpty ? nil : .blob(bytes))
    }

    private static var sparedRows: String { "spared_rows" }

    /// Of rows that the hub does not have and that stay for what is pending, what withheld changesets wrote goes: the hub
    /// will make nothing of it (REV-2).
    private func dropWithheld(in names: Set<RowBatch.RowName>, _ down: Down) throws {
        if try notices().isEmpty { return }
        var known: [DotID: Bool] = [:]
        func isWithheld(_ id: DotID) throws -> Bool {
            if let known = known[id] { return known }
            let isWithheld = try judgement(of: store.known(id).dot) == .withheld
            known[id] = isWithheld
            return isWithheld
        }
        for name in names.sorted() where !down.named.contains(store.rowHash(name.table, name.key)) {
            let state =
                try down.batch.working(name.table, name.key)?.state
                ?? store.load(table: name.table, key: name.key).state
            let left = try state.without(isWithheld)
            if left == state { continue }
            let working = try down.batch.row(name.table, name.key)
            working.state = left
            working.verdict = nil
        }
    }

    /// EXC-18: after a snapshot, what it does not name is out of scope, or was dropped. Where the hub serves scopes, what is
    /// pending of such a row is replayed on nothing (SCO-15).
    func purgeUnnamed(_ down: Down, except needed: Set<RowBatch.RowName>) throws {
        let kept = Set(needed.map { store.rowHash($0.table, $0.key) }).union(down.named)
        let gone = try store.allRows().filter { !kept.contains($0.hash) }
        try purge(Set(gone.map { RowBatch.RowName(table: $0.table, key: $0.key) }), down)
    }

    /// Brings under work what may stand otherwise without the rows that went, or is kept by other rows than before.
    func judgeAfresh(_ down: Down) throws {
        for name in try keepOutside(down.served.confinement?.kept ?? []) {
            try down.batch.row(name.table, name.key).isRecalled = true
        }
        if down.gone.isEmpty { return }
        for name in down.pendingRows.union(down.spared).sorted() { _ = try down.batch.row(name.table, name.key) }
        try down.batch.recall(without: down.gone, isConfined: down.served.isConfined)
    }

    /// These rows and all that they name in any candidate, transitively, as far as it is held.
    func rowsNeeded(
        by rows: Set<RowBatch.RowName>, batch: RowBatch
    ) throws -> Set<RowBatch.RowName> {
        var needed = rows
        var open = Array(rows)
        while let name = open.popLast() {
            guard let layout = store.layout(name.table) else { continue }
            let state =
                try batch.working(name.table, name.key)?.state ?? store.load(table: name.table, key: name.key).state
            for parent in batch.references.named(by: state, key: name.key, of: layout)
            where needed.insert(parent).inserted { open.append(parent) }
        }
        return needed
    }
}
