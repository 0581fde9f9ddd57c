public import SatchelModel

/// A decision of a conflict that still stands and can be undone here (INB-8).
public struct StandingDecision: Sendable {
    /// The id of the conflict that it closed.
    public let conflict: String
    public let table: String
    public let key: RowKey
    /// Empty: the record itself was decided on.
    public let unit: String
    /// What was decided for; empty where the record itself was.
    public let values: [Value]
    /// What was decided of the record itself, "keep" or "delete"; nil where it was a value.
    public let act: String?
    public let writer: Conflict.Writer
}

/// A value that came by a merge and was overwritten here by a program that perhaps had not seen it (INB-11).
public struct Overwrite: Sendable, Identifiable {
    /// Ten hexadecimal digits, as of a conflict of that unit (MRG-18).
    public let id: String
    public let table: String
    public let key: RowKey
    public let unit: String
    public let columns: [String]
    /// What the merge had brought, and who wrote it.
    public let was: [Value]
    public let wasWriter: Conflict.Writer
    /// What stands now.
    public let values: [Value]
    public let writer: Conflict.Writer
}

/// How far a record has come (INB-13).
public struct RecordStatus: Sendable {
    public enum Level: Int, Sendable, Comparable {
        /// Something of it is in no bundle yet.
        case localOnly = 0
        /// All of it is in a bundle; of something the hub has given no receipt.
        case packed = 1
        /// The hub has all of it, durably.
        case atHub = 2
        /// Every live device has told the hub that it knows all of it.
        case everywhere = 3

        public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

        /// The word for it in JSON.
        public var name: String {
            switch self {
            case .localOnly: "local_only"
            case .packed: "packed"
            case .atHub: "at_hub"
            case .everywhere: "everywhere"
            }
        }
    }

    /// That of the least far write that stands in it.
    public let level: Level
    /// Whether something was written to it since the last seal.
    public let isUnsealed: Bool
    /// Whether its table shows it.
    public let isShown: Bool
    /// Whether it is deleted here; what was merged into another is not.
    public let isDeleted: Bool
    /// The ids of its open conflicts.
    public let conflicts: [String]
}
