import Foundation
import SatchelFieldwork
import Testing

@testable import SatchelDemo

@Suite struct CSVTests {
    private let today = Day(rawValue: "2026-03-16")

    private func table(_ text: String, _ name: String = "t.csv") throws -> CSVTable {
        try CSVTable(name: name, bytes: Array(text.utf8))
    }

    @Test(arguments: [
        ("a,b\n1,2\n", "plain"), ("a,b\r\n1,2", "CRLF, no line end at the end"), ("a,b\r1,2\r", "CR"),
        ("a,b\n\"1\",\"2\"\n", "quoted"), ("\u{FEFF}a,b\n\n1,2\n\n", "a byte order mark and empty lines"),
        ("b,c,a\n2,x,1\n", "other columns, another order"),
    ])
    func everyCommonFormIsRead(_ text: String, _ form: String) throws {
        let table = try table(text)
        let row = try #require(table.rows.first, "\(form)")
        #expect(table.rows.count == 1 && table.value(row, "a") == "1" && table.value(row, "b") == "2", "\(form)")
    }

    @Test func quotedValuesHoldCommasQuotesAndLineEnds() throws {
        let table = try table("a,b\n\"x, \"\"y\"\"\nz\",2\n3,\n")
        #expect(table.value(table.rows[0], "a") == "x, \"y\"\nz")
        #expect(table.rows[1].line == 4)
        #expect(table.value(table.rows[1], "b") == nil && table.value(table.rows[1], "missing", "a") == "3")
    }

    @Test func anOpenQuoteIsNamedByItsLine() throws {
        let error = #expect(throws: DataError.self) { try table("a\n1\n\"2\n3\n") }
        #expect(error?.description == "t.csv, line 3: a quote is never closed")
    }

    @Test func whatCannotBeUsedIsLeftOutWithARemark() throws {
        let clients = try table(
            "client_id,name,assigned_to,status,address\nC1,一厂,王芳,Permitted\nC1,二厂,,\n,三厂,,\nC2,,王芳,Odd,文一路1号\n")
        let visits = try table(
            "visit_id,client_id,inspector,date,visit_type\nV1,C1,李强,2024-05-01,Follow-up\nV2,C9,李强,,\nV1,C2,李强,,\nV3,C2,,,\n"
        )
        let findings = try table("visit_id,code,title,observations,corrective_actions\nV1,830,标签,缺日期,补上\n")
        let territory = try Territory(clients: clients, visits: visits, findings: findings, today: today)
        #expect(territory.clients.map(\.id) == ["C1", "C2"] && territory.visits.map(\.id) == ["V1", "V3"])
        #expect(territory.clients.map(\.lifecycle) == [.active, Client.Lifecycle(rawValue: "Odd")])
        #expect(territory.clients.map(\.name) == ["一厂", "文一路1号"])
        let visit = territory.visits[0]
        #expect(visit.kind == .returnVisit && visit.startedAt?.rawValue == "2024-05-01T00:00:00.000Z")
        #expect(visit.note == "830 标签: 缺日期" && visit.followUp == "补上")
        #expect(territory.visits[1].startedAt == nil)
        #expect(territory.staff.map(\.name) == ["王芳", "unknown", "李强"])
        #expect(
            territory.remarks == [
                "t.csv, line 3: client_id C1 stands there twice", "t.csv, line 4: no client_id",
                "t.csv, line 3: no client C9", "t.csv, line 4: visit_id V1 stands there twice",
            ])
    }

    @Test(arguments: ["name\nx\n", "clientid\nx\n"])
    func aMissingColumnIsNamed(_ text: String) throws {
        let clients = try table(text)
        let visits = try table("visit_id,client_id\n")
        #expect(throws: DataError.self) {
            try Territory(clients: clients, visits: visits, findings: nil, today: today)
        }
    }

    /// The real files beside the checkout, where there are any: SATCHEL_SHARED names their folder.
    static let shared = ProcessInfo.processInfo.environment["SATCHEL_SHARED"]

    @Test(.enabled(if: shared != nil)) func aHealthDepartmentsFilesAreReadWhole() throws {
        let folder = try #require(Self.shared) + "/data/va_health"
        let territory = try Territory.read(folder: folder, today: today)
        #expect(territory.clients.count == 896 && territory.visits.count == 1646)
        #expect(territory.remarks == ["visits.csv.gz, line 669: no visit_id or no client_id"])
        #expect(territory.staff.first?.name == "insp_02" && territory.staff.count >= 8)
        #expect(territory.visits.allSatisfy { $0.startedAt != nil })
        #expect(territory.visits.contains { ($0.note ?? "").contains("Date Marking") })
    }
}
