import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelTesting
import Testing

/// Tombstones: they go when everybody knows, and an old device that comes back neither revives nor loses anything.
@Suite struct CleanUpTests {
    // MARK: When they go

    @Test func aDeadRowStaysUntilEveryLiveDeviceHasClaimedItsPosition_EXC23() throws {
        let world = try CleanUpWorld(["a", "b", "c"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        try world.sync(["a", "b", "c", "a", "b", "c"])
        try world.sql("a", "DELETE FROM parent")
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.clean().dropped == 0, "c does not know of the death")
        #expect(try world.clean().waitsFor.map(\.name) == ["c"])
        try world.sync(["c"])
        #expect(try world.clean().dropped == 0, "c was told, and has not said that it was")
        try world.sync(["c"])
        #expect(try world.clean().dropped == 1)
        #expect(try world.dead("hub") == 0)
        try world.sync(["c", "a", "b"])
        for name in ["a", "b", "c"] {
            #expect(try world.dead(name) == 0, "EXC-24: \(name) is told with the next reply")
        }
        try world.expectEqual()
    }

    @Test func aDeviceThatWasGivenUpHoldsUpNothingUntilItComesAgain_EXC23() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("a", "DELETE FROM parent WHERE id = 'p'")
        try world.sync(["a", "a"])
        #expect(try world.clean().dropped == 0)
        try world.hub.retire("b")
        #expect(try world.clean().dropped == 1)
        try world.sync(["b", "b"])
        #expect(try world.hub.devices().first { $0.name == "b" }?.retired == nil, "it is live again")
        try world.expectEqual()
        try world.sql("a", "DELETE FROM parent WHERE id = 'q'")
        try world.sync(["a", "a"])
        #expect(try world.clean().dropped == 0, "and is waited for again")
        #expect(throws: UsageError.self) { try world.hub.retire("nobody") }
    }

    @Test func aDeviceThatNeverCameHoldsUpNothing_EXC23() throws {
        let world = try CleanUpWorld(["a", "new"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        try world.sync(["a"])
        try world.sql("a", "DELETE FROM parent")
        try world.sync(["a", "a"])
        #expect(try world.clean().dropped == 1)
        try world.sync(["new"])
        try world.expectEqual()
    }

    @Test func aDeadRowLiesInTheRecycleBinForItsDays_EXC23() throws {
        let world = try CleanUpWorld(["a"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        try world.sync(["a"])
        try world.sql("a", "DELETE FROM parent")
        try world.sync(["a", "a"])
        world.clock.advance(days: 29)
        #expect(try world.hub.cleanUp().dropped == 0)
        #expect(try world.hub.cleanUp().keepDays == 30)
        world.clock.advance(days: 2)
        #expect(try world.hub.cleanUp().dropped == 1)
    }

    @Test func childrenGoBeforeParentsAndADeadCycleAsOne_EXC23() throws {
        let world = try CleanUpWorld(["a"])
        try world.sql("a", "INSERT INTO parent VALUES ('x', 'n', NULL), ('y', 'n', 'x'), ('z', 'n', NULL)")
        try world.sql("a", "UPDATE parent SET above = 'y' WHERE id = 'x'; INSERT INTO child VALUES ('c', 'z', 1)")
        try world.sync(["a"])
        try world.sql("a", "DELETE FROM child; DELETE FROM parent")
        try world.sync(["a", "a"])
        #expect(try world.dead("hub") == 4)
        #expect(try world.clean().dropped == 4)
    }

    @Test func aDeadParentStaysWhileAnyCandidateNamesIt_EXC23() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL), ('r', 'n', NULL)")
        try world.sql("a", "INSERT INTO child VALUES ('c', 'p', 1)")
        try world.sync(["a", "b"])
        // Two people move the child; one of the places is hidden, and there the parent is deleted.
        try world.sql("a", "UPDATE child SET parent = 'q'")
        try world.sync(["a"])
        world.clock.advance(days: 1)
        try world.sql("b", "UPDATE child SET parent = 'r'")
        try world.sync(["b", "a"])
        let shown = try world.value("a", "SELECT parent FROM child")
        let hidden = shown == "q" ? "r" : "q"
        try world.sql("a", "DELETE FROM parent WHERE id IN ('p', '\(hidden)')")
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.dead("hub") == 2)
        #expect(try world.clean().dropped == 1, "p is named by nobody; \(hidden) by a hidden candidate")
        #expect(try world.dead("hub") == 1)
        let conflict = try #require(world.replica("a").conflicts().first)
        try world.replica("a").resolve(conflict.id, keep: conflict.candidates.first?.isShown == true ? 2 : 1)
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.value("b", "SELECT parent FROM child") == hidden, "its parent is there, and comes back")
        try world.expectEqual()
    }

