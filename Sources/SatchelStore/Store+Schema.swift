internal import SatchelModel

/// Keeping the capture in step with the tables: triggers, journal, and what changed behind their back.
extension Store {
    /// Reads the tables as they are now.
    func readLayouts() throws -> [TableLayout] {
        try SchemaReader(db: db, directives: directives).read().map { facts in
            let id = try tableID(facts.schema.name)
            let units = try facts.schema.units.map { unit in
                try unitID(unit.name, columns: unit.columns.map { facts.schema.columns[$0].name }, table: id)
            }
            return TableLayout(id: id, facts: facts, unitIDs: units)
        }
    }

    /// Takes the tables as they are now under watch, inside the caller's transaction: journal, triggers, layouts.
    ///
    /// Anything found that no trigger noted goes into the journal as found. O(rows) when the schema changed.
    public func adoptSchema() throws {
        db.forgetStatements()
        layouts = try readLayouts()
        try prepareJournal()
        try installTriggers()
        try noteWhatWentRound()
        try setMeta("schema_version", .integer(try schemaVersion()))
    }

    /// Whether DDL or VACUUM ran since the last look. One read of the file's header.
    public func schemaChanged() throws -> Bool { try metaInteger("schema_version") != schemaVersion() }

    func schemaVersion() throws -> Int64 {
        let statement = try db.statement("PRAGMA schema_version")
        guard try statement.step() else { return 0 }
        defer { statement.reset() }
        return statement.integer(0)
    }

    private func prepareJournal() throws {
        let width = layouts.map(\.schema.key.count).max() ?? 1
        let columns = try db.statement("SELECT count(*) FROM pragma_table_info('satchel_journal')")
        _ = try columns.step()
        let existing = Int(columns.integer(0)) - 5
        columns.reset()
        if existing < 0 {
            try db.execute(Triggers.journalSQL(keyColumns: width))
        } else if existing < width {
            for index in (existing + 1)...width { try db.execute("ALTER TABLE satchel_journal ADD COLUMN k\(index)") }
        }
        for layout in layouts {
            let triggers = Triggers(table: layout.facts, id: layout.id)
            let old = try db.statement("SELECT count(*) FROM pragma_table_info(?)")
            old.bind(1, triggers.oldTable)
            _ = try old.step()
            let width = Int(old.integer(0)) - 1
            old.reset()
            if width < 0 {
                try db.execute(triggers.oldTableSQL)
            } else {
                for index in max(0, width)..<max(width, layout.schema.columns.count) {
                    try db.execute("ALTER TABLE \(triggers.oldTable) ADD COLUMN c\(index)")
                }
            }
        }
    }

    private func installTriggers() throws {
        var present: [String: String] = [:]
        let list = try db.statement(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'satchel_*'")
        while try list.step() { present[list.string(0)] = list.string(1) }
        for layout in layouts {
            for trigger in Triggers(table: layout.facts, id: layout.id).all {
                if present.removeValue(forKey: trigger.name) == trigger.sql { continue }
                try db.execute("DROP TRIGGER IF EXISTS \(trigger.name)")
                try db.execute(trigger.sql)
            }
        }
        for stale in present.keys.sorted() { try db.execute("DROP TRIGGER \(quoted(stale))") }
    }

    /// Takes the triggers away, so that DDL such as `DROP COLUMN` is not refused because a trigger names the column.
    public func removeTriggers() throws {
        var names: [String] = []
        let list = try db.statement("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'satchel_*'")
        while try list.step() { names.append(list.string(0)) }
        for name in names { try db.execute("DROP TRIGGER \(quoted(name))") }
    }
}
