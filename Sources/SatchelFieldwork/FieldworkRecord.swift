public import GRDB

/// What the records of `fieldwork.sql` have in common: a text id, who made them and when.
///
/// Swift names are the column names in camel case: `createdAt` is `created_at`. Use `updateChanges` rather than
/// `update` where you can: both are captured alike, unit by unit, but the former writes less.
public protocol FieldworkRecord: Codable, FetchableRecord, PersistableRecord, Identifiable, Equatable, Sendable {
    /// UUIDv7 text for what is made here, any text for what comes from elsewhere.
    var id: String { get }
    var createdAt: Moment { get }
    var createdBy: String { get }
}

extension FieldworkRecord {
    public static var databaseColumnEncodingStrategy: DatabaseColumnEncodingStrategy { .convertToSnakeCase }
    public static var databaseColumnDecodingStrategy: DatabaseColumnDecodingStrategy { .convertFromSnakeCase }
}

/// A word from an open list, such as the tier of a client.
///
/// Not an enumeration on purpose: a device that runs an older version meets words that it does not know, keeps them
/// and passes them on (P12).
public protocol OpenWord: RawRepresentable<String>, Codable, Hashable, Sendable, DatabaseValueConvertible {
    init(rawValue: String)
}
