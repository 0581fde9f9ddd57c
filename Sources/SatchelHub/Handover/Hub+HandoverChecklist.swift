internal import Satchel
internal import SatchelModel
internal import SatchelStore

/// What a handover counts, and what is still missing of it (SCO-25).
extension Hub {
    func counts(
        _ former: String, _ successor: String, _ engine: Engine
    ) throws -> [String: (former: Int, successor: Int)] {
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

    /// The rows of scopes that people see, each once.
    func shownRows(_ scopes: [Int64], _ engine: Engine) throws -> [HeldRowName] {
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

    func checklist(_ report: HandoverReport, _ engine: Engine) throws -> HandoverChecklist {
        let due = try rehearsed(report, engine)
        let undecided = due.kept.filter(\.isUndecided).reduce(0) { $0 + $1.rows }
        let device = try Registry(engine.store).device(named: report.former)
        let book = ScopeBook(engine.store)
        var list = HandoverChecklist(
            stillNamed: due.owners.reduce(undecided) { $0 + $1.rows },
            keptNamed: due.kept.reduce(-undecided) { $0 + $1.rows })
        let done = try handedOver(report.former, report.successor, engine).position
        list.isHandedOver = try done != nil && book.granted(report.former).isEmpty
        list.formerHasCome =
            try done.map { try device.standing.epoch == engine.epoch && device.standing.position >= $0 }
            ?? false
        list.formerIsGone = device.retired != nil
        list.formerLastSeen = device.lastSeen
        list.formerLacks = try engine.position - min(engine.position, device.standing.position)
        list.parked = try engine.parked().filter { $0.device == report.former }.count
        let rows = try rowsHandedOver(report, book, engine)
        list.setAside = try SetAsideStore(engine.store).open().filter { $0.device == report.former }.count
        list.setAside += try ScopeAdmission(engine).concerning(rows, of: report.successor)
        list.conflicts = try engine.store.listedConflicts().filter { conflict in
            if rows.contains(.init(table: conflict.table, key: conflict.key)) { return true }
            guard let layout = engine.store.layout(conflict.table) else { return false }
            let shown = try engine.survivor(of: conflict.key, in: layout.schema.name)
            return rows.contains(.init(table: conflict.table, key: shown))
        }.count
        list.openMatters = try openMatters(rows, engine)
        return list
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
