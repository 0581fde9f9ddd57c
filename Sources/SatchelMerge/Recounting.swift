public import SatchelModel

/// What one write of a counter added, and how that is taken out again (INB-11).
extension Counter {
    /// Of what a write carries, what it added itself; nil: it added nothing, or does not count.
    ///
    /// - Parameter ids: under which its steps count.
    public init?(addedBy write: UnitWrite, as ids: [UInt64]) {
        guard let bytes = Candidate(dot: 0, values: write.values).state(width: 1), let all = Counter(bytes: bytes)
        else { return nil }
        self.init()
        for id in ids { add(all.additions[id] ?? 0, as: id) }
        if isEmpty { return nil }
    }

    /// Whether all of it counts in a unit still: somebody carries it on, and nobody has taken it out.
    public func stands(in candidates: [Candidate]) -> Bool {
        var held = Counter()
        for candidate in candidates {
            if let counter = candidate.state(width: 1).flatMap({ Counter(bytes: $0) }) { held.join(counter) }
        }
        return additions.allSatisfy { held.additions[$0] == $1 && held.additions[~$0] == nil }
    }

    /// The write that takes all of it out of a number, each addition by its opposite, as one does who enters a dead row anew
    /// (MRG-31): two who do so at once take it out once.
    public func takenOut(of number: Int64, in unit: UnitID) -> Writing.NewValues {
        var now = number
        var steps: [Writing.Step] = []
        for (id, amount) in additions.sorted(by: { $0.key < $1.key }) {
            steps.append(.init(id: ~id, before: .integer(now)))
            now = now &- amount
        }
        return .init(unit: unit, values: [.integer(now)], steps: steps)
    }
}
