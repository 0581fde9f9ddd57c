/// The pieces of SQL as SQLite's own tokenizer tells them apart, as far as reading DDL needs it. The text was parsed by
/// SQLite before.
enum SQLText {
    enum Kind {
        /// Blanks, or a remark.
        case gap
        /// A keyword, a bare name, or a number.
        case word
        /// A name in quotes of one of three kinds. Where no name fits, SQLite takes one in double quotes for a string.
        case name
        case string
        case mark
    }

    struct Piece {
        let kind: Kind
        let text: [UInt8]

        /// What a word or a name says, without its quotes; of anything else the piece itself.
        var said: String {
            guard kind == .name, let quote = text.first else { return String(decoding: text, as: UTF8.self) }
            let inner = String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
            let one = String(decoding: [quote], as: UTF8.self)
            if one == "[" { return inner }
            return inner.replacing(one + one, with: one)
        }

        /// A word that is no number.
        var isBareWord: Bool { kind == .word && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[0]) }

        func isMark(_ mark: Character) -> Bool { kind == .mark && said == String(mark) }
    }

    static func pieces(of sql: String) -> [Piece] {
        let text = Array(sql.utf8)
        var found: [Piece] = []
        var place = 0
        while place < text.count {
            let (kind, end) = piece(of: text, at: place)
            found.append(Piece(kind: kind, text: Array(text[place..<end])))
            place = end
        }
        return found
    }

    private static func piece(of text: [UInt8], at place: Int) -> (Kind, Int) {
        let next = place + 1 < text.count ? text[place + 1] : 0
        switch text[place] {
        case UInt8(ascii: "'"): return (.string, endOfQuoted(text, from: place, quote: text[place]))
        case UInt8(ascii: "\""), UInt8(ascii: "`"):
            return (.name, endOfQuoted(text, from: place, quote: text[place]))
        case UInt8(ascii: "["): return (.name, end(of: text, from: place + 1, at: "]"))
        case UInt8(ascii: "-") where next == UInt8(ascii: "-"): return (.gap, end(of: text, from: place, at: "\n"))
        case UInt8(ascii: "/") where next == UInt8(ascii: "*"): return (.gap, end(of: text, from: place + 2, at: "*/"))
        case let byte where isBlank(byte): return (.gap, place + 1)
        case let byte where isOfWord(byte):
            return (.word, text[place...].firstIndex { !isOfWord($0) } ?? text.count)
        default: return (.mark, place + 1)
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }

    /// A quote inside is written twice.
    private static func endOfQuoted(_ text: [UInt8], from start: Int, quote: UInt8) -> Int {
        var place = start + 1
        while place < text.count {
            guard text[place] == quote else {
                place += 1
                continue
            }
            guard place + 1 < text.count, text[place + 1] == quote else { return place + 1 }
            place += 2
        }
        return text.count
    }

    private static func end(of text: [UInt8], from start: Int, at mark: String) -> Int {
        let mark = Array(mark.utf8)
        var place = start
        while place < text.count, !text[place...].starts(with: mark) { place += 1 }
        return min(place + mark.count, text.count)
    }
}
