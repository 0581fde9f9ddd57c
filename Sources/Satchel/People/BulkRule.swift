public import SatchelModel
internal import SatchelStore

/// Which of the open conflicts a bulk decision takes in (INB-6).
public struct ConflictFilter: Sendable {
    /// Nil: of all tables.
    public var table: String?
    /// Nil: of all units, and of the records themselves.
    public var unit: String?
    public var kind: ConflictKind?
    /// Nil: given to anybody or nobody.
    public var assignee: String?

    public init(table: String? = nil, unit: String? = nil, kind: ConflictKind? = nil, assignee: String? = nil) {
        self.table = table
        self.unit = unit
        self.kind = kind
        self.assignee = assignee
    }

    func takes(_ listed: Store.ListedConflict, _ store: Store, assignee given: String?) -> Bool {
        if let table, store.tableName(listed.table) != table { return false }
        if let unit,
            listed.kind != .values
                || ![
                    store.unitName(listed.unit, table: listed.table),
                    store.shownUnitName(listed.unit, table: listed.table),
                ].contains(unit)
        {
            return false
        }
        if let kind, listed.kind != kind { return false }
        return assignee == nil || assignee == given
    }
}

/// How many conflicts are decided at once (INB-6).
public enum BulkRule: Sendable, CustomStringConvertible {
    /// The candidate written last, by the corrected times of their changesets.
    case newer
    /// The candidate written first.
    case older
    /// The candidate that the table shows.
    case shown
    /// What this device wrote; the hub's name is `hub`. Conflicts without a candidate of it stay open.
    case device(String)

    public var description: String {
        switch self {
        case .newer: "newer"
        case .older: "older"
        case .shown: "shown"
        case .device(let name): "device=\(name)"
        }
    }

    /// `newer`, `older`, `shown` or `device=NAME`; nil for anything else.
    public init?(_ text: String) {
        switch text {
        case "newer": self = .newer
        case "older": self = .older
        case "shown": self = .shown
        case _ where text.hasPrefix("device=") && text.count > 7: self = .device(String(text.dropFirst(7)))
        default: return nil
        }
    }

    /// The number of the candidate that it keeps; nil: of none.
    func pick(_ candidates: [Conflict.Candidate]) -> Int? {
        func newest(_ index: Int, by name: String? = nil) -> DotOrder? {
            candidates[index].authors.filter { name == nil || $0.device == name }
                .map { DotOrder(time: $0.time, dot: $0.dot) }.max()
        }
        func best(_ isBetter: (DotOrder, DotOrder) -> Bool, by name: String? = nil) -> Int? {
            var best: (number: Int, order: DotOrder)?
            for index in candidates.indices {
                guard let order = newest(index, by: name) else { continue }
                if let known = best, !isBetter(order, known.order) { continue }
                best = (index + 1, order)
            }
            return best?.number
        }
        return switch self {
        case .newer: best(>)
        case .older: best(<)
        case .shown: candidates.firstIndex(where: \.isShown).map { $0 + 1 }
        case .device(let name): best(>, by: name)
        }
    }
}

/// What a bulk decision did.
public struct BulkReport: Sendable {
    /// Ids of the conflicts that it decided.
    public var decided: [String] = []
    /// Ids of those that it takes in and of which it picks nothing; they stay open.
    public var left: [String] = []

    public init() {}
}
