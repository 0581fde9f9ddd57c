import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// Tables and indexes in whatever words SQLite takes them: merging and capturing read them too.
@Suite final class SchemaTextTests: ReviewedWorld {
    @Test func aRemarkBeforeTheColumnsDoesNotStopTheMerge() throws {
        let (hub, all) = try world(
            """
            CREATE TABLE u -- one line for each thing (of both kinds)
            (id TEXT PRIMARY KEY, low INTEGER, high INTEGER, code TEXT UNIQUE, CHECK (low <= high));
            """, "one", "two")
        try run(all[0], "INSERT INTO u VALUES ('x', 1, 9, '1'), ('y', 1, 2, '5')")
        try run(all[1], "INSERT INTO u VALUES ('z', 1, 2, '5')")
        try sync(hub, all)
        try run(all[0], "UPDATE u SET low = 7 WHERE id = 'x'")
        try run(all[1], "UPDATE u SET high = 3")
        try sync(hub, all)
        try expectEqual(hub, all)
    }

    @Test func aConditionAndACheckThatNameTheirTableDoNotStopTheMerge() throws {
        let (hub, all) = try world(
            """
            CREATE TABLE u(id TEXT PRIMARY KEY, gone INTEGER, code TEXT, CHECK (u.gone < 5));
            CREATE UNIQUE INDEX one ON u(code) WHERE u.gone = 0;
            """, "one", "two")
        try run(all[0], "INSERT INTO u VALUES ('x', 0, '1')")
        try run(all[1], "INSERT INTO u VALUES ('y', 0, '1')")
        try sync(hub, all)
        try expectEqual(hub, all)
    }

    @Test func aRemarkBeforeTheConditionDoesNotStopTheCapture() throws {
        let (hub, all) = try world(
            """
            CREATE TABLE u(id TEXT PRIMARY KEY, gone INTEGER, code TEXT);
            CREATE UNIQUE INDEX one ON u(code) -- only where it is there still
            WHERE gone = 0;
            """, "one", "two")
        try run(all[0], "INSERT INTO u VALUES ('x', 0, '1')")
        try run(all[1], "INSERT INTO u VALUES ('y', 0, '1')")
        try sync(hub, all)
        try expectEqual(hub, all)
    }
}
