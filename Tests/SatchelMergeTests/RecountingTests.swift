import SatchelMerge
import SatchelModel
import Testing

/// What one write of a counter added, and how it is taken out again.
@Suite struct RecountingTests {
    @Test func whatAWriteAddedItselfIsTakenOutAgain_INB11_MRG31() throws {
        var row = MergeRow()
        row.rules[1] = .init(policy: .counter)
        let a = row.insertNumber(5, id: 1)
        let b = row.count(1, to: 8, ids: [2], seeing: [a])
        let stale = row.count(1, to: 5, ids: [3], seeing: [a, b])
        let write = try #require(row.made.last?.change.writes.first)
        let counted = try #require(Counter(addedBy: write, as: [3, 77]))
        #expect(counted.additions == [3: -3])
        #expect(Counter(addedBy: write, as: [77]) == nil)
        #expect(Counter(addedBy: UnitWrite(unit: 1, values: [.integer(5)], replaced: []), as: [3]) == nil)
        // Others go on counting, and carry it on.
        let known = row.count(1, to: 15, ids: [4], seeing: [a, b, stale])
        row.count(1, to: 9, ids: [5], seeing: [a, b])
        #expect(row.verdict().shown(1)?.values == [.integer(16)])
        #expect(counted.stands(in: row.state()[1]) && !counted.stands(in: row.state([a, b])[1]))
        // Two take it out at once, and it is out once.
        let all = Set(row.made.map(\.dot))
        for (seen, number) in [(all, 16), ([a, b, stale, known], 15)] as [(Set<DotID>, Int64)] {
            row.add(row.writing.update([counted.takenOut(of: number, in: 1)], on: row.state(seen)), seeing: seen)
        }
        #expect(row.verdict().shown(1)?.values == [.integer(19)] && !counted.stands(in: row.state()[1]))
    }
}
