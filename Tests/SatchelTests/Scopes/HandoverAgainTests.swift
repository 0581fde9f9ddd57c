import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Handovers beside third devices, one after another, and looked at before they are made (SCO-24, SCO-25).
@Suite final class HandoverAgainTests: ReviewedWorld {
    private static let departments = "CREATE TABLE client(id TEXT PRIMARY KEY, department TEXT);"

    /// Two of the north, one of the south, and two clients of the north.
    private func sharing() throws -> (hub: Hub, wang: Replica, zhao: Replica, li: Replica) {
        let (hub, _) = try world(Self.departments)
        for name in ["north", "south"] { try hub.setScope(name, rules: ["client BY department '\(name)'"]) }
        let (wang, zhao) = (try device("wang", hub, scopes: ["north"]), try device("zhao", hub, scopes: ["north"]))
        let li = try device("li", hub, scopes: ["south"])
        try run(zhao, "INSERT INTO client VALUES ('c1', 'north'), ('c2', 'north')")
        try sync(hub, [wang, li, zhao])
        return (hub, wang, zhao, li)
    }

    @Test func whoSharesAScopeKeepsItsRowsWhenOneOfThemHandsOver_SCO24() throws {
        let (hub, wang, zhao, li) = try sharing()
        let due = try hub.checkHandOver(from: "wang", to: "li")
        let report = try hub.handOver(from: "wang", to: "li")
        #expect(report.owners.isEmpty && report.kept == due.kept)
        #expect(
            report.kept.map { "\($0.table).\($0.column) \($0.rows) \($0.reason)" } == [
                "client.department 2 zhao is served them too"
            ])
        try sync(hub, [wang, li, zhao])
        #expect(try text(zhao, "SELECT id FROM client ORDER BY id") == "c1 c2")
        #expect(
            try text(li, "SELECT id FROM client ORDER BY id") == "c1 c2" && hub.granted("li") == ["north", "south"])
        #expect(try text(wang, "SELECT id FROM client") == "")
        #expect(try hub.checkHandOver(from: "wang", to: "li").checklist.isComplete)
        for replica in [wang, zhao, li] { #expect(try replica.digest() == hub.digest(for: replica.name)) }
    }

    @Test func whoFindsTheRowsByAScopeOfTheirOwnKeepsThemToo_SCO24() throws {
        let (hub, wang, zhao, li) = try sharing()
        try hub.setScope("up", rules: ["client BY department 'north'"])
        try hub.grant("zhao", scopes: ["up"])
        try sync(hub, [wang, li, zhao])
        _ = try hub.handOver(from: "wang", to: "li")
        try sync(hub, [wang, li, zhao])
        #expect(try text(zhao, "SELECT id FROM client ORDER BY id") == "c1 c2")
    }

    @Test(arguments: ["revoked", "retired", "all"]) func whoLosesNothingKeepsNoOwnerInPlace_SCO24(zhao: String) throws {
        let (hub, wang, _, li) = try sharing()
        switch zhao {
        case "revoked": try hub.revoke("zhao")
        case "retired": try hub.retire("zhao")
        default: try hub.grant("zhao", scopes: ["all"])
        }
        let report = try hub.handOver(from: "wang", to: "li")
        #expect(report.owners.map(\.rows) == [2] && report.kept.isEmpty)
        try sync(hub, [wang, li])
        #expect(try text(li, "SELECT id FROM client WHERE department = 'south' ORDER BY id") == "c1 c2")
    }

    @Test func aHandoverGivesNobodyBackWhatTheyHandedOn_SCO24() throws {
        let (hub, _) = try world(Self.clients)
        for name in ["n", "z"] { try hub.setScope(name, rules: ["client WHERE phone = '\(name)'"]) }
        let (wang, li) = (try device("wang", hub, scopes: ["n"]), try device("li", hub, scopes: []))
        let zhao = try device("zhao", hub, scopes: [])
        try run(wang, "INSERT INTO client VALUES ('c', 'C', 'n')")
        try sync(hub, [wang, li, zhao])
        _ = try hub.handOver(from: "wang", to: "li")
        _ = try hub.handOver(from: "li", to: "zhao")
        #expect(throws: UsageError.self, "li has it no longer") { try hub.handOver(from: "wang", to: "li") }
        #expect(try hub.checkHandOver(from: "wang", to: "li").scopes == [])
        try hub.grant("wang", scopes: ["z"])
        #expect(try !hub.checkHandOver(from: "wang", to: "li").checklist.isHandedOver, "z is not")
        let report = try hub.handOver(from: "wang", to: "li")
        #expect(try report.scopes == ["z"] && hub.granted("li") == ["z"] && hub.granted("zhao") == ["n"])
        try sync(hub, [wang, li, zhao])
        #expect(try text(li, "SELECT id FROM client") == "", "li is shown again what zhao took over")
        #expect(try text(zhao, "SELECT id FROM client") == "c")
        #expect(try hub.checkHandOver(from: "wang", to: "li").checklist.isComplete)
    }

    @Test func aHandoverThatWasNotMadeIsNotComplete_SCO25() throws {
        let (hub, _) = try world(Self.clients)
        try hub.setScope("north", rules: ["client WHERE phone = 'n'"])
        let (wang, li) = (try device("wang", hub, scopes: ["north"]), try device("li", hub, scopes: []))
        try run(wang, "INSERT INTO client VALUES ('c', 'C', 'n')")
        try sync(hub, [wang, li])
        try hub.revoke("wang")
        let before = try hub.checkHandOver(from: "wang", to: "li").checklist
        #expect(before.formerIsGone && !before.isHandedOver && !before.isComplete)
        let after = try hub.handOver(from: "wang", to: "li").checklist
        #expect(after.isHandedOver && after.isComplete)
    }

    @Test func nothingIsHandedOverToWhoWasShutOut_SCO24() throws {
        let (hub, _) = try world(Self.clients)
        for name in ["n", "m"] { try hub.setScope(name, rules: ["client WHERE phone = '\(name)'"]) }
        let (wang, li) = (try device("wang", hub, scopes: ["n"]), try device("li", hub, scopes: ["m"]))
        try sync(hub, [wang, li])
        try hub.revoke("li")
        let said = #expect(throws: UsageError.self) { try hub.handOver(from: "wang", to: "li") }
        #expect(said.map { "\($0)".contains("li was shut out: nothing is given to it") } == true)
        #expect(throws: UsageError.self) { try hub.checkHandOver(from: "wang", to: "li") }
        #expect(throws: UsageError.self) { try hub.grant("li", scopes: ["m", "n"]) }
        #expect(try hub.granted("wang") == ["n"] && hub.granted("li") == ["m"])
        // What it has can be taken away, and be handed over to somebody else.
        #expect(try hub.handOver(from: "li", to: "wang").scopes == ["m"])
        #expect(try hub.granted("wang") == ["m", "n"] && hub.granted("li") == [])
        try hub.retire("wang")
        try hub.grant("wang", scopes: ["n"])
    }

    @Test func aConflictOfAMergedRowIsCountedInTheChecklist_SCO25() throws {
        let (hub, _) = try world(Self.clients)
        try hub.setScope("n", rules: ["client ALL", "visit ALL"])
        let all = try ["wang", "li"].map { try device($0, hub, scopes: ["n"]) }
        _ = try device("zhao", hub, scopes: [])
        try run(all[0], "INSERT INTO client VALUES ('a', 'A', '1'), ('b', 'B', '2'), ('d', 'D', '3')")
        try sync(hub, all)
        try all[0].merge(key("a"), into: key("b"), in: "client")
        try all[1].merge(key("a"), into: key("d"), in: "client")
        try sync(hub, all)
        #expect(try hub.replica.conflicts().map(\.kind) == [.mergedApart])
        #expect(try hub.handOver(from: "wang", to: "zhao").checklist.conflicts == 1)
    }

    @Test func aLookSaysHowManyRowsWouldBeChangedAndIsRefusedWhereTheHandoverIs_SCO24_SCO25() throws {
        let (hub, _, _, li) = try sharing()
        try hub.retire("zhao")
        let position = try hub.position()
        #expect(try hub.checkHandOver(from: "wang", to: "li").owners.map(\.rows) == [2])
        #expect(try hub.position() == position && hub.granted("li") == ["south"])
        _ = try device("chen", hub, scopes: [])
        #expect(throws: UsageError.self) { try hub.checkHandOver(from: "chen", to: "li") }
        #expect(throws: UsageError.self) { try hub.handOver(from: "chen", to: "li") }
        #expect(try hub.handOver(from: "wang", to: "li").owners.map(\.rows) == [2])
        try sync(hub, [li])
        #expect(try text(li, "SELECT count(*) FROM client") == "2")
    }

    /// zhao is served clients of wang by a rule that is no `BY`, or by more than one.
    @Test(arguments: [
        (["client WHERE department = 'north'"], 2), (["client WHERE department IN ('north', 'south')"], 0),
        (["client WHERE department = 'north'", "client BY id 'c1'"], 1), (["client WHERE id = 'c2'"], 0),
        (["client WHERE department = 'north' AND id = 'c1'"], 1), (["client WHERE department <> 'south'"], 2),
        (["client WHERE department = 'north'", "client ALL"], 0),
        (["division BY id 'north'", "client IN (department)"], 2),
    ])
    func whoFindsTheRowsByAConditionKeepsThemToo_SCO24(rules: [String], kept: Int) throws {
        let (hub, _) = try world(
            "CREATE TABLE division(id TEXT PRIMARY KEY); "
                + "CREATE TABLE client(id TEXT PRIMARY KEY, department TEXT REFERENCES division(id));")
        for name in ["north", "south"] { try hub.setScope(name, rules: ["client BY department '\(name)'"]) }
        try hub.setScope("other", rules: rules)
        let (wang, li) = (try device("wang", hub, scopes: ["north"]), try device("li", hub, scopes: ["south"]))
        let zhao = try device("zhao", hub, scopes: ["other"])
        try run(hub.replica, "INSERT INTO division VALUES ('north'), ('south')")
        try run(hub.replica, "INSERT INTO client VALUES ('c1', 'north'), ('c2', 'north')")
        try sync(hub, [wang, li, zhao])
        let had = try text(zhao, "SELECT id FROM client ORDER BY id")
        let due = try hub.checkHandOver(from: "wang", to: "li")
        let report = try hub.handOver(from: "wang", to: "li")
        #expect(report.owners.map(\.rows) == [2 - kept] && report.kept == due.kept)
        #expect(
            report.kept.map { "\($0.table).\($0.column) \($0.rows) \($0.reason)" }
                == (kept == 0 ? [] : ["client.department \(kept) zhao is served them too"]))
        try sync(hub, [wang, li, zhao])
        #expect(try text(zhao, "SELECT id FROM client ORDER BY id") == had, "zhao loses nothing")
        #expect(try text(li, "SELECT id FROM client ORDER BY id") == "c1 c2")
        #expect(try text(wang, "SELECT id FROM client") == "")
        #expect(try hub.checkHandOver(from: "wang", to: "li").checklist.isComplete)
        for replica in [wang, zhao, li] { #expect(try replica.digest() == hub.digest(for: replica.name)) }
    }

    @Test func whoWasShutOutHoldsUpNothingByACondition_SCO24() throws {
        let (hub, _, _, _) = try sharing()
        try hub.setScope("up", rules: ["client WHERE department = 'north'"])
        try hub.grant("zhao", scopes: ["up"])
        #expect(try hub.checkHandOver(from: "wang", to: "li").owners.map(\.rows) == [0])
        try hub.revoke("zhao")
        #expect(try hub.checkHandOver(from: "wang", to: "li").owners.map(\.rows) == [2])
    }
}
