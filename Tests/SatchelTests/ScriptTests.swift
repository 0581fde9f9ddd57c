import Satchel
import SatchelTesting
import Testing

/// The scripts themselves: what a seed stands for, what is left when steps are left out, and what becomes of a failure.
@Suite(.serialized) struct ScriptTests {
    @Test func aCallThatIsPrintedIsReadBack_TST14() throws {
        for kind in ScriptKind.allCases {
            for steps in [nil, [], [3], [3, 7, 9]] {
                let call = ScriptCall(kind, seed: 12, steps: steps)
                #expect(try ScriptCall(story: "# a remark\n\(call)\n") == call)
            }
        }
        #expect(ScriptCall(.scopes, seed: 12, steps: [3, 7, 9]).description == "script scopes, seed 12, steps 3 7 9")
        #expect(try ScriptCall(story: "seed 1, schema records, a hub, 2 devices, checks 0 %") == nil)
        for line in ["script dreams, seed 1, all steps", "script scopes, seed 1", "script scopes, seed 1, steps"] {
            #expect(throws: StoryError.self) { try ScriptCall(story: line) }
        }
    }

    /// A planted bug stands for one in the engine or in a judge. It is found, the steps that do not matter are left out, what is
    /// left is printed, and that fails in the same way whoever replays it.
    @Test(arguments: [
        (ScriptKind.scopes, PlantedBug.pendingIsNotReplayed), (.graves, .deletionRemoves),
        (.restored, .unseenIsReplaced), (.revoked, .pendingIsNotReplayed), (.records, .causesAreNotAwaited),
        (.fleet, .pendingIsNotReplayed), (.fleet, .unseenIsReplaced),
        (.places, .placeIsAsWritten), (.tangle, .deletionRemoves), (.folders, .leftIsNotRead),
        (.folders, .packedIsReceived),
    ])
    func aFailureIsShrunkToTheFewStepsThatMatterAndFailsAgain_TST14(kind: ScriptKind, bug: PlantedBug) throws {
        let scripts = try Scripts()
        scripts.planted = bug
        let found = try #require(throws: ScriptFailure.self) { try scripts.run(kind, seeds: 1...500) }
        print("\(bug): \(found)")
        let steps = try #require(found.call.steps)
        #expect(steps.count <= 10, "\(found)")
        #expect(!found.story.isEmpty)
        // By another process, which has other templates and other files.
        let simulation = try Simulation(WorldSchema.ours())
        simulation.planted = bug
        let again = try #require(throws: ScriptFailure.self) { try simulation.replay("\(found)") }
        #expect(again.description == found.description)
        simulation.planted = nil
        try simulation.replay("\(found)")  // the bug was it, and nothing else
    }

    @Test func ofTwentySeedsSixAreScripts_TST14() {
        let kinds = (UInt64(0)..<60).map { ScheduleKind(seed: $0) }
        #expect(kinds.filter { $0 == .world }.count == 42)
        let news: [ScheduleKind] = [.script(.places), .script(.fleet)]
        #expect(
            !kinds.contains { news.contains($0) }, "a kind that came later leaves what earlier seeds stand for alone")
        let later = (UInt64(6_000_000)..<6_000_080).map { ScheduleKind(seed: $0) }
        #expect(later.filter { $0 == .world }.count == 56)
        let last = (UInt64(12_000_001)..<12_000_081).map { ScheduleKind(seed: $0) }
        #expect(last.filter { $0 == .world }.count == 52)
        let newest = (UInt64(14_000_001)..<14_000_081).map { ScheduleKind(seed: $0) }
        #expect(newest.filter { $0 == .world }.count == 40)
        for kind in ScheduleKind.all {
            let isOfLast = kind == .script(.folders)
            let isNewest = kind == .script(.tangle)
            #expect(newest.contains(kind) && last.contains(kind) != isNewest)
            #expect(later.contains(kind) != (isOfLast || isNewest))
            #expect(kinds.contains(kind) != (news.contains(kind) || isOfLast || isNewest))
            #expect(ScheduleKind(name: "\(kind)") == kind)
        }
        #expect(ScheduleKind(name: "dream") == nil)
    }

    @Test(arguments: ScriptKind.allCases)
    func aSeedTellsOneStory_TST1_TST14(kind: ScriptKind) throws {
        for seed in UInt64(1)...2 {
            let (one, other) = (try Scripts(), try Scripts())
            _ = try? other.run(ScriptCall(kind, seed: seed + 1))
            let (first, again) = try (
                one.story(ScriptCall(kind, seed: seed)), other.story(ScriptCall(kind, seed: seed))
            )
            #expect(first == again, "\(zip(first, again).first { $0 != $1 } ?? ("", ""))")
        }
    }
}
