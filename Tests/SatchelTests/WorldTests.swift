import Foundation
import Satchel
import SatchelModel
import SatchelTesting
import Testing

/// The world itself: stories that are read back, runs that can be had again, clocks that decide nothing.
@Suite(.serialized) struct WorldTests {
    @Test func aStoryThatIsPrintedIsReadBack_TST6() throws {
        let simulation = try Simulation(WorldSchema.ours() + [WorldSchema.growing()])
        for seed in UInt64(1)...200 {
            let schedule = try simulation.schedule(seed: seed)
            #expect(try Schedule(story: schedule.description) == schedule)
        }
        for line in ["", "device 1", "device x seals", "the hub packs", "bundle 3 arrives damaged"] {
            #expect(WorldEvent(line) == nil, "\(line)")
        }
        #expect(throws: StoryError.self) { try Schedule(story: "once upon a time") }
    }

    /// The world runs the real thing and keeps its own books (TST-2, TST-3), and the model shares no code with the engine
    /// (TST-4).
    @Test func randomWorldsAgreeWithTheRulesAndLoseNothing_TST1_TST5_TST7_TST9_TST10_TST11() throws {
        let report = try Simulation(WorldSchema.ours()).run(seeds: 1...120)
        print("\(report.schedules) schedules, \(report.events) events in \(report.duration)")
        print("not reached: \(report.missing.map(\.rawValue))")
        let missing = report.missing.filter { ![.twoVersions, .diedInMigration, .erasedLater].contains($0) }
        #expect(missing.count < RareState.allCases.count / 2 - 1, "the generator is alive (TST-9)")
    }

    /// TST-13.
    @Test func worldsOfThreeVersionsAgreeAndLoseNothing_TST5_VER2_VER3_VER6_VER10_ERA11() throws {
        let report = try Simulation([WorldSchema.growing()]).run(seeds: 1...120)
        #expect(report.reached[.twoVersions] ?? 0 > 20, "replicas did move at different times")
        #expect(report.reached[.erasedLater] ?? 0 > 0, "what the hub learned to read later was erased then (ERA-11)")
    }

    private static let stories = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Stories")

    /// What some hundred seeds do not meet is found by the story that was kept of it.
    @Test func aStoryFindsTheBugThatItWasKeptFor_TST8() throws {
        let file = Self.stories.appendingPathComponent("a-deleted-parent-of-a-row-that-fell.story")
        let story = try String(contentsOf: file, encoding: .utf8)
        let simulation = try Simulation(WorldSchema.ours())
        simulation.planted = .keptIsNotLetGo
        #expect(throws: WorldFailure.self) { try simulation.replay(story) }
    }

    /// Every story that once failed, kept for ever.
    @Test func noStoryThatOnceFailedFailsAgain_TST6() throws {
        let files = try FileManager.default.contentsOfDirectory(at: Self.stories, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        let simulation = try Simulation(WorldSchema.ours() + [WorldSchema.growing()])
        for file in files.sorted(by: { $0.path < $1.path }) {
            do {
                try simulation.replay(String(contentsOf: file, encoding: .utf8))
            } catch {
                Issue.record("\(file.lastPathComponent): \(error)")
            }
        }
    }

    @Test func aSeedTellsOneStoryInAnyOrderOfRuns_TST1() throws {
        let simulation = try Simulation(WorldSchema.ours())
        let first = try (UInt64(1)...20).map { try simulation.survivors(of: simulation.schedule(seed: $0)) }
        let other = try Simulation(WorldSchema.ours())
        let again = try (UInt64(1)...20).reversed().map { try other.survivors(of: other.schedule(seed: $0)) }
        #expect(first == again.reversed())
    }

    /// TST-12.
    @Test func wrongClocksLeaveTheSameCandidates_B7_MRG15() throws {
        let simulation = try Simulation(WorldSchema.ours())
        var wrong = 0
        for seed in UInt64(1)...80 {
            var schedule = try simulation.schedule(seed: seed)
            let real = try simulation.survivors(of: schedule)
            let count = schedule.events.count
            schedule.events.removeAll(where: \.isOfClocks)
            if schedule.events.count < count { wrong += 1 }
            #expect(try simulation.survivors(of: schedule) == real, "seed \(seed)")
        }
        #expect(wrong > 10, "clocks were wrong in \(wrong)")
    }
}

extension WorldEvent {
    fileprivate var isOfClocks: Bool {
        switch self {
        case .clock, .clockStands: true
        default: false
        }
    }
}
