import Foundation
import GRDB
import Satchel
import SatchelHub
import Testing

/// A line that two files write: without a hub, past a hub, and around one (EXC-27, MRG-1, MRG-4).
@Suite struct ForkTests {
    @Test(arguments: 1...4) func bothBranchesOfAForkTravelByStickAlone_EXC27(length: Int) throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let (a, b) = try world.twins()
        let third = try world.device("third")
        let line = a.origin
        #expect(b.origin == line)
        for step in 1...4 { try world.write(a, "a\(step)") }
        for step in 1...length { try world.write(b, "b\(step)") }
        try world.meet([a, third, b], rounds: 2)
        try world.expectEqual([a, b, third], ["common", "a1", "a2", "a3", "a4"] + (1...length).map { "b\($0)" })
        #expect(a.origin != line && b.origin != line && a.origin != b.origin)
    }

    @Test func aCourierWithTheShorterBranchIsNotTakenForOneWhoHasNothingNew_EXC27() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let (a, b) = try world.twins()
        let (x, z) = (try world.device("x"), try world.device("z"))
        try world.write(a, "a1", "a2", "a3")
        try world.write(b, "b1")
        try world.carry(a, to: x)
        try world.carry(b, to: z)
        // A vector by sequence says that x, who has a's fourth, has z's second: it is of the other branch.
        #expect(try world.carry(z, to: x).changesets == 1)
        #expect(try world.ids(x) == ["a1", "a2", "a3", "b1", "common"])
        #expect(try world.carry(x, to: z).changesets == 3)
        try world.expectEqual([x, z], ["a1", "a2", "a3", "b1", "common"])
    }

    @Test func aClockNamesTheHeadOfEachBranchAndWaitsForBoth_MRG4_EXC14() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let (a, b) = try world.twins()
        let (x, y) = (try world.device("x"), try world.device("y"))
        try world.write(a, "a1", "a2")
        try world.write(b, "b1")
        try world.carry(a, to: x)
        try world.carry(b, to: x)
        let line = a.origin
        try world.write(x, "seen both")
        let clock = try #require(try x.changesets().last).head.clock.others
        #expect(clock[line].map(\.sequence) == [2, 3])
        // y has one branch: what x wrote waits for the other.
        try world.carry(a, to: y)
        try y.have(to: world.path("have"))
        try x.pack(for: world.path("have"), to: world.path("from x"))
        try world.write(y, "own")
        let reader = try world.device("reader")
        try world.carry(a, to: reader)
        let own = try x.changesets().filter { $0.head.origin == x.origin }
        #expect(own.count == 1)
        try world.carry(x, to: reader)
        #expect(try world.ids(reader) == ["a1", "a2", "b1", "common", "seen both"])
        try y.apply(world.path("from x"))
        #expect(try world.ids(y) == ["a1", "a2", "b1", "common", "own", "seen both"])
    }

    @Test func aChainOfCopiesKeepsWhatEachOfThemWrote_EXC27() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        var all = [try world.device("0")]
        try world.write(all[0], "common")
        for copy in 1...3 {
            try world.copy("\(copy - 1)", "\(copy)")
            all.append(try world.open("\(copy)"))
            for (index, replica) in all.enumerated() { try world.write(replica, "\(index) after copy \(copy)") }
        }
        #expect(Set(all.map(\.origin)).count == 1)
        try world.meet(all, rounds: 3)
        let written = (1...3).flatMap { copy in (0...copy).map { "\($0) after copy \(copy)" } }
        try world.expectEqual(all, ["common"] + written)
        #expect(Set(all.map(\.origin)).count == 4)
    }

    @Test func detectionEndsItsOwnTrigger_EXC27() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let hub = try world.hub()
        let (a, b) = try world.twins(hub: hub)
        try world.write(a, "a1")
        try world.write(b, "b1")
        try world.meet([a, b], rounds: 2)
        try world.sync([a, b], hub)
        let origins = [a.origin, b.origin]
        for _ in 0..<3 {
            try world.write(a, "a")
            try world.write(b, "b")
            try world.meet([a, b], rounds: 1)
            try world.sync([b, a], hub, rounds: 2)
        }
        #expect([a.origin, b.origin] == origins)
        for replica in [a, b] { #expect(try replica.status().formerLines.map(\.reason) == ["forked"]) }
        try world.expectEqual([a, b, hub.replica], ["common", "a", "b", "a1", "b1"])
        #expect(try world.carry(a, to: b).changesets == 0)
    }

    @Test func aPeersHaveTellsARestoredDeviceThatItsLineWentOn_EXC27() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let a = try world.device("a")
        let peer = try world.device("peer")
        try world.write(a, "common")
        try world.copy("a", "saved")
        try world.write(a, "after the backup")
        try world.carry(a, to: peer)
        try a.close()
        try world.restore("saved", over: "a")
        let restored = try world.open("a")
        let line = restored.origin
        try peer.have(to: world.path("have"))
        try restored.pack(for: world.path("have"), to: world.path("side"))
        #expect(restored.origin != line)
        try world.write(restored, "after the restore")
        try world.meet([restored, peer], rounds: 2)
        try world.expectEqual([restored, peer], ["common", "after the backup", "after the restore"])
    }

    @Test func aReplyThatOvertookTheRequestIsNoReceiptForTheOtherBranch_EXC20_EXC27() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let hub = try world.hub()
        let a = try world.device("a", hub: hub)
        try world.write(a, "common")
        try world.sync([a], hub, rounds: 1)
        try world.copy("a", "saved")
        try world.write(a, "a1", "a2", "a3")
        try world.handIn(a, hub)
        try a.close()
        try world.restore("saved", over: "a")
        let restored = try world.open("a")
        try world.write(restored, "b1")
        // The hub's clock says 4, and this changeset is number 2: of another branch.
        try world.fetch(restored, hub)
        #expect(try restored.status().unreceipted == 1)
        #expect(try world.ids(restored).contains("b1"))
        try world.sync([restored], hub)
        try world.expectEqual([restored, hub.replica], ["common", "a1", "a2", "a3", "b1"])
        #expect(try restored.status().isAllAtHub)
    }

    @Test func aFriendsOldChangesetIsNeitherAppliedTwiceNorLostBelowWhatTheHubNamed_EXC14_EXC20() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let hub = try world.hub()
        hub.replica.withEngine { $0.toldLimit = 1 }
        let (author, friend, fresh) = (
            try world.device("author", hub: hub), try world.device("friend", hub: hub),
            try world.device("fresh", hub: hub)
        )
        try world.write(friend, "row", value: "first")
        try world.handIn(friend, hub)
        try world.fetch(author, hub)
        try world.fetch(friend, hub)
        try world.write(author, "row", value: "old")
        try world.carry(author, to: friend)
        try world.copy("author", "twin")
        let twin = try world.open("twin")
        try world.write(twin, "of the twin")
        try world.carry(twin, to: friend)
        try world.write(author, "row", value: "new")
        try world.write(author, "more", "and more")
        try world.handIn(author, hub)
        try world.fetch(fresh, hub)
        // Its line went on at the hub, which named only the newest: nobody here can tell whether the hub has this.
        let report = try { () -> ApplyReport in
            try fresh.have(to: world.path("have"))
            try friend.pack(for: world.path("have"), to: world.path("side"))
            return try fresh.apply(world.path("side"))
        }()
        #expect(report.outcome == .parked)
        #expect(report.waitsFor.contains { $0.contains("the hub's word") })
        #expect(try fresh.read { try String.fetchOne($0, sql: "SELECT v FROM t WHERE id = 'row'") } == "new")
        try world.sync([fresh], hub)
        #expect(try fresh.status().parked.isEmpty)
        try world.expectEqual([fresh, hub.replica], ["row", "of the twin", "more", "and more"])
        #expect(try fresh.read { try String.fetchOne($0, sql: "SELECT v FROM t WHERE id = 'row'") } == "new")
    }

    @Test func anotherProgramWithTheFileOpenSealsUnderTheNewIncarnation_EXC27() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let (a, b) = try world.twins()
        let peer = try world.device("peer")
        try world.write(b, "b1")
        try world.write(a, "a1")
        try world.carry(b, to: peer)
        let other = try world.open("a")
        try world.carry(peer, to: a)
        try world.write(other, "by the other program")
        #expect(other.origin == a.origin)
        let own = try a.changesets().filter { $0.head.origin == a.origin }
        #expect(own.map(\.head.sequence) == [1])
        try world.write(a, "and again")
        #expect(try a.changesets().filter { $0.head.origin == a.origin }.map(\.head.sequence) == [1, 2])
    }
}
