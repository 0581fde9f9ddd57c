public import SatchelModel

/// Ties a device's key to the data set, checkable offline by whoever knows the hub's key (IDN-3).
///
/// The hub signs the grant, and with it the token's public key; the token signs the device's public key. The
/// incarnation is not signed here: it goes into the origin, and the device's own signatures cover that.
public struct Certificate: Sendable, Equatable {
    /// Nil: the root, the hub's own.
    public let grant: Grant?
    /// 32 bytes.
    public let deviceKey: [UInt8]
    /// 16 bytes.
    public let incarnation: [UInt8]
    /// The token's over the device's key, or the hub's over its own. 64 bytes.
    public let tokenSignature: [UInt8]

    /// Bytes that a certificate never passes: 256 scopes of 255 bytes and the rest.
    static let maximumBytes = 72 << 10

    public static func issue(
        grant: Grant, token: SigningKey, device: SigningKey, incarnation: [UInt8]
    ) -> Certificate {
        precondition(token.publicKey == grant.tokenKey, "the token of this grant")
        return Certificate(
            grant: grant, deviceKey: device.publicKey, incarnation: incarnation,
            tokenSignature: token.sign(grant.dataSet.bytes + device.publicKey, domain: Domain.device))
    }

    public static func root(hub: SigningKey, dataSet: Hash256, incarnation: [UInt8]) -> Certificate {
        Certificate(
            grant: nil, deviceKey: hub.publicKey, incarnation: incarnation,
            tokenSignature: hub.sign(dataSet.bytes + hub.publicKey, domain: Domain.root))
    }

    private init(grant: Grant?, deviceKey: [UInt8], incarnation: [UInt8], tokenSignature: [UInt8]) {
        precondition(incarnation.count == 16, "an incarnation has 16 bytes")
        self.grant = grant
        self.deviceKey = deviceKey
        self.incarnation = incarnation
        self.tokenSignature = tokenSignature
    }

    /// The same key under a new incarnation, as after a restore or a copy.
    public func renewed(incarnation: [UInt8]) -> Certificate {
        Certificate(
            grant: grant, deviceKey: deviceKey, incarnation: incarnation, tokenSignature: tokenSignature)
    }

    /// The bytes of IDN-3.
    public var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.byte(1)
        writer.byte(grant == nil ? 0 : 1)
        if let grant { writer.raw(grant.encoded) }
        writer.raw(deviceKey)
        writer.raw(incarnation)
        writer.raw(tokenSignature)
        return writer.bytes
    }

    /// Reads exactly one certificate. Does not check its signatures: see `verify`.
    public init(decoding bytes: [UInt8]) throws(WireError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge("certificate") }
        var reader = ByteReader(bytes, "certificate")
        guard try reader.byte() == 1 else { throw .unsupported("certificate version") }
        switch try reader.byte() {
        case 0: grant = nil
        case 1: grant = try Grant(from: &reader)
        default: throw .unsupported("certificate kind")
        }
        deviceKey = Array(try reader.raw(32))
        incarnation = Array(try reader.raw(16))
        tokenSignature = Array(try reader.raw(64))
        try reader.finish()
    }

    /// The name of the line of writes that this key in this incarnation writes (IDN-2).
    public func origin(dataSet: Hash256) -> OriginID {
        var hasher = Hasher256()
        hasher.update(Domain.message(deviceKey, Domain.origin))
        hasher.update(dataSet.bytes)
        hasher.update(incarnation)
        // 16 bytes of 32 are 16: the fallback is never taken.
        return OriginID(bytes: hasher.finish().bytes.prefix(16)) ?? OriginID(high: 0, low: 0)
    }

    /// For people: the grant's name; the hub's own is "hub".
    public var name: String { grant?.name ?? "hub" }

    /// Throws `untrusted` unless the hub's key leads to the device's key in this data set (IDN-5).
    ///
    /// A check that held is remembered by the process.
    public func verify(hubKey: [UInt8], dataSet: Hash256) throws(WireError) {
        let checked = sha256(encoded + hubKey + dataSet.bytes)
        if CheckMemory.certificates.holds(checked) { return }
        try check(hubKey: hubKey, dataSet: dataSet)
        CheckMemory.certificates.remember(checked)
    }

    private func check(hubKey: [UInt8], dataSet: Hash256) throws(WireError) {
        guard Signatures.isSound(publicKey: hubKey), Signatures.isSound(publicKey: deviceKey) else {
            throw .untrusted("a public key that must not be used")
        }
        let message = dataSet.bytes + deviceKey
        guard let grant else {
            guard deviceKey == hubKey,
                Signatures.verify(tokenSignature, message, domain: Domain.root, publicKey: hubKey)
            else { throw .untrusted("not the hub's own certificate") }
            return
        }
        try grant.verify(hubKey: hubKey, dataSet: dataSet)
        guard deviceKey != hubKey else { throw .untrusted("a device with the hub's key") }
        guard Signatures.verify(tokenSignature, message, domain: Domain.device, publicKey: grant.tokenKey) else {
            throw .untrusted("the device's key is not signed by its token")
        }
    }
}
