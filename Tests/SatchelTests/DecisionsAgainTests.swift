import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Decisions that come to count later, that others took the place of, and what is said of a row that was entered anew.
@Suite final class DecisionsAgainTests: ReviewedWorld {
    /// Two phones of client d in conflict.
    private func rivals(_ one: Replica, _ two: Replica) throws {
        try run(one, "UPDATE client SET phone = '8' WHERE id = 'd'")
        try run(two, "UPDATE client SET phone = '9' WHERE id = 'd'")
    }

    private func asked(_ replica: Replica) throws -> [[[Value]]] {
        try replica.conflicts().map { $0.candidates.map(\.values) }
    }

    private static let both: [[[Value]]] = [[[.text("8")], [.text("9")]]]

    @Test func aDecisionThatWasReleasedCanBeUndoneAtTheHub_INB8_REV6() throws {
        let (hub, one, two) = try pair()
        try rivals(one, two)
        try sync(hub, [one, two])
        let id = try #require(try two.conflicts().first?.id)
        try two.resolve(id, keep: 1)
        try hub.revoke("two")
        try up(two, hub)
        try hub.release([], ofDevice: "two")
        try sync(hub, [one])
        #expect(try hub.conflicts().isEmpty && hub.replica.decisions().map(\.conflict) == [id])
        try hub.replica.undoDecision(id)
        try sync(hub, [one])
        #expect(try asked(hub.replica) == Self.both && asked(one) == Self.both)
    }

    @Test func aReleasedDecisionDoesNotTakeTheUndoOfALaterOne_INB8_REV6() throws {
        let (hub, one, two) = try pair()
        try rivals(one, two)
        try sync(hub, [one, two])
        let id = try #require(try two.conflicts().first?.id)
        try two.resolve(id, keep: 2)
        try hub.revoke("two")
        try up(two, hub)
        try one.resolve(id, keep: 1)
        try up(one, hub)
        #expect(try asked(hub.replica) == [])
        try hub.replica.undoDecision(id)
        #expect(try asked(hub.replica) == Self.both)
        try hub.replica.resolve(id, keep: 1)
        try hub.release([], ofDevice: "two")
        try sync(hub, [one])
        for conflict in try hub.conflicts() { try hub.replica.resolve(conflict.id, keep: 1) }
        try hub.replica.undoDecision(id)
        try sync(hub, [one])
        try expectEqual(hub, [one])
    }

    @Test func whoseDecisionStandsElsewhereIsToldWhereToUndoIt_INB7_INB8() throws {
        let (hub, one, two) = try pair()
        try rivals(one, two)
        try sync(hub, [one, two])
        let id = try #require(try one.conflicts().first?.id)
        try one.resolve(id, keep: 1)
        try sync(hub, [one, two])
        try hub.replica.undoDecision(id)
        try sync(hub, [one, two])
        try two.resolve(id, keep: 1)
        try sync(hub, [one, two])
        let refusal = #expect(throws: UsageError.self) { try one.undoDecision(id) }
        #expect(refusal?.hint == "undo it at the hub, or where it was decided")
        try hub.replica.undoDecision(id)
        try sync(hub, [one, two])
        #expect(try asked(one) == Self.both)
        // What one wrote itself is another matter.
        try one.resolve(id, keep: 1)
        try run(one, "UPDATE client SET phone = '5' WHERE id = 'd'")
        let own = #expect(throws: UsageError.self) { try one.undoDecision(id) }
        #expect(own?.hint == "`log` shows the earlier values")
    }

    @Test func whoWasGivenAConflictOfAFormerLifeIsNotGivenThatOfTheNext_INB4() throws {
        let (hub, one, two) = try pair()
        try rivals(one, two)
        try sync(hub, [one, two])
        try one.assign(try #require(try one.conflicts().first?.id), to: "old hand")
        try sync(hub, [one, two])
        #expect(try two.conflicts().map(\.assignee) == ["old hand"])
        try run(one, "DELETE FROM client WHERE id = 'd'")
        try sync(hub, [one, two])
        try run(one, "INSERT INTO client VALUES ('d', 'New', '1')")
        try sync(hub, [one, two])
        try rivals(one, two)
        try sync(hub, [one, two])
        for replica in [hub.replica, one, two] { #expect(try replica.conflicts().map(\.assignee) == [nil]) }
        try two.assign(try #require(try two.conflicts().first?.id), to: "new hand")
        try sync(hub, [one, two])
        for replica in [hub.replica, one, two] { #expect(try replica.conflicts().map(\.assignee) == ["new hand"]) }
    }

    @Test func aRecordThatIsKeptLeavesItsOtherConflictsWithWhomTheyWereGivenTo_INB4() throws {
        let (hub, one, two) = try pair()
        try rivals(one, two)
        try sync(hub, [one, two])
        let id = try #require(try one.conflicts().first?.id)
        try one.assign(id, to: "Li")
        try sync(hub, [one, two])
        try run(one, "DELETE FROM client WHERE id = 'd'")
        try run(two, "UPDATE client SET name = 'edited' WHERE id = 'd'")
        try sync(hub, [one, two])
        let record = try #require(try two.conflicts().first { $0.kind == .deleted })
        try two.resolve(record.id, keep: 1)
        try sync(hub, [one, two])
        #expect(try one.conflicts().map(\.id) == [id] && two.conflicts().map(\.id) == [id])
        #expect(try one.conflicts().map(\.assignee) == ["Li"])
    }

    @Test func nothingIsUndoneOfARecordThatWasDeletedSince_INB7() throws {
        let (hub, one, two) = try pair()
        try rivals(one, two)
        try sync(hub, [one, two])
        let id = try #require(try one.conflicts().first?.id)
        try one.resolve(id, keep: 1)
        try sync(hub, [one, two])
        try run(two, "DELETE FROM client WHERE id = 'd'")
        try sync(hub, [one, two])
        for replica in [one, hub.replica] {
            #expect(try replica.decisions().isEmpty)
            #expect(throws: UsageError.self) { try replica.undoDecision(id) }
        }
        try two.undo(table: "client", key: key("d"))
        try sync(hub, [one, two])
        #expect(try one.decisions().map(\.conflict) == [id], "it is back, as it was decided")
        try expectEqual(hub, [one, two])
    }
}
