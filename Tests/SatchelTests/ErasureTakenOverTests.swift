import Foundation
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// A column of a record is erased while somebody who has not heard of it merges the record into another (ERA-6).
@Suite final class ErasureTakenOverTests: ReviewedWorld {
    private static let canary = "SECRETCANARY"

    /// Clients a and b that everybody has, and d; the phone of a is the canary.
    private func secret() throws -> (Hub, Replica, Replica) {
        let (hub, one, two) = try pair()
        try run(one, "UPDATE client SET phone = '\(Self.canary)' WHERE id = 'a'")
        try sync(hub, [one, two])
        return (hub, one, two)
    }

    private func erase(_ hub: Hub) throws { _ = try hub.erase(table: "client", key: key("a"), columns: ["phone"]) }

    /// Everybody shows these clients, and of the canary no byte is left.
    private func expect(
        _ due: String, _ hub: Hub, _ devices: [Replica], orders: Int, _ place: SourceLocation = #_sourceLocation
    ) throws {
        for replica in [hub.replica] + devices {
            #expect(try shown(replica) == due, "\(replica.name)", sourceLocation: place)
            #expect(try replica.conflicts().isEmpty, "\(replica.name)", sourceLocation: place)
            #expect(
                try bytes(replica).range(of: Data(Self.canary.utf8)) == nil, "\(replica.name) has it still",
                sourceLocation: place)
            for sealed in try replica.changesets() {
                #expect(
                    Data(sealed.content).range(of: Data(Self.canary.utf8)) == nil, "\(replica.name) keeps it",
                    sourceLocation: place)
            }
        }
        #expect(try hub.erasures().count == orders, sourceLocation: place)
        #expect(try hub.erasures().allSatisfy(\.missing.isEmpty), sourceLocation: place)
        #expect(try hub.verify().faults.isEmpty, sourceLocation: place)
        try expectEqual(hub, devices, place)
    }

    @Test(arguments: [true, false])
    func whatALateMergeTookOverIsErasedWhereItStands_ERA6_MRG50(isHandedOn: Bool) throws {
        let (hub, one, two) = try secret()
        try erase(hub)
        try one.merge(key("a"), into: key("b"), in: "client", taking: ["phone"])
        if isHandedOn {
            try down(two, hub)
            try carry(one, to: two)
            #expect(try shown(two).contains("b:Hengda Co:\(Self.canary)"), "until the hub has said")
            try sync(hub, [two], rounds: 1)
        }
        try sync(hub, [one, two], rounds: 3)
        try expect("b:Hengda Co:- d:Ruifeng:4", hub, [one, two], orders: 2)
    }

    @Test func aValueThatALateMergeDidNotTakeOverStays_ERA6() throws {
        let (hub, one, two) = try secret()
        try erase(hub)
        try one.merge(key("a"), into: key("b"), in: "client")
        try run(one, "UPDATE client SET phone = '9' WHERE id = 'd'")
        try sync(hub, [one, two], rounds: 3)
        try expect("b:Hengda Co:2 d:Ruifeng:9", hub, [one, two], orders: 1)
    }

    @Test func whatIsMadeOfItBeforeTheHubHasSaidIsErasedToo_ERA6() throws {
        let (hub, one, two) = try secret()
        try erase(hub)
        try down(two, hub)
        try one.merge(key("a"), into: key("b"), in: "client", taking: ["phone"])
        try carry(one, to: two)
        // Who has heard of the order has not heard of the one that will follow.
        try two.merge(key("b"), into: key("d"), in: "client", taking: ["phone"])
        #expect(try shown(two) == "d:Ruifeng:\(Self.canary)")
        try sync(hub, [two, one], rounds: 3)
        try expect("d:Ruifeng:-", hub, [one, two], orders: 2)
    }

    @Test func anEditThatAnAnswerTookUpWhereItsRecordWasMergedIsErased_ERA6_MRG55() throws {
        let (hub, one, two) = try secret()
        try erase(hub)
        try one.merge(key("a"), into: key("b"), in: "client")
        try run(two, "UPDATE client SET phone = '\(Self.canary) 2' WHERE id = 'a'")
        try carry(two, to: one)
        let id = try #require(try one.conflicts().first?.id)
        try one.resolve(id, values: [.text(Self.canary + " 3")])
        try sync(hub, [one, two], rounds: 3)
        try expect("b:Hengda Co:- d:Ruifeng:4", hub, [one, two], orders: 2)
    }

    @Test(arguments: [true, false])
    func whatAThiefTookOverIsLeftOut_ERA6_REV2(cameFirst: Bool) throws {
        let (hub, one, two) = try secret()
        try two.merge(key("a"), into: key("b"), in: "client", taking: ["phone"])
        try hub.revoke("two")
        if cameFirst { try up(two, hub) }
        try erase(hub)
        if !cameFirst { try up(two, hub) }
        try sync(hub, [one], rounds: 3)
        for replica in [hub.replica, one] {
            #expect(try shown(replica) == "a:Hengda:- b:Hengda Co:2 d:Ruifeng:4", "\(replica.name)")
            for sealed in try replica.changesets() {
                #expect(Data(sealed.content).range(of: Data(Self.canary.utf8)) == nil, "\(replica.name) keeps it")
            }
        }
        #expect(try hub.erasures().count == 1)
        #expect(try hub.verify().faults.isEmpty)
    }

    @Test func aHubThatWasPutBackAndIsBroughtTheOrderFindsWhatWasTakenOver_ERA6_ERA9() throws {
        let (start, one, two) = try secret()
        var hub = start
        try hub.backUp(to: folder + "/backup")
        try erase(hub)
        try sync(hub, [two])
        hub = try restoreHub(hub, from: "backup")
        try one.merge(key("a"), into: key("b"), in: "client", taking: ["phone"])
        try sync(hub, [one])
        #expect(try shown(hub.replica).contains(Self.canary), "the hub does not know of the order")
        try sync(hub, [two, one], rounds: 4)
        try expect("b:Hengda Co:- d:Ruifeng:4", hub, [one, two], orders: 2)
    }
}
