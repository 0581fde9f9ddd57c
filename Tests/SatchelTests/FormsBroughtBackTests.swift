import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// Forms of records that are shown since what they fell with is in question (MRG-42, MRG-62).
@Suite final class FormsBroughtBackTests: TwoTablets {
    private let key = RowKey([.text("v")])

    init() throws {
        try super.init(
            schema: """
                CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT);
                CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT NOT NULL REFERENCES client(id), note TEXT);
                """,
            entering: "INSERT INTO client VALUES ('c', 'C')", "INSERT INTO visit VALUES ('v', 'c', 'of C')",
            "INSERT INTO visit VALUES ('w', 'c', 'another')")
    }

    private func visits(_ replica: Replica) throws -> [String] {
        try replica.read { try String.fetchAll($0, sql: "SELECT id FROM visit ORDER BY id") }
    }

    /// The client was deleted with both visits, against an edit.
    private func askedAbout() throws {
        try hub.replica.write { try $0.execute(sql: "DELETE FROM visit; DELETE FROM client") }
        try run(b, "UPDATE client SET name = 'D'")
        try sync()
    }

    /// Before the form was opened, or after.
    @Test(arguments: [false, true], [1, 2]) func aFormDeletesWhatWasBroughtBack_INB10_MRG42_MRG62(
        isOpen: Bool, answer: Int
    ) throws {
        var view = try a.view(table: "visit", key: key)
        try askedAbout()
        for replica in [a, b, hub.replica] { #expect(try visits(replica) == ["v", "w"], "control") }
        if !isOpen { view = try a.view(table: "visit", key: key) }
        #expect(try a.edit(basedOn: #require(view)) { $0.delete() } == .written)
        #expect(try visits(a) == ["w"])
        try sync()
        for replica in [a, b, hub.replica] { #expect(try visits(replica) == ["w"]) }
        let conflict = try #require(try b.conflicts().first)
        try b.resolve(conflict.id, keep: answer)
        try sync()
        for replica in [a, b, hub.replica] { #expect(try visits(replica) == (answer == 1 ? ["w"] : [])) }
        try b.undo(table: "visit", key: key)
        try sync()
        for replica in [a, b, hub.replica] { #expect(try visits(replica) == ["v", "w"]) }
    }
}
