public import SatchelModel

/// Which rows name which as the row that they were merged into (MRG-50): an index over standing deletions.
extension Store {
    /// Whether any merge stands.
    public func hasMerges() throws -> Bool { try hasAny("satchel_into") }

    /// Whether a merge leads from a row or to it, held or not. Two look-ups.
    public func isInMerge(_ h: Int64) throws -> Bool {
        let select = try db.statement(
            "SELECT EXISTS (SELECT 1 FROM satchel_into WHERE h = ?1) OR EXISTS (SELECT 1 FROM satchel_into WHERE target = ?1)"
        )
        select.bind(1, h)
        defer { select.reset() }
        return try select.step() && select.integer(0) != 0
    }

    /// Whether the merge of another row leads to a row, held or not. One look-up.
    public func isMergeTarget(_ h: Int64) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_into WHERE target = ? LIMIT 1")
        select.bind(1, h)
        defer { select.reset() }
        return try select.step()
    }

    /// The keys of the rows whose merges name a row.
    public func merged(into h: Int64) throws -> [RowKey] {
        let select = try db.statement("SELECT key FROM satchel_into WHERE target = ?")
        select.bind(1, h)
        var found: [RowKey] = []
        while try select.step() {
            var reader = RowReader(select.bytes(0))
            found.append(try reader.key())
        }
        return found.sorted()
    }

    /// Replaces the rows that a row's merges name.
    public func setMerges(of row: HeldRow, into keys: [RowKey]) throws {
        try db.statement("DELETE FROM satchel_into WHERE h = ?").bind(1, row.hash).run()
        for key in keys {
            try db.statement("INSERT OR REPLACE INTO satchel_into(h, target, key) VALUES (?, ?, ?)")
                .bind(1, row.hash).bind(2, rowHash(row.table, key)).bind(3, blob: row.key.canonical).run()
        }
    }
}
