import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Rows that several people hold, or want the place of, through scopes of their own (SCO-4, SCO-5).
@Suite final class ScopeSharedRowsTests: ReviewedWorld {

    @Test func aRuleOverAMergedRecordIsUndoneDecisionByDecisionForEverybodyWhoHoldsIt_INB6_INB8_SCO4() throws {
        let (hub, wang, li) = try scoped()
        let boss = try device("boss", hub, scopes: ["all"])
        try run(
            wang, "INSERT INTO client(id, name, owner, phone) VALUES ('a', 'A', 'wang', '1'), ('b', 'B', 'wang', '2')")
        try sync(hub, [wang, boss, li])
        try run(boss, "UPDATE client SET name = 'boss', phone = '20' WHERE id = 'b'")
        try boss.merge(key("a"), into: key("b"), in: "client", taking: [], actor: "boss")
        wait()
        try run(wang, "UPDATE client SET name = 'wang', phone = '10' WHERE id = 'a'")
        try sync(hub, [boss, wang, li], rounds: 3)
        let all = [hub.replica, boss, wang]
        let before = values(try hub.conflicts())
        #expect(try hub.conflicts().count == 2, "\(before)")
        for replica in all { #expect(values(try replica.conflicts()) == before) }
        let report = try wang.resolve(ConflictFilter(), by: .newer)
        #expect(report.decided.count == 2, "\(report)")
        try sync(hub, [wang, boss, li], rounds: 3)
        for replica in all {
            #expect(try replica.conflicts().isEmpty, "\(replica.name): \(values(try replica.conflicts()))")
            #expect(try text(replica, "SELECT id || name || phone FROM client") == "bwang10")
        }
        let asked = try hub.replica.decisions()
        #expect(asked.count == 2)
        for (place, decision) in asked.enumerated() {
            let who = place == 0 ? wang : hub.replica
            do { try who.undoDecision(decision.conflict) } catch { Issue.record("\(who.name): \(error)") }
            try sync(hub, [wang, boss, li], rounds: 3)
            for replica in all { #expect(try replica.conflicts().count == place + 1, "\(replica.name)") }
        }
        for replica in all { #expect(values(try replica.conflicts()) == before, "\(replica.name)") }
        try wang.unmerge(key("a"), in: "client")
        try sync(hub, [wang, boss, li], rounds: 3)
        let seen = try all.map {
            try text($0, "SELECT id || name || phone FROM client ORDER BY id") + " " + values(try $0.conflicts())
        }
        #expect(Set(seen).count == 1, "\(seen)")
        #expect(try boss.digest() == hub.digest() && wang.digest() == hub.digest(for: "wang"))
    }

    @Test func ofTwoPeoplesRowsThatWantOnePlaceEachSeesWhatTheHubGivesThem_MRG22_SCO5() throws {
        let schema = """
            CREATE TABLE client(id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, owner TEXT, code TEXT UNIQUE);
            CREATE TABLE visit(id TEXT PRIMARY KEY NOT NULL, client TEXT NOT NULL REFERENCES client(id), note TEXT);
            """
        let (hub, _) = try world(schema)
        for person in ["wang", "li"] {
            try hub.setScope(person, rules: ["client BY owner '\(person)'", "visit IN (client)"])
        }
        let (wang, li) = (try device("wang", hub, scopes: ["wang"]), try device("li", hub, scopes: ["li"]))
        let boss = try device("boss", hub, scopes: ["all"])
        try run(li, "INSERT INTO client VALUES ('l', 'L', 'li', 'X'); INSERT INTO visit VALUES ('vl', 'l', 'n')")
        wait()
        try run(
            wang,
            "INSERT INTO client VALUES ('w', 'W', 'wang', 'X'), ('w2', 'W2', 'wang', 'Y'); INSERT INTO visit VALUES ('vw', 'w', 'n')"
        )
        func expectAll(_ place: SourceLocation = #_sourceLocation) throws {
            try sync(hub, [wang, li, boss], rounds: 3)
            for replica in [wang, li, boss] {
                #expect(try replica.digest() == hub.digest(for: replica.name), "\(replica.name)", sourceLocation: place)
            }
            let fresh = try device("fresh\(UUID().uuidString.prefix(4).lowercased())", hub, scopes: ["all"])
            try sync(hub, [fresh])
            #expect(try fresh.digest() == hub.digest(), sourceLocation: place)
        }
        try expectAll()
        #expect(try text(hub.replica, "SELECT id FROM visit") == "vl")
        try wang.merge(key("w"), into: key("w2"), in: "client")
        try expectAll()
        #expect(try text(hub.replica, "SELECT id FROM client ORDER BY id") == "l w2")
        try run(li, "UPDATE client SET code = 'Y' WHERE id = 'l'")
        try expectAll()
        try wang.unmerge(key("w"), in: "client")
        try expectAll()
        try run(boss, "DELETE FROM visit WHERE id = 'vl'; DELETE FROM client WHERE id = 'l'")
        try expectAll()
        #expect(try text(hub.replica, "SELECT id FROM client ORDER BY id") == "w w2")
    }

    /// A hub that was put back hears in one bundle of an order to erase, and of the row that was entered anew after it.
    @Test func aRowEnteredAnewAfterItsErasureIsInItsScopesAtAHubThatIsPutBack_SCO9_ERA9() throws {
        let (start, wang, li) = try scoped()
        var hub = start
        let boss = try device("boss", hub, scopes: ["all"])
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c', 'erased', 'li'), ('d', 'erased', 'wang')")
        try run(boss, "INSERT INTO client(id, name, owner) VALUES ('c', 'erased', 'li')")
        try sync(hub, [boss, wang, li])
        try hub.backUp(to: folder + "/backup")
        for id in ["c", "d"] { _ = try hub.erase(table: "client", key: key(id), withReferences: true) }
        try sync(hub, [boss, wang, li])
        try run(boss, "INSERT INTO client(id, name, owner) VALUES ('c', 'anew', 'li')")
        try run(boss, "INSERT INTO visit(id, client) VALUES ('v', 'c')")
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('d', 'outside', 'li')")
        hub = try restoreHub(hub, from: "backup")
        try sync(hub, [boss], rounds: 3)
        try sync(hub, [wang, li, boss], rounds: 3)
        #expect(try text(li, "SELECT name FROM client WHERE id = 'c'") == "anew")
        #expect(try text(li, "SELECT id FROM visit") == "v")
        #expect(try li.digest() == hub.digest(for: "li") && wang.digest() == hub.digest(for: "wang"))
        #expect(try hub.outsideChanges().map(\.key) == [key("d")])
        try hub.acceptSetAside(table: "client", key: key("d"))
        try sync(hub, [wang, li, boss], rounds: 3)
        #expect(try text(li, "SELECT name FROM client WHERE id = 'd'") == "outside")
    }
}
