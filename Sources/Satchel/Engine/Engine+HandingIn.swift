internal import SatchelMerge
package import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What a device gives to a hub that was restored to before where it stands (EXC-29).
extension Engine {
    /// Whether the hub was restored to before where this device stands: then it must be given everything.
    package var mustHandIn: Bool { get throws { try store.meta("hand_in") != nil } }

    /// What a device hands in beside its changesets: what it knows, and its rows.
    func appendHandIn(to writer: BundleWriter) throws {
        // What is parked is in no row here: as known it would be taken away from the hub's.
        let told = Set(try store.everTold()).union(try store.keptAndApplied())
        let known = try told.sorted().map { try store.known($0).dot }
        let aside = try Set(idle(among: told).union(store.asideAtHub()).map { try store.known($0).dot })
            .union(releasedWithoutRows()).sorted()
        let lost = try store.lost().map { try store.known($0).dot }
        try writer.append(
            .handIn(
                HandIn(point: HubPoint(epoch: epoch, position: position), known: known, aside: aside, lost: lost)))
        let sender = StateSender(store: store, writer: writer)
        try sendAll(sender, but: rowsOfPending())
        try sender.flush()
    }

    /// Those that are known and have no effect here (REV-2): no row follows from them, and they may count by now.
    private func idle(among known: Set<DotID>) throws -> Set<DotID> {
        if try notices().isEmpty { return [] }
        var isShut: [OriginID: Bool] = [:]
        return try known.filter { id in
            let dot = try store.known(id).dot
            let mayBe = try isShut[dot.origin] ?? (revocation(of: dot.origin) != nil || isSecond(dot.origin))
            isShut[dot.origin] = mayBe
            return try mayBe && judgement(of: dot) == .withheld
        }
    }

    /// What was released, as this device has heard, though the rows that it made have not come.
    private func releasedWithoutRows() throws -> Set<Dot> {
        try store.noticesAwaitingRows().reduce(into: []) { found, kept in
            let sealed = try SealedNotice(bytes: kept.bytes, signature: kept.signature)
            if case .release(let release) = sealed.notice { found.formUnion(release.dots) }
        }
    }

    /// Rows of which all that is here follows from changesets that no hub has taken, and which name nothing of them that came
    /// from elsewhere. That such a row lacks what others wrote under its key says nothing. O(what these changesets say).
    private func rowsOfPending() throws -> Set<Int64> {
        let pending = Set(try store.dots(.pending))
        var found: [Int64: HeldRowName] = [:]
        var others: Set<Int64> = []
        for id in pending.sorted() {
            guard let changeset = try sealed(id) else { continue }
            for (row, change) in try changes(of: changeset) {
                let h = store.rowHash(row.table, row.key)
                found[h] = row
                if !change.named.isSubset(of: pending) { others.insert(h) }
            }
        }
        return try Set(
            found.filter { h, row in
                guard !others.contains(h) else { return false }
                let state = try store.load(table: row.table, key: row.key).state
                return !state.isEmpty && state.dots.isSubset(of: pending)
            }.keys)
    }
}
