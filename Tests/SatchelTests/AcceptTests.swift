import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import SatchelTesting
import SatchelWire
import Testing

/// Accepting apart from merging (EXC-37 to EXC-43).
@Suite final class AcceptTests: TwoTablets {
    init() throws {
        try super.init(
            schema: """
                CREATE TABLE client(id TEXT PRIMARY KEY, name TEXT, phone TEXT);
                CREATE TABLE visit(id TEXT PRIMARY KEY, client TEXT REFERENCES client(id), note TEXT);
                """,
            entering: "INSERT INTO client VALUES ('1', 'one', '11'), ('2', 'two', '22')")
    }

    private var packed = 0

    /// A bundle of a replica with one more visit in it.
    private func day(_ replica: Replica, phone: String? = nil) throws -> String {
        packed += 1
        try run(replica, "INSERT INTO visit VALUES ('\(replica.name)-\(packed)', '1', 'note')")
        if let phone { try run(replica, "UPDATE client SET phone = '\(phone)' WHERE id = '1'") }
        let path = "\(folder)/\(replica.name)-\(packed).up"
        try replica.pack(to: path)
        return path
    }

    private func accept(_ path: String) throws -> Hub.Acceptance {
        try #require(try hub.accept([.file(path)]).first)
    }

    private func visits(_ replica: Replica) throws -> Int {
        try #require(try replica.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM visit") })
    }

    @Test func whatIsAcceptedIsStoredWithAReceiptAndMergedLater_EXC37() throws {
        let path = try day(a)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let before = try hub.digest()
        let receipt = try #require(try accept(path).receipt)
        #expect(receipt.digest == sha256(bytes).bytes.hex && receipt.bytes == bytes.count)
        #expect(receipt.bundle == (try UnverifiedBundle(path: path).peek().header.bundle.bytes.hex))
        #expect(receipt.device == "tablet-1" && receipt.accepted.milliseconds == clock.now().milliseconds)
        #expect(try hub.digest() == before && visits(hub.replica) == 0)
        #expect(try hub.accepted().map(\.receipt) == [receipt])
        let merged = try hub.mergeAccepted()
        #expect(merged.merged.map(\.outcome) == [.applied] && merged.merged.map(\.path) == [receipt.bundle])
        #expect(try visits(hub.replica) == 1 && hub.accepted().isEmpty)
    }

    @Test func ofWhatMayNotComeInNothingIsStored_EXC37() throws {
        let path = try day(a)
        var cut = try Data(contentsOf: URL(fileURLWithPath: path))
        cut.removeLast()
        var forged = try Data(contentsOf: URL(fileURLWithPath: path))
        forged[forged.count - 1] ^= 1
        try hub.pack(for: "tablet-1", to: folder + "/down")
        try a.have(to: folder + "/have")
        let other = try Hub.create(at: folder + "/other", schema: "CREATE TABLE t(id TEXT PRIMARY KEY)", clock: clock)
        let stranger = try Replica.create(
            at: folder + "/stranger.db", enrolment: other.enrol(name: "tablet-1"), clock: clock)
        try stranger.pack(to: folder + "/strange")
        try a.pack(
            for: {
                try b.have(to: folder + "/have-b"); return folder + "/have-b"
            }(), to: folder + "/side")
        let answers = try hub.accept([
            .bytes([UInt8](cut)), .bytes([UInt8](forged)), .bytes([]), .file(folder + "/down"), .file(folder + "/have"),
            .file(folder + "/strange"), .file(folder + "/side"), .file(folder + "/none"),
            .bytes([UInt8](repeating: 0, count: Limits.acceptedBytesOfOne + 1)), .file(path),
        ])
        #expect(answers.map { $0.complaint?.kind } == Array(repeating: .refused, count: 7) + [.other, .refused, nil])
        #expect(answers[6].complaint?.sentence.contains("tablet-2") == true)
        #expect(answers[8].complaint?.sentence.contains("16 MiB") == true)
        #expect(try hub.accepted().count == 1)
    }

    @Test func aDeviceThatIsShutOutIsNotAccepted_EXC37() throws {
        let path = try day(a)
        try hub.revoke("tablet-1")
        #expect(try accept(path).complaint?.sentence.contains("shut out") == true)
        #expect(try hub.accepted().isEmpty)
    }

