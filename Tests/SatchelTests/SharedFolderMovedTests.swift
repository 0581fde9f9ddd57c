import Foundation
import Satchel
import SatchelHub
import Testing

/// What changes at a hub that devices meet by a folder alone, while nobody writes anything (EXC-45).
@Suite final class SharedFolderMovedTests: SharedFolderWorld {
    private static let first = "-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);"

    private func expectQuiet(_ hub: Hub, _ replicas: [Replica]) throws {
        for replica in replicas { #expect(try replica.sync(folder: stick).sent == nil, "\(replica.name)") }
        #expect(try hub.sync(folder: stick).replies.isEmpty && files("to-device").isEmpty)
    }

    @Test(arguments: [
        "-- satchel: version 2\nCREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, w TEXT);",
        "-- satchel: version 2\n-- satchel: policy t.v lastWriter\nCREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);",
    ]) func aQuietFleetHearsOfANewerSchema_VER9_EXC45(second: String) throws {
        let hub = try Hub.create(at: folder + "/hub", schema: Self.first, anchors: .none)
        let all = try ["a", "b"].map { try tablet($0, hub) }
        try enter(all[0], "1")
        try meet(hub, all)
        try expectQuiet(hub, all)
        try hub.replica.migrate(to: second)
        try meet(hub, all)
        for replica in all { #expect(try replica.offeredVersion() == 2, "\(replica.name)") }
        try expectQuiet(hub, all)
        for replica in all { try replica.migrate() }
        try meet(hub, all)
        try expectQuiet(hub, all)
        for replica in all { #expect(try replica.digest() == hub.digest()) }
    }

    @Test func aQuietFleetHearsOfRowsThatWereDropped_EXC24_EXC45() throws {
        let (hub, all) = try start(["a", "b"])
        try enter(all[0], "1")
        try meet(hub, all)
        try run(all[0], "DELETE FROM t")
        try meet(hub, all)
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1 && all[1].bin().count == 1)
        try meet(hub, all)
        for replica in all { #expect(try replica.bin().isEmpty, "\(replica.name)") }
        try expectQuiet(hub, all)
        #expect(try hub.cleanUp().waitsFor.isEmpty)
    }
}
