import Foundation
import GRDB
import Satchel
import SatchelHub
import Synchronization
import Testing

/// A clock that a test sets.
final class CleanUpClock: WallClock {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)

    func now() -> Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
    func advance(days: Int64) { milliseconds.withLock { $0 += days * 86_400_000 } }
}

/// A hub and devices in a folder of their own, with a clock that is set by hand.
final class CleanUpWorld {
    let folder: String
    let clock = CleanUpClock()
    private(set) var hub: Hub
    private var replicas: [String: Replica] = [:]

    static let schema = """
        CREATE TABLE parent(id TEXT PRIMARY KEY, name TEXT NOT NULL, above TEXT REFERENCES parent(id));
        CREATE TABLE child(id TEXT PRIMARY KEY, parent TEXT NOT NULL REFERENCES parent(id), amount REAL);
        """

    init(_ devices: [String], schema: String = schema) throws {
        folder = NSTemporaryDirectory() + "satchel-graves-" + UUID().uuidString
        hub = try Hub.create(at: folder + "/hub", schema: schema, clock: clock)
        for device in devices {
            replicas[device] = try Replica.create(
                at: folder + "/\(device).db", enrolment: hub.enrol(name: device), clock: clock)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    subscript(name: String) -> String { folder + "/" + name }

    func replica(_ name: String) throws -> Replica { name == "hub" ? hub.replica : try #require(replicas[name]) }

    /// Another program writes; it does not enforce references.
    func sql(_ device: String, _ text: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: replica(device).path, configuration: configuration)
        try queue.write { try $0.execute(sql: text) }
        try queue.close()
    }

    func value(_ device: String, _ query: String) throws -> String? {
        try replica(device).read { db in
            try Row.fetchOne(db, sql: query).flatMap { row in
                let value: DatabaseValue = row[0]
                return value.isNull ? nil : String.fromDatabaseValue(value) ?? "\(value)"
            }
        }
    }

    /// Up and down again, one after another.
    func sync(_ devices: [String]) throws {
        for device in devices {
            try replica(device).pack(to: self["up"])
            let report = try hub.merge([self["up"]], replies: self["replies"])
            #expect(report.merged.allSatisfy { $0.outcome != .refused && $0.outcome != .failed }, "\(report.merged)")
            #expect(report.failures.isEmpty, "\(report.failures)")
            _ = try replica(device).apply(self["replies/\(device).satchel"])
        }
    }

    /// Cleans up as if the recycle bin kept nothing.
    @discardableResult
    func clean() throws -> CleanUpReport {
        let report = try hub.cleanUp(keepDays: 0)
        try hub.cleanUp(keepDays: 30)
        return report
    }

    /// How many rows lie dead and are held.
    func dead(_ name: String) throws -> Int {
        try Int(value(name, "SELECT CAST(count(*) AS TEXT) FROM satchel_grave WHERE fate = 0") ?? "0") ?? 0
    }

    func expectEqual(_ names: [String]? = nil) throws {
        let expected = try hub.digest()
        for name in names ?? replicas.keys.sorted() {
            #expect(try replica(name).digest() == expected, "\(name) holds something else than the hub")
        }
    }

    func backUp(_ name: String) throws {
        try replica(name).close()
        try FileManager.default.copyItem(atPath: self[name + ".db"], toPath: self[name + ".backup"])
        replicas[name] = try Replica.open(at: self[name + ".db"], clock: clock)
    }

    func backUpHub() throws {
        try hub.close()
        try FileManager.default.copyItem(atPath: self["hub/hub.sqlite"], toPath: self["hub.backup"])
        hub = try Hub.open(at: self["hub"], clock: clock)
    }

    func restoreHub() throws {
        try hub.close()
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: self["hub/hub.sqlite" + suffix])
        }
        try FileManager.default.copyItem(atPath: self["hub.backup"], toPath: self["hub/hub.sqlite"])
        hub = try Hub.open(at: self["hub"], clock: clock)
    }

    func restore(_ name: String) throws {
        try replica(name).close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: self[name + ".db" + suffix]) }
        try FileManager.default.copyItem(atPath: self[name + ".backup"], toPath: self[name + ".db"])
        replicas[name] = try Replica.open(at: self[name + ".db"], clock: clock)
    }
}
