internal import Foundation
internal import GRDB
package import Satchel
package import SatchelHub

/// A hub and devices in a folder of their own, with a clock that is set by hand.
package final class CleanUpWorld {
    package let folder: String
    package let clock: ScriptClock
    package private(set) var hub: Hub
    private var replicas: [String: Replica] = [:]
    private let anchors: Anchoring
    private let stage: ScriptStage?

    package static let schema = """
        CREATE TABLE parent(id TEXT PRIMARY KEY, name TEXT NOT NULL, above TEXT REFERENCES parent(id));
        CREATE TABLE child(id TEXT PRIMARY KEY, parent TEXT NOT NULL REFERENCES parent(id), amount REAL);
        """

    package init(_ devices: [String], schema: String = schema) throws {
        (clock, anchors, stage) = (ScriptClock(1_700_000_000_000), .standard, nil)
        folder = NSTemporaryDirectory() + "satchel-graves-" + UUID().uuidString
        hub = try Hub.create(at: folder + "/hub", schema: schema, clock: clock)
        for device in devices {
            replicas[device] = try Replica.create(
                at: folder + "/\(device)", enrolment: hub.enrol(name: device), clock: clock)
        }
    }

    /// Devices `device1` and so on, on the stage of a script.
    init(on stage: ScriptStage, devices: Int) throws {
        self.stage = stage
        (folder, clock) = (stage.directory, stage.clock)
        anchors = .store(FileAnchors(directory: stage.path("anchors")))
        try stage.call(.init(ddl: Self.schema, devices: devices))
        hub = try stage.openHub(anchors)
        for name in (1...devices).map({ "device\($0)" }) { replicas[name] = try stage.open(name, anchors) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    package subscript(name: String) -> String { folder + "/" + name }

    package func replica(_ name: String) throws -> Replica {
        if name == "hub" { return hub.replica }
        guard let replica = replicas[name] else { throw ScriptComplaint("there is no device \(name)") }
        return replica
    }

    package var devices: [String] { replicas.keys.sorted() }

    package func close() throws {
        for device in devices { try replica(device).close() }
        try hub.close()
    }

    /// Another program writes; it does not enforce references.
    package func sql(_ device: String, _ text: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: replica(device).path, configuration: configuration)
        try queue.write { try $0.execute(sql: text) }
        try queue.close()
    }

    package func value(_ device: String, _ query: String) throws -> String? {
        try replica(device).read { db in
            try Row.fetchOne(db, sql: query).flatMap { row in
                let value: DatabaseValue = row[0]
                return value.isNull ? nil : String.fromDatabaseValue(value) ?? "\(value)"
            }
        }
    }

    /// From hand to hand: what the one has and the other lacks.
    @discardableResult
    package func carry(_ from: String, to other: String) throws -> ApplyReport {
        try replica(other).have(to: self["have"])
        try replica(from).pack(for: self["have"], to: self["side"])
        return try replica(other).apply(self["side"])
    }

    /// Cleans up as if the recycle bin kept nothing.
    @discardableResult
    package func clean() throws -> CleanUpReport {
        let report = try hub.cleanUp(keepDays: 0)
        try hub.cleanUp(keepDays: 30)
        return report
    }

    /// How many rows lie dead and are held.
    package func dead(_ name: String) throws -> Int {
        try Int(value(name, "SELECT CAST(count(*) AS TEXT) FROM satchel_grave WHERE fate = 0") ?? "0") ?? 0
    }

    package func backUp(_ name: String) throws {
        try replica(name).close()
        try FileManager.default.copyItem(atPath: self[name], toPath: self[name + ".backup"])
        replicas[name] = try open(name)
    }

    package func backUpHub() throws {
        try hub.close()
        try FileManager.default.copyItem(atPath: self["hub/hub.sqlite"], toPath: self["hub.backup"])
        hub = try openHub()
    }

    package func restoreHub() throws {
        try hub.close()
        try replace("hub/hub.sqlite", with: self["hub.backup"])
        hub = try openHub()
    }

    package func restore(_ name: String) throws {
        try replica(name).close()
        try replace(name, with: self[name + ".backup"])
        replicas[name] = try open(name)
    }

    private func open(_ name: String) throws -> Replica {
        try stage?.open(name, anchors) ?? Replica.open(at: self[name], clock: clock, anchors: anchors)
    }

    private func openHub() throws -> Hub {
        try stage?.openHub(anchors) ?? Hub.open(at: self["hub"], clock: clock, anchors: anchors)
    }

    private func replace(_ name: String, with saved: String) throws {
        try ReplicaFiles.replace(self[name], with: saved)
    }
}
