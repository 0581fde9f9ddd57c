import Foundation
import GRDB
import SatchelModel
import SatchelStore
import SatchelTesting
import SatchelWire
import Testing

@testable import Satchel
@testable import SatchelHub

/// Accepted bundles that find no room, or a fault in the middle of a group (EXC-35, EXC-37, EXC-40, EXC-41, EXC-42).
@Suite final class NoRoomTests: ReviewedWorld {
    private static let plain = "CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, w TEXT);"

    /// What was accepted has its room, also where it waits.
    @Test func allOfAnAcceptedBundleIsTakenAndCountedWhereItWaits_EXC35_EXC42() throws {
        let (hub, all) = try world(Self.plain, "z", "x")
        let (z, x) = (all[0], all[1])
        try run(z, "INSERT INTO t VALUES ('z1', 'z', NULL)")
        try carry(z, to: x)
        try run(x, "INSERT INTO t VALUES ('x1', 'x', NULL)")
        try lose(x, workOf: z)
        try x.pack(to: folder + "/up-x")
        hub.replica.withEngine { $0.room = (1, 1) }
        #expect(try hub.merge([folder + "/up-x"]).merged.map(\.turnedAway) == [1], "a file stays with its sender")
        guard case .accepted? = try hub.accept([.file(folder + "/up-x")]).first else {
            Issue.record("not accepted")
            return
        }
        let report = try hub.mergeAccepted()
        #expect(report.merged.map(\.turnedAway) == [0] && report.merged.map(\.parked) == [1], "\(report.merged)")
        #expect(try hub.accepted().isEmpty, "it waits among what waits, once")
        // Its bytes are still those of an accepted bundle.
        let waiting = try hub.replica.withEngine { try $0.store.parkedBytes().values.reduce(0, +) }
        try run(x, "INSERT INTO t VALUES ('x2', 'x', NULL)")
        try x.pack(to: folder + "/more-x")
        let size = try bytes(at: folder + "/more-x")
        hub.acceptedRoom.withLock { $0.all = waiting + size - 1 }
        guard case .refused(let why)? = try hub.accept([.file(folder + "/more-x")]).first else {
            Issue.record("accepted beyond the room")
            return
        }
        #expect(why.kind == .busy)
        hub.acceptedRoom.withLock { $0.all = waiting + size }
        guard case .accepted? = try hub.accept([.file(folder + "/more-x")]).first else {
            Issue.record("not accepted")
            return
        }
        _ = try hub.mergeAccepted()
        try up(z, hub)
        #expect(try text(hub.replica, "SELECT id FROM t ORDER BY id") == "x1 x2 z1")
    }

    private func bytes(at path: String) throws -> Int { try Data(contentsOf: URL(fileURLWithPath: path)).count }

    /// A whole bundle of which nothing is missing is not thrown away for want of room.
    @Test
    func whatWaitsForTheSameBundleIsLetGoFirst_EXC35() throws {
        let (hub, all) = try world(Self.plain, "z", "x")
        let (z, x) = (all[0], all[1])
        try run(z, "INSERT INTO t VALUES ('z1', 'z', NULL)")
        try carry(z, to: x)
        _ = try lose(x, workOf: z)
        try run(z, "INSERT INTO t VALUES ('z2', 'z', NULL)")
        try carry(z, to: x)
        let kept = try x.changesets().map(\.dot.sequence)
        if kept.contains(1) {
            try x.withEngine { engine in
                try engine.transaction {
                    for dot in try numbers(engine, z.changesets()[0].dot) { try engine.store.forget(dot) }
                }
            }
        }
        #expect(try up(x, hub).merged[0].parked == 1)
        let waiting = try hub.replica.withEngine { try $0.store.parkedBytes().values.reduce(0, +) }
        hub.replica.withEngine { $0.room = (waiting, waiting) }
        try run(z, "INSERT INTO t VALUES ('z3', 'z', NULL)")
        try z.pack(to: folder + "/up-z")
        let report = try hub.merge([folder + "/up-z"])
        let there = try text(hub.replica, "SELECT id FROM t ORDER BY id")
        #expect(there == "z1 z2 z3", "\(report.merged.map(\.reasons))")
    }

    private func numbers(_ engine: Engine, _ dot: Dot) throws -> [DotID] {
        try engine.store.metDot(dot).map { [$0] } ?? []
    }

    /// Of accepted bundles one is refused in the middle of a group, and the room is counted right.
    @Test
    func oneIsRefusedInTheMiddleOfAGroup_EXC40_EXC41() throws {
        let (hub, all) = try world(Self.plain, "one", "two", "three")
        for replica in all {
            try run(replica, "INSERT INTO t VALUES ('\(replica.name)', 'v', NULL)")
            try replica.pack(to: folder + "/\(replica.name)")
        }
        let paths = all.map { folder + "/\($0.name)" }
        _ = try hub.accept(paths.map { .file($0) })
        // What was accepted of two does not lie as it came.
        try hub.replica.withEngine { engine in
            try engine.transaction {
                try engine.store.db.execute("UPDATE satchel_accepted SET bundle = zeroblob(size) WHERE device = 'two'")
            }
        }
        let report = try hub.mergeAccepted()
        #expect(report.merged.map(\.outcome) == [.applied, .refused, .applied], "\(report.merged)")
        #expect(try text(hub.replica, "SELECT id FROM t ORDER BY id") == "one three")
        #expect(try hub.accepted().map(\.receipt.device) == ["two"])
        let size = try hub.accepted().map(\.receipt.bytes).reduce(0, +)
        let counted = try hub.replica.withEngine { try $0.store.metaInteger("accepted_bytes") }
        #expect(counted == Int64(size))
    }

    /// The disk is full in the middle of a group.
    @Test func theDiskIsFullInTheMiddleOfAGroup_EXC37_EXC40() throws {
        let (hub, all) = try world(Self.plain, "one", "two", "three")
        try run(all[0], "INSERT INTO t VALUES ('base', 'v', NULL)")
        try sync(hub, all)
        for (place, replica) in all.enumerated() {
            let size = place == 1 ? 30_000 : 100
            try run(replica, "INSERT INTO t VALUES ('\(replica.name)', hex(randomblob(\(size))), NULL)")
            try replica.pack(to: folder + "/\(replica.name)")
        }
        _ = try hub.accept(all.map { .file(folder + "/\($0.name)") })
        let before = try hub.digest()
        func limit(_ pages: Int) throws -> Int {
            try hub.replica.withEngine { engine in
                let ask = try engine.store.db.statement(
                    pages == 0 ? "PRAGMA page_count" : "PRAGMA max_page_count = \(pages)")
                defer { ask.reset() }
                return try ask.step() ? Int(ask.integer(0)) : 0
            }
        }
        _ = try limit(try limit(0) + 3)
        let report = try hub.mergeAccepted()
        let failed = report.merged.filter { $0.outcome == .failed }.count
        #expect(failed > 0, "\(report.merged.map(\.outcome))")
        #expect(try hub.accepted().count == failed, "what failed waits on")
        #expect(try hub.accepted().allSatisfy { $0.reason == nil })
        if failed == 3 { #expect(try hub.digest() == before) }
        _ = try limit(1_000_000)
        let again = try hub.mergeAccepted()
        #expect(again.merged.allSatisfy { $0.outcome == .applied }, "\(again.merged)")
        #expect(try hub.accepted().isEmpty && hub.verify().faults.isEmpty)
        try sync(hub, all)
        try expectEqual(hub, all)
        #expect(try hub.replica.withEngine { try $0.store.metaInteger("accepted_bytes") } == 0)
    }
}
