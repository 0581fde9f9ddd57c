import Foundation
import Testing

/// What a newcomer is told is true.
@Suite struct ReadmeTests {
    static let readme = Tree.file("README.md")?.lines ?? []

    @Test(arguments: ["Tools/demo", "Tools/test"])
    func theReadmeNamesTheCommandAndItRuns(_ command: String) {
        #expect(Self.readme.contains { $0.contains(command) })
        #expect(FileManager.default.isExecutableFile(atPath: Tree.root.path + "/" + command))
    }

    @Test func theDoorsLeadSomewhere() {
        var doors: [String] = []
        for line in Self.readme { doors += line.matches(of: #/\]\(([^)#:]+)\)/#).map { String($0.1) } }
        #expect(doors.count >= 4)
        let closed = doors.filter { !FileManager.default.fileExists(atPath: Tree.root.path + "/" + $0) }
        #expect(closed.isEmpty, "README.md links to what is not there: \(closed)")
    }

    /// The fenced block after `<!-- example -->` is what a test compiles and runs between its two `// example`.
    @Test func theExampleIsTheOneThatATestRuns() throws {
        let fence = try #require(Self.readme.firstIndex(of: "<!-- example -->"), "README.md marks its example")
        let shown = Self.readme[(fence + 2)...].prefix { $0 != "```" }
        let test = try #require(Tree.file("Tests/SatchelDemoTests/ReadmeExampleTests.swift"))
        let marks = test.lines.indices.filter { test.lines[$0] == "        // example" }
        try #require(marks.count == 2)
        let run = test.lines[(marks[0] + 1)..<marks[1]].map { String($0.trimmingPrefix("        ")) }
        #expect(Array(shown) == run)
        #expect(shown.filter { !$0.isEmpty }.count <= 15, "fifteen lines")
    }
}
