import Foundation
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Files of one device that go on beside each other, and those that were replaced (IDN-10).
@Suite final class LinesThatLiveTests: ReviewedWorld {
    private var anchors: Anchoring { .store(FileAnchors(directory: folder + "/anchors")) }

    private func copy(_ from: String, _ to: String) throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(to).db" + suffix)
        }
        try FileManager.default.copyItem(atPath: "\(folder)/\(from).db", toPath: "\(folder)/\(to).db")
    }

    private func open(_ name: String) throws -> Replica {
        try Replica.open(at: "\(folder)/\(name).db", anchors: anchors)
    }

    /// A hub, a, and b with a client; and a copy of b's file. The hub has met all.
    private func twins(scopes: Bool = false) throws -> (Hub, Replica, Replica, Replica) {
        let (hub, _) = try world(Self.clients)
        if scopes { for name in ["a", "b"] { try hub.setScope(name, rules: ["client BY phone '\(name)'"]) } }
        let a = try device("a", hub, scopes: scopes ? ["a"] : nil)
        let b = try Replica.create(
            at: folder + "/b.db", enrolment: hub.enrol(name: "b", scopes: scopes ? ["b"] : nil), anchors: anchors)
        try run(b, "INSERT INTO client VALUES ('p', 'Person', 'b')")
        try sync(hub, [a, b])
        try b.close()
        try copy("b", "b2")
        let (first, second) = (try open("b"), try open("b2"))
        #expect(try second.status().formerLines.map(\.reason) == ["copied"] && first.status().formerLines.isEmpty)
        try sync(hub, [a, first, second])
        return (hub, a, first, second)
    }

    @Test func aReceiptIsOneForEachCopy_ERA8_IDN10() throws {
        let (hub, a, b, second) = try twins()
        _ = try hub.erase(table: "client", key: key("p"))
        try sync(hub, [a, b], rounds: 3)
        let status = try #require(try hub.erasures().first)
        #expect(status.confirmed == ["a"], "the copy still holds them")
        #expect(status.missing.map(\.name) == ["b"] && status.missing.map(\.isCopy) == [true])
        #expect(try text(second, "SELECT name FROM client") == "Person")
        try sync(hub, [second], rounds: 3)
        #expect(try hub.erasures().first?.confirmed == ["a", "b"])
        #expect(try hub.erasures().first?.missing.isEmpty == true && text(second, "SELECT name FROM client") == "")
    }

    @Test func aRecordIsEverywhereWhenEachCopyHasIt_INB13_IDN10() throws {
        let (hub, a, b, second) = try twins()
        try run(a, "INSERT INTO client VALUES ('z', 'Z', '1')")
        try sync(hub, [a, b], rounds: 3)
        func level() throws -> RecordStatus.Level { try a.status(table: "client", key: key("z")).level }
        #expect(try level() == .atHub && text(second, "SELECT id FROM client") == "p")
        try sync(hub, [second, a, b], rounds: 3)
        #expect(try level() == .everywhere)
    }

    @Test func aHandoverWaitsForEachCopyAsLongAsItIsNotGivenUp_SCO25_IDN10() throws {
        let (hub, a, b, second) = try twins(scopes: true)
        try run(second, "INSERT INTO client VALUES ('late', 'not sent', 'b')")
        _ = try hub.handOver(from: "b", to: "a")
        try sync(hub, [a, b], rounds: 3)
        func list() throws -> HandoverChecklist { try hub.checkHandOver(from: "b", to: "a").checklist }
        #expect(try list().formerCopies == 1 && !list().formerHasCome && !list().isComplete)
        // Whoever knows that there is no such file any more gives the device up, and what comes is live again.
        try hub.retire("b")
        try sync(hub, [b], rounds: 2)
        #expect(try list().formerCopies == 0 && list().formerHasCome && list().isComplete)
        try up(second, hub)
        #expect(try list().stillNamed == 1 && !list().formerHasCome && !list().isComplete)
        _ = try hub.handOver(from: "b", to: "a")
        try sync(hub, [b, second], rounds: 2)
        #expect(try list().isComplete && list().formerCopies == 0)
    }

    /// What was replaced never speaks again, but for what it left on a stick.
    @Test(arguments: [true, false]) func nobodyWaitsForAFileThatWasReplaced_ERA8_INB13_IDN10(wroteSince: Bool) throws {
        let (hub, _) = try world(Self.clients)
        let a = try device("a", hub)
        var b = try Replica.create(at: folder + "/b.db", enrolment: hub.enrol(name: "b"), anchors: anchors)
        try run(b, "INSERT INTO client VALUES ('p', 'Person', NULL)")
        try sync(hub, [a, b])
        try b.close()
        try copy("b", "saved")
        b = try open("b")
        let line = b.origin
        if wroteSince { try run(b, "INSERT INTO client VALUES ('q', 'since', NULL)") }
        try sync(hub, [a, b])
        try b.pack(to: folder + "/stick")
        try b.close()
        // Kept, so that the number is not given anew.
        try FileManager.default.moveItem(atPath: folder + "/b.db", toPath: folder + "/old.db")
        try copy("saved", "b")
        b = try open("b")
        #expect(try b.origin != line && b.status().formerLines.map(\.reason) == ["restored"], "it lies in its place")
        _ = try hub.erase(table: "client", key: key("p"))
        try sync(hub, [a, b], rounds: 3)
        #expect(try hub.erasures().first?.missing.isEmpty == true)
        _ = try hub.merge([folder + "/stick"])
        #expect(try hub.erasures().first?.missing.isEmpty == true, "an old bundle says nothing of today")
        try run(a, "INSERT INTO client VALUES ('z', 'Z', '1')")
        try sync(hub, [a, b], rounds: 3)
        #expect(try a.status(table: "client", key: key("z")).level == .everywhere)
        // What was thought to be replaced is brought back, and speaks: it stands beyond the log of that day.
        let old = try open("old")
        #expect(old.origin == line)
        try sync(hub, [old, old])
        _ = try hub.erase(table: "client", key: key("z"))
        try sync(hub, [a, b], rounds: 3)
        #expect(try hub.erasures().last?.missing.map(\.isCopy) == [true])
    }

    @Test func anOlderCopyBesideTheFileIsNoRestoredOne_IDN7_IDN10() throws {
        let (hub, _) = try world(Self.clients)
        var b = try Replica.create(at: folder + "/b.db", enrolment: hub.enrol(name: "b"), anchors: anchors)
        try sync(hub, [b])
        try b.close()
        try copy("b", "b2")
        b = try open("b")
        try run(b, "INSERT INTO client VALUES ('p', 'Person', NULL)")
        try sync(hub, [b])
        #expect(try open("b2").status().formerLines.map(\.reason) == ["copied"])
    }
}
