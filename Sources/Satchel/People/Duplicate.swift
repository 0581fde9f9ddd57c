public import SatchelModel

/// Two rows of a table that may be one thing entered twice (MRG-58, MRG-59).
public struct Duplicate: Sendable {
    public let table: String
    /// The one with the lesser key.
    public let first: RowKey
    public let second: RowKey
    public let reasons: [Reason]

    /// Why two rows are taken for one, and how alike they are.
    public enum Reason: Sendable, Hashable {
        /// Equal in these columns, which are a natural key.
        case naturalKey(columns: [String])
        /// The names are alike to so many per cent, and these columns are equal.
        case similar(name: String, percent: Int, equal: [String])
    }
}

/// A row that something about to be entered may be (MRG-58, MRG-59).
public struct Resemblance: Sendable {
    public let key: RowKey
    public let reasons: [Duplicate.Reason]
}
