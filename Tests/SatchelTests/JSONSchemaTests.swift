import Foundation
import GRDB
import SatchelHub
import SatchelModel
import SatchelStore
import Testing

@testable import Satchel

/// Schemas that ask SQLite of JSON, whatever its version (SCH-30).
@Suite final class JSONSchemaTests: ReviewedWorld {
    private static let schema = """
        CREATE TABLE t(
            id TEXT PRIMARY KEY, x TEXT CHECK (x IS NULL OR json_valid(x)), n INTEGER CHECK (n IS NULL OR json_type(x) = 'object'),
            kind TEXT AS (json_extract(x, '$.kind')) STORED, size AS (x ->> '$.size'));
        CREATE INDEX t_tags ON t(json_array(json_extract(x, '$.tags'), 1));
        CREATE UNIQUE INDEX t_one ON t(n) WHERE json_array_length(x) IS NOT 2;
        """

    @Test func aSchemaMayAskOfJSON_SCH30() throws {
        let (hub, all) = try world(Self.schema, "wang", "li")
        let row = #"'{"kind":"shop","size":3,"tags":[1]}'"#
        try run(all[0], "INSERT INTO t(id, x, n) VALUES ('a', \(row), NULL), ('b', NULL, NULL)")
        try sync(hub, all)
        let shown = "SELECT concat FROM (SELECT id || ' ' || kind || ' ' || size AS concat FROM t WHERE id = 'a')"
        for replica in all + [hub.replica] { #expect(try text(replica, shown) == "a shop 3") }
        #expect(throws: DatabaseError.self) { try run(all[1], "INSERT INTO t(id, x) VALUES ('c', 'no JSON')") }
        // Each by itself fits its table, and both together do not: the merge asks the table.
        try run(all[0], "UPDATE t SET x = '[1]' WHERE id = 'a'")
        try run(all[1], "UPDATE t SET n = 2 WHERE id = 'a'")
        try sync(hub, all)
        #expect(try hub.replica.status().aside.count == 1, "its table refuses it")
        for replica in all + [hub.replica] { #expect(try replica.doctor().faults.isEmpty) }
        try expectEqual(hub, all)
    }

    @Test func itIsBackedUpAndCopiedToo_SCH30_CLI64() throws {
        let (hub, all) = try world(Self.schema, "wang")
        try run(all[0], #"INSERT INTO t(id, x) VALUES ('a', '{"kind":"shop","tags":[7]}')"#)
        try sync(hub, all)
        try FileManager.default.createDirectory(atPath: folder + "/back", withIntermediateDirectories: true)
        try hub.backUp(to: folder + "/back/hub.sqlite")
        let back = try Hub.open(at: folder + "/back", anchors: .none)
        #expect(try text(back.replica, "SELECT kind FROM t") == "shop" && back.digest() == hub.digest())
        #expect(try back.replica.doctor().faults.isEmpty)
        let copy = try all[0].duplicate(to: folder + "/copy.db")
        let tags = "SELECT id FROM t WHERE json_array(json_extract(x, '$.tags'), 1) = '[[7],1]'"
        #expect(try text(copy, tags) == "a" && copy.digest() == all[0].digest())
        let mode = try FileManager.default.attributesOfItem(atPath: folder + "/copy.db")[.posixPermissions] as? Int
        #expect(mode == 0o600, "its owner alone may read it")
    }

    /// What a trusted connection answers by SQLite's own functions, ours answers alike.
    @Test func theAnswersAreSQLitesOwn_SCH30() throws {
        let db = try Connection(path: "", mode: .memory)
        let plain = try DatabaseQueue()
        let values = [
            "NULL", "1", "2.5", "''", "'no'", "x'00ff'", "'[1,{\"a\":null}]'", "'{\"a\":[1,\"x\"]}'", "json('[2]')",
            "json_array(1, 9e999)", "json_extract('{\"a\":[3]}', '$.a')", "'$.a'", "json_quote('x')",
            "'[1' || char(0) || ']'",
        ]
        let calls = [
            "json(A)", "json_array(A, B)", "json_array_length(A)", "json_array_length(A, B)", "json_extract(A, B)",
            "json_extract(A, B, '$[0]')", "A -> B", "A ->> B", "json_insert(A, '$.z', B)",
            "json_object('k', A, 'j', B)",
            "json_patch(A, B)", "json_quote(A)", "json_remove(A, B)", "json_replace(A, '$.a', B)",
            "json_set(A, '$.a', B)",
            "json_type(A)", "json_type(A, B)", "json_valid(A)", "json_valid(A, B)", "json_object(A)",
        ]
        for call in calls {
            for a in values {
                for b in values {
                    let one = call.replacing("A", with: "(\(a))").replacing("B", with: "(\(b))")
                    // As JSON within JSON too.
                    let sql = "SELECT quote(\(one)) || typeof(\(one)) || quote(json_array(\(one)))"
                    let mine = Result {
                        let select = try db.statement(sql)
                        defer { select.reset() }
                        return try select.step() ? select.string(0) : ""
                    }
                    let its = Result { try plain.read { try String.fetchOne($0, sql: sql) ?? "" } }
                    #expect(words(mine) == words(its), "\(sql)")
                }
            }
            db.forgetStatements()
        }
    }

    private func words(_ result: Result<String, any Error>) -> String {
        switch result {
        case .success(let text): text
        case .failure(let error as StoreError): "error: \(error.message)"
        case .failure(let error): "error: \((error as? DatabaseError)?.message ?? "")"
        }
    }

    /// The schema is not trusted for that: a view reaches no function that SQLite does not call innocuous.
    @Test func nothingElseMayBeCalledByASchema_SCH30() throws {
        let db = try Connection(path: "", mode: .memory)
        try db.execute(
            "CREATE VIEW v AS SELECT fts3_tokenizer('simple') AS x; CREATE VIEW w AS SELECT json('[ 1 ]') AS x")
        #expect(throws: StoreError.self) { try db.execute("SELECT * FROM v") }
        try db.execute("SELECT * FROM w")
    }
}
