import Foundation
import GRDB
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

@testable import Satchel

/// What an author could hold, by what they knew in an earlier life of the hub or said to know (SCO-17, SCO-30, SCO-32).
@Suite final class ScopeLinesTests: ReviewedWorld {
    /// The replica as somebody makes it who has its file and its key.
    private func forge(_ replica: Replica, _ sql: String) throws -> Replica {
        try replica.close()
        let file = try DatabaseQueue(path: replica.path)
        try file.write { try $0.execute(sql: sql) }
        try file.close()
        return try Replica.open(at: replica.path, anchors: .none)
    }

    /// A client with a visit and its plan has gone from wang to li, who wrote into the plan.
    private func leftPlan() throws -> (Hub, Replica, Replica) {
        let (hub, wang, li) = try scoped()
        try run(
            wang,
            """
            INSERT INTO client(id, name, owner) VALUES ('c1', 'C', 'wang'), ('w1', 'W', 'wang');
            INSERT INTO plan VALUES ('p1', 'plan');
            INSERT INTO visit(id, client, plan) VALUES ('v1', 'c1', 'p1')
            """)
        try sync(hub, [wang, li])
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT id FROM client") == "w1" && text(wang, "SELECT id FROM plan") == "")
        try run(li, "UPDATE plan SET note = 'geheim'")
        try sync(hub, [li, wang], rounds: 2)
        return (hub, wang, li)
    }

    private func knowNothing(_ replica: Replica, underNewLine: Bool) throws {
        try replica.withEngine { engine in
            try engine.transaction {
                if underNewLine { try engine.renewIdentity(.copied) }
                try engine.store.setMeta("position", .integer(0))
            }
        }
    }

