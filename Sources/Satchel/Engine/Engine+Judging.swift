internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

extension TableLayout {
    /// A whole row as a verdict shows it, references as they were written; units without candidates show their defaults.
    func row(_ key: RowKey, as verdict: Verdict) -> [Value] {
        var shown: [UnitID: [Value]] = [:]
        for unit in verdict.shown { shown[unit.unit] = unit.values }
        return row(key: key, shown: shown)
    }
}

/// The merge's rules over the rows of this store.
extension Store {
    /// The verdict on a state (MRG-6, MRG-7, MRG-14, MRG-16).
    func judge(_ state: RowState, of key: RowKey, table: Int64) throws -> Verdict {
        let order = try orders(of: state.units.filter { $0.candidates.count > 1 })
        return state.judge(rules(table), order: order, valueID: { order($0).dot.valueID(in: key) })
    }

    /// What an author's acts on a state become; nil: nothing is held. For that, the way of bulk loads, nothing is read
    /// and nothing made.
    func writing(on state: RowState?, of key: RowKey, table: Int64) throws -> Writing {
        try writing(on: state, of: key, rules(table))
    }

    func writing(on state: RowState?, of key: RowKey, _ rules: TableRules) throws -> Writing {
        var order: (DotID) -> DotOrder = Self.noOrder
        if let units = state?.units, !units.isEmpty {
            order = try orders(of: rules.carriesState ? units : units.filter { $0.candidates.count > 1 })
        }
        return Writing(
            rules, order: order, valueID: { [order] in order($0).dot.valueID(in: key) }, newID: Self.newID)
    }

    private static let newID: @Sendable () -> UInt64 = { Randomness.next() }
    private static let noOrder: @Sendable (DotID) -> DotOrder = { _ in
        DotOrder(time: Timestamp(milliseconds: .min), dot: Dot(origin: OriginID(high: 0, low: 0), sequence: 0, tag: 0))
    }

    func rules(_ table: Int64) -> TableRules { layout(table)?.rules ?? TableRules() }

    /// What orders the candidates of these units, read now, so that the merge needs no file.
    private func orders(of units: [UnitState]) throws -> (DotID) -> DotOrder {
        var orders: [DotID: DotOrder] = [:]
        for unit in units {
            for candidate in unit.candidates { orders[candidate.dot] = try order(candidate.dot) }
        }
        return { [orders] in orders[$0] ?? Self.noOrder($0) }
    }
}

extension Dot {
    /// The id under which a value that it wrote without a state counts in a row (MRG-31, MRG-32): one changeset may have
    /// written many rows, and they may be merged.
    func valueID(in key: RowKey) -> UInt64 {
        sha256(Array("satchel value v1".utf8) + [0] + tag.bigEndianBytes + key.canonical).tag
    }
}
