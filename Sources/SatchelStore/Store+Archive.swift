public import SatchelModel

/// At the hub: the dead rows that it dropped, and what replies must say of them (EXC-23 to EXC-26).
extension Store {
    /// A row of the archive.
    public struct Archived {
        public let state: RowState
        /// The position at which it was dropped.
        public let dropped: UInt64
    }

    /// Whether any row was ever dropped: if not, nobody need look for one.
    public func hasArchive() throws -> Bool { try hasAny("satchel_archive") }

    /// What is archived of a row. One look-up by key.
    public func archived(_ h: Int64) throws -> Archived? {
        let select = try db.statement("SELECT state, dropped FROM satchel_archive WHERE h = ?")
        select.bind(1, h)
        guard try select.step() else { return nil }
        defer { select.reset() }
        var reader = RowReader(select.bytes(0))
        return Archived(state: try reader.state(), dropped: UInt64(bitPattern: select.integer(1)))
    }

    /// Moves a dead row from the graveyard into the archive, with all that lies there of it.
    public func archive(_ row: HeldRow, state: RowState, dropped: UInt64) throws {
        var writer = RowWriter()
        writer.state(state)
        try db.statement("INSERT OR REPLACE INTO satchel_archive(h, tbl, key, dropped, state) VALUES (?, ?, ?, ?, ?)")
            .bind(1, row.hash).bind(2, row.table).bind(3, blob: row.key.canonical)
            .bind(4, Int64(clamping: dropped)).bind(5, blob: writer.bytes).run()
        try forgetFell(row.hash)
        for deletion in state.deletions where deletion.into == nil {
            try db.statement("INSERT INTO satchel_archive_fell(h, dot) VALUES (?, ?)")
                .bind(1, row.hash).bind(2, deletion.dot).run()
        }
        try takeAway(row)
        // What is kept beside others is of a row that lies here (INB-12).
        try forgetOwnInbox(row.hash)
        try db.statement("DELETE FROM satchel_moved WHERE h = ?").bind(1, row.hash).run()
    }

    /// Takes a row out of the archive: it is held again.
    public func unarchive(_ h: Int64) throws {
        try db.statement("DELETE FROM satchel_archive WHERE h = ?").bind(1, h).run()
        try forgetFell(h)
    }

    private func forgetFell(_ h: Int64) throws {
        try db.statement("DELETE FROM satchel_archive_fell WHERE h = ?").bind(1, h).run()
    }

    /// The archived rows that fell by a deletion, by table and key. O(rows found).
    public func archived(fellBy deletion: DotID) throws -> [(table: Int64, key: RowKey)] {
        let select = try db.statement(
            "SELECT a.tbl, a.key FROM satchel_archive_fell f JOIN satchel_archive a ON a.h = f.h WHERE f.dot = ? "
                + "ORDER BY a.tbl, a.key")
        return try rows(select.bind(1, deletion))
    }

