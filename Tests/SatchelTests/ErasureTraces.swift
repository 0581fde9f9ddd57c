import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelTesting
import SatchelWire
import Testing

/// Looking for what should be gone (ERA-2, ERA-7).
extension CleanUpWorld {
    /// Whether the text is in any file of a replica, as it stands or within the changesets that it keeps.
    func holds(_ text: String, _ name: String) throws -> Bool {
        let replica = try replica(name)
        let folder = (replica.path as NSString).deletingLastPathComponent
        let base = (replica.path as NSString).lastPathComponent
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasPrefix(base) {
            if file.hasSuffix(".backup") { continue }
            if try holdsFile(text, folder + "/" + file) { return true }
        }
        let wanted = Array(text.utf8)
        for changeset in try replica.keptContents() where changeset.contains(wanted) { return true }
        return false
    }

    /// Whether the text is in a bundle, which is looked into as its reader would.
    func holdsBundle(_ text: String, _ path: String) throws -> Bool {
        let wanted = Array(text.utf8)
        var found = false
        try UnverifiedBundle(path: path).verify { $1.deviceKey }.forEach { item in
            switch item {
            case .changeset(let changeset): found = found || changeset.content.contains(wanted)
            case .state(let section):
                let columns = section.keys + section.units.flatMap(\.values)
                let values = section.detailed.flatMap { row in
                    row.key.values + row.state.units.flatMap { $0.candidates.flatMap(\.values) }
                }
                found =
                    found || columns.contains { $0.bytes.contains(wanted) }
                    || (values + section.gone.flatMap(\.values)).contains { $0.display.contains(text) }
            default: break
            }
        }
        return found
    }

    func holdsFile(_ text: String, _ path: String) throws -> Bool {
        try #require(FileManager.default.contents(atPath: path)).range(of: Data(text.utf8)) != nil
    }
}

extension Replica {
    /// The inflated contents of all changesets that lie in the file, applied, pending or parked.
    func keptContents() throws -> [[UInt8]] {
        try withEngine { engine in
            try engine.reading {
                try engine.allKept().map(\.content)
            }
        }
    }
}
