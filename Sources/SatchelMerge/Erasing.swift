public import SatchelModel

extension RowState {
    /// The same candidates with other values in one unit (ERA-2): which dots stand, and what covers them, says nothing
    /// about a person. State that a policy carried beside the values goes with them.
    public mutating func erase(_ unit: UnitID, leaving blank: [Value]) {
        self[unit] = self[unit].map { Candidate(dot: $0.dot, values: blank) }
    }
}
