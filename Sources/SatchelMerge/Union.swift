public import SatchelModel

/// Rows of one table that merges connect, with all of their states: who survives, and what an act on one of them comes
/// to (MRG-50 to MRG-57, MRG-60).
///
/// Must hold every row that a merge leads to or from; nothing else is asked. Pure: the caller reads the states.
public struct Union: Sendable {
    /// In order.
    public let keys: [RowKey]
    public let states: [RowState]
    public let places: [Uniting.Place]
    private let edges: [[RowKey: Int]]
    private let rules: TableRules

    /// - Parameters:
    ///   - rows: each once, in any order.
    ///   - order: asked for candidates of existence.
    public init(
        _ rows: [(key: RowKey, state: RowState)], _ rules: TableRules, order: (DotID) -> DotOrder
    ) {
        let rows = rows.sorted { $0.key < $1.key }
        let states = rows.map(\.state)
        let complete = states.map { $0.isComplete(rules) }
        var index: [RowKey: Int] = [:]
        for (place, row) in rows.enumerated() { index[row.key] = place }
        let edges = states.map { state in
            var edges: [RowKey: Int] = [:]
            for key in state.into { if let place = index[key], complete[place] { edges[key] = place } }
            return edges
        }
        keys = rows.map(\.key)
        self.states = states
        self.rules = rules
        self.edges = edges
        places = Uniting.places(
            states.indices.map { row in
                Uniting.Row(
                    complete: complete[row], stands: states[row].standsByItself, into: edges[row].values.sorted(),
                    rank: states[row][RowState.existence].map { order($0.dot) }.min())
            })
    }

    public func row(_ key: RowKey) -> Int? {
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low < keys.count && keys[low] == key ? low : nil
    }

    public func isMerged(_ row: Int) -> Bool { places[row].survivor != row }

    /// The rows merged into this one, by whatever way.
    public func members(of row: Int) -> [Int] { places.indices.filter { $0 != row && places[$0].survivor == row } }

    /// A row as it is judged: with what stands on the rows merged into it (MRG-54).
    public func united(_ row: Int) -> UnitedState {
        UnitedState(
            states[row], key: keys[row], closesCycle: places[row].closesCycle,
            members: members(of: row).map { (keys[$0], states[$0]) }, rules: rules)
    }

    /// The same rows in the states that they have, as merges connect them once some have been entered by one changeset: what is
    /// written beside that is shown so (MRG-10). A row that was merged stands for itself then, and the survivor of a cycle with
    /// it lets go of its own merges (`released`); and being younger, a row that leads to several may be shown by another, so
    /// that what is written counts beside those that stay (MRG-54, MRG-57).
    ///
    /// - Parameters:
    ///   - entered: by row, what entering it does to it, whatever the others come to.
    ///   - order: asked for candidates of existence.
    public func entering(_ entered: [Int: RowChange], order: (DotID) -> DotOrder) -> Union {
        let new = DotID.max
        var after = states
        let free = Set(entered.keys.compactMap { released(byUnmerging: $0) }).subtracting(entered.keys)
        for row in free { after[row].apply(.release(states[row]), as: new) }
        for (row, change) in entered { after[row].apply(change, as: new) }
        let then = Union(Array(zip(keys, after)), rules) { $0 == new ? .youngest : order($0) }
        return Union(self, connectedAs: then, letGo: free)
    }

    /// - Parameter free: rows of which the own merges count for nothing, though they stand.
    private init(_ union: Union, connectedAs other: Union, letGo free: Set<Int>) {
        (keys, states, rules) = (union.keys, union.states, union.rules)
        edges = other.edges
        var places = other.places
        for row in free { places[row].closesCycle = true }
        self.places = places
    }

    /// What entering a row that is not shown does to it (MRG-10).
    public func enter(_ row: Int, _ make: (UnitedState) throws -> RowChange) rethrows -> RowChange {
        let united = united(row)
        return united.parted(try make(united)).own
    }

