import Foundation
import GRDB

/// A program that knows nothing of Satchel and writes a replica's file: the `sqlite3` shell, or where there is none,
/// a plain connection.
enum OtherProgram {
    /// Runs the SQL and says which program did.
    static func run(_ sql: String, on path: String) throws -> String {
        guard
            let shell = ["/usr/bin/sqlite3", "/usr/local/bin/sqlite3"].first(
                where: FileManager.default.isExecutableFile)
        else {
            try DatabaseQueue(path: path).write { db in try db.execute(sql: sql) }
            return "a plain connection"
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: shell)
        process.arguments = ["-cmd", ".timeout 5000", path, sql]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw DataError("the sqlite3 shell could not write \(path)") }
        return "the sqlite3 shell"
    }

    /// A text literal of SQL.
    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