    @Test(arguments: [false, true]) func whoHadLeftARowLongAgoDoesNotWriteOverItInTheHubsNextLife_SCO17_SCO19_EXC28(
        restored: Bool
    ) throws {
        let (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner, phone) VALUES ('c1', 'C', 'wang', '1')")
        try sync(hub, [wang, li])
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT id FROM client") == "")
        try run(wang, "INSERT INTO client(id, name, owner, phone) VALUES ('c1', 'again', 'wang', '9')")
        if restored { try hub.restored() }
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(li, "SELECT id || name || phone FROM client") == "c1C1")
        #expect(try li.conflicts().isEmpty)
        #expect(try hub.outsideChanges().count == 1)
    }

    @Test(arguments: [false, true]) func whoHadLeftARowLongAgoIsNotGivenItInTheHubsNextLifeForNamingIt_SCO17_SCO30_P11(
        restored: Bool
    ) throws {
        let (hub, wang, li) = try leftPlan()
        try force(wang, "INSERT INTO visit(id, client, plan) VALUES ('v2', 'w1', 'p1')")
        if restored { try hub.restored() }
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(wang, "SELECT note FROM plan") == "", "P11")
        #expect(try hub.outsideChanges().count == 1)
    }

    @Test(arguments: [true, false]) func whoClaimsToKnowOfNothingIsNotGivenWhatTheyHadLeft_SCO30_P11(
        newLine: Bool
    ) throws {
        let (hub, wang, _) = try leftPlan()
        try knowNothing(wang, underNewLine: newLine)
        try force(wang, "INSERT INTO visit(id, client, plan) VALUES ('v2', 'w1', 'p1')")
        try up(wang, hub)
        for _ in 0..<2 {
            try? down(wang, hub)
            try up(wang, hub)
        }
        #expect(try text(wang, "SELECT note FROM plan") == "", "P11")
    }

    @Test(arguments: [true, false]) func whoClaimsToKnowOfNothingTakesNoRowBackThatTheyHadLeft_SCO30_P11(
        newLine: Bool
    ) throws {
        let (hub, wang, li) = try leftPlan()
        try knowNothing(wang, underNewLine: newLine)
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c1', 'mine', 'wang')")
        try sync(hub, [wang, li], rounds: 3)
        #expect(try text(li, "SELECT name || owner FROM client") == "Cli")
        #expect(try text(wang, "SELECT id FROM client") == "w1" && text(wang, "SELECT id FROM plan") == "")
        #expect(try hub.outsideChanges().count == 1)
    }

    @Test func whatWaitedIsJudgedByWhatItsAuthorHadSaidWhenItCame_SCO30() throws {
        let (hub, wang, li) = try scoped()
        let friend = try device("friend", hub, scopes: ["wang"])
        try run(
            wang,
            """
            INSERT INTO client(id, name, owner) VALUES ('c1', 'C', 'wang'), ('w1', 'W', 'wang');
            INSERT INTO plan VALUES ('p1', 'plan'); INSERT INTO visit(id, client, plan) VALUES ('v1', 'c1', 'p1')
            """)
        try sync(hub, [wang, li, friend])
        try run(friend, "INSERT INTO client(id, name, owner) VALUES ('w2', 'W2', 'wang')")
        try carry(friend, to: wang)
        try run(wang, "INSERT INTO visit(id, client, plan) VALUES ('v2', 'w2', 'p1')")
        let lost = try #require(try friend.changesets().last?.dot)
        try wang.withEngine { engine in
            try engine.transaction { try engine.store.forget(engine.store.dotID(lost)) }
        }
        #expect(try up(wang, hub).merged[0].outcome == .parked)
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try sync(hub, [wang])
        #expect(try hub.outsideChanges().isEmpty)
        try sync(hub, [friend, wang])
        #expect(try hub.outsideChanges().isEmpty, "wang held the plan when they named it")
        #expect(try text(hub.replica, "SELECT plan FROM visit WHERE id = 'v2'") == "p1")
    }

    @Test func aFileThatWasPutBackGoesOnWithWhatItHolds_SCO17_SCO30() throws {
        let (hub, wang, li) = try scoped()
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('c1', 'C', 'wang'), ('w1', 'W', 'wang')")
        try sync(hub, [wang, li])
        let backup = try wang.duplicate(to: folder + "/put-back.db")
        try run(hub.replica, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try sync(hub, [wang, li])
        try run(backup, "UPDATE client SET phone = '7'")
        try sync(hub, [backup, li])
        #expect(try hub.outsideChanges().isEmpty)
        #expect(try text(hub.replica, "SELECT id || phone FROM client ORDER BY id") == "c17 w17")
        #expect(
            try text(li, "SELECT id || phone FROM client") == "c17" && text(backup, "SELECT id FROM client") == "w1")
    }

    @Test func whoHandsInARowThatNamesAnothersIsNotGivenThatOne_SCO30_SCO32_P11() throws {
        let (hub, wang, li) = try scoped()
        try run(
            li,
            """
            INSERT INTO client(id, name, owner) VALUES ('c1', 'L', 'li'); INSERT INTO plan VALUES ('p1', 'geheim');
            INSERT INTO visit(id, client, plan) VALUES ('lv', 'c1', 'p1')
            """)
        try run(wang, "INSERT INTO client(id, name, owner) VALUES ('w1', 'W', 'wang')")
        try sync(hub, [wang, li])
        #expect(try text(wang, "SELECT id FROM plan") == "")
        try force(wang, "INSERT INTO visit(id, client, plan) VALUES ('wv', 'w1', 'p1')")
        let own = try #require(try wang.changesets().last?.dot)
        try wang.withEngine { engine in
            try engine.transaction { try engine.store.forget(engine.store.dotID(own)) }
        }
        let forger = try forge(
            wang,
            """
            UPDATE satchel_meta SET value = 1000000 WHERE name = 'position';
            INSERT OR REPLACE INTO satchel_meta(name, value) VALUES ('hand_in', 1)
            """)
        try forger.pack(to: folder + "/up")
        _ = try hub.merge([folder + "/up"])
        for _ in 0..<3 {
            try? down(forger, hub)
            try forger.pack(to: folder + "/up")
            _ = try hub.merge([folder + "/up"])
        }
        let kept = try #require(try FileManager.default.subpathsOfDirectory(atPath: folder + "/hub/quarantine").first)
        #expect(kept.hasPrefix("wang"), "EXC-41: what was left out is kept")
        let fresh = try hub.preview(device: "wang")
        #expect(try text(forger, "SELECT note FROM plan") == "", "P11: \(fresh.tables)")
        #expect(!fresh.tables.contains { $0.table == "plan" && $0.rows > 0 }, "\(fresh.tables)")
    }
}
