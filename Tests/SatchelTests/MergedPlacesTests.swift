import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// What children of merged rows are displayed as decides who has a unique place, and leaves what else they refer to whole.
@Suite final class MergedPlacesTests: ReviewedWorld {
    private static let shared = """
        CREATE TABLE site(firm TEXT, no INTEGER, name TEXT, PRIMARY KEY (firm, no));
        CREATE TABLE contact(firm TEXT, no INTEGER, name TEXT, PRIMARY KEY (firm, no));
        CREATE TABLE visit(id TEXT PRIMARY KEY, firm TEXT, site_no INTEGER, contact_no INTEGER, note TEXT,
            FOREIGN KEY (firm, site_no) REFERENCES site(firm, no), FOREIGN KEY (firm, contact_no) REFERENCES contact(firm, no));
        """

    private static let plans = """
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT);
        CREATE TABLE plan(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), day TEXT, UNIQUE (client_id, day));
        """

    /// Children of two clients that are merged into a third by two people come to want one place.
    @Test func whoHasAPlaceAfterTwoMergesDoesNotHangOnTheirOrder_MRG22_MRG53() throws {
        let (hub, all) = try world(Self.plans, "one", "two")
        try run(
            all[0],
            "INSERT INTO client VALUES ('a', 'A', '1'), ('b', 'B', '2'), ('d', 'D', '3'); INSERT INTO plan VALUES ('pa', 'a', 'mon')"
        )
        try run(all[0], "INSERT INTO plan VALUES ('pb', 'b', 'mon')")
        try sync(hub, all)
        try all[0].merge(key("a"), into: key("d"), in: "client")
        try all[1].merge(key("b"), into: key("d"), in: "client")
        try sync(hub, all)
        let fresh = try device("fresh", hub)
        try sync(hub, all + [fresh])
        let seen = try (all + [hub.replica, fresh]).map {
            try text($0, "SELECT id || client_id FROM plan ORDER BY id")
        }
        #expect(Set(seen).count == 1, "\(seen)")
        try expectEqual(hub, all + [fresh])
    }

