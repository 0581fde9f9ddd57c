import GRDB
import Satchel
import SatchelHub
import Testing

extension TwoTablets {
    /// An act is refused, since it would hide a record.
    func hides(_ words: String, _ act: () throws -> Void) {
        #expect { try act() } throws: { error in (error as? WouldHide)?.description.contains(words) ?? false }
    }
}

/// Nobody puts a record out of sight by an answer (INB-14).
@Suite final class HidingTests: TwoTablets {
    init() throws {
        try super.init(
            schema: """
                -- satchel: policy plan.done counter
                CREATE TABLE plan(
                    id TEXT PRIMARY KEY, start INTEGER, until INTEGER, mail TEXT UNIQUE, done INTEGER NOT NULL DEFAULT 0,
                    CHECK (start < until), CHECK (done BETWEEN 0 AND 9));
                CREATE TABLE visit(id TEXT PRIMARY KEY, plan TEXT NOT NULL REFERENCES plan(id));
                """,
            entering:
                "INSERT INTO plan VALUES ('p', 1, 10, 'p@x', 6), ('q', 1, 10, 'q@x', 6); INSERT INTO visit VALUES ('v', 'p')"
        )
    }

    private func plans(_ replica: Replica) throws -> [String] {
        try replica.read { db in
            try String.fetchAll(
                db, sql: "SELECT id || ' ' || start || '-' || until || ' ' || mail || ' ' || done FROM plan ORDER BY id"
            )
        }
    }

