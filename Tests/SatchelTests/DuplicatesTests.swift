import Foundation
import GRDB
import Satchel
import SatchelFieldwork
import SatchelHub
import Testing

/// What is listed as entered twice, from the tables and before a row is saved (MRG-58, MRG-59, SCH-25, SCH-26).
@Suite final class DuplicatesTests {
    private let folder = NSTemporaryDirectory() + "satchel-duplicates-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func replica(_ schema: String) throws -> Replica {
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        return try Replica.create(at: folder + "/a.db", enrolment: hub.enrol(name: "a"))
    }

    private static let schema = """
        -- satchel: naturalKey firm (code)
        -- satchel: similar firm (name, phone)
        CREATE TABLE firm(id TEXT PRIMARY KEY, name TEXT, code TEXT, phone TEXT);
        CREATE TABLE other(id TEXT PRIMARY KEY, name TEXT, code TEXT, phone TEXT);
        """

    @Test func whatTwoPeopleEnteredIsListedOnceAsAPairWithTheReason_MRG58_MRG59() throws {
        let replica = try replica(Self.schema)
        try replica.write { db in
            for table in ["firm", "other"] {
                try db.execute(
                    sql: """
                        INSERT INTO \(table) VALUES ('1', '太原钢铁（集团）有限公司', '9114', '0351-2137000'),
                        ('2', '太钢', '９１１４ ', NULL), ('3', '太原钢铁集团', NULL, '2137000'),
                        ('4', '大同煤矿', NULL, NULL), ('5', '大同煤业', NULL, NULL)
                        """)
            }
        }
        let found = try replica.duplicates()
        #expect(found.map { "\($0.table) \($0.first.display) \($0.second.display)" } == ["firm 1 2", "firm 1 3"])
        #expect(found[0].reasons == [.naturalKey(columns: ["code"])])
        #expect(found[1].reasons == [.similar(name: "name", percent: 100, equal: ["phone"])])
        #expect(try replica.duplicates(in: "other").isEmpty, "nothing was declared of it")
        #expect(throws: UsageError.self) { try replica.duplicates(in: "nowhere") }
        try replica.write { try $0.execute(sql: "DELETE FROM firm WHERE id = '1'") }
        #expect(try replica.duplicates().isEmpty, "only what is shown is listed")
    }

    @Test func aNewRowIsComparedBeforeItIsSaved_MRG58_MRG59() throws {
        let replica = try replica(Self.schema)
        try replica.write { try $0.execute(sql: "INSERT INTO firm VALUES ('1', '太原一中', '9114', '2137000')") }
        func keys(_ values: [String: Value]) throws -> [String] {
            try replica.duplicates(of: values, in: "firm").map(\.key.display)
        }
        #expect(try keys(["name": .text("太原二中"), "phone": .text("351 2137000")]) == [])
        #expect(try keys(["name": .text("太原一中分校"), "phone": .text("351 2137000")]) == ["1"])
        #expect(try keys(["code": .text("９１１４")]) == ["1"], "the name is not known yet")
        #expect(try keys(["name": .text("太原一中")]) == ["1"])
        #expect(try keys(["id": .text("1"), "name": .text("太原一中")]) == [], "a row is no duplicate of itself")
        #expect(throws: UsageError.self) { try replica.duplicates(of: ["tel": .text("1")], in: "firm") }
    }

    @Test func aPairDeclaredNotTheSameIsListedNowhereUntilItIsTakenBack_MRG59_SCH29() throws {
        let hub = try Hub.create(at: folder + "/hub", schema: Self.schema)
        let a = try Replica.create(at: folder + "/a.db", enrolment: hub.enrol(name: "a"))
        let b = try Replica.create(at: folder + "/b.db", enrolment: hub.enrol(name: "b"))
        func sync() throws {
            for replica in [a, b, a] {
                try replica.pack(to: folder + "/up")
                _ = try hub.merge([folder + "/up"], replies: folder + "/replies")
                try replica.apply(folder + "/replies/\(replica.name).satchel")
            }
        }
        try a.write { db in
            try db.execute(
                sql: "INSERT INTO firm VALUES ('1', '甲', '9', NULL), ('2', '乙', '9', NULL), ('3', '丙', '9', NULL)")
        }
        try sync()
        let empty = try a.digest()
        let keys = (1...3).map { RowKey([.text(String($0))]) }
        func pairs(_ replica: Replica) throws -> [String] {
            try replica.duplicates().map { $0.first.display + $0.second.display }
        }
        #expect(try pairs(b) == ["12", "13", "23"])
        try a.declareDistinct(keys[2], keys[0], in: "firm", actor: "李娜")
        #expect(try pairs(a) == ["12", "23"])
        try sync()
        #expect(try pairs(b) == ["12", "23"] && pairs(hub.replica) == ["12", "23"])
        #expect(try a.digest() == b.digest() && a.digest() == hub.digest() && a.digest() != empty)
        #expect(try a.status().rows.map(\.table) == ["firm", "other"], "no list of tables names it")
        try b.declareDistinct(keys[0], keys[2], in: "firm", false)
        try sync()
        #expect(try pairs(a) == ["12", "13", "23"])
        #expect(throws: UsageError.self) { try a.declareDistinct(keys[0], keys[0], in: "firm") }
        #expect(throws: UsageError.self) { try a.declareDistinct(keys[0], RowKey([.text("4")]), in: "firm") }
    }

    @Test func aFirmIsKnownByItsCreditCodeOrItsNameAndTelephone_SCH25_SCH26() throws {
        let hub = try Hub.create(at: folder + "/hub", schema: Fieldwork.schema)
        let replica = try Replica.create(at: folder + "/a.db", enrolment: hub.enrol(name: "a"))
        let client = try #require(replica.schema().table("client"))
        #expect(client.naturalKeys.map { $0.map { client.columns[$0].name } } == [["credit_code"]])
        #expect(client.similar.map { client.columns[$0].name } == ["name", "phone", "email"])
    }

    /// The load goal is 20,000 clients on a small tablet.
    @Test func twentyThousandFirmsAreSearchedInNearLinearTime_MRG59() throws {
        let replica = try replica(Self.schema)
        try replica.write { db in
            for index in 0..<20_000 {
                try db.execute(
                    sql: "INSERT INTO firm VALUES (?, ?, ?, ?)",
                    arguments: [
                        String(format: "%05d", index), "单位\(index / 2 * 7919 % 10007)号厂有限公司",
                        String(index < 10_000 ? index : index + 1), "13\(String(format: "%09d", index / 4))",
                    ])
            }
        }
        let clock = ContinuousClock()
        var found: [Duplicate] = []
        let took = try clock.measure { found = try replica.duplicates() }
        #expect(found.count >= 10_000)
        #expect(took < .seconds(10), "\(took)")
        let entry = try clock.measure { _ = try replica.duplicates(of: ["name": .text("单位7号厂")], in: "firm") }
        #expect(entry < .seconds(2), "\(entry)")
        print("20,000 rows: pairs in \(took), one entry in \(entry)")
    }

    /// What two of different scopes said belongs to both.
    @Test func whatIsSaidToBeDistinctBelongsToAllScopes_SCH29_MRG59() throws {
        let world = try ScopeWorld(schema: "-- satchel: naturalKey client (phone)\n" + ScopeWorld.schema)
        for (ids, owner) in [(["a", "b"], "wang"), (["c", "d"], "li")] {
            for id in ids {
                try world.sql(
                    owner, "INSERT INTO client(id, name, owner, phone) VALUES ('\(id)', 'x', '\(owner)', '\(owner)')")
            }
        }
        try world.sync()
        #expect(try world.hub.replica.duplicates().count == 2)
        func key(_ id: String) -> RowKey { RowKey([.text(id)]) }
        try world["wang"].declareDistinct(key("a"), key("b"), in: "client")
        try world["li"].declareDistinct(key("c"), key("d"), in: "client")
        try world.sync()
        for replica in [world.hub.replica, world["wang"], world["li"]] { #expect(try replica.duplicates().isEmpty) }
        #expect(try world.hub.outsideChanges().isEmpty)
        #expect(try world.hub.scopes().map(\.rows) == [2, 2], "the clients")
        try world["li"].declareDistinct(key("c"), key("d"), in: "client", false)
        try world.sync()
        for replica in [world.hub.replica, world["li"]] { #expect(try replica.duplicates().count == 1) }
        #expect(try world["wang"].duplicates().isEmpty)
    }
}
