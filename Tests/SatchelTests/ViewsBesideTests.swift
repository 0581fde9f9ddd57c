import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// Edits based on views beside what is not as it looks: references shown as NULL or as another row, rows that were
/// merged, withheld or erased since the record was opened (INB-9, INB-10).
@Suite final class ViewsBesideTests: TwoTablets {

    init() throws {
        try super.init(
            schema: """
                -- satchel: reference client (owner) setNull
                -- satchel: unit client.care (owner, since)
                CREATE TABLE staff(id TEXT PRIMARY KEY, name TEXT);
                CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, owner TEXT REFERENCES staff(id), since TEXT);
                """,
            entering: "INSERT INTO staff VALUES ('s1', 'Li'), ('s2', 'Li Na')",
            "INSERT INTO client VALUES ('c1', 'Hengda', 's1', 'May'), ('c2', 'Hengda', NULL, NULL)")
    }

    private func row(
        _ replica: Replica, _ sql: String = "SELECT owner, since FROM client WHERE id = 'c1'"
    ) throws
        -> [String]
    {
        try replica.read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { $0.isNull ? "-" : Value($0).display }.joined(separator: " ")
            }
        }
    }

    private func view(_ replica: Replica, _ key: String = "c1") throws -> RecordView {
        let view = try #require(try replica.view(table: "client", key: RowKey([.text(key)])))
        let kept = try JSONDecoder().decode(RecordView.self, from: JSONEncoder().encode(view))
        #expect(kept == view)
        return kept
    }

    private func isOneEverywhere() throws {
        try sync()
        let digest = try hub.digest()
        #expect(try a.digest() == digest && b.digest() == digest)
    }

    @Test("INB-10, MRG-44: a reference that the view showed as NULL, and that was left so, stays what it is")
    func hiddenReference() throws {
        try deleteUnchecked("s1")
        try sync()
        #expect(try row(a) == ["- May"], "s1 is gone, and the reference to it stands hidden")
        let open = try view(a)
        try run(b, "UPDATE client SET since = 'June' WHERE id = 'c1'")
        try sync()
        _ = try a.edit(basedOn: open) { $0["since"] = .text("July") }
        try sync()
        let conflict = try #require(try a.conflicts().first)
        #expect(
            Set(conflict.candidates.map(\.values)) == [[.text("s1"), .text("June")], [.text("s1"), .text("July")]])
        try a.resolve(conflict.id, keep: conflict.candidates[0].values[1] == .text("July") ? 1 : 2)
        try run(b, "INSERT INTO staff VALUES ('s1', 'Li again')")
        try isOneEverywhere()
        #expect(try row(a) == ["s1 July"] && row(b) == ["s1 July"])
    }

    /// As a program does it that does not look at foreign keys: no action of theirs writes NULL.
    private func deleteUnchecked(_ staff: String) throws {
        clock.advance(by: 60_000)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        try DatabaseQueue(path: b.path, configuration: configuration).write { db in
            try db.execute(sql: "DELETE FROM staff WHERE id = ?", arguments: [staff])
        }
    }

    @Test("INB-10, MRG-44: saved with nothing between, it is an ordinary write that keeps the hidden reference too")
    func hiddenReferenceUndisturbed() throws {
        try deleteUnchecked("s1")
        try sync()
        #expect(try row(a) == ["- May"])
        #expect(try a.edit(basedOn: view(a)) { $0["since"] = .text("July") } == .written)
        // Cleared on purpose is another thing: nobody looks after c1 any more.
        try run(b, "INSERT INTO staff VALUES ('s1', 'Li again')")
        try isOneEverywhere()
        #expect(try row(b) == ["s1 July"])
        let open = try view(b)
        _ = try b.edit(basedOn: open) { $0["owner"] = .null }
        try isOneEverywhere()
        #expect(try row(a) == ["- July"])
    }

    @Test("INB-10, MRG-44: saved again, a reference shown as NULL stays what it is", arguments: [false, true])
    func hiddenReferenceSavedAgain(beside: Bool) throws {
        try deleteUnchecked("s1")
        try sync()
        let open = try view(a)
        #expect(try a.edit(basedOn: open) { $0["since"] = .text("July") } == .written)
        try a.seal()
        if beside {
            try run(b, "UPDATE client SET name = 'other' WHERE id = 'c1'")
            try sync()
        }
        _ = try a.edit(basedOn: open) {
            $0["since"] = .text("August")
            if beside { $0["name"] = .text("mine") }
        }
        try run(b, "INSERT INTO staff VALUES ('s1', 'Li again')")
        try isOneEverywhere()
        #expect(try row(a) == ["s1 August"] && row(b) == ["s1 August"])
        #expect(try a.conflicts().map(\.unit) == (beside ? ["name"] : []))
    }

    @Test("INB-10, MRG-53: a reference shown as the row that is left is written as it stands")
    func movedReference() throws {
        _ = try b.merge(RowKey([.text("s1")]), into: RowKey([.text("s2")]), in: "staff", taking: [], actor: "li")
        try sync()
        #expect(try row(a) == ["s2 May"])
        let open = try view(a)
        try run(b, "UPDATE client SET name = 'other' WHERE id = 'c1'")
        try sync()
        #expect(try a.edit(basedOn: open) { $0["since"] = .text("July") } == .written)
        try sync()
        #expect(try row(b) == ["s2 July"])
        try b.unmerge(RowKey([.text("s1")]), in: "staff", actor: "li")
        try isOneEverywhere()
        #expect(try row(a) == ["s1 July"], "the reference was never written over")
    }

    @Test("INB-10: a record that was merged while it was open is written where it lives on")
    func mergedRecord() throws {
        let open = try view(a, "c2")
        _ = try b.merge(RowKey([.text("c2")]), into: RowKey([.text("c1")]), in: "client", taking: [], actor: "li")
        try sync()
        #expect(try a.edit(basedOn: open) { $0["name"] = .text("Hengda Ltd") } != .unchanged)
        try isOneEverywhere()
        let conflict = try #require(try b.conflicts().first)
        #expect(conflict.key == RowKey([.text("c1")]))
        #expect(Set(conflict.candidates.map(\.values)) == [[.text("Hengda")], [.text("Hengda Ltd")]])
    }

    @Test("INB-10, REV-2: what the view showed was withheld since; the edit stands beside what it had replaced")
    func withheldValue() throws {
        try run(b, "UPDATE client SET name = 'of the thief' WHERE id = 'c1'")
        try b.seal()
        try b.have(to: folder + "/unused")
        try a.have(to: folder + "/have")
        try b.pack(for: folder + "/have", to: folder + "/side")
        try a.apply(folder + "/side")
        let open = try view(a)
        #expect(open["name"] == .text("of the thief"))
        try hub.revoke("tablet-2")
        for _ in 0..<3 {
            try a.pack(to: folder + "/up")
            #expect(try hub.merge([folder + "/up"]).failures.isEmpty)
            try hub.pack(for: "tablet-1", to: folder + "/down")
            try a.apply(folder + "/down")
        }
        #expect(try row(a, "SELECT name FROM client WHERE id = 'c1'") == ["Hengda"])
        _ = try a.edit(basedOn: open) { $0["name"] = .text("mended") }
        let conflict = try #require(try a.conflicts().first)
        #expect(Set(conflict.candidates.map(\.values)) == [[.text("Hengda")], [.text("mended")]])
    }

    @Test("INB-10, ERA-5: what was erased while it was open is not written again")
    func erasedRecord() throws {
        let open = try view(a)
        let other = try view(a, "c2")
        try hub.erase(table: "client", key: RowKey([.text("c1")]))
        try hub.erase(table: "client", key: RowKey([.text("c2")]), columns: ["name"])
        try sync()
        #expect(throws: UsageError.self) { try self.a.edit(basedOn: open) { $0["name"] = .text("again") } }
        #expect(throws: UsageError.self) { try self.a.edit(basedOn: open) { $0.delete() } }
        #expect(throws: UsageError.self) { try self.a.edit(basedOn: other) { $0["name"] = .text("again") } }
        #expect(try a.edit(basedOn: other) { $0["since"] = .text("June") } == .written, "that was not erased")
        // Who enters the record anew, or opens it now, knows what they do.
        try run(a, "INSERT INTO client VALUES ('c1', 'new', NULL, NULL)")
        #expect(throws: UsageError.self) { try self.a.edit(basedOn: open) { $0["name"] = .text("again") } }
        #expect(try a.edit(basedOn: view(a)) { $0["name"] = .text("newer") } == .written)
        try isOneEverywhere()
        #expect(try row(b, "SELECT name FROM client ORDER BY id") == ["newer", "-"])
    }
}

