import SatchelModel
import Testing

@testable import SatchelMerge

/// Small worlds, all of them: whatever few people do to few rows, merging among it, in whatever order they hear of each
/// other, what they see is what the words of the rules say, and no value goes without somebody having seen it.
@Suite struct UnitedWorldTests {
    private enum Act: Hashable {
        case edit(Int), other(Int), delete(Int), merge(Int, Int), unmerge(Int), settle(Int), hear
    }

    private struct Made {
        var dot: DotID
        var changes: [Int: RowChange]
        var seen: Set<DotID>
    }

    private struct World {
        var made: [Made] = []
        var seen: [Set<DotID>]
        let rows: Int
        static let rules = MergeRow().rules

        init(people: Int, rows: Int) {
            self.rows = rows
            seen = Array(repeating: [], count: people)
            for row in 0..<rows {
                let units = ([1, 2] as [UnitID]).map { Writing.NewValues(unit: $0, values: [.text("\(row)\($0)")]) }
                add([row: Self.writing().insert(units, over: nil, dead: false)], by: nil)
            }
        }

        static func key(_ row: Int) -> RowKey { RowKey([.integer(Int64(row))]) }

        /// Later rows are the elder: their keys run against their ages.
        static func order(_ dot: DotID) -> DotOrder {
            DotOrder(
                time: Timestamp(milliseconds: dot < 5 ? 10 - dot : 100 + dot),
                dot: Dot(origin: OriginID(high: 0, low: UInt64(dot)), sequence: 1, tag: 0))
        }

        func states(_ known: Set<DotID>? = nil) -> [RowState] {
            (0..<rows).map { row in
                var state = RowState()
                for made in made where known?.contains(made.dot) ?? true {
                    if let change = made.changes[row] { state.apply(change, as: made.dot) }
                }
                return state
            }
        }

        func union(_ known: Set<DotID>? = nil) -> Union {
            Union(states(known).enumerated().map { (Self.key($0), $1) }, Self.rules, order: Self.order)
        }

        static func writing(_ united: UnitedState? = nil) -> Writing {
            Writing(rules, order: { order(united?.dot($0) ?? $0) }, valueID: { UInt64($0) }, newID: { 0 })
        }

        static func verdict(_ united: UnitedState) -> Verdict {
            united.judge(rules, order: order, valueID: { dot, _ in UInt64(dot) })
        }

        mutating func add(_ changes: [Int: RowChange], by person: Int?) {
            let dot = DotID(made.count + 1)
            made.append(Made(dot: dot, changes: changes, seen: person.map { seen[$0] } ?? []))
            for other in seen.indices where person == nil || person == other { seen[other].insert(dot) }
        }

        /// Returns false if the act does nothing: then the world was seen before.
        mutating func act(_ act: Act, by person: Int) -> Bool {
            if act == .hear {
                let teacher = (person + 1) % seen.count
                if seen[teacher].isSubset(of: seen[person]) { return false }
                seen[person].formUnion(seen[teacher])
                return true
            }
            let union = union(seen[person])
            func isShown(_ row: Int) -> Bool { !union.isMerged(row) && Self.verdict(union.united(row)).alive }
            let value = [Value.text("v\(made.count)")]
            let done: [(row: Int, change: RowChange)]
            switch act {
            case .edit(let row) where isShown(row):
                done = union.act(row) { Self.writing($0).update([.init(unit: 1, values: value)], on: $0.state) }
            case .other(let row) where isShown(row):
                done = union.act(row) { Self.writing($0).update([.init(unit: 2, values: value)], on: $0.state) }
            case .delete(let row) where isShown(row): done = union.act(row) { Writing.delete($0.state) }
            case .merge(let row, let into) where isShown(row) && isShown(into):
                done = union.act(row) { RowChange.merge($0.state, into: Self.key(into)) }
            case .unmerge(let row) where union.isMerged(row):
                let state = union.states[row]
                let kept = Self.writing().keep(state, isShown: false)
                done =
                    [(row, kept)]
                    + (union.released(byUnmerging: row).map { [($0, RowChange.release(union.states[$0]))] } ?? [])
            case .settle(let row):
                guard let choice = union.choices(row).last else { return false }
                done = [(row, RowChange.settle(union.states[row], into: choice))]
            default: return false
            }
            add(Dictionary(uniqueKeysWithValues: done.map { ($0.row, $0.change) }), by: person)
            return true
        }
    }

    // MARK: The rules in their own words

    private struct Seen: Equatable {
        var survivor: Int
        var isApart = false
        /// Nil: not shown.
        var values: [UnitID: [Value]]?
        var conflicts: [UnitID] = []
        var deletedButEdited = false
    }

    private static func byTheCode(_ world: World, _ known: Set<DotID>?) -> [Seen] {
        let union = world.union(known)
        return (0..<world.rows).map { row in
            var seen = Seen(survivor: union.places[row].survivor, isApart: union.places[row].isApart)
            guard !union.isMerged(row) else { return seen }
            let verdict = World.verdict(union.united(row))
            guard verdict.alive else { return seen }
            seen.values = Dictionary(uniqueKeysWithValues: verdict.shown.map { ($0.unit, $0.values) })
            seen.conflicts = verdict.conflicts
            seen.deletedButEdited = verdict.deletedButEdited
            return seen
        }
    }

