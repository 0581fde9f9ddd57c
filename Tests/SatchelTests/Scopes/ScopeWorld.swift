import Foundation
import GRDB
import Satchel
import SatchelHub
import Testing

/// A hub with two people's scopes and their devices, in a folder of its own.
final class ScopeWorld {
    static let schema = """
        CREATE TABLE client(id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, owner TEXT, district TEXT, phone TEXT);
        CREATE TABLE plan(id TEXT PRIMARY KEY NOT NULL, note TEXT);
        CREATE TABLE visit(id TEXT PRIMARY KEY NOT NULL, client TEXT NOT NULL REFERENCES client(id),
            plan TEXT REFERENCES plan(id), note TEXT);
        """

    let folder = NSTemporaryDirectory() + "satchel-scopes-" + UUID().uuidString
    let hub: Hub
    private let clock: any WallClock
    private(set) var devices: [String: Replica] = [:]

    /// Devices wang and li, each of whom is served a scope of the same name: their clients, and the visits to them.
    init(
        schema: String = schema, people: [String] = ["wang", "li"], clock: any WallClock = SystemClock()
    ) throws {
        self.clock = clock
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        hub = try Hub.create(at: folder + "/hub", schema: schema, clock: clock)
        for person in people {
            try hub.setScope(person, rules: ["client BY owner '\(person)'", "visit IN (client)"])
            try add(person, scopes: [person])
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func add(_ name: String, scopes: [String]? = nil) throws {
        let enrolment = try hub.enrol(name: name, scopes: scopes)
        devices[name] = try Replica.create(at: folder + "/\(name).sqlite", enrolment: enrolment, clock: clock)
    }

    subscript(name: String) -> Replica { devices[name]! }

    func sql(_ name: String, _ sql: String...) throws {
        let replica = name == "hub" ? hub.replica : self[name]
        try replica.write { db in for statement in sql { try db.execute(sql: statement) } }
        try replica.seal()
    }

    @discardableResult
    func up(_ name: String) throws -> MergeReport {
        try self[name].pack(to: folder + "/\(name).up")
        return try hub.merge([folder + "/\(name).up"])
    }

    @discardableResult
    func down(_ name: String) throws -> ApplyReport {
        try hub.pack(for: name, to: folder + "/\(name).down")
        return try self[name].apply(folder + "/\(name).down")
    }

    /// Up and down for each, twice.
    func sync(_ names: String...) throws {
        for _ in 0..<2 {
            for name in names.isEmpty ? devices.keys.sorted() : names {
                try up(name)
                try down(name)
            }
        }
    }

    func ids(_ name: String, _ table: String = "client") throws -> [String] {
        let replica = name == "hub" ? hub.replica : self[name]
        return try replica.read { try String.fetchAll($0, sql: "SELECT id FROM \(table) ORDER BY id") }
    }

    func value(_ name: String, _ sql: String) throws -> String? {
        let replica = name == "hub" ? hub.replica : self[name]
        return try replica.read { try String.fetchOne($0, sql: sql) }
    }

    /// Whether every device shows what the hub says that it must (DIG-7).
    func expectAgreement(_ place: SourceLocation = #_sourceLocation) throws {
        for (name, replica) in devices.sorted(by: { $0.key < $1.key }) {
            #expect(try replica.digest() == hub.digest(for: name), "\(name)", sourceLocation: place)
        }
    }
}
