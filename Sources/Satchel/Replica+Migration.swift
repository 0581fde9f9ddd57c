public import GRDB
internal import SatchelModel
internal import SatchelStore

/// Moving a replica to another schema.
extension Replica {
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
            return try migrate(engine, to: text, running: nil)
        }
    }

    /// The same to a text that is not read from a file (SCH-20), and with SQL for what cannot be worked out: it is run first, and what
    /// the tables lack then of the text is made. What it takes away is kept for others as in any migration, and refused likewise;
    /// rows of which it changes values are captured (VER-14).
    ///
    /// Throws what `migrate(to:)` throws, and a `UsageError` for SQL that cannot be run.
    @discardableResult
    public func migrate(schema: SchemaText, running sql: String = "") throws -> MigrationReport {
        try withEngine { try migrate($0, to: schema.text, running: sql.isEmpty ? nil : sql) }
    }

    @discardableResult
    public func migrate(schema: String, running sql: String = "") throws -> MigrationReport {
        try migrate(schema: SchemaText(schema), running: sql)
    }

    /// Changes the tables beside the schema by SQL, with the capture taken off: tables and columns of an app's own. In one
    /// transaction; foreign keys do not act. What it takes away is kept for others; rows that it changes are captured.
    ///
    /// Throws a `UsageError` for SQL that cannot be run. O(rows of the tables).
    public func migrate(running sql: String) throws {
        try withEngine { engine in
            try telling { try engine.change(running: sql) }
            try forgetSchema()
        }
    }

    private func migrate(_ engine: Engine, to text: String, running sql: String?) throws -> MigrationReport {
        let steps = try telling { try engine.migrate(to: text, running: sql) }
        try forgetSchema()
        return MigrationReport(steps: steps, version: engine.store.directives.version)
    }

    private func telling<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as OwnSQLError {
            throw UsageError(
                "the SQL of the migration cannot be run: \(error.message)", try: "correct it; nothing was changed")
        }
    }

    /// SQLite sees that the schema is another when a statement runs, and some it refuses before.
    private func forgetSchema() throws {
        try app.opened().writeWithoutTransaction { db in
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")
            db.clearSchemaCache()
        }
    }

    /// The version of a newer schema that the hub follows; nil: none is known. Nothing is done with it by itself.
    public func offeredVersion() throws -> UInt64? { try withEngine { try $0.offeredSchema()?.version } }

    /// The version of the schema that this replica follows; 0: its schema says none.
    public var schemaVersion: UInt64 { withEngine { $0.store.directives.version } }
}

/// What a migration did.
public struct MigrationReport: Sendable {
    /// In sentences, in their order. Empty: only directives changed, or nothing.
    public let steps: [String]
    /// The version followed now; 0: the schema says none.
    public let version: UInt64
}