    /// What an act upon a shown row does, to it and to the rows merged into it (MRG-55), by row.
    ///
    /// - Parameter sees: whether the author of a deletion knew that this row is merged into the one that they delete.
    public func act(
        _ row: Int, seeing sees: (Int) -> Bool = { _ in true }, _ make: (UnitedState) throws -> RowChange
    ) rethrows -> [(row: Int, change: RowChange)] {
        let united = united(row)
        let (own, covers) = united.parted(try make(united))
        let gone = Set(own.deletionsReplaced)
        let members = members(of: row)
        var beside = own.cover == nil ? letGo(with: gone, of: row) : [:]
        for (member, cover) in covers.map({ (members[$0], $1) }) {
            guard let way = way(from: member, to: row) else { continue }
            beside[member] =
                own.cover == nil
                ? .renew(states[member], into: way, covering: cover, without: beside[member]?.deletionsReplaced ?? [])
                : .takeAlong(states[member], into: way, covering: cover, with: gone)
        }
        // By what it took along a deletion is known to have seen a merge (MRG-60); what an earlier one took along goes on with it.
        if own.cover != nil {
            for member in members where beside[member] == nil {
                let former = states[member].deletions.first { gone.contains($0.dot) && $0.into != nil }?.into
                let new = own.into == nil && sees(member) ? self.way(from: member, to: row) : nil
                guard let way = former ?? new else { continue }
                beside[member] = .takeAlong(states[member], into: way, covering: [], with: gone)
            }
        }
        return [(row: row, change: own)] + beside.sorted { $0.key < $1.key }.map { (row: $0.key, change: $0.value) }
    }

    /// The row that a merge names by which a member is led to its survivor, the least of several.
    public func way(from member: Int, to survivor: Int) -> RowKey? {
        edges[member].filter { places[$0.value].survivor == survivor }.keys.min()
    }

    /// What standing deletions of a row took along on rows that were merged into it goes with them: there another deletion
    /// with the same `into` stands, which is the merge itself (MRG-55). A row that stands by itself goes on being asked about.
    /// By row.
    public func letGo(with dots: Set<DotID>, of row: Int) -> [Int: RowChange] {
        if dots.isEmpty { return [:] }
        let led = led(to: row)
        var changes: [Int: RowChange] = [:]
        for other in states.indices where other != row && !states[other].standsByItself {
            let along = states[other].deletions.filter { deletion in
                guard dots.contains(deletion.dot), let into = deletion.into, led.contains(into) else { return false }
                return states[other].deletions.contains { $0.into == into && !dots.contains($0.dot) }
            }
            if !along.isEmpty { changes[other] = RowChange(deletionsReplaced: along.map(\.dot)) }
        }
        return changes
    }

    /// The row, and those whose merges lead to it, but not by way of the one that is shown for it. O(rows and edges).
    private func led(to row: Int) -> Set<RowKey> {
        var back: [Int: [Int]] = [:]
        for other in states.indices where !states[other].standsByItself {
            for target in edges[other].values { back[target, default: []].append(other) }
        }
        var found: Set = [row]
        var open = [row]
        while let next = open.popLast() {
            for other in back[next] ?? [] where other != places[row].survivor && found.insert(other).inserted {
                open.append(other)
            }
        }
        return Set(found.map { keys[$0] })
    }

    /// The different rows that a merged row's merges name, in order: what a person chooses among (MRG-57).
    public func choices(_ row: Int) -> [RowKey] {
        guard places[row].isApart else { return [] }
        return edges[row].keys.map { ($0.canonical, $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    }

    /// The row that lets go of its own merges when this one is unmerged or entered again: the survivor, if it is in a cycle with
    /// it (MRG-10, MRG-56).
    public func released(byUnmerging row: Int) -> Int? {
        let survivor = places[row].survivor
        return survivor != row && places[survivor].closesCycle ? survivor : nil
    }
}

extension RowState {
    /// MRG-7.
    func isComplete(_ rules: TableRules) -> Bool {
        !self[RowState.existence].isEmpty && rules.required.allSatisfy { !self[$0].isEmpty }
    }
}

extension DotOrder {
    /// Of what is written now: after all others.
    fileprivate static let youngest = DotOrder(
        time: Timestamp(milliseconds: .max),
        dot: Dot(origin: OriginID(high: .max, low: .max), sequence: .max, tag: .max))
}
