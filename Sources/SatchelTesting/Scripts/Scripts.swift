internal import Foundation
package import Satchel

/// Runs scripts: random stories of what a world does not live through, each with judges of its own.
///
/// Not Sendable, and one at a time in a process, nor with a `Simulation` at the same time: SQLite's random numbers are the
/// process's.
public final class Scripts {
    private let folder: RunFolder
    private var templates: [ScriptStage.Cast: ReplicaTemplate] = [:]
    /// A bug to find, for the tests of the tests.
    package var planted: PlantedBug?

    /// - Parameter place: the folder of the replicas; nil: memory where the machine has a folder of it, else the
    ///   folder for temporary files.
    public init(in place: String? = nil) throws { folder = try RunFolder(in: place) }

    /// Lives through a script, or through some of its steps, and judges. Throws `ScriptFailure`. Returns the number of steps.
    @discardableResult
    public func run(_ call: ScriptCall) throws -> Int { try live(call).steps }

    /// What happens in it.
    package func story(_ call: ScriptCall) throws -> [String] { try live(call).story }

    private func live(_ call: ScriptCall) throws -> (steps: Int, story: [String]) {
        try folder.run { place in
            let drawn = SharedRandom(call.seed)
            let stage = ScriptStage(
                seed: call.seed, directory: place, planted: planted, drawn: drawn, templates: template)
            let steps = try Seeding.seeded(drawn, call.seed) { try live(call, on: stage) }
            return (steps, stage.story)
        }
    }

    private func live(_ call: ScriptCall, on stage: ScriptStage) throws -> Int {
        var steps = call.steps ?? []
        do {
            let script = try call.kind.make(on: stage, random: stage.begin(.cast))
            steps = call.steps ?? Array(1..<script.length + 1)
            do {
                for number in steps {
                    script.random = stage.begin(.step(number))
                    try script.step()
                }
                script.random = stage.begin(.end)
                try script.finish()
            } catch {
                try? script.close()  // what went wrong first is told
                throw error
            }
            try script.close()
            return steps.count
        } catch {
            var done = call
            done.steps = steps
            throw ScriptFailure(
                call: done, message: "\(error)", story: stage.story, isError: !(error is ScriptComplaint))
        }
    }

    /// Runs seeds until one fails. Throws a `ScriptFailure`, with as few steps as were found to do. Returns how many
    /// steps were lived through.
    ///
    /// - Parameter deadline: no seed is begun after it.
    @discardableResult
    public func run(
        _ kind: ScriptKind, seeds: ClosedRange<UInt64>, until deadline: ContinuousClock.Instant? = nil
    ) throws -> Int {
        var count = 0
        for seed in seeds {
            if let deadline, ContinuousClock.now >= deadline { break }
            do {
                count += try run(ScriptCall(kind, seed: seed))
            } catch let failure as ScriptFailure {
                throw shrink(failure)
            }
        }
        return count
    }

    /// Delta debugging on the steps: what is left fails in the same way, and no step of it can be left out. At most
    /// `tries` runs.
    public func shrink(_ failure: ScriptFailure, tries: Int = 500) -> ScriptFailure {
        var left = tries
        var shortest = failure
        func fails(_ steps: [Int]) -> Bool {
            guard left > 0 else { return false }
            left -= 1
            do {
                try run(ScriptCall(failure.call.kind, seed: failure.call.seed, steps: steps))
            } catch let found as ScriptFailure where found.isLike(failure) {
                shortest = found
                return true
            } catch {}
            return false
        }
        if fails([]) { return shortest }
        _ = minimised(failure.call.steps ?? [], fails)
        return shortest
    }

    private func template(_ cast: ScriptStage.Cast) throws -> ReplicaTemplate {
        if let made = templates[cast] { return made }
        let seed = Seeding.seed(of: "\(cast.hasHub) \(cast.devices) \(cast.scopes.count) \(cast.ddl)")
        let new = try Seeding.seeded(seed) {
            try ReplicaTemplate(
                ddl: cast.ddl, hasHub: cast.hasHub, devices: (1...cast.devices).map { "device\($0)" },
                scopes: cast.scopes, folder: folder["template-\(templates.count)"])
        }
        templates[cast] = new
        return new
    }
}
