import SatchelModel

/// Appends the format's primitive forms (BND-2): big-endian words, varints, counted bytes.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func raw(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }

    mutating func word<Word: FixedWidthInteger>(_ value: Word) {
        var shift = Word.bitWidth - 8
        while shift >= 0 {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            shift -= 8
        }
    }

    /// Seven bits in a byte, low ones first, the high bit set on all but the last.
    @inline(__always)
    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    mutating func count(_ value: Int) { varint(UInt64(value)) }

    /// Small numbers of either sign as small varints: 0, −1, 1, −2 become 0, 1, 2, 3.
    @inline(__always)
    mutating func zigzag(_ value: Int64) { varint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    /// A varint length and the bytes.
    mutating func counted(_ value: some Collection<UInt8>) {
        count(value.count)
        raw(value)
    }

    mutating func origin(_ value: OriginID) {
        word(value.high)
        word(value.low)
    }
}

extension String {
    /// The longest beginning of whole characters that has at most `bytes` bytes of UTF-8.
    func clipped(bytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = startIndex
        var used = 0
        for index in indices {
            used += self[index].utf8.count
            if used > limit { break }
            end = self.index(after: index)
        }
        return String(self[..<end])
    }
}
