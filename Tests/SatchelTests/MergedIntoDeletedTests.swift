import Satchel
import SatchelHub
import Testing

/// A row is merged into one that somebody else deletes meanwhile: nobody who merged two rows meant both to go (MRG-60).
@Suite final class MergedIntoDeletedTests: MergedRowsWorld {
    /// Client a is merged into b on one device while another deletes b.
    private func merged() throws -> (hub: Hub, replicas: [Replica]) {
        let (hub, all) = try clientsAlone()
        try merge(all[0], "a", "b")
        try run(all[1], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        return (hub, all)
    }

    @Test func aMergeIntoARowThatAnotherDeletesKeepsItAndIsAskedAbout_MRG17_MRG60() throws {
        let (hub, all) = try merged()
        for replica in all + [hub.replica] {
            #expect(try clients(replica) == "b:恒达公司:2 d:瑞丰:4" && kinds(replica) == ["deleted"])
            let asked = try #require(try replica.conflicts().first)
            #expect(asked.key == key("b") && asked.candidates.map(\.act) == ["keep", "delete"])
            #expect(asked.candidates.map { $0.authors.map(\.device) } == [["x"], ["y"]])
        }
    }

    @Test(arguments: [1, 2]) func theAnswerEndsIt_MRG11_MRG12_MRG60(answer: Int) throws {
        let (hub, all) = try merged()
        try all[1].resolve(#require(try all[1].conflicts().first).id, keep: answer)
        try sync(hub, all)
        for replica in all {
            #expect(try clients(replica) == (answer == 1 ? "b:恒达公司:2 d:瑞丰:4" : "d:瑞丰:4") && kinds(replica) == [])
        }
        if answer == 2 {
            #expect(try Set(all[0].bin().map(\.key)).isSuperset(of: [key("a"), key("b")]))
            try all[0].undo(table: "client", key: key("b"))
            try sync(hub, all)
        }
        try all[0].unmerge(key("a"), in: "client")
        try sync(hub, all)
        for replica in all {
            #expect(try clients(replica) == "a:恒达:1 b:恒达公司:2 d:瑞丰:4" && kinds(replica) == [])
        }
    }

    @Test(arguments: [1, 2]) func anAnswerTakenBackAsksAgain_INB8_MRG60(answer: Int) throws {
        let (hub, all) = try merged()
        let asked = try #require(try all[1].conflicts().first)
        try all[1].resolve(asked.id, keep: answer)
        try sync(hub, all)
        try hub.replica.undoDecision(asked.id)
        try sync(hub, all)
        for replica in all {
            #expect(try clients(replica) == "b:恒达公司:2 d:瑞丰:4" && replica.conflicts().map(\.id) == [asked.id])
        }
        try all[0].resolve(asked.id, keep: 2)
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "d:瑞丰:4" && kinds(replica) == []) }
    }

    @Test func anAnswerTakenBackLeavesWhatADeletionHadSeenMergedDeleted_INB8_MRG46_MRG60() throws {
        let (hub, all) = try world("x", "y")
        try run(all[0], "DELETE FROM visit WHERE id = 'va'; UPDATE client SET above = 'd' WHERE id = 'b'")
        try merge(all[0], "a", "b")
        try sync(hub, all)
        // Client b falls with d, to which it belongs, and a was merged into b.
        try run(all[0], "DELETE FROM visit; DELETE FROM client WHERE id = 'b'; DELETE FROM client WHERE id = 'd'")
        try run(all[1], "UPDATE client SET phone = '44' WHERE id = 'd'")
        try sync(hub, all)
        let asked = try #require(try all[0].conflicts().first)
        for answer in [1, 2] {
            try all[0].resolve(asked.id, keep: answer)
            try sync(hub, all)
            try hub.replica.undoDecision(asked.id)
            try sync(hub, all)
            for replica in all {
                #expect(try clients(replica) == "b:恒达公司:2 d:瑞丰:44" && replica.conflicts().map(\.id) == [asked.id])
            }
        }
        try all[0].resolve(asked.id, keep: 2)
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "" && kinds(replica) == []) }
    }

    @Test func whoHadSeenTheMergeDeletesBothAndNobodyIsAsked_MRG55_MRG60() throws {
        let (hub, all) = try clientsAlone()
        try merge(all[0], "a", "b")
        try sync(hub, all)
        try run(all[1], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "d:瑞丰:4" && kinds(replica) == []) }
    }

    @Test func aMergeIntoARowThatIsMergedFurtherKeepsTheEndOfTheWay_MRG52_MRG60() throws {
        let (hub, all) = try clientsAlone()
        try merge(all[0], "a", "b")
        try merge(all[1], "b", "d")
        try run(all[1], "DELETE FROM client WHERE id = 'd'")
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "d:瑞丰:4" && kinds(replica) == ["deleted"]) }
        try all[0].resolve(#require(try all[0].conflicts().first).id, keep: 2)
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "" && kinds(replica) == []) }
    }

    @Test(arguments: [false, true]) func aFormDeletesWhatItsViewHadSeenMerged_INB10_MRG60(sees: Bool) throws {
        let (hub, all) = try clientsAlone()
        if sees { try merge(all[0], "a", "b") }
        let view = try #require(try all[0].view(table: "client", key: key("b")))
        if !sees { try merge(all[0], "a", "b") }
        try all[0].edit(basedOn: view) { $0.delete() }
        try sync(hub, all)
        for replica in all {
            #expect(try clients(replica) == (sees ? "d:瑞丰:4" : "b:恒达公司:2 d:瑞丰:4"))
            #expect(try kinds(replica) == (sees ? [] : ["deleted"]))
        }
    }

    @Test(arguments: [1, 2]) func aRowUnmergedWhileItsSurvivorIsDeletedIsAskedAbout_MRG51_MRG60(answer: Int) throws {
        let (hub, all) = try clientsAlone()
        try merge(all[0], "a", "b")
        try sync(hub, all)
        try all[0].unmerge(key("a"), in: "client")
        try run(all[1], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:1 d:瑞丰:4" && kinds(replica) == ["deleted"]) }
        try all[0].resolve(#require(try all[0].conflicts().first).id, keep: answer)
        try sync(hub, all)
        for replica in all {
            #expect(try clients(replica) == (answer == 1 ? "a:恒达:1 d:瑞丰:4" : "d:瑞丰:4") && kinds(replica) == [])
        }
    }

    @Test func deleteItOfARowMergesItAfterAllWhereAnotherIsShownForItsSurvivor_MRG51_MRG60() throws {
        let (hub, all) = try world("x", "y", "z")
        try merge(all[0], "a", "b")
        try run(all[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, all)
        // The first renews the merge, the second takes it back, and the third merges further.
        try run(all[0], "UPDATE client SET phone = '7' WHERE id = 'b'")
        try all[1].unmerge(key("a"), in: "client")
        try merge(all[2], "b", "d")
        try sync(hub, all, rounds: 3)
        let asked = try #require(try all[0].conflicts().first { $0.kind == .deleted && $0.key == key("a") })
        try all[0].resolve(asked.id, keep: 2)
        try sync(hub, all)
        for replica in all {
            #expect(try visits(replica) == "va:d vb:d" && !kinds(replica).contains { $0 != "values" })
        }
    }
}
