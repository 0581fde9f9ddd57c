import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// What a row's fate hangs on beyond its neighbours. Each story was found by a model of which rows are judged together; who
/// heard of it piece by piece must show what one shows who hears of it all at once (MRG-20, MRG-22, MRG-49).
@Suite final class JudgedTogetherTests: WithoutHubWorld {
    private enum Step {
        /// SQL by a program that does not enforce references, and a seal.
        case run(Int, String)
        case give(Int, to: Int)
        case merge(Int, table: String, String, into: String)
    }

    /// Six replicas live through the steps; the seventh hears of all at once.
    ///
    /// - Returns: what the first shows at the end, and lists.
    @discardableResult
    private func play(_ ddl: String, _ steps: [Step]) throws -> [String] {
        let replicas = try replicas(ddl, (1...7).map { "p\($0)" })
        for step in steps {
            switch step {
            case .run(let who, let sql):
                try replicas[who - 1].force(sql)
                try replicas[who - 1].seal()
            case .give(let from, let to): try give(replicas[from - 1], to: replicas[to - 1])
            case .merge(let who, let table, let row, let into):
                try replicas[who - 1].merge(RowKey([.text(row)]), into: RowKey([.text(into)]), in: table)
            }
        }
        try give(replicas[0], to: replicas[6])
        let (piecewise, atOnce) = (try all(replicas[0]), try all(replicas[6]))
        #expect(piecewise == atOnce)
        return piecewise
    }

