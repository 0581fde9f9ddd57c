import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// What becomes of rows whose parents are deleted, by each policy (MRG-40 to MRG-48).
@Suite struct ReferencePolicyTests {
    static let ddl = """
        -- satchel: reference photo (visit) cascade
        -- satchel: reference task (visit) setNull
        -- satchel: unit task.plan (visit, day)
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT);
        CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), note TEXT);
        CREATE TABLE photo(id TEXT PRIMARY KEY, visit TEXT REFERENCES visit(id), name TEXT);
        CREATE TABLE task(id TEXT PRIMARY KEY, visit TEXT REFERENCES visit(id), day TEXT, note TEXT);
        """

    private func world() throws -> CaptureWorld {
        let world = try CaptureWorld(Self.ddl)
        try world.write(
            """
            INSERT INTO client VALUES ('c', 'Chen');
            INSERT INTO visit VALUES ('v', 'c', 'first'), ('w', 'c', 'second');
            INSERT INTO photo VALUES ('p', 'v', 'door');
            INSERT INTO task VALUES ('t', 'v', 'Monday', 'call');
            """)
        try world.exchange()
        return world
    }

    /// Without foreign keys, as most programs write.
    private func write(_ replica: Replica, _ sql: String) throws {
        try replica.write { db in
            try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
            try db.execute(sql: sql)
        }
    }

    private func aside(_ replica: Replica) throws -> [String] {
        try replica.setAside().map { "\($0.key.display) \($0.kind)" }
    }

    @Test func aChildWhoseParentIsDeletedFallsAndComesBackWithIt_MRG41() throws {
        let world = try world()
        try world.write("DELETE FROM task; DELETE FROM visit WHERE id = 'v'")
        #expect(try world.captured() == ["-task t", "-visit v"], "the repair is no write (MRG-21)")
        #expect(try world.own("SELECT id FROM photo").isEmpty)
        #expect(try aside(world.author) == ["p fallen"])
        try world.exchange()
        #expect(try aside(world.other) == ["p fallen"])
        #expect(try world.other.setAside().first?.values.map(\.display) == ["p", "v", "door"], "nothing of it is lost")
        try world.other.undo(table: "visit", key: RowKey([.text("v")]))
        #expect(try world.seen("SELECT name FROM photo") == ["door"])
        try world.exchange()
        #expect(try world.own("SELECT name FROM photo") == ["door"])
        #expect(try aside(world.author).isEmpty)
    }

    @Test func anEditOfAFallenChildIsKeptWithIt_MRG41() throws {
        let world = try world()
        try write(world.other, "UPDATE photo SET name = 'gate' WHERE id = 'p'")
        try world.write("DELETE FROM task; DELETE FROM visit WHERE id = 'v'")
        try world.exchange()
        #expect(try aside(world.author) == ["p fallen"])
        try world.author.undo(table: "visit", key: RowKey([.text("v")]))
        try world.exchange()
        #expect(try world.seen("SELECT name FROM photo") == ["gate"])
    }

    @Test func aReferenceToADeletedRowIsDisplayedAsNullAndComesBack_MRG43() throws {
        let world = try world()
        try world.write("DELETE FROM photo; DELETE FROM visit WHERE id = 'v'")
        #expect(try world.captured() == ["-photo p", "-visit v"])
        #expect(try world.own("SELECT visit, day, note FROM task") == ["|Monday|call"])
        try world.exchange()
        #expect(try world.seen("SELECT visit, day, note FROM task") == ["|Monday|call"])
        #expect(try world.captured().isEmpty, "what is displayed is no write")
        try world.other.undo(table: "visit", key: RowKey([.text("v")]))
        try world.exchange()
        #expect(try world.own("SELECT visit, day FROM task") == ["v|Monday"])
    }

    @Test func aFreshDeviceSeesTheNullAndKeepsTheReference_MRG43() throws {
        let world = try world()
        try world.write("DELETE FROM photo; DELETE FROM visit WHERE id = 'v'")
        try world.exchange()
        let fresh = try Replica.create(at: world.folder + "/fresh.db", enrolment: world.hub.enrol(name: "fresh"))
        try world.hub.pack(for: "fresh", to: world.folder + "/down")
        try fresh.apply(world.folder + "/down")
        #expect(try fresh.digest() == world.author.digest())
        try fresh.undo(table: "visit", key: RowKey([.text("v")]))
        #expect(try fresh.read { try String.fetchOne($0, sql: "SELECT visit FROM task") } == "v")
    }

    @Test func aWriteBesideAReferenceShownAsNullDoesNotCutIt_MRG44() throws {
        let world = try world()
        try world.write("DELETE FROM photo; DELETE FROM visit WHERE id = 'v'")
        try world.exchange()
        try write(world.other, "UPDATE task SET day = 'Friday'")
        try world.exchange()
        #expect(try world.own("SELECT visit, day FROM task") == ["|Friday"])
        try world.author.undo(table: "visit", key: RowKey([.text("v")]))
        #expect(try world.own("SELECT visit, day FROM task") == ["v|Friday"])
    }

    @Test func aWriteOfAnotherReferenceOverOneShownAsNullReplacesIt_MRG44() throws {
        let world = try world()
        try world.write("DELETE FROM photo; DELETE FROM visit WHERE id = 'v'")
        try world.exchange()
        try write(world.other, "UPDATE task SET visit = 'w'")
        try world.exchange()
        try world.author.undo(table: "visit", key: RowKey([.text("v")]))
        #expect(try world.own("SELECT visit FROM task") == ["w"])
    }

