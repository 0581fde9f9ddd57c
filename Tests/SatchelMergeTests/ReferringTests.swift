import SatchelMerge
import SatchelModel
import SatchelTesting
import Testing

/// Rows that refer to one another, all small nets of them, against the definition read as one over sets of rows:
/// shown is the union of all sets of which each row has what it needs and is there for a reason (MRG-20).
@Suite struct ReferringTests {
    private typealias Row = Referring.Row

    /// Every row that a net of `count` rows may hold, each with at most `references` references.
    private static func choices(count: Int, references: Int, deletions: Bool, incomplete: Bool) -> [Row] {
        let targets: [Int?] = [nil] + (0..<count).map { $0 }
        let single = targets.flatMap { target in ReferencePolicy.allCases.map { Referring.Reference(target, $0) } }
        var lists: [[Referring.Reference]] = [[]] + single.map { [$0] }
        if references > 1 {
            lists += single.indices.flatMap { a in single.indices.filter { $0 > a }.map { [single[a], single[$0]] } }
        }
        let states: [(alive: Bool, complete: Bool, deletions: [DotID])] =
            [(true, true, []), (false, true, [1])]
            + (deletions ? [(true, true, [1]), (false, true, [2])] : []) + (incomplete ? [(true, false, [])] : [])
        return lists.flatMap { list in
            states.map { Row(alive: $0.alive, complete: $0.complete, references: list, deletions: $0.deletions) }
        }
    }

    private static func eachNet(_ count: Int, of choices: [Row], _ body: ([Row]) -> Bool) -> Int {
        var nets = 0
        func build(_ rows: [Row]) -> Bool {
            if rows.count == count {
                nets += 1
                return body(rows)
            }
            return choices.allSatisfy { build(rows + [$0]) }
        }
        _ = build([])
        return nets
    }

    @Test(arguments: [(1, 2, true), (2, 2, true), (3, 1, true), (4, 1, false)])
    func everySmallNetIsJudgedByTheWordsOfTheRule_MRG20_MRG40_MRG41_MRG42_MRG43(
        count: Int, references: Int, deletions: Bool
    ) {
        let choices = Self.choices(
            count: count, references: references, deletions: deletions, incomplete: count < 4)
        let nets = Self.eachNet(count, of: choices) { rows in
            let fates = Referring.judge(rows).fates
            let expected = ByTheWords(rows).fates
            if fates == expected { return true }
            Issue.record("\(rows): \(fates) is not \(expected)")
            return false
        }
        #expect(nets == (0..<count).reduce(1) { product, _ in product * choices.count })
    }

    @Test func largeNetsWithContestedPlacesAreJudgedByTheWordsOfTheRule_MRG22() {
        var random = SplitMix64(seed: 22)
        for _ in 0..<60_000 {
            let count = Int.random(in: 2...7, using: &random)
            let rows = (0..<count).map { _ in
                Row(
                    alive: random.chance(60), complete: random.chance(92),
                    references: (0..<Int.random(in: 0...2, using: &random)).map { _ in
                        .init(
                            random.chance(95) ? Int.random(in: 0..<count, using: &random) : nil,
                            random.pick(ReferencePolicy.allCases))
                    },
                    deletions: random.chance(50) ? [random.pick([1, 2])] : [])
            }
            let ages = Array(0..<count).shuffled(using: &random)
            let places = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                ages.filter { _ in random.chance(45) }
            }.filter { $0.count > 1 }
            let outcome = Referring.judge(rows, places: places)
            let expected = ByTheWords(rows, places: places)
            guard outcome.fates == expected.fates else {
                Issue.record("\(rows) \(places): \(outcome.fates) is not \(expected.fates)")
                return
            }
            for place in places {
                let holders = place.filter { outcome.fates[$0].isShown }
                #expect(holders.count < 2, "two rows have one place: \(rows) \(places)")
            }
            for (row, facts) in rows.enumerated() where outcome.fates[row].isShown {
                for reference in facts.references where reference.policy != .setNull {
                    #expect(reference.parent.map { outcome.fates[$0].isShown } == true, "a reference dangles: \(rows)")
                }
            }
        }
    }

    @Test func ofRowsWithoutReferencesTheOldestHaveTheirPlacesOneAfterAnother_MRG22() {
        func row() -> Row { Row(alive: true, complete: true, references: []) }
        // a–b want one place, b–c another: b gives way to a, and so c has its place.
        #expect(
            Referring.judge([row(), row(), row()], places: [[0, 1], [1, 2]]).fates == [.shown, .clashing, .shown])
        #expect(
            Referring.judge([row(), row(), row()], places: [[0, 2], [1, 2]]).fates == [.shown, .shown, .clashing])
        #expect(
            Referring.judge([row(), row(), row(), row()], places: [[0, 1], [1, 2], [2, 3]]).fates == [
                .shown, .clashing, .shown, .clashing,
            ])
    }

    @Test func aPlaceHangsOnWhatTheOlderRowNeeds_MRG22() {
        let missing = Row(alive: true, complete: true, references: [.init(nil, .revive)])
        let plain = Row(alive: true, complete: true, references: [])
        #expect(Referring.judge([missing, plain], places: [[0, 1]]).fates == [.aside, .shown])
        // The older one is dead and shown only because the younger refers to it: a place that hangs on itself.
        let dead = Row(alive: false, complete: true, references: [], deletions: [1])
        let child = Row(alive: true, complete: true, references: [.init(0, .revive)])
        #expect(Referring.judge([dead, child], places: [[0, 1]]).fates == [.dead, .clashing])
    }

    @Test func aCycleStandsByItselfAndFallsTogether_MRG20() {
        func row(_ alive: Bool, _ parents: [Int?], complete: Bool = true, _ policy: ReferencePolicy = .revive) -> Row {
            Row(alive: alive, complete: complete, references: parents.map { .init($0, policy) })
        }
        func fates(_ rows: Row...) -> [Referring.Fate] { Referring.judge(rows).fates }
        #expect(fates(row(true, [1]), row(true, [0])) == [.shown, .shown])
        #expect(fates(row(true, [1]), row(false, [0])) == [.shown, .kept])
        #expect(fates(row(false, [1]), row(false, [0])) == [.dead, .dead])
        #expect(fates(row(true, [1]), row(true, [0, nil])) == [.aside, .aside])
        #expect(fates(row(true, [0])) == [.shown], "a row may refer to itself")
        #expect(
            fates(row(true, [1]), row(false, [2]), row(true, [], complete: false)) == [.aside, .dead, .aside])
        #expect(fates(row(true, [1], .cascade), row(false, [0], .cascade)) == [.fallen, .dead])
        #expect(fates(row(true, [1], .cascade), row(true, [0], .cascade)) == [.shown, .shown])
    }

    @Test func aRevivedParentBringsBackWhatFellWithItAndAsksOnce_MRG42_MRG48() {
        let parent = Row(alive: false, complete: true, references: [], deletions: [1])
        func child(_ alive: Bool, _ deletions: [DotID]) -> Row {
            Row(alive: alive, complete: true, references: [.init(0, .revive)], deletions: deletions)
        }
        #expect(
            Referring.judge([parent, child(true, []), child(false, [1]), child(false, [2])]).fates == [
                .kept, .shown, .broughtBack, .dead,
            ])
        #expect(Referring.judge([parent, child(false, [1])]).fates == [.dead, .dead], "nobody brings the parent back")
        let edited = Row(alive: true, complete: true, references: [], deletions: [1])
        #expect(Referring.judge([edited, child(false, [1])]).fates == [.shown, .broughtBack])
    }
}

