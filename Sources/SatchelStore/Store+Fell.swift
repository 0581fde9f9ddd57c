public import SatchelModel

/// What fell by deletions that were taken away, and comes back with the row where nobody could keep it (MRG-61).
extension Store {
    /// The unit in which it is noted.
    public static let fell = UnitName(name: systemUnitPrefix + "fell", columns: ["deletions"])

    /// The deletions by which a row brings back what fell by them too (MRG-42): those that stand and are no merges, and those
    /// that its notes name. O(deletions); with notes, a look-up for each deletion that they name.
    public func bringing(_ state: RowState, table: Int64) throws -> [DotID] {
        let own = Self.plain(state).map(\.dot)
        guard state.hasNotes else { return own }
        return own + (try counting(in: state, table: table).flatMap(\.named).compactMap { try metDot($0) })
    }

    /// A change with what it notes of the deletions that it takes away.
    ///
    /// - Parameters:
    ///   - state: what was held of the row.
    ///   - beside: deletions that another row brought back by, which this one does from then on (MRG-56).
    public func noting(
        _ change: RowChange, on state: RowState, table: Int64, beside: [DotID] = []
    ) throws -> RowChange {
        let isKeep = change.writes.contains { $0.unit == RowState.existence }
        // A note of a change that leaves neither existence nor a deletion would count for nothing.
        guard isKeep || change.cover != nil && !change.deletionsReplaced.isEmpty else { return change }
        let gone = Set(change.deletionsReplaced)
        let own = Self.plain(state).map(\.dot).filter(gone.contains)
        let notes = try counting(in: state, table: table)
        // A note that its change takes the ground from is said again, and so are all, since it replaces all.
        guard try isKeep || !own.isEmpty || losesNote(change, on: state, table: table) else { return change }
        let all = try Set((own + beside).map { try order($0).dot }).union(notes.flatMap(\.named))
        if all.isEmpty { return change }
        let unit = try unitID(Self.fell, table: table)
        var noting = change
        noting.writes.append(
            UnitWrite(unit: unit, values: [.blob(all.sorted().flatMap(\.bytes))], replaced: state[unit].map(\.dot)))
        return noting
    }

    /// The standing deletions of a row that are no merges: of one that stands by itself all are none (MRG-51).
    private static func plain(_ state: RowState) -> [Deletion] {
        if state.deletions.allSatisfy({ $0.into == nil }) || state.standsByItself { return state.deletions }
        return state.deletions.filter { $0.into == nil }
    }

    /// Whether a change takes the ground from a note that counts.
    public func losesNote(_ change: RowChange, on state: RowState, table: Int64) throws -> Bool {
        try counting(in: state, table: table).contains { change.deletionsReplaced.contains($0.dot) }
    }

    /// The notes of a row that count: who entered it again wants nothing of what fell before.
    private func counting(in state: RowState, table: Int64) throws -> [(dot: DotID, named: [Dot])] {
        guard state.hasNotes, let unit = try metUnit(Self.fell, table: table) else { return [] }
        let ground = Set(state[RowState.existence].map(\.dot) + state.deletions.map(\.dot))
        return state[unit].filter { ground.contains($0.dot) }.map { note in
            guard case .blob(let bytes)? = note.values.first else { return (note.dot, []) }
            return (note.dot, Dot.list(bytes))
        }
    }
}
