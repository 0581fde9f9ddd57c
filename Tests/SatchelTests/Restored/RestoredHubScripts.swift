import Foundation
import Testing

/// Random stories of restored and rebuilt hubs. `SATCHEL_SCRIPTS` says how many, `SATCHEL_SEED` from where on.
@Suite struct RestoredHubScripts {
    @Test func whateverHubIsPutBackNothingThatADeviceHoldsIsLost_EXC28_EXC29_EXC30() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["SATCHEL_SCRIPTS"].flatMap { UInt64($0) } ?? 40
        let first = environment["SATCHEL_SEED"].flatMap { UInt64($0) } ?? 1
        for seed in first..<(first + count) {
            let directory = FileManager.default.temporaryDirectory.appendingPathComponent("satchel-back-\(UUID())")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            do {
                try RestoredHubScript(seed: seed, directory: directory.path).run()
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }
}
