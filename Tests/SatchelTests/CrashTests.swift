import CFaultyDisk
import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

/// The machine dies at every call on its disk: what was acknowledged is there, nothing is half there, and nobody has to
/// help (P1, P6; F1, F2, F3, F4).
///
/// SATCHEL_CRASH_POINTS says how many points of each kind are tried; `all` tries each.
@Suite(.serialized) struct CrashTests {
    let template: CrashWorld
    /// By step, the digests of a, b and the hub after so many steps without a fault.
    private let digests: [[String]]
    /// Calls on the disk from opening to the end.
    private let calls: Int

    /// Made once for all tests, and removed with the process.
    private static let prepared = Result { try prepare() }

    init() throws { (template, digests, calls) = try Self.prepared.get() }

    private static func prepare() throws -> (CrashWorld, [[String]], Int) {
        #expect(faulty_install() == 0)
        // A watched file is not waited for: syncing it moves bytes in memory. Bundles are waited for.
        let memory = "/dev/shm"
        let place = FileManager.default.isWritableFile(atPath: memory) ? memory + "/" : NSTemporaryDirectory()
        let folder = place + "satchel-crash-" + UUID().uuidString
        faulty_watch(folder)
        let template = try CrashWorld.template(at: folder)
        atexit { try? CrashTests.prepared.get().0.remove() }
        // Looking at a digest seals, and a seal is an act: each length of the script is run for itself.
        var digests: [[String]] = []
        for length in 0...CrashWorld.script.count {
            let world = try template.copy(to: folder + "-calm")
            defer { world.remove() }
            let (done, why) = world.live(Array(CrashWorld.script.prefix(length)))
            #expect(done == length, "without a fault the script runs through: \(String(describing: why))")
            let people = try world.open()
            digests.append(try people.digests())
            people.close()
        }
        let world = try template.copy(to: folder + "-count")
        defer { world.remove() }
        faulty_watch(world.folder)
        _ = world.live()
        defer { faulty_watch(nil) }
        return (template, digests, faulty_calls())
    }

    /// Which calls to fail: spread evenly if not all.
    private func points(_ standard: Int) -> [Int] {
        precondition(calls > 0, "the script touches the disk")
        let wish = ProcessInfo.processInfo.environment["SATCHEL_CRASH_POINTS"]
        let count = wish == "all" ? calls : min(calls, wish.flatMap(Int.init) ?? standard)
        return (0..<count).map { 1 + $0 * calls / count }
    }

    @Test(arguments: [FAULTY_KEPT, FAULTY_DROPPED, FAULTY_TORN])
    func whateverTheMomentOfDeathNothingAcknowledgedIsLost_F1_F2(fate: faulty_fate) throws {
        #expect(calls > 100, "the script touches the disk")
        if fate == FAULTY_KEPT { print("\(calls) calls on the disk; tried: \(points(50).count) for each fate") }
        for point in points(50) {
            let world = try template.copy(to: template.folder + "-run")
            defer { world.remove() }
            faulty_watch(world.folder)
            faulty_crash_at(point)
            let (done, _) = world.live()
            #expect(faulty_crashed() != 0 || done == CrashWorld.script.count)
            faulty_settle(fate, UInt64(point))
            try examine(world, done: done, at: "call \(point) of \(calls), fate \(fate.rawValue), after \(done) steps")
        }
    }

    @Test(arguments: [(1, 13), (0, 13), (0, 10 | 4 << 8), (1 << 20, 13), (1 << 20, 10 | 3 << 8)])
    func aDiskThatRefusesLeavesBeforeOrAfterAndWorksAgain_F3_F4(more: Int, code: Int) throws {
        for point in points(12) {
            let world = try template.copy(to: template.folder + "-run")
            defer { world.remove() }
            faulty_watch(world.folder)
            faulty_fail_at(point, more, Int32(code))
            let (done, why) = world.live()
            #expect(done == CrashWorld.script.count || why != nil)
            faulty_settle(FAULTY_KEPT, 0)
            try examine(world, done: done, at: "call \(point), \(more) more, code \(code), after \(done) steps")
        }
    }

    /// The judge judged: the disk of these tests does lose what was not synced.
    @Test(arguments: [
        ("OFF", FAULTY_DROPPED, 0), ("NORMAL", FAULTY_DROPPED, 0), ("FULL", FAULTY_DROPPED, 1), ("OFF", FAULTY_KEPT, 1),
    ])
    func aWriteThatWasNotSyncedIsLostWithThePower_F2(synchronous: String, fate: faulty_fate, left: Int) throws {
        try FileManager.default.createDirectory(atPath: template.folder + "-run", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: template.folder + "-run") }
        let path = template.folder + "-run/plain.db"
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = \(synchronous)") }
        try DatabaseQueue(path: path).writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; CREATE TABLE t(v)")
        }
        faulty_watch(path)
        var queue: DatabaseQueue? = try DatabaseQueue(path: path, configuration: configuration)
        try queue?.writeWithoutTransaction { try $0.execute(sql: "INSERT INTO t VALUES (1)") }
        faulty_crash_at(1)
        try? queue?.writeWithoutTransaction { try $0.execute(sql: "INSERT INTO t VALUES (2)") }
        queue = nil
        faulty_settle(fate, 1)
        let rows = try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") }
        #expect(rows == left)
    }

    /// Opens what the crash left, unaided, and judges it.
    private func examine(_ world: CrashWorld, done: Int, at place: String) throws {
        faulty_watch(world.folder)
        let people: CrashWorld.People
        do {
            people = try world.open()
        } catch {
            Issue.record("it does not open again at \(place): \(error)")
            return
        }
        defer { people.close() }
        func replica(_ name: String) -> Replica { name == "a" ? people.a : people.b }
        for replica in [people.a, people.b, people.hub.replica] {
            let faults = try replica.read { db in
                try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
                    + Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { "\($0)" }
            }
            #expect(faults.isEmpty, "\(faults) at \(place)")
        }
        let written = CrashWorld.script.prefix(done).filter { $0.name.hasPrefix("write") }.count
        for (number, write) in CrashWorld.writes.enumerated() {
            let parts = try replica(write.replica).read { try Int.fetchOne($0, sql: write.shows) }
            #expect(parts == 2 || parts == 0 && number >= written, "write \(number) is \(parts ?? 0)/2 at \(place)")
        }
        let now = try people.digests()
        let next = min(done + 1, CrashWorld.script.count)
        for (index, name) in ["a", "b", "the hub"].enumerated() {
            #expect(
                [digests[done][index], digests[next][index]].contains(now[index]),
                "\(name) is neither as before nor as after step \(done + 1) at \(place)")
        }
        try people.exchange()
        #expect(Set(try people.digests()).count == 1, "they do not agree in the end at \(place)")
        for (number, write) in CrashWorld.writes.enumerated() where number < written {
            #expect(
                try people.hub.replica.read { try Int.fetchOne($0, sql: write.shows) } == 2,
                "write \(number) is not everywhere in the end at \(place)")
        }
    }
}
