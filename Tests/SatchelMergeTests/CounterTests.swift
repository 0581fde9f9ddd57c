import SatchelMerge
import SatchelModel
import Testing

/// Counters: every addition counts, and counts once.
@Suite struct CounterTests {
    private func row() -> MergeRow {
        var row = MergeRow()
        row.rules[1] = .init(policy: .counter)
        return row
    }

    @Test func concurrentAdditionsBothCount_MRG31() {
        var row = row()
        let a = row.insertNumber(10, id: 1)
        let b = row.count(1, to: 13, ids: [2], seeing: [a])
        let c = row.count(1, to: 8, ids: [3], seeing: [a])
        #expect(row.verdict().shown(1)?.values == [.integer(11)])
        #expect(row.verdict().conflicts.isEmpty && row.verdict().shown(1)?.dots == [b, c])
        let d = row.count(1, to: 12, ids: [4], seeing: [a, b, c])
        #expect(row.state()[1].map(\.dot) == [d], "a write replaces all of which the sum was made (MRG-9)")
        #expect(row.verdict().shown(1)?.values == [.integer(12)])
        row.count(1, to: 14, ids: [5], seeing: [a, b])
        #expect(row.verdict().shown(1)?.values == [.integer(13)], "what was carried on by two counts once")
    }

    @Test func twinsThatSealOneNoteCountItOnce_MRG31_CAP16() {
        var row = row()
        let a = row.insertNumber(0, id: 1)
        row.count(1, to: 1, ids: [77], seeing: [a])
        let twin = row.count(1, to: 1, ids: [77], seeing: [a])
        #expect(row.verdict().shown(1)?.values == [.integer(1)])
        row.count(1, to: 3, ids: [78], seeing: [a, twin])
        #expect(row.verdict().shown(1)?.values == [.integer(3)])
    }

    @Test func aTwinThatSealedEarlierSharesWhatItHadNoted_MRG31_CAP16() {
        var row = row()
        let a = row.insertNumber(0, id: 1)
        row.count(1, to: 5, ids: [77], seeing: [a])
        let update = row.writing.update(
            [
                .init(
                    unit: 1, values: [.integer(9)],
                    steps: [.init(id: 77, before: .integer(0)), .init(id: 78, before: .integer(5))])
            ],
            on: row.state([a]))
        row.add(update, seeing: [a])
        #expect(row.verdict().shown(1)?.values == [.integer(9)])
    }

    @Test func twoInsertsOfOneKeyByTwinsAreOne_AndByStrangersTwo_MRG31_MRG23() {
        var twins = row()
        _ = twins.insertNumber(5, id: 1)
        _ = twins.insertNumber(5, id: 1)
        #expect(twins.verdict().shown(1)?.values == [.integer(5)])
        var strangers = row()
        _ = strangers.insertNumber(5, id: 1)
        _ = strangers.insertNumber(5, id: 2)
        #expect(strangers.verdict().shown(1)?.values == [.integer(10)])
    }

    /// Each who enters a deleted row anew takes its number out, and all of them together once.
    @Test func whoEntersADeadRowAnewAtOnceTakesItsNumberOutOnce_MRG10_MRG31() {
        var row = row()
        let a = row.insertNumber(9, id: 1)
        let more = row.count(1, to: 12, ids: [5], seeing: [a])
        let dead = row.delete(seeing: [a])
        let b = row.insertNumber(5, id: 2, overDead: [a, dead])
        #expect(row.additions([a, dead, b]) == [[1: 9, ~1: -9, 2: 5]])
        let c = row.insertNumber(5, id: 3, overDead: [a, dead])
        #expect(row.verdict([a, dead, b, c]).shown(1)?.values == [.integer(10)])
        // And the three that one counted who knew of none of that.
        #expect(row.verdict().shown(1)?.values == [.integer(13)])
        let again = row.delete(seeing: [a, more, dead, b, c])
        row.insertNumber(2, id: 4, overDead: [a, more, dead, b, c, again])
        #expect(row.verdict().shown(1)?.values == [.integer(2)])
        row.insertNumber(3, id: 6, overDead: [a, more, dead, b, c, again])
        #expect(row.verdict().shown(1)?.values == [.integer(5)])
    }

    @Test func aDeletionThatWasOverruledTakesNothingAway_MRG31() {
        var row = row()
        let a = row.insertNumber(10, id: 1)
        let b = row.count(1, to: 11, ids: [2], seeing: [a])
        let gone = row.delete(seeing: [a, b])
        let c = row.count(1, to: 15, ids: [3], seeing: [a])
        #expect(row.verdict().alive && row.verdict().shown(1)?.values == [.integer(16)])
        row.keep(seeing: [a, b, gone, c])
        #expect(row.verdict().shown(1)?.values == [.integer(16)] && row.state()[1].count == 1, "MRG-38")
        row.count(1, to: 12, ids: [4], seeing: [a, b])
        #expect(row.verdict().shown(1)?.values == [.integer(17)], "what keep replaced is in its state")
    }

    @Test func keepCarriesAdditionsThatTheShownValueWasNotMadeOf_MRG38() {
        var row = row()
        let counted = row.insertNumber(10, id: 1)
        let added = row.count(1, to: 13, ids: [2], seeing: [counted])
        row.rules[1]?.policy = .review
        let plain = row.count(1, to: 7, ids: [], seeing: [counted])
        row.rules[1]?.policy = .counter
        let gone = row.delete(seeing: [counted, added])
        row.keep(seeing: [counted, added, plain, gone])
        #expect(row.verdict().shown(1)?.values == [.integer(7)])
        row.count(1, to: 18, ids: [3], seeing: [counted, added])
        #expect(row.verdict().conflicts.isEmpty)
        #expect(row.verdict().shown(1)?.values == [.integer(12)], "13 are in the 7 that was kept; 5 are not")
    }

