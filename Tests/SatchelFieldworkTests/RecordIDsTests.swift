import SatchelFieldwork
import Testing

@Suite struct RecordIDsTests {
    /// Counts up, so that tests see which bits are random.
    private struct Counting: RandomNumberGenerator {
        var state: UInt64 = 0
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            return state
        }
    }

    @Test func theFormIsThatOfVersionSeven() throws {
        var random = Counting()
        var ids = RecordIDs()
        let id = ids.next(at: 0x018F_D104_2800, using: &random)
        #expect(id.hasPrefix("018fd104-2800-7"))
        #expect(id.utf8.count == 36)
        let groups = id.split(separator: "-").map(\.utf8.count)
        #expect(groups == [8, 4, 4, 4, 12])
        let variant = try #require(id.split(separator: "-")[3].first)
        #expect("89ab".contains(variant))
    }

    @Test func idsOfOneMillisecondSortInTheOrderOfTheirMaking() {
        var random = Counting()
        var ids = RecordIDs()
        var made: [String] = []
        for _ in 0..<40_000 { made.append(ids.next(at: 1_717_200_000_000, using: &random)) }
        made.append(ids.next(at: 1_717_200_000_001, using: &random))
        #expect(made == made.sorted())
        #expect(Set(made).count == made.count)
    }

    @Test func aClockPutBackMakesIdsOfTheEarlierTime() {
        var random = Counting()
        var ids = RecordIDs()
        _ = ids.next(at: 4_102_444_800_000, using: &random)
        #expect(ids.next(at: 0x018F_D104_2800, using: &random).hasPrefix("018fd104-2800-7"))
    }

    @Test func twoGeneratorsAtOneMillisecondDiffer() {
        var random = Counting()
        var one = RecordIDs()
        var other = RecordIDs()
        #expect(one.next(at: 5, using: &random) != other.next(at: 5, using: &random))
    }
}
