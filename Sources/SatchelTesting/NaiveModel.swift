package import SatchelModel

/// The rules of `Protocol/merge.md` done the slow way: every question is answered from the set of all changes.
///
/// It keeps no state of its own, knows no order of arrival, and shares no code with the engine. Nothing here is
/// fast: a question about a row costs O(changes of the row)², one about tables O(rows).
package struct NaiveModel {
    package let schema: Schema
    package let constraints: NaiveConstraints
    package private(set) var changes: [Dot: NaiveChange] = [:]
    private var writers: [NaiveRowName: [(dot: Dot, change: NaiveRowChange)]] = [:]
    private let memory: NaiveMemory
    private let rows: NaiveRowCache?

    /// - Parameter rows: where models of parts of one world leave what they worked out, by row and its changes.
    package init(
        schema: Schema, constraints: NaiveConstraints = NaiveConstraints(), changes: some Sequence<NaiveChange>,
        rows: NaiveRowCache? = nil
    ) {
        self.schema = schema
        self.constraints = constraints
        self.rows = rows
        memory = NaiveMemory()
        for change in changes where self.changes[change.dot] == nil {
            self.changes[change.dot] = change
            for (name, row) in change.rows { writers[name, default: []].append((change.dot, row)) }
        }
    }

    /// The same world when only these changes had been made.
    package func restricted(to dots: Set<Dot>) -> NaiveModel {
        NaiveModel(
            schema: schema, constraints: constraints, changes: changes.values.filter { dots.contains($0.dot) },
            rows: rows)
    }

    /// Whether any unit of any row has several values, or rows want one unique place: the latest, or the oldest, is shown.
    package var hasRivals: Bool {
        writers.keys.contains { row($0).units.values.contains { Set($0.values).count > 1 } }
            || view().aside.values.contains(.refused)
    }

    package var rowNames: [NaiveRowName] { writers.keys.sorted() }

    /// MRG-2, MRG-3, MRG-5, MRG-8: what the changes wrote and none of them replaced.
    ///
    /// `among` asks for the row as it was when only those had been made.
    package func row(_ name: NaiveRowName, among seen: Set<Dot>? = nil) -> NaiveRow {
        let changes = (writers[name] ?? []).filter { seen?.contains($0.dot) ?? true }
        guard let rows else { return reckon(name, changes) }
        return rows.row(name, Set(changes.map(\.dot))) { reckon(name, changes) }
    }

    private func reckon(_ name: NaiveRowName, _ changes: [(dot: Dot, change: NaiveRowChange)]) -> NaiveRow {
        var row = NaiveRow(key: name.key)
        row.policies = policies(of: name.table)
        for (dot, change) in changes {
            for (unit, write) in change.writes {
                row.units[unit, default: [:]][dot] = write.values
                row.states[unit, default: [:]][dot] = write.state
            }
            row.deletions[dot] = change.cover
            row.into[dot] = change.into
        }
        for (_, change) in changes {
            for (unit, write) in change.writes {
                for replaced in write.replaced { row.units[unit]?[replaced] = nil }
            }
            for replaced in change.deletionsReplaced { (row.deletions[replaced], row.into[replaced]) = (nil, nil) }
        }
        return row
    }

    /// MRG-14: the value that is shown, and what an ordinary write replaces (MRG-9).
    package func shown(_ row: NaiveRow, _ unit: String) -> (values: [Value], dots: Set<Dot>)? {
        let all = row.units[unit] ?? [:]
        let uncovered = row.uncovered(unit)
        let pool = uncovered.isEmpty ? all : uncovered
        if let merged = merged(row, unit, pool) { return merged }
        let policy = row.policies[unit] ?? .review
        if policy == .immutable {
            // Somebody who set nothing did not come first.
            let set = pool.filter { write in write.value.contains { $0 != .null } }
            let oldest = (set.isEmpty ? pool : set).min {
                rank($0.key, oldest: true).lexicographicallyPrecedes(rank($1.key, oldest: true))
            }
            guard let first = oldest else { return nil }
            return (first.value, Set(pool.filter { $0.value == first.value }.keys))
        }
        guard let first = pool.max(by: { rank($0.key).lexicographicallyPrecedes(rank($1.key)) }) else { return nil }
        if policy == .lastWriter { return (first.value, Set(pool.keys)) }
        return choices(row, unit, pool).first { $0.dots.contains(first.key) }
    }

    /// To whom a conflict is given: the value written last of all that are held, covered or not; nil: to nobody, or what is
    /// held of the row and in question is all later (INB-4).
    func assignee(_ conflict: NaiveConflict) -> [Value]? {
        let row = row(conflict.row)
        let named = row.units["satchel:inbox:" + conflict.id] ?? [:]
        guard let last = named.max(by: { rank($0.key).lexicographicallyPrecedes(rank($1.key)) }) else { return nil }
        let rivals = Set(
            conflict.unit.isEmpty ? Array(row.deletions.keys) : (row.units[conflict.unit] ?? [:]).map(\.key))
        let existence = (row.units[""] ?? [:]).keys.max { rank($0).lexicographicallyPrecedes(rank($1)) }
        let older = rivals.union(existence.map { [$0] } ?? []).contains {
            rank($0).lexicographicallyPrecedes(rank(last.key))
        }
        return rivals.isEmpty || older ? last.value : nil
    }

    /// - Parameter oldest: the least is wanted, and not the greatest: of one changeset's the survivor's own goes first
    ///   either way (MRG-54).
    func rank(_ dot: Dot, oldest: Bool = false) -> [UInt64] {
        if let alias = NaiveAlias.dot(dot) {
            let place = UInt64(alias.member) + 1
            return rank(alias.dot).dropLast() + [oldest ? place : .max - place]
        }
        let milliseconds = changes[dot]?.time.milliseconds ?? .min
        let time = UInt64(bitPattern: milliseconds) ^ (1 << 63)  // signed order as unsigned
        return [time, dot.origin.high, dot.origin.low, dot.sequence, dot.tag, oldest ? 0 : .max]
    }

    /// MRG-7: whether the row can be put into its table.
    package func isComplete(_ row: NaiveRow, in table: TableSchema) -> Bool {
        let needed = table.units.filter { unit in
            unit.columns.contains { table.columns[$0].notNull && table.columns[$0].defaultSQL == nil }
        }
        return ([""] + needed.map(\.name)).allSatisfy { !(row.units[$0] ?? [:]).isEmpty }
    }

    /// The values in all columns, in the order of the DDL; nil for a row that is not complete.
    package func values(_ name: NaiveRowName, _ row: NaiveRow) -> [Value]? {
        guard let table = schema.table(name.table), isComplete(row, in: table) else { return nil }
        var values = table.columns.map { Self.value(ofDefault: $0.defaultSQL) }
        for (index, column) in table.key.enumerated() { values[column] = name.key.values[index] }
        for unit in table.units {
            guard let shown = shown(row, unit.name) else { continue }
            for (index, column) in unit.columns.enumerated() { values[column] = shown.values[index] }
        }
        return values
    }

    /// MRG-7, VER-4: what a column shows that nobody wrote. The scripts' defaults are whole numbers and plain texts.
    private static func value(ofDefault sql: String?) -> Value {
        guard let sql else { return .null }
        if let number = Int64(sql) { return .integer(number) }
        return sql.hasPrefix("'") && sql.hasSuffix("'") ? .text(String(sql.dropFirst().dropLast())) : .null
    }

    /// MRG-20, MRG-22: what people see, and what is held aside. Worked out once.
    package func view() -> NaiveView { memory.view { net().view() } }

    /// MRG-16 to MRG-19, sorted by id.
    package func conflicts() -> [NaiveConflict] {
        var found: [NaiveConflict] = []
        let view = view()
        var merges: [String: Merges] = [:]
        for table in schema.tables {
            let own = self.merges(of: table.name)
            for (name, choices) in own.apart {
                found.append(
                    NaiveConflict(kind: "mergedApart", row: name, unit: "", candidates: choices.map(\.values)))
            }
            merges[table.name] = own
        }
        for name in view.shown.keys {
            let own = merges[name.table] ?? Merges()
            if own.survivors[name] != nil {
                // MRG-53: it is shown because something refers to it; its edits are asked about at the survivor.
                if own.apart[name] == nil {
                    found.append(NaiveConflict(kind: "inUse", row: name, unit: "", candidates: []))
                }
                continue
            }
            let row = united(name, own)
            guard let table = schema.table(name.table) else { continue }
            if !row.isAlive, view.silent.contains(name) {
                // MRG-48: it is asked about with the row that it came back with.
            } else if !row.isAlive {
                found.append(NaiveConflict(kind: "inUse", row: name, unit: "", candidates: []))
            } else if !row.deletions.isEmpty {
                found.append(NaiveConflict(kind: "deleted", row: name, unit: "", candidates: []))
            }
            for unit in table.units where row.policies[unit.name] != .lastWriter {
                if merged(row, unit.name, row.uncovered(unit.name)) != nil { continue }
                let choices = choices(row, unit.name, row.uncovered(unit.name))
                guard choices.count > 1 else { continue }
                found.append(
                    NaiveConflict(kind: "values", row: name, unit: unit.name, candidates: choices.map(\.values)))
            }
        }
        return found.sorted { $0.id < $1.id }
    }
}

