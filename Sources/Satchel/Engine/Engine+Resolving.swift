internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Deciding conflicts: one by one, and many by a rule.
extension Engine {
    /// Decides a conflict: the decision is a change like any other, and it syncs. In the caller's transaction.
    ///
    /// - Parameter seen: as it was when it was read. If people chose among something else, it is refused.
    package func resolve(_ id: String, _ decision: Decision, of seen: Conflict? = nil, actor: String) throws {
        try seal(actor: actor)
        let listed = try openConflict(id, of: seen)
        let whole = try whole(store.load(table: listed.table, key: listed.key))
        if let seen { try refuseOther(seen, listed, whole) }
        let changes = try decided(decision, listed, whole)
        try refusingToHide(listed.kind == .values ? [whole.row] : []) {
            try write(changes, actor: actor, note: Self.decidedNote + id)
        }
    }

    /// A number is that of the list that was read (MRG-19). Of a record the list is what people wrote in it.
    private func refuseOther(_ seen: Conflict, _ listed: Store.ListedConflict, _ whole: Whole) throws {
        var beside = Neighbourhood(self)
        let now = try candidates(of: listed, whole, &beside)
        func writes(_ candidates: [Conflict.Candidate]) -> [Set<Dot>] {
            candidates.map { $0.values.isEmpty ? Set($0.authors.map(\.dot)) : [] }
        }
        guard seen.kind == listed.kind, seen.candidates.map(\.values) == now.map(\.values),
            writes(seen.candidates) == writes(now)
        else {
            throw UsageError("conflict \(seen.id) is not what it was when it was read", try: "look at it again")
        }
    }

    private func decided(
        _ decision: Decision, _ listed: Store.ListedConflict, _ whole: Whole
    ) throws -> [Decided] {
        guard let layout = store.layout(listed.table) else { throw StoreError("the table of the conflict is gone") }
        return switch listed.kind {
        case .values: try valueDecision(decision, listed, whole, layout)
        case .deleted, .inUse: try rowDecision(decision, listed, whole)
        case .mergedApart: try mergeDecision(decision, listed, whole)
        }
    }

    /// By their names of today, and by those under which they travel.
    func unitNames(_ layout: TableLayout) -> Set<String> {
        Set(
            layout.unitIDs.flatMap {
                [store.unitName($0, table: layout.id), store.shownUnitName($0, table: layout.id)]
            })
    }

    func noUnit(_ unit: String, of table: String) -> UsageError {
        UsageError("\(table) has no unit \(unit)", try: "`satchel conflicts` names the units")
    }

    /// A filter or rule that can take in nothing is a slip of the pen, not a decision.
    private func check(_ filter: ConflictFilter, _ rule: BulkRule) throws {
        if let table = filter.table {
            let layout = try layout(named: table)
            if let unit = filter.unit {
                guard unitNames(layout).contains(unit) else {
                    throw noUnit(unit, of: table)
                }
            }
        }
        if case .device(let name) = rule {
            guard try name == "hub" || store.authors().contains(where: { $0.name == name }) else {
                throw UsageError("no device is called \(name)", try: "`satchel conflicts` names who wrote what")
            }
        }
    }

