public import SatchelModel

/// Duplicates: what may be one thing entered twice, and the merge of the two (`Protocol/duplicates.md`).
extension Replica {
    /// The pairs of one table or of all that its schema's natural keys and similarity find (SCH-25, SCH-26).
    ///
    /// O(n log n) for n rows, all folded in memory.
    public func duplicates(in table: String? = nil) throws -> [Duplicate] {
        try withEngine { engine in try engine.reading { try engine.duplicates(in: table) } }
    }

    /// The rows that something about to be entered may be: asked before it is saved, offline too.
    ///
    /// ```swift
    /// let known = try replica.duplicates(of: ["name": .text("太原钢铁"), "phone": .text("0351-2137000")], in: "client")
    /// ```
    ///
    /// - Parameter values: by column; what is left out is not known yet. With the row's own key, itself is left out.
    /// O(rows of the table).
    public func duplicates(of values: [String: Value], in table: String) throws -> [Resemblance] {
        try withEngine { engine in try engine.reading { try engine.resembling(values, in: table) } }
    }
}
