import GRDB
import Satchel
import SatchelHub
import Testing

/// Merges of rows on real replicas: what each person sees, and that all see the same (MRG-50 to MRG-57).
@Suite final class MergedRowsTests: MergedRowsWorld {
    @Test func aMergeHidesTheRowMovesItsChildrenAndTakesWhatWasChosen_MRG50_MRG53() throws {
        let (hub, replicas) = try world("x", "y")
        let before = try replicas[0].changesets().count
        #expect(try replicas[0].merge(key("a"), into: key("b"), in: "client", taking: ["phone", "above"]) == ["phone"])
        #expect(try clients(replicas[0]) == "b:恒达公司:1 d:瑞丰:4" && visits(replicas[0]) == "va:b vb:b")
        #expect(try replicas[0].changesets().count == before + 1, "one change")
        try sync(hub, replicas)
        #expect(try clients(replicas[1]) == "b:恒达公司:1 d:瑞丰:4" && visits(replicas[1]) == "va:b vb:b")
        #expect(try replicas[1].conflicts().isEmpty && replicas[1].status().aside.isEmpty)
        #expect(try replicas[1].survivor(of: key("a"), in: "client") == key("b"))
        let history = try hub.replica.history(table: "client", key: key("a"))
        #expect(history.last?.act == "merge" && history.last?.new == [.text("b")])
    }

    @Test func onlyTwoShownRowsOfOneTableAreMerged_MRG50() throws {
        let (_, replicas) = try world("x")
        let x = replicas[0]
        #expect(throws: UsageError.self) { try merge(x, "a", "a") }
        #expect(throws: UsageError.self) { try merge(x, "a", "va") }
        #expect(throws: UsageError.self) { try merge(x, "a", "b", taking: ["nothing"]) }
        #expect(throws: UsageError.self) { try merge(x, "a", "b", taking: ["id"]) }
        #expect(throws: UsageError.self) { try x.unmerge(key("a"), in: "client") }
        try merge(x, "a", "b")
        #expect(throws: UsageError.self) { try merge(x, "d", "a") }
        #expect(throws: UsageError.self) { try merge(x, "a", "d") }
        #expect(throws: UsageError.self) { try x.unmerge(key("b"), in: "client") }
    }

