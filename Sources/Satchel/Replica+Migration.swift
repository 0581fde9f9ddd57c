public import GRDB
internal import SatchelModel
internal import SatchelStore

/// Moving a replica to another schema.
extension Replica {
    /// Adopts another text of the schema: other directives, and whatever `body` does to the tables to make them what
    /// the text says (SCH-20). Rows whose policies changed are judged again; no data is written for that (MRG-37).
    ///
    /// Throws a `SchemaError` for a text that cannot be synced, that does not say what the tables are after `body`, or
    /// whose policies the values in the tables do not fit; then nothing is changed, by `body` neither.
    public func migrate(schema: SchemaText, _ body: (Database) throws -> Void = { _ in }) throws {
        let wanted = try Store.tables(of: schema.text)
        let local = try Directives(schema.text).local
        if let table = self.schema().tables.first(where: { local.contains($0.name) }) {
            throw SchemaError.becomesLocal(table.name)
        }
        try migrating(
            { db in
                try body(db)
                for table in wanted.tables { try Self.check(table, in: db) }
            }, adopting: schema.text)
    }

    /// Moves to another schema with the data: makes, adds, renames and drops what the text says, in one transaction.
    ///
    /// Throws a `SchemaError` for a text that cannot be synced, for one that is older than what the replica follows, and
    /// where a value would be lost or changed, or rows do not fit (VER-6 to VER-8); then nothing is changed.
    ///
    /// - Parameter text: nil: the newest that the hub told of.
    @discardableResult
    public func migrate(to text: String? = nil) throws -> MigrationReport {
        try withEngine { engine in
            guard let text = try text ?? engine.offeredSchema()?.text else {
                throw UsageError("the hub has told of no newer schema", try: "sync first, or give a schema file")
            }
            let steps = try engine.migrate(to: text)
            try app.opened().writeWithoutTransaction { db in
                // SQLite sees that the schema is another when a statement runs, and some it refuses before.
                _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")
                db.clearSchemaCache()
            }
            return MigrationReport(steps: steps, version: engine.store.directives.version)
        }
    }

    /// The version of a newer schema that the hub follows; nil: none is known. Nothing is done with it by itself.
    public func offeredVersion() throws -> UInt64? { try withEngine { try $0.offeredSchema()?.version } }

    /// The version of the schema that this replica follows; 0: its schema says none.
    public var schemaVersion: UInt64 { withEngine { $0.store.directives.version } }

    public func migrate(schema: String, _ body: (Database) throws -> Void = { _ in }) throws {
        try migrate(schema: SchemaText(schema), body)
    }

    /// The same with SQL for what is to be done to the tables. Throws a `UsageError` for SQL that cannot be run.
    public func migrate(schema: String, running sql: String) throws {
        do {
            try migrate(schema: SchemaText(schema)) { db in try db.execute(sql: sql) }
        } catch let error as DatabaseError where error.resultCode != .SQLITE_BUSY {
            throw UsageError(
                "the SQL of the migration cannot be run: \(error.message ?? "")", try: "correct it; nothing was changed"
            )
        }
    }

    private static func check(_ table: TableSchema, in db: Database) throws {
        let columns = try String.fetchAll(
            db, sql: "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid", arguments: [table.name])
        guard Set(columns) == Set(table.columns.map(\.name)) else {
            throw SchemaError(
                columns.isEmpty
                    ? "the schema has a table \(table.name), and the migration has not made it"
                    : "table \(table.name) has the columns \(columns.joined(separator: ", ")) after the migration, and "
                        + "the schema says \(table.columns.map(\.name).joined(separator: ", "))")
        }
        for unit in table.units where unit.policy.countsWrites {
            for column in unit.columns.map({ table.columns[$0].name }) {
                let place = column.quotedDatabaseIdentifier
                let misfit =
                    unit.policy == .counter ? "typeof(\(place)) <> 'integer'" : Store.isNoSet(place)
                let rows = try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM \(table.name.quotedDatabaseIdentifier) WHERE \(misfit)")
                guard let rows, rows > 0 else { continue }
                throw SchemaError(
                    "\(rows) rows of \(table.name) have a value in \(column) that a \(unit.policy.rawValue) cannot "
                        + "hold: change them first")
            }
        }
    }
}

/// What a migration did.
public struct MigrationReport: Sendable {
    /// In sentences, in their order. Empty: only directives changed, or nothing.
    public let steps: [String]
    /// The version followed now; 0: the schema says none.
    public let version: UInt64
}
