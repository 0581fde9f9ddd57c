import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Rows that went while no trigger watched (CAP-10).
@Suite final class CaptureVanishedTests: ReviewedWorld {
    private func vanish(_ replica: Replica, _ sql: String) throws {
        let names = try replica.read {
            try String.fetchAll($0, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        }
        for name in names { try run(replica, "DROP TRIGGER \"\(name)\"", seal: false) }
        try run(replica, sql, seal: false)
    }

    /// A row that was edited here, and came from elsewhere, is not known whole: it comes back, and not as a row in the bin
    /// that holds the edit alone.
    @Test(arguments: ["here", "elsewhere too", "in conflict", "not handed in"])
    func aRowThatVanishedComesBackWhole_CAP10(edited: String) throws {
        let (hub, one, two) = try pair()
        try run(two, "UPDATE client SET phone = '9' WHERE id = 'd'")
        if edited == "in conflict" { try run(one, "UPDATE client SET phone = '8' WHERE id = 'd'") }
        try sync(hub, [one, two])
        if edited == "elsewhere too" {
            try run(one, "UPDATE client SET phone = '10' WHERE id = 'd'")
            try sync(hub, [one, two])
        }
        if edited == "not handed in" { try run(two, "UPDATE client SET phone = '11' WHERE id = 'd'") }
        let before = try shown(two)
        try vanish(two, "DELETE FROM client WHERE id = 'd'")
        try sync(hub, [one, two], rounds: 3)
        #expect(try shown(two) == before && shown(one) == before, "\(told(try two.setAside().map(\.reason)))")
        #expect(try two.bin(table: "client").isEmpty)
        #expect(try two.conflicts().map(\.id) == hub.conflicts().map(\.id))
        try expectEqual(hub, [one, two])
    }

    /// What was entered here is known whole: it counts as deleted, and lies in the bin with all that it held.
    @Test func aRowThatWasEnteredHereLiesInTheBinWhole_CAP10() throws {
        let (hub, one, two) = try pair()
        try run(one, "UPDATE client SET phone = '9' WHERE id = 'd'")
        try sync(hub, [one, two])
        let before = try shown(one)
        try vanish(one, "DELETE FROM client WHERE id = 'd'")
        try sync(hub, [one, two])
        #expect(try !shown(two).contains("d:"))
        for replica in [one, two] {
            #expect(try replica.bin(table: "client").map { $0.values.map(\.display) } == [["d", "Ruifeng", "9"]])
        }
        _ = try one.undo(table: "client", key: key("d"))
        try sync(hub, [one, two])
        #expect(try shown(one) == before && shown(two) == before)
        try expectEqual(hub, [one, two])
    }

    @Test func aTableThatIsDroppedAtTheHubTakesNoRowsAway_CAP14() throws {
        let (hub, all) = try world(Self.clients, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('a', 'Hengda', '1'); INSERT INTO visit VALUES ('v', 'a', 'to a')")
        try sync(hub, all)
        try force(hub.replica, "DROP TABLE visit")
        try sync(hub, all)
        let late = try device("late", hub)
        try sync(hub, [late])
        #expect(try text(late, "SELECT note FROM visit") == "to a")
        try force(
            hub.replica, "CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT)")
        try sync(hub, all + [late])
        #expect(try text(hub.replica, "SELECT note FROM visit") == "to a")
        try expectEqual(hub, all + [late])
    }
}
