import SatchelMerge
import SatchelModel

/// One row as several people change it: each change with what its author had seen, as small as can be.
///
/// Dots are numbers from 1, in the order in which the changes were made; their time is what the test says.
struct MergeRow {
    struct Made: Hashable {
        var dot: DotID
        var change: RowChange
        /// Dots that its author had applied.
        var seen: Set<DotID>
    }

    var made: [Made] = []
    var times: [DotID: Int64] = [:]
    var rules = TableRules(required: [1], units: [1: .init(policy: .review), 2: .init(policy: .review)])

    /// What a replica that has applied these changes holds; nil: all.
    func state(_ known: Set<DotID>? = nil) -> RowState {
        Self.state(made.filter { known?.contains($0.dot) ?? true })
    }

    static func state(_ changes: [Made]) -> RowState {
        var state = RowState()
        for made in changes { state.apply(made.change, as: made.dot) }
        return state
    }

    func order(_ dot: DotID) -> DotOrder {
        DotOrder(
            time: Timestamp(milliseconds: times[dot] ?? dot),
            dot: Dot(origin: OriginID(high: 0, low: UInt64(dot)), sequence: 1, tag: 0))
    }

    /// Under which a value without a state counts: this is one row, so that its dot says enough.
    func valueID(_ dot: DotID) -> UInt64 { UInt64(dot) << 32 }

    var writing: Writing { Writing(rules, order: order, valueID: valueID) { UInt64(made.count + 1) << 48 } }

    func judge(_ state: RowState) -> Verdict { state.judge(rules, order: order, valueID: valueID) }
    func verdict(_ known: Set<DotID>? = nil) -> Verdict { judge(state(known)) }

    @discardableResult
    mutating func add(_ change: RowChange, seeing seen: Set<DotID>, at time: Int64? = nil) -> DotID {
        let dot = DotID(made.count + 1)
        made.append(Made(dot: dot, change: change, seen: seen))
        times[dot] = time
        return dot
    }

    // MARK: What people do, each on what they had seen

    mutating func insert(
        _ values: [UnitID: String], seeing seen: Set<DotID> = [], at time: Int64? = nil
    ) -> DotID {
        let held = state(seen)
        let verdict = judge(held)
        let units = values.sorted { $0.key < $1.key }.map {
            Writing.NewValues(unit: $0.key, values: [Value.text($0.value)])
        }
        return add(
            writing.insert(units, over: held, dead: verdict.complete && !verdict.alive), seeing: seen, at: time)
    }

    @discardableResult
    mutating func write(
        _ unit: UnitID, _ value: String, seeing seen: Set<DotID>, at time: Int64? = nil
    ) -> DotID {
        add(writing.update([.init(unit: unit, values: [.text(value)])], on: state(seen)), seeing: seen, at: time)
    }

    @discardableResult
    mutating func delete(seeing seen: Set<DotID>, at time: Int64? = nil) -> DotID {
        add(Writing.delete(state(seen)), seeing: seen, at: time)
    }

    @discardableResult
    mutating func resolve(_ unit: UnitID, to value: String, seeing seen: Set<DotID>) -> DotID {
        add(writing.resolve(.init(unit: unit, values: [.text(value)]), on: state(seen)), seeing: seen)
    }

    @discardableResult
    mutating func keep(seeing seen: Set<DotID>, isShown: Bool = true) -> DotID {
        add(writing.keep(state(seen), isShown: isShown), seeing: seen)
    }

    /// Every order of delivery in which causes come before effects.
    var deliveries: [[Made]] {
        func orders(_ rest: [Made], _ known: Set<DotID>) -> [[Made]] {
            if rest.isEmpty { return [[]] }
            return rest.indices.filter { rest[$0].seen.isSubset(of: known) }.flatMap { place in
                var others = rest
                let next = others.remove(at: place)
                return orders(others, known.union([next.dot])).map { [next] + $0 }
            }
        }
        return orders(made, [])
    }

    /// The state by the words of MRG-3 and MRG-8 alone: what was written, without what anybody replaced.
    static func naive(_ changes: [Made]) -> RowState {
        var state = RowState()
        var gone: Set<Covered> = []
        var deletionsGone: Set<DotID> = []
        for made in changes {
            for write in made.change.writes {
                for dot in write.replaced { gone.insert(.init(unit: write.unit, dot: dot)) }
            }
            deletionsGone.formUnion(made.change.deletionsReplaced)
        }
        for made in changes.sorted(by: { $0.dot < $1.dot }) {
            for write in made.change.writes where !gone.contains(.init(unit: write.unit, dot: made.dot)) {
                state[write.unit].append(Candidate(dot: made.dot, values: write.values))
            }
            if let cover = made.change.cover, !deletionsGone.contains(made.dot) {
                state.deletions.append(
                    Deletion(dot: made.dot, cover: cover.sorted(), into: made.change.into))
            }
        }
        return state
    }
}

extension Verdict {
    func text(_ unit: UnitID) -> String? { shown(unit)?.values.first?.display }
}
