import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Rows that scopes keep together because people merged them, and what may not be made use of (SCO-4, SCO-30, ERA-2).
@Suite struct ScopeTogetherTests {
    private func key(_ text: String) -> RowKey { RowKey([.text(text)]) }

    private func world() throws -> ScopeWorld {
        let world = try ScopeWorld()
        try world.sql(
            "hub",
            "INSERT INTO client(id, name, owner, phone) VALUES ('c1', 'a', 'wang', '1'), ('c2', 'a', 'li', '2')",
            "INSERT INTO visit VALUES ('v1', 'c1', NULL, 'n'), ('v2', 'c2', NULL, 'n')")
        try world.sync()
        return world
    }

    @Test func mergedRowsAreWhereOneOfThemIsAndPartAgainWithThem_SCO4_MRG51() throws {
        let world = try world()
        try world.hub.replica.merge(key("c1"), into: key("c2"), in: "client")
        try world.sync()
        for name in ["wang", "li"] {
            #expect(try world.ids(name) == ["c2"], "\(name)")
            #expect(try world.ids(name, "visit") == ["v1", "v2"], "\(name)")
            #expect(try world.value(name, "SELECT client FROM visit WHERE id = 'v1'") == "c2", "\(name)")
        }
        try world.expectAgreement()
        // An edit that the former owner made of the merged row reaches both.
        try world.hub.replica.unmerge(key("c1"), in: "client")
        try world.sync()
        #expect(try world.ids("wang") == ["c1"] && world.ids("wang", "visit") == ["v1"])
        #expect(try world.ids("li") == ["c2"] && world.ids("li", "visit") == ["v2"])
        try world.expectAgreement()
    }

    @Test func anEditOfTheMergedRowMadeMeanwhileReachesWhoHoldsTheOther_SCO4_MRG54() throws {
        let world = try world()
        try world.sql("wang", "UPDATE client SET district = 'N' WHERE id = 'c1'")
        try world.hub.replica.merge(key("c1"), into: key("c2"), in: "client")
        try world.sync()
        for name in ["wang", "li"] {
            #expect(try world.value(name, "SELECT district FROM client WHERE id = 'c2'") == "N", "\(name)")
        }
        try world.expectAgreement()
    }

    @Test func mergedRowsAreCountedTogetherWhenTheRulesAreMadeAfterwards_SCO4_SCO9() throws {
        let world = try ScopeWorld(people: [])
        try world.sql(
            "hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang'), ('c2', 'a', 'li')",
            "INSERT INTO visit VALUES ('v2', 'c2', NULL, 'n')")
        try world.hub.replica.merge(key("c1"), into: key("c2"), in: "client")
        try world.hub.setScope("wang", rules: ["client BY owner 'wang'", "visit IN (client)"])
        try world.add("wang", scopes: ["wang"])
        try world.sync()
        #expect(try world.ids("wang") == ["c2"] && world.ids("wang", "visit") == ["v2"])
        try world.expectAgreement()
    }

    @Test func whoGuessesAKeyIsNotGivenTheRow_SCO30() throws {
        let world = try world()
        let wang = world["wang"]
        // A program that enforces no foreign keys names a row that this device never held.
        try wang.write { db in
            try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
            try db.execute(sql: "INSERT INTO client(id, name, owner) VALUES ('c2', 'guess', 'wang')")
            try db.execute(sql: "INSERT INTO visit VALUES ('v9', 'c2', NULL, 'guess')")
            try db.execute(sql: "UPDATE visit SET client = 'c2' WHERE id = 'v1'")
        }
        try wang.seal()
        try world.sync()
        let aside = try world.hub.outsideChanges()
        #expect(Set(aside.map(\.key)) == [key("c2"), key("v9"), key("v1")])
        #expect(try world.ids("wang") == ["c1"])
        #expect(try world.value("hub", "SELECT client FROM visit WHERE id = 'v1'") == "c1")
        try world.expectAgreement()
    }

    @Test func ofAnErasedRowTheListsOfScopesKeepNothing_ERA2_SCO8() throws {
        let world = try world()
        try world.sql("wang", "UPDATE client SET name = 'b' WHERE id = 'c1'")
        _ = try world.hub.erase(table: "client", key: key("c1"), withReferences: true)
        try world.sync()
        let kept = try world.hub.replica.read { db in
            try ["satchel_scope_row", "satchel_scope_aside"].flatMap { table in
                try String.fetchAll(db, sql: "SELECT hex(key) FROM \(table)")
            }
        }
        let names = Set(["c1", "v1"].map { Array($0.utf8).map { String($0, radix: 16) }.joined() })
        #expect(kept.count == 2 && !kept.contains { key in names.contains { key.contains($0) } }, "\(kept)")
        #expect(try world.ids("wang") == [] && world.ids("li") == ["c2"])
        try world.expectAgreement()
    }

    @Test func whatWasSetAsideIsErasedWithWhatItNames_ERA1_SCO19() throws {
        let world = try world()
        try world.sql(
            "wang", "INSERT INTO client(id, name, owner) VALUES ('c2', 'guess', 'wang')",
            "INSERT INTO visit VALUES ('v9', 'c2', NULL, 'about c2')")
        try world.sync()
        #expect(try world.hub.outsideChanges().count == 2)
        _ = try world.hub.erase(table: "client", key: key("c2"), withReferences: true)
        #expect(try world.hub.outsideChanges().isEmpty)
        #expect(throws: UsageError.self) { try world.hub.acceptSetAside(table: "visit", key: key("v9")) }
        try world.sync()
        #expect(try world.ids("hub", "visit") == ["v1"] && world.ids("wang", "visit") == ["v1"])
        try world.expectAgreement()
    }

    @Test func whoPointsARowThatTheyNeverHeldAtAnErasedOneTakesItFromNobody_ERA6_SCO19() throws {
        let world = try world()
        try world.sql("hub", "INSERT INTO visit VALUES ('v7', 'c2', NULL, 'of li')")
        try world.sync("li")
        try world.sql(
            "wang", "INSERT INTO visit VALUES ('v7', 'c1', NULL, 'guess')",
            "INSERT INTO visit VALUES ('v3', 'c1', NULL, 'late')")
        _ = try world.hub.erase(table: "client", key: key("c1"), withReferences: true)
        try world.sync()
        #expect(try world.ids("hub", "visit") == ["v2", "v7"] && world.ids("li", "visit") == ["v2", "v7"])
        #expect(try world.value("li", "SELECT note FROM visit WHERE id = 'v7'") == "of li")
        #expect(try world.ids("wang", "visit") == [])
        let changesets = try world.hub.replica.changesets()
        #expect(!changesets.contains { Data($0.content).range(of: Data("guess".utf8)) != nil })
        try world.expectAgreement()
    }
}
