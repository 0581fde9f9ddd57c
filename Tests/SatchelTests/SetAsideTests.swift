import Foundation
import GRDB
import Satchel
import SatchelModel
import SatchelStore
import Testing

/// Rows that their table cannot take: UNIQUE, CHECK, NOT NULL (MRG-22, MRG-45, MRG-49).
@Suite final class SetAsideTests: WithoutHubWorld {
    private func run(_ replica: Replica, _ sql: String) throws {
        try replica.write { try $0.execute(sql: sql) }
        try replica.seal()
    }

    private func ids(_ replica: Replica, _ table: String = "u") throws -> [String] {
        try replica.read { try String.fetchAll($0, sql: "SELECT id FROM \(table) ORDER BY id") }
    }

    private func aside(_ replica: Replica) throws -> [String] {
        try replica.setAside().map { "\($0.key.display) \($0.kind): \($0.reason)" }
    }

    @Test func threeThatClashPairwiseOverTwoIndexesAreJudgedAlikeInWhateverOrderTheyCame_MRG22() throws {
        let ddl = "CREATE TABLE u(id TEXT PRIMARY KEY, one TEXT UNIQUE, two TEXT UNIQUE);"
        let authors = try replicas(ddl, ["a", "b", "c"])
        let rows = ["('a', '1', 'x')", "('b', '1', '2')", "('c', 'y', '2')"]
        for (author, row) in zip(authors, rows) { try run(author, "INSERT INTO u VALUES \(row)") }
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        for order in orders {
            let reader = try authors[order[0]].duplicate(to: "\(folder)/reader-\(order)")
            for index in order.dropFirst() { try give(authors[index], to: reader) }
            #expect(try ids(reader) == ["a", "c"], "b gives way to a, so that c has its place: \(order)")
            try run(reader, "UPDATE u SET one = 'free' WHERE id = 'a'")
            #expect(try ids(reader) == ["a", "b"], "now b has what a left, and c gives way to it: \(order)")
            try run(reader, "DELETE FROM u WHERE id = 'b'")
            #expect(try ids(reader) == ["a", "c"], "\(order)")
            #expect(try aside(reader).isEmpty)
            try reader.close()
        }
    }

    /// Many new rows are put into their table together; one of them it does not take.
    @Test(arguments: [1, 16, 17, 32, 40]) func oneOfManyNewRowsHoldsNoOtherUp_MRG22_MRG45(number: Int) throws {
        let replicas = try replicas("CREATE TABLE u(id TEXT PRIMARY KEY, code TEXT UNIQUE);", ["a", "b"])
        func name(_ number: Int) -> String { number < 10 ? "n0\(number)" : "n\(number)" }
        try run(replicas[0], "INSERT INTO u VALUES ('first', 'code \(number)')")
        let rows = (1...40).map { "('\(name($0))', 'code \($0)')" }.joined(separator: ", ")
        try run(replicas[1], "INSERT INTO u VALUES \(rows)")
        try give(replicas[1], to: replicas[0])
        try give(replicas[0], to: replicas[1])
        for replica in replicas {
            #expect(try ids(replica) == ["first"] + (1...40).filter { $0 != number }.map(name))
            let words = "\(name(number)) refused: its table refuses it: UNIQUE constraint failed: u.code"
            #expect(try aside(replica) == [words])
        }
        try run(replicas[0], "UPDATE u SET code = 'another' WHERE id = 'first'")
        try give(replicas[0], to: replicas[1])
        for replica in replicas { #expect(try ids(replica).count == 41 && aside(replica).isEmpty) }
        #expect(try replicas[0].digest() == replicas[1].digest())
    }

    @Test func aPlaceIsComparedByTheIndexAndItsCondition_MRG22() throws {
        let ddl = """
            CREATE TABLE u(id TEXT PRIMARY KEY, code TEXT COLLATE NOCASE UNIQUE, tag TEXT, gone INTEGER);
            CREATE UNIQUE INDEX tags ON u(tag) WHERE gone = 0;
            """
        let replicas = try replicas(ddl, ["a", "b"])
        try run(replicas[0], "INSERT INTO u VALUES ('a1', 'abc', 'x', 0), ('a2', NULL, 'y', 1), ('a3', NULL, 'z', 0)")
        try run(replicas[1], "INSERT INTO u VALUES ('b1', 'ABC', 'v', 0), ('b2', NULL, 'y', 0), ('b3', NULL, 'z', 0)")
        try give(replicas[0], to: replicas[1])
        try give(replicas[1], to: replicas[0])
        for replica in replicas {
            #expect(try ids(replica) == ["a1", "a2", "a3", "b2"])
            #expect(
                try aside(replica) == [
                    "b1 refused: its table refuses it: UNIQUE constraint failed: u.code",
                    "b3 refused: its table refuses it: UNIQUE constraint failed: u.tag",
                ])
        }
        try run(replicas[0], "UPDATE u SET gone = 1 WHERE id = 'a3'")
        try give(replicas[0], to: replicas[1])
        #expect(try ids(replicas[1]) == ["a1", "a2", "a3", "b2", "b3"])
        #expect(try replicas[0].digest() == replicas[1].digest())
    }

