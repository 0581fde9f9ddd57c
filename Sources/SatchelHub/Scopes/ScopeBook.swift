internal import Satchel
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Scopes, grants and sets as they lie in the hub's file (SCO-1, SCO-6, SCO-8, SCO-10).
struct ScopeBook {
    let store: Store

    init(_ store: Store) { self.store = store }

    /// The number of the scope `all`.
    static let all: Int64 = 0

    /// Whether there ever was a rule: until then every device has everything, and nothing here is asked.
    var isInUse: Bool { get throws { try store.meta("scopes_in_use") != nil } }

    // MARK: Scopes

    func scopes() throws -> [(id: Int64, definition: ScopeDefinition)] {
        var rules: [Int64: [ScopeRule]] = [:]
        let lines = try store.db.statement("SELECT scope, rule FROM satchel_scope_rule ORDER BY scope, rule")
        while try lines.step() {
            do {
                rules[lines.integer(0), default: []].append(try ScopeRule(lines.string(1)))
            } catch {
                throw StoreError("the rules of a scope are damaged")
            }
        }
        var scopes: [(Int64, ScopeDefinition)] = []
        let names = try store.db.statement("SELECT id, name FROM satchel_scope ORDER BY id")
        while try names.step() {
            scopes.append((names.integer(0), .init(name: names.string(1), rules: rules[names.integer(0)] ?? [])))
        }
        return scopes
    }

    func id(of name: String) throws -> Int64 {
        if name == ScopeDefinition.all.name { return Self.all }
        let select = try store.db.statement("SELECT id FROM satchel_scope WHERE name = ?")
        select.bind(1, name)
        defer { select.reset() }
        guard try select.step() else {
            throw UsageError("no scope is called \(name)", try: "list them with `satchel-hub scope list`")
        }
        return select.integer(0)
    }

    func name(of id: Int64) throws -> String {
        if id == Self.all { return ScopeDefinition.all.name }
        let select = try store.db.statement("SELECT name FROM satchel_scope WHERE id = ?")
        select.bind(1, id)
        defer { select.reset() }
        return try select.step() ? select.string(0) : "?"
    }

    /// Makes a scope or gives it other rules; returns its number.
    func set(_ definition: ScopeDefinition) throws -> Int64 {
        try store.db.statement("INSERT OR IGNORE INTO satchel_scope(name) VALUES (?)").bind(1, definition.name).run()
        let id = try id(of: definition.name)
        try store.db.statement("DELETE FROM satchel_scope_rule WHERE scope = ?").bind(1, id).run()
        for rule in definition.texts {
            try store.db.statement("INSERT INTO satchel_scope_rule(scope, rule) VALUES (?, ?)").bind(1, id)
                .bind(2, rule).run()
        }
        return id
    }

    /// The scope's name may be given again; its number is never.
    func remove(_ id: Int64) throws {
        try store.db.statement("DELETE FROM satchel_scope_rule WHERE scope = ?").bind(1, id).run()
        try store.db.statement("DELETE FROM satchel_scope WHERE id = ?").bind(1, id).run()
    }

    // MARK: Grants

    /// The scopes that a device is served now, by number.
    func granted(_ device: String) throws -> [Int64] {
        if try !isInUse { return [Self.all] }
        let select = try store.db.statement(
            "SELECT scope FROM satchel_scope_grant WHERE device = ? AND until IS NULL ORDER BY scope")
        select.bind(1, device)
        var scopes: [Int64] = []
        while try select.step() { scopes.append(select.integer(0)) }
        return scopes
    }

    /// Every grant a device had at some position from `cut` on.
    func grants(_ device: String, from cut: UInt64) throws -> [(scope: Int64, since: Int64, until: Int64)] {
        let select = try store.db.statement(
            "SELECT scope, since, coalesce(until, ?2) FROM satchel_scope_grant "
                + "WHERE device = ?1 AND coalesce(until, ?2) > ?3")
        select.bind(1, device).bind(2, Int64.max).bind(3, Int64(clamping: cut))
        var grants: [(Int64, Int64, Int64)] = []
        while try select.step() { grants.append((select.integer(0), select.integer(1), select.integer(2))) }
        return grants
    }

    /// Since when a device has a scope that it has now.
    func since(_ device: String, scope: Int64) throws -> UInt64 {
        let select = try store.db.statement(
            "SELECT since FROM satchel_scope_grant WHERE device = ? AND scope = ? AND until IS NULL")
        select.bind(1, device).bind(2, scope)
        defer { select.reset() }
        return try select.step() ? UInt64(bitPattern: select.integer(0)) : 0
    }

