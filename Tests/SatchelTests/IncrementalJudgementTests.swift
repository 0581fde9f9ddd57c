import Foundation
import Satchel
import SatchelHub
import SatchelTesting
import Testing

/// What is judged with a change is enough (MRG-20, MRG-22).
@Suite final class IncrementalJudgementTests: ReviewedWorld {
    /// Seeds by `SATCHEL_JUDGEMENTS=FROM-TO` for longer runs.
    private static let seeds: Range<UInt64> = {
        guard let given = ProcessInfo.processInfo.environment["SATCHEL_JUDGEMENTS"] else { return 1..<201 }
        let ends = given.split(separator: "-").compactMap { UInt64($0) }
        return ends[0]..<ends[1]
    }()

    /// What the first scripts show that differ, up to `most`.
    private func differences(
        _ ddl: String, _ seeds: Range<UInt64>, most: Int = .max, planted: PlantedBug? = nil
    ) throws -> [String] {
        let (hub, _) = try world(ddl)
        return try hub.replica.withEngine { engine in
            var found: [String] = []
            for seed in seeds where found.count < most {
                var script = IncrementalJudgement(engine, seed: seed, planted: planted)
                if let difference = try script.play() { found.append("seed \(seed)\n\(difference)") }
            }
            return found
        }
    }

    @Test(arguments: IncrementalJudgement.dataSets.indices)
    func whatIsJudgedWithAChangeIsEnough_MRG20_MRG22(dataSet: Int) throws {
        let found = try differences(IncrementalJudgement.dataSets[dataSet], Self.seeds)
        #expect(found.isEmpty, "\(found.count) scripts; the shortest:\n\(found.min { $0.count < $1.count } ?? "")")
    }

    /// A simulation that finds nothing says nothing until it is known what it would have found (TST-8).
    @Test func whoDoesNotLetGoOfWhatItKeptIsFound_TST8() throws {
        let found = try differences(IncrementalJudgement.dataSets[3], 1..<3001, most: 1, planted: .keptIsNotLetGo)
        #expect(found.count == 1)
    }
}
