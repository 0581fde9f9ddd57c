internal import Foundation

/// A replica's file with what SQLite keeps beside it, copied and put back as `cp` would.
enum ReplicaFiles {
    /// It may be open: what is not in the file yet lies in the log, which is copied with it.
    static func copy(from: String, to: String) throws {
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: from + suffix) {
            try FileManager.default.copyItem(atPath: from + suffix, toPath: to + suffix)
        }
    }

    /// Puts a saved file in the place of a closed replica's.
    static func replace(_ path: String, with saved: String) throws {
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.removeItem(atPath: path + suffix)
        }
        try copy(from: saved, to: path)
    }
}
