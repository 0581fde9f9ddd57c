import Foundation
import GRDB
import Satchel
import SatchelHub
import Testing

/// A device is shut out, in every order with what it, its couriers and those who built on it still bring (REV-1 to REV-6).
@Suite struct RevocationTests {
    /// A hub, the thief, and two honest devices; the thief has handed in `before`.
    private struct Cast {
        let world: ForkWorld
        let hub: Hub
        let thief: Replica
        let honest: Replica
        let reader: Replica

        init() throws {
            world = try ForkWorld()
            hub = try world.hub()
            thief = try world.device("thief", hub: hub)
            honest = try world.device("honest", hub: hub)
            reader = try world.device("reader", hub: hub)
            try world.write(honest, "shared", value: "honest")
            try world.write(thief, "before")
            try world.sync([honest, thief, honest, reader], hub, rounds: 1)
        }

        func value(_ replica: Replica, _ id: String) throws -> String? {
            try replica.read { try String.fetchOne($0, sql: "SELECT v FROM t WHERE id = ?", arguments: [id]) }
        }
    }

    @Test func whatWasHandedInStaysAndWhatCameAfterIsKeptWithoutEffect_REV1_REV2() throws {
        let cast = try Cast()
        defer { cast.world.remove() }
        try cast.world.write(cast.thief, "after")
        try cast.world.write(cast.thief, "shared", value: "stolen")
        try cast.hub.revoke("thief")
        try cast.world.handIn(cast.thief, cast.hub)
        try cast.world.sync([cast.honest, cast.reader], cast.hub, rounds: 2)
        try cast.world.expectEqual([cast.hub.replica, cast.honest, cast.reader], ["before", "shared"])
        #expect(try cast.value(cast.reader, "shared") == "honest")
        let held = try cast.hub.quarantine()
        #expect(held.changesets.map(\.device) == ["thief", "thief"])
        #expect(held.revoked.map(\.device) == ["thief"])
    }

