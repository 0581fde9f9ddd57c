import Testing

/// Rules and tests name each other: what is quoted is written in Protocol/, and what is written there is tested.
@Suite struct RuleTests {
    /// Rules that no test can show, each with the reason. An entry that a test quotes, or that is gone, fails.
    static let untestable: [String: String] = [:]

    /// The documents' own prefixes, so that SHA-256 and RFC-4180 are no rules.
    private static let prefix = "MRG|EXC|BND|IDN|SCH|DIG|CAP|CLI|TST|ERA|SCO|REV|INB|VER"

    /// Where each rule is defined: in bold at the beginning of its paragraph, or as a heading.
    static let defined: [String: String] = {
        let definition = try? Regex(
            "(?:\\*\\*|^## )((?:\(prefix))-[0-9]+)(?:\\*\\*| )", as: (Substring, Substring).self)
        var defined: [String: String] = [:]
        for file in Tree.files(under: "Protocol", ending: ".md") {
            for (index, line) in file.lines.enumerated() {
                for match in definition.map(line.matches) ?? [] {
                    defined[String(match.output.1)] = "\(file.path):\(index + 1)"
                }
            }
        }
        return defined
    }()

    /// The rules that a line quotes, as `MRG-9` or within a name as `_MRG9`. A span, “MRG-20 to MRG-22”, quotes none:
    /// it grows with the document and not with the test.
    static func quoted(in line: String) -> [String] {
        let rules = "(\(prefix))"
        guard let span = try? Regex("\(rules)-[0-9]+(?: to |–)\(rules)-[0-9]+"),
            let quotation = try? Regex(
                "(?:^|[^A-Za-z])\(rules)-?([0-9]+)", as: (Substring, Substring, Substring).self)
        else { return [] }
        return line.replacing(span, with: "").matches(of: quotation).map { "\($0.output.1)-\($0.output.2)" }
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