    /// Decides all open conflicts that `filter` takes in by one rule, in one seal. Those of which the rule picks
    /// nothing stay open. In the caller's transaction.
    package func resolve(_ filter: ConflictFilter, by rule: BulkRule, actor: String) throws -> BulkReport {
        try check(filter, rule)
        try seal(actor: actor)
        var report = BulkReport()
        var made: [Ruled] = []
        var taken: Set<Int64> = []
        var ofRows: Set<Int64> = []
        var picked: [Int64: [UnitID: [Value]]] = [:]
        var beside = Neighbourhood(self)
        let listed = try store.listedConflicts()
        let inQuestion = Set(listed.filter { $0.kind != .values }.map { store.rowHash($0.table, $0.key) })
        for listed in listed {
            let whole = try whole(store.load(table: listed.table, key: listed.key))
            guard try filter.takes(listed, store, assignee: assignee(listed, whole.row)) else { continue }
            // A record that is itself in question is decided as a record; its units are asked of again.
            let waits = listed.kind == .values && inQuestion.contains(whole.row.hash)
            let candidates = try candidates(of: listed, whole, &beside)
            guard !waits, let number = rule.pick(candidates), !(listed.kind == .inUse && number == 2) else {
                report.left.append(listed.id)
                continue
            }
            if listed.kind == .values {
                // With what is picked for its other units: a CHECK may hold several together.
                var values = picked[whole.row.hash] ?? [:]
                values[listed.unit] = candidates[number - 1].values
                guard try takes(values, in: whole.row) else {
                    report.left.append(listed.id)
                    continue
                }
                picked[whole.row.hash] = values
            }
            let changes = try decided(.keep(number), listed, whole)
            // What a decision already takes with it is not decided twice in one seal.
            let isTaken = changes.contains { one in
                (listed.kind == .values ? ofRows : taken).contains(one.row.hash)
            }
            if isTaken {
                report.left.append(listed.id)
                continue
            }
            made.append(Ruled(id: listed.id, row: whole.row, isOfValues: listed.kind == .values, changes: changes))
            taken.formUnion(changes.map(\.row.hash))
            if listed.kind != .values { ofRows.formUnion(changes.map(\.row.hash)) }
        }
        while true {
            let hidden = try write(made, actor: actor, note: Self.ruleNote + "\(rule)")
            if hidden.isEmpty { break }
            report.left += made.filter { hidden.contains($0.row.hash) }.map(\.id)
            made.removeAll { hidden.contains($0.row.hash) }
        }
        report.decided = made.map(\.id)
        return report
    }

    /// What a rule decided of one conflict.
    private struct Ruled {
        let id: String
        let row: HeldRow
        let isOfValues: Bool
        let changes: [Decided]
    }

    /// Writes what a rule decided; but if rows whose values it chose would be out of sight then, nothing, and returns those.
    private func write(_ made: [Ruled], actor: String, note: String) throws -> Set<Int64> {
        let rows = made.filter(\.isOfValues).map(\.row)
        var hidden: Set<Int64> = []
        do {
            try part {
                let found = try hiding(rows) {
                    try write(made.flatMap(\.changes).joinedByRow(), actor: actor, note: note)
                }.hidden
                hidden = Set(found.map(\.hash)).intersection(rows.map(\.hash))
                if let first = found.first { throw WouldHide(first, store) }
            }
        } catch let error as WouldHide {
            if hidden.isEmpty { throw error }
        }
        return hidden
    }

    private func checkSizes(_ decided: Decided) throws {
        let values = decided.change.writes.flatMap(\.values)
        guard values.byteCount > Limits.rowBytes || values.contains(where: { $0.byteCount > Limits.valueBytes }) else {
            return
        }
        throw UsageError(
            "a value has more than \(Limits.valueBytes) bytes, or the row more than \(Limits.rowBytes): these are the most "
                + "that can be synced", try: "write less")
    }

    /// Makes changesets of decisions, each row in one, and applies them. In the caller's transaction, after a seal.
    ///
    /// Throws a `UsageError` for values larger than any bundle may carry (CAP-13).
    ///
    /// - Parameter more: changesets that follow and stay with these (EXC-32).
    @discardableResult
    func write(_ decided: [Decided], more: UInt32 = 0, actor: String, note: String) throws -> Dot? {
        let batch = newBatch()
        var last: Dot?
        var first: DotID?
        let parts = try parts(of: decided.map { try fitting($0) })
        for (place, part) in parts.enumerated() {
            var builder = SectionBuilder(store: store)
            var newest: Timestamp?
            for one in part {
                guard let layout = store.layout(one.row.table) else { throw StoreError("the table of a row is gone") }
                try checkSizes(one)
                try builder.append(one.change, layout: layout, key: one.row.key, age: 0)
                for dot in one.row.state.dots {
                    newest = max(newest ?? Timestamp(milliseconds: .min), try store.order(dot).time)
                }
            }
            let rest = UInt32(clamping: parts.count - place - 1)
            let dot = try author(
                builder.finish(), rows: builder.rows, more: rest + more, age: 0, newestSeen: newest, actor: actor,
                note: note)
            let id = try store.dotID(dot)
            first = first ?? id
            for one in part {
                let working = try batch.row(one.row.table, one.row.key)
                try keepDecision(one.change, of: working.now, as: id, first: first ?? id, note: note)
                batch.apply(one.change, to: working, as: id)
            }
            last = dot
        }
        try batch.settle()
        return last
    }