    @Test func theSameBundleAgainGetsTheSameReceipt_EXC38() throws {
        let path = try day(a)
        let first = try #require(try accept(path).receipt)
        clock.advance(by: 1000)
        #expect(try hub.accept([.file(path), .file(path)]).map(\.receipt) == [first, first])
        #expect(try hub.accepted().count == 1)
        _ = try hub.mergeAccepted()
        clock.advance(by: 1000)
        #expect(try accept(path).receipt == first)
        #expect(try hub.accepted().isEmpty, "what is merged is not stored again")
        // Only the last receipt of a device is remembered: an older bundle is stored once more, and changes nothing.
        _ = try accept(day(a))
        _ = try hub.mergeAccepted()
        let again = try #require(try accept(path).receipt)
        #expect(again.digest == first.digest && again.accepted > first.accepted)
        #expect(try hub.mergeAccepted().merged.map(\.outcome) == [.alreadyHad])
    }

    @Test func nothingIsAtTheHubBeforeItIsMerged_EXC39() throws {
        let path = try day(a)
        _ = try accept(path)
        try hub.pack(for: "tablet-1", to: folder + "/down")
        try a.apply(folder + "/down")
        #expect(try a.status().unreceipted == 1)
        #expect(try a.status(table: "visit", key: RowKey([.text(Array("tablet-1-1".utf8))])).level == .packed)
        _ = try hub.mergeAccepted()
        try hub.pack(for: "tablet-1", to: folder + "/down")
        try a.apply(folder + "/down")
        #expect(try a.status().unreceipted == 0)
        #expect(try a.status(table: "visit", key: RowKey([.text(Array("tablet-1-1".utf8))])).level == .atHub)
    }

    /// Bundles that build on one another, that are in conflict, that come twice, and that wait for another.
    private func mixed() throws -> [String] {
        let first = try day(a, phone: "a")
        let second = try day(b, phone: "b")
        let third = try day(a)
        try a.have(to: folder + "/have")
        let side = folder + "/side.up"
        try b.pack(for: folder + "/have", to: side)
        try a.apply(side)
        let fourth = try day(a, phone: "after")
        return [third, first, second, fourth, first]
    }

    @Test func manyInOneTransactionAreAsOneAfterAnother_EXC40() throws {
        let paths = try mixed()
        try hub.close()
        let reports = try ["one", "group", "accepted"].map { name -> (String, [LogLine], [MergeReport.Merged], Hub) in
            try FileManager.default.copyItem(atPath: folder + "/hub", toPath: "\(folder)/\(name)")
            let hub = try Hub.open(at: "\(folder)/\(name)", clock: clock, anchors: .none)
            var merged: [MergeReport.Merged] = []
            switch name {
            case "one": for path in paths { merged += try hub.merge([path]).merged }
            case "group": merged = try hub.merge(paths).merged
            default:
                _ = try hub.accept(paths.map { .file($0) })
                merged = try hub.mergeAccepted().merged
            }
            return (try hub.digest(), try hub.log(), merged, hub)
        }
        func told(_ merged: MergeReport.Merged) -> [String] {
            let counts = [
                merged.changesets, merged.rows, merged.bytes, merged.newConflicts, merged.setAside, merged.parked,
            ]
            return ["\(merged.outcome)", merged.device] + merged.reasons + counts.map { "\($0)" }
        }
        let (digest, log, one, hub) = reports[0]
        #expect(one.reduce(0) { $0 + $1.newConflicts } > 0, "two wrote one telephone")
        for (otherDigest, otherLog, others, other) in reports.dropFirst() {
            #expect(otherDigest == digest)
            #expect(otherLog.map(\.dot) == log.map(\.dot) && otherLog.map(\.position) == log.map(\.position))
            // The same bundle a second time is known when it is accepted.
            #expect(others.map(told) == Array(one.map(told).prefix(others.count)))
            #expect(others.count >= 4)
            for name in ["tablet-1", "tablet-2"] {
                let mine = try hub.pack(for: name, to: folder + "/mine")
                let theirs = try other.pack(for: name, to: folder + "/theirs")
                #expect(mine.rows == theirs.rows && mine.changesets == theirs.changesets)
                #expect(try hub.digest(for: name) == other.digest(for: name))
            }
            try other.close()
        }
        try hub.close()
    }

