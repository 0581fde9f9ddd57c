import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// What a replica's schema does not have goes through it unharmed, and is there once it has moved (VER-2, VER-3, VER-9).
@Suite final class VersionPassingTests {
    private let folder = NSTemporaryDirectory() + "satchel-passing-" + UUID().uuidString
    private let clock = ScriptClock(1_777_914_600_000)

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static let old = "-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY, name);"
    private static let new = """
        -- satchel: version 2
        -- satchel: unit t.both (a, b)
        CREATE TABLE t(id TEXT PRIMARY KEY, name, a, b, real REAL);
        CREATE TABLE more(k1 INTEGER NOT NULL, k2 BLOB NOT NULL, v, PRIMARY KEY (k1, k2)) WITHOUT ROWID;
        """
    /// The limits of every type that SQLite stores.
    private static let values = [
        "9223372036854775807", "-9223372036854775808", "4.9e-324", "-1.7976931348623157e308", "9e999", "''",
        "CAST(x'410042' AS TEXT)", "'e' || char(769)", "'é'", "x''", "x'00ff'", "NULL", "0.1",
    ]

    private func run(_ replica: Replica, _ sql: String) throws {
        clock.advance(by: 60_000)
        try replica.write { try $0.execute(sql: sql) }
    }

    private func dump(_ replica: Replica) throws -> [String] {
        try replica.read { db in
            try ["SELECT * FROM t ORDER BY id", "SELECT * FROM more ORDER BY k1, k2"].flatMap { sql in
                try Row.fetchAll(db, sql: sql).map { row in
                    row.databaseValues.map { "\($0.storage)" }.joined(separator: "|")
                }
            }
        }
    }

    private func fill(_ replica: Replica) throws {
        for (place, value) in Self.values.enumerated() {
            try run(replica, "INSERT INTO t VALUES ('t\(place)', \(value), \(value), \(value), 0.5)")
            try run(replica, "INSERT INTO more VALUES (\(place), x'0\(place % 10)00', \(value))")
        }
        try run(replica, "INSERT INTO more VALUES (-9223372036854775808, x'', 'least')")
        try run(replica, "UPDATE t SET b = 'later' WHERE id = 't3'; DELETE FROM more WHERE k1 = 4")
    }

    private func sideways(_ from: Replica, _ to: Replica) throws {
        try to.have(to: folder + "/have")
        try from.pack(for: folder + "/have", to: folder + "/side")
        try to.apply(folder + "/side")
    }

    private func exchange(_ hub: Hub, _ replicas: [Replica]) throws {
        for replica in replicas {
            clock.advance(by: 1000)
            try replica.pack(to: folder + "/up")
            #expect(try hub.merge([folder + "/up"]).failures.isEmpty)
            try hub.pack(for: replica.name, to: folder + "/down")
            try replica.apply(folder + "/down")
        }
    }

    /// Through whom it goes: an old device alone, an old hub, or both.
    @Test(arguments: [true, false])
    func whatAnOldReplicaDoesNotKnowGoesThroughItBitByBit_VER2_VER3(byHub: Bool) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let hub = try Hub.create(at: folder + "/hub", schema: Self.old, clock: clock)
        let all = try ["writer", "between", "reader"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0), clock: clock)
        }
        let (writer, between, reader) = (all[0], all[1], all[2])
        for replica in [writer, reader] { try replica.migrate(to: Self.new) }
        try fill(writer)
        let expected = try dump(writer)
        if byHub {
            try exchange(hub, all + all)
        } else {
            try sideways(writer, between)
            try sideways(between, reader)
        }
        #expect(try dump(reader) == expected)
        // The old one edits and deletes what it knows; the rest of the row stays with it, or goes with it.
        try run(between, "UPDATE t SET name = 'of the old' WHERE id = 't0'; DELETE FROM t WHERE id = 't1'")
        if byHub {
            try exchange(hub, all + all)
        } else {
            try sideways(between, reader)
            try sideways(between, writer)
        }
        #expect(try dump(reader) == dump(writer))
        #expect(try dump(reader).count == expected.count - 1)
        #expect(
            try reader.read { try Int64.fetchOne($0, sql: "SELECT a FROM t WHERE name = 'of the old'") } == .max,
            "an edit of one column takes no other away")
        // It moves, and has it all.
        try between.migrate(to: Self.new)
        #expect(try dump(between) == dump(writer))
        #expect(try between.digest() == writer.digest())
        if byHub {
            try hub.replica.migrate(to: Self.new)
            #expect(try hub.digest() == writer.digest() && dump(hub.replica) == dump(writer))
        }
    }

    @Test func aRowKeptByAnOldReplicaKeepsWhatItDoesNotKnow_VER3_MRG11() throws {
        let hub = try Hub.create(at: folder + "/hub", schema: Self.old, clock: clock)
        let all = try ["old", "new"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0), clock: clock)
        }
        try all[1].migrate(to: Self.new)
        try run(all[1], "INSERT INTO t VALUES ('k', 'n', 1, 2, 0.5)")
        try exchange(hub, all + all)
        // Deleted by the one who knows it in part, while the other changes what that one cannot see.
        try run(all[0], "DELETE FROM t")
        try run(all[1], "UPDATE t SET a = 7")
        try exchange(hub, all + all)
        let conflict = try #require(try all[0].conflicts().first)
        #expect(conflict.kind == .deleted)
        try all[0].resolve(conflict.id, keep: 1)
        try exchange(hub, all + all)
        #expect(try all[1].conflicts().isEmpty)
        #expect(
            try all[1].read { try String.fetchOne($0, sql: "SELECT name || a || b || real FROM t") } == "n720.5")
    }

    @Test func theHubTellsOfItsVersionAndNobodyIsMovedByIt_VER9() throws {
        let hub = try Hub.create(at: folder + "/hub", schema: Self.old, clock: clock)
        let device = try Replica.create(at: folder + "/a.db", enrolment: hub.enrol(name: "a"), clock: clock)
        try exchange(hub, [device])
        #expect(try device.offeredVersion() == nil, "it follows the same")
        try hub.replica.migrate(to: Self.new)
        try exchange(hub, [device, device])
        #expect(try device.offeredVersion() == 2 && device.schemaVersion == 1)
        try run(device, "INSERT INTO t VALUES ('k', 'as ever')")
        try exchange(hub, [device])
        #expect(try hub.replica.read { try String.fetchOne($0, sql: "SELECT name FROM t") } == "as ever")
        #expect(try device.status().offeredVersion == 2)
        #expect(try device.migrate().version == 2)
        #expect(try device.offeredVersion() == nil && device.digest() == hub.digest())
        // An older hub tells nothing to who is ahead of it.
        let third = Self.new.replacing("version 2", with: "version 3")
        try device.migrate(to: third)
        try exchange(hub, [device, device])
        #expect(try device.offeredVersion() == nil && device.schemaVersion == 3)
    }
}
