internal import GRDBSQLite
public import SatchelModel

/// A prepared statement: bind, step, read.
public final class Statement {
    private let handle: OpaquePointer
    private unowned let connection: Connection
    private let sql: String
    /// Whether the connection keeps it for the next use, and knows that it was run.
    var isKept = false
    var isNoted = false

    init(_ connection: Connection, _ sql: String) throws(StoreError) {
        try connection.checkOpen()
        var pointer: OpaquePointer?
        let code = sqlite3_prepare_v3(
            connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK, let pointer else { throw connection.failure(code, doing: sql) }
        handle = pointer
        self.connection = connection
        self.sql = sql
    }

    deinit { sqlite3_finalize(handle) }

    public func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Moves to the next row. False: there is none, and the statement is reset.
    public func step() throws(StoreError) -> Bool {
        if isKept, !isNoted {
            isNoted = true
            connection.noteRun(self)
        }
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        case let code:
            let error = connection.failure(code, doing: sql)
            sqlite3_reset(handle)
            throw error
        }
    }

    /// Steps of SQLite's virtual machine since the last asking, triggers included: how much work was done, whatever the machine.
    package func takeSteps() -> Int { Int(sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_VM_STEP, 1)) }

    /// Runs a statement that returns no rows.
    public func run() throws(StoreError) { while try step() {} }

    // MARK: Binding; parameters count from 1.

    @discardableResult
    public func bind(_ index: Int, _ number: Int64) -> Statement {
        sqlite3_bind_int64(handle, Int32(index), number)
        return self
    }

    @discardableResult
    public func bind(_ index: Int, _ text: String) -> Statement {
        bind(index, .text(text))
    }

    @discardableResult
    public func bind(_ index: Int, blob: [UInt8]) -> Statement {
        bind(index, .blob(blob))
    }

    @discardableResult
    public func bind(_ index: Int, _ value: Value) -> Statement {
        let index = Int32(index)
        switch value {
        case .null: sqlite3_bind_null(handle, index)
        case .integer(let number): sqlite3_bind_int64(handle, index, number)
        case .real(let number): sqlite3_bind_double(handle, index, number)
        case .text(let bytes): bytes.withUnsafeBytes { bindBytes(index, .text, $0) }
        case .blob(let bytes): bytes.withUnsafeBytes { bindBytes(index, .blob, $0) }
        }
        return self
    }

    @discardableResult
    public func bind(_ values: [Value], from first: Int = 1) -> Statement {
        for (offset, value) in values.enumerated() { bind(first + offset, value) }
        return self
    }

    /// Binds a value where it lies. Good as long as the view is; `reset` before it goes.
    func bind(_ index: Int32, _ column: ValueColumn.View, _ row: Int) {
        switch column.kinds[row] {
        case .null: sqlite3_bind_null(handle, index)
        case .integer: sqlite3_bind_int64(handle, index, column.integer(row))
        case .real: sqlite3_bind_double(handle, index, column.real(row))
        case .text:
            let text = column.slice(row)
            guard let base = text.baseAddress, !text.isEmpty else { return bindBytes(index, .text, text) }
            sqlite3_bind_text64(
                handle, index, base.assumingMemoryBound(to: CChar.self), UInt64(text.count), nil, UInt8(SQLITE_UTF8))
        case .blob:
            let blob = column.slice(row)
            guard let base = blob.baseAddress, !blob.isEmpty else { return bindBytes(index, .blob, blob) }
            sqlite3_bind_blob64(handle, index, base, UInt64(blob.count), nil)
        }
    }

    private func bindBytes(_ index: Int32, _ kind: ValueColumn.Kind, _ bytes: UnsafeRawBufferPointer) {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        // An empty buffer may have no address, and SQLite would read NULL from that.
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            if kind == .text {
                sqlite3_bind_text(handle, index, "", 0, transient)
            } else {
                sqlite3_bind_zeroblob(handle, index, 0)
            }
            return
        }
        if kind == .text {
            let text = base.assumingMemoryBound(to: CChar.self)
            sqlite3_bind_text64(handle, index, text, UInt64(bytes.count), transient, UInt8(SQLITE_UTF8))
        } else {
            sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), transient)
        }
    }

    // MARK: Reading; columns count from 0.

    public func integer(_ index: Int) -> Int64 { sqlite3_column_int64(handle, Int32(index)) }
    public func isNull(_ index: Int) -> Bool { sqlite3_column_type(handle, Int32(index)) == SQLITE_NULL }

    public func string(_ index: Int) -> String { String(decoding: bytes(index), as: UTF8.self) }

    /// The bytes of a text or blob; numbers as their text.
    public func bytes(_ index: Int) -> [UInt8] { withBytes(index) { Array($0) } }

    public func value(_ index: Int) -> Value {
        let index = Int32(index)
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, index))
        // −0.0 counts as 0.0, to which no trigger can tell a change (CAP-4): the sum of the two is 0.0.
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, index) + 0.0)
        case SQLITE_TEXT: return .text(bytes(Int(index)))
        case SQLITE_BLOB: return .blob(bytes(Int(index)))
        default: return .null
        }
    }

    public func values(_ range: Range<Int>) -> [Value] { range.map { value($0) } }

    /// Appends one value to a column without making an object of it.
    public func append(_ index: Int, to column: inout ValueColumn) {
        let place = Int32(index)
        switch sqlite3_column_type(handle, place) {
        case SQLITE_INTEGER: column.append(integer: sqlite3_column_int64(handle, place))
        case SQLITE_FLOAT: column.append(real: sqlite3_column_double(handle, place) + 0.0)
        case SQLITE_TEXT: withBytes(index) { column.append(.text, bytes: $0) }
        case SQLITE_BLOB: withBytes(index) { column.append(.blob, bytes: $0) }
        default: column.appendNull()
        }
    }

    /// Appends the canonical form of one value, as `Value.appendCanonical`.
    func appendCanonical(_ index: Int, to form: inout [UInt8]) {
        let place = Int32(index)
        switch sqlite3_column_type(handle, place) {
        case SQLITE_INTEGER:
            form.append(canonical: .integer, UInt64(bitPattern: sqlite3_column_int64(handle, place)))
        case SQLITE_FLOAT: form.append(canonical: .real, (sqlite3_column_double(handle, place) + 0.0).bitPattern)
        case SQLITE_TEXT: withBytes(index) { form.append(canonical: .text, $0) }
        case SQLITE_BLOB: withBytes(index) { form.append(canonical: .blob, $0) }
        default: form.append(canonical: .null)
        }
    }

    /// Whether a value is the one that lies in a column: of its type, with its bits or bytes.
    func holds(_ index: Int, _ column: ValueColumn.View, _ row: Int) -> Bool {
        let place = Int32(index)
        switch (sqlite3_column_type(handle, place), column.kinds[row]) {
        case (SQLITE_INTEGER, .integer): return sqlite3_column_int64(handle, place) == column.integer(row)
        case (SQLITE_FLOAT, .real):
            return (sqlite3_column_double(handle, place) + 0.0).bitPattern == column.words[row]
        case (SQLITE_TEXT, .text), (SQLITE_BLOB, .blob):
            return withBytes(index) { bytes in
                let other = column.slice(row)
                return bytes.count == other.count && bytes.elementsEqual(other)
            }
        case (SQLITE_NULL, .null): return true
        default: return false
        }
    }

    /// Bytes of a text or blob; numbers and NULL count nothing.
    func byteCount(_ index: Int) -> Int {
        switch sqlite3_column_type(handle, Int32(index)) {
        case SQLITE_TEXT, SQLITE_BLOB: Int(sqlite3_column_bytes(handle, Int32(index)))
        default: 0
        }
    }

    private func withBytes<T>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        let place = Int32(index)
        // The order matters: the pointer first (it may convert), then the length of what it points to.
        let pointer =
            sqlite3_column_type(handle, place) == SQLITE_BLOB
            ? sqlite3_column_blob(handle, place)
            : UnsafeRawPointer(sqlite3_column_text(handle, place))
        return body(UnsafeRawBufferPointer(start: pointer, count: Int(sqlite3_column_bytes(handle, place))))
    }
}
