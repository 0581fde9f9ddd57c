import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

/// What a device entered itself, and goes on to change until it is told what became of it (SCO-33).
@Suite struct ScopeOwnEntriesTests {
    enum Move: CaseIterable {
        case byAColleague, byTheOwner, byAHandover

        /// The client goes from wang, who has not heard of it yet, to li.
        func make(_ world: ScopeWorld) throws {
            let sql = "UPDATE client SET owner = 'li' WHERE id = 'c1'"
            switch self {
            case .byAColleague: try world.sql("hub", sql)
            case .byTheOwner: try world.sql("wang", sql)
            case .byAHandover: _ = try world.hub.handOver(from: "wang", to: "li")
            }
        }
    }

    /// Clients c1 and w1 of wang's.
    private func world() throws -> ScopeWorld {
        let world = try ScopeWorld()
        try world.sql("hub", "INSERT INTO client(id, name, owner) VALUES ('c1', 'a', 'wang'), ('w1', 'w', 'wang')")
        try world.sync()
        return world
    }

    private func visits(_ world: ScopeWorld, _ name: String) throws -> String {
        try world.value(name, "SELECT group_concat(id || ':' || note) FROM (SELECT * FROM visit ORDER BY id)") ?? ""
    }

    @Test(arguments: Move.allCases, [false, true])
    func whoEnteredARowCorrectsAndDeletesItUntilTheyAreTold_SCO33_SCO17(_ move: Move, isInTwoBundles: Bool) throws {
        let world = try world()
        try move.make(world)
        try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'c1', NULL, 'entered'), ('v2', 'c1', NULL, 'mistaken')")
        if isInTwoBundles { try world.up("wang") }
        try world.sql("wang", "UPDATE visit SET note = 'corrected' WHERE id = 'v1'")
        try world.sql(
            "wang", "UPDATE visit SET note = note || ' twice' WHERE id = 'v1'", "DELETE FROM visit WHERE id = 'v2'")
        #expect(try world.up("wang").merged[0].setAside == 0)
        #expect(try world.hub.outsideChanges().isEmpty)
        try world.sync()
        #expect(try visits(world, "hub") == "v1:corrected twice" && visits(world, "li") == "v1:corrected twice")
        #expect(try visits(world, "wang") == "", "it is another's")
        try world.expectAgreement()
    }

    @Test func aCorrectionThatWasSealedBeforeItsAuthorWasToldIsTakenInAfterwards_SCO33_SCO15() throws {
        let world = try world()
        try Move.byAColleague.make(world)
        try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'c1', NULL, 'entered')")
        try world.up("wang")
        try world.sql("wang", "UPDATE visit SET note = 'corrected' WHERE id = 'v1'")
        try world.down("wang")
        #expect(try visits(world, "wang") == "" && world.ids("wang") == ["w1"])
        try world.sync()
        #expect(try world.hub.outsideChanges().isEmpty && visits(world, "li") == "v1:corrected")
        try world.expectAgreement()
    }

    @Test func whatHangsOnAnOwnEntryIsEnteredWithIt_SCO33_SCO18_SCO30() throws {
        let world = try world()
        try world.sql("wang", "INSERT INTO client(id, name, owner) VALUES ('c9', 'new', 'wang')")
        try Move.byAHandover.make(world)
        try world.sql("wang", "INSERT INTO visit VALUES ('v9', 'c9', NULL, 'entered')")
        try world.sql(
            "wang", "UPDATE client SET phone = '9' WHERE id = 'c9'",
            "UPDATE visit SET note = 'corrected' WHERE id = 'v9'")
        try world.up("wang")
        #expect(try world.hub.outsideChanges().isEmpty)
        try world.sync()
        #expect(try visits(world, "li") == "v9:corrected")
        #expect(try world.value("li", "SELECT phone FROM client WHERE id = 'c9'") == "9")
        #expect(try world.ids("wang") == [] && visits(world, "wang") == "")
        try world.expectAgreement()
    }

    @Test func aSlipThatPutARowUnderAClientWhoHadGoneIsPutRight_SCO33_SCO12() throws {
        let world = try world()
        try Move.byAColleague.make(world)
        try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'c1', NULL, 'of w1')")
        try world.sql("wang", "UPDATE visit SET client = 'w1' WHERE id = 'v1'")
        try world.sync()
        #expect(try world.hub.outsideChanges().isEmpty)
        #expect(try visits(world, "wang") == "v1:of w1" && visits(world, "li") == "")
        try world.expectAgreement()
    }

    @Test func whoWasToldThatTheirEntryIsAnothersChangesItNoMore_SCO33_SCO19() throws {
        let world = try world()
        try Move.byAColleague.make(world)
        try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'c1', NULL, 'entered')")
        try world.up("wang")
        try world.down("wang")
        #expect(try visits(world, "wang") == "")
        try world.sync("li")
        try world.sql("li", "UPDATE visit SET note = 'of li' WHERE id = 'v1'")
        // The key is known still.
        try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'w1', NULL, 'again')")
        try world.sync()
        #expect(try world.hub.outsideChanges().map(\.key) == [RowKey([.text("v1")])])
        #expect(try visits(world, "hub") == "v1:of li" && visits(world, "li") == "v1:of li")
        #expect(try visits(world, "wang") == "")
        try world.expectAgreement()
    }

    @Test func anEntryThatWasSetAsideGivesNoRight_SCO33_SCO19() throws {
        let world = try world()
        try world.sql(
            "li", "INSERT INTO client(id, name, owner) VALUES ('l1', 'l', 'li')",
            "INSERT INTO visit VALUES ('v1', 'l1', NULL, 'x')")
        try world.sync("li")
        try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'w1', NULL, 'forged')")
        try world.sql("wang", "UPDATE visit SET note = 'forged again' WHERE id = 'v1'")
        try world.sync()
        #expect(try world.hub.outsideChanges().count == 2)
        #expect(try visits(world, "li") == "v1:x" && visits(world, "wang") == "")
        try world.expectAgreement()
    }

    @Test func whoClaimsToKnowOfNothingIsNotGivenWhatTheyHadEntered_SCO33_SCO30_P11() throws {
        let world = try world()
        try Move.byAColleague.make(world)
        try world.sql(
            "wang", "INSERT INTO plan VALUES ('p1', 'plan')", "INSERT INTO visit VALUES ('v1', 'c1', 'p1', 'n')")
        try world.sync()
        #expect(try world.ids("wang", "plan") == [] && world.ids("li", "plan") == ["p1"])
        try world.sql("li", "UPDATE plan SET note = 'secret'")
        try world.sync()
        let wang = world["wang"]
        try wang.withEngine { engine in
            try engine.transaction {
                try engine.renewIdentity(.copied)
                try engine.store.setMeta("position", .integer(0))
            }
        }
        try wang.force("INSERT INTO visit VALUES ('v2', 'w1', 'p1', 'n')")
        try wang.seal()
        try world.up("wang")
        for _ in 0..<2 {
            _ = try? world.down("wang")
            try world.up("wang")
        }
        #expect(try world.ids("wang", "plan") == [], "P11")
        #expect(try world.hub.outsideChanges().contains { $0.key == RowKey([.text("v2")]) })
    }

    /// The owner was forgotten, and said in another changeset; in one of two that of another.
    @Test(arguments: ["wang", "li"])
    func whatWasEnteredOutsideIsTakenInAsItsAuthorLeavesIt_SCO19(owner: String) throws {
        let world = try world()
        try world.sql("wang", "INSERT INTO client(id, name) VALUES ('n1', 'new')")
        try world["wang"].seal()
        try world.sql("wang", "UPDATE client SET owner = '\(owner)' WHERE id = 'n1'")
        try world.sync()
        let isTaken = owner == "wang"
        #expect(try world.hub.outsideChanges().count == (isTaken ? 0 : 2))
        #expect(try world["wang"].status().outside == (isTaken ? 0 : 2), "SCO-19: its author is told")
        for name in ["hub", "wang"] {
            #expect(
                try world.value(name, "SELECT owner FROM client WHERE id = 'n1'") == (isTaken ? "wang" : nil), "\(name)"
            )
        }
        try world.expectAgreement()
    }

    /// Entered, its owner said, and handed over: only between the last two steps it is in its author's scopes.
    @Test(arguments: [false, true])
    func whatWasEnteredOutsideIsTakenInAsOneOfItsStepsLeavesIt_SCO19_SCO33(isInThreeBundles: Bool) throws {
        let world = try world()
        for sql in [
            "INSERT INTO client(id, name) VALUES ('n1', 'new')", "UPDATE client SET owner = 'wang' WHERE id = 'n1'",
            "UPDATE client SET owner = 'li' WHERE id = 'n1'",
        ] {
            try world.sql("wang", sql)
            if isInThreeBundles { try world.up("wang") }
        }
        #expect(try isInThreeBundles || world.up("wang").merged[0].setAside == 0)
        #expect(try world.hub.outsideChanges().isEmpty)
        try world.sync()
        #expect(try world.ids("li") == ["n1"] && world.ids("wang") == ["c1", "w1"])
        #expect(try world["wang"].status().outside == 0)
        try world.expectAgreement()
    }

    /// The client whom the visit was entered for is nobody's, and so would be the one to whom it was moved at last.
    @Test func aVisitThatWasMovedThroughAClientOfItsAuthorsIsTakenIn_SCO19_SCO33() throws {
        let world = try world()
        try world.sql("wang", "INSERT INTO client(id, name) VALUES ('n1', 'new'), ('n2', 'newer')")
        try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'n1', NULL, 'entered')")
        try world.sql("wang", "UPDATE visit SET client = 'w1' WHERE id = 'v1'")
        try world.sql("wang", "UPDATE visit SET client = 'n2' WHERE id = 'v1'")
        try world.up("wang")
        #expect(
            try world.hub.outsideChanges().map(\.key) == [RowKey([.text("n1")])],
            "the visit is taken in, and with it the client that it names at last")
        try world.sync()
        try world.expectAgreement()
    }

    /// Entered and corrected by a device that was shut out; the operator lets it count.
    @Test func aCorrectionCountsAsSoonAsTheEntryDoesThatWasWithheld_SCO19_SCO33_REV6() throws {
        let world = try world()
        try world.sql("wang", "INSERT INTO visit VALUES ('v1', 'c1', NULL, 'entered')")
        try world["wang"].seal()
        try world.sql("wang", "UPDATE visit SET note = 'corrected' WHERE id = 'v1'")
        try world.hub.revoke("wang")
        try world.up("wang")
        #expect(try visits(world, "hub") == "")
        try world.hub.release([], ofDevice: "wang")
        try world.sql("li", "INSERT INTO client(id, name, owner) VALUES ('l1', 'l', 'li')")
        try world.up("li")
        #expect(try visits(world, "hub") == "v1:corrected" && world.hub.outsideChanges().isEmpty)
        #expect(try world.hub.verify().faults.isEmpty)
    }

    /// Of a table that the hub does not know no rule can say whose its rows are.
    @Test func whatIsEnteredIntoATableThatTheHubDoesNotKnowStays_SCO34_VER2() throws {
        let world = try ScopeWorld()
        let next =
            "-- satchel: version 1\n\(ScopeWorld.schema)\nCREATE TABLE need(id TEXT PRIMARY KEY, owner TEXT, text TEXT);"
        try world["wang"].migrate(to: next)
        try world["li"].migrate(to: next)
        try world.sql("wang", "CREATE TABLE setting(name TEXT PRIMARY KEY NOT NULL, value TEXT)")
        try world.sql(
            "wang", "INSERT INTO need VALUES ('n1', 'wang', 'a bed'), ('n2', 'li', 'a coat')",
            "INSERT INTO setting VALUES ('printer', 'office 3')")
        try world.sync()
        try world.sql("wang", "UPDATE need SET text = 'two beds' WHERE id = 'n1'")
        try world.sync()
        func needs(_ name: String) throws -> String? {
            try world.value(name, "SELECT group_concat(id || ':' || text) FROM (SELECT * FROM need ORDER BY id)")
        }
        #expect(try needs("wang") == "n1:two beds,n2:a coat" && needs("li") == nil)
        #expect(try world.value("wang", "SELECT value FROM setting") == "office 3")
        #expect(try world.hub.outsideChanges().isEmpty && world["wang"].status().outside == 0)
        // A snapshot takes away what it does not name.
        try world.hub.grant("wang", scopes: ["li"])
        try world.sync()
        try world.hub.grant("wang", scopes: ["wang"])
        try world.sync()
        #expect(try needs("wang") == "n1:two beds,n2:a coat")
        try world.hub.replica.migrate(to: next)
        for person in ["wang", "li"] {
            let rules = try #require(try world.hub.scopes().first { $0.name == person }).rules
            try world.hub.setScope(person, rules: rules + ["need BY owner '\(person)'"])
        }
        try world.sync()
        #expect(try needs("wang") == "n1:two beds" && needs("li") == "n2:a coat")
        #expect(try world.value("wang", "SELECT value FROM setting") == "office 3")
        for name in ["wang", "li"] { #expect(try world[name].doctor().faults.isEmpty) }
    }

    private static let needs =
        "-- satchel: version 1\n\(ScopeWorld.schema)\nCREATE TABLE need(id TEXT PRIMARY KEY, text TEXT);"

    /// Wang and Li, and somebody who is served all, have a table that the hub does not know.
    private func needs() throws -> ScopeWorld {
        let world = try ScopeWorld()
        try world.add("all", scopes: ["all"])
        for name in ["wang", "li", "all"] { try world[name].migrate(to: Self.needs) }
        try world.sql("wang", "INSERT INTO need VALUES ('w', 'wang')")
        try world.sql("li", "INSERT INTO need VALUES ('l', 'li')")
        try world.sync()
        #expect(try world.ids("all", "need") == ["l", "w"] && world.ids("wang", "need") == ["w"])
        return world
    }

    @Test func whatWasEnteredStaysWhenAnotherTookItOutOfTheBin_SCO34() throws {
        let world = try needs()
        try world.sql("all", "DELETE FROM need WHERE id = 'w'")
        try world.sync()
        #expect(try world.ids("wang", "need").isEmpty)
        try world["all"].undo(table: "need", key: RowKey([.text("w")]))
        try world.sync()
        #expect(try world.ids("wang", "need") == ["w"] && world.ids("all", "need") == ["l", "w"])
    }

    @Test func whatWasMergedComesWithItsSurvivor_SCO34_SCO4() throws {
        let world = try needs()
        try world["all"].merge(RowKey([.text("w")]), into: RowKey([.text("l")]), in: "need")
        try world.sync()
        for name in ["all", "wang", "li"] { #expect(try world.ids(name, "need") == ["l"], "\(name)") }
    }

    @Test func twoWhoEnterOneKeyBothKeepItOnceItIsLetIn_SCO34_SCO19() throws {
        let world = try needs()
        try world.sql("li", "INSERT INTO need VALUES ('w', 'from li')")
        try world.sync()
        let change = try #require(try world.hub.outsideChanges().first)
        try world.hub.acceptSetAside(table: change.table, key: change.key)
        try world.sync()
        for name in ["wang", "li"] { #expect(try world.ids(name, "need").contains("w"), "\(name)") }
        #expect(try world["wang"].conflicts().map(\.kind) == [.values])
    }

    /// The hub had no scopes when it was entered.
    @Test func whatWasEnteredBeforeThereWereScopesStays_SCO34_SCO6() throws {
        let folder = NSTemporaryDirectory() + "satchel-own-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let hub = try Hub.create(at: folder + "/hub", schema: ScopeWorld.schema, anchors: .none)
        let wang = try Replica.create(at: folder + "/wang", enrolment: hub.enrol(name: "wang"), anchors: .none)
        func meet() throws {
            try wang.pack(to: folder + "/up")
            _ = try hub.merge([folder + "/up"])
            try hub.pack(for: "wang", to: folder + "/down")
            try wang.apply(folder + "/down")
        }
        try wang.migrate(to: Self.needs)
        try wang.write { try $0.execute(sql: "INSERT INTO need VALUES ('w', 'wang')") }
        for _ in 0..<2 { try meet() }
        try hub.setScope("wang", rules: ["client BY owner 'wang'"])
        try hub.grant("wang", scopes: ["wang"])
        for _ in 0..<2 { try meet() }
        #expect(try wang.read { try String.fetchAll($0, sql: "SELECT id FROM need") } == ["w"])
        try wang.write { try $0.execute(sql: "UPDATE need SET text = 'more'") }
        for _ in 0..<2 { try meet() }
        #expect(try hub.outsideChanges().isEmpty)
    }
}
