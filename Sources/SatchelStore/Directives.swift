public import SatchelModel

/// What the `-- satchel:` lines of a schema say (`Protocol/schema.md`, SCH-8 to SCH-18).
public struct Directives: Sendable, Equatable {
    public struct Unit: Sendable, Equatable {
        public var name: String
        public var columns: [String]
        public var policy: Policy
    }

    /// The policy of a foreign key, which is named by its columns (SCH-27).
    public struct Reference: Sendable, Equatable {
        public var columns: [String]
        public var policy: ReferencePolicy
        var line: Int
    }

    /// A table that a directive speaks of, and where it does.
    struct Mention: Sendable, Equatable {
        enum Verb: String, Sendable {
            case unit, policy, reference, local, stable, appendOnly, naturalKey, similar
            case version, renamed, dropped
        }

        var verb: Verb
        var table: String
        /// The unit or column; empty where the directive is about the table.
        var name: String
        var line: Int
        /// The column's name before; empty: it was not renamed.
        var former = ""
        /// The columns of a natural key or of a similarity.
        var columns: [String] = []
    }

    /// By table.
    public var units: [String: [Unit]] = [:]
    /// By table, then column.
    public var policies: [String: [String: Policy]] = [:]
    /// By table, in the order of the lines.
    public var references: [String: [Reference]] = [:]
    public var local: Set<String> = []
    public var stable: Set<String> = []
    public var appendOnly: Set<String> = []
    /// By table: the columns of each natural key (SCH-25).
    public var naturalKeys: [String: [[String]]] = [:]
    /// By table: the name and the other columns of its similarity (SCH-26).
    public var similar: [String: [String]] = [:]
    /// 0: the schema says none (VER-1).
    public var version: UInt64 = 0
    /// By table and column: its name before (VER-5).
    public var renamed: [String: [String: String]] = [:]
    /// By table: columns that went; an empty name stands for the table itself (VER-7).
    public var dropped: [String: Set<String>] = [:]
    /// In the order of the lines.
    var mentions: [Mention] = []

    /// Reads the directives of a schema's text. Throws a `SchemaError` that names the line.
    public init(_ sql: String) throws(SchemaError) {
        // By scalars: to Swift's characters CR LF is one, and so is a quote with an accent after it.
        for (index, line) in sql.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let comment = line.trimmed.after("--"), let text = comment.trimmed.after("satchel:") else { continue }
            var words = DirectiveWords(text, line: index + 1)
            try read(&words)
        }
    }

    private mutating func read(_ words: inout DirectiveWords) throws(SchemaError) {
        let verb = try words.verb()
        if verb == "note" { return }
        guard let verb = Mention.Verb(rawValue: verb) else { throw words.error("unknown directive “\(verb)”") }
        var mention = Mention(verb: verb, table: "", name: "", line: words.line)
        switch verb {
        case .unit:
            (mention.table, mention.name) = try words.qualifiedName()
            let unit = Unit(
                name: mention.name, columns: try words.list(),
                policy: try words.isAtEnd ? .review : words.policy())
            if units[mention.table]?.contains(where: { $0.name == unit.name }) == true {
                throw words.error("two units of table \(mention.table) are called \(unit.name)")
            }
            units[mention.table, default: []].append(unit)
        case .policy:
            (mention.table, mention.name) = try words.qualifiedName()
            guard policies[mention.table]?[mention.name] == nil else {
                throw words.error("the policy of \(mention.table).\(mention.name) is given twice")
            }
            policies[mention.table, default: [:]][mention.name] = try words.policy()
        case .reference:
            mention.table = try words.name()
            let reference = Reference(
                columns: try words.list(), policy: try words.policy(of: ReferencePolicy.self), line: words.line)
            if references[mention.table]?.contains(where: { Set($0.columns) == Set(reference.columns) }) == true {
                throw words.error("the policy of this reference of \(mention.table) is given twice")
            }
            references[mention.table, default: []].append(reference)
        case .local:
            mention.table = try words.name()
            local.insert(mention.table)
        case .stable:
            mention.table = try words.name()
            stable.insert(mention.table)
        case .appendOnly:
            mention.table = try words.name()
            appendOnly.insert(mention.table)
        case .naturalKey:
            mention.table = try words.name()
            mention.columns = try words.list()
            naturalKeys[mention.table, default: []].append(mention.columns)
        case .similar:
            mention.table = try words.name()
            mention.columns = try words.list()
            guard similar.updateValue(mention.columns, forKey: mention.table) == nil else {
                throw words.error("what is similar in table \(mention.table) is said twice")
            }
        case .version:
            guard version == 0 else { throw words.error("the version is given twice") }
            version = try words.number()
        case .renamed:
            (mention.table, mention.name) = try words.qualifiedName()
            guard try words.verb() == "from" else { throw words.error("“renamed TABLE.NEW from OLD” is expected") }
            mention.former = try words.name()
            guard renamed[mention.table]?[mention.name] == nil, mention.former != mention.name else {
                throw words.error("where \(mention.table).\(mention.name) comes from is said twice, or is itself")
            }
            renamed[mention.table, default: [:]][mention.name] = mention.former
        case .dropped:
            (mention.table, mention.name) = try words.tableOrColumn()
            dropped[mention.table, default: []].insert(mention.name)
        }
        guard words.isAtEnd else { throw words.error("something is left over at the end") }
        mentions.append(mention)
    }
}

