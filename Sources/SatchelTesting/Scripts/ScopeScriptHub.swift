internal import Satchel
internal import SatchelHub
internal import SatchelModel
internal import SatchelWire

/// What the hub must do by the rules, worked out from its log, the rules and the grants.
extension ScopeScript {
    /// What the hub applied: all that it has, without what it set aside.
    func hubChanges() -> [NaiveChange] {
        log.map { change in change.only { !(aside[change.dot]?.contains($0) ?? false) } }
    }

    func hubModel() -> NaiveModel { NaiveModel(schema: schema, changes: hubChanges()) }

    func members(of device: String, _ model: NaiveModel) -> Set<NaiveRowName> {
        let granted = grants[device] ?? []
        if granted.contains("all") { return Set(model.heldRows.keys) }
        return granted.reduce(into: []) { $0.formUnion(model.scope(rules[$1] ?? [])) }
    }

    /// Lets the hub look at its log, and looks at the same moment: judges what came, and notes who is where.
    /// What is set aside is tried again with each bundle, and at no other time (SCO-19).
    func look(merged: Bool = false) throws {
        for line in try hub.log() where !log.contains(where: { $0.dot == line.dot }) {
            let change = try change(line.dot)
            // A changeset of the hub that names a row and writes nothing takes in what was set aside of it (SCO-20).
            if author[line.dot] == nil, line.note.hasPrefix("accepted") { continue }
            if let author = author[line.dot], !(grants[author.name] ?? []).contains("all") {
                note(line.position - 1)
                judge(change, of: author)
            }
            log.append(change)
            places[line.dot] = line.position
        }
        note(try hub.position())
        var isMore = merged
        while isMore {
            isMore = try tryAgain()
            // What was taken in may bring more into its author's scopes, or another's.
            note(try hub.position())
        }
        _ = try hub.scopes()
        let due = Set(aside.flatMap { dot, rows in rows.map { "\(dot) \($0)" } })
        let position = try hub.position()
        if !due.isEmpty { stage.tell("the hub at \(position) has set aside \(due.sorted())") }
        let real = Set(try hub.outsideChanges().map { "\($0.dot) \(NaiveRowName(table: $0.table, key: $0.key))" })
        let reasons = try hub.outsideChanges().map(\.reason)
        try require(real == due, "the hub set aside \(real.sorted()) for \(reasons), due \(due.sorted())")
    }

    /// A change as its author sealed it; the hub's own is first seen in its log.
    private func change(_ dot: Dot) throws -> NaiveChange {
        if let known = changes[dot] { return known }
        guard let sealed = try hub.replica.changesets().first(where: { $0.dot == dot }) else {
            throw ScriptComplaint("the hub's log has \(dot), which it does not hold")
        }
        let change = try NaiveChange(sealed, seen: [], schema: schema)
        changes[dot] = change
        return change
    }

    private func note(_ position: UInt64) {
        let model = hubModel()
        looks.append(Look(position: position, members: rules.mapValues { model.scope($0) }, grants: grants))
    }

    private struct Rights {
        var looks: [Look]
        var device: String
        /// SCO-33.
        var entered: Set<NaiveRowName>
        var scopes: Set<String> { looks.reduce(into: []) { $0.formUnion($1.grants[device] ?? []) } }

        func couldHold(_ row: NaiveRowName) -> Bool {
            entered.contains(row)
                || looks.contains { look in
                    (look.grants[device] ?? []).contains { look.members[$0]?.contains(row) ?? false }
                }
        }
    }

    private func rights(_ dot: Dot, _ device: ScopeScriptDevice) -> Rights {
        let cut = cuts[dot, default: .max]
        return Rights(
            looks: looks.filter { $0.position >= cut }, device: device.name, entered: entered(by: device, above: cut))
    }

    /// SCO-33: what the device entered and the hub took in where the device had not been yet.
    private func entered(by device: ScopeScriptDevice, above cut: UInt64) -> Set<NaiveRowName> {
        var rows: Set<NaiveRowName> = []
        for change in log where author[change.dot] === device && places[change.dot, default: 0] > cut {
            for (name, row) in change.rows where row.writes[""] != nil {
                if aside[change.dot]?.contains(name) != true { rows.insert(name) }
            }
        }
        return rows
    }

    /// SCO-17 to SCO-19, SCO-33.
    private func judge(_ judged: NaiveChange, of device: ScopeScriptDevice) {
        let dot = judged.dot
        let rights = rights(dot, device)
        if rights.scopes.contains("all") { return }
        let model = hubModel()
        let held = model.heldRows
        var taken: Set<NaiveRowName> = []
        var open: Set<NaiveRowName> = []
        for (name, change) in judged.rows {
            if namesForeign(name, of: judged, rights, model) {
                aside[dot, default: []].insert(name)
                foreign[dot, default: []].insert(name)
            } else if rights.couldHold(name) {
                taken.insert(name)
            } else if isAside(name, device) || held[name] != nil || change.writes[""] == nil {
                aside[dot, default: []].insert(name)
            } else {
                open.insert(name)
            }
        }
        let refused = refused(open, of: [judged], rights, model, taken: taken)
        if !refused.isEmpty {
            aside[dot, default: []].formUnion(refused)
            entries[dot] = refused
        }
    }

