internal import SatchelModel

/// How a state is written into the one value that follows those of the columns (BND-24).
struct StateWriter {
    private(set) var bytes: [UInt8]

    init(kind: UInt8) { bytes = [kind] }

    mutating func byte(_ byte: UInt8) { bytes.append(byte) }

    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func count(_ value: Int) { number(UInt64(value)) }

    mutating func signed(_ value: Int64) { number(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    mutating func word(_ value: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }

    mutating func run(_ run: some Collection<UInt8>) {
        count(run.count)
        append(run)
    }

    mutating func append(_ run: some Collection<UInt8>) { bytes += run }
}

/// Reads what a `StateWriter` wrote. Every read returns nil for bytes that no writer writes.
struct StateBytes {
    private let bytes: [UInt8]
    private var place = 1

    /// Nil: these are not bytes of a state of this kind.
    init?(_ bytes: [UInt8], kind: UInt8) {
        guard bytes.first == kind else { return nil }
        self.bytes = bytes
    }

    var isAtEnd: Bool { place == bytes.count }

    mutating func byte() -> UInt8? {
        guard place < bytes.count else { return nil }
        defer { place += 1 }
        return bytes[place]
    }

    mutating func number() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let next = byte() else { return nil }
            let part = UInt64(next & 0x7F)
            guard (part << shift) >> shift == part, next != 0 || shift == 0 else { return nil }
            value |= part << shift
            if next < 0x80 { return value }
        }
        return nil
    }

    mutating func count() -> Int? { number().flatMap { $0 <= UInt64(bytes.count) ? Int($0) : nil } }

    mutating func signed() -> Int64? {
        number().map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
    }

    mutating func word() -> UInt64? {
        guard bytes.count - place >= 8 else { return nil }
        defer { place += 8 }
        return bytes[place..<(place + 8)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func run() -> [UInt8]? { count().flatMap { run(of: $0) } }

    mutating func run(of length: Int) -> [UInt8]? {
        guard length <= bytes.count - place else { return nil }
        defer { place += length }
        return Array(bytes[place..<(place + length)])
    }
}
