import Foundation
import GRDB
import Satchel
import SatchelHub
import Testing

/// What a hub keeps for those who are away, and which of its replies a device takes.
@Suite final class ReplyTests: TwoTablets {
    init() throws {
        try super.init(
            schema: "CREATE TABLE t(id TEXT PRIMARY KEY, v INTEGER);", entering: "INSERT INTO t VALUES ('k', 0)")
    }

    private func value(_ replica: Replica) throws -> Int? {
        try replica.read { try Int.fetchOne($0, sql: "SELECT v FROM t WHERE id = 'k'") }
    }

    /// The hub writes a value, and a reply to tablet a lies in a file.
    private func reply(with value: Int) throws -> String {
        try run(hub.replica, "UPDATE t SET v = \(value)")
        let path = "\(folder)/reply-\(value)"
        try hub.pack(for: a.name, to: path)
        return path
    }

    @Test func repliesMayBeLostDoubledAndOvertaken_EXC16() throws {
        let (first, second, third) = (try reply(with: 1), try reply(with: 2), try reply(with: 3))
        #expect(try a.apply(second).outcome == .applied)
        for old in [first, second, first] {
            #expect(try a.apply(old).outcome == .alreadyHad)
            #expect(try value(a) == 2)
        }
        #expect(try a.apply(third).outcome == .applied)
        #expect(try value(a) == 3)
    }

    @Test func aReplyThatGoesOnFromLaterLeavesEverythingAsItIsAndTheHubIsAskedAgain_EXC16() throws {
        try DatabaseQueue(path: a.path).vacuum(into: folder + "/before.db")
        let behind = try Replica.open(at: folder + "/before.db", clock: clock, anchors: .none)
        try a.apply(reply(with: 1))
        try exchange(a)
        let later = try reply(with: 2)
        let report = try behind.apply(later)
        #expect(report.outcome == .parked && report.waitsFor.allSatisfy { $0.contains("ask") })
        #expect(try value(behind) == 0)
        try exchange(behind)
        #expect(try value(behind) == 2)
        #expect(try behind.digest() == hub.digest())
    }

    @Test func theHubKeepsEveryChangesetInTheOrderInWhichItAppliedThem_EXC7() throws {
        let before = try hub.log().count
        for (value, replica) in [(1, b), (2, a), (3, b), (4, b)] {
            try run(replica, "UPDATE t SET v = \(value)")
            try exchange(replica)
        }
        let log = try hub.log(after: UInt64(before))
        #expect(log.map(\.device) == ["tablet-2", "tablet-1", "tablet-2", "tablet-2"])
        #expect(try hub.log().map(\.position) == (1...UInt64(before + 4)).map { $0 })
        #expect(try hub.replica.changesets().map(\.dot) == hub.log().map(\.dot))
        #expect(try hub.verify().faults.isEmpty)
    }
}
