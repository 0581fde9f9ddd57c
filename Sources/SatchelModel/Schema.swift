/// The synced tables of a data set, in the order of their names.
///
/// Read from plain DDL and the `-- satchel:` lines in it (`Protocol/schema.md`).
public struct Schema: Sendable, Equatable {
    public let tables: [TableSchema]

    public init(tables: [TableSchema]) { self.tables = tables.sorted { $0.name < $1.name } }

    public func table(_ name: String) -> TableSchema? { tables.first { $0.name == name } }
}

/// One synced table.
public struct TableSchema: Sendable, Equatable {
    public let name: String
    /// All stored columns in the order of the DDL; generated columns are not data and are left out.
    public let columns: [Column]
    /// Indices into `columns`, in the order of the primary key.
    public let key: [Int]
    /// What merges as one. Every column outside the key belongs to exactly one.
    public let units: [Unit]
    public let references: [Reference]
    public let withoutRowid: Bool
    /// Rows are entered and neither changed nor deleted (MRG-36).
    public let appendOnly: Bool
    /// Columns, by index, on which two rows that are equal are taken for one thing (SCH-25).
    public let naturalKeys: [[Int]]
    /// The columns, by index, of a name and of what else two rows that are one thing may share (SCH-26). May be empty.
    public let similar: [Int]

    public init(
        name: String, columns: [Column], key: [Int], units: [Unit], references: [Reference], withoutRowid: Bool,
        appendOnly: Bool = false, naturalKeys: [[Int]] = [], similar: [Int] = []
    ) {
        self.name = name
        self.columns = columns
        self.key = key
        self.units = units
        self.references = references
        self.withoutRowid = withoutRowid
        self.appendOnly = appendOnly
        self.naturalKeys = naturalKeys
        self.similar = similar
    }

    public struct Column: Sendable, Equatable {
        public let name: String
        /// The name under which it travels: its own, or of a renamed column the first that it had (VER-5).
        public let identity: String
        public let notNull: Bool
        /// The default as SQL text, if the DDL gives one.
        public let defaultSQL: String?

        public init(name: String, identity: String? = nil, notNull: Bool, defaultSQL: String?) {
            self.name = name
            self.identity = identity ?? name
            self.notNull = notNull
            self.defaultSQL = defaultSQL
        }
    }

    /// Columns that move together (P4). A unit that was not declared holds one column and bears its name.
    public struct Unit: Sendable, Equatable {
        public let name: String
        /// Indices into `columns`.
        public let columns: [Int]
        public let policy: Policy

        public init(name: String, columns: [Int], policy: Policy) {
            self.name = name
            self.columns = columns
            self.policy = policy
        }
    }

    /// A foreign key to another synced table or to this one.
    public struct Reference: Sendable, Equatable {
        /// Indices into `columns` of this table.
        public let columns: [Int]
        public let parent: String
        /// Names of the parent's columns, which must be its primary key for the repair of MRG-20 to hold.
        public let parentColumns: [String]
        public let policy: ReferencePolicy

        public init(columns: [Int], parent: String, parentColumns: [String], policy: ReferencePolicy = .revive) {
            self.columns = columns
            self.parent = parent
            self.parentColumns = parentColumns
            self.policy = policy
        }

        /// The columns in the order of the parent's key; nil: it does not name that whole key.
        public func columns(toKeyOf parent: TableSchema) -> [Int]? {
            let named = parentColumns.map { $0.lowercased() }
            let found = parent.keyColumns.compactMap { key in
                named.firstIndex(of: key.lowercased()).map { columns[$0] }
            }
            return named.count == parent.key.count && found.count == named.count ? found : nil
        }
    }

    public var keyColumns: [String] { key.map { columns[$0].name } }

    /// The key's columns by the names under which they travel.
    public var keyIdentities: [String] { key.map { columns[$0].identity } }

    /// The policy of the unit that a column belongs to; nil for a column of the key.
    public func policy(of column: Int) -> Policy? { units.first { $0.columns.contains(column) }?.policy }

    /// Whether any write of the table needs an id of its own, given at capture (CAP-16).
    public var countsWrites: Bool { units.contains { $0.policy.countsWrites } }
}

/// What happens to concurrent writes of one unit (`Protocol/merge.md`, MRG-30 to MRG-36).
public enum Policy: String, Sendable, CaseIterable {
    /// All values are kept, one is shown, and the conflict is listed until a person resolves it.
    case review
    /// The latest by hybrid time is shown and no conflict is listed; the others stay in history.
    case lastWriter
    /// An integer that is added to: concurrent additions all count.
    case counter
    /// A JSON array of distinct strings and numbers: what anybody added is in until somebody who saw that takes it out.
    case set
    /// The least of the values written concurrently.
    case min
    /// The greatest of them.
    case max
    /// Merged by words with the text that both started from; under review where both changed the same words.
    case text
    /// Set once; of several, the first is shown and the conflict is listed.
    case immutable

    /// Whether a change carries more than the values, so that concurrent changes can be merged (MRG-30).
    public var carriesState: Bool { self == .counter || self == .set || self == .text }

    /// Whether each write needs an id of its own, given at capture (CAP-16).
    public var countsWrites: Bool { self == .counter || self == .set }
}

/// What becomes of a row when the row that it refers to is deleted (MRG-20).
public enum ReferencePolicy: String, Sendable, CaseIterable {
    /// The row referred to is shown all the same, and a person is told.
    case revive
    /// The row is not shown either, until the one it refers to is.
    case cascade
    /// The row is shown with NULL in the reference's columns.
    case setNull
}
