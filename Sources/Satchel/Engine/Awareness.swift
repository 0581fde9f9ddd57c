internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Tells what authors wrote who had carried out an order to erase from what others wrote (ERA-5). At the hub: a device
/// does not know the clocks of what others wrote.
final class Awareness {
    private let engine: Engine
    private var clocks: [DotID: CausalClock?] = [:]

    init(_ engine: Engine) { self.engine = engine }

    /// The candidates and deletions of a row whose authors had carried out the order, and those whose authors had not.
    func split(
        _ state: RowState, by order: ErasureOrder, in row: RowBatch.RowName
    ) throws -> (aware: RowState, unaware: RowState) {
        let h = engine.store.rowHash(row.table, row.key)
        let dots = state.units.flatMap { $0.candidates.map(\.dot) } + state.deletions.map(\.dot)
        let known = try Set(dots.filter { try isAware($0, of: order, in: h) })
        func part(_ isMeant: (DotID) -> Bool) -> RowState {
            var part = state
            for unit in state.units { part[unit.unit] = unit.candidates.filter { isMeant($0.dot) } }
            part.deletions = state.deletions.filter { isMeant($0.dot) }
            return part
        }
        return (part(known.contains), part { !known.contains($0) })
    }

    /// Whether the author of what stands in a row had carried out the order. Of a changeset that nobody has any more it is
    /// asked of those who handed in the row.
    func isAware(_ dot: DotID, of order: ErasureOrder, in h: Int64) throws -> Bool {
        let clock: CausalClock?
        if let found = clocks[dot] {
            clock = found
        } else {
            clock = try engine.head(dot)?.clock
            clocks[dot] = .some(clock)
        }
        let index = try engine.erasures()
        if let clock { return index.isSeen(order, by: clock) }
        return try engine.store.handedIn(h, dot).contains { index.isSeen(order, by: $0) }
    }
}
