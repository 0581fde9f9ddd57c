internal import Satchel
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// The scope of what one device entered into tables that the hub does not know (SCO-34). It has no name and no rule, and is no
/// part of the tag of a set.
enum OwnScope {
    /// Its number, below those of all other scopes: of 62 bits of SHA-256, and so for ever the same.
    static func id(of device: String) -> Int64 {
        -1 - Int64(sha256(Array("satchel own scope v1".utf8) + [0] + Array(device.utf8)).tag >> 2)
    }

    /// With the scopes that a device is served; who is served none is served nothing.
    static func with(_ scopes: [Int64], of device: String) -> [Int64] {
        scopes.isEmpty || scopes.contains(ScopeBook.all) ? scopes : scopes + [id(of: device)]
    }
}

extension Membership {
    /// For each row the scopes that it is in by itself: by their rules, or by who entered it.
    func scopes(of facts: [ScopeFacts]) throws -> [Set<Int64>] {
        try zip(matcher.matches(facts.map { ($0.table, $0.values) }), facts).map { scopes, row in
            try scopes.union(ownScopes(of: row))
        }
    }

    /// Who entered it keeps it, also when others have deleted it and taken it back.
    private func ownScopes(of row: ScopeFacts) throws -> Set<Int64> {
        guard let authors = row.enteredBy else { return [] }
        let devices = try authors.compactMap { try names.device($0) }
        return Set(devices.map(OwnScope.id)).union(try rows.present(row.hash).keys.filter { $0 < 0 })
    }

    /// Counts these scopes anew, after a change of the tables, or when there are scopes for the first time. Returns whether any row
    /// entered or left. O(rows known).
    @discardableResult
    func recountOwnScopes(at now: UInt64) throws -> Bool {
        var isMoved = false
        try rows.forEachRow { chunk in
            for name in chunk {
                let h = engine.store.rowHash(name.table, name.key)
                let before = Set(try rows.present(h).keys.filter { $0 < 0 })
                let isKnown = engine.store.layout(name.table) != nil
                if isKnown && before.isEmpty { continue }
                let after = try isKnown ? [] : ownScopes(of: facts(name))
                for scope in before.subtracting(after) { try rows.leave(scope, h, at: now) }
                for scope in after.subtracting(before) { try rows.enter(scope, h, core: true, at: now) }
                if before != after { isMoved = true }
            }
        }
        return isMoved
    }
}