    private func valueDecision(
        _ decision: Decision, _ listed: Store.ListedConflict, _ whole: Whole, _ layout: TableLayout
    ) throws -> [Decided] {
        func resolve(_ values: [Value]) throws -> [Decided] {
            try act(whole) { united in
                try store.writing(on: united, table: listed.table)
                    .resolve(.init(unit: listed.unit, values: values), on: united.state)
            }
        }
        switch decision {
        case .keep(let number):
            let candidates = try contenders(whole.united, listed.unit, table: listed.table)
            guard number >= 1, number <= candidates.count else {
                throw UsageError(
                    "conflict \(listed.id) has \(candidates.count) candidates",
                    try: "give a number from 1 to \(candidates.count)")
            }
            return try resolve(candidates[number - 1].values)
        case .values(let values):
            guard let unit = layout.unit(listed.unit), unit.columns.count == values.count else {
                throw UsageError(
                    "the unit in conflict has other columns than the values given",
                    try: "give one value for each column")
            }
            let row = try store.asStored(
                layout, key: listed.key, writing: Dictionary(uniqueKeysWithValues: zip(unit.columns, values)))
            let stored = layout.values(of: unit, in: row)
            try refuseMisfit(stored, unit)
            // Of those that are there already it is asked when it is written (INB-14).
            let open = try contenders(whole.united, listed.unit, table: listed.table)
            if !open.contains(where: { $0.values == stored }) { try refuseDangling(unit.columns, of: row, layout) }
            return try resolve(stored)
        }
    }

    /// Triggers see to this where people write tables (CAP-17); a decision does not pass them.
    func refuseMisfit(_ values: [Value], _ unit: TableSchema.Unit) throws {
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

    /// Foreign keys are not looked at either, and a row that refers to nothing is shown nowhere (MRG-20).
    func refuseDangling(_ columns: [Int], of row: [Value], _ layout: TableLayout) throws {
        guard let parent = try dangling(columns, of: row, layout) else { return }
        throw UsageError(
            "\(layout.schema.name) would refer to a row of \(parent.schema.name) that is not there",
            try: "enter that row first, or name another")
    }

    /// The table of a row that is not shown and to which a row of these values would refer by any of these columns; nil: there is
    /// none.
    func dangling(_ columns: [Int], of row: [Value], _ layout: TableLayout) throws -> TableLayout? {
        for reference in References(store.layouts).from(layout.id)
        where reference.columns.contains(where: columns.contains) {
            guard let parent = reference.parentKey(of: row) else { continue }
            let displayed = try reference.displayed(parent, survivor: survivor(of: parent, in: reference.parent))
            if try !store.isShown(reference.parent, displayed) { return reference.parent }
        }
        return nil
    }

    private func rowDecision(
        _ decision: Decision, _ listed: Store.ListedConflict, _ whole: Whole
    ) throws -> [Decided] {
        switch decision {
        case .keep(1): return try keep([whole.row])
        case .keep(2) where listed.kind == .inUse:
            throw UsageError(
                "the row cannot be deleted while other rows refer to it", try: "delete or move those rows first")
        case .keep(2):
            // A merge that did not stand against a keep: "delete it" is to merge it after all (MRG-51), while there is a row to
            // merge it into.
            if let into = whole.row.state.into.first, whole.row.state.deletions.allSatisfy({ $0.into == into }),
                let layout = store.layout(whole.row.table), case let end = try survivor(of: into, in: layout),
                end != whole.row.key, try store.isShown(layout, end)
            {
                return try act(whole) { .merge($0.state, into: into) }
            }
            return try delete(whole.row)
        case .keep, .values:
            throw UsageError("this conflict is about the row itself", try: "keep 1 to keep the row, 2 to delete it")
        }
    }

    private func mergeDecision(
        _ decision: Decision, _ listed: Store.ListedConflict, _ whole: Whole
    ) throws -> [Decided] {
        let choices = whole.membership.map { $0.all.union.choices($0.place) } ?? []
        guard case .keep(let number) = decision, number >= 1, number <= choices.count else {
            throw UsageError(
                "this conflict is about the row into which another was merged",
                try: "give a number from 1 to \(choices.count)")
        }
        return [try noting(Decided(row: whole.row, change: .settle(whole.row.state, into: choices[number - 1])))]
    }
}
