import GRDB

/// Who is to go where, when and why. 走访计划
public struct VisitPlan: FieldworkRecord {
    public static let databaseTableName = "visit_plan"

    public let id: String
    public var clientId: String
    public var plannedOn: Day?
    public var assignee: String?
    public var kind: Visit.Kind?
    public var purpose: String?
    public var state = State.planned
    public var stateSince: Day?
    public var note: String?
    public let createdAt: Moment
    public let createdBy: String

    public init(id: String, clientId: String, by author: String, at moment: Moment) {
        self.id = id
        self.clientId = clientId
        createdAt = moment
        createdBy = author
    }

    public struct State: OpenWord {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 计划中
        public static let planned = Self(rawValue: "planned")
        /// 已完成
        public static let done = Self(rawValue: "done")
        /// 取消
        public static let cancelled = Self(rawValue: "cancelled")
    }
}
