import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelStore
import SatchelTesting
import Testing

/// Orders that follow from others: what the hub meets, or learns to read, after somebody was erased.
@Suite struct ErasureFollowingTests {
    private static let canary = "王小明的病历"
    private static let first = """
        -- satchel: version 1
        CREATE TABLE parent(id TEXT PRIMARY KEY, name TEXT);
        CREATE TABLE child(id TEXT PRIMARY KEY, parent TEXT REFERENCES parent(id), name TEXT);
        """
    private static let second = """
        -- satchel: version 2
        CREATE TABLE parent(id TEXT PRIMARY KEY, name TEXT);
        CREATE TABLE child(
          id TEXT PRIMARY KEY, parent TEXT REFERENCES parent(id), name TEXT, friend TEXT REFERENCES parent(id));
        CREATE TABLE note(id TEXT PRIMARY KEY, parent TEXT NOT NULL REFERENCES parent(id), body TEXT);
        CREATE TABLE remark(id TEXT PRIMARY KEY, note TEXT REFERENCES note(id), body TEXT);
        """
    private static let third = """
        -- satchel: version 3
        -- satchel: dropped child.friend
        -- satchel: dropped note
        -- satchel: dropped remark
        CREATE TABLE parent(id TEXT PRIMARY KEY, name TEXT);
        CREATE TABLE child(id TEXT PRIMARY KEY, parent TEXT REFERENCES parent(id), name TEXT);
        """

    private func key(_ id: String) -> RowKey { RowKey([.text(id)]) }

    private func expectGone(_ world: CleanUpWorld) throws {
        for name in ["hub"] + world.devices { #expect(try !world.holds(Self.canary, name), "\(name) still has it") }
    }

    /// People p and q, of whom a, on the second version, has written what the hub, on the first, does not know.
    private func fleet() throws -> CleanUpWorld {
        let world = try CleanUpWorld(["a", "b"], schema: Self.first)
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n'), ('q', 'n')")
        try world.sync(["a", "b", "a", "b"])
        try world.replica("a").migrate(to: Self.second)
        try world.sql("a", "INSERT INTO note VALUES ('\(Self.canary)', 'p', 'x'), ('of q', 'q', 'y')")
        try world.sql("a", "INSERT INTO remark VALUES ('r', '\(Self.canary)', '\(Self.canary)'), ('s', 'of q', 'z')")
        try world.sql("a", "INSERT INTO child VALUES ('c', NULL, '\(Self.canary)', 'p'), ('d', NULL, 'n', 'q')")
        try world.sync(["a", "b", "a", "b"])
        return world
    }

    // MARK: What the hub learns later

    @Test func whatTheHubLearnsToReadLaterIsErasedThen_ERA11() throws {
        let world = try fleet()
        try world.replica("a").pack(to: world["old"])
        let report = try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        #expect(report.rows == ["parent": 1] && report.unknownTables == ["note", "remark"])
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.holds(Self.canary, "hub"), "nobody could tell that it is about p")
        let steps = try world.hub.replica.migrate(to: Self.second).steps.filter { $0.hasPrefix("erased") }
        #expect(steps.count == 3 && steps.contains { $0.hasPrefix("erased 1 rows of remark,") }, "\(steps)")
        #expect(try !world.holds(Self.canary, "hub"), "at the hub at once")
        #expect(try world.hub.erasures().count == 2, "one order follows from the first")
        try world.sync(["a", "b", "a", "b"])
        try world.replica("b").migrate(to: Self.second)
        try expectGone(world)
        try world.expectEqual()
        #expect(try world.hub.erasures().allSatisfy(\.missing.isEmpty))
        for name in ["hub", "a", "b"] {
            let left =
                "SELECT group_concat(id) FROM (SELECT id FROM note UNION SELECT id FROM remark UNION SELECT id FROM child ORDER BY 1)"
            #expect(try world.value(name, left) == "d,of q,s", "and nothing else went")
        }
        // What comes late meets the order.
        try world.hub.merge([world["old"]])
        try world.sync(["b", "a", "b"])
        try expectGone(world)
        #expect(try world.hub.verify().faults.isEmpty)
    }