    @Test func anAnswerThatTheTableDoesNotTakeIsRefused_INB14() throws {
        try run(a, "UPDATE plan SET until = 3 WHERE id = 'p'")
        try run(b, "UPDATE plan SET until = 20 WHERE id = 'p'")
        try sync()
        try run(a, "UPDATE plan SET start = 15 WHERE id = 'p'")
        try sync()
        let before = try plans(b)
        let open = try #require(try b.conflicts().first)
        let wrong = try #require(open.candidates.firstIndex { $0.values == [.integer(3)] })
        hides("plan p") { try b.resolve(open, keep: wrong + 1) }
        let report = try b.resolve(ConflictFilter(), by: .device("tablet-1"))
        #expect(report.decided.isEmpty && report.left == [open.id])
        #expect(try plans(b) == before && b.conflicts().map(\.id) == [open.id])
        try b.resolve(open, keep: 2 - wrong)
        try sync()
        for replica in [a, b, hub.replica] { #expect(try plans(replica) == before && replica.conflicts().isEmpty) }
    }

    @Test func anAnswerTakenBackHidesNothing_INB8_INB14() throws {
        try run(a, "UPDATE plan SET until = 3 WHERE id = 'p'")
        try run(b, "UPDATE plan SET until = 20 WHERE id = 'p'")
        try sync()
        let open = try #require(try a.conflicts().first)
        try a.resolve(open.id, values: [.integer(50)])
        try run(a, "UPDATE plan SET start = 30 WHERE id = 'p'")
        let before = try plans(a)
        hides("plan p") { try a.undoDecision(open.id) }
        #expect(try plans(a) == before)
    }

    /// Of what was written first 15 fits alone, and so does 12; not both.
    @Test func oneRecordHoldsUpNoRule_INB14() throws {
        func write(_ replica: Replica, _ sql: String) throws {
            try run(replica, sql)
            try replica.seal()
        }
        try write(
            a, "UPDATE plan SET start = 15, until = 16 WHERE id = 'p'; UPDATE plan SET mail = 'qa' WHERE id = 'q'")
        try write(
            b, "UPDATE plan SET until = 12, mail = 'pb' WHERE id = 'p'; UPDATE plan SET mail = 'qb' WHERE id = 'q'")
        try write(b, "UPDATE plan SET start = 2 WHERE id = 'p'")
        try write(a, "UPDATE plan SET until = 30 WHERE id = 'p'")
        try sync()
        let before = try b.conflicts()
        #expect(before.map { "\($0.key.display) \($0.unit)" }.sorted() == ["p start", "p until", "q mail"])
        let report = try b.resolve(ConflictFilter(), by: .older)
        #expect(report.decided.count == 2 && report.left.count == 1)
        try sync()
        for replica in [a, b, hub.replica] {
            #expect(try plans(replica).count == 2 && replica.conflicts().map(\.key.display) == ["p"])
        }
    }

    @Test func anAnswerTakesNoOtherRecordItsPlace_INB14() throws {
        try run(a, "UPDATE plan SET mail = 'one' WHERE id = 'p'")
        try run(b, "UPDATE plan SET mail = 'two' WHERE id = 'p'")
        try sync()
        let open = try #require(try a.conflicts().first)
        let hidden = try #require(open.candidates.firstIndex { !$0.isShown })
        guard case .text(let mail)? = open.candidates[hidden].values.first else { return #expect(Bool(false)) }
        try run(a, "INSERT INTO plan VALUES ('r', 1, 2, '\(String(decoding: mail, as: UTF8.self))', 0)")
        hides("plan r") { try a.resolve(open, keep: hidden + 1) }
        #expect(try plans(a).count == 3 && a.conflicts().count == 1)
    }

    @Test func aMergeWhoseSumTheTableDoesNotTakeIsRefused_INB14_MRG54() throws {
        let before = try plans(a)
        hides("plan q") { try a.merge(RowKey([.text("p")]), into: RowKey([.text("q")]), in: "plan") }
        try sync()
        for replica in [a, b, hub.replica] { #expect(try plans(replica) == before) }
    }

    /// Two people entered one plan under one address: the younger is refused, and can be acted on all the same.
    @Test(arguments: ["edit", "delete", "merge"]) func whatATableRefusesCanBeOpenedAndMerged_INB9_MRG50(
        way: String
    ) throws {
        try run(a, "INSERT INTO plan VALUES ('r', 1, 2, 'same', 0)")
        try run(b, "INSERT INTO plan VALUES ('s', 1, 2, 'same', 0); INSERT INTO visit VALUES ('w', 's')")
        try sync()
        #expect(try a.setAside().map(\.key.display).sorted() == ["s", "w"])
        let key = RowKey([.text("s")])
        switch way {
        case "merge": try a.merge(key, into: RowKey([.text("r")]), in: "plan")
        default:
            let view = try #require(try a.view(table: "plan", key: key))
            #expect(view["mail"] == .text("same"))
            _ = try a.edit(basedOn: view) { edit in
                if way == "edit" { edit["mail"] = .text("other") } else { edit.delete() }
            }
        }
        try sync()
        for replica in [a, b, hub.replica] {
            let seen = try replica.read { try String.fetchAll($0, sql: "SELECT id || plan FROM visit ORDER BY id") }
            switch way {
            case "edit": #expect(try plans(replica).count == 4 && seen == ["vp", "ws"] && replica.setAside().isEmpty)
            case "merge": #expect(try plans(replica).count == 3 && seen == ["vp", "wr"] && replica.setAside().isEmpty)
            // The visit keeps it alive, and it is refused as before.
            default: #expect(try plans(replica).count == 3 && replica.setAside().count == 2)
            }
        }
        #expect(try Set([a, b, hub.replica].map { try $0.digest() }).count == 1)
    }

    /// Who keeps a record that has its place keeps the place: it is as old as it was.
    @Test func aRecordThatIsKeptHasItsPlaceAsBefore_MRG11_MRG22_INB14() throws {
        try run(b, "INSERT INTO plan VALUES ('r', 1, 10, 'new@x', 6)")
        try run(a, "UPDATE plan SET mail = 'new@x' WHERE id = 'q'")
        try sync()
        // The elder has it.
        for replica in [a, b] { #expect(try replica.setAside().map { $0.key.display } == ["r"]) }
        try run(a, "DELETE FROM plan WHERE id = 'q'")
        try run(b, "UPDATE plan SET until = 20 WHERE id = 'q'")
        try sync()
        let open = try #require(try a.conflicts().first { $0.kind == .deleted })
        try a.resolve(open, keep: 1)
        try sync()
        for replica in [a, b, hub.replica] {
            #expect(try replica.conflicts().isEmpty && replica.setAside().map { $0.key.display } == ["r"])
        }
    }

    /// Who comes out of the bin is younger than who was entered under the same address meanwhile.
    @Test func aRecordOutOfTheBinHidesNobody_MRG11_MRG22() throws {
        try run(a, "DELETE FROM plan WHERE id = 'q'")
        try sync()
        try run(b, "INSERT INTO plan VALUES ('r', 1, 10, 'q@x', 6); INSERT INTO visit VALUES ('w', 'r')")
        try sync()
        let undone = try a.undo(table: "plan", key: RowKey([.text("q")]))
        #expect(undone.aside == 1)
        try sync()
        for replica in [a, b, hub.replica] {
            #expect(try plans(replica) == ["p 1-10 p@x 6", "r 1-10 q@x 6"])
            #expect(try replica.setAside().map { $0.key.display } == ["q"])
        }
    }
}