    @Test func mergingCleansUpByItselfOnceAnHour_EXC23() throws {
        let world = try CleanUpWorld(["a"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        try world.sync(["a"])
        try world.sql("a", "DELETE FROM parent")
        try world.sync(["a", "a"])
        #expect(try world.dead("hub") == 1)
        world.clock.advance(days: 31)
        try world.sync(["a"])
        #expect(try world.dead("hub") == 0)
    }

    // MARK: Who comes back

    @Test func aLateEditFindsTheDroppedRowAndItsDroppedParents_EXC25_EXC26() throws {
        let world = try CleanUpWorld(["a", "old"])
        try world.sql("a", "INSERT INTO parent VALUES ('top', 't', NULL), ('p', 'n', 'top')")
        try world.sql("a", "INSERT INTO child VALUES ('c', 'p', 1), ('d', 'p', 1)")
        try world.sync(["a", "old", "a", "old"])
        try world.sql("old", "UPDATE child SET amount = 2 WHERE id = 'c'")
        try world.sql("a", "DELETE FROM child; DELETE FROM parent WHERE id = 'p'; DELETE FROM parent")
        try world.sync(["a", "a"])
        try world.hub.retire("old")
        #expect(try world.clean().dropped == 4)
        try world.sync(["old", "a"])
        try world.expectEqual()
        let children = try world.value("a", "SELECT group_concat(id) FROM (SELECT id FROM child ORDER BY id)")
        #expect(children == "c,d", "the edit keeps c, which needs p, and d fell with p")
        #expect(try world.value("a", "SELECT amount FROM child") == "2.0")
        #expect(try world.value("a", "SELECT group_concat(id) FROM (SELECT id FROM parent ORDER BY id)") == "p,top")
        #expect(try world.replica("a").conflicts().map(\.kind.name).sorted() == ["deleted", "inUse", "inUse"])
    }

    @Test func anOldDeviceThatWroteNothingRevivesNothing_EXC25() throws {
        let world = try CleanUpWorld(["a", "old"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL)")
        try world.sync(["a", "old", "a", "old"])
        try world.sql("a", "DELETE FROM parent WHERE id = 'p'")
        try world.sync(["a", "a"])
        try world.hub.retire("old")
        try world.clean()
        try world.sql("old", "UPDATE parent SET name = 'm' WHERE id = 'q'")
        try world.sync(["old", "a"])
        try world.expectEqual()
        #expect(try world.value("old", "SELECT group_concat(id || name) FROM parent") == "qm")
        #expect(try world.replica("a").conflicts().isEmpty)
    }

    @Test func aRequestIsJudgedByThePositionItClaims_EXC25() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.backUp("b")
        try world.sql("a", "DELETE FROM parent")
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.clean().dropped == 1, "b had claimed it")
        try world.restore("b")
        try world.sync(["b"])
        #expect(try world.value("b", "SELECT count(*) FROM parent") == "0", "what it claims now is below the horizon")
        try world.expectEqual()
    }

    @Test func aRowEnteredAnewByWhoKnewOfTheDropIsALifeOfItsOwn_EXC26() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'old', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("a", "DELETE FROM parent")
        try world.sync(["a", "b", "a", "b"])
        try world.clean()
        try world.sql("b", "INSERT INTO parent VALUES ('q', 'n', NULL)")
        try world.sync(["b", "a"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'new', NULL)")
        try world.sync(["a", "b"])
        #expect(try world.replica("b").conflicts().isEmpty, "nobody is asked about a deletion that all had seen")
        #expect(try world.value("b", "SELECT name FROM parent WHERE id = 'p'") == "new")
        try world.expectEqual()
    }

    @Test func aLateChangeFindsAllLivesOfARow_EXC26() throws {
        let world = try CleanUpWorld(["a", "old"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'first', NULL)")
        try world.sync(["a", "old", "a", "old"])
        try world.sql("old", "UPDATE parent SET name = 'late'")
        try world.sql("a", "DELETE FROM parent")
        try world.sync(["a", "a"])
        try world.hub.retire("old")
        try world.clean()
        try world.sql("a", "INSERT INTO parent VALUES ('q', 'n', NULL)")
        try world.sync(["a", "a"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'second', NULL)")
        try world.sync(["a"])
        try world.sync(["old", "a"])
        let values = try world.replica("a").conflicts().first { $0.kind == .values }?.candidates.map(\.values)
        #expect(values == [[.text("late")], [.text("second")]], "neither life is lost")
        try world.expectEqual()
    }

    @Test func whatIsStillOnItsWayKeepsWhatItNames_EXC24() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("a", "DELETE FROM parent WHERE id = 'p'")
        try world.sync(["a", "b", "a", "b"])
        try world.clean()
        // b still has p dead, and gives it a child; the reply that says p is dropped comes first.
        try world.sql("b", "INSERT INTO child VALUES ('c', 'p', 1)")
        try world.replica("b").seal()
        try world.sql("a", "UPDATE parent SET name = 'm' WHERE id = 'q'")
        try world.sync(["a"])
        try world.hub.pack(for: "b", to: world["down"])
        try world.replica("b").apply(world["down"])
        #expect(try world.value("b", "SELECT count(*) FROM child") == "1", "what was entered stays in sight")
        try world.sync(["b", "a"])
        #expect(try world.value("a", "SELECT group_concat(id) FROM child") == "c")
        #expect(try world.value("a", "SELECT name FROM parent WHERE id = 'p'") == "n")
        try world.expectEqual()
    }

    @Test func aSnapshotLeavesUnsentWorkInSight_EXC25() throws {
        let world = try CleanUpWorld(["a", "old"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        try world.sql("a", "INSERT INTO child VALUES ('c', 'p', 1)")
        try world.sync(["a", "old", "a", "old"])
        try world.sql("a", "DELETE FROM child; DELETE FROM parent")
        try world.sync(["a", "a"])
        try world.hub.retire("old")
        try world.clean()
        try world.sql("old", "UPDATE child SET amount = 7")
        try world.replica("old").seal()
        try world.hub.pack(for: "old", to: world["down"])
        try world.replica("old").apply(world["down"])
        #expect(try world.value("old", "SELECT amount FROM child") == "7.0", "with the parent that it names")
        try world.sync(["old", "a"])
        #expect(try world.value("a", "SELECT amount FROM child") == "7.0")
        try world.expectEqual()
    }

    @Test func whatComesSidewaysFromBelowTheHorizonIsLeftToTheHub_EXC24() throws {
        let world = try CleanUpWorld(["a", "old"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        try world.sync(["a", "old", "a", "old"])
        try world.sql("old", "UPDATE parent SET name = 'late'")
        try world.sql("a", "DELETE FROM parent")
        try world.sync(["a", "a"])
        try world.hub.retire("old")
        try world.clean()
        try world.sql("a", "INSERT INTO parent VALUES ('q', 'n', NULL)")
        try world.sync(["a"])
        let report = try world.carry("old", to: "a")
        #expect(report.outcome == .parked)
        #expect(report.waitsFor == ["the hub, which knows rows that are forgotten here: sync with the hub"])
        try world.sync(["a"])
        #expect(try world.replica("a").status().parked.isEmpty)
        #expect(try world.value("a", "SELECT name FROM parent WHERE id = 'p'") == "late")
        try world.expectEqual(["a"])
    }

    /// Of two records that want one place the elder goes with the snapshot, and the younger stays, since a record that is pending
    /// names one that would rather name it.
    @Test func whatStaysForPendingWorkIsJudgedWithoutWhatWent_EXC17_EXC25_MRG22() throws {
        let world = try CleanUpWorld(
            ["a", "old"],
            schema: """
                -- satchel: reference place (up) setNull
                CREATE TABLE place(id TEXT PRIMARY KEY, spot INTEGER UNIQUE, up TEXT REFERENCES place(id));
                CREATE TABLE call(id TEXT PRIMARY KEY, place TEXT NOT NULL REFERENCES place(id));
                """)
        let shown = "SELECT group_concat(id || ':' || ifnull(up, '-')) FROM (SELECT * FROM place ORDER BY id)"
        try world.sql("a", "INSERT INTO place VALUES ('e', 1, NULL)")
        try world.replica("a").seal()
        world.clock.advance(by: 1000)
        try world.sql("old", "INSERT INTO place VALUES ('z', 1, NULL), ('y', 2, 'z')")
        try world.sync(["a", "old", "a", "old"])
        #expect(try world.value("old", shown) == "e:-,y:-")
        try world.sql("a", "DELETE FROM place WHERE id = 'e'")
        try world.sync(["a"])
        try world.sql("a", "DELETE FROM place")
        try world.sync(["a", "a"])
        try world.hub.retire("old")
        try world.clean()
        try world.sql("old", "INSERT INTO call VALUES ('c', 'y')")
        try world.replica("old").seal()
        try world.hub.pack(for: "old", to: world["down"])
        try world.replica("old").apply(world["down"])
        #expect(try world.value("old", "SELECT group_concat(id) FROM call") == "c")
        #expect(try world.value("old", shown) == "y:z,z:-")
        try world.sync(["old", "a"])
        try world.expectEqual()
    }
}
