package import SatchelModel
internal import SatchelStore

/// Moving to another schema, and how replicas hear of one (VER-1, VER-6, VER-9).
extension Engine {
    /// Moves the tables and their data to another schema in one transaction. Returns what was done, in sentences.
    ///
    /// Throws a `SchemaError` for a text that cannot be synced, or where something would be lost or does not fit; then
    /// nothing is changed. O(rows of the tables that change).
    ///
    /// - Parameter sql: people's own, which is run first; nil: none.
    package func migrate(to text: String, running sql: String? = nil) throws -> [String] {
        try changingTables {
            // Before: a row that refers to nothing, since that was erased, would break the new reference (VER-8).
            var gone = try isHub ? followErasures(next: Store.tables(of: text).tables) : [:]
            try store.removeTriggers()
            var steps = try store.migrate(to: text, running: sql)
            try store.setMeta("schema_version", .integer(-1))
            try seal(note: steps.isEmpty && sql == nil ? "" : "migrated")
            gone.merge(try followErasures()) { $0 + $1 }
            try refuseMisfits()
            try forgetOffer(upTo: store.directives.version)
            steps += gone.sorted { $0.key < $1.key }.map { table, rows in
                "erased \(rows) rows of \(table), which refer to rows that were erased before"
            }
            return steps
        }
    }

    /// Changes the tables by SQL beside the schema, in one transaction: then nothing is changed, or all. O(rows of the tables).
    package func change(running sql: String) throws {
        try changingTables {
            try store.removeTriggers()
            try store.change(running: sql)
            try store.setMeta("schema_version", .integer(-1))
            try seal(note: "migrated")
            try followErasures()
        }
    }

    /// One transaction, begun with a seal of what was written before. Whatever is thrown leaves everything as it was.
    private func changingTables<T>(_ body: () throws -> T) throws -> T {
        let result: T
        do {
            result = try transaction {
                try seal()
                return try body()
            }
        } catch {
            try store.rereadSchema()
            throw error
        }
        schemaTag = Self.tag(ofSchema: try store.schemaText)
        try sweepTraces()
        return result
    }

    /// Rows in which nobody wrote a unit show the default that it has now (VER-4). O(rows of tables in which one changed).
    func showOtherDefaults() throws {
        for layout in store.layouts where store.otherDefaults.contains(layout.id) {
            let keys = try store.rowsOfOtherDefaults(layout)
            for start in stride(from: 0, to: keys.count, by: Self.rowsAtOnce) {
                let batch = newBatch()
                for key in keys[start..<min(start + Self.rowsAtOnce, keys.count)] { _ = try batch.row(layout.id, key) }
                try batch.settle()
            }
        }
        store.otherDefaults = []
    }

    /// So many rows are judged at once.
    private static let rowsAtOnce = 5_000

    /// Counters that hold no integer, sets that hold no array.
    private func refuseMisfits() throws {
        for layout in store.layouts {
            for unit in layout.schema.units where unit.policy.countsWrites {
                for column in unit.columns.map({ layout.schema.columns[$0].name }) {
                    let rows = try store.misfits(layout, column: column, unit.policy)
                    guard rows > 0 else { continue }
                    throw SchemaError(
                        "\(rows) rows of \(layout.schema.name) have a value in \(column) that a "
                            + "\(unit.policy.rawValue) cannot hold: change them first")
                }
            }
        }
    }

    /// Keeps the schema that the hub follows, if it is newer than the one here. Nothing is done with it until somebody asks.
    func note(_ offer: SchemaOffer) throws {
        guard offer.version > store.directives.version, offer.version > (try offeredSchema()?.version ?? 0) else {
            return
        }
        try store.setMeta("offered_schema", .text(offer.text))
        try store.setMeta("offered_version", .integer(Int64(clamping: offer.version)))
    }

    /// Whether the schema is another than before and devices are offered it.
    func tellsOfAnotherSchema() throws -> Bool {
        try store.directives.version > 0 && Self.tag(ofSchema: store.schemaText) != schemaTag
    }

    /// The newest schema that the hub told of and that is not followed here; nil: there is none.
    package func offeredSchema() throws -> SchemaOffer? {
        guard let text = try store.metaText("offered_schema"), let version = try store.metaInteger("offered_version"),
            version > Int64(clamping: store.directives.version)
        else { return nil }
        return SchemaOffer(version: UInt64(clamping: version), text: text)
    }

    func forgetOffer(upTo version: UInt64) throws {
        guard try store.metaInteger("offered_version") ?? 0 <= Int64(clamping: version) else { return }
        try store.setMeta("offered_schema", nil)
        try store.setMeta("offered_version", nil)
    }
}
