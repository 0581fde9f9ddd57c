/// What the merge must know of a table to judge its rows.
public struct TableRules: Sendable {
    /// What it must know of one unit.
    public struct UnitRule: Sendable, Equatable {
        public var policy: Policy
        /// How many columns the unit has. A candidate with one value more carries a state (MRG-30).
        public var width: Int

        public init(policy: Policy, width: Int = 1) {
            self.policy = policy
            self.width = width
        }
    }

    /// The units without which a row cannot be shown; existence is always among them.
    public var required: [UnitID]
    /// By the number of the unit; nil where this schema does not have it.
    private var units: [UnitRule?] = []
    /// Whether any unit's policy carries a state.
    public private(set) var carriesState = false
    /// Whether any unit's policy needs ids given at capture.
    public private(set) var countsWrites = false

    public init(required: [UnitID] = [], units: [UnitID: UnitRule] = [:]) {
        self.required = required
        for (unit, rule) in units.sorted(by: { $0.key < $1.key }) { self[unit] = rule }
    }

    public subscript(unit: UnitID) -> UnitRule? {
        get { units.indices.contains(Int(unit)) ? units[Int(unit)] : nil }
        set {
            while units.count <= Int(unit) { units.append(nil) }
            units[Int(unit)] = newValue
            carriesState = units.contains { $0?.policy.carriesState == true }
            countsWrites = units.contains { $0?.policy.countsWrites == true }
        }
    }
}