    @Test func aRevivedParentBringsBackWhatFellWithItInTheSameChangeset_MRG42_MRG48() throws {
        let world = try world()
        try world.write("DELETE FROM visit WHERE id = 'w'")
        try world.exchange()
        try write(world.other, "INSERT INTO visit VALUES ('new', 'c', 'unseen')")
        try world.write("DELETE FROM task; DELETE FROM photo; DELETE FROM visit; DELETE FROM client")
        try world.exchange()
        #expect(try world.seen("SELECT id FROM visit ORDER BY id") == ["new", "v"], "w fell before, and stays")
        #expect(try world.seen("SELECT id FROM photo") == ["p"])
        #expect(try world.author.conflicts().map { "\($0.table) \($0.kind)" } == ["client inUse"], "one question")
    }

    @Test func whatWasBroughtBackIsAskedAboutOnceAnAliveRowRefersToIt_MRG48() throws {
        let world = try CaptureWorld(
            """
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT);
            CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id));
            CREATE TABLE bill(id TEXT PRIMARY KEY, visit TEXT REFERENCES visit(id));
            """)
        try world.write("INSERT INTO client VALUES ('c', 'Chen'); INSERT INTO visit VALUES ('v', 'c')")
        try world.exchange()
        try write(world.other, "INSERT INTO visit VALUES ('new', 'c')")
        try world.write("DELETE FROM visit; DELETE FROM client")
        try world.exchange()
        #expect(try world.author.conflicts().map { "\($0.table) \($0.kind)" } == ["client inUse"])
        try write(world.other, "INSERT INTO bill VALUES ('b', 'v')")
        try world.exchange()
        for replica in [world.author, world.other] {
            let listed = try replica.conflicts().map { "\($0.table) \($0.kind)" }.sorted()
            #expect(listed == ["client inUse", "visit inUse"], "entered here or arrived, a whole new row over nothing")
        }
    }

    @Test func keepingTheParentKeepsWhatItBroughtBack_MRG46() throws {
        let world = try world()
        try write(world.other, "UPDATE client SET name = 'Chen Li'")
        try world.write("DELETE FROM task; DELETE FROM photo; DELETE FROM visit; DELETE FROM client")
        try world.exchange()
        let conflict = try #require(try world.author.conflicts().first)
        #expect(conflict.kind == .deleted)
        #expect(try world.own("SELECT count(*) FROM visit") == ["2"])
        try world.author.resolve(conflict.id, keep: 1)
        try world.exchange()
        #expect(try world.seen("SELECT id FROM visit ORDER BY id") == ["v", "w"])
        #expect(try world.seen("SELECT id FROM photo") == ["p"])
        #expect(try world.other.conflicts().isEmpty)
        #expect(try world.other.bin().isEmpty)
    }

    @Test func deletingTheParentDeletesWhatItBroughtBack_MRG46() throws {
        let world = try world()
        try write(world.other, "UPDATE client SET name = 'Chen Li'")
        try world.write("DELETE FROM task; DELETE FROM photo; DELETE FROM visit; DELETE FROM client")
        try world.exchange()
        let conflict = try #require(try world.author.conflicts().first)
        try world.author.resolve(conflict.id, keep: 2)
        try world.exchange()
        #expect(try world.seen("SELECT id FROM visit").isEmpty && world.seen("SELECT id FROM client").isEmpty)
        #expect(try world.other.conflicts().isEmpty)
        // And all of it is undone together.
        try world.other.undo(table: "client", key: RowKey([.text("c")]))
        try world.exchange()
        #expect(try world.own("SELECT id FROM visit ORDER BY id") == ["v", "w"])
    }

    @Test func theBinTellsWhoDeletedWhatAndItsLastValues_MRG46_CLI43() throws {
        let world = try world()
        try world.write("DELETE FROM photo")
        try world.author.seal(actor: "王")
        try world.exchange()
        let entry = try #require(try world.other.bin().first)
        #expect(entry.table == "photo" && entry.key.display == "p")
        #expect(zip(entry.columns, entry.values).map { "\($0)=\($1.display)" } == ["id=p", "visit=v", "name=door"])
        #expect(entry.deletions.map(\.actor) == ["王"] && entry.deletions.map(\.device) == ["author"])
        #expect(try world.other.bin(table: "visit").isEmpty)
        #expect(throws: UsageError.self) { try world.other.undo(table: "visit", key: RowKey([.text("v")])) }
    }

    @Test func undoingAChildUndoesTheParentsThatItNeeds_MRG46() throws {
        let world = try world()
        try world.write("DELETE FROM task; DELETE FROM photo; DELETE FROM visit; DELETE FROM client")
        try world.exchange()
        let undone = try world.other.undo(table: "photo", key: RowKey([.text("p")]))
        #expect(undone.rows.map(\.key.display).sorted() == ["c", "p", "t", "v", "w"], "and what fell with those")
        try world.exchange()
        #expect(try world.own("SELECT id FROM photo") == ["p"])
        #expect(try world.author.conflicts().isEmpty)
    }

    @Test func aChangesetsDeletionsAreUndoneAtOneStroke_MRG47() throws {
        let world = try world()
        try world.write("DELETE FROM task; DELETE FROM photo; DELETE FROM visit; INSERT INTO client VALUES ('d', 'Du')")
        try world.exchange()
        let dot = try #require(try world.other.bin().first?.deletions.first?.dot)
        let undone = try world.other.undo(changeset: dot.description, actor: "李")
        #expect(undone.rows.count == 4 && undone.aside == 0)
        try world.exchange()
        #expect(try world.own("SELECT count(*) FROM visit") == ["2"])
        #expect(try world.own("SELECT count(*) FROM client") == ["2"], "what it entered stays")
        #expect(throws: UsageError.self) { try world.other.undo(changeset: dot.description) }
    }
}
