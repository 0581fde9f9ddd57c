import GRDB

/// What took place at a client's. 走访/回访记录
///
/// A visit need not have been planned. Photographs and signed forms hang on it as `AttachmentReference`.
public struct Visit: FieldworkRecord {
    public static let databaseTableName = "visit"

    public let id: String
    public var clientId: String
    public var planId: String?
    public var kind: Kind?
    public var purpose: String?
    /// Who went.
    public var visitor: String
    public var companions: String?
    /// Whom they met, as names.
    public var met: String?
    public var place: String?
    /// Degrees, WGS 84.
    public var latitude: Double?
    public var longitude: Double?
    public var startedAt: Moment?
    public var endedAt: Moment?
    /// What was said.
    public var note: String?
    public var opinions: String?
    public var needs: String?
    public var promised: String?
    public var followUp: String?
    public var followUpDue: Day?
    public var nextVisitOn: Day?
    /// When it was handed to the department. Concurrent times do not conflict; the later is shown.
    public var submittedAt: Moment?
    public var reviewedAt: Moment?
    public var reviewedBy: String?
    public var review: String?
    public let createdAt: Moment
    public let createdBy: String

    /// A visit made and written up by `visitor`.
    public init(id: String, clientId: String, visitor: String, at moment: Moment) {
        self.id = id
        self.clientId = clientId
        self.visitor = visitor
        createdAt = moment
        createdBy = visitor
    }

    public struct Kind: OpenWord {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 走访
        public static let routine = Self(rawValue: "routine")
        /// 回访
        public static let returnVisit = Self(rawValue: "return")
        /// 投诉回访
        public static let complaint = Self(rawValue: "complaint")
        /// 满意度回访
        public static let satisfaction = Self(rawValue: "satisfaction")
        /// 高层拜访
        public static let senior = Self(rawValue: "senior")
    }
}
