import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Faults that a reading with fresh eyes found and that are not mended yet. Each test says what is due; it fails as soon as
/// the fault is gone, and then loses its `withKnownIssue` and moves to where its subject is.
@Suite final class OpenFaultsTests: ReviewedWorld {
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
    @Test func whoHasAPlaceAfterTwoMergesDoesNotHangOnTheirOrder() throws {
        withKnownIssue("places are judged by what was written, not by what is displayed (MRG-53)") {
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
    }

    /// One plan for each client and day; two clients with one each on the same day are merged.
    @Test(arguments: [true, false]) func childrenThatWantOnePlaceOnlyAfterAMergeAreJudgedAlike(olderFirst: Bool) throws
    {
        withKnownIssue("places are judged by what was written, not by what is displayed (MRG-53)", isIntermittent: true)
        {
            let (hub, all) = try world(Self.plans, "one", "two")
            try run(all[0], "INSERT INTO client VALUES ('a', 'A', '1'), ('b', 'B', '2')")
            try sync(hub, all)
            let (first, second) = olderFirst ? ("a", "b") : ("b", "a")
            try run(all[0], "INSERT INTO plan VALUES ('p1', '\(first)', 'mon')")
            try run(all[1], "INSERT INTO plan VALUES ('p0', '\(second)', 'mon')")
            try sync(hub, [all[1], all[0]])
            try all[0].merge(key("a"), into: key("b"), in: "client")
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
    }

    /// Two references share a column, and what one of them names is merged.
    @Test func aMovedReferenceLeavesTheOtherThatSharesItsColumnWhole() throws {
        withKnownIssue("two foreign keys share a column, and one of them is displayed as another row") {
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
    }

    @Test func aDeletionByViewOfADeletedSurvivorRevivesIt() throws {
        withKnownIssue("a deletion by a view takes the place of a deletion that the view had not seen") {
            let (hub, one, two) = try pair(
                "-- satchel: policy client.n counter\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, n INTEGER NOT NULL DEFAULT 0); CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT);"
            )
            try run(one, "UPDATE client SET n = n + 1")
            try one.merge(key("a"), into: key("b"), in: "client")
            try sync(hub, [one, two])
            try run(two, "DELETE FROM visit")
            try sync(hub, [one, two])
            let view = try #require(try one.view(table: "client", key: key("b")))
            try run(two, "UPDATE client SET phone = 'new' WHERE id = 'b'")
            try run(two, "DELETE FROM client WHERE id = 'b'")
            try sync(hub, [one, two])
            #expect(try shown(one) == "d:Ruifeng:4")
            _ = try one.edit(basedOn: view) { $0.delete() }
            #expect(
                try shown(one) == "d:Ruifeng:4",
                "two deletions make no life: \(told(try one.conflicts().map(\.kind.name)))")
            try sync(hub, [one, two])
            #expect(try shown(two) == "d:Ruifeng:4")
        }
    }

    @Test func undoOfADeletionDecisionOfASurvivorShowsWhatStood() throws {
        withKnownIssue("what stood on a merged row is not what is shown again") {
            let (hub, one, two) = try pair()
            try run(two, "UPDATE client SET phone = '9' WHERE id = 'a'")
            try one.merge(key("a"), into: key("b"), in: "client")
            try run(one, "DELETE FROM visit; DELETE FROM client WHERE id = 'b'")
            try sync(hub, [one, two])
            let before = try shown(one)
            #expect(before.contains("b:Hengda Co:9"))
            let conflict = try #require(try one.conflicts().first { $0.kind == .deleted })
            try one.resolve(conflict.id, keep: 2)
            try sync(hub, [one, two])
            #expect(try !shown(two).contains("b:"))
            try one.undoDecision(conflict.id)
            try sync(hub, [one, two])
            #expect(
                try shown(one) == before,
                "\(told(try one.conflicts().map { "\($0.kind.name) \($0.candidates.map(\.values))" }))")
            try expectEqual(hub, [one, two])
        }
    }

    /// A client deleted with its visits in one go, against an edit: "delete it" is answered and taken back.
    @Test(arguments: [1, 2]) func anUndoneAnswerAboutARecordShowsItsChildrenAgain(answer: Int) throws {
        withKnownIssue("what stood on a merged row is not what is shown again", isIntermittent: true) {
            let (hub, one, two) = try pair()
            try run(two, "UPDATE client SET phone = '9' WHERE id = 'a'")
            try run(one, "DELETE FROM visit; DELETE FROM client WHERE id = 'a'")
            try sync(hub, [one, two])
            #expect(try text(one, "SELECT id FROM visit") == "va")
            let conflict = try #require(try one.conflicts().first)
            try one.resolve(conflict.id, keep: answer)
            try sync(hub, [one, two])
            try one.undoDecision(conflict.id)
            try sync(hub, [one, two])
            #expect(try one.conflicts().map(\.id) == [conflict.id])
            #expect(
                try text(one, "SELECT id FROM visit") == "va",
                "in the bin: \(told(try one.bin().map { $0.key.display }))")
            try expectEqual(hub, [one, two])
            // Answered the other way it must be deleted as it would have been.
            try one.resolve(conflict.id, keep: 2)
            try sync(hub, [one, two])
            #expect(
                try text(two, "SELECT id FROM visit") == "" && !shown(two).contains("a:"),
                "\(told(try two.conflicts().map(\.kind.name)))")
        }
    }
}
