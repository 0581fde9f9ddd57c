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
}
