public import SatchelModel

/// A notice in the bytes that the hub signed (REV-1).
public struct SealedNotice: Hashable, Sendable {
    public let bytes: [UInt8]
    /// 64 bytes, the hub's over data set and bytes.
    public let signature: [UInt8]
    public let notice: Notice

    /// Of several notices each is told from the others by this, never by its signature.
    public var hash: Hash256 { sha256(bytes) }

    public static func seal(_ notice: Notice, dataSet: Hash256, key: SigningKey) -> SealedNotice {
        let bytes = encode(notice)
        return SealedNotice(
            bytes: bytes, signature: key.sign(dataSet.bytes + bytes, domain: Domain.notice), notice: notice)
    }

    private init(bytes: [UInt8], signature: [UInt8], notice: Notice) {
        self.bytes = bytes
        self.signature = signature
        self.notice = notice
    }

    /// Reads exactly one notice. Does not check its signature: see `verify`.
    public init(bytes: [UInt8], signature: [UInt8]) throws(WireError) {
        guard signature.count == 64 else { throw .damaged("a notice's signature has 64 bytes") }
        self.init(bytes: bytes, signature: signature, notice: try Self.decode(bytes))
    }

    /// Throws `untrusted` unless the hub signed it for this data set.
    public func verify(hubKey: [UInt8], dataSet: Hash256) throws(WireError) {
        guard Signatures.verify(signature, dataSet.bytes + bytes, domain: Domain.notice, publicKey: hubKey) else {
            throw .untrusted("a notice is not signed by the hub")
        }
    }

    private static func encode(_ notice: Notice) -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(1)
        switch notice {
        case .revocation(let revocation):
            writer.byte(1)
            writer.word(revocation.time.milliseconds)
            writer.raw(revocation.tokenKey)
            writer.counted(revocation.name.clipped(bytes: Limits.nameBytes).utf8)
            DotCoding.encode(revocation.cut, to: &writer)
        case .release(let release):
            writer.byte(2)
            writer.word(release.time.milliseconds)
            DotCoding.encode(release.dots, to: &writer)
        case .binding(let binding):
            writer.byte(3)
            writer.word(binding.time.milliseconds)
            writer.raw(binding.tokenKey)
            writer.raw(binding.deviceKey)
        }
        return writer.bytes
    }

    private static func decode(_ bytes: [UInt8]) throws(WireError) -> Notice {
        var reader = ByteReader(bytes, "a notice of the hub")
        guard try reader.byte() == 1 else { throw .unsupported("a notice of the hub") }
        let notice: Notice
        switch try reader.byte() {
        case 1:
            let time = try reader.time()
            let key = Array(try reader.raw(32))
            let name = try reader.text("a device's name")
            notice = .revocation(
                Revocation(tokenKey: key, name: name, time: time, cut: try DotCoding.decodeVector(from: &reader)))
        case 2:
            notice = .release(Release(time: try reader.time(), dots: try DotCoding.decode(from: &reader)))
        case 3:
            let time = try reader.time()
            let token = Array(try reader.raw(32))
            notice = .binding(Binding(tokenKey: token, deviceKey: Array(try reader.raw(32)), time: time))
        default: throw .unsupported("a kind of notice")
        }
        try reader.finish()
        return notice
    }
}
