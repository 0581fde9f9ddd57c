import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// New rows that are too large to be sealed wait in their tables (CAP-13): nothing is laid over them.
@Suite final class CaptureUnsealedTests: ReviewedWorld {
    private static let table = "CREATE TABLE t(id TEXT PRIMARY KEY, code TEXT UNIQUE, b BLOB, v TEXT);"

    /// What came stopped whole, and said why; the row is as it was entered, and captured still.
    private func expectStopped(
        _ replica: Replica, _ column: String, _ sql: String, is shown: String, _ body: () throws -> Void
    ) throws {
        let changesets = try replica.changesets().count
        let failure = #expect(throws: (any Error).self) { try body() }
        let words = "\(try #require(failure))"
        #expect(words.contains("column \(column) has") && words.contains("not sealed"), "\(words)")
        #expect(try text(replica, sql) == shown)
        #expect(try text(replica, "SELECT count(*) || '' FROM satchel_journal") == "1")
        #expect(try replica.changesets().count == changesets)
    }

    @Test(arguments: [("k", "2"), ("m", "1"), ("a", "1")])
    func aRowThatWaitsUnsealedIsNotWrittenOver_CAP13(key: String, code: String) throws {
        let (hub, all) = try world(Self.table, "one", "two")
        try run(all[1], "INSERT INTO t VALUES ('\(key)', '\(code)', x'01', 'of two')")
        try up(all[1], hub)
        try run(all[0], "INSERT INTO t VALUES ('k', '1', zeroblob(16777217), 'of one')")
        try expectStopped(all[0], "b in table t", "SELECT v FROM t", is: "of one") { try down(all[0], hub) }
        try run(all[0], "UPDATE t SET b = x'02' WHERE id = 'k'")
        try sync(hub, all)
        try expectEqual(hub, all)
        for replica in all {
            let held = try "\(text(replica, "SELECT v FROM t")) \(values(replica.conflicts())) \(replica.setAside())"
            #expect(held.contains("of one") || held.contains("k"), "\(held)")
        }
    }

