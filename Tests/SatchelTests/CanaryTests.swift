import SatchelModel
import SatchelTesting
import Testing

/// The tests tested: each bug that is planted is found within a bounded number of seeds (TST-8).
@Suite(.serialized) struct CanaryTests {
    @Test(arguments: PlantedBug.allCases)
    func aPlantedBugIsFound_TST8(bug: PlantedBug) throws {
        let simulation = try Simulation(WorldSchema.ours())
        simulation.planted = bug
        do {
            let report = try simulation.run(seeds: 1...3000, shrinking: false)
            Issue.record("\(bug) lived through \(report.schedules) schedules")
        } catch let found as SimulationFailure {
            print("\(bug) was found at seed \(found.seed) by the judge of \(found.failure.judge)")
        }
    }

    @Test func aStoryIsShrunkToTheFewEventsThatMatterAndFailsAgain_TST6() throws {
        let simulation = try Simulation(WorldSchema.ours())
        simulation.planted = .deletionRemoves
        let found = try #require(throws: SimulationFailure.self) { try simulation.run(seeds: 1...3000) }
        #expect(found.shrunk.events.count <= 8, "\(found)")
        #expect(throws: WorldFailure.self) { try simulation.replay(found.shrunk.description) }
        simulation.planted = nil
        try simulation.replay(found.shrunk.description)
    }
}