    @Test func whatWasNotCountedStandsAloneAndIsNoAddition_MRG31() {
        var row = row()
        row.rules[1]?.policy = .review
        let a = row.insertNumber(5, id: 1)
        let b = row.count(1, to: 7, ids: [], seeing: [a])
        let c = row.count(1, to: 8, ids: [], seeing: [a])
        row.rules[1]?.policy = .counter
        #expect(row.verdict([a]).shown(1)?.values == [.integer(5)])
        #expect(row.verdict().conflicts == [1] && row.verdict().shown(1)?.values == [.integer(8)])
        let d = row.count(1, to: 9, ids: [2], seeing: [a, b, c])
        #expect(row.state()[1].map(\.values) == [[.integer(7)], [.integer(9)]], "a value over a value is a value")
        row.resolve(1, toNumber: 10, seeing: [a, b, c, d])
        #expect(row.verdict().conflicts.isEmpty && row.verdict().shown(1)?.values == [.integer(10)])
        var late = row
        late.count(1, to: 6, ids: [9], seeing: [a])
        #expect(late.verdict().shown(1)?.values == [.integer(11 + 5)], "5 was taken up as an addition by one only")
    }

    @Test func sumsWrapAndNullIsNoNumber_MRG31() {
        var row = row()
        let a = row.insertNumber(.max, id: 1)
        row.count(1, to: .max - 1, ids: [2], seeing: [a])
        row.count(1, to: .min, ids: [3], seeing: [a])
        #expect(row.verdict().shown(1)?.values == [.integer(.max)], "−1 and +1 over the edge")
        var strange = RowState()
        strange[0] = [Candidate(dot: 1, values: [])]
        strange[1] = [Candidate(dot: 2, values: [.null]), Candidate(dot: 3, values: [.integer(4)])]
        #expect(row.judge(strange).conflicts == [1])
    }

    // MARK: Laws

    private static let small: [Counter] = {
        var all: [Counter] = []
        for first in [Int64]([0, 1, -2]) {
            for second in [Int64]([0, 3]) {
                for third in [Int64]([0, .max]) {
                    var counter = Counter()
                    for (id, amount) in [first, second, third].enumerated() { counter.add(amount, as: UInt64(id)) }
                    all.append(counter)
                }
            }
        }
        return all
    }()

    @Test func joiningIsCommutativeAssociativeAndIdempotent_MRG39() {
        func join(_ a: Counter, _ b: Counter) -> Counter {
            var joined = a
            joined.join(b)
            return joined
        }
        for a in Self.small {
            #expect(join(a, a) == a && join(a, Counter()) == a)
            #expect(Counter(bytes: a.bytes) == a)
            for b in Self.small {
                #expect(join(a, b) == join(b, a))
                for c in Self.small { #expect(join(join(a, b), c) == join(a, join(b, c))) }
            }
        }
    }

    @Test func noOtherBytesAreACounter_MRG39_BND24() {
        var counter = Counter()
        counter.add(300, as: 7)
        counter.add(-1, as: 9)
        let bytes = counter.bytes
        for length in 0..<bytes.count { #expect(Counter(bytes: Array(bytes[..<length])) == nil) }
        #expect(Counter(bytes: bytes + [0]) == nil)
        #expect(Counter(bytes: [2] + bytes.dropFirst()) == nil)
        #expect(Counter(bytes: [1, 1] + [UInt8](repeating: 0, count: 9)) == nil, "an addition of nothing")
        for place in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[place] ^= 1 << bit
                if let read = Counter(bytes: other) { #expect(read.bytes == other) }
            }
        }
    }
}

extension MergeRow {
    /// A row entered with a number in unit 1, noted under an id.
    @discardableResult
    mutating func insertNumber(_ number: Int64, id: UInt64, overDead seen: Set<DotID> = []) -> DotID {
        insert([.init(unit: 1, values: [.integer(number)], steps: [.init(id: id, before: .null)])], overDead: seen)
    }

    mutating func insert(_ units: [Writing.NewValues], overDead seen: Set<DotID>) -> DotID {
        add(
            writing.insert(units, over: seen.isEmpty ? nil : state(seen), dead: !seen.isEmpty), seeing: seen)
    }

    /// What unit 1 is counted from, by candidate.
    func additions(_ known: Set<DotID>) -> [[UInt64: Int64]] {
        state(known)[1].map { candidate in
            guard case .blob(let bytes)? = candidate.values.last else { return [:] }
            return Counter(bytes: bytes)?.additions ?? [:]
        }
    }

    /// A number written once for each id; what stood between is not told.
    @discardableResult
    mutating func count(
        _ unit: UnitID, to number: Int64, ids: [UInt64], seeing seen: Set<DotID>
    ) -> DotID {
        let held = state(seen)
        let before = judge(held).shown(unit)?.values.first ?? .null
        return add(
            writing.update(
                [.init(unit: unit, values: [.integer(number)], steps: ids.map { .init(id: $0, before: before) })],
                on: held), seeing: seen)
    }

    @discardableResult
    mutating func resolve(_ unit: UnitID, toNumber number: Int64, seeing seen: Set<DotID>) -> DotID {
        add(writing.resolve(.init(unit: unit, values: [.integer(number)]), on: state(seen)), seeing: seen)
    }
}
