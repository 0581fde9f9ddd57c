import Foundation
import GRDB
import Satchel
import SatchelHub
import Testing

/// What a reviewer with fresh eyes broke, so that it stays mended.
@Suite final class ReviewedTests {
    private let folder = NSTemporaryDirectory() + "satchel-reviewed-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func world(_ schema: String, _ names: String...) throws -> (Hub, [Replica]) {
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        return (hub, try names.map { try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0)) })
    }

    private func sync(_ hub: Hub, _ replicas: [Replica], rounds: Int = 2) throws {
        for _ in 0..<rounds {
            for replica in replicas {
                try replica.pack(to: folder + "/up")
                let report = try hub.merge([folder + "/up"], replies: folder + "/replies")
                #expect(report.failures.isEmpty && report.merged[0].outcome != .refused, "\(report)")
                try replica.apply(folder + "/replies/\(replica.name).satchel")
            }
        }
    }

    private func expectEqual(_ hub: Hub, _ replicas: [Replica]) throws {
        let digests = try replicas.map { try $0.digest() } + [hub.digest()]
        #expect(Set(digests).count == 1, "\(digests)")
    }

    private func run(_ replica: Replica, _ sql: String) throws { try replica.write { try $0.execute(sql: sql) } }

    @Test(arguments: [
        "UPDATE u SET code = 'X' WHERE id = 'u3'; UPDATE u SET code = 'C' WHERE id = 'u1'",
        "UPDATE u SET code = '1' WHERE id = 'u1'; UPDATE u SET code = 'A' WHERE id = 'u2'; UPDATE u SET code = 'B' WHERE id = 'u1'",
        "DELETE FROM u WHERE id = 'u1'; UPDATE u SET code = 'A' WHERE id = 'u3'; INSERT INTO u VALUES ('u0', 'C')",
    ]) func uniqueValuesMayMoveBetweenRows_MRG22(moves: String) throws {
        let (hub, replicas) = try world("CREATE TABLE u(id TEXT PRIMARY KEY, code TEXT UNIQUE);", "a", "b")
        try run(replicas[0], "INSERT INTO u VALUES ('u1', 'A'), ('u2', 'B')")
        try sync(hub, replicas)
        try run(replicas[0], "INSERT INTO u VALUES ('u3', 'C')")
        try sync(hub, replicas)
        try run(replicas[0], moves)
        try sync(hub, replicas)
        try expectEqual(hub, replicas)
        #expect(try hub.replica.status().aside.isEmpty)
    }

    @Test func ofTwoThatClashTheOlderIsShownEverywhereAndTheOtherWhenItGives_MRG22() throws {
        let (hub, replicas) = try world("CREATE TABLE u(id TEXT PRIMARY KEY, code TEXT UNIQUE);", "a", "b")
        try run(replicas[0], "INSERT INTO u VALUES ('u1', 'A')")
        try replicas[0].seal()
        try run(replicas[1], "INSERT INTO u VALUES ('u2', 'A')")
        try replicas[1].seal()
        try sync(hub, replicas)
        try expectEqual(hub, replicas)
        #expect(try replicas[1].status().aside.count == 1)
        let shown = try replicas[1].read { try String.fetchOne($0, sql: "SELECT id FROM u") }
        try run(replicas[1], "UPDATE u SET code = 'B' WHERE id = '\(shown ?? "")'")
        try sync(hub, replicas)
        try expectEqual(hub, replicas)
        #expect(try replicas[0].status().aside.isEmpty)
        #expect(try replicas[0].read { try Int.fetchOne($0, sql: "SELECT count(*) FROM u") } == 2)
    }

    @Test func aTableThatTheHubDoesNotKnowIsPassedOn_P12() throws {
        let (hub, replicas) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v);", "a", "b")
        try run(replicas[0], "CREATE TABLE extra(a TEXT, b TEXT, v, PRIMARY KEY (a, b))")
        try run(replicas[0], "INSERT INTO extra VALUES ('x', 'y', 1); INSERT INTO t VALUES ('k', 1)")
        try sync(hub, replicas)
        #expect(try replicas[1].read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") } == 1)
        for replica in [replicas[1], hub.replica] {
            try run(replica, "CREATE TABLE extra(a TEXT, b TEXT, v, PRIMARY KEY (a, b))")
            try replica.seal()
            #expect(try replica.read { try Int.fetchOne($0, sql: "SELECT v FROM extra WHERE a = 'x'") } == 1)
        }
        try expectEqual(hub, replicas)
    }

    @Test func aColumnAddedOnOneSideFirstKeepsItsValues_P12() throws {
        let (hub, replicas) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v);", "a", "b")
        try run(replicas[0], "INSERT INTO t VALUES ('k', 1)")
        try sync(hub, replicas)
        try run(replicas[0], "ALTER TABLE t ADD COLUMN more TEXT")
        try run(replicas[0], "UPDATE t SET more = 'entered' WHERE id = 'k'; INSERT INTO t VALUES ('new', 2, 'also')")
        try sync(hub, replicas)
        for replica in [replicas[1], hub.replica] {
            try run(replica, "ALTER TABLE t ADD COLUMN more TEXT")
            try replica.seal()
        }
        let values = try replicas[1].read { try String.fetchAll($0, sql: "SELECT more FROM t ORDER BY id") }
        #expect(values == ["entered", "also"])
        try sync(hub, replicas)
        try expectEqual(hub, replicas)
    }

    @Test func aBundleNeverTakesThePlaceOfAReplica() throws {
        let (_, replicas) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v);", "a")
        #expect(throws: UsageError.self) { try replicas[0].pack(to: replicas[0].path) }
        #expect(throws: UsageError.self) { try replicas[0].have(to: self.folder + "/hub/hub.sqlite") }
        try run(replicas[0], "INSERT INTO t VALUES ('k', 1)")
        try replicas[0].pack(to: folder + "/up")
        try replicas[0].pack(to: folder + "/up")
    }

    @Test func aSecondDeviceOfOneTokenGetsInByNoRoad_CLI33() throws {
        let (hub, replicas) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v);", "a")
        let enrolment = try hub.enrol(name: "b")
        let rightful = try Replica.create(at: folder + "/b1.db", enrolment: enrolment)
        let second = try Replica.create(at: folder + "/b2.db", enrolment: enrolment)
        try sync(hub, [rightful])
        try run(second, "INSERT INTO t VALUES ('strange', 1)")
        try run(replicas[0], "INSERT INTO t VALUES ('honest', 1)")
        try replicas[0].have(to: folder + "/have")
        try second.pack(for: folder + "/have", to: folder + "/side")
        try replicas[0].seal()
        try replicas[0].apply(folder + "/side")
        try replicas[0].pack(to: folder + "/up")
        let report = try hub.merge([folder + "/up"])
        #expect(report.merged[0].outcome == .applied && report.merged[0].setAside == 1, "\(report)")
        let ids = try hub.replica.read { try String.fetchAll($0, sql: "SELECT id FROM t") }
        #expect(ids == ["honest"])
        #expect(try hub.quarantine().changesets.map(\.device) == ["b"])
    }

    @Test func rowsThatVanishedUnseenComeBackThroughAFolder_CAP10() throws {
        let (hub, replicas) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v);", "a", "b")
        try run(replicas[0], "INSERT INTO t VALUES ('k', 1)")
        try sync(hub, replicas)
        let names = try replicas[1].read { db in
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        }
        for name in names { try run(replicas[1], "DROP TRIGGER \"\(name)\"") }
        try run(replicas[1], "DELETE FROM t")
        for _ in 0..<3 {
            for replica in replicas { try replica.sync(folder: folder) }
            try hub.sync(folder: folder)
        }
        try replicas[1].sync(folder: folder)
        try expectEqual(hub, replicas)
        #expect(try replicas[1].read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") } == 1)
    }
}

extension ReviewedTests {
    @Test func aSchemaReachesNoOtherFile_SCH1() {
        let other = NSTemporaryDirectory() + "satchel-other-\(UUID().uuidString).db"
        defer { try? FileManager.default.removeItem(atPath: other) }
        let schema = "CREATE TABLE t(id TEXT PRIMARY KEY); ATTACH '\(other)' AS other;"
        #expect(throws: (any Error).self) {
            try Replica.create(
                at: other + ".replica", enrolment: Authority(schema: schema).enrol(name: "a", displayName: "a"))
        }
        #expect(!FileManager.default.fileExists(atPath: other))
        #expect(!FileManager.default.fileExists(atPath: other + ".replica"))
    }
}
