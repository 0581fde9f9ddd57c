import Foundation
import Testing

/// Sources/README.md is the map of what is there, not of what was planned.
@Suite struct MapTests {
    static let map = Tree.file("Sources/README.md")?.lines ?? []

    /// Module to imports, of the lines `| module | responsibility | imports |`.
    static let table: [String: Set<String>] = {
        var table: [String: Set<String>] = [:]
        for line in map {
            guard let row = line.wholeMatch(of: #/\| (\w*Satchel\w*) \| [^|]+ \| ([^|]+) \|/#) else { continue }
            let imports = row.2.hasPrefix("nothing") ? [] : row.2.split(separator: ", ").map(String.init)
            table[String(row.1)] = Set(imports)
        }
        return table
    }()

    @Test func theTableOfImportsIsTheManifests() {
        let manifest = ImportTests.manifest.dependencies.filter {
            !$0.key.hasSuffix("Tests") && $0.key != "CFaultyDisk"
        }
        #expect(Set(Self.table.keys) == Set(manifest.keys))
        for (module, imports) in manifest { #expect(Self.table[module] == imports, "\(module)") }
    }

    @Test func everyFileOnTheMapIsThere() {
        var files: [String] = []
        for line in Self.map { files += line.matches(of: #/\]\(([^)#:]+)\)/#).map { String($0.1) } }
        #expect(files.count >= 20)
        let gone = files.filter { !FileManager.default.fileExists(atPath: Tree.root.path + "/Sources/" + $0) }
        #expect(gone.isEmpty, "Sources/README.md links to what is not there: \(gone)")
    }

    @Test func theMapIsOnePage() { #expect((1...80).contains(Self.map.count)) }
}
