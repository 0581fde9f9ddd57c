import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// The inbox and schema versions where devices hold a part of the data set only.
@Suite struct ScopeInboxTests {
    private let key = RowKey([.text("c1")])

    @Test func whatTheInboxKeepsComesAndGoesWithTheRow_INB4_INB12_SCO13() throws {
        let world = try ScopeWorld()
        try world.add("wang2", scopes: ["wang"])
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'before', 'wang')")
        try world.sync()
        try world.sql("wang", "UPDATE client SET name = '1'")
        try world.sql("wang2", "UPDATE client SET name = '2'")
        try world.sync()
        let conflict = try #require(try world["wang2"].conflicts().first)
        #expect(conflict.base == [.text("before")])
        try world["wang"].assign(conflict.id, to: "boss")
        try world.sync()
        #expect(try world["wang2"].conflicts().first?.assignee == "boss")
        #expect(try world["li"].conflicts().isEmpty)
        #expect(try world.value("li", "SELECT count(*) FROM satchel_base") == "0")
        try world.sql("wang", "UPDATE client SET phone = '7'")
        // It goes to another person with all that is open about it, and leaves nothing behind.
        try world.sql("hub", "UPDATE client SET owner = 'li'")
        try world.sync()
        #expect(try world.ids("wang").isEmpty && world.ids("li") == ["c1"])
        let moved = try #require(try world["li"].conflicts().first)
        #expect(moved.id == conflict.id && moved.assignee == "boss" && moved.base == [.text("before")])
        for name in ["wang", "wang2"] {
            #expect(try world[name].conflicts().isEmpty)
            for table in ["satchel_base", "satchel_decision", "satchel_overwrite"] {
                #expect(try world.value(name, "SELECT count(*) FROM \(table)") == "0", "\(name) \(table)")
            }
        }
        try world.expectAgreement()
    }

    @Test func whoComesSecondIsToldWhatBothStartedFromOfWhatTheyMayHold_INB2_SCO12_P11() throws {
        let world = try ScopeWorld()
        try world.add("wang2", scopes: ["wang"])
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'before', 'wang')")
        try world.sync()
        try world.sql("wang", "UPDATE client SET name = '1'")
        try world.sql("wang2", "UPDATE client SET name = '2'")
        try world.up("wang")
        try world.down("wang2")
        #expect(try world["wang2"].conflicts().map(\.base) == [nil], "the hub has not heard of it yet")
        try world.up("wang2")
        try world.down("wang2")
        #expect(try world["wang2"].conflicts().map(\.base) == [[.text("before")]])
        try world.sync()
        try world.expectAgreement()
    }

    @Test func nothingIsToldOfWhatARecordStartedFromThatHasLeft_INB2_SCO13_P11() throws {
        let world = try ScopeWorld()
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'before', 'wang')")
        try world.sync()
        try world.sql("wang", "UPDATE client SET name = 'typed by wang'")
        try world.sql("hub", "UPDATE client SET owner = 'li'")
        try world.sync("li")
        try world.sql("li", "UPDATE client SET name = 'secret'")
        try world.up("li")
        // Wang learns that the client has gone; only then does the hub get what was written while it was theirs.
        try world.down("wang")
        try world.up("wang")
        #expect(try world.hub.conflicts().map(\.base) == [[.text("before")]])
        try world.down("wang")
        try world.down("li")
        let toWang = try inspectedItems(world.folder + "/wang.down", as: world["wang"])
        #expect(!toWang.contains("bases("))
        let toLi = try inspectedItems(world.folder + "/li.down", as: world["li"])
        #expect(toLi.contains("bases("))
        try world.sync()
        try world.expectAgreement()
    }

    @Test func aFormSavedAfterItsRecordLeftIsKeptForTheOperator_INB10_SCO19_P1() throws {
        let world = try ScopeWorld()
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'n', 'wang')")
        try world.sync()
        let open = try #require(try world["wang"].view(table: "client", key: key))
        try world.sql("hub", "UPDATE client SET owner = 'li'")
        try world.sync()
        #expect(try world["wang"].view(table: "client", key: key) == nil)
        #expect(try world["wang"].edit(basedOn: open) { $0["phone"] = .text("typed all the same") } == .written)
        try world.sync()
        let aside = try world.hub.outsideChanges()
        #expect(aside.count == 1, "not applied, since the record is another's, and not lost")
        #expect(try world.value("li", "SELECT phone FROM client") == nil)
        try world.hub.acceptSetAside(table: "client", key: key)
        try world.sync()
        #expect(try world.value("li", "SELECT phone FROM client") == "typed all the same")
        try world.expectAgreement()
    }

    @Test func aRenamedColumnGoesOnDecidingWhoHoldsARow_VER5_SCO3() throws {
        let old = "-- satchel: version 1\n" + ScopeWorld.schema
        let new = """
            -- satchel: version 2
            -- satchel: renamed client.agent from owner
            -- satchel: renamed client.area from district
            """ + "\n"
            + ScopeWorld.schema.replacing("owner TEXT", with: "agent TEXT").replacing("district", with: "area")
        let world = try ScopeWorld(schema: old)
        try world.hub.setScope("north", rules: ["client WHERE district = 'N' AND phone IS NULL"])
        try world.add("zhao", scopes: ["north"])
        try world.sql(
            "hub",
            "INSERT INTO client(id, name, owner, district) VALUES ('c1', 'a', 'wang', 'N'), ('c2', 'b', 'li', 'S')")
        try world.sync()
        try world.hub.replica.migrate(to: new)
        #expect(try world.hub.scopes().allSatisfy(\.faults.isEmpty))
        try world.sync()
        #expect(try world.ids("wang") == ["c1"] && world.ids("li") == ["c2"] && world.ids("zhao") == ["c1"])
        // A device of the old version moves one by the old name, the hub another by the new.
        try world.sql("wang", "UPDATE client SET owner = 'li', district = 'S'")
        try world.sync()
        #expect(try world.ids("wang").isEmpty && world.ids("li") == ["c1", "c2"] && world.ids("zhao").isEmpty)
        try world.sql("hub", "UPDATE client SET agent = 'wang', area = 'N'")
        try world.sync()
        #expect(try world.ids("wang") == ["c1", "c2"] && world.ids("li").isEmpty && world.ids("zhao") == ["c1", "c2"])
        for device in world.devices.values { try device.migrate() }
        try world.sync()
        try world.expectAgreement()
        #expect(try world.value("wang", "SELECT agent || area FROM client") == "wangN")
    }
}
