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
        let asked = try (DeviceLines(engine.store).living()[report.former] ?? []).waitedFor
        let (epoch, position) = (try engine.epoch, try engine.position)
        if let done {
            func hasCome(_ file: DeviceLine) -> Bool {
                file.standing.epoch == epoch && file.standing.position >= done
            }
            list.formerHasCome = !asked.isEmpty && asked.allSatisfy(hasCome)
            list.formerCopies = asked.dropFirst().filter { $0.retired == nil && !hasCome($0) }.count
        }
        list.formerIsGone = device.retired != nil
        list.formerLastSeen = device.lastSeen
        let least = asked.map(\.standing.position).min() ?? device.standing.position
        list.formerLacks = position - min(position, least)
        list.parked = try engine.parked().filter { $0.device == report.former }.count
        let rows = try rowsHandedOver(report, book, engine)
        list.setAside = try SetAsideStore(engine.store).open().filter { $0.device == report.former }.count
        list.setAside += try ScopeAdmission(engine).concerning(rows, of: report.successor)
        list.heldAside = try heldAside(report, book, engine)
        let open = try engine.store.listedConflicts()
        let disputed = try open.filter { try isAboutOwner($0, report, engine) }
        let questioned = rows.union(disputed.map { HeldRowName(table: $0.table, key: $0.key) })
        list.conflicts = try open.filter { conflict in
            if questioned.contains(.init(table: conflict.table, key: conflict.key)) { return true }
            guard let layout = engine.store.layout(conflict.table) else { return false }
            let shown = try engine.survivor(of: conflict.key, in: layout.schema.name)
            return questioned.contains(.init(table: conflict.table, key: shown))
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
        let known = MembershipStore(engine.store)
        for h in try handedBefore(report, engine) {
            guard let name = try known.row(h), let layout = engine.store.layout(name.table) else { continue }
            if try engine.store.isShown(layout, name.key) { rows.insert(name) }
        }
        return rows
    }

    private func handedBefore(_ report: HandoverReport, _ engine: Engine) throws -> [Int64] {
        let select = try engine.store.db.statement(
            "SELECT h FROM satchel_handover_row WHERE former = ? AND successor = ?")
        select.bind(1, report.former).bind(2, report.successor)
        var handed: [Int64] = []
        while try select.step() { handed.append(select.integer(0)) }
        return handed
    }

    /// How many rows of the handover, late ones among them, nobody sees since their table refuses them, or since they refer to
    /// such a row. O(rows set aside).
    private func heldAside(_ report: HandoverReport, _ book: ScopeBook, _ engine: Engine) throws -> Int {
        let references = engine.scopeReferences()
        var left = try [Fate.refused, .orphaned].flatMap { try engine.store.graves($0) }.map {
            try engine.scopeFacts(table: $0.table, key: $0.key, references: references)
        }
        if left.isEmpty { return 0 }
        var theirs = Set(try handedBefore(report, engine))
        let rows = MembershipStore(engine.store)
        for scope in report.scopes {
            // What a scope holds only since a row of it refers to that may be anybody's.
            theirs.formUnion(try rows.members(book.id(of: scope)).filter(\.value).keys)
        }
        var found: Set<Int64> = []
        while true {
            let more = left.filter { facts in
                theirs.contains(facts.hash) || facts.parents.contains { found.contains($0.hash) }
            }
            if more.isEmpty { return found.count }
            found.formUnion(more.map(\.hash))
            left.removeAll { found.contains($0.hash) }
        }
    }

    /// Whether a conflict is about whose a row is, the former owner or the new one among the answers. A hub that was put back
    /// may not know any more that the row was handed over.
    private func isAboutOwner(
        _ conflict: Store.ListedConflict, _ report: HandoverReport, _ engine: Engine
    ) throws -> Bool {
        guard conflict.kind == .values, let unit = engine.store.layout(conflict.table)?.unit(conflict.unit) else {
            return false
        }
        var owners: [Int: Set<Value>] = [:]
        for owner in report.owners where owner.layout == conflict.table {
            owners[owner.place, default: []].formUnion([owner.was, owner.becomes])
        }
        for staying in report.staying where staying.layout == conflict.table {
            owners[staying.place, default: []].insert(staying.value)
        }
        guard owners.keys.contains(where: { unit.columns.contains($0) }) else { return false }
        let candidates = try engine.store.load(table: conflict.table, key: conflict.key).state[conflict.unit]
        return candidates.contains { candidate in
            zip(unit.columns, candidate.values).contains { owners[$0]?.contains($1) ?? false }
        }
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
