import CFaultyDisk
import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelTesting
import Testing

/// The hub's machine dies between accepting and merging, or in the midst of either (EXC-37, EXC-40).
extension CrashTests {
    /// The world with two bundles that nobody has handed in, and the hub's digest when both are merged.
    private func handedIn() throws -> (world: CrashWorld, digest: String) {
        let world = try template.copy(to: template.folder + "-accept")
        let people = try world.open()
        for (replica, write) in [(people.a, 0), (people.b, 1)] {
            try replica.write { try $0.execute(sql: CrashWorld.writes[write].sql) }
            try replica.pack(to: "\(world.folder)/\(replica.name).up")
        }
        people.close()
        let calm = try world.copy(to: template.folder + "-accept-calm")
        defer { calm.remove() }
        let hub = try calm.open().hub
        _ = try hub.accept(bundles(calm))
        #expect(try hub.mergeAccepted().merged.map(\.outcome) == [.applied, .applied])
        let digest = try hub.digest()
        try hub.close()
        return (world, digest)
    }

    private func bundles(_ world: CrashWorld) -> [Hub.Arrival] {
        ["a", "b"].map { .file("\(world.folder)/\($0).up") }
    }

    @Test(arguments: [FAULTY_KEPT, FAULTY_DROPPED, FAULTY_TORN])
    func whatHasAReceiptIsMergedWheneverTheMachineDies_EXC37_EXC40(fate: faulty_fate) throws {
        let (start, digest) = try handedIn()
        defer { start.remove() }
        var point = 1
        var withReceipt = 0
        var isOver = false
        while !isOver {
            let world = try start.copy(to: template.folder + "-accept-run")
            defer { world.remove() }
            faulty_watch(world.folder)
            faulty_crash_at(point)
            var receipts: [BundleReceipt] = []
            do {
                let hub = try Hub.open(at: world.folder + "/hub", clock: world.clock)
                defer { try? hub.close() }
                let answers = try hub.accept(bundles(world))
                if faulty_crashed() == 0 { receipts = answers.compactMap(\.receipt) }
                _ = try hub.mergeAccepted()
            } catch {}
            isOver = faulty_crashed() == 0
            faulty_settle(fate, UInt64(point))
            faulty_watch(nil)

            let hub = try Hub.open(at: world.folder + "/hub", clock: world.clock)
            defer { try? hub.close() }
            if !receipts.isEmpty {
                withReceipt += 1
                #expect(receipts.count == 2)
            } else {
                receipts = try hub.accept(bundles(world)).compactMap(\.receipt)
            }
            let merged = try hub.mergeAccepted()
            #expect(merged.merged.allSatisfy { $0.outcome == .applied || $0.outcome == .alreadyHad }, "\(merged)")
            #expect(merged.failures.isEmpty)
            #expect(try hub.digest() == digest, "call \(point), fate \(fate.rawValue)")
            #expect(try hub.accepted().isEmpty)
            #expect(try hub.accept(bundles(world)).compactMap(\.receipt) == receipts)
            point += 3
        }
        #expect(point > 60 && withReceipt > 5, "\(point) calls, \(withReceipt) with a receipt")
    }
}

extension CrashWorld {
    fileprivate var clock: ScriptClock { ScriptClock(Self.hour + 3000) }
}

extension Hub.Acceptance {
    var receipt: BundleReceipt? {
        if case .accepted(let receipt) = self { return receipt }
        return nil
    }

    var complaint: Complaint? {
        if case .refused(let complaint) = self { return complaint }
        return nil
    }
}
