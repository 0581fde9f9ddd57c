import Foundation
import SatchelTesting
import Testing

/// Random stories against the naive model. `SATCHEL_SCRIPTS` says how many, `SATCHEL_SEED` from which seed on.
@Suite(.serialized) struct RandomScripts {
    @Test func whateverTheRoadsReplicasAgreeWithTheRulesAndLoseNothing_MRG8_MRG14_MRG20_MRG26_EXC14_EXC17() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["SATCHEL_SCRIPTS"].flatMap { UInt64($0) } ?? 120
        let first = environment["SATCHEL_SEED"].flatMap { UInt64($0) } ?? 1
        let simulation = try Simulation(WorldSchema.ours())
        let report = try simulation.run(seeds: first...(first + count - 1))
        print("\(report.schedules) schedules, \(report.events) events in \(report.duration)")
        print("not reached: \(report.missing.map(\.rawValue))")
        #expect(report.missing.count < RareState.allCases.count / 2, "the generator is alive (TST-9)")
    }

    @Test func aSeedTellsOneStory() {
        var a = SplitMix64(seed: 1234567)
        #expect([a.next(), a.next(), a.next()] == [6457827717110365317, 3203168211198807973, 9817491932198370423])
    }
}
