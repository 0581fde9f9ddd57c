public import SatchelModel

/// Moving the tables of a store to another schema, with their data (VER-6 to VER-8).
///
/// Works on the engine's own connection, in the caller's transaction, with the library's triggers taken off: no foreign
/// key acts, and whatever it throws leaves everything as it was.
struct Migration {
    let store: Store
    let before: Side
    let after: Side
    /// What other programs renamed since the tables were made.
    let renamed: [RenamedColumn]
    var steps: [String] = []
    /// What other programs made upon tables that were made anew.
    private(set) var uprooted: [Object] = []

    /// One object of a schema, as `sqlite_master` has it.
    struct Object: Equatable {
        let type: String
        let name: String
        let table: String
        let sql: String

        /// Whether SQLite would not have both.
        func isNamed(like other: Object) -> Bool {
            (type == "trigger") == (other.type == "trigger") && name.lowercased() == other.name.lowercased()
        }
    }

    /// A schema's text run by itself.
    struct Side {
        let directives: Directives
        let objects: [Object]
        let tables: [TableFacts]
        let db: Connection

        init(_ text: String) throws {
            let directives = try Directives(text)
            let db = try Connection(path: ":memory:", mode: .memory)
            (self.directives, self.db) = (directives, db)
            try db.run(schema: text)
            tables = try SchemaReader(db: db, directives: directives).read().tables
            objects = try Migration.objects(db)
        }

        func table(_ name: String) -> TableFacts? { tables.first { $0.schema.name == name } }
    }

    private init(_ store: Store, to text: String) throws {
        self.store = store
        renamed = try Store.renamed(store.db)
        before = try Side(store.schemaText)
        after = try Side(text)
        try after.db.refuseRows()
    }

    /// Returns what was done beside the SQL, in sentences. Throws a `SchemaError` where something would be lost or does not fit, and
    /// an `OwnSQLError` for SQL that cannot be run.
    ///
    /// - Parameter sql: people's own (VER-14); nil: none.
    static func run(_ store: Store, to text: String, running sql: String?) throws -> [String] {
        let isSame = try store.schemaText == text
        if isSame, sql == nil { return [] }
        var migration = try Migration(store, to: text)
        try migration.checkVersion()
        store.db.forgetStatements()
        try migration.fillBlanks()
        try migration.keepWhatGoes()
        if let sql { try migration.run(sql) }
        try migration.dropPrograms()
        for object in migration.after.objects where object.type == "table" { try migration.settle(object) }
        try migration.dropTables()
        try migration.makePrograms()
        try migration.checkReferences()
        try store.replaceSchemaText(
            text, making: Set(migration.after.objects.filter { $0.type == "table" }.map(\.name)))
        store.db.forgetStatements()
        return migration.steps
    }

    static func objects(_ db: Connection) throws -> [Object] {
        let list = try Statement(
            db,
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL "
                + "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'satchel\\_%' ESCAPE '\\' ORDER BY rowid"
        )
        var found: [Object] = []
        while try list.step() {
            found.append(
                Object(type: list.string(0), name: list.string(1), table: list.string(2), sql: list.string(3)))
        }
        return found
    }

    private func checkVersion() throws {
        try Self.checkVersion(from: before.directives.version, to: after.directives.version)
    }

    /// VER-1.
    static func checkVersion(from old: UInt64, to new: UInt64) throws {
        guard new > old || new == old && old == 0 else {
            throw SchemaError(
                "the schema has version \(new), and this replica follows version \(old): versions only go up")
        }
    }

    func count(_ sql: String) throws -> Int {
        let select = try Statement(store.db, sql)
        return try select.step() ? Int(select.integer(0)) : 0
    }

    // MARK: Tables

    private mutating func settle(_ object: Object) throws {
        if let facts = after.table(object.name) { try store.checkUnits(facts.schema) }
        guard let present = try Self.objects(store.db).first(where: { $0.type == "table" && $0.name == object.name })
        else {
            try fitting("table \(object.name)") { try store.db.execute(object.sql) }
            steps.append("made table \(object.name)")
            return
        }
        if store.layout(named: object.name) != nil, after.table(object.name) == nil {
            throw SchemaError.becomesLocal(object.name)
        }
        if present.sql != object.sql || before.directives.units[object.name] != after.directives.units[object.name] {
            try rebuild(object)
        }
    }

