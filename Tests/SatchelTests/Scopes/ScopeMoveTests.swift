import GRDB
import Satchel
import SatchelHub
import Testing

/// Rows that enter, leave and move between two people's scopes (SCO-6 to SCO-15, EXC-15 to EXC-19).
@Suite struct ScopeMoveTests {
    @Test func eachDeviceGetsTheRowsOfItsScopesWithTheirParentsAndNoOthers_SCO4_SCO12() throws {
        let world = try ScopeWorld()
        try world.sql(
            "hub", "INSERT INTO plan VALUES ('p1', 'x'), ('p2', 'y')",
            "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang'), ('c2', 'b', 'li'), ('c3', 'c', NULL)",
            "INSERT INTO visit VALUES ('v1', 'c1', 'p1', 'n'), ('v2', 'c2', 'p2', 'n')")
        try world.sync()
        #expect(try world.ids("wang") == ["c1"])
        #expect(try world.ids("wang", "visit") == ["v1"])
        #expect(try world.ids("wang", "plan") == ["p1"])
        #expect(try world.ids("li") == ["c2"] && world.ids("li", "plan") == ["p2"])
        try world.expectAgreement()
    }

    @Test func aConditionJudgesValuesByTheAffinityOfTheirColumn_SCO3() throws {
        let world = try ScopeWorld(
            schema: "CREATE TABLE t(id TEXT PRIMARY KEY NOT NULL, v ANY);"
                + "CREATE TABLE s(id TEXT PRIMARY KEY NOT NULL, v ANY) STRICT;",
            people: [])
        try world.sql("hub", "INSERT INTO t VALUES ('a', '7'), ('b', 'x')", "INSERT INTO s VALUES ('a', '7'), ('b', 7)")
        try world.hub.setScope("texts", rules: ["t WHERE typeof(v) = 'text'", "s WHERE typeof(v) = 'text'"])
        try world.add("reader", scopes: ["texts"])
        try world.sync()
        // Outside of a STRICT table ANY is NUMERIC, and the text is a number.
        #expect(try world.ids("reader", "t") == ["b"] && world.ids("reader", "s") == ["a"])
        try world.expectAgreement()
    }

