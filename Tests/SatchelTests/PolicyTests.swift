import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelTesting
import Testing

/// Policies over the whole path: write, seal, bundle, merge, reply, table.
@Suite final class PolicyTests {
    private let folder = NSTemporaryDirectory() + "satchel-policies-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static let schema = SchemaText(
        """
        CREATE TABLE t(
          id TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, tags TEXT NOT NULL DEFAULT '[]', first, last, note TEXT,
          number, seen);
        CREATE TABLE log(id TEXT PRIMARY KEY, what TEXT);
        """
    )
    .policy(.counter, for: "t", "n").policy(.set, for: "t", "tags").policy(.min, for: "t", "first")
    .policy(.max, for: "t", "last").policy(.text, for: "t", "note").policy(.immutable, for: "t", "number")
    .policy(.lastWriter, for: "t", "seen").appendOnly("log")

    private func world(_ schema: SchemaText = schema, _ names: String...) throws -> (Hub, [Replica]) {
        let hub = try Hub.create(at: folder + "/hub", schema: schema)
        let devices = try names.map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        return (hub, devices)
    }

    private func sync(_ hub: Hub, _ replicas: [Replica], rounds: Int = 2) throws {
        for _ in 0..<rounds {
            for replica in replicas {
                try replica.pack(to: folder + "/up")
                let report = try hub.merge([folder + "/up"], replies: folder + "/replies")
                #expect(report.failures.isEmpty && report.merged[0].outcome != .refused, "\(report)")
                try replica.apply(folder + "/replies/\(replica.name).satchel")
            }
        }
    }

    private func sideways(from: Replica, to: Replica) throws {
        try to.have(to: folder + "/have")
        try from.pack(for: folder + "/have", to: folder + "/side")
        try to.apply(folder + "/side")
    }

    private func expectEqual(_ hub: Hub, _ replicas: [Replica]) throws {
        let digests = try replicas.map { try $0.digest() } + [hub.digest()]
        #expect(Set(digests).count == 1, "\(digests)")
    }

    private func run(_ replica: Replica, _ sql: String) throws { try replica.write { try $0.execute(sql: sql) } }

    private func row(_ replica: Replica, _ columns: String = "*", where id: String = "k") throws -> String {
        try replica.read { db in
            let row = try Row.fetchOne(db, sql: "SELECT \(columns) FROM t WHERE id = ?", arguments: [id])
            return row.map { $0.databaseValues.map { Value($0).display }.joined(separator: "|") } ?? "none"
        }
    }

    @Test func eachPolicyMergesAsItSays_MRG31_MRG32_MRG33_MRG34_MRG35_MRG16() throws {
        let (hub, replicas) = try world(Self.schema, "a", "b", "c")
        let (a, b, c) = (replicas[0], replicas[1], replicas[2])
        try run(a, "INSERT INTO t VALUES ('k', 10, '[\"x\"]', 5, 5, 'one two three', NULL, 'a')")
        try sync(hub, replicas)
        try run(
            a,
            "UPDATE t SET n = n + 1, tags = '[\"x\", \"y\"]', first = 3, last = 3, note = '1 two three', number = 7, seen = 'A'"
        )
        try a.seal()
        try run(
            b,
            "UPDATE t SET n = n + 5, tags = '[\"z\"]', first = 4, last = 9, note = 'one two 3', number = 8, seen = 'B'")
        try b.seal()
        try run(c, "UPDATE t SET n = n - 2")
        try sync(hub, replicas)
        for replica in replicas + [hub.replica] {
            let shown = try row(replica, "n, tags, first, last, note")
            #expect(shown == #"14|["y","z"]|3|9|1 two 3"#)
            #expect(try replica.conflicts().map(\.unit) == ["number"], "immutable is for a person, lastWriter is not")
        }
        try expectEqual(hub, replicas)
        let conflict = try b.conflicts()[0]
        #expect(conflict.candidates.map { $0.values.map(\.display) } == [["7"], ["8"]])
        try b.resolve(conflict.id, keep: 2)
        try sync(hub, replicas)
        #expect(try row(a, "number") == "8")
        try run(c, "UPDATE t SET n = n + 100, tags = '[]', note = note || ' four'")
        try sync(hub, replicas)
        #expect(try row(a, "n, tags, note") == "114|[]|1 two 3 four")
        try expectEqual(hub, replicas)
        // A snapshot carries states too: a device that comes new adds to what it finds.
        let late = try Replica.create(at: folder + "/late.db", enrolment: hub.enrol(name: "late"))
        try sync(hub, [late])
        try run(late, "UPDATE t SET n = n + 1, note = 'zero ' || note")
        try run(a, "UPDATE t SET n = n + 1, note = note || ' five'")
        try sync(hub, replicas + [late], rounds: 3)
        #expect(try row(b, "n, note") == "116|zero 1 two 3 four five")
        try expectEqual(hub, replicas + [late])
    }

    @Test func aNumberThatSomebodyLeftOutIsNotTheFirst_MRG35() throws {
        let (hub, replicas) = try world(Self.schema, "a", "b")
        try run(replicas[0], "INSERT INTO t(id) VALUES ('k')")
        try replicas[0].seal()
        try run(replicas[1], "INSERT INTO t(id, number) VALUES ('k', 'N11')")
        try sync(hub, replicas)
        for replica in replicas + [hub.replica] {
            #expect(try row(replica, "number") == "N11")
            #expect(try replica.conflicts().map(\.unit) == ["number"])
        }
        #expect(throws: (any Error).self, "it is set") { try run(replicas[0], "UPDATE t SET number = 'N27'") }
        try expectEqual(hub, replicas)
    }

    @Test func sidewaysAndUpTheSameAdditionCountsOnce_MRG31() throws {
        let (hub, replicas) = try world(Self.schema, "a", "b", "c")
        try run(replicas[0], "INSERT INTO t(id, n) VALUES ('k', 0)")
        try sync(hub, replicas)
        for step in 1...5 {
            for (index, replica) in replicas.enumerated() {
                try run(replica, "UPDATE t SET n = n + \(step)")
                try sideways(from: replica, to: replicas[(index + 1) % 3])
            }
        }
        try sync(hub, replicas, rounds: 3)
        for replica in replicas { #expect(try row(replica, "n") == "45") }
        try expectEqual(hub, replicas)
    }

    /// The file is copied while additions lie in it that nobody has sealed; both copies seal them.
    @Test(arguments: [0, 1, 2]) func twinsCountWhatWasNotSealedOnce_MRG31_MRG32_CAP16_P10(later: Int) throws {
        let (hub, replicas) = try world(Self.schema, "a", "b")
        let (first, other) = (replicas[0], replicas[1])
        try run(first, "INSERT INTO t(id, n, tags) VALUES ('k', 10, '[\"x\"]')")
        try sync(hub, replicas)
        try run(first, "UPDATE t SET n = n + 1, tags = '[\"x\",\"y\"]'; UPDATE t SET n = n + 2")
        try run(
            first, "INSERT INTO t(id, n, tags) VALUES ('new', 7, '[\"q\"]'); UPDATE t SET n = n + 1 WHERE id = 'new'")
        try first.close()
        try FileManager.default.copyItem(atPath: folder + "/a.db", toPath: folder + "/twin.db")
        let a = try Replica.open(at: folder + "/a.db")
        let twin = try Replica.open(at: folder + "/twin.db")
        // Both seal what lay in the file; one or both went on first.
        if later > 0 { try run(a, "UPDATE t SET n = n + 100") }
        if later > 1 { try run(twin, "UPDATE t SET n = n + 1000") }
        try a.seal()
        try twin.seal()
        try sync(hub, [a, twin, other], rounds: 3)
        let more = [0, 100, 1100][later]
        for replica in [a, twin, other, hub.replica] {
            #expect(try row(replica, "n, tags") == #"\#(13 + more)|["x","y"]"#)
            #expect(try row(replica, "n, tags", where: "new") == #"\#(8 + more)|["q"]"#)
            #expect(try replica.conflicts().isEmpty)
        }
        // What both put in once is taken out at once.
        try run(other, "UPDATE t SET tags = '[]'")
        try sync(hub, [a, twin, other], rounds: 2)
        #expect(try row(a, "tags") == "[]")
        try expectEqual(hub, [a, twin, other])
        // Sealed within one millisecond over the same notes, both changesets are one, and nobody need notice.
        #expect(later == 0 || a.origin != twin.origin)
    }

    @Test func aSetIsWrittenInOneFormAndAnotherFormOfItIsNoWrite_MRG32() throws {
        let (hub, replicas) = try world(Self.schema, "a", "b")
        try run(replicas[0], "INSERT INTO t(id, tags) VALUES ('k', '[\"b\", \"a\", \"b\"]'), ('e', '[ ]')")
        try replicas[0].seal()
        #expect(try row(replicas[0], "tags") == #"["a","b"]"# && row(replicas[0], "tags", where: "e") == "[]")
        let before = try replicas[0].changesets().count
        try run(replicas[0], "UPDATE t SET tags = '[\"b\" ,\"a\"]' WHERE id = 'k'")
        #expect(try replicas[0].seal() == nil && replicas[0].changesets().count == before)
        #expect(try row(replicas[0], "tags") == #"["a","b"]"#)
        try sync(hub, replicas)
        try expectEqual(hub, replicas)
    }

    /// What the shell takes for a set the library can read, whatever is in it.
    @Test(arguments: [
        #"["\ud83d\ude00","\u0000","\ufffd\ufffe\uffff"]"#, "[1e308,-1e-400,9223372036854775807]",
        "[\"😀é\u{FFFD}\u{FFFF}\"]",
        " [ 1 , 1.0 ]\n", #"["ڀnڀ","\/"]"#,
    ]) func whatTheTableTakesForASetCanBeRead_CAP17_MRG32(text: String) throws {
        let (hub, replicas) = try world(Self.schema, "a", "b")
        try run(replicas[0], "INSERT INTO t(id) VALUES ('k')")
        try sync(hub, replicas)
        try run(replicas[0], "UPDATE t SET tags = '\(text)'")
        try run(replicas[1], "UPDATE t SET tags = '[\"of b\"]'")
        try sync(hub, replicas)
        #expect(try replicas[0].conflicts().isEmpty, "two wrote sets, and both are in")
        let count = try replicas[0].read { try Int.fetchOne($0, sql: "SELECT json_array_length(tags) FROM t") }
        #expect(count ?? 0 > 1)
        try expectEqual(hub, replicas)
    }

    @Test func textInConflictIsListedAndDecided_MRG34_MRG38() throws {
        let (hub, replicas) = try world(Self.schema, "a", "b")
        try run(replicas[0], "INSERT INTO t(id, note) VALUES ('k', '客户满意')")
        try sync(hub, replicas)
        try run(replicas[0], "UPDATE t SET note = '客户不满意'")
        try run(replicas[1], "UPDATE t SET note = '客户很满意'")
        try sync(hub, replicas)
        let conflict = try #require(replicas[0].conflicts().first)
        #expect(conflict.unit == "note" && conflict.columns == ["note"] && conflict.candidates.count == 2)
        #expect(conflict.candidates.allSatisfy { $0.values.count == 1 }, "no state is shown (MRG-30)")
        try replicas[0].resolve(conflict.id, values: [.text("客户还算满意")])
        try sync(hub, replicas)
        #expect(try row(replicas[1], "note") == "客户还算满意")
        try expectEqual(hub, replicas)
        let told = try replicas[1].history(table: "t", key: RowKey([.text("k")]))
        #expect(told.filter { $0.unit == "note" }.allSatisfy { $0.columns == ["note"] && $0.new.count == 1 })
    }

    @Test func aDecisionFitsThePolicy_CAP17() throws {
        let plain = SchemaText("CREATE TABLE t(id TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0);")
        let (hub, replicas) = try world(plain, "a", "b")
        try run(replicas[0], "INSERT INTO t VALUES ('k', 5)")
        try sync(hub, replicas)
        try run(replicas[0], "UPDATE t SET n = 7")
        try run(replicas[1], "UPDATE t SET n = 8")
        try sync(hub, replicas)
        for replica in replicas + [hub.replica] { try replica.migrate(schema: plain.policy(.counter, for: "t", "n")) }
        let conflict = try #require(replicas[0].conflicts().first)
        #expect(throws: UsageError.self) { try replicas[0].resolve(conflict.id, values: [.text("many")]) }
        try replicas[0].resolve(conflict.id, values: [.integer(15)])
        try run(replicas[1], "UPDATE t SET n = n + 1")
        try sync(hub, replicas)
        try expectEqual(hub, replicas)
    }

    // MARK: What is refused at the write

    @Test(arguments: CaptureWriter.present)
    func whatAPolicyCannotHoldIsRefusedWhoeverWritesIt_CAP17_SCH18(writer: CaptureWriter) throws {
        let world = try CaptureWorld(Self.schema.text)
        try world.write("INSERT INTO t(id, number) VALUES ('k', 1); INSERT INTO log VALUES ('l', 'x')")
        try world.exchange()
        for (sql, complaint) in [
            ("UPDATE t SET n = NULL", "NOT NULL"), ("UPDATE t SET n = 1.5", "t.n is a counter"),
            ("UPDATE t SET n = 'many'", "t.n is a counter"),
            ("INSERT INTO t(id, n) VALUES ('x', 0.5)", "t.n is a counter"),
            ("UPDATE t SET n = 9223372036854775807 + 1", "t.n is a counter"),
            ("UPDATE t SET tags = 'a, b'", "t.tags is a set"), ("UPDATE t SET tags = '{\"a\":1}'", "t.tags is a set"),
            ("UPDATE t SET tags = '[null]'", "t.tags is a set"), ("UPDATE t SET tags = '[[1]]'", "t.tags is a set"),
            ("UPDATE t SET tags = 7", "t.tags is a set"), ("UPDATE t SET tags = '[1e999]'", "t.tags is a set"),
            ("UPDATE t SET tags = '[12345678901234567890]'", "t.tags is a set"),
            ("UPDATE t SET tags = '[' || printf('%0400d', 7) || ']'", "t.tags is a set"),
            ("UPDATE t SET tags = '[1' || printf('%.400c', '0') || ']'", "t.tags is a set"),
            ("UPDATE t SET tags = '[\"\\ud83d\"]'", "t.tags is a set"),
            ("UPDATE t SET tags = '[\"\\ude00\\ud83d\"]'", "t.tags is a set"),
            ("UPDATE t SET tags = CAST(x'5B315D00' AS TEXT)", "t.tags is a set"),
            ("UPDATE t SET tags = CAST(x'5B22FF225D' AS TEXT)", "t.tags is a set"),
            ("INSERT INTO t(id, tags) VALUES ('x', '')", "t.tags is a set"),
            ("UPDATE t SET number = 2", "t.number is set once"), ("UPDATE t SET number = NULL", "t.number is set once"),
            ("REPLACE INTO t(id, number) VALUES ('k', 3)", "set once"),
            ("UPDATE log SET what = 'y'", "never changed"), ("DELETE FROM log", "never changed"),
            ("REPLACE INTO log VALUES ('l', 'y')", "never changed"), ("UPDATE log SET id = 'm'", "never changed"),
        ] {
            #expect(try world.write(by: writer, sql).contains(complaint), "\(sql)")
        }
        #expect(try world.captured() == [], "what was refused left nothing")
        for sql in [
            "UPDATE t SET number = 1, n = 0, tags = '[]'", "REPLACE INTO t(id, number) VALUES ('k', 1)",
            "INSERT OR IGNORE INTO t(id, number) VALUES ('k', 5)", "UPDATE log SET what = what",
            "INSERT OR IGNORE INTO log VALUES ('l', 'z')", "REPLACE INTO log VALUES ('l', 'x')",
        ] {
            #expect(try world.write(by: writer, sql) == "", "\(sql) changes nothing")
        }
        #expect(try world.captured() == [])
        #expect(
            try world.write(by: writer, "INSERT INTO t(id) VALUES ('y'); UPDATE t SET number = 4 WHERE id = 'y'") == "")
        #expect(
            try world.write(by: writer, "DELETE FROM t WHERE id = 'k'; INSERT INTO t(id, number) VALUES ('z', 9)") == ""
        )
        try world.exchange()
    }

    @Test func anAdditionThatNoTriggerNotedCountsAsOne_CAP16() throws {
        let (hub, replicas) = try world(Self.schema, "a", "b")
        try run(replicas[0], "INSERT INTO t(id, n) VALUES ('k', 10)")
        try sync(hub, replicas)
        let names = try replicas[0].read { db in
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        }
        for name in names { try run(replicas[0], "DROP TRIGGER \"\(name)\"") }
        try run(replicas[0], "UPDATE t SET n = n + 3, tags = '[\"x\"]'")
        try run(replicas[1], "UPDATE t SET n = n + 4, tags = '[\"y\"]'")
        try sync(hub, replicas)
        #expect(try row(replicas[1], "n, tags") == #"17|["x","y"]"#)
        try expectEqual(hub, replicas)
    }

    @Test func whoDeletesAndEntersAgainBeforeSealingCountsTheDifference_MRG25_MRG31() throws {
        let (hub, replicas) = try world(Self.schema, "a", "b")
        try run(replicas[0], "INSERT INTO t(id, n) VALUES ('k', 10)")
        try sync(hub, replicas)
        try run(
            replicas[0], "UPDATE t SET n = 12; DELETE FROM t; INSERT INTO t(id, n) VALUES ('k', 1); UPDATE t SET n = 2")
        try run(replicas[1], "UPDATE t SET n = n + 100")
        try sync(hub, replicas)
        #expect(try row(replicas[1], "n") == "102")
        try run(replicas[0], "DELETE FROM t")
        try sync(hub, replicas)
        try run(replicas[1], "REPLACE INTO t(id, n) VALUES ('k', 5)")
        try sync(hub, replicas)
        #expect(try row(replicas[0], "n") == "5", "entered over a deleted row it is what was entered (MRG-10)")
        try expectEqual(hub, replicas)
    }

    @Test func anUpsertAddsAsTheShellDoes_MRG31_CAP3() throws {
        let (hub, replicas) = try world(Self.schema, "a", "b")
        let upsert = "INSERT INTO t(id, n) VALUES ('k', 1) ON CONFLICT (id) DO UPDATE SET n = n + 1"
        try run(replicas[0], upsert + ";" + upsert)
        try sync(hub, replicas)
        for _ in 0..<3 { try run(replicas[0], upsert) }
        try run(replicas[1], upsert)
        try sync(hub, replicas)
        #expect(try row(replicas[1], "n") == "6")
        try expectEqual(hub, replicas)
    }

    @Test func aReplaceThroughAnotherKeyRewritesNoLog_CAP17() throws {
        let schema = SchemaText("CREATE TABLE log(id TEXT PRIMARY KEY, code TEXT UNIQUE, what TEXT);").appendOnly("log")
        let (_, replicas) = try world(schema, "a")
        try run(replicas[0], "INSERT INTO log VALUES ('l', 'c', 'x')")
        #expect(throws: DatabaseError.self) { try self.run(replicas[0], "REPLACE INTO log VALUES ('m', 'c', 'y')") }
        try run(replicas[0], "INSERT OR IGNORE INTO log VALUES ('m', 'c', 'y'); INSERT INTO log VALUES ('n', 'd', 'z')")
        let ids = try replicas[0].read { try String.fetchAll($0, sql: "SELECT id FROM log ORDER BY id") }
        #expect(ids == ["l", "n"])
    }

    @Test func aSchemaSaidInSwiftIsItsTextAndNothingElse_SCH19_SCH12() throws {
        let plain =
            #"CREATE TABLE "a ""b"" .c"(id INTEGER PRIMARY KEY, "x ""y" INTEGER NOT NULL, 名, 街, 城); CREATE TABLE d(x);"#
        let table = #"a "b" .c"#
        let said = SchemaText(plain).stable(table).policy(.counter, for: table, #"x "y"#)
            .unit("地址", of: table, columns: ["街", "城"], policy: .max).naturalKey("名", of: table)
            .similar("名", "城", of: table).local("d")
        #expect(said.text.hasPrefix(plain + "\n-- satchel: stable "))
        let (hub, _) = try world(said)
        let read = try #require(hub.replica.schema().table(table))
        #expect(
            read.units.map(\.name) == ["地址", #"x "y"#, "名"] && read.units.map(\.policy) == [.max, .counter, .review])
        #expect(read.naturalKeys == [[2]] && read.similar == [2, 4])
        #expect(try hub.enrol(name: "a").schema == said.text)
        let other = try Hub.create(at: folder + "/other", schema: said.text)
        #expect(other.replica.schema() == hub.replica.schema(), "text and builder are the same")
    }
}
