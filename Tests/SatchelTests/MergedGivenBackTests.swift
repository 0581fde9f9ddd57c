import Foundation
import Satchel
import SatchelHub
import Testing

/// Who takes a merge back gives the other row what it showed before, where that is known and nobody has written since (MRG-56).
@Suite final class MergedGivenBackTests: MergedRowsWorld {
    private static let apart = "a:恒达:1 b:恒达公司:2 d:瑞丰:4"

    /// A hub and two devices, of which the first entered these rows.
    private func pair(_ schema: String, _ rows: String) throws -> (Hub, [Replica]) {
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        let all = try ["x", "y"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        try run(all[0], rows)
        try sync(hub, all)
        return (hub, all)
    }

    /// Client b, in which the phone of a is taken over, was entered by x: y has it from the hub.
    @Test(arguments: ["x", "y", "hub"]) func whoTakesAMergeBackGivesBackWhatItTookOver_MRG56(who: String) throws {
        let (hub, all) = try world("x", "y")
        let merger = who == "x" ? all[0] : all[1]
        try merge(merger, "a", "b", taking: ["phone"])
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "b:恒达公司:1 d:瑞丰:4") }
        let replica = who == "hub" ? hub.replica : merger
        let before = try replica.changesets().count
        let done = try replica.unmerge(key("a"), in: "client")
        #expect(done.restored == ["phone"] && done.left.isEmpty)
        #expect(try replica.changesets().count == before + 1, "one change")
        try sync(hub, all)
        for replica in all + [hub.replica] { #expect(try clients(replica) == Self.apart && kinds(replica) == []) }
        #expect(try all.allSatisfy { try $0.decisions().isEmpty })
        let last = try #require(try hub.replica.history(table: "client", key: key("b")).last)
        #expect(last.columns == ["phone"] && last.old == [[.text("1")]] && last.new == [.text("2")])
    }

    @Test(arguments: [true, false]) func whoDoesNotKnowWhatStoodThereIsToldWhatStays_MRG56(isUndone: Bool) throws {
        let (hub, all) = try world("x", "y")
        try merge(all[0], "a", "b", taking: ["phone"])
        try sync(hub, all)
        if isUndone {
            let undone = try all[1].undo(table: "client", key: key("a"))
            #expect(undone.others.map(\.values.left) == [["phone"]] && undone.others[0].values.restored.isEmpty)
        } else {
            let done = try all[1].unmerge(key("a"), in: "client")
            #expect(done.restored.isEmpty && done.left == ["phone"])
        }
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:1 b:恒达公司:1 d:瑞丰:4") }
    }

    @Test(arguments: [true, false]) func whatWasWrittenSinceStays_MRG56(isUndone: Bool) throws {
        let (hub, all) = try world("x", "y")
        try merge(all[0], "a", "b", taking: ["name", "phone"])
        try sync(hub, all)
        try run(all[1], "UPDATE client SET phone = '7' WHERE id = 'b'")
        try sync(hub, all)
        if isUndone {
            let dot = try #require(try all[0].bin().first { $0.key == key("a") }?.deletions.last?.dot.description)
            let undone = try all[0].undo(changeset: dot)
            #expect(undone.rows.map(\.key) == [key("a")])
            #expect(undone.others.map(\.key) == [key("b")] && undone.others[0].values.restored == ["name"])
            #expect(undone.others[0].values.left.isEmpty)
        } else {
            let done = try all[0].unmerge(key("a"), in: "client")
            #expect(done.restored == ["name"] && done.left.isEmpty)
        }
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:1 b:恒达公司:7 d:瑞丰:4" && kinds(replica) == []) }
    }

