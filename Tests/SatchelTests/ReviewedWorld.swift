import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

/// Hubs and replicas in a folder of their own, for stories of a few lines.
class ReviewedWorld {
    let folder = NSTemporaryDirectory() + "satchel-reviewed-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func world(_ schema: String, _ names: String...) throws -> (Hub, [Replica]) {
        let hub = try Hub.create(at: folder + "/hub", schema: schema, anchors: .none)
        return (hub, try names.map { try device($0, hub) })
    }

    func device(_ name: String, _ hub: Hub, scopes: [String]? = nil) throws -> Replica {
        try Replica.create(
            at: "\(folder)/\(name).db", enrolment: hub.enrol(name: name, scopes: scopes), anchors: .none)
    }

    func run(_ replica: Replica, _ sql: String, seal: Bool = true) throws {
        try replica.write { try $0.execute(sql: sql) }
        if seal { try replica.seal() }
    }

    func force(_ replica: Replica, _ sql: String) throws {
        try replica.force(sql)
        try replica.seal()
    }

    @discardableResult
    func up(_ replica: Replica, _ hub: Hub) throws -> MergeReport {
        try replica.pack(to: folder + "/up")
        let report = try hub.merge([folder + "/up"])
        #expect(report.merged.allSatisfy { $0.outcome != .refused && $0.outcome != .failed }, "\(report)")
        return report
    }

    func down(_ replica: Replica, _ hub: Hub) throws {
        try hub.pack(for: replica.name, to: folder + "/down")
        try replica.apply(folder + "/down")
    }

    func sync(_ hub: Hub, _ replicas: [Replica], rounds: Int = 2) throws {
        for _ in 0..<rounds {
            for replica in replicas {
                try up(replica, hub)
                try down(replica, hub)
            }
        }
    }

    func carry(_ from: Replica, to other: Replica) throws {
        try other.have(to: folder + "/have")
        try from.pack(for: folder + "/have", to: folder + "/side")
        try other.apply(folder + "/side")
    }

    func text(_ replica: Replica, _ sql: String) throws -> String {
        try replica.read { try String.fetchAll($0, sql: sql) }.joined(separator: " ")
    }

    func key(_ id: String) -> RowKey { RowKey([.text(id)]) }

    func expectEqual(_ hub: Hub, _ replicas: [Replica], _ place: SourceLocation = #_sourceLocation) throws {
        let digests = try replicas.map { try $0.digest() } + [hub.digest()]
        #expect(Set(digests).count == 1, "\(digests)", sourceLocation: place)
    }

    static let clients = """
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT);
        CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT);
        """

    /// Two clients a and b that everybody has.
    func pair(_ schema: String = clients) throws -> (Hub, Replica, Replica) {
        let (hub, all) = try world(schema, "one", "two")
        try run(all[0], "INSERT INTO client(id, name, phone) VALUES ('a', 'Hengda', '1')")
        try run(
            all[0],
            "INSERT INTO client(id, name, phone) VALUES ('b', 'Hengda Co', '2'), ('d', 'Ruifeng', '4'); INSERT INTO visit VALUES ('va', 'a', 'to a')"
        )
        try sync(hub, all)
        return (hub, all[0], all[1])
    }

    func shown(_ replica: Replica) throws -> String {
        try text(replica, "SELECT id || ':' || name || ':' || ifnull(phone, '-') FROM client ORDER BY id")
    }

    func told(_ what: @autoclosure () throws -> Any) -> String { (try? "\(what())") ?? "?" }

    func restoreHub(_ hub: Hub, from backup: String) throws -> Hub {
        try hub.close()
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: folder + "/hub/hub.sqlite" + suffix)
        }
        try FileManager.default.copyItem(atPath: folder + "/" + backup, toPath: folder + "/hub/hub.sqlite")
        let again = try Hub.open(at: folder + "/hub", anchors: .none)
        try again.restored()
        return again
    }

    func scoped() throws -> (Hub, Replica, Replica) {
        let (hub, _) = try world(ScopeWorld.schema)
        for person in ["wang", "li"] {
            try hub.setScope(person, rules: ["client BY owner '\(person)'", "visit IN (client)"])
        }
        return (hub, try device("wang", hub, scopes: ["wang"]), try device("li", hub, scopes: ["li"]))
    }

    /// Takes what a replica has of another's changesets away, as if it had never been kept there: returns the last.
    @discardableResult
    func lose(_ at: Replica, workOf author: Replica) throws -> Dot {
        let dots = try at.changesets().map(\.dot).filter { $0.origin == author.origin }
        let pending = try at.withEngine { engine in
            try engine.transaction {
                try dots.filter { dot in
                    try engine.store.metDot(dot).flatMap { try engine.store.standing(of: $0) } == .pending
                }
            }
        }
        try at.withEngine { engine in
            try engine.transaction { for dot in pending { try engine.store.forget(engine.store.dotID(dot)) } }
        }
        return try #require(pending.last)
    }

    func wait() { Thread.sleep(forTimeInterval: 0.01) }

    func values(_ conflicts: @autoclosure () throws -> [Conflict]) -> String {
        ((try? conflicts()) ?? []).map { "\($0.kind) \($0.key.display) \($0.unit) \($0.candidates.map(\.values))" }
            .joined(separator: "; ")
    }

    func bytes(_ replica: Replica) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: replica.path))
            + (FileManager.default.contents(atPath: replica.path + "-wal") ?? Data())
    }
}
