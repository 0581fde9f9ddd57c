package import SatchelModel

/// What a schema says beyond the model's view of it, written by hand like the schema itself.
package struct NaiveConstraints: Sendable {
    /// By table, the column lists of its UNIQUE constraints. Compared as stored.
    package var unique: [String: [[String]]]
    /// By table, whether its CHECKs take a row.
    package var takes: [String: @Sendable ([Value]) -> Bool]

    package init(unique: [String: [[String]]] = [:], takes: [String: @Sendable ([Value]) -> Bool] = [:]) {
        self.unique = unique
        self.takes = takes
    }
}

package struct NaiveView {
    /// All columns of each row as they are displayed, in the order of the DDL.
    package var shown: [NaiveRowName: [Value]]
    /// Rows that are held and set aside, with the word for why.
    package var aside: [NaiveRowName: Why]
    /// Dead rows that are shown because they were brought back, and list no conflict (MRG-48).
    package var silent: Set<NaiveRowName>

    package enum Why: String { case waiting, refused, incomplete, fallen }
}

struct NaiveReference {
    var parent: NaiveRowName
    /// As it holds for this row.
    var policy: ReferencePolicy
    var declared: ReferencePolicy
    var columns: [Int]
}

/// MRG-20, MRG-22 and MRG-40 to MRG-48, over all rows at once and by the words of the rules.
struct NaiveNet {
    struct Node {
        var row: NaiveRow
        /// MRG-51.
        var isMerged: Bool
        /// MRG-61: of the row, and of those merged into it.
        var brings: Set<Dot>
        /// As the row would be displayed if all that it refers to were shown (MRG-53); nil: it is not complete.
        var values: [Value]?
        var isTaken: Bool
        var references: [NaiveReference]
        /// Each as its table, the index of its constraint, and the values.
        var places: [[Value]]
        var age: [[UInt64]]

        /// MRG-6, MRG-53.
        var isAlive: Bool { !isMerged && row.isAlive }
    }

    let nodes: [NaiveRowName: Node]
    /// Rows that a shown row refers to which is not held here (SCO-14).
    var kept: Set<NaiveRowName> = []

    // MARK: MRG-20

    /// Which rows are shown if none of `barred` can stand.
    func shown(barred: Set<NaiveRowName>) -> Set<NaiveRowName> {
        var x = standing(barred: barred)
        while true {
            var y = foundation(in: x)
            while let unsupported = y.first(where: { name in needs(name).contains { !y.contains($0) } }) {
                y.remove(unsupported)
            }
            if y == x { return x }
            x = y
        }
    }

    /// Step 2: the greatest set of rows that can stand.
    func standing(barred: Set<NaiveRowName>) -> Set<NaiveRowName> {
        var set = Set(nodes.filter { $0.value.values != nil && $0.value.isTaken && !barred.contains($0.key) }.keys)
        while let unable = set.first(where: { name in needs(name).contains { !set.contains($0) } }) {
            set.remove(unable)
        }
        return set
    }

    private func needs(_ name: NaiveRowName) -> [NaiveRowName] {
        (nodes[name]?.references ?? []).filter { $0.policy != .setNull }.map(\.parent)
    }

    /// Step 3, the least set Y.
    private func foundation(in x: Set<NaiveRowName>) -> Set<NaiveRowName> {
        var y = x.filter { nodes[$0]?.isAlive ?? false || kept.contains($0) }
        while true {
            let more = x.subtracting(y).filter { name in
                y.contains { revives($0, name) } || bringers(of: name).contains { y.contains($0) }
            }
            if more.isEmpty { return y }
            y.formUnion(more)
        }
    }

    private func revives(_ child: NaiveRowName, _ parent: NaiveRowName) -> Bool {
        nodes[child]?.references.contains { $0.parent == parent && $0.policy == .revive } ?? false
    }

    /// MRG-42.
    func bringers(of name: NaiveRowName) -> [NaiveRowName] {
        guard let node = nodes[name], !node.isAlive, !node.isMerged else { return [] }
        return node.references.map(\.parent).filter { parent in
            guard parent != name, let other = nodes[parent], !other.isMerged else { return false }
            return node.row.deletions.keys.contains { node.row.into[$0] == nil && other.brings.contains($0) }
        }
    }

