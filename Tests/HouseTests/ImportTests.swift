import Testing

/// The map of the house holds: a module imports what Package.swift lists for it and nothing else.
@Suite struct ImportTests {
    /// Modules that come with the language. The pure modules have to do without them.
    static let system: Set<String> = [
        "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Synchronization", "System",
    ]
    static let pure: [String: Set<String>] = ["SatchelModel": [], "SatchelMerge": ["SatchelModel"]]
    static let manifest = Manifest(Tree.file("Package.swift")?.lines.joined(separator: "\n") ?? "")

    /// The first component of what a line imports.
    static func imported(by line: String) -> String? {
        let pattern =
            #/^\s*(?:@\w+\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/#
        return line.prefixMatch(of: pattern).map { String($0.1) }
    }

    @Test func theManifestIsReadRight() {
        let read = Manifest(
            """
            .library(name: "L", targets: ["A"]),
            .target(name: "A"),
            .target(
                name: "B",
                dependencies: ["A", .product(name: "P", package: "some-package")],
                resources: [.embedInCode("x.sql")]),
            .testTarget(name: "T", dependencies: ["B"]),
            """)
        #expect(read.dependencies == ["A": [], "B": ["A", "P"], "T": ["B"]])
    }

    @Test(arguments: [
        ("import GRDB", "GRDB"), ("public import GRDB", "GRDB"), ("@testable import SatchelDemo", "SatchelDemo"),
        ("@preconcurrency internal import Foundation", "Foundation"), ("import struct Foundation.Data", "Foundation"),
        ("// import nothing", nil), ("let important = 1", nil),
    ])
    func anImportLineIsReadRight(_ line: String, _ module: String?) {
        #expect(Self.imported(by: line) == module)
    }

    @Test func everyModuleImportsOnlyWhatTheManifestAllows() throws {
        #expect(Self.manifest.dependencies.count > 10, "Package.swift was read")
        var wrong: [String] = []
        for file in Tree.files(under: "Sources", ending: ".swift") {
            let module = String(file.path.split(separator: "/")[1])
            let declared = try #require(Self.manifest.dependencies[module], "\(module) is in Package.swift")
            let allowed = Self.pure[module] ?? declared.union(Self.system)
            for (index, line) in file.lines.enumerated() {
                guard let name = Self.imported(by: line), !allowed.contains(name) else { continue }
                wrong.append("\(file.path):\(index + 1): \(module) may not import \(name)")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func theManifestKeepsThePureModulesPure() {
        for (module, allowed) in Self.pure { #expect(Self.manifest.dependencies[module] == allowed) }
    }
}
