import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Forms that are saved beside what their view could not name, and what a table would refuse (INB-9, INB-10).
@Suite final class FormsTests: TwoTablets {
    private let key = RowKey([.text("c1")])

    init() throws {
        try super.init(
            schema: """
                -- satchel: policy client.contract immutable
                -- satchel: policy client.visits counter
                -- satchel: policy client.tags set
                -- satchel: policy client.note text
                CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT CHECK (length(phone) < 6), tags TEXT NOT NULL DEFAULT '[]',
                    visits INTEGER NOT NULL DEFAULT 0, contract TEXT, note TEXT, lo INTEGER, hi INTEGER, CHECK (lo <= hi));
                """,
            entering:
                """
                INSERT INTO client(id, name, phone, contract, note, lo, hi)
                VALUES ('c1', 'Hengda', '100', 'K1', 'calls on Monday. pays in cash. has two sons.', 1, 2)
                """)
    }

    private func value(_ replica: Replica, _ column: String, of id: String = "c1") throws -> String? {
        try replica.read {
            try String.fetchOne($0, sql: "SELECT CAST(\(column) AS TEXT) FROM client WHERE id = '\(id)'")
        }
    }

    private func told(_ replica: Replica) -> String {
        "\((try? replica.conflicts().map { "\($0.kind) \($0.unit) \($0.candidates.map { $0.values })" }) ?? [])"
    }

    /// Entered by mistake, opened, and deleted before anything was sealed.
    @Test func aRecordThatWasJustEnteredIsDeletedByItsForm_INB10() throws {
        try run(a, "INSERT INTO client(id, name) VALUES ('c9', 'mistake')")
        let view = try #require(try a.view(table: "client", key: RowKey([.text("c9")])))
        let outcome = try a.edit(basedOn: view) { $0.delete() }
        #expect(try outcome == .written && value(a, "name", of: "c9") == nil, "\(outcome) \(told(a))")
        try sync()
        #expect(try b.conflicts().isEmpty, "\(told(b))")
    }

    /// The same of an edit that was not sealed, in a set that was not written in its one form.
    @Test func aSetThatWasJustWrittenIsDeletedByItsForm_INB10_MRG32() throws {
        try run(a, "UPDATE client SET tags = '[\"b\", \"a\"]'")
        let view = try #require(try a.view(table: "client", key: key))
        let outcome = try a.edit(basedOn: view) { $0.delete() }
        #expect(try outcome == .written && a.conflicts().isEmpty, "\(outcome) \(told(a))")
    }

    /// The same of both where all was sealed before the form was opened.
    @Test func aSealedRecordIsDeletedByItsForm_INB10() throws {
        try run(a, "INSERT INTO client(id, name, tags) VALUES ('c9', 'mistake', '[\"b\", \"a\"]')")
        try a.seal()
        let view = try #require(try a.view(table: "client", key: RowKey([.text("c9")])))
        #expect(try a.edit(basedOn: view) { $0.delete() } == .written)
        #expect(try value(a, "name", of: "c9") == nil && a.conflicts().isEmpty)
    }

