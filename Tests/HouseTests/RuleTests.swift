import Testing

/// Rules and tests name each other: what is quoted is written in Protocol/, and what is written there is tested.
@Suite struct RuleTests {
    /// Rules that no test can show, each with the reason. An entry that a test quotes, or that is gone, fails.
    static let untestable: [String: String] = [:]

    /// The documents' own prefixes, so that SHA-256 and RFC-4180 are no rules.
    private static let prefixes: Set<String> = [
        "MRG", "EXC", "BND", "IDN", "SCH", "DIG", "CAP", "CLI", "TST", "ERA", "SCO", "REV", "INB", "VER",
    ]

    /// Where each rule is defined: in bold, or as a heading.
    static let defined: [String: String] = {
        var defined: [String: String] = [:]
        for file in Tree.files(under: "Protocol", ending: ".md") {
            for (index, line) in file.lines.enumerated() {
                let bold = line.split(separator: "**", omittingEmptySubsequences: false).enumerated()
                    .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
                let heading = line.hasPrefix("## ") ? [String(line.dropFirst(3).prefix { $0 != " " })] : []
                for name in bold + heading where quoted(in: name) == [name] {
                    defined[name] = "\(file.path):\(index + 1)"
                }
            }
        }
        return defined
    }()

    /// The rules that a line quotes, as `MRG-9` or within a name as `_MRG9`. A span, “MRG-20 to MRG-22”, quotes none:
    /// it grows with the document and not with the test. O(bytes): a Regex takes a minute for the tree.
    static func quoted(in line: String) -> [String] {
        let bytes = Array(line.utf8)
        var found: [String] = []
        var place = 0
        while place < bytes.count {
            guard let one = rule(bytes, at: place) else {
                place += 1
                continue
            }
            place = one.end
            let to = Array(" to ".utf8)
            if bytes[place...].starts(with: to), let last = rule(bytes, at: place + to.count) {
                place = last.end
            } else {
                found.append(one.name)
            }
        }
        return found
    }

    private static func rule(_ bytes: [UInt8], at start: Int) -> (name: String, end: Int)? {
        func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte & 0xDF) }
        guard start + 3 < bytes.count, start == 0 || !isLetter(bytes[start - 1]), isLetter(bytes[start]) else {
            return nil
        }
        let prefix = String(decoding: bytes[start..<(start + 3)], as: UTF8.self)
        guard prefixes.contains(prefix) else { return nil }
        let first = bytes[start + 3] == UInt8(ascii: "-") ? start + 4 : start + 3
        let digits = bytes[first...].prefix { (48...57).contains($0) }
        return digits.isEmpty ? nil : ("\(prefix)-\(String(decoding: digits, as: UTF8.self))", digits.endIndex)
    }

    @Test(arguments: [
        ("func a_MRG9_EXC12() {", ["MRG-9", "EXC-12"]), ("/// CLI-5, CLI-6.", ["CLI-5", "CLI-6"]),
        ("by MRG-1 to MRG-5 and DIG-2", ["DIG-2"]), ("SHA-256, RFC-4180, XMRG-1", []), ("BND-12: text", ["BND-12"]),
    ])
    func aQuotationIsReadRight(_ line: String, _ rules: [String]) { #expect(Self.quoted(in: line) == rules) }

    @Test func everyRuleThatIsQuotedIsWritten() {
        let written = Set(
            Tree.files(under: "Protocol", ending: ".md").flatMap { $0.lines.flatMap(Self.quoted) })
        var dead: [String] = []
        for file in StyleTests.swift where file.path != "Tests/HouseTests/RuleTests.swift" {
            for (index, line) in file.lines.enumerated() {
                for rule in Self.quoted(in: line) where !written.contains(rule) {
                    dead.append("\(file.path):\(index + 1): \(rule) is in no file of Protocol/")
                }
            }
        }
        #expect(dead.isEmpty, "\(dead.joined(separator: "\n"))")
    }

    @Test func everyRuleThatIsWrittenIsQuotedByATest() {
        let tests = Tree.files(under: "Tests").filter { !$0.path.hasPrefix("Tests/HouseTests/") }
        let vectors = Tree.files(under: "Protocol/vectors", ending: ".tsv")
        let quoted = Set((tests + vectors).flatMap { $0.lines.flatMap(Self.quoted) })
        #expect(Self.defined.count > 300, "Protocol/ was read")
        let untested = Self.defined.filter { !quoted.contains($0.key) && Self.untestable[$0.key] == nil }
        let list = untested.sorted { $0.key < $1.key }.map { "\($0.value): \($0.key)" }
        #expect(list.isEmpty, "no test quotes:\n\(list.joined(separator: "\n"))")
        let needless = Self.untestable.keys.filter { quoted.contains($0) || Self.defined[$0] == nil }.sorted()
        #expect(needless.isEmpty, "not needed in the table any more: \(needless)")
    }
}
