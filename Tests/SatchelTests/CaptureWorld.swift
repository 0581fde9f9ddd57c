import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelTesting
import SatchelWire
import Testing

/// Who writes the replica's file behind the library's back.
enum CaptureWriter: String, CaseIterable, Sendable {
    /// The `sqlite3` shell, a process of its own.
    case shell
    /// Python's `sqlite3` module, a process of its own.
    case python
    /// A second connection of this process.
    case connection
}

/// An author whose file others write, a hub, and another replica that gets to see it.
final class CaptureWorld {
    let folder: String
    let hub: Hub
    let author: Replica
    let other: Replica

    init(_ ddl: String) throws {
        folder = NSTemporaryDirectory() + "satchel-capture-" + UUID().uuidString
        hub = try Hub.create(at: folder + "/hub", schema: ddl)
        author = try Replica.create(at: folder + "/author.db", enrolment: hub.enrol(name: "author"))
        other = try Replica.create(at: folder + "/other.db", enrolment: hub.enrol(name: "other"))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    // MARK: Writing

    /// Runs SQL on the author's file. Returns what the program complained of; empty: nothing.
    @discardableResult
    func write(by writer: CaptureWriter = .connection, _ sql: String) throws -> String {
        switch writer {
        case .shell: return try run("sqlite3", ["-bail", author.path], input: sql).errors
        case .python:
            let script = """
                import sqlite3, sys
                connection = sqlite3.connect(sys.argv[1], isolation_level=None)
                try:
                    connection.executescript(sys.stdin.read())
                except sqlite3.Error as error:
                    print(error, file=sys.stderr)
                """
            return try run("python3", ["-c", script, author.path], input: sql).errors
        case .connection:
            let queue = try DatabaseQueue(path: author.path, configuration: Self.plain)
            defer { try? queue.close() }
            do {
                try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
                return ""
            } catch let error as DatabaseError {
                return error.message ?? "error"
            }
        }
    }

    /// As SQLite comes: foreign keys are not looked at unless the SQL says so.
    private static var plain: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(10)
        return configuration
    }

    /// Runs a program; a line is printed and nothing done if it is missing (`Tools/setup` installs it).
    func run(_ program: String, _ arguments: [String], input: String) throws -> (output: String, errors: String) {
        let inputPath = folder + "/input.sql"
        try input.write(toFile: inputPath, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: inputPath))
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let told = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if process.terminationStatus == 127 { print("skipped: \(program) is not installed; Tools/setup installs it") }
        return (String(decoding: told, as: UTF8.self), String(decoding: complained, as: UTF8.self))
    }

    static func isInstalled(_ program: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["sh", "-c", "command -v \(program) >/dev/null"]
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        if process.terminationStatus != 0 { print("skipped: \(program) is not installed; Tools/setup installs it") }
        return process.terminationStatus == 0
    }

    // MARK: Looking

    /// Seals, and says what was captured: `+t k` a row entered, `-t k` deleted, `t k: units` written. Sorted.
    func captured() throws -> [String] {
        let before = try author.changesets().count
        try author.seal()
        var lines: [String] = []
        for changeset in try author.changesets().dropFirst(before) {
            for section in try ContentCoding.decode(changeset.content).sections {
                for row in 0..<section.rows {
                    let name = "\(section.table) \(section.key(row).display)"
                    if section.cover != nil {
                        lines.append("-\(name)")
                    } else if section.existence != nil {
                        lines.append("+\(name)")
                    } else {
                        lines.append("\(name): \(section.units.map(\.name).joined(separator: ", "))")
                    }
                }
            }
        }
        return lines.sorted()
    }

    /// Takes everything up and down again, twice, until everybody has everything, and expects equality.
    func exchange(location: SourceLocation = #_sourceLocation) throws {
        for _ in 0..<2 {
            for replica in [author, other] {
                let up = folder + "/up"
                try replica.pack(to: up)
                let report = try hub.merge([up], replies: folder + "/replies")
                #expect(
                    report.merged.allSatisfy { [.applied, .alreadyHad].contains($0.outcome) }, "\(report.merged)",
                    sourceLocation: location)
                let applied = try replica.apply("\(folder)/replies/\(replica.name).satchel")
                #expect(applied.outcome != .parked, "\(applied)", sourceLocation: location)
            }
        }
        let digest = try author.digest()
        #expect(try other.digest() == digest, "the other replica equals the author", sourceLocation: location)
        #expect(try hub.digest() == digest, "the hub equals the author", sourceLocation: location)
        for replica in [author, other, hub.replica] {
            let faults = try replica.read { db in
                try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
                    + String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }.count
            }
            #expect(faults == 0, "the file is whole and no reference dangles", sourceLocation: location)
        }
        #expect(try captured() == [], "nothing is left to capture", sourceLocation: location)
    }

    /// The rows of a query at the other replica: values as SQL literals joined by a bar.
    func seen(_ sql: String) throws -> [String] { try Self.rows(other, sql) }
    func own(_ sql: String) throws -> [String] { try Self.rows(author, sql) }

    private static func rows(_ replica: Replica, _ sql: String) throws -> [String] {
        try replica.read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { Value($0).display }.joined(separator: "|")
            }
        }
    }
}

extension CaptureWriter {
    /// Those whose programs are here.
    static let present: [CaptureWriter] = allCases.filter { writer in
        switch writer {
        case .shell: CaptureWorld.isInstalled("sqlite3")
        case .python: CaptureWorld.isInstalled("python3")
        case .connection: true
        }
    }

    /// The shell if it is here, else a connection.
    static let stranger: CaptureWriter = present.contains(.shell) ? .shell : .connection
}
