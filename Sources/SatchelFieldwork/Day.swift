public import GRDB

/// A calendar day as the tables hold it: `YYYY-MM-DD`, which sorts by time.
///
/// Any text can be read from a table, since other programs write there too; `number` is nil for what is no day.
public struct Day: RawRepresentable, Codable, Hashable, Sendable, DatabaseValueConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The day `number` days after 1970-01-01, from year 0 to 9999 in the Gregorian calendar.
    ///
    /// Algorithm: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    public init(number: Int) {
        let shifted = min(max(number, Self.first), Self.last) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
        rawValue = "\(decimal(year, digits: 4))-\(decimal(civilMonth, digits: 2))-\(decimal(day, digits: 2))"
    }

    /// Days since 1970-01-01. Nil unless the text is a day of the calendar: `2023-02-29` is none.
    public var number: Int? {
        let bytes = Array(rawValue.utf8)
        guard bytes.count == 10, bytes[4] == 45, bytes[7] == 45, let year = parseDecimal(bytes[0..<4]),
            let month = parseDecimal(bytes[5..<7]), let day = parseDecimal(bytes[8..<10]), (1...12).contains(month),
            day >= 1
        else { return nil }
        let shiftedYear = year - (month <= 2 ? 1 : 0) + 400
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let number = (era - 1) * 146_097 + dayOfEra - 719_468
        return Day(number: number) == self ? number : nil
    }

    /// 0000-03-01 and 9999-12-31.
    private static let first = -719_468, last = 2_932_896
}

/// A number of fixed width. Expects `0 <= number < 10^digits`.
func decimal(_ number: Int, digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}

/// Reads digits and nothing else. Expects few enough of them not to overflow.
func parseDecimal(_ bytes: ArraySlice<UInt8>) -> Int? {
    var number = 0
    for byte in bytes {
        guard (48...57).contains(byte) else { return nil }
        number = number * 10 + Int(byte - 48)
    }
    return number
}
