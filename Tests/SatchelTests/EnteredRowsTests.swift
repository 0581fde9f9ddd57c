import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// Rows that were only entered are sealed and taken in many at once, past what is done for any other row. Nobody may be
/// able to tell (CAP-2, MRG-10, EXC-32).
@Suite final class EnteredRowsTests: TwoTablets {
    private static let schema = """
        CREATE TABLE client(id TEXT PRIMARY KEY, code TEXT UNIQUE, above TEXT REFERENCES client(id), note);
        CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT NOT NULL REFERENCES client(id), note, n REAL DEFAULT 2);
        CREATE TABLE pair(a TEXT, b INTEGER, note, PRIMARY KEY (b, a)) WITHOUT ROWID;
        """

    init() throws { try super.init(schema: Self.schema, entering: "INSERT INTO client VALUES ('old', 'x', NULL, 'o')") }

    /// Everybody shows the same, and no replica's clocks differ from its tables.
    private func expectWhole(location: SourceLocation = #_sourceLocation) throws {
        try sync()
        let digest = try a.digest()
        for replica in [a, b, hub.replica] {
            #expect(try replica.digest() == digest, sourceLocation: location)
            let report = try replica.doctor()
            #expect(report.faults.isEmpty && report.rowsCaptured == 0, "\(report)", sourceLocation: location)
        }
    }

    private func rows(_ replica: Replica, _ sql: String) throws -> [String] {
        try replica.read { try String.fetchAll($0, sql: sql) }
    }

    @Test func rowsWithOneNoteAndRowsWithMoreAreSealedTogether_CAP2() throws {
        try run(
            a,
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
            INSERT INTO client SELECT 'c' || i, 'k' || i, CASE WHEN i > 1 THEN 'c' || (i - 1) END, 1.0 * i FROM n;
            INSERT INTO visit(id, client, note) SELECT 'v' || id, id, x'00' FROM client;
            INSERT INTO pair SELECT id, 7, code FROM client;
            UPDATE client SET note = 'changed' WHERE id = 'c7';
            UPDATE client SET code = code WHERE id = 'c8';
            DELETE FROM visit WHERE id IN ('vc9', 'vc10');
            INSERT INTO visit(id, client) VALUES ('vc10', 'c2');
            UPDATE visit SET id = 'moved' WHERE id = 'vc11';
            INSERT OR REPLACE INTO client VALUES ('c12', 'k12', NULL, 'again');
            """)
        try a.seal()
        try expectWhole()
        #expect(try rows(b, "SELECT note FROM client WHERE id IN ('c7', 'c12') ORDER BY id") == ["again", "changed"])
        #expect(
            try rows(b, "SELECT client FROM visit WHERE id IN ('vc9', 'vc10', 'vc11', 'moved') ORDER BY id") == [
                "c11", "c2",
            ])
        #expect(
            try rows(b, "SELECT count(*) || ' ' || min(typeof(note)) FROM visit WHERE note IS NOT NULL") == ["299 blob"]
        )
        #expect(try a.conflicts().isEmpty && b.conflicts().isEmpty)
    }

    @Test func aDeadRowEnteredAgainAmongNewOnesIsSeenToBeThat_MRG10() throws {
        try run(a, "INSERT INTO client VALUES ('c', 'k', NULL, 'first')")
        try sync()
        try run(a, "DELETE FROM client WHERE id = 'c'")
        try sync()
        try run(b, "INSERT INTO client VALUES ('c', 'k', NULL, 'second'), ('d', 'l', 'c', 'new')")
        try expectWhole()
        #expect(try rows(a, "SELECT note FROM client WHERE id IN ('c', 'd') ORDER BY id") == ["second", "new"])
        #expect(try a.conflicts().isEmpty && hub.replica.conflicts().isEmpty)
    }

    @Test func whatDoesNotStandPlainlyIsJudged_MRG20_MRG22() throws {
        try run(a, "INSERT INTO client VALUES ('a1', 'same', NULL, 'a'), ('a2', 'own', 'a1', 'a')")
        try run(b, "INSERT INTO client VALUES ('b1', 'same', NULL, 'b')")
        try b.write { db in
            try db.execute(sql: "INSERT INTO visit(id, client) VALUES ('w', 'b1'), ('u', 'old')")
        }
        try run(a, "DELETE FROM client WHERE id = 'old'")
        try expectWhole()
        #expect(try rows(a, "SELECT id FROM client ORDER BY id") == ["a1", "a2", "old"])
        #expect(try rows(a, "SELECT id FROM visit ORDER BY id") == ["u"])
        #expect(try Set(a.setAside().map(\.key.display)) == ["b1", "w"])
    }

    @Test func rowsOfManyBytesMakeSeveralChangesetsOfOneSeal_EXC32() throws {
        clock.advance(by: 1000)
        try a.write { db in
            for row in 0..<9 {
                try db.execute(
                    sql: "INSERT INTO client VALUES (?, ?, ?, ?)",
                    arguments: [
                        "c\(row)", "k\(row)", row == 0 ? nil : "c\(row - 1)",
                        String(repeating: "长\(row)", count: 1_000_000),
                    ])
            }
        }
        try a.seal()
        let sealed = try a.changesets().filter { $0.head.rows > 0 && $0.head.origin == a.origin }.suffix(3)
        #expect(sealed.map(\.head.more) == [2, 1, 0] && sealed.reduce(0) { $0 + $1.head.rows } == 9)
        try b.have(to: folder + "/have")
        try a.pack(for: folder + "/have", to: folder + "/side")
        #expect(try b.apply(folder + "/side").rows == 9)
        #expect(
            try rows(b, "SELECT substr(note, 1, 2) FROM client WHERE id <> 'old' ORDER BY id")
                == (0..<9).map { "长\($0)" })
        try expectWhole()
    }
}
