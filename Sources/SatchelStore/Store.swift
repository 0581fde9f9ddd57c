public import SatchelModel

/// A replica's file: the people's tables, and beside them the clocks, the journal and the changesets.
///
/// The store reads and writes states; what they mean is the merge's business, what they weigh on the wire is the
/// wire's. Not Sendable: one owner, one thread at a time.
public final class Store {
    public let db: Connection
    public internal(set) var layouts: [TableLayout] = []
    /// Tables that are not synced though nobody declared them local, with the reason in a sentence.
    public internal(set) var leftLocal: [String: String] = [:]
    public internal(set) var directives: Directives
    /// At the hub the time of its clock at the beginning of the transaction, which rows that die then are marked
    /// with; nil on a device.
    public var hubTime: Timestamp?
    var tableIDs: [TableName: Int64] = [:]
    var tableNames: [Int64: TableName] = [:]
    var unitIDs: [Int64: [UnitName: UnitID]] = [:]
    let hash: KeyHash
    /// Milliseconds since 1970 by the replica's clock, set at the beginning of each transaction: when dots were met.
    public var now: Int64 = 0
    var dotCache: [Dot: DotID] = [:]
    var orderCache: [DotID: DotOrder] = [:]
    var metCache: [DotID: Int64] = [:]
    /// Of each conflict that was touched since the watch began, whether it was open before; nil: nobody watches.
    var wasInConflict: [String: Bool]?
    /// Of each row that went aside or came back since the watch began, whether it was aside before; nil: nobody watches.
    var wasAside: [Int64: Bool]?
    /// SQLite's number of the schema as which the tables were read.
    var readVersion: Int64 = 0
    /// Tables whose defaults changed, and whose rows do not show it yet (VER-4).
    public var otherDefaults: Set<Int64> = []
    /// What was read of `satchel_meta` in this view of the file.
    private var metaCache: (view: Int, values: [String: Value?]) = (-1, [:])
    var originIDs: [OriginID: Int64] = [:]
    var originsByID: [Int64: OriginID] = [:]
    /// A table with a column of each affinity, in memory, to see what becomes of a value (VER-12); made when it is needed.
    var columnsToTry: Connection?
    /// To ask what tables say of a row; made when they are needed.
    var twins: Twins?

    /// The layout of what is on disk. Another number is refused, never guessed at.
    static let format: Int64 = 1

    /// Makes a new file and its tables from a schema's text. Nothing may be at `path`.
    public static func create(at path: String, schema: String, randomSeed: UInt64) throws -> Store {
        _ = try Directives(schema)
        let db = try Connection(path: path, mode: .create)
        try db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        try db.transaction {
            try db.run(schema: schema)
            guard db.inTransaction else {
                throw SchemaError("the schema begins or ends a transaction; leave that to Satchel")
            }
            _ = try SchemaReader(db: db, directives: Directives(schema)).read()
            try db.refuseRows()
            db.forgetStatements()
            try db.execute(String(decoding: PackageResources.satchel_sql, as: UTF8.self))
            try setMeta(db, "format", .integer(format))
            try setMeta(db, "schema", .text(schema))
            try setMeta(db, "seed", .integer(Int64(bitPattern: randomSeed)))
        }
        let store = try Store(db: db)
        try db.transaction { _ = try store.adoptSchema() }
        return store
    }

    /// Opens an existing file. Recovery after a crash is SQLite's own; nothing else is needed.
    public static func open(at path: String, busyMilliseconds: Int = 10_000) throws -> Store {
        let db = try Connection(path: path, mode: .open, busyMilliseconds: Int32(clamping: max(0, busyMilliseconds)))
        try db.execute("PRAGMA synchronous = FULL")
        let store = try Store(db: db)
        // What the schema says of a column that was renamed, it would else say of none.
        if try store.schemaChanged(), try !store.renames().isEmpty { try db.transaction { try store.followRenames() } }
        store.layouts = try store.readLayouts()
        return store
    }

    private init(db: Connection) throws {
        self.db = db
        let known = try db.statement("SELECT count(*) FROM sqlite_master WHERE name = 'satchel_meta'")
        guard try known.step(), known.integer(0) == 1 else {
            // 26 is SQLITE_NOTADB: another kind of file, to SQLite or to us.
            throw StoreError(code: 26, message: "this is not a Satchel replica", doing: "opening it")
        }
        known.reset()
        guard try Self.meta(db, "format") == .integer(Self.format) else {
            throw StoreError("this replica was made by a newer Satchel; update this one")
        }
        guard case .integer(let seed)? = try Self.meta(db, "seed"), case .text(let text)? = try Self.meta(db, "schema")
        else { throw StoreError("the replica's own records are damaged") }
        hash = KeyHash(seed: UInt64(bitPattern: seed))
        directives = try Self.directives(of: String(decoding: text, as: UTF8.self), db)
        try loadNames()
    }

    /// The text that the tables were made from.
    public var schemaText: String {
        get throws { try metaText("schema") ?? "" }
    }

    /// The people's tables.
    public var peoplesLayouts: [TableLayout] { layouts.filter { $0.schema.name != factTable } }

    public func layout(_ table: Int64) -> TableLayout? { layouts.first { $0.id == table } }
    public func layout(named name: String) -> TableLayout? { layouts.first { $0.schema.name == name } }

