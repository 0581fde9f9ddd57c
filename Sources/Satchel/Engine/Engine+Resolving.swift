internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Deciding conflicts: one by one, and many by a rule.
extension Engine {
    /// Decides a conflict: the decision is a change like any other, and it syncs. In the caller's transaction.
    package func resolve(_ id: String, _ decision: Decision, actor: String) throws {
        try seal(actor: actor)
        guard let listed = try store.listedConflicts().first(where: { $0.id == id }) else {
            throw UsageError("no open conflict has the id \(id)", try: "list them with `conflicts`")
        }
        let row = try store.load(table: listed.table, key: listed.key)
        let change = try self.change(decision, listed, row)
        try commit([(row, change)], note: Self.decided + id, actor: actor)
    }

    /// How the note of a changeset begins that decides conflicts (INB-8).
    static var decided: String { "resolved " }

    private func change(_ decision: Decision, _ listed: Store.ListedConflict, _ row: HeldRow) throws -> RowChange {
        guard let layout = store.layout(listed.table) else { throw StoreError("the table of the conflict is gone") }
        return try listed.kind == .values
            ? valueDecision(decision, listed, row, layout) : rowDecision(decision, listed, row, layout)
    }

    /// Decides all open conflicts that `filter` takes in by one rule, in one changeset. Those of which the rule picks
    /// nothing stay open. In the caller's transaction.
    package func resolve(_ filter: ConflictFilter, by rule: BulkRule, actor: String) throws -> BulkReport {
        try seal(actor: actor)
        var report = BulkReport()
        var changes: [Int64: (row: HeldRow, change: RowChange)] = [:]
        var order: [Int64] = []
        let listed = try store.listedConflicts()
        let inQuestion = Set(listed.filter { $0.kind != .values }.map { store.rowHash($0.table, $0.key) })
        for listed in listed {
            let row = try store.load(table: listed.table, key: listed.key)
            guard try filter.takes(listed, store, assignee: assignee(listed.id, row)) else { continue }
            let candidates =
                try listed.kind == .values
                ? valueCandidates(row.state, table: listed.table, unit: listed.unit)
                : rowCandidates(row.state, kind: listed.kind)
            // A record that is itself in question is decided as a record; its units are asked of again.
            let waits = listed.kind == .values && inQuestion.contains(row.hash)
            guard !waits, let number = rule.pick(candidates), !(listed.kind == .inUse && number == 2) else {
                report.left.append(listed.id)
                continue
            }
            report.decided.append(listed.id)
            let change = try self.change(.keep(number), listed, row)
            if let before = changes[row.hash] {
                changes[row.hash]?.change = before.change.joined(with: change)
            } else {
                order.append(row.hash)
                changes[row.hash] = (row, change)
            }
        }
        try commit(order.compactMap { changes[$0] }, note: Self.decided + "by rule: \(rule)", actor: actor)
        return report
    }

    /// Seals changes of rows, each row once, that are not what somebody wrote into a table, and applies them here.
    @discardableResult
    func commit(
        _ changes: [(row: HeldRow, change: RowChange)], more: UInt32 = 0, note: String, actor: String
    ) throws -> Dot? {
        let batch = RowBatch(store: store)
        var last: Dot?
        var start = 0
        while start < changes.count {
            let end = min(changes.count, start + Limits.changesetRows)
            var builder = SectionBuilder(store: store)
            var newest: Timestamp?
            for (row, change) in changes[start..<end] {
                guard let layout = store.layout(row.table) else { throw StoreError("the table of a row is gone") }
                try builder.append(change, layout: layout, key: row.key, age: 0)
                for dot in row.state.dots {
                    newest = max(newest ?? Timestamp(milliseconds: .min), try store.order(dot).time)
                }
            }
            let rest = (changes.count - end + Limits.changesetRows - 1) / Limits.changesetRows
            let dot = try author(
                builder.finish(), rows: end - start, more: UInt32(rest) + more, age: 0, newestSeen: newest,
                actor: actor, note: note)
            let id = try store.dotID(dot)
            for (row, change) in changes[start..<end] {
                let working = try batch.row(row.table, row.key)
                try keepDecision(change, of: working, as: id, note: note)
                working.state.apply(change, as: id)
                working.verdict = nil
            }
            last = dot
            start = end
        }
        try batch.settle()
        return last
    }

    private func valueDecision(
        _ decision: Decision, _ listed: Store.ListedConflict, _ row: HeldRow, _ layout: TableLayout
    ) throws -> RowChange {
        switch decision {
        case .keep(let number):
            let candidates = contenders(row.state, listed.unit, table: listed.table)
            guard candidates.indices.contains(number - 1) else {
                throw UsageError(
                    "conflict \(listed.id) has \(candidates.count) candidates",
                    try: "give a number from 1 to \(candidates.count)")
            }
            return try store.writing(on: row.state, table: row.table)
                .resolve(.init(unit: listed.unit, values: candidates[number - 1].values), on: row.state)
        case .values(let values):
            guard let unit = layout.unit(listed.unit), unit.columns.count == values.count else {
                throw UsageError(
                    "the unit in conflict has other columns than the values given",
                    try: "give one value for each column")
            }
            let stored = try store.asStored(layout, key: row.key, unit: unit, values: values)
            try refuseMisfit(stored, unit)
            return try store.writing(on: row.state, table: row.table)
                .resolve(.init(unit: listed.unit, values: stored), on: row.state)
        }
    }

    /// Triggers see to this where people write tables (CAP-17); a decision does not pass them.
    private func refuseMisfit(_ values: [Value], _ unit: TableSchema.Unit) throws {
        let fits =
            switch unit.policy {
            case .counter: if case .integer? = values.first { true } else { false }
            case .set: values.first.flatMap { JSONArray.elements($0) } != nil
            default: true
            }
        guard fits else {
            throw UsageError(
                "a \(unit.policy.rawValue) cannot hold that value",
                try: unit.policy == .counter ? "give an integer" : "give a JSON array of strings and numbers")
        }
    }

    private func rowDecision(
        _ decision: Decision, _ listed: Store.ListedConflict, _ row: HeldRow, _ layout: TableLayout
    ) throws -> RowChange {
        switch decision {
        case .keep(1): return try store.writing(on: row.state, table: row.table).keep(row.state)
        case .keep(2) where listed.kind == .inUse:
            throw UsageError(
                "the row cannot be deleted while other rows refer to it", try: "delete or move those rows first")
        case .keep(2): return Writing.delete(row.state)
        case .keep, .values:
            throw UsageError("this conflict is about the row itself", try: "keep 1 to keep the row, 2 to delete it")
        }
    }
}
