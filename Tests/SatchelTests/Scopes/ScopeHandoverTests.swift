import GRDB
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

@testable import Satchel

/// Handing over, looking before granting, and meeting without a hub (SCO-21 to SCO-27).
@Suite struct ScopeHandoverTests {
    private func handedOver() throws -> ScopeWorld {
        let world = try ScopeWorld()
        try world.sql(
            "hub", "INSERT INTO client(id, name, owner) VALUES ('c1','a','wang'), ('c2','b','wang'), ('c3','c','li')",
            "INSERT INTO visit VALUES ('v1', 'c1', NULL, 'n')")
        try world.sync()
        return world
    }

    @Test func aHandoverMovesTheOwnerAndTheGrantsAndTheCountsAreTrueOnBothSides_SCO24_SCO25() throws {
        let world = try handedOver()
        let report = try world.hub.handOver(from: "wang", to: "li", actor: "operator")
        #expect(report.scopes == ["wang"])
        #expect(report.owners.map(\.rows) == [2] && report.owners.map(\.to) == ["li"])
        #expect(report.counts.map(\.table) == ["client", "plan", "visit"], "people's tables and no others")
        let clients = try #require(report.counts.first { $0.table == "client" })
        #expect(
            [clients.formerBefore, clients.formerAfter, clients.successorBefore, clients.successorAfter] == [
                2, 0, 1, 3,
            ])
        #expect(!report.checklist.formerHasCome && !report.checklist.isComplete)
        try world.sync()
        #expect(try world.ids("li") == ["c1", "c2", "c3"] && world.ids("li", "visit") == ["v1"])
        #expect(try world.ids("wang") == [] && world.ids("wang", "visit") == [])
        #expect(try world.hub.checkHandOver(from: "wang", to: "li").checklist.isComplete)
        try world.expectAgreement()
    }

    @Test func whatTheFormerOwnerHadNotSentReachesTheSuccessorAndIsOnTheChecklist_SCO24_SCO25() throws {
        let world = try handedOver()
        try world.sql("wang", "INSERT INTO client(id, name, owner) VALUES ('late', 'd', 'wang')")
        try world.sql("wang", "UPDATE client SET phone = '5' WHERE id = 'c1'")
        _ = try world.hub.handOver(from: "wang", to: "li")
        try world.sync()
        #expect(try world.ids("li") == ["c1", "c2", "c3", "late"])
        #expect(try world.value("li", "SELECT phone FROM client WHERE id = 'c1'") == "5")
        #expect(try world.hub.checkHandOver(from: "wang", to: "li").checklist.stillNamed == 1)
        let again = try world.hub.handOver(from: "wang", to: "li")
        #expect(again.owners.map(\.rows) == [1] && again.checklist.stillNamed == 0)
        try world.sync()
        try world.expectAgreement()
    }

    @Test func whatIsOpenInTheRowsHandedOverStaysOnTheListWhereverTheyAreNow_SCO25() throws {
        let world = try handedOver()
        try world.sql("wang", "UPDATE client SET phone = '1' WHERE id = 'c1'")
        try world.sql("hub", "UPDATE client SET phone = '2' WHERE id = 'c1'")
        try world.sync()
        #expect(try world.hub.checkHandOver(from: "wang", to: "li").checklist.conflicts == 1)
        #expect(try world.hub.handOver(from: "wang", to: "li").checklist.conflicts == 1)
        try world.sync()
        let list = try world.hub.checkHandOver(from: "wang", to: "li").checklist
        #expect(list.conflicts == 1 && list.isComplete)
        // Done again with nothing to do, it begins nothing anew.
        #expect(try world.hub.handOver(from: "wang", to: "li").checklist.isComplete)
        try world.expectAgreement()
    }

    @Test func aPreviewSaysWhatTheReplyWillHoldAndChangesNothing_SCO26() throws {
        let world = try handedOver()
        let position = try world.hub.position()
        let preview = try world.hub.preview(rules: ["client BY owner 'wang'", "visit IN (client)"])
        #expect(preview.rows == 3 && preview.tables.first { $0.table == "client" }?.rows == 2)
        #expect(try world.hub.position() == position && world.hub.scopes().count == 2)
        try world.add("new", scopes: ["wang"])
        let due = try world.hub.preview(device: "new")
        let real = try world.hub.pack(for: "new", to: world.folder + "/new.down")
        #expect(due.rows == real.rows && due.rows == 3)
        #expect(abs(due.bytes - real.bytes) < 200, "but for names and random ids")
    }

    @Test func aDeviceSaysByWhatScopesItIsServed_SCO27() throws {
        let world = try handedOver()
        #expect(try world["wang"].status().scopes == ["wang"])
        try world.add("fresh")
        #expect(try world["fresh"].status().scopes == [])
        try world.hub.grant("fresh", scopes: ["all"])
        try world.sync("fresh")
        #expect(try world["fresh"].status().scopes == ["all"])
    }

    private func sideways(_ world: ScopeWorld, from: String, to: String) throws -> PackReport {
        _ = try world[to].have(to: world.folder + "/have")
        let report = try world[from].pack(for: world.folder + "/have", to: world.folder + "/side")
        try world[to].apply(world.folder + "/side")
        return report
    }

    @Test func aChangesetGoesSidewaysWholeOrNotAtAllByTheReceiversScopes_SCO21_SCO22_EXC21() throws {
        let world = try handedOver()
        try world.add("office", scopes: ["wang", "li"])
        try world.sync()
        try world.sql("office", "UPDATE client SET phone = '1' WHERE id = 'c1'")
        try world.sql("office", "UPDATE client SET phone = '3' WHERE id = 'c3'")
        try world.sql(
            "office", "UPDATE client SET district = 'N' WHERE id = 'c2'",
            "UPDATE client SET district = 'S' WHERE id = 'c3'")
        #expect(try sideways(world, from: "office", to: "wang").changesets == 1)
        #expect(try world.value("wang", "SELECT phone FROM client WHERE id = 'c1'") == "1")
        #expect(
            try world.value("wang", "SELECT district FROM client WHERE id = 'c2'") == nil, "not a part of it either")
        #expect(try world.ids("wang") == ["c1", "c2"])
        try world.sync()
        try world.expectAgreement()
    }

    @Test func whatIsWithheldIsNamedByItsAuthorAndByWhatBuildsOnIt_EXC34_P11() throws {
        let clock = ScriptClock(1_777_914_600_000)  // 4 May 2026, 17:10 UTC
        let world = try ScopeWorld(clock: clock)
        try world.add("office", scopes: ["wang", "li"])
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang'), ('c3', 'c', 'li')")
        try world.sync()
        try world.sql("office", "UPDATE client SET phone = 'of li' WHERE id = 'c3'")
        clock.advance(by: 86_400_000)
        try world.sql("office", "UPDATE client SET phone = '1' WHERE id = 'c1'")
        let time = try #require(try world["office"].changesets().last).head.time
        clock.advance(by: 86_400_000)
        #expect(try sideways(world, from: "office", to: "wang").changesets == 1)
        let waiting = try world["wang"].status().parked
        #expect(waiting.map(\.device) == ["office"])
        #expect(waiting.map(\.waitsFor) == [["earlier work of office from before \(time.spoken(now: clock.now()))"]])
        try world.sync()
        #expect(try world["wang"].status().parked.isEmpty)
        try world.expectAgreement()
    }

    @Test func aRowOnItsWayBetweenScopesGoesByTheHub_SCO22() throws {
        let world = try handedOver()
        try world.add("office", scopes: ["wang", "li"])
        try world.sync()
        try world.sql("office", "UPDATE client SET phone = 'for li' WHERE id = 'c3'")
        try world.sql("office", "UPDATE client SET owner = 'wang' WHERE id = 'c3'")
        #expect(try sideways(world, from: "office", to: "wang").changesets == 0)
        try world.sync()
        #expect(try world.ids("wang") == ["c1", "c2", "c3"])
        try world.expectAgreement()
    }

    @Test func whatIsEvidentlyInNoneOfItsScopesIsCarriedToTheHubAndNotShown_SCO23() throws {
        let world = try handedOver()
        try world.add("office", scopes: ["wang", "li"])
        try world.hub.grant("wang", scopes: ["wang", "li"])
        try world.sync()
        // The office goes by what wang was served when this was written; wang has been served less since.
        try world["wang"].have(to: world.folder + "/have")
        try world.hub.grant("wang", scopes: ["wang"])
        try world.sync("wang")
        try world.sql("office", "INSERT INTO client(id, name, owner) VALUES ('c8', 'x', 'wang')")
        try world.sql("office", "INSERT INTO client(id, name, owner) VALUES ('c9', 'x', 'li')")
        #expect(try world["office"].pack(for: world.folder + "/have", to: world.folder + "/side").changesets == 2)
        let report = try world["wang"].apply(world.folder + "/side")
        #expect(report.changesets == 1 && report.parked == 1)
        #expect(try world.ids("wang") == ["c1", "c2", "c8"])
        try world.up("wang")
        #expect(try world.ids("hub") == ["c1", "c2", "c3", "c8", "c9"])
        try world.sync()
        #expect(try world["wang"].status().parked.isEmpty)
        try world.expectAgreement()
    }

    @Test func whoHasNotMetTheHubSinceKeepsTheScopeAndGetsSidewaysWhatItGotBefore_SCO28() throws {
        let world = try handedOver()
        try world.add("office", scopes: ["wang", "li"])
        try world.sync()
        try world.hub.grant("wang", scopes: [])
        try world.sync("office")
        try world.sql("office", "UPDATE client SET phone = '1' WHERE id = 'c1'")
        #expect(try sideways(world, from: "office", to: "wang").changesets == 1)
        #expect(try world.ids("wang") == ["c1", "c2"])
        try world.down("wang")
        #expect(try world.ids("wang") == [])
        #expect(try sideways(world, from: "office", to: "wang").changesets == 0)
        try world.sync()
        try world.expectAgreement()
    }

    @Test func aDeviceWithoutACertificateGetsNothingWhereThereAreScopes_SCO21() throws {
        let world = try handedOver()
        try world.add("fresh", scopes: ["wang"])
        try world.sql("wang", "UPDATE client SET phone = '1' WHERE id = 'c1'")
        #expect(try sideways(world, from: "wang", to: "fresh").changesets == 0)
        try world.sync("fresh")
        #expect(try sideways(world, from: "wang", to: "fresh").changesets == 1)
    }
}
