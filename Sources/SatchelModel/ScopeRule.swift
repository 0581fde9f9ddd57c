/// One rule of a scope: which rows of one table are in it (`Protocol/scopes.md`, SCO-1).
public struct ScopeRule: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Every row.
        case all
        /// The rows whose column holds the value, equal in type and bytes.
        case by(column: String, value: Value)
        /// The rows for which an SQL expression over the table's own columns is true.
        case condition(String)
        /// The rows whose foreign key over these columns names a row of the scope's core.
        case within([String])
    }

    /// `*`: every table, known or not.
    public let table: String
    public let kind: Kind

    public init(table: String, kind: Kind) {
        self.table = table
        self.kind = kind
    }

    public static let everyTable = "*"
    /// Bytes of a rule as text.
    public static let maximumBytes = 4096

    /// Reads `client ALL`, `client BY owner '王芳'`, `client WHERE district = 'N'`, `visit IN (client_id)`. Total.
    public init(_ text: String) throws(ScopeRuleError) {
        guard text.utf8.count <= Self.maximumBytes, !text.utf8.contains(0) else {
            throw ScopeRuleError("a rule has at most \(Self.maximumBytes) bytes, and no NUL")
        }
        var scanner = RuleScanner(text)
        let table: String
        if scanner.take("*") {
            table = Self.everyTable
        } else {
            table = try scanner.name("a rule begins with the name of a table")
        }
        self.table = table
        switch scanner.word().uppercased() {
        case "ALL": kind = .all
        case "BY": kind = .by(column: try scanner.name("BY takes a column"), value: try scanner.literal())
        case "WHERE":
            kind = .condition(scanner.remainder())
            guard kind != .condition("") else { throw ScopeRuleError("WHERE takes a condition") }
        case "IN": kind = .within(try scanner.names())
        default: throw ScopeRuleError("after the table comes ALL, BY, WHERE or IN")
        }
        guard scanner.isAtEnd else { throw ScopeRuleError("there is more in the rule than it can mean: \(text)") }
        guard table != Self.everyTable || kind == .all else { throw ScopeRuleError("* takes ALL and nothing else") }
    }

    /// The one text of the rule, which reads back as the same rule.
    public var text: String {
        let name = table == Self.everyTable ? table : Self.quoted(table)
        return switch kind {
        case .all: "\(name) ALL"
        case .by(let column, let value): "\(name) BY \(Self.quoted(column)) \(Self.literal(value))"
        case .condition(let sql): "\(name) WHERE \(sql)"
        case .within(let columns): "\(name) IN (\(columns.map(Self.quoted).joined(separator: ", ")))"
        }
    }

    private static func quoted(_ name: String) -> String { "\"" + doubled(name, "\"") + "\"" }

    private static func literal(_ value: Value) -> String {
        switch value {
        case .integer(let number): String(number)
        case .text(let bytes): "'" + doubled(String(decoding: bytes, as: UTF8.self), "'") + "'"
        case .null, .real, .blob: "''"  // `literal()` of the scanner makes none of these
        }
    }

    private static func doubled(_ text: String, _ mark: Character) -> String {
        text.split(separator: mark, omittingEmptySubsequences: false).joined(separator: "\(mark)\(mark)")
    }
}

/// A rule that cannot be meant so, in a sentence.
public struct ScopeRuleError: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// A scope as it is named and ruled.
public struct ScopeDefinition: Hashable, Sendable {
    public let name: String
    public let rules: [ScopeRule]

    public init(name: String, rules: [ScopeRule]) {
        self.name = name
        self.rules = rules
    }

    /// The rules as text, sorted by bytes, each once: what a tag and a certificate are made over (SCO-10).
    public var texts: [String] {
        Set(rules.map(\.text)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The scope that every device has as long as there are no rules (SCO-6).
    public static let all = ScopeDefinition(name: "all", rules: [ScopeRule(table: ScopeRule.everyTable, kind: .all)])
}

/// Cuts a rule into words. Works on scalars: a combining mark after a quote must not hide it.
private struct RuleScanner {
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) {
        rest = Substring(text).unicodeScalars
        skip()
    }

    private mutating func skip() {
        while let next = rest.first, " \t\r\n".unicodeScalars.contains(next) { rest.removeFirst() }
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard rest.first == mark else { return false }
        rest.removeFirst()
        skip()
        return true
    }

    mutating func remainder() -> String {
        var text = String(Substring(rest))
        while let last = text.unicodeScalars.last, " \t\r\n".unicodeScalars.contains(last) {
            text.unicodeScalars.removeLast()
        }
        rest = Substring().unicodeScalars
        return text
    }

    /// A run of letters, digits, `_`, `$` and what is beyond ASCII (SCH-12); may be empty.
    mutating func word() -> String {
        var word = String.UnicodeScalarView()
        while let next = rest.first, Self.isPlain(next) {
            word.append(next)
            rest.removeFirst()
        }
        skip()
        return String(word)
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "$": true
        default: scalar.value > 0x7F
        }
    }

    private mutating func marked(_ mark: Unicode.Scalar) throws(ScopeRuleError) -> String {
        var text = String.UnicodeScalarView()
        rest.removeFirst()
        while let next = rest.first {
            rest.removeFirst()
            guard next == mark else {
                text.append(next)
                continue
            }
            guard rest.first == mark else {
                skip()
                return String(text)
            }
            rest.removeFirst()
            text.append(mark)
        }
        throw ScopeRuleError("a quotation mark is missing")
    }

    mutating func name(_ complaint: String) throws(ScopeRuleError) -> String {
        let name = rest.first == "\"" ? try marked("\"") : word()
        guard !name.isEmpty else { throw ScopeRuleError(complaint) }
        return name
    }

    mutating func names() throws(ScopeRuleError) -> [String] {
        guard take("(") else { return [try name("IN takes a column")] }
        var names: [String] = []
        repeat { names.append(try name("IN takes columns")) } while take(",")
        guard take(")") else { throw ScopeRuleError("a parenthesis is missing") }
        return names
    }

    mutating func literal() throws(ScopeRuleError) -> Value {
        if rest.first == "'" { return .text(try marked("'")) }
        let sign = take("-") ? "-" : ""
        guard let number = Int64(sign + word()) else {
            throw ScopeRuleError("BY takes a text in single quotes, or a whole number")
        }
        return .integer(number)
    }
}