    /// What a person sees of it, when a colleague's row of the same key arrives and goes again.
    @Test func whatWouldBeLaidOverItMayGoAgain_CAP13() throws {
        let (hub, all) = try world(Self.table, "one", "two")
        try run(all[0], "INSERT INTO t VALUES ('k', '1', zeroblob(16777217), 'of one')")
        try run(all[1], "INSERT INTO t VALUES ('k', '2', x'01', 'of two')")
        try up(all[1], hub)
        try expectStopped(all[0], "b in table t", "SELECT v FROM t", is: "of one") { try down(all[0], hub) }
        try run(all[1], "DELETE FROM t")
        try up(all[1], hub)
        try expectStopped(all[0], "b in table t", "SELECT v FROM t", is: "of one") { try down(all[0], hub) }
        try run(all[0], "UPDATE t SET b = x'02'")
        try sync(hub, all)
        for replica in all { #expect(try text(replica, "SELECT v FROM t") == "of one") }
        try expectEqual(hub, all)
    }

    @Test func aRowThatWaitsUnsealedIsNamed_CAP13_CLI15_CLI16_CLI26() throws {
        let (hub, all) = try world(Self.table, "one")
        try sync(hub, all)
        try run(all[0], "INSERT INTO t VALUES ('k', '1', zeroblob(16777217), 'large'), ('m', '2', x'01', 'small')")
        let stick = folder + "/stick"
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
        let waiting = try all[0].status().tooLarge
        let row = try #require(waiting.first)
        #expect(waiting.count == 1 && row.table == "t" && row.key == key("k") && row.column == "b")
        for words in ["row k is not synced", "column b in table t has 16777217 bytes", "16777216 are the most"] {
            #expect(row.sentence.contains(words), "\(row.sentence)")
        }
        #expect(try all[0].doctor().notes.contains(row.sentence))
        #expect(try all[0].sync(folder: stick).notes.contains(row.sentence))
        try run(all[0], "UPDATE t SET b = x'02' WHERE id = 'k'")
        #expect(try all[0].status().tooLarge.isEmpty && all[0].sync(folder: stick).notes.isEmpty)
    }

    @Test func aKnownRowThatStopsTheSealIsNamedWithWhatHelps_CAP13() throws {
        let (hub, all) = try world(Self.table, "one")
        try run(all[0], "INSERT INTO t VALUES ('k', '1', x'01', 'known')")
        try sync(hub, all)
        try run(all[0], "UPDATE t SET b = zeroblob(16777217)", seal: false)
        let failure = #expect(throws: (any Error).self) { try all[0].seal() }
        let complaint = Complaint(try #require(failure))
        #expect(complaint.sentence.contains("row k") && complaint.sentence.contains("column b in table t has 16777217"))
        #expect(complaint.hint == "make the value of column b in row k of table t smaller, or take it out")
        #expect(try all[0].status().tooLarge.map(\.key) == [key("k")])
    }

    @Test func atAHubItStopsWhatWasHandedIn_CAP13() throws {
        let (hub, all) = try world(Self.table, "one")
        try run(hub.replica, "INSERT INTO t VALUES ('k', '1', zeroblob(16777217), 'of the hub')")
        try run(all[0], "INSERT INTO t VALUES ('m', '1', x'01', 'of one')")
        try all[0].pack(to: folder + "/up")
        let report = try? hub.merge([folder + "/up"])
        #expect(report?.merged.allSatisfy { $0.outcome == .failed } ?? true, "\(told(report as Any))")
        #expect(try text(hub.replica, "SELECT v FROM t") == "of the hub")
        try run(hub.replica, "UPDATE t SET b = NULL")
        try sync(hub, all)
        try expectEqual(hub, all)
    }

    /// The visit comes back from the hub, which does not hold its client.
    @Test func theChildrenOfARowThatWaitsStay_CAP13() throws {
        let (hub, all) = try world(
            """
            CREATE TABLE t(id TEXT PRIMARY KEY, b BLOB);
            CREATE TABLE c(id TEXT PRIMARY KEY, t TEXT REFERENCES t(id), v TEXT);
            """, "one", "two")
        try run(all[0], "INSERT INTO t VALUES ('k', zeroblob(16777217)); INSERT INTO c VALUES ('c', 'k', 'of one')")
        try sync(hub, all)
        #expect(try text(all[0], "SELECT t.id || v FROM t JOIN c ON t = t.id") == "kof one")
        try run(all[0], "UPDATE c SET v = 'of one still'")
        try sync(hub, all)
        #expect(try text(all[0], "SELECT t.id || v FROM t JOIN c ON t = t.id") == "kof one still")
        try run(all[0], "UPDATE t SET b = x'02' WHERE id = 'k'")
        try sync(hub, all)
        try expectEqual(hub, all)
        for replica in all {
            #expect(try text(replica, "SELECT v FROM c") == "of one still")
            #expect(try replica.setAside().isEmpty)
        }
    }

    /// A visit with a photo that is too large, whose client a colleague deletes, or merges into another.
    @Test(arguments: ["revive", "setNull", "cascade"], ["deleted", "merged"])
    func aVisitThatIsTooLargeOutlivesItsClient_CAP13(policy: String, what: String) throws {
        let (hub, all) = try world(
            """
            -- satchel: reference visit (client) \(policy)
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT);
            CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), note TEXT, photo BLOB);
            """, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('k', 'Hengda'), ('l', 'Hengda')")
        try sync(hub, all)
        try run(all[0], "INSERT INTO visit VALUES ('v', 'k', 'first', zeroblob(16777217))")
        if what == "merged" {
            try all[1].merge(key("k"), into: key("l"), in: "client")
        } else {
            try run(all[1], "DELETE FROM client WHERE id = 'k'")
        }
        try up(all[1], hub)
        try expectStopped(all[0], "photo in table visit", "SELECT client || note FROM visit", is: "kfirst") {
            try down(all[0], hub)
        }
        #expect(try all[0].conflicts().isEmpty)
        try run(all[0], "UPDATE visit SET photo = NULL")
        try sync(hub, all)
        try expectEqual(hub, all)
        for replica in all {
            let visits = try text(replica, "SELECT ifnull(client, '-') || note FROM visit")
            let fallen = policy == "cascade" && what == "deleted"
            #expect(
                visits == (what == "merged" ? "lfirst" : fallen ? "" : policy == "setNull" ? "-first" : "kfirst"))
            #expect(try replica.setAside().count == (fallen ? 1 : 0))
        }
    }

    @Test func aRowThatWaitsUnsealedOutlivesItsTableAndItsColumns_CAP13_VER3() throws {
        let (hub, all) = try world("-- satchel: version 1\n" + Self.table, "one", "two")
        try run(all[0], "INSERT INTO t VALUES ('k', '1', zeroblob(16777217), 'of one')")
        let gone = "-- satchel: version 2\n-- satchel: dropped t\nCREATE TABLE u(id TEXT PRIMARY KEY);"
        let narrow =
            "-- satchel: version 2\n-- satchel: dropped t.v\n"
            + "CREATE TABLE t(id TEXT PRIMARY KEY, code TEXT UNIQUE, b BLOB);"
        for text in [gone, narrow] {
            try expectStopped(all[0], "b in table t", "SELECT v FROM t", is: "of one") {
                _ = try all[0].migrate(to: text)
            }
        }
        try all[0].migrate(to: "-- satchel: version 3\nCREATE TABLE u(id TEXT PRIMARY KEY); " + Self.table)
        #expect(try text(all[0], "SELECT v FROM t") == "of one")
        try run(all[0], "UPDATE t SET b = NULL")
        try sync(hub, all)
        #expect(try text(all[1], "SELECT v FROM t") == "of one")
    }

    /// It was entered without knowledge of the order, and goes when it can be told of.
    @Test func anOrderToEraseWaitsForARowThatWaits_CAP13_ERA5() throws {
        let (hub, all) = try world(Self.table, "one", "two")
        try run(all[1], "INSERT INTO t VALUES ('k', '2', x'01', 'of two')")
        try up(all[1], hub)
        try run(all[0], "INSERT INTO t VALUES ('k', '1', zeroblob(16777217), 'of one')")
        _ = try hub.erase(table: "t", key: key("k"))
        try expectStopped(all[0], "b in table t", "SELECT v FROM t", is: "of one") { try down(all[0], hub) }
        try run(all[0], "UPDATE t SET b = x'02'")
        try sync(hub, all)
        for replica in all + [hub.replica] { #expect(try text(replica, "SELECT v FROM t") == "") }
        try expectEqual(hub, all)
    }
}
