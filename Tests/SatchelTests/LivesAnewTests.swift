import Foundation
import GRDB
import SatchelHub
import SatchelModel
import SatchelStore
import SatchelTesting
import Testing

@testable import Satchel

/// Rows that were dropped and entered anew (EXC-26).
@Suite final class LivesAnewTests: ReviewedWorld {
    private static let plain = "CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT, w TEXT);"

    /// What is entered anew is corrected, and deleted again.
    @Test func whatIsEnteredAnewIsCorrectedAndNobodyIsAsked_EXC26() throws {
        let (hub, all) = try world(Self.plain, "one", "two")
        let (one, two) = (all[0], all[1])
        try run(one, "INSERT INTO t VALUES ('r', 'old', NULL)")
        try sync(hub, all)
        try run(one, "DELETE FROM t")
        try sync(hub, all, rounds: 3)
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1)
        try run(one, "INSERT INTO t VALUES ('q', 'q', NULL)")
        try sync(hub, all, rounds: 3)
        try run(one, "INSERT INTO t VALUES ('r', 'anew', NULL)")
        try sync(hub, all, rounds: 3)
        try run(two, "UPDATE t SET w = 'right' WHERE id = 'r'")
        try sync(hub, all, rounds: 3)
        for replica in [hub.replica, one, two] {
            #expect(try replica.conflicts().isEmpty, "\(replica.name): \(values(try replica.conflicts()))")
            #expect(try text(replica, "SELECT v || w FROM t WHERE id = 'r'") == "anewright")
        }
        try run(two, "DELETE FROM t WHERE id = 'r'")
        try sync(hub, all, rounds: 3)
        for replica in [hub.replica, one, two] {
            #expect(try replica.conflicts().isEmpty, "\(replica.name): \(values(try replica.conflicts()))")
            #expect(try text(replica, "SELECT id FROM t") == "q")
        }
    }

    /// A row that lives anew is made again.
    @Test func aRowThatLivesAnewIsMadeAgainWithoutItsFormerLife_EXC26_REV6() throws {
        let (hub, all) = try world(Self.plain, "one", "two")
        let (one, two) = (all[0], all[1])
        try run(one, "INSERT INTO t VALUES ('r', 'old', NULL)")
        try sync(hub, all)
        try run(one, "DELETE FROM t")
        try sync(hub, all, rounds: 3)
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1)
        try run(one, "INSERT INTO t VALUES ('q', 'q', NULL)")
        try sync(hub, all, rounds: 3)
        try run(one, "INSERT INTO t VALUES ('r', 'anew', NULL)")
        try sync(hub, all, rounds: 3)
        #expect(try hub.conflicts().isEmpty, "control")
        try run(two, "UPDATE t SET w = 'late' WHERE id = 'r'")
        try hub.revoke("two")
        try up(two, hub)
        try hub.release([], ofDevice: "two")
        try sync(hub, [one])
        for replica in [hub.replica, one] {
            #expect(try replica.conflicts().isEmpty, "\(replica.name): \(values(try replica.conflicts()))")
            #expect(try text(replica, "SELECT v || w FROM t WHERE id = 'r'") == "anewlate")
        }
    }

    /// What was set aside of a row that lives anew is accepted.
    @Test func whatWasSetAsideOfARowThatLivesAnewIsAccepted_EXC26_SCO20() throws {
        let (hub, wang, li) = try scoped()
        let boss = try device("boss", hub, scopes: ["all"])
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('r', 'old', 'li')")
        try sync(hub, [wang, li, boss])
        try run(li, "DELETE FROM client")
        try sync(hub, [wang, li, boss], rounds: 3)
        #expect(try hub.cleanUp(keepDays: 0).dropped == 1)
        try run(boss, "INSERT INTO plan VALUES ('q', 'q')")
        try sync(hub, [wang, li, boss], rounds: 3)
        try run(li, "INSERT INTO client(id, name, owner) VALUES ('r', 'anew', 'li')")
        try sync(hub, [wang, li, boss], rounds: 3)
        #expect(try hub.conflicts().isEmpty, "control")
        try force(wang, "INSERT INTO client(id, name, owner, phone) VALUES ('r', 'anew', 'li', NULL)")
        try sync(hub, [wang, li, boss], rounds: 2)
        #expect(try hub.outsideChanges().count == 1)
        try hub.acceptSetAside(table: "client", key: key("r"))
        try sync(hub, [li, boss], rounds: 2)
        for replica in [hub.replica, li, boss] {
            #expect(
                try !replica.conflicts().contains { $0.kind == .deleted },
                "\(replica.name): \(values(try replica.conflicts()))")
        }
    }
}
