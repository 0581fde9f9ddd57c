/// Reads the condition of a partial index out of the `CREATE INDEX` statement that SQLite keeps.
enum PartialIndex {
    /// The text after WHERE; nil if it cannot be found.
    ///
    /// The statement parsed once already: its first parenthesis opens the list of columns, and what follows the list
    /// is the condition. Names, strings and comments are stepped over.
    static func condition(of sql: String) -> String? {
        let text = Array(sql.utf8)
        var depth = 0
        var place = 0
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
                place = end(of: text, from: place + 1, at: [text[place]])
            case UInt8(ascii: "["): place = end(of: text, from: place + 1, at: Array("]".utf8))
            case UInt8(ascii: "-") where text[place...].starts(with: Array("--".utf8)):
                place = end(of: text, from: place, at: Array("\n".utf8))
            case UInt8(ascii: "/") where text[place...].starts(with: Array("/*".utf8)):
                place = end(of: text, from: place + 2, at: Array("*/".utf8))
            case UInt8(ascii: "("):
                depth += 1
                place += 1
            case UInt8(ascii: ")"):
                depth -= 1
                place += 1
                if depth == 0 { return rest(of: text, from: place) }
            default: place += 1
            }
        }
        return nil
    }

    private static func end(of text: [UInt8], from start: Int, at mark: [UInt8]) -> Int {
        var place = start
        while place < text.count, !text[place...].starts(with: mark) { place += 1 }
        return min(place + mark.count, text.count)
    }

    private static func rest(of text: [UInt8], from place: Int) -> String? {
        let rest = String(decoding: text[place...], as: UTF8.self)
        guard let word = rest.uppercased().firstRange(of: "WHERE") else { return nil }
        let length = rest.uppercased().distance(from: rest.uppercased().startIndex, to: word.upperBound)
        return String(rest.dropFirst(length))
    }
}
