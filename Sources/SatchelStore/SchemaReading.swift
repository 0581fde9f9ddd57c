internal import SatchelModel

/// What the store must know of a table beyond the model's view of it.
struct TableFacts {
    var schema: TableSchema
    /// For each column: whether two equal numbers may be stored in two types there.
    var ambiguous: [Bool]
    /// For each column, its declared type, and what that makes of values.
    var types: [String]
    var affinities: [Affinity]
    /// The unique keys beside and including the primary key: column indices and their collations.
    var unique: [UniqueKey]
    /// The key's single column is the rowid itself.
    var keyIsRowid: Bool
    /// A name under which the table's rowid can be reached beside its key; nil: it has none, or all are taken.
    var rowidName: String?
    /// Whether the table may refuse a row by its values alone: its text has a CHECK, or it is STRICT.
    var hasChecks: Bool

    struct UniqueKey {
        var columns: [Int]
        var collations: [String]
        var isPrimary: Bool
        /// The condition of a partial index: it gives a place only to rows for which this holds.
        var condition: String?
        /// Columns without a change of which no row comes into a place; nil: not known, as where SQLite computes what the
        /// condition names.
        var watched: [Int]?
    }
}

/// Reads the synced tables from the database itself, with what the directives add (`Protocol/schema.md`).
struct SchemaReader {
    let db: Connection
    let directives: Directives
    /// The tables that are synced already. What another program makes later and SCH does not allow stays local
    /// instead of stopping the replica (CAP-14). Nil: the schema is new, and whatever is wrong with it is refused.
    var known: Set<String>?
    /// The tables that the schema's text makes; asked for where one that is synced cannot be any more. Nil: all of them.
    var declared: (() throws -> Set<String>)?

    /// The synced tables, by name, and why others are not. Throws `SchemaError` for what cannot be synced.
    func read() throws -> (tables: [TableFacts], leftLocal: [String: String]) {
        var tables: [TableFacts] = []
        var leftLocal: [String: String] = [:]
        if known == nil { try refuseReservedNames() }
        let list = try db.statement(
            "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name")
        var names: [(String, withoutRowid: Bool, strict: Bool)] = []
        while try list.step() { names.append((list.string(0), list.integer(1) != 0, list.integer(2) != 0)) }
        let alike = Dictionary(grouping: names.map(\.0), by: \.self).filter { $0.value.count > 1 }
        for (name, withoutRowid, strict) in names
        where (!isReserved(name) || name == factTable) && !directives.local.contains(name) {
            do {
                if let others = alike[name] { try refuse(name, among: others) }
                if let table = try read(name, withoutRowid: withoutRowid, strict: strict) {
                    tables.append(table)
                } else {
                    leftLocal[name] = "it has no primary key"
                }
            } catch let error as SchemaError {
                // A program may make its own table again, in another form; those of the schema are everybody's.
                guard let known,
                    try alike[name] != nil || !known.contains(name)
                        || declared.map({ try !$0().contains(name) }) ?? false
                else { throw error }
                leftLocal[name] = error.description
            }
        }
        if known == nil {
            try check(directives.mentions, against: tables, all: Set(names.map(\.0)))
            for table in tables {
                try checkReferences(of: table, among: tables)
                try checkPolicies(of: table)
            }
        } else {
            leaveLocal(&tables, &leftLocal)
        }
        return (tables, leftLocal)
    }

    /// CAP-14: a table that a program made and that could not be merged stays local, and with it what refers to it.
    private func leaveLocal(_ tables: inout [TableFacts], _ leftLocal: inout [String: String]) {
        while true {
            let all = tables
            tables.removeAll { table in
                if known?.contains(table.schema.name) ?? true { return false }
                do throws(SchemaError) {
                    try checkReferences(of: table, among: all)
                    try checkPolicies(of: table)
                    return false
                } catch {
                    leftLocal[table.schema.name] = error.description
                    return true
                }
            }
            if tables.count == all.count { return }
        }
    }

    /// SCH-4: of tables whose names look alike the one that is synced already goes on, else the first.
    private func refuse(_ name: String, among alike: [String]) throws(SchemaError) {
        let watched = (known ?? []).map { Array($0.utf8) }
        let first = alike.first { watched.contains(Array($0.utf8)) } ?? alike[0]
        if known == nil || Array(first.utf8) != Array(name.utf8) { throw SchemaError.alike("tables", name) }
    }

