import SatchelMerge
import SatchelModel
import Testing

/// Sets: what was put in stays until somebody who saw it takes it out.
@Suite struct ElementSetTests {
    private func row() -> MergeRow {
        var row = MergeRow()
        row.rules[1] = .init(policy: .set)
        return row
    }

    @Test func additionsAreUnitedAndARemovalTakesWhatItSaw_MRG32() {
        var row = row()
        let a = row.insertSet(#"["a","b"]"#, id: 1)
        let b = row.change(1, to: #"["a","b","c"]"#, id: 2, seeing: [a])
        let c = row.change(1, to: #"["b","d"]"#, id: 3, seeing: [a])
        #expect(row.verdict().text(1) == #"["b","c","d"]"#)
        #expect(row.verdict().conflicts.isEmpty && row.verdict().shown(1)?.dots == [b, c])
        let d = row.change(1, to: #"["b"]"#, id: 4, seeing: [a, b, c])
        #expect(row.state()[1].map(\.dot) == [d] && row.verdict().text(1) == #"["b"]"#)
    }

    /// What one enters anew is theirs, though another who enters the row too leaves it out.
    @Test func whatWasEnteredAnewOverADeadRowStays_MRG10_MRG32() {
        var row = row()
        let a = row.insertSet(#"["x","y"]"#, id: 1)
        let dead = row.delete(seeing: [a])
        row.insertSet(#"["x"]"#, id: 2, overDead: [a, dead])
        row.insertSet(#"["z"]"#, id: 3, overDead: [a, dead])
        #expect(row.verdict().text(1) == #"["x","z"]"#)
    }

    @Test func whatAnotherPutInUnseenStays_MRG32() {
        var row = row()
        let a = row.insertSet(#"["x"]"#, id: 1)
        let out = row.change(1, to: "[]", id: 2, seeing: [a])
        row.change(1, to: #"["x"]"#, id: 3, seeing: [a, out])
        #expect(row.verdict().text(1) == #"["x"]"#, "put in again")
        row.change(1, to: "[]", id: 4, seeing: [a])
        #expect(row.verdict().text(1) == #"["x"]"#, "who had not seen the second x took out the first only")
    }

    @Test func twinsThatPutInOneNoteAreTakenOutAtOnce_MRG32_CAP16() {
        var row = row()
        let a = row.insertSet("[]", id: 1)
        let first = row.change(1, to: #"["x"]"#, id: 9, seeing: [a])
        row.change(1, to: "[]", id: 10, seeing: [a, first])
        row.change(1, to: #"["x"]"#, id: 9, seeing: [a])
        #expect(row.verdict().text(1) == "[]")
    }

    @Test func withoutStateElementsStandUnderTheIDOfTheirDot_MRG32() {
        var row = row()
        row.rules[1]?.policy = .review
        let a = row.insertSet(#"["b","a"]"#, id: 1)
        row.change(1, to: #"["c"]"#, id: 2, seeing: [a])
        row.rules[1]?.policy = .set
        #expect(row.verdict([a]).text(1) == #"["b","a"]"#, "a single candidate is shown as it is (MRG-37)")
        row.change(1, to: #"["b"]"#, id: 3, seeing: [a])
        #expect(row.verdict().conflicts == [1], "what the one without a state took out nobody can say")
        #expect(row.verdict([a, 3]).text(1) == #"["b"]"#)
        row.change(1, to: #"["a","b","d"]"#, id: 4, seeing: [a])
        #expect(row.verdict([a, 3, 4]).text(1) == #"["b","d"]"#, "a was taken out under the id of its insert")
        let choices = row.state().contenders(of: 1, row.rules, valueID: row.valueID)
        #expect(Set(choices.map { $0.values[0].display }) == [#"["b","d"]"#, #"["c"]"#])
    }

    @Test func ofOneChangesetEachRowsElementsAreInUnderAnIDOfTheRow_MRG32_MRG54() {
        func id(_ dot: DotID, _ key: RowKey) -> UInt64 { UInt64(dot) << 32 + UInt64(key.values.count) }
        func state(_ dot: DotID, _ values: [Value]) -> RowState {
            RowState(units: [
                UnitState(unit: RowState.existence, candidates: [Candidate(dot: 1, values: [])]),
                UnitState(unit: 1, candidates: [Candidate(dot: dot, values: values)]),
            ])
        }
        let (own, other) = (RowKey([.integer(1)]), RowKey([.integer(1), .integer(2)]))
        var left = ElementSet()
        left.insert(.text("a"), as: id(1, other))
        left.remove(.text("a"))
        let rules = row().rules
        func shown(_ survivor: RowState, _ member: RowState) -> Value? {
            let united = UnitedState(
                survivor, key: own, closesCycle: false, members: [(key: other, state: member)], rules: rules)
            return united.judge(rules, order: row().order, valueID: id).shown(1)?.values.first
        }
        let entered = state(1, [.text(#"["a"]"#)])
        #expect(shown(entered, state(2, [.text("[]"), .blob(left.bytes)])) == .text(#"["a"]"#))
        #expect(shown(state(2, [.text("[]"), .blob(left.bytes)]), entered) == .text("[]"), "it is of the merged row")
    }

    @Test(arguments: [
        ("[ ]", "[]"), (#"["b", "a", "a"]"#, #"["a","b"]"#), (#"[2,1.50,"1",1]"#, #"[1,2,1.5,"1"]"#),
        (#"["\u0041\/\n\"\\","复检","\ud83d\ude00"]"#, "[\"A/\\u000a\\\"\\\\\",\"复检\",\"😀\"]"),
        ("[9223372036854775807,9223372036854775808]", "[9223372036854775807,9.223372036854776e+18]"),
        ("[-0.0,1e2]", "[0.0,100.0]"),
    ]) func aSetHasOneForm_MRG32(written: String, form: String) {
        let elements = JSONArray.elements(.text(written))
        #expect(elements.map { JSONArray.text($0).display } == form)
        #expect(JSONArray.elements(.text(form)) == elements, "the form says the same")
    }

    @Test(arguments: [
        "", "[", "]", "[1,]", "[,1]", "[1 2]", "[01]", "[+1]", "[1.]", "[.5]", "[1e]", "[1e999]", "[null]", "[true]",
        "[[1]]", #"[{"a":1}]"#, #"["a]"#, #"["\x"]"#, #"["\ud83d"]"#, #"["\u12"]"#, "[\"\n\"]", "[1]x", "7", #""a""#,
    ]) func whatIsNoArrayOfStringsAndNumbersIsNoSet_MRG32(text: String) {
        #expect(JSONArray.elements(.text(text)) == nil)
    }

    @Test func otherTypesAndBrokenTextAreNoSet_MRG32() {
        #expect(JSONArray.elements(.null) == nil && JSONArray.elements(.integer(1)) == nil)
        #expect(JSONArray.elements(.blob(Array("[]".utf8))) == nil)
        #expect(JSONArray.elements(.text(Array("[\"".utf8) + [0xFF] + Array("\"]".utf8))) == nil)
    }

    // MARK: Laws

    private static let small: [ElementSet] = {
        // Each of two elements under each of two ids: never put in, in, or taken out.
        var all = [ElementSet()]
        for element in [Value.text("a"), .integer(1)] {
            for id in [UInt64(1), 2] {
                all = all.flatMap { set -> [ElementSet] in
                    var (isIn, out) = (set, ElementSet())
                    isIn.insert(element, as: id)
                    out.insert(element, as: id)
                    out.remove(element)
                    out.join(set)
                    return [set, isIn, out]
                }
            }
        }
        return all
    }()

    @Test func joiningIsCommutativeAssociativeAndIdempotent_MRG39() {
        func join(_ a: ElementSet, _ b: ElementSet) -> ElementSet {
            var joined = a
            joined.join(b)
            return joined
        }
        #expect(Set(Self.small).count == 81)
        for a in Self.small {
            #expect(join(a, a) == a && join(a, ElementSet()) == a)
            #expect(ElementSet(bytes: a.bytes) == a)
            for b in Self.small {
                let ab = join(a, b)
                #expect(ab == join(b, a))
                for c in Self.small.prefix(27) where join(ab, c) != join(a, join(b, c)) {
                    Issue.record("\(a), \(b), \(c)")
                }
            }
        }
    }

    @Test func noOtherBytesAreASet_MRG39_BND24() {
        var set = ElementSet()
        for element in [Value.text("复检"), .integer(-5), .real(0.5)] {
            set.insert(element, as: 3)
            set.insert(element, as: 4)
        }
        set.remove(.integer(-5))
        let bytes = set.bytes
        for length in 0..<bytes.count { #expect(ElementSet(bytes: Array(bytes[..<length])) == nil) }
        for place in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[place] ^= 1 << bit
                if let read = ElementSet(bytes: other) { #expect(read.bytes == other) }
            }
        }
    }
}

extension MergeRow {
    @discardableResult
    mutating func insertSet(_ text: String, id: UInt64, overDead seen: Set<DotID> = []) -> DotID {
        insert([.init(unit: 1, values: [.text(text)], steps: [.init(id: id, before: .null)])], overDead: seen)
    }

    @discardableResult
    mutating func change(_ unit: UnitID, to text: String, id: UInt64, seeing seen: Set<DotID>) -> DotID {
        add(
            writing.update(
                [.init(unit: unit, values: [.text(text)], steps: [.init(id: id, before: .null)])], on: state(seen)),
            seeing: seen)
    }
}
