package import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// The scopes that a reply serves, as the hub counts them (SCO-11 to SCO-14).
package protocol ReplyScopes {
    /// Whether a device that was last served for the set of this tag, and stood at `from`, can be brought from there;
    /// else it gets a snapshot.
    func continues(_ claimed: UInt64, from: UInt64) throws -> Bool
    /// Whether the row is in the scopes now.
    func holds(_ row: HeldRowName) throws -> Bool
    /// Whether the device may hold the row by a reply for the claimed scopes, that of `from` or a later one.
    func mayBeHeld(_ row: HeldRowName, since from: UInt64, claimed: UInt64) throws -> Bool
    /// Whether the device holds the row, which only it has changed, as it is here, whichever replies it has got (SCO-12).
    func isSurelyHeld(_ row: HeldRowName, since from: UInt64, claimed: UInt64) throws -> Bool
    /// Rows that came into view since.
    func entered(since from: UInt64, claimed: UInt64) throws -> [HeldRowName]
    /// Rows that are not in view now and that the device may hold by a reply for the claimed scopes (SCO-13).
    func gone(since from: UInt64, claimed: UInt64) throws -> [HeldRowName]
    /// Notes that a reply at this position went out for the set of this tag. `drops`: whether it takes rows away, by naming
    /// them or by being a snapshot that does not.
    func noteSent(_ tag: UInt64, at position: UInt64, drops: Bool) throws
    /// Every row of the scopes.
    func all() throws -> [HeldRowName]
    /// Rows that are dead, and shown because of a row outside the scopes.
    func kept() throws -> [HeldRowName]
}

extension Engine {
    /// What the changesets name: the rows of one origin, and those of all others; a row may be among both.
    func rowsNamed(by dots: [DotID], yours: OriginID?) throws -> (yours: Set<HeldRowName>, others: Set<HeldRowName>) {
        var own: Set<HeldRowName> = []
        var others: Set<HeldRowName> = []
        for dot in dots {
            let isOwn = try yours != nil && store.known(dot).dot.origin == yours
            try forEachRow(named: dot) { row in
                if isOwn { own.insert(row) } else { others.insert(row) }
            }
        }
        return (own, others)
    }

    /// The rows that a kept changeset names.
    package func forEachRow(named dot: DotID, _ body: (HeldRowName) throws -> Void) throws {
        guard let changeset = try sealed(dot) else { return }
        try forEachRow(ContentCoding.decode(changeset.content), body)
    }

    /// The rows of a reply that serves scopes, parents first, then by table and key (SCO-16).
    func sendConfined(
        _ scopes: any ReplyScopes, from: UInt64, claimed: UInt64,
        named: (yours: Set<HeldRowName>, others: Set<HeldRowName>), _ sender: StateSender
    ) throws {
        if from == 0 { return try send(scopes.all(), sender) }
        var (own, others) = named
        for moved in try store.moved(after: from) { others.insert(.init(table: moved.table, key: moved.key)) }
        own.subtract(others)
        var rows = Set(try scopes.entered(since: from, claimed: claimed)).subtracting(own)
        for row in others where try scopes.holds(row) { rows.insert(row) }
        var left: Set<HeldRowName> = []
        for row in own where try scopes.holds(row) {
            if try scopes.isSurelyHeld(row, since: from, claimed: claimed) {
                left.insert(row)
            } else {
                rows.insert(row)
            }
        }
        try send(Array(rows), sender)
        try sender.leaveOut(left)
        let dropped = try store.archived(from: from).map { HeldRowName(table: $0.table, key: $0.key) }
        for row in try inOrder(dropped.filter { try scopes.mayBeHeld($0, since: from, claimed: claimed) }) {
            try sender.drop(table: row.table, key: row.key)
        }
    }

    /// SCO-13: rows that went out of view, and rows that the device wrote itself outside its scopes.
    private func rowsLeft(
        _ scopes: any ReplyScopes, from: UInt64, claimed: UInt64, own: Set<HeldRowName>
    ) throws -> Set<HeldRowName> {
        if from == 0 { return [] }
        var left = Set(try scopes.gone(since: from, claimed: claimed))
        for row in own where try !scopes.holds(row) { left.insert(row) }
        return left
    }

    func send(_ rows: [HeldRowName], _ sender: StateSender) throws {
        for name in try inOrder(rows) { try sendHeld(name, sender) }
    }

    /// Nothing here may depend on the numbers that tables got at this hub.
    private func inOrder(_ rows: [HeldRowName]) throws -> [HeldRowName] {
        let ranks = Dictionary(
            uniqueKeysWithValues: References.parentsFirst(store.layouts).enumerated().map { ($1.id, $0) })
        // Two tables of one name are told apart by their keys (VER-11).
        var names: [Int64: [[UInt8]]] = [:]
        for table in Set(rows.map(\.table)) {
            names[table] = try ([store.tableName(table)] + store.keyColumns(table)).map { Array($0.utf8) }
        }
        return rows.sorted { a, b in
            if a.table == b.table { return a.key < b.key }
            let first = ranks[a.table] ?? Int.max
            let second = ranks[b.table] ?? Int.max
            if first != second { return first < second }
            return (names[a.table] ?? []).lexicographicallyPrecedes(names[b.table] ?? []) {
                $0.lexicographicallyPrecedes($1)
            }
        }
    }

    func confinement(
        _ scopes: any ReplyScopes, from: UInt64, claimed: UInt64, own: Set<HeldRowName>
    ) throws -> Confinement {
        let left = try rowsLeft(scopes, from: from, claimed: claimed, own: own)
        return Confinement(claimed: claimed, left: try byTable(Array(left)), kept: try byTable(scopes.kept()))
    }

    private func byTable(_ rows: [HeldRowName]) throws -> [Confinement.Rows] {
        var tables: [Confinement.Rows] = []
        var last: Int64?
        for row in try inOrder(rows) {
            if last != row.table {
                tables.append(
                    .init(
                        table: store.tableName(row.table), keyColumns: try store.keyColumns(row.table), keys: []))
            }
            last = row.table
            tables[tables.count - 1].keys.append(row.key)
        }
        return tables
    }
}
