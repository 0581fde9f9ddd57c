import Foundation
import GRDB
import Satchel
import SatchelHub
import Testing

/// A replica's file copied by hand, or put back from a backup: both go on, and neither loses anything.
@Suite struct CopiedReplicaTests {
    private let folder = NSTemporaryDirectory() + "satchel-copies-" + UUID().uuidString
    private let schema = "CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);"

    private func sync(_ hub: Hub, _ replicas: [Replica], rounds: Int) throws {
        for _ in 0..<rounds {
            for replica in replicas {
                try replica.pack(to: folder + "/up")
                let report = try hub.merge([folder + "/up"], replies: folder + "/replies")
                #expect(report.merged.allSatisfy { $0.outcome != .refused }, "\(report.merged)")
                try replica.apply(folder + "/replies/\(replica.name).satchel")
            }
        }
    }

    private func write(_ replica: Replica, _ id: String, _ value: String) throws {
        try replica.write { db in
            try db.execute(sql: "INSERT OR REPLACE INTO t VALUES (?, ?)", arguments: [id, value])
        }
        try replica.seal()
    }

    @Test(arguments: 0..<4) func twinsOfOneFileKeepAllThatBothWrote_EXC27(turn: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        let first = try Replica.create(at: folder + "/a.db", enrolment: hub.enrol(name: "tablet"))
        let other = try Replica.create(at: folder + "/o.db", enrolment: hub.enrol(name: "other"))
        try write(first, "common", "1")
        try sync(hub, [first, other], rounds: 2)
        try first.close()
        try FileManager.default.copyItem(atPath: folder + "/a.db", toPath: folder + "/b.db")
        let a = try Replica.open(at: folder + "/a.db")
        let b = try Replica.open(at: folder + "/b.db")
        // Lines of unequal length, handed in now and then.
        for step in 0..<6 {
            try write(a, "a\(step)", "x")
            if step % 2 == 0 { try write(b, "b\(step)", "y") }
            try write(b, "common", "b\(step)")
            if step == turn { try sync(hub, [a, b], rounds: 1) }
            if step == turn + 1 { try sync(hub, [b], rounds: 1) }
        }
        try sync(hub, [a, b, other], rounds: 4)
        let ids = try other.read { try String.fetchAll($0, sql: "SELECT id FROM t ORDER BY id") }
        #expect(ids == ["a0", "a1", "a2", "a3", "a4", "a5", "b0", "b2", "b4", "common"])
        #expect(Set([try a.digest(), try b.digest(), try other.digest(), try hub.digest()]).count == 1)
        #expect(try hub.verify().faults.isEmpty, "each branch follows itself")
        #expect(a.origin != b.origin)
    }

    @Test func aBackupPutBackGoesOnAndLosesNothing_EXC27() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        var tablet = try Replica.create(at: folder + "/a.db", enrolment: hub.enrol(name: "tablet"))
        let before = tablet.origin
        try write(tablet, "before", "1")
        try sync(hub, [tablet], rounds: 2)
        try tablet.close()
        try FileManager.default.copyItem(atPath: folder + "/a.db", toPath: folder + "/backup.db")
        tablet = try Replica.open(at: folder + "/a.db")
        try write(tablet, "after the backup", "2")
        try sync(hub, [tablet], rounds: 1)
        try write(tablet, "never sent", "3")
        try tablet.close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder + "/a.db" + suffix) }
        try FileManager.default.copyItem(atPath: folder + "/backup.db", toPath: folder + "/a.db")
        tablet = try Replica.open(at: folder + "/a.db")
        try write(tablet, "after the restore", "4")
        try sync(hub, [tablet], rounds: 3)
        #expect(tablet.origin != before)
        let ids = try tablet.read { try String.fetchAll($0, sql: "SELECT id FROM t ORDER BY id") }
        #expect(ids == ["after the backup", "after the restore", "before"])
        #expect(try tablet.digest() == hub.digest())
        #expect(try tablet.status().isAllAtHub)
    }
}