/// MRG-20 and MRG-22 over all sets of rows, which are numbers of as many bits: exponential, and as near to the words
/// as can be.
private struct ByTheWords {
    private(set) var fates: [Referring.Fate] = []
    private let count: Int
    private let alive: Int
    private let complete: Int
    /// For each row: what it cannot be shown without; nil if that is not held.
    private let needs: [Int?]
    /// For each row: the rows for whose sake it is shown if they are (`revive`), and those that bring it back.
    private let revivers: [Int]
    private let bringers: [Int]

    init(_ rows: [Referring.Row], places: [[Int]] = []) {
        func set(_ members: some Sequence<Int>) -> Int { members.reduce(0) { $0 | 1 << $1 } }
        count = rows.count
        alive = set(rows.indices.filter { rows[$0].alive })
        complete = set(rows.indices.filter { rows[$0].complete })
        needs = rows.map { row in
            let parents = row.references.filter { $0.policy != .setNull }.map(\.parent)
            return parents.contains(nil) ? nil : set(parents.compactMap(\.self))
        }
        revivers = rows.indices.map { row in
            set(rows.indices.filter { rows[$0].references.contains { $0.parent == row && $0.policy == .revive } })
        }
        bringers = rows.indices.map { row in
            if rows[row].alive { return 0 }
            return set(
                rows[row].references.compactMap(\.parent).filter { parent in
                    parent != row && !Set(rows[parent].deletions).isDisjoint(with: rows[row].deletions)
                })
        }
        func barred(_ held: Int) -> Int {
            var out = 0
            for place in places {
                for (at, row) in place.enumerated() where set(place[..<at]) & held != 0 { out |= 1 << row }
            }
            return out
        }
        let wanted = shown(barred: 0)
        var (grown, shrunk) = (0, wanted)
        while true {
            let next = shown(barred: barred(shrunk))
            shrunk = shown(barred: barred(next))
            if next == grown { break }
            grown = next
        }
        let clashing = wanted & ~grown & barred(shrunk)
        let able = standing(barred: clashing)
        fates = rows.indices.map { row in
            let bit = 1 << row
            if grown & bit != 0 {
                if alive & bit != 0 { return .shown }
                return bringers[row] & grown != 0 && revivers[row] & grown & alive == 0 ? .broughtBack : .kept
            }
            if clashing & bit != 0 { return .clashing }
            return alive & bit == 0 ? .dead : able & bit != 0 ? .fallen : .aside
        }
    }

    /// Whether each row of a set has what it needs in the set.
    private func holds(_ set: Int, barred: Int) -> Bool {
        if set & barred != 0 || set & ~complete != 0 { return false }
        return (0..<count).allSatisfy { row in set >> row & 1 == 0 || needs[row].map { $0 & ~set == 0 } ?? false }
    }

    private func standing(barred: Int) -> Int {
        (0..<(1 << count)).reduce(0) { holds($1, barred: barred) ? $0 | $1 : $0 }
    }

    /// The union of the sets each of whose rows is there for a reason that goes back to an alive row.
    private func shown(barred: Int) -> Int {
        (0..<(1 << count)).reduce(0) { union, set in
            guard holds(set, barred: barred) else { return union }
            var founded = set & alive
            while let next = (0..<count).first(where: { row in
                set >> row & 1 == 1 && founded >> row & 1 == 0 && (revivers[row] | bringers[row]) & founded != 0
            }) { founded |= 1 << next }
            return founded == set ? union | set : union
        }
    }
}