    struct Column {
        let name: String
        let affinity: Affinity
        let notNull: Bool
        let value: String?
    }

    static func columns(of table: String, in db: Connection) throws -> [Column] {
        let strict = try Affinity.isStrict(table, in: db)
        let info = try Statement(
            db, "SELECT name, type, \"notnull\", dflt_value FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid")
        info.bind(1, table)
        var found: [Column] = []
        while try info.step() {
            found.append(
                Column(
                    name: info.string(0), affinity: Affinity(declared: info.string(1), strict: strict),
                    notNull: info.integer(2) != 0,
                    value: info.isNull(3) ? nil : info.string(3)))
        }
        return found
    }

    /// The way SQLite advises for changes that ALTER TABLE cannot make: a new table, the rows copied, the old one gone.
    private mutating func rebuild(_ object: Object) throws {
        let table = object.name
        let old = try Self.columns(of: table, in: store.db)
        let new = try Self.columns(of: table, in: after.db)
        let sources = new.map { source(of: $0.name, in: table, among: old.map(\.name)) }
        try checkTypes(table, old: old, new: new, sources: sources)
        uprooted += try others(on: table)
        let was = "satchel_was"
        try store.db.execute("PRAGMA legacy_alter_table = ON")
        defer { try? store.db.execute("PRAGMA legacy_alter_table = OFF") }
        try store.db.execute("ALTER TABLE \(quoted(table)) RENAME TO \(was)")
        try store.db.execute(object.sql)
        let kept = zip(new, sources).compactMap { column, source in source.map { (column, $0) } }
        try fill(table, from: was, kept.map { ($0.0.name, $0.1) })
        try store.db.execute("DROP TABLE \(was)")
        try renameMarks(table, kept.map { ($0.0.name, $0.1) })
        let lost = old.filter { !sources.contains($0.name) }
        steps += describe(table, kept, new.filter { column in !kept.contains { $0.0.name == column.name } }, lost)
    }

    /// Puts the rows of a table as it was into the one of the new schema.
    ///
    /// - Parameter columns: each with its name in the table as it was.
    private func fill(_ table: String, from was: String, _ columns: [(new: String, old: String)]) throws {
        do {
            // Nothing of the rows gives way, whatever the new text says of its constraints.
            try store.db.execute(filling(table, from: was, columns, or: "ABORT"))
        } catch {
            guard error.isConstraint || error.code & 0xFF == 1 else { throw error }
            throw try unfit(table, from: was, columns, error)
        }
    }

    private func filling(
        _ table: String, from was: String, _ columns: [(new: String, old: String)], or conflict: String
    ) -> String {
        let into = columns.map { quoted($0.new) }.joined(separator: ", ")
        let from = columns.map { quoted($0.old) }.joined(separator: ", ")
        return "INSERT OR \(conflict) INTO \(quoted(table))(\(into)) SELECT \(from) FROM \(was)"
    }

    /// Says which rows the new table does not take. All others go in to find it out: the whole is undone in any case.
    private func unfit(
        _ table: String, from was: String, _ columns: [(new: String, old: String)], _ error: StoreError
    ) throws -> SchemaError {
        let names = after.table(table)?.schema.keyColumns ?? []
        let keys = columns.filter { names.contains($0.new) }
        guard error.isConstraint, !keys.isEmpty else { return unfit("table \(table)", error) }
        try store.db.execute("DELETE FROM \(quoted(table))")
        try store.db.execute(filling(table, from: was, columns, or: "IGNORE"))
        let isThere = keys.map { "n.\(quoted($0.new)) IS w.\(quoted($0.old))" }.joined(separator: " AND ")
        let rest = "FROM \(was) w WHERE NOT EXISTS (SELECT 1 FROM \(quoted(table)) n WHERE \(isThere))"
        let count = try self.count("SELECT count(*) \(rest)")
        guard count > 0 else { return unfit("table \(table)", error) }
        let key = keys.map { "w.\(quoted($0.old))" }.joined(separator: ", ")
        let select = try Statement(store.db, "SELECT \(key) \(rest) LIMIT \(Self.keysNamed)")
        var named: [String] = []
        while try select.step() { named.append(RowKey(select.values(0..<keys.count)).display) }
        let more = count > named.count ? " and \(count - named.count) more" : ""
        return SchemaError(
            "\(count == 1 ? "a row does" : "\(count) rows do") not fit table \(table) of the new schema (\(error.message)): "
                + "\(named.joined(separator: ", "))\(more)",
            try: "correct \(count == 1 ? "it" : "them") first, or change the schema file")
    }

