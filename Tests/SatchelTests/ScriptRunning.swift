import Foundation
import SatchelTesting
import Testing

/// Runs as many seeds as an environment variable says, from `SATCHEL_SEED` on, else `count` from 1 on. A failure is recorded
/// with its seed and the few steps that matter.
func live(_ kind: ScriptKind, count: UInt64, _ variable: String = "SATCHEL_SCRIPTS") throws {
    let environment = ProcessInfo.processInfo.environment
    let count = environment[variable].flatMap { UInt64($0) } ?? count
    let first = environment["SATCHEL_SEED"].flatMap { UInt64($0) } ?? 1
    do {
        try Scripts().run(kind, seeds: first...(first + count - 1))
    } catch let failure as ScriptFailure {
        Issue.record("\(failure)")
    }
}
