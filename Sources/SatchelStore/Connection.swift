internal import CSatchelSQLite
internal import GRDBSQLite

/// One SQLite connection, used by one thread at a time.
///
/// The engine keeps a connection of its own beside the app's: foreign keys are off on it, so that a merge does
/// not set off cascades, and so are triggers, so that it does not capture itself.
/// Not Sendable: whoever owns it serialises its use.
public final class Connection {
    let handle: OpaquePointer
    public let path: String
    private var statements: [String: Statement] = [:]
    /// Of these, the ones that were run since all were last reset.
    private var wereRun: [Statement] = []
    private var isClosed = false
    /// Another number whenever what was read before may not be so any more: a transaction began or ended, or a part of
    /// one was taken back.
    private(set) var view = 0

    public enum Mode: Sendable { case open, create, memory }

    /// Opens a database file. Throws `StoreError`; `.busy` is waited for up to `busyMilliseconds`.
    public init(path: String, mode: Mode, busyMilliseconds: Int32 = 10_000) throws(StoreError) {
        var pointer: OpaquePointer?
        var flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
        if mode != .open { flags |= SQLITE_OPEN_CREATE }
        let name = mode == .memory ? ":memory:" : Self.plain(path)
        let code = sqlite3_open_v2(name, &pointer, flags, nil)
        guard code == SQLITE_OK, let pointer else {
            let message = pointer.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(pointer)
            throw StoreError(code: code, message: message, doing: "opening the database")
        }
        handle = pointer
        self.path = path
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, busyMilliseconds)
        _ = satchel_defend(handle)
        _ = satchel_allow_json(handle)
        try setTriggers(false)
        try execute(
            "PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = OFF; PRAGMA cell_size_check = ON; "
                + "PRAGMA secure_delete = ON; PRAGMA cache_size = -\(Self.cacheKibibytes)")
    }

    /// A path as SQLite takes it for that of a file, whatever it begins with: to SQLite `file:` is the beginning of a URI, and `:` of a name of
    /// its own.
    public static func plain(_ path: String) -> String {
        path.hasPrefix("file:") || path.hasPrefix(":") ? "./" + path : path
    }

    /// Of pages in memory, for each open replica. SQLite's own 2 MiB are too few for a bulk load of random keys.
    private static let cacheKibibytes = 8192

    deinit { close() }

    /// Closes the file. The last connection to close folds the write-ahead log into it. Later calls throw.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        forgetStatements()
        sqlite3_close_v2(handle)
    }

    /// Runs one or more statements without results.
    public func execute(_ sql: String) throws(StoreError) {
        try checkOpen()
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, doing: sql) }
    }

    /// A prepared statement, kept for the next use of the same text. It comes reset and without bindings.
    public func statement(_ sql: String) throws(StoreError) -> Statement {
        try checkOpen()
        if let known = statements[sql] {
            known.reset()
            return known
        }
        let new = try Statement(self, sql)
        new.isKept = true
        statements[sql] = new
        return new
    }

    /// Pages asked for since the file was opened, found in memory or not: how much work was done, whatever the machine.
    package func pagesVisited() -> Int {
        [SQLITE_DBSTATUS_CACHE_HIT, SQLITE_DBSTATUS_CACHE_MISS].reduce(0) { sum, what in
            var (now, most): (Int32, Int32) = (0, 0)
            guard sqlite3_db_status(handle, what, &now, &most, 0) == SQLITE_OK else { return sum }
            return sum + Int(now)
        }
    }

    func checkOpen() throws(StoreError) {
        if isClosed { throw StoreError("the replica was closed") }
    }

    /// Forgets the prepared statements, as before a change of the schema.
    public func forgetStatements() {
        statements.removeAll()
        wereRun.removeAll()
    }

    /// A kept statement was run for the first time since all were reset.
    func noteRun(_ statement: Statement) { wereRun.append(statement) }

    /// Ends what is still being read, and lets go of what was bound. O(statements run since the last time).
    private func resetStatements() {
        for statement in wereRun {
            statement.reset()
            statement.isNoted = false
        }
        wereRun.removeAll(keepingCapacity: true)
    }

    /// Off unless what is written now is to be captured. SQLite prepares every statement anew after a change.
    public func setTriggers(_ on: Bool) throws(StoreError) {
        let code = satchel_enable_triggers(handle, on ? 1 : 0)
        guard code == SQLITE_OK else { throw failure(code, doing: "switching triggers") }
    }

    /// Runs `body` in one immediate transaction; whatever it throws rolls everything back.
    public func transaction<T>(_ body: () throws -> T) throws -> T {
        try statement("BEGIN IMMEDIATE").run()
        view += 1
        defer { view += 1 }
        do {
            let result = try body()
            resetStatements()
            try statement("COMMIT").run()
            return result
        } catch {
            resetStatements()
            // A failed COMMIT may already have rolled back; the first error is the one that counts.
            if sqlite3_get_autocommit(handle) == 0 { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
            try setTriggers(false)
            throw error
        }
    }

    /// Runs `body` as a part of the open transaction that can be taken back alone: what it throws rolls back the part, and
    /// the transaction goes on, unless SQLite gave that up itself.
    public func part<T>(_ body: () throws -> T) throws -> T {
        try statement("SAVEPOINT part").run()
        do {
            let result = try body()
            try statement("RELEASE part").run()
            return result
        } catch {
            resetStatements()
            view += 1
            if inTransaction { try execute("ROLLBACK TO part; RELEASE part") }
            try setTriggers(false)
            throw error
        }
    }

    /// Runs `body`, which must not write, on one state of the file. It waits for no writer.
    public func reading<T>(_ body: () throws -> T) throws -> T {
        try statement("BEGIN DEFERRED").run()
        view += 1
        defer {
            resetStatements()
            sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
            view += 1
        }
        return try body()
    }

    /// Runs `body` with ATTACH refused: a schema comes from outside and must reach no other file.
    func withoutOtherFiles(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        let before = sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
        defer { sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, before) }
        try body()
    }

    /// Whether a transaction is open on this connection.
    public var inTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    public var changes: Int { Int(sqlite3_changes(handle)) }

    func failure(_ code: Int32, doing: String) -> StoreError {
        StoreError(code: code, message: String(cString: sqlite3_errmsg(handle)), doing: doing)
    }
}

