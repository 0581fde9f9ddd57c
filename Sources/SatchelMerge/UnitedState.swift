public import SatchelModel

/// The survivor of merges as it is judged: its own state, and under aliases the candidates that stand on the rows
/// merged into it (MRG-54).
///
/// An alias is no dot of any changeset: one changeset may have written the same unit of two rows, and each candidate
/// needs a name of its own. Aliases come after all real numbers, so that of one changeset's values the survivor's own
/// comes first, then those of the other rows in the order given.
public struct UnitedState: Sendable {
    public let state: RowState
    private let own: RowState
    private let key: RowKey
    private let members: [RowKey]
    private let foreign: [Foreign]
    /// Whether a deletion stands that counts.
    public let hasDeletions: Bool
    /// The merges into a deleted row that none of its deletions had seen: they keep it alive (MRG-60).
    public let unseenMerges: [DotID]

    private struct Foreign: Sendable {
        let member: Int
        let covered: Covered
        /// It is in no standing cover of its own row.
        let stands: Bool
    }

    fileprivate static let firstAlias: DotID = 1 << 62
    /// In an alias the number of the row stands above that of the candidate.
    fileprivate static let memberShift: DotID = 32

    /// - Parameters:
    ///   - closesCycle: the survivor's own merges count for nothing (MRG-52).
    ///   - members: the rows merged into it, in the order of their keys.
    public init(
        _ own: RowState, key: RowKey, closesCycle: Bool, members: [(key: RowKey, state: RowState)], rules: TableRules
    ) {
        var state = own
        if closesCycle { state.deletions.removeAll { $0.into != nil } }
        hasDeletions = !state.deletions.isEmpty
        let plain = Set(state.deletions.filter { $0.into == nil }.map(\.dot))
        unseenMerges =
            plain.isEmpty
            ? [] : members.map { $0.state.deletions.map(\.dot) }.filter(plain.isDisjoint).flatMap(\.self)
        var foreign: [Foreign] = []
        var hidden: [Covered] = []
        for (member, other) in members.map(\.state).enumerated() {
            let covered = Set(other.deletions.flatMap(\.cover))
            // Notes of the inbox stay with the row that they are about (INB-4).
            for unit in other.units where unit.unit != RowState.existence && unit.unit < RowState.firstSystemUnit {
                let counts = rules[unit.unit].map { $0.policy == .counter || $0.policy == .set } ?? false
                for candidate in unit.candidates {
                    let there = Covered(unit: unit.unit, dot: candidate.dot)
                    let stands = !covered.contains(there)
                    guard stands || counts else { continue }
                    let alias = Self.firstAlias | DotID(member) << Self.memberShift | DotID(foreign.count)
                    foreign.append(Foreign(member: member, covered: there, stands: stands))
                    state[unit.unit] += [Candidate(dot: alias, values: candidate.values)]
                    if !stands { hidden.append(Covered(unit: unit.unit, dot: alias)) }
                }
            }
        }
        // What a merge covered on its row counts with the additions and the elements, and keeps nothing alive.
        if !hidden.isEmpty { state.deletions.append(Deletion(dot: Self.firstAlias, cover: hidden)) }
        self.own = own
        self.key = key
        self.members = members.map(\.key)
        self.state = state
        self.foreign = foreign
    }

    public var hasForeign: Bool { !foreign.isEmpty }

    /// The dot behind a name in `state`.
    public func dot(_ name: DotID) -> DotID { alias(name).map { $0.covered.dot } ?? name }

    /// Which of the members a name in `state` stands on; nil: it is the survivor's own.
    public func member(_ name: DotID) -> Int? { alias(name)?.member }

    /// The row on which a name in `state` stands.
    public func row(_ name: DotID) -> RowKey { member(name).map { members[$0] } ?? key }

    private func alias(_ name: DotID) -> Foreign? {
        guard name >= Self.firstAlias else { return nil }
        let number = Int(name & (1 << Self.memberShift - 1))
        return number < foreign.count ? foreign[number] : nil
    }

    /// The candidates and deletions that stand, under the dots of their changesets.
    public var plain: RowState {
        let covered = Set(state.deletions.flatMap(\.cover))
        var plain = RowState(deletions: own.deletions)
        for unit in state.units {
            plain[unit.unit] = unit.candidates.filter { candidate in
                alias(candidate.dot) == nil || !covered.contains(Covered(unit: unit.unit, dot: candidate.dot))
            }.map { Candidate(dot: dot($0.dot), values: $0.values) }.sorted { $0.dot < $1.dot }
        }
        return plain
    }

    /// The verdict on the survivor; `order` is asked for real dots, `valueID` for such in the rows on which they stand.
    public func judge(
        _ rules: TableRules, order: (DotID) -> DotOrder, valueID: (DotID, RowKey) -> UInt64
    ) -> Verdict {
        var verdict = state.judge(rules, order: { order(dot($0)) }, valueID: { valueID(dot($0), row($0)) })
        if !unseenMerges.isEmpty { verdict.alive = true }
        verdict.deletedButEdited = verdict.alive && hasDeletions
        return verdict
    }