/// A changeset as the model sees it.
package struct NaiveChange {
    package var dot: Dot
    package var time: Timestamp
    /// Everything its author had applied before, its own line included: the plain clock, dot by dot (MRG-4).
    package var seen: Set<Dot>
    package var rows: [NaiveRowName: NaiveRowChange]
    /// The one before it in its chain; nil for the first of a line.
    package var previous: Dot?
    /// It opens a decided conflict again (INB-8).
    package var isUndo = false

    /// The rows that it kept or entered again.
    var kept: Set<NaiveRowName> {
        Set(rows.filter { $1.writes[""] != nil && !$1.deletionsReplaced.isEmpty }.keys)
    }
}

package struct NaiveRowChange {
    package struct Write {
        package var values: [Value]
        /// What follows them (MRG-30).
        package var state: [UInt8]?
        package var replaced: Set<Dot>
    }

    /// By unit; the empty name is the row's existence.
    package var writes: [String: Write] = [:]
    package var deletionsReplaced: Set<Dot> = []
    package var cover: Set<NaiveCovered>?
    /// MRG-50.
    package var into: RowKey?
}

package struct NaiveCovered: Hashable {
    package var unit: String
    package var dot: Dot
}

package struct NaiveRowName: Hashable, Comparable, CustomStringConvertible {
    package var table: String
    package var key: RowKey

    package static func < (a: Self, b: Self) -> Bool {
        a.table != b.table ? Array(a.table.utf8).lexicographicallyPrecedes(Array(b.table.utf8)) : a.key < b.key
    }

    package var description: String { "\(table)(\(key.display))" }
}

