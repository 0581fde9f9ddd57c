internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// The merge's rules over the rows of this store.
extension Store {
    /// The verdict on a state (MRG-6, MRG-7, MRG-14, MRG-16).
    func judge(_ state: RowState, table: Int64) throws -> Verdict {
        state.judge(rules(table), order: try orders(of: state.units.filter { $0.candidates.count > 1 }))
    }

    /// What an author's acts on a state become.
    func writing(on state: RowState?, table: Int64) throws -> Writing {
        let rules = rules(table)
        let units = state?.units ?? []
        return Writing(
            rules,
            order: try orders(of: rules.carriesState ? units : units.filter { $0.candidates.count > 1 }),
            newID: { UInt64.random(in: .min ... .max) })
    }

    func rules(_ table: Int64) -> TableRules { layout(table)?.rules ?? TableRules() }

    /// What orders the candidates of these units, read now, so that the merge needs no file.
    private func orders(of units: [UnitState]) throws -> (DotID) -> DotOrder {
        var orders: [DotID: DotOrder] = [:]
        for unit in units {
            for candidate in unit.candidates { orders[candidate.dot] = try order(candidate.dot) }
        }
        let none = DotOrder(
            time: Timestamp(milliseconds: .min), dot: Dot(origin: OriginID(high: 0, low: 0), sequence: 0, tag: 0))
        return { [orders] in orders[$0] ?? none }
    }
}
