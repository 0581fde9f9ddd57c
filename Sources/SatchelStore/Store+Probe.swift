public import SatchelModel

/// Asking a table what it says of a row by itself, whatever else is in it.
extension Store {
    /// What a table says of a row by itself, whatever else is in it.
    public struct Probe: Sendable {
        /// Why it refuses the row (CHECK, NOT NULL, a STRICT type); nil: it does not.
        public var refusal: String?
        /// For each partial unique index whether the row is in it; true for the others.
        public var isIn: [Bool]
    }

    /// Asks an empty twin of the table what the table itself says of a row. Three statements.
    public func probe(_ layout: TableLayout, values: [Value]) throws -> Probe {
        let db = try twin(of: layout)
        let twin = quoted(layout.schema.name)
        let columns = layout.schema.columns.map { quoted($0.name) }.joined(separator: ", ")
        let given = (1...layout.schema.columns.count).map { "?\($0)" }.joined(separator: ", ")
        var probe = Probe(refusal: nil, isIn: layout.facts.unique.map { _ in true })
        // Before, since a condition that fails leaves the row there.
        try db.statement("DELETE FROM \(twin)").run()
        do {
            try db.statement("INSERT OR ABORT INTO \(twin)(\(columns)) VALUES (\(given))").bind(values).run()
        } catch {
            guard error.isConstraint else { throw error }
            probe.refusal = error.message
            return probe
        }
        let conditions = layout.facts.unique.map { $0.condition.map { "(\($0)) IS TRUE" } ?? "1" }
        if layout.hasPartialPlaces {
            let select = try db.statement("SELECT \(conditions.joined(separator: ", ")) FROM \(twin)")
            if try select.step() { probe.isIn = conditions.indices.map { select.integer($0) != 0 } }
            select.reset()
        }
        return probe
    }

    /// Empty tables in memory, without indexes and triggers, for which the people's own were the model.
    struct Twins {
        let db: Connection
        /// The DDL that each was made by.
        var made: [Int64: String] = [:]
    }

    /// Where a table has its twin. It bears the same name and is made by the same words, since they may name the table.
    private func twin(of layout: TableLayout) throws -> Connection {
        let select = try db.statement("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?")
        select.bind(1, layout.schema.name)
        guard try select.step() else { throw StoreError("the table \(layout.schema.name) is gone") }
        let sql = select.string(0)
        select.reset()
        var twins = try self.twins ?? Twins(db: Connection(path: ":memory:", mode: .memory))
        if twins.made[layout.id] != sql {
            twins.db.forgetStatements()
            try twins.db.execute("DROP TABLE IF EXISTS \(quoted(layout.schema.name)); \(sql)")
            twins.made[layout.id] = sql
        }
        self.twins = twins
        return twins.db
    }
}