    private func read(_ name: String, withoutRowid: Bool, strict: Bool) throws -> TableFacts? {
        var columns: [TableSchema.Column] = []
        var ambiguous: [Bool] = []
        var types: [String] = []
        var keyOrder: [(Int64, Int)] = []
        var computes = false
        let info = try db.statement(
            "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid")
        info.bind(1, name)
        while try info.step() {
            guard info.integer(5) == 0 else {
                computes = true
                continue
            }
            if info.integer(4) > 0 { keyOrder.append((info.integer(4), columns.count)) }
            types.append(info.string(1))
            ambiguous.append(Self.isAmbiguous(info.string(1)))
            columns.append(
                .init(
                    name: info.string(0), identity: directives.identity(of: info.string(0), in: name),
                    notNull: info.integer(2) != 0,
                    defaultSQL: info.isNull(3) ? nil : info.string(3)))
        }
        guard !keyOrder.isEmpty else { return nil }
        for long in ([name] + columns.map(\.name)) where long.utf8.count > Limits.nameBytes {
            throw SchemaError("the name \(long) has more than \(Limits.nameBytes) bytes")
        }
        if let alike = Self.alike(columns.map(\.name)) { throw SchemaError.alike("columns of table \(name)", alike) }
        let own = columns.map(\.name) + (directives.units[name] ?? []).map(\.name)
        for name in own where name.contains(Store.columnSeparator) {
            throw SchemaError("the name \(name) has the character U+001F in it")
        }
        for reserved in own where reserved.lowercased().hasPrefix(Store.systemUnitPrefix) {
            throw SchemaError("the name \(reserved) begins with \(Store.systemUnitPrefix), which is reserved")
        }
        let key = keyOrder.sorted { $0.0 < $1.0 }.map(\.1)
        let unique = try uniqueKeys(of: name, columns: columns, computes: computes)
        // `INTEGER PRIMARY KEY DESC` is an ordinary key with an index of its own, by an old oversight of SQLite's.
        let keyIsRowid =
            !withoutRowid && key.count == 1 && types[key[0]].uppercased() == "INTEGER"
            && !unique.contains(where: \.isPrimary)
        if keyIsRowid && !directives.stable.contains(name) {
            throw SchemaError(
                "table \(name) has an INTEGER PRIMARY KEY: two devices would give one number to two rows. Use a "
                    + "text key such as a UUID, or say “-- satchel: stable \(name)” if the numbers come from one "
                    + "register")
        }
        let schema = TableSchema(
            name: name, columns: columns, key: key, units: try units(of: name, columns: columns, key: key),
            references: try references(of: name, columns: columns), withoutRowid: withoutRowid,
            appendOnly: directives.appendOnly.contains(name),
            naturalKeys: (directives.naturalKeys[name] ?? []).compactMap { Self.places(of: $0, in: columns) },
            similar: Self.places(of: directives.similar[name] ?? [], in: columns) ?? [])
        if let alike = Self.alike(schema.units.map(\.name)) {
            throw SchemaError.alike("units of table \(name)", alike)
        }
        return TableFacts(
            schema: schema, ambiguous: ambiguous, types: types,
            affinities: types.map { Affinity(declared: $0, strict: strict) },
            unique: (keyIsRowid ? [.init(columns: key, collations: ["BINARY"], isPrimary: true, watched: key)] : [])
                + unique,
            keyIsRowid: keyIsRowid,
            rowidName: withoutRowid || keyIsRowid ? nil : try freeRowidName(in: name),
            hasChecks: try hasChecks(name))
    }

    /// The first of the names that is another's but for how its letters are composed (SCH-4).
    private static func alike(_ names: [String]) -> String? {
        if Set(names).count == names.count { return nil }
        return names.first { name in names.contains { $0 == name && Array($0.utf8) != Array(name.utf8) } }
    }

    /// The columns by index; nil if one is not there, as after a migration that dropped it.
    private static func places(of names: [String], in columns: [TableSchema.Column]) -> [Int]? {
        let places = names.compactMap { name in columns.firstIndex { $0.name == name } }
        return places.count == names.count ? places : nil
    }

    private func freeRowidName(in table: String) throws -> String? {
        var names = ["rowid", "oid", "_rowid_"]
        let info = try db.statement("SELECT lower(name) FROM pragma_table_xinfo(?)")
        info.bind(1, table)
        while try info.step() { names.removeAll { $0 == info.string(0) } }
        return names.first
    }

    private func hasChecks(_ table: String) throws -> Bool {
        let select = try db.statement("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?")
        select.bind(1, table)
        defer { select.reset() }
        guard try select.step() else { return false }
        let text = select.string(0).uppercased()
        return text.contains("CHECK") || text.contains("STRICT")
    }

    private func units(
        of table: String, columns: [TableSchema.Column], key: [Int]
    ) throws(SchemaError) -> [TableSchema.Unit] {
        var taken = Set(key)
        var units: [TableSchema.Unit] = []
        for declared in directives.units[table] ?? [] {
            var indices: [Int] = []
            for column in declared.columns {
                let line = directives.mentions.first { ($0.table, $0.name) == (table, declared.name) }?.line ?? 0
                guard let index = columns.firstIndex(where: { $0.name == column }) else {
                    throw SchemaError(
                        line: line,
                        "\(table).\(declared.name) names a column \(column) that is not there or is generated")
                }
                guard taken.insert(index).inserted else {
                    throw SchemaError(line: line, "column \(table).\(column) is in the key or in two units")
                }
                indices.append(index)
            }
            units.append(.init(name: declared.name, columns: indices, policy: declared.policy))
        }
        for index in columns.indices where !taken.contains(index) {
            let column = columns[index]
            units.append(
                .init(
                    name: column.identity, columns: [index],
                    policy: directives.policies[table]?[column.name]
                        ?? (table == factTable ? .lastWriter : .review)))
        }
        try checkNames(units, columns, of: table)
        return units
    }

