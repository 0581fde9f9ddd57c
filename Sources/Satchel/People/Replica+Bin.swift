public import SatchelModel

/// Deleted rows and rows set aside: nothing entered is lost (P1, P15).
extension Replica {
    /// The deleted rows with their last values and who deleted them, the newest deletion first.
    ///
    /// - Parameter table: only rows of this table. O(rows in the graveyard).
    public func bin(table: String? = nil) throws -> [BinEntry] {
        try withEngine { engine in
            try engine.transaction {
                try engine.seal()
                return try engine.bin(table: table)
            }
        }
    }

    /// Takes the deletion of a row back, with all that fell with it (MRG-46). Throws a `UsageError` if none stands.
    @discardableResult
    public func undo(table: String, key: RowKey, actor: String = "") throws -> Undone {
        try withEngine { engine in try engine.transaction { try engine.undo(table: table, key: key, actor: actor) } }
    }

    /// Takes all deletions of one changeset back that still stand (MRG-47). `changeset` is its dot as `bin` tells it.
    @discardableResult
    public func undo(changeset: String, actor: String = "") throws -> Undone {
        try withEngine { engine in
            try engine.transaction { try engine.undo(changeset: changeset, actor: actor) }
        }
    }

    /// The rows that are held and cannot be shown, with the reasons.
    public func setAside() throws -> [SetAside] {
        try withEngine { engine in try engine.reading { try engine.setAside() } }
    }

    /// Tries what is set aside once more. Returns how many rows are shown that were not.
    @discardableResult
    public func retryAside() throws -> Int {
        try withEngine { engine in try engine.transaction { try engine.retryAside() } }
    }
}
