import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Handovers of tables that do not take the new owner, across renames, hubs put back and lost tablets (SCO-24, SCO-25).
@Suite final class HandoverTests: ReviewedWorld {
    private static let client = "CREATE TABLE client(id TEXT PRIMARY KEY, owner TEXT, name TEXT); "

    /// Clients and logs by owner. Of wang's two logs `same` is the one that may be in the way.
    private func logs(_ schema: String) throws -> (Hub, Replica, Replica) {
        let (hub, _) = try world(schema)
        for person in ["wang", "li"] {
            try hub.setScope(person, rules: ["client BY owner '\(person)'", "log BY owner '\(person)'"])
        }
        let (wang, li) = (try device("wang", hub, scopes: ["wang"]), try device("li", hub, scopes: ["li"]))
        if schema.contains("person") { try run(wang, "INSERT INTO person VALUES ('wang')", seal: false) }
        try run(
            wang,
            "INSERT INTO client VALUES ('c', 'wang', 'C'); "
                + "INSERT INTO log(id, owner, what) VALUES ('l', 'wang', 'same'), ('l2', 'wang', 'other')")
        let id = schema.contains("PRIMARY KEY (owner, id)") ? "l" : "m"
        if !schema.contains("person") {
            let what = schema.contains("CHECK") ? "x" : "same"
            try run(li, "INSERT INTO log(id, owner, what) VALUES ('\(id)', 'li', '\(what)')")
        }
        try sync(hub, [wang, li])
        return (hub, wang, li)
    }

