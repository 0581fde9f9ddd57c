import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

/// What a schema that a replica moves to must not let go of without being asked to (VER-7, VER-8).
@Suite final class MigrationHeldTests: ReviewedWorld {
    private static let client = "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL"
    private static let visit = "CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), note TEXT);"
    private static let first = "-- satchel: version 1\n\(client), fax TEXT);\n\(visit)"

    private func refusal(_ replica: Replica, _ text: String) -> String {
        do {
            return "taken: \(try replica.migrate(to: text).steps)"
        } catch {
            return "\(error)"
        }
    }

    @Test func anOpenQuestionWhoseShownValueIsNullKeepsItsColumn_VER7() throws {
        let (hub, all) = try world(Self.first, "a", "b")
        try run(all[0], "INSERT INTO client VALUES ('c1', 'A', '021')")
        try sync(hub, all)
        try run(all[1], "UPDATE client SET fax = 'corrected'")
        wait()
        try run(all[0], "UPDATE client SET fax = NULL")
        try sync(hub, all)
        let without = "-- satchel: version 2\n\(Self.client));\n\(Self.visit)"
        for replica in all + [hub.replica] {
            #expect(try text(replica, "SELECT ifnull(fax, 'none') FROM client") == "none", "control")
            let told = refusal(replica, without)
            #expect(told.contains("1 rows have a value in it (1 of them not shown"), "\(told)")
            #expect(try replica.conflicts().count == 1)
            try replica.migrate(to: without + "\n-- satchel: dropped client.fax")
            #expect(try replica.conflicts().isEmpty)
        }
    }

    @Test func aDeletedRowKeepsItsColumnAndItsTable_VER7() throws {
        let (hub, all) = try world(Self.first, "a", "b")
        try run(all[0], "INSERT INTO client VALUES ('c1', 'A', '021'); INSERT INTO visit VALUES ('v1', 'c1', 'kept')")
        try sync(hub, all)
        try run(all[1], "DELETE FROM visit; DELETE FROM client")
        try sync(hub, all)
        let columnless = "-- satchel: version 2\n\(Self.client));\n\(Self.visit)"
        let tableless = "-- satchel: version 2\n\(Self.client), fax TEXT);"
        for replica in all + [hub.replica] {
            let column = refusal(replica, columnless)
            #expect(column.contains("client.fax is not in the schema any more, and 1 rows have"), "\(column)")
            let table = refusal(replica, tableless)
            #expect(table.contains("table visit is not in the schema any more, and has 1 rows (1 of them"), "\(table)")
        }
        try hub.replica.undo(table: "visit", key: key("v1"))
        #expect(try text(hub.replica, "SELECT note FROM visit") == "kept")
        #expect(try hub.replica.migrate(to: tableless + "\n-- satchel: dropped visit").steps == ["dropped table visit"])
    }

    @Test func whatNobodyEverFilledInGoesWithoutAWord_VER7() throws {
        let (hub, all) = try world(Self.first, "a")
        try run(all[0], "INSERT INTO client(id, name) VALUES ('c1', 'A'), ('c2', 'B')")
        try run(all[0], "UPDATE client SET name = 'C'; DELETE FROM client WHERE id = 'c2'")
        try sync(hub, all)
        for replica in all + [hub.replica] {
            let steps = try replica.migrate(to: "-- satchel: version 2\n\(Self.client));").steps
            #expect(steps == ["dropped column client.fax", "dropped table visit"])
        }
        try expectEqual(hub, all)
    }

    /// Nothing of the tables is another.
    @Test func aSyncedTableDoesNotBecomeLocalByADirectiveAlone_VER8() throws {
        let (hub, all) = try world(Self.first, "a")
        try run(all[0], "INSERT INTO client(id, name) VALUES ('c1', 'A'); INSERT INTO visit VALUES ('v1', 'c1', 'old')")
        try sync(hub, all)
        let text = "-- satchel: version 2\n-- satchel: local visit\n\(Self.client), fax TEXT);\n\(Self.visit)"
        for replica in all + [hub.replica] {
            #expect(refusal(replica, text).contains("stay on each device"))
            #expect(throws: SchemaError.self) { try replica.migrate(schema: text) }
            #expect(replica.schemaVersion == 1)
        }
        try run(all[0], "UPDATE visit SET note = 'new'")
        try sync(hub, all)
        #expect(try self.text(hub.replica, "SELECT note FROM visit") == "new")
    }

    /// A list to choose from, in the file of the next version.
    @Test func aSchemaThatEntersRowsIsNotMovedTo_SCH1_VER6() throws {
        let (hub, all) = try world(Self.first, "a")
        let kind = "CREATE TABLE kind(id TEXT PRIMARY KEY, name TEXT);"
        let text = "-- satchel: version 2\n\(Self.client), fax TEXT);\n\(Self.visit)\n\(kind)"
        for replica in all + [hub.replica] {
            let told = refusal(replica, text + "INSERT INTO kind VALUES ('r', 'routine'), ('o', 'other');")
            #expect(told.contains("enters 2 rows into table kind"), "\(told)")
            try replica.migrate(to: text)
        }
        try run(all[0], "INSERT INTO kind VALUES ('r', 'routine')")
        try sync(hub, all)
        #expect(try self.text(hub.replica, "SELECT name FROM kind") == "routine")
    }
}
