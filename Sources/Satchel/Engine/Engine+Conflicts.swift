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
        let change =
            try listed.kind == .values
            ? valueDecision(decision, listed, row, layout) : rowDecision(decision, listed, row, layout)
        var builder = SectionBuilder(store: store)
        try builder.append(change, layout: layout, key: row.key, age: 0)
        let newest = try row.state.dots.map { try store.order($0).time }.max()
        let dot = try author(
            builder.finish(), rows: 1, age: 0, newestSeen: newest, actor: actor, note: "resolved \(id)")
        let batch = RowBatch(store: store)
        let working = try batch.row(row.table, row.key)
        working.state.apply(change, as: try store.dotID(dot))
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
