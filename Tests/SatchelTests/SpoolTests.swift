import Foundation
import Satchel
import SatchelHub
import Testing

/// What a killed process leaves beside a replica.
@Suite final class SpoolTests: ReviewedWorld {
    /// It may hold what is erased meanwhile. No process has a number of eight digits.
    @Test func aPrivateCopyThatAKilledProcessLeftGoesWhenTheReplicaIsOpened_ERA7() throws {
        let (hub, all) = try world(Self.clients, "one")
        try sync(hub, all)
        let path = all[0].path
        try all[0].close()
        let left = path + ".spool-99999999-0011223344556677"
        let inUse = path + ".spool-\(ProcessInfo.processInfo.processIdentifier)-0011223344556677"
        for file in [left, inUse] { try Data("of a bundle".utf8).write(to: URL(fileURLWithPath: file)) }
        let again = try Replica.open(at: path, anchors: .none)
        defer { try? again.close() }
        #expect(!FileManager.default.fileExists(atPath: left))
        #expect(FileManager.default.fileExists(atPath: inUse), "another is just reading it")
    }
}
