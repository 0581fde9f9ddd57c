internal import SatchelModel

/// `Protocol/scopes.md` done the slow way: what a device may hold is counted anew from all changes, the rules and the
/// grants, each time it is asked. Shares no code with the engine.
enum NaiveRule: Hashable {
    case all(String)
    case everything
    case by(String, column: String, Value)
    case within(String, columns: [String])
    /// `client WHERE district = 'N'`
    case northern
    /// `client WHERE district IS NULL OR name > 'n5'`
    case loose

    /// As it is written for the hub.
    var text: String {
        switch self {
        case .all(let table): "\(table) ALL"
        case .everything: "* ALL"
        case .by(let table, let column, let value): "\(table) BY \(column) '\(value.display)'"
        case .within(let table, let columns): "\(table) IN (\(columns.joined(separator: ", ")))"
        case .northern: "client WHERE district = 'N'"
        case .loose: "client WHERE district IS NULL OR name > 'n5'"
        }
    }
}

extension NaiveModel {
    /// SCO-3: what the row shows, alive or dead; NULL where a unit has no candidate.
    func shownValues(_ name: NaiveRowName, _ row: NaiveRow) -> [String: Value] {
        guard let table = schema.table(name.table) else { return [:] }
        var values: [String: Value] = [:]
        for column in table.columns { values[column.name] = .null }
        for (column, value) in zip(table.keyColumns, name.key.values) { values[column] = value }
        for unit in table.units {
            guard let shown = shown(row, unit.name) else { continue }
            for (column, value) in zip(unit.columns, shown.values) { values[table.columns[column].name] = value }
        }
        return values
    }

    /// SCO-1, but for `IN`.
    func matches(_ rule: NaiveRule, _ name: NaiveRowName, _ values: [String: Value]) -> Bool {
        switch rule {
        case .everything: return true
        case .all(let table): return table == name.table
        case .by(let table, let column, let value): return table == name.table && values[column] == value
        case .within: return false
        case .northern: return name.table == "client" && values["district"] == .text("N")
        case .loose:
            guard name.table == "client" else { return false }
            if values["district"] == .null { return true }
            guard case .text(let text)? = values["name"] else { return false }
            return Array("n5".utf8).lexicographicallyPrecedes(text)
        }
    }

    /// The rows that any candidate references, and whether the shown value does (EXC-19). Every foreign key here is
    /// of one column.
    func parents(_ name: NaiveRowName, _ row: NaiveRow) -> [(column: String, parent: NaiveRowName, isShown: Bool)] {
        guard let table = schema.table(name.table) else { return [] }
        let visible = shownValues(name, row)
        return table.references.flatMap { reference -> [(column: String, parent: NaiveRowName, isShown: Bool)] in
            let column = table.columns[reference.columns[0]].name
            let values = Set((row.units[column] ?? [:]).values.map { $0[0] }).filter { $0 != .null }
            return values.map { value in
                (column, NaiveRowName(table: reference.parent, key: RowKey([value])), visible[column] == value)
            }
        }
    }

    var heldRows: [NaiveRowName: NaiveRow] {
        var held: [NaiveRowName: NaiveRow] = [:]
        for name in rowNames {
            let row = row(name)
            if !row.held.isEmpty || !row.deletions.isEmpty { held[name] = row }
        }
        return held
    }

    /// SCO-4: the rows of a scope.
    func scope(_ rules: Set<NaiveRule>) -> Set<NaiveRowName> {
        let held = heldRows
        var core = Set(
            held.filter { name, row in
                let values = shownValues(name, row)
                return rules.contains { matches($0, name, values) }
            }.keys)
        var grew = true
        while grew {
            grew = false
            for (name, row) in held where !core.contains(name) {
                let isIn = parents(name, row).contains { parent in
                    parent.isShown && core.contains(parent.parent)
                        && rules.contains(.within(name.table, columns: [parent.column]))
                }
                if isIn {
                    core.insert(name)
                    grew = true
                }
            }
        }
        var scope = core
        var open = Array(core)
        while let name = open.popLast() {
            for parent in held[name].map({ parents(name, $0) }) ?? [] where held[parent.parent] != nil {
                if scope.insert(parent.parent).inserted { open.append(parent.parent) }
            }
        }
        return scope
    }

    /// MRG-20 and MRG-42, where `kept` are rows that somebody elsewhere refers to (SCO-14).
    func view(kept: Set<NaiveRowName>) -> [NaiveRowName: [Value]] {
        var net = net()
        net.kept = kept
        return net.view().shown
    }

    /// SCO-14: rows of the scopes that are dead and shown because of a row outside them.
    func kept(from outside: Set<NaiveRowName>) -> Set<NaiveRowName> {
        let held = heldRows
        let shown = view(kept: [])
        var kept: Set<NaiveRowName> = []
        for name in shown.keys where !outside.contains(name) {
            for parent in held[name].map({ parents(name, $0) }) ?? []
            where parent.isShown && outside.contains(parent.parent) {
                if held[parent.parent].map({ !$0.isAlive }) == true { kept.insert(parent.parent) }
            }
        }
        return kept
    }
}

extension NaiveChange {
    /// The change with these rows only.
    func only(_ isKept: (NaiveRowName) -> Bool) -> NaiveChange {
        var change = self
        change.rows = rows.filter { isKept($0.key) }
        return change
    }
}