/// The state of a row (MRG-3).
package struct NaiveRow: Equatable {
    let key: RowKey
    package var units: [String: [Dot: [Value]]] = [:]
    /// What some candidates carry beside their values (MRG-30).
    var states: [String: [Dot: [UInt8]]] = [:]
    /// By unit, those of its table.
    var policies: [String: Policy] = [:]
    package var deletions: [Dot: Set<NaiveCovered>] = [:]
    /// Of deletions that are merges: the key that they name.
    var into: [Dot: RowKey] = [:]
    /// Candidates of rows merged into this one that count without standing (MRG-54).
    var hidden: Set<NaiveCovered> = []
    /// By alias, the rows on which candidates stand that are not this row's own (MRG-54).
    var standing: [Dot: RowKey] = [:]
    /// Another row was merged into it, and no deletion of it had seen that (MRG-60).
    var isKeptByMerge = false

    /// MRG-61: by dot, the deletions that a note names which counts.
    var notes: [Dot: Set<Dot>] {
        (units["satchel:fell"] ?? [:]).filter { units[""]?[$0.key] != nil || deletions[$0.key] != nil }.mapValues {
            guard case .blob(let bytes)? = $0.first else { return [] }
            return Set(Dot.list(bytes))
        }
    }

    /// MRG-42: the deletions by which it brings back what fell by them too.
    var brings: Set<Dot> {
        notes.values.reduce(into: Set(deletions.keys.filter { into[$0] == nil || standsByItself })) { $0.formUnion($1) }
    }

    package func uncovered(_ unit: String) -> [Dot: [Value]] {
        (units[unit] ?? [:]).filter { dot, _ in
            let held = NaiveCovered(unit: unit, dot: dot)
            return !hidden.contains(held) && !deletions.values.contains { $0.contains(held) }
        }
    }

    /// MRG-51: a merge beside which existence stands is none.
    var standsByItself: Bool { !uncovered("").isEmpty }

    /// MRG-6; notes of the inbox do not count (INB-4).
    package var isAlive: Bool {
        isKeptByMerge || units.keys.contains { !$0.hasPrefix("satchel:") && !uncovered($0).isEmpty }
    }

    /// All that is held, hidden candidates too: what a deletion covers (MRG-12).
    package var held: Set<NaiveCovered> {
        Set(units.flatMap { unit, candidates in candidates.keys.map { NaiveCovered(unit: unit, dot: $0) } })
    }
}

package struct NaiveConflict: Hashable {
    package var kind: String
    package var row: NaiveRowName
    package var unit: String
    /// In the order of their numbers; empty for the kinds whose two choices are always the same.
    package var candidates: [[Value]]
}
