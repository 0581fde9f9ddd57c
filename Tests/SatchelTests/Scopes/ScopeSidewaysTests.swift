import GRDB
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

@testable import Satchel

/// What one device gives another of some scopes (SCO-22, EXC-32).
@Suite final class ScopeSidewaysTests: ReviewedWorld {

    @Test func whatIsParkedAndMovesARowKeepsItFromGoingSideways_SCO22() throws {
        let (hub, wang, li) = try scoped()
        let (boss, second, friend) = (
            try device("boss", hub, scopes: ["all"]), try device("second", hub, scopes: ["all"]),
            try device("friend", hub, scopes: ["all"])
        )
        try run(wang, "INSERT INTO client(id, name, owner, phone) VALUES ('c1', 'C', 'wang', '1')")
        try sync(hub, [wang, li, boss, second, friend])
        try run(second, "INSERT INTO plan VALUES ('z1', 'z')")
        try carry(second, to: friend)
        try run(friend, "UPDATE client SET owner = 'li' WHERE id = 'c1'")
        try lose(friend, workOf: second)
        try carry(friend, to: boss)
        #expect(try boss.status().parked.count == 1)
        try run(boss, "UPDATE client SET phone = 'geheim' WHERE id = 'c1'")
        try carry(boss, to: wang)
        #expect(try text(wang, "SELECT phone FROM client") == "1", "SCO-22: what is parked moves it")
    }

    @Test func ofWhatWasSealedTogetherNoPartGoesSidewaysAlone_EXC32_SCO22_P6() throws {
        let (hub, wang, li) = try scoped()
        let boss = try device("boss", hub, scopes: ["all"])
        try sync(hub, [wang, li, boss])
        try boss.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 100000 UNION ALL SELECT i + 1 FROM n WHERE i < 150009)
                    INSERT INTO client(id, name, owner) SELECT 'k' || i, 'n', CASE WHEN i < 150000 THEN 'li' ELSE 'wang' END FROM n
                    """)
        }
        try boss.seal()
        #expect(try boss.changesets().map(\.head.more) == [1, 0])
        try wang.have(to: folder + "/have")
        let packed = try boss.pack(for: folder + "/have", to: folder + "/side")
        #expect(packed.changesets == 0, "EXC-32: all of them or none")
        try wang.apply(folder + "/side")
        try up(wang, hub)
        let awaited = try hub.awaited()
        if !awaited.isEmpty { try hub.declareLost(awaited.map(\.changeset)) }
        let there = try text(hub.replica, "SELECT count(*) FROM client")
        #expect(there == "0" || there == "50010", "P6: \(there) of 50010")
    }

    /// Of a client whom the hub set aside, and to whom somebody who had it on a stick wrote a visit; by the author too.
    @Test(arguments: [true, false])
    func whatStayedForPendingWorkGoesWithIt_EXC17_SCO19(isOwn: Bool) throws {
        let (hub, wang, li) = try scoped()
        let head = try device("head", hub, scopes: ["all"])
        try sync(hub, [wang, li, head])
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('n', 'N', 'wang')")
        try li.seal()
        try up(li, hub)
        let visit = "INSERT INTO visit(id, client, note) VALUES ('v', 'n', 'written to it')"
        if !isOwn { try run(li, visit) }
        try carry(li, to: head)
        if isOwn { try run(head, visit) }
        #expect(try hub.outsideChanges().map(\.table) == ["client"])
        try down(head, hub)
        #expect(try text(head, "SELECT id FROM client") == "n", "EXC-25: what is pending needs it")
        try sync(hub, [li, head], rounds: 3)
        #expect(try text(head, "SELECT id FROM client") == "" && head.digest() == hub.digest())
        #expect(try head.setAside().map(\.table) == (isOwn ? ["visit"] : []), "as at the hub")
        #expect(try hub.replica.setAside().map(\.table) == (isOwn ? ["visit"] : []))
        for change in try hub.outsideChanges() { try hub.acceptSetAside(table: change.table, key: change.key) }
        try sync(hub, [li, head])
        #expect(try text(head, "SELECT note FROM visit") == "written to it" && head.digest() == hub.digest())
    }
}
