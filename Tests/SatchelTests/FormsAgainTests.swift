import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// Forms that are saved more than once (INB-10).
@Suite final class FormsAgainTests: TwoTablets {
    private let key = RowKey([.text("c1")])

    /// What may lie between two saves of a form.
    enum Between: CaseIterable { case nothing, seal, sync }

    init() throws {
        try super.init(
            schema: """
                -- satchel: policy client.contract immutable
                -- satchel: policy client.visits counter
                -- satchel: policy client.tags set
                -- satchel: policy client.note text
                -- satchel: policy client.rank lastWriter
                -- satchel: policy client.least min
                CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT, fax TEXT, contract TEXT, note TEXT, rank TEXT,
                    least INTEGER, tags TEXT NOT NULL DEFAULT '[]', visits INTEGER NOT NULL DEFAULT 0);
                CREATE TRIGGER plain_fax AFTER UPDATE OF fax ON client WHEN NEW.fax LIKE '% %' BEGIN
                    UPDATE client SET fax = replace(NEW.fax, ' ', '') WHERE id = NEW.id;
                END;
                """,
            entering:
                """
                INSERT INTO client(id, name, phone, fax, note, rank, least, tags, visits) VALUES ('c1', 'Hengda', '100', '7',
                    'calls on Monday. pays in cash. has two sons.', 'x', 5, '["a"]', 5)
                """)
    }

