import GRDB
import Satchel
import SatchelHub
import Testing

/// Columns that another program renames or drops past the library (CAP-11).
@Suite final class RenamedElsewhereTests: ReviewedWorld {
    private static let client =
        "CREATE TABLE client(id TEXT PRIMARY KEY NOT NULL, name TEXT, note TEXT DEFAULT '', street TEXT, town TEXT)"
    private static let directives = """
        -- satchel: policy client.note text
        -- satchel: unit client.address (street, town)
        -- satchel: naturalKey client (name)
        """
    private static let schema = "\(client);\n\(directives)"
    /// As the usual way to change a table does it: the triggers go with the old one.
    private static func rebuilt(_ columns: String, from select: String) -> String {
        "CREATE TABLE n(id TEXT PRIMARY KEY NOT NULL, \(columns)); INSERT INTO n SELECT \(select) FROM client; "
            + "DROP TABLE client; ALTER TABLE n RENAME TO client;"
    }
    private static let byHand = rebuilt("name TEXT, remark TEXT DEFAULT '', road TEXT, town TEXT", from: "*")
    private static let byAlter =
        "ALTER TABLE client RENAME COLUMN note TO remark; ALTER TABLE client RENAME COLUMN street TO road;"

    private func elsewhere(_ replica: Replica, _ sql: String) throws {
        try DatabaseQueue(path: replica.path).writeWithoutTransaction { try $0.execute(sql: sql) }
    }

    private func world() throws -> (Hub, [Replica]) {
        let (hub, devices) = try world(Self.schema, "one", "two")
        try run(
            devices[0],
            "INSERT INTO client VALUES ('a', 'Hengda', 'gate shut', 'Road 1', 'Wuhan'), "
                + "('b', 'Ruifeng', 'calls back', 'Road 2', 'Wuhan'), ('c', 'Tianhe', 'asks', 'Road 3', 'Wuhan'), "
                + "('d', 'Jinxiu', '', 'Road 4', 'Wuhan')")
        try sync(hub, devices)
        return (hub, devices)
    }

