import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

@testable import SatchelWire

/// What a device may not learn, and what it may not do (SCO-16 to SCO-19, E2, E3).
@Suite struct ScopeConfinementTests {
    /// Two hubs that differ only in what lies outside wang's scope: keys, values, names, and a table.
    private func reply(secret: String, visits: Int, person: String, since: Bool) throws -> String {
        let world = try ScopeWorld()
        try world.add(person, scopes: ["li"])
        try world.sql("wang", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang')")
        try world.sync("wang")
        try world.sql(person, "INSERT INTO client(id, name, owner, phone) VALUES ('\(secret)', '\(secret)', 'li', '1')")
        for visit in 0..<visits {
            try world.sql(person, "INSERT INTO visit VALUES ('\(secret)\(visit)', '\(secret)', NULL, '\(secret)')")
        }
        // The number of changesets may show, so it is the same on both.
        for _ in visits..<3 { try world.sql(person, "UPDATE client SET phone = phone || '\(secret)'") }
        try world.sync(person)
        try world.sql(
            "hub", "UPDATE client SET district = 'N' WHERE id = 'c1'",
            "DELETE FROM client WHERE id = 'x'", "INSERT INTO visit VALUES ('v1', 'c1', NULL, 'n')")
        if !since { try world.hub.grant("wang", scopes: []) }
        if !since { try world.sync("wang") }
        if !since { try world.hub.grant("wang", scopes: ["wang"]) }
        try world.up("wang")
        try world.hub.pack(for: "wang", to: world.folder + "/x")
        return try masked(inspectedItems(world.folder + "/x", as: world["wang"]))
    }

    /// Origins, tags, signatures and times are chance or hashes of it; positions and sequences may show (E3).
    private func masked(_ text: String) -> String {
        text.replacing(#/[0-9a-f]{32,}/#, with: "#")
            .replacing(#/(high|low|tag|milliseconds): ?-?\d+/#, with: "$")
            .replacing(#/(signature|bytes): \[[^\]]*\]/#, with: "$")
            .replacing(#/[0-9a-f]{8}\/\d+#[0-9a-f]{4}/#, with: "dot")
            .replacing(#/scopes: \d+|claimed: \d+/#, with: "scopes")
            // Heads stand in the order of their origins, which are chance.
            .replacing(#/entries: \[([^\]]*)\]/#) { heads in
                heads.output.1.components(separatedBy: "SatchelModel").map { $0.trimmingCharacters(in: [",", " "]) }
                    .sorted().joined()
            }
    }

    @Test(arguments: [true, false])
    func hubsThatDifferOnlyOutsideTheScopeWriteTheSameReply_SCO16(since: Bool) throws {
        let one = try reply(secret: "geheim", visits: 3, person: "zhao", since: since)
        let other = try reply(secret: "other-much-longer-name", visits: 1, person: "qian", since: since)
        #expect(one == other)
        for word in ["geheim", "zhao", "qian", "other-much"] { #expect(!one.contains(word) && !other.contains(word)) }
        #expect(one.contains("c1"), "the comparison compares something")
    }

    @Test func whatADeviceWritesToARowThatItNeverHeldIsSetAsideAndHoldsUpNobody_SCO17_SCO19() throws {
        let world = try ScopeWorld()
        try world.sql("li", "INSERT INTO client(id, name, owner, phone) VALUES ('c2', 'b', 'li', '1')")
        try world.sync()
        // The key is known from elsewhere; the row is entered over what lies at the hub, and a visit hung on it.
        try world.sql("wang", "INSERT INTO client(id, name, owner, phone) VALUES ('c2', 'forged', 'wang', '9')")
        try world.sql("wang", "INSERT INTO visit VALUES ('v9', 'c2', NULL, 'forged')")
        try world.sql("wang", "INSERT INTO client(id, name, owner) VALUES ('c1', 'honest', 'wang')")
        let report = try world.up("wang")
        #expect(report.merged[0].setAside == 2)
        #expect(try world.hub.outsideChanges().map(\.table) == ["client", "visit"])
        try world.sync()
        #expect(try world.value("li", "SELECT name || phone FROM client") == "b1")
        #expect(try world.ids("li", "visit") == [] && world.ids("hub", "visit") == [])
        #expect(try world.ids("wang") == ["c1"], "the honest change beside it went through")
        #expect(try world["wang"].status().isAllAtHub)
        try world.expectAgreement()
    }

    @Test func whatWasSetAsideIsNotLostAndTheOperatorMayTakeItIn_SCO19_SCO20() throws {
        let world = try ScopeWorld()
        try world.sync()
        try world.sql("wang", "INSERT INTO client(id, name, owner) VALUES ('c3', 'lead', 'li')")
        try world.sql("wang", "UPDATE client SET phone = '7' WHERE id = 'c3'")
        try world.sync()
        #expect(try world.ids("hub") == [] && world.hub.outsideChanges().count == 2)
        try world.hub.acceptSetAside(table: "client", key: RowKey([.text("c3")]))
        #expect(try world.hub.outsideChanges().isEmpty)
        try world.sync()
        #expect(try world.value("li", "SELECT name || phone FROM client") == "lead7")
        #expect(try world.ids("wang") == [])
        try world.expectAgreement()
    }

    @Test func aForgedCutGivesNoRightThatALaterChangesetOfTheLineGaveUp_SCO17() throws {
        let world = try ScopeWorld()
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang')")
        try world.sync()
        let before = try world["wang"].status().position
        try world.sql("hub", "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try world.sync()
        try world.sql("wang", "INSERT INTO client(id, name, owner) VALUES ('own', 'a', 'wang')")
        try world.sync()
        // A changeset that claims to have been made before the client moved, after one that was made later.
        try world["wang"].withEngine { engine in
            try engine.transaction { try engine.store.setMeta("position", .integer(Int64(before))) }
        }
        try world.sql("wang", "INSERT INTO client(id, name, owner) VALUES ('c1', 'forged', 'wang')")
        try world.up("wang")
        #expect(try world.hub.outsideChanges().map(\.key.display) == ["c1"])
        #expect(try world.value("hub", "SELECT name FROM client WHERE id = 'c1'") == "a")
    }

    @Test func whatIsEnteredBeforeWhatRefersToItComesInWithIt_SCO18_SCO19() throws {
        let world = try ScopeWorld()
        try world.sync()
        try world.sql("wang", "INSERT INTO plan VALUES ('p1', 'a plan that nothing refers to yet')")
        try world.up("wang")
        #expect(try world.hub.outsideChanges().count == 1)
        try world.sql("wang", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang')")
        try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'c1', 'p1', 'n')")
        try world.sync()
        #expect(try world.hub.outsideChanges().isEmpty)
        #expect(try world.ids("wang", "plan") == ["p1"] && world.ids("hub", "visit") == ["v1"])
        try world.expectAgreement()
    }

    @Test(arguments: [
        "client WHERE owner = (SELECT 1)", "client WHERE 1) UNION SELECT (1", "client WHERE random() > 0",
        "client WHERE owner = ?", "client WHERE owner = 'a'; DELETE FROM client", "client WHERE nothing = 1",
        "client WHERE", "client BY owner", "client BY nothing 'a'", "visit IN (plan, client)", "nothing ALL",
        "* BY a 'b'",
        "client ALL more", "client BY owner 'a", "client WHERE load_extension('x')", "", "client",
    ])
    func aRuleThatCannotBeMeantSoIsRefusedAndChangesNothing_SCO1_SCO2(_ rule: String) throws {
        let world = try ScopeWorld(people: [])
        #expect(throws: UsageError.self) { try world.hub.setScope("s", rules: [rule]) }
        #expect(try world.hub.scopes().isEmpty)
    }

    @Test(arguments: [
        "client ALL", "client BY owner '王''芳'", "client BY \"owner\" -5", "client WHERE owner LIKE 'a%' -- all of a",
        "visit IN client", "visit IN (plan)", "* ALL", "client WHERE coalesce(length(phone), 0) > 3",
    ])
    func aRuleReadsBackFromItsOneText_SCO1_SCO10(_ text: String) throws {
        let rule = try ScopeRule(text)
        #expect(try ScopeRule(rule.text) == rule)
        let world = try ScopeWorld(people: [])
        try world.hub.setScope("s", rules: [text])
        #expect(try world.hub.scopes().map(\.rules) == [[rule.text]])
    }

    @Test func theTagIsOfTheSetAndItsRulesWhateverTheirOrder_SCO10() throws {
        let a = ScopeDefinition(name: "a", rules: [try ScopeRule("client ALL"), try ScopeRule("visit ALL")])
        let turned = ScopeDefinition(name: "a", rules: [try ScopeRule("visit ALL"), try ScopeRule("client ALL")])
        let b = ScopeDefinition(name: "b", rules: [try ScopeRule("client ALL")])
        #expect(ScopeCertificate.tag(of: [a, b]) == ScopeCertificate.tag(of: [b, turned]))
        #expect(ScopeCertificate.tag(of: [a]) != ScopeCertificate.tag(of: [b]))
        #expect(ScopeCertificate.tag(of: [a, .all]) == ScopeCertificate.tag(of: [.all]))
    }
}