    private func open() throws -> RecordView { try #require(try a.view(table: "client", key: key)) }

    private func value(_ replica: Replica, _ column: String) throws -> String? {
        try replica.read { try String.fetchOne($0, sql: "SELECT CAST(\(column) AS TEXT) FROM client") }
    }

    /// The texts that people are asked about, of each conflict in order.
    private func rivals(_ replica: Replica) throws -> [[String]] {
        try replica.conflicts().map { $0.candidates.map { $0.values.map(\.display).joined() }.sorted() }
    }

    /// Saves a form at tablet a.
    ///
    /// - Parameter beside: it counts a visit too, which others have done meanwhile, so that it is no ordinary write.
    @discardableResult
    private func save(_ view: RecordView, _ values: [String: Value], beside: Bool = false) throws -> EditOutcome {
        clock.advance(by: 60_000)
        return try a.edit(basedOn: view) { edit in
            if beside { edit["visits"] = .integer(6) }
            for (column, value) in values { edit[column] = value }
        }
    }

    private func pass(_ between: Between) throws {
        switch between {
        case .nothing: break
        case .seal: try a.seal()
        case .sync:
            try run(b, "UPDATE client SET visits = visits + 10")
            try sync()
        }
    }

    @Test(arguments: Between.allCases) func aFormSavedAgainReplacesItsOwnWrite_INB10(between: Between) throws {
        let opened = try open()
        let view = try JSONDecoder().decode(RecordView.self, from: JSONEncoder().encode(opened))
        let beside = between == .sync
        #expect(try save(view, ["phone": .text("111")]) == .written)
        try pass(between)
        #expect(try save(view, ["phone": .text("112")], beside: beside) == .written)
        #expect(try save(view, ["phone": .text("112")], beside: beside) == .unchanged)
        #expect(try save(view, ["name": .text("Hengda Ltd")]) == .written)
        try sync()
        for replica in [a, b, hub.replica] {
            #expect(try value(replica, "phone") == "112", "what is not set is left alone")
            #expect(try value(replica, "name") == "Hengda Ltd")
            #expect(try value(replica, "visits") == (beside ? "16" : "5"))
            #expect(try rivals(replica).isEmpty)
        }
    }

    @Test(arguments: ["phone", "rank", "least", "note", "tags", "visits"], Between.allCases)
    func aFormThatIsSetBackWritesWhatItShowed_INB10(column: String, between: Between) throws {
        let view = try open()
        let was = try #require(view[column])
        let other: Value =
            switch column {
            case "visits": .integer(7)
            case "least": .integer(3)
            case "tags": .text(#"["a","b"]"#)
            default: .text("other")
            }
        let beside = between == .sync
        let isCounted = beside && column == "visits"
        #expect(try save(view, [column: other]) == .written)
        try pass(between)
        #expect(try value(a, column) == (isCounted ? "17" : other.display))
        #expect(try save(view, [column: was], beside: beside) == .written)
        #expect(try save(view, [column: was], beside: beside) == .unchanged)
        try sync()
        for replica in [a, b, hub.replica] {
            #expect(try value(replica, column) == (isCounted ? "15" : was.display))
            #expect(try rivals(replica).isEmpty)
        }
    }

    @Test(arguments: Between.allCases) func aFormThatWasSavedDeletesItsOwnWrite_INB10(between: Between) throws {
        let view = try open()
        try save(view, ["phone": .text("111"), "tags": .text(#"["a","b"]"#), "visits": .integer(6)])
        if between == .seal { try a.seal() }
        if between == .sync { try sync() }
        #expect(try a.edit(basedOn: view) { $0.delete() } == .written)
        try sync()
        for replica in [a, b, hub.replica] {
            #expect(try value(replica, "name") == nil && rivals(replica).isEmpty)
        }
    }

    /// What another wrote beside the form's own write, or over it.
    @Test(arguments: [false, true]) func whatOthersWroteSinceIsARivalOfAFormSavedAgain_INB10_INB2(isOver: Bool) throws {
        let view = try open()
        try save(view, ["phone": .text("111")])
        if isOver { try sync() }
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        #expect(try rivals(a).isEmpty == isOver, "control")
        let outcome = try save(view, ["phone": .text("112")])
        #expect(try outcome == .conflicts(a.conflicts().map(\.id)))
        let base: [[Value]?] = [[.text(isOver ? "111" : "100")]]
        #expect(try rivals(a) == [["112", "222"]] && a.conflicts().map(\.base) == base)
        try sync()
        for replica in [a, b, hub.replica] {
            #expect(try rivals(replica) == [["112", "222"]])
            #expect(try replica.conflicts().map(\.base) == base, "\(replica.name)")
        }
    }

    /// Another program at the same tablet, before anything was sealed.
    @Test func whatAnotherProgramWroteOverASavedFormIsARival_INB10() throws {
        let view = try open()
        try save(view, ["phone": .text("111")])
        try run(a, "UPDATE client SET phone = '555'")
        #expect(try save(view, ["phone": .text("111")]) == .unchanged)
        #expect(try save(view, ["phone": .text("112")]) != .written)
        #expect(try rivals(a) == [["112", "555"]])
    }

    /// The form shows what it was saved with, also where another had written the same before.
    @Test func aFormSavedWithWhatStoodThereIsSetBack_INB10() throws {
        let view = try open()
        try save(view, ["phone": .text("111")])
        try sync()
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        #expect(try save(view, ["phone": .text("222")]) == .unchanged, "it stands there already")
        #expect(try save(view, ["phone": .text("111")]) == .written)
        try sync()
        for replica in [a, b, hub.replica] { #expect(try value(replica, "phone") == "111" && rivals(replica).isEmpty) }
    }

    @Test(arguments: Between.allCases) func whatAFormHasSetOnceIsSet_INB10_CAP17(between: Between) throws {
        let view = try open()
        let beside = between == .sync
        #expect(try save(view, ["contract": .text("K1")]) == .written)
        try pass(between)
        for value in [Value.text("K2"), .null] {
            #expect(throws: (any Error).self) { try self.save(view, ["contract": value], beside: beside) }
        }
        #expect(try save(view, ["contract": .text("K1")]) == .unchanged)
        try sync()
        for replica in [a, b] { #expect(try value(replica, "contract") == "K1" && rivals(replica).isEmpty) }
    }

    /// Where it is an ordinary write, the app's triggers have their say each time.
    @Test(arguments: Between.allCases) func whatATriggerMadeOfASavedFormIsTheForms_INB10_CAP9(between: Between) throws {
        let view = try open()
        let beside = between == .sync
        #expect(try save(view, ["fax": .text("1 2")]) == .written)
        #expect(try value(a, "fax") == "12", "control")
        try pass(between)
        #expect(try save(view, ["fax": .text("1 2")]) == .unchanged)
        #expect(try save(view, ["fax": .text("3 4")], beside: beside) == .written)
        try sync()
        let due = beside ? "3 4" : "34"
        for replica in [a, b] { #expect(try value(replica, "fax") == due && rivals(replica).isEmpty) }
    }

    @Test func aTextThatAFormSavedTwiceIsMergedWithWhatCameLate_INB10_MRG34() throws {
        let view = try open()
        try save(view, ["note": .text("calls on Tuesday. pays in cash. has two sons.")])
        try a.seal()
        try run(b, "UPDATE client SET note = replace(note, 'cash', 'gold')")
        try b.seal()
        try run(hub.replica, "UPDATE client SET visits = visits + 10")
        try exchange(a)
        try save(view, ["note": .text("calls on Tuesday. pays in cash. has three sons.")], beside: true)
        try sync()
        #expect(try value(b, "note") == "calls on Tuesday. pays in gold. has three sons.")
        #expect(try rivals(b).isEmpty)
    }

    @Test func ofManyFormsTheLastEightAreKnown_INB10() throws {
        let first = try open()
        try save(first, ["phone": .text("111")])
        for number in 1...8 { try save(open(), ["name": .text("Hengda \(number)")]) }
        let known = "SELECT count(DISTINCT form) FROM satchel_form"
        #expect(try a.read { try Int.fetchOne($0, sql: known) } == 8)
        #expect(try save(first, ["phone": .text("112")]) != .written, "as it was opened")
        #expect(try rivals(a) == [["111", "112"]])
    }

    @Test func aCopyOfTheFileKnowsTheForms_INB10() throws {
        let view = try open()
        try save(view, ["phone": .text("111")])
        let copy = try a.duplicate(to: folder + "/copy.db")
        #expect(try copy.edit(basedOn: view) { $0["phone"] = .text("112") } == .written)
        #expect(try value(copy, "phone") == "112" && rivals(copy).isEmpty)
    }

    @Test func viewsThatShowTheSameAreEqual_INB9() throws {
        func kept(_ view: RecordView) throws -> String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return try String(decoding: encoder.encode(view), as: UTF8.self)
        }
        let view = try open()
        let other = try open()
        #expect(view == other && Set([view, other]).count == 1)
        #expect(try kept(view) != kept(other), "two openings are two forms")
        let read = try JSONDecoder().decode(RecordView.self, from: Data(kept(view).utf8))
        #expect(try read == view && kept(read) == kept(view))
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        #expect(try open() != view)
        try run(b, "UPDATE client SET phone = '100'")
        try sync()
        #expect(try open() == view, "whoever wrote it")
    }
}

/// The same of records into which others were merged.
@Suite final class FormsAgainOfMergedRowsTests: MergedRowsWorld {
    @Test func aFormDeletesTheRecordOfWhichItRenewedAMerge_INB10_MRG55_MRG60() throws {
        let (hub, all) = try clientsAlone()
        try merge(all[0], "a", "b")
        try run(all[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, all)
        let view = try #require(try all[0].view(table: "client", key: key("b")))
        #expect(view["phone"] == .text("9"), "control")
        #expect(try all[0].edit(basedOn: view) { $0["phone"] = .text("7") } != .unchanged)
        _ = try all[0].edit(basedOn: view) { $0.delete() }
        try sync(hub, all)
        for replica in all {
            #expect(try clients(replica).hasPrefix("d:") && kinds(replica) == [])
        }
    }
}

/// The same of records that are all of one changeset.
@Suite final class FormsAgainOfPlainRowsTests: TwoTablets {
    init() throws {
        try super.init(
            schema: "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT);",
            entering: "INSERT INTO client VALUES ('c1', 'Hengda', '100')")
    }

    @Test func aFormSavedAgainBesideARivalReplacesItsOwnWrite_INB10() throws {
        let view = try #require(try a.view(table: "client", key: RowKey([.text("c1")])))
        #expect(try a.edit(basedOn: view) { $0["phone"] = .text("111") } == .written)
        try a.seal()
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        func rivals() throws -> [[Value]] { try a.conflicts().flatMap { $0.candidates.map(\.values) } }
        #expect(try Set(rivals()) == [[.text("111")], [.text("222")]], "control")
        #expect(try a.edit(basedOn: view) { $0["phone"] = .text("112") } != .written)
        #expect(try Set(rivals()) == [[.text("112")], [.text("222")]])
    }
}
