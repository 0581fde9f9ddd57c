import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Numbers that a program writes back over what others counted meanwhile (INB-11).
@Suite final class UnseenCountsTests: ReviewedWorld {
    private static let schema = """
        -- satchel: policy client.visits counter
        CREATE TABLE client(id TEXT PRIMARY KEY, visits INTEGER NOT NULL DEFAULT 0, phone TEXT);
        """

    /// One client with five visits, of whom the second tablet counts three more.
    private func counted() throws -> (Hub, Replica, Replica) {
        let (hub, all) = try world(Self.schema, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('c', 5, '1')")
        try sync(hub, all)
        try run(all[1], "UPDATE client SET visits = visits + 3")
        try up(all[1], hub)
        try down(all[0], hub)
        return (hub, all[0], all[1])
    }

    private func visits(_ replica: Replica) throws -> String { try text(replica, "SELECT visits || '' FROM client") }

    private func expectVisits(_ number: String, _ hub: Hub, _ replicas: Replica..., rounds: Int = 2) throws {
        try sync(hub, replicas, rounds: rounds)
        for replica in replicas + [hub.replica] { #expect(try visits(replica) == number) }
        try expectEqual(hub, replicas)
    }

    @Test func aRowWrittenBackWholeWithAnOldNumberIsListed_INB11() throws {
        let (hub, one, two) = try counted()
        try run(one, "UPDATE client SET visits = 5, phone = '2'")
        let listed = try one.unseen()
        #expect(listed.map(\.unit) == ["visits"] && listed.first?.was == [.integer(8)])
        #expect(listed.first?.values == [.integer(5)] && listed.first?.wasWriter.device == "two")
        try one.takeBackUnseen(try #require(listed.first).id)
        #expect(try one.unseen().isEmpty && visits(one) == "8")
        try expectVisits("8", hub, one, two)
        #expect(try text(two, "SELECT phone FROM client") == "2" && two.unseen().isEmpty)
    }

    /// What others count after it, knowing of it or not, neither hides it nor goes with it.
    @Test(arguments: [false, true]) func whatWasAddedSinceStaysWhenItIsTakenBack_INB11(isKnown: Bool) throws {
        let (hub, one, two) = try counted()
        try run(one, "UPDATE client SET visits = 5")
        if isKnown { try sync(hub, [one, two]) }
        try run(two, "UPDATE client SET visits = visits + 10")
        try expectVisits("15", hub, one, two)
        let listed = try one.unseen()
        #expect(listed.map(\.was) == [[.integer(8)]])
        try one.takeBackUnseen(try #require(listed.first).id)
        try expectVisits("18", hub, one, two)
        #expect(try one.unseen().isEmpty)
    }

    /// Two copies of one file list it both, and what it took away is given back once.
    @Test func twoWhoTakeItBackGiveItBackOnce_INB11_MRG31() throws {
        let (hub, first, two) = try counted()
        try run(first, "UPDATE client SET visits = 5")
        try first.close()
        let path = folder + "/copy.db"
        try FileManager.default.copyItem(atPath: first.path, toPath: path)
        let one = try Replica.open(at: first.path, anchors: .none)
        let copy = try Replica.open(at: path, anchors: .none)
        let id = try #require(try one.unseen().first).id
        try one.takeBackUnseen(id)
        try copy.takeBackUnseen(id)
        try expectVisits("8", hub, one, two, copy, rounds: 4)
    }

    @Test func whoWritesTheNumberAgainHasSeenIt_INB11() throws {
        let (hub, one, two) = try counted()
        try run(one, "UPDATE client SET visits = 5")
        #expect(try one.unseen().count == 1)
        try run(one, "UPDATE client SET visits = 8")
        #expect(try one.unseen().isEmpty, "somebody here has put it right")
        try run(two, "UPDATE client SET visits = visits + 2")
        try sync(hub, [one, two])
        try run(one, "UPDATE client SET phone = '7'")
        try run(one, "UPDATE client SET visits = visits - 1")
        #expect(try one.unseen().isEmpty, "who wrote the record afterwards could have looked")
        try expectVisits("9", hub, one, two)
    }

    @Test func ofSeveralThatCameInWhatWasShownBeforeAllCounts_INB11() throws {
        let (hub, one, two) = try counted()
        try run(two, "UPDATE client SET visits = visits - 1")
        try sync(hub, [two, one])
        try run(one, "UPDATE client SET visits = 5")
        #expect(try one.unseen().map(\.was) == [[.integer(7)]])
        try run(two, "UPDATE client SET visits = visits - 2, phone = '3'")
        try sync(hub, [one, two])
        #expect(try visits(one) == "3")
        try run(one, "UPDATE client SET visits = 4")
        #expect(try one.unseen().map(\.was) == [[.integer(3)]], "it raises what was lowered")
    }

    @Test func whoEntersTheRecordAnewHasNothingToTakeBack_INB11_MRG10() throws {
        let (hub, one, two) = try counted()
        try run(one, "UPDATE client SET visits = 5")
        try run(one, "DELETE FROM client")
        #expect(try one.unseen().isEmpty, "a deletion covers it")
        try run(one, "INSERT INTO client VALUES ('c', 1, '1')")
        #expect(try one.unseen().isEmpty)
        try expectVisits("1", hub, one, two)
    }

    @Test func whatItShowedGoesWhenItIsErased_INB12() throws {
        let (hub, one, two) = try counted()
        let noted = "SELECT count(*) || '' FROM satchel_stood WHERE list IN (5, 6)"
        #expect(try text(one, noted) == "1" && text(hub.replica, noted) == "1" && text(two, noted) == "0")
        _ = try hub.erase(table: "client", key: key("c"))
        try sync(hub, [one, two])
        for replica in [one, two, hub.replica] { #expect(try text(replica, noted) == "0") }
    }
}