    /// A rival came since, or stood there before the merge took the place of what was shown.
    @Test(arguments: [true, false]) func whatIsAskedAboutIsLeftToWhoAnswers_MRG56(isRivalLater: Bool) throws {
        let (hub, all) = try world("x", "y")
        if !isRivalLater {
            try run(all[0], "UPDATE client SET phone = '8' WHERE id = 'b'")
            try run(all[1], "UPDATE client SET phone = '9' WHERE id = 'b'")
            try sync(hub, all)
        }
        try merge(all[0], "a", "b", taking: ["phone"])
        if isRivalLater { try run(all[1], "UPDATE client SET phone = '9' WHERE id = 'b'") }
        try sync(hub, all)
        let before = try #require(try all[0].conflicts().first).candidates.map(\.values)
        #expect(before.count == 2 && before.contains([.text("1")]))
        let replica = isRivalLater ? all[0] : hub.replica
        #expect(try replica.unmerge(key("a"), in: "client").restored.isEmpty)
        try sync(hub, all)
        for replica in all { #expect(try replica.conflicts().map { $0.candidates.map(\.values) } == [before]) }
    }

    /// By who knew only the merged row. What they wrote goes with it.
    @Test func whatStandsOnTheMergedRowAloneIsNoWriteOfTheOther_MRG54_MRG56() throws {
        let (hub, all) = try world("x", "y")
        try merge(all[0], "a", "b", taking: ["phone"])
        try run(all[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, all)
        #expect(try kinds(all[0]) == ["values"])
        #expect(try all[0].unmerge(key("a"), in: "client").restored == ["phone"])
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:9 b:恒达公司:2 d:瑞丰:4" && kinds(replica) == []) }
    }

    @Test func whatAnAnswerChoseOfTheMergedRowStays_MRG55_MRG56() throws {
        let (hub, all) = try world("x", "y")
        try merge(all[0], "a", "b")
        try run(all[1], "UPDATE client SET phone = '9' WHERE id = 'a'")
        try sync(hub, all)
        let conflict = try #require(try all[0].conflicts().first)
        try all[0].resolve(conflict.id, keep: 2)
        #expect(try all[0].unmerge(key("a"), in: "client").restored.isEmpty)
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:9 b:恒达公司:9 d:瑞丰:4") }
    }

    /// A write over what another had entered of the merged row renews the merge, and has its name then.
    @Test func aMergeThatWasRenewedIsTakenBackLikeAnyOther_MRG55_MRG56() throws {
        let (hub, all) = try world("x", "y")
        try merge(all[0], "a", "b", taking: ["phone"])
        try run(all[1], "UPDATE client SET above = 'd' WHERE id = 'a'")
        try sync(hub, all)
        try run(all[0], "UPDATE client SET above = NULL WHERE id = 'b'")
        try sync(hub, all)
        #expect(try clients(all[0]) == "b:恒达公司:1 d:瑞丰:4" && kinds(all[0]) == [])
        let done = try all[0].unmerge(key("a"), in: "client")
        #expect(done.restored == ["phone"] && done.left.isEmpty)
        try sync(hub, all)
        for replica in all {
            #expect(try clients(replica) == Self.apart && kinds(replica) == [])
            let above = try text(replica, "SELECT id || ':' || ifnull(above, '-') FROM client ORDER BY id")
            #expect(above == "a:d b:- d:-")
        }
    }

    @Test func whatShowedNothingShowsNothingAgain_MRG56() throws {
        let (hub, all) = try clientsAlone()
        try run(all[0], "UPDATE client SET phone = NULL WHERE id = 'b'")
        try sync(hub, all)
        try merge(all[0], "a", "b", taking: ["phone"])
        #expect(try all[0].unmerge(key("a"), in: "client").restored == ["phone"])
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:1 b:恒达公司:- d:瑞丰:4") }
    }

    @Test(arguments: [true, false]) func aColumnThatCameLaterShowsItsDefaultAgain_MRG56_VER4(atHub: Bool) throws {
        let (hub, all) = try world("x", "y")
        let later = Self.schema.replacingOccurrences(
            of: "above TEXT REFERENCES client(id));",
            with: "above TEXT REFERENCES client(id), fax TEXT DEFAULT 'none');")
        for replica in [hub.replica] + all { try replica.migrate(to: "-- satchel: version 1\n" + later) }
        try run(all[0], "UPDATE client SET fax = '5' WHERE id = 'a'")
        try merge(all[0], "a", "b", taking: ["fax"])
        try sync(hub, all)
        let replica = atHub ? hub.replica : all[0]
        #expect(try replica.unmerge(key("a"), in: "client").restored == ["fax"])
        try sync(hub, all)
        for replica in all {
            #expect(try text(replica, "SELECT id || ':' || fax FROM client ORDER BY id") == "a:5 b:none d:none")
        }
    }

    @Test func aDeletedRowIsNotBroughtBackByWhatIsGivenBack_MRG6_MRG56() throws {
        let (hub, all) = try clientsAlone()
        try merge(all[0], "a", "b", taking: ["phone"])
        try sync(hub, all)
        try run(all[1], "DELETE FROM client WHERE id = 'b'")
        try sync(hub, all)
        #expect(try all[0].unmerge(key("a"), in: "client").restored.isEmpty)
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:1 d:瑞丰:4" && kinds(replica) == []) }
    }

    @Test func twoWhoTakeOneMergeBackGiveBackOneValue_MRG16_MRG56() throws {
        let (hub, all) = try world("x", "y")
        try merge(all[0], "a", "b", taking: ["phone"])
        try sync(hub, all)
        for replica in [all[0], hub.replica] {
            #expect(try replica.unmerge(key("a"), in: "client").restored == ["phone"])
        }
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == Self.apart && kinds(replica) == []) }
    }