    @Test func aRowThatOnlyAMergeMadeWrongIsHeldAsideEverywhereUntilItIsRight_MRG45_MRG49() throws {
        let ddl = "CREATE TABLE u(id TEXT PRIMARY KEY, low INTEGER, high INTEGER, CHECK (low <= high));"
        let replicas = try replicas(ddl, ["a", "b"])
        try run(replicas[0], "INSERT INTO u VALUES ('u', 1, 9), ('v', 1, 2)")
        try give(replicas[0], to: replicas[1])
        try run(replicas[0], "UPDATE u SET low = 7 WHERE id = 'u'; UPDATE u SET high = 3 WHERE id = 'v'")
        try run(replicas[1], "UPDATE u SET high = 3 WHERE id = 'u'")
        try give(replicas[0], to: replicas[1])
        try give(replicas[1], to: replicas[0])
        for replica in replicas {
            #expect(try ids(replica) == ["v"], "the rest goes on (P15)")
            let held = try #require(try replica.setAside().first)
            #expect(held.kind == .refused && held.reason.contains("CHECK constraint failed"))
            #expect(zip(held.columns, held.values).map { "\($0)=\($1.display)" } == ["id=u", "low=7", "high=3"])
            #expect(held.authors.count == 3, "the changesets under which it is held")
            #expect(try replica.retryAside() == 0, "trying again changes nothing by itself")
        }
        #expect(try replicas[0].digest() == replicas[1].digest())
        // Another version of the schema takes it, and it is tried without being asked.
        try replicas[0].migrate(
            running: """
                CREATE TABLE satchelless(id TEXT PRIMARY KEY, low INTEGER, high INTEGER);
                INSERT INTO satchelless SELECT * FROM u; DROP TABLE u; ALTER TABLE satchelless RENAME TO u;
                """)
        #expect(try ids(replicas[0]) == ["u", "v"])
        #expect(try aside(replicas[0]).isEmpty)
    }

    @Test func aRowThatItsTableRefusesIsListedForThatAlsoWhileAnotherIsNotHere_MRG49() throws {
        let ddl = """
            CREATE TABLE top(id TEXT PRIMARY KEY);
            CREATE TABLE u(id TEXT PRIMARY KEY, low INTEGER, high INTEGER, top TEXT REFERENCES top(id), CHECK (low <= high));
            CREATE TABLE part(id TEXT PRIMARY KEY, u TEXT REFERENCES u(id));
            """
        let replicas = try replicas(ddl, ["a", "b"])
        try run(replicas[0], "INSERT INTO top VALUES ('t'); INSERT INTO u VALUES ('u', 1, 9, 't'), ('v', 1, 9, 't')")
        try run(replicas[0], "INSERT INTO part VALUES ('p', 'u'), ('q', 'v')")
        try give(replicas[0], to: replicas[1])
        try run(replicas[0], "UPDATE u SET low = 7 WHERE id = 'u'")
        var unchecked = Configuration()
        unchecked.foreignKeysEnabled = false
        let program = try DatabaseQueue(path: "\(folder)/b", configuration: unchecked)
        try program.write { try $0.execute(sql: "UPDATE u SET high = 3, top = 'x' WHERE id = 'u'") }
        try program.write { try $0.execute(sql: "UPDATE u SET top = 'x' WHERE id = 'v'") }
        try program.close()
        try replicas[1].seal()
        try give(replicas[0], to: replicas[1])
        try give(replicas[1], to: replicas[0])
        for replica in replicas {
            let listed = try aside(replica).map { $0.prefix { $0 != ":" } }.sorted()
            #expect(listed == ["p waiting", "q waiting", "u refused", "v waiting"], "\(replica.name)")
        }
    }

