import Foundation
import SatchelTesting
import Testing

/// Random stories against the naive model. `SATCHEL_SCRIPTS` says how many, `SATCHEL_SEED` from which seed on.
@Suite struct RandomScripts {
    /// Beside the rules named: what each replica keeps and knows is the script's own bookkeeping by EXC-6, EXC-7, EXC-8
    /// and EXC-13; what acts replace is judged by EXC-1, EXC-5, EXC-9, EXC-10, EXC-11 and EXC-12; what a reply may leave
    /// out by EXC-15; conflicts are answered by number (MRG-19), keys change (MRG-24), and digests are made again by
    /// DIG-1, DIG-2, DIG-3, DIG-4, DIG-5 and DIG-6.
    @Test func whateverTheRoadsReplicasAgreeWithTheRulesAndLoseNothing_MRG8_MRG14_MRG20_MRG26_EXC14_EXC17() throws {
        try run(.plain)
    }

    @Test func nothingDanglesAndNothingClashes_MRG20_MRG22_MRG40_MRG41_MRG42_MRG43_MRG44_MRG45_MRG46_MRG47_MRG48()
        throws
    {
        try run(.net)
    }

    @Test func devicesOfThreeVersionsLoseNothingAndAgreeOnceAllHaveMigrated_VER2_VER3_VER4_VER5_VER6_VER10_MRG37()
        throws
    {
        try run(ScriptData.versions)
    }

    private func run(_ data: ScriptData) throws { try run([data]) }

    private func run(_ versions: [ScriptData]) throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["SATCHEL_SCRIPTS"].flatMap { UInt64($0) } ?? 40
        let first = environment["SATCHEL_SEED"].flatMap { UInt64($0) } ?? 1
        for seed in first..<(first + count) {
            let directory = FileManager.default.temporaryDirectory.appendingPathComponent("satchel-script-\(UUID())")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            do {
                try RandomScript(seed: seed, directory: directory.path, versions: versions).run()
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }

    @Test func aSeedTellsOneStory() {
        var a = SplitMix64(seed: 1234567)
        #expect([a.next(), a.next(), a.next()] == [6457827717110365317, 3203168211198807973, 9817491932198370423])
    }
}
