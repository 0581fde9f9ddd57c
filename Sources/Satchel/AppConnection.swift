internal import Foundation
internal import GRDB
internal import SatchelStore

/// The connection through which an app reads and writes its tables, opened at its first use: whoever only syncs needs
/// none, and reading a schema with its triggers is most of what it costs to open a replica.
final class AppConnection: @unchecked Sendable {
    // Sound as @unchecked: what changes is touched only while `lock` is held, and a `DatabaseQueue` is itself Sendable.
    private let lock = NSLock()
    private let path: String
    private let configuration: Configuration
    private var queue: DatabaseQueue?
    private var isClosed = false

    init(path: String, busyMilliseconds: Int) {
        self.path = path
        var configuration = Configuration()
        configuration.busyMode = .timeout(TimeInterval(max(0, busyMilliseconds)) / 1000)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
        }
        self.configuration = configuration
    }

    /// Throws what SQLite throws, and `StoreError` after it was closed.
    func opened() throws -> DatabaseQueue {
        try lock.withLock {
            if isClosed { throw StoreError("the replica was closed") }
            if let queue { return queue }
            let new = try DatabaseQueue(path: Connection.plain(path), configuration: configuration)
            queue = new
            return new
        }
    }

    func close() throws {
        try lock.withLock {
            isClosed = true
            try queue?.close()
            queue = nil
        }
    }
}
