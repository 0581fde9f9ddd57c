import Satchel
import SatchelHub
import Testing

/// Deletions of the row that is left of a merge, and the way back (MRG-46, MRG-47, MRG-55).
@Suite final class MergedUndoneTests: MergedRowsWorld {
    /// Client a is merged into b; the phone 9, of one who knew only a, stands on b.
    private func merged() throws -> (hub: Hub, replicas: [Replica]) {
        let (hub, all) = try clientsAlone()
        try merge(all[0], "a", "b")
        try run(all[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, all)
        #expect(try clients(all[0]) == "b:恒达公司:9 d:瑞丰:4" && kinds(all[0]) == ["values"])
        return (hub, all)
    }

    private func dot(_ replica: Replica, of id: String) throws -> String {
        try #require(try replica.bin().first { $0.key == key(id) }?.deletions.last?.dot.description)
    }

    @Test(arguments: [false, true]) func undoOfADeletedSurvivorShowsWhatStoodOnIt_MRG46_MRG47_MRG55(whole: Bool) throws
    {
        let (hub, all) = try merged()
        try run(all[1], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "d:瑞丰:4" && kinds(replica) == []) }
        let undone =
            try whole
            ? all[1].undo(changeset: dot(all[1], of: "b")) : all[1].undo(table: "client", key: key("b"))
        #expect(undone.rows.map(\.key) == [key("b")] && undone.aside == 0)
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "b:恒达公司:9 d:瑞丰:4" && kinds(replica) == ["values"]) }
        try all[0].unmerge(key("a"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:9 b:恒达公司:2 d:瑞丰:4" && kinds(replica) == []) }
    }

    @Test func aDeletionThatTakesThePlaceOfAnotherIsUndoneForBoth_MRG12_MRG55() throws {
        let (hub, all) = try merged()
        try run(all[0], "UPDATE client SET name = '恒大' WHERE id = 'b'")
        try run(all[1], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        let conflict = try #require(try all[0].conflicts().first { $0.kind == .deleted })
        try all[0].resolve(conflict.id, keep: 2)
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "d:瑞丰:4") }
        try all[1].undo(table: "client", key: key("b"))
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "b:恒大:9 d:瑞丰:4" && kinds(replica) == ["values"]) }
    }

    @Test func anAnswerThatKeepsASurvivorShowsWhatStoodOnIt_MRG11_MRG55() throws {
        let (hub, all) = try merged()
        try run(all[0], "UPDATE client SET name = '恒大' WHERE id = 'b'")
        try run(all[1], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        let conflict = try #require(try all[0].conflicts().first { $0.kind == .deleted })
        try all[0].resolve(conflict.id, keep: 1)
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "b:恒大:9 d:瑞丰:4" && kinds(replica) == ["values"]) }
    }

    @Test func whatStoodOnARowThatWasMergedFurtherStandsOnItAgainAfterItsUnmerge_MRG55_MRG56() throws {
        let (hub, all) = try merged()
        try merge(all[0], "b", "d")
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "d:瑞丰:4" && kinds(replica) == []) }
        try all[1].unmerge(key("b"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "b:恒达公司:9 d:瑞丰:4" && kinds(replica) == ["values"]) }
    }

    @Test func theMergeItselfIsTakenBackBesideADeletionOfTheSurvivor_MRG56() throws {
        let (hub, all) = try merged()
        try run(all[1], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        try all[0].unmerge(key("a"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:9 d:瑞丰:4" && kinds(replica) == []) }
    }

    /// Of two rows merged into one that was deleted, one is taken out; the other stays where it was.
    @Test(arguments: [false, true]) func anUnmergeTouchesNothingThatWasMergedElsewhere_MRG55_MRG60(byBin: Bool) throws {
        let (hub, all) = try merged()
        try merge(all[0], "d", "b")
        try sync(hub, all)
        try run(all[1], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        if byBin {
            try all[0].undo(table: "client", key: key("a"))
        } else {
            try all[0].unmerge(key("a"), in: "client")
        }
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:9" && kinds(replica) == []) }
    }

    /// Two rows fell together, and one of them was merged into the other meanwhile, or another row into both.
    @Test(arguments: [false, true]) func toKeepOneOfTwoRowsLeavesTheOtherDeleted_MRG55_MRG57_MRG60(isApart: Bool) throws
    {
        let (hub, all) = try world("x", "y")
        try run(all[0], "DELETE FROM visit")
        try merge(all[0], "a", "b")
        if isApart {
            try run(all[1], "DELETE FROM visit")
            try merge(all[1], "a", "d")
        }
        try sync(hub, all)
        try run(all[0], "DELETE FROM client WHERE id IN ('b', 'd')")
        if !isApart { try merge(all[1], "d", "b") }
        try sync(hub, all)
        try all[0].undo(table: "client", key: key("d"))
        try sync(hub, all)
        for replica in all {
            #expect(try clients(replica) == "d:瑞丰:4" && kinds(replica) == (isApart ? ["mergedApart"] : []))
        }
    }

    /// A merged row was entered anew while somebody deleted the one into which it had been merged: two records, two questions.
    @Test(arguments: [false, true])
    func anUndoneDeletionAsksNoMoreAboutARowEnteredAnewIfItIsOfTheChangeset_MRG47_MRG51_MRG55(whole: Bool) throws {
        let (hub, all) = try merged()
        try run(all[0], "INSERT INTO client VALUES ('a', 'neu', '5', NULL)")
        try run(all[1], "DELETE FROM client WHERE id = 'b'")
        let deletion = try dot(all[1], of: "b")
        try sync(hub, all)
        #expect(try kinds(all[0]) == ["deleted"])
        if whole {
            try all[1].undo(changeset: deletion)
        } else {
            try all[1].undo(table: "client", key: key("b"))
        }
        try sync(hub, all)
        for replica in all {
            #expect(try kinds(replica) == (whole ? [] : ["deleted"]))
            #expect(try clients(replica).hasPrefix("a:neu:5 b:恒达公司"))
        }
        if whole { return }
        try all[0].resolve(#require(try all[0].conflicts().first).id, keep: 1)
        try sync(hub, all)
        for replica in all { #expect(try kinds(replica) == []) }
    }

    /// The same of a row that was taken out of the merge, with visits. "Delete it" is then: it is the other after all.
    @Test(arguments: [1, 2]) func aKeptSurvivorAnswersNothingAboutARowTakenOutOfTheMerge_MRG42_MRG55(answer: Int) throws
    {
        let (hub, all) = try world("x", "y")
        try merge(all[0], "a", "b")
        try sync(hub, all)
        try all[0].unmerge(key("a"), in: "client")
        try run(all[1], "DELETE FROM visit; DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        for replica in all { #expect(try visits(replica) == "va:a" && kinds(replica) == ["deleted"]) }
        try all[1].undo(table: "client", key: key("b"))
        try sync(hub, all)
        for replica in all { #expect(try visits(replica) == "va:a vb:b" && kinds(replica) == ["deleted"]) }
        try all[1].resolve(#require(try all[1].conflicts().first).id, keep: answer)
        try sync(hub, all)
        for replica in all {
            #expect(try visits(replica) == (answer == 1 ? "va:a vb:b" : "va:b vb:b") && kinds(replica) == [])
        }
    }

    /// A client is kept while another, who does not know of the answer, merges it into a second one, or deletes it once more.
    @Test(arguments: [true, false]) func anAnswerIsNotTakenBackWhereNobodyWouldBeAsked_INB8_MRG51(merges: Bool) throws {
        let (hub, all) = try world("x", "y")
        let deletion = "DELETE FROM visit WHERE id = 'va'; DELETE FROM client WHERE id = 'a'"
        try run(all[0], deletion)
        try run(all[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, all)
        let asked = try #require(try all[0].conflicts().first)
        #expect(asked.kind == .deleted && asked.key == key("a"))
        try all[0].resolve(asked.id, keep: 1)
        if merges { try merge(all[1], "a", "b") } else { try run(all[1], deletion) }
        try sync(hub, all)
        for replica in all + [hub.replica] { #expect(try replica.conflicts().map(\.id).contains(asked.id)) }
        for replica in [hub.replica, all[0]] {
            let before = try told(replica)
            let refusal = #expect(throws: WouldNotAsk.self) { try replica.undoDecision(asked.id) }
            #expect(refusal?.reason == (merges ? "it would be merged into b" : "it would be out of sight"))
            #expect(try told(replica) == before, "nothing is written")
        }
        // What is asked now can be answered.
        try all[1].resolve(asked.id, keep: 1)
        try sync(hub, all)
        for replica in all {
            #expect(try clients(replica) == "a:恒达:9 b:恒达公司:2 d:瑞丰:4")
            #expect(try !replica.conflicts().map(\.id).contains(asked.id))
        }
    }

    private func told(_ replica: Replica) throws -> String {
        try
            "\(clients(replica)) \(visits(replica)) \(replica.conflicts().map(\.id)) \(replica.decisions().map(\.conflict)) "
            + "\(replica.changesets().map(\.dot))"
    }

    /// A client who is kept is as old as they were: who was merged into them by one, and into a younger by another, stays.
    @Test func aKeptSurvivorIsAsOldAsItWas_MRG11_MRG52_MRG57() throws {
        let (hub, all) = try clientsAlone()
        try run(all[0], "INSERT INTO client VALUES ('z', 'younger', '7', NULL)")
        try run(all[0], "UPDATE client SET above = 'b' WHERE id = 'd'")
        try sync(hub, all)
        func above() throws -> [String] { try all.map { try text($0, "SELECT above FROM client WHERE id = 'd'") } }
        try merge(all[0], "b", "a")
        try merge(all[1], "b", "z")
        try sync(hub, all)
        #expect(try above() == ["a", "a"])
        try force(all[0], "DELETE FROM client WHERE id = 'a'")
        try run(all[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, all)
        let open = try #require(try all[0].conflicts().first { $0.kind == .deleted })
        try all[0].resolve(open, keep: 1)
        try sync(hub, all)
        #expect(try above() == ["a", "a"])
    }

    /// Whoever deleted the survivor took the merge along, which had been there before.
    @Test func aMergeOfADeletedSurvivorIsTakenBackWithItsChangeset_MRG47_MRG55() throws {
        let (hub, all) = try merged()
        try merge(all[0], "b", "d")
        try sync(hub, all)
        #expect(try clients(all[1]).hasPrefix("d:"), "control")
        let merge = try dot(all[1], of: "b")
        try run(all[0], "DELETE FROM client WHERE id = 'd'")
        try sync(hub, all)
        let deletion = try dot(all[1], of: "d")
        #expect(try clients(all[1]) == "" && merge != deletion, "control")
        #expect(try all[1].undo(changeset: merge).rows.map(\.key) == [key("b")])
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "b:恒达公司:9") }
        #expect(try all[0].undo(changeset: deletion).rows.map(\.key) == [key("d")])
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "b:恒达公司:9 d:瑞丰:4") }
    }

    @Test func whoMergedWhatAnotherHadMergedIsToldThatTheyUndoNothing_MRG47() throws {
        let (hub, all) = try merged()
        for replica in all.prefix(2) { try merge(replica, "b", "d", taking: ["phone"]) }
        try sync(hub, all)
        let merges = try #require(try all[0].bin().first { $0.key == key("b") }).deletions.map(\.dot.description)
        #expect(merges.count == 2 && Set(merges).count == 2)
        let before = try told(all[0])
        #expect(throws: UsageError.self) { try all[0].undo(changeset: merges[1]) }
        #expect(try told(all[0]) == before)
        #expect(try all[0].undo(changeset: merges[0]).rows.map(\.key) == [key("b")])
        try sync(hub, all)
        for replica in all { #expect(try clients(replica).hasPrefix("b:")) }
    }

    /// The answer is written as a merge.
    @Test func whoCannotTakeAnAnswerBackIsSentToUnmerge_INB8_MRG53() throws {
        let (hub, all) = try clientsAlone()
        try run(all[1], "DELETE FROM client WHERE id = 'a'")
        try all[1].seal()
        try all[1].undo(table: "client", key: key("a"))
        try merge(all[0], "a", "b")
        try sync(hub, all)
        let open = try #require(try all[0].conflicts().first { $0.kind == .deleted })
        try all[0].resolve(open.id, keep: 2)
        func isSentToUnmerge(_ replica: Replica) {
            #expect { try replica.undoDecision(open.id) } throws: { error in
                (error as? UsageError)?.hint.contains("unmerge") ?? false
            }
        }
        isSentToUnmerge(all[0])
        try sync(hub, all)
        for replica in all + [hub.replica] { isSentToUnmerge(replica) }
        try all[0].unmerge(key("a"), in: "client")
        #expect(try clients(all[0]).hasPrefix("a:"))
    }
}
