internal import Satchel
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
        self.scopes = scopes
    }

    private func claimedScopes(_ tag: UInt64) -> [Int64]? {
        guard let set = try? book.set(tag), !set.contains(ScopeBook.all) else { return nil }
        return set
    }

    func continues(_ claimed: UInt64) -> Bool { claimedScopes(claimed) != nil }

    func holds(_ row: HeldRowName) throws -> Bool { try holds(store.rowHash(row.table, row.key)) }

    private func holds(_ h: Int64) throws -> Bool {
        if scopes.isEmpty { return false }
        let present = try rows.present(h)
        return scopes.contains { present[$0] != nil }
    }

    func isNew(_ row: HeldRowName, since from: UInt64) throws -> Bool {
        try rows.born(store.rowHash(row.table, row.key)) > from
    }

    func wasIn(_ row: HeldRowName, at from: UInt64, claimed: UInt64) throws -> Bool {
        let h = store.rowHash(row.table, row.key)
        return try (claimedScopes(claimed) ?? []).contains { scope in
            try rows.stays(scope, h, beyond: from).contains { $0.entered <= Int64(clamping: from) }
        }
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
        for scope in claimedScopes(claimed) ?? [] {
            candidates.formUnion(
                try scopes.contains(scope) ? rows.left(scope, after: from) : rows.rows(scope, at: from))
        }
        return try names(candidates.filter { try !holds($0) })
    }

    func all() throws -> [HeldRowName] {
        var found: Set<Int64> = []
        for scope in scopes { found.formUnion(try rows.members(scope).keys) }
        return try names(found)
    }

    func kept() throws -> [HeldRowName] {
        try store.listedConflicts().filter { $0.kind == .inUse }.compactMap { conflict in
            let h = store.rowHash(conflict.table, conflict.key)
            guard try holds(h) else { return nil }
            let isKeptOutside = try rows.edges(ofParent: h).contains { edge in
                try edge.isShown && !holds(edge.child) && isInTable(edge.child)
            }
            return isKeptOutside ? HeldRowName(table: conflict.table, key: conflict.key) : nil
        }
    }

    private func isInTable(_ h: Int64) throws -> Bool {
        guard let name = try rows.row(h), let layout = store.layout(name.table) else { return false }
        return try store.isShown(layout, name.key)
    }

    private func names(_ hashes: some Sequence<Int64>) throws -> [HeldRowName] {
        try hashes.compactMap { try rows.row($0) }
    }
}
