internal import Satchel
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Which rows devices entered themselves, and where that lies in the hub's log (SCO-33).
///
/// It is read from the changesets that are kept, and noted nowhere: what was erased from them is no entry any more, and there
/// is nothing to keep in step. They are read only where an answer hangs on it, from the cut in question on, and once for a
/// bundle.
final class OwnEntries {
    private let engine: Engine
    private let store: Store
    private let names: DeviceNames
    private let rows: MembershipStore
    private let aside: SetAsideStore
    private var known: [String: Entries] = [:]

    private struct Entries {
        /// Read from here on, and as far as `upTo`.
        let from: UInt64
        var upTo: UInt64
        var rows: [Int64: [(dot: DotID, position: UInt64)]] = [:]
    }

    init(_ engine: Engine, _ names: DeviceNames) {
        self.engine = engine
        self.names = names
        store = engine.store
        rows = MembershipStore(engine.store)
        aside = SetAsideStore(engine.store)
    }

    /// Whether a device entered a row by a change that counts here and lies above a cut: who stands at the cut was not told
    /// what became of the row.
    func wasEntered(_ h: Int64, by device: String, above cut: UInt64) throws -> Bool {
        // Nearly every row that is asked about is a new one: of that nobody need read anything.
        guard try rows.isHeld(h) || store.isArchived(h) else { return false }
        let entries = try entries(of: device, from: cut).rows[h] ?? []
        return try entries.contains { entry in
            try entry.position > cut && !aside.isOpen(entry.dot, h) && !store.isWithheld(entry.dot)
        }
    }

    /// O(what the device's changesets above the cut hold) for the first question, then O(what came since).
    private func entries(of device: String, from cut: UInt64) throws -> Entries {
        let now = try store.lastArrival()
        var entries: Entries
        if let before = known[device], before.from <= cut {
            if before.upTo == now { return before }
            entries = before
            for dot in try store.dots(after: before.upTo)
            where try names.device(store.known(dot).dot.origin) == device {
                try read(dot, into: &entries)
            }
        } else {
            entries = Entries(from: cut, upTo: cut)
            for author in try store.authors() where try names.device(author.origin) == device {
                for dot in try store.dots(of: author.origin, after: cut) { try read(dot, into: &entries) }
            }
        }
        entries.upTo = now
        known[device] = entries
        return entries
    }

    private func read(_ dot: DotID, into entries: inout Entries) throws {
        guard let position = try store.arrival(of: dot), let changeset = try engine.sealed(dot) else { return }
        for (row, change) in try engine.changes(of: changeset)
        where change.writes.contains(where: { $0.unit == RowState.existence }) {
            entries.rows[store.rowHash(row.table, row.key), default: []].append((dot, position))
        }
    }
}
