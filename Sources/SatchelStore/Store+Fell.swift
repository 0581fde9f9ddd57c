public import SatchelModel

/// What fell by deletions that were taken back, and comes back with the row where nobody could keep it (MRG-61).
extension Store {
    /// The unit in which it is noted.
    public static let fell = UnitName(name: systemUnitPrefix + "fell", columns: ["deletions"])

    /// The deletions by which a row brings back what fell by them too (MRG-42): those that stand and are no merges, and those
    /// that its keeps took away. O(deletions); where a keep took some away, a look-up for each.
    public func bringing(_ state: RowState, table: Int64) throws -> [DotID] {
        let own = state.deletions.filter { $0.into == nil }.map(\.dot)
        guard state.hasNotes else { return own }
        return own + (try takenAway(by: state, table: table).compactMap { try metDot($0) })
    }

    /// What a keep writes of the deletions that it takes away. Nil: there are none that are no merges.
    public func notingFallen(_ state: RowState, table: Int64) throws -> UnitWrite? {
        let own = try state.deletions.filter { $0.into == nil }.map { try order($0.dot).dot }
        let all = Set(own).union(try takenAway(by: state, table: table)).sorted()
        if all.isEmpty { return nil }
        let unit = try unitID(Self.fell, table: table)
        return UnitWrite(
            unit: unit, values: [.blob(all.flatMap(\.bytes))], replaced: state[unit].map(\.dot))
    }

    /// The deletions that a row's keeps took away.
    private func takenAway(by state: RowState, table: Int64) throws -> [Dot] {
        guard state.hasNotes, let unit = try metUnit(Self.fell, table: table) else { return [] }
        // Who entered the row again wants nothing of what fell before.
        let lives = state[RowState.existence]
        return state[unit].filter { note in lives.contains { $0.dot == note.dot } }.flatMap { note -> [Dot] in
            guard case .blob(let bytes)? = note.values.first else { return [] }
            return Dot.list(bytes)
        }
    }
}
