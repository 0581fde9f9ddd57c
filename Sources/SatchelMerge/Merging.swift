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

    /// The candidates that carry a state and can be joined, where others that do not keep the whole from being so.
    static func joined(in candidates: [Candidate], _ rule: TableRules.UnitRule) -> [Candidate] {
        switch rule.policy {
        case .counter: return candidates.filter(\.isCounter)
        case .set: return candidates.filter(\.isSet)
        case .review, .lastWriter, .immutable, .min, .max, .text: return []
        }
    }
}
