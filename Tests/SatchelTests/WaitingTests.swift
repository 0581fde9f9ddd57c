import Foundation
import GRDB
import SatchelHub
import SatchelModel
import SatchelTesting
import Testing

@testable import Satchel

/// Whole seals, late causes, and what a person is told about them.
@Suite final class WaitingTests {
    private let folder = NSTemporaryDirectory() + "satchel-waiting-" + UUID().uuidString
    private let clock = ScriptClock(1_777_914_600_000)  // 4 May 2026, 17:10 UTC
    private let hub: Hub

    init() throws {
        hub = try Hub.create(
            at: folder + "/hub",
            schema: "CREATE TABLE t(id TEXT PRIMARY KEY, v); CREATE TABLE u(id TEXT PRIMARY KEY, v);",
            clock: clock)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func device(_ name: String) throws -> Replica {
        try Replica.create(at: "\(folder)/\(name).db", enrolment: hub.enrol(name: name), clock: clock)
    }

    private func run(_ replica: Replica, _ sql: String) throws { try replica.write { try $0.execute(sql: sql) } }

    @discardableResult
    private func give(_ from: Replica, to: Replica, as name: String = "side") throws -> ApplyReport {
        try pack(from, for: to, as: name)
        return try to.apply("\(folder)/\(name)")
    }

    private func pack(_ from: Replica, for to: Replica, as name: String) throws {
        try to.have(to: folder + "/have")
        try from.pack(for: folder + "/have", to: "\(folder)/\(name)")
    }

    private func values(_ replica: Replica, _ table: String = "t") throws -> [String] {
        try replica.read { try String.fetchAll($0, sql: "SELECT v FROM \(table) ORDER BY id") }
    }

    @Test func whatTheHubHasIsAskedOfTheHub_EXC34() throws {
        let (first, second, third) = (try device("tablet-3"), try device("tablet-1"), try device("tablet-2"))
        try run(first, "INSERT INTO u VALUES ('k', 'of 3')")
        try first.pack(to: folder + "/up")
        _ = try hub.merge([folder + "/up"])
        try second.apply(try reply(to: second))
        try run(second, "UPDATE u SET v = 'of 1'")
        let late = try give(second, to: third)
        #expect(late.outcome == .parked && late.parked == 1)
        #expect(try values(third, "u").isEmpty)
        #expect(late.waitsFor == ["the hub's changes up to number 1: sync with the hub"])
        try third.apply(try reply(to: third))
        #expect(try values(third, "u") == ["of 1"])
    }

    private func reply(to device: Replica) throws -> String {
        try hub.pack(for: device.name, to: "\(folder)/reply-\(device.name)")
        return "\(folder)/reply-\(device.name)"
    }

    /// `receiver` as it was before it took anything in, opened anew; it takes bundles that were made for it.
    private func before(_ receiver: Replica, _ body: () throws -> Void) throws -> Replica {
        try receiver.have(to: folder + "/first-have")
        try DatabaseQueue(path: receiver.path).vacuum(into: folder + "/before.db")
        try body()
        return try Replica.open(at: folder + "/before.db", clock: clock)
    }

    @Test func bundlesOfAMonthMayComeLastOneFirst_EXC33_EXC34() throws {
        let (sender, receiver) = (try device("tablet-3"), try device("tablet-1"))
        let days = 30
        let behind = try before(receiver) {
            for day in 0..<days {
                try run(sender, "INSERT INTO t VALUES ('\(100 + day)', \(day))")
                if day > 0 { try run(sender, "UPDATE t SET v = v + 100 WHERE id = '\(99 + day)'") }
                try give(sender, to: receiver, as: "day\(day)")
                clock.advance(by: 86_400_000)
            }
        }
        let now = Timestamp(milliseconds: 1_777_914_600_000).spoken(now: clock.now())
        for day in (1..<days).reversed() {
            let report = try behind.apply("\(folder)/day\(day)")
            #expect(report.outcome == .parked)
            #expect(try behind.status().parked.count == days - day)
        }
        #expect(try values(behind).isEmpty)
        // Each waits for the one before it; all of them, in the end, for the first alone.
        let told = Set(try behind.status().parked.flatMap(\.waitsFor))
        #expect(told == ["the earlier bundle of tablet-3 made on \(now), or a later one"])
        #expect(now == "4 May, 17:10" || TimeZone.current.secondsFromGMT() != 0)
        let report = try behind.apply("\(folder)/day0")
        #expect(report.outcome == .applied && report.changesets == days && report.waitsFor.isEmpty)
        #expect(try behind.status().parked.isEmpty)
        #expect(try values(behind) == values(receiver))
        #expect(try behind.digest() == receiver.digest())
        // Once more, in any order: nothing is new.
        for day in [3, 0, days - 1] { #expect(try behind.apply("\(folder)/day\(day)").outcome == .alreadyHad) }
        #expect(try behind.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM satchel_rumour") } == 0)
    }

    @Test func aLateCauseThatTheHubHasLetsGoToo_EXC33() throws {
        let (sender, receiver) = (try device("tablet-3"), try device("tablet-1"))
        let behind = try before(receiver) {
            for day in 0..<3 {
                try run(sender, "INSERT INTO t VALUES ('\(day)', \(day))")
                try give(sender, to: receiver, as: "day\(day)")
                try sender.pack(to: "\(folder)/up\(day)")
            }
        }
        try behind.apply(folder + "/day2")
        try behind.apply(folder + "/day1")
        #expect(try behind.status().parked.count == 2)
        // The hub has only the first day: the others follow on it.
        _ = try hub.merge([folder + "/up0"])
        try behind.apply(try reply(to: behind))
        #expect(try values(behind) == ["0", "1", "2"])
        #expect(try behind.status().parked.isEmpty && behind.status().carried == 2)
        // What only waits is given up once the hub has it.
        try run(sender, "INSERT INTO t VALUES ('3', 3)")
        try give(sender, to: receiver, as: "day3")
        try run(sender, "INSERT INTO t VALUES ('4', 4)")
        try give(sender, to: receiver, as: "day4")
        try behind.apply(folder + "/day4")
        #expect(try behind.status().parked.count == 1)
        try sender.pack(to: folder + "/up4")
        _ = try hub.merge([folder + "/up4"])
        try behind.apply(try reply(to: behind))
        #expect(try behind.status().parked.isEmpty && behind.status().carried == 0)
        #expect(try behind.digest() == hub.digest())
    }

    @Test func whatWasSealedTogetherAppearsTogether_EXC32() throws {
        let (sender, receiver) = (try device("tablet-3"), try device("tablet-1"))
        try sender.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50100)
                    INSERT INTO t SELECT 'k' || i, i FROM n
                    """)
            try db.execute(sql: "INSERT INTO u VALUES ('same commit', 1)")
        }
        try sender.seal()
        let heads = try sender.changesets().map(\.head)
        #expect(heads.map(\.more) == [1, 0] && heads.map(\.rows) == [50_000, 101])
        #expect(try give(sender, to: receiver).changesets == 2)
        #expect(try receiver.digest() == sender.digest())
        try receiver.pack(to: folder + "/up")
        #expect(try hub.merge([folder + "/up"]).merged[0].changesets == 2)
        #expect(try hub.digest() == sender.digest())
    }

    @Test(arguments: [true, false])
    func whatThereIsNoRoomForStaysWithItsSenderAndComesAgain_EXC35_EXC32(isOfOne: Bool) throws {
        let (sender, receiver) = (try device("tablet-3"), try device("tablet-1"))
        let behind = try before(receiver) {
            try run(sender, "INSERT INTO u VALUES ('first', 1)")
            try give(sender, to: receiver, as: "first")
            try run(sender, "INSERT INTO t VALUES ('a', randomblob(200000))")
            try sender.seal()
            try run(
                sender,
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50100)
                INSERT INTO t SELECT 'k' || i, randomblob(8) FROM n
                """)
            try sender.seal()
            try run(sender, "INSERT INTO u VALUES ('last', 1)")
            try give(sender, to: receiver, as: "rest")
        }
        #expect(try sender.changesets().map(\.head.more) == [0, 0, 1, 0, 0])
        let sizes = try sender.read {
            try Int.fetchAll(
                $0, sql: "SELECT length(header) + length(content) FROM satchel_changeset ORDER BY arrival")
        }
        // Room for the second, and for the third or fourth, which were sealed together, but not for both.
        let room = sizes[1] + max(sizes[2], sizes[3]) + sizes[4]
        behind.withEngine { $0.room = isOfOne ? (.max / 2, room) : (room, .max / 2) }
        let report = try behind.apply(folder + "/rest")
        #expect(report.outcome == .parked && report.parked == 2 && report.turnedAway == 2)
        #expect(report.waitsFor.contains { $0.contains("room for 2 changesets") }, "\(report.waitsFor)")
        #expect(try behind.apply(folder + "/first").changesets == 2)
        #expect(try behind.status().parked.count == 1, "the last still waits for those that were not taken")
        let again = try behind.apply(folder + "/rest")
        #expect(again.outcome == .applied && again.changesets == 3 && again.turnedAway == 0)
        #expect(try behind.digest() == sender.digest())
    }

    @Test func timesAreSpokenWithTheYearOnlyWhereItIsAnother_EXC34() throws {
        let utc = try #require(TimeZone(identifier: "UTC"))
        let time = Timestamp(milliseconds: 1_777_914_600_000)
        #expect(time.spoken(now: time, in: utc) == "4 May, 17:10")
        #expect(time.spoken(now: Timestamp(milliseconds: 0), in: utc) == "4 May 2026, 17:10")
        for extreme in [Int64.min, .max] {
            #expect(!Timestamp(milliseconds: extreme).spoken(now: Timestamp(milliseconds: extreme), in: utc).isEmpty)
        }
    }

    @Test func whatANewerProgramWroteIsKeptWithItsReasonUntilItCanBeRead_EXC36() throws {
        let (newer, other) = (try device("tablet-3"), try device("tablet-1"))
        try run(newer, "INSERT INTO t VALUES ('k', 'of a newer program')")
        try newer.pack(to: folder + "/up")
        // The hub reads no content of this version.
        try hub.replica.withEngine { $0.newestContent = 0 }
        let report = try hub.merge([folder + "/up"]).merged[0]
        #expect(report.outcome == .parked && report.parked == 1)
        #expect(
            report.reasons == ["a newer version of this program, which its changes were made with: update, and sync"])
        try run(hub.replica, "INSERT INTO t VALUES ('h', 'of the hub')")
        try other.apply(try reply(to: other))
        #expect(try values(other) == ["of the hub"])
        // Without anything new it waits on; a program that reads it takes it in with whatever comes next.
        _ = try hub.merge([folder + "/up"])
        #expect(try hub.replica.status().parked.map(\.waitsFor) == [report.reasons])
        try hub.replica.withEngine { $0.newestContent = 1 }
        try run(other, "INSERT INTO t VALUES ('o', 'of another')")
        try other.pack(to: folder + "/up")
        _ = try hub.merge([folder + "/up"])
        #expect(try hub.replica.status().parked.isEmpty)
        #expect(try values(hub.replica) == ["of the hub", "of a newer program", "of another"])
        try newer.apply(try reply(to: newer))
        #expect(try newer.status().isAllAtHub && values(newer) == values(hub.replica))
    }
}