    // MARK: MRG-22

    private func barred(by set: Set<NaiveRowName>) -> Set<NaiveRowName> {
        var holders: [[Value]: [NaiveRowName]] = [:]
        for name in set { for place in nodes[name]?.places ?? [] { holders[place, default: []].append(name) } }
        return Set(
            nodes.filter { name, node in
                node.places.contains { place in (holders[place] ?? []).contains { isOlder($0, name) } }
            }.keys)
    }

    private func isOlder(_ a: NaiveRowName, _ b: NaiveRowName) -> Bool {
        guard a != b, let first = nodes[a]?.age.min(by: { $0.lexicographicallyPrecedes($1) }),
            let second = nodes[b]?.age.min(by: { $0.lexicographicallyPrecedes($1) })
        else { return false }
        return first == second ? a < b : first.lexicographicallyPrecedes(second)
    }

    func view() -> NaiveView {
        var grown: Set<NaiveRowName> = []
        let wanted = shown(barred: barred(by: []))
        var shrunk = wanted
        while true {
            let next = shown(barred: barred(by: shrunk))
            shrunk = shown(barred: barred(by: next))
            if next == grown { break }
            grown = next
        }
        let clashing = wanted.subtracting(grown).intersection(barred(by: shrunk))
        let able = standing(barred: clashing)
        var view = NaiveView(shown: [:], aside: [:], silent: [])
        for (name, node) in nodes {
            if grown.contains(name), var values = node.values {
                for reference in node.references where reference.policy == .setNull && !grown.contains(reference.parent)
                {
                    for column in reference.columns { values[column] = .null }
                }
                view.shown[name] = values
                let needed =
                    kept.contains(name)
                    || grown.contains { child in (nodes[child]?.isAlive ?? false) && revives(child, name) }
                if bringers(of: name).contains(where: grown.contains), !needed { view.silent.insert(name) }
            } else if clashing.contains(name) {
                view.aside[name] = .refused
            } else if node.isAlive {
                view.aside[name] =
                    node.values == nil
                    ? .incomplete : !node.isTaken ? .refused : able.contains(name) ? .fallen : .waiting
            }
        }
        return view
    }
}

extension NaiveModel {
    func net() -> NaiveNet {
        var nodes: [NaiveRowName: NaiveNet.Node] = [:]
        var merges: [String: Merges] = [:]
        for table in schema.tables { merges[table.name] = self.merges(of: table.name) }
        let survivors = merges.values.reduce(into: [:]) { $0.merge($1.survivors) { first, _ in first } }
        for name in rowNames {
            guard let table = schema.table(name.table) else { continue }
            let isMerged = survivors[name] != nil
            let row = isMerged ? self.row(name) : united(name, merges[name.table] ?? Merges())
            let values = values(name, row).map { displayed(table, $0, survivors) }
            let members = (merges[name.table]?.survivors ?? [:]).filter { $0.value == name }.keys
            let brings = ([name] + members).reduce(into: Set<Dot>()) { $0.formUnion(self.row($1).brings) }
            var node = NaiveNet.Node(
                row: row, isMerged: isMerged, brings: brings, values: values, isTaken: true, references: [], places: [],
                age: [])
            if let values {
                node.isTaken = takes(table, values)
                node.references = references(table, values)
                node.places = places(table, values)
                node.age = (row.units[""] ?? [:]).keys.map { rank($0) }
            }
            nodes[name] = node
        }
        return NaiveNet(nodes: nodes)
    }

