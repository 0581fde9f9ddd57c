import GRDB
import Satchel
import SatchelHub
import Testing

/// Merges of rows beside deletions, keeps, other tables, clean-up and other roads (MRG-50 to MRG-57).
@Suite final class MergedRowsBesideTests: MergedRowsWorld {
    @Test func whoEntersAMergedRowAgainWantsItForItself_MRG10_MRG51() throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b")
        try run(replicas[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, replicas)
        try run(replicas[1], "INSERT INTO client VALUES ('a', '恒达', '8', NULL)")
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try clients(replica) == "a:恒达:8 b:恒达公司:2 d:瑞丰:4" && kinds(replica) == [])
            #expect(try visits(replica) == "va:a vb:b")
        }
    }

    @Test func aReferenceInAKeyKeepsTheMergedRow_MRG53() throws {
        let (hub, replicas) = try world("x", "y")
        try run(replicas[0], "INSERT INTO rating VALUES ('a', 2024, 5)")
        try sync(hub, replicas)
        try merge(replicas[0], "a", "b")
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try clients(replica) == "a:恒达:1 b:恒达公司:2 d:瑞丰:4" && visits(replica) == "va:b vb:b")
            #expect(try kinds(replica) == ["inUse"])
        }
        try run(replicas[1], "DELETE FROM rating")
        try sync(hub, replicas)
        for replica in replicas { #expect(try clients(replica) == "b:恒达公司:2 d:瑞丰:4" && kinds(replica) == []) }
    }

    @Test func aReferenceWithinTheTableMovesToo_MRG53() throws {
        let (hub, replicas) = try world("x", "y")
        try run(replicas[0], "UPDATE client SET above = 'a' WHERE id IN ('b', 'd')")
        try sync(hub, replicas)
        try merge(replicas[0], "a", "b")
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try text(replica, "SELECT id || ':' || above FROM client ORDER BY id") == "b:b d:b")
        }
        try run(replicas[1], "UPDATE client SET above = NULL WHERE id = 'b'")
        try replicas[1].unmerge(key("a"), in: "client")
        try sync(hub, replicas)
        #expect(
            try text(replicas[0], "SELECT id || ':' || ifnull(above, '-') FROM client ORDER BY id") == "a:- b:- d:a")
    }

    @Test func aWriteOfTheUnitLeavesAMovedReferenceAsItStands_MRG53() throws {
        let schema = """
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, above TEXT REFERENCES client(id));
            -- satchel: unit visit.whom (client_id, note)
            CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT);
            """
        let (hub, replicas) = try world("x", "y", schema: schema)
        try merge(replicas[0], "a", "b")
        try sync(hub, replicas)
        try run(replicas[1], "UPDATE visit SET note = 'corrected' WHERE id = 'va'")
        try run(replicas[1], "UPDATE visit SET client_id = 'd' WHERE id = 'vb'")
        try sync(hub, replicas)
        #expect(try visits(replicas[0]) == "va:b vb:d")
        try replicas[0].unmerge(key("a"), in: "client")
        try sync(hub, replicas)
        #expect(try visits(replicas[1]) == "va:a vb:d")
        #expect(try text(replicas[1], "SELECT note FROM visit WHERE id = 'va'") == "corrected")
    }

    @Test func aProgramThatRefersToAMergedRowIsLedToTheSurvivorAtTheSeal_MRG53() throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b")
        try force(replicas[0], "INSERT INTO visit VALUES ('vp', 'a', 'by a program')")
        try replicas[0].seal()
        #expect(try visits(replicas[0]) == "va:b vb:b vp:b")
        try sync(hub, replicas)
    }

    @Test func aMergeThatArrivesBeforeItsTargetIsWhole_MRG51() throws {
        let (hub, replicas) = try world("x", "y")
        // y knows neither n nor the merge; a fresh device gets all at once.
        try run(replicas[0], "INSERT INTO client VALUES ('n', '新', '0', NULL)")
        try merge(replicas[0], "a", "n")
        try sync(hub, replicas)
        let fresh = try Replica.create(at: folder + "/z.db", enrolment: hub.enrol(name: "z"))
        try sync(hub, replicas + [fresh])
        #expect(try clients(fresh) == "b:恒达公司:2 d:瑞丰:4 n:新:0" && visits(fresh) == "va:n vb:b")
    }

    @Test func countsAndElementsOfTheTwoAreJoinedAndAreTwoAgainAfterwards_MRG54() throws {
        let schema = """
            -- satchel: policy client.visits counter
            -- satchel: policy client.tags set
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL,
                visits INTEGER NOT NULL DEFAULT 0, tags TEXT NOT NULL DEFAULT '[]');
            """
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        let replicas = try ["x", "y"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        try run(replicas[0], "INSERT INTO client VALUES ('a', 'A', 10, '[1]'), ('b', 'B', 7, '[2]')")
        try sync(hub, replicas)
        try merge(replicas[0], "a", "b")
        try run(replicas[1], "UPDATE client SET visits = visits + 5, tags = '[1,3]' WHERE id = 'a'")
        try sync(hub, replicas)
        func counts(_ replica: Replica) throws -> String {
            try text(replica, "SELECT id || ':' || visits || ':' || tags FROM client ORDER BY id")
        }
        for replica in replicas { #expect(try counts(replica) == "b:22:[1,2,3]" && kinds(replica) == []) }
        try replicas[1].unmerge(key("a"), in: "client")
        try sync(hub, replicas)
        for replica in replicas { #expect(try counts(replica) == "a:15:[1,3] b:7:[2]") }
        try merge(replicas[1], "a", "b")
        try run(replicas[1], "UPDATE client SET visits = visits + 1, tags = '[2]' WHERE id = 'b'")
        try sync(hub, replicas)
        for replica in replicas { #expect(try counts(replica) == "b:23:[2]") }
    }

    @Test func aMergeTouchesNothingOfOtherTables_MRG50() throws {
        let (hub, replicas) = try world("x")
        try run(replicas[0], "INSERT INTO visit VALUES ('a', 'a', 'the key of a client, and no client')")
        try merge(replicas[0], "a", "b")
        try sync(hub, replicas)
        #expect(try visits(replicas[0]) == "a:b va:b vb:b")
        #expect(try replicas[0].survivor(of: key("a"), in: "visit") == key("a"))
    }

    @Test func cleanUpTouchesNeitherAMergedRowNorWhatItLeadsTo_MRG53_EXC23() throws {
        let (hub, replicas) = try world("x", "y")
        try run(replicas[0], "DELETE FROM visit")
        try merge(replicas[0], "a", "b")
        try replicas[0].seal()
        try run(replicas[0], "DELETE FROM client")
        try sync(hub, replicas, rounds: 3)
        #expect(try clients(replicas[1]).isEmpty)
        let report = try hub.cleanUp(keepDays: 0)
        #expect(report.dropped == 3 && report.dead == 1, "both visits and d; b is what a leads to: \(report)")
        try sync(hub, replicas)
        #expect(try replicas[1].survivor(of: key("a"), in: "client") == key("b"))
        let bin = try replicas[1].bin()
        let told = bin.filter { $0.table == "client" && $0.key != key("d") }
        #expect(told.map { "\($0.key.display) \($0.into?.display ?? "-")" }.sorted() == ["a b", "b -"])
        try replicas[1].undo(table: "client", key: key("b"))
        try sync(hub, replicas)
        #expect(try clients(replicas[0]) == "b:恒达公司:2")
        try replicas[0].undo(table: "client", key: key("a"))
        try sync(hub, replicas)
        #expect(try clients(replicas[1]) == "a:恒达:1 b:恒达公司:2", "undo of a merged row is unmerge")
    }

    @Test func twoTabletsWithoutAHubMergeAlike_MRG52_MRG54() throws {
        let (_, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b")
        try run(replicas[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try merge(replicas[1], "d", "b", taking: ["name"])
        func hand(_ from: Replica, _ to: Replica) throws {
            try to.have(to: folder + "/have")
            try from.pack(for: folder + "/have", to: folder + "/side")
            try to.apply(folder + "/side")
        }
        for _ in 0..<2 {
            try hand(replicas[0], replicas[1])
            try hand(replicas[1], replicas[0])
        }
        #expect(try replicas[0].digest() == replicas[1].digest())
        #expect(try clients(replicas[0]) == "b:瑞丰:9" && visits(replicas[0]) == "va:b vb:b")
    }

    /// It is shown since a rating names it in its key. Both are deleted, or it alone, by a program that minds no reference.
    @Test(arguments: [true, false]) func aMergedRowThatIsDeletedGoesOnAsTheOther_MRG53_MRG55(both: Bool) throws {
        let (hub, replicas) = try world("x", "y")
        try run(replicas[0], "INSERT INTO rating VALUES ('a', 2024, 5)")
        try sync(hub, replicas)
        try merge(replicas[0], "a", "b")
        try sync(hub, replicas)
        if both {
            try run(replicas[0], "DELETE FROM rating; DELETE FROM client WHERE id = 'a'")
        } else {
            try force(replicas[0], "DELETE FROM client WHERE id = 'a'")
        }
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try visits(replica) == "va:b vb:b" && kinds(replica) == (both ? [] : ["inUse"]))
            #expect(try replica.survivor(of: key("a"), in: "client") == key("b"))
        }
    }

    /// Who deletes what is in its way does not answer into which of two it was merged.
    @Test func aRowMergedApartThatAProgramDeletesIsStillAskedAbout_MRG53_MRG55_MRG57() throws {
        let (hub, all) = try world("x", "y")
        try run(all[0], "INSERT INTO rating VALUES ('a', 2024, 5)")
        try sync(hub, all)
        try merge(all[0], "a", "b")
        try merge(all[1], "a", "d")
        try sync(hub, all)
        #expect(try all[0].conflicts().map(\.kind) == [.mergedApart])
        try run(all[0], "DELETE FROM rating; DELETE FROM client WHERE id = 'a'")
        try sync(hub, all)
        for replica in all + [hub.replica] {
            #expect(try replica.conflicts().map(\.kind) == [.mergedApart])
            #expect(try text(replica, "SELECT id FROM client ORDER BY id") == "b d")
        }
        let conflict = try #require(try all[1].conflicts().first)
        try all[1].resolve(conflict.id, keep: 2)
        try sync(hub, all)
        #expect(try all[0].conflicts().isEmpty && visits(all[0]) == "va:d vb:b")
    }

    @Test func aPairThatIsMergedIsNotToldAgain_MRG53_MRG58_MRG59() throws {
        let (hub, replicas) = try world(
            "x", "y", schema: "-- satchel: similar client (name, phone)\n" + MergedRowsWorld.schema)
        try run(replicas[0], "INSERT INTO rating VALUES ('a', 2024, 5); UPDATE client SET name = '恒达' WHERE id = 'b'")
        try sync(hub, replicas)
        #expect(try replicas[1].duplicates().count == 1)
        try merge(replicas[0], "a", "b")
        try sync(hub, replicas)
        for replica in replicas { #expect(try kinds(replica) == ["inUse"] && replica.duplicates().isEmpty) }
    }

    /// A client was deleted with its visits, against an edit; everybody sees both, and is asked.
    @Test(arguments: [false, true]) func whatARowInQuestionBroughtBackStaysWithTheOther_MRG42_MRG50(taking: Bool) throws
    {
        let (hub, replicas) = try world("x", "y")
        try run(replicas[0], "INSERT INTO visit VALUES ('vc', 'a', 'to a')")
        try sync(hub, replicas)
        try run(replicas[0], "DELETE FROM visit WHERE client_id = 'a'; DELETE FROM client WHERE id = 'a'")
        try run(replicas[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, replicas)
        #expect(try kinds(replicas[0]) == ["deleted"] && visits(replicas[0]) == "va:a vb:b vc:a")
        try merge(replicas[0], "a", "b", taking: taking ? ["name"] : [])
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try kinds(replica).isEmpty && visits(replica) == "va:b vb:b vc:b")
        }
        try replicas[1].unmerge(key("a"), in: "client")
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try kinds(replica).isEmpty && visits(replica) == "va:a vb:b vc:a")
        }
    }

    /// The two were deleted together, of which one refers to the other, and one of them is merged into the other.
    @Test func aRowThatIsMergedIntoOneItBroughtBackAsksAboutIt_MRG42_MRG50_MRG60() throws {
        let (hub, replicas) = try world("x", "y")
        try run(replicas[0], "UPDATE client SET above = 'a' WHERE id = 'b'")
        try sync(hub, replicas)
        try run(replicas[0], "DELETE FROM visit; DELETE FROM client WHERE id IN ('a', 'b')")
        try run(replicas[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, replicas)
        #expect(try clients(replicas[0]) == "a:恒达:9 b:恒达公司:2 d:瑞丰:4" && visits(replicas[0]) == "va:a vb:b")
        try merge(replicas[0], "a", "b")
        try sync(hub, replicas)
        for replica in replicas {
            #expect(try visits(replica) == "va:b vb:b")
            let asked = try kinds(replica)
            #expect(asked == ["deleted"])
        }
    }

    /// Two merged a into b and b into a; who enters the one that was not left takes it out, and the other stays.
    @Test(arguments: [true, false])
    func theOtherOfACycleStaysWhenOneIsEnteredAgain_MRG10_MRG56(writesBoth: Bool) throws {
        let (hub, replicas) = try world("x", "y")
        try merge(replicas[0], "a", "b")
        try merge(replicas[1], "b", "a")
        try sync(hub, replicas)
        for replica in replicas { #expect(try clients(replica) == "a:恒达:1 d:瑞丰:4") }
        try run(
            replicas[1],
            "INSERT INTO client VALUES ('b', 'anew', '8', NULL);"
                + (writesBoth ? "UPDATE client SET phone = '7' WHERE id = 'a'" : ""))
        try sync(hub, replicas)
        for replica in replicas {
            let phone = writesBoth ? 7 : 1
            #expect(try clients(replica) == "a:恒达:\(phone) b:anew:8 d:瑞丰:4" && kinds(replica) == [])
            #expect(try visits(replica) == "va:a vb:b")
        }
    }
}