    /// A form saved when something came in between passes no trigger.
    @Test(arguments: ["contract", "visits", "tags", "phone"])
    func aFormWritesNothingThatATableRefuses_CAP17_INB10(column: String) throws {
        let view = try #require(try a.view(table: "client", key: key))
        try run(b, "UPDATE client SET name = 'of b'")
        try exchange(b)
        try exchange(a)
        let before = try value(a, column)
        let new = Value.text(column == "contract" ? "K2" : column == "phone" ? "1234567" : "many")
        let refused =
            (try? a.edit(basedOn: view) {
                $0["name"] = .text("of a")
                $0[column] = new
            }) == nil
        try sync()
        #expect(
            try refused && value(b, column) == before, "\((try? value(b, column)) ?? "the record is gone") \(told(b))")
    }

    /// Nobody could see that the other was entering one.
    @Test func aContractThatTwoEnteredIsAskedAbout_INB10_MRG35() throws {
        try run(a, "INSERT INTO client(id, name) VALUES ('c2', 'Ruifeng')")
        try sync()
        let view = try #require(try a.view(table: "client", key: RowKey([.text("c2")])))
        try run(b, "UPDATE client SET contract = 'K2' WHERE id = 'c2'")
        try sync()
        _ = try a.edit(basedOn: view) { $0["contract"] = .text("K3") }
        try sync()
        #expect(try value(b, "contract", of: "c2") == "K2")
        #expect(try b.conflicts().map { $0.candidates.map(\.values) } == [[[.text("K2")], [.text("K3")]]])
    }

    /// Two columns that a CHECK holds together move together.
    @Test(arguments: [false, true]) func aFormMovesTwoColumnsThatACheckHoldsTogether_INB10(disturbed: Bool) throws {
        let view = try #require(try a.view(table: "client", key: key))
        if disturbed {
            try run(b, "UPDATE client SET name = 'of b'")
            try exchange(b)
            try exchange(a)
        }
        #expect(throws: Never.self) {
            try self.a.edit(basedOn: view) {
                $0["name"] = .text("of a")
                $0["lo"] = .integer(5)
                $0["hi"] = .integer(6)
            }
        }
        #expect(try value(a, "lo || hi") == "56")
    }

    /// What a form started from is remembered behind what it showed.
    @Test(arguments: [false, true]) func aTextSavedByAFormIsMergedWithWhatCameLate_INB10_MRG34(form: Bool) throws {
        try run(a, "UPDATE client SET note = replace(note, 'Monday', 'Tuesday')")
        try a.seal()
        let view = try #require(try a.view(table: "client", key: key))
        try run(b, "UPDATE client SET note = replace(note, 'cash', 'gold')")
        try b.seal()
        try run(hub.replica, "UPDATE client SET name = 'of hub'")
        try exchange(a)
        if form {
            _ = try a.edit(basedOn: view) {
                $0["name"] = .text("of a")
                $0["note"] = .text("calls on Tuesday. pays in cash. has three sons.")
            }
        } else {
            try run(a, "UPDATE client SET note = replace(note, 'two', 'three')")
        }
        try sync()
        #expect(try value(b, "note") == "calls on Tuesday. pays in gold. has three sons.")
        #expect(try b.conflicts().filter { $0.unit == "note" }.isEmpty, "\(told(b))")
    }

    /// What the form showed has been replaced since: only the view still knows what stood behind it.
    @Test func aTextThatIsGoneIsRememberedByItsForm_INB10_MRG34() throws {
        try run(a, "UPDATE client SET note = replace(note, 'Monday', 'Tuesday')")
        try exchange(a)
        let opened = try #require(try a.view(table: "client", key: key))
        let view = try JSONDecoder().decode(RecordView.self, from: JSONEncoder().encode(opened))
        try run(b, "UPDATE client SET note = replace(note, 'cash', 'gold')")
        try b.seal()
        try run(hub.replica, "UPDATE client SET note = note || ' Old.'")
        try exchange(a)
        _ = try a.edit(basedOn: view) { $0["note"] = .text("calls on Tuesday. pays in cash. has three sons.") }
        try sync()
        #expect(try value(b, "note") == "calls on Tuesday. pays in gold. has three sons. Old.")
        #expect(try b.conflicts().isEmpty, "\(told(b))")
    }

    /// A button is pressed twice, or a program that comes back saves once more what it had open.
    @Test(arguments: [false, true]) func aFormSavedAgainCountsOnce_INB10_INB12_MRG31(somethingComes: Bool) throws {
        let opened = try #require(try a.view(table: "client", key: key))
        let view = try JSONDecoder().decode(RecordView.self, from: JSONEncoder().encode(opened))
        if somethingComes {
            try run(b, "UPDATE client SET visits = visits + 5")
            try sync()
        }
        var others = somethingComes ? 5 : 0
        func save(_ count: Int) throws -> EditOutcome {
            try a.edit(basedOn: view) { $0["visits"] = .integer(Int64(count)) }
        }
        #expect(try save(1) == .written)
        #expect(try save(1) == .unchanged)
        #expect(try value(a, "visits") == "\(others + 1)")
        for count in [3, 2] {
            #expect(try save(count) == .written)
            #expect(try value(a, "visits") == "\(others + count)", "only the difference")
        }
        try sync()
        try run(b, "UPDATE client SET visits = visits + 10")
        try sync()
        others += 10
        #expect(try save(2) == .unchanged)
        try sync()
        for replica in [a, b, hub.replica] { #expect(try value(replica, "visits") == "\(others + 2)") }
        // It goes with its record.
        let kept = "SELECT count(*) FROM satchel_form"
        #expect(try a.read { try Int.fetchOne($0, sql: kept) } == 1)
        try hub.erase(table: "client", key: key)
        try sync()
        #expect(try a.read { try Int.fetchOne($0, sql: kept) } == 0)
    }

    /// Two people have one record open at one tablet.
    @Test func twoFormsThatShowTheSameCountBoth_INB10_MRG31() throws {
        let views = try (0..<2).map { _ in try #require(try a.view(table: "client", key: key)) }
        for view in views { _ = try a.edit(basedOn: view) { $0["visits"] = .integer(1) } }
        try sync()
        #expect(try value(b, "visits") == "2")
    }

    /// A person looks at the list, a bundle comes in, and the number that they then give is that of another value.
    @Test func aNumberIsThatOfTheListThatWasRead_MRG13_MRG19() throws {
        try run(hub.replica, "UPDATE client SET phone = '050'")
        try run(a, "UPDATE client SET phone = '111'")
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        let c = try Replica.create(at: folder + "/c.db", enrolment: hub.enrol(name: "tablet-3"), clock: clock)
        try hub.pack(for: "tablet-3", to: folder + "/down")
        try c.apply(folder + "/down")
        let seen = try #require(try a.conflicts().first)
        let chosen = seen.candidates[0].values
        try run(c, "UPDATE client SET phone = '000' WHERE id = 'c1'")
        try exchange(c)
        try exchange(a)
        #expect(throws: UsageError.self) { try self.a.resolve(seen, keep: 1) }
        let now = try #require(try a.conflicts().first)
        let place = try #require(now.candidates.firstIndex { $0.values == chosen })
        try a.resolve(now, keep: place + 1)
        #expect(try [.text(value(a, "phone") ?? "")] == chosen)
    }

    /// The same of a record, in which somebody wrote more meanwhile.
    @Test func aRecordIsDecidedAboutAsItWasRead_MRG19() throws {
        try run(a, "DELETE FROM client")
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        let seen = try #require(try a.conflicts().first)
        try run(b, "UPDATE client SET name = 'Hengda Ltd'")
        try sync()
        #expect(throws: UsageError.self) { try self.a.resolve(seen, keep: 2) }
        #expect(try value(b, "name") == "Hengda Ltd")
        try a.resolve(try #require(try a.conflicts().first), keep: 2)
        #expect(try value(a, "name") == nil)
    }

    /// Two phones are in question; who writes a third over the one that is shown is told that the other still stands.
    @Test func whoEditsWhatIsInQuestionIsToldThatItStillIs_INB10() throws {
        try run(a, "UPDATE client SET phone = '101'")
        try run(b, "UPDATE client SET phone = '102'")
        try sync()
        let open = try #require(try a.conflicts().first)
        let view = try #require(try a.view(table: "client", key: key))
        #expect(try a.edit(basedOn: view) { $0["phone"] = .text("103") } == .conflicts([open.id]))
        let name = try #require(try b.view(table: "client", key: key))
        #expect(try b.edit(basedOn: name) { $0["name"] = .text("H") } == .conflicts([open.id]))
        try a.resolve(a.conflicts()[0], keep: 1)
        let last = try #require(try a.view(table: "client", key: key))
        #expect(try a.edit(basedOn: last) { $0["phone"] = .text("104") } == .written)
    }
}

/// Forms of records into which others were merged, and of what refers to them.
@Suite final class FormsOfMergedRowsTests: MergedRowsWorld {
    /// A day's work is one changeset: it wrote a's phone and b's. A form of b showed only b's.
    @Test(arguments: [false, true]) func aFormTakesNoEditOfTheMergedRowThatItNeverShowed_INB10_MRG54(
        deletes: Bool
    ) throws {
        let (hub, all) = try world("x", "y")
        try run(all[0], "DELETE FROM visit")
        try sync(hub, all)
        let (x, y) = (all[0], all[1])
        try merge(x, "a", "b")
        if !deletes { try run(x, "UPDATE client SET name = 'of x' WHERE id = 'b'") }
        try x.seal()
        try run(y, "UPDATE client SET phone = '9' WHERE id = 'b'; UPDATE client SET phone = '8' WHERE id = 'a'")
        try y.seal()
        let view = try #require(try y.view(table: "client", key: key("b")))
        try sync(hub, all)
        #expect(
            try y.conflicts().map { $0.candidates.map { $0.values } } == [[[.text("8")], [.text("9")]]], "control")
        _ = try y.edit(basedOn: view) {
            if deletes {
                $0.delete()
            } else {
                $0["phone"] = .text("7")
                $0["name"] = .text("of y")
            }
        }
        try sync(hub, all)
        for replica in all {
            let told = try
                "\(clients(replica)) \(replica.conflicts().map { ($0.kind, $0.unit, $0.candidates.map { $0.values }) })"
            if deletes {
                #expect(try clients(replica).hasPrefix("b:"), "a's phone was never in front of who deleted: \(told)")
            } else {
                let phones = try replica.conflicts().filter { $0.unit == "phone" }.flatMap {
                    $0.candidates.map { $0.values }
                }
                #expect(phones.contains([.text("8")]), "nobody saw 8 where it was written over: \(told)")
            }
        }
    }

    /// A form that showed the value of the merged row, saved after the two were taken apart.
    @Test func aFormThatShowedWhatStoodOnAnotherRowReplacesNothingOfIt_INB10_MRG56() throws {
        let (hub, all) = try world("x", "y")
        try merge(all[0], "a", "b")
        try run(all[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, all)
        let opened = try #require(try all[0].view(table: "client", key: key("b")))
        let view = try JSONDecoder().decode(RecordView.self, from: JSONEncoder().encode(opened))
        #expect(view == opened)
        #expect(view["phone"] == .text("9"), "control")
        try all[1].unmerge(key("a"), in: "client")
        try sync(hub, all)
        _ = try all[0].edit(basedOn: view) { $0["phone"] = .text("7") }
        try sync(hub, all)
        for replica in all {
            #expect(try clients(replica).hasPrefix("a:恒达:9 b:恒达公司:7"), "\((try? clients(replica)) ?? "")")
            #expect(try replica.conflicts().map { $0.candidates.map { $0.values } } == [[[.text("2")], [.text("7")]]])
        }
    }

    /// A form or a decision names a client that there is not; plain SQL would be refused.
    @Test(arguments: [false, true]) func aReferenceToNothingIsRefused_INB10_MRG13(decision: Bool) throws {
        let (hub, all) = try world("x", "y")
        let view = try #require(try all[0].view(table: "visit", key: key("va")))
        try run(all[1], "UPDATE visit SET note = 'of y', client_id = 'd' WHERE id = 'va'")
        if decision { try run(all[0], "UPDATE visit SET client_id = 'b' WHERE id = 'va'") }
        try sync(hub, all)
        if decision {
            let conflict = try #require(try all[0].conflicts().first)
            #expect(throws: UsageError.self) { try all[0].resolve(conflict.id, values: [.text("nobody")]) }
            try all[0].resolve(conflict.id, values: [.text("a")])
        } else {
            #expect(throws: UsageError.self) {
                try all[0].edit(basedOn: view) {
                    $0["note"] = .text("of x")
                    $0["client_id"] = .text("nobody")
                }
            }
        }
        try sync(hub, all)
        #expect(try visits(all[1]).contains("va"), "the visit is out of sight: \((try? visits(all[1])) ?? "")")
    }

    /// Of the values that are there none is chosen by which the record would be out of sight.
    @Test func aReferenceToWhatIsGoneIsNotChosen_MRG13_MRG20_INB14() throws {
        let (hub, all) = try world("x", "y")
        try force(all[1], "UPDATE visit SET client_id = 'nobody' WHERE id = 'va'")
        try all[1].seal()
        Thread.sleep(forTimeInterval: 0.01)
        try run(all[0], "UPDATE visit SET client_id = 'd' WHERE id = 'va'")
        try sync(hub, all)
        let conflict = try #require(try all[0].conflicts().first)
        let place = try #require(conflict.candidates.firstIndex { $0.values == [.text("nobody")] })
        #expect(throws: WouldHide.self) { try all[0].resolve(conflict.id, keep: place + 1) }
        #expect(throws: Never.self) { try all[0].resolve(conflict.id, keep: 2 - place) }
    }

    /// Who chose a client from a list did not know that it was merged.
    @Test func aFormMayNameARowThatWasMergedSince_INB10_MRG53() throws {
        let (hub, all) = try world("x", "y")
        let view = try #require(try all[0].view(table: "visit", key: key("vb")))
        try merge(all[1], "a", "d")
        try run(all[1], "UPDATE visit SET note = 'of y' WHERE id = 'vb'")
        try sync(hub, all)
        _ = try all[0].edit(basedOn: view) {
            $0["client_id"] = .text("a")
            $0["note"] = .text("of x")
        }
        try sync(hub, all)
        #expect(try visits(all[1]) == "va:d vb:d")
        try all[1].unmerge(key("a"), in: "client")
        try sync(hub, all)
        #expect(try visits(all[0]) == "va:a vb:a")
    }
}