    @Test func whoEntersSomebodyAnewKeepsWhatRefersToThem_ERA11() throws {
        let world = try fleet()
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        try world.sync(["a", "b", "a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'anew')")
        try world.sql("a", "INSERT INTO note VALUES ('anew', 'p', 'x')")
        try world.sync(["a", "b", "a", "b"])
        try world.hub.replica.migrate(to: Self.second)
        try world.sync(["a", "b", "a", "b"])
        try world.replica("b").migrate(to: Self.second)
        for name in ["hub", "a", "b"] {
            #expect(
                try world.value(name, "SELECT group_concat(id) FROM (SELECT id FROM note ORDER BY id)") == "anew,of q")
            #expect(try world.value(name, "SELECT name FROM parent WHERE id = 'p'") == "anew")
        }
        try expectGone(world)
        try world.expectEqual()
    }

    @Test func anOrderWithoutThoseWhoReferIsNotFollowed_ERA11() throws {
        let world = try fleet()
        try world.hub.erase(table: "parent", key: key("p"))
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.hub.replica.migrate(to: Self.second).steps.allSatisfy { !$0.hasPrefix("erased") })
        #expect(try world.holds(Self.canary, "hub") && world.hub.erasures().count == 1)
        // It can be said once more.
        let report = try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        #expect(report.rows == ["child": 1, "note": 1, "remark": 1])
        try world.sync(["a", "b", "a", "b"])
        try expectGone(world)
    }

    @Test func aReferenceThatIsDeclaredLaterIsFollowedBeforeItHolds_ERA11_VER8() throws {
        let plain = """
            -- satchel: version 1
            CREATE TABLE parent(id TEXT PRIMARY KEY, name TEXT);
            CREATE TABLE note(id TEXT PRIMARY KEY, parent TEXT, body TEXT);
            """
        let declared = plain.replacingOccurrences(of: "version 1", with: "version 2")
            .replacingOccurrences(of: "parent TEXT,", with: "parent TEXT REFERENCES parent(id),")
        let world = try CleanUpWorld(["a", "b"], schema: plain)
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n'), ('q', 'n')")
        try world.sql("a", "INSERT INTO note VALUES ('n1', 'p', '\(Self.canary)'), ('n2', 'q', 'y')")
        try world.sync(["a", "b", "a", "b"])
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        try world.sync(["a", "b", "a", "b"])
        let orders = try world.hub.erasures().count
        #expect(throws: SchemaError.self) {
            try world.hub.replica.migrate(
                to: declared.replacingOccurrences(of: "body TEXT", with: "body TEXT, more TEXT NOT NULL"))
        }
        #expect(try world.hub.erasures().count == orders, "what is not migrated is not looked at")
        try world.hub.replica.migrate(to: declared)
        try world.sync(["a", "b", "a", "b"])
        for name in ["a", "b"] { try world.replica(name).migrate(to: declared) }
        try expectGone(world)
        try world.expectEqual()
        #expect(try world.value("b", "SELECT group_concat(id) FROM note") == "n2")
    }

    // MARK: What the hub knew once

    @Test func aTableAndAColumnThatWereDroppedAreRemembered_ERA1_ERA6_ERA11() throws {
        let world = try fleet()
        try world.hub.replica.migrate(to: Self.second)
        try world.sync(["a", "b", "a", "b"])
        try world.replica("b").migrate(to: Self.second)
        try world.hub.replica.migrate(to: Self.third)
        try world.sync(["a", "b", "a", "b"])
        // b has not heard of the order.
        try world.sql("b", "INSERT INTO note VALUES ('late', 'p', '\(Self.canary)2')")
        try world.replica("b").seal()
        #expect(throws: UsageError.self) { try world.hub.erase(table: "parent", key: key("p")) }
        let report = try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        #expect(report.rows == ["parent": 1, "child": 1, "note": 1, "remark": 1])
        #expect(report.unknownTables.isEmpty, "they were looked at")
        try world.sync(["b", "a", "b", "a"])
        try expectGone(world)
        for name in ["a", "b"] { #expect(try world.value(name, "SELECT group_concat(id) FROM note") == "of q") }
    }

    // MARK: What comes late

    @Test func whatRefersToALateRowGoesWithIt_ERA6() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL), ('z', 'n', NULL)")
        try world.sql("a", "INSERT INTO child VALUES ('\(Self.canary)', 'q', 1), ('c', 'z', 1)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("b", "UPDATE parent SET above = 'p' WHERE id = 'q'")
        try world.replica("b").seal()
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        try world.sync(["b", "a", "b", "a"])
        try expectGone(world)
        for name in ["hub", "a", "b"] {
            #expect(try world.value(name, "SELECT group_concat(id) FROM parent") == "z")
            #expect(try world.value(name, "SELECT group_concat(id) FROM child") == "c")
            #expect(try world.replica(name).setAside().isEmpty)
        }
        try world.expectEqual()
        #expect(try world.hub.erasures().count == 2)
    }

    @Test func aDeviceHandsInWhatRefersToAnErasedRowSoThatItGoesEverywhere_ERA6() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("b", "INSERT INTO child VALUES ('\(Self.canary)', 'p', 1)")
        try world.carry("b", to: "a")
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        for name in ["b", "a"] {
            try world.hub.pack(for: name, to: world["down"])
            try world.replica(name).apply(world["down"])
        }
        try world.sync(["b", "a", "b", "a"])
        try expectGone(world)
        for name in ["hub", "a", "b"] { #expect(try world.replica(name).setAside().isEmpty) }
        #expect(try world.hub.erasures().count == 2)
        #expect(try world.hub.erasures().allSatisfy(\.missing.isEmpty))
    }

    @Test func aReferenceOfWhichAPartComesLateIsReadWithTheRest_ERA6() throws {
        let world = try CleanUpWorld(
            ["a", "b"],
            schema: """
                CREATE TABLE parent(area TEXT NOT NULL, id TEXT NOT NULL, name TEXT, PRIMARY KEY (area, id));
                CREATE TABLE child(
                  id TEXT PRIMARY KEY, area TEXT, parent TEXT, name TEXT,
                  FOREIGN KEY (area, parent) REFERENCES parent(area, id));
                """)
        try world.sql("a", "INSERT INTO parent VALUES ('x', 'p', 'n'), ('x', 'q', 'n')")
        try world.sql("a", "INSERT INTO child VALUES ('c', 'x', 'q', '\(Self.canary)'), ('d', 'x', 'q', 'n')")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("b", "UPDATE child SET parent = 'p' WHERE id = 'c'")
        try world.sql("b", "UPDATE child SET name = 'm' WHERE id = 'd'")
        try world.replica("b").seal()
        try world.hub.erase(table: "parent", key: RowKey([.text("x"), .text("p")]), withReferences: true)
        try world.sync(["b", "a", "b", "a"])
        try expectGone(world)
        for name in ["hub", "a", "b"] {
            #expect(try world.value(name, "SELECT group_concat(id || name) FROM child") == "dm")
        }
        try world.expectEqual()
    }

    @Test func quarantineLosesWhatFollowsToo_ERA2_ERA6() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("a", "UPDATE parent SET name = '\(Self.canary)' WHERE id = 'q'")
        try world.replica("a").pack(to: world["up"])
        let folder = world["hub"] + "/quarantine"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: world["up"], toPath: folder + "/a-1.satchel")
        try world.sql("b", "UPDATE parent SET above = 'p' WHERE id = 'q'")
        try world.replica("b").seal()
        #expect(
            try world.hub.erase(table: "parent", key: key("p"), withReferences: true).quarantineRemoved.isEmpty,
            "q has nothing to do with p, as far as is known")
        try world.sync(["b"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test func quarantineLosesWhatAMigrationTellsToBeAboutThem_ERA2_ERA11() throws {
        let world = try fleet()
        try world.sql("a", "UPDATE remark SET body = 'more' WHERE id = 'r'")
        try world.sql("a", "UPDATE remark SET body = 'more' WHERE id = 's'")
        let folder = world["hub"] + "/quarantine"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try world.replica("a").pack(to: folder + "/a-1.satchel")
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        try world.hub.clearQuarantineIfDue()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1, "nobody can tell yet")
        try world.hub.replica.migrate(to: Self.second)
        try world.hub.clearQuarantineIfDue()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    // MARK: A hub that was put back

    @Test func aHubPutBackFollowsAnOrderThatIsBroughtBack_ERA9_ERA11() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.backUpHub()
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        try world.sync(["a"])
        try world.restoreHub()
        // b meets the hub before anybody has brought the order back.
        try world.sql("b", "INSERT INTO child VALUES ('\(Self.canary)', 'p', 1)")
        try world.sync(["b"])
        #expect(try world.holds(Self.canary, "hub"))
        try world.sync(["a", "a", "b", "a", "b", "a", "b"])
        try expectGone(world)
        for name in ["hub", "a", "b"] {
            #expect(try world.value(name, "SELECT group_concat(id) FROM parent") == "q")
            #expect(try world.replica(name).setAside().isEmpty)
        }
        try world.expectEqual()
    }

    @Test func aHubPutBackToAnOlderSchemaCarriesOutWhatItCannotRead_ERA9_ERA11() throws {
        let world = try fleet()
        try world.backUpHub()
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        try world.hub.replica.migrate(to: Self.second)
        try world.sync(["a", "b", "a", "b"])
        try world.restoreHub()
        #expect(try world.holds(Self.canary, "hub"))
        try world.sync(["a", "a", "b", "a", "b"])
        try expectGone(world)
        #expect(try world.hub.replica.migrate(to: Self.second).steps.allSatisfy { !$0.hasPrefix("erased") })
        try world.sync(["a", "b", "a", "b"])
        try expectGone(world)
    }

    @Test func whoWasEnteredAnewStaysThoughTheirChangesetWentWithAHub_ERA11() throws {
        let world = try fleet()
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        try world.sync(["a", "b", "a", "b"])
        try world.backUpHub()
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'anew')")
        try world.sql("a", "INSERT INTO child VALUES ('anew', 'p', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.restoreHub()
        // a is lost, and b has rows alone: whoever entered them is known by a dot.
        try world.sync(["b", "b"])
        let steps = try world.hub.replica.migrate(to: Self.second).steps
        #expect(steps.count { $0.hasPrefix("erased") } == 3, "what was kept about the first p goes: \(steps)")
        try world.sync(["b", "b"])
        for name in ["hub", "b"] {
            #expect(try world.value(name, "SELECT name FROM parent WHERE id = 'p'") == "anew")
            #expect(try world.value(name, "SELECT group_concat(id) FROM child WHERE parent = 'p'") == "anew")
            #expect(try !world.holds(Self.canary, name))
        }
    }

    /// p is erased, and entered anew by a, who knows; then the hub goes back to before all that.
    @Test(arguments: [true, false], [true, false])
    func whoWasEnteredAnewStaysWhenTheOrderIsIssuedAgain_ERA5_ERA9(isSent: Bool, otherFirst: Bool) throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', '\(Self.canary)', NULL), ('q', '\(Self.canary)', NULL)")
        try world.sql("a", "INSERT INTO child VALUES ('old', 'p', 1)")
        try world.sync(["a", "b", "a", "b"])
        try world.backUpHub()
        try world.hub.erase(table: "parent", key: key("p"), withReferences: true)
        try world.hub.erase(table: "parent", key: key("q"), columns: ["name"])
        try world.sync(["a", "b", "a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'anew', NULL)")
        try world.sql("a", "INSERT INTO child VALUES ('anew', 'p', 2)")
        try world.sql("a", "UPDATE parent SET name = 'known again' WHERE id = 'q'")
        if isSent { try world.sync(["a", "b", "a", "b"]) }
        try world.restoreHub()
        #expect(try world.holds(Self.canary, "hub"))
        for _ in 0..<4 { try world.sync(otherFirst ? ["b", "a"] : ["a", "b"]) }
        try expectGone(world)
        for name in ["hub", "a", "b"] {
            #expect(try world.value(name, "SELECT name FROM parent WHERE id = 'p'") == "anew", "\(name)")
            #expect(try world.value(name, "SELECT group_concat(id) FROM child") == "anew", "\(name)")
            #expect(try world.value(name, "SELECT name FROM parent WHERE id = 'q'") == "known again", "\(name)")
        }
        try world.expectEqual()
        #expect(try world.hub.erasures().allSatisfy(\.missing.isEmpty))
        #expect(try world.hub.verify().faults.isEmpty)
    }
}
