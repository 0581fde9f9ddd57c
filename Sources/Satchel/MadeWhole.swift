internal import Foundation
internal import SatchelStore
internal import SatchelTransport

/// Files and folders that are made whole or not at all: what fails half way takes away what it made, and nothing that was
/// there before (CLI-11, CLI-30).
package enum MadeWhole {
    /// How the files end that SQLite keeps for one database.
    private static let suffixes = ["", "-wal", "-shm", "-journal"]

    /// Runs `body`, which makes a database at `path`, where an empty file waits for it that its owner alone may read.
    ///
    /// Throws a `UsageError` if something is there, or lies beside it as if it belonged to it.
    package static func database<T>(at path: String, _ body: () throws -> T) throws -> T {
        for suffix in suffixes where isTaken(path + suffix) { throw taken(path + suffix) }
        // Of two programs that come at once one makes the file, and that one alone may take it away again.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = errno
            if reason == EEXIST { throw taken(path) }
            // 14 is SQLITE_CANTOPEN, as SQLite would have said itself.
            throw StoreError(code: 14, message: String(cString: strerror(reason)), doing: "making \(path)")
        }
        close(descriptor)
        do {
            return try body()
        } catch {
            for suffix in suffixes { unlink(path + suffix) }
            throw error
        }
    }

    /// Makes a folder, with those that it is to lie in, unless it is there, and runs `body`.
    package static func folder<T>(at path: String, _ body: () throws -> T) throws -> T {
        var missing: [String] = []
        var place = path
        while !place.isEmpty, place != "/", !isTaken(place) {
            missing.append(place)
            place = place.folderOfPath
        }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            return try body()
        } catch {
            // The innermost first; one that something lies in by now stays.
            for folder in missing { rmdir(folder) }
            throw error
        }
    }

    /// Also by a link that leads nowhere.
    private static func isTaken(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0
    }

    private static func taken(_ path: String) -> any Error {
        UsageError("there is something at \(path) already", try: "give another path")
    }
}
