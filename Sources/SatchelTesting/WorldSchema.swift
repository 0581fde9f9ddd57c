internal import GRDB
public import SatchelModel

/// A data set that a world may be about.
public struct WorldSchema: Sendable {
    /// One word.
    public let name: String
    public let ddl: String
    /// What the judges go by. For our own schemas it is written by hand, so that the library's reading of the DDL is
    /// judged too; for an app's it is the library's own.
    public let judged: Schema?
    /// What the judges know beside it. Of an app's schema these are its UNIQUE constraints; one with CHECKs that only a
    /// merge can break needs the judges told.
    let constraints: NaiveConstraints
    /// Later versions of it, to which replicas move one by one while the others go on (`Protocol/versions.md`).
    public let later: [WorldSchema]
    /// The declared type of each column, by table.
    let types: [String: [String: String]]

    /// Throws an SQLite error for DDL that cannot be run.
    ///
    /// - Parameter later: later versions of `ddl`, the oldest first; each says its `-- satchel: version`.
    public init(name: String, ddl: String, judged: Schema? = nil, later: [WorldSchema] = []) throws {
        try self.init(name: name, ddl: ddl, judged: judged, constraints: nil, later: later)
    }

    package init(
        name: String, ddl: String, judged: Schema?, constraints: NaiveConstraints?, later: [WorldSchema] = []
    ) throws {
        self.name = name
        self.ddl = ddl
        self.judged = judged
        self.later = later
        try FaultyDisk.install()
        let (types, unique) = try DatabaseQueue().write { db in
            try db.execute(sql: ddl)
            var unique: [String: [[String]]] = [:]
            var types: [String: [String: String]] = [:]
            for table in try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'") {
                let columns = try db.columns(in: table).map { ($0.name, $0.type.uppercased()) }
                types[table] = Dictionary(columns) { first, _ in first }
            }
            for table in types.keys.sorted() {
                unique[table] = try db.indexes(on: table).filter { $0.isUnique && $0.origin != .primaryKeyConstraint }
                    .map(\.columns)
            }
            return (types, unique)
        }
        self.types = types
        self.constraints = constraints ?? NaiveConstraints(unique: unique)
    }

    /// All of its versions, the oldest first.
    var versions: [WorldSchema] { [self] + later }
}