/// An SQLite error with what was being done. Holds no values of rows but keys that name them, only SQL with its parameters
/// unbound.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// The extended SQLite result code; 0 for the store's own complaints.
    public let code: Int32
    public let message: String
    public let doing: String
    /// What a person can do about it; nil: nothing in particular.
    public let hint: String?

    public init(code: Int32, message: String, doing: String) {
        self.code = code
        self.message = message
        self.doing = doing
        hint = nil
    }

    public init(_ message: String, try hint: String? = nil) {
        code = 0
        self.message = message
        doing = ""
        self.hint = hint
    }

    /// Another process holds the database; trying again later may succeed.
    public var isBusy: Bool { code & 0xFF == SQLITE_BUSY || code & 0xFF == SQLITE_LOCKED }
    public var isConstraint: Bool { code & 0xFF == SQLITE_CONSTRAINT }
    /// What is no integer, for a key that is the rowid.
    public var isMismatch: Bool { code & 0xFF == SQLITE_MISMATCH }
    /// Another row has the place that the row would have: PRIMARYKEY, UNIQUE or ROWID, whose codes the header composes.
    public var isTaken: Bool { [6, 8, 10].contains { code == SQLITE_CONSTRAINT | $0 << 8 } }
    /// A trigger refused it; `message` is the trigger's.
    public var isRaised: Bool { code == SQLITE_CONSTRAINT | 7 << 8 }

    public var description: String { doing.isEmpty ? message : "\(message) (\(doing.prefix(200)))" }
}
