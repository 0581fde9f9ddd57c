internal import Foundation
internal import GRDB
public import Satchel
internal import SatchelModel
internal import SatchelStore

/// What one device hands over to another, or has.
public struct HandoverReport: Sendable {
    /// Rows that people see in the scopes of a device, counted before and after.
    public struct Count: Sendable, Equatable {
        public var table: String
        public var formerBefore: Int
        public var formerAfter: Int
        public var successorBefore: Int
        public var successorAfter: Int
    }

    /// A column in which the successor's value took the place of the former owner's.
    public struct Owner: Sendable, Equatable {
        public var table: String
        public var column: String
        public var from: String { was.display }
        public var to: String { becomes.display }
        /// Rows changed.
        public var rows: Int
        let was: Value
        let becomes: Value
    }

    public var former: String
    public var successor: String
    /// Names of the scopes that moved.
    public var scopes: [String] = []
    public var owners: [Owner] = []
    /// By table.
    public var counts: [Count] = []
    public var checklist = HandoverChecklist()
}

/// What is still missing of a handover.
public struct HandoverChecklist: Sendable, Equatable {
    /// Whether the former device has said since that it knows: until then it may hold work that it has not sent.
    public var formerHasCome = false
    public var formerLastSeen: Timestamp?
    /// Changesets of the hub that the former device has not said it has.
    public var formerLacks: UInt64 = 0
    /// Its changesets that came and wait for something.
    public var parked = 0
    /// Its changes that wait for the operator.
    public var setAside = 0
    /// Rows that still name the former owner, as late work does: hand over once more.
    public var stillNamed = 0
    /// Conflicts open in the rows handed over.
    public var conflicts = 0
    /// Rows handed over that wait to be dealt with, by table.
    public var openMatters: [String: Int] = [:]

    /// Nothing is missing but matters that are open.
    public var isComplete: Bool { formerHasCome && parked == 0 && setAside == 0 && stillNamed == 0 }
}

extension Hub {
    /// Hands all scopes of one device over to another: the grants move, and where both find rows by the same column, the
    /// successor's value is written (SCO-24). Doing it again takes in what came late. O(rows of both).
    public func handOver(from former: String, to successor: String, actor: String = "") throws -> HandoverReport {
        var report = try plan(from: former, to: successor)
        guard !report.scopes.isEmpty else {
            throw UsageError("\(former) has nothing to hand over to \(successor)", try: "look at what it is granted")
        }
        let before = try counts(former, successor)
        let rows = try replica.withEngine { engine in
            try engine.transaction {
                try shownRows(report.scopes.map { try ScopeBook(engine.store).id(of: $0) }, engine)
            }
        }
        for place in report.owners.indices {
            report.owners[place].rows = try rename(report.owners[place])
        }
        try replica.seal(actor: actor, note: "handover from \(former) to \(successor)")
        try replica.withEngine { engine in
            try engine.transaction {
                let book = ScopeBook(engine.store)
                let had = try book.granted(successor)
                let isNew = try !book.granted(former).isEmpty || report.owners.contains { $0.rows > 0 }
                guard isNew else { return }  // done before, and nothing came late
                let kept = try had.map { try book.name(of: $0) }
                try grant(successor, scopes: Array(Set(kept + report.scopes)).sorted(), engine)
                try grant(former, scopes: [], engine)
                try act("handover from \(former) to \(successor)", engine)
                try engine.store.db.statement(
                    "INSERT INTO satchel_handover(position, former, successor, at, scopes) VALUES (?, ?, ?, ?, ?)"
                ).bind(1, Int64(bitPattern: engine.position)).bind(2, former).bind(3, successor)
                    .bind(4, engine.clock.now().milliseconds)
                    .bind(5, report.scopes.map { try String(book.id(of: $0)) }.joined(separator: ",")).run()
                let note = try engine.store.db.statement(
                    "INSERT OR IGNORE INTO satchel_handover_row(former, successor, h) VALUES (?, ?, ?)")
                for row in rows {
                    try note.bind(1, former).bind(2, successor).bind(3, engine.store.rowHash(row.table, row.key)).run()
                }
            }
        }
        let after = try counts(former, successor)
        report.counts = after.keys.sorted().map { table in
            HandoverReport.Count(
                table: table, formerBefore: before[table]?.former ?? 0, formerAfter: after[table]?.former ?? 0,
                successorBefore: before[table]?.successor ?? 0, successorAfter: after[table]?.successor ?? 0)
        }
        report.checklist = try checklist(report)
        return report
    }