    /// One plan for each client and day; two clients with one each on the same day are merged.
    @Test(arguments: [true, false]) func childrenThatWantOnePlaceOnlyAfterAMergeAreJudgedAlike_MRG22_MRG53(
        olderFirst: Bool
    ) throws {
        let (hub, all) = try world(Self.plans, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('a', 'A', '1'), ('b', 'B', '2')")
        try sync(hub, all)
        let (first, second) = olderFirst ? ("a", "b") : ("b", "a")
        try run(all[0], "INSERT INTO plan VALUES ('p1', '\(first)', 'mon')")
        waitForTheClock()
        try run(all[1], "INSERT INTO plan VALUES ('p0', '\(second)', 'mon')")
        // Who knew of both plans would be refused (INB-14).
        try all[0].merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [all[1], all[0]])
        try sync(hub, all)
        let fresh = try device("fresh", hub)
        try sync(hub, all + [fresh])
        let seen = try (all + [hub.replica, fresh]).map {
            try text($0, "SELECT id || client_id FROM plan ORDER BY id")
        }
        #expect(Set(seen).count == 1, "\(seen)")
        try expectEqual(hub, all + [fresh])
        let reasons = try (all + [hub.replica, fresh]).map {
            try $0.setAside().map { "\($0.key.display) \($0.reason)" }
        }
        #expect(Set(reasons).count == 1 && reasons[0].count == 1, "\(reasons)")
        // What clashed gives way.
        let shownOne = seen[0].prefix(2)
        try run(all[1], "UPDATE plan SET day = 'tue' WHERE id = '\(shownOne)'")
        try sync(hub, all + [fresh])
        #expect(
            try text(all[0], "SELECT count(*) FROM plan") == "2", "\(told(try all[0].setAside().map(\.reason)))")
        try expectEqual(hub, all + [fresh])
        #expect(shownOne == "p1", "MRG-22: the older has the place")
        try all[1].unmerge(key("a"), in: "client")
        try sync(hub, all + [fresh])
        #expect(
            try text(all[0], "SELECT id || client_id FROM plan ORDER BY id")
                == (olderFirst ? "p0b p1a" : "p0a p1b"), "\(told(try all[0].setAside().map(\.reason)))")
        try expectEqual(hub, all + [fresh])
    }

    /// Two references share a column, and what one of them names is merged.
    @Test func aMovedReferenceLeavesTheOtherThatSharesItsColumnWhole_MRG53() throws {
        let (hub, all) = try world(Self.shared, "one", "two")
        try run(
            all[0],
            "INSERT INTO site VALUES ('F', 1, 's'), ('G', 1, 's'); INSERT INTO contact VALUES ('F', 7, 'c'); INSERT INTO visit VALUES ('v', 'F', 1, 7, 'n')"
        )
        try sync(hub, all)
        try all[0].merge(RowKey([.text("F"), .integer(1)]), into: RowKey([.text("G"), .integer(1)]), in: "site")
        try sync(hub, all)
        for replica in all + [hub.replica] {
            let dangling = try replica.read { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check") }
            #expect(
                dangling.isEmpty,
                "\(replica.name): \(told(try text(replica, "SELECT firm || site_no || contact_no FROM visit")))")
        }
        try expectEqual(hub, all)
        #expect(throws: Never.self) {
            try all[1].migrate(
                to: "-- satchel: version 1\n" + Self.shared + "\nCREATE TABLE more(id TEXT PRIMARY KEY);")
        }
    }

    /// A site is merged within its firm: the column that the visit's contact shares stays what it was.
    @Test func aReferenceThatSharesAColumnIsMovedWhereThatColumnStays_MRG53() throws {
        let (hub, all) = try world(Self.shared, "one", "two")
        try run(
            all[0],
            "INSERT INTO site VALUES ('F', 1, 's'), ('F', 2, 's'); INSERT INTO contact VALUES ('F', 7, 'c'); INSERT INTO visit VALUES ('v', 'F', 1, 7, 'n')"
        )
        try sync(hub, all)
        try all[0].merge(RowKey([.text("F"), .integer(1)]), into: RowKey([.text("F"), .integer(2)]), in: "site")
        try sync(hub, all)
        for replica in all + [hub.replica] {
            #expect(try text(replica, "SELECT firm || site_no || contact_no FROM visit") == "F27")
            #expect(try text(replica, "SELECT no FROM site") == "2")
        }
        try expectEqual(hub, all)
    }

    /// A site that a visit needs as it is was merged into two by two people: one question is asked about it.
    @Test func aRowThatIsNeededAndMergedApartIsAskedAboutOnce_MRG53_MRG57() throws {
        let (hub, all) = try world(Self.shared, "one", "two")
        try run(
            all[0],
            "INSERT INTO site VALUES ('F', 1, 's'), ('G', 1, 's'), ('H', 1, 's'); INSERT INTO contact VALUES ('F', 7, 'c'); INSERT INTO visit VALUES ('v', 'F', 1, 7, 'n')"
        )
        try sync(hub, all)
        func site(_ firm: String) -> RowKey { RowKey([.text(firm), .integer(1)]) }
        try all[0].merge(site("F"), into: site("G"), in: "site")
        try all[1].merge(site("F"), into: site("H"), in: "site")
        try sync(hub, all)
        for replica in all + [hub.replica] {
            #expect(try replica.conflicts().map(\.kind) == [.mergedApart])
            #expect(try text(replica, "SELECT firm || site_no || contact_no FROM visit") == "F17")
        }
        let asked = try all[0].conflicts()[0]
        try all[0].resolve(asked.id, keep: 1)
        try sync(hub, all)
        for replica in all + [hub.replica] { #expect(try replica.conflicts().map(\.kind) == [.inUse]) }
        try expectEqual(hub, all)
    }

    /// Two rooms of a deleted client show nobody, and want one place all the same.
    @Test func aPlaceBehindAHiddenReferenceIsWantedInWhateverOrder_MRG22_MRG43() throws {
        let (hub, all) = try world(
            """
            -- satchel: reference room (client_id) setNull
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT);
            CREATE TABLE room(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id) ON DELETE SET NULL, day TEXT,
                UNIQUE (client_id, day));
            """, "one", "two", "three")
        try run(all[0], "INSERT INTO client VALUES ('a', 'A')")
        try sync(hub, all)
        try run(all[1], "INSERT INTO room VALUES ('r1', 'a', 'mon')")
        waitForTheClock()
        try run(all[2], "INSERT INTO room VALUES ('r0', 'a', 'mon')")
        try run(all[0], "DELETE FROM client")
        try sync(hub, [all[0]], rounds: 1)
        try sync(hub, [all[1]], rounds: 1)
        try sync(hub, [all[2]], rounds: 1)
        try sync(hub, all)
        let fresh = try device("fresh", hub)
        try sync(hub, all + [fresh])
        for replica in all + [hub.replica, fresh] {
            #expect(try text(replica, "SELECT id || ifnull(client_id, '-') FROM room") == "r1-", "\(replica.name)")
            #expect(try replica.setAside().map(\.key) == [key("r0")])
        }
        try run(all[1], "UPDATE room SET day = 'tue'")
        try sync(hub, all + [fresh])
        for replica in all + [hub.replica, fresh] {
            #expect(try text(replica, "SELECT id FROM room ORDER BY id") == "r0 r1", "\(replica.name)")
        }
        try expectEqual(hub, all + [fresh])
    }

    /// What is entered next is younger than what was: within one millisecond chance would decide.
    private func waitForTheClock() { Thread.sleep(forTimeInterval: 0.01) }
}