extension Directives {
    /// The name under which a column travels: the first that it had (VER-5).
    public func identity(of column: String, in table: String) -> String {
        var name = column
        var seen: Set<String> = [name]
        while let former = renamed[table]?[name], seen.insert(former).inserted { name = former }
        return name
    }
}

/// A schema that cannot be synced, with the reason in a sentence.
public struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
    /// What to do about it; nil: change the schema.
    public let hint: String?

    public init(_ description: String, try hint: String? = nil) { (self.description, self.hint) = (description, hint) }

    init(line: Int, _ description: String) { self.init("line \(line) of the schema: \(description)") }

    /// VER-8: a directive alone says so, the tables may be what they were.
    package static func becomesLocal(_ table: String) -> SchemaError {
        SchemaError("table \(table) is synced, and by the schema it would stay on each device")
    }

    /// SCH-4.
    static func alike(_ what: String, _ name: String) -> SchemaError {
        SchemaError(
            "two \(what) are called \(name), and differ only in how its letters are composed: give one another name")
    }
}

/// Walks through one directive (SCH-12).
private struct DirectiveWords {
    private var rest: Substring.UnicodeScalarView
    let line: Int

    init(_ text: Substring.UnicodeScalarView, line: Int) {
        rest = text.trimmed
        self.line = line
    }

    var isAtEnd: Bool { rest.isEmpty }

    func error(_ message: String) -> SchemaError { SchemaError(line: line, message) }

    private mutating func take(_ count: Int) -> String {
        defer { rest = rest.dropFirst(count).trimmed }
        return String(String.UnicodeScalarView(rest.prefix(count)))
    }

    mutating func verb() throws(SchemaError) -> String {
        let length = rest.prefix { !$0.isBlank }.count
        guard length > 0 else { throw error("a directive is missing after “-- satchel:”") }
        return take(length)
    }

    /// A name, plain or in double quotes.
    mutating func name() throws(SchemaError) -> String {
        if rest.first == "\"" { return try quotedName() }
        let length = rest.prefix { $0.isPlain }.count
        guard length > 0, let first = rest.first, first != "$", !("0"..."9" as ClosedRange).contains(first) else {
            throw error("a name is missing, or needs double quotes")
        }
        return take(length)
    }

    private mutating func quotedName() throws(SchemaError) -> String {
        var name = String.UnicodeScalarView()
        rest = rest.dropFirst()
        while let scalar = rest.popFirst() {
            if scalar == "\"" {
                guard rest.first == "\"" else {
                    rest = rest.trimmed
                    guard !name.isEmpty else { throw error("a name is empty") }
                    return String(name)
                }
                rest = rest.dropFirst()
            }
            name.append(scalar)
        }
        throw error("a quoted name does not end")
    }

    mutating func qualifiedName() throws(SchemaError) -> (String, String) {
        let table = try name()
        guard rest.first == "." else { throw error("“TABLE.NAME” is expected") }
        _ = take(1)
        return (table, try name())
    }

    /// A table, or a table and a column; the column is empty for the former.
    mutating func tableOrColumn() throws(SchemaError) -> (String, String) {
        let table = try name()
        guard rest.first == "." else { return (table, "") }
        _ = take(1)
        return (table, try name())
    }

    /// A whole number from 1 on.
    mutating func number() throws(SchemaError) -> UInt64 {
        guard let number = UInt64(take(rest.prefix { !$0.isBlank }.count)), number > 0, number <= UInt64(Int64.max)
        else {
            throw error("a whole number from 1 on is expected")
        }
        return number
    }

    mutating func list() throws(SchemaError) -> [String] {
        guard rest.first == "(" else { throw error("a list in parentheses is expected") }
        var names: [String] = []
        repeat {
            _ = take(1)
            names.append(try name())
        } while rest.first == ","
        guard rest.first == ")" else { throw error("“,” or “)” is expected") }
        _ = take(1)
        return names
    }

    mutating func policy() throws(SchemaError) -> Policy { try policy(of: Policy.self) }

    mutating func policy<P: RawRepresentable<String> & CaseIterable>(of kind: P.Type) throws(SchemaError) -> P {
        let word = take(rest.prefix { !$0.isBlank }.count)
        guard let policy = P(rawValue: word) else {
            let known = P.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("unknown policy “\(word)”; known are \(known)")
        }
        return policy
    }
}

extension Unicode.Scalar {
    fileprivate var isBlank: Bool { properties.isWhitespace }

    /// Whether it may stand in a name without quotes.
    fileprivate var isPlain: Bool {
        switch self {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "$": true
        default: !isASCII && !isBlank
        }
    }
}

extension Substring.UnicodeScalarView {
    fileprivate var trimmed: Self {
        var view = self
        while view.first?.isBlank == true { view.removeFirst() }
        while view.last?.isBlank == true { view.removeLast() }
        return view
    }

    /// What follows a word that stands at the beginning; nil: it does not.
    fileprivate func after(_ word: String) -> Self? {
        starts(with: word.unicodeScalars) ? dropFirst(word.unicodeScalars.count) : nil
    }
}
