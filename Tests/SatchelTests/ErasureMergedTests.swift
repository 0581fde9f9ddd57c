import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Erasing a record that had been merged into another by mistake, after the two were taken apart.
@Suite final class ErasureMergedTests: ReviewedWorld {
    private static let schema = """
        -- satchel: policy client.note text
        -- satchel: policy client.tags set
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, note TEXT, tags TEXT NOT NULL DEFAULT '[]');
        CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT);
        """

    /// The tables, the people's and the library's, that hold a text in any column.
    private func tables(holding text: String, _ replica: Replica) throws -> [String] {
        try replica.read { db in
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'").filter { table in
                let columns = try String.fetchAll(db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
                return try columns.contains { column in
                    let found = "instr(CAST(\"\(column)\" AS BLOB), CAST(? AS BLOB)) > 0"
                    return try Bool.fetchOne(
                        db, sql: "SELECT EXISTS(SELECT 1 FROM \"\(table)\" WHERE \(found))", arguments: [text]) ?? false
                }
            }
        }
    }

    /// Client a, with a secret in a column, is merged into b, answered or written over there, and taken apart again.
    /// Returns the conflict that was decided.
    private func mistake(
        _ column: String, isDecided: Bool, _ hub: Hub, _ one: Replica, _ two: Replica
    ) throws -> String? {
        let (secret, other) = column == "tags" ? ("[\"SECRET\"]", "[]") : ("SECRET", "5")
        if column == "note" {
            try run(one, "UPDATE client SET note = 'mine' WHERE id = 'b'")
            try sync(hub, [one, two])
        }
        try run(two, "UPDATE client SET \(column) = '\(secret)' WHERE id = 'a'")
        try one.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        var id: String?
        if isDecided {
            id = try #require(try one.conflicts().first?.id)
            try one.resolve(id ?? "", values: [.text(other)])
        } else {
            try run(one, "UPDATE client SET \(column) = '\(other)' WHERE id = 'b'")
        }
        try sync(hub, [one, two])
        try one.unmerge(key("a"), in: "client")
        try sync(hub, [one, two])
        return id
    }

