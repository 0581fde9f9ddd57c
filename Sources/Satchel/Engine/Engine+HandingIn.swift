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

    /// Rows of which all that is here is of changesets that no hub has taken, and that took the place of no row from elsewhere: its
    /// existence stays with whoever does not enter it anew. That such a row lacks what others wrote under its key says nothing.
    /// O(what these changesets say).
    private func rowsOfPending() throws -> Set<Int64> {
        let pending = Set(try store.dots(.pending))
        var found: [Int64: (row: HeldRowName, replaced: [DotID: [DotID]])] = [:]
        for id in pending.sorted() {
            guard let changeset = try sealed(id) else { continue }
            for (row, change) in try changes(of: changeset) {
                found[store.rowHash(row.table, row.key), default: (row, [:])].replaced[id] =
                    change.writes.first { $0.unit == RowState.existence }?.replaced
            }
        }
        return try Set(
            found.filter { _, found in
                let state = try store.load(table: found.row.table, key: found.row.key).state
                return !state.isEmpty && state.dots.isSubset(of: pending)
                    && Self.ground(of: state[RowState.existence].map(\.dot), in: found.replaced).isSubset(of: pending)
            }.keys)
    }

    /// These changesets, with those whose place they took, and so on.
    private static func ground(of dots: [DotID], in replaced: [DotID: [DotID]]) -> Set<DotID> {
        var ground = Set(dots)
        var open = dots
        while let dot = open.popLast() {
            for former in replaced[dot] ?? [] where ground.insert(former).inserted { open.append(former) }
        }
        return ground
    }
}
