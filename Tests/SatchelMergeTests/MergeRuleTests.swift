import SatchelMerge
import SatchelModel
import Testing

/// Each rule of `Protocol/merge.md` by a state small enough to check by hand, and in both directions.
@Suite struct MergeRuleTests {
    @Test func aDeletionCoversAndRemovesNothing_MRG5_MRG6() {
        var row = MergeRow()
        let a = row.insert([1: "name", 2: "note"])
        let deleted = row.delete(seeing: [a])
        #expect(row.state()[1].map(\.dot) == [a] && row.state()[2].map(\.dot) == [a])
        #expect(!row.verdict().alive && row.verdict().complete)
        let edit = row.write(2, "edited", seeing: [a])
        #expect(row.verdict().alive && row.verdict().deletedButEdited)
        #expect(row.verdict().text(1) == "name", "the unit that the deletion had seen is shown again")
        #expect(row.verdict().text(2) == "edited")
        #expect(row.verdict([a, edit]).alive && !row.verdict([a, edit]).deletedButEdited)
        #expect(!row.verdict([a, deleted]).alive)
    }

    @Test func aDeletionThatHadSeenTheEditDeletes_MRG6() {
        var row = MergeRow()
        let a = row.insert([1: "name"])
        let edit = row.write(1, "new", seeing: [a])
        row.delete(seeing: [a, edit])
        #expect(!row.verdict().alive && !row.verdict().deletedButEdited)
    }

    @Test(
        arguments: [
            ([0, 1, 2], true), ([0, 1], true), ([0, 2], false), ([1, 2], false), ([0], false), ([], false),
        ] as [([UnitID], Bool)])
    func aRowIsCompleteWithExistenceAndEveryUnitThatMustBe_MRG7(units: [UnitID], complete: Bool) {
        var state = RowState()
        for unit in units { state[unit] = [Candidate(dot: 1, values: unit == 0 ? [] : [.null])] }
        #expect(MergeRow().judge(state).complete == complete)
    }

    @Test func applyingTakesTheNamedDotsAwayAndNoOthers_MRG8() {
        var row = MergeRow()
        let a = row.insert([1: "a"])
        let b = row.write(1, "b", seeing: [a])
        let c = row.write(1, "c", seeing: [a])
        #expect(row.state()[1].map(\.dot) == [b, c], "c had not seen b")
        let d = row.write(1, "d", seeing: [a, c])
        #expect(row.state()[1].map(\.dot) == [b, d])
        #expect(row.state()[0].map(\.dot) == [a], "an edit does not touch existence (MRG-2)")
        var again = row.state()
        again.apply(row.made[3].change, as: d)
        #expect(again == row.state(), "what was applied already does nothing")
    }