    /// A bundle whose sender signed nonsense, which shows only when a changeset of it is taken in already.
    private func nonsense(_ replica: Replica) throws -> String {
        _ = try day(replica)
        let path = folder + "/nonsense.up"
        try replica.withEngine { engine in
            _ = try engine.write(path, engine.header(.up, for: nil)) { writer in
                for dot in try engine.store.dots(.pending) {
                    try writer.append(.changeset(try #require(try engine.sealed(dot))))
                }
                try writer.append(.dots([]))
            }
        }
        return path
    }

    @Test(arguments: [true, false])
    func aRefusedOneIsTakenBackAloneAndKeptWithTheReason_EXC40_EXC41(accepting: Bool) throws {
        let paths = [try day(b), try nonsense(a), try day(b)]
        let report: MergeReport
        if accepting {
            #expect(try hub.accept(paths.map { .file($0) }).allSatisfy { $0.receipt != nil })
            report = try hub.mergeAccepted()
        } else {
            report = try hub.merge(paths)
        }
        #expect(report.merged.map(\.outcome) == [.applied, .refused, .applied])
        #expect(report.merged.map(\.changesets) == [1, 0, 1])
        #expect(try visits(hub.replica) == 2 && hub.log().map(\.device).suffix(2) == ["tablet-2", "tablet-2"])
        #expect(try hub.verify().faults.isEmpty)
        let kept = try hub.accepted()
        guard accepting else { return #expect(kept.isEmpty) }
        #expect(kept.map(\.receipt.device) == ["tablet-1"] && kept[0].reason == report.merged[1].complaint?.sentence)
        // It is not tried again by itself, and not given up either.
        #expect(try hub.mergeAccepted().merged.isEmpty && hub.accepted().count == 1)
        #expect(try accept(paths[1]).receipt == kept[0].receipt)
        try hub.retryAccepted([kept[0].receipt.digest])
        #expect(try hub.mergeAccepted().merged.map(\.outcome) == [.refused] && hub.accepted().count == 1)
        try hub.dropAccepted([kept[0].receipt.digest])
        #expect(try hub.accepted().isEmpty)
        #expect(throws: UsageError.self) { try hub.dropAccepted([kept[0].receipt.digest]) }
        // What it held comes by another bundle.
        #expect(try hub.merge([day(a)]).merged.map(\.changesets) == [2])
    }

    @Test func whoIsShutOutWhileTheirBundleWaitsChangesNothing_REV2() throws {
        let path = try day(a)
        _ = try accept(path)
        try hub.revoke("tablet-1")
        let report = try hub.mergeAccepted()
        #expect(report.merged.map(\.outcome) == [.applied] && report.merged[0].setAside == 1)
        #expect(try visits(hub.replica) == 0 && hub.quarantine().changesets.count == 1)
        #expect(try hub.accepted().isEmpty)
    }

    @Test func beyondTheBoundNothingIsStoredAndItIsSaid_EXC42() throws {
        let paths = [try day(a), try day(b)]
        let size = try Data(contentsOf: URL(fileURLWithPath: paths[0])).count
        hub.acceptedRoom.withLock { $0.all = size }
        let answers = try hub.accept(paths.map { .file($0) })
        #expect(answers[0].receipt != nil)
        #expect(answers[1].complaint?.kind == .busy && answers[1].complaint?.sentence.contains("no room") == true)
        #expect(try hub.accepted().count == 1)
        #expect(try accept(paths[0]).receipt == answers[0].receipt, "what is there needs no room")
        _ = try hub.mergeAccepted()
        hub.acceptedRoom.withLock { $0.all = 2 * size }
        #expect(try accept(paths[1]).receipt != nil)
    }

    @Test func oneDeviceDoesNotTakeTheRoomOfAllOthers_EXC42() throws {
        let paths = [try day(a), try day(a), try day(b)]
        let size = try Data(contentsOf: URL(fileURLWithPath: paths[1])).count
        hub.acceptedRoom.withLock { $0.ofDevice = size }
        let answers = try hub.accept(paths.map { .file($0) })
        #expect(answers[0].receipt != nil && answers[2].receipt != nil)
        #expect(answers[1].complaint?.kind == .busy && answers[1].complaint?.sentence.contains("tablet-1") == true)
        #expect(try accept(paths[1]).receipt == nil)
        _ = try hub.mergeAccepted()
        #expect(try accept(paths[1]).receipt != nil, "what was merged takes no room")
    }

    @Test func aBackupHoldsWhatWasAccepted_EXC43() throws {
        let receipt = try #require(try accept(day(a)).receipt)
        try FileManager.default.createDirectory(atPath: folder + "/back", withIntermediateDirectories: true)
        try hub.backUp(to: folder + "/back/hub.sqlite")
        let back = try Hub.open(at: folder + "/back", clock: clock, anchors: .none)
        #expect(try back.accepted().map(\.receipt) == [receipt])
        #expect(try back.mergeAccepted().merged.map(\.outcome) == [.applied])
        #expect(try visits(back.replica) == 1)
        try back.close()
    }

    @Test func anErasureTakesWhatIsKeptAsideAndRedactsWhatWaits_EXC43_ERA4() throws {
        _ = try accept(day(b))
        _ = try accept(nonsense(a))
        _ = try hub.mergeAccepted()
        try run(a, "UPDATE client SET phone = 'secret' WHERE id = '1'")
        try a.pack(to: folder + "/waits.up")
        _ = try accept(folder + "/waits.up")
        let report = try hub.erase(
            table: "client", key: RowKey([.text(Array("1".utf8))]), withReferences: true)
        #expect(report.quarantineRemoved.count == 1)
        #expect(try hub.accepted().map(\.reason) == [nil])
        #expect(try hub.mergeAccepted().merged.map(\.outcome) == [.applied])
        #expect(try visits(hub.replica) == 0)
        #expect(try hub.log().filter(\.isRedacted).count >= 2)
    }

    @Test func acceptingGoesOnWhileOthersMerge_EXC37() async throws {
        let (hub, clock) = (hub, clock)
        let paths = try (0..<12).map { try day($0.isMultiple(of: 2) ? a : b) }
        let merging = Task.detached { () -> Int in
            var merged = 0
            for _ in 0..<200 where merged < 12 {
                merged += try hub.mergeAccepted().merged.count
                try await Task.sleep(nanoseconds: 2_000_000)
            }
            return merged
        }
        for path in paths {
            clock.advance(by: 1)
            #expect(try hub.accept([.file(path)]).allSatisfy { $0.receipt != nil })
        }
        #expect(try await merging.value == 12)
        #expect(try visits(hub.replica) == 12 && hub.accepted().isEmpty)
    }

    @Test func manyThreadsAreServedTogetherAndEachGetsItsOwnAnswer_EXC37() throws {
        let hub = hub
        let paths = try (0..<24).map { try $0 % 4 == 3 ? folder + "/none" : day($0.isMultiple(of: 2) ? a : b) }
        let answers = Locked([Hub.Acceptance?](repeating: nil, count: paths.count))
        // Whoever holds the hub makes them wait for one another.
        hub.replica.withEngine { _ in
            for (place, path) in paths.enumerated() {
                Thread.detachNewThread {
                    guard let answer = try? hub.accept([.file(path)]).first else { return }
                    answers.withLock { $0[place] = answer }
                }
            }
            usleep(50_000)
        }
        for _ in 0..<2000 where answers.withLock({ $0.contains { $0 == nil } }) { usleep(5000) }
        for (path, answer) in zip(paths, answers.withLock { $0 }) {
            let answer = try #require(answer)
            guard let contents = FileManager.default.contents(atPath: path) else {
                #expect(answer.complaint != nil)
                continue
            }
            #expect(answer.receipt?.digest == sha256([UInt8](contents)).bytes.hex)
        }
        #expect(try hub.accepted().count == 18)
        #expect(try hub.mergeAccepted().merged.count == 18)
    }
}
