internal import Satchel
internal import SatchelModel
internal import SatchelStore

/// The successor's value in the place of the former owner's (SCO-24).
extension Hub {
    /// Where a column by which the former owner's rows are found has another value that is the successor's own. Columns are
    /// meant as the rules mean them (SCO-3): by their names of today or their first.
    ///
    /// - Parameter own: the scopes of which the successor's own value is taken, the first of them that have one in a column.
    func findOwners(
        _ report: inout HandoverReport, of moving: [ScopeDefinition], by own: [[ScopeDefinition]], _ engine: Engine
    ) throws {
        let theirs = own.map { Set($0.flatMap(\.rules).compactMap { found(by: $0, engine) }) }
        let others = try others(report, engine)
        var met: Set<Found> = []
        for rule in moving.flatMap(\.rules) {
            guard let former = found(by: rule, engine), let layout = engine.store.layout(former.table),
                met.insert(former).inserted
            else { continue }
            let values: Set<Value> =
                theirs.lazy.map { found in
                    Set(found.filter { ($0.table, $0.column) == (former.table, former.column) }.map(\.value))
                }.first { !$0.isEmpty } ?? []
            if values == [former.value] { continue }
            if let reason = reasonToStay(former, layout, values, others[former] ?? [], report.successor) {
                report.staying.append(
                    .init(
                        value: former.value, layout: former.table, place: former.column, reason: reason,
                        isUndecided: others[former] == nil && !values.isEmpty))
            } else if let new = values.first {
                report.owners.append(
                    .init(
                        table: layout.schema.name, column: layout.schema.columns[former.column].name, rows: 0,
                        was: former.value, becomes: new, layout: former.table, place: former.column))
            }
        }
    }

    /// Why a value is not replaced at all; nil: by the only one of the successor's own, or by none, where the value is a key
    /// and names nobody.
    private func reasonToStay(
        _ former: Found, _ layout: TableLayout, _ values: Set<Value>, _ others: [String], _ successor: String
    ) -> String? {
        if values.isEmpty, layout.schema.key.contains(former.column) { return nil }
        if !others.isEmpty { return servedToo(others) }
        switch values.count {
        case 0: return "\(successor) has no value of its own there"
        case 1: return nil
        default:
            let all = values.map(\.display).sorted().joined(separator: ", ")
            return "it is not known which value there is \(successor)'s own (\(all)): "
                + "grant it but one of them beside what moves, and hand over once more"
        }
    }

    /// By what other devices find their rows, with their names.
    private func others(_ report: HandoverReport, _ engine: Engine) throws -> [Found: [String]] {
        var others: [Found: [String]] = [:]
        for (device, served) in try otherDevices(report, engine) {
            for found in Set(served.flatMap(\.definition.rules).compactMap { found(by: $0, engine) }) {
                others[found, default: []].append(device)
            }
        }
        return others
    }

    private struct Found: Hashable {
        let table: Int64
        let column: Int
        let value: Value
    }

    /// What a rule finds rows by; nil: not by a value, or it does not fit the schema and matches nothing.
    private func found(by rule: ScopeRule, _ engine: Engine) -> Found? {
        guard case .by(let name, let value) = rule.kind, let layout = engine.store.layout(named: rule.table),
            let column = try? ScopeMatcher.place(of: name, in: layout)
        else { return nil }
        return Found(table: layout.id, column: column, value: value)
    }

    /// Ordinary writes of the hub's replica, captured like any other. In the caller's transaction, who seals.
    func putSuccessor(_ report: inout HandoverReport, _ engine: Engine) throws {
        report.kept = try report.staying.compactMap { staying in
            guard let layout = engine.store.layout(staying.layout) else { return nil }
            let rows = try engine.store.count(of: staying.value, in: staying.place, of: layout)
            if rows == 0 { return nil }
            return HandoverReport.Kept(
                table: layout.schema.name, column: layout.schema.columns[staying.place].name, rows: rows,
                reason: staying.reason, isUndecided: staying.isUndecided)
        }
        for index in report.owners.indices {
            let owner = report.owners[index]
            guard let layout = engine.store.layout(owner.layout) else { continue }
            var kept: [String: Int] = [:]
            if let reason = reasonToKeepAll(owner.place, layout) {
                kept[reason] = try engine.store.count(of: owner.was, in: owner.place, of: layout)
            } else {
                let replaced = try engine.store.replace(
                    owner.was, with: owner.becomes, in: owner.place, of: layout,
                    unless: reasonToKeep(owner, layout, report, engine))
                report.owners[index].rows = replaced.rows
                kept = replaced.unwanted
                for error in replaced.refused { kept[reason(error, layout), default: 0] += 1 }
            }
            report.kept += kept.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map {
                HandoverReport.Kept(table: owner.table, column: owner.column, rows: $0.value, reason: $0.key)
            }
        }
    }

    /// Why no row of the table takes another value; nil: it may.
    private func reasonToKeepAll(_ column: Int, _ layout: TableLayout) -> String? {
        let schema = layout.schema
        if schema.appendOnly { return "rows of \(schema.name) are entered once and never changed" }
        // It would be another row, and what has not come yet of this one would miss it.
        if schema.key.contains(column) { return "the owner is part of the key" }
        return schema.policy(of: column) == .immutable ? "the owner is set once and never changed" : nil
    }

    /// Why a row keeps the former owner, whatever its table takes; nil: no row has a reason.
    private func reasonToKeep(
        _ owner: HandoverReport.Owner, _ layout: TableLayout, _ report: HandoverReport, _ engine: Engine
    ) throws -> (([Value], [Value]) throws -> String?)? {
        let parents = parentsAreThere(owner.place, layout, engine)
        let losers = try whoWouldLose(owner, layout, report, engine)
        if parents == nil, losers == nil { return nil }
        return { row, changed in
            if let parents, try !parents(changed) { return "the new owner would name a row that is not there" }
            let names = try losers?(row) ?? []
            return names.isEmpty ? nil : self.servedToo(names)
        }
    }

    private func reason(_ error: StoreError, _ layout: TableLayout) -> String {
        if error.isTaken { return "the new owner has such a row already" }
        guard error.isRaised else { return "\(layout.schema.name) does not take the new owner in such a row" }
        return error.message.hasPrefix("satchel: ") ? String(error.message.dropFirst(9)) : error.message
    }

    /// Where the owner is a reference, whether what it would name is there; the merge's own connection does not ask.
    private func parentsAreThere(
        _ column: Int, _ layout: TableLayout, _ engine: Engine
    ) -> (([Value]) throws -> Bool)? {
        let references = (engine.scopeReferences()[layout.id] ?? []).filter { $0.columns.contains(column) }
        if references.isEmpty { return nil }
        return { row in
            try references.allSatisfy { reference in
                guard let key = reference.key(of: row), let parent = engine.store.layout(reference.parent) else {
                    return true
                }
                return try engine.store.isShown(parent, key)
            }
        }
    }

    /// What it would come to now, made by doing it and taking it back.
    func rehearsed(_ report: HandoverReport, _ engine: Engine) throws -> HandoverReport {
        var rehearsed = report
        do {
            try engine.store.db.part {
                try putSuccessor(&rehearsed, engine)
                throw Rehearsed()
            }
        } catch is Rehearsed {}
        return rehearsed
    }
}

/// Ends the part of the transaction that is taken back.
private struct Rehearsed: Error {}
