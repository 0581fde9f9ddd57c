public import SatchelModel

/// What an author's acts become, given what their replica held (MRG-9 to MRG-13), and the state that their writes
/// carry (MRG-30 to MRG-34).
///
/// Each names exactly the dots that were really held and are replaced: nothing unseen is ever removed.
public struct Writing {
    /// New values of a unit.
    public struct NewValues: Sendable {
        public var unit: UnitID
        /// One for each column.
        public var values: [Value]
        /// Of a counter or a set: the writes by which it came to these values, in order.
        public var steps: [Step]

        public init(unit: UnitID, values: [Value], steps: [Step] = []) {
            self.unit = unit
            self.values = values
            self.steps = steps
        }
    }

    /// One write of a counter or set, as it was captured.
    public struct Step: Sendable, Equatable {
        /// Given at capture, at random: twins that seal the same note name it alike.
        public var id: UInt64
        /// What the column held before it.
        public var before: Value

        public init(id: UInt64, before: Value) {
            self.id = id
            self.before = before
        }
    }

    /// Whose a default is: no write has this dot, and its tag is 0 (MRG-31).
    public static let nobody: DotID = 0

    private let rules: TableRules
    private let order: (DotID) -> DotOrder
    private let valueID: (DotID) -> UInt64
    private let newID: () -> UInt64

    /// - Parameters:
    ///   - order: asked only for candidates of which one is picked.
    ///   - valueID: of a candidate without a state that is replaced or joined, the id under which it counts (MRG-31, MRG-32), or is known
    ///     as a text (MRG-34).
    ///   - newID: a random number, for what was written and not captured step by step.
    public init(
        _ rules: TableRules, order: @escaping (DotID) -> DotOrder, valueID: @escaping (DotID) -> UInt64,
        newID: @escaping () -> UInt64
    ) {
        self.rules = rules
        self.order = order
        self.valueID = valueID
        self.newID = newID
    }

    /// A row entered. Over a held dead row it takes the place of what the deletion left; where no complete row is
    /// held it replaces nothing (MRG-10).
    public func insert(_ units: [NewValues], over state: RowState?, dead: Bool) -> RowChange {
        let over = dead ? state : nil
        var change = RowChange(writes: [
            UnitWrite(
                unit: RowState.existence, values: [], replaced: over.map { $0[RowState.existence].map(\.dot) } ?? [])
        ])
        for new in units {
            let replaced = over.map { $0[new.unit] } ?? []
            change.writes.append(
                UnitWrite(
                    unit: new.unit, values: stored(new, over: replaced, of: replaced, isEntered: true),
                    replaced: replaced.map(\.dot)))
        }
        change.deletionsReplaced = over?.deletions.map(\.dot) ?? []
        return change
    }

    /// An ordinary write: it replaces all dots of the shown value, or all of which that was made, and leaves hidden
    /// candidates alone (MRG-9).
    public func update(_ units: [NewValues], on state: RowState) -> RowChange {
        let verdict = state.judge(rules, order: order, valueID: valueID)
        return RowChange(
            writes: units.map { new in
                let dots = verdict.shown(new.unit)?.dots ?? []
                let replaced = state[new.unit].filter { dots.contains($0.dot) }
                let disputed = verdict.conflicts.contains(new.unit)
                return UnitWrite(
                    unit: new.unit, values: stored(new, over: replaced, of: state[new.unit], isDisputed: disputed),
                    replaced: dots)
            })
    }

    /// A row deleted: it covers everything held and takes the place of the standing deletions (MRG-12).
    public static func delete(_ state: RowState) -> RowChange {
        RowChange(deletionsReplaced: state.deletions.map(\.dot), cover: state.held)
    }

    /// A person decided: the new value takes the place of every candidate of the unit (MRG-13).
    public func resolve(_ new: NewValues, on state: RowState) -> RowChange {
        RowChange(writes: [
            UnitWrite(
                unit: new.unit, values: stored(new, over: state[new.unit], of: state[new.unit]),
                replaced: state[new.unit].map(\.dot))
        ])
    }

    /// A number that a person entered into a form, where nobody can say what is counted: it is one of the numbers in question, as
    /// one that is written into the table would be (MRG-31, INB-10).
    ///
    /// - Parameter replaced: the candidates of the unit that the form showed.
    /// - Returns: the values as they are sealed.
    public func entered(_ new: NewValues, over replaced: [Candidate], inQuestionIn state: RowState) -> [Value] {
        stored(new, over: replaced, of: state[new.unit], isDisputed: true)
    }

    /// A person keeps a row that another deleted: the deletions go, existence is written anew, and units that have covered
    /// beside uncovered candidates are settled on what is shown (MRG-11).
    ///
    /// - Parameter isShown: whether its author sees the row, alive or not: then it is as old as it was, by the oldest candidate
    ///   of its existence, which stays. One that comes out of the bin is younger than what was entered meanwhile.
    public func keep(_ state: RowState, isShown: Bool) -> RowChange {
        let verdict = state.judge(rules, order: order, valueID: valueID)
        let covered = Set(state.deletions.flatMap(\.cover))
        let existence = state[RowState.existence]
        let oldest = isShown || verdict.alive ? existence.min { order($0.dot) < order($1.dot) } : nil
        var writes = [
            UnitWrite(
                unit: RowState.existence, values: [], replaced: existence.map(\.dot).filter { $0 != oldest?.dot })
        ]
        // What only rows merged into this one cover stays covered, and what was covered here rises beside it.
        var kept = state
        kept.deletions.removeAll { !$0.isOfMembers }
        let then = kept.deletions.isEmpty ? nil : kept.judge(rules, order: order, valueID: valueID)
        for unit in state.units where unit.unit != RowState.existence {
            let hidden = unit.candidates.map(\.dot).filter { covered.contains(Covered(unit: unit.unit, dot: $0)) }
            guard !hidden.isEmpty, let shown = verdict.shown(unit.unit),
                hidden.count < unit.candidates.count
                    || then.map { $0.shown(unit.unit)?.values != shown.values } ?? false
            else { continue }
            let replaced = Set(hidden).union(shown.dots)
            let taken = unit.candidates.filter { replaced.contains($0.dot) }
            writes.append(
                UnitWrite(
                    unit: unit.unit,
                    values: stored(.init(unit: unit.unit, values: shown.values), over: taken, of: unit.candidates),
                    replaced: replaced.sorted()))
        }
        return RowChange(writes: writes, deletionsReplaced: state.deletions.map(\.dot))
    }

