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
            let row = try store.load(table: listed.table, key: listed.key)
            let candidates =
                try listed.kind == .values
                ? valueCandidates(row.state, table: listed.table, unit: listed.unit)
                : rowCandidates(row.state, kind: listed.kind)
            return Conflict(
                id: listed.id, kind: listed.kind, table: store.tableName(listed.table), key: listed.key,
                unit: store.unitName(listed.unit, table: listed.table),
                columns: listed.kind == .values ? store.unitColumns(listed.unit, table: listed.table) : [],
                candidates: candidates)
        }
    }

    private func valueCandidates(_ state: RowState, table: Int64, unit: UnitID) throws -> [Conflict.Candidate] {
        let shown = try store.judge(state, table: table).shown(unit)?.values
        return try contenders(state, unit, table: table).map { values, dots in
            Conflict.Candidate(
                values: values, act: nil, isShown: values == shown, authors: try writers(dots))
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

    private func rowCandidates(_ state: RowState, kind: ConflictKind) throws -> [Conflict.Candidate] {
        let covered = Set(state.deletions.flatMap(\.cover))
        let edits = Set(state.held.filter { !covered.contains($0) }.map(\.dot))
        return [
            .init(values: [], act: "keep", isShown: true, authors: try writers(Array(edits))),
            .init(values: [], act: "delete", isShown: false, authors: try writers(state.deletions.map(\.dot))),
        ]
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
        let row = try store.load(table: listed.table, key: listed.key)
        let changes =
            try listed.kind == .values
            ? [Decided(row: row, change: valueDecision(decision, listed, row, layout))]
            : rowDecision(decision, listed, row)
        try write(changes, actor: actor, note: "resolved \(id)")
    }

    /// What a person decided of one row.
    struct Decided {
        let row: HeldRow
        let change: RowChange
    }

    /// Makes changesets of decisions, and applies them. In the caller's transaction, after a seal.
    func write(_ decided: [Decided], actor: String, note: String) throws {
        let batch = RowBatch(store: store)
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
                let working = try batch.row(one.row.table, one.row.key)
                working.state.apply(one.change, as: id)
                working.verdict = nil
            }
        }
        try batch.settle()
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
        _ decision: Decision, _ listed: Store.ListedConflict, _ row: HeldRow
    ) throws -> [Decided] {
        switch decision {
        case .keep(1): return try keep([row])
        case .keep(2) where listed.kind == .inUse:
            throw UsageError(
                "the row cannot be deleted while other rows refer to it", try: "delete or move those rows first")
        case .keep(2): return try delete(row)
        case .keep, .values:
            throw UsageError("this conflict is about the row itself", try: "keep 1 to keep the row, 2 to delete it")
        }
    }
}