    /// Both merged the pair, each without the other, and took over the same.
    @Test func whatTwoMergesTookOverIsGivenBackOnce_MRG56() throws {
        let (hub, all) = try world("x", "y")
        for replica in all { try merge(replica, "a", "b", taking: ["phone"]) }
        try sync(hub, all)
        #expect(try hub.replica.unmerge(key("a"), in: "client").restored == ["phone"])
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == Self.apart && kinds(replica) == []) }
    }

    /// Client a into b, and b into d.
    @Test(arguments: [true, false]) func ofAChainEachMergeGivesBackWhatItTookOver_MRG52_MRG56(lastFirst: Bool) throws {
        let (hub, all) = try world("x", "y")
        try merge(all[0], "a", "b", taking: ["phone"])
        try merge(all[0], "b", "d", taking: ["phone"])
        try sync(hub, all)
        #expect(try clients(all[1]) == "d:瑞丰:1")
        if lastFirst {
            #expect(try all[0].unmerge(key("b"), in: "client").restored == ["phone"])
            #expect(try clients(all[0]) == "b:恒达公司:1 d:瑞丰:4")
            #expect(try all[0].unmerge(key("a"), in: "client").restored == ["phone"])
        } else {
            // What b had taken over when it was merged on is b's.
            #expect(try all[0].unmerge(key("a"), in: "client").restored.isEmpty)
            #expect(try clients(all[0]) == "a:恒达:1 d:瑞丰:1")
            #expect(try all[0].unmerge(key("b"), in: "client").restored == ["phone"])
        }
        try sync(hub, all)
        for replica in all {
            #expect(try clients(replica) == (lastFirst ? Self.apart : "a:恒达:1 b:恒达公司:1 d:瑞丰:4"))
        }
    }

    @Test func ofACycleNothingIsGivenBack_MRG52_MRG56() throws {
        let (hub, all) = try world("x", "y")
        try merge(all[0], "a", "b", taking: ["phone"])
        try merge(all[1], "b", "a", taking: ["name"])
        try sync(hub, all)
        let done = try all[1].unmerge(key("b"), in: "client")
        #expect(done.restored.isEmpty && done.left == ["name"])
        try sync(hub, all)
        for replica in all { #expect(try clients(replica).hasPrefix("a:恒达公司:1 b:恒达公司:")) }
    }

    /// It is shown all the same, since a rating names it.
    @Test func anAnswerThatKeepsAMergedRowGivesNothingBack_MRG53_MRG56_INB8() throws {
        let (hub, all) = try world("x", "y")
        try run(all[0], "INSERT INTO rating VALUES ('a', 2024, 5)")
        try merge(all[0], "a", "b", taking: ["phone"])
        try sync(hub, all)
        let conflict = try #require(try all[0].conflicts().first)
        #expect(conflict.kind == .inUse)
        try all[0].resolve(conflict.id, keep: 1)
        #expect(try all[0].decisions().map(\.conflict) == [conflict.id])
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:1 b:恒达公司:1 d:瑞丰:4") }
    }

    /// As in the first test: what y knows of it, it noted when it merged.
    @Test(arguments: ["x", "y", "hub"]) func whatWasErasedDoesNotComeBack_ERA2_INB12_MRG56(who: String) throws {
        let (hub, all) = try world("x", "y")
        let merger = who == "x" ? all[0] : all[1]
        try merge(merger, "a", "b", taking: ["phone"])
        try sync(hub, all)
        _ = try hub.erase(table: "client", key: key("b"), columns: ["phone"])
        try sync(hub, all, rounds: 3)
        let replica = who == "hub" ? hub.replica : merger
        #expect(try replica.unmerge(key("a"), in: "client").restored.isEmpty)
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:- b:恒达公司:- d:瑞丰:4") }
    }

    @Test func whatReferredToARowThatIsGoneIsNotGivenBack_MRG20_MRG56() throws {
        let (hub, all) = try clientsAlone()
        try run(all[0], "UPDATE client SET above = 'd' WHERE id = 'b'")
        try merge(all[0], "a", "b", taking: ["phone", "above"])
        try sync(hub, all)
        try run(all[1], "DELETE FROM client WHERE id = 'd'")
        try sync(hub, all)
        let done = try all[0].unmerge(key("a"), in: "client")
        #expect(done.restored == ["phone"] && done.left == ["above"])
        try sync(hub, all)
        for replica in all { #expect(try clients(replica) == "a:恒达:1 b:恒达公司:2" && kinds(replica) == []) }
    }

    private static let places = """
        -- satchel: unit client.place (street, city)
        -- satchel: policy client.code immutable
        -- satchel: policy client.note text
        CREATE TABLE client(id TEXT PRIMARY KEY, street TEXT, city TEXT, code TEXT, note TEXT);
        """

    private func addresses(_ replica: Replica) throws -> String {
        try text(
            replica,
            "SELECT id || ':' || street || ',' || city || ':' || ifnull(code, '-') || ':' || note FROM client ORDER BY id"
        )
    }

    @Test func aUnitIsGivenBackWholeWhateverItsPolicy_MRG56() throws {
        let (hub, all) = try pair(
            Self.places, "INSERT INTO client VALUES ('a', 'A', 'C', '91', 'x y'), ('b', 'B', 'D', NULL, 'old words')")
        try merge(all[0], "a", "b", taking: ["city", "code", "note"])
        try sync(hub, all)
        #expect(try addresses(all[1]) == "b:A,C:91:x y")
        let done = try all[0].unmerge(key("a"), in: "client")
        #expect(done.restored == ["street", "city", "code", "note"] && done.left.isEmpty)
        try sync(hub, all)
        for replica in all {
            #expect(try addresses(replica) == "a:A,C:91:x y b:B,D:-:old words" && kinds(replica) == [])
        }
    }

    @Test func ofAUnitInWhichSomebodyWroteSinceNoColumnIsGivenBack_MRG56() throws {
        let (hub, all) = try pair(
            Self.places, "INSERT INTO client VALUES ('a', 'A', 'C', '91', 'x y'), ('b', 'B', 'D', NULL, 'old words')")
        try merge(all[0], "a", "b", taking: ["street"])
        try run(all[0], "UPDATE client SET city = 'E'")
        let done = try all[0].unmerge(key("a"), in: "client")
        #expect(done.restored.isEmpty && done.left.isEmpty)
        #expect(try addresses(all[0]) == "a:A,C:91:x y b:A,E:-:old words")
        try sync(hub, all)
    }

    private static let checked = """
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, mail TEXT UNIQUE, start INTEGER, until INTEGER,
            CHECK (start < until));
        """

    private func spans(_ replica: Replica) throws -> String {
        try text(
            replica, "SELECT id || ':' || name || ':' || mail || ':' || start || '-' || until FROM client ORDER BY id")
    }

    private func spans() throws -> (Hub, [Replica]) {
        try pair(Self.checked, "INSERT INTO client VALUES ('a', 'A', 'a@x', 10, 20), ('b', 'B', 'b@x', 1, 5)")
    }

    @Test func whatATableDoesNotTakeStaysAndTheRestIsGivenBack_INB14_MRG56() throws {
        let (hub, all) = try spans()
        try merge(all[0], "a", "b", taking: ["name", "until"])
        try run(all[0], "UPDATE client SET start = 15 WHERE id = 'b'")
        let done = try all[0].unmerge(key("a"), in: "client")
        #expect(done.restored == ["name"] && done.left == ["until"])
        try sync(hub, all)
        for replica in all { #expect(try spans(replica) == "a:A:a@x:10-20 b:B:b@x:15-20") }
    }

    /// By itself the end would not be taken.
    @Test func whatATableTakesTogetherIsGivenBackTogether_INB14_MRG56() throws {
        let (hub, all) = try spans()
        try run(all[0], "UPDATE client SET start = 30, until = 40 WHERE id = 'a'")
        try merge(all[0], "a", "b", taking: ["start", "until"])
        #expect(try all[0].unmerge(key("a"), in: "client").restored == ["start", "until"])
        try sync(hub, all)
        for replica in all { #expect(try spans(replica) == "a:A:a@x:30-40 b:B:b@x:1-5") }
    }

    /// Left to the other row, the address would be that of both.
    @Test(arguments: [true, false]) func aPlaceThatWasTakenOverIsFreeAgain_INB14_MRG56(isTakenMeanwhile: Bool) throws {
        let (hub, all) = try spans()
        try merge(all[0], "a", "b", taking: ["mail"])
        if isTakenMeanwhile {
            try run(all[0], "INSERT INTO client VALUES ('c', 'C', 'b@x', 1, 2)")
            let before = try spans(all[0])
            #expect(throws: WouldHide.self) { try all[0].unmerge(key("a"), in: "client") }
            #expect(try spans(all[0]) == before)
        } else {
            #expect(try all[0].unmerge(key("a"), in: "client").restored == ["mail"])
            #expect(try spans(all[0]) == "a:A:a@x:10-20 b:B:b@x:1-5")
        }
        try sync(hub, all)
        for replica in all { #expect(try replica.status().aside.isEmpty) }
    }
}
