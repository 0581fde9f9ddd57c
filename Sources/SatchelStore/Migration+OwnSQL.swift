internal import CSatchelSQLite
internal import GRDBSQLite
internal import SatchelModel

/// SQL of people's own that makes the tables what a schema says: what goes with it is kept first, as in any migration, and all
/// is one transaction (VER-14).
extension Migration {
    /// What goes by it is kept by now.
    func run(_ sql: String) throws {
        let keys = try keys()
        try store.run(own: sql)
        try refuseGone(of: keys)
        try followRenames()
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
    /// Runs SQL that may change the tables, in the caller's transaction, with the triggers taken off; `adoptSchema` must follow. What
    /// goes with it is kept first, for which it is run twice.
    public func change(running sql: String) throws {
        struct Undone: Error {}
        var then: [Int64: Set<UnitID>] = [:]
        let now = directives
        do {
            try db.part {
                try run(own: sql)
                db.forgetStatements()
                try followRenames()
                for layout in try readLayouts() { then[layout.id] = Set(layout.unitIDs) }
                throw Undone()
            }
        } catch is Undone {}
        directives = now
        db.forgetStatements()
        try forgetCaches()
        for layout in layouts {
            guard let left = then[layout.id] else {
                try keepAside(layout)
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
}

/// SQL of a migration that cannot be run.
public struct OwnSQLError: Error, Sendable {
    public let message: String
}
