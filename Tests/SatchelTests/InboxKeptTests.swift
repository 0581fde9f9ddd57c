import Foundation
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// What the inbox keeps beside the rows, and when it may be said that all is at the hub.
@Suite struct InboxKeptTests {
    private static let canary = "王小明的病历"

    private func key(_ id: String) -> RowKey { RowKey([.text(id)]) }

    @Test func whatIsKeptForUndoAndOfOverwritesIsErasedWithTheRow_INB12_ERA2() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL), ('q', 'n', NULL)")
        try world.sync(["a", "b", "a", "b"])
        // A decided conflict of p, with what lost; an overwrite of q.
        world.clock.advance(days: 1)
        try world.sql("a", "UPDATE parent SET name = '\(Self.canary)1' WHERE id = 'p'")
        try world.sql("b", "UPDATE parent SET name = '\(Self.canary)2'")
        try world.sync(["a", "b", "a", "b"])
        world.clock.advance(days: 1)
        try world.sql("a", "UPDATE parent SET name = 'other' WHERE id = 'q'")
        #expect(try world.replica("a").unseen().map(\.was) == [[.text(Self.canary + "2")]])
        let conflict = try #require(try world.replica("a").conflicts().first)
        #expect(conflict.base == [.text("n")])
        try world.replica("a").resolve(conflict.id, values: [.text("decided")])
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.replica("a").decisions().count == 1 && world.hub.replica.decisions().count == 1)
        for id in ["p", "q"] { try world.hub.erase(table: "parent", key: key(id)) }
        try world.sync(["a", "b", "a", "b"])
        for name in ["hub", "a", "b"] {
            #expect(try !world.holds(Self.canary, name), "\(name) still has it")
            #expect(try world.replica(name).decisions().isEmpty && world.replica(name).unseen().isEmpty)
        }
    }

    @Test func aBaseGoesWithItsConflict_INB2_INB12() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', '\(Self.canary)', NULL)")
        try world.sync(["a", "b", "a", "b"])
        try world.sql("a", "UPDATE parent SET name = '1'")
        try world.sql("b", "UPDATE parent SET name = '2'")
        try world.sync(["a", "b", "a", "b"])
        #expect(try world.value("b", "SELECT count(*) FROM satchel_base") == "1")
        try world.replica("b").resolve(try #require(try world.replica("b").conflicts().first?.id), keep: 1)
        try world.sync(["b", "a", "b"])
        for name in ["a", "b"] { #expect(try world.value(name, "SELECT count(*) FROM satchel_base") == "0") }
    }

    @Test func whatTwoEnteredUnderOneKeyHasNoBase_INB2() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', '1', NULL)")
        try world.sql("b", "INSERT INTO parent VALUES ('p', '2', NULL)")
        try world.sync(["a", "b", "a", "b"])
        for name in ["hub", "a", "b"] {
            let conflict = try #require(try world.replica(name).conflicts().first)
            #expect(conflict.base == nil && conflict.candidates.count == 2)
        }
    }

    @Test func theBaseIsWhatAllStartedFromThroughSeveralEdits_INB2() throws {
        let world = try CleanUpWorld(["a", "b"])
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'start', NULL)")
        try world.sync(["a", "b", "a", "b"])
        for step in 1...3 {
            try world.sql("a", "UPDATE parent SET name = 'a\(step)'")
            try world.replica("a").seal()
        }
        try world.sql("b", "UPDATE parent SET name = 'b1'")
        try world.replica("b").seal()
        try world.sql("b", "UPDATE parent SET name = 'b2'")
        try world.sync(["a", "b", "a", "b"])
        for name in ["hub", "a", "b"] {
            #expect(try world.replica(name).conflicts().first?.base == [.text("start")])
        }
    }

    @Test func allIsAtTheHubOnlyOnItsReceipt_INB13_P14() throws {
        let world = try CleanUpWorld(["a"])
        let a = try world.replica("a")
        try world.sync(["a"])
        #expect(try a.status().isAllAtHub)
        try world.sql("a", "INSERT INTO parent VALUES ('p', 'n', NULL)")
        #expect(try !a.status().isAllAtHub, "written, not sealed")
        try a.seal()
        #expect(try !a.status().isAllAtHub, "sealed, in no bundle")
        try a.pack(to: world["up"])
        #expect(try !a.status().isAllAtHub, "in a bundle that may be lost")
        try world.hub.pack(for: "a", to: world["early"])
        #expect(try world.hub.merge([world["up"]], replies: world["replies"]).failures.isEmpty)
        #expect(try !a.status().isAllAtHub, "the hub has it, and nobody here knows")
        _ = try a.apply(world["early"])
        #expect(try !a.status().isAllAtHub, "a reply from before it was handed in says nothing of it")
        _ = try a.apply(world["replies/a.satchel"])
        #expect(try a.status().isAllAtHub)
    }
}
