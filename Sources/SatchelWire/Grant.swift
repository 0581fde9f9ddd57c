public import SatchelModel

/// What the hub allows the holder of a one-time token: a name and scopes in one data set (IDN-4).
public struct Grant: Sendable, Equatable {
    public let dataSet: Hash256
    /// The public half of the token, 32 bytes. The private half travels in the enrolment file only.
    public let tokenKey: [UInt8]
    /// For people. At most 255 bytes.
    public let name: String
    /// At most 256, each of at most 255 bytes.
    public let scopes: [String]
    /// The hub's, 64 bytes.
    public let signature: [UInt8]

    static let maximumScopes = 256

    /// Signs a grant. A name beyond its limit is cut at a character; scopes beyond theirs are a programming error.
    public static func issue(
        dataSet: Hash256, tokenKey: [UInt8], name: String, scopes: [String], hubKey: SigningKey
    ) -> Grant {
        precondition(tokenKey.count == 32, "a public key has 32 bytes")
        precondition(
            scopes.count <= maximumScopes && scopes.allSatisfy { $0.utf8.count <= Limits.nameBytes },
            "at most 256 scopes of at most 255 bytes")
        let name = name.clipped(bytes: Limits.nameBytes)
        let body = body(dataSet, tokenKey, name, scopes)
        return Grant(
            dataSet: dataSet, tokenKey: tokenKey, name: name, scopes: scopes,
            signature: hubKey.sign(body, domain: Domain.grant))
    }

    private init(dataSet: Hash256, tokenKey: [UInt8], name: String, scopes: [String], signature: [UInt8]) {
        self.dataSet = dataSet
        self.tokenKey = tokenKey
        self.name = name
        self.scopes = scopes
        self.signature = signature
    }

    /// The bytes of IDN-4, as they stand in an enrolment file and in a certificate.
    public var encoded: [UInt8] { Self.body(dataSet, tokenKey, name, scopes) + signature }

    /// Reads exactly one grant. Does not check its signature.
    public init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(bytes, "grant")
        try self.init(from: &reader)
        try reader.finish()
    }

    init(from reader: inout ByteReader) throws(WireError) {
        dataSet = try reader.hash()
        tokenKey = Array(try reader.raw(32))
        name = try reader.text("name")
        let count = try reader.number(upTo: Self.maximumScopes, "scopes")
        var scopes: [String] = []
        for _ in 0..<count { scopes.append(try reader.text("scope")) }
        self.scopes = scopes
        signature = Array(try reader.raw(64))
    }

    /// Throws `untrusted` unless the hub signed this grant for this data set.
    public func verify(hubKey: [UInt8], dataSet: Hash256) throws(WireError) {
        guard self.dataSet == dataSet else { throw .untrusted("a grant for another data set") }
        let body = Self.body(dataSet, tokenKey, name, scopes)
        guard Signatures.verify(signature, body, domain: Domain.grant, publicKey: hubKey) else {
            throw .untrusted("the grant is not signed by the hub")
        }
    }

    /// What bundles for the device of this grant name as their audience (IDN-6): known before the device has a key.
    public var audience: OriginID { Self.audience(tokenKey: tokenKey, dataSet: dataSet) }

    public static func audience(tokenKey: [UInt8], dataSet: Hash256) -> OriginID {
        let hash = sha256(Domain.message(dataSet.bytes + tokenKey, Domain.audience))
        // 16 bytes of 32 are 16: the fallback is never taken.
        return OriginID(bytes: hash.bytes.prefix(16)) ?? OriginID(high: 0, low: 0)
    }

    public static func == (a: Self, b: Self) -> Bool { a.encoded == b.encoded }

    private static func body(
        _ dataSet: Hash256, _ tokenKey: [UInt8], _ name: String, _ scopes: [String]
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(dataSet.bytes)
        writer.raw(tokenKey)
        writer.counted(name.utf8)
        writer.count(scopes.count)
        for scope in scopes { writer.counted(scope.utf8) }
        return writer.bytes
    }
}