    /// How a handover stands, or what it would be: changes nothing (SCO-25).
    public func checkHandOver(from former: String, to successor: String) throws -> HandoverReport {
        var report = try plan(from: former, to: successor)
        report.counts = try counts(former, successor).sorted { $0.key < $1.key }.map { table, count in
            HandoverReport.Count(
                table: table, formerBefore: count.former, formerAfter: count.former, successorBefore: count.successor,
                successorAfter: count.successor)
        }
        report.checklist = try checklist(report)
        return report
    }

    /// What moves: what the former device is served, and what it handed to this successor before.
    private func plan(from former: String, to successor: String) throws -> HandoverReport {
        try replica.withEngine { engine in
            try engine.transaction {
                let registry = Registry(engine.store)
                for name in [former, successor] { _ = try registry.device(named: name) }
                let book = ScopeBook(engine.store)
                let granted = try book.granted(former)
                guard former != successor, !granted.contains(ScopeBook.all) else {
                    throw UsageError(
                        former == successor
                            ? "a device hands nothing over to itself" : "\(former) is served everything",
                        try: "grant it scopes, and name another device as the successor")
                }
                let moving = Set(granted).union(try handedOver(former, successor, engine).scopes)
                let definitions = try book.scopes()
                let own = Set(try book.granted(successor)).subtracting(moving)
                var report = HandoverReport(former: former, successor: successor)
                report.scopes = definitions.filter { moving.contains($0.id) }.map(\.definition.name).sorted()
                report.owners = owners(
                    of: definitions.filter { moving.contains($0.id) }.map(\.definition),
                    to: definitions.filter { own.contains($0.id) }.map(\.definition))
                return report
            }
        }
    }

    private func handedOver(
        _ former: String, _ successor: String, _ engine: Engine
    ) throws -> (position: UInt64?, scopes: [Int64]) {
        let select = try engine.store.db.statement(
            "SELECT position, scopes FROM satchel_handover WHERE former = ? AND successor = ? ORDER BY position")
        select.bind(1, former).bind(2, successor)
        var position: UInt64?
        var scopes: Set<Int64> = []
        while try select.step() {
            position = UInt64(bitPattern: select.integer(0))
            scopes.formUnion(select.string(1).split(separator: ",").compactMap { Int64($0) })
        }
        return (position, scopes.sorted())
    }

    /// Where the successor has one value of its own in a column by which the former owner's rows are found.
    private func owners(of moving: [ScopeDefinition], to own: [ScopeDefinition]) -> [HandoverReport.Owner] {
        func values(_ scopes: [ScopeDefinition], _ table: String, _ column: String) -> Set<Value> {
            Set(
                scopes.flatMap(\.rules).compactMap { rule in
                    guard rule.table == table, case .by(column, let value) = rule.kind else { return nil }
                    return value
                })
        }
        var owners: [HandoverReport.Owner] = []
        for rule in moving.flatMap(\.rules) {
            guard case .by(let column, let value) = rule.kind, value.namesOwner else { continue }
            let theirs = values(own, rule.table, column)
            guard theirs.count == 1, let new = theirs.first, new != value, new.namesOwner else { continue }
            let owner = HandoverReport.Owner(
                table: rule.table, column: column, rows: 0, was: value, becomes: new)
            if !owners.contains(owner) { owners.append(owner) }
        }
        return owners
    }

    /// Ordinary writes of the hub's replica, captured like any other.
    private func rename(_ owner: HandoverReport.Owner) throws -> Int {
        let (table, column) = (owner.table.quotedDatabaseIdentifier, owner.column.quotedDatabaseIdentifier)
        return try replica.write { db in
            try db.execute(
                sql: "UPDATE \(table) SET \(column) = ? WHERE \(column) = ? COLLATE BINARY",
                arguments: [DatabaseValue(plain: owner.becomes), DatabaseValue(plain: owner.was)])
            return db.changesCount
        }
    }