    /// The values as they are sealed: in the form of the policy, and followed by its state if there is any (MRG-30).
    ///
    /// - Parameter held: all candidates of the unit. What stands on rows merged into this one counts beside it in any case, and
    ///   stays theirs (MRG-54).
    private func stored(
        _ new: NewValues, over replaced: [Candidate], of held: [Candidate], isEntered: Bool = false,
        isDisputed: Bool = false
    ) -> [Value] {
        guard let rule = rules[new.unit], rule.policy.carriesState, let value = new.values.first else {
            return new.values
        }
        switch rule.policy {
        case .counter:
            guard case .integer(let number) = value else { return new.values }
            // 0 is no value: with it what else is counted would be shown as a sum again.
            if isDisputed, !replaced.contains(where: \.isCounter),
                number != 0 || counted(beside: replaced, of: held) == nil
            {
                return new.values
            }
            let whole = Counter.joined(held, valueID: valueID)
            var counter = whole ?? Counter.takenUp(replaced, valueID: valueID)
            if held.isEmpty, !isEntered, case .integer(let shown)? = new.steps.first?.before {
                counter.add(shown, as: valueID(Self.nobody))
            }
            // No sum is shown yet: this write says all that will be counted with it.
            if whole == nil, let beside = counted(beside: replaced, of: held) { counter.join(beside) }
            if isEntered { counter.takeOut() }
            counter.walk(new.steps, to: number)
            if counter.sum != number { counter.walk([Step(id: newID(), before: .null)], to: number) }
            let (foreign, own) = held.parted
            if !foreign.isEmpty, whole != nil, let others = Counter.joined(foreign, valueID: valueID) {
                counter.leave(others, butFor: Counter.joined(own, valueID: valueID))
            }
            return counter.isEmpty ? [.integer(counter.sum)] : [.integer(counter.sum), .blob(counter.bytes)]
        case .set:
            guard let elements = JSONArray.elements(value) else { return new.values }
            var set = ElementSet.takenUp(replaced, valueID: valueID)
            if ElementSet.joined(held, valueID: valueID) == nil, held.allSatisfy(\.isArray) {
                let beside = putIn(beside: replaced, of: held)
                // An empty one is no value where all others can be joined: what else was put in would be shown again.
                if isDisputed, !elements.isEmpty || beside == nil, replaced.allSatisfy({ $0.set == nil }) {
                    return [JSONArray.text(elements)]
                }
                // No sum is shown yet: this write says all that will be in it.
                if let beside { set.join(beside) }
            }
            if held.isEmpty, !isEntered, let shown = new.steps.first.flatMap({ JSONArray.elements($0.before) }) {
                for element in shown { set.insert(element, as: valueID(Self.nobody)) }
            }
            if isEntered { set.elements.forEach { set.remove($0) } }
            set.walk(new.steps, to: elements)
            if set.elements != elements { set.walk([Step(id: newID(), before: .null)], to: elements) }
            let (foreign, own) = held.parted
            if !foreign.isEmpty, ElementSet.joined(own, valueID: valueID) != nil,
                let others = ElementSet.joined(foreign, valueID: valueID)
            {
                set.leave(others, butFor: ElementSet.joined(own, valueID: valueID))
            }
            return [JSONArray.text(set.elements)] + (set.isEmpty ? [] : [.blob(set.bytes)])
        case .text:
            guard case .text = value, !isEntered,
                let ancestry = TextCandidates(replaced, valueID: valueID)?.ancestry
            else { return new.values }
            return [value, .blob(ancestry.blob)]
        case .review, .lastWriter, .immutable, .min, .max: return new.values
        }
    }

    /// What is counted beside a write that takes the place of some candidates; nil: no sum will be shown. What stands on rows
    /// merged into this one is only covered by it, and goes on counting.
    private func counted(beside replaced: [Candidate], of held: [Candidate]) -> Counter? {
        Counter.joined(left(by: replaced, of: held, beside: [.integer(0)]), valueID: valueID)
    }

    /// The same of a set.
    private func putIn(beside replaced: [Candidate], of held: [Candidate]) -> ElementSet? {
        let written = [JSONArray.text([]), .blob(ElementSet().bytes)]
        return ElementSet.joined(left(by: replaced, of: held, beside: written), valueID: valueID)
    }

    /// What is held once a write has taken the place of some candidates, with one that adds nothing in its place.
    private func left(by replaced: [Candidate], of held: [Candidate], beside written: [Value]) -> [Candidate] {
        let gone = Set(replaced.map(\.dot))
        let (foreign, own) = held.parted
        return foreign + own.filter { !gone.contains($0.dot) } + [Candidate(dot: 0, values: written)]
    }
}
