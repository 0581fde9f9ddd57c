public import SatchelModel

/// What the merge must know of a table to judge its rows.
public struct TableRules: Sendable {
    /// The units without which a row cannot be shown; existence is always among them.
    public var required: [UnitID]
    /// Units whose concurrent values are not listed as conflicts (policy `lastWriter`).
    public var unreviewed: Set<UnitID>

    public init(required: [UnitID], unreviewed: Set<UnitID>) {
        self.required = required
        self.unreviewed = unreviewed
    }
}

/// What follows from a row's state alone (MRG-6, MRG-7, MRG-14, MRG-16, MRG-17). References are judged apart (MRG-20).
public struct Verdict: Sendable, Equatable {
    /// Some candidate is in no standing cover.
    public var alive: Bool
    /// Existence and every required unit have candidates; otherwise the row cannot be shown.
    public var complete: Bool
    /// For each unit held: the candidates of the shown value, sorted by dot.
    public var shown: [Shown]
    /// Units with more than one distinct uncovered value that a person should see.
    public var conflicts: [UnitID]
    /// Alive with a standing deletion: deleted by one, edited by another.
    public var deletedButEdited: Bool

    public struct Shown: Sendable, Equatable {
        public var unit: UnitID
        public var values: [Value]
        /// All dots that carry this value.
        public var dots: [DotID]
    }

    public func shown(_ unit: UnitID) -> Shown? { shown.first { $0.unit == unit } }
}

extension RowState {
    /// Judges the row: a pure function of the set of candidates and deletions, whatever order they came in.
    ///
    /// `order` is asked only where a unit has several candidates. O(candidates + covers).
    public func judge(_ rules: TableRules, order: (DotID) -> DotOrder) -> Verdict {
        let covered = coveredSet
        var verdict = Verdict(alive: false, complete: true, shown: [], conflicts: [], deletedButEdited: false)
        verdict.shown.reserveCapacity(units.count)
        for unit in units where unit.unit < RowState.firstSystemUnit {
            let pool = visibleCandidates(of: unit, covered: covered, alive: &verdict.alive)
            let values = groups(pool)
            guard let best = pick(values, order: order) else { continue }
            verdict.shown.append(.init(unit: unit.unit, values: best.values, dots: best.dots))
            let anyUncovered = pool.contains { !covered.contains(Covered(unit: unit.unit, dot: $0.dot)) }
            if values.count > 1, anyUncovered, unit.unit != RowState.existence,
                !rules.unreviewed.contains(unit.unit)
            {
                verdict.conflicts.append(unit.unit)
            }
        }
        verdict.complete =
            !self[RowState.existence].isEmpty && rules.required.allSatisfy { !self[$0].isEmpty }
        verdict.deletedButEdited = verdict.alive && !deletions.isEmpty
        return verdict
    }

    /// The distinct values of a unit that stand against each other, each with its dots: the uncovered ones, or if
    /// there are none the covered ones. In no particular order.
    public func contenders(of unit: UnitID) -> [(values: [Value], dots: [DotID])] {
        guard let state = units.first(where: { $0.unit == unit }) else { return [] }
        var alive = false
        return groups(visibleCandidates(of: state, covered: coveredSet, alive: &alive))
    }

    private var coveredSet: Set<Covered> {
        deletions.isEmpty ? [] : Set(deletions.flatMap(\.cover))
    }

    private func visibleCandidates(
        of unit: UnitState, covered: Set<Covered>, alive: inout Bool
    ) -> [Candidate] {
        guard !covered.isEmpty else {
            alive = true
            return unit.candidates
        }
        let uncovered = unit.candidates.filter { !covered.contains(Covered(unit: unit.unit, dot: $0.dot)) }
        if uncovered.isEmpty { return unit.candidates }
        alive = true
        return uncovered
    }

    private func groups(_ candidates: [Candidate]) -> [(values: [Value], dots: [DotID])] {
        if candidates.count == 1 { return [(candidates[0].values, [candidates[0].dot])] }
        var groups: [(values: [Value], dots: [DotID])] = []
        for candidate in candidates {
            if let index = groups.firstIndex(where: { $0.values == candidate.values }) {
                groups[index].dots.append(candidate.dot)
            } else {
                groups.append((candidate.values, [candidate.dot]))
            }
        }
        return groups
    }

    /// MRG-14: the value whose newest dot is newest, by hybrid time, then origin, sequence and tag.
    private func pick(
        _ groups: [(values: [Value], dots: [DotID])], order: (DotID) -> DotOrder
    ) -> (values: [Value], dots: [DotID])? {
        guard groups.count > 1 else { return groups.first }
        return groups.max { left, right in
            guard let a = left.dots.map(order).max(), let b = right.dots.map(order).max() else { return false }
            return a < b
        }
    }
}