/// Forms that were open while their record or its columns changed their names.
@Suite final class ViewsRenamedTests: ReviewedWorld {
    @Test func anEditOfARecordThatWasMergedSaysThatThereIsAConflict_INB9_MRG54() throws {
        let (hub, one, two) = try pair()
        let view = try #require(try one.view(table: "client", key: key("a")))
        try two.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        let outcome = try one.edit(basedOn: view) { $0["phone"] = .text("9") }
        let open = try one.conflicts()
        #expect(open.count == 1 && open[0].key == key("b"))
        guard case .conflicts(let ids) = outcome else {
            Issue.record("says \(outcome)")
            return
        }
        #expect(ids == open.map(\.id))
        try sync(hub, [one, two])
        try expectEqual(hub, [one, two])
    }

    @Test(arguments: [true, false], ["phone", "mobile"])
    func aFormThatWasOpenWhileItsColumnWasRenamedIsSaved_INB9_VER5(othersWrote: Bool, name: String) throws {
        let first = "-- satchel: version 1\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT);"
        let second = """
            -- satchel: version 2
            -- satchel: renamed client.mobile from phone
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, mobile TEXT);
            """
        let third = """
            -- satchel: version 3
            -- satchel: renamed client.mobile from phone
            -- satchel: dropped client.name
            CREATE TABLE client(id TEXT PRIMARY KEY, mobile TEXT, more TEXT);
            """
        let (hub, all) = try world(first, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('a', 'Hengda', '1')")
        try sync(hub, all)
        let view = try #require(try all[0].view(table: "client", key: key("a")))
        if othersWrote {
            try run(all[1], "UPDATE client SET phone = '8'")
            try sync(hub, all)
        }
        try all[0].migrate(to: second)
        let today = try all[0].today(view)
        #expect(today.columns == ["name", "mobile"] && today[name] == .text("1"))
        var both: [Value?] = []
        _ = try all[0].edit(basedOn: view) { edit in
            edit[name] = .text("9")
            both = [edit["phone"], edit["mobile"]]
        }
        #expect(both == [.text("9"), .text("9")])
        #expect(try all[0].conflicts().count == (othersWrote ? 1 : 0))
        #expect(try othersWrote || text(all[0], "SELECT mobile FROM client") == "9")
        try sync(hub, all)
        #expect(try hub.conflicts().count == (othersWrote ? 1 : 0))
        try all[0].migrate(to: third)
        // What went cannot be written.
        #expect(throws: UsageError.self) { try all[0].edit(basedOn: view) { $0["name"] = .text("N") } }
    }

    @Test func aFormThatWasSavedBeforeItsColumnWasRenamedIsTheSame_INB10_VER5() throws {
        let first = "-- satchel: version 1\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT);"
        let second = """
            -- satchel: version 2
            -- satchel: renamed client.mobile from phone
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, mobile TEXT);
            """
        let (hub, all) = try world(first, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('a', 'Hengda', '1')")
        try sync(hub, all)
        let view = try #require(try all[0].view(table: "client", key: key("a")))
        #expect(try all[0].edit(basedOn: view) { $0["phone"] = .text("8") } == .written)
        try all[0].migrate(to: second)
        for (name, phone) in [("mobile", "9"), ("phone", "1")] {
            #expect(try all[0].edit(basedOn: view) { $0[name] = .text(phone) } == .written)
            #expect(try text(all[0], "SELECT mobile FROM client") == phone && all[0].conflicts().isEmpty)
        }
    }
}
