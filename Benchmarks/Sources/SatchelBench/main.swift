import Foundation

/// `satchel-bench [--json] [--quick] [--repetitions N] [--data DIR] [--only writes|exchange] [--cpu]`: ratios beside plain
/// SQLite, measured in one run.
let arguments = CommandLine.arguments.dropFirst()
let quick = arguments.contains("--quick")
let countsProcessorTime = arguments.contains("--cpu")
let json = arguments.contains("--json")
var repetitions = quick ? 3 : 5
if let place = arguments.firstIndex(of: "--repetitions"),
    let count = arguments.dropFirst(place - 1).dropFirst().first.flatMap({ Int($0) })
{
    repetitions = max(1, count)
}

func tell(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

let folder = NSTemporaryDirectory() + "/satchel-bench-\(ProcessInfo.processInfo.processIdentifier)"
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: folder) }

let scale = quick ? 10 : 1
tell("generating \(100_000 / scale) visits …")
let data = arguments.firstIndex(of: "--data").flatMap { arguments.dropFirst($0 - 1).dropFirst().first }
let workload =
    try data.map { try Workload(folder: $0) }
    ?? Workload(
        clients: 10_000 / scale, visits: 100_000 / scale, updates: 100_000 / scale, seed: 20_240_601)
let bench = Bench(workload: workload, folder: folder, repetitions: repetitions)
var rows: [Measurement] = []
let only = arguments.firstIndex(of: "--only").flatMap { arguments.dropFirst($0 - 1).dropFirst().first }
if only != "exchange" {
    for synchronous in PlainSQLite.Synchronous.allCases {
        tell("writing, synchronous=\(synchronous.rawValue), \(repetitions) times …")
        rows += try bench.writes(synchronous)
    }
}
if only != "writes" {
    tell("packing and applying, \(repetitions) times …")
    rows += try bench.exchange()
}
if json {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(rows), as: UTF8.self))
} else {
    print(Measurement.heading)
    for row in rows { print(row.line) }
}
