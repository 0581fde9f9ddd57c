public import SatchelModel

/// Writes one bundle to a file, item by item.
///
/// Holds at most one item and one frame in memory. Until `finish` returns, the file is not a bundle, and a reader
/// says that it is incomplete; the caller writes to a temporary name and renames.
public final class BundleWriter {
    /// A part is closed when its compressed bytes pass this: small enough to send again, large enough to sign seldom.
    private static let partTarget = 8 << 20

    /// A bundle of one small frame travels often and costs little: it is compressed as well as can be. The frames of
    /// a large one at level 5, which took a third less time than 6 for 100,000 visits and gave 1.7 % more bytes.
    private static let smallFrame = 64 << 10

    private let file: SystemFile
    private let header: BundleHeader
    private let certificate: [UInt8]
    private let key: SigningKey
    /// Bytes of the item stream that are not in a frame yet: fewer than a frame between calls.
    private var pending: [UInt8] = []
    private var dots = 0
    private var offset = 0
    private var part: UInt32 = 0
    private var digest = Hash256.zero
    private var hasher = Hasher256()
    private var budget = PartBudget()
    private var isOpen = true
    /// What is added now is deflated already.
    private var isDense = false

    /// Empties or makes the file. `certificate` is the sender's, whose key is `key`.
    public init(path: String, header: BundleHeader, certificate: [UInt8], key: SigningKey) throws(WireError) {
        guard !certificate.isEmpty, certificate.count <= Certificate.maximumBytes else {
            throw .tooLarge("certificate")
        }
        self.header = header
        self.certificate = certificate
        self.key = key
        file = try SystemFile.writing(path)
        try beginPart()
    }

    /// Adds one item. A state section may name only dots of `dots` items before it, counted through all of them.
    public func append(_ item: BundleItem) throws(WireError) {
        precondition(isOpen, "a finished bundle takes no more")
        let (kind, body, content) = try ItemCoding.encode(item, dots: dots)
        if case .dots(let known) = item { dots += known.count }
        try begin(kind, bytes: body.count + content.count)
        try add(body)
        try add(content)
    }

    /// Adds a changeset as it lies (BND-54): it takes frames of its own, which are not deflated again.
    public func append(_ packed: PackedChangeset) throws(WireError) {
        precondition(isOpen, "a finished bundle takes no more")
        let length = try HeaderCoding.decode(packed.header).contentLength
        guard length <= ItemCoding.packedLimit(packed.deflated.count) else {
            // It shrank beyond what readers accept: it travels as it is, for the frames to be divided.
            return try append(
                .changeset(
                    SealedChangeset(
                        header: packed.header, signature: packed.signature,
                        content: Deflate.inflate(packed.deflated, expected: Int(length)))))
        }
        var body = ByteWriter()
        try ItemCoding.encodeHead(packed.header, packed.signature, to: &body)
        try begin(.packed, bytes: body.bytes.count + packed.deflated.count)
        try add(body.bytes)
        try flush()
        isDense = true
        defer { isDense = false }
        try add(packed.deflated)
        try flush()
    }

    /// Closes the bundle. Returns its size in bytes when all of them are on the medium.
    public func finish() throws(WireError) -> Int {
        precondition(isOpen, "a bundle is finished once")
        isOpen = false
        try flush()
        try endPart(isLast: true)
        try file.synchronize()
        return offset
    }

    private func begin(_ kind: ItemCoding.Kind, bytes: Int) throws(WireError) {
        var head = ByteWriter()
        head.byte(kind.rawValue)
        head.count(bytes)
        try add(head.bytes)
    }

    private func flush() throws(WireError) {
        if !pending.isEmpty { try writeFrame(pending) }
        pending.removeAll(keepingCapacity: true)
    }

    private func add(_ body: [UInt8]) throws(WireError) {
        var start = 0
        while pending.count + body.count - start >= Limits.frameBytes {
            let end = start + Limits.frameBytes - pending.count
            pending.append(contentsOf: body[start..<end])
            start = end
            try writeFrame(pending)
            pending.removeAll(keepingCapacity: true)
        }
        pending.append(contentsOf: body[start...])
    }

    private func writeFrame(_ bytes: [UInt8]) throws(WireError) {
        let deflated = isDense ? bytes : Deflating(bytes, level: bytes.count < Self.smallFrame ? 9 : 5).finish()
        if budget.bytes > Self.partTarget || !budget.allows(inflated: bytes.count, stored: bytes.count) {
            try endPart(isLast: false)
            try beginPart()
        }
        // What compresses beyond the ratio that readers accept goes as it is.
        let isDeflated = deflated.count < bytes.count && budget.allows(inflated: bytes.count, stored: deflated.count)
        let stored = isDeflated ? deflated : bytes
        try write(
            FrameHeader.encode(
                .items, flags: isDeflated ? FrameHeader.isDeflated : 0, inflated: bytes.count, stored: stored))
        budget.count(inflated: bytes.count, stored: stored.count)
    }

    private func beginPart() throws(WireError) {
        guard part < Limits.parts else { throw .tooLarge("parts of a bundle") }
        part += 1
        hasher = Hasher256()
        budget = PartBudget()
        let isFirst = part == 1
        let start = PartHeader(
            bundle: header, number: part, previous: digest, certificateLength: isFirst ? certificate.count : 0)
        let bytes = start.encoded() + (isFirst ? certificate : [])
        try write(bytes)
        budget.count(header: bytes.count)
    }

    private func endPart(isLast: Bool) throws(WireError) {
        try write(FrameHeader.encode(.end, flags: isLast ? FrameHeader.isLastPart : 0, inflated: 0, stored: []))
        digest = hasher.finish()
        try write(key.sign(digest.bytes, domain: Domain.bundle))
    }

    private func write(_ bytes: [UInt8]) throws(WireError) {
        hasher.update(bytes)
        try file.write(bytes, at: offset)
        offset += bytes.count
    }
}
