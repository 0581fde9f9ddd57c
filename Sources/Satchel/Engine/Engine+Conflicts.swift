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

/// Listing conflicts.
extension Engine {
    /// The open conflicts, by id. O(conflicts + what their changesets wrote beside them).
    package func conflicts() throws -> [Conflict] {
        let listed = try store.listedConflicts()
        let bases = try bases(of: listed)
        var beside = Neighbourhood(self)
        return try listed.map { listed in
            let row = try store.load(table: listed.table, key: listed.key)
            let candidates =
                try listed.kind == .values
                ? valueCandidates(row.state, table: listed.table, unit: listed.unit)
                : rowCandidates(row.state, kind: listed.kind)
            return Conflict(
                id: listed.id, kind: listed.kind, table: store.tableName(listed.table), key: listed.key,
                unit: store.shownUnitName(listed.unit, table: listed.table),
                columns: listed.kind == .values ? store.shownUnitColumns(listed.unit, table: listed.table) : [],
                candidates: candidates, base: bases[listed.id], assignee: try assignee(listed.id, row),
                neighbours: try beside.neighbours(of: listed, row, candidates))
        }
    }

    func valueCandidates(_ state: RowState, table: Int64, unit: UnitID) throws -> [Conflict.Candidate] {
        let shown = try store.judge(state, table: table).shown(unit)?.values
        return try contenders(state, unit, table: table).map { values, dots in
            Conflict.Candidate(
                values: values, act: nil, isShown: values == shown, authors: try writers(dots))
        }
    }

    /// The distinct values of a unit in the order in which people count them (MRG-19).
    func contenders(
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

    func rowCandidates(_ state: RowState, kind: ConflictKind) throws -> [Conflict.Candidate] {
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
                    reading: known.reading, clockOffset: known.offset, dot: known.dot)
            }
    }
}
