import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// The inbox where a record was merged into another: conflicts are of what people see (MRG-54 with INB-6, INB-8, INB-9).
@Suite final class InboxMergedTests: TwoTablets {
    private let (left, merged) = (RowKey([.text("c1")]), RowKey([.text("c2")]))

    init() throws {
        try super.init(
            schema: """
                -- satchel: policy client.visits counter
                CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT, visits INTEGER NOT NULL DEFAULT 0);
                """,
            entering: "INSERT INTO client VALUES ('c1', 'Hengda', '100', 1)",
            "INSERT INTO client VALUES ('c2', 'Hengda', '100', 2)")
    }

    private func phone(_ replica: Replica) throws -> String? {
        try replica.read { try String.fetchOne($0, sql: "SELECT group_concat(phone) FROM client") }
    }

    /// c2 is merged into c1 while somebody else gives c2 another phone.
    private func clash() throws -> Conflict {
        try run(a, "UPDATE client SET phone = '111' WHERE id = 'c1'")
        _ = try a.merge(merged, into: left, in: "client", taking: [], actor: "li")
        try run(b, "UPDATE client SET phone = '777' WHERE id = 'c2'")
        try sync()
        let conflict = try #require(try a.conflicts().first)
        #expect(conflict.key == left && Set(conflict.candidates.map(\.values)) == [[.text("111")], [.text("777")]])
        return conflict
    }

    @Test("INB-6, INB-8: a rule decides between a record and the one merged into it; undo opens the question again")
    func undo() throws {
        let conflict = try clash()
        #expect(try a.resolve(ConflictFilter(), by: .device("tablet-2")).decided == [conflict.id])
        try sync()
        for replica in [a, b, hub.replica] {
            #expect(try replica.conflicts().isEmpty && phone(replica) == "777")
        }
        #expect(try a.decisions().map(\.conflict) == [conflict.id])
        #expect(try hub.replica.decisions().map(\.conflict) == [conflict.id])
        try a.undoDecision(conflict.id)
        try sync()
        for replica in [a, b, hub.replica] {
            let again = try #require(try replica.conflicts().first)
            #expect(again.id == conflict.id && again.candidates.map(\.values) == conflict.candidates.map(\.values))
        }
        #expect(try a.digest() == b.digest())
    }

    @Test("INB-9: who saw the value of a merged record replaces it there; who did not becomes a rival")
    func views() throws {
        let before = try #require(try a.view(table: "client", key: left))
        _ = try clash()
        let now = try #require(try a.view(table: "client", key: left))
        _ = try a.edit(basedOn: now) { $0["phone"] = .text("888") }
        try sync()
        #expect(try Set(a.conflicts().flatMap { $0.candidates.map(\.values) }).contains([.text("888")]))
        _ = try a.edit(basedOn: before) { $0["name"] = .text("Hengda Ltd") }
        try sync()
        #expect(try a.digest() == b.digest() && a.digest() == hub.replica.digest())
    }

    @Test("INB-11: an overwrite is listed where its record lives on, and not while a merge covers it")
    func overwrites() throws {
        try run(b, "UPDATE client SET phone = '222' WHERE id = 'c2'")
        try sync()
        try run(a, "UPDATE client SET phone = '333' WHERE id = 'c2'")
        #expect(try a.unseen().map(\.key) == [merged])
        // The merge saw the overwrite and took it away with the record.
        _ = try a.merge(merged, into: left, in: "client", taking: [], actor: "li")
        #expect(try a.unseen().isEmpty)
        try a.unmerge(merged, in: "client", actor: "li")
        #expect(try a.unseen().map(\.key) == [merged], "it is to be seen again")
    }

    @Test(
        "INB-11, MRG-54: who merged had not seen the overwrite: it is listed, and taken back, at the record that is left"
    )
    func overwritesUnseenByTheMerge() throws {
        try run(b, "UPDATE client SET phone = '222' WHERE id = 'c2'")
        try sync()
        try run(a, "UPDATE client SET phone = '333' WHERE id = 'c2'")
        #expect(try a.unseen().count == 1)
        _ = try b.merge(merged, into: left, in: "client", taking: [], actor: "li")
        try sync()
        let listed = try #require(try a.unseen().first)
        #expect(listed.key == left && listed.was == [.text("222")] && listed.values == [.text("333")])
        try a.takeBackUnseen(listed.id)
        #expect(try a.unseen().isEmpty)
        try sync()
        let values = try Set(b.conflicts().flatMap { $0.candidates.map(\.values) })
        #expect(values == [[.text("100")], [.text("222")]], "the record's own phone, and what is written again")
        #expect(try a.digest() == b.digest() && a.digest() == hub.replica.digest())
    }

    @Test("INB-11, MRG-55: what stood on a merged record and was overwritten on the one that is left is listed")
    func overwritesOfMerged() throws {
        _ = try a.merge(merged, into: left, in: "client", taking: [], actor: "li")
        try run(b, "UPDATE client SET phone = '777' WHERE id = 'c2'")
        try sync()
        #expect(try phone(a) == "777")
        try run(a, "UPDATE client SET phone = '888'")
        let listed = try #require(try a.unseen().first)
        #expect(listed.key == left && listed.was == [.text("777")] && listed.wasWriter.device == "tablet-2")
    }

    @Test("INB-1, MRG-54: deleted against edited of a record whose count holds that of a merged one: both are named")
    func deletedWithMergedCounts() throws {
        _ = try a.merge(merged, into: left, in: "client", taking: [], actor: "li")
        try sync()
        #expect(try a.read { try Int.fetchOne($0, sql: "SELECT visits FROM client") } == 3)
        try run(a, "DELETE FROM client")
        try run(b, "UPDATE client SET phone = '777'")
        try sync()
        for replica in [a, b, hub.replica] {
            let conflict = try #require(try replica.conflicts().first)
            #expect(conflict.kind == .deleted && conflict.candidates.map(\.act) == ["keep", "delete"])
            #expect(conflict.candidates.map { $0.authors.map(\.device) } == [["tablet-2"], ["tablet-1"]])
        }
    }
}
