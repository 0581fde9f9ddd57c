internal import SatchelModel

/// A column of a table that another program renamed past the library.
struct RenamedColumn: Sendable, Equatable {
    let table: String
    /// Its name in the schema's text.
    let text: String
    /// Its name in the table.
    let now: String
}

/// Columns that another program renamed go on as those that they were (CAP-11).
extension Store {
    private static let renamedMeta = "renamed"

    /// What the schema's text says, with the columns called as they are now.
    static func directives(of text: String, _ db: Connection) throws -> Directives {
        var directives = try Directives(text)
        for column in try renamed(db) { directives.follow(column) }
        return directives
    }

    static func renamed(_ db: Connection) throws -> [RenamedColumn] {
        guard case .text(let bytes)? = try meta(db, renamedMeta) else { return [] }
        let parts = String(decoding: bytes, as: UTF8.self)
            .split(separator: columnSeparator, omittingEmptySubsequences: false).map(String.init)
        return stride(from: 0, to: parts.count - 2, by: 3).map { place in
            RenamedColumn(table: parts[place], text: parts[place + 1], now: parts[place + 2])
        }
    }

    func setRenamed(_ columns: [RenamedColumn]) throws {
        let text = columns.flatMap { [$0.table, $0.text, $0.now] }.joined(separator: String(Self.columnSeparator))
        try setMeta(Self.renamedMeta, columns.isEmpty ? nil : .text(text))
    }

    /// Goes on with what was renamed since the last look, in the caller's transaction. O(rows) of the tables of which columns went while
    /// others came and no trigger tells.
    func followRenames() throws {
        let news = try renames()
        if news.isEmpty { return }
        var renamed = try Self.renamed(db)
        for table in news {
            for (old, now) in table.pairs {
                let text = renamed.first { ($0.table, $0.now) == (table.name, old) }?.text ?? old
                renamed.removeAll { ($0.table, $0.text) == (table.name, text) }
                if text != now { renamed.append(RenamedColumn(table: table.name, text: text, now: now)) }
            }
            try setMarked(table.marked.map { table.pairs[$0] ?? $0 }, table.id)
        }
        try setRenamed(renamed)
        directives = try Self.directives(of: schemaText, db)
    }

    /// The columns of a table that are called otherwise than when its marks were made, by their names of then.
    struct Renames {
        let id: Int64
        let name: String
        let marked: [String]
        let pairs: [String: String]
    }

    func renames() throws -> [Renames] {
        try markedTables().compactMap { id, name in
            guard let marked = try markedColumns(id) else { return nil }
            let pairs = try renamed(id, name, marked, presentColumns(of: name))
            return pairs.isEmpty ? nil : Renames(id: id, name: name, marked: marked, pairs: pairs)
        }
    }

    private func markedTables() throws -> [(id: Int64, name: String)] {
        var tables: [(Int64, String)] = []
        let watched = try db.statement("SELECT id, name FROM satchel_table WHERE columns <> '' ORDER BY id")
        while try watched.step() { tables.append((watched.integer(0), watched.string(1))) }
        return tables
    }

    private struct PresentColumn {
        let name: String
        let defaultSQL: String?
        /// Its place in the key, from 1 on; 0: it is outside.
        let keyPlace: Int64
    }

    private func presentColumns(of table: String) throws -> [PresentColumn] {
        var columns: [PresentColumn] = []
        let info = try db.statement(
            "SELECT name, dflt_value, pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid")
        info.bind(1, table)
        while try info.step() {
            columns.append(
                PresentColumn(
                    name: info.string(0), defaultSQL: info.isNull(1) ? nil : info.string(1), keyPlace: info.integer(2)))
        }
        return columns
    }

