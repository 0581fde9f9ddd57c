internal import Foundation
internal import Satchel
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// A scope as the hub has it.
public struct Scope: Sendable {
    public var name: String
    /// As text, in the one form of each.
    public var rules: [String]
    /// Devices that are served it.
    public var devices: [String]
    /// How many rows are in it now.
    public var rows: Int
    /// Rules that do not fit the schema any more, each in a sentence.
    public var faults: [String]
}

/// Making scopes and granting them (`Protocol/scopes.md`).
extension Hub {
    /// Makes a scope, or gives it other rules. Rows enter and leave it at once. O(rows).
    ///
    /// ```swift
    /// try hub.setScope("wang", rules: ["client BY owner '王芳'", "visit IN (client_id)", "contact IN (client_id)"])
    /// ```
    /// Throws a `UsageError` for a rule that cannot be meant so.
    public func setScope(_ name: String, rules: [String]) throws {
        try replica.withEngine { engine in
            try engine.transaction { try setScope(name, rules: rules, engine) }
        }
    }

    /// In the caller's transaction.
    func setScope(_ name: String, rules: [String], _ engine: Engine) throws {
        guard name != ScopeDefinition.all.name, (1...Limits.nameBytes).contains(name.utf8.count) else {
            throw UsageError(
                "“\(name)” cannot be a scope's name", try: "use 1 to 255 bytes, and not “all”, which is built in")
        }
        let definition = try Self.definition(name, rules, engine)
        let book = ScopeBook(engine.store)
        try start(book, engine)
        try Membership.follow(engine, book)
        let id = try book.set(definition)
        try act("scope \(name)", engine)
        try Membership(engine, book).recount(id, at: engine.position)
    }

    static func definition(_ name: String, _ rules: [String], _ engine: Engine) throws -> ScopeDefinition {
        do {
            guard (1...1024).contains(rules.count) else { throw ScopeRuleError("a scope has 1 to 1024 rules") }
            let definition = ScopeDefinition(name: name, rules: try rules.map { try ScopeRule($0) })
            let matcher = try ScopeMatcher([(1, definition)], store: engine.store)
            if let fault = matcher.faults.first { throw ScopeRuleError(fault) }
            return definition
        } catch let error as ScopeRuleError {
            throw UsageError(
                error.description, try: "TABLE ALL, TABLE BY COLUMN VALUE, TABLE WHERE CONDITION, TABLE IN (COLUMN)")
        }
    }

    /// Removes a scope that no device is served any more.
    public func removeScope(_ name: String) throws {
        try replica.withEngine { engine in
            try engine.transaction {
                let book = ScopeBook(engine.store)
                let id = try book.id(of: name)
                let holders = try book.holders(of: id)
                guard id != ScopeBook.all, holders.isEmpty else {
                    throw UsageError(
                        id == ScopeBook.all ? "the scope all is built in" : "\(holders[0]) is served \(name)",
                        try: "grant its devices something else first")
                }
                try Membership.follow(engine, book)
                try act("scope \(name) removed", engine)
                let now = try engine.position
                let rows = MembershipStore(engine.store)
                for row in try rows.members(id).keys.sorted() { try rows.leave(id, row, at: now) }
                try book.remove(id)
            }
        }
    }

    public func scopes() throws -> [Scope] {
        try replica.withEngine { engine in
            try engine.transaction {
                let book = ScopeBook(engine.store)
                guard try book.isInUse else { return [] }
                try engine.seal()
                try Membership.follow(engine, book)
                return try book.scopes().map { id, definition in
                    Scope(
                        name: definition.name, rules: definition.texts, devices: try book.holders(of: id),
                        rows: try MembershipStore(engine.store).count(id),
                        faults: try ScopeMatcher([(id, definition)], store: engine.store).faults)
                }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            }
        }
    }

    /// Serves a device exactly these scopes from now on; none: nothing. One that was shut out is granted nothing more.
    public func grant(_ device: String, scopes names: [String]) throws {
        try replica.withEngine { engine in
            try engine.transaction { try grant(device, scopes: names, engine) }
        }
    }

    /// In the caller's transaction.
    func grant(_ device: String, scopes names: [String], _ engine: Engine) throws {
        let book = ScopeBook(engine.store)
        _ = try Registry(engine.store).device(named: device)
        let wanted = Set(try names.map { try book.id(of: $0) })
        guard wanted.count <= 256 else {
            throw UsageError("a device is served at most 256 scopes", try: "make one scope of several")
        }
        if try !book.isInUse, try isConfined(Registry(engine.store).device(named: device)) { try start(book, engine) }
        let present = Set(try book.granted(device))
        guard wanted != present else { return }
        if !wanted.isSubset(of: present) { try refuseIfShutOut(device, engine) }
        try start(book, engine)
        let membership = try Membership(engine, book)
        try membership.follow()
        try act("grant \(device): \(names.sorted().joined(separator: ", "))", engine)
        let now = try engine.position
        for scope in present.subtracting(wanted).sorted() { try book.revoke(device, scope: scope, at: now) }
        for scope in wanted.subtracting(present).sorted() { try book.grant(device, scope: scope, at: now) }
        try membership.follow()
    }