    /// So many of the rows that do not fit are named.
    private static let keysNamed = 5

    private func describe(
        _ table: String, _ kept: [(Column, String)], _ added: [Column], _ lost: [Column]
    ) -> [String] {
        var words = added.map { "added column \(table).\($0.name)" }
        words += kept.filter { $0.0.name != $0.1 }.map { "renamed column \(table).\($0.1) to \($0.0.name)" }
        words += lost.map { "dropped column \(table).\($0.name)" }
        return words.isEmpty ? ["rebuilt table \(table)"] : words
    }

    /// The column of the table as it is that a new column goes on with.
    func source(of column: String, in table: String, among old: [String]) -> String? {
        var name = column
        var seen: Set<String> = [name]
        while true {
            if old.contains(name) { return name }
            // Another program may have renamed it here (CAP-11).
            if let now = renamed.first(where: { ($0.table, $0.text) == (table, name) })?.now, old.contains(now) {
                return now
            }
            guard let former = after.directives.renamed[table]?[name], seen.insert(former).inserted else { return nil }
            name = former
        }
    }

    /// VER-8: what an older device goes on writing into a column must be stored here as it is stored there.
    private func checkTypes(_ table: String, old: [Column], new: [Column], sources: [String?]) throws {
        guard store.layout(named: table) != nil, after.table(table) != nil else { return }
        for (column, source) in zip(new, sources) {
            guard let was = old.first(where: { $0.name == source }), !was.affinity.storesLike(column.affinity) else {
                continue
            }
            throw SchemaError(
                "\(table).\(column.name) changes its type from \(was.affinity.rawValue) to \(column.affinity.rawValue): what "
                    + "older devices go on writing in it would change. Add a column of another name instead")
        }
    }

    /// The marks of rows were made under the names of then.
    func renameMarks(_ table: String, _ names: [(new: String, old: String)]) throws {
        guard let layout = store.layout(named: table), let marked = try store.markedColumns(layout.id) else { return }
        let today = marked.map { name in names.first { $0.old == name }?.new ?? name }
        try store.setMarked(today, layout.id)
    }

    /// What they held is kept by now.
    private mutating func dropTables() throws {
        let wanted = Set(after.objects.filter { $0.type == "table" }.map(\.name))
        for object in before.objects where object.type == "table" && !wanted.contains(object.name) {
            guard try Self.objects(store.db).contains(where: { $0.type == "table" && $0.name == object.name }) else {
                continue
            }
            try store.db.execute("DROP TABLE \(quoted(object.name))")
            steps.append("dropped table \(object.name)")
        }
    }

    /// What other programs' tables refer to is theirs to mind.
    private func checkReferences() throws {
        for table in after.tables.map(\.schema.name) {
            let check = try Statement(store.db, "SELECT count(*) FROM pragma_foreign_key_check(?)").bind(1, table)
            guard try check.step(), check.integer(0) > 0 else { continue }
            throw SchemaError(
                "\(check.integer(0)) rows of \(table) refer to rows that are not there, by the references of the new schema"
            )
        }
    }

    /// What SQLite refuses of the data is the schema's fault.
    func fitting(_ what: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error as StoreError where error.isConstraint || error.code & 0xFF == 1 {
            throw unfit(what, error)
        }
    }

    private func unfit(_ what: String, _ error: StoreError) -> SchemaError {
        SchemaError("the rows here do not fit \(what) of the new schema: \(error.message)")
    }
}

extension Store {
    /// Moves the tables to another schema, in the caller's transaction, with the triggers taken off; `adoptSchema` must
    /// follow. Returns what was done, in sentences.
    ///
    /// - Parameter sql: people's own, which is run first on the tables as they are (VER-14); nil: none. What of it cannot be run throws
    ///   an `OwnSQLError`.
    public func migrate(to text: String, running sql: String?) throws -> [String] {
        try Migration.run(self, to: text, running: sql)
    }
}
