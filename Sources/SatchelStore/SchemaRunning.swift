/// Making the tables that a schema's text describes (SCH-1).
extension Connection {
    /// Runs the text. Throws a `SchemaError` for one that SQLite cannot run.
    func run(schema text: String) throws {
        do {
            try withoutOtherFiles { () throws(StoreError) in try execute(text) }
        } catch {
            guard error.isSchemaFault else { throw error }
            throw SchemaError("the schema cannot be run: \(error.message)")
        }
    }

    /// After a text was run on an empty database: what it entered would be entered once more by each new replica.
    func refuseRows() throws {
        let list = try Statement(
            self,
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                + "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
        var tables: [String] = []
        while try list.step() { tables.append(list.string(0)) }
        for table in tables {
            let count = try Statement(self, "SELECT count(*) FROM \(quoted(table))")
            guard try count.step(), count.integer(0) > 0 else { continue }
            throw SchemaError(
                "the schema enters \(count.integer(0)) rows into table \(table), and each new replica would enter them "
                    + "once more: leave them out of it, and enter them once, on one replica")
        }
    }
}

extension StoreError {
    /// SQL that SQLite cannot read, or that contradicts itself: SQLITE_ERROR and SQLITE_CONSTRAINT.
    public var isSchemaFault: Bool { code & 0xFF == 1 || isConstraint }
}