    /// Whether the archive has a row. One look-up by key.
    public func isArchived(_ h: Int64) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_archive WHERE h = ?")
        select.bind(1, h)
        defer { select.reset() }
        return try select.step()
    }

    /// The keys of a table's archived rows. O(archived rows).
    public func archivedKeys(of table: Int64) throws -> [RowKey] {
        let select = try db.statement("SELECT tbl, key FROM satchel_archive WHERE tbl = ?")
        return try rows(select.bind(1, table)).map(\.key)
    }

    /// The archived rows that were dropped at this position or later and are not held again, by table and key.
    public func archived(from position: UInt64) throws -> [(table: Int64, key: RowKey)] {
        let select = try db.statement(
            "SELECT tbl, key FROM satchel_archive a WHERE dropped >= ? "
                + "AND NOT EXISTS (SELECT 1 FROM satchel_row r WHERE r.h = a.h) "
                + "AND NOT EXISTS (SELECT 1 FROM satchel_grave g WHERE g.h = a.h) ORDER BY tbl, key")
        return try rows(select.bind(1, Int64(clamping: position)))
    }

    // MARK: Rows that moved by themselves

    /// Notes that a row moved at the newest position without being named by the changeset there.
    public func noteMoved(table: Int64, key: RowKey) throws {
        try db.statement("INSERT OR REPLACE INTO satchel_moved(h, tbl, key, position) VALUES (?, ?, ?, ?)")
            .bind(1, rowHash(table, key)).bind(2, table).bind(3, blob: key.canonical)
            .bind(4, Int64(clamping: try lastArrival())).run()
    }

    /// On a device: notes that a row came with a reply of this position. Its key is in no such note.
    public func noteCome(_ h: Int64, at position: UInt64) throws {
        try db.statement("INSERT OR REPLACE INTO satchel_moved(h, tbl, key, position) VALUES (?, 0, x'', ?)")
            .bind(1, h).bind(2, Int64(clamping: position)).run()
    }

    /// On a device: up to here all others know what it was told.
    public func forgetMoved(upTo position: UInt64) throws {
        guard try hasAny("satchel_moved") else { return }
        try db.statement("DELETE FROM satchel_moved WHERE position <= ?").bind(1, Int64(clamping: position)).run()
    }

    /// The rows that moved so after a position, by table and key.
    public func moved(after position: UInt64) throws -> [(table: Int64, key: RowKey)] {
        let select = try db.statement("SELECT tbl, key FROM satchel_moved WHERE position > ? ORDER BY tbl, key")
        return try rows(select.bind(1, Int64(clamping: position)))
    }

    /// Where a row moved so; nil: it did not.
    public func movedAt(_ h: Int64) throws -> UInt64? {
        let select = try db.statement("SELECT position FROM satchel_moved WHERE h = ?")
        select.bind(1, h)
        defer { select.reset() }
        return try select.step() ? UInt64(bitPattern: select.integer(0)) : nil
    }

    private func rows(_ select: Statement) throws -> [(table: Int64, key: RowKey)] {
        var found: [(Int64, RowKey)] = []
        while try select.step() {
            var reader = RowReader(select.bytes(1))
            found.append((select.integer(0), try reader.key()))
        }
        return found
    }

    // MARK: Who may go

    /// A dead row that may be old enough to be dropped.
    public struct Dead {
        public let hash: Int64
        public let table: Int64
        public let key: RowKey
        public let position: UInt64
    }

    /// The dead rows that last moved at a position or before, and at a time or before, oldest first.
    public func dead(upTo position: UInt64, before time: Timestamp, limit: Int) throws -> [Dead] {
        let select = try db.statement(
            "SELECT h, tbl, key, position FROM satchel_grave WHERE fate = 0 AND position <= ? AND since <= ? "
                + "ORDER BY position, h LIMIT ?")
        select.bind(1, Int64(clamping: position)).bind(2, time.milliseconds).bind(3, Int64(limit))
        var found: [Dead] = []
        while try select.step() {
            var reader = RowReader(select.bytes(2))
            found.append(
                Dead(
                    hash: select.integer(0), table: select.integer(1), key: try reader.key(),
                    position: UInt64(bitPattern: select.integer(3))))
        }
        return found
    }

    /// How many rows lie dead, and how many were dropped.
    public func deadCount() throws -> (held: Int, dropped: Int) {
        let select = try db.statement(
            "SELECT (SELECT count(*) FROM satchel_grave WHERE fate = 0), (SELECT count(*) FROM satchel_archive)")
        defer { select.reset() }
        guard try select.step() else { return (0, 0) }
        return (Int(select.integer(0)), Int(select.integer(1)))
    }

    /// Replaces the list of rows that a row names past its table.
    public func setNaming(child: Int64, parents: [Int64]) throws {
        try db.statement("DELETE FROM satchel_naming WHERE child = ?").bind(1, child).run()
        for parent in parents {
            try db.statement("INSERT OR IGNORE INTO satchel_naming(child, parent) VALUES (?, ?)")
                .bind(1, child).bind(2, parent).run()
        }
    }

    /// The rows that name a row past their tables.
    public func namers(of parent: Int64) throws -> [Int64] {
        let select = try db.statement("SELECT child FROM satchel_naming WHERE parent = ?")
        select.bind(1, parent)
        var found: [Int64] = []
        while try select.step() { found.append(select.integer(0)) }
        return found
    }
}
