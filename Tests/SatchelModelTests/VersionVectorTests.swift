import SatchelModel
import Testing

@Suite struct VersionVectorTests {
    private func entry(_ origin: UInt64, _ sequence: UInt64, tag: UInt64 = 0) -> VersionVector.Entry {
        .init(origin: OriginID(high: 0, low: origin), sequence: sequence, tag: tag)
    }

    @Test(
        arguments: [
            ([(1, 1)], [(1, 1)], VersionVector.Order.equal),
            ([(1, 2)], [(1, 1)], .after),
            ([(1, 1)], [(1, 2)], .before),
            ([(1, 1)], [(2, 1)], .concurrent),
            ([(1, 2), (2, 1)], [(1, 1), (2, 2)], .concurrent),
            ([(1, 2), (2, 2)], [(1, 1), (2, 2)], .after),
            ([], [(1, 1)], .before),
            ([], [], .equal),
        ] as [([(UInt64, UInt64)], [(UInt64, UInt64)], VersionVector.Order)])
    func orderFollowsFromTheEntriesAlone_MRG4(
        left: [(UInt64, UInt64)], right: [(UInt64, UInt64)], order: VersionVector.Order
    ) {
        let a = VersionVector(left.map { entry($0.0, $0.1) })
        let b = VersionVector(right.map { entry($0.0, $0.1) })
        #expect(a.compare(b) == order)
    }

    @Test func aHeadOfAnotherBranchIsNotKnown_MRG1() {
        let vector = VersionVector([entry(1, 5, tag: 7)])
        #expect(vector.contains(entry(1, 5, tag: 7).dot))
        #expect(!vector.contains(entry(1, 5, tag: 8).dot))
        #expect(vector.contains(entry(1, 4, tag: 9).dot))
        #expect(!vector.contains(entry(1, 6, tag: 7).dot))
    }

    @Test func anEntryNeverGoesBack() {
        var vector = VersionVector([entry(1, 5), entry(3, 1)])
        vector.advance(to: entry(1, 4))
        vector.advance(to: entry(2, 9))
        #expect(vector.entries == [entry(1, 5), entry(2, 9), entry(3, 1)])
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
