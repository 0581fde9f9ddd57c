public import SatchelModel

/// Duplicates: what may be one thing entered twice, and the merge of the two (`Protocol/duplicates.md`).
extension Replica {
    /// The pairs of one table or of all that its schema's natural keys and similarity find (SCH-25, SCH-26).
    ///
    /// O(n log n) for n rows, all folded in memory.
    public func duplicates(in table: String? = nil) throws -> [Duplicate] {
        try withEngine { engine in try engine.reading { try engine.duplicates(in: table) } }
    }

    /// Merges a row into another of its table: one change, which syncs and which `unmerge` takes back.
    ///
    /// What refers to the merged row is shown as referring to the other, and edits of it that were made without knowing
    /// of the merge reach the other (`Protocol/duplicates.md`). Both rows must be in the table.
    ///
    /// - Parameter columns: columns that the other takes over from the merged row, each with the unit it belongs to.
    /// - Returns: the columns that were taken over; those that held the same are not among them, nor those that a merge joins
    ///   of itself, as counters.
    @discardableResult
    public func merge(
        _ key: RowKey, into other: RowKey, in table: String, taking columns: [String] = [], actor: String = ""
    ) throws -> [String] {
        try withEngine { engine in
            try engine.transaction { try engine.merge(key, into: other, in: table, taking: columns, actor: actor) }
        }
    }

    /// Makes a merged row one of its own again, with what refers to it. What was written to the other meanwhile stays
    /// there; in the place of what the merge took over stands again what the other showed before, where that is known here.
    ///
    /// - Returns: the columns of the other that show again what they showed, and those that go on showing what was taken over.
    @discardableResult
    public func unmerge(_ key: RowKey, in table: String, actor: String = "") throws -> Unmerged {
        try withEngine { engine in
            try engine.transaction { try engine.unmerge(key, in: table, actor: actor) }
        }
    }

    /// The row that is left of this one: itself, or the one into which it was merged, however often.
    public func survivor(of key: RowKey, in table: String) throws -> RowKey {
        try withEngine { engine in try engine.reading { try engine.survivor(of: key, in: table) } }
    }

    /// Says that two rows are not the same, so that no replica lists the pair again; or takes it back.
    public func declareDistinct(
        _ a: RowKey, _ b: RowKey, in table: String, _ isDistinct: Bool = true, actor: String = ""
    ) throws {
        try withEngine { engine in
            try engine.transaction { try engine.setDistinct(isDistinct, table: table, a, b, actor: actor) }
        }
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