    /// MRG-62: a dead row that no merge touches, each of whose deletions is noted by a row that it refers to and that has it not.
    func isShownByNotesAlone(_ name: NaiveRowName, among seen: Set<Dot>? = nil) -> Bool {
        let row = row(name, among: seen)
        guard !row.isAlive, !row.deletions.isEmpty, row.into.isEmpty, let table = schema.table(name.table) else {
            return false
        }
        var merges: [String: Merges] = [:]
        for parent in Set(table.references.map(\.parent) + [name.table]) {
            merges[parent] = self.merges(of: parent, among: seen)
        }
        let isTouched = rowNames.contains { other in
            other.table == name.table && self.row(other, among: seen).into.values.contains(name.key)
        }
        let survivors = merges.values.reduce(into: [:]) { $0.merge($1.survivors) { first, _ in first } }
        guard !isTouched, let values = values(name, row).map({ displayed(table, $0, survivors) }) else { return false }
        var noted: Set<Dot> = []
        for parent in Set(references(table, values).map(\.parent)) where survivors[parent] == nil {
            let whole = ([parent] + survivors.filter { $0.value == parent }.keys).map { self.row($0, among: seen) }
            let brings = whole.reduce(into: Set<Dot>()) { $0.formUnion($1.brings) }
            noted.formUnion(brings.subtracting(whole.flatMap(\.deletions.keys)))
        }
        return Set(row.deletions.keys).isSubset(of: noted)
    }

    /// MRG-45.
    private func takes(_ table: TableSchema, _ values: [Value]) -> Bool {
        for (column, value) in zip(table.columns, values) where column.notNull && value == .null { return false }
        return constraints.takes[table.name]?(values) ?? true
    }

    /// MRG-53: with references to merged rows as references to their survivors.
    private func displayed(
        _ table: TableSchema, _ written: [Value], _ survivors: [NaiveRowName: NaiveRowName]
    ) -> [Value] {
        var displayed = written
        for (number, reference) in table.references.enumerated() {
            guard !reference.columns.contains(where: table.key.contains), let named = named(by: reference, written),
                let survivor = survivors[named]
            else { continue }
            let places = keyPlaces(reference.columns, of: table, named)
            let shared = table.references.enumerated().filter { $0.offset != number }.flatMap(\.element.columns)
            let keeps = zip(reference.columns, places).allSatisfy { column, place in
                !shared.contains(column) || survivor.key.values[place] == written[column]
            }
            guard keeps else { continue }
            for (column, place) in zip(reference.columns, places) { displayed[column] = survivor.key.values[place] }
        }
        return displayed
    }

    /// MRG-20 (1).
    private func named(by reference: TableSchema.Reference, _ values: [Value]) -> NaiveRowName? {
        guard let parent = schema.table(reference.parent) else { return nil }
        let key = parent.keyColumns.map { column in
            reference.parentColumns.firstIndex(of: column).map { values[reference.columns[$0]] } ?? .null
        }
        return key.contains(.null) ? nil : NaiveRowName(table: parent.name, key: RowKey(key))
    }

    /// CAP-8: what a row showed, with NULL in references declared `setNull` that became NULL while the rows went that they named.
    func shown(_ old: [Value], cutTo new: [Value], in table: TableSchema, without gone: Set<NaiveRowName>) -> [Value] {
        var shown = old
        for reference in table.references where reference.policy == .setNull {
            guard reference.columns.allSatisfy({ new[$0] == .null }), let named = named(by: reference, old),
                gone.contains(named)
            else { continue }
            for column in reference.columns { shown[column] = .null }
        }
        return shown
    }

    /// What the displayed values name, and MRG-43 for a table that does not take the row with its references displayed as NULL.
    private func references(_ table: TableSchema, _ values: [Value]) -> [NaiveReference] {
        let found = table.references.compactMap { reference -> (NaiveRowName, ReferencePolicy, [Int])? in
            named(by: reference, values).map { ($0, reference.policy, reference.columns) }
        }
        let nullable = found.filter { $0.1 == .setNull }.map(\.2)
        let displays = nullable + [nullable.flatMap(\.self)]
        let able = displays.allSatisfy { columns in
            var shown = values
            for column in columns { shown[column] = .null }
            return takes(table, shown)
        }
        return found.map { parent, policy, columns in
            NaiveReference(
                parent: parent, policy: policy == .setNull && !able ? .cascade : policy, declared: policy,
                columns: columns)
        }
    }

