import Foundation
import SatchelHub
import Testing

@testable import Satchel
@testable import SatchelTesting

/// A hub and tablets that meet by one stick only.
class SharedFolderWorld: ReviewedWorld {
    static let schema = "CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);"
    var stick: String { folder + "/stick" }

    override init() throws {
        try super.init()
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
    }

    func anchoring(_ anchored: Bool) -> Anchoring {
        anchored ? .store(FileAnchors(directory: folder + "/anchors")) : .none
    }

    func start(_ names: [String], anchored: Bool = false) throws -> (Hub, [Replica]) {
        let hub = try Hub.create(at: folder + "/hub", schema: Self.schema, anchors: .none)
        return (hub, try names.map { try tablet($0, hub, anchored: anchored) })
    }

    func tablet(_ name: String, _ hub: Hub, anchored: Bool = false) throws -> Replica {
        try Replica.create(
            at: "\(folder)/\(name).db", enrolment: hub.enrol(name: name), anchors: anchoring(anchored))
    }

    func enter(_ replica: Replica, _ id: String) throws { try run(replica, "INSERT INTO t VALUES ('\(id)', '1')") }

    /// Everybody meets the folder, then the hub; at last everybody once more.
    func meet(_ hub: Hub, _ replicas: [Replica], rounds: Int = 3) throws {
        for _ in 0..<rounds {
            for replica in replicas { try replica.sync(folder: stick) }
            try hub.sync(folder: stick)
        }
        for replica in replicas { try replica.sync(folder: stick) }
    }

    func ids(_ replica: Replica) throws -> String { try text(replica, "SELECT id FROM t ORDER BY id") }

    /// Closes a replica whose file was saved, and opens what was saved.
    func putBack(_ replica: Replica, to saved: String, anchored: Bool = false) throws -> Replica {
        try replica.close()
        try ReplicaFiles.replace(replica.path, with: saved)
        return try Replica.open(at: replica.path, anchors: anchoring(anchored))
    }

    /// Closes a replica, copies its file, and opens both.
    func twins(of replica: Replica, anchored: Bool = false) throws -> (Replica, Replica) {
        try replica.close()
        try ReplicaFiles.copy(from: replica.path, to: folder + "/twin.db")
        return (
            try Replica.open(at: replica.path, anchors: anchoring(anchored)),
            try Replica.open(at: folder + "/twin.db", anchors: anchoring(anchored))
        )
    }

    func place(_ direction: String, _ file: String) -> String { "\(stick)/satchel/\(direction)/\(file)" }

    func files(_ direction: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(stick)/satchel/\(direction)").sorted()
    }

    func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    func write(_ bytes: Data, to path: String) throws { try bytes.write(to: URL(fileURLWithPath: path)) }
}