    /// SCO-30: the change makes the row name one that is held and that its author could not hold.
    private func namesForeign(
        _ name: NaiveRowName, of change: NaiveChange, _ rights: Rights, _ model: NaiveModel
    ) -> Bool {
        let after = NaiveModel(schema: schema, changes: hubChanges() + [change.only { $0 == name }])
        let before = Set(model.parents(name, model.row(name)).map(\.parent))
        return after.parents(name, after.row(name)).contains { parent in
            !before.contains(parent.parent) && model.heldRows[parent.parent] != nil
                && !rights.couldHold(parent.parent)
        }
    }

    private func isAside(_ name: NaiveRowName, _ device: ScopeScriptDevice) -> Bool {
        aside.contains { dot, rows in author[dot] === device && rows.contains(name) }
    }

    private func refused(
        _ entered: Set<NaiveRowName>, of changes: [NaiveChange], _ rights: Rights, _ model: NaiveModel,
        taken: Set<NaiveRowName>
    ) -> Set<NaiveRowName> {
        let alone = NaiveModel(schema: schema, changes: changes)
        let after = NaiveModel(
            schema: schema, changes: hubChanges() + changes.map { $0.only { taken.contains($0) } })
        let rules = rights.scopes.reduce(into: Set<NaiveRule>()) { $0.formUnion(self.rules[$1] ?? []) }
        var taken = taken
        var wanted = Set(taken.flatMap { after.parents($0, after.row($0)).map(\.parent) })
        for (name, row) in model.heldRows where rights.couldHold(name) {
            wanted.formUnion(model.parents(name, row).map(\.parent))
        }
        var open = entered
        var moved = true
        while moved {
            moved = false
            for name in open {
                let row = alone.row(name)
                let values = alone.shownValues(name, row)
                let parents = alone.parents(name, row)
                let isIn =
                    wanted.contains(name) || rules.contains { alone.matches($0, name, values) }
                    || parents.contains { parent in
                        rules.contains(.within(name.table, columns: [parent.column]))
                            && (taken.contains(parent.parent) || rights.couldHold(parent.parent))
                    }
                guard isIn else { continue }
                taken.insert(name)
                wanted.formUnion(parents.map(\.parent))
                open.remove(name)
                moved = true
            }
        }
        return open
    }

    /// What a device has aside of a row, as it came, but for what names rows that it could not hold (SCO-30).
    private func log(of name: NaiveRowName, aside device: ScopeScriptDevice) -> [NaiveChange] {
        log.filter { change in
            author[change.dot] === device && aside[change.dot]?.contains(name) == true
                && foreign[change.dot]?.contains(name) != true
        }.map { $0.only { $0 == name } }
    }

    private func tryAgain() throws -> Bool {
        let model = hubModel()
        let held = model.heldRows
        var ready: [(name: NaiveRowName, device: ScopeScriptDevice, isFree: Bool)] = []
        for (dot, rows) in aside {
            guard let device = author[dot] else { throw ScriptComplaint("\(dot) is set aside and nobody wrote it") }
            let change = try change(dot)
            let rights = rights(dot, device)
            let isFree = rights.scopes.contains("all")
            for name in rows {
                let isOpen = entries[dot]?.contains(name) == true && held[name] == nil
                if isFree { ready.append((name, device, true)) }
                if isFree || !isOpen { continue }
                // As it was entered, or as each of what its author has aside of it from then on leaves it.
                let whole = log(of: name, aside: device)
                let first = whole.firstIndex { $0.dot == dot } ?? whole.endIndex
                let steps = [[change]] + (first..<whole.endIndex).map { Array(whole[...$0]) }
                if steps.contains(where: { refused([name], of: $0, rights, model, taken: []).isEmpty }) {
                    ready.append((name, device, false))
                }
            }
        }
        for (name, device, isFree) in ready {
            for (dot, rows) in aside where author[dot] === device && rows.contains(name) {
                // SCO-30: what names rows that its author could not hold stays aside.
                if !isFree, foreign[dot]?.contains(name) == true { continue }
                aside[dot] = rows.subtracting([name])
            }
        }
        aside = aside.filter { !$0.value.isEmpty }
        return !ready.isEmpty
    }

    /// SCO-13, SCO-16: no key in a reply that the device was not served, does not get now, and did not write.
    func checkNames(_ path: String, _ device: ScopeScriptDevice, _ mine: Set<NaiveRowName>) throws {
        let mayName = device.everSent.union(mine)
        var named: Set<NaiveRowName> = []
        var rows: Set<NaiveRowName> = []
        try device.replica.withEngine { engine in
            try engine.verify(path).forEach { item in
                switch item {
                case .state(let section):
                    for row in 0..<section.rows { rows.insert(.init(table: section.table, key: section.key(row))) }
                    for row in section.detailed { rows.insert(.init(table: section.table, key: row.key)) }
                    for key in section.gone { named.insert(.init(table: section.table, key: key)) }
                case .confinement(let said):
                    for table in said.left + said.kept {
                        for key in table.keys { named.insert(.init(table: table.table, key: key)) }
                    }
                case .changeset: throw ScriptComplaint("a reply carries a changeset")
                default: break
                }
            }
        }
        try require(rows.isSubset(of: mine), "\(device.name) is sent \(rows.subtracting(mine))")
        try require(named.isSubset(of: mayName), "\(device.name) is told of \(named.subtracting(mayName))")
    }
}

extension StateSection {
    fileprivate func key(_ row: Int) -> RowKey { RowKey(keys.map { $0[row] }) }
}
