import GRDB

/// Which file hangs on a client or a visit, named by its content. 附件
///
/// Holds no bytes of the file: those travel on their own, and two references to one photograph share them.
public struct AttachmentReference: FieldworkRecord {
    public static let databaseTableName = "attachment"

    public let id: String
    /// "client" or "visit".
    public var ownerTable: String
    public var ownerId: String
    public var name: String
    /// 64 hexadecimal digits, lower case.
    public var sha256: String
    /// For example "image/jpeg".
    public var mediaType: String?
    public var sizeBytes: Int64
    public let createdAt: Moment
    public let createdBy: String

    /// Hangs a file on a record, which should be a `Client` or a `Visit`.
    public init(
        id: String, on owner: some FieldworkRecord, name: String, sha256: String, sizeBytes: Int64,
        by author: String, at moment: Moment
    ) {
        self.id = id
        ownerTable = type(of: owner).databaseTableName
        ownerId = owner.id
        self.name = name
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        createdAt = moment
        createdBy = author
    }
}
