import Foundation
import Testing

/// One of the built executables, run as people run it.
struct Tool {
    struct Outcome {
        let code: Int32
        let output: String
        let error: String

        /// The answer of `--json`: one object on one line (CLI-4).
        var json: [String: Any] {
            get throws {
                #expect(output.hasSuffix("\n") && output.filter { $0 == "\n" }.count == 1, "one line: \(output)")
                return try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
            }
        }
    }

    let path: String

    static let satchel = Tool(named: "satchel")
    static let hub = Tool(named: "satchel-hub")
    /// Any other program that writes SQLite. Nil: there is none on this machine.
    static let sqlite = Tool(found: "sqlite3")
    static let shell = Tool(found: "sh")

    /// Executables are built beside the tests.
    private init(named name: String) {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let beside = [CommandLine.arguments[0], "/proc/self/exe"].map {
            URL(fileURLWithPath: $0).resolvingSymlinksInPath().deletingLastPathComponent()
        }
        let places = beside + [root.appendingPathComponent(".build/debug")]
        path =
            places.map { $0.appendingPathComponent(name).path }
            .first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
    }

    private init?(found name: String) {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard
            let path = folders.map({ "\($0)/\(name)" })
                .first(where: { FileManager.default.isExecutableFile(atPath: $0) })
        else { return nil }
        self.path = path
    }

    /// Starts it without waiting; what is written to `input` reaches it.
    func start(_ arguments: [String], input: Pipe) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// - Parameters:
    ///   - output: where standard output goes instead of into the outcome.
    ///   - place: the folder in which it runs.
    func run(
        _ arguments: [String], input: String = "", output: String? = nil, in place: String? = nil
    ) throws -> Outcome {
        let folder = NSTemporaryDirectory() + "satchel-run-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["in", "out", "err"] {
            FileManager.default.createFile(
                atPath: folder + "/" + name, contents: Data(name == "in" ? input.utf8 : "".utf8))
        }
        let process = Process()
        if let place { process.currentDirectoryURL = URL(fileURLWithPath: place) }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle(forReadingAtPath: folder + "/in")
        process.standardOutput = FileHandle(forWritingAtPath: output ?? folder + "/out")
        process.standardError = FileHandle(forWritingAtPath: folder + "/err")
        try process.run()
        process.waitUntilExit()
        func text(_ name: String) -> String {
            String(decoding: FileManager.default.contents(atPath: folder + "/" + name) ?? Data(), as: UTF8.self)
        }
        #expect(process.terminationReason == .exit, "\(arguments) crashed: \(text("err"))")
        return Outcome(code: process.terminationStatus, output: text("out"), error: text("err"))
    }
}

/// All suites of this target, one after another: they start processes, and the machine has few cores.
@Suite(.serialized) struct Commands {}
