import Foundation
import GRDB
import SatchelHub
import SatchelModel
import SatchelStore
import SatchelTesting
import Testing

@testable import Satchel

/// What replaced work that nobody has any more, and that work when it comes after all (EXC-13, EXC-30, EXC-31).
@Suite final class LostWorkTests: ReviewedWorld {
    private static let plain = "CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, w TEXT);"

    /// x has replaced z's value; z's change is declared lost.
    private func lostBase() throws -> (hub: Hub, z: Replica, x: Replica, y: Replica, w: Replica) {
        let (hub, all) = try world(Self.plain, "z", "x", "y", "w")
        let (z, x, y, w) = (all[0], all[1], all[2], all[3])
        try run(x, "INSERT INTO t VALUES ('r', 'first', NULL)")
        try sync(hub, all)
        try run(z, "UPDATE t SET v = 'lost'")
        try carry(z, to: x)
        try run(x, "UPDATE t SET v = 'of x'")
        let lost = try lose(x, workOf: z)
        try up(x, hub)
        try hub.declareLost([lost.description])
        return (hub, z, x, y, w)
    }

    /// A device that is told of the loss lets go what waited for it.
    @Test func aDeviceThatIsToldOfTheLossLetsGoWhatWaitedForIt_EXC31_EXC33()
        throws
    {
        let (hub, all) = try world(Self.plain, "z", "x", "y", "w")
        let (z, x, y, w) = (all[0], all[1], all[2], all[3])
        try run(x, "INSERT INTO t VALUES ('base', 'x', NULL)")
        try sync(hub, all, rounds: 3)
        try run(x, "DELETE FROM t")
        try sync(hub, all, rounds: 3)
        try run(z, "INSERT INTO t VALUES ('z1', 'z', NULL)")
        try carry(z, to: x)
        try carry(z, to: y)
        try run(x, "INSERT INTO t VALUES ('x1', 'x', NULL)")
        try run(y, "INSERT INTO t VALUES ('y1', 'y', NULL)")
        let lost = try lose(x, workOf: z)
        _ = try lose(y, workOf: z)
        try carry(y, to: w)
        #expect(try w.status().parked.count == 1)
        try up(x, hub)
        try hub.declareLost([lost.description])
        try down(w, hub)
        #expect(try text(w, "SELECT id FROM t ORDER BY id") == "x1 y1", "parked: \(told(try w.status().parked))")
        try sync(hub, [w])
        #expect(try text(w, "SELECT id FROM t ORDER BY id") == "x1 y1")
    }

    /// A late return, and then a row is made again.
    @Test func whatWasReplacedStaysSoWhereTheRowIsMadeAgain_EXC31_MRG8() throws {
        let (hub, z, x, y, w) = try lostBase()
        try sync(hub, [x, y])
        try run(y, "UPDATE t SET w = 'of y'")
        try hub.revoke("y")
        try up(y, hub)
        try sync(hub, [z, x, w])
        #expect(try hub.conflicts().isEmpty && text(hub.replica, "SELECT v FROM t") == "of x", "control")
        try hub.release([], ofDevice: "y")
        try sync(hub, [z, x, w])
        #expect(try text(hub.replica, "SELECT w FROM t") == "of y")
        for replica in [hub.replica, z, x, w] {
            #expect(try replica.conflicts().isEmpty, "\(replica.name): \(values(try replica.conflicts()))")
            #expect(try text(replica, "SELECT v FROM t") == "of x")
        }
    }

    /// A change that was withheld when its lost cause came back is released.
    @Test
    func aReleasedChangeReplacesWhatCameMeanwhile_EXC31_REV6() throws {
        let (hub, all) = try world(Self.plain, "z", "x", "y")
        let (z, x, y) = (all[0], all[1], all[2])
        try run(x, "INSERT INTO t VALUES ('r', 'first', NULL)")
        try sync(hub, all)
        try run(z, "UPDATE t SET v = 'lost'")
        try carry(z, to: y)
        try run(y, "UPDATE t SET v = 'of y'")
        let lost = try lose(y, workOf: z)
        try up(y, hub)
        try hub.revoke("y")
        try hub.declareLost([lost.description])
        #expect(try hub.quarantine().changesets.count == 1)
        try sync(hub, [z, x])
        #expect(try text(hub.replica, "SELECT v FROM t") == "lost", "control")
        try hub.release([], ofDevice: "y")
        try sync(hub, [z, x])
        for replica in [hub.replica, z, x] {
            #expect(try text(replica, "SELECT v FROM t") == "of y", "\(replica.name): y saw z's value")
            #expect(try replica.conflicts().isEmpty, "\(replica.name): \(values(try replica.conflicts()))")
        }
    }

