import GRDB
import Satchel
import SatchelHub
import Testing

/// Which value is the successor's own, where more than one handover led to it (SCO-24, SCO-25).
@Suite final class HandoverNamesTests: ReviewedWorld {
    /// Each with a client of their own.
    private func people(_ names: String...) throws -> (Hub, [Replica]) {
        let (hub, _) = try world("CREATE TABLE client(id TEXT PRIMARY KEY, owner TEXT);")
        for name in names { try hub.setScope(name, rules: ["client BY owner '\(name)'"]) }
        let all = try names.map { try device($0, hub, scopes: [$0]) }
        for replica in all { try enter(replica, "1") }
        try sync(hub, all)
        return (hub, all)
    }

    private func enter(_ replica: Replica, _ id: String) throws {
        try run(replica, "INSERT INTO client VALUES ('\(replica.name)-\(id)', '\(replica.name)')")
    }

    private func clients(_ replica: Replica, of owner: String) throws -> String {
        try text(replica, "SELECT id FROM client WHERE owner = '\(owner)' ORDER BY id")
    }

    private func kept(_ report: HandoverReport) -> [String] {
        report.kept.map { "\($0.table).\($0.column) \($0.rows) \($0.reason)" }
    }

    @Test func whoTakesOverFromTwoWritesTheirOwnNameBothTimes_SCO24_SCO25() throws {
        let (hub, all) = try people("wang", "chen", "li")
        let chen = all[1]
        try enter(all[0], "late")
        #expect(try hub.handOver(from: "wang", to: "chen").owners.map(\.rows) == [1])
        try sync(hub, [chen, all[2]])
        let report = try hub.handOver(from: "li", to: "chen")
        #expect(report.owners.map(\.rows) == [1] && report.owners.map(\.to) == ["chen"] && report.kept.isEmpty)
        try sync(hub, all)
        #expect(try clients(chen, of: "chen") == "chen-1 li-1 wang-1")
        #expect(try hub.checkHandOver(from: "li", to: "chen").checklist.isComplete)
        // What came late of the first is named by nobody else either.
        #expect(try hub.checkHandOver(from: "wang", to: "chen").checklist.stillNamed == 1)
        #expect(try hub.handOver(from: "wang", to: "chen").owners.map(\.rows) == [1])
        try sync(hub, all)
        #expect(try clients(chen, of: "chen") == "chen-1 li-1 wang-1 wang-late")
        for replica in all { #expect(try replica.digest() == hub.digest(for: replica.name)) }
    }

    @Test(arguments: [true, false]) func whoIsHandedBackWhatTheyGaveIsNamedAgain_SCO24_SCO25(isGranted: Bool) throws {
        let (hub, all) = try people("wang", "chen")
        let (wang, chen) = (all[0], all[1])
        _ = try hub.handOver(from: "wang", to: "chen")
        if isGranted { try hub.grant("wang", scopes: ["wang"]) }
        try sync(hub, all)
        try enter(chen, "late")
        let due = try hub.checkHandOver(from: "chen", to: "wang")
        #expect(due.owners.map(\.rows) == [2] && due.owners.map(\.to) == ["wang"])
        #expect(try hub.handOver(from: "chen", to: "wang").owners.map(\.rows) == [2])
        try sync(hub, all)
        #expect(try clients(wang, of: "wang") == "chen-1 wang-1" && clients(wang, of: "chen") == "chen-late")
        #expect(try hub.checkHandOver(from: "chen", to: "wang").checklist.stillNamed == 1)
        #expect(try hub.handOver(from: "chen", to: "wang").owners.map(\.rows) == [1])
        try sync(hub, all)
        #expect(try clients(wang, of: "wang") == "chen-1 chen-late wang-1")
        #expect(try hub.checkHandOver(from: "chen", to: "wang").checklist.isComplete)
        for replica in all { #expect(try replica.digest() == hub.digest(for: replica.name)) }
    }

    @Test func whoIsServedByTwoValuesIsAskedWhichIsTheirs_SCO24_SCO25() throws {
        let (hub, all) = try people("chen", "li")
        try hub.setScope("east", rules: ["client BY owner 'east'"])
        try hub.grant("chen", scopes: ["chen", "east"])
        let due = try hub.checkHandOver(from: "li", to: "chen")
        let reason =
            "it is not known which value there is chen's own (chen, east): "
            + "grant it but one of them beside what moves, and hand over once more"
        #expect(due.owners.isEmpty && kept(due) == ["client.owner 1 \(reason)"] && due.checklist.stillNamed == 1)
        _ = try hub.handOver(from: "li", to: "chen")
        try sync(hub, all)
        let list = try hub.checkHandOver(from: "li", to: "chen").checklist
        #expect(list.isHandedOver && list.stillNamed == 1 && !list.isComplete)
        try hub.grant("chen", scopes: ["chen", "li"])
        #expect(try hub.handOver(from: "li", to: "chen").owners.map(\.rows) == [1])
        try sync(hub, all)
        #expect(try clients(all[0], of: "chen") == "chen-1 li-1")
        #expect(try hub.checkHandOver(from: "li", to: "chen").checklist.isComplete)
    }

    @Test func whoHasNoValueOfTheirOwnIsToldWhatKeepsTheFormerOwners_SCO24_SCO25() throws {
        let (hub, all) = try people("li")
        let new = try device("new", hub, scopes: [])
        let report = try hub.handOver(from: "li", to: "new")
        #expect(report.owners.isEmpty && kept(report) == ["client.owner 1 new has no value of its own there"])
        try sync(hub, all + [new])
        let list = try hub.checkHandOver(from: "li", to: "new").checklist
        #expect(list.keptNamed == 1 && list.stillNamed == 0 && list.isComplete)
        #expect(try clients(new, of: "li") == "li-1")
    }
}
