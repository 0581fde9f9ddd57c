import Foundation
import Testing

/// Random stories of tombstones and erasures against the rules. `SATCHEL_GRAVES` says how many, `SATCHEL_SEED` from which
/// seed on.
@Suite struct GraveScripts {
    @Test func whoeverIsAwayNothingComesBackAndNothingIsLost_EXC23_EXC24_EXC25_EXC26_ERA2_ERA5_ERA6_ERA10() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["SATCHEL_GRAVES"].flatMap { UInt64($0) } ?? 30
        let first = environment["SATCHEL_SEED"].flatMap { UInt64($0) } ?? 1
        for seed in first..<(first + count) {
            do {
                try GraveScript(seed: seed).run()
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }
}
