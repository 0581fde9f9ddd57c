public import SatchelModel

/// What forms were last saved with in counters (INB-10).
extension Store {
    /// Nil: it was not saved.
    ///
    /// - Parameter form: the number of its opening.
    public func saved(_ form: UInt64, of h: Int64, unit: UnitID) throws -> [Value]? {
        let select = try db.statement("SELECT vals FROM satchel_form WHERE h = ? AND form = ? AND unit = ?")
        select.bind(1, h).bind(2, Int64(bitPattern: form)).bind(3, Int64(unit))
        defer { select.reset() }
        guard try select.step() else { return nil }
        var reader = RowReader(select.bytes(0))
        return try reader.key().values
    }

    public func noteSaved(_ form: UInt64, of h: Int64, unit: UnitID, _ values: [Value]) throws {
        try db.statement("INSERT OR REPLACE INTO satchel_form(h, form, unit, vals) VALUES (?, ?, ?, ?)")
            .bind(1, h).bind(2, Int64(bitPattern: form)).bind(3, Int64(unit)).bind(4, blob: RowKey(values).canonical)
            .run()
    }

    /// Forgets what was saved of a row.
    func forgetSaved(_ h: Int64) throws {
        try db.statement("DELETE FROM satchel_form WHERE h = ?").bind(1, h).run()
    }
}
