internal import SatchelMerge
public import SatchelModel
internal import SatchelStore

/// A request that cannot be met, with a sentence and what to do instead.
public struct UsageError: Error, Sendable, CustomStringConvertible {
    public let description: String
    public let hint: String

    public init(_ description: String, try hint: String) {
        self.description = description
        self.hint = hint
    }
}

/// What a person decides of a conflict.
public enum Decision: Sendable {
    /// The candidate of this number, counted from 1 (MRG-19).
    case keep(Int)
    /// Other values, one for each column of the unit.
    case values([Value])
}

/// Listing and resolving conflicts.
extension Engine {
    /// The open conflicts, by id. O(conflicts).
    package func conflicts() throws -> [Conflict] {
        try store.listedConflicts().map { listed in
            let whole = try whole(store.load(table: listed.table, key: listed.key))
            let candidates =
                switch listed.kind {
                case .values: try valueCandidates(whole, unit: listed.unit)
                case .deleted, .inUse: try rowCandidates(whole)
                case .mergedApart: try mergeCandidates(whole)
                }
            let columns =
                switch listed.kind {
                case .values: store.unitColumns(listed.unit, table: listed.table)
                case .deleted, .inUse: [String]()
                case .mergedApart: try store.keyColumns(listed.table)
                }
            return Conflict(
                id: listed.id, kind: listed.kind, table: store.tableName(listed.table), key: listed.key,
                unit: store.unitName(listed.unit, table: listed.table),
                columns: columns,
                candidates: candidates)
        }
    }

    private func valueCandidates(_ whole: Whole, unit: UnitID) throws -> [Conflict.Candidate] {
        let shown = try store.judge(whole.united, table: whole.row.table).shown(unit)?.values
        return try contenders(whole.united.state, unit, table: whole.row.table).map { values, dots in
            Conflict.Candidate(
                values: values, act: nil, isShown: values == shown, authors: try writers(dots.map(whole.united.dot)))
        }
    }

    /// The distinct values of a unit in the order in which people count them (MRG-19).
    private func contenders(
        _ state: RowState, _ unit: UnitID, table: Int64
    ) -> [(values: [Value], dots: [DotID])] {
        func form(_ values: [Value]) -> [UInt8] {
            var bytes: [UInt8] = []
            values.forEach { $0.appendCanonical(to: &bytes) }
            return bytes
        }
        return state.contenders(of: unit, store.rules(table)).map { (form($0.values), $0) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    }

    private func rowCandidates(_ whole: Whole) throws -> [Conflict.Candidate] {
        let state = whole.united.state
        let covered = Set(state.deletions.flatMap(\.cover))
        let edits = Set(state.held.filter { !covered.contains($0) }.map { whole.united.dot($0.dot) })
        // What lies covered on rows merged into this one counts as covered by nobody's deletion here (MRG-54).
        let own = Set(whole.row.state.deletions.map(\.dot))
        let deletions = state.deletions.map(\.dot).filter(own.contains)
        return [
            .init(values: [], act: "keep", isShown: true, authors: try writers(Array(edits))),
            .init(values: [], act: "delete", isShown: false, authors: try writers(deletions)),
        ]
    }

    /// The rows into which people merged this one, as MRG-57 counts them.
    private func mergeCandidates(_ whole: Whole) throws -> [Conflict.Candidate] {
        guard let membership = whole.membership else { return [] }
        let all = membership.all
        return try all.union.choices(membership.place).map { choice in
            let end = all.union.row(choice).map { all.union.places[$0].survivor }
            let merges = whole.row.state.deletions.filter { $0.into == choice }
            return Conflict.Candidate(
                values: choice.values, act: "merge", isShown: end == all.union.places[membership.place].survivor,
                authors: try writers(merges.map(\.dot)))
        }
    }

    func writers(_ dots: [DotID]) throws -> [Conflict.Writer] {
        try dots.map { try store.known($0) }
            .sorted { DotOrder(time: $0.time, dot: $0.dot) < DotOrder(time: $1.time, dot: $1.dot) }
            .map { known in
                Conflict.Writer(
                    device: try store.author(known.dot.origin)?.name ?? "", actor: known.actor, time: known.time,
                    dot: known.dot)
            }
    }

    /// Decides a conflict: the decision is a change like any other, and it syncs. In the caller's transaction.
    package func resolve(_ id: String, _ decision: Decision, actor: String) throws {
        try seal(actor: actor)
        guard let listed = try store.listedConflicts().first(where: { $0.id == id }) else {
            throw UsageError("no open conflict has the id \(id)", try: "list them with `conflicts`")
        }
        guard let layout = store.layout(listed.table) else { throw StoreError("the table of the conflict is gone") }
        let whole = try whole(store.load(table: listed.table, key: listed.key))
        let changes =
            switch listed.kind {
            case .values: try valueDecision(decision, listed, whole, layout)
            case .deleted, .inUse: try rowDecision(decision, listed, whole)
            case .mergedApart: try mergeDecision(decision, listed, whole)
            }
        try write(changes, actor: actor, note: "resolved \(id)")
    }

    /// Makes changesets of decisions, and applies them. In the caller's transaction, after a seal.
    func write(_ decided: [Decided], actor: String, note: String) throws {
        let batch = RowBatch(store: store, planted: planted)
        for start in stride(from: 0, to: decided.count, by: Limits.changesetRows) {
            let part = decided[start..<min(decided.count, start + Limits.changesetRows)]
            var builder = SectionBuilder(store: store)
            var newest: Timestamp?
            for one in part {
                guard let layout = store.layout(one.row.table) else { throw StoreError("the table of a row is gone") }
                try builder.append(one.change, layout: layout, key: one.row.key, age: 0)
                for dot in one.row.state.dots {
                    newest = max(newest ?? Timestamp(milliseconds: .min), try store.order(dot).time)
                }
            }
            let dot = try author(
                builder.finish(), rows: builder.rows, age: 0, newestSeen: newest, actor: actor, note: note)
            let id = try store.dotID(dot)
            for one in part {
                batch.apply(one.change, to: try batch.row(one.row.table, one.row.key), as: id)
            }
        }
        try batch.settle()
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
            let candidates = contenders(whole.united.state, listed.unit, table: listed.table)
            guard candidates.indices.contains(number - 1) else {
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
            let stored = try store.asStored(layout, key: listed.key, unit: unit, values: values)
            try refuseMisfit(stored, unit)
            return try resolve(stored)
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
        _ decision: Decision, _ listed: Store.ListedConflict, _ whole: Whole
    ) throws -> [Decided] {
        switch decision {
        case .keep(1): return try keep([whole.row])
        case .keep(2) where listed.kind == .inUse:
            throw UsageError(
                "the row cannot be deleted while other rows refer to it", try: "delete or move those rows first")
        case .keep(2):
            // A merge that did not stand against a keep: "delete it" is to merge it after all (MRG-51).
            if let into = whole.row.state.into.first, whole.row.state.deletions.allSatisfy({ $0.into == into }) {
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
        guard case .keep(let number) = decision, choices.indices.contains(number - 1) else {
            throw UsageError(
                "this conflict is about the row into which another was merged",
                try: "give a number from 1 to \(choices.count)")
        }
        return [Decided(row: whole.row, change: .settle(whole.row.state, into: choices[number - 1]))]
    }
}