    /// A late return reaches a device sideways.
    @Test func aLateReturnWaitsOnADeviceForTheHub_EXC14_EXC31() throws {
        let (hub, z, x, _, w) = try lostBase()
        try sync(hub, [x, w])
        try carry(z, to: w)
        #expect(try text(w, "SELECT v FROM t") == "of x")
        #expect(
            try !w.conflicts().flatMap(\.candidates).contains { $0.values == [.text("lost")] },
            "what was replaced comes back: \(values(try w.conflicts()))")
        try sync(hub, [w, x])
        #expect(try w.digest() == hub.digest())
    }

    /// Who built on what is lost ends like the hub.
    @Test func whoBuiltOnWhatIsLostEndsLikeTheHub_EXC15_EXC31() throws {
        let (hub, _, x, y, w) = try lostBase()
        try sync(hub, [x, y, w], rounds: 3)
        #expect(try hub.digest() == y.digest() && y.digest() == w.digest())
        #expect(
            try x.digest() == hub.digest(), "x \(values(try x.conflicts())) hub \(values(try hub.conflicts()))")
    }

    /// A notice takes a ghost away that an honest change needs too.
    @Test func aNoticeTakesNoGhostThatAnHonestChangeNeeds_EXC13_REV5() throws {
        let (start, all) = try world(Self.plain, "z", "x", "q", "w")
        var hub = start
        let (z, x, q, w) = (all[0], all[1], all[2], all[3])
        try run(q, "INSERT INTO t VALUES ('r', 'first', NULL)")
        try sync(hub, all)
        try hub.backUp(to: folder + "/backup")
        try hub.revoke("x")
        try sync(hub, [w])
        try run(z, "UPDATE t SET v = 'lost'")
        try carry(z, to: x)
        try carry(z, to: q)
        try run(x, "UPDATE t SET v = 'of x'")
        try run(q, "UPDATE t SET v = 'of q'")
        let lost = try lose(x, workOf: z)
        _ = try lose(q, workOf: z)
        hub = try restoreHub(hub, from: "backup")
        try up(x, hub)
        try up(q, hub)
        try hub.declareLost([lost.description])
        #expect(try text(hub.replica, "SELECT count(*) FROM satchel_ghost") != "0")
        try sync(hub, [w], rounds: 3)
        #expect(try hub.quarantine().changesets.count == 1, "the notice came back")
        try sync(hub, [z, w, q], rounds: 3)
        for replica in [hub.replica, z, w, q] {
            #expect(try text(replica, "SELECT v FROM t") == "of q", "\(replica.name)")
            #expect(try replica.conflicts().isEmpty, "\(replica.name): \(values(try replica.conflicts()))")
        }
    }

    /// What rows handed in account for comes sideways.
    @Test func whatRowsHandedInAccountForWaitsForTheHub_EXC14_EXC30() throws {
        let (start, all) = try world(Self.plain, "z", "x", "w")
        var hub = start
        let (z, x, w) = (all[0], all[1], all[2])
        try run(x, "INSERT INTO t VALUES ('r', 'first', NULL)")
        try sync(hub, all)
        try hub.backUp(to: folder + "/backup")
        try run(z, "UPDATE t SET v = 'lost'")
        try carry(z, to: x)
        try run(x, "UPDATE t SET v = 'of x'")
        try sync(hub, [x])
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, [x, w], rounds: 3)
        #expect(try text(w, "SELECT v FROM t") == "of x" && w.conflicts().isEmpty, "control")
        try carry(z, to: w)
        #expect(try w.conflicts().isEmpty, "\(values(try w.conflicts()))")
        #expect(try text(w, "SELECT v FROM t") == "of x")
    }

    /// What was declared lost is so at a hub that is put back.
    @Test func whatWasDeclaredLostIsSoAtAHubThatIsPutBack_EXC29_EXC31() throws {
        let (start, all) = try world(Self.plain, "z", "x", "w")
        var hub = start
        let (z, x, w) = (all[0], all[1], all[2])
        try run(x, "INSERT INTO t VALUES ('r', 'first', NULL)")
        try sync(hub, all)
        try hub.backUp(to: folder + "/backup")
        try run(z, "UPDATE t SET v = 'lost'")
        try carry(z, to: x)
        try run(x, "UPDATE t SET v = 'of x'")
        let lost = try lose(x, workOf: z)
        try up(x, hub)
        try hub.declareLost([lost.description])
        try sync(hub, [x, w])
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, [x, w], rounds: 4)
        try run(x, "INSERT INTO t VALUES ('on', 'x', NULL)")
        try sync(hub, [x, w], rounds: 4)
        #expect(try hub.awaited().isEmpty, "EXC-31: said once, and every device was told")
        #expect(try text(hub.replica, "SELECT id FROM t ORDER BY id") == "on r")
        #expect(try x.status().isAllAtHub)
    }

    /// A courier brings the hub what an author has, but for one changeset, which is declared lost.
    private func giveUp(_ number: UInt64, of author: Replica, by courier: Replica, _ hub: Hub) throws {
        try carry(author, to: courier)
        let lost = try #require(
            try author.changesets().map(\.dot).first { $0.origin == author.origin && $0.sequence == number })
        try courier.withEngine { engine in
            try engine.transaction { try engine.store.forget(engine.store.dotID(lost)) }
        }
        try up(courier, hub)
        #expect(try hub.declareLost([lost.description]) == 1)
    }

    /// Given up by an operator, while the tablet that has it is only away.
    @Test func whatWasGivenUpStaysWithItsAuthorUntilTheHubHasIt_EXC20_EXC31() throws {
        let (hub, all) = try world(Self.plain, "z", "x", "w")
        let (z, x, w) = (all[0], all[1], all[2])
        try run(z, "INSERT INTO t VALUES ('first', 'z', NULL)")
        try sync(hub, all)
        try run(z, "INSERT INTO t VALUES ('only here', 'z', NULL)")
        try z.seal()
        try run(z, "INSERT INTO t VALUES ('given on', 'z', NULL)")
        try giveUp(2, of: z, by: x, hub)
        #expect(try text(hub.replica, "SELECT id FROM t ORDER BY id") == "first given on")
        // z hears of what the hub has of its line before it hands in anything.
        try down(z, hub)
        #expect(try text(z, "SELECT id FROM t ORDER BY id") == "first given on only here")
        #expect(try !z.status().isAllAtHub, "EXC-20: a later one of its chain is no receipt for what was given up")
        try sync(hub, [z, x, w])
        for replica in [hub.replica, z, x, w] {
            #expect(try text(replica, "SELECT id FROM t ORDER BY id") == "first given on only here", "\(replica.name)")
            #expect(try replica.conflicts().isEmpty)
        }
        #expect(try z.status().isAllAtHub)
        #expect(try hub.replica.withEngine { try $0.store.heads(z.origin).count } == 1, "its line is not forked")
        #expect(try hub.verify().faults.isEmpty, "what came late has its place behind what follows it")
    }

    /// The author went on with the same rows in the next changeset, which the hub has.
    @Test func whatWasGivenUpDoesNotComeBackOverWhatReplacedIt_EXC17_EXC31() throws {
        let schema = """
            -- satchel: policy t.w text
            -- satchel: policy t.n counter
            CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, w TEXT, n INTEGER NOT NULL DEFAULT 0);
            """
        let (hub, all) = try world(schema, "z", "x", "w")
        let (z, x, w) = (all[0], all[1], all[2])
        try run(z, "INSERT INTO t VALUES ('e', 'e1', 'one two', 1), ('f', 'f1', 'one two', 1)")
        try sync(hub, all)
        try run(z, "UPDATE t SET v = 'e2', w = 'one two WRONG', n = n + 1 WHERE id = 'e'; DELETE FROM t WHERE id = 'f'")
        try z.seal()
        try run(
            z,
            "UPDATE t SET v = 'e3', w = 'one two', n = n + 1 WHERE id = 'e'; INSERT INTO t VALUES ('f', 'f3', 'three', 5)"
        )
        try giveUp(2, of: z, by: x, hub)
        let shown = "SELECT group_concat(id || v || w || n, ' ') FROM (SELECT * FROM t ORDER BY id)"
        let before = try text(z, shown)
        #expect(before == "ee3one two3 ff3three5")
        try down(z, hub)
        #expect(try text(z, shown) == before && z.conflicts().isEmpty, "\(values(try z.conflicts()))")
        try sync(hub, [z, x, w])
        for replica in [hub.replica, z, x, w] {
            #expect(try text(replica, shown) == before && replica.conflicts().isEmpty, "\(replica.name)")
        }
        try expectEqual(hub, [z, x, w])
        #expect(try hub.verify().faults.isEmpty && z.status().isAllAtHub)
    }
}
