import Foundation
import GRDB
import Satchel
import SatchelHub
import Testing

@Suite struct FirstDayTests {
    static let schema = """
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT, tier TEXT);
        CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT);
        """

    @Test func changesGoUpAndStateComesDownAndAllAreEqual() throws {
        let folder = NSTemporaryDirectory() + "satchel-" + UUID().uuidString
        let hub = try Hub.create(at: folder + "/hub", schema: Self.schema)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let a = try Replica.create(at: folder + "/a.db", enrolment: hub.enrol(name: "tablet-a"))
        let b = try Replica.create(at: folder + "/b.db", enrolment: hub.enrol(name: "tablet-b"))
        func sync() throws {
            for _ in 0..<2 {
                for replica in [a, b] {
                    try replica.pack(to: folder + "/up")
                    let report = try hub.merge([folder + "/up"], replies: folder + "/replies")
                    #expect(report.merged.allSatisfy { $0.outcome != .refused }, "\(report.merged)")
                    #expect(try replica.apply(folder + "/replies/\(replica.name).satchel").outcome != .parked)
                }
            }
        }
        try a.write { db in
            try db.execute(sql: "INSERT INTO client VALUES ('c1', '恒达', '138', 'A'), ('c2', '瑞丰', '139', 'B')")
            try db.execute(sql: "INSERT INTO visit VALUES ('v1', 'c1', '复检')")
        }
        try sync()
        #expect(try a.digest() == b.digest())
        #expect(try a.digest() == hub.digest())
        #expect(try b.read { try String.fetchAll($0, sql: "SELECT name FROM client ORDER BY id") } == ["恒达", "瑞丰"])
        try a.write { try $0.execute(sql: "UPDATE client SET phone = '111' WHERE id = 'c1'") }
        try b.write { try $0.execute(sql: "UPDATE client SET phone = '222', tier = 'C' WHERE id = 'c1'") }
        try a.write { try $0.execute(sql: "DELETE FROM client WHERE id = 'c2'") }
        try b.write { try $0.execute(sql: "INSERT INTO visit VALUES ('v2', 'c2', '新')") }
        try sync()
        #expect(try a.digest() == b.digest())
        #expect(try a.digest() == hub.digest())
        let conflicts = try a.conflicts()
        #expect(conflicts.map(\.kind).sorted { $0.rawValue < $1.rawValue } == [.values, .inUse])
        let phone = try #require(conflicts.first { $0.kind == .values })
        #expect(phone.candidates.map { $0.values } == [[.text("111")], [.text("222")]])
        try b.resolve(phone.id, keep: 1)
        try sync()
        #expect(try a.conflicts().map(\.kind) == [.inUse])
        #expect(
            try a.read { try String.fetchOne($0, sql: "SELECT phone || tier FROM client WHERE id = 'c1'") } == "111C")
        #expect(try a.digest() == b.digest())
        #expect(try a.digest() == hub.digest())
    }
}
