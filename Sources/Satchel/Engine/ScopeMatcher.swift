internal import SatchelMerge
package import SatchelModel
package import SatchelStore

/// Which rows the rules of many scopes match by themselves (SCO-1, SCO-3), looked up by value where they can be.
package final class ScopeMatcher {
    private let store: Store
    private let probe: ConditionProbe
    private var everywhere: [Int64] = []
    private var whole: [Int64: [Int64]] = [:]
    private var byValue: [Int64: [(column: Int, scopes: [Value: [Int64]])]] = [:]
    private var conditions: [Int64: [(scope: Int64, sql: String)]] = [:]
    private var within: Set<Within> = []
    /// Columns that decide about rows of a table, by their places: a row that changes in none of them stays.
    private var deciding: [Int64: Set<Int>] = [:]
    /// Rules that do not fit the schema, each in a sentence. They match nothing.
    package private(set) var faults: [String] = []

    private struct Within: Hashable {
        let scope: Int64
        let child: Int64
        let reference: Int
    }

    /// `scopes`: each with the number under which it is answered.
    package init(_ scopes: [(id: Int64, definition: ScopeDefinition)], store: Store) throws {
        self.store = store
        probe = try ConditionProbe(store: store)
        // What people said of the data names nothing of it, and belongs to all scopes (SCH-29).
        if let facts = store.layout(named: factTable) { whole[facts.id] = scopes.map(\.id) }
        for (id, definition) in scopes {
            for rule in definition.rules {
                do {
                    try take(rule, of: id)
                } catch let error as ScopeRuleError {
                    faults.append("\(definition.name): \(error.description)")
                }
            }
        }
    }

    private func take(_ rule: ScopeRule, of scope: Int64) throws {
        if rule.table == ScopeRule.everyTable { return everywhere.append(scope) }
        guard let layout = store.layout(named: rule.table) else {
            throw ScopeRuleError("there is no synced table \(rule.table)")
        }
        switch rule.kind {
        case .all: whole[layout.id, default: []].append(scope)
        case .by(let name, let value):
            let column = try Self.place(of: name, in: layout)
            deciding[layout.id, default: []].insert(column)
            var index = byValue[layout.id] ?? []
            let found = index.firstIndex { $0.column == column } ?? index.count
            if found == index.count { index.append((column, [:])) }
            index[found].scopes[value, default: []].append(scope)
            byValue[layout.id] = index
        case .condition(let sql):
            deciding[layout.id, default: []].formUnion(try probe.columns(readBy: sql, in: layout))
            conditions[layout.id, default: []].append((scope, sql))
        case .within(let names):
            let columns = Set(try names.map { try Self.place(of: $0, in: layout) })
            let references = References(store.layouts).from(layout.id)
            guard let reference = references.firstIndex(where: { Set($0.columns) == columns }) else {
                throw ScopeRuleError("\(rule.table) has no foreign key over \(names.joined(separator: ", "))")
            }
            deciding[layout.id, default: []].formUnion(columns)
            within.insert(Within(scope: scope, child: layout.id, reference: reference))
        }
    }

    /// A renamed column is found by its first name too (VER-5): the rule may be older.
    package static func place(of name: String, in layout: TableLayout) throws -> Int {
        let columns = layout.schema.columns
        guard
            let place = columns.firstIndex(where: { $0.name == name })
                ?? columns.firstIndex(where: { $0.identity == name })
        else {
            throw ScopeRuleError("there is no column \(layout.schema.name).\(name)")
        }
        return place
    }

    /// For each row the scopes of which a rule matches it. `values`: nil for a row of a table that is not known here.
    package func matches(_ rows: [(table: Int64, values: [Value]?)]) throws -> [Set<Int64>] {
        var found = rows.map { _ in Set(everywhere) }
        for (index, row) in rows.enumerated() {
            found[index].formUnion(whole[row.table] ?? [])
            guard let values = row.values else { continue }
            for (column, scopes) in byValue[row.table] ?? [] { found[index].formUnion(scopes[values[column]] ?? []) }
        }
        for (table, rules) in conditions.sorted(by: { $0.key < $1.key }) {
            let places = rows.indices.filter { rows[$0].table == table && rows[$0].values != nil }
            guard !places.isEmpty, let layout = store.layout(table) else { continue }
            let values = places.compactMap { rows[$0].values }
            for (scope, sql) in rules {
                for place in try probe.matching(sql, in: layout, rows: values) { found[places[place]].insert(scope) }
            }
        }
        return found
    }

    /// Whether in this scope rows of a table are in the core because the row that they refer to is.
    package func leadsIn(_ scope: Int64, child: Int64, reference: Int) -> Bool {
        within.contains(Within(scope: scope, child: child, reference: reference))
    }

    package func decides(_ table: Int64, column: Int) -> Bool { deciding[table]?.contains(column) ?? false }
}

