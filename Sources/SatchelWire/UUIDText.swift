/// UUIDs as people's programs write them: 36 characters, lowercase, hyphens in four places (BND-33).
enum UUIDText {
    static let length = 36

    @inline(__always)
    private static func isHyphen(_ index: Int) -> Bool { index == 8 || index == 13 || index == 18 || index == 23 }

    @inline(__always)
    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 97...102: byte - 87
        default: nil
        }
    }

    static func isUUID(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count == length else { return false }
        for index in 0..<length {
            let byte = bytes[range.lowerBound + index]
            if isHyphen(index) ? byte != 45 : digit(byte) == nil { return false }
        }
        return true
    }

    /// Writes the 16 bytes of what `isUUID` accepted.
    static func pack(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to writer: inout ByteWriter) {
        var high: UInt8?
        for index in 0..<length where !isHyphen(index) {
            let digit = digit(bytes[range.lowerBound + index]) ?? 0
            if let first = high {
                writer.byte(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
    }

    /// 36 characters for every 16 bytes.
    static func unpack(_ packed: ArraySlice<UInt8>) -> [UInt8] {
        func character(_ digit: UInt8) -> UInt8 { digit < 10 ? digit + 48 : digit + 87 }
        var text: [UInt8] = []
        text.reserveCapacity(packed.count / 16 * length)
        var index = 0
        for byte in packed {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(45) }
            text.append(character(byte >> 4))
            text.append(character(byte & 15))
            index = index == 15 ? 0 : index + 1
        }
        return text
    }
}
