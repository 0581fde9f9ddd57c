import Foundation
import GRDB
import Satchel
import SatchelHub
import Testing

/// Merges of rows on real replicas: what each person sees, and that all see the same (MRG-50 to MRG-57).
@Suite final class MergedRowsTests {
    private let folder = NSTemporaryDirectory() + "satchel-merged-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static let schema = """
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, above TEXT REFERENCES client(id));
        CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT);
        CREATE TABLE rating(client_id TEXT REFERENCES client(id), year INTEGER, stars INTEGER,
            PRIMARY KEY (client_id, year));
        """

    /// A hub and devices that all hold clients a, b and d, with a visit to a and one to b.
    private func world(
        _ names: String..., schema: String = schema
    ) throws -> (hub: Hub, replicas: [Replica]) {
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        let replicas = try names.map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        try run(replicas[0], "INSERT INTO client VALUES ('a', '恒达', '1', NULL)")
        try replicas[0].seal()
        try run(
            replicas[0],
            """
            INSERT INTO client VALUES ('b', '恒达公司', '2', NULL), ('d', '瑞丰', '4', NULL);
            INSERT INTO visit VALUES ('va', 'a', 'to a'), ('vb', 'b', 'to b')
            """)
        try sync(hub, replicas)
        return (hub, replicas)
    }

    private func sync(_ hub: Hub, _ replicas: [Replica], rounds: Int = 2) throws {
        for _ in 0..<rounds {
            for replica in replicas {
                try replica.pack(to: folder + "/up")
                let report = try hub.merge([folder + "/up"], replies: folder + "/replies")
                #expect(report.failures.isEmpty && report.merged[0].outcome != .refused, "\(report)")
                try replica.apply(folder + "/replies/\(replica.name).satchel")
            }
        }
        let digests = try replicas.map { try $0.digest() } + [hub.digest()]
        #expect(Set(digests).count == 1, "\(digests)")
    }

    private func run(_ replica: Replica, _ sql: String) throws { try replica.write { try $0.execute(sql: sql) } }

    /// By a program that does not enforce foreign keys.
    private func force(_ replica: Replica, _ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let other = try DatabaseQueue(path: replica.path, configuration: configuration)
        try other.write { try $0.execute(sql: sql) }
        try other.close()
    }

    private func text(_ replica: Replica, _ sql: String) throws -> String {
        try replica.read { try String.fetchAll($0, sql: sql) }.joined(separator: " ")
    }

    private func clients(_ replica: Replica) throws -> String {
        try text(replica, "SELECT id || ':' || name || ':' || ifnull(phone, '-') FROM client ORDER BY id")
    }

    private func visits(_ replica: Replica) throws -> String {
        try text(replica, "SELECT id || ':' || ifnull(client_id, '-') FROM visit ORDER BY id")
    }

    private func key(_ text: String) -> RowKey { RowKey([.text(text)]) }

    private func merge(_ replica: Replica, _ row: String, _ into: String, taking: [String] = []) throws {
        try replica.merge(key(row), into: key(into), in: "client", taking: taking)
    }

    private func kinds(_ replica: Replica) throws -> [String] { try replica.conflicts().map(\.kind.name).sorted() }

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
            #expect(try clients(replica) == "a:恒达:1 b:恒达集团:1 d:瑞丰:4")
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
        #expect(bin.map { "\($0.key.display) \($0.into?.display ?? "-")" }.sorted() == ["a b", "b -"])
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
}
