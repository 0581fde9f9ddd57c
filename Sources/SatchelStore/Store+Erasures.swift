public import SatchelModel

/// Orders to erase, which are kept for ever, and the traces that must go (`Protocol/erasure.md`).
extension Store {
    /// Keeps an order, or another place in the hub's log for one that is kept already.
    public func keepErasure(id: [UInt8], epoch: UInt64, position: UInt64, body: [UInt8]) throws {
        try db.statement("INSERT OR REPLACE INTO satchel_erasure(id, epoch, position, body) VALUES (?, ?, ?, ?)")
            .bind(1, blob: id).bind(2, Int64(bitPattern: epoch)).bind(3, Int64(bitPattern: position))
            .bind(4, blob: body).run()
    }

    /// Where an order that is kept stands; nil: it is not kept.
    public func erasurePlace(id: [UInt8]) throws -> HubPoint? {
        let select = try db.statement("SELECT epoch, position FROM satchel_erasure WHERE id = ?")
        select.bind(1, blob: id)
        defer { select.reset() }
        guard try select.step() else { return nil }
        return HubPoint(
            epoch: UInt64(bitPattern: select.integer(0)), position: UInt64(bitPattern: select.integer(1)))
    }

    /// The bodies of the orders above a place in the hub's log, in its order: positions go on from one epoch to the next.
    public func erasures(after position: UInt64 = 0) throws -> [[UInt8]] {
        let select = try db.statement(
            "SELECT body FROM satchel_erasure WHERE position > ? ORDER BY epoch, position, id")
        select.bind(1, Int64(bitPattern: position))
        var found: [[UInt8]] = []
        while try select.step() { found.append(select.bytes(0)) }
        return found
    }

    /// Puts other content in the place of a kept changeset's.
    public func redact(_ dot: DotID, content: [UInt8], length: Int, redaction: [UInt8]) throws {
        try db.statement("UPDATE satchel_changeset SET content = ?, length = ?, redaction = ? WHERE dot = ?")
            .bind(1, blob: content).bind(2, Int64(length)).bind(3, blob: redaction).bind(4, dot).run()
    }

    /// Every row of the archive with its state, by table and key.
    public func allArchived() throws -> [(table: Int64, key: RowKey, state: RowState, dropped: UInt64)] {
        let select = try Statement(db, "SELECT tbl, key, state, dropped FROM satchel_archive ORDER BY tbl, key")
        var found: [(Int64, RowKey, RowState, UInt64)] = []
        while try select.step() {
            var key = RowReader(select.bytes(1))
            var state = RowReader(select.bytes(2))
            found.append((select.integer(0), try key.key(), try state.state(), UInt64(bitPattern: select.integer(3))))
        }
        return found
    }

    /// Replaces what is archived of a row.
    public func setArchived(table: Int64, key: RowKey, state: RowState) throws {
        var writer = RowWriter()
        writer.state(state)
        try db.statement("UPDATE satchel_archive SET state = ? WHERE h = ?")
            .bind(1, blob: writer.bytes).bind(2, rowHash(table, key)).run()
    }

    /// Forgets that there ever was such a row: its names in every list.
    public func forgetRow(table: Int64, key: RowKey) throws {
        let h = rowHash(table, key)
        try noteAside(h, becomes: false)
        for sql in [
            "DELETE FROM satchel_row WHERE h = ?", "DELETE FROM satchel_grave WHERE h = ?",
            "DELETE FROM satchel_archive WHERE h = ?", "DELETE FROM satchel_archive_fell WHERE h = ?",
            "DELETE FROM satchel_moved WHERE h = ?",
            "DELETE FROM satchel_conflict WHERE h = ?", "DELETE FROM satchel_naming WHERE child = ?",
            "DELETE FROM satchel_naming WHERE parent = ?",
            "DELETE FROM satchel_unseen WHERE child = ?", "DELETE FROM satchel_claim WHERE h = ?",
            "DELETE FROM satchel_replaced WHERE h = ?",
        ] {
            try db.statement(sql).bind(1, h).run()
        }
    }

    /// The blank of a column that may not be NULL and has no default, by its declared type.
    public func blank(table: String, column: String) throws -> Value {
        let select = try db.statement("SELECT type FROM pragma_table_info(?) WHERE name = ?")
        select.bind(1, table).bind(2, column)
        defer { select.reset() }
        let type = try select.step() ? select.string(0) : ""
        return switch Affinity(declared: type, strict: false) {
        case .integer, .numeric: .integer(0)
        case .real: .real(0)
        case .text: .text("")
        case .none: .blob([])
        }
    }

    /// Folds the write-ahead log into the file and empties it, so that no earlier form of a page is left. Returns
    /// false if another program was reading. Outside a transaction.
    public func emptyLog() throws -> Bool {
        let checkpoint = try Statement(db, "PRAGMA wal_checkpoint(TRUNCATE)")
        return try checkpoint.step() && checkpoint.integer(0) == 0
    }
}

extension Store {
    /// Tables that the schema never had here and of which rows are held for others, sorted. O(rows not shown).
    ///
    /// - Parameter others: tables of rows that are kept without being held.
    public func unknownTablesHeld(beside others: [Int64]) throws -> [String] {
        let held = try Set(allGraves().map(\.table) + allArchived().map(\.table) + others)
        // What a table was judged by is noted when it is first taken under watch, and stays.
        return try held.filter { try layout($0) == nil && metaText("policies \($0)") == nil }.map(tableName).sorted()
    }
}
