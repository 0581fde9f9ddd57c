import SatchelModel

/// The column without a name that may follow those of a unit: states, and NULL where there is none (BND-24).
enum StateColumn {
    /// Throws `damaged` for a column without a name elsewhere, or for another value in it.
    static func check(_ columns: [String], _ values: [ValueColumn], _ place: StaticString) throws(WireError) {
        guard !columns.dropLast().contains(UnitPart.state) else {
            throw .damaged("\(place): a column without a name that is not the last")
        }
        guard columns.last == UnitPart.state, let states = values.last else { return }
        guard states.kinds.allSatisfy({ $0 == .null || $0 == .blob }) else {
            throw .damaged("\(place): a state that is neither a blob nor NULL")
        }
    }
}
