import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelTesting
import SatchelWire
import Testing

/// A person's right to be forgotten: whatever road the data took, and whatever brings it back.
@Suite struct ErasureTests {
    private static let canary = "王小明的病历"

    private func key(_ id: String) -> RowKey { RowKey([.text(id)]) }

    // MARK: What goes

    @Test func aWholeRowGoesFromEveryPlaceHereAndEverywhere_ERA1_ERA2_ERA4_ERA7() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('\(Self.canary)1', 'n', NULL), ('q', 'other', NULL)")
        try world.sync(["a", "b", "a", "b"])
        // A conflict, a history, a dead row in the archive: all with the person in them.
        try world.sql("a", "UPDATE parent SET name = '\(Self.canary)a' WHERE id LIKE '\(Self.canary)%'")
        try world.sql("b", "UPDATE parent SET name = '\(Self.canary)b' WHERE id LIKE '\(Self.canary)%'")
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.replica("a").conflicts().count == 1)
        let names = ["hub", "a", "b"]
        for name in names { #expect(try world.holds(Self.canary, name), "\(name) had it") }
        let report = try world.hub.erase(table: "parent", key: key(Self.canary + "1"))
        #expect(report.rows == ["parent": 1] && report.changesets == 3)
        #expect(try !world.holds(Self.canary, "hub"), "at the hub at once")
        try world.sync(["a", "b", "a", "b"])
        for name in names { #expect(try !world.holds(Self.canary, name), "\(name) still has it") }
        #expect(try !world.holdsBundle(Self.canary, world["replies/a.satchel"]))
        try world.expectEqual()
        #expect(
            try world.value("b", "SELECT group_concat(id || name) FROM parent") == "qother", "and nothing else went")
        #expect(try world.replica("a").conflicts().isEmpty)
        #expect(try world.hub.replica.history(table: "parent", key: key(Self.canary + "1")).isEmpty)
        #expect(
            try world.hub.replica.history(table: "parent", key: key("q")).count == 2, "q came in the same changeset")
        let verified = try world.hub.verify()
        #expect(verified.faults.isEmpty && verified.redacted == 3, "ERA-4: the chain holds, and says so")
    }

    @Test func deadAndArchivedRowsAreErasedToo_ERA2() throws {
        let world = try CleanUpWorld(["a"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', '\(Self.canary)', NULL), ('d', '\(Self.canary)', NULL)")
        try world.sync(["a"])
        try world.sql("a", "DELETE FROM parent WHERE id = 'p'")
        try world.sync(["a", "a"])
        #expect(try world.clean().dropped == 1)
        try world.sql("a", "DELETE FROM parent WHERE id = 'd'")
        try world.sync(["a", "a"])
        #expect(try world.holds(Self.canary, "hub"))
        for id in ["p", "d"] { #expect(try world.hub.erase(table: "parent", key: key(id)).rows == ["parent": 1]) }
        #expect(try !world.holds(Self.canary, "hub"))
        #expect(throws: UsageError.self) { try world.hub.erase(table: "parent", key: key("p")) }
        #expect(throws: UsageError.self) { try world.hub.erase(table: "parent", key: key("nobody")) }
        #expect(throws: UsageError.self) { try world.hub.erase(table: "nothing", key: key("p")) }
        #expect(try world.hub.erasures().count == 2, "an order that could not be meant leaves nothing behind")
    }

    @Test func columnsAreErasedAndTheRowStays_ERA2() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', '\(Self.canary)', NULL)")
        try world.sql("a", "INSERT INTO child VALUES ('c', 'p', 1)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("a", "UPDATE parent SET name = '\(Self.canary)2'")
        try world.sql("b", "UPDATE parent SET name = '\(Self.canary)3'")
        try world.sync(["a", "b", "a", "b"])
        try world.hub.erase(table: "parent", key: key("p"), columns: ["name"])
        try world.sync(["a", "b", "a", "b"])
        for name in ["hub", "a", "b"] {
            #expect(try !world.holds(Self.canary, name))
            #expect(try world.value(name, "SELECT id || '|' || name FROM parent") == "p|")
            #expect(try world.value(name, "SELECT parent FROM child") == "p")
        }
        #expect(try world.replica("a").conflicts().isEmpty, "equal blanks are no conflict")
        try world.expectEqual()
        #expect(throws: UsageError.self) { try world.hub.erase(table: "parent", key: key("p"), columns: ["id"]) }
        #expect(throws: UsageError.self) { try world.hub.erase(table: "parent", key: key("p"), columns: ["x"]) }
    }

    @Test func aTableThatDoesNotTakeTheBlankIsSaidSoAndNothingHappens_ERA2() throws {
        let world = try CleanUpWorld(
            ["a"], schema: "CREATE TABLE t(id TEXT PRIMARY KEY, name TEXT NOT NULL CHECK (length(name) > 0));")
        try world.sql("a", "INSERT INTO t VALUES ('p', '\(Self.canary)')")
        try world.sync(["a"])
        #expect(throws: UsageError.self) { try world.hub.erase(table: "t", key: key("p"), columns: ["name"]) }
        #expect(try world.value("hub", "SELECT name FROM t") == Self.canary)
        #expect(try world.hub.erasures().isEmpty)
    }

    @Test func rowsThatReferToItGoWithItOrItIsRefused_ERA1() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', 'p'), ('r', 'n', NULL)")
        try world.sql("a", "INSERT INTO child VALUES ('c', 'q', 1), ('d', 'r', 2)")
        try world.sync(["a", "b", "a", "b"])
        #expect(throws: UsageError.self) { try world.hub.erase(table: "parent", key: key("p")) }
        let report = try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        #expect(report.rows == ["child": 1, "parent": 2])
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.value("b", "SELECT group_concat(id) FROM parent") == "r")
        #expect(try world.value("b", "SELECT group_concat(id) FROM child") == "d")
        try world.expectEqual()
    }

    @Test func aDuplicateThatWasMergedIntoItGoesWithIt_ERA1() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', '\(Self.canary)', NULL)")
        try world.sql("a", "INSERT INTO child VALUES ('c', 'q', 1)")
        try world.sync(["a", "b", "a", "b"])
        try world.replica("b").merge(key("q"), into: key("p"), in: "parent")
        try world.sync(["b", "a", "b"])
        #expect(throws: UsageError.self) { try world.hub.erase(table: "parent", key: key("p")) }
        let report = try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        #expect(report.rows == ["child": 1, "parent": 2])
        try world.sync(["a", "b", "a", "b"])
        for name in ["hub", "a", "b"] {
            #expect(try !world.holds(Self.canary, name))
            #expect(try world.value(name, "SELECT count(*) FROM parent") == "0")
            #expect(try world.dead(name) == 0)
        }
        try world.expectEqual()
    }

    // MARK: What comes back

    @Test func anEditMadeWithoutKnowledgeOfTheOrderIsErasedToo_ERA5() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("b", "UPDATE parent SET name = '\(Self.canary)' WHERE id = 'p'")
        try world.sql("b", "UPDATE parent SET name = 'kept' WHERE id = 'q'")
        try world.replica("b").seal()
        try world.hub.erase(table: "parent", key: key("p"))
        try world.sync(["b", "a", "b", "a"])
        for name in ["hub", "a", "b"] {
            #expect(try !world.holds(Self.canary, name))
            #expect(try world.value(name, "SELECT group_concat(id || name) FROM parent") == "qkept", "\(name)")
        }
        try world.expectEqual()
    }

    @Test func workThatIsStillOnItsWayIsRedactedByItsAuthor_ERA4_ERA5() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("b", "UPDATE parent SET name = '\(Self.canary)' WHERE id = 'p'")
        try world.sql("b", "UPDATE parent SET name = 'kept' WHERE id = 'q'")
        try world.replica("b").seal()
        try world.hub.erase(table: "parent", key: key("p"))
        try world.hub.pack(for: "b", to: world["down"])
        try world.replica("b").apply(world["down"])
        #expect(try !world.holds(Self.canary, "b"))
        #expect(try world.value("b", "SELECT group_concat(id || name) FROM parent") == "qkept")
        try world.replica("b").pack(to: world["up"])
        #expect(try !world.holdsBundle(Self.canary, world["up"]), "nor is it in later bundles")
        let inspection = try BundleInspection(contentsOf: world["up"], anchor: TrustAnchor(world.replica("a")))
        #expect(inspection.changesets == 1 && inspection.redactedChangesets == 1)
        try world.sync(["b", "a"])
        #expect(try world.value("a", "SELECT group_concat(id || name) FROM parent") == "qkept")
        try world.expectEqual()
        #expect(try world.hub.verify().faults.isEmpty)
    }

    @Test func whoEntersTheRowAnewAfterTheOrderMayDoSo_ERA5() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', '\(Self.canary)', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.hub.erase(table: "parent", key: key("p"))
        try world.sync(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'anew', NULL)")
        try world.sync(["a", "b", "a", "b"])
        for name in ["hub", "a", "b"] { #expect(try world.value(name, "SELECT name FROM parent") == "anew") }
        #expect(try world.replica("b").conflicts().isEmpty)
        try world.expectEqual()
    }

    @Test func aLateChildOfAnErasedRowGoesToo_ERA6() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("b", "INSERT INTO child VALUES ('\(Self.canary)', 'p', 1)")
        try world.replica("b").seal()
        try world.sql("b", "UPDATE child SET amount = 2")
        try world.replica("b").seal()
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        try world.sync(["b", "a", "b", "a"])
        for name in ["hub", "a", "b"] {
            #expect(try world.value(name, "SELECT count(*) FROM child") == "0")
            #expect(try !world.holds(Self.canary, name))
        }
        #expect(try world.hub.erasures().count == 2, "an order of its own, since later edits name the child alone")
        try world.expectEqual()
    }

    @Test func whatIsWithheldOfARevokedDeviceIsErasedWithWhatItNames_ERA1_REV2() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("b", "INSERT INTO child VALUES ('\(Self.canary)', 'p', 1)")
        try world.replica("b").pack(to: world["up"])
        _ = try world.hub.revoke("b")
        _ = try world.hub.merge([world["up"]])
        #expect(try world.hub.quarantine().changesets.count == 1 && world.holds(Self.canary, "hub"))
        #expect(throws: UsageError.self, "it may count one day, so it counts as a row that refers to it") {
            try world.hub.erase(table: "parent", key: self.key("p"))
        }
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        #expect(try !world.holds(Self.canary, "hub"))
        try world.hub.release([], ofDevice: "b")
        try world.sync(["a", "a"])
        for name in ["hub", "a"] {
            #expect(try world.value(name, "SELECT count(*) FROM child") == "0")
            #expect(try !world.holds(Self.canary, name))
            #expect(try world.replica(name).setAside().isEmpty)
        }
    }

    @Test func aLateChildGoesTooOfWhichAUnitWasErasedBefore_ERA6() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("b", "UPDATE parent SET above = 'p' WHERE id = 'q'")
        try world.replica("b").seal()
        try world.hub.erase(table: "parent", key: key("q"), columns: ["name"])
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        try world.sync(["b", "a", "b", "a"])
        for name in ["hub", "a", "b"] { #expect(try world.value(name, "SELECT count(*) FROM parent") == "0") }
        #expect(try world.hub.replica.history(table: "parent", key: key("q")).isEmpty)
        #expect(try world.hub.erasures().count == 3)
        try world.expectEqual()
    }

    @Test func aChildThatWasMovedBeforeStaysThoughItsOldBundleComesAgain_ERA6() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL)")
        try world.sql("a", "INSERT INTO child VALUES ('c', 'p', 1)")
        try world.replica("a").pack(to: world["old"])
        try world.sync(["a", "b"])
        try world.sql("a", "UPDATE child SET parent = 'q'")
        try world.sync(["a", "b", "a", "b"])
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        try world.hub.merge([world["old"]])
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.value("hub", "SELECT group_concat(id || parent) FROM child") == "cq")
        try world.expectEqual()
    }

    @Test func anOldBundleBringsNothingBack_ERA5() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', '\(Self.canary)', NULL)")
        try world.replica("a").pack(to: world["old"])
        try world.sync(["a", "b", "a", "b"])
        try world.hub.erase(table: "parent", key: key("p"))
        try world.sync(["a", "b", "a", "b"])
        try world.hub.merge([world["old"]])
        try world.replica("b").apply(world["old"])
        for name in ["hub", "a", "b"] { #expect(try !world.holds(Self.canary, name)) }
        try world.sync(["a", "b"])
        try world.expectEqual()
    }

    @Test func aDeviceRestoredFromABackupErasesAgain_ERA8() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("b", "INSERT INTO parent VALUES ('p', '\(Self.canary)', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.backUp("b")
        try world.hub.erase(table: "parent", key: key("p"))
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.hub.erasures()[0].missing.isEmpty)
        try world.restore("b")
        #expect(try world.holds(Self.canary, "b"))
        try world.replica("b").pack(to: world["up"])
        try world.hub.merge([world["up"]], replies: world["replies"])
        #expect(try world.hub.erasures()[0].missing.map(\.name) == ["b"], "what it says now counts")
        try world.replica("b").apply(world["replies/b.satchel"])
        #expect(try !world.holds(Self.canary, "b"))
        try world.sync(["b"])
        #expect(try world.hub.erasures()[0].missing.isEmpty)
        try world.expectEqual()
    }

    @Test func aHubThatWasRestoredGetsTheOrderBackFromTheDevices_ERA9() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', '\(Self.canary)', NULL), ('q', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.backUpHub()
        try world.hub.erase(table: "parent", key: key("p"))
        try world.sync(["a", "b", "a", "b"])
        try world.restoreHub()
        #expect(try world.holds(Self.canary, "hub") && world.hub.erasures().isEmpty)
        for _ in 0..<2 {
            try world.replica("a").pack(to: world["up"])
            try world.hub.merge([world["up"]], replies: world["replies"])
            _ = try world.replica("a").apply(world["replies/a.satchel"])
        }
        #expect(try world.hub.erasures().count == 1)
        #expect(try !world.holds(Self.canary, "hub"))
        #expect(try world.value("hub", "SELECT group_concat(id) FROM parent") == "q")
    }

    // MARK: Receipts

    @Test func theHubListsWhoHasConfirmedAndWhoIsMissing_ERA8() throws {
        let world = try CleanUpWorld(["a", "b", "c"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', '\(Self.canary)', NULL)")
        try world.sync(["a", "b", "c", "a", "b", "c"])
        world.clock.advance(days: 1)
        let report = try world.hub.erase(table: "parent", key: key("p"))
        try world.sync(["a"])
        #expect(try world.hub.erasures()[0].confirmed.isEmpty, "told is not done")
        try world.sync(["a", "b"])
        let status = try #require(try world.hub.erasures().first)
        #expect(status.id == report.id && status.confirmed == ["a"] && status.missing.map(\.name) == ["b", "c"])
        try world.sync(["b", "c", "c"])
        #expect(try world.hub.erasures()[0].missing.isEmpty)
    }

    @Test func whoStillCarriesItForAnotherDoesNotConfirm_ERA8() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("a", "UPDATE parent SET name = '\(Self.canary)'")
        try world.carry("a", to: "b")
        try world.hub.erase(table: "parent", key: key("p"))
        try world.hub.pack(for: "b", to: world["down"])
        try world.replica("b").apply(world["down"])
        #expect(try world.value("b", "SELECT count(*) FROM parent") == "0", "nobody sees it")
        try world.replica("b").pack(to: world["up"])
        try world.hub.merge([world["up"]], replies: world["replies"])
        #expect(try world.hub.erasures()[0].missing.map(\.name) == ["a", "b"], "b carried a's work, whole")
        try world.replica("b").apply(world["replies/b.satchel"])
        try world.sync(["b"])
        #expect(try world.hub.erasures()[0].missing.map(\.name) == ["a"])
        for name in ["hub", "b"] { #expect(try !world.holds(Self.canary, name)) }
        try world.sync(["a", "a"])
        #expect(try world.hub.erasures()[0].missing.isEmpty)
        try world.expectEqual()
    }

    @Test func quarantineHoldsNothingOfItEither_ERA2() throws {
        let world = try CleanUpWorld(["a"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', '\(Self.canary)', NULL)")
        try world.replica("a").pack(to: world["up"])
        try world.sync(["a"])
        let folder = world["hub"] + "/quarantine"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: world["up"], toPath: folder + "/a-1.satchel")
        try Data("no bundle".utf8).write(to: URL(fileURLWithPath: folder + "/b.satchel"))
        let report = try world.hub.erase(table: "parent", key: key("p"))
        #expect(report.quarantineRemoved == ["a-1.satchel"] && report.quarantineUnread == ["b.satchel"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["b.satchel"])
    }
}
