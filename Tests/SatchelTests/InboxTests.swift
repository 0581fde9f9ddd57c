import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// What people see of conflicts and how they decide (Protocol/inbox.md).
@Suite final class InboxTests: TwoTablets {
    private let key = RowKey([.text("c1")])

    init() throws {
        try super.init(
            schema: """
                CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT, tier INTEGER);
                CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), note TEXT);
                """,
            entering: "INSERT INTO client VALUES ('c1', 'Hengda', '100', 1)")
    }

    private func phone(_ replica: Replica) throws -> String? {
        try replica.read { try String.fetchOne($0, sql: "SELECT phone FROM client") }
    }

    private func clash(_ first: String = "111", _ second: String = "222") throws -> Conflict {
        try run(a, "UPDATE client SET phone = '\(first)'; INSERT INTO visit VALUES ('v\(first)', 'c1', 'moved')")
        try run(b, "UPDATE client SET phone = '\(second)', tier = 7")
        try sync()
        let conflict = try #require(try a.conflicts().first)
        #expect(try a.conflicts().count == 1 && b.conflicts().map(\.id) == [conflict.id])
        return conflict
    }

    @Test func aConflictCarriesBaseAuthorsClocksAndNeighbours_INB1_INB2_INB3() throws {
        let conflict = try clash()
        for seen in [conflict, try #require(try b.conflicts().first), try #require(try hub.conflicts().first)] {
            #expect(seen.base == [.text("100")])
            #expect(seen.candidates.map(\.values) == [[.text("111")], [.text("222")]])
            #expect(seen.candidates.flatMap(\.authors).map(\.device) == ["tablet-1", "tablet-2"])
            for author in seen.candidates.flatMap(\.authors) {
                #expect(author.time.milliseconds == author.reading.milliseconds + author.clockOffset)
            }
            let beside = seen.neighbours.map {
                "\($0.writer.device) \($0.table).\($0.unit) \($0.values.map(\.display))"
            }
            #expect(beside.contains("tablet-2 client.tier [\"7\"]"), "\(beside)")
            #expect(beside.contains("tablet-1 visit.note [\"moved\"]"), "\(beside)")
            #expect(!beside.contains { $0.contains("client.phone") })
        }
    }

