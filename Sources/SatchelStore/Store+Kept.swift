public import SatchelModel

/// Rows that the hub shows because of rows that this replica may not hold (SCO-14).
extension Store {
    public func hasKeptOutside() throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_kept LIMIT 1")
        defer { select.reset() }
        return try select.step()
    }

    public func isKeptOutside(_ h: Int64) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_kept WHERE h = ?")
        select.bind(1, h)
        defer { select.reset() }
        return try select.step()
    }

    public func keptOutside() throws -> [(table: Int64, key: RowKey)] {
        let select = try db.statement("SELECT tbl, key FROM satchel_kept ORDER BY tbl, key")
        var found: [(Int64, RowKey)] = []
        while try select.step() { found.append((select.integer(0), try RowKey(stored: select.bytes(1)))) }
        return found
    }

    public func setKeptOutside(_ rows: [(table: Int64, key: RowKey)]) throws {
        try empty("satchel_kept")
        let insert = try db.statement("INSERT OR REPLACE INTO satchel_kept(h, tbl, key) VALUES (?, ?, ?)")
        for (table, key) in rows {
            try insert.bind(1, rowHash(table, key)).bind(2, table).bind(3, blob: key.canonical).run()
        }
    }
}

extension RowKey {
    /// A key as it lies in the library's own tables: its canonical form.
    public init(stored bytes: [UInt8]) throws {
        var reader = RowReader(bytes)
        self = try reader.key()
    }
}