    @Test(arguments: [(true, ["both", "both"]), (false, ["b", "both"])])
    func anOrdinaryWriteReplacesAllDotsOfTheShownValue_MRG9(equal: Bool, values: [String]) {
        var row = MergeRow()
        let a = row.insert([1: "a"])
        let b = row.write(1, values[0], seeing: [a], at: 10)
        let c = row.write(1, values[1], seeing: [a], at: 20)
        let d = row.write(1, "next", seeing: [a, b, c])
        #expect(
            row.made[3].change.writes == [UnitWrite(unit: 1, values: [.text("next")], replaced: equal ? [b, c] : [c])])
        #expect(row.state()[1].map(\.dot) == (equal ? [d] : [b, d]), "a hidden rival stays")
    }

    @Test func aWriteOnARowWithCoveredCandidatesReplacesTheUncoveredOneThatIsShown_MRG9_MRG14() {
        var row = MergeRow()
        let a = row.insert([1: "a"], at: 50)
        row.delete(seeing: [a])
        let c = row.write(1, "c", seeing: [a], at: 1)
        #expect(row.state()[1].map(\.dot) == [c])
        let rival = row.insert([1: "r"], at: 99)
        #expect(row.verdict().text(1) == "r")
        let deletion = row.delete(seeing: [rival])
        #expect(row.verdict().text(1) == "c", "what is covered is not picked, be it ever so new")
        row.write(1, "d", seeing: Set(1...deletion))
        #expect(row.made.last?.change.writes.first?.replaced == [c])
    }

    @Test func anInsertOverACompleteDeadRowReplacesItAndItsDeletions_MRG10() {
        var row = MergeRow()
        let a = row.insert([1: "a", 2: "x"])
        let deleted = row.delete(seeing: [a])
        let b = row.insert([1: "b"], seeing: [a, deleted])
        let state = row.state()
        #expect(state[0].map(\.dot) == [b] && state[1].map(\.dot) == [b])
        #expect(state[2].map(\.dot) == [a], "a unit that it does not write keeps what it had")
        #expect(state.deletions.isEmpty && row.verdict().alive && row.verdict().conflicts.isEmpty)
    }

    @Test func anInsertOverNothingCompleteReplacesNothing_MRG10_MRG23() {
        var row = MergeRow()
        let a = row.insert([1: "a"])
        let b = row.insert([1: "b"])
        #expect(row.state()[0].map(\.dot) == [a, b])
        #expect(row.verdict().conflicts == [1], "two inserts of one key are one row in conflict")
        var partial = RowState()
        partial[2] = [Candidate(dot: 9, values: [.text("left over")])]
        partial.deletions = [Deletion(dot: 8, cover: [.init(unit: 2, dot: 9)])]
        let verdict = row.judge(partial)
        #expect(!verdict.alive && !verdict.complete)
        let change = row.writing.insert([.init(unit: 1, values: [.text("n")])], over: partial, dead: verdict.complete)
        #expect(change.deletionsReplaced.isEmpty && change.writes.allSatisfy { $0.replaced.isEmpty })
    }

    @Test func keepTakesTheDeletionsAwayAndSettlesWhatTheyCovered_MRG11() {
        var row = MergeRow()
        let a = row.insert([1: "a", 2: "x", 3: "z"])
        let one = row.delete(seeing: [a])
        let edit = row.write(1, "edited", seeing: [a])
        let rival = row.insert([1: "rival", 2: "y"])
        let two = row.delete(seeing: [rival])
        let kept = row.keep(seeing: [a, one, edit, rival, two])
        let state = row.state()
        #expect(state.deletions.isEmpty)
        #expect(state[0].map(\.dot) == [a, kept], "it is as old as it was")
        #expect(state[1] == [Candidate(dot: kept, values: [.text("edited")])], "the covered rival does not rise")
        #expect(state[3].map(\.dot) == [a], "a unit without uncovered candidates is left as it was")
        #expect(row.verdict().alive && !row.verdict().deletedButEdited)
        #expect(row.verdict().text(1) == "edited" && row.verdict().text(3) == "z")
    }

    @Test(arguments: [true, false]) func onlyARowThatIsShownIsAsOldAsItWas_MRG11(isShown: Bool) {
        var row = MergeRow()
        let a = row.insert([1: "a"])
        let deleted = row.delete(seeing: [a])
        let kept = row.keep(seeing: [a, deleted], isShown: isShown)
        #expect(row.state()[0].map(\.dot) == (isShown ? [a, kept] : [kept]))
        #expect(row.verdict().alive && !row.verdict().deletedButEdited)
    }

    @Test func keepAgainstAnotherEditStillAsksAboutTheEdits_MRG11() {
        var row = MergeRow()
        let a = row.insert([1: "a"])
        let deleted = row.delete(seeing: [a])
        let edit = row.write(1, "one", seeing: [a])
        row.write(1, "two", seeing: [a])
        row.keep(seeing: [a, deleted, edit])
        #expect(row.verdict().conflicts == [1])
        #expect(!row.verdict().deletedButEdited)
    }

    @Test func aDeletionCoversHiddenCandidatesAndReplacesOlderDeletions_MRG12() {
        var row = MergeRow()
        let a = row.insert([1: "a"])
        let b = row.write(1, "b", seeing: [a])
        let c = row.write(1, "c", seeing: [a])
        let first = row.delete(seeing: [a, b])
        let second = row.delete(seeing: [a, b, c, first])
        let state = row.state()
        #expect(state.deletions.map(\.dot) == [second])
        #expect(
            state.deletions.first?.cover == [.init(unit: 0, dot: a), .init(unit: 1, dot: b), .init(unit: 1, dot: c)])
        #expect(!row.verdict().alive)
        #expect(row.verdict(Set([a, b, c, first])).alive, "the first had not seen c")
    }

    @Test func aResolutionReplacesEveryCandidateOfItsUnitAndNothingElse_MRG13() {
        var row = MergeRow()
        let a = row.insert([1: "a", 2: "x"])
        let b = row.write(1, "b", seeing: [a])
        let c = row.write(1, "c", seeing: [a])
        let late = row.write(1, "late", seeing: [a])
        let d = row.resolve(1, to: "b", seeing: [a, b, c])
        #expect(row.state()[1].map(\.dot) == [late, d], "what the resolver had not seen stands against it")
        #expect(row.state()[2].map(\.dot) == [a])
        #expect(row.verdict([a, b, c, d]).conflicts.isEmpty)
        #expect(row.verdict().conflicts == [1])
    }

    @Test(arguments: [(10, 20, "c"), (20, 10, "b"), (10, 10, "c"), (.min, .max, "c"), (.max, .min, "b")])
    func theGreatestTimeThenOriginIsShown_MRG14(b: Int64, c: Int64, shown: String) {
        var row = MergeRow()
        let a = row.insert([1: "a"])
        row.write(1, "b", seeing: [a], at: b)
        row.write(1, "c", seeing: [a], at: c)
        #expect(row.verdict().text(1) == shown)
        #expect(row.verdict().conflicts == [1], "which are in conflict does not depend on time (MRG-15)")
    }

    @Test func equalValuesAreOneValueAsNewAsItsNewestDot_MRG14_MRG16() {
        var row = MergeRow()
        let a = row.insert([1: "a"])
        row.write(1, "same", seeing: [a], at: 1)
        row.write(1, "other", seeing: [a], at: 5)
        row.write(1, "same", seeing: [a], at: 9)
        #expect(row.verdict().text(1) == "same")
        #expect(row.verdict().shown(1)?.dots == [2, 4])
        #expect(row.state().contenders(of: 1, row.rules, valueID: row.valueID).count == 2)
    }

    @Test(arguments: [
        (Value.integer(1), Value.real(1), true), (.text("1"), .integer(1), true), (.text("a"), .text("A"), true),
        (.text("1"), .blob([0x31]), true), (.null, .text(""), true), (.real(1), .real(1), false), (.null, .null, false),
    ])
    func valuesAreEqualInTypeAndBytes_MRG14_MRG16(a: Value, b: Value, conflict: Bool) {
        var state = RowState()
        state[0] = [Candidate(dot: 1, values: [])]
        state[1] = [Candidate(dot: 2, values: [a, .null]), Candidate(dot: 3, values: [b, .null])]
        var row = MergeRow()
        row.rules[1] = .init(policy: .review, width: 2)
        #expect(row.judge(state).conflicts == (conflict ? [1] : []))
    }

    @Test func noPolicyTakesACandidateAway_MRG16() {
        var row = MergeRow()
        let a = row.insert([1: "a"])
        row.write(1, "b", seeing: [a])
        row.write(1, "c", seeing: [a])
        row.rules[1]?.policy = .lastWriter
        #expect(row.verdict().conflicts.isEmpty)
        #expect(row.state()[1].count == 2)
        row.rules[1]?.policy = .review
        #expect(row.verdict().conflicts == [1])
    }

    @Test func twoExistencesAreNoConflict_MRG16_MRG23() {
        var row = MergeRow()
        _ = row.insert([1: "same"])
        _ = row.insert([1: "same"])
        #expect(row.verdict().conflicts.isEmpty && row.verdict().shown(0)?.dots == [1, 2])
    }

    @Test func theVerdictDoesNotAskAboutTimeWhereOneCandidateStands_MRG15() {
        var row = MergeRow()
        let a = row.insert([1: "a"])
        row.delete(seeing: [a])
        _ = row.state().judge(
            row.rules,
            order: { _ in
                Issue.record("asked for an order")
                return row.order(0)
            },
            valueID: { _ in
                Issue.record("asked for an id")
                return 0
            })
    }

    /// A row that was handed in may hold a change that comes by itself later.
    @Test func whatIsThereAlreadyIsThereOnce_MRG8_EXC29() {
        var state = RowState()
        state.apply(RowChange(writes: [UnitWrite(unit: 1, values: [.text("a")], replaced: [])]), as: 1)
        let deletion = RowChange(cover: state.held)
        state.apply(deletion, as: 2)
        let once = state
        state.apply(deletion, as: 2)
        #expect(state == once && state.deletions.count == 1)
    }
}
