import SatchelModel

/// The head of a frame: one piece of the item stream, compressed by itself (BND-10).
struct FrameHeader {
    static let size = 14
    static let isDeflated: UInt8 = 1
    static let isLastPart: UInt8 = 2

    enum Kind: UInt8 {
        /// Closes a part; the signature follows.
        case end = 0
        /// Bytes of the item stream.
        case items = 1
    }

    var kind: Kind
    var flags: UInt8
    var inflated: Int
    var stored: Int
    /// Over the ten bytes before it and the stored bytes.
    var checksum: UInt32

    /// A frame in bytes.
    static func encode(_ kind: Kind, flags: UInt8, inflated: Int, stored: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.reserve(size + stored.count)
        writer.byte(kind.rawValue)
        writer.byte(flags)
        writer.word(UInt32(inflated))
        writer.word(UInt32(stored.count))
        writer.word(checksum(writer.bytes, stored))
        writer.raw(stored)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(WireError) {
        guard bytes.count == Self.size else { throw .incomplete("frame header") }
        var reader = ByteReader(bytes, "frame header")
        let kind = try reader.byte()
        flags = try reader.byte()
        inflated = Int(try reader.word(UInt32.self))
        stored = Int(try reader.word(UInt32.self))
        checksum = try reader.word(UInt32.self)
        guard let kind = Kind(rawValue: kind) else { throw .unsupported("frame type \(kind)") }
        self.kind = kind
        switch kind {
        case .end:
            guard flags & ~Self.isLastPart == 0, inflated == 0, stored == 0 else { throw .damaged("end of a part") }
        case .items:
            guard flags & ~Self.isDeflated == 0 else { throw .unsupported("frame flags") }
            guard inflated <= Limits.frameBytes else { throw .tooLarge("frame") }
            let fits = flags == Self.isDeflated ? stored < inflated : stored == inflated
            guard fits, stored >= 1 else { throw .damaged("frame length") }
        }
    }

    static func checksum(_ header: [UInt8], _ stored: [UInt8]) -> UInt32 {
        header.withUnsafeBytes { header in
            stored.withUnsafeBytes { Deflate.checksum(UnsafeRawBufferPointer(rebasing: header[0..<10]), $0) }
        }
    }
}

/// How much one part may hold and inflate to (BND-12), counted alike by who writes and who reads.
struct PartBudget {
    private static let freeBytes = 1 << 20
    private static let ratio = 100

    private(set) var bytes = 0
    private(set) var inflated = 0
    private var stored = 0

    /// Whether a frame may follow in this part. 78 bytes are kept for its end and signature.
    func allows(inflated more: Int, stored size: Int) -> Bool {
        bytes + FrameHeader.size + size + FrameHeader.size + 64 <= Limits.partBytes
            && inflated + more <= Limits.partInflatedBytes
            && inflated + more <= Self.freeBytes + Self.ratio * (stored + size)
    }

    mutating func count(header size: Int) { bytes += size }

    mutating func count(inflated more: Int, stored size: Int) {
        bytes += FrameHeader.size + size
        inflated += more
        stored += size
    }
}
