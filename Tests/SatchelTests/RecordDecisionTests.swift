import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Decisions about whole records, taken back: with what stood on rows merged into them, and with the rows that went along.
@Suite final class RecordDecisionTests: ReviewedWorld {
    @Test func aDeletionByViewOfADeletedSurvivorDoesNotReviveIt_INB10() throws {
        let (hub, one, two) = try pair(
            "-- satchel: policy client.n counter\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, n INTEGER NOT NULL DEFAULT 0); CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT);"
        )
        try run(one, "UPDATE client SET n = n + 1")
        try one.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        try run(two, "DELETE FROM visit")
        try sync(hub, [one, two])
        let view = try #require(try one.view(table: "client", key: key("b")))
        try run(two, "UPDATE client SET phone = 'new' WHERE id = 'b'")
        try run(two, "DELETE FROM client WHERE id = 'b'")
        try sync(hub, [one, two])
        #expect(try shown(one) == "d:Ruifeng:4")
        _ = try one.edit(basedOn: view) { $0.delete() }
        #expect(
            try shown(one) == "d:Ruifeng:4",
            "two deletions make no life: \(told(try one.conflicts().map(\.kind.name)))")
        try sync(hub, [one, two])
        #expect(try shown(two) == "d:Ruifeng:4")
    }

    @Test func undoOfADeletionDecisionOfASurvivorShowsWhatStood_INB8_MRG55() throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE client SET phone = '9' WHERE id = 'a'")
        try one.merge(key("a"), into: key("b"), in: "client")
        try run(one, "DELETE FROM visit; DELETE FROM client WHERE id = 'b'")
        try sync(hub, [one, two])
        let before = try shown(one)
        #expect(before.contains("b:Hengda Co:9"))
        let conflict = try #require(try one.conflicts().first { $0.kind == .deleted })
        try one.resolve(conflict.id, keep: 2)
        try sync(hub, [one, two])
        #expect(try !shown(two).contains("b:"))
        try one.undoDecision(conflict.id)
        try sync(hub, [one, two])
        #expect(
            try shown(one) == before,
            "\(told(try one.conflicts().map { "\($0.kind.name) \($0.candidates.map(\.values))" }))")
        try expectEqual(hub, [one, two])
    }

    /// A client deleted with its visits in one go, against an edit: "delete it" is answered and taken back.
    @Test(arguments: [1, 2]) func anUndoneAnswerAboutARecordShowsItsChildrenAgain_INB8_MRG46(answer: Int) throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE client SET phone = '9' WHERE id = 'a'")
        try run(one, "DELETE FROM visit; DELETE FROM client WHERE id = 'a'")
        try sync(hub, [one, two])
        #expect(try text(one, "SELECT id FROM visit") == "va")
        let conflict = try #require(try one.conflicts().first)
        try one.resolve(conflict.id, keep: answer)
        try sync(hub, [one, two])
        try one.undoDecision(conflict.id)
        try sync(hub, [one, two])
        #expect(try one.conflicts().map(\.id) == [conflict.id])
        #expect(
            try text(one, "SELECT id FROM visit") == "va",
            "in the bin: \(told(try one.bin().map { $0.key.display }))")
        try expectEqual(hub, [one, two])
        // Answered the other way it must be deleted as it would have been.
        try one.resolve(conflict.id, keep: 2)
        try sync(hub, [one, two])
        #expect(
            try text(two, "SELECT id FROM visit") == "" && !shown(two).contains("a:"),
            "\(told(try two.conflicts().map(\.kind.name)))")
    }

    /// A rule answers for two clients that were deleted in one go with their visits; one of the answers is taken back.
    @Test(arguments: [BulkRule.newer, .older])
    func anUndoneAnswerOfARuleLeavesTheOthersAlone_INB6_INB8_MRG46(rule: BulkRule) throws {
        let (hub, one, two) = try pair()
        try run(one, "INSERT INTO visit VALUES ('vb', 'b', 'to b')")
        try sync(hub, [one, two])
        try run(two, "UPDATE client SET phone = '9' WHERE id IN ('a', 'b')")
        Thread.sleep(forTimeInterval: 0.01)
        try run(one, "DELETE FROM visit; DELETE FROM client WHERE id IN ('a', 'b')")
        try sync(hub, [one, two])
        #expect(try text(one, "SELECT id FROM visit ORDER BY id") == "va vb")
        let asked = try one.conflicts().filter { $0.kind == .deleted }
        #expect(asked.count == 2)
        #expect(try one.resolve(ConflictFilter(), by: rule).decided.count == 2)
        try sync(hub, [one, two])
        let isKept = try text(one, "SELECT id FROM visit ORDER BY id") == "va vb"
        let ofA = try #require(asked.first { $0.key == key("a") })
        try one.undoDecision(ofA.id)
        try sync(hub, [one, two])
        for replica in [one, two, hub.replica] {
            #expect(try text(replica, "SELECT id FROM visit ORDER BY id") == (isKept ? "va vb" : "va"))
            #expect(try replica.conflicts().map(\.id) == [ofA.id])
        }
        for replica in [one, hub.replica] { #expect(try replica.decisions().map(\.key) == [key("b")]) }
        // Now the other way.
        try two.resolve(ofA.id, keep: isKept ? 2 : 1)
        try sync(hub, [one, two])
        for replica in [one, two, hub.replica] {
            #expect(try text(replica, "SELECT id FROM visit ORDER BY id") == (isKept ? "vb" : "va"))
        }
        try expectEqual(hub, [one, two])
    }

    /// What was written to a visit since its client was kept is not deleted with the client when that answer is taken back.
    @Test func whatCameSinceTheAnswerStands_INB8() throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE client SET phone = '9' WHERE id = 'a'")
        try run(one, "DELETE FROM visit; DELETE FROM client WHERE id = 'a'")
        try sync(hub, [one, two])
        let conflict = try #require(try one.conflicts().first)
        try one.resolve(conflict.id, keep: 1)
        try run(one, "UPDATE visit SET note = 'since'")
        try one.undoDecision(conflict.id)
        try sync(hub, [one, two])
        #expect(try text(two, "SELECT id || note FROM visit") == "vasince")
        let open = try #require(try two.conflicts().first { $0.id == conflict.id })
        try two.resolve(open.id, keep: 2)
        try sync(hub, [one, two])
        #expect(try text(one, "SELECT id || note FROM visit") == "vasince")
        try expectEqual(hub, [one, two])
    }

    /// One changeset entered both of two clients that were merged, with one name: what of them stood before is told apart.
    @Test func undoTellsTheRecordFromWhatWasMergedIntoIt_INB8_MRG54() throws {
        let (hub, all) = try world(Self.clients, "one", "two")
        let (one, two) = (all[0], all[1])
        try run(one, "INSERT INTO client VALUES ('a', 'Hengda', '1'), ('b', 'Hengda', '2')")
        try sync(hub, all)
        try run(two, "UPDATE client SET phone = '9' WHERE id = 'a'; UPDATE client SET name = 'Co' WHERE id = 'b'")
        try one.merge(key("a"), into: key("b"), in: "client")
        try run(one, "DELETE FROM client")
        try sync(hub, all)
        let before = try shown(one)
        let asked = try one.conflicts()
        #expect(before == "b:Co:9" && asked.map(\.kind) == [.deleted])
        try one.resolve(asked[0].id, keep: 2)
        try sync(hub, all)
        #expect(try shown(two) == "")
        try hub.replica.undoDecision(asked[0].id)
        try sync(hub, all)
        for replica in all + [hub.replica] {
            #expect(try shown(replica) == before)
            #expect(try replica.conflicts().map(\.id) == asked.map(\.id))
        }
        try one.unmerge(key("a"), in: "client")
        try sync(hub, all)
        #expect(try shown(two).contains("a:Hengda:9"))
        try expectEqual(hub, all)
    }
}
