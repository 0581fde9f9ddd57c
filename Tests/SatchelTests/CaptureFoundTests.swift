import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// What a table shows otherwise than it was written is no write of who rebuilds the table (CAP-10).
@Suite final class CaptureFoundTests: ReviewedWorld {
    @Test(arguments: [true, false])
    func aReferenceThatIsShownAsNullIsNotLostByARebuild_MRG43_CAP10(unseen: Bool) throws {
        let (hub, all) = try world(
            """
            -- satchel: reference visit (client) setNull
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT);
            CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), note TEXT);
            """, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('k', 'Hengda'); INSERT INTO visit VALUES ('v', 'k', 'first')")
        try sync(hub, all)
        try run(all[0], "UPDATE visit SET client = NULL; DELETE FROM client")
        try run(all[1], "UPDATE visit SET client = NULL; UPDATE visit SET client = 'k', note = 'x'")
        try run(all[1], "INSERT INTO visit VALUES ('w', 'k', 'second')")
        try sync(hub, all)
        #expect(try text(all[1], "SELECT id || ifnull(client, '-') FROM visit ORDER BY id") == "v- w-")
        let update = "UPDATE visit SET note = 'third' WHERE id = 'w'"
        try force(
            all[1],
            unseen
                ? """
                PRAGMA foreign_keys = OFF; CREATE TABLE made(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), note TEXT);
                INSERT INTO made SELECT * FROM visit; DROP TABLE visit; ALTER TABLE made RENAME TO visit; \(update)
                """ : update)
        try sync(hub, all)
        try expectEqual(hub, all)
        try run(all[0], "INSERT INTO client VALUES ('k', 'Hengda')")
        try sync(hub, all)
        for replica in all {
            #expect(try text(replica, "SELECT ifnull(client, '-') || note FROM visit WHERE id = 'w'") == "kthird")
        }
    }

    /// A merged client whose visit is shown at the survivor; another program rebuilds the table of visits meanwhile.
    @Test(arguments: [true, false])
    func aMergedReferenceIsNotWrittenByARebuild_MRG53_CAP10(unseen: Bool) throws {
        let (hub, one, two) = try pair()
        try one.merge(key("a"), into: key("b"), in: "client")
        try sync(hub, [one, two])
        #expect(try text(two, "SELECT client_id FROM visit") == "b")
        let update = "UPDATE visit SET note = 'seen again'"
        try force(
            two,
            unseen
                ? """
                CREATE TABLE made(id TEXT PRIMARY KEY, client_id TEXT REFERENCES client(id), note TEXT);
                INSERT INTO made SELECT * FROM visit; DROP TABLE visit; ALTER TABLE made RENAME TO visit; \(update)
                """ : update)
        try sync(hub, [one, two])
        try one.unmerge(key("a"), in: "client")
        try sync(hub, [one, two])
        try expectEqual(hub, [one, two])
        let visit = try text(one, "SELECT client_id || note FROM visit")
        #expect(visit == "aseen again")
    }

    /// Another program's table of the same name has another type, and the same shows otherwise there.
    @Test func aValueThatIsShownByAnotherTypeIsNotWrittenByARebuild_VER12_CAP10() throws {
        let (hub, all) = try world(Self.clients, "one", "two")
        func table(_ type: String) -> String { "CREATE TABLE extra(id TEXT PRIMARY KEY, n \(type), v TEXT)" }
        for (replica, type) in zip(all + [hub.replica], ["INTEGER", "TEXT", "INTEGER"]) {
            try force(replica, table(type))
        }
        try run(all[0], "INSERT INTO extra VALUES ('k', 7, 'x')")
        try sync(hub, all)
        try force(
            all[1],
            """
            ALTER TABLE extra RENAME TO was; \(table("TEXT")); INSERT INTO extra SELECT * FROM was; DROP TABLE was;
            UPDATE extra SET v = 'y'
            """)
        try run(all[0], "UPDATE extra SET n = 8")
        try sync(hub, all)
        for replica in all { #expect(try text(replica, "SELECT n || v FROM extra") == "8y") }
        #expect(try all[0].conflicts().isEmpty)
    }

    /// In a unit only what differs from what was displayed is written (MRG-44).
    @Test func besideAReferenceThatIsShownAsNullARebuildWritesItsUnitAsItStands_MRG44_CAP10() throws {
        let (hub, all) = try world(
            """
            -- satchel: reference visit (client) setNull
            -- satchel: unit visit.what (client, kind)
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT);
            CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), kind TEXT);
            """, "one", "two")
        try run(all[0], "INSERT INTO client VALUES ('k', 'Hengda')")
        try sync(hub, all)
        try run(all[0], "DELETE FROM client")
        try run(all[1], "INSERT INTO visit VALUES ('w', 'k', 'call')")
        try sync(hub, all)
        try force(
            all[1],
            """
            CREATE TABLE made(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), kind TEXT);
            INSERT INTO made SELECT * FROM visit; DROP TABLE visit; ALTER TABLE made RENAME TO visit;
            UPDATE visit SET kind = 'mail'
            """)
        try sync(hub, all)
        try run(all[0], "INSERT INTO client VALUES ('k', 'Hengda')")
        try sync(hub, all)
        for replica in all { #expect(try text(replica, "SELECT client || kind FROM visit") == "kmail") }
        try expectEqual(hub, all)
    }
}
