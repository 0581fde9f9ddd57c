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
}
