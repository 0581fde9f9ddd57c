public import SatchelModel

/// The hub's word on what a device may hold: shown to the device itself, and by it to others (SCO-21, BND-61).
public struct ScopeCertificate: Sendable, Equatable {
    /// The device, as bundles for it are addressed (IDN-6).
    public let audience: OriginID
    public let epoch: UInt64
    /// The hub's position when it was made.
    public let position: UInt64
    /// By name.
    public let scopes: [ScopeDefinition]
    /// The hub's, 64 bytes.
    public let signature: [UInt8]

    /// At most as many as a grant may name.
    static let maximumScopes = 256
    static let maximumRules = 1024

    public static func issue(
        audience: OriginID, dataSet: Hash256, epoch: UInt64, position: UInt64, scopes: [ScopeDefinition],
        hubKey: SigningKey
    ) -> ScopeCertificate {
        precondition(scopes.count <= maximumScopes, "the hub grants no more scopes to one device")
        let sorted = scopes.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let unsigned = ScopeCertificate(
            audience: audience, epoch: epoch, position: position, scopes: sorted, signature: [])
        return ScopeCertificate(
            audience: audience, epoch: epoch, position: position, scopes: sorted,
            signature: hubKey.sign(dataSet.bytes + unsigned.body, domain: Domain.scopes))
    }

    private init(
        audience: OriginID, epoch: UInt64, position: UInt64, scopes: [ScopeDefinition], signature: [UInt8]
    ) {
        self.audience = audience
        self.epoch = epoch
        self.position = position
        self.scopes = scopes
        self.signature = signature
    }

    /// Throws `untrusted` unless the hub signed this for this data set.
    public func verify(hubKey: [UInt8], dataSet: Hash256) throws(WireError) {
        guard Signatures.verify(signature, dataSet.bytes + body, domain: Domain.scopes, publicKey: hubKey) else {
            throw .untrusted("a certificate of scopes that is not signed by the hub")
        }
    }

    public var tag: UInt64 { Self.tag(of: scopes) }

    /// Whether the device may hold everything.
    public var isOfAll: Bool { scopes.contains { $0.name == ScopeDefinition.all.name } }

    /// The tag of a set of scopes (SCO-10).
    public static func tag(of scopes: [ScopeDefinition]) -> UInt64 {
        if scopes.contains(where: { $0.name == ScopeDefinition.all.name }) { return sha256(Array("all".utf8)).tag }
        var writer = ByteWriter()
        writer.raw(Array("satchel scopes v1".utf8) + [0])
        for scope in scopes.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            writer.counted(scope.name.utf8)
            for rule in scope.texts { writer.counted(rule.utf8) }
        }
        return sha256(writer.bytes).tag
    }

    private var body: [UInt8] {
        var writer = ByteWriter()
        writer.origin(audience)
        writer.word(epoch)
        writer.word(position)
        writer.count(scopes.count)
        for scope in scopes {
            writer.counted(scope.name.utf8)
            writer.count(scope.texts.count)
            for rule in scope.texts { writer.counted(rule.utf8) }
        }
        return writer.bytes
    }

    /// The bytes of BND-61, as they also lie in a replica.
    public var encoded: [UInt8] { body + signature }

    public init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(bytes, "a certificate of scopes")
        try self.init(from: &reader)
        try reader.finish()
    }

    /// Total. Scopes and rules must stand in their order, each once, and a rule as its own one text.
    init(from reader: inout ByteReader) throws(WireError) {
        audience = try reader.origin()
        epoch = try reader.word(UInt64.self)
        position = try reader.word(UInt64.self)
        var scopes: [ScopeDefinition] = []
        for _ in 0..<(try reader.number(upTo: Self.maximumScopes, "scopes")) {
            let name = try reader.text("a scope")
            if let last = scopes.last, !last.name.utf8.lexicographicallyPrecedes(name.utf8) {
                throw reader.damaged("scopes out of order")
            }
            var rules: [ScopeRule] = []
            let count = try reader.number(upTo: Self.maximumRules, "rules")
            for _ in 0..<count {
                let text = try reader.text(upTo: ScopeRule.maximumBytes, "a rule")
                guard let rule = try? ScopeRule(text), rule.text == text else { throw reader.damaged("a rule") }
                rules.append(rule)
            }
            let scope = ScopeDefinition(name: name, rules: rules)
            guard scope.texts == rules.map(\.text) else { throw reader.damaged("rules out of order") }
            scopes.append(scope)
        }
        self.scopes = scopes
        signature = Array(try reader.raw(64))
    }
}