    private static func byTheWords(_ world: World, _ known: Set<DotID>?) -> [Seen] {
        let states = (0..<world.rows).map { row in
            MergeRow.naive(
                world.made.filter { known?.contains($0.dot) ?? true }.compactMap { made in
                    made.changes[row].map { .init(dot: made.dot, change: $0, seen: made.seen) }
                })
        }
        let keys = (0..<world.rows).map(World.key)
        func isCovered(_ row: Int, _ held: Covered, by deletions: [Deletion]) -> Bool {
            deletions.contains { $0.cover.contains(held) }
        }
        func uncovered(_ row: Int, by deletions: [Deletion]) -> [Covered] {
            states[row].held.filter { !isCovered(row, $0, by: deletions) }
        }
        func edges(_ row: Int) -> Set<Int> {
            if uncovered(row, by: states[row].deletions).contains(where: { $0.unit == 0 }) { return [] }
            return Set(states[row].deletions.compactMap { $0.into.flatMap { keys.firstIndex(of: $0) } })
        }
        func age(_ row: Int) -> DotOrder { states[row][0].map { World.order($0.dot) }.min()! }
        let reached = states.indices.map { start -> Set<Int> in
            var met: Set<Int> = []
            while true {
                let next = met.union(met.union([start]).flatMap(edges))
                if next == met { return met }
                met = next
            }
        }
        func end(_ row: Int) -> Int? {
            if reached[row].isEmpty { return row }
            return reached[row].allSatisfy { reached[$0].contains(row) } ? reached[row].min { age($0) < age($1) } : nil
        }
        let ends = states.indices.map { row in
            Set(reached[row].union([row]).compactMap(end)).sorted { age($0) < age($1) }
        }
        return states.indices.map { row in
            var seen = Seen(survivor: ends[row][0], isApart: ends[row].count > 1 && edges(row).count > 1)
            guard seen.survivor == row else { return seen }
            let counting = states[row].deletions.filter { $0.into == nil || reached[row].isEmpty }
            var standing = uncovered(row, by: counting).map { (row: row, held: $0) }
            for other in states.indices where other != row && ends[other][0] == row {
                standing += uncovered(other, by: states[other].deletions).filter { $0.unit != 0 }
                    .map { (row: other, held: $0) }
            }
            let dots = Set(counting.filter { $0.into == nil }.map(\.dot))
            let isKeptByMerge = states.indices.contains { other in
                other != row && ends[other][0] == row && dots.isDisjoint(with: states[other].deletions.map(\.dot))
            }
            guard !standing.isEmpty || isKeptByMerge && !dots.isEmpty else { return seen }
            seen.deletedButEdited = !counting.isEmpty
            var values: [UnitID: [Value]] = [0: []]
            for unit: UnitID in [1, 2] {
                var pool = standing.filter { $0.held.unit == unit }
                let isCovered = pool.isEmpty
                if isCovered { pool = states[row][unit].map { (row, Covered(unit: unit, dot: $0.dot)) } }
                func value(_ one: (row: Int, held: Covered)) -> [Value] {
                    states[one.row][unit].first { $0.dot == one.held.dot }!.values
                }
                if Set(pool.map(value)).count > 1, !isCovered { seen.conflicts.append(unit) }
                if let newest = pool.max(by: { World.order($0.held.dot) < World.order($1.held.dot) }) {
                    values[unit] = value(newest)
                }
            }
            seen.values = values
            return seen
        }
    }

    /// MRG-26: every value stands on its row, or was replaced or covered by a change that had seen it.
    private static func losses(_ world: World) -> [String] {
        let states = world.states()
        return world.made.flatMap { author in
            author.changes.sorted { $0.key < $1.key }.flatMap { row, change in
                change.writes.filter { write in
                    !states[row][write.unit].contains { $0.dot == author.dot }
                        && !world.made.contains { other in
                            other.seen.contains(author.dot)
                                && other.changes[row]?.writes.contains {
                                    $0.unit == write.unit && $0.replaced.contains(author.dot)
                                } == true
                        }
                }.map { "row \(row), unit \($0.unit) of \(author.dot)" }
            }
        }
    }

    @Test(arguments: [(2, 2, 4), (3, 2, 3), (4, 2, 2), (2, 3, 3)])
    func allSmallHistoriesOfMergesAreSeenAsTheWordsSay_MRG50_MRG51_MRG52_MRG54_MRG55_MRG56_MRG57_MRG60(
        rows: Int, people: Int, depth: Int
    ) {
        var acts: [Act] = [.hear]
        for row in 0..<rows {
            acts += [.edit(row), .delete(row), .unmerge(row), .settle(row)]
            for other in 0..<rows where other != row { acts.append(.merge(row, other)) }
        }
        acts.append(.other(0))
        var worlds = 0
        var apart = 0
        var failed = false
        func explore(_ world: World, _ depth: Int, _ path: [String]) {
            worlds += 1
            if failed { return }
            for known in [nil] + world.seen.map(Optional.some) {
                let (code, words) = (Self.byTheCode(world, known), Self.byTheWords(world, known))
                if known == nil, code.contains(where: \.isApart) { apart += 1 }
                if code != words {
                    failed = true
                    Issue.record("\(path), known \(known.map { $0.sorted() } as Any): \(code) is not \(words)")
                    return
                }
            }
            let lost = Self.losses(world)
            if !lost.isEmpty {
                failed = true
                Issue.record("\(path): lost \(lost)")
            }
            guard depth > 0 else { return }
            for person in world.seen.indices {
                for act in acts {
                    var next = world
                    guard next.act(act, by: person) else { continue }
                    explore(next, depth - 1, path + ["\(person) \(act)"])
                }
            }
        }
        explore(World(people: people, rows: rows), depth, [])
        #expect(worlds > 1000 && (rows < 3 || apart > 0), "there was something to explore: \(worlds), \(apart)")
        print("\(rows) rows, \(people) people, \(depth) acts: \(worlds) worlds")
    }
}
