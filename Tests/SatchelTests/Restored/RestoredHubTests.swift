import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

@testable import SatchelStore

/// A hub put back from a backup, or lost and rebuilt, gets back what the devices hold (EXC-20, EXC-28 to EXC-31).
@Suite struct RestoredHubTests {
    private func backUp(_ hub: Hub, _ world: ForkWorld, _ name: String = "backup") throws {
        try? FileManager.default.removeItem(atPath: world.path(name))
        try hub.backUp(to: world.path(name))
    }

    private func restore(
        _ hub: Hub, _ world: ForkWorld, from name: String = "backup", anchors: Anchoring = .none
    )
        throws -> Hub
    {
        try hub.close()
        try world.restore(name, over: "hub/hub.sqlite")
        return try Hub.open(at: world.path("hub"), anchors: anchors)
    }

    private func value(_ replica: Replica, _ id: String) throws -> String? {
        try replica.read { try String.fetchOne($0, sql: "SELECT v FROM t WHERE id = ?", arguments: [id]) }
    }

    enum Sign: CaseIterable {
        case anchor, command, claim
    }

    @Test(arguments: Sign.allCases) func yesterdaysHubGetsBackAllThatDevicesHandedInSince_EXC28_EXC29(
        sign: Sign
    ) throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let anchors: Anchoring = sign == .anchor ? .store(world.anchors) : .none
        var hub = try Hub.create(at: world.path("hub"), schema: ForkWorld.schema, anchors: anchors)
        let (a, b) = (try world.device("a", hub: hub), try world.device("b", hub: hub))
        try world.write(a, "early", value: "1")
        try world.sync([a, b], hub, rounds: 2)
        try backUp(hub, world)
        try world.write(a, "early", value: "2")
        try world.write(a, "of a")
        try world.write(b, "of b")
        try world.sync([a, b], hub, rounds: 2)
        hub = try restore(hub, world, anchors: anchors)
        if sign == .command { try hub.restored() }
        try world.write(b, "since")
        try world.sync([a, b], hub, rounds: 4)
        try world.expectEqual([a, b, hub.replica], ["early", "of a", "of b", "since"])
        #expect(try value(b, "early") == "2")
        #expect(try hub.conflicts().isEmpty)
        #expect(try a.status().epoch == hub.replica.status().epoch)
        #expect(try a.status().epoch != 1)
        #expect(try a.status().isAllAtHub && b.status().isAllAtHub)
        #expect(try hub.verify().faults.isEmpty)
    }

    @Test func aDeviceAtOrBelowTheStartGoesOnAsIfNothingHadHappened_EXC28() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        var hub = try world.hub()
        let (a, b) = (try world.device("a", hub: hub), try world.device("b", hub: hub))
        try world.write(a, "early")
        try world.sync([a, b], hub, rounds: 2)
        try backUp(hub, world)
        hub = try restore(hub, world)
        try hub.restored()
        try world.write(a, "late")
        try world.handIn(a, hub)
        try world.fetch(b, hub)
        #expect(try world.ids(b) == ["early", "late"])
        try b.pack(to: world.path("up"))
        // No rows are handed in: the bundle holds nothing but the request.
        #expect(try BundleInspection(contentsOf: world.path("up")).stateRows == 0)
        try world.sync([a, b], hub, rounds: 1)
        try world.expectEqual([a, b, hub.replica], ["early", "late"])
    }

    @Test func workOnTopOfADeadDevicesRowsDoesNotWaitForItForEver_EXC29_EXC30() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        var hub = try world.hub()
        let (z, x) = (try world.device("z", hub: hub), try world.device("x", hub: hub))
        try backUp(hub, world)
        try world.write(z, "of z", value: "1")
        try world.write(z, "of z", value: "2")
        try world.write(z, "more of z")
        try world.sync([z, x], hub, rounds: 2)
        try world.write(x, "of z", value: "edited by x")
        try world.sync([x], hub, rounds: 2)
        // z is gone for good, and so is the hub's yesterday and today.
        hub = try restore(hub, world)
        try world.sync([x], hub, rounds: 3)
        let fresh = try world.device("fresh", hub: hub)
        try world.sync([x, fresh], hub, rounds: 2)
        try world.expectEqual([x, fresh, hub.replica], ["more of z", "of z"])
        #expect(try value(fresh, "of z") == "edited by x")
        #expect(try x.status().parked.isEmpty && hub.replica.status().parked.isEmpty)
        // z comes back after all: nothing rises that was replaced, nothing comes twice.
        try world.write(z, "new of z")
        try world.sync([z, x, fresh], hub, rounds: 4)
        try world.expectEqual([z, x, fresh, hub.replica], ["more of z", "new of z", "of z"])
        #expect(try value(z, "of z") == "edited by x")
        #expect(try hub.conflicts().isEmpty)
    }

    @Test func conflictsAndDeletionsComeBackToo_EXC30() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        var hub = try world.hub()
        let (a, b, c) = (
            try world.device("a", hub: hub), try world.device("b", hub: hub), try world.device("c", hub: hub)
        )
        try world.write(a, "kept", "deleted")
        try world.sync([a, b, c], hub, rounds: 2)
        try backUp(hub, world)
        try world.write(a, "kept", value: "a")
        try world.write(b, "kept", value: "b")
        try a.write { try $0.execute(sql: "DELETE FROM t WHERE id = 'deleted'") }
        try world.sync([a, b, c], hub, rounds: 3)
        #expect(try c.conflicts().count == 1)
        hub = try restore(hub, world)
        // Only c is left, which wrote nothing of it.
        try world.sync([c], hub, rounds: 3)
        #expect(try world.ids(hub.replica) == ["kept"])
        #expect(try hub.conflicts().map(\.id) == c.conflicts().map(\.id))
        try world.sync([a, b, c], hub, rounds: 3)
        try world.expectEqual([a, b, c, hub.replica], ["kept"])
        #expect(try hub.conflicts().count == 1)
    }

    @Test func twoRestoresInARowLoseNothing_EXC30() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        var hub = try world.hub()
        let (z, x, y) = (
            try world.device("z", hub: hub), try world.device("x", hub: hub), try world.device("y", hub: hub)
        )
        try backUp(hub, world)
        try world.write(z, "of z", value: "1")
        try world.sync([z, x, y], hub, rounds: 2)
        try world.write(x, "of z", value: "2")
        try world.sync([x, y], hub, rounds: 2)
        hub = try restore(hub, world)
        try world.sync([x], hub, rounds: 3)
        hub = try restore(hub, world)
        try world.write(y, "of y")
        try world.sync([y, x], hub, rounds: 4)
        try world.expectEqual([x, y, hub.replica], ["of y", "of z"])
        #expect(try value(hub.replica, "of z") == "2")
        try world.sync([z, x, y], hub, rounds: 4)
        try world.expectEqual([z, x, y, hub.replica], ["of y", "of z"])
        #expect(try value(z, "of z") == "2")
        #expect(try hub.conflicts().isEmpty)
    }

    @Test func aLostHubIsRebuiltFromItsKeyAndTheDevices_IDN9() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let lost = try world.hub()
        let (a, b) = (try world.device("a", hub: lost), try world.device("b", hub: lost))
        try lost.exportKey(to: world.path("key"))
        try world.write(a, "of a", value: "1")
        try world.sync([a, b], lost, rounds: 2)
        try world.write(b, "of b")
        try world.write(b, "of a", value: "2")
        try lost.replica.write { try $0.execute(sql: "INSERT INTO t VALUES ('of the hub', NULL)") }
        try world.sync([a, b], lost, rounds: 2)
        try lost.close()
        try FileManager.default.removeItem(atPath: world.path("hub"))
        let hub = try Hub.rebuild(at: world.path("hub"), keyFile: world.path("key"), anchors: .none)
        try world.sync([a, b], hub, rounds: 4)
        try world.expectEqual([a, b, hub.replica], ["of a", "of b", "of the hub"])
        #expect(try value(hub.replica, "of a") == "2")
        let fresh = try world.device("fresh", hub: hub)
        try world.sync([fresh], hub, rounds: 2)
        try world.expectEqual([fresh, hub.replica], ["of a", "of b", "of the hub"])
        #expect(throws: UsageError.self) {
            try Hub.rebuild(at: world.path("another"), keyFile: world.path("a"), anchors: .none)
        }
    }

    @Test func whatWaitsForWorkThatNobodyHasIsLetGoByAPersonAndALateReturnDoesNoHarm_EXC31() throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let hub = try world.hub()
        let (z, x, y) = (
            try world.device("z", hub: hub), try world.device("x", hub: hub), try world.device("y", hub: hub)
        )
        try world.write(z, "of z", value: "1")
        // x builds on what it has from z by stick, and hands in alone; the stick's copy of z's work is kept from the hub.
        try world.carry(z, to: x)
        try world.write(x, "of z", value: "2")
        try world.write(x, "of x")
        let held = try x.changesets().first { $0.dot.origin == z.origin }!.dot
        try x.withEngine { engine in try engine.transaction { try engine.store.forget(engine.store.dotID(held)) } }
        try world.handIn(x, hub)
        #expect(try world.ids(hub.replica) == [])
        let awaited = try hub.awaited()
        #expect(awaited.map(\.changeset) == [held.description] && awaited[0].waiting == 2)
        #expect(throws: UsageError.self) { try hub.declareLost(["nonsense"]) }
        #expect(try hub.declareLost([held.description], actor: "the operator") == 2)
        #expect(try hub.awaited().isEmpty && hub.replica.status().parked.isEmpty)
        try world.sync([x, y], hub, rounds: 2)
        // That the row was ever entered only z knew: what x wrote of it is kept and listed.
        #expect(try world.ids(y) == ["of x"] && y.setAside().map(\.key) == [RowKey([.text("of z")])])
        // z comes back after all.
        try world.sync([z, x, y], hub, rounds: 3)
        try world.expectEqual([z, x, y, hub.replica], ["of x", "of z"])
        #expect(try value(z, "of z") == "2")
        #expect(try hub.conflicts().isEmpty)
    }
}
