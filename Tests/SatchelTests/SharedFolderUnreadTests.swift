import Foundation
import SatchelHub
import Testing

@testable import Satchel

/// A shared folder in which something can be neither read nor written.
@Suite final class SharedFolderUnreadTests: SharedFolderWorld {
    /// A bundle of a version to come.
    private func newer() throws -> Data {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try Data(contentsOf: root.appendingPathComponent("Protocol/vectors/version.bundle"))
    }

    @Test func whatANewerHubLeftIsRefusedInWords_EXC48_EXC51() throws {
        let (hub, all) = try start(["a"])
        try enter(all[0], "old")
        try meet(hub, all)
        try write(newer(), to: place("to-device", "a.satchel"))
        try enter(all[0], "more")
        let report = try all[0].sync(folder: stick)
        #expect(report.refused != nil && report.sent?.changesets == 1)
        #expect(try bytes(place("to-device", "a.satchel")) == newer())
    }

    /// It may be another data set's: neither hub takes away what the other left.
    @Test func aHubLeavesItsBundleBesideOneThatItCannotRead_EXC48() throws {
        let (hub, all) = try start(["a"])
        try enter(all[0], "old")
        try meet(hub, all)
        try write(newer(), to: place("to-device", "a.satchel"))
        try run(hub.replica, "INSERT INTO t VALUES ('news', '1')")
        #expect(try hub.sync(folder: stick).notes.count == 1)
        try all[0].sync(folder: stick)
        #expect(try bytes(place("to-device", "a.satchel")) == newer() && ids(all[0]) == "news old")
    }

    @Test func whatTheHubLeftIsTakenWhereNothingCanBeLeft_EXC51() throws {
        let (hub, all) = try start(["a"])
        try enter(all[0], "old")
        try meet(hub, all)
        try run(hub.replica, "INSERT INTO t VALUES ('news', '1')")
        try hub.sync(folder: stick)
        try FileManager.default.removeItem(atPath: "\(stick)/satchel/to-hub")
        try write(Data("x".utf8), to: "\(stick)/satchel/to-hub")
        #expect(throws: (any Error).self) { try all[0].sync(folder: self.stick) }
        #expect(try ids(all[0]) == "news old")
    }
}
