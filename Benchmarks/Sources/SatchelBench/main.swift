import Foundation

/// Costs beside plain SQLite and the session extension, measured in one run: see `Options.usage`.
do {
    if CommandLine.arguments.contains("--help") {
        print(Options.usage)
        exit(0)
    }
    let options = try Options(Array(CommandLine.arguments.dropFirst()))
    let folder = NSTemporaryDirectory() + "/satchel-bench-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Anchors of these replicas go with them.
    setenv("XDG_STATE_HOME", folder + "/state", 1)

    let scale = options.quick ? 10 : 1
    let workload =
        try options.data.map { try Workload(folder: $0) }
        ?? Workload(
            clients: 10_000 / scale, visits: 100_000 / scale, updates: 100_000 / scale, seed: 20_240_601)
    let bench = Bench(
        workload: workload, options: options, meter: Meter(countsProcessorTime: options.countsProcessorTime),
        folder: folder)
    let rows = try Options.Group.allCases.filter(options.measures).flatMap { group in
        switch group {
        case .writes: try WriteRows(bench: bench).measure()
        case .exchange: try ExchangeRows(bench: bench).measure()
        case .fresh: try FreshRows(bench: bench).measure()
        case .conflicts: try ConflictRows(bench: bench).measure()
        case .small: try SmallRows(bench: bench).measure()
        case .hub: try HubRows(bench: bench).measure()
        }
    }
    let table = rows + Measurement.memory(of: rows)
    if options.json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(table), as: UTF8.self))
    } else {
        print(Table(rows: table).text)
    }
} catch let fault as Options.Fault {
    FileHandle.standardError.write(Data("error: \(fault)\n\n\(Options.usage)\n".utf8))
    exit(64)
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
