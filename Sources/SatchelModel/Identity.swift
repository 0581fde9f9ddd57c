/// The name of one line of writes: a replica in one of its incarnations.
///
/// The first 16 bytes of SHA-256 over the replica's public key, the data set and the incarnation
/// (`Protocol/identity.md`, IDN-2). A replica that was restored, copied or forked goes on under a new one.
public struct OriginID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first and the last eight bytes, big endian.
    public let high: UInt64, low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 16 bytes. Returns nil unless there are exactly 16.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: [UInt64] = [0, 0]
        for (index, byte) in bytes.enumerated() { words[index / 8] = words[index / 8] << 8 | UInt64(byte) }
        self.init(high: words[0], low: words[1])
    }

    public var bytes: [UInt8] { high.bigEndianBytes + low.bigEndianBytes }

    public static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }

    /// 32 hexadecimal digits.
    public var description: String { bytes.hex }
}

/// The identity of one changeset: who wrote it, which one in their line, and a tag of its own header.
///
/// The tag (the first eight bytes of the header's hash) makes a dot proof against forks: two changesets that
/// carry one origin and sequence are two different dots (`Protocol/merge.md`, MRG-1).
public struct Dot: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let origin: OriginID
    /// 1 for the first changeset of an origin, without gaps.
    public let sequence: UInt64
    public let tag: UInt64

    public init(origin: OriginID, sequence: UInt64, tag: UInt64) {
        self.origin = origin
        self.sequence = sequence
        self.tag = tag
    }

    public static func < (a: Self, b: Self) -> Bool {
        if a.origin != b.origin { return a.origin < b.origin }
        return (a.sequence, a.tag) < (b.sequence, b.tag)
    }

    public var description: String { "\(origin.bytes.prefix(4).hex)/\(sequence)#\(tag.bigEndianBytes.prefix(2).hex)" }

    /// The origin, then sequence and tag as 8 bytes each, big endian: 32 bytes.
    public var bytes: [UInt8] { origin.bytes + sequence.bigEndianBytes + tag.bigEndianBytes }

    /// Reads such bytes, of dot after dot. What is left at the end is none.
    public static func list(_ bytes: [UInt8]) -> [Dot] {
        stride(from: 0, through: bytes.count - 32, by: 32).compactMap { start in
            func word(_ place: Int) -> UInt64 {
                bytes[start + place..<start + place + 8].reduce(0) { $0 << 8 | UInt64($1) }
            }
            return OriginID(bytes: bytes[start..<start + 16]).map { Dot(origin: $0, sequence: word(16), tag: word(24)) }
        }
    }
}

/// A line of writes that a replica has left for a new incarnation (IDN-2).
public struct FormerLine: Hashable, Sendable {
    public let origin: OriginID
    /// How many changesets this replica wrote in it. Another may have gone on with it.
    public let sequence: UInt64
    public let until: Timestamp
    /// `copied`, `restored` or `forked`.
    public let reason: String

    public init(origin: OriginID, sequence: UInt64, until: Timestamp, reason: String) {
        self.origin = origin
        self.sequence = sequence
        self.until = until
        self.reason = reason
    }
}

/// A SHA-256 digest.
public struct Hash256: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]

    /// Returns nil unless there are exactly 32 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Array(bytes)
    }

    private init(zeros: Int) { bytes = Array(repeating: 0, count: zeros) }

    /// 32 zero bytes: what the first changeset of an origin names as its predecessor.
    public static let zero = Hash256(zeros: 32)

    /// The first eight bytes, big endian: the tag of a dot when this is the hash of a header.
    public var tag: UInt64 { bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    public var description: String { bytes.hex }
}

extension FixedWidthInteger {
    public var bigEndianBytes: [UInt8] {
        stride(from: bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits for each byte.
    public var hex: String {
        func digit(_ half: UInt8) -> UInt8 { half < 10 ? 48 + half : 87 + half }
        var text: [UInt8] = []
        text.reserveCapacity(2 * underestimatedCount)
        for byte in self {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Array<UInt8> {
    /// Reads hexadecimal digits of either case. Returns nil for an odd number of them or any other character.
    public init?(hex text: String) {
        func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case 48...57: byte - 48
            case 65...70: byte - 55
            case 97...102: byte - 87
            default: nil
            }
        }
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digit(digits[index]), let low = digit(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self = bytes
    }
}
