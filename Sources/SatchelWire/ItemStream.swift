import SatchelModel

/// Cuts the stream of a bundle's frames into items (BND-40). Holds one item, and a changeset that is being unpacked.
struct ItemStream {
    /// The type of the item that is being gathered (nil: not known, to be skipped), and how much of it is missing.
    private var current: (kind: ItemCoding.Kind?, missing: Int)?
    /// The type and length of an item, as far as they have come.
    private var head: [UInt8] = []
    private var body: [UInt8] = []
    private var dots = 0
    /// A changeset whose next must come before any other (BND-43).
    private var unfinished: (hash: Hash256, sequence: UInt64, more: UInt32)?
    /// A changeset that is inflated on another core while the one before it is taken in: it came before what is gathered
    /// now, and is handed over before that.
    private var unpacking: Later<Result<SealedChangeset, WireError>>?
    /// Bytes that contents which travel deflated may still inflate to, all together; nil: as many as one may have, each.
    private var room: Int?

    init(room: Int? = nil) { self.room = room }

    /// Takes the next inflated bytes and hands over every item that they complete.
    mutating func add(_ bytes: [UInt8], _ handOver: (BundleItem) throws -> Void) throws {
        var next = 0
        while next < bytes.count || current?.missing == 0 {
            guard let (kind, missing) = current else {
                head.append(bytes[next])
                next += 1
                current = try readHead()
                continue
            }
            let end = next + min(missing, bytes.count - next)
            if kind != nil { body.append(contentsOf: bytes[next..<end]) }
            current = (kind, missing - (end - next))
            next = end
            if current?.missing == 0 { try complete(kind, handOver) }
        }
    }

    /// Hands over what is left. Nothing may be begun and not ended.
    mutating func finish(_ handOver: (BundleItem) throws -> Void) throws {
        try handOverUnpacked(handOver)
        guard current == nil, head.isEmpty else { throw WireError.damaged("an item is cut off") }
        guard unfinished == nil else { throw Self.part }
    }

    private mutating func complete(_ kind: ItemCoding.Kind?, _ handOver: (BundleItem) throws -> Void) throws {
        var whole: [UInt8] = []
        swap(&whole, &body)
        current = nil
        guard let kind else { return }
        if kind == .packed, room == nil {
            let next = Later { [whole] in
                Result { () throws(WireError) in try ItemCoding.decodePacked(whole, upTo: Limits.contentBytes) }
            }
            try handOverUnpacked(handOver)
            unpacking = next
            return
        }
        try handOverUnpacked(handOver)
        let item = try ItemCoding.decode(kind, consume whole, dots: dots, upTo: room ?? Limits.contentBytes)
        if case .dots(let known) = item {
            dots += known.count
            guard dots < Int(UInt32.max) else { throw WireError.tooLarge("dots of a bundle") }
        }
        if case .changeset(let changeset) = item {
            if kind == .packed { room? -= changeset.content.count }
            try follow(changeset)
        }
        try handOver(item)
    }

    private mutating func handOverUnpacked(_ handOver: (BundleItem) throws -> Void) throws {
        guard let last = unpacking else { return }
        unpacking = nil
        let changeset = try last.finish().get()
        try follow(changeset)
        try handOver(.changeset(changeset))
    }

    private static let part = WireError.damaged("a bundle holds a part of what was sealed together")

    /// What was sealed together comes together, in its order (BND-43).
    private mutating func follow(_ changeset: SealedChangeset) throws(WireError) {
        let head = changeset.head
        if let unfinished {
            guard head.previous == unfinished.hash, head.sequence == unfinished.sequence + 1,
                head.more == unfinished.more - 1
            else { throw Self.part }
        }
        unfinished = head.more == 0 ? nil : (changeset.hash, head.sequence, head.more)
    }

    /// What `head` says once it is whole. The length is checked before anything is gathered for it.
    private mutating func readHead() throws(WireError) -> (kind: ItemCoding.Kind?, missing: Int)? {
        guard let type = head.first else { return nil }
        let kind = ItemCoding.Kind(rawValue: type)
        guard kind != nil || type >= ItemCoding.firstOptional else { throw .unsupported("item type \(type)") }
        guard head.count > 1, head.last.map({ $0 < 0x80 }) == true || head.count > 10 else { return nil }
        var reader = ByteReader(Array(head.dropFirst()), "item length")
        let length = try reader.number(upTo: kind?.limit ?? Limits.contentBytes, "an item of a bundle")
        head = []
        return (kind, length)
    }
}
