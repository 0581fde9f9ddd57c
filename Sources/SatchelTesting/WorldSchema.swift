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
    /// The declared type of each column, by table.
    let types: [String: [String: String]]

    /// Throws an SQLite error for DDL that cannot be run.
    public init(name: String, ddl: String, judged: Schema? = nil) throws {
        try self.init(name: name, ddl: ddl, judged: judged, constraints: nil)
    }

    package init(name: String, ddl: String, judged: Schema?, constraints: NaiveConstraints?) throws {
        self.name = name
        self.ddl = ddl
        self.judged = judged
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
}
