import GRDB
import Satchel
import SatchelHub
import SatchelModel
import Testing

/// Cascades, and programs that do not look at foreign keys (CAP-8; MRG-20).
@Suite struct CaptureReferencesTests {
    static let ddl = """
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT);
        CREATE TABLE visit(
          id TEXT PRIMARY KEY, client TEXT REFERENCES client(id) ON DELETE CASCADE ON UPDATE CASCADE, note TEXT);
        CREATE TABLE photo(id TEXT PRIMARY KEY, visit TEXT REFERENCES visit(id) ON DELETE SET NULL);
        """

    private func world() throws -> CaptureWorld {
        let world = try CaptureWorld(Self.ddl)
        try world.write(
            """
            INSERT INTO client VALUES ('a', 'Anna'), ('b', 'Bo');
            INSERT INTO visit VALUES ('v', 'a', 'first'), ('w', 'b', 'second');
            INSERT INTO photo VALUES ('p', 'v');
            """)
        try world.exchange()
        return world
    }

    @Test(arguments: CaptureWriter.present)
    func whatACascadeDoesIsCapturedLikeAnyWrite_CAP8(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(
            by: writer,
            "PRAGMA foreign_keys = ON; DELETE FROM client WHERE id = 'a'; UPDATE client SET id = 'c' WHERE id = 'b';")
        #expect(
            try world.captured() == [
                "+client c", "-client a", "-client b", "-visit v", "photo p: visit", "visit w: client",
            ])
        try world.exchange()
        #expect(try world.seen("SELECT id, client FROM visit") == ["w|c"])
    }

    @Test(arguments: CaptureWriter.present)
    func anOrphanEnteredWithForeignKeysOffIsHeldAside_CAP8(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(by: writer, "INSERT INTO visit VALUES ('x', 'nobody', 'orphan');")
        #expect(try world.captured() == ["+visit x"])
        #expect(try world.author.status().aside.map(\.key.display) == ["x"])
        try world.exchange()
        #expect(try world.other.status().aside.map(\.key.display) == ["x"])
        try world.write(by: writer, "INSERT INTO client VALUES ('nobody', 'now somebody');")
        try world.exchange()
        #expect(try world.seen("SELECT note FROM visit WHERE id = 'x'") == ["orphan"])
        #expect(try world.own("SELECT note FROM visit WHERE id = 'x'") == ["orphan"])
        #expect(try world.author.status().aside.isEmpty)
    }

    @Test(arguments: CaptureWriter.present)
    func aParentDeletedUnderALiveChildComesBackAndAPersonIsAsked_CAP8(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(by: writer, "DELETE FROM client WHERE id = 'a';")
        #expect(try world.captured() == ["-client a"])
        #expect(try world.own("SELECT name FROM client WHERE id = 'a'") == ["Anna"])
        #expect(try world.author.conflicts().map(\.kind) == [.inUse])
        try world.exchange()
        try world.write(by: writer, "UPDATE visit SET client = 'b' WHERE id = 'v';")
        try world.exchange()
        #expect(try world.seen("SELECT id FROM client") == ["b"])
        #expect(try world.other.conflicts().isEmpty)
    }

    @Test func aTableOfAProgramWhoseReferencesCannotBeKeptStaysLocal_SCH6_CAP14() throws {
        let world = try CaptureWorld("CREATE TABLE client(id TEXT PRIMARY KEY, phone TEXT UNIQUE);")
        try world.write("INSERT INTO client VALUES ('a', '1'), ('b', '2')")
        let made = """
            CREATE TABLE phone(id TEXT PRIMARY KEY, number TEXT REFERENCES client(phone));
            CREATE TABLE call(id TEXT PRIMARY KEY, phone TEXT REFERENCES phone(id));
            CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id));
            """
        try world.write(made)
        for replica in [world.other, world.hub.replica] { try replica.migrate(running: made) }
        try world.exchange()
        try world.write(
            "INSERT INTO phone VALUES ('e', '1'); INSERT INTO call VALUES ('c', 'e'); INSERT INTO visit VALUES ('v', 'a')"
        )
        #expect(try world.captured() == ["+visit v"])
        let local = try world.author.localTables()
        #expect(local.map(\.table) == ["call", "phone"])
        #expect(local.allSatisfy { $0.reason.contains("a foreign key of table \($0.table)") }, "\(local)")
        try world.exchange()
    }
}
