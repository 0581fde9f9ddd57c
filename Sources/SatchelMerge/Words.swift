/// A text cut into what a merge moves as one (MRG-34).
///
/// A word is a run of letters and digits, joined characters included; a blank, a mark of punctuation, and a character
/// of the scripts that are written without blanks (from U+2E80 on) are each one by itself. The bounds are fixed here
/// and not taken from a table of Unicode, whose versions differ between builds. A byte that is not UTF-8 is one by
/// itself, so that any bytes can be cut.
enum Words {
    /// The pieces in order; joined they are the text. O(bytes).
    static func cut(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        var place = 0
        func close(at end: Int) {
            if end > start { pieces.append(text[start..<end]) }
            start = end
        }
        while place < text.count {
            let (scalar, length) = scalar(text, at: place)
            if joins(scalar), place > start || !pieces.isEmpty {
                // Belongs to the piece before it, whatever that is.
                if place == start, let last = pieces.popLast() { start = last.startIndex }
                place += length
                continue
            }
            if place > start, !isOfWord(scalar) || !startsWithWord(text, at: start) { close(at: place) }
            place += length
        }
        close(at: place)
        return pieces
    }

    private static func startsWithWord(_ text: [UInt8], at place: Int) -> Bool {
        isOfWord(scalar(text, at: place).scalar)
    }

    private static let notUTF8 = UInt32.max

    /// The scalar at a place and its bytes; `notUTF8` for a byte that is not.
    private static func scalar(_ text: [UInt8], at place: Int) -> (scalar: UInt32, length: Int) {
        let first = text[place]
        let length: Int
        var value: UInt32
        switch first {
        case 0..<0x80: return (UInt32(first), 1)
        case 0xC2..<0xE0: (length, value) = (2, UInt32(first & 0x1F))
        case 0xE0..<0xF0: (length, value) = (3, UInt32(first & 0x0F))
        case 0xF0..<0xF5: (length, value) = (4, UInt32(first & 0x07))
        default: return (notUTF8, 1)
        }
        guard place + length <= text.count else { return (notUTF8, 1) }
        for byte in text[(place + 1)..<(place + length)] {
            guard byte & 0xC0 == 0x80 else { return (notUTF8, 1) }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        return (value, length)
    }

    /// Combining marks, variation selectors, the joiners, and the tones of emoji: never apart from what they follow.
    private static func joins(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x0300...0x036F, 0x200C...0x200D, 0x20D0...0x20FF, 0xFE00...0xFE0F, 0xFE20...0xFE2F, 0x1F3FB...0x1F3FF:
            true
        default: false
        }
    }

    private static func isOfWord(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A, 0xAA, 0xB5, 0xBA, 0xC0...0x1FFF, 0x2070...0x20CF,
            0x2100...0x218F, 0x2C00...0x2DFF:
            scalar != 0xD7 && scalar != 0xF7 && scalar != 0x1680
        default: false
        }
    }
}
