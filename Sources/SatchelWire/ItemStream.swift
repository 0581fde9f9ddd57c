import SatchelModel

/// Cuts the stream of a bundle's frames into items (BND-40).
struct ItemStream {
    private var buffer: [UInt8] = []
    /// Of the item whose body is being gathered.
    private var head: (kind: ItemCoding.Kind?, length: Int)?
    private var dots = 0

    /// Takes the next inflated bytes and hands over every item that they complete.
    mutating func add(_ bytes: [UInt8], _ body: (BundleItem) throws -> Void) throws {
        buffer.append(contentsOf: bytes)
        var start = 0
        while true {
            if head == nil {
                guard let (next, size) = try readHead(at: start) else { break }
                head = next
                start += size
            }
            guard let (kind, length) = head, buffer.count - start >= length else { break }
            let content = Array(buffer[start..<start + length])
            start += length
            head = nil
            guard let kind else { continue }
            let item = try ItemCoding.decode(kind, content, dots: dots)
            if case .dots(let known) = item {
                dots += known.count
                guard dots <= Int(UInt32.max) else { throw WireError.tooLarge("dots of a bundle") }
            }
            try body(item)
        }
        buffer.removeSubrange(0..<start)
    }

    /// Nothing may be begun and not ended.
    func finish() throws(WireError) {
        guard head == nil, buffer.isEmpty else { throw .damaged("an item is cut off") }
    }

    /// The type (nil: not known, to be skipped) and length at `start`, and the bytes they take; nil when they are
    /// not all there yet.
    private func readHead(
        at start: Int
    ) throws(WireError) -> (head: (kind: ItemCoding.Kind?, length: Int), size: Int)? {
        let available = buffer.count - start
        guard available >= 2 else { return nil }
        let type = buffer[start]
        let kind = ItemCoding.Kind(rawValue: type)
        guard kind != nil || type >= ItemCoding.firstOptional else { throw .unsupported("item type \(type)") }
        var reader = ByteReader(Array(buffer[(start + 1)..<min(buffer.count, start + 11)]), "item length")
        let isWhole = buffer[(start + 1)..<min(buffer.count, start + 11)].contains { $0 < 0x80 }
        guard isWhole || available > 10 else { return nil }
        let length = try reader.number(upTo: kind?.limit ?? Limits.contentBytes, "an item of a bundle")
        return ((kind, length), 1 + reader.position)
    }
}
