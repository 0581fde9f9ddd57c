import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Two people answer one question, neither knowing of the other, and it is taken back (INB-7, INB-8).
@Suite final class AnsweredAlikeTests: TwoTablets {
    init() throws {
        try super.init(
            schema: """
                CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT);
                CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT NOT NULL REFERENCES client(id));
                """,
            entering: "INSERT INTO client VALUES ('c1', 'Hengda', '100'); INSERT INTO visit VALUES ('v', 'c1')")
    }

    private static let both: [[[Value]]] = [[[.text("111")], [.text("222")]]]

    private func phone(_ replica: Replica) throws -> String? {
        try replica.read { try String.fetchOne($0, sql: "SELECT phone FROM client") }
    }

    private func clash() throws -> Conflict {
        try run(a, "UPDATE client SET phone = '111'")
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        return try #require(try a.conflicts().first)
    }

    private func asked() throws -> [[[[Value]]]] {
        try [a, b, hub.replica].map { try $0.conflicts().map { $0.candidates.map(\.values) } }
    }

    @Test(arguments: ["hub", "a", "b"]) func anAnswerThatTwoGaveAlikeCanBeTakenBack_INB8(at place: String) throws {
        let conflict = try clash()
        try a.resolve(conflict.id, keep: 1)
        try b.resolve(conflict.id, keep: 1)
        try sync()
        #expect(try hub.conflicts().isEmpty && phone(a) == "111")
        let replica = place == "hub" ? hub.replica : place == "a" ? a : b
        #expect(try hub.replica.decisions().map(\.conflict) == [conflict.id])
        try replica.undoDecision(conflict.id)
        try sync()
        #expect(try asked() == [Self.both, Self.both, Self.both])
    }

    @Test func answersThatContradictEachOtherAreBothTakenBackAtTheHub_INB8() throws {
        let conflict = try clash()
        try a.resolve(conflict.id, keep: 1)
        try b.resolve(conflict.id, values: [.text("333")])
        try sync()
        #expect(try hub.conflicts().map { $0.candidates.map(\.values) } == [[[.text("111")], [.text("333")]]])
        try hub.replica.undoDecision(conflict.id)
        try sync()
        #expect(try asked() == [Self.both, Self.both, Self.both], "what was asked before, and nothing of the answers")
    }

    @Test func anAnswerThatKnewOfTheOtherStandsForItself_INB7() throws {
        let conflict = try clash()
        try a.resolve(conflict.id, keep: 1)
        try sync()
        try run(b, "UPDATE client SET phone = '333'")
        try run(a, "UPDATE client SET phone = '444'")
        try sync()
        let again = try #require(try a.conflicts().first)
        try a.resolve(again.id, keep: 1)
        try sync()
        try hub.replica.undoDecision(again.id)
        try sync()
        let now: [[[Value]]] = [[[.text("333")], [.text("444")]]]
        #expect(try asked() == [now, now, now])
    }

    @Test(arguments: [1, 2]) func aRecordThatTwoDecidedAlikeIsAskedAboutAgain_INB8(answer: Int) throws {
        try run(a, "DELETE FROM visit; DELETE FROM client")
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        let conflict = try #require(try a.conflicts().first)
        #expect(conflict.kind == .deleted)
        try a.resolve(conflict.id, keep: answer)
        try b.resolve(conflict.id, keep: answer)
        try sync()
        #expect(try hub.conflicts().isEmpty && phone(b) == (answer == 1 ? "222" : nil))
        try hub.replica.undoDecision(conflict.id)
        try sync()
        for replica in [a, b, hub.replica] { #expect(try replica.conflicts().map(\.kind) == [.deleted]) }
        #expect(try phone(a) == "222")
        // It is a question like the first: either answer settles it.
        try a.resolve(conflict.id, keep: 2)
        try sync()
        for replica in [a, b, hub.replica] { #expect(try phone(replica) == nil && replica.conflicts().isEmpty) }
    }
}
