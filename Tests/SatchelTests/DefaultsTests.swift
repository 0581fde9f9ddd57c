import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

/// What a column holds where nobody wrote it: its default, in whatever form the DDL says it (CAP-11, MRG-7).
@Suite final class DefaultsTests: ReviewedWorld {
    /// What is shown and what is set aside.
    private func everything(_ replica: Replica, _ sql: String) throws -> String {
        let aside = try replica.setAside().map { "\($0.key.display) \($0.kind)" }
        return try text(replica, sql) + " / " + aside.joined(separator: ", ")
    }

    @Test(arguments: [
        ("TEXT DEFAULT 'new'", "done"), ("TEXT COLLATE NOCASE DEFAULT 'new'", "NEW"),
        ("TEXT DEFAULT '(open)'", "done"), ("TEXT DEFAULT ('open')", "done"),
    ])
    func whatIsWrittenIntoAColumnThatWasAddedIsCaptured_CAP11(type: String, value: String) throws {
        let world = try CaptureWorld("CREATE TABLE t(id TEXT PRIMARY KEY, v);")
        try world.write("INSERT INTO t VALUES ('a', 1), ('b', 2)")
        try world.exchange()
        try world.write("ALTER TABLE t ADD COLUMN s \(type); UPDATE t SET s = '\(value)' WHERE id = 'a'")
        #expect(try world.captured() == ["t a: s"])
    }

    @Test(arguments: [
        ("DEFAULT open", "done"), ("DEFAULT \"open\"", "done"), ("DEFAULT v", "done"), ("DEFAULT \"v\"", "done"),
        ("DEFAULT 'CURRENT_STOCK'", "done"), ("DEFAULT NULL", "done"), ("DEFAULT -5", "done"),
        ("DEFAULT x'00'", "done"),
        ("DEFAULT true", "done"), ("DEFAULT 'a''b'", "done"),
    ])
    func aDefaultInWhateverFormIsCaptured_CAP11(type: String, value: String) throws {
        let world = try CaptureWorld("CREATE TABLE t(id TEXT PRIMARY KEY, v);")
        try world.write("INSERT INTO t VALUES ('a', 1), ('b', 2)")
        try world.exchange()
        try world.write("ALTER TABLE t ADD COLUMN s TEXT \(type); UPDATE t SET s = '\(value)' WHERE id = 'a'")
        #expect(try world.captured() == ["t a: s"])
    }

    @Test(arguments: ["open", "\"open\"", "v"])
    func aDefaultThatIsAWordIsTaken_CAP11(value: String) throws {
        let (hub, all) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v, s TEXT DEFAULT \(value));", "one")
        try run(all[0], "INSERT INTO t(id) VALUES ('a')")
        try sync(hub, all)
        let held = value == "v" ? "v" : "open"
        #expect(try text(all[0], "SELECT s FROM t") == held)
    }

    @Test(arguments: ["TEXT NOT NULL DEFAULT '(open)'", "TEXT DEFAULT '(open)'", "TEXT NOT NULL DEFAULT 'open'"])
    func allShowTheDefaultOfAColumnThatAllGot_MRG7(type: String) throws {
        let (hub, all) = try world("CREATE TABLE t(id TEXT PRIMARY KEY, v);", "one", "two", "three")
        try run(all[0], "INSERT INTO t VALUES ('a', 1)")
        try sync(hub, all)
        for replica in all[..<2] + [hub.replica] { try force(replica, "ALTER TABLE t ADD COLUMN s \(type)") }
        // Of the third the column is not known.
        try run(all[2], "INSERT INTO t VALUES ('b', 2)")
        try sync(hub, all)
        #expect(
            try everything(all[0], "SELECT id || ifnull(s, '-') FROM t ORDER BY id") == "a(open) b(open) / "
                || !type.contains("("))
        #expect(try all[0].setAside().isEmpty)
        let shown = try all[..<2].map { try text($0, "SELECT quote(s) FROM t ORDER BY id") }
        #expect(Set(shown).count == 1 && Set(shown[0].split(separator: " ")).count == 1, "\(shown)")
    }

    /// A row was deleted before the column came: its old form is kept with what the column would have held.
    @Test(arguments: ["open", "'(open)'", "('open')"])
    func aRowThatWentBeforeAColumnCameIsADeletion_CAP11(value: String) throws {
        let world = try CaptureWorld("CREATE TABLE t(id TEXT PRIMARY KEY, v);")
        try world.write("INSERT INTO t VALUES ('a', 1), ('b', 2)")
        try world.exchange()
        let added = "ALTER TABLE t ADD COLUMN s TEXT DEFAULT \(value)"
        try world.write("DELETE FROM t WHERE id = 'a'; \(added)")
        for replica in [world.other, world.hub.replica] { try replica.migrate(running: added) }
        #expect(try world.captured() == ["-t a"])
        try world.exchange()
    }

    @Test(arguments: ["'(none)'", "'none'", "none", "(0)"])
    func anOldDeviceShowsRowsThatLackAColumnWithADefault_MRG7(value: String) throws {
        let (_, old, _) = try withoutColumn(value)
        let shown = try everything(old, "SELECT name FROM t")
        #expect(shown == "Hengda / ")
    }

    /// Each device would compute another: it shows none, and the row once it has moved too.
    @Test(arguments: ["CURRENT_TIMESTAMP", "(datetime('now'))", "(current_date || '')"])
    func anOldDeviceHoldsARowAsideThatLacksAComputedDefault_MRG7(value: String) throws {
        let (hub, old, second) = try withoutColumn(value)
        #expect(try everything(old, "SELECT name FROM t") == " / a refused")
        for replica in [old, hub.replica] { try replica.migrate(to: second) }
        #expect(try everything(old, "SELECT name FROM t") == "Hengda / ")
        try sync(hub, [old])
        try expectEqual(hub, [old])
    }

    /// A row of a device that dropped a column, and one that has it still.
    private func withoutColumn(_ value: String) throws -> (Hub, Replica, String) {
        let first =
            "-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY, name TEXT, s TEXT NOT NULL DEFAULT \(value));"
        let second = "-- satchel: version 2\n-- satchel: dropped t.s\nCREATE TABLE t(id TEXT PRIMARY KEY, name TEXT);"
        let (hub, all) = try world(first, "old", "new")
        try all[1].migrate(to: second)
        try run(all[1], "INSERT INTO t VALUES ('a', 'Hengda')")
        try sync(hub, all)
        return (hub, all[0], second)
    }

    @Test(arguments: [
        ("'(open)'", true), ("open", true), ("(datetime('now'))", false), ("/* now */ CURRENT_DATE", false),
    ])
    func aColumnIsAddedUnlessItsDefaultIsComputed_VER8(value: String, taken: Bool) throws {
        let (_, all) = try world("-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY);", "one")
        try run(all[0], "INSERT INTO t VALUES ('a')")
        func migrate() throws {
            try all[0].migrate(
                to: "-- satchel: version 2\nCREATE TABLE t(id TEXT PRIMARY KEY, s TEXT NOT NULL DEFAULT \(value));")
        }
        if taken { try migrate() } else { #expect(throws: SchemaError.self) { try migrate() } }
        #expect(try all[0].changesets().count == 1)
    }
}