    // MARK: Meta

    static func meta(_ db: Connection, _ name: String) throws -> Value? {
        let statement = try db.statement("SELECT value FROM satchel_meta WHERE name = ?")
        statement.bind(1, name)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        return statement.value(0)
    }

    static func setMeta(_ db: Connection, _ name: String, _ value: Value?) throws {
        if let value {
            let statement = try db.statement("INSERT OR REPLACE INTO satchel_meta(name, value) VALUES (?, ?)")
            try statement.bind(1, name).bind(2, value).run()
        } else {
            try db.statement("DELETE FROM satchel_meta WHERE name = ?").bind(1, name).run()
        }
    }

    /// Read once in a transaction.
    public func meta(_ name: String) throws -> Value? {
        guard db.inTransaction else { return try Self.meta(db, name) }
        if metaCache.view != db.view { metaCache = (db.view, [:]) }
        if let known = metaCache.values[name] { return known }
        let value = try Self.meta(db, name)
        metaCache.values[name] = .some(value)
        return value
    }

    /// Writes nothing where it is so already.
    public func setMeta(_ name: String, _ value: Value?) throws {
        if db.inTransaction, try meta(name) == value { return }
        try Self.setMeta(db, name, value)
        if metaCache.view == db.view { metaCache.values[name] = .some(value) }
    }

    public func metaInteger(_ name: String) throws -> Int64? {
        if case .integer(let number)? = try meta(name) { return number }
        return nil
    }

    public func metaText(_ name: String) throws -> String? {
        if case .text(let bytes)? = try meta(name) { return String(decoding: bytes, as: UTF8.self) }
        return nil
    }

    public func metaBlob(_ name: String) throws -> [UInt8]? {
        if case .blob(let bytes)? = try meta(name) { return bytes }
        return nil
    }

    // MARK: Names

    /// Forgets what was read from the file, after a rollback took some of it back.
    public func forgetCaches() throws {
        (tableIDs, tableNames) = ([:], [:])
        unitIDs = [:]
        dotCache = [:]
        orderCache = [:]
        metCache = [:]
        originIDs = [:]
        originsByID = [:]
        // What was being watched is over.
        (wasInConflict, wasAside) = (nil, nil)
        try loadNames()
    }

    private func loadNames() throws {
        try loadTableNames()
        let units = try db.statement("SELECT tbl, id, name, columns FROM satchel_unit")
        while try units.step() {
            unitIDs[units.integer(0), default: [:]][Self.unit(units.string(2), storedColumns: units.string(3))] =
                UnitID(truncatingIfNeeded: units.integer(1))
        }
    }

    /// How the names of the library's own units begin (INB-4). No column or unit of a schema may be named so.
    public static let systemUnitPrefix = "satchel:"

    /// Between the names of columns in `satchel_unit`.
    static let columnSeparator: Character = "\u{1F}"

    /// A unit as it lies in `satchel_unit`.
    static func unit(_ name: String, storedColumns: String) -> UnitName {
        UnitName(name: name, columns: storedColumns.split(separator: columnSeparator).map(String.init))
    }

    /// The number of a unit within its table; the empty name is existence. A new name, or a known one with other columns,
    /// gets the next number (VER-13).
    public func unitID(_ unit: UnitName, table: Int64) throws -> UnitID {
        if unit.name.isEmpty { return RowState.existence }
        if let id = unitIDs[table]?[unit] { return id }
        try loadNames()
        if let id = unitIDs[table]?[unit] { return id }
        let isSystem = unit.name.hasPrefix(Self.systemUnitPrefix)
        let taken = unitIDs[table]?.values.filter { ($0 >= RowState.firstSystemUnit) == isSystem }.max()
        let id = (taken ?? (isSystem ? RowState.firstSystemUnit - 1 : 0)) + 1
        let statement = try db.statement("INSERT INTO satchel_unit(tbl, id, name, columns) VALUES (?, ?, ?, ?)")
        try statement.bind(1, table).bind(2, Int64(id)).bind(3, unit.name)
            .bind(4, unit.columns.joined(separator: String(Self.columnSeparator))).run()
        unitIDs[table, default: [:]][unit] = id
        return id
    }

    /// The number of a unit that was met; nil: it was not. Nothing is written.
    public func metUnit(_ unit: UnitName, table: Int64) throws -> UnitID? {
        if let id = unitIDs[table]?[unit] { return id }
        try loadNames()
        return unitIDs[table]?[unit]
    }

    /// The numbers of the units of a name that were met, by whatever program, whatever columns they have, in order. O(units).
    public func metUnits(_ name: String, table: Int64) throws -> [UnitID] {
        try loadNames()
        return (unitIDs[table] ?? [:]).filter { $0.key.name == name }.map(\.value).sorted()
    }

    public func unitName(_ id: UnitID, table: Int64) -> String { wholeUnitName(id, table: table).name }

    /// The name of a unit with the columns under which it travels.
    public func wholeUnitName(_ id: UnitID, table: Int64) -> UnitName {
        if id == RowState.existence { return UnitName(name: "", columns: []) }
        func known() -> UnitName? { unitIDs[table]?.first { $0.value == id }?.key }
        if let unit = known() { return unit }
        try? loadNames()
        return known() ?? UnitName(name: "?", columns: [])
    }
}
