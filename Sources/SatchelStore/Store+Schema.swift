public import SatchelModel

/// Keeping the capture in step with the tables: triggers, journal, and what changed behind their back.
extension Store {
    /// Reads the tables as they are now.
    func readLayouts() throws -> [TableLayout] {
        var known: Set<String> = []
        let watched = try db.statement("SELECT name FROM satchel_table WHERE columns <> ''")
        while try watched.step() { known.insert(watched.string(0)) }
        let reader = SchemaReader(db: db, directives: directives, known: known) {
            Set(try Migration.Side(self.schemaText).tables.map(\.schema.name))
        }
        let (tables, leftLocal) = try reader.read()
        self.leftLocal = leftLocal
        readVersion = try schemaVersion()
        return try tables.map { facts in
            let id = try tableID(facts.schema)
            let units = try facts.schema.unitNames.map { try unitID($0, table: id) }
            try noteOwn(units, table: id)
            return TableLayout(
                id: id, facts: facts, unitIDs: units, since: try units.map { try since($0, table: id) },
                defaults: try defaults(of: facts))
        }
    }

    /// Notes that the schema has these units. One look at each, as long as nothing is new.
    private func noteOwn(_ units: [UnitID], table: Int64) throws {
        let select = try db.statement("SELECT own FROM satchel_unit WHERE tbl = ? AND id = ?")
        let new = try units.filter { unit in
            select.bind(1, table).bind(2, Int64(unit))
            defer { select.reset() }
            return try select.step() && select.integer(0) == 0
        }
        for unit in new {
            try db.statement("UPDATE satchel_unit SET own = 1 WHERE tbl = ? AND id = ?").bind(1, table)
                .bind(2, Int64(unit)).run()
        }
    }

    /// VER-8: a unit keeps its columns and a column its unit, also if both went and came again; what is new is a unit of its own.
    func checkUnits(_ table: TableSchema) throws {
        let id = try tableID(table)
        let own = try db.statement("SELECT name, columns FROM satchel_unit WHERE tbl = ? AND own = 1")
        own.bind(1, id)
        var was: [UnitName] = []
        while try own.step() { was.append(Self.unit(own.string(0), storedColumns: own.string(1))) }
        for unit in table.unitNames {
            guard let other = was.first(where: { $0 != unit && !Set($0.columns).isDisjoint(with: unit.columns) }) else {
                continue
            }
            throw SchemaError(
                "the columns of unit \(table.name).\(unit.name) were those of unit \(table.name).\(other.name) "
                    + "(\(other.columns.joined(separator: ", "))): writes of older devices would be of another unit. Give "
                    + "the unit the columns that it had, in their order, and new columns a unit of their own")
        }
    }

    /// The number of the newest dot when a unit came into a table that was there: rows of that time have no candidate of
    /// it unless they say so (VER-4).
    private func since(_ unit: UnitID, table: Int64) throws -> DotID {
        let select = try db.statement("SELECT since FROM satchel_unit WHERE tbl = ? AND id = ?")
        select.bind(1, table).bind(2, Int64(unit))
        defer { select.reset() }
        return try select.step() ? select.integer(0) : 0
    }

    /// Notes of each unit that is new in a table that was there, from which dot on its rows have it.
    private func noteNewUnits() throws {
        var isNew = false
        for layout in layouts {
            guard let before = try markedColumns(layout.id) else { continue }
            for (unit, id) in zip(layout.schema.units, layout.unitIDs)
            where !unit.columns.contains(where: { before.contains(layout.schema.columns[$0].name) }) {
                let update = try db.statement(
                    "UPDATE satchel_unit SET since = (SELECT coalesce(max(id), 0) FROM satchel_dot) "
                        + "WHERE tbl = ? AND id = ?")
                try update.bind(1, layout.id).bind(2, Int64(id)).run()
                isNew = true
            }
        }
        if isNew { layouts = try readLayouts() }
    }

    /// Takes the tables as they are now under watch, inside the caller's transaction: journal, triggers, layouts.
    ///
    /// Anything found that no trigger noted goes into the journal as found. O(rows) when the schema changed.
    ///
    /// - Returns: the tables that are new, or have other columns or policies than at the last look.
    @discardableResult
    public func adoptSchema() throws -> Set<Int64> {
        db.forgetStatements()
        try followRenames()
        layouts = try readLayouts()
        try noteNewUnits()
        var changed = Set(try layouts.filter { try markedColumns($0.id) != $0.schema.columns.map(\.name) }.map(\.id))
        for layout in layouts {
            // What refers to a table decides too which of its rows are shown (MRG-20).
            let text = layout.schema.policies + "\n" + referrers(of: layout.schema.name)
            if try metaText("policies \(layout.id)") == text { continue }
            changed.insert(layout.id)
            try setMeta("policies \(layout.id)", .text(text))
        }
        otherDefaults.formUnion(try tablesOfOtherDefaults())
        try prepareJournal()
        for layout in layouts { try carryNotesOver(to: layout) }
        try installTriggers()
        try noteWhatWentRound()
        try noteReferences()
        readVersion = try schemaVersion()
        try setMeta("schema_version", .integer(readVersion))
        return changed
    }

    /// The references to a table, in one text.
    private func referrers(of table: String) -> String {
        layouts.flatMap { layout in
            layout.schema.references.filter { $0.parent.lowercased() == table.lowercased() }.map { reference in
                let columns = reference.columns.map { layout.schema.columns[$0].identity }
                return ([layout.schema.name, reference.policy.rawValue] + columns).joined(separator: "\u{1F}")
            }
        }.sorted().joined(separator: "\n")
    }

