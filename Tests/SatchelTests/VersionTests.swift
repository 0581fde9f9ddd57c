import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import SatchelTesting
import SatchelWire
import Testing

/// Several versions of a schema in one fleet, and moving between them (Protocol/versions.md).
@Suite final class VersionTests {
    private let folder = NSTemporaryDirectory() + "satchel-version-" + UUID().uuidString
    private let clock = ScriptClock(1_777_914_600_000)

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private static let first = """
        -- satchel: version 1
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, old TEXT);
        """
    private static let second = """
        -- satchel: version 2
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, old TEXT, tier INTEGER NOT NULL DEFAULT 3);
        CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), note TEXT);
        CREATE INDEX visits ON visit(client);
        """
    private static let third = """
        -- satchel: version 3
        -- satchel: renamed client.mobile from phone
        -- satchel: dropped client.old
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, mobile TEXT, tier INTEGER NOT NULL DEFAULT 3, email TEXT);
        CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), note TEXT);
        CREATE INDEX visits ON visit(client);
        CREATE VIEW best AS SELECT * FROM client WHERE tier = 1;
        """

    private func world(_ schema: String, _ names: String...) throws -> (Hub, [Replica]) {
        let hub = try Hub.create(at: folder + "/hub", schema: schema, clock: clock)
        return (hub, try names.map { try device($0, hub) })
    }

    private func device(_ name: String, _ hub: Hub) throws -> Replica {
        try Replica.create(at: "\(folder)/\(name).db", enrolment: hub.enrol(name: name), clock: clock)
    }

    private func run(_ replica: Replica, _ sql: String) throws {
        clock.advance(by: 60_000)
        try replica.write { try $0.execute(sql: sql) }
    }

    private func sync(_ hub: Hub, _ replicas: [Replica], rounds: Int = 2) throws {
        for _ in 0..<rounds {
            for replica in replicas {
                clock.advance(by: 1000)
                try replica.pack(to: folder + "/up")
                let report = try hub.merge([folder + "/up"])
                #expect(report.merged[0].outcome != .refused && report.failures.isEmpty, "\(report)")
                try hub.pack(for: replica.name, to: folder + "/down")
                try replica.apply(folder + "/down")
            }
        }
    }

