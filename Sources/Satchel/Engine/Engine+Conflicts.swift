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
    /// The open conflicts, or one of them, by id. O(conflicts + what their changesets wrote beside them).
    package func conflicts(_ id: String? = nil) throws -> [Conflict] {
        try told(try store.listedConflicts().filter { id == nil || $0.id == id })
    }

    /// At most `limit` open conflicts, by id, after this one.
    /// O(conflicts), and for those told what their changesets wrote beside them.
    package func conflicts(after id: String, limit: Int) throws -> ConflictPage {
        let rest = try store.listedConflicts().filter { $0.id > id }
        var page = rest.prefix(limit)
        // Whoever goes on after this page goes on after its last id.
        if let last = page.last { page += rest.dropFirst(page.count).prefix { $0.id == last.id } }
        return ConflictPage(conflicts: try told(Array(page)), more: rest.count - page.count)
    }

    /// The one that is open under an id. An id is short: of many thousands two may have the same, and then only `seen` says which
    /// is meant.
    func openConflict(_ id: String, of seen: Conflict? = nil) throws -> Store.ListedConflict {
        let all = try store.listedConflicts().filter { $0.id == id }
        let found = all.count < 2 ? all : all.filter { seen == nil || $0.key == seen?.key }
        guard let one = found.first else {
            throw UsageError("no open conflict has the id \(id)", try: "list them with `conflicts`")
        }
        guard found.count == 1 else {
            let names = found.map { "\(store.tableName($0.table)) \($0.key.display)" }
            throw UsageError(
                "\(found.count) conflicts have the id \(id): of \(names.joined(separator: " and of "))",
                try: "decide them by a rule, both alike, or in a program that says which it has read")
        }
        return one
    }

    private func told(_ listed: [Store.ListedConflict]) throws -> [Conflict] {
        let bases = try bases(of: listed)
        var beside = Neighbourhood(self)
        return try listed.map { listed in
            let whole = try whole(store.load(table: listed.table, key: listed.key))
            let candidates = try candidates(of: listed, whole, &beside)
            let columns =
                switch listed.kind {
                case .values: store.shownUnitColumns(listed.unit, table: listed.table)
                case .deleted, .inUse: [String]()
                case .mergedApart: try store.keyColumns(listed.table)
                }
            return Conflict(
                id: listed.id, kind: listed.kind, table: store.tableName(listed.table), key: listed.key,
                unit: store.shownUnitName(listed.unit, table: listed.table), columns: columns,
                candidates: candidates,
                base: bases[listed.id].map { shown($0, of: listed.unit, table: listed.table) },
                assignee: try assignee(listed, whole.row),
                neighbours: try beside.neighbours(of: listed, whole, candidates))
        }
    }

    /// What a person chooses among, in the order in which it is counted (MRG-19, MRG-57).
    func candidates(
        of listed: Store.ListedConflict, _ whole: Whole, _ beside: inout Neighbourhood
    ) throws -> [Conflict.Candidate] {
        switch listed.kind {
        case .values: try valueCandidates(whole, unit: listed.unit, &beside)
        case .deleted: try rowCandidates(whole)
        case .inUse: try rowCandidates(whole, users: beside.users(of: whole.row))
        case .mergedApart: try mergeCandidates(whole)
        }
    }

    private func valueCandidates(
        _ whole: Whole, unit: UnitID, _ beside: inout Neighbourhood
    ) throws -> [Conflict.Candidate] {
        let shown = try store.judge(whole.united, table: whole.row.table).shown(unit).map { Set($0.dots) }
        let row = WrittenUnits.Row(table: whole.row.table, key: whole.row.key, unit: unit)
        return try contenders(whole.united, unit, table: whole.row.table).map { values, dots in
            Conflict.Candidate(
                values: values, act: nil, isShown: Set(dots) == shown,
                authors: try writers(beside.first(dots.map(whole.united.dot), in: row)))
        }
    }

    /// The values of a unit that stand against each other, in the order in which people count them (MRG-19).
    func contenders(
        _ united: UnitedState, _ unit: UnitID, table: Int64
    ) throws -> [(values: [Value], dots: [DotID])] {
        func form(_ values: [Value]) -> [UInt8] {
            var bytes: [UInt8] = []
            values.forEach { $0.appendCanonical(to: &bytes) }
            return bytes
        }
        let order = try store.orders(of: united)
        let all = united.state.contenders(of: unit, store.rules(table)) { order($0).dot.valueID(in: united.row($0)) }
        // Of two that are equal the one that was counted comes first (MRG-31).
        return all.enumerated().map { (place: $0, form: form($1.values), one: $1) }
            .sorted { a, b in a.form == b.form ? a.place < b.place : a.form.lexicographicallyPrecedes(b.form) }
            .map(\.one)
    }

    /// What people see of the values of a unit: one for each of its columns, without the state that a policy keeps (MRG-30).
    func shown(_ values: [Value], of unit: UnitID, table: Int64) -> [Value] {
        Array(values.prefix(store.shownUnitColumns(unit, table: table).count))
    }

    /// - Parameter users: the writes by which other rows refer to it.
    private func rowCandidates(_ whole: Whole, users: Set<DotID> = []) throws -> [Conflict.Candidate] {
        let state = whole.united.state
        let covered = Set(state.deletions.flatMap(\.cover))
        let edits = Set(
            state.held.filter { $0.unit < RowState.firstSystemUnit && !covered.contains($0) }
                .map { whole.united.dot($0.dot) })
        // What hides the counts of merged rows is no deletion of anybody's.
        let real = Set(whole.row.state.deletions.map(\.dot))
        let deletions = state.deletions.map(\.dot).filter(real.contains)
        return [
            .init(
                values: [], act: "keep", isShown: true,
                authors: try writers(Array(edits.union(whole.united.unseenMerges).union(users)))),
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
                    reading: known.reading, clockOffset: known.offset, dot: known.dot)
            }
    }
}
