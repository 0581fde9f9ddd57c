import GRDB

/// A person at a client. 联系人与负责人
public struct Contact: FieldworkRecord {
    public static let databaseTableName = "contact"

    public let id: String
    public var clientId: String
    public var name: String
    public var gender: String?
    public var department: String?
    public var post: String?
    public var level: Level?
    public var address: String?
    public var phone: String?
    public var email: String?
    public var preferences: String?
    public var decisionRole: DecisionRole?
    /// What decides for them: price, quality, preference … 决策注重方式
    public var decisionCriterion: String?
    /// The id of the contact above them. It may name a person whose file is not on this device.
    public var reportsTo: String?
    public var note: String?
    public let createdAt: Moment
    public let createdBy: String

    public init(id: String, clientId: String, name: String, by author: String, at moment: Moment) {
        self.id = id
        self.clientId = clientId
        self.name = name
        createdAt = moment
        createdBy = author
    }

    public struct Level: OpenWord {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 工作层
        public static let working = Self(rawValue: "working")
        /// 中级管理层
        public static let middle = Self(rawValue: "middle")
        /// 高级管理层
        public static let senior = Self(rawValue: "senior")
    }

    /// The place in the client's decision chain. 决策链
    public struct DecisionRole: OpenWord {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 决策人
        public static let decides = Self(rawValue: "decides")
        /// 使用者
        public static let uses = Self(rawValue: "uses")
        /// 影响者
        public static let influences = Self(rawValue: "influences")
    }
}
