public import SatchelModel

/// What the DDL says a column holds by default, in the text that SQLite keeps of it: an expression without the parentheses
/// around it, a literal, or one word, which is a string.
struct ColumnDefault {
    private let sql: String
    private let tokens: [Token]

    private enum Token: Equatable {
        case word(String)
        /// A name in quotes, without them.
        case name([UInt8])
        /// A string with its quotes, or the rest of a blob.
        case string
        case sign(UInt8)
    }

    init(_ sql: String) {
        self.sql = sql
        tokens = Self.tokens(Array(sql.utf8))
    }

    /// Whether it is one value for ever, and everywhere: no function is called in it.
    var isConstant: Bool {
        !zip(tokens, tokens.dropFirst() + [.sign(0)]).contains { token, next in
            guard case .word(let word) = token else { return false }
            return word.uppercased().hasPrefix("CURRENT_") || next == .sign(UInt8(ascii: "("))
        }
    }

    /// What it comes to now, as it is before a column makes something else of it.
    func value(_ db: Connection) throws -> Value {
        if tokens.count == 1 {
            switch tokens[0] {
            case .name(let name): return .text(name)
            case .word(let word) where Self.isName(word.uppercased()): return .text(Array(word.utf8))
            default: break
            }
        }
        // A line of its own: the text may end in a remark.
        let select = try Statement(db, "SELECT (\(sql)\n)")
        return try select.step() ? select.value(0) : .null
    }

    /// Whether a word by itself is a string and not what it says.
    private static func isName(_ word: String) -> Bool {
        guard let first = word.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else { return false }
        return !["NULL", "TRUE", "FALSE"].contains(word) && !word.hasPrefix("CURRENT_")
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func tokens(_ text: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var place = 0
        while place < text.count {
            let start = place
            let byte = text[place]
            switch byte {
            case _ where isBlank(byte): place += 1
            case UInt8(ascii: "-") where text[place...].starts(with: "--".utf8):
                while place < text.count, text[place] != 0x0A { place += 1 }
            case UInt8(ascii: "/") where text[place...].starts(with: "/*".utf8):
                place += 2
                while place < text.count, !text[place...].starts(with: "*/".utf8) { place += 1 }
                place = min(place + 2, text.count)
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "["):
                let inside = quoted(text, &place)
                tokens.append(byte == UInt8(ascii: "'") ? .string : .name(inside))
            case _ where isOfWord(byte):
                while place < text.count, isOfWord(text[place]) { place += 1 }
                tokens.append(.word(String(decoding: text[start..<place], as: UTF8.self)))
            default:
                tokens.append(.sign(byte))
                place += 1
            }
        }
        return tokens
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "."), 0x80...:
            true
        default: false
        }
    }

    /// What stands in quotes from `place` on, which is moved behind them; a quote that is doubled is one of the text.
    private static func quoted(_ text: [UInt8], _ place: inout Int) -> [UInt8] {
        let end = text[place] == UInt8(ascii: "[") ? UInt8(ascii: "]") : text[place]
        var inside: [UInt8] = []
        place += 1
        while place < text.count {
            if text[place] == end {
                place += 1
                guard end != UInt8(ascii: "]"), place < text.count, text[place] == end else { break }
            }
            inside.append(text[place])
            place += 1
        }
        return inside
    }
}

extension TableSchema.Column {
    /// Whether what the DDL says it holds by default is one value for ever, or nothing.
    var hasConstantDefault: Bool { defaultSQL.map { ColumnDefault($0).isConstant } ?? true }
}

extension Store {
    /// What each column of a table holds where nobody wrote it, as the column holds it. A default that is computed would
    /// differ from replica to replica: NULL.
    func defaults(of facts: TableFacts) throws -> [Value] {
        try zip(facts.schema.columns, facts.affinities).map { column, affinity in
            guard let sql = column.defaultSQL, column.hasConstantDefault else { return .null }
            return try asHeld(ColumnDefault(sql).value(db), affinity)
        }
    }

    /// The blank that a column's default gives.
    public func blank(defaultSQL: String) throws -> Value { try ColumnDefault(defaultSQL).value(db) }
}
