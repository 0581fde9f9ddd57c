package import Satchel

/// A field that is there even when it is null (CLI-8).
@propertyWrapper
package struct OrNull<Wrapped: Encodable>: Encodable {
    package var wrappedValue: Wrapped?

    package init(wrappedValue: Wrapped?) { self.wrappedValue = wrappedValue }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

/// A value of a row (CLI-6).
package struct ValueTold: Encodable {
    private let value: Value

    package init(_ value: Value) { self.value = value }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .null: try container.encodeNil()
        case .integer(let number): try container.encode(number)
        case .real(let number) where number.isFinite && number != number.rounded(): try container.encode(number)
        case .real(let number): try container.encode(["real": String(number)])
        case .blob(let bytes): try container.encode(["blob": bytes.hex])
        case .text(let bytes):
            if let text = String(validating: bytes, as: UTF8.self) {
                try container.encode(text)
            } else {
                try container.encode(["text": bytes.hex])
            }
        }
    }
}

extension Value {
    /// As SQL writes it, but for backslashes, which are doubled: told apart from every other value, where `display` is not.
    var quoted: String {
        switch self {
        case .null: return "NULL"
        case .text(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else { return "text x'\(bytes.hex)'" }
            let marked = text.unicodeScalars.map { $0 == "'" ? "''" : $0 == "\\" ? "\\\\" : String($0) }
            return "'\(marked.joined())'"
        default: return display
        }
    }
}

extension String {
    /// With line ends and other control characters escaped: what somebody wrote, or is called, forges no line.
    package var onOneLine: String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: text += scalar.escaped(asASCII: true)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension RowKey {
    package var told: [ValueTold] { values.map(ValueTold.init) }
}

extension Timestamp {
    /// ISO 8601 in UTC with milliseconds (CLI-5). Days after Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    package var told: String {
        func floored(_ a: Int64, _ b: Int64) -> (Int64, Int64) {
            let rest = ((a % b) + b) % b
            return ((a - rest) / b, rest)
        }
        func padded(_ number: Int64, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        // Far from any date that people use: keeps the arithmetic below from overflowing.
        let clamped = min(max(milliseconds, -200_000_000_000_000_000), 200_000_000_000_000_000)
        let (day, time) = floored(clamped, 86_400_000)
        let (era, dayOfEra) = floored(day + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date = "\(year < 0 ? "-" : year > 9999 ? "+" : "")\(padded(abs(year), 4))-\(padded(month, 2))"
        return "\(date)-\(padded(dayOfYear - (153 * shifted + 2) / 5 + 1, 2))T\(padded(time / 3_600_000, 2)):"
            + "\(padded(time / 60_000 % 60, 2)):\(padded(time / 1000 % 60, 2)).\(padded(time % 1000, 3))Z"
    }
}
