import SatchelHub
import SatchelModel
import Testing

@testable import Satchel

/// Rows that only change are written without the others. In these cases more hangs on what changed than the row itself.
@Suite struct QuietRowTests {
    @Test func aCheckMayHangOnAReferenceShownAsNullWhateverColumnChanges_MRG43() throws {
        let world = try CaptureWorld(
            """
            CREATE TABLE p(id TEXT PRIMARY KEY);
            -- satchel: reference t (a) setNull
            -- satchel: reference t (b) setNull
            CREATE TABLE t(
              id TEXT PRIMARY KEY, a TEXT REFERENCES p(id), b TEXT REFERENCES p(id), status TEXT,
              CHECK (b IS NOT NULL OR status <> 'final'));
            """)
        try world.write("INSERT INTO p VALUES ('A'), ('B'); INSERT INTO t VALUES ('r', 'A', 'B', 'draft')")
        try world.exchange()
        try world.write("DELETE FROM p WHERE id = 'A'")
        try world.exchange()
        #expect(try world.seen("SELECT id, a IS NULL, b, status FROM t") == ["r|1|B|draft"])
        try world.write("UPDATE t SET status = 'final' WHERE id = 'r'")
        try world.exchange()
        #expect(try world.seen("SELECT id FROM t") == [], "it would not be taken without b, and so falls with A")
    }

    @Test func aTableWithAWordOfItsOwnForNullIsNotAsked_MRG45() throws {
        let world = try CaptureWorld(
            "-- satchel: version 1\nCREATE TABLE t(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT);")
        try world.write("INSERT INTO t VALUES ('1', 'n', '5')")
        try world.exchange()
        try world.hub.replica.migrate(
            to: """
                -- satchel: version 2
                CREATE TABLE t(
                  id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT NOT NULL ON CONFLICT REPLACE DEFAULT 'none');
                """)
        try world.write("UPDATE t SET phone = NULL WHERE id = '1'")
        try world.author.pack(to: world.folder + "/up")
        #expect(try world.hub.merge([world.folder + "/up"]).merged.map(\.outcome) == [.applied])
        let aside = try world.hub.replica.setAside()
        #expect(aside.count == 1 && aside[0].reason.contains("phone"), "\(aside)")
        try world.write("UPDATE t SET phone = '7' WHERE id = '1'")
        try world.exchange()
        #expect(try world.hub.replica.setAside().isEmpty)
        #expect(try world.seen("SELECT phone FROM t") == ["7"])
    }

    @Test func manyChangesOfOneRowEndAsIfEachHadBeenJudgedWithTheRest_MRG8() throws {
        let world = try CaptureWorld(
            "CREATE TABLE t(id TEXT PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT, code TEXT UNIQUE);")
        try world.write("INSERT INTO t VALUES ('1', 'a', 'b', 'c', 'd', 'x'), ('2', 'a', 'b', 'c', 'd', 'y')")
        try world.exchange()
        for step in 0..<12 {
            let column = ["a", "b", "c", "d"][step % 4]
            try world.write("UPDATE t SET \(column) = '\(step)' WHERE id = '\(step % 2 + 1)'")
            if step % 3 == 2 { try world.exchange() }
        }
        try world.write("UPDATE t SET code = 'z', a = 'with it' WHERE id = '1'; UPDATE t SET code = 'x' WHERE id = '2'")
        try world.exchange()
        #expect(
            try world.seen("SELECT a, b, c, d, code FROM t ORDER BY id") == ["with it|b|10|d|z", "a|9|c|11|x"])
        #expect(try world.hub.verify().faults.isEmpty)
    }

    private struct Enough: Error {}

    /// How many rows of what the author wrote last come under work together at the other replica.
    private func rowsUnderWork(_ world: CaptureWorld) throws -> Int {
        try world.author.seal()
        let sealed = try #require(try world.author.changesets().last)
        var count = 0
        #expect(throws: Enough.self) {
            try world.other.withEngine { engine in
                try engine.transaction {
                    let batch = engine.newBatch()
                    try engine.applyContent(sealed, as: engine.store.dotID(sealed), batch: batch)
                    count = batch.rows.count
                    throw Enough()
                }
            }
        }
        return count
    }

    @Test(arguments: [
        ("a = 'x', b = 'y'", 0), ("n = 7", 0), ("code = 'z'", 1), ("p = NULL", 1), ("a = 'x', p = 'q'", 1),
    ])
    func onlyWhatNothingElseHangsOnGoesPastTheBatch(change: String, rows: Int) throws {
        let world = try CaptureWorld(
            """
            CREATE TABLE p(id TEXT PRIMARY KEY);
            -- satchel: policy t.n counter
            CREATE TABLE t(
              id TEXT PRIMARY KEY, a TEXT, b TEXT, n INTEGER NOT NULL DEFAULT 0, code TEXT UNIQUE,
              p TEXT REFERENCES p(id));
            """)
        try world.write("INSERT INTO p VALUES ('p'), ('q')")
        try world.write("INSERT INTO t VALUES ('1', 'a', 'b', 0, 'c', 'p'), ('2', 'a', 'b', 0, 'd', 'p')")
        try world.exchange()
        try world.write("UPDATE t SET \(change) WHERE id = '1'")
        #expect(try rowsUnderWork(world) == rows)
        try world.exchange()
    }
}
