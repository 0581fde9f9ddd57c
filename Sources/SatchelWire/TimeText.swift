/// Dates and times that are written as text in one of four styles, and the number each stands for (BND-33).
///
/// The calendar is the proleptic Gregorian one of years 0000 to 9999, without leap seconds. A text is taken for a
/// time only if writing its number gives the same text again.
enum TimeText: UInt8 {
    /// `2024-06-01`: days since 1970-01-01.
    case date = 0
    /// `2024-06-01 08:30:00`: seconds.
    case spaced = 1
    /// `2024-06-01T08:30:00Z`: seconds.
    case zulu = 2
    /// `2024-06-01T08:30:00.000Z`: milliseconds.
    case zuluMilliseconds = 3

    /// The style that the first text of a column suggests.
    init?(length: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        switch length {
        case 10: self = .date
        case 19: self = .spaced
        case 20: self = .zulu
        case 24: self = .zuluMilliseconds
        default: return nil
        }
        guard parse(bytes, range) != nil else { return nil }
    }

    var length: Int {
        switch self {
        case .date: 10
        case .spaced: 19
        case .zulu: 20
        case .zuluMilliseconds: 24
        }
    }

    private var unitsInDay: Int64 {
        switch self {
        case .date: 1
        case .spaced, .zulu: 86_400
        case .zuluMilliseconds: 86_400_000
        }
    }

    /// The number of a text, or nil if it is not exactly of this style.
    func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int64? {
        guard range.count == length else { return nil }
        let start = range.lowerBound
        func number(_ offset: Int, _ digits: Int) -> Int64? {
            var value: Int64 = 0
            for index in start + offset..<start + offset + digits {
                let digit = bytes[index] &- 48
                guard digit < 10 else { return nil }
                value = value * 10 + Int64(digit)
            }
            return value
        }
        func has(_ character: UInt8, _ offset: Int) -> Bool { bytes[start + offset] == character }
        guard let year = number(0, 4), has(45, 4), let month = number(5, 2), has(45, 7), let day = number(8, 2),
            (1...12).contains(month), day >= 1, day <= Calendar.days(in: month, of: year)
        else { return nil }
        let days = Calendar.days(year, month, day)
        if self == .date { return days }
        guard has(self == .spaced ? 32 : 84, 10), let hour = number(11, 2), has(58, 13), let minute = number(14, 2),
            has(58, 16), let second = number(17, 2), hour < 24, minute < 60, second < 60
        else { return nil }
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
        switch self {
        case .date, .spaced: return seconds
        case .zulu: return has(90, 19) ? seconds : nil
        case .zuluMilliseconds:
            guard has(46, 19), let milliseconds = number(20, 3), has(90, 23) else { return nil }
            return seconds * 1000 + milliseconds
        }
    }

    /// Writes the text of a number. False, and nothing written, if its year is not 0000 to 9999.
    func append(_ number: Int64, to bytes: inout [UInt8]) -> Bool {
        let units = unitsInDay
        guard number.magnitude < 1 << 53 else { return false }
        let day = number >= 0 ? number / units : -((units - 1 - number) / units)
        guard day >= Calendar.first, day <= Calendar.last else { return false }
        let (year, month, dayOfMonth) = Calendar.date(day)
        func write(_ value: Int64, _ digits: Int) {
            var power: Int64 = 1
            for _ in 1..<digits { power *= 10 }
            while power > 0 {
                bytes.append(48 + UInt8(value / power % 10))
                power /= 10
            }
        }
        write(year, 4)
        bytes.append(45)
        write(month, 2)
        bytes.append(45)
        write(dayOfMonth, 2)
        if self == .date { return true }
        let rest = number - day * units
        let second = self == .zuluMilliseconds ? rest / 1000 : rest
        bytes.append(self == .spaced ? 32 : 84)
        write(second / 3600, 2)
        bytes.append(58)
        write(second / 60 % 60, 2)
        bytes.append(58)
        write(second % 60, 2)
        if self == .zuluMilliseconds {
            bytes.append(46)
            write(rest % 1000, 3)
        }
        if self != .spaced { bytes.append(90) }
        return true
    }
}

/// Days and dates, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).
private enum Calendar {
    /// 0000-01-01 and 9999-12-31, in days since 1970-01-01.
    static let first: Int64 = -719_528
    static let last: Int64 = 2_932_896

    static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // One era of 400 years is added, so that all divisions are of positive numbers.
        let shifted = year + 400 - (month <= 2 ? 1 : 0)
        let era = shifted / 400
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era - 1) * 146_097 + dayOfEra - 719_468
    }

    static func date(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468 + 146_097
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + (era - 1) * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