    private func renamed(
        _ id: Int64, _ table: String, _ marked: [String], _ present: [PresentColumn]
    ) throws -> [String: String] {
        let gone = marked.filter { name in !present.contains { $0.name == name } }
        let new = present.map(\.name).filter { !marked.contains($0) }
        if gone.isEmpty || new.isEmpty { return [:] }
        var pairs = try renamedWithTriggers(id, marked, present.map(\.name))
        let restGone = gone.filter { pairs[$0] == nil }
        let restNew = new.filter { !pairs.values.contains($0) }
        guard !restGone.isEmpty, restGone.count == restNew.count else { return pairs }
        pairs.merge(zip(restGone, restNew)) { $1 }
        if try holdsWhatWasMarked(id, table, marked, present, pairs, new: Set(restNew)) { return pairs }
        for name in restGone { pairs[name] = nil }
        return pairs
    }

    /// SQLite renames columns within triggers too, and leaves them in their places.
    private func renamedWithTriggers(_ id: Int64, _ marked: [String], _ present: [String]) throws -> [String: String] {
        let trigger = try db.statement("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?")
        trigger.bind(1, Triggers.onDelete(id))
        guard try trigger.step() else { return [:] }
        let sql = trigger.string(0)
        trigger.reset()
        var pairs: [String: String] = [:]
        for (old, now) in zip(marked, present)
        where !present.contains(old) && !marked.contains(now) && sql.contains("OLD.\(quoted(now))") {
            pairs[old] = now
        }
        return pairs
    }

    /// Whether most rows hold in these columns what was marked under their former names, among the rows that hold there something
    /// else than an empty column does.
    private func holdsWhatWasMarked(
        _ id: Int64, _ table: String, _ marked: [String], _ present: [PresentColumn], _ pairs: [String: String],
        new: Set<String>
    ) throws -> Bool {
        let names = present.map(\.name)
        let places = marked.compactMap { name in names.firstIndex(of: pairs[name] ?? name) }
        let key = present.indices.filter { present[$0].keyPlace > 0 }.sorted {
            present[$0].keyPlace < present[$1].keyPlace
        }
        guard places.count == marked.count, !key.isEmpty else { return false }
        let tells = present.filter { new.contains($0.name) }.map { column in
            "\(quoted(column.name)) IS NOT NULL AND \(quoted(column.name)) IS NOT (\(column.defaultSQL ?? "NULL"))"
        }
        let columns = names.map(quoted).joined(separator: ", ")
        let rows = try Statement(
            db, "SELECT \(columns) FROM \(quoted(table)) WHERE \(tells.joined(separator: " OR "))")
        let clock = try db.statement("SELECT mark FROM satchel_row WHERE h = ?")
        let noted = try notedKeys(id, key.count)
        var (alike, unlike) = (0, 0)
        while try rows.step() {
            let values = rows.values(0..<names.count)
            let key = RowKey(key.map { values[$0] })
            clock.reset()
            clock.bind(1, rowHash(id, key))
            guard !noted.contains(key), try clock.step() else { continue }
            if clock.integer(0) == hash.mark(places.map { values[$0] }) { alike += 1 } else { unlike += 1 }
        }
        clock.reset()
        return alike > unlike
    }

    /// The rows of a table that were written since they were marked.
    private func notedKeys(_ table: Int64, _ columns: Int) throws -> Set<RowKey> {
        var keys: Set<RowKey> = []
        let notes = try Statement(db, "SELECT DISTINCT \(Triggers.keys(columns)) FROM satchel_journal WHERE t = ?")
        notes.bind(1, table)
        while try notes.step() { keys.insert(RowKey(notes.values(0..<columns))) }
        return keys
    }
}

extension Directives {
    /// What is said of a column is said of it under the name that another program gave it.
    mutating func follow(_ column: RenamedColumn) {
        let (table, text, now) = (column.table, column.text, column.now)
        func today(_ names: [String]) -> [String] { names.map { $0 == text ? now : $0 } }
        units[table] = units[table]?.map { unit in
            var unit = unit
            unit.columns = today(unit.columns)
            return unit
        }
        references[table] = references[table]?.map { reference in
            var reference = reference
            reference.columns = today(reference.columns)
            return reference
        }
        naturalKeys[table] = naturalKeys[table]?.map(today)
        similar[table] = similar[table].map(today)
        if let policy = policies[table]?.removeValue(forKey: text) { policies[table]?[now] = policy }
        renamed[table, default: [:]][now] = text
    }
}
