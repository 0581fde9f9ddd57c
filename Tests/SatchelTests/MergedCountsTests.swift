import Foundation
import Satchel
import SatchelHub
import Testing

/// What is counted, and put into sets, of rows that are merged and taken apart again (MRG-50, MRG-54, MRG-56).
@Suite final class MergedCountsTests: MergedRowsWorld {
    private static let plain =
        "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, visits INTEGER NOT NULL DEFAULT 0, tags TEXT NOT NULL DEFAULT '[]');"
    private static let counting = """
        -- satchel: policy client.visits counter
        -- satchel: policy client.tags set
        \(plain)
        """

    /// Client a with ten visits and the tag 1, client b with seven and the tag 2.
    private func pair(_ schema: String = counting) throws -> (Hub, [Replica]) {
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        let replicas = try ["x", "y"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        try run(replicas[0], "INSERT INTO client VALUES ('a', 'A', 10, '[1]'), ('b', 'B', 7, '[2]')")
        try sync(hub, replicas)
        return (hub, replicas)
    }

    private func told(_ replica: Replica) throws -> String {
        try text(replica, "SELECT id || ':' || visits || ':' || tags FROM client ORDER BY id")
    }

    @Test func whatAMergeJoinsAnywayIsNotTakenOver_MRG50() throws {
        let (hub, all) = try pair()
        #expect(
            try all[0].merge(key("a"), into: key("b"), in: "client", taking: ["visits", "tags", "name"]) == ["name"])
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "b:17:[1,2]") }
        try all[1].unmerge(key("a"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "a:10:[1] b:7:[2]") }
    }

    @Test func whatTwoWereCountedToBeforeThePolicyIsAddedUp_MRG50_MRG54() throws {
        let (hub, all) = try pair(Self.plain)
        for replica in all + [hub.replica] { try replica.migrate(schema: Self.counting) }
        #expect(try all[0].merge(key("a"), into: key("b"), in: "client", taking: ["visits"]) == [])
        try sync(hub, all)
        for replica in all { #expect(try told(replica).hasPrefix("b:17:") && kinds(replica) == []) }
        try run(all[1], "UPDATE client SET visits = visits + 1 WHERE id = 'b'")
        try sync(hub, all)
        for replica in all { #expect(try told(replica).hasPrefix("b:18:")) }
        try all[0].unmerge(key("a"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try told(replica).hasPrefix("a:10:") && told(replica).contains(" b:8:")) }
    }

    @Test func whoWasMergedBeforeThePolicyIsCountedTogetherWhenItComes_MRG54() throws {
        let (hub, all) = try pair(Self.plain)
        try merge(all[0], "a", "b")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "b:7:[2]") }
        for replica in all + [hub.replica] {
            try replica.migrate(schema: Self.counting)
            #expect(try told(replica) == "b:17:[1,2]")
        }
        try all[1].unmerge(key("a"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "a:10:[1] b:7:[2]") }
    }

    @Test func whatIsEnteredOverTheCountsOfTwoIsShown_MRG31_MRG54() throws {
        let (hub, all) = try pair(Self.plain)
        for replica in all + [hub.replica] { try replica.migrate(schema: Self.counting) }
        try merge(all[0], "a", "b")
        try run(all[0], "INSERT OR REPLACE INTO client VALUES ('b', 'B', 3, '[]')")
        try sync(hub, all)
        for replica in all { #expect(try told(replica).hasPrefix("b:3:")) }
    }

    /// Two numbers of people who did not count are opinions about one (MRG-31), and no sum is shown of the two rows.
    @Test func numbersThatAreNotAddedUpAreTakenOver_MRG50_MRG31() throws {
        let (hub, all) = try pair(Self.plain)
        for (replica, count) in zip(all, [8, 9]) {
            try run(replica, "UPDATE client SET visits = \(count) WHERE id = 'b'")
            // The second is the later one, and shown.
            try replica.seal()
            Thread.sleep(forTimeInterval: 0.003)
        }
        try sync(hub, all)
        for replica in all + [hub.replica] { try replica.migrate(schema: Self.counting) }
        #expect(try all[0].merge(key("a"), into: key("b"), in: "client", taking: ["visits"]) == ["visits"])
        try sync(hub, all)
        for replica in all { #expect(try told(replica).hasPrefix("b:10:")) }
        // Once they are settled there is a sum again, and it is what was decided.
        for conflict in try all[1].conflicts() { try all[1].resolve(conflict.id, keep: 1) }
        let decided = try told(all[1])
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == decided && kinds(replica) == []) }
        #expect(decided.hasPrefix("b:8:") || decided.hasPrefix("b:10:"), "\(decided)")
    }

    /// The two of one import, from before anybody counted.
    private func imported(_ rows: String) throws -> (Hub, [Replica]) {
        let (hub, all) = try pair(Self.plain)
        try run(all[0], "DELETE FROM client")
        try run(all[0], "INSERT INTO client VALUES \(rows)")
        try sync(hub, all)
        for replica in all + [hub.replica] { try replica.migrate(schema: Self.counting) }
        return (hub, all)
    }

    @Test func ofOneImportEachRowsValueIsAnAdditionOfItsOwn_MRG31_MRG50_MRG54() throws {
        let (hub, all) = try imported("('c', 'C', 10, '[]'), ('d', 'D', 7, '[]')")
        // Two take up the same value of the same row alike: it counts once.
        for replica in all { try run(replica, "UPDATE client SET visits = visits + 1 WHERE id = 'c'") }
        try run(all[1], "UPDATE client SET visits = visits + 1 WHERE id = 'd'")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "c:12:[] d:8:[]") }
        try merge(all[0], "c", "d")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "d:20:[]" && kinds(replica) == []) }
        try all[1].unmerge(key("c"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "c:12:[] d:8:[]") }
    }

    @Test func ofOneImportWhatIsTakenOutOfOneRowStaysInTheOther_MRG32_MRG50_MRG54() throws {
        let (hub, all) = try imported("('c', 'C', 0, '[1,2]'), ('d', 'D', 0, '[1,3]'), ('e', 'E', 0, '[2,3]')")
        // Of d nobody takes up the elements before the merge.
        try run(all[0], "UPDATE client SET tags = '[2]' WHERE id = 'c'")
        try sync(hub, all)
        try merge(all[0], "c", "d")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "d:0:[1,2,3] e:0:[2,3]") }
        // Of e, which is merged, nobody ever did; what is taken out of both is out.
        try merge(all[1], "e", "d")
        try run(all[1], "UPDATE client SET tags = '[1,2]' WHERE id = 'd'")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "d:0:[1,2]") }
        try all[0].unmerge(key("e"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "d:0:[1,2] e:0:[2,3]" && kinds(replica) == []) }
    }

    @Test func theCountsOfTwoAreTwoAgainThoughOneMoreWasCounted_MRG54_MRG56() throws {
        let (hub, all) = try pair()
        try merge(all[0], "a", "b")
        try sync(hub, all)
        try run(all[1], "UPDATE client SET visits = visits + 1 WHERE id = 'b'")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "b:18:[1,2]") }
        try run(all[0], "UPDATE client SET visits = visits - 3 WHERE id = 'b'")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "b:15:[1,2]") }
        try all[0].unmerge(key("a"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "a:10:[1] b:5:[2]") }
    }

    @Test func whatOneCountedWhoKnewOnlyTheMergedRowGoesBackToIt_MRG54_MRG55_MRG56() throws {
        let (hub, all) = try pair()
        try merge(all[0], "a", "b")
        try run(all[1], "UPDATE client SET visits = visits + 5, tags = '[1,3]' WHERE id = 'a'")
        try sync(hub, all)
        try run(all[0], "UPDATE client SET visits = visits + 1, tags = '[2,3,4]' WHERE id = 'b'")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "b:23:[2,3,4]" && kinds(replica) == []) }
        try all[1].unmerge(key("a"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "a:15:[1,3] b:8:[2,4]") }
        // What was taken out of both stays out when they are one again.
        try merge(all[1], "a", "b")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "b:23:[2,3,4]") }
    }

    @Test func theElementsOfTwoAreTwoAgainThoughOneWasPutIn_MRG54_MRG56() throws {
        let (hub, all) = try pair()
        try merge(all[0], "a", "b")
        try run(all[0], "UPDATE client SET tags = '[1,2,3]' WHERE id = 'b'")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "b:17:[1,2,3]") }
        try all[0].unmerge(key("a"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "a:10:[1] b:7:[2,3]") }
    }

    @Test func aSurvivorThatIsMergedFurtherTakesAllThatWasCountedAlong_MRG54() throws {
        let (hub, all) = try pair()
        try run(all[0], "INSERT INTO client VALUES ('d', 'D', 100, '[9]')")
        try merge(all[0], "a", "b")
        try run(all[0], "UPDATE client SET visits = visits + 1 WHERE id = 'b'")
        try merge(all[0], "b", "d")
        try run(all[0], "UPDATE client SET visits = visits + 1 WHERE id = 'd'")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "d:119:[1,2,9]") }
        try all[1].unmerge(key("b"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "b:18:[1,2] d:101:[9]") }
        try all[1].unmerge(key("a"), in: "client")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "a:10:[1] b:8:[2] d:101:[9]") }
    }

    /// Whoever enters a client over a deleted survivor sees what they entered, and not the merged row's count beside it.
    @Test func whatIsEnteredOverADeletedSurvivorShowsAsItWasEntered_MRG10_MRG54() throws {
        let (hub, all) = try pair()
        try merge(all[0], "a", "b")
        try sync(hub, all)
        try run(all[1], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        try run(all[0], "INSERT INTO client VALUES ('b', 'anew', 2, '[5]')")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "b:2:[5]" && kinds(replica) == []) }
        try run(all[1], "UPDATE client SET visits = visits + 1 WHERE id = 'b'")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "b:3:[5]") }
    }

    /// Two load a deleted client anew from one list, as if the client had never been.
    @Test func whatTwoEnterOverADeletedClientIsAddedUp_MRG10_MRG31() throws {
        let (hub, all) = try pair()
        try run(all[0], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        for replica in all { try run(replica, "INSERT INTO client VALUES ('b', 'B', 2, '[5]')") }
        for replica in all { #expect(try told(replica) == "a:10:[1] b:2:[5]") }
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "a:10:[1] b:4:[5]" && kinds(replica) == []) }
    }

    /// Two that show one plain number are one value while they are merged; apart they are two.
    @Test(arguments: ["a", "b"]) func equalValuesAreTakenUpEachOnItsOwnRow_MRG31_MRG54(merged: String) throws {
        let (hub, all) = try pair(Self.plain)
        try run(all[0], "UPDATE client SET visits = 5")
        try sync(hub, all)
        for replica in all + [hub.replica] { try replica.migrate(schema: Self.counting) }
        let other = merged == "a" ? "b" : "a"
        try merge(all[0], merged, other)
        try run(all[0], "UPDATE client SET visits = visits + 1 WHERE id = '\(other)'")
        try sync(hub, all)
        try all[0].unmerge(key(merged), in: "client")
        try run(all[0], "UPDATE client SET visits = visits + 1")
        try sync(hub, all)
        let apart = try all.map { try text($0, "SELECT sum(visits) FROM client") }
        try merge(all[0], merged, other)
        try sync(hub, all)
        for (replica, sum) in zip(all, apart) { #expect(try text(replica, "SELECT visits FROM client") == sum) }
    }

    /// Each row of one import is what was entered, be it merged into another of them or not.
    @Test(arguments: [true, false])
    func twoRowsOfOneMergeThatOneImportWritesShowWhatWasWritten_MRG10_MRG54(entersBoth: Bool) throws {
        let (hub, all) = try pair()
        try merge(all[0], "a", "b")
        try sync(hub, all)
        if entersBoth {
            try run(all[0], "DELETE FROM client WHERE id = 'b'")
            try sync(hub, all)
        }
        try run(
            all[0],
            entersBoth
                ? "INSERT INTO client VALUES ('a', 'A', 3, '[3]'), ('b', 'B', 2, '[4]')"
                : "UPDATE client SET visits = 2, tags = '[4]'; INSERT INTO client VALUES ('a', 'A', 3, '[3]')")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "a:3:[3] b:2:[4]" && kinds(replica) == []) }
    }

    /// Two people merged a into b and into the younger 0. Entered anew by one import 0 is the elder of the two, by its key, and a
    /// counts there.
    @Test func aRowMergedByTwoAndBothOfTheirsEnteredAnew_MRG10_MRG52_MRG57() throws {
        let (hub, all) = try pair()
        try run(all[0], "INSERT INTO client VALUES ('0', 'D', 100, '[9]')")
        try sync(hub, all)
        try merge(all[0], "a", "b")
        try merge(all[1], "a", "0")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "0:100:[9] b:17:[1,2]") }
        try run(all[0], "DELETE FROM client")
        try sync(hub, all)
        try run(all[0], "INSERT INTO client VALUES ('b', 'B', 2, '[4]'), ('0', 'D', 5, '[6]')")
        try sync(hub, all)
        for replica in all { #expect(try told(replica) == "0:5:[6] b:2:[4]") }
    }
}