    /// Parts a change made upon `state` into what it does to the survivor and, by member, what it takes away there and
    /// its merge must cover from now on (MRG-55). Of members without a part nothing is taken.
    public func parted(_ change: RowChange) -> (own: RowChange, covers: [Int: [Covered]]) {
        guard hasForeign || own != state else { return (change, [:]) }
        var mine = change
        var covers: [Int: Set<Covered>] = [:]
        func take(_ name: DotID) -> Bool {
            guard let foreign = alias(name) else { return false }
            if foreign.stands { covers[foreign.member, default: []].insert(foreign.covered) }
            return true
        }
        for index in mine.writes.indices { mine.writes[index].replaced.removeAll(where: take) }
        mine.cover?.removeAll { take($0.dot) }
        // A keep and a deletion that take the place of all that stands take that of those left out of sight too (MRG-11,
        // MRG-12). A deletion by a view takes nobody's: what only the others had seen would rise (INB-10).
        let replaced = Set(change.deletionsReplaced)
        let replacesAll =
            change.writes.contains { $0.unit == RowState.existence }
            || change.cover != nil && state.deletions.allSatisfy { replaced.contains($0.dot) }
        mine.deletionsReplaced =
            replacesAll ? own.deletions.map(\.dot) : mine.deletionsReplaced.filter { $0 < Self.firstAlias }
        return (mine, covers.mapValues { $0.sorted() })
    }
}

extension Candidate {
    /// On which row of a united state it stands: 0 is the survivor.
    var place: DotID {
        dot < UnitedState.firstAlias ? 0 : (dot - UnitedState.firstAlias) >> UnitedState.memberShift + 1
    }
}

extension Deletion {
    /// It says of a united state what the merges of its members cover.
    var isOfMembers: Bool { dot >= UnitedState.firstAlias }
}

extension [Candidate] {
    /// Of a unit of a united state: what lies on the rows merged into this one, and its own.
    var parted: (foreign: [Candidate], own: [Candidate]) {
        (filter { $0.dot >= UnitedState.firstAlias }, filter { $0.dot < UnitedState.firstAlias })
    }
}

extension RowState {
    /// The candidates that are in no standing cover, by unit.
    public var uncovered: [(unit: UnitID, candidate: Candidate)] {
        let covered = Set(deletions.flatMap(\.cover))
        return units.flatMap { unit in
            unit.candidates.filter { !covered.contains(Covered(unit: unit.unit, dot: $0.dot)) }.map { (unit.unit, $0) }
        }
    }

    /// The rows that standing deletions name, each once, in order.
    public var into: [RowKey] { Set(deletions.compactMap(\.into)).sorted() }

    /// Whether a merge of two rows joins what they hold in a unit, so that nothing of it is to be taken over: what is counted,
    /// or put into a set, would be counted twice (MRG-50, MRG-54).
    public func joins(_ other: RowState, in unit: UnitID, _ rules: TableRules) -> Bool {
        let both = [self[unit], other[unit]]
        switch rules[unit]?.policy {
        case .counter: return both.allSatisfy { Counter.joined($0, valueID: { _ in 0 }) != nil }
        case .set: return both.allSatisfy { ElementSet.joined($0, valueID: { _ in 0 }) != nil }
        default: return false
        }
    }
}

extension RowChange {
    /// A row merged into another: a deletion that says so (MRG-50).
    public static func merge(_ state: RowState, into key: RowKey) -> RowChange {
        var change = Writing.delete(state)
        change.into = key
        return change
    }

    /// A merged row that is shown all the same is deleted: it goes on as the other (MRG-53). What merges it into others stands,
    /// since nobody has said which it is (MRG-57).
    public static func goOn(_ state: RowState, as key: RowKey) -> RowChange {
        var change = merge(state, into: key)
        let apart = Set(state.deletions.filter { $0.into != nil && $0.into != key }.map(\.dot))
        change.deletionsReplaced.removeAll(where: apart.contains)
        return change
    }

    /// The merge of a row goes on, and covers candidates that were replaced on the survivor (MRG-55), but not what only the
    /// deletions `gone` covered.
    public static func renew(
        _ state: RowState, into key: RowKey, covering more: [Covered], without gone: [DotID]
    ) -> RowChange {
        let standing = state.deletions.filter { $0.into == key }
        let cover = standing.filter { !gone.contains($0.dot) }.flatMap(\.cover) + more
        return RowChange(
            deletionsReplaced: Set(standing.map(\.dot) + gone).sorted(), cover: Set(cover).sorted(), into: key)
    }

    /// A deletion of the survivor covers what stood on a merged row beside the merge, and can be taken back without it; it
    /// takes the place of what the deletions `gone`, which it replaces, had covered there (MRG-55).
    public static func takeAlong(
        _ state: RowState, into key: RowKey, covering more: [Covered], with gone: Set<DotID>
    ) -> RowChange {
        let former = state.deletions.filter { $0.into == key && gone.contains($0.dot) }
        return RowChange(
            deletionsReplaced: former.map(\.dot), cover: Set(former.flatMap(\.cover) + more).sorted(), into: key)
    }

    /// A person says into which of several rows this one is merged (MRG-57).
    public static func settle(_ state: RowState, into key: RowKey) -> RowChange {
        RowChange(
            deletionsReplaced: state.deletions.map(\.dot), cover: Set(state.deletions.flatMap(\.cover)).sorted(),
            into: key)
    }

    /// The survivor of a cycle lets go of its own merges, when the row that they lead to is unmerged (MRG-56).
    public static func release(_ state: RowState) -> RowChange {
        RowChange(deletionsReplaced: state.deletions.filter { $0.into != nil }.map(\.dot))
    }
}
