internal import Satchel
internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// The hub seen through the scopes of one device (SCO-11 to SCO-14).
struct ScopeView: ReplyScopes {
    private let device: String
    private let scopes: [Int64]
    private let book: ScopeBook
    private let rows: MembershipStore
    private let store: Store

    init(_ engine: Engine, device: String, scopes: [Int64]) {
        store = engine.store
        book = ScopeBook(store)
        rows = MembershipStore(store)
        self.device = device
        self.scopes = OwnScope.with(scopes, of: device)
    }

    private func claimedScopes(_ tag: UInt64) -> [Int64]? {
        guard let set = try? book.set(tag), !set.contains(ScopeBook.all) else { return nil }
        return OwnScope.with(set, of: device)
    }

    func continues(_ claimed: UInt64, from: UInt64) throws -> Bool {
        guard let before = claimedScopes(claimed), try book.knowsSent(device, after: from) else { return false }
        // A life of the hub that is gone may have written replies of which nothing is noted here.
        let start = try store.epochs().last?.start ?? 0
        return try from >= start || !before.contains { try rows.hasMoved($0, after: from) }
    }

    /// Where a device may be that stood at `from`: there, or at a reply that was written since (SCO-13).
    private func places(since from: UInt64, claimed: UInt64) throws -> [UInt64] {
        try [from] + book.sent(device, tag: claimed, after: from)
    }

    func holds(_ row: HeldRowName) throws -> Bool { try holds(store.rowHash(row.table, row.key)) }

    private func holds(_ h: Int64) throws -> Bool {
        if scopes.isEmpty { return false }
        let present = try rows.present(h)
        return scopes.contains { present[$0] != nil }
    }

    func isSurelyHeld(_ row: HeldRowName, since from: UInt64, claimed: UInt64) throws -> Bool {
        let h = store.rowHash(row.table, row.key)
        // The author of a change that was set aside shows the row otherwise than it is here.
        if try SetAsideStore(store).concern(h) { return false }
        let scopes = claimedScopes(claimed) ?? []
        let born = try rows.born(h)
        return try places(since: from, claimed: claimed).allSatisfy { try born > $0 || wasIn(h, at: $0, scopes) }
    }

    private func wasIn(_ h: Int64, at position: UInt64, _ scopes: [Int64]) throws -> Bool {
        try scopes.contains { scope in
            try rows.stays(scope, h, beyond: position).contains { $0.entered <= Int64(clamping: position) }
        }
    }

    func mayBeHeld(_ row: HeldRowName, since from: UInt64, claimed: UInt64) throws -> Bool {
        let h = store.rowHash(row.table, row.key)
        let scopes = claimedScopes(claimed) ?? []
        return try places(since: from, claimed: claimed).contains { try wasIn(h, at: $0, scopes) }
    }

    func entered(since from: UInt64, claimed: UInt64) throws -> [HeldRowName] {
        let before = claimedScopes(claimed) ?? []
        var found: Set<Int64> = []
        for scope in scopes {
            if try !before.contains(scope) || book.since(device, scope: scope) > from {
                found.formUnion(try rows.members(scope).keys)
            } else {
                found.formUnion(try rows.entered(scope, after: from))
            }
        }
        return try names(found)
    }

    func gone(since from: UInt64, claimed: UInt64) throws -> [HeldRowName] {
        var candidates: Set<Int64> = []
        let places = try places(since: from, claimed: claimed)
        for scope in claimedScopes(claimed) ?? [] {
            for place in places {
                candidates.formUnion(
                    try scopes.contains(scope) ? rows.left(scope, after: place) : rows.rows(scope, at: place))
            }
        }
        return try names(candidates.filter { try !holds($0) })
    }

    func all() throws -> [HeldRowName] {
        var found: Set<Int64> = []
        for scope in scopes { found.formUnion(try rows.members(scope).keys) }
        return try names(found)
    }

    func kept() throws -> [HeldRowName] {
        var open = try store.listedConflicts().filter { $0.kind == .inUse || $0.kind == .mergedApart }
            .map { HeldRowName(table: $0.table, key: $0.key) }
        var met = Set(open)
        var kept: [HeldRowName] = []
        // What is dead and shown is so for one of these, or for a row that is so itself (MRG-48).
        while let row = open.popLast() {
            var isKeptOutside = false
            for child in try shownChildren(of: row) {
                if try !holds(child) { isKeptOutside = true }
                if try isDead(child), met.insert(child).inserted { open.append(child) }
            }
            if try isKeptOutside && holds(row) { kept.append(row) }
        }
        return kept.sorted()
    }

    /// The rows in their tables that name a row, or one merged into it.
    private func shownChildren(of row: HeldRowName) throws -> [HeldRowName] {
        var named = [row]
        var met = Set(named)
        var children: [HeldRowName] = []
        while let next = named.popLast() {
            let h = store.rowHash(next.table, next.key)
            for key in try store.merged(into: h) {
                let merged = HeldRowName(table: next.table, key: key)
                if met.insert(merged).inserted { named.append(merged) }
            }
            children += try rows.edges(ofParent: h).filter(\.isShown).compactMap { edge in
                try edge.isMerge || !isInTable(edge.child) ? nil : rows.row(edge.child)
            }
        }
        return children
    }

    private func isDead(_ row: HeldRowName) throws -> Bool {
        let state = try store.load(table: row.table, key: row.key).state
        return !state.deletions.isEmpty && state.uncovered.allSatisfy { $0.unit >= RowState.firstSystemUnit }
    }

    private func isInTable(_ h: Int64) throws -> Bool {
        guard let name = try rows.row(h), let layout = store.layout(name.table) else { return false }
        return try store.isShown(layout, name.key)
    }

    func noteSent(_ tag: UInt64, at position: UInt64, drops: Bool) throws {
        if !drops, let last = try book.sent(device, tag: tag, after: 0).last,
            try !scopes.contains(where: { try rows.hasMoved($0, after: last) })
        {
            return  // who has this reply may hold and lack what who has the last one may
        }
        try book.noteSent(device, tag: tag, at: position)
    }

    private func names(_ hashes: some Sequence<Int64>) throws -> [HeldRowName] {
        try hashes.compactMap { try rows.row($0) }
    }
}