    @Test func withoutAnyRuleEveryDeviceHasEverythingAndNothingIsCounted_SCO6() throws {
        let world = try ScopeWorld(people: [])
        try world.add("wang")
        try world.sql("hub", "INSERT INTO client(id, name) VALUES ('c1', 'a')")
        try world.sync()
        #expect(try world.ids("wang") == ["c1"])
        let counted = try world.hub.replica.read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT (SELECT count(*) FROM satchel_scope_row) + (SELECT count(*) FROM satchel_scope_edge) "
                    + "+ (SELECT count(*) FROM satchel_scope_grant) + (SELECT count(*) FROM satchel_scope_set)")
        }
        #expect(counted == 0)
    }

    @Test func theFirstRuleEmptiesNoTabletAndALaterTabletGetsNothingUnlessGranted_SCO6() throws {
        let world = try ScopeWorld(people: [])
        try world.add("wang")
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'li')")
        try world.hub.setScope("li", rules: ["client BY owner 'li'"])
        try world.add("new")
        try world.sync()
        #expect(try world.ids("wang") == ["c1"] && world.hub.granted("wang") == ["all"])
        #expect(try world.ids("new") == [] && world.hub.granted("new") == [])
        try world.hub.grant("new", scopes: ["li"])
        try world.sync()
        #expect(try world.ids("new") == ["c1"])
        try world.hub.grant("wang", scopes: [])
        try world.sync()
        #expect(try world.ids("wang") == [])
        try world.expectAgreement()
    }

    @Test func aClientMovedBetweenTwoPeopleWhileBothAreOfflineKeepsBothTheirEdits_SCO13_SCO15_SCO17_EXC18() throws {
        let world = try ScopeWorld()
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang'), ('c2', 'b', 'wang')")
        try world.sync()
        try world.sql("wang", "UPDATE client SET phone = '1' WHERE id = 'c1'")
        try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'c1', NULL, 'late')")
        try world.sql("hub", "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try world.sync("li")
        try world.sql("li", "UPDATE client SET district = 'N' WHERE id = 'c1'")
        // The former owner learns of it before their edits are handed in: they are kept.
        try world.down("wang")
        #expect(try world.ids("wang") == ["c2"])
        #expect(try world["wang"].status().unreceipted == 2)
        try world.sync()
        #expect(try world.value("li", "SELECT phone || district FROM client WHERE id = 'c1'") == "1N")
        #expect(try world.ids("li", "visit") == ["v1"] && world.ids("wang", "visit") == [])
        #expect(try world["wang"].status().isAllAtHub)
        try world.expectAgreement()
    }

    @Test func aDeviceThatLeftAScopeMetTheKeyAgainAndWroteItErasesNothingThatItHadNotSeen_EXC17_SCO19() throws {
        let world = try ScopeWorld()
        try world.sql("hub", "INSERT INTO client(id, name, owner, phone) VALUES ('c1', 'a', 'wang', '1')")
        try world.sync()
        try world.sql("hub", "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try world.sync()
        try world.sql("li", "UPDATE client SET phone = '2' WHERE id = 'c1'")
        try world.sync("li")
        try world.sql("wang", "INSERT INTO client(id, name, owner, phone) VALUES ('c1', 'mine', 'wang', '3')")
        try world.sync()
        #expect(try world.value("hub", "SELECT phone FROM client") == "2")
        #expect(try world.ids("wang") == [] && world["wang"].status().isAllAtHub)
        #expect(try world.value("li", "SELECT name || phone FROM client") == "a2")
        try world.expectAgreement()
    }

    @Test func rulesThatChangeMoveRowsAndOnlyTheseTravel_SCO7_SCO11_EXC15() throws {
        let world = try ScopeWorld()
        try world.sql(
            "hub", "INSERT INTO client(id, name, owner, district) VALUES ('c1','a','wang','N'), ('c2','b','li','N')",
            "INSERT INTO client(id, name, owner, district) VALUES ('c3','c','li','S')")
        try world.sync()
        try world.hub.setScope("wang", rules: ["client BY owner 'wang'", "client WHERE district = 'N'"])
        try world.up("wang")
        let report = try world.hub.pack(for: "wang", to: world.folder + "/x")
        #expect(report.rows == 1)
        try world.sync()
        #expect(try world.ids("wang") == ["c1", "c2"])
        try world.hub.setScope("wang", rules: ["client WHERE district = 'S'"])
        try world.sync()
        #expect(try world.ids("wang") == ["c3"])
        try world.expectAgreement()
    }

    @Test func aRowThatCameAndWentWhileTheDeviceWasAwayIsNeverNamedToIt_SCO13() throws {
        let world = try ScopeWorld()
        try world.sync()
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('secret', 'a', 'wang')")
        try world.sync("li")
        try world.sql("hub", "UPDATE client SET owner = 'li' WHERE id = 'secret'")
        try world.up("wang")
        try world.hub.pack(for: "wang", to: world.folder + "/x")
        let bundle = try inspectedItems(world.folder + "/x", as: world["wang"])
        #expect(!bundle.contains("secret"))
        try world.sync()
        #expect(try world.ids("li") == ["secret"])
    }

    @Test func aDeadParentKeptByAChildOutsideIsShownInsideAndGoesWithIt_SCO14_EXC19() throws {
        let world = try ScopeWorld()
        try world.hub.setScope("wang", rules: ["client BY owner 'wang'"])  // no visits
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang')")
        try world.hub.setScope("office", rules: ["client ALL", "visit ALL"])
        try world.add("office", scopes: ["office"])
        try world.sync()
        try world.sql("office", "INSERT INTO visit VALUES ('v1', 'c1', NULL, 'x')")
        try world.sql("wang", "DELETE FROM client WHERE id = 'c1'")
        try world.sync()
        #expect(try world.ids("hub") == ["c1"])
        #expect(try world.ids("wang") == ["c1"], "the visit that keeps it is not here")
        #expect(try world["wang"].conflicts().map(\.kind) == [.inUse])
        try world.expectAgreement()
        try world.sql("office", "DELETE FROM visit WHERE id = 'v1'")
        try world.sync()
        #expect(try world.ids("wang") == [] && world.ids("hub") == [])
        try world.expectAgreement()
    }

    @Test func whatLeavesIsInNoTableAndNoGraveyardAndABackupOfTheDeviceHasItStill_SCO29() throws {
        let world = try ScopeWorld()
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang'), ('c2', 'b', 'wang')")
        try world.sync()
        try world.sql("wang", "DELETE FROM client WHERE id = 'c2'")
        try world.sync()
        let held = "SELECT group_concat(id) || (SELECT count(*) FROM satchel_grave) FROM client"
        #expect(try world.value("wang", held) == "c11")
        try DatabaseQueue(path: world["wang"].path).vacuum(into: world.folder + "/backup")
        try world.hub.grant("wang", scopes: [])
        try world.sync()
        #expect(try world.ids("wang") == [])
        #expect(try world.value("wang", "SELECT CAST(count(*) AS TEXT) FROM satchel_grave") == "0")
        #expect(try DatabaseQueue(path: world.folder + "/backup").read { try String.fetchOne($0, sql: held) } == "c11")
    }

    @Test func whatADeviceWritesForItselfIsNotSentBack_SCO12() throws {
        let world = try ScopeWorld()
        try world.sync()
        try world.sql("wang", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang'), ('c2', 'b', 'wang')")
        try world.sql("wang", "UPDATE client SET phone = '1'")
        try world.up("wang")
        #expect(try world.hub.pack(for: "wang", to: world.folder + "/x").rows == 0)
        try world["wang"].apply(world.folder + "/x")
        #expect(try world.ids("wang") == ["c1", "c2"] && world["wang"].status().isAllAtHub)
        try world.expectAgreement()
    }

    @Test func aDeviceThatMovesItsOwnClientAwayLosesItAndTheOtherGetsIt_SCO13_SCO17() throws {
        let world = try ScopeWorld()
        try world.sql("wang", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang')")
        try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'c1', NULL, 'n')")
        try world.sync()
        try world.sql("wang", "UPDATE client SET owner = 'li'")
        try world.sync()
        #expect(try world.ids("wang") == [] && world.ids("wang", "visit") == [])
        #expect(try world.ids("li") == ["c1"] && world.ids("li", "visit") == ["v1"])
        try world.expectAgreement()
    }
}