    /// Every row of every table, then what is set aside with its reason.
    private func all(_ replica: Replica) throws -> [String] {
        let shown = try replica.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'satchel%'
                    AND name NOT LIKE 'sqlite%'
                    """
            ).flatMap { table in try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\(table) \($0)" } }
        }
        return try shown.sorted()
            + replica.setAside().map { "aside \($0.key.display) \($0.kind): \($0.reason)" }.sorted()
    }

    private static let tangle = ScriptData.tangle.ddl
    private static let places = """
        CREATE TABLE p(id TEXT PRIMARY KEY NOT NULL, one INTEGER UNIQUE, two INTEGER UNIQUE, up TEXT REFERENCES p(id));
        """
    private static let checked = """
        -- satchel: reference q (up) setNull
        CREATE TABLE p(id TEXT PRIMARY KEY NOT NULL, spot INTEGER UNIQUE, low INTEGER, high INTEGER,
          up TEXT REFERENCES p(id), CHECK (low <= high));
        CREATE TABLE q(id TEXT PRIMARY KEY NOT NULL, up TEXT REFERENCES p(id) ON DELETE SET NULL,
          CHECK (up IS NOT NULL));
        """

    /// Who corrects a merged row corrects its survivor, and with that what it hangs on.
    @Test func aSurvivorOutsideItsTableHangsOnWhatItsMergedRowNames_MRG20_MRG53_MRG54() throws {
        let shown = try play(
            Self.tangle,
            [
                .run(
                    2,
                    """
                    INSERT INTO knot(id, part, note) VALUES ('p', NULL, 1), ('q', NULL, 1), ('s', 'p', 1), ('m', NULL, 1)
                    """),
                .give(2, to: 3), .give(2, to: 4), .give(2, to: 1),
                .merge(2, table: "knot", "m", into: "s"),
                .run(2, "DELETE FROM knot WHERE id IN ('p', 'q')"), .give(2, to: 1),
                .run(4, "UPDATE knot SET part = 'q' WHERE id = 'm'"), .give(4, to: 1),
                .run(2, "INSERT INTO knot(id, note) VALUES ('q', 9)"), .give(2, to: 1),
            ])
        #expect(shown.filter { $0.hasPrefix("knot") }.count == 2, "q again, and s with it: \(shown)")
    }

    /// A place that is wanted for a value which is displayed as NULL is another's as soon as nobody wants it so.
    @Test func aPlaceThatAHiddenReferenceWantedIsFreeWhenItIsWantedNoMore_MRG22_MRG43() throws {
        try play(
            Self.tangle,
            [
                .run(1, "INSERT INTO tie(id, loose, spot) VALUES ('b', 'd', 0)"),
                .run(2, "INSERT INTO tie(id, loose, spot) VALUES ('c', 'd', 0)"), .give(2, to: 1),
                .run(1, "UPDATE tie SET spot = NULL WHERE id = 'b'"),
            ])
    }

    /// Its table refused it, and does no more; now an older row has its place.
    @Test func aRowThatIsRefusedForAnotherReasonThanBeforeFreesWhoWaited_MRG22_MRG45_MRG49() throws {
        try play(
            Self.checked,
            [
                .run(2, "INSERT INTO p VALUES ('b', 1, 1, 5, 'e')"),
                .run(3, "INSERT INTO p VALUES ('f', NULL, 1, 5, NULL)"),
                .give(3, to: 1), .run(4, "INSERT INTO p VALUES ('e', 1, 1, 5, NULL)"), .give(4, to: 5),
                .run(4, "UPDATE p SET low = 4 WHERE id = 'e'"), .run(5, "UPDATE p SET high = 2 WHERE id = 'e'"),
                .give(5, to: 4), .give(4, to: 1), .give(2, to: 1), .run(3, "UPDATE p SET spot = 1"),
                .run(5, "UPDATE p SET high = 9 WHERE id = 'e'"), .give(3, to: 6), .give(5, to: 6), .give(6, to: 1),
            ])
    }

    /// Who waits for a row whose place hangs on itself is told what it waits for, whoever left the loop.
    @Test func whatWaitsForARowInALoopIsToldWhatBecomesOfIt_MRG22_MRG49() throws {
        try play(
            Self.tangle,
            [
                .run(3, "INSERT INTO knot(id, spot, note) VALUES ('z', 1, 1)"),
                .run(4, "INSERT INTO knot(id, kept, spot, note) VALUES ('o', 'w', 1, 1)"),
                .run(2, "INSERT INTO knot(id, spot, note) VALUES ('w', 1, 1)"),
                .run(2, "INSERT INTO knot(id, kept, spot, note) VALUES ('c', 'w', 2, 1)"),
                .run(1, "INSERT INTO knot(id, spot, note) VALUES ('r', 2, 1)"),
                .give(3, to: 1), .give(4, to: 1), .give(2, to: 1),
                .run(3, "DELETE FROM knot WHERE id = 'z'"), .give(3, to: 1),
            ])
    }

    /// A hidden reference that its table does not take as NULL is one that it cannot be shown without.
    @Test func aParentThatItsTableRefusesIsListedForThatWhoeverNeedsIt_MRG43_MRG49() throws {
        try play(
            Self.checked,
            [
                .run(4, "INSERT INTO p VALUES ('e', NULL, 1, 5, NULL)"), .give(4, to: 5),
                .run(4, "UPDATE p SET low = 4 WHERE id = 'e'"), .run(5, "UPDATE p SET high = 2 WHERE id = 'e'"),
                .run(4, "DELETE FROM p"), .run(5, "DELETE FROM p"),
                .run(2, "INSERT INTO q VALUES ('c', 'e')"), .give(2, to: 1),
                .run(2, "INSERT INTO p VALUES ('x', 1, 1, 5, NULL)"),
                .run(3, "INSERT INTO p VALUES ('y', 1, 1, 5, NULL)"),
                .give(4, to: 1), .give(5, to: 1), .give(2, to: 1), .give(3, to: 1),
            ])
    }

    /// The younger of two has no place, but for a third without which the older would not be there.
    @Test(arguments: ["d", "p"])
    func aShownRowThatComesToHangOnAPlaceIsInTheLoopThatThisCloses_MRG22(pointed: String) throws {
        try play(
            Self.places,
            [
                .run(2, "INSERT INTO p VALUES ('d', NULL, 1, 'p')"),
                .run(2, "INSERT INTO p VALUES ('p', NULL, NULL, NULL)"),
                .run(3, "INSERT INTO p VALUES ('g', 1, 1, NULL)"), .run(4, "INSERT INTO p VALUES ('a', 1, NULL, NULL)"),
                .give(2, to: 1), .give(4, to: 1), .give(3, to: 1), .give(4, to: 2),
                .run(2, "UPDATE p SET up = 'a' WHERE id = '\(pointed)'"), .give(2, to: 1),
            ])
    }

    // MARK: What went at the hub

    private func write(_ world: CleanUpWorld, _ device: String, _ sql: String) throws {
        try world.sql(device, sql)
        try world.replica(device).seal()
    }

    private func up(_ world: CleanUpWorld, _ device: String) throws {
        try world.replica(device).pack(to: world["up"])
        #expect(try world.hub.merge([world["up"]]).failures.isEmpty)
    }

    private func down(_ world: CleanUpWorld, _ device: String) throws {
        try world.hub.pack(for: device, to: world["down"])
        try world.replica(device).apply(world["down"])
    }

    /// The row that a tablet could not show beside another has its place when the hub's snapshot takes that away.
    @Test func whatWasRefusedForARowThatTheHubDroppedIsShown_EXC25_MRG22() throws {
        let world = try CleanUpWorld(["a", "b"], schema: Self.places)
        try world.sql("a", "INSERT INTO p VALUES ('X', NULL, NULL, NULL)")
        try world.sync(["a", "b", "a"])
        try write(world, "a", "INSERT INTO p VALUES ('Q', 1, NULL, 'X')")
        world.clock.advance(by: 100)
        try write(world, "b", "INSERT INTO p VALUES ('P', 1, NULL, NULL)")
        try up(world, "a")
        try down(world, "b")
        #expect(try world.replica("b").setAside().map(\.key.display) == ["P"])
        try write(world, "b", "UPDATE p SET two = 7 WHERE id = 'X'")
        try down(world, "a")
        try write(world, "a", "DELETE FROM p WHERE id IN ('Q', 'X')")
        try up(world, "a")
        try down(world, "b")
        #expect(
            try world.value("b", "SELECT group_concat(id) FROM (SELECT id FROM p ORDER BY id)") == "Q,X", "X is kept")
        try world.hub.retire("b")
        try world.sync(["a", "a"])
        #expect(try world.clean().dropped == 2)
        try down(world, "b")
        #expect(try world.value("b", "SELECT group_concat(id) FROM (SELECT id FROM p ORDER BY id)") == "P,X")
        #expect(try world.replica("b").setAside().isEmpty)
    }

    /// What fell with a row may be what it lacks: the archive gives it as the bin does.
    @Test(arguments: [false, true]) func whatComesBackIsTheSameAfterACleanUp_EXC26_MRG42(cleaned: Bool) throws {
        let world = try CleanUpWorld(
            ["a", "b"],
            schema: """
                -- satchel: reference p (part) cascade
                CREATE TABLE p(id TEXT PRIMARY KEY NOT NULL, note, part TEXT REFERENCES p(id) ON DELETE CASCADE,
                  up TEXT REFERENCES p(id), k TEXT REFERENCES p(id));
                """)
        try world.sql("a", "INSERT INTO p(id, note) VALUES ('Y', 1)")
        try world.sql("a", "INSERT INTO p(id, note, part) VALUES ('X', 1, 'Y')")
        try world.sql("a", "INSERT INTO p(id, note, up, k) VALUES ('Q', 1, 'X', 'Y')")
        try world.sync(["a", "b", "a"])
        try write(world, "b", "UPDATE p SET note = 7 WHERE id = 'X'")
        try write(world, "a", "DELETE FROM p WHERE id IN ('Q', 'X')")
        try write(world, "a", "DELETE FROM p WHERE id = 'Y'")
        try up(world, "a")
        try world.sync(["a", "a"])
        if cleaned {
            try world.hub.retire("b")
            #expect(try world.clean().dropped == 3)
        }
        try world.sync(["b", "a", "b"])
        try world.expectEqual()
        #expect(try world.value("hub", "SELECT group_concat(id) FROM (SELECT id FROM p ORDER BY id)") == "Q,X,Y")
    }
}
