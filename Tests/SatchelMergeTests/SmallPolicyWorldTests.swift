import SatchelMerge
import SatchelModel
import Testing

/// Small worlds of one row under policies that need no person, all of them: after every history, for everybody and in
/// every order of delivery, the shown value is what an oracle counts from the acts that they have heard of.
@Suite struct SmallPolicyWorldTests {
    private enum Act: CaseIterable { case add, other, remove, keep, hear }

    /// What was done, under the dot that it was done with.
    private struct Done {
        var dot: DotID
        var amount: Int64 = 0
        var puts: String?
        var takes: String?
        var seen: Set<DotID>
    }

    private struct World {
        let policy: Policy
        var row = MergeRow()
        var seen: [Set<DotID>]
        var done: [Done] = []

        init(_ policy: Policy, people: Int) {
            self.policy = policy
            row.rules[1] = .init(policy: policy)
            let first = policy == .set ? row.insertSet(#"["a"]"#, id: 1) : row.insertNumber(10, id: 1)
            seen = Array(repeating: [first], count: people)
            done.append(Done(dot: first, amount: 10, puts: "a", seen: []))
        }

        func shown(_ known: Set<DotID>? = nil) -> Value { row.verdict(known).shown(1)?.values.first ?? .null }

        /// Returns false if the act does nothing.
        mutating func act(_ act: Act, by person: Int) -> Bool {
            let (verdict, known, id) = (row.verdict(seen[person]), seen[person], UInt64(row.made.count + 100))
            var dot: DotID?
            switch act {
            case .hear:
                let teacher = (person + 1) % seen.count
                if seen[teacher].isSubset(of: known) { return false }
                seen[person].formUnion(seen[teacher])
                return true
            case .add where verdict.alive: dot = change(by: person, amount: 1, element: "x", id: id)
            case .other where verdict.alive: dot = change(by: person, amount: -3, element: "a", id: id)
            case .remove where verdict.alive: dot = row.delete(seeing: known)
            case .keep where verdict.deletedButEdited: dot = row.keep(seeing: known)
            default: return false
            }
            if let dot { seen[person].insert(dot) }
            return dot != nil
        }

        /// Adds an amount; or puts an element in that is out, and takes it out if it is in.
        private mutating func change(by person: Int, amount: Int64, element: String, id: UInt64) -> DotID? {
            let known = seen[person]
            if policy != .set {
                guard case .integer(let now) = shown(known) else { return nil }
                let dot = row.count(1, to: now + amount, ids: [id], seeing: known)
                done.append(Done(dot: dot, amount: amount, seen: known))
                return dot
            }
            var elements = (JSONArray.elements(shown(known)) ?? []).map(\.display)
            let isIn = elements.contains(element)
            elements = isIn ? elements.filter { $0 != element } : elements + [element]
            let text = JSONArray.text(elements.sorted().map { .text($0) }).display
            let dot = row.change(1, to: text, id: id, seeing: known)
            done.append(Done(dot: dot, puts: isIn ? nil : element, takes: isIn ? element : nil, seen: known))
            return dot
        }

        /// What must be shown to somebody who has heard of these changes.
        func due(_ known: Set<DotID>) -> Value {
            let heard = done.filter { known.contains($0.dot) }
            switch policy {
            case .set:
                let isIn = { (element: String) in
                    heard.contains { put in
                        put.puts == element
                            && !heard.contains { $0.takes == element && $0.seen.contains(put.dot) }
                    }
                }
                return JSONArray.text(["a", "x"].filter(isIn).map { .text($0) })
            default: return .integer(heard.reduce(0) { $0 + $1.amount })
            }
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

    @Test(arguments: [(Policy.counter, 2, 5), (.counter, 3, 4), (.set, 2, 5), (.set, 3, 4)])
    func everybodySeesWhatTheyHeardOf_MRG31_MRG32_MRG38_MRG39(policy: Policy, people: Int, depth: Int) {
        var worlds = 0
        explore(World(policy, people: people), depth: depth, path: []) { world, path in
            worlds += 1
            let all = Set(world.row.made.map(\.dot))
            for known in world.seen + [all] {
                let (shown, due) = (world.shown(known), world.due(known))
                if shown != due { Issue.record("\(policy), \(path): \(shown.display) is not \(due.display)") }
            }
            #expect(world.row.verdict().conflicts.isEmpty, "\(path)")
            guard path.count < 4 else { return }
            let expected = world.row.state()
            for delivery in world.row.deliveries where MergeRow.state(delivery) != expected {
                Issue.record("\(policy), \(path): delivered as \(delivery.map(\.dot)) it is another")
            }
        }
        #expect(worlds > 1000, "there was something to explore: \(worlds)")
    }
}
