import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Who keeps a row need not hold all that fell with it (MRG-61).
@Suite struct ScopeKeptTests {
    private let a = RowKey([.text("a")])

    /// Wang holds the client with both visits, Li her own visit and with it the client.
    private func world() throws -> ScopeWorld {
        let world = try ScopeWorld()
        try world.hub.setScope("wang", rules: ["client ALL", "visit ALL"])
        try world.hub.setScope("li", rules: ["visit WHERE note = 'li'"])
        try world.sql(
            "hub", "INSERT INTO client(id, name, owner, phone) VALUES ('a', 'a', 'wang', '1')",
            "INSERT INTO visit VALUES ('v1', 'a', NULL, 'wang'), ('v2', 'a', NULL, 'li')")
        try world.sync()
        #expect(try world.ids("li") == ["a"] && world.ids("li", "visit") == ["v2"])
        try world.sql("wang", "DELETE FROM visit", "DELETE FROM client")
        return world
    }

    private func expect(
        _ world: ScopeWorld, _ visits: [String], _ kinds: [ConflictKind], _ place: SourceLocation = #_sourceLocation
    ) throws {
        for (name, replica) in [("hub", world.hub.replica), ("wang", world["wang"])] {
            #expect(try replica.conflicts().map(\.kind) == kinds, sourceLocation: place)
            let shown = try world.ids(name, "visit")
            #expect(shown == visits, "\(name)", sourceLocation: place)
        }
        #expect(try world.ids("li", "visit") == visits.filter { $0 == "v2" }, sourceLocation: place)
        try world.expectAgreement(place)
        #expect(try world.hub.verify().faults.isEmpty, sourceLocation: place)
        for replica in world.devices.values { #expect(try replica.doctor().faults.isEmpty, sourceLocation: place) }
    }

    @Test func whoKeepsAClientKeepsTheVisitsThatOthersHold_MRG11_MRG42_MRG61() throws {
        let world = try world()
        try world.sql("li", "UPDATE client SET phone = '9'")
        try world.sync()
        try expect(world, ["v1", "v2"], [.deleted])
        let id = try #require(try world["li"].conflicts().first?.id)
        try world["li"].resolve(id, keep: 1)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
        // Taken back, it is as it was; answered once more by who holds all, too.
        try world["li"].undoDecision(id)
        try world.sync()
        try expect(world, ["v1", "v2"], [.deleted])
        try world["wang"].resolve(id, keep: 1)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
    }

    @Test func whoUndoesADeletionBringsBackTheVisitsThatOthersHold_MRG46_MRG61() throws {
        let world = try world()
        try world.sync()
        try expect(world, [], [])
        try world["li"].undo(table: "client", key: a)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
        // A visit that is deleted by itself stays so, also when the client is deleted and comes back once more.
        try world.sql("wang", "DELETE FROM visit WHERE id = 'v1'")
        try world.sync()
        try expect(world, ["v2"], [])
        try world.sql("wang", "DELETE FROM visit", "DELETE FROM client")
        try world.sync()
        try world["li"].undo(table: "client", key: a)
        try world.sync()
        try expect(world, ["v2"], [])
    }

    /// The client is deleted twice, the second time by who holds one visit only, and comes back twice.
    @Test func whatFellTwiceComesBackTwice_MRG42_MRG61() throws {
        let world = try world()
        try world.sync()
        try world["li"].undo(table: "client", key: a)
        try world.sync()
        try world.sql("li", "DELETE FROM visit", "DELETE FROM client")
        try world.sync()
        try expect(world, [], [])
        try world["li"].undo(table: "client", key: a)
        try world.sync()
        try expect(world, ["v1", "v2"], [])
    }

    @Test func whoEntersAClientAgainWantsNothingOfWhatFell_MRG10_MRG61() throws {
        let world = try world()
        try world.sync()
        try world["li"].undo(table: "client", key: a)
        try world.sync()
        try world.sql("wang", "DELETE FROM visit WHERE id = 'v2'")
        try world.sync()
        try world.sql("li", "DELETE FROM client")
        try world.sync()
        try expect(world, [], [])
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('a', 'new', 'wang')")
        try world.sync()
        try expect(world, [], [])
    }
}
