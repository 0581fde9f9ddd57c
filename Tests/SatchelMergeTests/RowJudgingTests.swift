import SatchelMerge
import SatchelModel
import Testing

/// What a row is, from the set of its changes, whatever order they came in.
@Suite struct RowJudgingTests {
    private static let phone: UnitID = 1
    private let rules = TableRules(units: [phone: .init(policy: .review)])

    private static func order(_ id: DotID) -> DotOrder {
        let dot = Dot(origin: OriginID(high: 0, low: UInt64(id)), sequence: 1, tag: 0)
        return DotOrder(time: Timestamp(milliseconds: id), dot: dot)
    }

    private static func write(_ unit: UnitID, _ text: String? = nil, replacing replaced: [DotID] = []) -> UnitWrite {
        UnitWrite(unit: unit, values: text.map { [.text($0)] } ?? [], replaced: replaced)
    }

    private static let insert = RowChange(writes: [write(RowState.existence), write(phone, "0")])
    private static let cover = [Covered(unit: RowState.existence, dot: 1), Covered(unit: phone, dot: 1)]

    /// After an insert with dot 1, two changes with dots 2 and 3 that have seen it and not each other.
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let changes: [RowChange]
        let shown: String, alive: Bool, conflicts: [UnitID], deletedButEdited: Bool
    }

    static let cases = [
        Case(
            description: "two values of one unit are both kept, the later is shown (MRG-14, MRG-16)",
            changes: [
                RowChange(writes: [write(phone, "a", replacing: [1])]),
                RowChange(writes: [write(phone, "b", replacing: [1])]),
            ], shown: "b", alive: true, conflicts: [phone], deletedButEdited: false),
        Case(
            description: "equal values are one value (MRG-16)",
            changes: [
                RowChange(writes: [write(phone, "a", replacing: [1])]),
                RowChange(writes: [write(phone, "a", replacing: [1])]),
            ], shown: "a", alive: true, conflicts: [], deletedButEdited: false),
        Case(
            description: "an edit that the deletion had not seen keeps the row (MRG-6, MRG-17)",
            changes: [RowChange(cover: cover), RowChange(writes: [write(phone, "a", replacing: [1])])],
            shown: "a", alive: true, conflicts: [], deletedButEdited: true),
        Case(
            description: "two deletions are one (MRG-17)", changes: [RowChange(cover: cover), RowChange(cover: cover)],
            shown: "0", alive: false, conflicts: [], deletedButEdited: false),
    ]

    @Test(arguments: cases) func concurrentChangesJudgeAlikeInBothOrders(_ one: Case) {
        var states: [RowState] = []
        for order in [[0, 1], [1, 0]] {
            var state = RowState()
            state.apply(Self.insert, as: 1)
            for index in order { state.apply(one.changes[index], as: DotID(index + 2)) }
            states.append(state)
        }
        #expect(states[0] == states[1], "\(one)")
        let verdict = states[0].judge(rules, order: Self.order, valueID: { UInt64($0) })
        #expect(verdict.shown(Self.phone)?.values == [.text(one.shown)] && verdict.alive == one.alive, "\(one)")
        #expect(verdict.conflicts == one.conflicts && verdict.deletedButEdited == one.deletedButEdited, "\(one)")
    }
}