    private func keyPlaces(_ columns: [Int], of table: TableSchema, _ parent: NaiveRowName) -> [Int] {
        guard let reference = table.references.first(where: { $0.columns == columns && $0.parent == parent.table }),
            let keys = schema.table(parent.table)?.keyColumns
        else { return [] }
        return reference.parentColumns.map { keys.firstIndex(of: $0) ?? 0 }
    }

    private func places(_ table: TableSchema, _ values: [Value]) -> [[Value]] {
        (constraints.unique[table.name] ?? []).enumerated().compactMap { index, columns in
            let held = columns.compactMap { name in table.columns.firstIndex { $0.name == name }.map { values[$0] } }
            return held.contains(.null) ? nil : [.text(table.name), .integer(Int64(index))] + held
        }
    }
}

extension NaiveModel {
    /// The complete rows against which a deletion stands.
    func deleted() -> [NaiveRowName] {
        net().nodes.filter { $0.value.values != nil && !$0.value.row.deletions.isEmpty }.keys.sorted()
    }

    /// MRG-47: the rows of which a changeset's deletions are undone, but for those on which it only took along what was merged
    /// into another of them before: there the merge stays (MRG-55).
    func deleted(by dot: Dot) -> [NaiveRowName] {
        let rows = deleted().filter { row($0).deletions[dot] != nil }
        return rows.filter { name in
            let own = row(name)
            guard let into = own.into[dot] else { return true }
            let isAlong = own.into.contains { other, key in
                key == into && rank(other).lexicographicallyPrecedes(rank(dot))
            }
            guard isAlong else { return true }
            return connected(name).isDisjoint(with: rows)
        }
    }

    /// The other rows that merges connect with one, whichever leads to the other.
    private func connected(_ name: NaiveRowName) -> Set<NaiveRowName> {
        let into = Dictionary(
            uniqueKeysWithValues: rowNames.filter { $0.table == name.table }.map { ($0, Set(row($0).into.values)) })
        var met: Set = [name]
        while true {
            let more = into.filter { other, keys in
                !met.contains(other)
                    && met.contains { keys.contains($0.key) || into[$0]?.contains(other.key) ?? false }
            }
            if more.isEmpty { return met.subtracting([name]) }
            met.formUnion(more.keys)
        }
    }

    /// MRG-46: the rows that are kept, or deleted, with a row.
    func together(_ name: NaiveRowName, keep: Bool) -> Set<NaiveRowName> { together([name], keep: keep) }

    /// MRG-50, MRG-62: what is kept where a row is merged into another: what it brings back, and what that needs; and the other, if it
    /// is shown by notes alone.
    func kept(merging name: NaiveRowName, into other: NaiveRowName) -> Set<NaiveRowName> {
        let others = [name, other] + schema.tables.flatMap { merges(of: $0.name).survivors.keys }
        let back = together([name], keep: false, without: [other]).subtracting([name])
        let kept = together(back, keep: true, without: Set(others))
        return isShownByNotesAlone(other) ? kept.union([other]) : kept
    }

    private func together(
        _ names: Set<NaiveRowName>, keep: Bool, without others: Set<NaiveRowName> = []
    ) -> Set<NaiveRowName> {
        let net = net()
        let shown = Set(view().shown.keys)
        var rows = names
        while true {
            let needed = rows.flatMap { row in
                (net.nodes[row]?.references ?? []).filter { $0.declared != .setNull }.map(\.parent)
            }
            let more = net.nodes.filter { other, node in
                if rows.contains(other) || others.contains(other) || node.values == nil || node.isAlive { return false }
                let fell = net.bringers(of: other).contains(where: rows.contains)
                return keep ? fell || needed.contains(other) : fell && shown.contains(other)
            }
            if more.isEmpty { return rows }
            rows.formUnion(more.keys)
        }
    }
}

extension TableSchema {
    /// Columns of a unit in which a reference stands that a write left, in all of them, as it was displayed (MRG-44).
    func referringColumns(of unit: Unit, leftIn new: [Value], from old: [Value]) -> Set<Int> {
        references.map { $0.columns.filter(unit.columns.contains) }
            .filter { columns in columns.allSatisfy { old[$0] == new[$0] } }
            .reduce(into: []) { $0.formUnion($1) }
    }
}
