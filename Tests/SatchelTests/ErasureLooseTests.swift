import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelTesting
import Testing

/// What refers to an erased row by `setNull` alone is about something else, and stays without the reference (ERA-1, ERA-6).
@Suite struct ErasureLooseTests {
    private static let canary = "王小明"
    private static let schema = """
        -- satchel: reference client (keeper) setNull
        -- satchel: reference deal (owner) setNull
        -- satchel: unit client.care (keeper, since)
        CREATE TABLE staff(id TEXT PRIMARY KEY, name TEXT);
        CREATE TABLE client(
          id TEXT PRIMARY KEY, name TEXT, keeper TEXT REFERENCES staff(id) ON DELETE SET NULL, since TEXT);
        CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), made_by TEXT REFERENCES staff(id));
        CREATE TABLE deal(
          id TEXT PRIMARY KEY, owner TEXT REFERENCES staff(id), sum INTEGER, CHECK (owner IS NOT NULL OR sum < 10));
        """

    private func key(_ id: String) -> RowKey { RowKey([.text(id)]) }

    /// Two of the staff, one of whom has a client, which the other visited too.
    private func fleet() throws -> CleanUpWorld {
        let world = try CleanUpWorld(["a", "b"], schema: Self.schema)
        try world.sql("a", "INSERT INTO staff VALUES ('\(Self.canary)', 'n'), ('t', 'other')")
        try world.sql("a", "INSERT INTO client VALUES ('c', 'C', '\(Self.canary)', 'May'), ('d', 'D', 't', 'June')")
        try world.sql("a", "INSERT INTO visit VALUES ('v', 'c', '\(Self.canary)'), ('w', 'c', 't'), ('x', 'd', NULL)")
        try world.sync(["a", "b", "a", "b"])
        return world
    }

    private func expectGone(_ world: CleanUpWorld) throws {
        for name in ["hub"] + world.devices { #expect(try !world.holds(Self.canary, name), "\(name) still has it") }
        try world.expectEqual()
        #expect(try world.hub.verify().faults.isEmpty)
        #expect(try world.hub.erasures().allSatisfy(\.missing.isEmpty))
    }

    private func shown(_ world: CleanUpWorld, _ name: String) throws -> String {
        let line = "id || name || ifnull(keeper, '-') || ifnull(since, '-')"
        let clients = "SELECT group_concat(line) FROM (SELECT \(line) AS line FROM client ORDER BY id)"
        let visits = "SELECT group_concat(id) FROM (SELECT id FROM visit ORDER BY id)"
        return try (world.value(name, clients) ?? "") + " " + (world.value(name, visits) ?? "")
    }

    @Test func whatRefersToItBySetNullStaysWithoutTheReference_ERA1_ERA2() throws {
        let world = try fleet()
        #expect(throws: UsageError.self) { try world.hub.erase(table: "staff", key: key(Self.canary)) }
        let report = try world.hub.erase(table: "staff", key: key(Self.canary), withReferences: true)
        #expect(report.rows == ["staff": 1, "visit": 1] && report.cut == ["client": 1], "\(report)")
        try world.sync(["a", "b", "a", "b"])
        for name in ["hub", "a", "b"] {
            #expect(try shown(world, name) == "cC--,dDtJune w,x", "\(name): the unit goes, the row and its visits stay")
        }
        try expectGone(world)
    }

    @Test func whatHidesTheReferenceInAConflictLosesItToo_ERA1_ERA2() throws {
        let world = try fleet()
        try world.sql("a", "UPDATE client SET keeper = 't' WHERE id = 'c'")
        try world.sql("b", "UPDATE client SET since = 'August' WHERE id = 'c'")
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.replica("a").conflicts().count == 1)
        let report = try world.hub.erase(table: "staff", key: key(Self.canary), withReferences: true)
        #expect(report.cut == ["client": 1], "\(report)")
        try world.sync(["a", "b", "a", "b"])
        let left = try world.replica("a").conflicts().flatMap { $0.candidates.map(\.values) }
        #expect(left.contains([.text("t"), .text("May")]), "whom the client was given to stays: \(left)")
        try expectGone(world)
    }

    /// Given to another by somebody who has not heard: nothing of that is about who was erased.
    @Test func whoIsGivenToAnotherMeanwhileStaysTheirs_ERA1_ERA6() throws {
        let world = try fleet()
        try world.sql("a", "UPDATE client SET keeper = 't' WHERE id = 'c'")
        _ = try world.hub.erase(table: "staff", key: key(Self.canary), withReferences: true)
        try world.sync(["a", "b", "a", "b"])
        for name in ["hub", "a", "b"] { #expect(try shown(world, name) == "cCtMay,dDtJune w,x", "\(name)") }
        #expect(try world.hub.conflicts().isEmpty)
        try expectGone(world)
        try world.sql("b", "UPDATE client SET keeper = 't', since = 'July' WHERE id = 'c'")
        try world.sync(["b", "a"])
        #expect(try shown(world, "a") == "cCtJuly,dDtJune w,x")
    }

    @Test func whatComesLateLosesTheReferenceAndStays_ERA6() throws {
        let world = try fleet()
        try world.sql("b", "INSERT INTO client VALUES ('late', 'L', '\(Self.canary)', 'July')")
        try world.sql("b", "INSERT INTO visit VALUES ('y', 'late', NULL)")
        try world.sql("b", "UPDATE client SET keeper = '\(Self.canary)' WHERE id = 'd'")
        let report = try world.hub.erase(table: "staff", key: key(Self.canary), withReferences: true)
        #expect(report.cut == ["client": 1])
        try world.sync(["b", "a", "b", "a", "b"])
        #expect(try world.hub.erasures().count == 2, "one order follows from the first")
        for name in ["hub", "a", "b"] {
            #expect(try shown(world, name) == "cC--,dD--,lateL-- w,x,y", "\(name)")
        }
        try expectGone(world)
        // Who knows of the order enters a keeper anew.
        try world.sql("a", "UPDATE client SET keeper = 't' WHERE id = 'late'")
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.value("b", "SELECT keeper FROM client WHERE id = 'late'") == "t")
        try world.expectEqual()
    }

    @Test func whatItsTableDoesNotTakeWithoutTheReferenceGoes_ERA1() throws {
        let world = try fleet()
        try world.sql("a", "INSERT INTO deal VALUES ('large', '\(Self.canary)', 50), ('small', '\(Self.canary)', 5)")
        try world.sync(["a", "b", "a", "b"])
        let report = try world.hub.erase(table: "staff", key: key(Self.canary), withReferences: true)
        #expect(report.rows == ["staff": 1, "visit": 1, "deal": 1], "\(report)")
        #expect(report.cut == ["client": 1, "deal": 1], "\(report)")
        try world.sync(["a", "b", "a", "b"])
        for name in ["hub", "a", "b"] {
            #expect(
                try world.value(name, "SELECT group_concat(id || ifnull(owner, '-')) FROM deal") == "small-", "\(name)")
        }
        try expectGone(world)
    }
}
