import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// Which overwrites by plain SQL are listed as perhaps unseen (INB-11).
@Suite final class OverwritesTests: TwoTablets {
    init() throws {
        try super.init(
            schema: "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT);",
            entering: "INSERT INTO client VALUES ('c1', 'Hengda', '100')")
    }

    private func phone(_ replica: Replica) throws -> String? {
        try replica.read { try String.fetchOne($0, sql: "SELECT phone FROM client") }
    }

    /// Others deleted and kept the record in the bundle that brought another phone.
    private func keptMeanwhile() throws {
        try run(b, "UPDATE client SET phone = '222'")
        try run(hub.replica, "DELETE FROM client")
        try exchange(b)
        let conflict = try #require(try hub.conflicts().first)
        try hub.replica.resolve(conflict.id, keep: 1)
    }

    @Test func anOverwriteOfARecordThatWasKeptMeanwhileIsListed_INB11() throws {
        try keptMeanwhile()
        try exchange(a)
        #expect(try phone(a) == "222")
        try run(a, "UPDATE client SET name = 'Hengda', phone = '333'")
        #expect(try a.unseen().map(\.was) == [[.text("222")]], "the program had read 100 before")
    }

    @Test func whoSawARecordComeBackIsNotSuspected_INB11() throws {
        try run(hub.replica, "DELETE FROM client")
        try exchange(a)
        #expect(try phone(a) == nil)
        try run(b, "UPDATE client SET phone = '222'")
        try exchange(b)
        let conflict = try #require(try hub.conflicts().first)
        try hub.replica.resolve(conflict.id, keep: 1)
        try exchange(a)
        #expect(try phone(a) == "222")
        try run(a, "UPDATE client SET phone = '333'")
        #expect(try a.unseen().isEmpty)
    }

    @Test func whoCorrectsARecordThatTheyNeverSawOtherwiseIsNotSuspected_INB11() throws {
        try run(b, "INSERT INTO client VALUES ('c2', 'Ruifeng', '1')")
        try b.seal()
        try run(b, "UPDATE client SET phone = '2' WHERE id = 'c2'")
        try exchange(b)
        try exchange(a)
        try run(a, "UPDATE client SET phone = '3' WHERE id = 'c2'")
        #expect(try a.unseen().isEmpty)
    }

    @Test(arguments: [-86_400_000, 0]) func theDevicesClockDoesNotSayWhatWasSeen_INB11(step: Int64) throws {
        clock.advance(by: step)
        try run(b, "UPDATE client SET phone = '222'")
        try exchange(b)
        try exchange(a)
        #expect(try phone(a) == "222")
        try run(a, "UPDATE client SET phone = '333'")
        #expect(try a.unseen().map(\.was) == [[.text("222")]])
    }

    @Test func whoWroteTheRecordAfterwardsHadSeenIt_INB11() throws {
        try run(b, "UPDATE client SET phone = '222'")
        try exchange(b)
        try exchange(a)
        clock.advance(by: -86_400_000)
        try run(a, "UPDATE client SET name = 'of a'")
        try a.seal()
        try run(a, "UPDATE client SET phone = '333'")
        #expect(try a.unseen().isEmpty)
    }

    /// All of the record is of one changeset then, as of one that was entered once and never written.
    @Test func anOverwriteOfARecordThatWasEnteredAnewMeanwhileIsListed_INB11() throws {
        try run(hub.replica, "DELETE FROM client")
        try hub.replica.seal()
        try run(hub.replica, "INSERT INTO client VALUES ('c1', 'Hengda', '222')")
        try exchange(a)
        #expect(try phone(a) == "222")
        try run(a, "UPDATE client SET phone = '333'")
        #expect(try a.unseen().map(\.was) == [[.text("222")]], "the program had read 100 before")
    }
}
