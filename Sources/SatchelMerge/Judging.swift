public import SatchelModel

/// What follows from a row's state alone (MRG-6, MRG-7, MRG-14, MRG-16, MRG-17, and the policies' MRG-30 to MRG-36).
/// References are judged apart (MRG-20).
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
        /// One for each column.
        public var values: [Value]
        /// What an ordinary write replaces: the dots that carry this value, or all of which it was made (MRG-9).
        public var dots: [DotID]
    }

    public func shown(_ unit: UnitID) -> Shown? { shown.first { $0.unit == unit } }
}

extension RowState {
    /// Judges the row: a pure function of the set of candidates and deletions, whatever order they came in.
    ///
    /// `order` is asked only where a unit has several candidates, `valueID` only for those of them that are elements of a
    /// set, or a number to be counted, without a state, and for texts: the id under which these are in (MRG-31, MRG-32,
    /// MRG-34). O(candidates + covers), but of several texts as `TextCandidates` says.
    public func judge(
        _ rules: TableRules, order: (DotID) -> DotOrder, valueID: (DotID) -> UInt64
    ) -> Verdict {
        let covered = coveredSet
        var verdict = Verdict(alive: false, complete: true, shown: [], conflicts: [], deletedButEdited: false)
        verdict.shown.reserveCapacity(units.count)
        for unit in units where unit.unit < RowState.firstSystemUnit {
            let rule = rules[unit.unit]
            let pool = visibleCandidates(of: unit, covered: covered, alive: &verdict.alive)
            if unit.candidates.count > 1, let rule,
                let merged = Merging.merged(held: unit.candidates, visible: pool, rule, valueID: valueID)
            {
                verdict.shown.append(.init(unit: unit.unit, values: merged.values, dots: merged.dots))
                continue
            }
            let values = contenders(pool, rule, valueID: valueID)
            guard let best = pick(values, first: rule?.policy == .immutable, order: order) else { continue }
            if rule?.policy == .lastWriter {
                verdict.shown.append(.init(unit: unit.unit, values: best.values, dots: pool.map(\.dot)))
                continue
            }
            verdict.shown.append(.init(unit: unit.unit, values: best.values, dots: best.dots))
            let anyUncovered = pool.contains { !covered.contains(Covered(unit: unit.unit, dot: $0.dot)) }
            if values.count > 1, anyUncovered, unit.unit != RowState.existence {
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
    public func contenders(
        of unit: UnitID, _ rules: TableRules, valueID: (DotID) -> UInt64
    ) -> [(values: [Value], dots: [DotID])] {
        contenders(visible(of: unit), rules[unit], valueID: valueID)
    }

    /// Those that are counted, or are sets, come to one of the values, even if another that is not is equal to it: what its author did
    /// is not in it (MRG-31, MRG-32).
    private func contenders(
        _ candidates: [Candidate], _ rule: TableRules.UnitRule?, valueID: (DotID) -> UInt64
    ) -> [(values: [Value], dots: [DotID])] {
        guard candidates.count > 1, let rule, let joint = Merging.joint(candidates, rule.policy, valueID: valueID)
        else {
            return groups(candidates, width: rule?.width)
        }
        return [joint] + groups(candidates.filter { !joint.dots.contains($0.dot) }, width: rule.width)
    }

    /// The candidates of a unit from which its shown value is made: the uncovered ones, or all if there are none.
    public func visible(of unit: UnitID) -> [Candidate] {
        guard let state = units.first(where: { $0.unit == unit }) else { return [] }
        var alive = false
        return visibleCandidates(of: state, covered: coveredSet, alive: &alive)
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

    /// The distinct values, states left aside: two candidates that show the same are equal, whatever they remember.
    private func groups(_ candidates: [Candidate], width: Int?) -> [(values: [Value], dots: [DotID])] {
        if candidates.count == 1 { return [(candidates[0].columns(width), [candidates[0].dot])] }
        var groups: [(values: [Value], dots: [DotID])] = []
        for candidate in candidates {
            let values = candidate.columns(width)
            if let index = groups.firstIndex(where: { $0.values == values }) {
                groups[index].dots.append(candidate.dot)
            } else {
                groups.append((values, [candidate.dot]))
            }
        }
        return groups
    }

    /// MRG-14: the value whose newest dot is newest, by hybrid time, then origin, sequence and tag. `first`: the one
    /// whose oldest dot is oldest instead, of those in which anything is set (MRG-35). Of one changeset's, which only
    /// merges bring together, the dot of the least name is the newest, and the oldest (MRG-54).
    private func pick(
        _ groups: [(values: [Value], dots: [DotID])], first: Bool, order: (DotID) -> DotOrder
    ) -> (values: [Value], dots: [DotID])? {
        guard groups.count > 1 else { return groups.first }
        if first, groups.contains(where: { $0.values.isNull }) {
            return pick(groups.filter { !$0.values.isNull }, first: first, order: order)
        }
        var best = 0
        var extreme: (order: DotOrder, name: DotID)?
        for (place, group) in groups.enumerated() {
            for name in group.dots {
                let order = order(name)
                if let known = extreme {
                    if order == known.order ? name > known.name : first ? known.order < order : order < known.order {
                        continue
                    }
                }
                (best, extreme) = (place, (order, name))
            }
        }
        return groups[best]
    }
}

extension [Value] {
    /// Whether nothing is set in any column.
    fileprivate var isNull: Bool { allSatisfy { $0 == .null } }
}

extension Candidate {
    /// The values of the columns, without a state; all where the unit's columns are not known.
    func columns(_ width: Int?) -> [Value] {
        guard let width, values.count == width + 1 else { return values }
        return Array(values[..<width])
    }
}
