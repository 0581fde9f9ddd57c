/// Makes the ids of records: UUIDs of version 7 (RFC 9562, 5.7), which sort by the time they were made.
///
/// Time and randomness are passed in. Ids that one generator makes at one millisecond sort in the order of their
/// making too: 26 bits behind the time count on from a random start (RFC 9562, 6.2, method 1), and 48 bits are random.
/// A time before the previous one is taken as it is, so a clock that was put right makes right ids from then on.
///
///     var ids = RecordIDs()
///     ids.next(at: 1_717_200_000_000, using: &random)  // "018fd104-2800-7…"
public struct RecordIDs: Sendable {
    private var last: Int64?
    private var counter: UInt64 = 0

    public init() {}

    /// - Parameter milliseconds: since 1970-01-01T00:00:00Z; the lower 48 bits are used, which last until the
    ///   year 10889.
    public mutating func next(at milliseconds: Int64, using random: inout some RandomNumberGenerator) -> String {
        // Half of the counter's range stays free to count in: 33 million ids in one millisecond.
        counter = milliseconds == last ? (counter + 1) & 0x3FF_FFFF : random.next() & 0x1FF_FFFF
        last = milliseconds
        let high = UInt64(bitPattern: milliseconds) << 16 | 0x7000 | counter >> 14
        let low = 0x8000_0000_0000_0000 | (counter & 0x3FFF) << 48 | random.next() & 0xFFFF_FFFF_FFFF
        return Self.text(high, low)
    }

    /// 36 characters, lower case, hyphens after 8, 12, 16 and 20 digits.
    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for index in 0..<32 {
            if [8, 12, 16, 20].contains(index) { text.append(UInt8(ascii: "-")) }
            let word = index < 16 ? high : low
            text.append(digits[Int(word >> UInt64(60 - index % 16 * 4) & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
