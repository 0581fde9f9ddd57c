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
}