    @Test(arguments: [
        (
            "-- satchel: appendOnly log\n\(client)CREATE TABLE log(id TEXT PRIMARY KEY, owner TEXT, what TEXT);", 2,
            "rows of log are entered once and never changed"
        ),
        (
            "-- satchel: policy log.owner immutable\n\(client)"
                + "CREATE TABLE log(id TEXT PRIMARY KEY, owner TEXT, what TEXT);", 2,
            "the owner is set once and never changed"
        ),
        (
            client + "CREATE TABLE log(owner TEXT, id TEXT, what TEXT, PRIMARY KEY (owner, id));", 2,
            "the owner is part of the key"
        ),
        (
            client + "CREATE TABLE log(id TEXT PRIMARY KEY, owner TEXT, what TEXT, UNIQUE (owner, what));", 1,
            "the new owner has such a row already"
        ),
        (
            client
                + "CREATE TABLE log(id TEXT PRIMARY KEY, owner TEXT, what TEXT, UNIQUE (owner, what) ON CONFLICT REPLACE);",
            1, "the new owner has such a row already"
        ),
        (
            client
                + "CREATE TABLE log(id TEXT PRIMARY KEY, owner TEXT, what TEXT, CHECK (owner <> 'li' OR what <> 'same'));",
            1, "log does not take the new owner in such a row"
        ),
        (
            client + "CREATE TABLE person(name TEXT PRIMARY KEY); "
                + "CREATE TABLE log(id TEXT PRIMARY KEY, owner TEXT REFERENCES person(name), what TEXT);", 2,
            "the new owner would name a row that is not there"
        ),
    ])
    func whatATableDoesNotTakeStaysAsItIsAndIsHandedOver_SCO24(schema: String, kept: Int, reason: String) throws {
        let (hub, wang, li) = try logs(schema)
        let due = try hub.checkHandOver(from: "wang", to: "li")
        let report = try hub.handOver(from: "wang", to: "li")
        let told = report.kept.map { "\($0.table).\($0.column) \($0.rows) \($0.reason)" }
        #expect(told == ["log.owner \(kept) \(reason)"])
        #expect(due.kept == report.kept && due.checklist.stillNamed == report.owners.reduce(0) { $0 + $1.rows })
        #expect(report.owners.map(\.rows).sorted() == [1, 2 - kept].sorted())
        try sync(hub, [wang, li])
        #expect(try text(li, "SELECT id FROM client WHERE owner = 'li'") == "c")
        #expect(try text(li, "SELECT count(*) FROM log") == (schema.contains("person") ? "2" : "3"))
        #expect(try text(wang, "SELECT id FROM client UNION ALL SELECT id FROM log") == "")
        #expect(try hub.handOver(from: "wang", to: "li").owners.allSatisfy { $0.rows == 0 })
        #expect(try hub.checkHandOver(from: "wang", to: "li").checklist.isComplete)
        for replica in [wang, li] { #expect(try replica.digest() == hub.digest(for: replica.name)) }
    }

    @Test func aHandoverThatFailsAtItsEndHasDoneNothing_SCO24() throws {
        let (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c', 'C', 'wang')")
        try sync(hub, [wang, li])
        let more = (1..<256).map { "more\($0)" }
        for name in more { try hub.setScope(name, rules: ["plan BY id '\(name)'"]) }
        try hub.grant("li", scopes: more + ["li"])
        let position = try hub.position()
        #expect(throws: UsageError.self) { try hub.handOver(from: "wang", to: "li") }
        #expect(try text(hub.replica, "SELECT owner FROM client") == "wang")
        #expect(try hub.granted("wang") == ["wang"] && hub.position() == position)
        try hub.grant("li", scopes: ["li"])
        #expect(try hub.handOver(from: "wang", to: "li").owners.map(\.rows) == [1])
    }

    @Test(arguments: ["owner", "boss"]) func aRenamedColumnIsFoundByItsFirstNameToo_SCO3_SCO24(column: String) throws {
        let visit = "CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id));"
        let later =
            "-- satchel: version 2\n-- satchel: renamed client.boss from owner\n"
            + "CREATE TABLE client(id TEXT PRIMARY KEY, boss TEXT); \(visit)"
        let (hub, _) = try world(
            "-- satchel: version 1\nCREATE TABLE client(id TEXT PRIMARY KEY, owner TEXT); \(visit)")
        try hub.setScope("wang", rules: ["client BY owner 'wang'", "visit IN (client)"])
        if column == "boss" { try hub.replica.migrate(to: later) }
        // The one scope was written before the column was renamed, the other after.
        try hub.setScope("li", rules: ["client BY \(column) 'li'", "visit IN (client)"])
        if column == "owner" { try hub.replica.migrate(to: later) }
        let (wang, li) = (try device("wang", hub, scopes: ["wang"]), try device("li", hub, scopes: ["li"]))
        for replica in [wang, li] where try text(replica, "SELECT name FROM pragma_table_info('client')") == "id owner"
        {
            try replica.migrate(to: later)
        }
        try run(wang, "INSERT INTO client VALUES ('w', 'wang'); INSERT INTO visit VALUES ('v', 'w')")
        try sync(hub, [wang, li])
        let report = try hub.handOver(from: "wang", to: "li")
        #expect(report.owners.map(\.rows) == [1] && report.owners.map(\.column) == ["boss"])
        try sync(hub, [wang, li])
        #expect(try text(li, "SELECT id || boss FROM client") == "wli" && text(li, "SELECT id FROM visit") == "v")
        for replica in [wang, li] { #expect(try replica.digest() == hub.digest(for: replica.name)) }
    }

    @Test func onlyWhatTheRuleMatchesIsTaken_SCO1_SCO24() throws {
        let (hub, _) = try world("CREATE TABLE client(id TEXT PRIMARY KEY, owner, name TEXT);")
        try hub.setScope("seven", rules: ["client BY owner 7"])
        try hub.setScope("eight", rules: ["client BY owner 8"])
        try hub.setScope("real", rules: ["client WHERE typeof(owner) = 'real'"])
        let (a, b) = (try device("a", hub, scopes: ["seven"]), try device("b", hub, scopes: ["eight"]))
        let c = try device("c", hub, scopes: ["real"])
        try run(a, "INSERT INTO client VALUES ('a', 7, 'x')")
        try run(c, "INSERT INTO client VALUES ('c', 7.0, 'x')")
        try sync(hub, [a, b, c])
        #expect(try hub.handOver(from: "a", to: "b").owners.map(\.rows) == [1])
        try sync(hub, [a, b, c])
        #expect(try text(b, "SELECT id FROM client") == "a")
        #expect(try text(c, "SELECT id FROM client") == "c")
    }

    @Test func whatTheSuccessorWroteBeforeTheHubWasPutBackIsTakenInWhenItIsRepeated_SCO24_SCO25() throws {
        let (hub, wang, li) = try scoped()
        try run(
            wang,
            "INSERT INTO client(id, name, owner) VALUES ('c', 'C', 'wang'); INSERT INTO visit(id, client) VALUES ('v', 'c')"
        )
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('l', 'L', 'li')")
        try run(hub.replica, "INSERT INTO client(id, name, owner) VALUES ('other', 'O', 'zhao')")
        try sync(hub, [wang, li])
        try hub.backUp(to: folder + "/backup")
        try run(wang, "UPDATE client SET phone = '1' WHERE id = 'c'")
        _ = try hub.handOver(from: "wang", to: "li")
        try sync(hub, [wang, li])
        try run(
            li,
            "UPDATE client SET phone = '2' WHERE id = 'c'; INSERT INTO visit(id, client) VALUES ('v2', 'c'); "
                + "UPDATE visit SET note = 'n' WHERE id = 'v'")
        try force(li, "INSERT INTO client(id, name, owner) VALUES ('other', 'mine', 'li')")
        try sync(hub, [wang, li])
        let again = try restoreHub(hub, from: "backup")
        try sync(again, [wang, li], rounds: 3)
        #expect(try again.outsideChanges().count == 4)
        let due = try again.checkHandOver(from: "wang", to: "li").checklist
        #expect(due.setAside == 3, "not what has nothing to do with it")
        let report = try again.handOver(from: "wang", to: "li")
        #expect(report.takenIn == 3 && report.checklist.setAside == 0)
        #expect(try again.outsideChanges().map(\.key) == [key("other")], "it could not hold that, and cannot")
        try sync(again, [wang, li], rounds: 3)
        #expect(try text(li, "SELECT id || ifnull(phone, '') FROM client WHERE id = 'c'") == "c2")
        #expect(try text(li, "SELECT id || ifnull(note, '') FROM visit ORDER BY id") == "vn v2")
        #expect(try text(again.replica, "SELECT name FROM client WHERE id = 'other'") == "O")
        #expect(try again.checkHandOver(from: "wang", to: "li").checklist.isComplete)
        for replica in [wang, li] { #expect(try replica.digest() == again.digest(for: replica.name)) }
    }

    @Test(arguments: [true, false]) func nobodyWaitsForATabletThatIsGone_SCO25(isRevoked: Bool) throws {
        let (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c', 'C', 'wang')")
        try sync(hub, [wang, li])
        try run(wang, "UPDATE client SET phone = 'late' WHERE id = 'c'")
        if isRevoked { try hub.revoke("wang") } else { try hub.retire("wang") }
        let list = try hub.handOver(from: "wang", to: "li").checklist
        #expect(list.formerIsGone && !list.formerHasCome && list.isComplete)
        // Who was only given up may come after all, and then is waited for.
        try up(wang, hub)
        if isRevoked { try hub.release([], ofDevice: "wang") }
        let after = try hub.checkHandOver(from: "wang", to: "li").checklist
        #expect(after.formerIsGone == isRevoked && after.isComplete == isRevoked)
        try sync(hub, [li])
        #expect(try text(li, "SELECT phone FROM client WHERE id = 'c'") == "late")
    }
}