    /// The scopes that a device is served since another ceased to be: a handover grants them by one act, and ends the other
    /// grants by the next.
    func takenOver(_ device: String) throws -> Set<Int64> {
        let select = try store.db.statement(
            "SELECT g.scope FROM satchel_scope_grant g JOIN satchel_scope_grant f ON f.scope = g.scope "
                + "AND f.until = g.since + 1 AND f.device <> g.device WHERE g.device = ? AND g.until IS NULL")
        select.bind(1, device)
        var scopes: Set<Int64> = []
        while try select.step() { scopes.insert(select.integer(0)) }
        return scopes
    }

    /// Devices that have a scope now.
    func holders(of scope: Int64) throws -> [String] {
        let select = try store.db.statement(
            "SELECT device FROM satchel_scope_grant WHERE scope = ? AND until IS NULL ORDER BY device")
        select.bind(1, scope)
        var devices: [String] = []
        while try select.step() { devices.append(select.string(0)) }
        return devices
    }

    func grant(_ device: String, scope: Int64, at position: UInt64) throws {
        try store.db.statement(
            "INSERT OR REPLACE INTO satchel_scope_grant(device, scope, since, until) VALUES (?, ?, ?, NULL)"
        ).bind(1, device).bind(2, scope).bind(3, Int64(bitPattern: position)).run()
    }

    func revoke(_ device: String, scope: Int64, at position: UInt64) throws {
        try store.db.statement(
            "UPDATE satchel_scope_grant SET until = ? WHERE device = ? AND scope = ? AND until IS NULL"
        ).bind(1, Int64(bitPattern: position)).bind(2, device).bind(3, scope).run()
    }

    // MARK: Replies

    /// How many noted replies to one device are looked through; with more of them it gets a snapshot.
    static let sentLimit = 256

    /// Notes that a reply was written for a device. One more than the limit is kept, whatever the device has said to have
    /// since: an old bundle of it may come late, or one of a copy of its file.
    func noteSent(_ device: String, tag: UInt64, at position: UInt64) throws {
        try store.db.statement(
            "INSERT OR IGNORE INTO satchel_scope_sent(device, tag, position) VALUES (?, ?, ?)"
        ).bind(1, device).bind(2, Int64(bitPattern: tag)).bind(3, Int64(bitPattern: position)).run()
        try store.db.statement(
            "DELETE FROM satchel_scope_sent WHERE device = ?1 AND position < (SELECT position FROM satchel_scope_sent "
                + "WHERE device = ?1 ORDER BY position DESC LIMIT 1 OFFSET ?2)"
        ).bind(1, device).bind(2, Int64(Self.sentLimit)).run()
    }

    /// Whether the replies are known that were written for a device after a position: none of them is forgotten.
    func knowsSent(_ device: String, after position: UInt64) throws -> Bool {
        let select = try store.db.statement(
            "SELECT count(*) FROM satchel_scope_sent WHERE device = ? AND position > ?")
        select.bind(1, device).bind(2, Int64(clamping: position))
        defer { select.reset() }
        return try select.step() && select.integer(0) <= Int64(Self.sentLimit)
    }

    /// The positions of the noted replies that were written for a device and a set of scopes.
    func sent(_ device: String, tag: UInt64, after position: UInt64) throws -> [UInt64] {
        let select = try store.db.statement(
            "SELECT position FROM satchel_scope_sent WHERE device = ? AND tag = ? AND position > ? ORDER BY position")
        select.bind(1, device).bind(2, Int64(bitPattern: tag)).bind(3, Int64(clamping: position))
        var positions: [UInt64] = []
        while try select.step() { positions.append(UInt64(bitPattern: select.integer(0))) }
        return positions
    }

    // MARK: Sets

    func definitions(_ ids: [Int64]) throws -> [ScopeDefinition] {
        if ids.contains(Self.all) { return [.all] }
        let wanted = Set(ids)
        return try scopes().filter { wanted.contains($0.id) }.map(\.definition)
    }

    /// Notes what the tag of these scopes stands for.
    func noteSet(_ tag: UInt64, _ ids: [Int64]) throws {
        try store.db.statement("INSERT OR REPLACE INTO satchel_scope_set(tag, scopes) VALUES (?, ?)")
            .bind(1, Int64(bitPattern: tag)).bind(2, ids.map(String.init).joined(separator: ",")).run()
    }

    /// The scopes that a tag stood for when it was served last; nil: the hub does not know it.
    func set(_ tag: UInt64) throws -> [Int64]? {
        let select = try store.db.statement("SELECT scopes FROM satchel_scope_set WHERE tag = ?")
        select.bind(1, Int64(bitPattern: tag))
        defer { select.reset() }
        guard try select.step() else { return nil }
        return select.string(0).split(separator: ",").compactMap { Int64($0) }
    }
}
