import Foundation
import GRDB
import SatchelHub
import SatchelModel
import SatchelStore
import SatchelTesting
import Testing

@testable import Satchel

/// What comes when somebody was erased already, by whatever road: it is judged by what it is in the end (ERA-6).
@Suite final class ErasureLateTests: ReviewedWorld {
    private static let canary = "SECRETCANARY"

    private func visits(_ replica: Replica) throws -> String {
        try text(replica, "SELECT id || '>' || ifnull(client_id, '-') FROM visit ORDER BY id")
    }

    /// Everybody shows these visits, nothing lies aside, and of the canary no byte is left.
    private func expect(
        _ due: String, _ hub: Hub, _ devices: [Replica], _ place: SourceLocation = #_sourceLocation
    ) throws {
        for replica in [hub.replica] + devices {
            #expect(try visits(replica) == due, "\(replica.name)", sourceLocation: place)
            #expect(try replica.setAside().isEmpty, "\(replica.name)", sourceLocation: place)
            for suffix in ["", "-wal"] {
                let contents = FileManager.default.contents(atPath: replica.path + suffix) ?? Data()
                #expect(
                    contents.range(of: Data(Self.canary.utf8)) == nil, "\(replica.name) has it still",
                    sourceLocation: place)
            }
            for sealed in try replica.changesets() {
                #expect(
                    Data(sealed.content).range(of: Data(Self.canary.utf8)) == nil, "\(replica.name) keeps it",
                    sourceLocation: place)
            }
        }
        try expectEqual(hub, devices, place)
    }

    // MARK: What waited

    /// A change of two, of the visit, waits for a client that one entered.
    private func waiting(_ sql: String, first: Bool, then: (Hub) throws -> Void) throws -> (Hub, Replica, Replica) {
        let (hub, one, two) = try pair()
        try run(one, "INSERT INTO client(id, name) VALUES ('n', 'N')")
        try carry(one, to: two)
        try run(two, sql)
        _ = try lose(two, workOf: one)
        if first { #expect(try up(two, hub).merged[0].outcome == .parked) }
        try then(hub)
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        if !first { #expect(try up(two, hub).merged[0].outcome == .parked) }
        return (hub, one, two)
    }

    @Test(arguments: [true, false])
    func whatWaitedAndWasMadeByAThiefTakesNothingFromAnybody_ERA6_REV2(parkedFirst: Bool) throws {
        let (hub, one, _) = try waiting("UPDATE visit SET client_id = 'd' WHERE id = 'va'", first: parkedFirst) {
            try $0.revoke("two")
        }
        try sync(hub, [one], rounds: 3)
        #expect(try hub.quarantine().changesets.count == 1)
        try expect("va>a", hub, [one])
        #expect(try hub.erasures().count == 1)
    }

    @Test(arguments: [true, false])
    func whatWaitedAndRefersToAnErasedRowGoesWhenItIsLetGo_ERA6_EXC33(parkedFirst: Bool) throws {
        let (hub, one, two) = try waiting("INSERT INTO visit VALUES ('v9', 'd', '\(Self.canary)')", first: parkedFirst)
        { _ in
        }
        #expect(try hub.erasures().count == 1, "what waits is in no row")
        try sync(hub, [one, two], rounds: 3)
        try expect("va>a", hub, [one, two])
        #expect(try hub.erasures().count == 2)
    }

    @Test(arguments: [true, false])
    func whatWaitedAndIsOfARowThatItsAuthorCouldNotHoldTakesItFromNobody_ERA6_SCO19(parkedFirst: Bool) throws {
        let (hub, wang, li) = try scoped()
        let friend = try device("friend", hub, scopes: ["wang"])
        try run(
            li,
            "INSERT INTO client(id, name, owner) VALUES ('c2', 'L', 'li'); INSERT INTO visit(id, client) VALUES ('v2', 'c2')"
        )
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w1', 'W', 'wang')")
        try sync(hub, [wang, li, friend])
        try run(friend, "INSERT INTO client(id, name, owner) VALUES ('w2', 'W2', 'wang')")
        try carry(friend, to: wang)
        #expect(try text(wang, "SELECT id FROM client ORDER BY id") == "w1 w2")
        try run(wang, "INSERT INTO visit(id, client) VALUES ('v2', 'w1'), ('\(Self.canary)', 'w1')")
        _ = try lose(wang, workOf: friend)
        if parkedFirst { #expect(try up(wang, hub).merged[0].outcome == .parked) }
        _ = try hub.erase(table: "client", key: key("w1"), withReferences: true)
        if !parkedFirst { #expect(try up(wang, hub).merged[0].outcome == .parked) }
        try sync(hub, [friend, li, wang], rounds: 3)
        for replica in [hub.replica, li] {
            #expect(try text(replica, "SELECT id || client FROM visit") == "v2c2", "\(replica.name)")
        }
        #expect(try hub.erasures().count == 2, "the visit that was theirs goes")
        #expect(try hub.outsideChanges().isEmpty)
        for replica in [hub.replica, friend, li, wang] {
            for sealed in try replica.changesets() {
                #expect(Data(sealed.content).range(of: Data(Self.canary.utf8)) == nil, "\(replica.name)")
            }
        }
        for replica in [friend, li, wang] { #expect(try replica.digest() == hub.digest(for: replica.name)) }
    }

    @Test(arguments: [true, false])
    func whatWaitedForANewerProgramIsAskedToo_ERA6_EXC36(byAThief: Bool) throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE visit SET client_id = 'd' WHERE id = 'va'")
        if byAThief { try hub.revoke("two") }
        hub.replica.withEngine { $0.newestContent = 0 }
        #expect(try up(two, hub).merged[0].outcome == .parked)
        hub.replica.withEngine { $0.newestContent = 1 }
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, byAThief ? [one] : [one, two], rounds: 3)
        try expect(byAThief ? "va>a" : "", hub, byAThief ? [one] : [one, two])
        #expect(try hub.erasures().count == (byAThief ? 1 : 2))
    }

    @Test(arguments: [true, false])
    func whatIsLetGoByDeclaringAChangesetLostGoesToo_ERA6_EXC31(declared: Bool) throws {
        let (hub, one, two) = try pair()
        try run(two, "INSERT INTO client(id, name) VALUES ('n', 'N')")
        try carry(two, to: one)
        try run(one, "INSERT INTO visit VALUES ('v9', 'd', '\(Self.canary)')")
        let lost = try lose(one, workOf: two)
        #expect(try up(one, hub).merged[0].outcome == .parked)
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        if declared { try hub.declareLost([lost.description]) } else { try up(two, hub) }
        #expect(try hub.erasures().count == 2, "an order follows for the visit")
        try expect("va>a", hub, [])
        try sync(hub, [one, two], rounds: 3)
        try expect("va>a", hub, [one, two])
    }

    // MARK: What is handed in

    @Test func aRowThatIsHandedInAndRefersToAnErasedRowGoes_ERA6_EXC29() throws {
        let (start, one, two) = try pair()
        var hub = start
        try hub.backUp(to: folder + "/backup")
        try run(two, "INSERT INTO visit VALUES ('v9', 'd', '\(Self.canary)')")
        try sync(hub, [two, one])
        #expect(try visits(one) == "v9>d va>a")
        hub = try restoreHub(hub, from: "backup")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [one], rounds: 4)
        try expect("va>a", hub, [one])
        #expect(try hub.erasures().count == 2)
        try sync(hub, [two, one], rounds: 3)
        try expect("va>a", hub, [one, two])
    }

    @Test(arguments: [true, false]) func aRowThatWasMergedIntoAnErasedOneGoesByWhateverRoadItComes_ERA6_MRG50(
        handedIn: Bool
    ) throws {
        let (start, one, two) = try pair()
        var hub = start
        try hub.backUp(to: folder + "/backup")
        try two.merge(key("b"), into: key("d"), in: "client", taking: [], actor: "two")
        if handedIn {
            try sync(hub, [two, one])
            hub = try restoreHub(hub, from: "backup")
        } else {
            try two.seal()
        }
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, handedIn ? [one] : [two, one], rounds: 4)
        if handedIn { try sync(hub, [two, one], rounds: 2) }
        for replica in [hub.replica, one, two] {
            #expect(try text(replica, "SELECT id FROM client ORDER BY id") == "a", "\(replica.name)")
            #expect(try replica.bin().isEmpty && replica.setAside().isEmpty, "\(replica.name)")
        }
        #expect(try hub.erasures().count == 2)
        try expectEqual(hub, [one, two])
    }

    // MARK: What names them no more

    @Test(arguments: [true, false])
    func aRowThatWasMovedAndMovedBackStays_ERA6(oneSeal: Bool) throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE visit SET client_id = 'd' WHERE id = 'va'", seal: !oneSeal)
        try run(two, "UPDATE visit SET client_id = 'a' WHERE id = 'va'")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [two, one], rounds: 3)
        try expect("va>a", hub, [one, two])
        #expect(try hub.erasures().count == 1)
    }

    /// The one who carries them hears of the order before the hub hears of them.
    @Test(arguments: ["UPDATE visit SET client_id = 'b'", "DELETE FROM visit WHERE id = 'va'"], [true, false])
    func whoCarriesARowThatWasMovedOnHasItAsTheHubDoes_ERA6_ERA10(then: String, together: Bool) throws {
        let (hub, one, two) = try pair()
        let three = try device("three", hub)
        try sync(hub, [three])
        try run(two, "UPDATE visit SET client_id = 'd' WHERE id = 'va'")
        if !together { try carry(two, to: one) }
        try run(two, then)
        try run(three, "UPDATE visit SET note = 'seen' WHERE id = 'va'")
        try sync(hub, [three])
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        // Of the hub's reply, which touches the row, both go on from their own changes.
        for replica in [one, two] { try down(replica, hub) }
        try carry(two, to: one)
        #expect(try one.digest() == two.digest())
        let isDeleted = then.hasPrefix("DELETE")
        if !isDeleted {
            for replica in [one, two] { #expect(try visits(replica) == "va>b", "\(replica.name)") }
        }
        #expect(try one.conflicts().allSatisfy { $0.kind == .deleted })
        try sync(hub, [one, two, three], rounds: 3)
        let kept = try hub.replica.conflicts().map(\.id)
        for replica in [one, two, three] { #expect(try replica.conflicts().map(\.id) == kept) }
        if isDeleted {
            // The deletion leaves the row naming them (MRG-5), so it is theirs.
            try expect("", hub, [one, two, three])
        } else {
            try expect("va>b", hub, [one, two, three])
        }
        #expect(try hub.erasures().count == (isDeleted ? 2 : 1))
    }

    @Test func aRowThatWasMovedAndMovedBackWithinItsScopesStays_ERA6_SCO19() throws {
        let (hub, wang, li) = try scoped()
        let friend = try device("friend", hub, scopes: ["wang"])
        try run(
            wang,
            "INSERT INTO client(id, name, owner) VALUES ('w1', 'W', 'wang'), ('w3', 'W', 'wang'); INSERT INTO visit(id, client) VALUES ('v1', 'w1')"
        )
        try sync(hub, [wang, li, friend])
        try run(wang, "UPDATE visit SET client = 'w3'")
        try carry(wang, to: friend)
        try run(wang, "UPDATE visit SET client = 'w1'")
        try run(wang, "INSERT INTO visit(id, client) VALUES ('\(Self.canary)', 'w3')")
        _ = try hub.erase(table: "client", key: key("w3"), withReferences: true)
        try sync(hub, [wang, friend, li], rounds: 3)
        for replica in [hub.replica, wang, friend] {
            #expect(try text(replica, "SELECT id || client FROM visit") == "v1w1", "\(replica.name)")
        }
        for replica in [wang, friend, li] { #expect(try replica.digest() == hub.digest(for: replica.name)) }
        #expect(try hub.erasures().count == 2 && hub.outsideChanges().isEmpty)
    }

    @Test func aRowThatANewerBundleMovesOnIsGoneByThen_ERA6() throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE visit SET client_id = 'd', note = '\(Self.canary)' WHERE id = 'va'")
        try two.pack(to: folder + "/first")
        try run(two, "UPDATE visit SET client_id = 'a' WHERE id = 'va'")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        _ = try hub.merge([folder + "/first"])
        #expect(try hub.erasures().count == 2, "all that came with it names them")
        try sync(hub, [two, one], rounds: 3)
        try expect("", hub, [one, two])
    }

    @Test func aRowWhoseLateChangeIsAccountedForStays_ERA6_EXC30() throws {
        let (start, one, two) = try pair()
        var hub = start
        let three = try device("three", hub)
        try sync(hub, [three])
        try hub.backUp(to: folder + "/backup")
        try run(two, "UPDATE visit SET client_id = 'd' WHERE id = 'va'")
        try carry(two, to: one)
        try run(one, "UPDATE visit SET client_id = 'a' WHERE id = 'va'")
        try sync(hub, [one])
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, [one, three], rounds: 3)
        #expect(try visits(hub.replica) == "va>a", "control")
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [one, three])
        try sync(hub, [two, one, three], rounds: 3)
        try expect("va>a", hub, [one, two, three])
        #expect(try hub.erasures().count == 1)
    }

    @Test func aCopiedFileBringsNothingBack_ERA5_ERA6_EXC27() throws {
        let (hub, one, two) = try pair()
        let copy = try one.duplicate(to: folder + "/copy.db")
        try run(
            copy,
            "INSERT INTO visit VALUES ('v9', 'd', '\(Self.canary)'); UPDATE client SET phone = '\(Self.canary)' WHERE id = 'd'"
        )
        try carry(copy, to: two)
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        try sync(hub, [one, two], rounds: 2)
        try up(copy, hub)
        try down(copy, hub)
        try sync(hub, [one, two, copy], rounds: 3)
        try expect("va>a", hub, [one, two, copy])
    }
}
