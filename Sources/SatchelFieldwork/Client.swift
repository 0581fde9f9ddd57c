import GRDB

/// A client file. 客户档案
///
/// The address, the stage of life, the tier, the key account and the assignment each merge as one unit.
public struct Client: FieldworkRecord {
    public static let databaseTableName = "client"

    public let id: String
    public var name: String
    public var shortName: String?
    /// As entered; `CreditCode` says whether it can be one.
    public var creditCode: String?
    public var industry: String?
    public var products: String?
    public var category: Category?
    public var province: String?
    public var city: String?
    public var county: String?
    public var street: String?
    public var postcode: String?
    /// Degrees, WGS 84.
    public var latitude: Double?
    public var longitude: Double?
    public var district: String?
    public var phone: String?
    public var email: String?
    public var website: String?
    public var lifecycle: Lifecycle?
    public var lifecycleSince: Day?
    public var tier: Tier?
    public var tierBasis: String?
    public var agreementAmountFen: Int64?
    public var annualFeesFen: Int64?
    public var outputValueFen: Int64?
    public var cooperationSince: Day?
    public var keyAccount = false
    public var keyAccountKind: KeyAccountKind?
    public var vipCard: String?
    public var owner: String?
    public var department: String?
    public var note: String?
    public let createdAt: Moment
    public let createdBy: String

    public init(id: String, name: String, by author: String, at moment: Moment) {
        self.id = id
        self.name = name
        createdAt = moment
        createdBy = author
    }

    public struct Category: OpenWord {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 政府
        public static let government = Self(rawValue: "government")
        /// 企业
        public static let enterprise = Self(rawValue: "enterprise")
    }

    public struct Lifecycle: OpenWord {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 潜在
        public static let prospect = Self(rawValue: "prospect")
        public static let active = Self(rawValue: "active")
        /// 预流失
        public static let atRisk = Self(rawValue: "at_risk")
        /// 流失
        public static let lost = Self(rawValue: "lost")
    }

    /// By value to the house. 客户分级
    public struct Tier: OpenWord {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 重点
        public static let key = Self(rawValue: "A")
        /// 普通
        public static let ordinary = Self(rawValue: "B")
        /// 小客户
        public static let small = Self(rawValue: "C")
    }

    public struct KeyAccountKind: OpenWord {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 经济大客户
        public static let economic = Self(rawValue: "economic")
        /// 重要客户
        public static let important = Self(rawValue: "important")
        /// 潜在大客户
        public static let potential = Self(rawValue: "potential")
    }
}
