import Foundation
import GRDB
import Satchel
import SatchelHub
import Testing

/// A hub and devices with two clients that are one, for the tests of merges (MRG-50 to MRG-57).
class MergedRowsWorld {
    let folder = NSTemporaryDirectory() + "satchel-merged-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static let schema = """
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, above TEXT REFERENCES client(id));
        CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT);
        CREATE TABLE rating(client_id TEXT REFERENCES client(id), year INTEGER, stars INTEGER,
            PRIMARY KEY (client_id, year));
        """

    /// A hub and devices that all hold clients a, b and d, with a visit to a and one to b.
    func world(
        _ names: String..., schema: String = schema
    ) throws -> (hub: Hub, replicas: [Replica]) {
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        let replicas = try names.map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        try run(replicas[0], "INSERT INTO client VALUES ('a', '恒达', '1', NULL)")
        try replicas[0].seal()
        try run(
            replicas[0],
            """
            INSERT INTO client VALUES ('b', '恒达公司', '2', NULL), ('d', '瑞丰', '4', NULL);
            INSERT INTO visit VALUES ('va', 'a', 'to a'), ('vb', 'b', 'to b')
            """)
        try sync(hub, replicas)
        return (hub, replicas)
    }

    /// The same without visits, so that nothing keeps a client that is deleted.
    func clientsAlone() throws -> (hub: Hub, replicas: [Replica]) {
        let (hub, all) = try world("x", "y")
        try run(all[0], "DELETE FROM visit")
        try sync(hub, all)
        return (hub, all)
    }

    func sync(_ hub: Hub, _ replicas: [Replica], rounds: Int = 2) throws {
        for _ in 0..<rounds {
            for replica in replicas {
                try replica.pack(to: folder + "/up")
                let report = try hub.merge([folder + "/up"], replies: folder + "/replies")
                #expect(report.failures.isEmpty && report.merged[0].outcome != .refused, "\(report)")
                try replica.apply(folder + "/replies/\(replica.name).satchel")
            }
        }
        let digests = try replicas.map { try $0.digest() } + [hub.digest()]
        #expect(Set(digests).count == 1, "\(digests)")
    }

    func run(_ replica: Replica, _ sql: String) throws { try replica.write { try $0.execute(sql: sql) } }

    func force(_ replica: Replica, _ sql: String) throws { try replica.force(sql) }

    func text(_ replica: Replica, _ sql: String) throws -> String {
        try replica.read { try String.fetchAll($0, sql: sql) }.joined(separator: " ")
    }

    func clients(_ replica: Replica) throws -> String {
        try text(replica, "SELECT id || ':' || name || ':' || ifnull(phone, '-') FROM client ORDER BY id")
    }

    func visits(_ replica: Replica) throws -> String {
        try text(replica, "SELECT id || ':' || ifnull(client_id, '-') FROM visit ORDER BY id")
    }

    func key(_ text: String) -> RowKey { RowKey([.text(text)]) }

    func merge(_ replica: Replica, _ row: String, _ into: String, taking: [String] = []) throws {
        try replica.merge(key(row), into: key(into), in: "client", taking: taking)
    }

    func kinds(_ replica: Replica) throws -> [String] { try replica.conflicts().map(\.kind.name).sorted() }
}

extension Replica {
    /// A write by a program that does not enforce foreign keys.
    func force(_ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try other.write { try $0.execute(sql: sql) }
        try other.close()
    }
}
