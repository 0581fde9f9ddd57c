/// A text cut into what a merge moves as one (MRG-34).
///
/// A word is a run of letters and digits, joined characters included, with the marks that stand within a number, a date or a name (`1,000`,
/// `2026-01-05`, `a.b@c.de`); a number or date in Chinese (二十五元, 3月5日); any other character of the scripts that are written without blanks
/// (from U+2E80 on); a blank; or a mark. The bounds are fixed here and not taken from a table of Unicode, whose versions
/// differ between builds. A byte that is not UTF-8 is one by itself, so that any bytes can be cut.
enum Words {
    /// The pieces in order; joined they are the text. O(bytes).
    static func cut(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        var place = 0
        var last = Kind.mark
        // Whether the piece is a number so far.
        var isNumber = false
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
            let kind = kind(scalar)
            let goesOn: Bool
            switch kind {
            case .letter: goesOn = last.isNarrow
            case .digit: goesOn = last.isNarrow || isNumber
            case .numeral, .measure: goesOn = isNumber
            case .wide: goesOn = false
            case .mark:
                let next =
                    place + length < text.count ? Words.kind(Words.scalar(text, at: place + length).scalar) : .mark
                goesOn = last.isNarrow && links(scalar) && next.isNarrow
            }
            if place > start, !goesOn { close(at: place) }
            if place == start {
                isNumber = kind == .digit || kind == .numeral
            } else if kind == .letter {
                isNumber = false
            }
            last = kind == .mark && goesOn ? last : kind
            place += length
        }
        close(at: place)
        return pieces
    }

    /// Whether a piece is a word of a script that is written without blanks, or a number in it.
    static func isOfClause(_ piece: ArraySlice<UInt8>) -> Bool {
        var place = piece.startIndex
        while place < piece.endIndex {
            let (scalar, length) = scalar(piece, at: place)
            if [.numeral, .measure, .wide].contains(kind(scalar)) { return true }
            place += length
        }
        return false
    }

    private enum Kind {
        case mark, letter, digit
        /// Of a script that is written without blanks: numbers, what is counted by them, and all else.
        case numeral, measure, wide

        var isNarrow: Bool { self == .letter || self == .digit }
    }

    private static let notUTF8 = UInt32.max

    /// The scalar at a place and its bytes; `notUTF8` for a byte that is not.
    private static func scalar(_ text: [UInt8], at place: Int) -> (scalar: UInt32, length: Int) {
        scalar(text[...], at: place)
    }

    private static func scalar(_ text: ArraySlice<UInt8>, at place: Int) -> (scalar: UInt32, length: Int) {
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
        guard place + length <= text.endIndex else { return (notUTF8, 1) }
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

    /// Marks that stand within numbers, dates, addresses and names.
    private static func links(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x27, 0x2C...0x2F, 0x3A, 0x40, 0x2019: true
        default: false
        }
    }

    private static func kind(_ scalar: UInt32) -> Kind {
        switch scalar {
        case 0xD7, 0xF7, 0x1680: .mark
        case 0x30...0x39: .digit
        case 0x41...0x5A, 0x5F, 0x61...0x7A, 0xAA, 0xB5, 0xBA, 0xC0...0x1FFF, 0x2070...0x20CF, 0x2100...0x218F,
            0x2C00...0x2DFF:
            .letter
        // 〇 零 一 二 两 三 四 五 六 七 八 九 十 百 千 万 亿 半, and digits of full width.
        case 0x3007, 0x96F6, 0x4E00, 0x4E8C, 0x4E24, 0x4E09, 0x56DB, 0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D, 0x5341,
            0x767E, 0x5343, 0x4E07, 0x4EBF, 0x534A, 0xFF10...0xFF19:
            .numeral
        // 年 月 日 号 时 点 分 秒 元 角
        case 0x5E74, 0x6708, 0x65E5, 0x53F7, 0x65F6, 0x70B9, 0x5206, 0x79D2, 0x5143, 0x89D2: .measure
        case 0x2E80...0x2FDF, 0x3005...0x3006, 0x3021...0x3029, 0x3031...0x3035, 0x3041...0x3096, 0x309D...0x309F,
            0x30A1...0x30FA, 0x30FC...0x31BF, 0x31F0...0x31FF, 0x3400...0xABFF, 0xAC00...0xD7FF, 0xF900...0xFAFF,
            0xFF21...0xFF3A, 0xFF41...0xFF5A, 0xFF66...0xFFDC, 0x20000...0x3FFFF:
            .wide
        default: .mark
        }
    }
}
