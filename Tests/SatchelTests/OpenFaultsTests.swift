import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Faults that a reading with fresh eyes found and that are not mended yet. Each test says what is due; it fails as soon as
/// the fault is gone, and then loses its `withKnownIssue` and moves to where its subject is.
@Suite final class OpenFaultsTests: ReviewedWorld {
    /// A thief reaches a restored hub before the notice of its revocation does.
    @Test func aNoticeThatComesBackToARestoredHubLosesNothingOfWhatWasHandedIn() throws {
        withKnownIssue(
            "EXC-44 begins with what is held now; what was handed in and then replaced by what has no effect any more is gone"
        ) {
            let (start, all) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT);", "z", "x", "y", "w")
            var hub = start
            let (z, x, y, w) = (all[0], all[1], all[2], all[3])
            try sync(hub, all)
            try hub.backUp(to: folder + "/backup")
            try run(z, "INSERT INTO t VALUES ('r', 'of z')")
            try sync(hub, all)
            try hub.revoke("y")
            try sync(hub, [x])
            try run(y, "UPDATE t SET v = 'of y'")
            hub = try restoreHub(hub, from: "backup")
            try sync(hub, [w], rounds: 3)
            #expect(try text(hub.replica, "SELECT v FROM t") == "of z")
            try up(y, hub)
            #expect(try text(hub.replica, "SELECT v FROM t") == "of y")
            try sync(hub, [x, w], rounds: 3)
            #expect(
                try text(hub.replica, "SELECT v FROM t") == "of z",
                "hub [\(told(try text(hub.replica, "SELECT id || v FROM t")))] x [\(told(try text(x, "SELECT id || v FROM t")))] w [\(told(try text(w, "SELECT id || v FROM t")))] \(told(try hub.conflicts().count))"
            )
            #expect(try text(w, "SELECT v FROM t") == "of z")
            try sync(hub, [z, x, w], rounds: 3)
            #expect(try text(w, "SELECT v FROM t") == "of z", "not even when its author comes back")
        }
    }

    /// A row that was edited here and deleted round the triggers is found deleted; the deletion is undone.
    @Test func aRowThatVanishedComesBackWhole() throws {
        withKnownIssue("a row that vanished is captured from the changesets kept here alone") {
            let (hub, one, two) = try pair()
            try run(two, "UPDATE client SET phone = '9' WHERE id = 'd'")
            try sync(hub, [one, two])
            let before = try shown(two)
            for name in try two.read({
                try String.fetchAll($0, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
            }) {
                try run(two, "DROP TRIGGER \"\(name)\"", seal: false)
            }
            try run(two, "DELETE FROM client WHERE id = 'd'")
            try sync(hub, [one, two])
            if try shown(two) != before {
                let bin = try two.bin(table: "client")
                #expect(
                    bin.first?.values.map(\.display) == ["d", "Ruifeng", "9"], "\(bin.map { $0.values.map(\.display) })"
                )
                _ = try two.undo(table: "client", key: key("d"))
            }
            try sync(hub, [one, two], rounds: 3)
            #expect(try shown(two) == before, "\(told(try two.setAside().map(\.reason)))")
            #expect(try shown(one) == before)
            try expectEqual(hub, [one, two])
        }
    }

    /// A column changes its type where nothing is in it; an older device goes on writing the old type.
    @Test(arguments: [("INTEGER", "TEXT", "7"), ("TEXT", "INTEGER", "'7'")])
    func noTypeChangesByAffinityBetweenVersions(old: String, new: String, value: String) throws {
        withKnownIssue(
            "a column changes its type while it is empty, and an older device goes on writing", isIntermittent: true
        ) {
            let first = "-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY, n \(old), v TEXT);"
            let second = "-- satchel: version 2\nCREATE TABLE t(id TEXT PRIMARY KEY, n \(new), v TEXT);"
            let (hub, all) = try world(first, "one", "two")
            try run(all[0], "INSERT INTO t VALUES ('k', NULL, 'x')")
            try sync(hub, all)
            try all[1].migrate(to: second)
            try hub.replica.migrate(to: second)
            try run(all[0], "UPDATE t SET n = \(value); INSERT INTO t VALUES ('l', \(value), 'new')")
            try sync(hub, all)
            let seen = try text(all[1], "SELECT id || ':' || typeof(n) FROM t ORDER BY id")
            let doctor = try all[1].doctor()
            #expect(
                doctor.faults.isEmpty && doctor.rowsCaptured == 0 && doctor.mended.isEmpty,
                "\(doctor.faults) \(doctor.mended) \(doctor.rowsCaptured) shown \(seen)")
            #expect(
                try text(all[0], "SELECT id || ':' || typeof(n) FROM t ORDER BY id") == seen,
                "aside \(told(try all[1].setAside().count))")
            try run(all[1], "UPDATE t SET v = 'y' WHERE id = 'l'")
            try sync(hub, all)
            #expect(throws: Never.self) { try all[0].migrate(to: second) }
            try sync(hub, all)
            try expectEqual(hub, all)
            #expect(try hub.conflicts().isEmpty)
        }
    }

    /// Two programs of their own make tables of one name with different keys; the hub knows neither, or one of them.
    @Test(arguments: [
        ("CREATE TABLE cache(url TEXT, n INTEGER, v, PRIMARY KEY (url, n)); INSERT INTO cache VALUES ('u', 1, 2)", ""),
        ("CREATE TABLE cache(url TEXT PRIMARY KEY, v); INSERT INTO cache VALUES ('u', 2)", ""),
        (
            "CREATE TABLE cache(url TEXT PRIMARY KEY, v); INSERT INTO cache VALUES ('u', 2)",
            "CREATE TABLE cache(k TEXT PRIMARY KEY, v);"
        ),
    ]) func twoScratchTablesOfOneNameStopNobody(second: String, atHub: String) throws {
        withKnownIssue("a reply is refused whose table has another key here") {
            let (hub, all) = try world(Self.clients, "one", "two")
            if !atHub.isEmpty { try run(hub.replica, atHub) }
            try run(all[0], "CREATE TABLE cache(k TEXT PRIMARY KEY, v); INSERT INTO cache VALUES ('x', 1)")
            try run(all[1], second)
            try run(all[0], "INSERT INTO client VALUES ('a', 'Hengda', '1')")
            try run(all[1], "INSERT INTO client VALUES ('b', 'Ruifeng', '2')")
            for _ in 0..<3 {
                for replica in all {
                    do { try up(replica, hub) } catch { Issue.record("up of \(replica.name): \(error)") }
                    do { try down(replica, hub) } catch { Issue.record("down of \(replica.name): \(error)") }
                }
            }
            for replica in all { #expect(try text(replica, "SELECT id FROM client ORDER BY id") == "a b") }
        }
    }

    /// What a survivor shows decides who may hold it.
    @Test func aScopeFollowsWhatASurvivorShows() throws {
        withKnownIssue("rules judge a survivor without the candidates of rows merged into it") {
            let (hub, _) = try world("-- satchel: policy client.owner lastWriter\n" + ScopeWorld.schema)
            for person in ["wang", "li"] {
                try hub.setScope(person, rules: ["client BY owner '\(person)'", "visit IN (client)"])
            }
            let (wang, li) = (try device("wang", hub, scopes: ["wang"]), try device("li", hub, scopes: ["li"]))
            try run(
                li, "INSERT INTO client(id, name, owner, phone) VALUES ('a', 'A', 'li', '1'), ('b', 'B', 'li', '2')")
            try sync(hub, [wang, li])
            try hub.replica.merge(key("a"), into: key("b"), in: "client")
            Thread.sleep(forTimeInterval: 0.05)
            try run(li, "UPDATE client SET owner = 'wang' WHERE id = 'a'")
            try sync(hub, [li, wang], rounds: 3)
            #expect(try text(hub.replica, "SELECT id || owner FROM client") == "bwang")
            #expect(try text(wang, "SELECT id || owner FROM client") == "bwang")
            try run(wang, "UPDATE client SET phone = 'private to wang'")
            try sync(hub, [wang, li], rounds: 2)
            #expect(try text(li, "SELECT id || phone FROM client") == "", "SCO-3")
        }
    }
}