    private func expectGone(_ hub: Hub, _ devices: [Replica], withTraces: Bool = true) throws {
        for replica in devices + [hub.replica] {
            let asked = try replica.conflicts().flatMap(\.candidates).flatMap(\.values)
            #expect(!asked.contains(.text("SECRET")), "\(replica.name) asks about it")
            let seen = try text(replica, "SELECT ifnull(phone, '') || ifnull(note, '') || tags FROM client")
            #expect(!seen.contains("SECRET"), "\(replica.name) shows it")
            let kept = try tables(holding: "SECRET", replica)
            if withTraces { #expect(kept.isEmpty, "\(replica.name) holds it in \(kept)") }
            for list in ["satchel_decision", "satchel_overwrite", "satchel_base"] { #expect(!kept.contains(list)) }
        }
    }

    /// What texts and sets remember of others is said in Protocol/erasure.md not to be reached.
    @Test(arguments: ["phone", "note"])
    func aDecisionGoesWithEachRowThatItsValuesStoodOn_ERA2_INB12(column: String) throws {
        let (hub, one, two) = try pair(Self.schema)
        let id = try #require(try mistake(column, isDecided: true, hub, one, two))
        #expect(try !hub.replica.decisions().isEmpty && !one.decisions().isEmpty)
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        try sync(hub, [one, two], rounds: 3)
        #expect(try hub.erasures().first?.missing.isEmpty == true)
        for replica in [hub.replica, one, two] { #expect(throws: UsageError.self) { try replica.undoDecision(id) } }
        try sync(hub, [one, two])
        try expectGone(hub, [one, two], withTraces: column == "phone")
        try expectEqual(hub, [one, two])
    }

    @Test(arguments: ["phone", "tags"])
    func anOverwriteGoesWithEachRowThatItsValueStoodOn_ERA2_INB12(column: String) throws {
        let (hub, one, two) = try pair(Self.schema)
        _ = try mistake(column, isDecided: false, hub, one, two)
        if column == "phone" { #expect(try one.unseen().map(\.was) == [[.text("SECRET")]]) }
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        try sync(hub, [one, two], rounds: 3)
        #expect(try one.unseen().isEmpty)
        try expectGone(hub, [one, two], withTraces: column == "phone")
        try expectEqual(hub, [one, two])
    }

    @Test(arguments: [false, true])
    func anOverwriteOfWhatWasShownJoinedGoesWithEachRowThatItStoodOn_ERA2_INB12(isApart: Bool) throws {
        let (hub, one, two) = try pair(Self.schema)
        try run(one, "UPDATE client SET tags = '[\"SECRET\"]' WHERE id = 'a'")
        try sync(hub, [one, two])
        try one.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        try run(one, "UPDATE client SET tags = '[\"NEW\",\"SECRET\"]' WHERE id = 'b'")
        try sync(hub, [one])
        try down(two, hub)
        try run(two, "UPDATE client SET tags = '[\"SECRET\"]' WHERE id = 'b'")
        #expect(try two.unseen().map(\.was) == [[.text("[\"NEW\",\"SECRET\"]")]])
        if isApart { try one.unmerge(key("a"), in: "client") }
        try sync(hub, [one, two])
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        try sync(hub, [one, two], rounds: 3)
        #expect(try hub.erasures().allSatisfy(\.missing.isEmpty))
        #expect(try two.unseen().isEmpty)
        try expectGone(hub, [one, two])
        try expectEqual(hub, [one, two])
    }

    @Test(arguments: [false, true])
    func whatAFormWasSavedWithGoesWithEachRowThatItStoodOn_ERA2_INB10_INB12(isApart: Bool) throws {
        let (hub, one, two) = try pair(Self.schema)
        try run(one, "UPDATE client SET tags = '[\"SECRET\"]' WHERE id = 'a'")
        try sync(hub, [one, two])
        try one.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        let view = try #require(try two.view(table: "client", key: key("b")))
        #expect(try two.edit(basedOn: view) { $0["tags"] = .text("[\"NEW\",\"SECRET\"]") } == .written)
        #expect(try tables(holding: "SECRET", two).contains("satchel_form"), "control")
        if isApart { try one.unmerge(key("a"), in: "client") }
        try sync(hub, [one, two])
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        try sync(hub, [one, two], rounds: 3)
        #expect(try !tables(holding: "SECRET", two).contains("satchel_form"))
    }

    @Test func anOverwriteOfWhatNothingErasedStoodInStays_INB11_INB12() throws {
        let (hub, one, two) = try pair(Self.schema)
        try one.merge(key("a"), into: key("b"), in: "client")
        try run(one, "UPDATE client SET phone = '3' WHERE id = 'b'")
        try sync(hub, [one])
        try down(two, hub)
        try run(two, "UPDATE client SET phone = '4' WHERE id = 'b'")
        try one.unmerge(key("a"), in: "client")
        try sync(hub, [one, two])
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        try sync(hub, [one, two])
        #expect(try two.unseen().map(\.was) == [[.text("3")]])
    }

    @Test func aDecisionGoesWithAColumnThatItsValuesStoodIn_ERA2_INB12() throws {
        let (hub, one, two) = try pair(Self.schema)
        _ = try mistake("phone", isDecided: true, hub, one, two)
        _ = try hub.erase(table: "client", key: key("a"), columns: ["phone"])
        try sync(hub, [one, two], rounds: 3)
        try expectGone(hub, [one, two])
    }

    @Test func aDecisionGoesWithARowThatHadBeenForgottenBeforeItWasErased_ERA2_INB12() throws {
        let (hub, one, two) = try pair(Self.schema)
        let id = try #require(try mistake("phone", isDecided: true, hub, one, two))
        try force(one, "DELETE FROM visit; DELETE FROM client WHERE id = 'a'")
        try sync(hub, [one, two], rounds: 3)
        #expect(try hub.cleanUp(keepDays: 0).dropped == 2)
        #expect(try !hub.replica.decisions().isEmpty, "INB-8: the hub still knows what it was")
        try sync(hub, [one, two])
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        try sync(hub, [one, two], rounds: 3)
        #expect(throws: UsageError.self) { try hub.replica.undoDecision(id) }
        try expectGone(hub, [one, two])
    }

    @Test func aDecisionThatNothingErasedStoodInStays_INB8_INB12() throws {
        let (hub, one, two) = try pair(Self.schema)
        try run(one, "UPDATE client SET phone = '8' WHERE id = 'b'")
        try run(two, "UPDATE client SET phone = '9' WHERE id = 'b'")
        try sync(hub, [one, two])
        let id = try #require(try one.conflicts().first?.id)
        try one.resolve(id, keep: 1)
        try sync(hub, [one, two])
        try one.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        try one.unmerge(key("a"), in: "client")
        try sync(hub, [one, two])
        _ = try hub.erase(table: "client", key: key("a"), withReferences: true)
        try sync(hub, [one, two])
        try one.undoDecision(id)
        try sync(hub, [one, two])
        #expect(try two.conflicts().map { $0.candidates.map(\.values) } == [[[.text("8")], [.text("9")]]])
    }
}