    @Test func unmergingBringsTheRowAndItsChildrenBackAndLeavesWhatWasWrittenSince_MRG56() throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b", taking: ["phone"])
        try sync(hub, replicas)
        try run(
            replicas[1], "UPDATE client SET name = '恒达集团' WHERE id = 'b'; INSERT INTO visit VALUES ('vn', 'b', 'new')")
        try run(replicas[1], "UPDATE visit SET note = 'more' WHERE id = 'va'")
        try sync(hub, replicas)
        try replicas[0].unmerge(key("a"), in: "client")
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try clients(replica) == "a:恒达:1 b:恒达集团:2 d:瑞丰:4", "the phone is given back")
            #expect(try visits(replica) == "va:a vb:b vn:b", "the visit's own reference was never rewritten")
        }
    }

    @Test func anEditByWhoDidNotKnowReachesTheSurvivorAndIsAskedAbout_MRG54() throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b")
        try run(
            replicas[1], "UPDATE client SET phone = '9' WHERE id = 'a'; INSERT INTO visit VALUES ('vn', 'a', 'late')")
        try sync(hub, replicas)
        #expect(try visits(replicas[0]) == "va:b vb:b vn:b")
        let conflict = try #require(replicas[0].conflicts().first)
        #expect(conflict.kind == .values && conflict.key == key("b") && conflict.unit == "phone")
        #expect(conflict.candidates.map { $0.values } == [[.text("2")], [.text("9")]])
        #expect(try clients(replicas[0]) == "b:恒达公司:9 d:瑞丰:4", "the newest is shown")
        try replicas[1].resolve(conflict.id, keep: 1)
        try sync(hub, replicas)
        #expect(try clients(replicas[0]) == "b:恒达公司:2 d:瑞丰:4" && kinds(replicas[0]) == [])
    }

    @Test func aWriteOverAForeignValueRenewsTheMergeAndLeavesOthersStanding_MRG55() throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b")
        try run(replicas[1], "UPDATE client SET phone = '9', name = '恒大' WHERE id = 'a'")
        try sync(hub, replicas)
        #expect(try kinds(replicas[0]) == ["values", "values"])
        let before = try hub.replica.changesets().count
        try run(replicas[0], "UPDATE client SET phone = '7' WHERE id = 'b'")
        try sync(hub, replicas)
        #expect(try hub.replica.changesets().count == before + 1)
        #expect(try clients(replicas[1]) == "b:恒大:7 d:瑞丰:4")
        // 2, which the writer did not see in the table, stands against 7; the name was not touched.
        #expect(try replicas[1].conflicts().map(\.unit).sorted() == ["name", "phone"])
        #expect(
            try replicas[1].conflicts().first { $0.unit == "phone" }?.candidates.map { $0.values } == [
                [.text("2")], [.text("7")],
            ])
        try replicas[1].unmerge(key("a"), in: "client")
        try sync(hub, replicas)
        #expect(try clients(replicas[0]) == "a:恒大:9 b:恒达公司:7 d:瑞丰:4")
    }

    @Test func twoMergesOfOnePairEndInOneRow_MRG52() throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b", taking: ["phone"])
        try merge(replicas[1], "b", "a", taking: ["name"])
        try sync(hub, replicas)
        for replica in replicas {
            // a is the elder. What was taken both ways is a question, as any two edits.
            #expect(try clients(replica).hasPrefix("a:恒达公司:1 d:"))
            #expect(try visits(replica) == "va:a vb:a")
        }
        try force(replicas[1], "INSERT INTO visit VALUES ('vn', 'b', 'by one who remembers b')")
        try sync(hub, replicas)
        #expect(try visits(replicas[0]) == "va:a vb:a vn:a")
        try replicas[0].unmerge(key("b"), in: "client")
        try sync(hub, replicas)
        for replica in replicas { #expect(try visits(replica) == "va:a vb:b vn:b" && clients(replica).contains("b:")) }
    }

    @Test func aChainLeadsToItsEndWhoeverMadeItsLinks_MRG52() throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b")
        try merge(replicas[1], "d", "a")
        try run(replicas[1], "INSERT INTO visit VALUES ('vd', 'a', 'd and a are one')")
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try clients(replica) == "b:恒达公司:2" && visits(replica) == "va:b vb:b vd:b")
            #expect(try replica.survivor(of: key("d"), in: "client") == key("b"))
        }
        try replicas[0].unmerge(key("a"), in: "client")
        try sync(hub, replicas)
        #expect(try clients(replicas[1]) == "a:恒达:1 b:恒达公司:2" && visits(replicas[1]) == "va:a vb:b vd:a")
    }

    @Test func whatTwoMergedIntoDifferentRowsIsAskedAbout_MRG57() throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b")
        try merge(replicas[1], "a", "d")
        try sync(hub, replicas)
        #expect(try clients(replicas[0]) == "b:恒达公司:2 d:瑞丰:4", "b and d stay as they are")
        #expect(try visits(replicas[0]) == "va:b vb:b", "of equal age the lesser key")
        let conflict = try #require(replicas[1].conflicts().first)
        #expect(conflict.kind == .mergedApart && conflict.key == key("a") && conflict.columns == ["id"])
        #expect(conflict.candidates.map { $0.values } == [[.text("b")], [.text("d")]])
        #expect(conflict.candidates.map(\.isShown) == [true, false] && conflict.candidates[0].act == "merge")
        #expect(throws: UsageError.self) { try replicas[1].resolve(conflict.id, keep: 3) }
        #expect(throws: UsageError.self) { try replicas[1].resolve(conflict.id, values: [.text("a")]) }
        try replicas[1].resolve(conflict.id, keep: 2)
        try sync(hub, replicas)
        #expect(try visits(replicas[0]) == "va:d vb:b" && kinds(replicas[0]) == [])
    }

    @Test func theRowsToChooseAmongAreCountedByTheirCanonicalForms_MRG57() throws {
        let (hub, replicas) = try world("x", "y")
        try run(replicas[0], "INSERT INTO client VALUES ('bb', '瑞丰', '5', NULL)")
        try sync(hub, replicas)
        try merge(replicas[0], "a", "bb")
        try merge(replicas[1], "a", "d")
        try sync(hub, replicas)
        let conflict = try #require(replicas[1].conflicts().first)
        #expect(conflict.candidates.map { $0.values } == [[.text("d")], [.text("bb")]], "the shorter text is less")
    }

    @Test func aDeletedSurvivorWithChildrenIsKeptAndWithoutIsGone_MRG53_MRG20() throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b")
        try sync(hub, replicas)
        try force(replicas[0], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try clients(replica) == "b:恒达公司:2 d:瑞丰:4" && kinds(replica) == ["inUse"])
        }
        try run(replicas[1], "DELETE FROM visit")
        try sync(hub, replicas)
        for replica in replicas { #expect(try clients(replica) == "d:瑞丰:4" && kinds(replica) == []) }
    }

    @Test func anEditOfTheMergedRowKeepsADeletedSurvivor_MRG54_MRG6() throws {
        let (hub, replicas) = try world("x", "y")
        try run(replicas[0], "DELETE FROM visit")
        try sync(hub, replicas)
        try merge(replicas[0], "a", "b")
        try replicas[0].seal()
        try run(replicas[0], "DELETE FROM client WHERE id = 'b'")
        try run(replicas[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, replicas)
        for replica in replicas { #expect(try clients(replica) == "b:恒达公司:9 d:瑞丰:4" && kinds(replica) == ["deleted"]) }
        let conflict = try #require(replicas[1].conflicts().first)
        try replicas[1].resolve(conflict.id, keep: 2)
        try sync(hub, replicas)
        for replica in replicas { #expect(try clients(replica) == "d:瑞丰:4" && kinds(replica) == []) }
    }

    @Test func aDeletionBesideAMergeChangesNothing_MRG51() throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b")
        try run(replicas[1], "DELETE FROM visit WHERE id = 'va'; DELETE FROM client WHERE id = 'a'")
        try sync(hub, replicas)
        for replica in replicas { #expect(try clients(replica) == "b:恒达公司:2 d:瑞丰:4" && kinds(replica) == []) }
        try replicas[1].unmerge(key("a"), in: "client")
        try sync(hub, replicas)
        for replica in replicas { #expect(try clients(replica).hasPrefix("a:恒达:1")) }
    }

    @Test func aMergeAgainstAKeepIsAQuestionAndTheRowIsShown_MRG51() throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b")
        try sync(hub, replicas)
        // One writes over a foreign value, which renews the merge, while the other takes it back.
        try run(replicas[1], "UPDATE client SET phone = '5' WHERE id = 'b'")
        try replicas[1].unmerge(key("a"), in: "client")
        try merge(replicas[1], "a", "b")
        try replicas[0].unmerge(key("a"), in: "client")
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try clients(replica) == "a:恒达:1 b:恒达公司:5 d:瑞丰:4" && kinds(replica) == ["deleted"])
            #expect(try visits(replica) == "va:a vb:b")
        }
        let conflict = try #require(replicas[0].conflicts().first)
        try replicas[0].resolve(conflict.id, keep: 2)
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try clients(replica) == "b:恒达公司:5 d:瑞丰:4" && visits(replica) == "va:b vb:b", "merged after all")
        }
    }
}