    /// Whose own changeset brings the conflict about at the hub gets a reply that leaves the row out.
    @Test func whoComesSecondIsToldToo_INB2_EXC15() throws {
        try run(a, "UPDATE client SET phone = '111'")
        try run(b, "UPDATE client SET phone = '222'; UPDATE client SET tier = 5")
        try exchange(a)
        try hub.pack(for: "tablet-2", to: folder + "/down")
        try b.apply(folder + "/down")
        #expect(try b.conflicts().map(\.base) == [nil], "the hub has not heard of it yet")
        try exchange(b)
        for seen in [b, hub.replica] {
            #expect(try seen.conflicts().map(\.base) == [[.text("100")]], "\(seen.name)")
        }
        try exchange(a)
        #expect(try a.conflicts().map(\.base) == [[.text("100")]])
        try b.resolve(try #require(try b.conflicts().first?.id), keep: 1)
        try sync()
        for seen in [a, b] {
            let kept = try seen.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM satchel_base") }
            #expect(kept == 0, "it goes with its conflict")
        }
    }

    /// Both in one bundle, and in one transaction with many others.
    @Test(arguments: [0, 20]) func twoConflictsOfOneIdAreBothListedAndNeitherIsTakenForTheOther_MRG18(
        others: Int
    ) throws {
        let two = ["c664509", "c786404"]
        let all = two + (0..<others).map { "o\($0)" }
        try run(a, "INSERT INTO client VALUES " + all.map { "('\($0)', 'n', '1', 1)" }.joined(separator: ", "))
        try sync()
        try run(a, "UPDATE client SET phone = '2' WHERE id <> 'c1'")
        try run(b, "UPDATE client SET phone = '3' WHERE id <> 'c1'")
        try sync()
        for replica in [a, b, hub.replica] {
            let listed = try replica.conflicts().filter { $0.id == "ec7a6ecb0d" }
            #expect(try listed.map(\.key.display).sorted() == two && replica.conflicts().count == all.count)
            let page = try replica.conflicts(limit: 1)
            #expect(page.conflicts.count + page.more == all.count)
            #expect { try replica.resolve("ec7a6ecb0d", keep: 1) } throws: { error in
                let words = (error as? UsageError)?.description ?? ""
                return two.allSatisfy(words.contains)
            }
        }
        let one = try #require(try a.conflicts().first { $0.key.display == two[1] })
        try a.resolve(one, keep: 2)
        try sync()
        let left = try #require(try b.conflicts().first { $0.id == "ec7a6ecb0d" })
        #expect(left.key.display == two[0])
        try b.resolve(left.id, keep: 2)
        try sync()
        for replica in [a, b, hub.replica] { #expect(try replica.conflicts().count == others) }
    }

    /// An app's own note may begin like that of a decision.
    @Test(arguments: ["resolved by telephone", "resolved 0123456789ab", "resolved ", "resolved"])
    func aNoteMakesNoDecision_INB5(note: String) throws {
        try a.write { try $0.execute(sql: "UPDATE client SET phone = '8'") }
        _ = try a.seal(note: note)
        try sync()
        #expect(try hub.replica.decisions().isEmpty)
        let conflict = try clash()
        try a.resolve(conflict.id, keep: 1)
        try sync()
        #expect(try hub.replica.decisions().map(\.conflict) == [conflict.id])
    }

    @Test func howFarAClockWasOffIsTold_INB1() throws {
        // The reply of a hub whose clock is two hours ahead teaches the device that it is behind.
        clock.advance(by: 7_200_000)
        try run(hub.replica, "INSERT INTO client(id) VALUES ('c2')")
        try hub.pack(for: "tablet-1", to: folder + "/down")
        clock.advance(by: -7_200_000)
        try a.apply(folder + "/down")
        try run(a, "UPDATE client SET phone = '111' WHERE id = 'c1'")
        try run(b, "UPDATE client SET phone = '222' WHERE id = 'c1'")
        try sync()
        let conflict = try #require(try b.conflicts().first)
        let authors = try #require(try b.conflicts().first).candidates.flatMap(\.authors)
        #expect(authors.first { $0.device == "tablet-1" }?.clockOffset ?? 0 > 7_000_000, "\(authors)")
        #expect(conflict.base == [.text("100")])
    }

    @Test func anAssignmentSyncsWithTheRecordAndKeepsNothingAlive_INB4() throws {
        let conflict = try clash()
        let digest = try hub.digest()
        try a.assign(conflict.id, to: "李娜", actor: "boss")
        try sync()
        #expect(try b.conflicts().first?.assignee == "李娜" && hub.conflicts().first?.assignee == "李娜")
        #expect(try hub.digest() == digest)
        try b.assign(conflict.id, to: nil)
        try sync()
        #expect(try a.conflicts().first?.assignee == nil)
        // Given to somebody while another deletes the record: it is deleted all the same.
        try b.assign(conflict.id, to: "王芳")
        try run(a, "DELETE FROM visit; DELETE FROM client")
        try sync()
        #expect(try a.conflicts().isEmpty && b.conflicts().isEmpty)
        #expect(try b.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM client") } == 0)
        #expect(throws: UsageError.self) { try self.a.assign(conflict.id, to: "x") }
    }

    /// A record that was kept is asked about anew, and given to nobody.
    @Test func anAssignmentGoesWithTheQuestionThatWasAnswered_INB4_MRG11() throws {
        try run(a, "DELETE FROM visit")
        try sync()
        for isAgain in [false, true] {
            try run(a, "DELETE FROM client")
            try run(b, "UPDATE client SET phone = phone || '9'")
            try sync()
            let asked = try #require(try a.conflicts().first)
            #expect(asked.kind == .deleted && asked.assignee == nil, "\(isAgain)")
            try a.assign(asked.id, to: "王芳")
            try a.resolve(asked, keep: 1)
            try sync()
        }
    }

    @Test(arguments: [("newer", "222"), ("older", "111"), ("device=tablet-1", "111"), ("device=tablet-2", "222")])
    func manyConflictsAreDecidedByARule_INB5_INB6(rule: String, kept: String) throws {
        try run(a, "INSERT INTO client VALUES ('c2', 'Ruifeng', '100', 1)")
        try sync()
        try run(a, "UPDATE client SET phone = '111'")
        try run(b, "UPDATE client SET phone = '222'; UPDATE client SET name = 'B' WHERE id = 'c2'")
        try run(a, "UPDATE client SET name = 'A' WHERE id = 'c2'")
        try sync()
        #expect(try a.conflicts().count == 3)
        let report = try b.resolve(
            ConflictFilter(table: "client", unit: "phone"), by: try #require(BulkRule(rule)), actor: "boss")
        #expect(report.decided.count == 2 && report.left.isEmpty)
        try sync()
        #expect(try a.conflicts().map(\.unit) == ["name"])
        #expect(try a.read { try String.fetchAll($0, sql: "SELECT phone FROM client") } == [kept, kept])
        #expect(try b.resolve(ConflictFilter(), by: .device("hub")).left.count == 1)
    }

    @Test(arguments: [true, false]) func anUndoneDecisionIsOpenAgainAsItWas_INB7_INB8(atHub: Bool) throws {
        let conflict = try clash()
        try a.resolve(conflict.id, keep: 1, actor: "boss")
        try sync()
        #expect(try b.conflicts().isEmpty)
        let place = atHub ? hub.replica : a
        #expect(try place.decisions().map(\.conflict) == [conflict.id])
        #expect(try b.decisions().isEmpty)
        #expect(throws: UsageError.self) { try self.b.undoDecision(conflict.id) }
        try place.undoDecision(conflict.id, actor: "boss")
        try sync()
        for seen in [a, b, hub.replica] {
            #expect(try seen.conflicts().map(\.id) == [conflict.id])
            #expect(try seen.conflicts().first?.candidates.map(\.values) == conflict.candidates.map(\.values))
        }
        try a.resolve(conflict.id, keep: 2)
        try run(a, "UPDATE client SET phone = '333'")
        #expect(throws: UsageError.self) { try self.a.undoDecision(conflict.id) }
    }

    @Test(arguments: [1, 2]) func anUndoneAnswerAboutTheRecordAsksAgain_INB8(answer: Int) throws {
        try run(a, "DELETE FROM client")
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        let conflict = try #require(try a.conflicts().first)
        #expect(conflict.kind == .deleted)
        try a.resolve(conflict.id, keep: answer)
        try sync()
        #expect(try b.conflicts().isEmpty)
        try a.undoDecision(conflict.id)
        try sync()
        #expect(try b.conflicts().map(\.id) == [conflict.id] && hub.conflicts().map(\.kind) == [.deleted])
        #expect(try phone(b) == "222")
    }

    @Test func aFormSavedAfterAMergeConflictsInsteadOfOverwriting_INB9_INB10_P3() throws {
        let view = try #require(try a.view(table: "client", key: key))
        let kept = try JSONEncoder().encode(view)
        try run(b, "UPDATE client SET phone = '222', tier = 5")
        try sync()
        #expect(try phone(a) == "222")
        let reopened = try JSONDecoder().decode(RecordView.self, from: kept)
        #expect(reopened == view && reopened["phone"] == .text("100"))
        let outcome = try a.edit(basedOn: reopened) {
            $0["phone"] = .text("111")
            $0["name"] = .text("Hengda")
        }
        let conflict = try #require(try a.conflicts().first)
        #expect(outcome == .conflicts([conflict.id]) && conflict.unit == "phone")
        #expect(conflict.candidates.map(\.values) == [[.text("111")], [.text("222")]])
        #expect(conflict.base == [.text("100")], "what the form showed")
        #expect(
            try a.read { try Int.fetchOne($0, sql: "SELECT tier FROM client") } == 5, "only what was changed is written"
        )
        try sync()
        #expect(try b.conflicts().map(\.id) == [conflict.id])
        for seen in [a, b, hub.replica] { #expect(try seen.conflicts().first?.base == [.text("100")]) }
    }

    @Test func aFormSavedWithNothingBetweenIsAnOrdinaryWrite_INB10() throws {
        let view = try #require(try a.view(table: "client", key: key))
        #expect(try a.edit(basedOn: view) { $0["phone"] = .text("111") } == .written)
        #expect(try a.status().unsealedNotes > 0, "captured, to be sealed with the rest of the day")
        // Its own earlier save it has seen.
        #expect(try a.edit(basedOn: view) { $0["phone"] = .text("112") } == .written)
        #expect(try a.conflicts().isEmpty && phone(a) == "112")
        let again = try #require(try b.view(table: "client", key: key))
        #expect(try b.edit(basedOn: again) { $0["phone"] = .text("100") } == .unchanged)
        #expect(try b.edit(basedOn: again) { _ in } == .unchanged)
    }

    @Test func aDeletionBasedOnAViewSparesWhatItHadNotSeen_INB10() throws {
        let view = try #require(try a.view(table: "client", key: key))
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        _ = try a.edit(basedOn: view) { $0.delete() }
        #expect(try a.conflicts().map(\.kind) == [.deleted])
        #expect(try phone(a) == "222")
        let seen = try #require(try b.view(table: "client", key: key))
        _ = try b.edit(basedOn: seen) { $0.delete() }
        #expect(try phone(b) == nil && b.conflicts().isEmpty)
    }

    @Test func anOverwriteOfWhatAMergeBroughtIsListedAsPerhapsUnseen_INB11() throws {
        try run(b, "UPDATE client SET phone = '222'")
        try sync()
        try run(a, "UPDATE client SET phone = '111'")
        let unseen = try a.unseen()
        #expect(unseen.map(\.was) == [[.text("222")]] && unseen.map(\.values) == [[.text("111")]])
        #expect(unseen.first?.wasWriter.device == "tablet-2")
        // The next write of the record was made by somebody who could have looked.
        try run(a, "UPDATE client SET tier = 3")
        #expect(try a.unseen().count == 1)
        try a.takeBackUnseen(try #require(unseen.first?.id), actor: "li")
        #expect(try phone(a) == "222" && a.unseen().isEmpty)
        try sync()
        #expect(try phone(b) == "222" && b.conflicts().isEmpty)
    }

    @Test func whatWasSeenIsNotListed_INB11() throws {
        #expect(try a.unseen().isEmpty && b.unseen().isEmpty)
        try run(b, "UPDATE client SET tier = 2")
        #expect(try b.unseen().isEmpty, "the record came with that value")
        try sync()
        let view = try #require(try a.view(table: "client", key: key))
        clock.advance(by: 1000)
        #expect(try a.edit(basedOn: view) { $0["tier"] = .integer(9) } == .written)
        #expect(try a.unseen().isEmpty, "the view showed it")
        try sync()
        try run(b, "UPDATE client SET tier = 4")
        let listed = try b.unseen()
        #expect(listed.count == 1)
        try b.acknowledgeUnseen(try #require(listed.first?.id))
        #expect(try b.unseen().isEmpty)
        #expect(throws: UsageError.self) { try self.b.acknowledgeUnseen("0000000000") }
    }

    @Test func aRecordSaysHowFarItHasCome_INB13_P14() throws {
        func level(_ replica: Replica) throws -> RecordStatus.Level {
            try replica.status(table: "client", key: key).level
        }
        for _ in 0..<2 { try sync() }
        #expect(try level(a) == .everywhere && level(b) == .everywhere)
        try run(a, "UPDATE client SET phone = '111'")
        #expect(try level(a) == .localOnly && a.status(table: "client", key: key).isUnsealed)
        try a.seal()
        #expect(try level(a) == .localOnly)
        try a.pack(to: folder + "/up")
        #expect(try level(a) == .packed)
        #expect(try hub.merge([folder + "/up"]).failures.isEmpty)
        #expect(try level(a) == .packed, "until the receipt is here")
        try hub.pack(for: "tablet-1", to: folder + "/down")
        try a.apply(folder + "/down")
        #expect(try level(a) == .atHub)
        try exchange(b)
        #expect(try level(b) == .atHub && level(hub.replica) == .atHub)
        try exchange(a)
        #expect(try level(a) == .atHub, "the other device has not said that it has it")
        try exchange(b)
        try exchange(a)
        #expect(try level(a) == .everywhere && level(hub.replica) == .everywhere)
        #expect(throws: UsageError.self) { try self.a.status(table: "client", key: RowKey([.text("nobody")])) }
    }
}
