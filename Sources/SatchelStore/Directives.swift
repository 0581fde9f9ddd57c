public import SatchelModel

/// What the `-- satchel:` lines of a schema say (`Protocol/schema.md`, SCH-3 to SCH-8).
public struct Directives: Sendable, Equatable {
    public struct Unit: Sendable, Equatable {
        public var name: String
        public var columns: [String]
        public var policy: Policy
    }

    /// By table.
    public var units: [String: [Unit]] = [:]
    /// By table, then column.
    public var policies: [String: [String: Policy]] = [:]
    public var local: Set<String> = []
    public var stable: Set<String> = []

    /// Reads the directives of a schema's text. Throws a `SchemaError` that names the line.
    public init(_ sql: String) throws(SchemaError) {
        for (index, line) in sql.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.trimmed
            guard trimmed.hasPrefix("--") else { continue }
            let comment = trimmed.dropFirst(2).trimmed
            guard comment.hasPrefix("satchel:") else { continue }
            var words = DirectiveWords(comment.dropFirst("satchel:".count), line: index + 1)
            try read(&words)
        }
    }

    private mutating func read(_ words: inout DirectiveWords) throws(SchemaError) {
        switch try words.word() {
        case "unit":
            let (table, name) = try words.qualifiedName()
            let columns = try words.list()
            let policy = try words.isAtEnd ? .review : words.policy()
            units[table, default: []].append(Unit(name: name, columns: columns, policy: policy))
        case "policy":
            let (table, column) = try words.qualifiedName()
            policies[table, default: [:]][column] = try words.policy()
        case "local": local.insert(try words.name())
        case "stable": stable.insert(try words.name())
        case "note": return
        case let other: throw words.error("unknown directive “\(other)”")
        }
        guard words.isAtEnd else { throw words.error("something is left over at the end") }
    }
}

/// A schema that cannot be synced, with the reason in a sentence.
public struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Walks through one directive.
private struct DirectiveWords {
    private var rest: Substring
    private let line: Int

    init(_ text: Substring, line: Int) {
        rest = text.trimmed
        self.line = line
    }

    var isAtEnd: Bool { rest.isEmpty }

    func error(_ message: String) -> SchemaError { SchemaError("line \(line) of the schema: \(message)") }

    mutating func word() throws(SchemaError) -> String {
        let word = rest.prefix { !$0.isWhitespace }
        guard !word.isEmpty else { throw error("a directive is missing after “-- satchel:”") }
        rest = rest.dropFirst(word.count).trimmed
        return String(word)
    }

    /// A name, bare or in double quotes.
    mutating func name() throws(SchemaError) -> String {
        if rest.first == "\"" {
            var name = ""
            rest = rest.dropFirst()
            while let character = rest.popFirst() {
                guard character == "\"" else {
                    name.append(character)
                    continue
                }
                guard rest.first == "\"" else {
                    rest = rest.trimmed
                    return name
                }
                name.append("\"")
                rest = rest.dropFirst()
            }
            throw error("a quoted name does not end")
        }
        let bare = rest.prefix { !$0.isWhitespace && !".,()".contains($0) }
        guard !bare.isEmpty else { throw error("a name is missing") }
        rest = rest.dropFirst(bare.count).trimmed
        return String(bare)
    }

    mutating func qualifiedName() throws(SchemaError) -> (String, String) {
        let table = try name()
        guard rest.popFirst() == "." else { throw error("“TABLE.NAME” is expected") }
        return (table, try name())
    }

    mutating func list() throws(SchemaError) -> [String] {
        guard rest.popFirst() == "(" else { throw error("a list in parentheses is expected") }
        var names: [String] = []
        while true {
            rest = rest.trimmed
            names.append(try name())
            switch rest.popFirst() {
            case ",": continue
            case ")":
                rest = rest.trimmed
                return names
            default: throw error("“,” or “)” is expected")
            }
        }
    }

    mutating func policy() throws(SchemaError) -> Policy {
        let word = try word()
        guard let policy = Policy(rawValue: word) else {
            let known = Policy.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("unknown policy “\(word)”; known are \(known)")
        }
        return policy
    }
}

extension StringProtocol {
    fileprivate var trimmed: SubSequence {
        let start = firstIndex { !$0.isWhitespace } ?? endIndex
        let end = lastIndex { !$0.isWhitespace }.map(index(after:)) ?? start
        return self[start..<end]
    }
}
