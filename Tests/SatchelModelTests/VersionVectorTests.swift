import SatchelModel
import Testing

@Suite struct VersionVectorTests {
    private func entry(_ origin: UInt64, _ sequence: UInt64, tag: UInt64 = 0) -> VersionVector.Entry {
        .init(origin: OriginID(high: 0, low: origin), sequence: sequence, tag: tag)
    }

    @Test(
        arguments: [
            ([(1, 5, 7)], (1, 5, 7), VersionVector.Knowledge.contains),
            ([(1, 5, 7)], (1, 5, 8), .lacks),
            ([(1, 5, 7)], (1, 6, 7), .lacks),
            ([(1, 5, 7)], (2, 1, 7), .lacks),
            ([(1, 5, 7)], (1, 4, 9), .unsure),
            ([(1, 5, 7), (1, 9, 3)], (1, 5, 7), .contains),
            ([(1, 5, 7), (1, 9, 3)], (1, 9, 3), .contains),
            ([(1, 5, 7), (1, 9, 3)], (1, 5, 3), .unsure),
            ([(1, 5, 7), (1, 9, 3)], (1, 9, 7), .lacks),
            ([], (1, 1, 1), .lacks),
        ] as [([(UInt64, UInt64, UInt64)], (UInt64, UInt64, UInt64), VersionVector.Knowledge)])
    func aVectorAnswersForItsHeadsAndForNothingBelowThem_MRG1_MRG4(
        heads: [(UInt64, UInt64, UInt64)], asked: (UInt64, UInt64, UInt64), answer: VersionVector.Knowledge
    ) {
        let vector = VersionVector(heads: heads.map { entry($0.0, $0.1, tag: $0.2) })
        #expect(vector.knowledge(of: entry(asked.0, asked.1, tag: asked.2).dot) == answer)
    }

    @Test func aForkedLineHasAHeadForEachBranch_MRG4() {
        var heads = Heads()
        let line: [(sequence: UInt64, tag: UInt64, previous: UInt64)] = [
            (1, 1, 0), (2, 2, 1), (3, 3, 2), (3, 33, 2), (4, 4, 3), (4, 44, 33), (4, 45, 33), (5, 5, 4),
        ]
        for changeset in line {
            heads.add(entry(1, changeset.sequence, tag: changeset.tag).dot, previous: changeset.previous)
        }
        heads.add(entry(2, 4, tag: 4).dot, previous: 3)
        #expect(
            heads.vector.entries == [
                entry(1, 4, tag: 44), entry(1, 4, tag: 45), entry(1, 5, tag: 5), entry(2, 4, tag: 4),
            ]
        )
        #expect(heads.vector[OriginID(high: 0, low: 1)].map(\.tag) == [44, 45, 5])
    }

    @Test func newHeadsTakeThePlaceOfTheirLinesAndOfNoOther_MRG4() {
        var vector = VersionVector(heads: [entry(1, 5), entry(3, 1), entry(3, 2, tag: 9)])
        vector.replaceLines(VersionVector(heads: [entry(2, 9), entry(3, 4), entry(3, 4)]))
        #expect(vector.entries == [entry(1, 5), entry(2, 9), entry(3, 4)])
    }

    @Test func aWriteIsNeverOlderThanWhatItSaw_MRG15() {
        let reading = Timestamp(milliseconds: 1000)
        #expect(Timestamp.hybrid(reading: reading, offset: 0, newestSeen: nil).milliseconds == 1000)
        #expect(Timestamp.hybrid(reading: reading, offset: 500, newestSeen: nil).milliseconds == 1500)
        let seen = Timestamp(milliseconds: 9000)
        #expect(Timestamp.hybrid(reading: reading, offset: 0, newestSeen: seen).milliseconds == 9001)
        let end = Timestamp(milliseconds: .max)
        #expect(Timestamp.hybrid(reading: end, offset: 1, newestSeen: end) == end)
    }
}
