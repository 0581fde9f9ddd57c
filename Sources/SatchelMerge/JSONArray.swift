public import SatchelModel

/// The form in which a set stands in its column: a JSON array (RFC 8259) of strings and numbers, sorted and distinct
/// (MRG-32).
public enum JSONArray {
    /// The distinct elements of a value, sorted; nil: it is no text that holds an array of strings and numbers.
    /// O(bytes + n log n).
    public static func elements(_ value: Value) -> [Value]? {
        guard case .text(let bytes) = value else { return nil }
        var reader = Reader(bytes: bytes)
        return reader.array().map { Array(Set($0)).sorted() }
    }

    /// The one text that stands for these elements. Numbers are written as their shortest decimal form.
    public static func text(_ elements: [Value]) -> Value {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            switch element {
            case .integer(let number): bytes += String(number).utf8
            case .real(let number): bytes += String(number).utf8
            case .text(let text): write(text, to: &bytes)
            case .null, .blob: continue
            }
        }
        bytes.append(UInt8(ascii: "]"))
        return .text(bytes)
    }

    private static func write(_ text: [UInt8], to bytes: inout [UInt8]) {
        let hexadecimal = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: bytes += Array("\\u00".utf8) + [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private struct Reader {
        let bytes: [UInt8]
        var place = 0

        private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

        private mutating func blanks() {
            while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { place += 1 }
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            place += 1
            return true
        }

        mutating func array() -> [Value]? {
            var found: [Value] = []
            blanks()
            guard take(UInt8(ascii: "[")) else { return nil }
            blanks()
            if !take(UInt8(ascii: "]")) {
                repeat {
                    blanks()
                    guard let element = next == UInt8(ascii: "\"") ? string() : number() else { return nil }
                    found.append(element)
                    blanks()
                } while take(UInt8(ascii: ","))
                guard take(UInt8(ascii: "]")) else { return nil }
            }
            blanks()
            return next == nil ? found : nil
        }

        private mutating func digits() -> Bool {
            let start = place
            while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
            return place > start
        }

        private mutating func number() -> Value? {
            let start = place
            _ = take(UInt8(ascii: "-"))
            let whole = place
            guard digits(), bytes[whole] != UInt8(ascii: "0") || place == whole + 1 else { return nil }
            var isInteger = true
            if take(UInt8(ascii: ".")) {
                isInteger = false
                guard digits() else { return nil }
            }
            if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
                isInteger = false
                if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
                guard digits() else { return nil }
            }
            let text = String(decoding: bytes[start..<place], as: UTF8.self)
            if isInteger, let number = Int64(text) { return .integer(number) }
            guard let number = Double(text), number.isFinite else { return nil }
            return .real(number == 0 ? 0 : number)
        }

        private mutating func string() -> Value? {
            place += 1
            var text: [UInt8] = []
            while let byte = next {
                place += 1
                switch byte {
                case UInt8(ascii: "\""):
                    // What is not UTF-8 is not JSON: decoding would have put something in its place.
                    return Array(String(decoding: text, as: UTF8.self).utf8) == text ? .text(text) : nil
                case UInt8(ascii: "\\"):
                    guard let escaped = escape() else { return nil }
                    text += escaped
                case 0..<0x20: return nil
                default: text.append(byte)
                }
            }
            return nil
        }

        private mutating func escape() -> [UInt8]? {
            guard let byte = next else { return nil }
            place += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
            case UInt8(ascii: "b"): return [0x08]
            case UInt8(ascii: "f"): return [0x0C]
            case UInt8(ascii: "n"): return [0x0A]
            case UInt8(ascii: "r"): return [0x0D]
            case UInt8(ascii: "t"): return [0x09]
            case UInt8(ascii: "u"):
                guard var scalar = unit() else { return nil }
                if (0xD800..<0xDC00).contains(scalar) {
                    guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = unit(),
                        (0xDC00..<0xE000).contains(low)
                    else { return nil }
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                }
                return Unicode.Scalar(scalar).map { Array(String(Character($0)).utf8) }
            default: return nil
            }
        }

        private mutating func unit() -> UInt32? {
            guard bytes.count - place >= 4 else { return nil }
            var value: UInt32 = 0
            for _ in 0..<4 {
                let byte = bytes[place]
                place += 1
                switch byte {
                case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
                case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
                case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
                default: return nil
                }
            }
            return value
        }
    }
}
