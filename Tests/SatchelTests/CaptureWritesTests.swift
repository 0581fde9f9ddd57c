import GRDB
import Satchel
import SatchelTesting
import SatchelWire
import Testing

/// Any program writes, and the other replica has it (CAP-1 to CAP-5, CAP-15).
@Suite struct CaptureWritesTests {
    static let ddl = """
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT, city TEXT DEFAULT 'x', code TEXT UNIQUE);
        """
    static let first = """
        INSERT INTO client(id, name, phone) VALUES ('a', 'Anna', '1'), ('b', 'Bo', '2'), ('c', 'Ci', '3');
        """

    private func world() throws -> CaptureWorld {
        let world = try CaptureWorld(Self.ddl)
        try world.write(Self.first)
        #expect(try world.captured() == ["+client a", "+client b", "+client c"])
        return world
    }

    @Test(arguments: CaptureWriter.present)
    func insertUpdateAndDeleteOfAnyProgramAreCaptured_CAP1(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(
            by: writer,
            """
            INSERT INTO client(id, name) VALUES ('d', 'Dora');
            UPDATE client SET phone = '22' WHERE id = 'b';
            DELETE FROM client WHERE id = 'c';
            """)
        #expect(try world.captured() == ["+client d", "-client c", "client b: phone"])
        try world.exchange()
        #expect(
            try world.seen("SELECT id, name, phone, city FROM client ORDER BY id")
                == ["a|Anna|1|x", "b|Bo|22|x", "d|Dora||x"])
    }

    /// The notes of two writes are moved by an hour, as by a clock that was put right before the seal.
    @Test(arguments: [(-3_600_000, 3_600_000), (3_600_000, 0)])
    func aChangesetTellsTheAgeOfItsWritesByTheClockOfTheMachine_CAP15(moved: Int64, age: Int64) throws {
        let world = try ForkWorld()
        defer { world.remove() }
        let now: Int64 = 1_000_000
        let replica = try Replica.create(
            at: world.path("a"), enrolment: world.authority.enrol(name: "a", displayName: "a"),
            clock: ScriptClock(now), anchors: .none)
        try replica.write { try $0.execute(sql: "INSERT INTO t VALUES ('early', '1')") }
        try DatabaseQueue(path: replica.path).write {
            try $0.execute(sql: "UPDATE satchel_journal SET at = at + \(moved)")
        }
        try replica.write { try $0.execute(sql: "INSERT INTO t VALUES ('late', '1')") }
        try replica.seal()
        let changeset = try #require(try replica.changesets().last)
        // The youngest write dates the changeset by the replica's clock; each row tells how much older it is.
        let youngest = now - changeset.head.reading.milliseconds
        #expect((0...60_000).contains(youngest))
        let ages = try ContentCoding.decode(changeset.content).sections.flatMap(\.ages)
        #expect(ages.count == 2)
        #expect((age...(age + 60_000)).contains(Int64(ages.max() ?? 0)), "\(ages)")
    }

    @Test(arguments: CaptureWriter.present)
    func aWholeRowUpdateThatChangesOneColumnIsOneUnit_CAP4(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(
            by: writer,
            "UPDATE client SET id = 'a', name = 'Anna', phone = '9', city = 'x', code = NULL WHERE id = 'a';")
        #expect(try world.captured() == ["client a: phone"])
        try world.exchange()
        #expect(try world.seen("SELECT phone FROM client WHERE id = 'a'") == ["9"])
    }

    @Test(arguments: CaptureWriter.present)
    func theSameValueAgainIsNoWrite_CAP4(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(by: writer, "UPDATE client SET name = name, phone = '' || phone;")
        #expect(try !world.author.status().isAllAtHub)
        #expect(try world.captured() == [])
    }

    @Test func thereAndBackAgainIsNoWrite_CAP2() throws {
        let world = try world()
        try world.write(
            "UPDATE client SET name = 'Else' WHERE id = 'a'; UPDATE client SET name = 'Anna' WHERE id = 'a';")
        try world.write("INSERT INTO client(id) VALUES ('z'); DELETE FROM client WHERE id = 'z';")
        try world.write(
            "DELETE FROM client WHERE id = 'b'; INSERT INTO client(id, name, phone) VALUES ('b', 'Bo', '2');")
        #expect(try world.captured() == [])
        try world.exchange()
    }

    @Test func theFirstWordOnEachColumnCounts_CAP3() throws {
        let world = try world()
        try world.write(
            """
            UPDATE client SET name = '1' WHERE id = 'a';
            UPDATE client SET name = '2', phone = '7' WHERE id = 'a';
            UPDATE client SET name = 'Anna', city = 'y' WHERE id = 'a';
            """)
        #expect(try world.captured() == ["client a: phone, city"])
        try world.exchange()
    }

    @Test(arguments: CaptureWriter.present)
    func oneStatementOfManyRowsIsCapturedRowByRow_CAP1(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(
            by: writer,
            "UPDATE client SET phone = phone || '0'; DELETE FROM client WHERE id > 'a'; "
                + "INSERT INTO client(id) SELECT 'n' || id FROM client;")
        #expect(try world.captured() == ["+client na", "-client b", "-client c", "client a: phone"])
        try world.exchange()
    }

    @Test(arguments: CaptureWriter.present)
    func whatIsRolledBackWasNeverWritten_CAP1(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(
            by: writer,
            "BEGIN; UPDATE client SET name = 'gone'; DELETE FROM client WHERE id = 'b'; ROLLBACK; "
                + "BEGIN; SAVEPOINT s; DELETE FROM client; ROLLBACK TO s; COMMIT;")
        #expect(try world.author.status().unsealedNotes == 0)
        #expect(try world.captured() == [])
    }

    @Test(arguments: CaptureWriter.present)
    func upsertIsAnInsertOrAnUpdateAsItTurnsOut_CAP5(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(
            by: writer,
            """
            INSERT INTO client(id, name) VALUES ('a', 'New'), ('u', 'Una')
              ON CONFLICT(id) DO UPDATE SET name = excluded.name;
            INSERT INTO client(id, name) VALUES ('b', 'Never'), ('v', 'Vera') ON CONFLICT DO NOTHING;
            """)
        #expect(try world.captured() == ["+client u", "+client v", "client a: name"])
        try world.exchange()
        #expect(
            try world.seen("SELECT name FROM client ORDER BY id") == ["New", "Bo", "Ci", "Una", "Vera"])
    }

    @Test(arguments: CaptureWriter.present)
    func insertOrIgnoreLeavesASuspicionAndNoChange_CAP5(writer: CaptureWriter) throws {
        let world = try world()
        try world.write(by: writer, "INSERT OR IGNORE INTO client(id, name) VALUES ('a', 'Never'), ('w', 'Will');")
        #expect(try world.captured() == ["+client w"])
        try world.write(by: writer, "UPDATE OR IGNORE client SET id = 'a' WHERE id = 'b';")
        #expect(try world.captured() == [])
        try world.exchange()
    }

    @Test func aRefusedStatementLeavesNothing_CAP1() throws {
        let world = try world()
        #expect(try world.write("INSERT INTO client(id) VALUES ('x'), ('a')").contains("UNIQUE"))
        #expect(try world.captured() == [])
    }
}
