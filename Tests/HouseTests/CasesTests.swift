import Testing

/// The table of what goes wrong names tests that exist.
@Suite struct CasesTests {
    static let cases = Tree.file("Protocol/cases.md")?.lines.filter { $0.hasPrefix("| ") } ?? []

    static let tests: Set<String> = {
        var names: Set<String> = []
        for file in Tree.files(under: "Tests", ending: ".swift") {
            for line in file.lines {
                if let found = line.firstMatch(of: #/\bfunc (\w+)\(/#) { names.insert(String(found.1)) }
            }
        }
        return names
    }()

    @Test func everyCaseNamesTestsThatExistOrSaysThatNoneDoes() {
        var rows = 0
        var wrong: [String] = []
        for line in Self.cases where !line.hasPrefix("| ---") && !line.hasSuffix("| shown by |") {
            rows += 1
            guard let shown = line.split(separator: "|").last(where: { !$0.allSatisfy(\.isWhitespace) }) else {
                continue
            }
            let names = shown.matches(of: #/`(\w+)`/#).map { String($0.1) }
            if names.isEmpty && !shown.contains("*not yet*") { wrong.append("\(line) names no test") }
            wrong += names.filter { !Self.tests.contains($0) }.map { "\($0) is no test" }
        }
        #expect(rows >= 30, "the table was read")
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }
}
