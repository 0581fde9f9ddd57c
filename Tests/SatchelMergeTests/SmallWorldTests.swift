import SatchelMerge
import SatchelModel
import Testing

/// Small worlds, all of them: whatever few people do to a row in whatever order they hear of each other, those who have
/// heard the same hold the same (P2), by code and by the words of the rules.
@Suite struct SmallWorldTests {
    /// What a person may do next; on what makes no sense they do nothing.
    private enum Act: CaseIterable { case write, writeSame, other, remove, resolve, hear }

    private struct World {
        var row = MergeRow()
        var seen: [Set<DotID>]

        init(people: Int) {
            seen = Array(repeating: [], count: people)
            let first = row.insert([1: "v", 2: "w"])
            for person in seen.indices { seen[person].insert(first) }
        }

        /// Returns false if the act does nothing: then the world was seen before.
        mutating func act(_ act: Act, by person: Int) -> Bool {
            let verdict = row.verdict(seen[person])
            let known = seen[person]
            var dot: DotID?
            switch act {
            case .write where verdict.alive: dot = row.write(1, "v\(row.made.count)", seeing: known)
            case .writeSame where verdict.alive && verdict.text(1) != "same": dot = row.write(1, "same", seeing: known)
            case .other where verdict.alive: dot = row.write(2, "w\(row.made.count)", seeing: known)
            case .remove where verdict.alive: dot = row.delete(seeing: known)
            case .remove: dot = row.insert([1: "new", 2: "n\(row.made.count)"], seeing: known)
            case .resolve where verdict.deletedButEdited: dot = row.keep(seeing: known)
            case .resolve where verdict.conflicts.contains(1): dot = row.resolve(1, to: "settled", seeing: known)
            case .hear:
                let teacher = (person + 1) % seen.count
                if seen[teacher].isSubset(of: known) { return false }
                seen[person].formUnion(seen[teacher])
                return true
            default: return false
            }
            if let dot { seen[person].insert(dot) }
            return dot != nil
        }
    }

    private func explore(_ world: World, depth: Int, path: [String], visit: (World, [String]) -> Void) {
        visit(world, path)
        guard depth > 0 else { return }
        for person in world.seen.indices {
            for act in Act.allCases {
                var next = world
                guard next.act(act, by: person) else { continue }
                explore(next, depth: depth - 1, path: path + ["\(person) \(act)"], visit: visit)
            }
        }
    }

    @Test(arguments: [(2, 4), (3, 3)])
    func allDeliveriesOfAllSmallHistoriesLeaveOneState_MRG3_MRG8(people: Int, depth: Int) {
        var worlds = 0
        explore(World(people: people), depth: depth, path: []) { world, path in
            worlds += 1
            let expected = MergeRow.naive(world.row.made)
            let verdict = world.row.judge(expected)
            for delivery in world.row.deliveries {
                let state = MergeRow.state(delivery)
                if state != expected {
                    Issue.record("\(path): delivered as \(delivery.map(\.dot)) it is \(state), not \(expected)")
                    return
                }
            }
            #expect(verdict.alive == isAlive(expected), "\(path)")
            #expect(everyValueIsAccountedFor(world.row.made, expected), "\(path)")
            for seen in world.seen {
                let known = world.row.made.filter { seen.contains($0.dot) }
                #expect(MergeRow.state(known) == MergeRow.naive(known), "\(path)")
            }
        }
        #expect(worlds > 500, "there was something to explore: \(worlds)")
    }

    /// MRG-6 in its own words.
    private func isAlive(_ state: RowState) -> Bool {
        state.held.contains { held in !state.deletions.contains { $0.cover.contains(held) } }
    }

    /// MRG-26: a candidate, or replaced by a change that had seen it.
    private func everyValueIsAccountedFor(_ made: [MergeRow.Made], _ state: RowState) -> Bool {
        made.allSatisfy { author in
            author.change.writes.allSatisfy { write in
                state[write.unit].contains { $0.dot == author.dot }
                    || made.contains { other in
                        other.seen.contains(author.dot)
                            && other.change.writes.contains {
                                $0.unit == write.unit && $0.replaced.contains(author.dot)
                            }
                    }
            }
        }
    }

    // MARK: References

    /// Rows with up to two references each, to any of them or to what is not held.
    @Test(arguments: [1, 2, 3])
    func everySmallNetOfReferencesIsJudgedByTheWordsOfTheRule_MRG20(count: Int) {
        let targets: [Int?] = [nil] + (0..<count).map { $0 }
        var choices: [Referring.Row] = []
        let pairs = targets.indices.flatMap { a in targets.indices.filter { $0 > a }.map { [targets[a], targets[$0]] } }
        for parents in [[]] + targets.map({ [$0] }) + (count < 3 ? pairs : []) {
            for alive in [true, false] {
                for complete in [true, false] {
                    choices.append(.init(alive: alive, complete: complete, parents: parents))
                }
            }
        }
        var nets = 0
        func build(_ rows: [Referring.Row]) {
            guard rows.count == count else { return choices.forEach { build(rows + [$0]) } }
            nets += 1
            if Referring.fates(rows) != Self.byTheWords(rows) {
                Issue.record("\(rows): \(Referring.fates(rows)) is not \(Self.byTheWords(rows))")
            }
        }
        build([])
        #expect(nets == (0..<count).reduce(1) { product, _ in product * choices.count })
    }

    /// Least sets, found by adding until nothing is added.
    private static func byTheWords(_ rows: [Referring.Row]) -> [Referring.Fate] {
        var aside: Set<Int> = []
        var grows = true
        while grows {
            grows = false
            for (index, row) in rows.enumerated() where row.complete && !aside.contains(index) {
                let lacks = row.parents.contains { parent in
                    guard let parent else { return true }
                    return !rows[parent].complete || aside.contains(parent)
                }
                if lacks {
                    aside.insert(index)
                    grows = true
                }
            }
        }
        var shown = Set(rows.indices.filter { rows[$0].alive && rows[$0].complete && !aside.contains($0) })
        grows = true
        while grows {
            let parents = Set(shown.flatMap { rows[$0].parents.compactMap(\.self) })
            grows = !parents.isSubset(of: shown)
            shown.formUnion(parents)
        }
        return rows.indices.map { index in
            switch (rows[index].alive, shown.contains(index)) {
            case (true, true): .shown
            case (true, false): .aside
            case (false, true): .kept
            case (false, false): .dead
            }
        }
    }

    @Test func aCycleStandsByItselfAndFallsTogether_MRG20() {
        func row(_ alive: Bool, _ parents: [Int?], complete: Bool = true) -> Referring.Row {
            .init(alive: alive, complete: complete, parents: parents)
        }
        #expect(Referring.fates([row(true, [1]), row(true, [0])]) == [.shown, .shown])
        #expect(Referring.fates([row(true, [1]), row(false, [0])]) == [.shown, .kept])
        #expect(Referring.fates([row(false, [1]), row(false, [0])]) == [.dead, .dead])
        #expect(Referring.fates([row(true, [1]), row(true, [0, nil])]) == [.aside, .aside])
        #expect(Referring.fates([row(true, [0])]) == [.shown], "a row may refer to itself")
        #expect(
            Referring.fates([row(true, [1]), row(false, [2]), row(true, [], complete: false)]) == [
                .aside, .dead, .aside,
            ])
    }
}