/// What scopes must know of one row as it is held.
package struct ScopeFacts {
    package struct Parent: Hashable {
        /// The place of the reference among those of the table; `ScopeReference.merge`: the row was merged into it.
        package let reference: Int
        package let table: Int64
        package let key: RowKey
        package let hash: Int64
        /// Whether the shown value names it; else a hidden candidate does.
        package let isShown: Bool
    }

    package let table: Int64
    package let key: RowKey
    package let hash: Int64
    /// Whether anything is held of it.
    package let isHeld: Bool
    /// What it shows, or would; nil: nothing is held, or its table is not known.
    package let values: [Value]?
    /// Every row that any candidate references (EXC-19).
    package let parents: [Parent]
    /// Of a row whose table is not known: the lines under which it was entered. Nil: its table is known.
    package let enteredBy: Set<OriginID>?
}

extension Engine {
    /// Two look-ups by key, and the candidates of its references.
    package func scopeFacts(table: Int64, key: RowKey, references: [Int64: [ScopeReference]]) throws -> ScopeFacts {
        let held = try store.load(table: table, key: key)
        return try scopeFacts(table: table, key: key, hash: held.hash, state: held.state, references: references)
    }

    /// The same of a state that is not held, or not yet.
    package func scopeFacts(
        table: Int64, key: RowKey, hash: Int64, state: RowState, references: [Int64: [ScopeReference]]
    ) throws -> ScopeFacts {
        guard let layout = store.layout(table), !state.isEmpty else {
            let entered = store.layout(table) == nil ? state[RowState.existence] : nil
            return ScopeFacts(
                table: table, key: key, hash: hash, isHeld: !state.isEmpty, values: nil,
                parents: survivors(of: state, table: table),
                enteredBy: try entered.map { try Set($0.map { try store.known($0.dot).dot.origin }) })
        }
        // Who survived shows what stands on the rows merged into it; a merged row speaks for itself.
        let verdict = try judged(HeldRow(table: table, key: key, hash: hash, state: state, place: .absent))
        let values = try store.asHeld(layout.row(key, as: verdict), layout)
        var parents: [ScopeFacts.Parent] = []
        for (place, reference) in (references[table] ?? []).enumerated() {
            let visible = reference.key(of: values)
            var keys = visible.map { [$0] } ?? []
            keys += reference.candidates(of: state, key: key, in: layout).filter { $0 != visible }
            for parent in keys {
                parents.append(
                    .init(
                        reference: place, table: reference.parent, key: parent,
                        hash: store.rowHash(reference.parent, parent), isShown: parent == visible))
            }
        }
        return ScopeFacts(
            table: table, key: key, hash: hash, isHeld: true, values: values,
            parents: parents + survivors(of: state, table: table), enteredBy: nil)
    }

    /// The rows into which a row was merged, as scopes follow them.
    private func survivors(of state: RowState, table: Int64) -> [ScopeFacts.Parent] {
        state.into.map {
            .init(
                reference: ScopeReference.merge, table: table, key: $0, hash: store.rowHash(table, $0), isShown: true)
        }
    }

    /// The foreign keys of each table, in the order by which they are numbered here.
    package func scopeReferences() -> [Int64: [ScopeReference]] {
        let references = References(store.layouts)
        return Dictionary(
            uniqueKeysWithValues: store.layouts.map { layout in
                (
                    layout.id,
                    references.from(layout.id).map { ScopeReference(parent: $0.parent.id, columns: $0.columns) }
                )
            })
    }
}

/// A foreign key as scopes follow it.
package struct ScopeReference {
    /// In the place of a reference's number: the row was merged into the other, and scopes keep the two together (SCO-4).
    package static let merge = -1

    package let parent: Int64
    /// Columns of the child, in the order of the parent's key.
    package let columns: [Int]

    package func key(of row: [Value]) -> RowKey? {
        let values = columns.map { row[$0] }
        return values.contains(.null) ? nil : RowKey(values)
    }

    /// The keys that any combination of the candidates of its units names, each once, sorted.
    func candidates(of state: RowState, key: RowKey, in layout: TableLayout) -> [RowKey] {
        layout.keys(in: columns, of: state, key: key)
    }
}
