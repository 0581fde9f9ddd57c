import CSession

/// The session extension: records what a connection changes, as a changeset, and applies it elsewhere.
extension PlainSQLite {
    /// A file that keeps the changeset of every transaction: what a sync engine on sessions must do at least, since a
    /// session lives in memory.
    static let sessionLog = "CREATE TABLE session_log(changeset BLOB)"

    /// Records from now on every table that has a primary key.
    func beginSession() -> OpaquePointer? {
        var session: OpaquePointer?
        let code = bench_session_begin(handle, &session)
        precondition(code == 0, "cannot record a session: \(code)")
        return session
    }

    /// What was recorded, deflated at level 6. Ends the session.
    func deflatedChangeset(_ session: OpaquePointer?) -> DeflatedChangeset {
        defer { bench_session_end(session) }
        return withChangeset(session) { DeflatedChangeset($0) }
    }

    /// Writes what a session recorded into the log, in the open transaction. Ends the session.
    func keep(_ session: OpaquePointer) {
        withChangeset(session) { once("INSERT INTO session_log VALUES (?)", blob: $0) }
        bench_session_end(session)
    }

    private func withChangeset<T>(_ session: OpaquePointer?, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        var size: Int32 = 0
        var bytes: UnsafeMutableRawPointer?
        let code = bench_session_changeset(session, &size, &bytes)
        precondition(code == 0, "no changeset: \(code)")
        defer { bench_session_free(bytes) }
        return body(UnsafeRawBufferPointer(start: bytes, count: Int(size)))
    }

    /// Inflates a changeset and applies it in one transaction. Where both sides wrote, it wins.
    func apply(_ changeset: DeflatedChangeset) {
        changeset.withInflated { bytes in
            run("BEGIN IMMEDIATE")
            let code = bench_changeset_apply(handle, Int32(bytes.count), bytes.baseAddress)
            precondition(code == 0, "the changeset cannot be applied: \(code)")
            run("COMMIT")
        }
    }
}

/// A changeset as it would be sent: zlib, level 6.
struct DeflatedChangeset {
    let bytes: [UInt8]
    private let inflatedSize: Int

    init(_ changeset: UnsafeRawBufferPointer) {
        let room = bench_deflate_bound(changeset.count)
        bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            let code = bench_deflate(changeset.baseAddress, changeset.count, buffer.baseAddress, room, &count)
            precondition(code == 0, "zlib: \(code)")
        }
        inflatedSize = changeset.count
    }

    func withInflated(_ body: (UnsafeMutableRawBufferPointer) -> Void) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, inflatedSize), alignment: 16)
        defer { buffer.deallocate() }
        var count = 0
        let code = bench_inflate(bytes, bytes.count, buffer.baseAddress, inflatedSize, &count)
        precondition(code == 0 && count == inflatedSize, "zlib: \(code)")
        body(UnsafeMutableRawBufferPointer(rebasing: buffer[..<inflatedSize]))
    }
}
