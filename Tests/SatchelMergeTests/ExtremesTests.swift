import SatchelMerge
import SatchelModel
import Testing

/// The least, the greatest, the last and the first of what was written at once.
@Suite struct ExtremesTests {
    /// Ascending; no two are equal.
    static let ladder: [Value] = [
        .real(-.infinity), .real(-0x1p64), .integer(.min), .real(-0x1p63), .integer(.min + 1), .integer(-1),
        .real(-Double.leastNonzeroMagnitude), .integer(0), .real(0), .real(Double.leastNonzeroMagnitude), .real(0.5),
        .integer(1), .real(1),
        .integer(9_007_199_254_740_993), .real(9_007_199_254_740_994), .integer(.max), .real(0x1p63), .real(.infinity),
        .text(""), .text("10"), .text("9"), .text("a"), .blob([]), .blob([0]), .blob([1]),
    ]

    @Test func valuesAreOrderedByWorthThenType_MRG33() {
        for (i, a) in Self.ladder.enumerated() {
            for (j, b) in Self.ladder.enumerated() {
                #expect(Extremes.isLess(a, b) == (i < j), "\(a) and \(b)")
            }
        }
    }

    private func row(_ policy: Policy, width: Int = 1) -> MergeRow {
        var row = MergeRow()
        row.rules[1] = .init(policy: policy, width: width)
        return row
    }

    private func state(_ values: [[Value]]) -> RowState {
        var state = RowState()
        state[0] = [Candidate(dot: 1, values: [])]
        state[1] = values.enumerated().map { Candidate(dot: DotID($0 + 2), values: $1) }
        return state
    }

    @Test(
        arguments: [
            (Policy.min, [[.integer(3)], [.integer(2)], [.integer(9)]], [.integer(2)]),
            (.max, [[.integer(3)], [.integer(2)], [.integer(9)]], [.integer(9)]),
            (.min, [[.null], [.integer(2)]], [.integer(2)]), (.max, [[.integer(2)], [.null]], [.integer(2)]),
            (.min, [[.integer(1), .text("b")], [.integer(1), .text("a")]], [.integer(1), .text("a")]),
            (
                .max, [[.text("2026-05-01"), .text("a")], [.text("2026-04-01"), .text("z")]],
                [.text("2026-05-01"), .text("a")]
            ),
            (.max, [[.null, .integer(1)], [.null, .integer(2)]], [.null, .integer(2)]),
        ] as [(Policy, [[Value]], [Value])]) func theLeastOrGreatestIsShown_MRG33(
            policy: Policy, values: [[Value]], shown: [Value]
        )
    {
        let row = row(policy, width: values[0].count)
        for values in [values, values.reversed()] {
            let verdict = row.judge(state(values))
            #expect(verdict.shown(1)?.values == shown && verdict.conflicts.isEmpty)
            #expect(verdict.shown(1)?.dots.count == values.count, "a write replaces all (MRG-9)")
        }
    }

    @Test func whoSawTheGreatestMayLowerIt_MRG33() {
        var row = row(.max)
        let a = row.insert([1: "b"])
        let b = row.write(1, "c", seeing: [a])
        row.write(1, "a", seeing: [a, b])
        #expect(row.verdict().text(1) == "a")
        row.write(1, "bb", seeing: [a, b])
        #expect(row.verdict().text(1) == "bb")
    }

    @Test func aDeletionThatWasOverruledTakesNoGreatestAway_MRG33() {
        var row = row(.max)
        let a = row.insert([1: "b"])
        let b = row.write(1, "z", seeing: [a])
        row.delete(seeing: [a, b])
        row.write(1, "c", seeing: [a])
        #expect(row.verdict().alive && row.verdict().text(1) == "z")
    }

    @Test func theLastWriterIsShownAndItsNextWriteReplacesAll_MRG9_MRG16() {
        var row = row(.lastWriter)
        let a = row.insert([1: "a"])
        let b = row.write(1, "b", seeing: [a], at: 20)
        let c = row.write(1, "c", seeing: [a], at: 10)
        #expect(row.verdict().text(1) == "b" && row.verdict().conflicts.isEmpty)
        let d = row.write(1, "d", seeing: [a, b, c])
        #expect(row.state()[1].map(\.dot) == [d])
    }

    @Test(arguments: [(10, 20, "b"), (20, 10, "c"), (.max, .min, "c")])
    func whatWasSetFirstIsShownAndTheOtherListed_MRG35(b: Int64, c: Int64, shown: String) {
        var row = row(.immutable)
        let a = row.insert([2: "x"])
        row.write(1, "b", seeing: [a], at: b)
        row.write(1, "c", seeing: [a], at: c)
        #expect(row.verdict().text(1) == shown && row.verdict().conflicts == [1])
        let settled = row.resolve(1, to: "c", seeing: [1, 2, 3])
        #expect(row.state()[1].map(\.dot) == [settled] && row.verdict().conflicts.isEmpty)
    }

    /// Of one column or two, the oldest first; the place of the one that is shown.
    @Test(
        arguments: [
            ([[.null], [.text("N11")]], 1), ([[.text("N11")], [.null]], 0),
            ([[.null], [.text("N11")], [.text("N27")]], 1), ([[.text("N11")], [.null], [.text("N27")]], 0),
            ([[.null, .null], [.text("a"), .null], [.text("a"), .text("b")]], 1),
            ([[.null, .text("b")], [.null, .null], [.text("a"), .text("b")]], 0),
        ] as [([[Value]], Int)]) func aNullWasNotSetFirst_MRG35(values: [[Value]], place: Int)
    {
        let row = row(.immutable, width: values[0].count)
        for held in [state(values), reversed(state(values))] {
            let verdict = row.judge(held)
            #expect(verdict.shown(1)?.values == values[place] && verdict.shown(1)?.dots == [DotID(place + 2)])
            #expect(verdict.conflicts == [1], "a NULL that stands beside it is asked about all the same")
        }
    }

    private func reversed(_ state: RowState) -> RowState {
        var state = state
        state[1] = state[1].reversed()
        return state
    }

    @Test func aNullAloneIsShown_MRG35() {
        let row = row(.immutable)
        let verdict = row.judge(state([[.null], [.null]]))
        #expect(verdict.shown(1)?.values == [.null] && verdict.shown(1)?.dots == [2, 3] && verdict.conflicts.isEmpty)
    }

    @Test func everyPolicyKeepsAllCandidatesAndShowsASingleOneAsItIs_MRG37() {
        for policy in Policy.allCases {
            let row = row(policy)
            #expect(row.judge(state([[.text("anything")]])).shown(1)?.values == [.text("anything")])
            let stateful = state([[.integer(4), .blob([9, 9])]])
            #expect(row.judge(stateful).shown(1)?.values == [.integer(4)], "a state is shown to nobody (MRG-30)")
        }
    }
}
