import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore
import SatchelTesting
import SatchelWire
import Testing

/// Random stories of people who are erased, come again under the same key, and of a hub that is put back meanwhile. What
/// is judged is bookkeeping of the test's own: what was written by whom knowing which orders.
@Suite(.serialized) struct ErasureRestoredHubTests {
    private struct Written {
        let text: String
        /// Of whom it is: the row itself, or the one that it refers to.
        let person: String
        /// The orders that its author had carried out.
        let known: Set<String>
    }

    @Test func whoKnewAnOrderIsSparedAndNobodyElse_ERA5_ERA6_ERA9() throws {
        var (spared, erased, restored) = (0, 0, 0)
        for seed in Self.first...Self.seeds {
            let story = try Story(seed: seed)
            try story.live()
            try story.judge()
            spared += story.spared
            erased += story.erased
            restored += story.restored
        }
        #expect(spared > 20 && erased > 50 && restored > 20, "\(spared) \(erased) \(restored)")
    }

    private static let first = ProcessInfo.processInfo.environment["SATCHEL_ERASURE_FIRST"].flatMap(UInt64.init) ?? 1
    private static let seeds = ProcessInfo.processInfo.environment["SATCHEL_ERASURE_SEEDS"].flatMap(UInt64.init) ?? 60

    private final class Story {
        let seed: UInt64
        let world: CleanUpWorld
        var random: SplitMix64
        var told: [String] = []
        var written: [Written] = []
        /// By id: whom the order is about.
        var orders: [String: String] = [:]
        var (spared, erased, restored) = (0, 0, 0)
        var hasBackup = false

        init(seed: UInt64) throws {
            self.seed = seed
            random = SplitMix64(seed: seed)
            world = try CleanUpWorld(["a", "b", "c"])
        }

        func live() throws {
            for _ in 0..<Int.random(in: 12...30, using: &random) {
                let device = world.devices.randomElement(using: &random)!
                switch Int.random(in: 0..<100, using: &random) {
                case 0..<36: try write(device)
                case 36..<68: try sync(device)
                case 68..<80: try erase()
                case 80..<88:
                    try? FileManager.default.removeItem(atPath: world["hub.backup"])
                    try world.backUpHub()
                    hasBackup = true
                    told.append("the hub is backed up")
                case 88..<95:
                    guard hasBackup else { continue }
                    try world.restoreHub()
                    restored += 1
                    // Of two lives that begin from one backup the second cannot know what was known in the first.
                    hasBackup = false
                    told.append("the hub is put back")
                default:
                    try world.replica(device).pack(to: world["up"])
                    _ = try world.hub.merge([world["up"]])
                    told.append("\(device) hands in, and gets no answer")
                }
            }
            for _ in 0..<6 { for device in world.devices { try sync(device) } }
        }

        private func known(_ name: String) throws -> Set<String> {
            try world.replica(name).withEngine { engine in
                try engine.reading {
                    Set(try engine.store.erasures().map { try SignedErasure(decoding: $0).order.id.hex })
                }
            }
        }

        private func write(_ device: String) throws {
            let person = "p\(Int.random(in: 0..<3, using: &random))"
            let number = written.count
            let text = "第\(seed)之\(number)号也"
            let isThere = try world.value(device, "SELECT id FROM parent WHERE id = '\(person)'") != nil
            if isThere {
                try world.sql(device, "INSERT INTO child VALUES ('\(text)', '\(person)', 1)")
            } else {
                try world.sql(device, "INSERT INTO parent VALUES ('\(person)', '\(text)', NULL)")
            }
            try world.replica(device).seal()
            let known = try known(device)
            written.append(Written(text: text, person: person, known: known))
            told.append("\(device) enters \(text), \(isThere ? "of" : "as") \(person), knowing \(known.sorted())")
        }

        private func sync(_ device: String) throws {
            try world.replica(device).pack(to: world["up"])
            let report = try world.hub.merge([world["up"]], replies: world["replies"])
            try #require(report.failures.isEmpty && report.merged.allSatisfy { $0.complaint == nil }, "\(report)")
            let outcome = try world.replica(device).apply(world["replies/\(device).satchel"]).outcome
            told.append("\(device) syncs: \(outcome)")
        }

        private func erase() throws {
            let person = "p\(Int.random(in: 0..<3, using: &random))"
            do {
                let report = try world.hub.erase(
                    table: "parent", key: RowKey([.text(person)]), withReferences: true)
                orders[report.id] = person
                told.append("\(person) is erased by \(report.id), \(report.rows)")
            } catch is UsageError {
                return  // nothing is known of them
            }
        }

        func judge() throws {
            let story = "seed \(seed)\n" + told.joined(separator: "\n")
            let standing = Set(try world.hub.erasures().map(\.id))
            for one in written {
                let isErased = orders.contains { $1 == one.person && standing.contains($0) && !one.known.contains($0) }
                for name in ["hub"] + world.devices {
                    let holds = try world.holds(one.text, name)
                    try #require(
                        holds != isErased, "\(name): \(one.text) is due to be \(isErased ? "gone" : "there")\n\(story)")
                }
                let isSpared = orders.contains { $1 == one.person && standing.contains($0) && one.known.contains($0) }
                if isErased { erased += 1 } else if isSpared { spared += 1 }
            }
            let digest = try world.hub.digest()
            for name in world.devices { try #require(try world.replica(name).digest() == digest, "\(name)\n\(story)") }
            try #require(try world.hub.verify().faults.isEmpty, "\(story)")
            try #require(try world.hub.erasures().allSatisfy(\.missing.isEmpty), "\(story)")
            try world.close()
        }
    }
}
