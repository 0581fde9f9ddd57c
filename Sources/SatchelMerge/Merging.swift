internal import SatchelModel

/// What several candidates of a unit come to by its policy, where the policy needs no person (MRG-30 to MRG-34).
enum Merging {
    /// - Parameters:
    ///   - held: all candidates of the unit; counters, sets and extremes take in the covered ones too.
    ///   - visible: the uncovered ones, or all if none is.
    ///   - valueID: the id under which a candidate without a state counts (MRG-31, MRG-32), and a text is known (MRG-34).
    /// - Returns: the value shown, and the dots of all that it was made of. Nil: the unit is judged by values.
    static func merged(
        held: [Candidate], visible: [Candidate], _ rule: TableRules.UnitRule,
        valueID: (DotID) -> UInt64
    ) -> (values: [Value], dots: [DotID])? {
        switch rule.policy {
        case .review, .lastWriter, .immutable: return nil
        case .counter:
            return Counter.joined(held, valueID: valueID).map { ([.integer($0.sum)], held.map(\.dot)) }
        case .set:
            return ElementSet.joined(held, valueID: valueID).map { ([JSONArray.text($0.elements)], held.map(\.dot)) }
        case .min, .max:
            var best = held[0].columns(rule.width)
            for candidate in held.dropFirst() {
                let values = candidate.columns(rule.width)
                if Extremes.isTaken(values, before: best, least: rule.policy == .min) { best = values }
            }
            return (best, held.map(\.dot))
        case .text:
            return TextCandidates(visible, valueID: valueID)?.merged.map { ([.text($0)], visible.map(\.dot)) }
        }
    }

    /// What those candidates come to that carry a state, where others, which do not, keep the whole from being joined; nil: there are
    /// none, or no others.
    static func joint(
        _ candidates: [Candidate], _ policy: Policy, valueID: (DotID) -> UInt64
    ) -> (values: [Value], dots: [DotID])? {
        func part(_ stated: [Candidate], _ join: ([Candidate]) -> Value?) -> (values: [Value], dots: [DotID])? {
            guard !stated.isEmpty, stated.count < candidates.count else { return nil }
            return join(stated).map { ([$0], stated.map(\.dot)) }
        }
        switch policy {
        case .counter:
            return part(candidates.filter(\.isCounter)) { stated in
                Counter.joined(stated, valueID: valueID).map { .integer($0.sum) }
            }
        case .set:
            return part(candidates.filter { $0.set != nil }) { stated in
                ElementSet.joined(stated, valueID: valueID).map { JSONArray.text($0.elements) }
            }
        case .review, .lastWriter, .immutable, .min, .max, .text: return nil
        }
    }
}
