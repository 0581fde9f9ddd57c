import GRDB
import SatchelFieldwork
import Testing

/// The records against the tables that the schema makes.
@Suite struct RecordTests {
    private let now = Moment(milliseconds: 1_717_200_000_000)

    private func database() throws -> DatabaseQueue {
        let queue = try DatabaseQueue()
        try queue.write { try $0.execute(sql: Fieldwork.schema) }
        return queue
    }

    private func columns(_ record: some FieldworkRecord) throws -> Set<String> {
        Set(try record.databaseDictionary.keys)
    }

    @Test func everyRecordHasExactlyTheColumnsOfItsTable() throws {
        let client = Client(id: "c", name: "恒达食品有限公司", by: "王芳", at: now)
        let records: [any FieldworkRecord] = [
            client, Contact(id: "p", clientId: "c", name: "李强", by: "王芳", at: now),
            VisitPlan(id: "l", clientId: "c", by: "王芳", at: now),
            Visit(id: "v", clientId: "c", visitor: "王芳", at: now),
            AttachmentReference(
                id: "a", on: client, name: "照片.jpg", sha256: String(repeating: "0", count: 64), sizeBytes: 1,
                by: "王芳", at: now),
        ]
        try database().write { db in
            for record in records {
                try record.insert(db)
                let table = type(of: record).databaseTableName
                #expect(try columns(record) == Set(db.columns(in: table).map(\.name)), "\(table)")
            }
        }
    }

    @Test func whatIsWrittenIsReadBack() throws {
        var client = Client(id: "c", name: "恒达食品有限公司", by: "王芳", at: now)
        client.creditCode = "91330100799655058B"
        client.category = .enterprise
        client.latitude = 30.2741
        client.lifecycle = .atRisk
        client.lifecycleSince = Day(rawValue: "2024-05-01")
        client.tier = .key
        client.agreementAmountFen = 12_345_678
        client.keyAccount = true
        client.keyAccountKind = .important
        var visit = Visit(id: "v", clientId: "c", visitor: "王芳", at: now)
        visit.kind = .returnVisit
        visit.startedAt = now
        visit.followUpDue = Day(rawValue: "2024-06-15")
        let stored = visit
        try database().write { [client] db in
            try client.insert(db)
            try stored.insert(db)
            #expect(try Client.fetchOne(db, key: "c") == client)
            #expect(try Visit.fetchOne(db, key: "v") == stored)
        }
    }

    @Test func wordsAndTextsThatThisVersionDoesNotKnowAreKept() throws {
        try database().write { db in
            try db.execute(
                sql: """
                    INSERT INTO client (id, name, tier, lifecycle_since, created_at, created_by)
                    VALUES ('c', '恒达', 'S', '去年', '2024/6/1', '王芳')
                    """)
            let client = try #require(try Client.fetchOne(db))
            #expect(client.tier == Client.Tier(rawValue: "S"))
            #expect(client.lifecycleSince?.number == nil)
            try client.update(db)
            #expect(
                try String.fetchOne(db, sql: "SELECT created_at || tier || lifecycle_since FROM client")
                    == "2024/6/1S去年")
        }
    }

    @Test func everyReferenceIsAForeignKeyWithoutAction() throws {
        try database().read { db in
            var found: [String] = []
            for table in ["client", "contact", "visit_plan", "visit", "attachment"] {
                for row in try Row.fetchAll(db, sql: "PRAGMA foreign_key_list(\(table))") {
                    let from: String = row["from"], to: String = row["table"], action: String = row["on_delete"]
                    found.append("\(table).\(from) \(to) \(action)")
                }
            }
            #expect(
                Set(found) == [
                    "contact.client_id client NO ACTION", "visit_plan.client_id client NO ACTION",
                    "visit.client_id client NO ACTION", "visit.plan_id visit_plan NO ACTION",
                ])
        }
    }
}
