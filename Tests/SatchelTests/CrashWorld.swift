import CFaultyDisk
import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// A hub and two devices on one machine, and a script of what they do, of which each step is one act.
///
/// The machine may die at any call on its disk. The clocks stand, so that two runs of the script that get equally far
/// leave the same tables, whatever came in between.
struct CrashWorld {
    static let ddl = """
        CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT);
        CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), note TEXT);
        """
    static let hour: Int64 = 1_790_000_000_000

    let folder: String

    /// Makes the world as it is before the script: everybody has the same three clients.
    static func template(at folder: String) throws -> CrashWorld {
        let world = CrashWorld(folder: folder)
        let hub = try Hub.create(at: folder + "/hub", schema: ddl, clock: ScriptClock(hour))
        for name in ["a", "b"] {
            _ = try Replica.create(
                at: "\(folder)/\(name).db", enrolment: hub.enrol(name: name), clock: ScriptClock(hour))
        }
        try hub.close()
        let people = try world.open()
        defer { people.close() }
        try people.a.write { db in
            try db.execute(
                sql: "INSERT INTO client VALUES ('1', 'one', '11'), ('2', 'two', '22'), ('3', 'three', '33')")
        }
        try people.exchange()
        return world
    }

    func copy(to other: String) throws -> CrashWorld {
        try FileManager.default.copyItem(atPath: folder, toPath: other)
        return CrashWorld(folder: other)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    func open() throws -> People {
        People(
            folder: folder, hub: try Hub.open(at: folder + "/hub", clock: ScriptClock(Self.hour + 3000)),
            a: try Replica.open(at: folder + "/a.db", clock: ScriptClock(Self.hour + 1000)),
            b: try Replica.open(at: folder + "/b.db", clock: ScriptClock(Self.hour + 2000)))
    }

    /// The three replicas of the world, open.
    struct People {
        let folder: String
        let hub: Hub
        let a: Replica
        let b: Replica

        func close() {
            try? hub.close()
            try? a.close()
            try? b.close()
        }

        func exchange() throws {
            for _ in 0..<3 {
                for replica in [a, b] {
                    try replica.pack(to: folder + "/settle")
                    let merged = try hub.merge([folder + "/settle"], replies: folder + "/replies")
                    #expect(
                        merged.merged.allSatisfy { $0.outcome != .refused && $0.outcome != .failed }, "\(merged.merged)"
                    )
                    try replica.apply("\(folder)/replies/\(replica.name).satchel")
                }
            }
        }

        func digests() throws -> [String] { [try a.digest(), try b.digest(), try hub.digest()] }
    }

    // MARK: The script

    /// What was written, where, and how to see that it is there. Each is one transaction of two rows.
    static let writes: [(replica: String, sql: String, shows: String)] = [
        (
            "a",
            "INSERT INTO client VALUES ('4', 'four', '44'); INSERT INTO visit VALUES ('v4', '4', 'first')",
            "SELECT EXISTS (SELECT 1 FROM client WHERE id = '4') + EXISTS (SELECT 1 FROM visit WHERE id = 'v4')"
        ),
        (
            "b",
            "UPDATE client SET name = 'ONE' WHERE id = '1'; INSERT INTO visit VALUES ('v1', '1', 'mine')",
            "SELECT EXISTS (SELECT 1 FROM client WHERE name = 'ONE') + EXISTS (SELECT 1 FROM visit WHERE id = 'v1')"
        ),
        (
            "a",
            "UPDATE client SET phone = '111' WHERE id = '1'; DELETE FROM client WHERE id = '3'",
            "SELECT EXISTS (SELECT 1 FROM client WHERE phone = '111') + NOT EXISTS (SELECT 1 FROM client WHERE id = '3')"
        ),
    ]

    typealias Step = (name: String, run: @Sendable (People) throws -> Void)

    static let script: [Step] = {
        func write(_ number: Int) -> Step {
            (
                "write \(number)",
                { people in
                    let write = writes[number]
                    try (write.replica == "a" ? people.a : people.b).write { try $0.execute(sql: write.sql) }
                }
            )
        }
        func merge(_ name: String) -> Step {
            (
                "merge \(name)",
                { people in
                    let report = try people.hub.merge(
                        ["\(people.folder)/\(name).up"], replies: people.folder + "/replies")
                    if faulty_crashed() != 0 { throw CrashWorld.Died() }
                    guard report.merged.allSatisfy({ $0.outcome == .applied || $0.outcome == .alreadyHad }),
                        report.failures.isEmpty
                    else { throw CrashWorld.Died() }
                }
            )
        }
        return [
            write(0), ("seal a", { try $0.a.seal() }), ("pack a", { try $0.a.pack(to: $0.folder + "/a.up") }),
            write(1), merge("a"), ("apply a", { try $0.a.apply($0.folder + "/replies/a.satchel") }),
            ("pack b", { try $0.b.pack(to: $0.folder + "/b.up") }), merge("b"), write(2),
            ("apply b", { try $0.b.apply($0.folder + "/replies/b.satchel") }),
            ("pack a again", { try $0.a.pack(to: $0.folder + "/a.up") }), merge("a"),
            ("apply a again", { try $0.a.apply($0.folder + "/replies/a.satchel") }),
            ("digest", { _ = try $0.digests() }),
        ]
    }()

    struct Died: Error {}

    /// Opens everything and runs the script until something is thrown. Returns how many steps were acknowledged.
    func live(
        _ steps: [Step] = script, after step: (Int, People) throws -> Void = { _, _ in }
    ) -> (done: Int, why: (any Error)?) {
        var done = 0
        do {
            let people = try open()
            defer { people.close() }
            try step(0, people)
            for act in steps {
                try act.run(people)
                done += 1
                try step(done, people)
            }
            return (done, nil)
        } catch {
            return (done, error)
        }
    }
}
