internal import Foundation
package import SatchelModel
package import SatchelStore

/// One field of a CSV file: its bytes, and whether it stood in quotes, which tells text from everything else (CLI-24).
package struct CSVField: Equatable, Sendable {
    package let bytes: [UInt8]
    package let isQuoted: Bool

    package init(bytes: [UInt8], isQuoted: Bool) {
        self.bytes = bytes
        self.isQuoted = isQuoted
    }

    /// A field as a person writes it on a command line. Throws a `UsageError` for a quote that is not closed.
    package init(written text: String) throws {
        guard text.utf8.first == UInt8(ascii: "\"") else {
            self.init(bytes: Array(text.utf8), isQuoted: false)
            return
        }
        var reader = CSVReader(Array(text.utf8), name: "the value")
        guard let row = try reader.next(), row.fields.count == 1, try reader.next() == nil else {
            throw UsageError("the value is more than one field", try: "double the quotes inside it")
        }
        self = row.fields[0]
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// What the field means in a column of this affinity. The column's affinity is applied by SQLite afterwards.
    package func value(_ affinity: Affinity) -> Value {
        if isQuoted { return .text(bytes) }
        if bytes.isEmpty { return .null }
        if let blob = Self.blob(bytes) { return .blob(blob) }
        guard affinity != .text, let number = Self.number(bytes) else { return .text(bytes) }
        return number
    }

    /// The bytes of a field that `value` reads back as this value, in a column of this affinity that holds it.
    package static func bytes(of value: Value, _ affinity: Affinity) -> [UInt8] {
        switch value {
        case .null: return []
        case .integer(let number): return Array(String(number).utf8)
        case .real(let number) where number.isInfinite: return Array((number < 0 ? "-9e999" : "9e999").utf8)
        case .real(let number): return Array(String(number).utf8)
        case .blob(let bytes): return Array("x'\(bytes.hex)'".utf8)
        case .text(let bytes):
            let special: Set<UInt8> = [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D]
            guard
                bytes.isEmpty || bytes.contains(where: special.contains) || bytes.starts(with: [0xEF, 0xBB, 0xBF])
                    || blob(bytes) != nil || affinity == .none && number(bytes) != nil
            else { return bytes }
            var quoted = [UInt8(ascii: "\"")]
            for byte in bytes { quoted += byte == UInt8(ascii: "\"") ? [byte, byte] : [byte] }
            return quoted + [UInt8(ascii: "\"")]
        }
    }

    /// The bytes of `x'…'`.
    private static func blob(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= 3, bytes[0] | 0x20 == UInt8(ascii: "x"), bytes[1] == UInt8(ascii: "'"),
            bytes.last == UInt8(ascii: "'")
        else { return nil }
        return [UInt8](hex: String(decoding: bytes[2..<(bytes.count - 1)], as: UTF8.self))
    }

    /// A sign, digits, a fraction, an exponent; no blanks, no hexadecimal, no words.
    private static func number(_ bytes: [UInt8]) -> Value? {
        var rest = bytes[...]
        func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
        func isSign(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }
        func digits() -> Int {
            let count = rest.prefix(while: isDigit).count
            rest = rest.dropFirst(count)
            return count
        }
        if isSign(rest.first) { rest = rest.dropFirst() }
        guard digits() > 0 else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        if rest.isEmpty, let number = Int64(text) { return .integer(number) }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() > 0 else { return nil }
        }
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if isSign(rest.first) { rest = rest.dropFirst() }
            guard digits() > 0 else { return nil }
        }
        guard rest.isEmpty else { return nil }
        // Strtod says infinity where Swift's initialiser says nil.
        return .real(strtod(text, nil))
    }
}

/// Reads comma-separated values row by row (RFC 4180). Lines end at LF, CR or both; empty lines are skipped.
package struct CSVReader {
    private let bytes: [UInt8]
    private let name: String
    private var position = 0
    private var line = 1

    /// `name` is for messages.
    package init(_ bytes: [UInt8], name: String) {
        self.bytes = bytes
        self.name = name
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    /// The next row, with the number of the line that it begins on. Nil: there is none.
    package mutating func next() throws(UsageError) -> (line: Int, fields: [CSVField])? {
        while position < bytes.count {
            let start = line
            var fields = [try field()]
            while position < bytes.count, bytes[position] == UInt8(ascii: ",") {
                position += 1
                fields.append(try field())
            }
            try endLine()
            if fields.count > 1 || fields[0].isQuoted || !fields[0].bytes.isEmpty { return (start, fields) }
        }
        return nil
    }

    private mutating func field() throws(UsageError) -> CSVField {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            let start = position
            while position < bytes.count, !Self.isEnd(bytes[position]) { position += 1 }
            return CSVField(bytes: Array(bytes[start..<position]), isQuoted: false)
        }
        let start = line
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard position < bytes.count, bytes[position] == byte else {
                    return CSVField(bytes: text, isQuoted: true)
                }
                position += 1
            } else if byte == 0x0A {
                line += 1
            }
            text.append(byte)
        }
        throw UsageError("line \(start) of \(name): a quote is never closed", try: "close it, or double it")
    }

    private static func isEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ",") || byte == 0x0A || byte == 0x0D }

    private mutating func endLine() throws(UsageError) {
        guard position < bytes.count else { return }
        guard bytes[position] == 0x0A || bytes[position] == 0x0D else {
            throw UsageError("line \(line) of \(name): text after a closing quote", try: "double quotes inside quotes")
        }
        let isPair = bytes[position] == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A
        position += isPair ? 2 : 1
        line += 1
    }
}
