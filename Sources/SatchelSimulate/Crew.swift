import ArgumentParser
import Foundation
import SatchelTesting

/// Several processes that share the seeds between them.
struct Crew {
    var seeds: UInt64
    var from: UInt64
    var seconds: Int?
    var workers: Int
    var only: ScheduleKind?

    func run() throws {
        let begin = ContinuousClock.now
        let share = (seeds + UInt64(max(1, workers)) - 1) / UInt64(max(1, workers))
        let crew = try stride(from: from, to: from + seeds, by: Int(share)).map { first in
            try Worker(first: first, count: min(share, from + seeds - first), seconds: seconds, only: only)
        }
        var whole = SimulationReport()
        var failures = 0
        for worker in crew {
            do {
                whole.add(try worker.report())
            } catch let failure as WorkerFailure {
                failures += 1
                print(failure)
            }
        }
        let time = (ContinuousClock.now - begin) / .seconds(1)
        print("\(whole.schedules) schedules with \(whole.events) events in \(Int(time)) s", terminator: "")
        print(": \(Int(Double(whole.schedules) / time)) a second by \(crew.count) processes")
        let scripts = whole.scripts.values.reduce(0, +)
        print("\(whole.schedules - scripts)\tworlds")
        for kind in ScriptKind.allCases { print("\(whole.scripts[kind] ?? 0)\tscripts: \(kind.rawValue)") }
        for state in RareState.allCases { print("\(whole.reached[state] ?? 0)\t\(state.rawValue)") }
        if failures > 0 { throw ExitCode(1) }
    }
}

private struct WorkerFailure: Error, CustomStringConvertible {
    var description: String
}

/// One process, which writes its report to a file of its own as JSON.
private struct Worker {
    let process = Process()
    let output: URL
    let complaints: URL

    init(first: UInt64, count: UInt64, seconds: Int?, only: ScheduleKind?) throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("satchel-crew-\(UUID())")
        output = place.appendingPathExtension("json")
        complaints = place.appendingPathExtension("txt")
        for file in [output, complaints] { try Data().write(to: file) }
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments =
            ["--worker", "--from", "\(first)", "--seeds", "\(count)"] + (seconds.map { ["--seconds", "\($0)"] } ?? [])
            + (only.map { ["--only", "\($0)"] } ?? [])
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: complaints)
        try process.run()
    }

    func report() throws -> SimulationReport {
        process.waitUntilExit()
        defer { for file in [output, complaints] { try? FileManager.default.removeItem(at: file) } }
        guard process.terminationStatus == 0 else {
            throw WorkerFailure(description: try String(contentsOf: complaints, encoding: .utf8))
        }
        return try JSONDecoder().decode(SimulationReport.self, from: Data(contentsOf: output))
    }
}
