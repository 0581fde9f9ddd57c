import GRDBSQLite

/// A program that knows nothing of Satchel: prepared statements through SQLite's C interface, an 8 MiB page cache.
final class PlainSQLite {
    let handle: OpaquePointer
    let path: String
    /// Set: every transaction records its changes with the session extension and keeps them in a log of its own file.
    private let logsSessions: Bool
    private var session: OpaquePointer?
    private var statements: [String: OpaquePointer] = [:]

    enum Synchronous: String, CaseIterable { case normal = "NORMAL", full = "FULL" }

    init(_ path: String, _ synchronous: Synchronous, logsSessions: Bool = false) {
        var pointer: OpaquePointer?
        let code = sqlite3_open_v2(path, &pointer, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
        guard code == SQLITE_OK, let pointer else { preconditionFailure("cannot open \(path): \(code)") }
        handle = pointer
        self.path = path
        self.logsSessions = logsSessions
        run("PRAGMA journal_mode = WAL; PRAGMA synchronous = \(synchronous.rawValue); PRAGMA cache_size = -8192")
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    func run(_ sql: String) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        precondition(code == SQLITE_OK, "\(sql): \(String(cString: sqlite3_errmsg(handle)))")
    }

    /// Bytes of the file, what is free in it included, with the write-ahead log folded into it.
    var fileBytes: Int {
        run("PRAGMA wal_checkpoint(TRUNCATE)")
        return number("PRAGMA page_count") * number("PRAGMA page_size")
    }

    func number(_ sql: String) -> Int {
        var statement: OpaquePointer?
        sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        precondition(sqlite3_step(statement) == SQLITE_ROW, sql)
        return Int(sqlite3_column_int64(statement, 0))
    }

    /// Runs one statement for each row, `perTransaction` of them at a time.
    func forEach(_ rows: ArraySlice<[Field]>, perTransaction: Int, _ sql: String) {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        precondition(code == SQLITE_OK, String(cString: sqlite3_errmsg(handle)))
        defer { sqlite3_finalize(statement) }
        var inTransaction = 0
        for row in rows {
            if inTransaction == 0 { begin() }
            bind(row, to: statement)
            let code = sqlite3_step(statement)
            precondition(code == SQLITE_DONE, String(cString: sqlite3_errmsg(handle)))
            sqlite3_reset(statement)
            inTransaction += 1
            if inTransaction == perTransaction {
                commit()
                inTransaction = 0
            }
        }
        if inTransaction > 0 { commit() }
    }

    func begin() {
        run("BEGIN IMMEDIATE")
        if logsSessions { session = beginSession() }
    }

    func commit() {
        if let session {
            keep(session)
            self.session = nil
        }
        run("COMMIT")
    }

    private func bind(_ row: [Field], to statement: OpaquePointer?) {
        for (index, field) in row.enumerated() {
            let place = Int32(index + 1)
            switch field {
            case .integer(let number): sqlite3_bind_int64(statement, place, number)
            case .real(let number): sqlite3_bind_double(statement, place, number)
            case .text(let bytes):
                bytes.withUnsafeBufferPointer { buffer in
                    _ = buffer.withMemoryRebound(to: CChar.self) {
                        sqlite3_bind_text(
                            statement, place, $0.baseAddress, Int32(bytes.count),
                            unsafeBitCast(-1, to: sqlite3_destructor_type.self))
                    }
                }
            }
        }
    }
}

/// One value of the workload.
enum Field: Hashable {
    case integer(Int64)
    case real(Double)
    case text([UInt8])

    static func text(_ string: String) -> Field { .text(Array(string.utf8)) }
}

extension PlainSQLite {
    /// Runs one statement, prepared at its first use and kept.
    func once(_ sql: String, _ row: [Field]) {
        let statement = prepared(sql)
        bind(row, to: statement)
        precondition(sqlite3_step(statement) == SQLITE_DONE, String(cString: sqlite3_errmsg(handle)))
        sqlite3_reset(statement)
    }

    func prepared(_ sql: String) -> OpaquePointer? {
        if let known = statements[sql] { return known }
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        precondition(code == SQLITE_OK, String(cString: sqlite3_errmsg(handle)))
        statements[sql] = statement
        return statement
    }
}

extension PlainSQLite {
    /// Runs one statement with one blob.
    func once(_ sql: String, blob: UnsafeRawBufferPointer) {
        let statement = prepared(sql)
        sqlite3_bind_blob(statement, 1, blob.baseAddress, Int32(blob.count), nil)
        precondition(sqlite3_step(statement) == SQLITE_DONE, String(cString: sqlite3_errmsg(handle)))
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
    }
}