    @Test func aRevokedDeviceGetsNothing_REV4() throws {
        let cast = try Cast()
        defer { cast.world.remove() }
        try cast.hub.revoke("thief")
        try cast.world.write(cast.honest, "secret")
        try cast.world.sync([cast.honest], cast.hub, rounds: 1)
        #expect(throws: UsageError.self) { try cast.hub.pack(for: "thief", to: cast.world.path("down")) }
        try cast.thief.pack(to: cast.world.path("up"))
        let report = try cast.hub.merge([cast.world.path("up")], replies: cast.world.path("replies"), all: true)
        #expect(!report.replies.map(\.device).contains("thief"))
        try cast.thief.have(to: cast.world.path("have"))
        #expect(throws: RefusedBundle.self) {
            try cast.honest.pack(for: cast.world.path("have"), to: cast.world.path("side"))
        }
        #expect(throws: UsageError.self) { try cast.hub.revoke("thief") }
    }

    /// The thief's late change, an honest change on top of it, and the notice, to the reader in every order.
    @Test(arguments: 0..<6) func everyOrderOfNoticeLateAndDependentEndsAlike_REV3_REV5(order: Int) throws {
        let cast = try Cast()
        defer { cast.world.remove() }
        try cast.world.write(cast.thief, "shared", value: "stolen")
        try cast.world.write(cast.thief, "late")
        // The honest device builds on it before it hears anything.
        try cast.world.carry(cast.thief, to: cast.honest)
        try cast.world.write(cast.honest, "late", value: "edited by the honest one")
        try cast.world.write(cast.honest, "own")
        let steps: [() throws -> Void] = [
            { try cast.hub.revoke("thief") },
            { try cast.world.carry(cast.honest, to: cast.reader) },
            { try cast.world.handIn(cast.honest, cast.hub) },
        ]
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        for step in orders[order] { try steps[step]() }
        try cast.world.sync([cast.reader, cast.honest], cast.hub)
        let all = [cast.hub.replica, cast.honest, cast.reader]
        #expect(try Set(all.map { try $0.digest() }).count == 1)
        for replica in all {
            // Nobody waits: what the honest device made since is there.
            #expect(try replica.status().parked.isEmpty)
            #expect(try cast.world.ids(replica).contains("own"))
            #expect(try replica.status().isAllAtHub)
        }
        let handedInFirst = orders[order].firstIndex(of: 2)! < orders[order].firstIndex(of: 0)!
        #expect(try cast.value(cast.reader, "shared") == (handedInFirst ? "stolen" : "honest"))
        #expect(try cast.world.ids(cast.reader).contains("late") == handedInFirst)
        #expect(try cast.hub.quarantine().changesets.count == (handedInFirst ? 0 : 2))
    }

    @Test func whatIsReleasedCountsEverywhereAndWhatReplacedItStays_REV6() throws {
        let cast = try Cast()
        defer { cast.world.remove() }
        try cast.world.write(cast.thief, "late", value: "of the thief")
        try cast.world.write(cast.thief, "other")
        try cast.world.carry(cast.thief, to: cast.honest)
        try cast.world.write(cast.honest, "late", value: "of the honest one")
        try cast.hub.revoke("thief")
        try cast.world.sync([cast.honest, cast.reader], cast.hub, rounds: 2)
        #expect(try cast.world.ids(cast.reader) == ["before", "shared"])
        #expect(try cast.reader.status().aside.isEmpty == false)
        let held = try cast.hub.quarantine().changesets
        #expect(throws: UsageError.self) { try cast.hub.release(["nothing"]) }
        #expect(try cast.hub.release(held.map(\.dot.description)) == 2)
        try cast.world.sync([cast.honest, cast.reader], cast.hub, rounds: 2)
        try cast.world.expectEqual(
            [cast.hub.replica, cast.honest, cast.reader], ["before", "shared", "late", "other"])
        #expect(try cast.value(cast.reader, "late") == "of the honest one")
        #expect(try cast.hub.conflicts().isEmpty)
        #expect(try cast.hub.quarantine().changesets.isEmpty)
    }

    @Test func aNoticeTravelsSidewaysAndTakesEffectThere_REV5() throws {
        let cast = try Cast()
        defer { cast.world.remove() }
        try cast.hub.revoke("thief")
        try cast.world.fetch(cast.honest, cast.hub)
        // The reader hears of it from a friend, and then meets the thief.
        try cast.world.write(cast.honest, "own")
        try cast.world.carry(cast.honest, to: cast.reader)
        try cast.world.write(cast.thief, "late")
        try cast.reader.have(to: cast.world.path("have"))
        try cast.thief.pack(for: cast.world.path("have"), to: cast.world.path("side"))
        try cast.reader.apply(cast.world.path("side"))
        #expect(!(try cast.world.ids(cast.reader).contains("late")))
        #expect(try cast.reader.status().quarantined == 1)
        // It is carried, and not lost.
        try cast.world.sync([cast.reader, cast.honest], cast.hub, rounds: 2)
        #expect(try cast.hub.quarantine().changesets.map(\.device) == ["thief"])
        try cast.world.expectEqual([cast.hub.replica, cast.honest, cast.reader], ["before", "own", "shared"])
    }

    @Test func aNewIncarnationOfARevokedDeviceIsShutOutToo_REV1() throws {
        let cast = try Cast()
        defer { cast.world.remove() }
        try cast.hub.revoke("thief")
        let copy = try cast.thief.duplicate(to: cast.world.path("copy"))
        try cast.world.write(copy, "late")
        try cast.world.handIn(copy, cast.hub)
        #expect(!(try cast.world.ids(cast.hub.replica).contains("late")))
        #expect(try cast.hub.quarantine().changesets.count == 1)
    }

    @Test func anotherBranchBelowTheCutIsAfterIt_REV3() throws {
        let cast = try Cast()
        defer { cast.world.remove() }
        try cast.world.copy("thief", "twin")
        try cast.world.write(cast.thief, "1", "2", "3")
        try cast.world.handIn(cast.thief, cast.hub)
        let twin = try cast.world.open("twin")
        try cast.world.write(twin, "back-dated")
        try cast.hub.revoke("thief")
        try cast.world.handIn(twin, cast.hub)
        #expect(try cast.world.ids(cast.hub.replica) == ["1", "2", "3", "before", "shared"])
        #expect(try cast.hub.quarantine().changesets.count == 1)
        // A reader who knows only the notice and the hub's state judges alike.
        try cast.world.fetch(cast.reader, cast.hub)
        try cast.reader.have(to: cast.world.path("have"))
        try twin.pack(for: cast.world.path("have"), to: cast.world.path("side"))
        try cast.reader.apply(cast.world.path("side"))
        try cast.world.sync([cast.reader], cast.hub, rounds: 2)
        try cast.world.expectEqual([cast.hub.replica, cast.reader], ["1", "2", "3", "before", "shared"])
    }

    /// An enrolment file was used twice. The first device has handed in `first`, the second holds `second`.
    private struct Twins {
        let world: ForkWorld
        let hub: Hub
        let first: Replica
        let second: Replica
        let chen: Replica

        init() throws {
            world = try ForkWorld()
            hub = try world.hub()
            let enrolment = try hub.enrol(name: "wang")
            first = try Replica.create(at: world.path("first.db"), enrolment: enrolment)
            second = try Replica.create(at: world.path("second.db"), enrolment: enrolment)
            chen = try world.device("chen", hub: hub)
            try world.write(first, "first")
            try world.sync([first, chen], hub, rounds: 1)
            try world.write(second, "second")
        }
    }

    /// A colleague took the second tablet's work from a stick, and worked on.
    @Test(arguments: [false, true]) func aSecondDeviceOfOneEnrolmentBlocksNobody_REV8(itselfFirst: Bool) throws {
        let twins = try Twins()
        let (world, hub, honest) = (twins.world, twins.hub, [twins.chen, twins.first])
        defer { world.remove() }
        if itselfFirst { try world.handIn(twins.second, hub) }
        try twins.chen.have(to: world.path("have"))
        try twins.second.pack(for: world.path("have"), to: world.path("side"))
        try twins.chen.apply(world.path("side"))
        try world.write(twins.chen, "honest")
        try world.sync(honest, hub, rounds: 2)
        try world.expectEqual([hub.replica] + honest, ["first", "honest"])
        #expect(try hub.quarantine().changesets.map(\.device) == ["wang"])
        try twins.second.have(to: world.path("have"))
        #expect(throws: RefusedBundle.self) { try twins.chen.pack(for: world.path("have"), to: world.path("side")) }
        try hub.release([], ofDevice: "wang")
        try world.sync(honest, hub, rounds: 2)
        try world.expectEqual([hub.replica] + honest, ["first", "honest", "second"])
    }

    /// What the hub gives to the first device is not for the second.
    @Test func aSecondDeviceIsToldAndLosesNothing_REV8() throws {
        let twins = try Twins()
        let world = twins.world
        defer { world.remove() }
        try world.handIn(twins.second, twins.hub)
        try twins.hub.pack(for: "wang", to: world.path("down"))
        #expect { try twins.second.apply(world.path("down")) } throws: { error in
            (error as? RefusedBundle)?.description.contains("the enrolment of wang") ?? false
        }
        #expect(try world.ids(twins.second) == ["second"])
        try twins.first.apply(world.path("down"))
        #expect(try world.ids(twins.first) == ["first"])
    }

    /// A rebuilt hub meets the second device first, and hears later to whom the token belongs.
    @Test func anEarlierBindingTakesThePlaceOfALaterOne_REV8() throws {
        let twins = try Twins()
        let (world, honest) = (twins.world, [twins.first, twins.chen])
        defer { world.remove() }
        try world.handIn(twins.second, twins.hub)
        try world.sync([twins.chen, twins.first], twins.hub, rounds: 1)
        try twins.hub.exportKey(to: world.path("key"))
        let rebuilt = try Hub.rebuild(at: world.path("rebuilt"), keyFile: world.path("key"))
        try world.handIn(twins.second, rebuilt)
        try world.write(twins.first, "later")
        try world.sync(honest, rebuilt, rounds: 4)
        try world.expectEqual([rebuilt.replica] + honest, ["first", "later"])
        #expect(try rebuilt.quarantine().changesets.map(\.device) == ["wang"])
    }
}
