import Satchel
import SatchelTesting
import Testing

/// The tests tested: each bug that is planted is found within a bounded number of seeds (TST-8).
@Suite(.serialized) struct CanaryTests {
    /// No world has a unique place in which a reference stands, nor a folder: those bugs are for the scripts to find.
    @Test(arguments: PlantedBug.allCases.filter { ![.placeIsAsWritten, .keptIsNotLetGo, .leftIsNotRead].contains($0) })
    func aPlantedBugIsFound_TST8(bug: PlantedBug) throws {
        let simulation = try Simulation(WorldSchema.ours())
        simulation.planted = bug
        do {
            let report = try simulation.run(seeds: 1...1000, shrinking: false)
            Issue.record("\(bug) lived through \(report.schedules) schedules")
        } catch let found as SimulationFailure {
            print("\(bug) was found at seed \(found.seed) by the judge of \(found.failure.judge)")
            simulation.planted = nil
            try simulation.run(simulation.schedule(seed: found.seed))  // the bug was it, and nothing else
        }
    }

    @Test func aStoryIsShrunkToTheFewEventsThatMatterAndFailsAgain_TST6() throws {
        let simulation = try Simulation(WorldSchema.ours())
        simulation.planted = .unseenIsReplaced
        let found = try #require(throws: SimulationFailure.self) { try simulation.run(seeds: 1...1000) }
        #expect(found.shrunk.events.count <= 10, "\(found)")
        #expect(throws: WorldFailure.self) { try simulation.replay(found.shrunk.description) }
        simulation.planted = nil
        try simulation.replay(found.shrunk.description)
    }
}