    @Test(arguments: [byAlter, byHand]) func aColumnGoesOnAsTheOneThatItWas_CAP11_VER5(how: String) throws {
        let (hub, devices) = try world()
        try run(devices[0], "UPDATE client SET note = 'gate open' WHERE id = 'a'", seal: false)
        try run(devices[1], "UPDATE client SET note = 'calls back, kindly', street = 'Road 22' WHERE id = 'b'")
        try elsewhere(devices[0], how + "UPDATE client SET remark = 'asks twice', name = 'Tianhe Co' WHERE id = 'c'")
        let again = try Replica.open(at: devices[0].path, anchors: .none)
        try sync(hub, [again, devices[1]])
        #expect(
            try text(again, "SELECT id || remark || road FROM client ORDER BY id")
                == "agate openRoad 1 bcalls back, kindlyRoad 22 casks twiceRoad 3 dRoad 4")
        #expect(
            try text(devices[1], "SELECT id || name || note || street FROM client ORDER BY id")
                == "aHengdagate openRoad 1 bRuifengcalls back, kindlyRoad 22 cTianhe Coasks twiceRoad 3 dJinxiuRoad 4")
        try expectEqual(hub, [again, devices[1]])
        #expect(try again.conflicts().isEmpty && again.doctor().faults.isEmpty)
        // What the schema says of the columns is said of them still.
        try run(again, "UPDATE client SET remark = 'gate open on Mondays' WHERE id = 'a'")
        try run(devices[1], "UPDATE client SET note = 'the gate open' WHERE id = 'a'")
        try sync(hub, [again, devices[1]])
        #expect(try text(devices[1], "SELECT note FROM client WHERE id = 'a'") == "the gate open on Mondays")
        try expectEqual(hub, [again, devices[1]])
    }

    /// The others follow through the library, whether its next schema knows of the new names or not.
    @Test(arguments: [true, false]) func theNextSchemaFindsIt_CAP11_VER5_VER6(knows: Bool) throws {
        let (hub, devices) = try world()
        try elsewhere(devices[0], Self.byAlter + "UPDATE client SET remark = 'new' WHERE id = 'a'")
        try devices[0].seal()
        let columns = knows ? "remark TEXT DEFAULT '', road TEXT" : "note TEXT DEFAULT '', street TEXT"
        let names =
            knows ? "-- satchel: renamed client.remark from note\n-- satchel: renamed client.road from street\n" : ""
        let next = """
            -- satchel: version 2
            \(names)-- satchel: policy client.\(knows ? "remark" : "note") text
            -- satchel: unit client.address (\(knows ? "road" : "street"), town)
            CREATE TABLE client(id TEXT PRIMARY KEY NOT NULL, name TEXT, \(columns), town TEXT, phone TEXT);
            """
        for replica in devices + [hub.replica] { try replica.migrate(to: next) }
        try sync(hub, devices)
        for replica in devices + [hub.replica] {
            #expect(
                try text(replica, "SELECT id || \(knows ? "remark || road" : "note || street") FROM client ORDER BY id")
                    == "anewRoad 1 bcalls backRoad 2 casksRoad 3 dRoad 4", "\(replica.name)")
        }
        try expectEqual(hub, devices)
    }

    @Test func itIsRenamedTwiceAndBack_CAP11() throws {
        let (hub, devices) = try world()
        for (old, new) in [("note", "remark"), ("remark", "word"), ("word", "note"), ("id", "number")] {
            try elsewhere(devices[0], "ALTER TABLE client RENAME COLUMN \(old) TO \(new)")
            if old != "id" { try elsewhere(devices[0], "UPDATE client SET \(new) = 'in \(new)' WHERE id = 'a'") }
            try sync(hub, devices)
            #expect(
                try text(devices[1], "SELECT note FROM client WHERE id = 'a'")
                    == (old == "id" ? "in note" : "in \(new)"))
            try expectEqual(hub, devices)
        }
        try elsewhere(devices[0], "INSERT INTO client(number, note) VALUES ('e', 'entered')")
        try sync(hub, devices)
        #expect(try text(devices[1], "SELECT note FROM client WHERE id = 'e'") == "entered")
        try expectEqual(hub, devices)
    }

    /// Nothing tells that the one that came was the one that went: neither is anything lost that stands in the table.
    @Test func whatStandsInATableWithAnotherColumnIsCaptured_CAP10_CAP11() throws {
        let (hub, devices) = try world()
        try run(devices[1], "UPDATE client SET note = 'calls twice' WHERE id = 'b'")
        try elsewhere(
            devices[0],
            Self.rebuilt(
                "name TEXT, level TEXT, street TEXT, town TEXT", from: "id, name, 'level ' || id, street, town")
                + "UPDATE client SET name = 'Hengda Co' WHERE id = 'a'; UPDATE client SET level = NULL WHERE id = 'd'")
        try sync(hub, devices)
        #expect(
            try text(devices[0], "SELECT id || name || ifnull(level, '-') FROM client ORDER BY id")
                == "aHengda Colevel a bRuifenglevel b cTianhelevel c dJinxiu-")
        #expect(
            try text(devices[1], "SELECT id || name || note FROM client ORDER BY id")
                == "aHengda Cogate shut bRuifengcalls twice cTianheasks dJinxiu")
        #expect(try devices[0].doctor().faults.isEmpty)
    }

    /// By SQL of one's own beside the schema, through the library.
    @Test func aColumnIsRenamedBesideTheSchema_CAP11_VER14() throws {
        let (hub, devices) = try world()
        try devices[0].migrate(running: "ALTER TABLE client RENAME COLUMN note TO remark")
        try run(devices[0], "UPDATE client SET remark = 'new' WHERE id = 'a'")
        try sync(hub, devices)
        #expect(try text(devices[1], "SELECT note FROM client WHERE id = 'a'") == "new")
        try expectEqual(hub, devices)
    }
}
