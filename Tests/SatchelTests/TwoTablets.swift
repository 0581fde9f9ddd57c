import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelTesting
import Testing

/// A hub and two tablets that start from the same rows, under a clock that is set by hand. Suites inherit from it.
class TwoTablets {
    let folder = NSTemporaryDirectory() + "satchel-two-" + UUID().uuidString
    let clock = ScriptClock(1_777_914_600_000)
    let hub: Hub
    let a: Replica
    let b: Replica

    /// Tablet a enters the rows; everybody has them.
    init(schema: String, entering statements: String...) throws {
        hub = try Hub.create(at: folder + "/hub", schema: schema, clock: clock)
        a = try Replica.create(at: folder + "/a.db", enrolment: hub.enrol(name: "tablet-1"), clock: clock)
        b = try Replica.create(at: folder + "/b.db", enrolment: hub.enrol(name: "tablet-2"), clock: clock)
        for sql in statements { try run(a, sql) }
        try sync()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func run(_ replica: Replica, _ sql: String) throws {
        clock.advance(by: 60_000)
        try replica.write { try $0.execute(sql: sql) }
    }

    func exchange(_ replica: Replica) throws {
        clock.advance(by: 1000)
        try replica.pack(to: folder + "/up")
        #expect(try hub.merge([folder + "/up"]).failures.isEmpty)
        try hub.pack(for: replica.name, to: folder + "/down")
        try replica.apply(folder + "/down")
    }

    func sync() throws { for replica in [a, b, a, b] { try exchange(replica) } }
}
