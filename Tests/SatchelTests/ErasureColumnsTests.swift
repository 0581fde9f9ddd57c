import Foundation
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Erasing what some columns of a record hold, where other records have a say in it.
@Suite final class ErasureColumnsTests: ReviewedWorld {
    @Test func aBlankThatTwoRowsMayNotBothHoldIsNotOrdered_ERA2() throws {
        let (hub, all) = try world(
            """
            CREATE TABLE client(
              id TEXT PRIMARY KEY, mail TEXT NOT NULL UNIQUE, fax TEXT UNIQUE, area TEXT NOT NULL, nr TEXT, UNIQUE (area, nr));
            """, "one")
        try run(all[0], "INSERT INTO client VALUES ('a', 'a@x', '1', 'n', '1'), ('b', 'b@x', '2', 's', '2')")
        try sync(hub, all)
        for column in ["mail", "area"] {
            #expect(throws: UsageError.self) {
                try hub.erase(table: "client", key: self.key("a"), columns: [column])
            }
        }
        #expect(try hub.erasures().isEmpty)
        for id in ["a", "b"] {
            _ = try hub.erase(table: "client", key: key(id), columns: ["fax"])
            _ = try hub.erase(table: "client", key: key(id), columns: ["area", "nr"])
        }
        try sync(hub, all)
        for replica in all + [hub.replica] {
            #expect(
                try text(replica, "SELECT id || mail || area FROM client WHERE fax IS NULL ORDER BY id") == "aa@x bb@x")
            #expect(try replica.setAside().isEmpty)
        }
        try expectEqual(hub, all)
    }

    @Test func aBlankThatAPartialIndexLeavesOutIsOrdered_ERA2() throws {
        let (hub, all) = try world(
            """
            CREATE TABLE card(id TEXT PRIMARY KEY, code TEXT NOT NULL);
            CREATE UNIQUE INDEX card_code ON card(code) WHERE code <> '';
            """, "one")
        try run(all[0], "INSERT INTO card VALUES ('a', '1'), ('b', '2')")
        try sync(hub, all)
        for id in ["a", "b"] { _ = try hub.erase(table: "card", key: key(id), columns: ["code"]) }
        try sync(hub, all)
        for replica in all + [hub.replica] {
            #expect(try text(replica, "SELECT id || code FROM card ORDER BY id") == "a b")
        }
    }

    @Test func aColumnIsErasedOfAllThatIsMerged_ERA1() throws {
        let (hub, one, two) = try pair()
        try one.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        let report = try hub.erase(table: "client", key: key("a"), columns: ["phone"])
        #expect(report.rows == ["client": 2] && report.merged == 1)
        try sync(hub, [one, two])
        for replica in [hub.replica, one, two] { #expect(try shown(replica).contains("b:Hengda Co:-")) }
    }

    @Test func aColumnOfRowsThatWereTakenApartIsErasedOfOne_ERA1() throws {
        let (hub, one, two) = try pair()
        try one.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        try one.unmerge(key("a"), in: "client")
        try sync(hub, [one, two])
        #expect(try hub.erase(table: "client", key: key("a"), columns: ["phone"]).merged == 0)
        try sync(hub, [one, two])
        for replica in [hub.replica, one, two] {
            #expect(try shown(replica).hasPrefix("a:Hengda:- b:Hengda Co:2"), "\(told(try shown(replica)))")
        }
    }
}
