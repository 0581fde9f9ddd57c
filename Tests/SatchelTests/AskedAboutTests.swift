import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

/// What a question says, and what a saved form or an answer taken back leaves of what stood against it.
@Suite final class AskedAboutTests: ReviewedWorld {
    private static let remarks = """
        -- satchel: policy client.remark text
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, remark TEXT);
        CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT NOT NULL REFERENCES client(id), note TEXT);
        """

    private func values(_ replica: Replica) throws -> Set<String> {
        Set(try replica.conflicts().flatMap(\.candidates).flatMap(\.values).map(\.display))
    }

    /// One and two each made another remark of the first; three has open what came of it.
    private func remarks(
        _ first: String, _ one: String, _ two: String
    ) throws -> (hub: Hub, all: [Replica], view: RecordView) {
        let (hub, all) = try world(Self.remarks, "one", "two", "three")
        try run(all[0], "INSERT INTO client VALUES ('a', 'Anna', '1', '\(first)')")
        try sync(hub, all)
        try run(all[0], "UPDATE client SET remark = '\(one)'")
        try run(all[1], "UPDATE client SET remark = '\(two)'")
        try sync(hub, all)
        return (hub, all, try #require(try all[2].view(table: "client", key: key("a"))))
    }

    /// Whether or not something came in between.
    @Test(arguments: [true, false])
    func aFormLeavesTheTextThatItDidNotShowInQuestion_INB10_MRG34(somethingComes: Bool) throws {
        let (hub, all, view) = try remarks("ring at the gate", "ring at gate five", "ring at the door")
        #expect(try values(all[2]) == ["ring at gate five", "ring at the door"])
        let shown = try #require(view["remark"]?.display)
        let hidden = try values(all[2]).subtracting([shown])
        if somethingComes {
            try run(all[0], "UPDATE client SET phone = '2'")
            try sync(hub, all)
        }
        _ = try all[2].edit(basedOn: view) { $0["remark"] = .text("call first") }
        try sync(hub, all)
        for replica in all + [hub.replica] {
            #expect(try values(replica) == hidden.union(["call first"]), "\(replica.name)")
        }
    }

    /// The other direction: what the texts were made of, the author has seen.
    @Test func aFormReplacesAllTextsOfWhichItShowedWhatTheyComeTo_INB10_MRG34() throws {
        let (hub, all, view) = try remarks("red gate, ring twice", "blue gate, ring twice", "red gate, ring once")
        #expect(view["remark"]?.display == "blue gate, ring once")
        try run(all[0], "UPDATE client SET phone = '2'")
        try sync(hub, all)
        _ = try all[2].edit(basedOn: view) { $0["remark"] = .text("blue gate, call") }
        try sync(hub, all)
        for replica in all + [hub.replica] {
            #expect(try replica.conflicts().isEmpty && text(replica, "SELECT remark FROM client") == "blue gate, call")
        }
    }

    /// Whichever was decided for.
    @Test(arguments: [1, 2])
    func anAnswerTakenBackShowsWhatWasShown_INB8_MRG14(answer: Int) throws {
        let (hub, one, two) = try pair()
        try run(one, "UPDATE client SET phone = '1-one' WHERE id = 'a'")
        try run(two, "UPDATE client SET phone = '1-two' WHERE id = 'a'")
        try sync(hub, [one, two])
        let (conflict, before) = (try #require(try one.conflicts().first), try shown(one))
        try hub.replica.resolve(conflict.id, keep: answer)
        try sync(hub, [one, two])
        try hub.replica.undoDecision(conflict.id)
        try sync(hub, [one, two])
        for replica in [hub.replica, one, two] {
            #expect(try shown(replica) == before, "\(replica.name)")
            #expect(try values(replica) == ["1-one", "1-two"])
        }
    }

    /// Decided for the wrong tablet, by a rule, twice.
    @Test func whatWasOpenedAgainIsOfWhoWroteItFirst_INB6_INB8() throws {
        let (hub, one, two) = try pair()
        try run(one, "UPDATE client SET phone = phone || '-one'")
        try run(two, "UPDATE client SET phone = phone || '-two'")
        try sync(hub, [one, two])
        let bases = try hub.conflicts().map(\.base)
        #expect(bases.count == 3 && !bases.contains(nil))
        for _ in 0..<2 {
            let report = try hub.replica.resolve(ConflictFilter(), by: .device("one"))
            #expect(report.decided.count == 3 && report.left.isEmpty)
            for id in report.decided { try hub.replica.undoDecision(id) }
            let open = try hub.conflicts()
            #expect(open.map(\.base) == bases, "INB-2")
            for conflict in open {
                #expect(Set(conflict.candidates.flatMap(\.authors).map(\.device)) == ["one", "two"], "\(conflict)")
            }
        }
        try sync(hub, [one, two])
        #expect(try one.conflicts().map(\.base) == bases && two.conflicts().map(\.base) == bases, "told by the hub")
        #expect(try hub.replica.resolve(ConflictFilter(), by: .device("two")).decided.count == 3)
        try sync(hub, [one, two])
        #expect(try text(one, "SELECT group_concat(phone) FROM client") == "1-two,2-two,4-two")
    }

    /// Made by somebody who knew nothing of the answer.
    @Test func anAnswerTakenBackLeavesWhatCameAfterIt_INB8() throws {
        let (hub, all) = try world(Self.clients, "one", "two", "three")
        let (one, two, three) = (all[0], all[1], all[2])
        try run(one, "INSERT INTO client(id, name, phone) VALUES ('a', 'Anna', '1'), ('b', 'Berta', '2')")
        try run(one, "INSERT INTO visit VALUES ('v', 'a', 'first')")
        try sync(hub, all)
        try run(two, "DELETE FROM visit")
        try two.seal()
        try run(one, "UPDATE visit SET client_id = 'b'")
        try up(one, hub)
        try up(two, hub)
        let conflict = try #require(try hub.conflicts().first)
        try hub.replica.resolve(conflict.id, keep: 1)
        _ = try two.undo(table: "visit", key: key("v"))
        try run(two, "UPDATE visit SET note = 'of two'")
        try up(two, hub)
        try hub.replica.undoDecision(conflict.id)
        try run(three, "UPDATE visit SET note = 'of three'")
        try sync(hub, all)
        for replica in all + [hub.replica] {
            let open = try replica.conflicts()
            #expect(open.contains { $0.kind == .deleted }, "INB-8: it is open again")
            #expect(
                Set(open.filter { $0.kind == .values }.flatMap(\.candidates).flatMap(\.values).map(\.display))
                    == ["of two", "of three"], "\(replica.name): \(open)")
        }
    }

    @Test func aRecordInUseSaysWhatUsesItAndWhoWroteThat_INB1_INB3() throws {
        let (hub, all) = try world(Self.remarks, "one", "two")
        try run(
            all[0], "INSERT INTO client VALUES ('a', 'Anna', '1', NULL); INSERT INTO visit VALUES ('old', 'a', NULL)")
        try sync(hub, all)
        try run(all[0], "DELETE FROM visit; DELETE FROM client")
        try run(all[1], "INSERT INTO visit VALUES ('v', 'a', 'signed the contract')")
        try sync(hub, all)
        for replica in all + [hub.replica] {
            let asked = try #require(try replica.conflicts().first { $0.kind == .inUse }, "\(replica.name)")
            #expect(asked.candidates[0].authors.map(\.device) == ["two"], "INB-1: \(asked)")
            let notes = asked.neighbours.filter { $0.table == "visit" && $0.columns == ["note"] }
            #expect(notes.map { $0.values.map(\.display) } == [["signed the contract"]], "INB-3: \(asked.neighbours)")
        }
    }

    /// The visit that holds the client is itself held by its photo.
    @Test func whoHoldsARecordByWayOfAnotherIsNamedToo_INB1() throws {
        let (hub, all) = try world(
            Self.remarks + "CREATE TABLE photo(id TEXT PRIMARY KEY, visit TEXT NOT NULL REFERENCES visit(id));", "one",
            "two")
        try run(all[0], "INSERT INTO client VALUES ('a', 'Anna', '1', NULL); INSERT INTO visit VALUES ('v', 'a', NULL)")
        try sync(hub, all)
        try run(all[0], "DELETE FROM visit; DELETE FROM client")
        try run(all[1], "INSERT INTO photo VALUES ('p', 'v')")
        try sync(hub, all)
        let asked = try hub.conflicts().filter { $0.kind == .inUse }
        #expect(asked.map(\.table).contains("visit"))
        for one in asked { #expect(one.candidates[0].authors.map(\.device) == ["two"], "\(one)") }
    }

    @Test func aMigrationSaysWhichRowsDoNotFit_VER8() throws {
        let (hub, _) = try world(Self.clients, "one")
        try run(
            hub.replica, "INSERT INTO client VALUES ('a', 'Anna', '1'), ('b', 'Berta', '123'), ('c', 'Carla', '3')")
        let narrow = Self.clients.replacingOccurrences(of: "phone TEXT", with: "phone TEXT CHECK (length(phone) > 2)")
        let refused = #expect(throws: SchemaError.self) { try hub.replica.migrate(to: narrow) }
        let words = refused?.description ?? ""
        #expect(words.contains("2 rows do not fit table client") && words.hasSuffix(": a, c"), "\(words)")
        #expect(refused?.hint?.hasPrefix("correct them first") == true)
        #expect(try text(hub.replica, "SELECT group_concat(id) FROM client") == "a,b,c")
        try run(hub.replica, "UPDATE client SET phone = '1234' WHERE id <> 'b'")
        _ = try hub.replica.migrate(to: narrow)
    }

    /// What several wrote was shown as one value.
    @Test func whatIsTakenBackOfAnOverwriteIsAllThatWasShown_INB11() throws {
        let schema = """
            -- satchel: policy client.tags set
            -- satchel: policy client.remark text
            -- satchel: policy client.seen max
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, tags TEXT NOT NULL DEFAULT '[]', remark TEXT, seen TEXT);
            """
        let (hub, all) = try world(schema, "one", "two", "three")
        let old = "tags = '[\"a\"]', remark = 'one two three four', seen = '2026-01'"
        try run(all[0], "INSERT INTO client(id, name) VALUES ('a', 'Anna'); UPDATE client SET \(old)")
        try sync(hub, all)
        try run(all[0], "UPDATE client SET tags = '[\"a\", \"w\"]', remark = 'one TWO three four', seen = '2026-03'")
        try run(all[1], "UPDATE client SET tags = '[\"a\", \"c\"]', remark = 'one two three FOUR', seen = '2026-05'")
        try sync(hub, all)
        let shown = "SELECT tags || remark || seen FROM client"
        let before = try text(all[2], shown)
        #expect(before == "[\"a\",\"c\",\"w\"]one TWO three FOUR2026-05")
        try run(all[2], "UPDATE client SET \(old)")
        try all[2].seal()
        let listed = try all[2].unseen()
        #expect(listed.count == 3)
        for one in listed { try all[2].takeBackUnseen(one.id) }
        try sync(hub, all)
        for replica in all + [hub.replica] { #expect(try text(replica, shown) == before, "\(replica.name)") }
    }

    /// By the action of its foreign key; and the other direction, by a person.
    @Test func whatADeletionCutLooseHangsOnItAgainWhenThatIsUndone_CAP8_MRG43() throws {
        let schema = """
            -- satchel: reference need (client) setNull
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL);
            CREATE TABLE need(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id) ON DELETE SET NULL, txt TEXT);
            """
        let (hub, all) = try world(schema, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('a', 'Anna'), ('b', 'Berta')")
        try run(all[0], "INSERT INTO need VALUES ('n', 'a', 'report'), ('m', 'b', 'call'), ('o', 'b', 'write')")
        try sync(hub, all)
        try run(all[0], "UPDATE need SET client = NULL WHERE id = 'm'")
        try all[0].seal()
        try run(all[0], "UPDATE need SET txt = 'report by May' WHERE id = 'n'; DELETE FROM client")
        try sync(hub, all)
        let shown =
            "SELECT group_concat(id || ':' || ifnull(client, '-') || ':' || txt, ' ') FROM (SELECT * FROM need ORDER BY id)"
        for replica in all + [hub.replica] {
            #expect(try text(replica, shown) == "m:-:call n:-:report by May o:-:write", "\(replica.name)")
        }
        for id in ["a", "b"] { _ = try all[1].undo(table: "client", key: key(id)) }
        try sync(hub, all)
        for replica in all + [hub.replica] {
            #expect(try text(replica, shown) == "m:-:call n:a:report by May o:b:write", "\(replica.name)")
            #expect(try replica.conflicts().isEmpty && replica.doctor().faults.isEmpty)
        }
        try expectEqual(hub, all)
    }
}
