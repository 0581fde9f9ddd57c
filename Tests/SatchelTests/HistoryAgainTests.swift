import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// The history of a record as people read it: in its order, with the right acts and names, and whole where it says so.
@Suite final class HistoryAgainTests: ReviewedWorld {
    private func acts(_ replica: Replica, _ key: RowKey, of table: String = "client") throws -> [String] {
        try replica.history(table: table, key: key).map(\.act)
    }

    @Test func historyIsToldOldestFirstWhateverCameFirst_CLI20() throws {
        let (hub, one, two) = try pair()
        try run(one, "UPDATE client SET phone = 'early' WHERE id = 'd'")
        wait()
        try run(two, "UPDATE client SET name = 'late' WHERE id = 'd'")
        try sync(hub, [two, one])
        let history = try hub.replica.history(table: "client", key: key("d")).filter { $0.act == "update" }
        #expect(history.map(\.new) == [[.text("early")], [.text("late")]])
    }

    @Test func aRebuiltHubNamesWhatItHoldsAndSaysWhatItLacks_CLI20() throws {
        let (hub, one, two) = try pair()
        try hub.exportKey(to: folder + "/key")
        try run(one, "UPDATE client SET phone = 'A' WHERE id = 'd'")
        try run(two, "UPDATE client SET phone = 'B' WHERE id = 'd'")
        try sync(hub, [one, two])
        #expect(try hub.replica.past(table: "client", key: key("d")).isComplete)
        try one.resolve(try #require(try one.conflicts().first).id, keep: 1)
        try sync(hub, [one, two])
        try hub.close()
        try FileManager.default.removeItem(atPath: folder + "/hub")
        let again = try Hub.rebuild(at: folder + "/hub", keyFile: folder + "/key", anchors: .none)
        for _ in 0..<4 {
            for replica in [one, two] {
                try up(replica, again)
                try again.pack(for: replica.name, to: folder + "/down")
                try replica.apply(folder + "/down")
            }
        }
        let (history, isComplete) = try again.replica.past(table: "client", key: key("d"))
        let resolved = try #require(history.last)
        #expect(history.contains { $0.new == [.text("B")] }, "the hub holds what was replaced")
        #expect(Set(history.map(\.dot)).count > 2 && !resolved.old.contains(nil) && resolved.old.count == 2)
        #expect(isComplete && history.first?.act == "insert", "\(history.map { ($0.act, $0.old, $0.new) })")
    }

    @Test func whatIsNotKeptMakesAHistoryIncomplete_CLI20() throws {
        let (hub, one, two) = try pair()
        try run(one, "UPDATE client SET phone = 'A' WHERE id = 'd'")
        try sync(hub, [one, two])
        let new = try device("new", hub)
        try sync(hub, [new])
        // It has the state of the row, and none of the changesets.
        #expect(try !new.past(table: "client", key: key("d")).isComplete)
        try run(new, "UPDATE client SET phone = 'B' WHERE id = 'd'")
        let (history, isComplete) = try new.past(table: "client", key: key("d"))
        #expect(!isComplete && history.map(\.old) == [[nil]])
        try sync(hub, [new])
        #expect(try hub.replica.past(table: "client", key: key("d")).isComplete)
        _ = try hub.erase(table: "client", key: key("d"), withReferences: true)
        #expect(try hub.replica.history(table: "client", key: key("d")).isEmpty)
    }

    @Test func aRowOfKeysOnlyBeginsWithAnInsert_CLI20() throws {
        let (_, all) = try world("CREATE TABLE link(a TEXT, b TEXT, PRIMARY KEY (a, b));", "one")
        try run(all[0], "INSERT INTO link VALUES ('p', 'q')")
        let key = RowKey([.text("p"), .text("q")])
        #expect(try acts(all[0], key, of: "link") == ["insert"])
        try run(all[0], "DELETE FROM link")
        _ = try all[0].undo(table: "link", key: key)
        try run(all[0], "DELETE FROM link")
        try run(all[0], "INSERT INTO link VALUES ('p', 'q')")
        #expect(try acts(all[0], key, of: "link") == ["insert", "delete", "keep", "delete", "insert"])
    }

    @Test func aKeepThatSettlesAUnitIsNoInsert_CLI20_MRG11() throws {
        let (hub, one, two) = try pair()
        try run(one, "UPDATE client SET phone = 'A' WHERE id = 'd'")
        try run(one, "DELETE FROM client WHERE id = 'd'")
        try run(two, "UPDATE client SET phone = 'B' WHERE id = 'd'")
        try sync(hub, [one, two])
        let conflict = try #require(try one.conflicts().first)
        try one.resolve(conflict.id, keep: 1)
        try sync(hub, [one, two])
        let last = try #require(try hub.replica.history(table: "client", key: key("d")).last)
        #expect(last.act == "keep" && last.unit == "phone", "\(last.act) \(last.unit) \(last.old) \(last.new)")
        #expect(last.new == [.text("B")] && last.old.contains([.text("B")]))
    }

    @Test func aRowEnteredAnewIsAnInsertAndOneBroughtBackIsKept_CLI20_MRG10() throws {
        let (hub, one, two) = try pair()
        try run(one, "DELETE FROM client WHERE id = 'd'")
        _ = try one.undo(table: "client", key: key("d"))
        try run(one, "DELETE FROM client WHERE id = 'd'")
        try run(one, "INSERT INTO client VALUES ('d', 'D', 'new')")
        try sync(hub, [one, two])
        let acts = try acts(hub.replica, key("d"))
        #expect(acts == ["insert", "insert", "delete", "keep", "delete", "insert", "insert"])
        let last = try #require(try hub.replica.history(table: "client", key: key("d")).last)
        #expect(last.old.count == 1 && last.new == [.text("new")])
    }

    @Test func aRenamedColumnIsCalledByItsNameOfToday_CLI20_VER5() throws {
        let (hub, all) = try world(
            "-- satchel: version 1\nCREATE TABLE client(id TEXT PRIMARY KEY, phone TEXT);", "one")
        try run(all[0], "INSERT INTO client VALUES ('c', '1')")
        try sync(hub, all)
        try hub.replica.migrate(
            to:
                "-- satchel: version 2\n-- satchel: renamed client.tel from phone\nCREATE TABLE client(id TEXT PRIMARY KEY, tel TEXT);"
        )
        let new = try device("two", hub)
        try sync(hub, [new])
        try run(new, "UPDATE client SET tel = '2' WHERE id = 'c'")
        try sync(hub, [new] + all)
        for (replica, name, value) in [(new, "tel", "2"), (hub.replica, "tel", "2"), (all[0], "phone", "1")] {
            let last = try #require(try replica.history(table: "client", key: key("c")).last)
            #expect(last.unit == name && last.columns == [name], "\(last.unit) \(last.columns)")
            #expect(last.new == [.text(value)])
        }
        #expect(try hub.replica.history(table: "client", key: key("c")).map(\.old) == [[], [[.text("1")]]])
    }
}