    private func named(_ owner: HandoverReport.Owner) throws -> Int {
        let (table, column) = (owner.table.quotedDatabaseIdentifier, owner.column.quotedDatabaseIdentifier)
        return try replica.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM \(table) WHERE \(column) = ? COLLATE BINARY",
                arguments: [DatabaseValue(plain: owner.was)])
                ?? 0
        }
    }

    // MARK: Counting

    private func counts(
        _ former: String, _ successor: String
    ) throws -> [String: (former: Int, successor: Int)] {
        try replica.withEngine { engine in
            try engine.transaction {
                let book = ScopeBook(engine.store)
                guard try book.isInUse else { return [:] }
                try engine.seal()
                try Membership.follow(engine, book)
                var counts: [String: (former: Int, successor: Int)] = [:]
                for layout in engine.store.peoplesLayouts { counts[layout.schema.name] = (0, 0) }
                for row in try shownRows(book.granted(former), engine) {
                    counts[engine.store.tableName(row.table)]?.former += 1
                }
                for row in try shownRows(book.granted(successor), engine) {
                    counts[engine.store.tableName(row.table)]?.successor += 1
                }
                return counts
            }
        }
    }

    /// The rows of scopes that people see, each once.
    private func shownRows(_ scopes: [Int64], _ engine: Engine) throws -> [HeldRowName] {
        if scopes.contains(ScopeBook.all) {
            return try engine.store.layouts.flatMap { layout in
                var rows: [HeldRowName] = []
                try engine.store.forEachRow(layout) { key, _ in rows.append(.init(table: layout.id, key: key)) }
                return rows
            }
        }
        let rows = MembershipStore(engine.store)
        var found: Set<Int64> = []
        for scope in scopes { found.formUnion(try rows.members(scope).keys) }
        return try found.sorted().compactMap { h in
            guard let name = try rows.row(h), let layout = engine.store.layout(name.table) else { return nil }
            return try engine.store.isShown(layout, name.key) ? name : nil
        }
    }

    // MARK: The checklist

    /// What in the fieldwork schema waits to be dealt with; a table or column that is not there counts nothing.
    private static let openMatters = [
        (table: "visit_plan", columns: ["state"], condition: "state = 'planned'"),
        (
            table: "visit", columns: ["follow_up", "reviewed_at"],
            condition: "follow_up IS NOT NULL AND reviewed_at IS NULL"
        ),
    ]

    private func checklist(_ report: HandoverReport) throws -> HandoverChecklist {
        let stillNamed = try report.owners.reduce(0) { try $0 + named($1) }
        return try replica.withEngine { engine in
            try engine.transaction {
                let device = try Registry(engine.store).device(named: report.former)
                let book = ScopeBook(engine.store)
                var list = HandoverChecklist(stillNamed: stillNamed)
                let done = try handedOver(report.former, report.successor, engine).position
                list.formerHasCome =
                    try done.map { try device.standing.epoch == engine.epoch && device.standing.position >= $0 }
                    ?? false
                list.formerLastSeen = device.lastSeen
                list.formerLacks = try engine.position - min(engine.position, device.standing.position)
                list.parked = try engine.parked().filter { $0.device == report.former }.count
                list.setAside = try SetAsideStore(engine.store).open().filter { $0.device == report.former }.count
                let rows = try rowsHandedOver(report, book, engine)
                list.conflicts = try engine.store.listedConflicts().filter {
                    rows.contains(.init(table: $0.table, key: $0.key))
                }.count
                list.openMatters = try openMatters(rows, engine)
                return list
            }
        }
    }

    /// The rows of the scopes that move, and those that were handed over before and are there still: a new owner may have
    /// taken them into another scope.
    private func rowsHandedOver(
        _ report: HandoverReport, _ book: ScopeBook, _ engine: Engine
    ) throws -> Set<HeldRowName> {
        var rows = Set(try shownRows(report.scopes.map { try book.id(of: $0) }, engine))
        let select = try engine.store.db.statement(
            "SELECT h FROM satchel_handover_row WHERE former = ? AND successor = ?")
        select.bind(1, report.former).bind(2, report.successor)
        var handed: [Int64] = []
        while try select.step() { handed.append(select.integer(0)) }
        let known = MembershipStore(engine.store)
        for h in handed {
            guard let name = try known.row(h), let layout = engine.store.layout(name.table) else { continue }
            if try engine.store.isShown(layout, name.key) { rows.insert(name) }
        }
        return rows
    }

    private func openMatters(_ rows: Set<HeldRowName>, _ engine: Engine) throws -> [String: Int] {
        let probe = try ConditionProbe(store: engine.store)
        var found: [String: Int] = [:]
        for matter in Self.openMatters {
            guard let layout = engine.store.layout(named: matter.table),
                Set(matter.columns).isSubset(of: layout.schema.columns.map(\.name))
            else { continue }
            let values = try rows.filter { $0.table == layout.id }.compactMap {
                try engine.store.tableRow(layout, $0.key)
            }
            found[matter.table] = try probe.matching(matter.condition, in: layout, rows: values).count
        }
        return found
    }
}

extension Value {
    /// Whether it can stand for a person or a team: a name or a number.
    fileprivate var namesOwner: Bool {
        switch self {
        case .text: DatabaseValue(plain: self) != nil
        case .integer: true
        default: false
        }
    }
}
