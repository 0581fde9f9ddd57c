/// One row of the table: a cost beside plain SQLite's and the session extension's for the same work, in one run.
struct Measurement: Encodable {
    let name: String
    let unit: String
    /// Medians of all repetitions. `plain` and `session` are nil where they do no such thing.
    let plain: Double?
    let session: Double?
    let value: Double
    /// Median of value / plain, pair by pair.
    let ratio: Double?
    let goal: Goal
    let holds: Bool
    /// Mebibytes above the idle process; nil where the step keeps none, or the system does not say.
    let memory: Double?
    let note: String
    let growth: Growth?

    /// - Parameter row: at the whole size.
    init(_ row: Sheet.Row, growth: Growth?) {
        name = row.kind.name
        unit = row.kind.unit
        plain = median(row.plain)
        session = median(row.session)
        let middle = median(row.value) ?? .nan
        value = middle
        let pairs =
            row.plain.count == row.value.count ? median(zip(row.value, row.plain).map { $0 / $1 }) : nil
        let ratio = pairs ?? median(row.plain).map { middle / $0 }
        self.ratio = ratio
        goal = row.kind.goal
        holds = goal.holds(value: middle, ratio: ratio)
        memory = row.mebibytes.max()
        note = row.note
        self.growth = growth
    }

    /// The row of the goal for memory: the most that any step kept; none where the system does not say.
    static func memory(of rows: [Measurement]) -> [Measurement] {
        guard let most = rows.compactMap(\.memory).max(), let step = rows.first(where: { $0.memory == most }) else {
            return []
        }
        var sheet = Sheet()
        let kind = RowKind(
            name: "memory above the idle process, the most of all steps", unit: "MiB", goal: .atMost(64))
        sheet.add(kind, .satchel, most)
        sheet.note(kind, step.name)
        return sheet.rows.map { Measurement($0, growth: nil) }
    }

    private enum Key: String, CodingKey {
        case name, unit, plain, session, value, ratio, goal, holds, memory, bound, note, growth, exponent, sizes, costs
        case plainExponent, isDefect
    }

    /// Every row has every key; what there is not is null.
    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(name, forKey: .name)
        try object.encode(unit, forKey: .unit)
        try object.encode(plain, forKey: .plain)
        try object.encode(session, forKey: .session)
        try object.encode(value, forKey: .value)
        try object.encode(ratio, forKey: .ratio)
        try object.encode(goal.number, forKey: .goal)
        try object.encode(bound, forKey: .bound)
        try object.encode(holds, forKey: .holds)
        try object.encode(memory, forKey: .memory)
        try object.encode(note, forKey: .note)
        guard let growth else { return try object.encodeNil(forKey: .growth) }
        var inner = object.nestedContainer(keyedBy: Key.self, forKey: .growth)
        try inner.encode(growth.points.map(\.size), forKey: .sizes)
        try inner.encode(growth.points.map(\.cost), forKey: .costs)
        try inner.encode(growth.exponent, forKey: .exponent)
        try inner.encode(growth.plainExponent, forKey: .plainExponent)
        try inner.encode(growth.isDefect, forKey: .isDefect)
    }

    /// What `goal` is compared with, and how.
    private var bound: String {
        switch goal {
        case .ratio: "ratio at most"
        case .atMost: "value at most"
        case .atLeast: "value at least"
        }
    }
}
