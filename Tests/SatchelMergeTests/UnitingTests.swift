import SatchelModel
import Testing

@testable import SatchelMerge

/// Where merges lead, by the words of the rule and in all small nets (MRG-51, MRG-52, MRG-57).
@Suite struct UnitingTests {
    private static func rank(_ age: Int) -> DotOrder {
        DotOrder(
            time: Timestamp(milliseconds: Int64(age)),
            dot: Dot(origin: OriginID(high: 0, low: UInt64(age)), sequence: 1, tag: 0))
    }

    private static func row(_ into: [Int], age: Int, complete: Bool = true, stands: Bool = false) -> Uniting.Row {
        Uniting.Row(complete: complete, stands: stands, into: into, rank: rank(age))
    }

    private func survivors(_ rows: [Uniting.Row]) -> [Int] { Uniting.places(rows).map(\.survivor) }

    @Test func aChainLeadsToItsEnd_MRG52() {
        let chain = [Self.row([1], age: 1), Self.row([2], age: 2), Self.row([], age: 3)]
        #expect(survivors(chain) == [2, 2, 2])
        #expect(Uniting.places(chain).allSatisfy { !$0.isApart && !$0.closesCycle })
    }

    @Test(arguments: [(1, 2, 0), (2, 1, 1), (1, 1, 0)])
    func ofAIntoBAndBIntoATheElderSurvives_MRG52(first: Int, second: Int, survivor: Int) {
        let places = Uniting.places([Self.row([1], age: first), Self.row([0], age: second), Self.row([1], age: 0)])
        #expect(places.map(\.survivor) == [survivor, survivor, survivor], "who leads to the cycle survives it not")
        #expect(places.map(\.closesCycle) == [survivor == 0, survivor == 1, false])
    }

    @Test func aRowIntoTwoIsApartAndBothEndsStayThemselves_MRG57() {
        let places = Uniting.places([Self.row([1, 2], age: 1), Self.row([], age: 3), Self.row([], age: 2)])
        #expect(places.map(\.survivor) == [2, 1, 2])
        #expect(places.map(\.isApart) == [true, false, false])
        let once = Uniting.places([Self.row([1, 2], age: 1), Self.row([2], age: 3), Self.row([], age: 2)])
        #expect(once.map(\.isApart) == [false, false, false], "two ways to one end are one answer")
        let into = Uniting.places([
            Self.row([1, 2], age: 1), Self.row([], age: 3), Self.row([], age: 2), Self.row([0], age: 4),
        ])
        #expect(into.map(\.isApart) == [true, false, false, false], "who is merged into it waits for its answer")
    }

    @Test func aMergeIntoWhatIsNotCompleteAndOneBesideAStandingExistenceCountForNothing_MRG51() {
        #expect(survivors([Self.row([1], age: 1), Self.row([], age: 2, complete: false)]) == [0, 1])
        #expect(survivors([Self.row([1], age: 1, stands: true), Self.row([], age: 2)]) == [0, 1])
        #expect(survivors([Self.row([1], age: 1, complete: false), Self.row([], age: 2)]) == [1, 1])
    }

    @Test func aRowIntoItselfIsItself_MRG50_MRG52() {
        #expect(survivors([Self.row([0], age: 1)]) == [0])
    }

    @Test func aChainOfAHundredThousandIsWalked_MRG52() {
        let rows = (0..<100_000).map { Self.row($0 == 99_999 ? [] : [$0 + 1], age: $0) }
        #expect(survivors(rows) == Array(repeating: 99_999, count: 100_000))
    }

    /// All nets of three rows with every fact, and of four with their edges, against the words of the rule.
    @Test(arguments: [3, 4])
    func everySmallNetOfMergesIsJudgedByTheWordsOfTheRule_MRG51_MRG52_MRG57(count: Int) {
        var edges: [[Int]] = [[]]
        for row in 0..<count { edges += edges.map { $0 + [row] } }
        let facts = count == 3 ? [(true, false), (true, true), (false, false)] : [(true, false)]
        let choices = edges.flatMap { into in facts.map { (into: into, complete: $0.0, stands: $0.1) } }
        var nets = 0
        func build(_ rows: [Uniting.Row]) {
            guard rows.count == count else {
                // Ages run against the order of the rows: neither stands for the other.
                let age = count - rows.count
                for choice in choices {
                    build(rows + [Self.row(choice.into, age: age, complete: choice.complete, stands: choice.stands)])
                }
                return
            }
            nets += 1
            let places = Uniting.places(rows)
            if places != Self.byTheWords(rows) { Issue.record("\(rows): \(places)") }
        }
        build([])
        #expect(nets == (0..<count).reduce(1) { product, _ in product * choices.count })
    }

    private static func byTheWords(_ rows: [Uniting.Row]) -> [Uniting.Place] {
        func edges(_ row: Int) -> Set<Int> {
            rows[row].stands ? [] : Set(rows[row].into.filter { rows[$0].complete })
        }
        let reached = rows.indices.map { start -> Set<Int> in
            var met: Set<Int> = []
            var next = edges(start)
            while !next.isSubset(of: met) {
                met.formUnion(next)
                next = Set(next.flatMap(edges))
            }
            return met
        }
        /// Of an end the row that survives.
        func end(_ row: Int) -> Int? {
            if reached[row].isEmpty { return row }
            guard reached[row].allSatisfy({ reached[$0].contains(row) }) else { return nil }
            return reached[row].min { rows[$0].rank! < rows[$1].rank! }
        }
        return rows.indices.map { row in
            let ends = Set(reached[row].union([row]).compactMap(end)).sorted { rows[$0].rank! < rows[$1].rank! }
            return Uniting.Place(
                survivor: ends[0], closesCycle: ends[0] == row && !reached[row].isEmpty,
                isApart: ends.count > 1 && edges(row).count > 1)
        }
    }
}
