import Foundation
import Satchel
import SatchelHub
import Testing

/// How many rows went aside is told of each for itself (CLI-10, CLI-15).
@Suite final class AsideToldTests: ReviewedWorld {
    private static let schema = "CREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, no TEXT UNIQUE, ph TEXT UNIQUE);"

    private func ids(_ replica: Replica) throws -> String { try text(replica, "SELECT id FROM t ORDER BY id") }

    private func aside(_ replica: Replica) throws -> [String] { try replica.setAside().map(\.key.display) }

    /// Everybody has z, and y lies aside, which wants its number. On b somebody corrects z, so that y comes back, and enters x
    /// under the telephone number that y has; their table takes both.
    private func started() throws -> (Hub, [Replica]) {
        let (hub, all) = try world(Self.schema, "a", "b", "c")
        try run(all[0], "INSERT INTO t VALUES ('z', 'N1', 'p1')")
        try run(all[1], "INSERT INTO t VALUES ('y', 'N1', 'p2')")
        try sync(hub, all)
        for replica in all + [hub.replica] { #expect(try aside(replica) == ["y"], "\(replica.name)") }
        try run(all[1], "UPDATE t SET no = 'N5' WHERE id = 'z'; INSERT INTO t VALUES ('x', 'N9', 'p2')", seal: false)
        return (hub, all)
    }

    @Test func whatGoesAsideIsToldThoughAnotherComesBack_CLI10() throws {
        let (hub, all) = try started()
        #expect(try up(all[1], hub).merged.map(\.setAside) == [1])
        try hub.pack(for: "c", to: folder + "/c")
        #expect(try all[2].apply(folder + "/c").setAside == 1)
        for replica in [all[1], all[2], hub.replica] {
            #expect(try ids(replica) == "y z" && aside(replica) == ["x"], "\(replica.name)")
        }
        try sync(hub, all)
        try expectEqual(hub, all)
    }

    @Test func whatComesBackAloneIsNoneThatWentAside_CLI10() throws {
        let (hub, all) = try started()
        try run(all[1], "DELETE FROM t WHERE id = 'x'", seal: false)
        #expect(try up(all[1], hub).merged.map(\.setAside) == [0])
        #expect(try ids(hub.replica) == "y z" && aside(hub.replica).isEmpty)
    }

    @Test func whatWasWrittenHereAndGoesAsideIsToldBySync_CLI15() throws {
        let (hub, all) = try started()
        let stick = folder + "/stick"
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
        let report = try all[1].sync(folder: stick)
        #expect(report.setAside == 1 && report.received == nil)
        #expect(try aside(all[1]) == ["x"])
        #expect(try hub.sync(folder: stick).merged.map(\.setAside) == [1])
        let again = try all[1].sync(folder: stick)
        #expect(again.setAside == 0 && again.received?.setAside == 0, "it was told")
        #expect(try all[2].sync(folder: stick).received?.setAside == 1)
    }

    @Test func whatWasWrittenHereAndGoesAsideIsToldWithTheNextBundle_CLI10() throws {
        let (hub, all) = try started()
        try hub.pack(for: "b", to: folder + "/b")
        #expect(try all[1].apply(folder + "/b").setAside == 1)
    }

    @Test func whoEntersARowAnewThatLiesAsideHasPutNoneAside_CLI15() throws {
        let (_, all) = try started()
        try all[1].seal()
        let stick = folder + "/stick"
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
        try run(all[1], "INSERT INTO t VALUES ('x', 'N8', 'p8')", seal: false)
        #expect(try all[1].sync(folder: stick).setAside == 0)
        #expect(try ids(all[1]) == "x y z")
    }
}
