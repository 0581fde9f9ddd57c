import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// Nor by what is taken back, nor for what a record refers to (INB-14).
@Suite final class HidingAgainTests: TwoTablets {
    init() throws {
        try super.init(
            schema: """
                -- satchel: reference item (visit) cascade
                CREATE TABLE client(id TEXT PRIMARY KEY, number TEXT UNIQUE);
                CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT NOT NULL REFERENCES client(id));
                CREATE TABLE item(id TEXT PRIMARY KEY, visit TEXT NOT NULL REFERENCES visit(id));
                CREATE TABLE plan(id TEXT PRIMARY KEY, start INTEGER, until INTEGER, CHECK (start <= until));
                """,
            entering: "INSERT INTO client VALUES ('c', '1'), ('d', NULL), ('e', '3')",
            "INSERT INTO visit VALUES ('v1', 'c'), ('v2', 'd'), ('v3', 'd')", "INSERT INTO item VALUES ('i', 'v1')",
            "INSERT INTO plan VALUES ('p', 1, 9)")
    }

    private func shown(_ replica: Replica) throws -> [String] {
        try replica.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT id || ' ' || ifnull(number, '-') FROM client UNION ALL SELECT id || ' ' || client FROM visit
                    UNION ALL SELECT id || ' ' || visit FROM item UNION ALL SELECT id || ' ' || start || '-' || until FROM plan
                    ORDER BY 1
                    """)
        }
    }

    @Test func anOverwriteThatIsTakenBackHidesNothing_INB11_INB14() throws {
        try run(b, "UPDATE client SET number = '7' WHERE id = 'e'; UPDATE plan SET start = 5")
        try sync()
        try run(a, "UPDATE client SET number = '8' WHERE id = 'e'; UPDATE plan SET start = 2")
        try a.seal()
        try run(a, "UPDATE client SET number = '7' WHERE id = 'c'; UPDATE plan SET until = 3")
        let (before, listed) = (try shown(a), try a.unseen())
        #expect(listed.count == 2)
        for one in listed { hides(one.table) { try a.takeBackUnseen(one.id) } }
        #expect(try shown(a) == before && a.unseen().map(\.id) == listed.map(\.id))
        try run(a, "UPDATE plan SET until = 9")
        try a.takeBackUnseen(try #require(listed.first { $0.table == "plan" }).id)
        #expect(try shown(a).contains("p 5-9") && a.unseen().count == 1)
    }

    @Test func anUndoOfAMergeHidesNothing_MRG53_INB14() throws {
        try a.merge(RowKey([.text("c")]), into: RowKey([.text("d")]), in: "client")
        try sync()
        try run(a, "UPDATE client SET number = '1' WHERE id = 'd'")
        try sync()
        let before = try shown(a)
        let dot = try #require(try a.bin().first?.deletions.last?.dot.description)
        hides("client c") { try a.unmerge(RowKey([.text("c")]), in: "client") }
        hides("client c") { try a.undo(table: "client", key: RowKey([.text("c")])) }
        hides("client c") { try a.undo(changeset: dot) }
        #expect(try shown(a) == before && before.contains("v1 d"))
        try run(a, "UPDATE client SET number = '2' WHERE id = 'd'")
        #expect(try a.undo(changeset: dot).rows.map(\.key) == [RowKey([.text("c")])])
        #expect(try shown(a).contains("v1 c"))
    }

    /// A visit that one of the answers names is in the bin.
    @Test func anAnswerHidesNothingForWhatItNames_MRG41_INB14() throws {
        try run(a, "UPDATE item SET visit = 'v2'")
        try run(b, "UPDATE item SET visit = 'v3'")
        try sync()
        try run(a, "DELETE FROM visit WHERE id = 'v2'")
        try sync()
        let open = try #require(try b.conflicts().first)
        let before = try shown(b)
        #expect(before.contains("i v3") && open.candidates.map(\.values).contains([.text("v2")]))
        let gone = try #require(open.candidates.firstIndex { $0.values == [.text("v2")] })
        hides("item i") { try b.resolve(open, keep: gone + 1) }
        hides("item i") { try b.resolve(open.id, values: [.text("v2")]) }
        let report = try b.resolve(ConflictFilter(), by: .older)
        #expect(report.decided.isEmpty && report.left == [open.id])
        #expect(try shown(b) == before && b.conflicts().map(\.id) == [open.id])
        try b.resolve(open, keep: 2 - gone)
        try sync()
        for replica in [a, b, hub.replica] { #expect(try shown(replica) == before && replica.conflicts().isEmpty) }
    }

    /// What a rule chooses for two records stands against each other: one is decided.
    @Test func ofTwoThatARuleWouldPutInOnePlaceOneStaysOpen_MRG22_INB14() throws {
        try run(a, "UPDATE client SET number = 'M' WHERE id = 'c'")
        try a.seal()
        try run(b, "UPDATE client SET number = 'M' WHERE id = 'e'")
        try b.seal()
        try run(a, "DELETE FROM plan")
        try run(
            hub.replica, "UPDATE client SET number = 'P' WHERE id = 'c'; UPDATE client SET number = 'Q' WHERE id = 'e'")
        try sync()
        #expect(try a.conflicts().count == 2 && shown(a).count == 7)
        let report = try a.resolve(ConflictFilter(), by: .older)
        #expect(report.decided.count == 1 && report.left.count == 1)
        #expect(try a.conflicts().map(\.id) == report.left && shown(a).count == 7 && a.setAside().isEmpty)
    }

    /// Of a record that was deleted since, or merged into another.
    @Test func aFormOfARecordThatHasGoneHidesNothing_INB10_INB14() throws {
        let client = try #require(try a.view(table: "client", key: RowKey([.text("c")])))
        let plan = try #require(try a.view(table: "plan", key: RowKey([.text("p")])))
        try run(b, "DELETE FROM plan")
        try b.merge(RowKey([.text("c")]), into: RowKey([.text("d")]), in: "client")
        try sync()
        let before = try shown(a)
        hides("plan p") { try a.edit(basedOn: plan) { $0["start"] = .integer(10) } }
        hides("client e") { try a.edit(basedOn: client) { $0["number"] = .text("3") } }
        #expect(try shown(a) == before && a.conflicts().isEmpty && a.setAside().isEmpty)
        _ = try a.edit(basedOn: plan) { $0["start"] = .integer(2) }
        _ = try a.edit(basedOn: client) { $0["number"] = .text("4") }
        #expect(try shown(a).contains("p 2-9") && shown(a).contains("d 4"))
    }

    /// Two did at once what each alone could.
    @Test func whatIsSetAsideIsToldWithWhatStandsOnRowsMergedIntoIt_CLI45_MRG54() throws {
        try run(a, "INSERT INTO plan VALUES ('q', 1, 5)")
        try sync()
        try a.merge(RowKey([.text("p")]), into: RowKey([.text("q")]), in: "plan")
        try run(b, "UPDATE plan SET start = 7 WHERE id = 'p'")
        try sync()
        for replica in [a, b, hub.replica] {
            #expect(try replica.setAside().map(\.values) == [[.text("q"), .integer(7), .integer(5)]])
        }
    }
}