    /// What is granted to a device that was shut out nobody can read (SCO-24).
    func refuseIfShutOut(_ device: String, _ engine: Engine) throws {
        guard try engine.revocation(ofToken: Registry(engine.store).device(named: device).tokenKey) != nil else {
            return
        }
        throw UsageError("\(device) was shut out: nothing is given to it", try: "enrol the person's new device")
    }

    /// The names of the scopes that a device is served. Throws a `UsageError` where this hub does not know them (SCO-31).
    public func granted(_ device: String) throws -> [String] {
        try replica.withEngine { engine in
            try engine.reading {
                let holder = try Registry(engine.store).device(named: device)
                let book = ScopeBook(engine.store)
                if try !book.isInUse { try refuseIfUnknown(holder) }
                return try book.granted(device).map { try book.name(of: $0) }.sorted()
            }
        }
    }

    /// With the first scope, every device that is enrolled is granted what it has had: everything (SCO-6).
    private func start(_ book: ScopeBook, _ engine: Engine) throws {
        if try book.isInUse { return }
        try engine.seal()
        try engine.store.setMeta("scopes_in_use", .integer(1))
        for device in try Registry(engine.store).devices() where !isConfined(device) {
            try book.grant(device.name, scope: ScopeBook.all, at: 0)
        }
        let membership = try Membership(engine, book)
        try membership.index()
        try membership.recountOwnScopes(at: engine.position)
        try engine.store.setMeta("scopes_schema", engine.store.meta("schema_version"))
        // What waits was made while everybody had everything.
        try ScopeAdmission(engine).meet(engine.store.dots(.parked))
    }

    /// SCO-7: what the operator did, as a changeset of the hub without rows.
    @discardableResult
    func act(_ note: String, _ engine: Engine) throws -> Dot {
        try engine.seal()
        return try engine.moveOn(note: note)
    }

    /// Whether a device was last served scopes that are not everything. A hub that was rebuilt, or put back to before there
    /// were scopes, must not give away what they kept (SCO-31).
    private func isConfined(_ device: Device) -> Bool {
        device.standing.scopes != 0 && device.standing.scopes != ScopeCertificate.tag(of: [.all])
    }

    /// As long as this hub has no scope, nothing is given to such a device, and nothing is known of what it was served.
    private func refuseIfUnknown(_ device: Device) throws {
        guard isConfined(device) else { return }
        throw UsageError(
            "\(device.name) was served scopes that this hub does not know",
            try: "say them with `scope set` and `grant`, or grant it `all`")
    }

    /// What a device is served now, with the scopes brought in step with the log.
    func served(_ device: Device, _ engine: Engine) throws -> Served {
        let book = ScopeBook(engine.store)
        guard try book.isInUse else {
            try refuseIfUnknown(device)
            return Served(view: nil, certificate: nil)
        }
        try engine.seal()
        try Membership.follow(engine, book)
        return try served(
            book.granted(device.name), device: device.name,
            audience: Grant.audience(tokenKey: device.tokenKey, dataSet: engine.dataSet), engine)
    }

    func served(_ scopes: [Int64], device: String, audience: OriginID, _ engine: Engine) throws -> Served {
        let book = ScopeBook(engine.store)
        let certificate = ScopeCertificate.issue(
            audience: audience, dataSet: engine.dataSet, epoch: try engine.epoch, position: try engine.position,
            scopes: try book.definitions(scopes), hubKey: engine.key)
        if certificate.isOfAll { return Served(view: nil, certificate: certificate) }
        try book.noteSet(certificate.tag, scopes)
        return Served(view: ScopeView(engine, device: device, scopes: scopes), certificate: certificate)
    }

    /// Through which scopes a device sees the hub, nil: it sees everything; and what it may show to others, nil: there
    /// are no scopes.
    struct Served {
        let view: ScopeView?
        let certificate: ScopeCertificate?

        var tag: UInt64 { certificate?.tag ?? ScopeCertificate.tag(of: [.all]) }
    }

    /// The tag of what a device is served now.
    func scopesTag(of device: Device, _ engine: Engine) throws -> UInt64 {
        let book = ScopeBook(engine.store)
        return ScopeCertificate.tag(of: try book.definitions(book.granted(device.name)))
    }
}