    private func rows(_ replica: Replica, _ sql: String) throws -> [String] {
        try replica.read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { $0.isNull ? "-" : Value($0).display }.joined(separator: " ")
            }
        }
    }

    @Test func threeVersionsLiveInOneFleet_VER2_VER3_VER5_VER10() throws {
        let (hub, all) = try world(Self.first, "a", "b", "c")
        let (a, b, c) = (all[0], all[1], all[2])
        try run(a, "INSERT INTO client VALUES ('c1', 'Hengda', '100', 'x'), ('c2', 'Ruifeng', '200', 'y')")
        try sync(hub, all)
        try hub.replica.migrate(to: Self.second)
        try b.migrate(to: Self.second)
        let report = try c.migrate(to: Self.second).steps + c.migrate(to: Self.third).steps
        #expect(
            report.contains("renamed column client.phone to mobile") && report.contains("dropped column client.old"))
        #expect(
            try rows(c, "SELECT id, name, mobile, tier, email FROM client ORDER BY id") == [
                "c1 Hengda 100 3 -", "c2 Ruifeng 200 3 -",
            ])
        // Three months apart, each under its own version.
        for day in 0..<90 {
            clock.advance(by: 86_400_000)
            try run(a, "INSERT INTO client VALUES ('a\(day)', 'A', NULL, 'old \(day)')")
        }
        try run(a, "UPDATE client SET phone = '111' WHERE id = 'c1'; UPDATE client SET name = 'B' WHERE id = 'c2'")
        try run(b, "UPDATE client SET tier = 1 WHERE id = 'c1'; INSERT INTO visit VALUES ('v', 'c1', 'of b')")
        try run(
            c,
            "UPDATE client SET mobile = '333', email = 'x@y' WHERE id = 'c1'; UPDATE client SET mobile = '2' WHERE id = 'c2'"
        )
        try sync(hub, all)
        #expect(try rows(a, "SELECT count(*) FROM client") == ["92"])
        #expect(try a.conflicts().map(\.id) == c.conflicts().map(\.id) && a.conflicts().count == 1)
        #expect(try a.conflicts().first?.columns == ["phone"] && c.conflicts().first?.columns == ["mobile"])
        #expect(try c.conflicts().first?.unit == "mobile" && b.conflicts().first?.unit == "phone")
        #expect(try rows(a, "SELECT phone, name FROM client WHERE id = 'c2'") == ["2 B"])
        #expect(try rows(c, "SELECT tier, email FROM client WHERE id = 'c1'") == ["1 x@y"])
        try a.resolve(try #require(try a.conflicts().first?.id), values: [.text("444")])
        try sync(hub, all)
        #expect(try rows(c, "SELECT mobile FROM client WHERE id = 'c1'") == ["444"])
        // The old device deletes and restores what it knows only in part: nothing of the rest is lost.
        #expect(try a.offeredVersion() == 2 && b.offeredVersion() == nil)
        try hub.replica.migrate(to: Self.third)
        try sync(hub, all)
        #expect(try a.offeredVersion() == 3 && b.offeredVersion() == 3 && c.offeredVersion() == nil)
        for replica in [a, b] {
            #expect(try replica.migrate().version == 3)
            #expect(try replica.offeredVersion() == nil)
        }
        try sync(hub, all)
        let digest = try hub.digest()
        for replica in all { #expect(try replica.digest() == digest) }
        #expect(try rows(a, "SELECT mobile, tier, email FROM client WHERE id = 'c1'") == ["444 1 x@y"])
        #expect(try rows(a, "SELECT note FROM visit") == ["of b"] && rows(a, "SELECT id FROM best") == ["c1"])
        // What was dropped everywhere is still there for who comes with the old version.
        let late = try Replica.create(
            at: folder + "/late.db", enrolment: old(hub.enrol(name: "late"), Self.first), clock: clock)
        try sync(hub, [late])
        #expect(try rows(late, "SELECT old FROM client WHERE id IN ('a89', 'c1') ORDER BY id") == ["old 89", "x"])
        #expect(try rows(late, "SELECT count(*) FROM client") == ["92"])
    }

    @Test func whatOnlyADroppedTableHeldUpFallsAndComesBackWithIt_VER2_VER6_MRG20() throws {
        let both = """
            CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT);
            CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), note TEXT);
            """
        let (hub, all) = try world("-- satchel: version 1\n" + both, "a", "b")
        try run(all[0], "INSERT INTO client VALUES ('c1', 'H'), ('c2', 'R'); INSERT INTO visit VALUES ('v', 'c1', 'n')")
        try sync(hub, all)
        try run(all[0], "DELETE FROM visit")
        try all[0].seal()
        try run(all[0], "DELETE FROM client")
        try run(all[1], "INSERT INTO visit VALUES ('w', 'c1', 'unseen')")
        try sync(hub, all)
        #expect(try all[0].conflicts().map(\.kind) == [.inUse] && rows(all[0], "SELECT id FROM client") == ["c1"])
        // And a conflict in the table that goes.
        try run(all[0], "UPDATE visit SET note = '1'")
        try run(all[1], "UPDATE visit SET note = '2'")
        try sync(hub, all)
        #expect(try all[0].conflicts().count == 2)
        let without =
            "-- satchel: version 2\n-- satchel: dropped visit\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT);"
        for replica in [hub.replica] + all { try replica.migrate(to: without) }
        for replica in [hub.replica] + all {
            #expect(try rows(replica, "SELECT id FROM client").isEmpty && replica.conflicts().isEmpty)
        }
        let fresh = try device("fresh", hub)
        try sync(hub, all + [fresh])
        for replica in all + [fresh] { #expect(try replica.digest() == hub.digest()) }
        // It comes back: so does all that it held up, and what was asked.
        let again = "-- satchel: version 3\n" + both
        for replica in [hub.replica] + all + [fresh] { try replica.migrate(to: again) }
        for replica in [hub.replica] + all + [fresh] {
            #expect(try rows(replica, "SELECT id FROM client") == ["c1"])
            #expect(try replica.conflicts().count == 2)
            #expect(try replica.digest() == hub.digest())
        }
    }

    /// The same enrolment with another schema in it, as from before the hub moved.
    private func old(_ enrolment: Enrolment, _ schema: String) throws -> Enrolment {
        let path = folder + "/\(enrolment.name).enrolment"
        try enrolment.write(to: path)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        var fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(fields["schema"] != nil)
        fields["schema"] = schema
        try JSONSerialization.data(withJSONObject: fields).write(to: URL(fileURLWithPath: path))
        return try Enrolment(contentsOf: path)
    }

    /// The tablet on the first version does not know the table of visits.
    @Test func whoKeepsARowKeepsWhatFellInTablesThatTheirSchemaLacks_MRG61_VER2() throws {
        let (hub, all) = try world(Self.first, "old", "new")
        try run(all[0], "INSERT INTO client(id, name) VALUES ('a', 'A')")
        try sync(hub, all)
        try all[1].migrate(to: Self.second)
        try run(all[1], "INSERT INTO visit VALUES ('v', 'a', 'n')")
        try sync(hub, all)
        try run(all[1], "DELETE FROM visit; DELETE FROM client")
        try run(all[0], "UPDATE client SET phone = '9'")
        try sync(hub, all)
        #expect(try rows(all[1], "SELECT id FROM visit") == ["v"])
        try all[0].resolve(try #require(try all[0].conflicts().first?.id), keep: 1)
        try sync(hub, all)
        #expect(try rows(all[1], "SELECT id, client FROM visit") == ["v a"])
        #expect(try all[0].conflicts().isEmpty && all[1].conflicts().isEmpty)
        try all[0].migrate(to: Self.second)
        try sync(hub, all)
        #expect(try rows(all[0], "SELECT id, client FROM visit") == ["v a"])
    }

    @Test func aTableThatIsDroppedKeepsItsRowsForOthers_VER2_VER7() throws {
        let (hub, all) = try world(Self.second, "a", "b")
        try run(
            all[0], "INSERT INTO client VALUES ('c1', 'H', NULL, NULL, 1); INSERT INTO visit VALUES ('v', 'c1', 'kept')"
        )
        try sync(hub, all)
        let without =
            "-- satchel: version 3\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, old TEXT, "
            + "tier INTEGER NOT NULL DEFAULT 3);"
        #expect(throws: SchemaError.self) { try hub.replica.migrate(to: without) }
        let report = try hub.replica.migrate(to: without + "\n-- satchel: dropped visit")
        #expect(report.steps == ["dropped table visit"])
        try run(all[1], "UPDATE visit SET note = 'changed by b'")
        try sync(hub, all)
        #expect(try rows(all[0], "SELECT note FROM visit") == ["changed by b"])
        let third = try Replica.create(
            at: folder + "/third.db",
            enrolment: old(hub.enrol(name: "third"), Self.second), clock: clock)
        try sync(hub, [third])
        #expect(try rows(third, "SELECT note FROM visit") == ["changed by b"])
    }

    @Test func whatNobodyWroteIsNobodysRival_VER4() throws {
        let (hub, all) = try world(Self.first, "old", "one", "two")
        let (old, one, two) = (all[0], all[1], all[2])
        for replica in [hub.replica, one, two] { try replica.migrate(to: Self.second) }
        try run(old, "INSERT INTO client VALUES ('c1', 'H', '1', 'x')")
        try sync(hub, all)
        // On one device most of the row is of one changeset, on the other of another.
        try run(old, "UPDATE client SET name = 'N', phone = '2', old = 'y'")
        try old.have(to: folder + "/unused")
        try one.have(to: folder + "/have")
        try old.pack(for: folder + "/have", to: folder + "/side")
        try one.apply(folder + "/side")
        #expect(try rows(one, "SELECT tier FROM client") == ["3"])
        try run(two, "UPDATE client SET tier = 7")
        try sync(hub, all, rounds: 3)
        for replica in [hub.replica, one, two] {
            #expect(try rows(replica, "SELECT tier, name FROM client") == ["7 N"])
            #expect(try replica.conflicts().isEmpty)
        }
        try run(one, "UPDATE client SET tier = 8")
        try sync(hub, all)
        try old.migrate(to: Self.second)
        #expect(try rows(old, "SELECT tier FROM client") == ["8"])
        #expect(try old.digest() == hub.digest() && one.digest() == hub.digest())
    }

    @Test func whatANewUnitIsGivenOnTwoSidesIsOneConflict_VER4() throws {
        let (hub, all) = try world(Self.first, "a", "b")
        try run(all[0], "INSERT INTO client VALUES ('c1', 'H', '1', 'x')")
        try sync(hub, all)
        for replica in all { try replica.migrate(to: Self.second) }
        #expect(
            try all[0].status().unsealedNotes == 0 && all[0].status().unreceipted == 0, "a migration writes nothing")
        try run(all[0], "UPDATE client SET tier = 1")
        try run(all[1], "UPDATE client SET tier = 2")
        try sync(hub, all)
        #expect(try all[0].conflicts().map { $0.candidates.map(\.values) } == [[[.integer(1)], [.integer(2)]]])
        #expect(try all[1].conflicts().count == 1 && hub.conflicts().isEmpty, "the hub does not know the column yet")
        try hub.replica.migrate(to: Self.second)
        #expect(try hub.conflicts().map(\.id) == all[0].conflicts().map(\.id))
        #expect(try hub.digest() == all[0].digest())
    }

    @Test(arguments: [
        (
            "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT);",
            "client.old is not in the schema"
        ),
        ("CREATE TABLE other(id TEXT PRIMARY KEY);", "table client is not in the schema any more, and has 1 rows"),
        (
            "CREATE TABLE client(id TEXT, name TEXT NOT NULL, phone TEXT, old TEXT, PRIMARY KEY (id, name));",
            "primary key"
        ),
        (
            "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, old TEXT, n INT NOT NULL);",
            "without a default"
        ),
        (
            "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, old TEXT, n TEXT DEFAULT CURRENT_TIMESTAMP);",
            "computed"
        ),
        (
            "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone INTEGER, old TEXT);",
            "client.phone changes its type from TEXT to INTEGER"
        ),
        (
            "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT CHECK (length(phone) > 9), old TEXT);",
            " not fit table client of the new schema"
        ),
        (
            "CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, old TEXT REFERENCES client(id));",
            "refer to rows"
        ),
        (
            "-- satchel: unit client.both (phone, old)\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, old TEXT);",
            "unit client.phone"
        ),
        (
            "-- satchel: local client\nCREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, old TEXT);",
            "stay on each device"
        ),
        ("CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, old TEXT", "incomplete"),
    ])
    func whatWouldLoseOrInventDataIsRefusedAndChangesNothing_VER7_VER8(text: String, reason: String) throws {
        let (hub, all) = try world(Self.first, "a")
        try run(all[0], "INSERT INTO client VALUES ('c1', 'H', '0571', 'x')")
        try sync(hub, all)
        try run(all[0], "UPDATE client SET name = 'not sealed yet'")
        do {
            try all[0].migrate(to: "-- satchel: version 2\n" + text)
            Issue.record("taken: \(text)")
        } catch {
            #expect("\(error)".contains(reason), "\(error)")
        }
        #expect(all[0].schemaVersion == 1)
        #expect(try rows(all[0], "SELECT * FROM client") == ["c1 not sealed yet 0571 x"])
        try run(all[0], "UPDATE client SET old = 'z'")
        try sync(hub, all)
        #expect(try hub.digest() == all[0].digest())
        #expect(try rows(hub.replica, "SELECT name, old FROM client") == ["not sealed yet z"])
        #expect(try all[0].doctor().mended.isEmpty)
    }

    @Test func filesThatDifferInARemarkAreTwoSchemasThatSync_SCH16() throws {
        let texts = ["CREATE TABLE t(id TEXT PRIMARY KEY, v);", "CREATE TABLE t(id TEXT PRIMARY KEY, v);-- a remark"]
        let world = try CaptureWorld(texts[0])
        try world.hub.replica.migrate(to: texts[1])
        try world.write("INSERT INTO t VALUES ('a', 1)")
        try world.hub.replica.write { try $0.execute(sql: "INSERT INTO t VALUES ('b', 2)") }
        try world.exchange()
        #expect(try world.seen("SELECT id FROM t ORDER BY id") == ["a", "b"])
        for (replica, text) in [(world.author, texts[0]), (world.hub.replica, texts[1])] {
            let own = try #require(try replica.changesets().last { $0.head.origin == replica.origin })
            #expect(own.head.schema.bigEndianBytes == Array(sha256(Array(text.utf8)).bytes.prefix(8)))
        }
    }

    @Test func versionsOnlyGoUp_VER1() throws {
        let (_, all) = try world(Self.second, "a")
        #expect(throws: SchemaError.self) { try all[0].migrate(to: Self.first) }
        #expect(throws: SchemaError.self) { try all[0].migrate(to: Self.second + "\n-- satchel: note other") }
        #expect(try all[0].migrate(to: Self.second).steps.isEmpty)
        #expect(throws: UsageError.self) { try all[0].migrate() }
        #expect(throws: (any Error).self) { try all[0].migrate(to: "-- satchel: version 0\n" + Self.second) }
    }

    @Test func aMigrationKeepsWhatOthersMadeAndWhatWasNotSealed_VER6() throws {
        let (hub, all) = try world(Self.second, "a", "b")
        let a = all[0]
        try run(a, "INSERT INTO client VALUES ('c1', 'H', '1', NULL, 1)")
        try run(
            a, "CREATE TABLE scratch(x); INSERT INTO scratch VALUES (1); CREATE VIEW mine AS SELECT name FROM client")
        #expect(try a.migrate(to: Self.third).steps.count == 3)
        #expect(try rows(a, "SELECT x FROM scratch") == ["1"] && rows(a, "SELECT name FROM mine") == ["H"])
        #expect(try rows(a, "SELECT name FROM sqlite_master WHERE name = 'visits'") == ["visits"])
        try sync(hub, all)
        #expect(try rows(all[1], "SELECT name, phone FROM client") == ["H 1"])
        try run(a, "UPDATE client SET mobile = '2', email = 'e'")
        try sync(hub, all)
        #expect(try rows(all[1], "SELECT phone FROM client") == ["2"])
        #expect(try a.doctor().isSound)
    }

    @Test func aProgramThatHasTheFileOpenGoesOnByTheNewSchema_VER6() throws {
        let (hub, all) = try world(Self.first, "a", "b")
        let other = try Replica.open(at: all[0].path, clock: clock)
        try run(other, "INSERT INTO client VALUES ('c1', 'H', '1', NULL)")
        try all[0].migrate(to: Self.second)
        try run(all[0], "UPDATE client SET tier = 1")
        // It seals, packs and applies what it had not heard of by a word.
        #expect(try other.status().unsealedNotes == 1 && other.schemaVersion == 2)
        try hub.replica.migrate(to: Self.second)
        try sync(hub, [other, all[1]])
        try all[1].migrate(to: Self.second)
        try run(all[1], "UPDATE client SET tier = 7; INSERT INTO visit VALUES ('v', 'c1', 'of b')")
        try sync(hub, [all[1], other])
        #expect(
            try rows(other, "SELECT tier FROM client") == ["7"] && rows(all[0], "SELECT note FROM visit") == ["of b"])
        #expect(try other.digest() == hub.digest() && all[0].digest() == hub.digest())
    }

    @Test(arguments: [
        "-- satchel: version 0", "-- satchel: version two", "-- satchel: version 1\n-- satchel: version 2",
        "-- satchel: renamed t.v from v", "-- satchel: renamed t.x from y", "-- satchel: renamed t.v from id",
        "-- satchel: renamed t.v as w", "-- satchel: dropped t", "-- satchel: dropped t.v",
    ]) func directivesThatCannotBeMeantAreRefused_VER1_VER5_VER7(line: String) {
        #expect(throws: (any Error).self) {
            try Hub.create(at: self.folder + "/refused", schema: line + "\nCREATE TABLE t(id TEXT PRIMARY KEY, v);")
        }
    }
}
