import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Tables of one name with different keys: each is a table of its own, and none stops a device (VER-11).
@Suite final class TablesOfOneNameTests: ReviewedWorld {
    private static let byKey = "CREATE TABLE cache(k TEXT PRIMARY KEY, v);"
    private static let byAddress = "CREATE TABLE cache(url TEXT PRIMARY KEY, v);"

    private func keys(_ replica: Replica) throws -> [String] {
        try replica.setAside().filter { $0.kind == .unknown }.map { aside in
            zip(aside.columns, aside.values).map { "\($0)=\($1.display)" }.joined(separator: " ")
        }.sorted()
    }

    /// The hub knows neither, or one of them.
    @Test(arguments: [
        ("CREATE TABLE cache(url TEXT, n INTEGER, v, PRIMARY KEY (url, n)); INSERT INTO cache VALUES ('u', 1, 2)", ""),
        ("CREATE TABLE cache(url TEXT PRIMARY KEY, v); INSERT INTO cache VALUES ('u', 2)", ""),
        (
            "CREATE TABLE cache(url TEXT PRIMARY KEY, v); INSERT INTO cache VALUES ('u', 2)",
            "CREATE TABLE cache(k TEXT PRIMARY KEY, v);"
        ),
    ]) func twoScratchTablesOfOneNameStopNobody_VER11(second: String, atHub: String) throws {
        let (hub, all) = try world(Self.clients, "one", "two", "three")
        if !atHub.isEmpty { try run(hub.replica, atHub) }
        try run(all[0], "CREATE TABLE cache(k TEXT PRIMARY KEY, v); INSERT INTO cache VALUES ('x', 1)")
        try run(all[1], second)
        try run(all[0], "INSERT INTO client VALUES ('a', 'Hengda', '1')")
        try run(all[1], "INSERT INTO client VALUES ('b', 'Ruifeng', '2')")
        try sync(hub, all, rounds: 3)
        for replica in all { #expect(try text(replica, "SELECT id FROM client ORDER BY id") == "a b") }
        #expect(try text(all[0], "SELECT k FROM cache") == "x" && text(all[1], "SELECT url FROM cache") == "u")
        #expect(try keys(all[0]).count == 1 && keys(all[1]) == ["k=x v=1"] && keys(all[2]).count == 2)
        #expect(try keys(hub.replica).count == (atHub.isEmpty ? 2 : 1))
        // Hand to hand too, and what is written later.
        try run(all[0], "UPDATE cache SET v = 'later'")
        try carry(all[0], to: all[1])
        #expect(try keys(all[1]) == ["k=x v=later"])
        try run(all[1], "DELETE FROM cache")
        try sync(hub, all)
        #expect(try text(all[0], "SELECT k || v FROM cache") == "xlater" && keys(all[2]).contains("k=x v=later"))
        for replica in all + [hub.replica] { #expect(try replica.doctor().faults.isEmpty) }
    }

    /// One of the two becomes a table of the schema.
    @Test func aSchemaThatGetsOneOfTheTablesShowsTheRowsOfThatKey_VER11_VER2_VER8() throws {
        let (hub, all) = try world("-- satchel: version 1\n" + Self.clients, "one", "two", "three")
        try run(all[0], Self.byKey + "INSERT INTO cache VALUES ('x', 1), ('same', 1)")
        try run(all[1], Self.byAddress + "INSERT INTO cache VALUES ('u', 2), ('same', 2)")
        try sync(hub, all)
        let next = "-- satchel: version 2\n" + Self.clients + Self.byAddress
        try hub.replica.migrate(to: next)
        try all[2].migrate(to: next)
        let shown = "SELECT url || v FROM cache ORDER BY url"
        for replica in [all[2], hub.replica] {
            #expect(try text(replica, shown) == "same2 u2")
            #expect(try keys(replica) == ["k=same v=1", "k=x v=1"])
        }
        try all[1].migrate(to: next)
        // The table of the other key is a program's own, and must be named otherwise first.
        do {
            try all[0].migrate(to: next)
            Issue.record("a table with another key was taken for that of the schema")
        } catch { #expect("\(error)".contains("another program made a table cache"), "\(error)") }
        try run(all[0], "UPDATE cache SET v = 'mine'; INSERT INTO client VALUES ('a', 'Hengda', '1')")
        try sync(hub, all)
        try run(all[0], "ALTER TABLE cache RENAME TO mine")
        try sync(hub, all)
        try all[0].migrate(to: next)
        try run(all[0], "UPDATE cache SET v = 'seen' WHERE url = 'u'")
        try sync(hub, all, rounds: 3)
        for replica in all + [hub.replica] { #expect(try text(replica, shown) == "same2 useen") }
        #expect(try keys(all[2]) == ["k=same v=mine", "k=same v=mine", "k=x v=mine", "k=x v=mine"])
        #expect(try text(all[0], "SELECT k || v FROM mine ORDER BY k") == "samemine xmine")
    }

    @Test func aTableThatIsMadeAgainWithAnotherKeyIsAnother_VER11_CAP14() throws {
        let (hub, all) = try world(Self.clients, "one", "two")
        for replica in all { try run(replica, Self.byKey) }
        try run(all[0], "INSERT INTO cache VALUES ('x', 1)")
        try sync(hub, all)
        try run(all[0], "INSERT INTO cache VALUES ('y', 2)")
        try run(all[0], "DROP TABLE cache; \(Self.byAddress) INSERT INTO cache VALUES ('u', 3)")
        try run(all[1], "UPDATE cache SET v = 'later' WHERE k = 'x'")
        try sync(hub, all, rounds: 3)
        #expect(try text(all[1], "SELECT k || v FROM cache ORDER BY k") == "xlater y2", "nothing was deleted")
        #expect(try text(all[0], "SELECT url || v FROM cache") == "u3")
        #expect(try keys(all[0]) == ["k=x v=later", "k=y v=2"] && keys(all[1]) == ["url=u v=3"])
        // And back again: what was kept meanwhile is there.
        try run(all[0], "DROP TABLE cache; \(Self.byKey)")
        try sync(hub, all)
        #expect(try text(all[0], "SELECT k || v FROM cache ORDER BY k") == "xlater y2")
        try run(all[0], "UPDATE cache SET v = 'end'")
        try sync(hub, all)
        #expect(try text(all[1], "SELECT k || v FROM cache ORDER BY k") == "xend yend")
        try sync(hub, [all[0]])
        #expect(try keys(hub.replica) == ["k=x v=end", "k=y v=end", "url=u v=3"])
    }

    /// An order names the table by its name alone.
    @Test func whatIsErasedIsErasedFromEveryTableOfTheName_VER11_ERA2() throws {
        let (hub, all) = try world(Self.clients + Self.byKey, "one", "two")
        try all[1].migrate(running: "DROP TABLE cache; \(Self.byAddress)")
        try run(all[0], "INSERT INTO cache VALUES ('p', 'a person'), ('q', 'another')")
        try run(all[1], "INSERT INTO cache VALUES ('p', 'the person'), ('r', 'a third')")
        try sync(hub, all)
        try hub.erase(table: "cache", key: key("p"))
        try run(all[1], "UPDATE cache SET v = 'the person again' WHERE url = 'p'")
        try sync(hub, all, rounds: 3)
        #expect(try text(all[0], "SELECT k FROM cache") == "q" && text(all[1], "SELECT url FROM cache") == "r")
        #expect(try keys(hub.replica) == ["url=r v=a third"] && keys(all[1]) == ["k=q v=another"])
    }

    @Test func rowsOfBothLeaveADeviceWithItsScopes_VER11_SCO13() throws {
        let (hub, _) = try world(ScopeWorld.schema)
        try hub.setScope("everything", rules: ["* ALL"])
        try hub.setScope("wang", rules: ["client BY owner 'wang'"])
        let wang = try device("wang", hub, scopes: ["everything"])
        let (one, two) = (try device("one", hub, scopes: ["all"]), try device("two", hub, scopes: ["all"]))
        try run(one, Self.byKey + "INSERT INTO cache VALUES ('x', 1), ('z', 1)")
        try run(two, Self.byAddress + "INSERT INTO cache VALUES ('u', 2), ('z', 2)")
        try sync(hub, [one, two, wang])
        #expect(try keys(wang) == ["k=x v=1", "k=z v=1", "url=u v=2", "url=z v=2"])
        try hub.grant("wang", scopes: ["wang"])
        try sync(hub, [one, two, wang], rounds: 3)
        #expect(try keys(wang).isEmpty)
        try hub.grant("wang", scopes: ["everything"])
        try sync(hub, [one, two, wang], rounds: 3)
        #expect(try keys(wang).count == 4)
    }
}
