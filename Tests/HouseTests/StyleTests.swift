import Testing

/// Habits that a machine can see.
@Suite struct StyleTests {
    static let swift = Tree.files.filter { $0.path.hasSuffix(".swift") }
    static let sources = Tree.files(under: "Sources", ending: ".swift")

    @Test func theTreeIsSeen() {
        #expect(Self.sources.count > 10 && Self.swift.count > Self.sources.count)
        #expect(!Tree.files.contains { $0.path.hasPrefix(".build/") || $0.path.hasPrefix(".git/") })
    }

    @Test func noFileIsLongWithoutAReason() {
        let long = Self.swift.filter { $0.lines.count > 401 && !$0.lines.contains { $0.hasPrefix("// long:") } }
        #expect(long.isEmpty, "over 400 lines without a line `// long: why`: \(long)")
    }

    @Test func nothingInSourcesTrapsOrIsLeftForLater() {
        let found = Tree.matches(#/try!|fatalError\(|\bTODO\b|\bFIXME\b/#, in: Self.sources)
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test func noFileNamesAPlaceOfOneMachine() {
        // In two pieces, or this file would be found.
        let places = ["/wo" + "rk/", "/fa" + "rm/", "/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/"]
        var found: [String] = []
        for file in Tree.files {
            for (index, line) in file.lines.enumerated() where places.contains(where: line.contains) {
                found.append("\(file.path):\(index + 1): \(line)")
            }
        }
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test func everyRuleThatIsQuotedIsWritten() {
        let rule = #/\b(?:MRG|EXC|BND|IDN|SCH|DIG|CAP|CLI|TST|ERA|SCO|REV|INB|VER)-[0-9]+\b/#
        let written = Set(
            Tree.files(under: "Protocol", ending: ".md").flatMap { file in
                file.lines.flatMap { line in line.matches(of: rule).map { String($0.0) } }
            })
        var dead: [String] = []
        for file in Self.swift {
            for (index, line) in file.lines.enumerated() {
                for match in line.matches(of: rule) where !written.contains(String(match.0)) {
                    dead.append("\(file.path):\(index + 1): \(match.0) is in no file of Protocol/")
                }
            }
        }
        #expect(dead.isEmpty, "\(dead.joined(separator: "\n"))")
    }
}