    @Test func whatWaitsForARefusedRowWaitsAndComesWithIt_MRG20_MRG22() throws {
        let ddl = """
            CREATE TABLE u(id TEXT PRIMARY KEY, code TEXT UNIQUE);
            CREATE TABLE part(id TEXT PRIMARY KEY, u TEXT REFERENCES u(id), code TEXT UNIQUE);
            """
        let replicas = try replicas(ddl, ["a", "b", "c"])
        try run(replicas[0], "INSERT INTO u VALUES ('a', '1')")
        try run(replicas[1], "INSERT INTO u VALUES ('b', '1'); INSERT INTO part VALUES ('pb', 'b', '7')")
        try run(replicas[2], "INSERT INTO u VALUES ('c', '2'); INSERT INTO part VALUES ('pc', 'c', '7')")
        try give(replicas[1], to: replicas[2])
        #expect(try ids(replicas[2], "part") == ["pb"], "the older part has its place")
        try give(replicas[0], to: replicas[2])
        #expect(try ids(replicas[2], "part") == ["pc"], "its row was put aside, and so it leaves the place")
        #expect(
            try aside(replicas[2]) == [
                "pb waiting: a row that it refers to is not here",
                "b refused: its table refuses it: UNIQUE constraint failed: u.code",
            ])
        try run(replicas[2], "UPDATE u SET code = '3' WHERE id = 'a'")
        #expect(try ids(replicas[2], "part") == ["pb"])
        #expect(try ids(replicas[2]) == ["a", "b", "c"])
    }

    /// The pages that are visited to find the one row that waits for a refused one, beside others that wait for another.
    private func pages(besideWaiting count: Int) throws -> Int {
        let ddl = """
            CREATE TABLE u(id TEXT PRIMARY KEY, phone TEXT UNIQUE);
            CREATE TABLE visit(id TEXT PRIMARY KEY, u TEXT REFERENCES u(id));
            """
        let replicas = try replicas(ddl, ["first\(count)", "second\(count)"])
        try run(replicas[0], "INSERT INTO u VALUES ('a', '1'), ('k', '2')")
        try run(replicas[1], "INSERT INTO u VALUES ('b', '1'), ('c', '2')")
        try replicas[1].write { db in
            try db.execute(sql: "INSERT INTO visit VALUES ('w', 'c')")
            for visit in 0..<count {
                try db.execute(sql: "INSERT INTO visit VALUES (?, 'b')", arguments: ["v\(visit)"])
            }
        }
        try give(replicas[1], to: replicas[0])
        #expect(try aside(replicas[0]).count == count + 3)
        return try replicas[0].withEngine { engine in
            let store = engine.store
            let table = try #require(store.layout(named: "u")?.id)
            let before = try store.db.pagesVisited()
            let waiting = try store.waiting(for: store.rowHash(table, RowKey([.text(Array("c".utf8))])))
            let pages = try store.db.pagesVisited() - before
            #expect(waiting.map(\.key.display) == ["w"])
            return pages
        }
    }

    @Test func whoWaitsForARowIsFoundWithoutLookingAtAllThatWait_MRG22() throws {
        let (few, many) = try (pages(besideWaiting: 20), pages(besideWaiting: 2000))
        #expect(many < few + 20, "\(few) pages beside 20, \(many) beside 2000")
    }
}
