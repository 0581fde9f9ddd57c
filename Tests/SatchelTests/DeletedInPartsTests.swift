import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// What was deleted at once fell together, in however many changesets it is sealed (MRG-42).
@Suite final class DeletedInPartsTests: ReviewedWorld {
    /// A district with more visits than a changeset holds, on two devices.
    private func district() throws -> (hub: Hub, all: [Replica]) {
        let (hub, all) = try world(
            """
            CREATE TABLE district(id TEXT PRIMARY KEY, name TEXT);
            CREATE TABLE visit(id TEXT PRIMARY KEY, district TEXT REFERENCES district(id) ON DELETE CASCADE);
            """, "one", "two")
        try run(
            all[0],
            """
            INSERT INTO district VALUES ('k', 'North');
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50010)
            INSERT INTO visit SELECT printf('%06d', i), 'k' FROM n
            """)
        try sync(hub, all)
        return (hub, all)
    }

    /// One stroke that deletes more rows than a changeset holds.
    @Test(arguments: ["row", "changeset"])
    func oneStrokeThatDeletedADistrictIsTakenBackByOne_MRG42_MRG47(by what: String) throws {
        let (hub, all) = try district()
        let before = try all[0].changesets().count
        try run(all[0], "DELETE FROM district")
        let deleted = try all[0].changesets().dropFirst(before)
        if what == "row" {
            try all[0].undo(table: "district", key: key("k"))
        } else {
            try all[0].undo(changeset: "\(try #require(deleted.first).dot)")
        }
        let visits = try text(all[0], "SELECT count(*) || '' FROM visit")
        #expect(deleted.count == 2 && visits == "50010", "of \(deleted.count) changesets")
        try sync(hub, all)
        #expect(try text(all[1], "SELECT count(*) || '' FROM visit") == "50010")
        try expectEqual(hub, all)
    }

    /// An answer keeps them in as many; taken back, all of them are asked about again.
    @Test(arguments: [false, true]) func anAnswerInPartsIsTakenBackWhole_MRG46_INB8_EXC32(atHub: Bool) throws {
        let (hub, all) = try district()
        try run(all[0], "DELETE FROM district")
        try run(all[1], "UPDATE district SET name = 'South'")
        try sync(hub, all)
        let conflict = try #require(try all[0].conflicts().first)
        try all[0].resolve(conflict.id, keep: 1)
        if atHub { try sync(hub, all) }
        try (atHub ? hub.replica : all[0]).undoDecision(conflict.id)
        try sync(hub, all)
        #expect(try all[1].conflicts().map(\.id) == [conflict.id])
        #expect(try text(all[1], "SELECT count(*) || '' FROM visit") == "50010")
        try all[1].resolve(conflict.id, keep: 2)
        try sync(hub, all)
        for replica in all + [hub.replica] {
            #expect(try text(replica, "SELECT count(*) || '' FROM visit") == "0" && replica.conflicts().isEmpty)
        }
        try expectEqual(hub, all)
    }

    /// Of a tree each changeset may delete what stands above its rows, before that is deleted itself or after.
    @Test func aTreeThatWasDeletedAtOnceComesBackWhole_MRG42() throws {
        let (_, all) = try world(
            """
            CREATE TABLE place(id TEXT PRIMARY KEY, above TEXT REFERENCES place(id) ON DELETE CASCADE);
            CREATE INDEX below ON place(above);
            """, "one")
        try run(
            all[0],
            """
            INSERT INTO place VALUES ('m', NULL);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50010)
            INSERT INTO place SELECT printf('%s%06d', CASE WHEN i % 2 THEN 'a' ELSE 'z' END, i), 'm' FROM n
            """)
        try run(all[0], "DELETE FROM place")
        try all[0].undo(table: "place", key: key("m"))
        #expect(try text(all[0], "SELECT count(*) || '' FROM place") == "50011")
    }

    /// So what an answer deletes, which another takes back from the bin, or as a decision.
    @Test(arguments: ["row", "decision at the hub"])
    func anAnswerThatDeletesADistrictIsTakenBackByOne_MRG42_MRG46_INB8(by what: String) throws {
        let (hub, all) = try district()
        try run(all[0], "DELETE FROM district")
        try run(all[1], "UPDATE district SET name = 'South'")
        try sync(hub, all)
        let id = try #require(try all[0].conflicts().first?.id)
        let before = try all[0].changesets().count
        try all[0].resolve(id, keep: 2)
        #expect(try all[0].changesets().count == before + 2)
        #expect(try text(all[0], "SELECT count(*) || '' FROM visit") == "0")
        try sync(hub, all)
        if what == "row" {
            try all[1].undo(table: "district", key: key("k"))
        } else {
            try hub.replica.undoDecision(id)
        }
        try sync(hub, all)
        for replica in all {
            #expect(try text(replica, "SELECT count(*) || name FROM visit, district") == "50010South")
            #expect(try replica.conflicts().map(\.kind) == (what == "row" ? [] : [.deleted]))
        }
        try expectEqual(hub, all)
    }
}
