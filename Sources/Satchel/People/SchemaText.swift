public import SatchelModel

/// A schema with its directives, said in Swift: the SQL, and after it a line for each thing said (SCH-19).
///
/// ```swift
/// let schema = SchemaText("CREATE TABLE client(id TEXT PRIMARY KEY, visits INTEGER NOT NULL DEFAULT 0);")
///     .policy(.counter, for: "client", "visits")
/// let hub = try Hub.create(at: "hub", schema: schema)
/// ```
///
/// Nothing is checked here: `text` is, where a replica is made of it.
public struct SchemaText: Sendable, Hashable {
    /// The schema as it is kept, hashed (SCH-16) and enrolled.
    public private(set) var text: String

    /// The SQL may hold directives of its own.
    public init(_ sql: String) { text = sql }

    /// What happens to concurrent writes of a column that is a unit by itself.
    public func policy(_ policy: Policy, for table: String, _ column: String) -> SchemaText {
        saying("policy \(Self.name(table)).\(Self.name(column)) \(policy.rawValue)")
    }

    /// Columns that merge as one.
    public func unit(
        _ unit: String, of table: String, columns: [String], policy: Policy = .review
    ) -> SchemaText {
        let list = columns.map(Self.name).joined(separator: ", ")
        return saying("unit \(Self.name(table)).\(Self.name(unit)) (\(list)) \(policy.rawValue)")
    }

    /// Rows of the table are entered and neither changed nor deleted.
    public func appendOnly(_ table: String) -> SchemaText { saying("appendOnly \(Self.name(table))") }

    /// Rows equal in these columns may be one thing entered twice (SCH-25).
    public func naturalKey(_ columns: String..., of table: String) -> SchemaText {
        saying("naturalKey \(Self.name(table)) (\(columns.map(Self.name).joined(separator: ", ")))")
    }

    /// So may rows much alike in `name` and equal in another of the columns (SCH-26).
    public func similar(_ name: String, _ columns: String..., of table: String) -> SchemaText {
        saying("similar \(Self.name(table)) (\(([name] + columns).map(Self.name).joined(separator: ", ")))")
    }

    /// The table stays on each device.
    public func local(_ table: String) -> SchemaText { saying("local \(Self.name(table))") }

    /// The numbers of its `INTEGER PRIMARY KEY` are given by people or by a central register.
    public func stable(_ table: String) -> SchemaText { saying("stable \(Self.name(table))") }

    private func saying(_ directive: String) -> SchemaText {
        var said = self
        if !said.text.isEmpty, !said.text.hasSuffix("\n") { said.text += "\n" }
        said.text += "-- satchel: \(directive)\n"
        return said
    }

    private static func name(_ name: String) -> String {
        "\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
    }
}
