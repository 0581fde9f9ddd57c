import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelTesting
import Testing

/// A column whose policy changes while some devices have not heard of it (P12).
@Suite final class PolicyChangeTests {
    private let folder = NSTemporaryDirectory() + "satchel-changes-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static let plain = SchemaText(
        """
        CREATE TABLE t(id TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, tags TEXT NOT NULL DEFAULT '[]', note TEXT);
        """)
    private static let merging = plain.policy(.counter, for: "t", "n").policy(.set, for: "t", "tags")
        .policy(.text, for: "t", "note")

    private func run(_ replica: Replica, _ sql: String) throws { try replica.write { try $0.execute(sql: sql) } }

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

    private func row(_ replica: Replica) throws -> String {
        try replica.read { db in
            let row = try Row.fetchOne(db, sql: "SELECT n, tags, note FROM t WHERE id = 'k'")
            return row.map { $0.databaseValues.map { Value($0).display }.joined(separator: "|") } ?? "none"
        }
    }

    /// Which of three migrates first: a device that counts, the hub between, a device that reviews.
    @Test(arguments: [[0], [1], [0, 1], [0, 1, 2], []] as [[Int]])
    func devicesOfTwoPoliciesLoseNothingAndAgreeOnceAllHaveMigrated_MRG37_SCH20_VER10(first: [Int]) throws {
        let hub = try Hub.create(at: folder + "/hub", schema: Self.plain)
        let devices = try ["a", "b"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        let all = [devices[0], hub.replica, devices[1]]
        try run(devices[0], "INSERT INTO t VALUES ('k', 5, '[\"x\"]', 'one two three')")
        try sync(hub, devices)
        for index in first { try all[index].migrate(schema: Self.merging) }
        let tables = try all.map { try row($0) }
        #expect(Set(tables).count == 1, "a changed policy changes no data by itself: \(tables)")
        try run(devices[0], "UPDATE t SET n = n + 1, tags = '[\"x\",\"a\"]', note = '1 two three'")
        try devices[0].seal()
        try run(devices[1], "UPDATE t SET n = n + 2, tags = '[\"x\",\"b\"]', note = 'one two 3'")
        try devices[1].seal()
        try sync(hub, devices)
        for index in all.indices where !first.contains(index) { try all[index].migrate(schema: Self.merging) }
        try sync(hub, devices, rounds: 1)
        #expect(Set(try devices.map { try $0.digest() } + [hub.digest()]).count == 1)
        // Of those who had counted the sum is shown, of others a person is asked; sets and texts only if they had a base.
        let counted = first.contains(0) && first.contains(2)
        #expect(try row(devices[0]).hasPrefix(counted ? "8|[\"a\",\"b\",\"x\"]|1 two 3" : ""))
        #expect(try devices[0].conflicts().contains { $0.unit == "n" } == !counted)
        for conflict in try devices[0].conflicts() { #expect(conflict.candidates.count == 2, "nothing is lost") }
        for conflict in try devices[0].conflicts() { try devices[0].resolve(conflict.id, keep: 1) }
        // Who writes over a question beside its answer is asked again.
        try sync(hub, devices)
        try run(devices[1], "UPDATE t SET tags = '[\"c\"]'")
        try sync(hub, devices)
        #expect(Set(try devices.map { try $0.digest() } + [hub.digest()]).count == 1)
        #expect(try hub.conflicts().isEmpty)
        try run(devices[0], "UPDATE t SET n = n + 10")
        try run(devices[1], "UPDATE t SET n = n + 100")
        let before = try Int(row(hub.replica).prefix { $0 != "|" }) ?? 0
        try sync(hub, devices)
        #expect(try row(devices[1]).hasPrefix("\(before + 110)|"), "from now on all count")
    }

    @Test func aPolicyTakenBackKeepsTheStateForItsReturn_MRG30_MRG37() throws {
        let hub = try Hub.create(at: folder + "/hub", schema: Self.merging)
        let devices = try ["a", "b"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        try run(devices[0], "INSERT INTO t VALUES ('k', 5, '[\"x\"]', 'one two three')")
        try sync(hub, devices)
        try devices[1].migrate(schema: Self.plain)
        try run(devices[0], "UPDATE t SET n = n + 1, note = '1 two three'")
        try sync(hub, devices)
        #expect(try row(devices[1]) == row(devices[0]))
        try devices[1].migrate(schema: Self.merging)
        try run(devices[0], "UPDATE t SET n = n + 1, note = note || ' four'")
        try run(devices[1], "UPDATE t SET n = n + 1, note = 'zero ' || note")
        try sync(hub, devices)
        #expect(try row(devices[1]) == #"8|["x"]|zero 1 two three four"#)
        #expect(Set(try devices.map { try $0.digest() } + [hub.digest()]).count == 1)
    }

    @Test func conflictsComeAndGoWithThePolicyAndNoDataDoes_MRG37() throws {
        let hub = try Hub.create(at: folder + "/hub", schema: Self.plain)
        let devices = try ["a", "b"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        try run(devices[0], "INSERT INTO t(id, note) VALUES ('k', 'x')")
        try sync(hub, devices)
        try run(devices[0], "UPDATE t SET note = 'a'")
        try run(devices[1], "UPDATE t SET note = 'b'")
        try sync(hub, devices)
        #expect(try hub.conflicts().count == 1)
        let before = try hub.replica.changesets().count
        for policy in [Policy.max, .min, .lastWriter, .immutable, .text, .review] {
            try hub.replica.migrate(schema: Self.plain.policy(policy, for: "t", "note"))
            let shown = try row(hub.replica).last
            #expect(
                [Policy.max: "b", .min: "a"][policy].map { $0 == shown } ?? true, "\(policy) shows \(shown as Any)")
            #expect(try hub.conflicts().isEmpty == [.max, .min, .lastWriter].contains(policy), "\(policy)")
        }
        #expect(try hub.replica.changesets().count == before)
        #expect(try hub.conflicts()[0].candidates.count == 2)
    }

    @Test func aTextThatDoesNotFitIsRefusedAndChangesNothing_SCH20() throws {
        let hub = try Hub.create(at: folder + "/hub", schema: Self.plain)
        try run(hub.replica, "INSERT INTO t(id, note) VALUES ('k', 'many'), ('l', '[1]')")
        let schema = hub.replica.schema()
        for (text, words) in [
            (Self.plain.policy(.set, for: "t", "note").text, "1 rows of t have a value in note that a set cannot hold"),
            (Self.plain.policy(.counter, for: "t", "note").text, "cannot hold a counter"),
            (Self.plain.policy(.max, for: "t", "nothing").text, "is not a column"),
            ("CREATE TABLE t(id TEXT PRIMARY KEY, n INTEGER);", "say “-- satchel: dropped t.tags”"),
            ("CREATE TABLE", "incomplete"),
        ] {
            let error = #expect(throws: (any Error).self) { try hub.replica.migrate(schema: text) }
            #expect(error.map { "\($0)".contains(words) } == true, "\(text): \(error as Any)")
        }
        #expect(throws: (any Error).self) {
            try hub.replica.migrate(
                schema: Self.plain.policy(.set, for: "t", "note"),
                running: "CREATE TABLE more(id TEXT PRIMARY KEY); DELETE FROM t WHERE id = 'l'")
        }
        #expect(hub.replica.schema() == schema)
        try run(hub.replica, "UPDATE t SET n = 3 WHERE id = 'l'")
        #expect(try hub.replica.seal() != nil, "the capture is on again")
    }

    @Test func aMigrationMayRebuildTablesUnderANewText_SCH20() throws {
        let hub = try Hub.create(
            at: folder + "/hub",
            schema:
                "CREATE TABLE p(id TEXT PRIMARY KEY); CREATE TABLE c(id TEXT PRIMARY KEY, p TEXT REFERENCES p(id), n TEXT);"
        )
        let device = try Replica.create(at: folder + "/a.db", enrolment: hub.enrol(name: "a"))
        try run(device, "INSERT INTO p VALUES ('p'); INSERT INTO c VALUES ('c', 'p', '5')")
        try sync(hub, [device])
        let new = SchemaText(
            "CREATE TABLE p(id TEXT PRIMARY KEY); CREATE TABLE c(id TEXT PRIMARY KEY, p TEXT REFERENCES p(id), n INTEGER);"
        ).policy(.counter, for: "c", "n")
        for replica in [hub.replica, device] {
            try replica.migrate(
                schema: new,
                running: """
                    CREATE TABLE c2(id TEXT PRIMARY KEY, p TEXT REFERENCES p(id), n INTEGER);
                    INSERT INTO c2 SELECT * FROM c; DROP TABLE c; ALTER TABLE c2 RENAME TO c;
                    """)
        }
        try sync(hub, [device], rounds: 3)
        #expect(try device.digest() == hub.digest())
        #expect(try hub.enrol(name: "late").schema == new.text)
        try run(device, "UPDATE c SET n = n + 1")
        try sync(hub, [device])
        #expect(try hub.replica.read { try Int.fetchOne($0, sql: "SELECT n FROM c") } == 6)
    }

    @Test func aCounterThatAnOlderDeviceDoesNotHaveShowsItsDefault_MRG7_P12() throws {
        let old = "CREATE TABLE t(id TEXT PRIMARY KEY, name TEXT);"
        let hub = try Hub.create(at: folder + "/hub", schema: old)
        let devices = try ["a", "b"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        let new = SchemaText("CREATE TABLE t(id TEXT PRIMARY KEY, name TEXT, n INTEGER NOT NULL DEFAULT 0);")
            .policy(.counter, for: "t", "n")
        for replica in [hub.replica, devices[0]] {
            try replica.migrate(schema: new, running: "ALTER TABLE t ADD COLUMN n INTEGER NOT NULL DEFAULT 0")
        }
        try run(devices[1], "INSERT INTO t VALUES ('k', 'from an older device')")
        try sync(hub, devices)
        #expect(try hub.replica.status().aside.isEmpty)
        try run(devices[0], "UPDATE t SET n = n + 3")
        try run(devices[1], "UPDATE t SET name = 'renamed'")
        try run(hub.replica, "UPDATE t SET n = n + 4")
        try sync(hub, devices)
        try devices[1].migrate(schema: new, running: "ALTER TABLE t ADD COLUMN n INTEGER NOT NULL DEFAULT 0")
        try sync(hub, devices)
        let rows = try devices.map { try $0.read { try String.fetchAll($0, sql: "SELECT id || name || n FROM t") } }
        #expect(rows == [["krenamed7"], ["krenamed7"]])
        #expect(Set(try devices.map { try $0.digest() } + [hub.digest()]).count == 1)
    }

    /// The hub has neither the column nor the table; what it does not understand it does not lose for others.
    @Test func aHubOfAnOlderSchemaPassesStatesOn_MRG30_P12() throws {
        let hub = try Hub.create(at: folder + "/hub", schema: "CREATE TABLE t(id TEXT PRIMARY KEY, name TEXT);")
        let devices = try ["a", "b"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        let new = SchemaText(
            """
            CREATE TABLE t(id TEXT PRIMARY KEY, name TEXT, n INTEGER NOT NULL DEFAULT 0);
            CREATE TABLE u(id TEXT PRIMARY KEY, tags TEXT NOT NULL DEFAULT '[]', note TEXT);
            """
        ).policy(.counter, for: "t", "n").policy(.set, for: "u", "tags").policy(.text, for: "u", "note")
        let ddl = """
            ALTER TABLE t ADD COLUMN n INTEGER NOT NULL DEFAULT 0;
            CREATE TABLE u(id TEXT PRIMARY KEY, tags TEXT NOT NULL DEFAULT '[]', note TEXT);
            """
        for device in devices { try device.migrate(schema: new.text, running: ddl) }
        try run(devices[0], "INSERT INTO t VALUES ('k', 'x', 5); INSERT INTO u VALUES ('u', '[\"a\"]', 'one two')")
        try sync(hub, devices)
        try run(devices[0], "UPDATE t SET n = n + 1; UPDATE u SET tags = '[\"a\",\"b\"]', note = '1 two'")
        try run(devices[1], "UPDATE t SET n = n + 2; UPDATE u SET tags = '[\"c\"]', note = 'one 2'")
        try run(hub.replica, "UPDATE t SET name = 'named at the hub'")
        try sync(hub, devices)
        for device in devices {
            let told = try device.read { db in
                try String.fetchAll(db, sql: "SELECT name || n FROM t")
                    + String.fetchAll(db, sql: "SELECT tags || note FROM u")
            }
            #expect(told == ["named at the hub8", #"["b","c"]1 2"#])
            #expect(try device.conflicts().isEmpty)
        }
        try hub.replica.migrate(schema: new.text, running: ddl)
        #expect(Set(try devices.map { try $0.digest() } + [hub.digest()]).count == 1)
        let late = try Replica.create(at: folder + "/late.db", enrolment: hub.enrol(name: "late"))
        try sync(hub, [late])
        #expect(try late.digest() == hub.digest())
    }

    /// Devices that have not heard of the policy go on as they did; those that have take it in and say so.
    @Test func whatOlderDevicesDoToALogIsMergedFirstShownAndListed_MRG35_MRG36() throws {
        let plain = SchemaText(
            "CREATE TABLE log(id TEXT PRIMARY KEY, what TEXT); CREATE TABLE t(id TEXT PRIMARY KEY, number);")
        let hub = try Hub.create(at: folder + "/hub", schema: plain)
        let devices = try ["a", "b", "c"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        try run(devices[0], "INSERT INTO log VALUES ('k', 'x'), ('l', 'y'); INSERT INTO t VALUES ('n', 1)")
        try sync(hub, devices)
        let new = plain.appendOnly("log").policy(.immutable, for: "t", "number")
        for replica in [hub.replica, devices[0]] { try replica.migrate(schema: new) }
        #expect(throws: DatabaseError.self) { try self.run(devices[0], "UPDATE log SET what = 'z'") }
        #expect(throws: DatabaseError.self) { try self.run(devices[0], "UPDATE t SET number = 2") }
        try run(
            devices[1],
            "UPDATE log SET what = 'b' WHERE id = 'k'; DELETE FROM log WHERE id = 'l'; UPDATE t SET number = 2")
        try devices[1].seal()
        Thread.sleep(forTimeInterval: 0.01)
        try run(devices[2], "UPDATE log SET what = 'c' WHERE id = 'k'; UPDATE t SET number = 3")
        try sync(hub, devices)
        for replica in [hub.replica, devices[0]] {
            let told = try replica.read { db in
                try String.fetchAll(db, sql: "SELECT id || what FROM log")
                    + String.fetchAll(db, sql: "SELECT number FROM t")
            }
            #expect(told == ["kb", "2"], "the first is shown, and what was deleted is")
            #expect(try replica.conflicts().map(\.unit).sorted() == ["number", "what"])
        }
        #expect(
            try devices[2].read { try String.fetchOne($0, sql: "SELECT what FROM log") } == "c",
            "the last, under review")
        for device in devices.dropFirst() { try device.migrate(schema: new) }
        for conflict in try devices[2].conflicts() { try devices[2].resolve(conflict.id, keep: 2) }
        try sync(hub, devices)
        #expect(try hub.conflicts().isEmpty)
        #expect(Set(try devices.map { try $0.digest() } + [hub.digest()]).count == 1)
    }

    /// Several numbers that nobody counted stand there: what a form showed is replaced, whatever stands beside it.
    @Test func aFormOverANumberInQuestionIsOneMoreOpinion_INB10_MRG31() throws {
        let hub = try Hub.create(at: folder + "/hub", schema: Self.plain)
        let replicas = try ["a", "b"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        try replicas[0].write { try $0.execute(sql: "INSERT INTO t(id, n) VALUES ('k', 5)") }
        try sync(hub, replicas)
        let key = RowKey([.text("k")])
        try replicas[0].write { try $0.execute(sql: "UPDATE t SET n = 6") }
        let view = try #require(try replicas[0].view(table: "t", key: key))
        try replicas[1].write { try $0.execute(sql: "UPDATE t SET n = 8") }
        try sync(hub, replicas)
        for replica in replicas + [hub.replica] { try replica.migrate(schema: Self.merging) }
        func rivals(_ replica: Replica) throws -> [String] {
            try replica.conflicts().flatMap { $0.candidates.map { $0.values.map(\.display).joined() }.sorted() }
        }
        #expect(try rivals(replicas[0]) == ["6", "8"])
        try replicas[0].edit(basedOn: view) { $0["n"] = .integer(7) }
        try sync(hub, replicas)
        for replica in replicas { #expect(try rivals(replica) == ["7", "8"]) }
    }

    @Test func anOverwriteOfWhatIsSetOnceSinceIsNotTakenBack_INB11_CAP17() throws {
        let plain = SchemaText(
            "CREATE TABLE log(id TEXT PRIMARY KEY, what TEXT); CREATE TABLE t(id TEXT PRIMARY KEY, number TEXT);")
        let hub = try Hub.create(at: folder + "/hub", schema: plain)
        let devices = try ["a", "b"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        try run(devices[0], "INSERT INTO log VALUES ('k', 'x'); INSERT INTO t VALUES ('n', 'N0')")
        try sync(hub, devices)
        try run(devices[1], "UPDATE log SET what = 'b'; UPDATE t SET number = 'N1'")
        try sync(hub, devices)
        try run(devices[0], "UPDATE log SET what = 'c'; UPDATE t SET number = 'N2'")
        try sync(hub, devices)
        for replica in [hub.replica] + devices {
            try replica.migrate(schema: plain.appendOnly("log").policy(.immutable, for: "t", "number"))
        }
        let listed = try devices[0].unseen()
        #expect(listed.map(\.table).sorted() == ["log", "t"])
        for one in listed {
            let error = #expect(throws: UsageError.self) { try devices[0].takeBackUnseen(one.id) }
            let words = one.table == "t" ? "t.number is set once" : "table log is appendOnly"
            #expect(error?.description.contains(words) == true, "\(one.table)")
        }
        try sync(hub, devices)
        for replica in [hub.replica] + devices {
            #expect(try replica.read { try String.fetchAll($0, sql: "SELECT number FROM t") } == ["N2"])
            #expect(try replica.read { try String.fetchAll($0, sql: "SELECT what FROM log") } == ["c"])
        }
        for one in listed { try devices[0].acknowledgeUnseen(one.id) }
        #expect(try devices[0].unseen().isEmpty)
    }

    /// A counter from before the policy that is NULL.
    @Test func aNullFromBeforeTheCounterStandsUntilANumberIsWritten_SCH18_MRG31() throws {
        let plain = SchemaText("CREATE TABLE t(id TEXT PRIMARY KEY, n INTEGER);")
        let hub = try Hub.create(at: folder + "/hub", schema: plain)
        let devices = try ["a", "b"].map {
            try Replica.create(at: "\(folder)/\($0).db", enrolment: hub.enrol(name: $0))
        }
        func numbers() throws -> [String] {
            try devices.map { replica in
                try replica.read { try String.fetchOne($0, sql: "SELECT ifnull(n, '-') FROM t") ?? "gone" }
            }
        }
        try run(devices[0], "INSERT INTO t VALUES ('k', NULL)")
        try sync(hub, devices)
        try run(devices[0], "DELETE FROM t")
        try sync(hub, devices)
        for replica in [hub.replica] + devices { try replica.migrate(schema: plain.policy(.counter, for: "t", "n")) }
        try devices[0].undo(table: "t", key: RowKey([.text("k")]))
        try sync(hub, devices)
        try run(devices[0], "UPDATE t SET n = n + 1")
        #expect(try numbers() == ["-", "-"], "nothing was written")
        for device in devices { try run(device, "UPDATE t SET n = coalesce(n, 0) + 1") }
        try sync(hub, devices)
        #expect(try numbers() == ["2", "2"] && hub.conflicts().isEmpty)
        #expect(Set(try devices.map { try $0.digest() } + [hub.digest()]).count == 1)
    }
}