    /// VER-13: of one table each name is one unit's, and each column's first name one column's.
    private func checkNames(
        _ units: [TableSchema.Unit], _ columns: [TableSchema.Column], of table: String
    ) throws(SchemaError) {
        for (place, unit) in units.enumerated() where units[..<place].contains(where: { $0.name == unit.name }) {
            let line = directives.mentions.first { ($0.table, $0.name) == (table, unit.name) }?.line ?? 0
            let former = columns.first { $0.identity == unit.name && $0.name != unit.name }.map {
                ": \($0.name), which was first called so"
            }
            throw SchemaError(
                line: line, "unit \(table).\(unit.name) is called like a column outside it\(former ?? "")")
        }
        for (place, column) in columns.enumerated() {
            guard let twin = columns[..<place].first(where: { $0.identity == column.identity }) else { continue }
            throw SchemaError(
                "\(table).\(twin.name) and \(table).\(column.name) are both said to have been \(column.identity)")
        }
    }

    private func references(of table: String, columns: [TableSchema.Column]) throws -> [TableSchema.Reference] {
        let list = try db.statement(
            "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq")
        list.bind(1, table)
        var byID: [(Int64, String, [Int], [String])] = []
        while try list.step() {
            guard let from = columns.firstIndex(where: { $0.name == list.string(2) }) else { continue }
            let to = list.isNull(3) ? [] : [list.string(3)]
            if let last = byID.indices.last, byID[last].0 == list.integer(0) {
                byID[last].2.append(from)
                byID[last].3 += to
            } else {
                byID.append((list.integer(0), list.string(1), [from], to))
            }
        }
        return try byID.map { _, parent, from, to in
            var names = to
            if names.isEmpty {
                let key = try db.statement("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk")
                key.bind(1, parent)
                while try key.step() { names.append(key.string(0)) }
            }
            let named = Set(from.map { columns[$0].name })
            let declared = directives.references[table]?.first { Set($0.columns) == named }
            return .init(columns: from, parent: parent, parentColumns: names, policy: declared?.policy ?? .revive)
        }
    }

    private func uniqueKeys(
        of table: String, columns: [TableSchema.Column], computes: Bool
    ) throws -> [TableFacts.UniqueKey] {
        var keys: [TableFacts.UniqueKey] = []
        let list = try db.statement(
            "SELECT l.name, l.origin, CASE WHEN l.partial THEN m.sql END FROM pragma_index_list(?) l "
                + "LEFT JOIN sqlite_master m ON m.type = 'index' AND m.name = l.name WHERE l.\"unique\" ORDER BY l.seq")
        list.bind(1, table)
        var indexes: [(String, Bool, String?)] = []
        while try list.step() {
            indexes.append((list.string(0), list.string(1) == "pk", list.isNull(2) ? nil : list.string(2)))
        }
        for (index, isPrimary, partial) in indexes {
            var unique = TableFacts.UniqueKey(columns: [], collations: [], isPrimary: isPrimary)
            let info = try db.statement("SELECT name, coll FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno")
            info.bind(1, index)
            while try info.step() {
                let name = info.isNull(0) ? nil : info.string(0)
                guard let column = columns.firstIndex(where: { $0.name == name }) else {
                    throw SchemaError(
                        "table \(table) has a UNIQUE index over an expression or a generated column, which triggers "
                            + "cannot watch")
                }
                unique.columns.append(column)
                unique.collations.append(info.string(1))
            }
            unique.watched = unique.columns
            if let partial {
                let read = try condition(of: index, partial, on: table)
                unique.condition = read.condition
                unique.watched = computes ? nil : Self.watched(by: unique.columns, read.names, among: columns)
            }
            keys.append(unique)
        }
        return keys
    }

    /// Tried at once, as the triggers ask it: one that cannot be asked would come to light with the first two rows that meet.
    private func condition(of index: String, _ sql: String, on table: String) throws -> PartialIndex {
        let words = "the condition of the UNIQUE index \(index) cannot be read"
        guard let read = PartialIndex(sql) else { throw SchemaError(words) }
        do {
            let table = "\(quoted(table)) AS \(Triggers.there)"
            _ = try Statement(db, "SELECT 1 FROM \(table) WHERE (\(read.condition))")
        } catch {
            throw SchemaError("\(words): \(error.message)")
        }
        return read
    }

    private static func watched(
        by own: [Int], _ names: Set<String>, among columns: [TableSchema.Column]
    ) -> [Int]? {
        let known = columns.map { $0.name.lowercased() }
        guard names.isDisjoint(with: Set(["rowid", "oid", "_rowid_"]).subtracting(known)) else { return nil }
        return columns.indices.filter { own.contains($0) || names.contains(known[$0]) }
    }

    /// Only columns of numeric or no affinity can hold both 1 and 1.0.
    private static func isAmbiguous(_ declared: String) -> Bool {
        [.numeric, .none].contains(Affinity(declared: declared, strict: false))
    }
}