    /// How many rows of a table have a value that a counter, or a set, cannot hold.
    public func misfits(_ layout: TableLayout, column: String, _ policy: Policy) throws -> Int {
        let place = quoted(column)
        let misfit = policy == .counter ? "typeof(\(place)) <> 'integer'" : Self.isNoSet(place)
        let select = try Statement(db, "SELECT count(*) FROM \(quoted(layout.schema.name)) WHERE \(misfit)")
        return try select.step() ? Int(select.integer(0)) : 0
    }

    /// Takes another text for the schema, inside the caller's transaction; `adoptSchema` then makes it hold.
    ///
    /// - Parameter tables: those that the text makes, with the columns that it names.
    func replaceSchemaText(_ text: String, making tables: Set<String>) throws {
        try setRenamed(Self.renamed(db).filter { !tables.contains($0.table) })
        directives = try Self.directives(of: text, db)
        try setMeta("schema", .text(text))
        try setMeta("schema_version", nil)
    }

    /// After a rollback: what the file says.
    public func rereadSchema() throws {
        directives = try Self.directives(of: schemaText, db)
        db.forgetStatements()
        layouts = try readLayouts()
    }

    /// Whether another program moved the file to another schema through the library since the tables were read here;
    /// then they are read anew. One read of the file's header.
    public func followSchema() throws -> Bool {
        let version = try schemaVersion()
        guard version != readVersion, try metaInteger("schema_version") == version else { return false }
        try rereadSchema()
        return true
    }

    /// The tables that a schema's text makes, without a file. Throws a `SchemaError` for one that cannot be synced.
    public static func tables(of text: String) throws -> Schema {
        let side = try Migration.Side(text)
        try side.db.refuseRows()
        return Schema(tables: side.tables.map(\.schema))
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
        let existing = Int(columns.integer(0)) - 6
        columns.reset()
        if existing < 0 {
            try db.execute(Triggers.journalSQL(keyColumns: width))
        } else if existing < width {
            for index in (existing + 1)...width { try db.execute("ALTER TABLE satchel_journal ADD COLUMN k\(index)") }
        }
        var stale: Set<String> = []
        let old = try db.statement("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'satchel_old_*'")
        while try old.step() { stale.insert(old.string(0)) }
        for layout in layouts {
            let triggers = Triggers(table: layout.facts, id: layout.id)
            let marks = triggers.marks
            if stale.remove(triggers.oldTable) == nil {
                try db.execute(triggers.oldTableSQL)
            } else {
                let present = try columnNames(of: triggers.oldTable)
                for column in triggers.oldColumns.map(\.name) + marks.columns where !present.contains(column) {
                    try db.execute("ALTER TABLE \(triggers.oldTable) ADD COLUMN \(column)")
                }
            }
            if let index = marks.indexSQL { try db.execute(index) }
        }
        // Of tables that are gone: a new table of the same name would meet the numbers of old notes in them.
        for table in stale.sorted() { try db.execute("DROP TABLE \(quoted(table))") }
    }

    private func columnNames(of table: String) throws -> Set<String> {
        var names: Set<String> = []
        let info = try db.statement("SELECT name FROM pragma_table_info(?)")
        info.bind(1, table)
        while try info.step() { names.insert(info.string(0)) }
        return names
    }

    /// Notes name columns by their places: where a table was rebuilt with other places, they are renamed (CAP-11).
    private func carryNotesOver(to layout: TableLayout) throws {
        let columns = layout.schema.columns
        guard let before = try markedColumns(layout.id), before != columns.map(\.name) else { return }
        let places = before.map { name in columns.firstIndex { $0.name == name } }
        let cases = places.enumerated()
            .map { "WHEN \($0 + 1) THEN \($1.map { String($0 + 1) } ?? "NULL")" }.joined(separator: " ")
        try db.execute(
            "UPDATE satchel_journal SET u = CASE u \(cases) END WHERE t = \(layout.id) AND u > 0; "
                + "DELETE FROM satchel_journal WHERE t = \(layout.id) AND u IS NULL")
        let triggers = Triggers(table: layout.facts, id: layout.id)
        let present = try columnNames(of: triggers.oldTable)
        let defaults = try defaults(of: layout.facts)
        var given: [Value] = []
        let moves = triggers.oldColumns.map { column in
            let source = before.firstIndex(of: columns[column.index].name).map { "c\($0)" }
            if let source, present.contains(source) { return "\(column.name) = \(source)" }
            // A column that was not there held, so to say, its default.
            given.append(defaults[column.index])
            return "\(column.name) = ?\(given.count)"
        }
        if moves.isEmpty { return }
        try Statement(db, "UPDATE \(triggers.oldTable) SET \(moves.joined(separator: ", "))").bind(given).run()
    }

    private func installTriggers() throws {
        var present: [String: String] = [:]
        // SQLite fires the youngest first, and one that says RAISE(IGNORE) is the last that fires.
        var watched: Set<String> = []
        var overtaken: Set<String> = []
        let list = try db.statement(
            "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid")
        while try list.step() {
            let (name, table) = (list.string(0), list.string(2).lowercased())
            if name.hasPrefix("satchel_") {
                present[name] = list.string(1)
                watched.insert(table)
            } else if watched.contains(table) {
                overtaken.insert(table)
            }
        }
        for layout in layouts {
            let isOvertaken = overtaken.contains(layout.schema.name.lowercased())
            for trigger in Triggers(table: layout.facts, id: layout.id).all {
                if present.removeValue(forKey: trigger.name) == trigger.sql, !isOvertaken { continue }
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

extension TableSchema {
    /// What a change of is a reason to judge all rows again (MRG-37), in words of one form.
    fileprivate var policies: String {
        let units = units.map { "\($0.name)=\($0.policy.rawValue)" }.joined(separator: "\u{1F}")
        return "\(appendOnly ? "appendOnly" : "")\u{1F}\(units)"
    }
}
