public import GRDB

/// A point in time as the tables hold it: UTC, `YYYY-MM-DDTHH:MM:SS.sssZ`, which sorts by time and which people
/// and the `sqlite3` shell can read.
///
/// Any text can be read from a table, since other programs write there too; `milliseconds` is nil for what is none.
public struct Moment: RawRepresentable, Codable, Hashable, Sendable, DatabaseValueConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
    public init(milliseconds: Int64) {
        let (days, time) = Int(milliseconds).dividedFloor(by: 86_400_000)
        let hours = decimal(time / 3_600_000, digits: 2)
        let minutes = decimal(time / 60_000 % 60, digits: 2)
        let seconds = decimal(time / 1000 % 60, digits: 2)
        let fraction = decimal(time % 1000, digits: 3)
        rawValue = "\(Day(number: days).rawValue)T\(hours):\(minutes):\(seconds).\(fraction)Z"
    }

    /// Milliseconds since 1970-01-01T00:00:00Z. Nil unless the text has exactly the form above.
    public var milliseconds: Int64? {
        let bytes = Array(rawValue.utf8)
        guard bytes.count == 24, bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), bytes[19] == UInt8(ascii: "."), bytes[23] == UInt8(ascii: "Z"),
            let day = day.number, let hours = parseDecimal(bytes[11..<13]), let minutes = parseDecimal(bytes[14..<16]),
            let seconds = parseDecimal(bytes[17..<19]), let fraction = parseDecimal(bytes[20..<23]),
            hours < 24, minutes < 60, seconds < 60
        else { return nil }
        return Int64(((day * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + Int64(fraction)
    }

    /// The day in UTC: the first ten characters.
    public var day: Day { Day(rawValue: String(rawValue.prefix(10))) }
}

extension Int {
    /// Quotient rounded down and remainder that is never negative.
    fileprivate func dividedFloor(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
