import Foundation
import GRDB
import Satchel
import SatchelHub
import Testing

/// Devices in one folder, whose files are copied by hand; what they write are rows `t(id, v)`.
struct ForkWorld {
    let folder: String
    let authority: Authority

    init() throws {
        folder = NSTemporaryDirectory() + "satchel-forks-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        authority = Authority(schema: Self.schema)
    }

    static let schema = "CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);"

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    var anchors: FileAnchors { FileAnchors(directory: path("anchors")) }

    /// A device of a data set without a hub, or of the hub's.
    func device(_ name: String, hub: Hub? = nil, anchors: Anchoring = .none) throws -> Replica {
        try Replica.create(
            at: path(name), enrolment: hub?.enrol(name: name) ?? authority.enrol(name: name, displayName: name),
            anchors: anchors)
    }

    func hub() throws -> Hub { try Hub.create(at: path("hub"), schema: Self.schema, anchors: .none) }

    /// A device that wrote a row, and one that opened a copy of its file.
    func twins(hub: Hub? = nil) throws -> (Replica, Replica) {
        let original = try device("a", hub: hub)
        try write(original, "common")
        if let hub { try sync([original], hub, rounds: 1) }
        try copy("a", "b")
        return (original, try open("b"))
    }

    /// What `cp` makes of a file, be it open or closed.
    func copy(_ from: String, _ to: String) throws {
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path(from) + suffix) {
            try FileManager.default.copyItem(atPath: path(from) + suffix, toPath: path(to) + suffix)
        }
    }

    /// Puts a saved file in the place of the one that is there.
    func restore(_ saved: String, over name: String) throws {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path(name) + suffix) }
        try copy(saved, name)
    }

    func open(_ name: String, anchors: Anchoring = .none) throws -> Replica {
        try Replica.open(at: path(name), anchors: anchors)
    }

    func write(_ replica: Replica, _ ids: String..., value: String = "") throws {
        for id in ids {
            try replica.write { try $0.execute(sql: "INSERT OR REPLACE INTO t VALUES (?, ?)", arguments: [id, value]) }
            try replica.seal()
        }
    }

    func ids(_ replica: Replica) throws -> [String] {
        try replica.read { try String.fetchAll($0, sql: "SELECT id FROM t ORDER BY id") }
    }

    /// By USB stick: what the one has and the other lacks.
    @discardableResult
    func carry(_ from: Replica, to other: Replica) throws -> PackReport {
        try other.have(to: path("have"))
        let report = try from.pack(for: path("have"), to: path("side"))
        try other.apply(path("side"))
        return report
    }

    func meet(_ replicas: [Replica], rounds: Int) throws {
        for _ in 0..<rounds {
            for from in replicas { for to in replicas where to !== from { try carry(from, to: to) } }
        }
    }

    func handIn(_ replica: Replica, _ hub: Hub) throws {
        try replica.pack(to: path("up"))
        let merged = try hub.merge([path("up")]).merged
        #expect(merged.allSatisfy { $0.outcome != .refused && $0.outcome != .failed }, "\(merged)")
    }

    @discardableResult
    func fetch(_ replica: Replica, _ hub: Hub) throws -> ApplyReport {
        try hub.pack(for: replica.name, to: path("down"))
        return try replica.apply(path("down"))
    }

    func sync(_ replicas: [Replica], _ hub: Hub, rounds: Int = 3) throws {
        for _ in 0..<rounds {
            for replica in replicas {
                try handIn(replica, hub)
                try fetch(replica, hub)
            }
        }
    }

    func expectEqual(_ replicas: [Replica], _ ids: [String]) throws {
        for replica in replicas { #expect(try self.ids(replica) == ids.sorted()) }
        #expect(try Set(replicas.map { try $0.digest() }).count == 1)
    }
}
