import SatchelModel

/// What stands at the beginning of every part (BND-4).
struct PartHeader: Equatable {
    static let size = 152
    /// The high bit shows seven-bit roads, the line ends show programs that "repair" text.
    static let magic: [UInt8] = [0xD3, 0x53, 0x54, 0x43, 0x0D, 0x0A, 0x1A, 0x0A]
    static let version: UInt8 = 1
    private static let hasAudience: UInt8 = 1

    var bundle: BundleHeader
    /// From 1.
    var number: UInt32
    /// The digest of the part before; zero in the first.
    var previous: Hash256
    /// Bytes of the certificate that follows: only in the first part.
    var certificateLength: Int

    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(Self.magic)
        writer.byte(Self.version)
        writer.byte(bundle.audience == nil ? 0 : Self.hasAudience)
        writer.byte(bundle.kind.rawValue)
        writer.byte(0)
        writer.word(number)
        writer.raw(bundle.dataSet.bytes)
        writer.origin(bundle.bundle)
        writer.origin(bundle.sender)
        writer.origin(bundle.audience ?? OriginID(high: 0, low: 0))
        writer.word(bundle.made.milliseconds)
        writer.word(bundle.schema)
        writer.raw(previous.bytes)
        writer.word(UInt32(certificateLength))
        writer.word(Deflate.checksum(writer.bytes))
        return writer.bytes
    }

    /// Checks in a fixed order: length, magic, checksum, version, fields.
    init(decoding bytes: [UInt8]) throws(WireError) {
        guard bytes.starts(with: Self.magic.prefix(bytes.count)) else { throw .damaged("not a bundle") }
        guard bytes.count == Self.size else { throw .incomplete("part header") }
        var reader = ByteReader(bytes, "part header")
        _ = try reader.raw(Self.magic.count)
        let version = try reader.byte()
        let flags = try reader.byte()
        let kind = try reader.byte()
        let reserved = try reader.byte()
        number = try reader.word(UInt32.self)
        let dataSet = try reader.hash()
        let bundle = try reader.origin()
        let sender = try reader.origin()
        let audience = try reader.origin()
        let made = try reader.time()
        let schema = try reader.word(UInt64.self)
        previous = try reader.hash()
        let length = try reader.word(UInt32.self)
        guard try reader.word(UInt32.self) == Deflate.checksum(bytes.prefix(Self.size - 4)) else {
            throw .damaged("part header checksum")
        }
        guard version == Self.version else { throw .unsupported("bundle version \(version)") }
        guard flags & ~Self.hasAudience == 0, reserved == 0 else { throw .unsupported("part header flags") }
        guard let kind = BundleKind(rawValue: kind) else { throw .unsupported("bundle kind") }
        let isAddressed = flags & Self.hasAudience != 0
        guard isAddressed || audience == OriginID(high: 0, low: 0) else { throw .damaged("part header audience") }
        guard length <= UInt32(Certificate.maximumBytes) else { throw .tooLarge("certificate") }
        certificateLength = Int(length)
        self.bundle = BundleHeader(
            kind: kind, dataSet: dataSet, bundle: bundle, sender: sender, audience: isAddressed ? audience : nil,
            made: made, schema: schema)
    }

    init(bundle: BundleHeader, number: UInt32, previous: Hash256, certificateLength: Int) {
        self.bundle = bundle
        self.number = number
        self.previous = previous
        self.certificateLength = certificateLength
    }
}
