import ArgumentParser
import Foundation
import SatchelTesting

/// Lives through random schedules until one fails, on as many cores as there are.
///
/// Each worker is a process: the disk of the worlds and SQLite's random numbers belong to a process.
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "satchel-simulate",
        abstract: "Live through random schedules of everything that goes wrong, until one fails.")

    @Option(help: "How many schedules.") var seeds: UInt64 = 1000
    @Option(help: "The first seed.") var from: UInt64 = 1
    @Option(help: "Begin no schedule after so many seconds.") var seconds: Int?
    @Option(help: "Processes; usually one for each core.") var workers = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: "Live through the story in a file instead.") var replay: String?
    @Option(
        help: "Only schedules of this kind: \(ScheduleKind.all.map(\.description).joined(separator: ", ")).",
        transform: kind)
    var only: ScheduleKind?
    @Flag(help: ArgumentHelp("Print the report for the process that began this one.", visibility: .hidden))
    var worker = false

    mutating func run() throws {
        if let replay {
            do {
                try Mix(WorldSchema.ours() + [WorldSchema.growing()]).replay(
                    String(contentsOfFile: replay, encoding: .utf8))
                print("Nothing fails.")
            } catch let failure as WorldFailure {
                print("\(failure)\n\(failure.standing)")
                throw ExitCode(1)
            } catch let failure as ScriptFailure {
                print(failure)
                throw ExitCode(1)
            }
        } else if worker {
            try work()
        } else {
            try Crew(seeds: seeds, from: from, seconds: seconds, workers: workers, only: only).run()
        }
    }

    private func work() throws {
        let deadline = seconds.map { ContinuousClock.now + .seconds($0) }
        let report = try Mix(WorldSchema.ours() + [WorldSchema.growing()]).run(
            seeds: from...(from + seeds - 1), only: only, until: deadline)
        FileHandle.standardOutput.write(try JSONEncoder().encode(report))
    }

    private static func kind(_ name: String) throws -> ScheduleKind {
        guard let kind = ScheduleKind(name: name) else {
            throw ValidationError("there is no kind of schedule “\(name)”")
        }
        return kind
    }
}

Simulate.main()
