public import SatchelModel

/// What a table is to all replicas: its name and the columns of its key, in their order, by the names under which they
/// travel (VER-11). Compared by bytes, as SQLite does.
struct TableName: Hashable {
    let name: [UInt8]
    /// The names of the key's columns, in the canonical form of a key.
    let key: [UInt8]

    init(name: [UInt8], key: [UInt8]) { (self.name, self.key) = (name, key) }

    init(_ name: String, key: [String]) {
        self.init(name: Array(name.utf8), key: RowKey(key.map { .text($0) }).canonical)
    }

    /// Throws a `StoreError` if the file is damaged.
    func keyColumns() throws -> [String] {
        var reader = RowReader(key)
        return try reader.key().values.map { value in
            if case .text(let bytes) = value { String(decoding: bytes, as: UTF8.self) } else { "" }
        }
    }
}

/// The numbers of tables, known to the schema or not.
extension Store {
    func loadTableNames() throws {
        let tables = try db.statement("SELECT id, name, key FROM satchel_table")
        while try tables.step() {
            let name = TableName(name: Array(tables.string(1).utf8), key: tables.bytes(2))
            tableIDs[name] = tables.integer(0)
            tableNames[tables.integer(0)] = name
        }
    }

    /// The number of a table. A new one gets the next number.
    public func tableID(_ name: String, key: [String]) throws -> Int64 {
        let table = TableName(name, key: key)
        if let id = tableIDs[table] { return id }
        // Another program may have met it since.
        try loadTableNames()
        if let id = tableIDs[table] { return id }
        let id = (tableNames.keys.max() ?? 0) + 1
        try db.statement("INSERT INTO satchel_table(id, name, key) VALUES (?, ?, ?)")
            .bind(1, id).bind(2, name).bind(3, blob: table.key).run()
        (tableIDs[table], tableNames[id]) = (id, table)
        return id
    }

    /// The number that a table of the schema has, or would have.
    public func tableID(_ table: TableSchema) throws -> Int64 { try tableID(table.name, key: table.keyIdentities) }

    /// The tables of a name that were met here, whatever their keys, by number.
    public func tables(named name: String) throws -> [Int64] {
        try loadTableNames()
        let wanted = Array(name.utf8)
        return tableNames.filter { $0.value.name == wanted }.keys.sorted()
    }

    /// The columns of a table's key, by the names under which they travel.
    public func keyColumns(_ table: Int64) throws -> [String] {
        if tableNames[table] == nil { try loadTableNames() }
        return try tableNames[table]?.keyColumns() ?? []
    }

    public func tableName(_ id: Int64) -> String {
        // Met by another program since the names were read. If they cannot be read, what asks next will say so.
        if tableNames[id] == nil { try? loadTableNames() }
        return tableNames[id].map { String(decoding: $0.name, as: UTF8.self) } ?? "?"
    }
}
