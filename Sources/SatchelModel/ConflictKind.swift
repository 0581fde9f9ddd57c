/// What a person is asked.
public enum ConflictKind: Int64, Sendable {
    /// One unit has several values, written by people who had not seen each other's.
    case values = 0
    /// One deleted the row, another edited it.
    case deleted = 1
    /// One deleted the row, and another row still refers to it.
    case inUse = 2
    /// The row was merged into two different ones.
    case mergedApart = 3

    /// The word for it in digests, JSON and messages (MRG-17).
    public var name: String {
        switch self {
        case .values: "values"
        case .deleted: "deleted"
        case .inUse: "inUse"
        case .mergedApart: "mergedApart"
        }
    }
}
