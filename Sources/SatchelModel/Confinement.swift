/// What a reply says of the scopes that it serves, beyond its rows (SCO-11 to SCO-14, BND-60).
public struct Confinement: Sendable, Equatable {
    /// The tag of the set of scopes that the reply continues: the one the device was last served for.
    public var claimed: UInt64
    /// Rows that left the scopes since, and were in them.
    public var left: [Rows]
    /// All rows of the scopes that are dead and shown at the hub because of a row outside the scopes.
    public var kept: [Rows]

    public init(claimed: UInt64, left: [Rows], kept: [Rows]) {
        self.claimed = claimed
        self.left = left
        self.kept = kept
    }

    /// Rows of one table, by key.
    public struct Rows: Sendable, Equatable {
        public var table: String
        public var keyColumns: [String]
        public var keys: [RowKey]

        public init(table: String, keyColumns: [String], keys: [RowKey]) {
            self.table = table
            self.keyColumns = keyColumns
            self.keys = keys
        }
    }
}
