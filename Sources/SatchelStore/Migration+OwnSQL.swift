internal import CSatchelSQLite
internal import GRDBSQLite
internal import SatchelModel

/// SQL of people's own that makes the tables what a schema says: what goes with it is kept first, as in any migration, and all
/// is one transaction (VER-14).
extension Migration {
    /// Returns what was done beside the SQL, in sentences.
    static func run(_ store: Store, to text: String, running sql: String) throws -> [String] {
        var migration = try Migration(store, to: text)
        try migration.checkVersion()
        store.db.forgetStatements()
        try migration.fillBlanks()
        try migration.keepWhatGoes()
        migration.hasKept = true
        let keys = try migration.keys()
        try store.run(own: sql)
        try migration.refuseGone(of: keys)
        try migration.followRenames()
        try migration.move(to: text)
        return migration.steps
    }

    /// Keeps for others what the tables will not have (VER-3). Throws where nobody said that it goes (VER-7).
    private func keepWhatGoes() throws {
        let present = Set(try Self.objects(store.db).filter { $0.type == "table" }.map(\.name))
        let wanted = Set(after.objects.filter { $0.type == "table" }.map(\.name))
        for object in before.objects where object.type == "table" && present.contains(object.name) {
            guard wanted.contains(object.name) else {
                try refuseLoss(ofTable: object.name)
                if let layout = store.layout(named: object.name) { try store.keepAside(layout, leavingRows: true) }
                continue
            }
            let old = try Self.columns(of: object.name, in: store.db)
            let new = try Self.columns(of: object.name, in: after.db)
            let sources = new.map { source(of: $0.name, in: object.name, among: old.map(\.name)) }
            try checkKey(object.name)
            try checkAdded(object.name, new, sources)
            let lost = old.filter { !sources.contains($0.name) }
            try refuseLoss(of: lost, in: object.name)
            if let layout = store.layout(named: object.name) {
                try store.keepAside(units(of: lost, layout), of: layout)
            }
        }
    }

    /// The keys of the rows of each table that stays. O(rows).
    private func keys() throws -> [Int64: Set<RowKey>] {
        var found: [Int64: Set<RowKey>] = [:]
        for table in after.tables.map(\.schema.name) {
            guard let layout = store.layout(named: table) else { continue }
            var keys: Set<RowKey> = []
            try store.forEachRow(layout) { key, _ in keys.insert(key) }
            found[layout.id] = keys
        }
        return found
    }

    /// A row that is gone from its table is no deletion that anybody made: it would be asked for again (CAP-10).
    private func refuseGone(of keys: [Int64: Set<RowKey>]) throws {
        for table in after.tables.map(\.schema) {
            guard let layout = store.layout(named: table.name), var left = keys[layout.id] else { continue }
            let present = try Self.columns(of: table.name, in: store.db).map(\.name)
            let names = table.keyColumns.compactMap { source(of: $0, in: table.name, among: present) }
            if names.count == table.keyColumns.count {
                let list = names.map(quoted).joined(separator: ", ")
                let rows = try Statement(store.db, "SELECT \(list) FROM \(quoted(table.name))")
                while try rows.step() { left.remove(RowKey(rows.values(0..<names.count))) }
            }
            guard let one = left.min() else { continue }
            throw SchemaError(
                "the SQL deletes \(left.count) rows of \(table.name), or changes their keys (\(one.display))",
                try: "delete them or change their keys before, by themselves, so that everybody hears of it")
        }
    }

    /// Columns that the SQL renamed: marks are read by the names of today.
    private func followRenames() throws {
        for table in after.tables.map(\.schema.name) {
            let present = try Self.columns(of: table, in: store.db).map(\.name)
            guard let layout = store.layout(named: table), let marked = try store.markedColumns(layout.id) else {
                continue
            }
            let gone = marked.filter { !present.contains($0) }
            let names = present.compactMap { name in source(of: name, in: table, among: gone).map { (name, $0) } }
            if !names.isEmpty { try renameMarks(table, names) }
        }
    }
}

extension Store {
    /// The same as `migrate(to:)` with SQL that is run first, on the tables as they are. Throws an `OwnSQLError` for SQL that cannot
    /// be run.
    public func migrate(to text: String, running sql: String) throws -> [String] {
        try Migration.run(self, to: text, running: sql)
    }

    /// Runs SQL that may change the tables, in the caller's transaction, with the triggers taken off; `adoptSchema` must follow. What
    /// goes with it is kept first, for which it is run twice.
    public func change(running sql: String) throws {
        struct Undone: Error {}
        var then: [Int64: Set<UnitID>] = [:]
        do {
            try db.part {
                try run(own: sql)
                db.forgetStatements()
                for layout in try readLayouts() { then[layout.id] = Set(layout.unitIDs) }
                throw Undone()
            }
        } catch is Undone {}
        db.forgetStatements()
        try forgetCaches()
        for layout in layouts {
            guard let left = then[layout.id] else {
                try keepAside(layout, leavingRows: true)
                continue
            }
            try keepAside(Set(layout.unitIDs).subtracting(left), of: layout)
        }
        db.forgetStatements()
        try run(own: sql)
        db.forgetStatements()
    }

    /// Neither may it end the transaction that it is part of.
    fileprivate func run(own sql: String) throws {
        sqlite3_set_authorizer(
            db.handle,
            { _, action, _, _, _, _ in
                [SQLITE_TRANSACTION, SQLITE_SAVEPOINT, SQLITE_ATTACH, SQLITE_DETACH].contains(action)
                    ? SQLITE_DENY : SQLITE_OK
            }, nil)
        defer { sqlite3_set_authorizer(db.handle, nil, nil) }
        do {
            try db.execute(sql)
        } catch {
            let isItsFault =
                error.isSchemaFault || [SQLITE_AUTH, SQLITE_MISMATCH, SQLITE_TOOBIG].contains(error.code & 0xFF)
            throw isItsFault ? OwnSQLError(message: error.message) : error
        }
    }

    /// Keeps what rows have of units that leave their table, and marks the rows by what stays, so that what the same SQL changes of it
    /// is found (CAP-10). O(rows).
    fileprivate func keepAside(_ gone: Set<UnitID>, of layout: TableLayout) throws {
        if gone.isEmpty { return }
        try keepAside(gone, in: layout)
        let lost = zip(layout.schema.units, layout.unitIDs).filter { gone.contains($1) }.flatMap { $0.0.columns }
        let left = layout.schema.columns.indices.filter { !lost.contains($0) }
        var marks: [(h: Int64, mark: Int64)] = []
        try forEachRow(layout) { key, values in
            marks.append((rowHash(layout.id, key), hash.mark(left.map { values[$0] })))
        }
        let update = try db.statement("UPDATE satchel_row SET mark = ? WHERE h = ?")
        for row in marks { try update.bind(1, row.mark).bind(2, row.h).run() }
        try db.statement("UPDATE satchel_table SET columns = ? WHERE id = ?")
            .bind(1, left.map { layout.schema.columns[$0].name }.joined(separator: "\u{1F}")).bind(2, layout.id).run()
    }
}

/// SQL of a migration that cannot be run.
public struct OwnSQLError: Error, Sendable {
    public let message: String
}
