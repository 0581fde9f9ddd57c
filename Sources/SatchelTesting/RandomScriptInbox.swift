internal import Foundation
internal import GRDB
internal import Satchel
internal import SatchelModel
internal import SatchelStore

/// What a person has open: the view, and beside it what by the rules it stands for.
struct ScriptView {
    /// As it was kept over a restart of the app.
    var kept: Data
    var name: NaiveRowName
    /// Of the script's schemas, which the replica followed.
    var version: Int
    /// By name.
    var units: [String: Unit]

    struct Unit {
        /// As the table showed it.
        var values: [Value]
        /// With references as they stood.
        var stood: [Value]
        /// The writes that were shown, as the model has them, and all that were held.
        var shown: Set<Write>
        var held: Set<Write>
    }

    /// A changeset's write of the unit, in the row where it stood.
    struct Write: Hashable {
        var dot: Dot
        /// Nil: the record itself.
        var row: NaiveRowName?

        /// - Parameter members: the rows merged into the record, in order.
        init(_ dot: Dot, _ members: [NaiveRowName]) {
            let alias = NaiveAlias.dot(dot)
            self.dot = alias?.dot ?? dot
            row = alias.map { members[$0.member] }
        }
    }
}

/// People at the inbox: open forms, saved late; conflicts given to somebody; decisions undone and made by rule.
extension RandomScript {
    func attendInbox(_ peer: ScriptPeer, _ index: Int) throws {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: try open(peer, index)
        case 3..<6: try save(peer, index)
        case 6: try assign(peer)
        case 7: try decideByRule(peer)
        default: try undoDecision(peer)
        }
    }

    private func open(_ peer: ScriptPeer, _ index: Int) throws {
        var model = model(peer)
        let written = try peer.contents(model.schema)
        guard let name = written.keys.sorted().randomElement(using: &random) else { return }
        // What was entered and not sealed has no name: opening it seals it.
        if model.view().shown[name] == nil {
            try seal(peer)
            model = self.model(peer)
        }
        guard let values = try peer.contents(model.schema)[name], let table = model.schema.table(name.table) else {
            return
        }
        guard let view = try peer.replica.view(table: name.table, key: name.key) else {
            throw ScriptComplaint("\(peer.name) does not show \(name) for a view")
        }
        let merges = model.merges(of: name.table)
        let row = model.united(name, merges)
        let members = merges.survivors.filter { $0.value == name }.keys.sorted()
        let (entered, displayed) = (model.values(name, row), model.view().shown[name])
        var units: [String: ScriptView.Unit] = [:]
        for unit in table.units {
            // MRG-44, MRG-53: what is displayed as NULL or as another row, and was not written since, stands for itself.
            let left = displayed.map { table.referringColumns(of: unit, leftIn: values, from: $0) } ?? []
            let stood = unit.columns.map { left.contains($0) ? entered?[$0] ?? .null : values[$0] }
            units[unit.name] = .init(
                values: unit.columns.map { values[$0] }, stood: stood,
                shown: Set((model.shown(row, unit.name)?.dots ?? []).map { .init($0, members) }),
                held: Set((row.units[unit.name] ?? [:]).keys.map { .init($0, members) }))
        }
        views.append(
            (
                index,
                ScriptView(
                    kept: try JSONEncoder().encode(view), name: name, version: peer.version, units: units)
            ))
    }

    /// INB-9, INB-10: the form is saved, whatever came since it was opened.
    private func save(_ peer: ScriptPeer, _ index: Int) throws {
        guard let place = views.indices.filter({ views[$0].peer == index }).randomElement(using: &random) else {
            return
        }
        let seen = views.remove(at: place).seen
        try seal(peer)
        let model = model(peer)
        guard let table = model.schema.table(seen.name.table), !table.appendOnly,
            let unit = table.units.randomElement(using: &random), let before = seen.units[unit.name],
            [.review, .lastWriter, .min, .max].contains(unit.policy)
        else { return }
        // A later version may count there, and refuses texts (SCH-20).
        let later = newest.schema.table(table.name)?.units.first { $0.name == unit.name }
        if later?.policy.countsWrites == true { return }
        let references = Set(table.references.flatMap(\.columns))
        let places = unit.columns.indices.filter { !references.contains(unit.columns[$0]) }
        guard let changed = places.randomElement(using: &random) else { return }
        let text = Value.text("v\(Int.random(in: 0..<1000, using: &random))")
        let column = unit.columns[changed]
        let view = try JSONDecoder().decode(RecordView.self, from: seen.kept)
        // It may have been renamed since it was opened.
        guard view[table.columns[column].name] != nil else { return }
        let merges = model.merges(of: seen.name.table)
        let row = model.united(seen.name, merges)
        let held = row.units[unit.name] ?? [:]
        let members = merges.survivors.filter { $0.value == seen.name }.keys.sorted()
        let now = try peer.contents(model.schema)[seen.name].map { row in unit.columns.map { row[$0] } }
        var due = before.stood
        due[changed] = text
        do {
            _ = try peer.replica.edit(basedOn: view) { $0[table.columns[column].name] = text }
        } catch let error where Self.isConstraint(error) || now == nil && error is WouldHide {
            return try check(peer)
        }
        let made = try take(peer)
        let isOpen = unit.policy == .review ? before.shown : before.held
        let isSeen = held.allSatisfy { before.held.contains(.init($0.key, members)) || $0.value == before.stood }
        let isPlain = isSeen && now == before.values
        guard let change = made.first else {
            try require(
                due == now || isPlain,
                "\(peer.name) wrote \(seen.name) plainly over what its author had not seen")
            return try seal(peer)
        }
        let gone = held.filter { isOpen.contains(.init($0.key, members)) || $0.value == before.stood }.map(\.key)
        let write = change.rows[seen.name]?.writes[unit.name]
        let replaced = Set(gone.filter { NaiveAlias.dot($0) == nil })
        var named = replaced
        // What both started from, though it has been replaced since.
        if row.units.values.allSatisfy({ $0.keys.allSatisfy { NaiveAlias.dot($0) == nil } }) {
            named.formUnion(Set(isOpen.filter { $0.row == nil }.map(\.dot)).intersection(peer.known))
        }
        try require(
            made.count == 1 && write?.values == due
                // Where something else is asked of the record, what any program would have written is sealed at once.
                && (write?.replaced == named || isPlain && write?.replaced == replaced),
            "\(peer.name) saved \(seen.name).\(unit.name) as \(change), which had to replace \(gone) of \(held), opened as \(before)"
        )
        // MRG-55: what stood on rows merged into this one goes by a renewal of their merges.
        var renewed: [NaiveRowName: Set<NaiveCovered>] = [:]
        for dot in gone {
            guard let alias = NaiveAlias.dot(dot), !row.hidden.contains(NaiveCovered(unit: unit.name, dot: dot))
            else { continue }
            renewed[members[alias.member], default: []].insert(NaiveCovered(unit: unit.name, dot: alias.dot))
        }
        try require(
            Set(change.rows.keys) == Set(renewed.keys).union([seen.name])
                && renewed.allSatisfy { $0.value.isSubset(of: change.rows[$0.key]?.cover ?? []) },
            "\(peer.name) saved \(seen.name).\(unit.name) as \(change), which had to renew \(renewed)")
        judged.insert(change.dot)
        committed.append(NaiveCommitted(dot: change.dot, row: seen.name, unit: unit.name, values: due))
        try check(peer)
    }

    /// What was entered is not what the table takes.
    private static func isConstraint(_ error: any Error) -> Bool {
        switch error {
        case let error as DatabaseError: error.resultCode == .SQLITE_CONSTRAINT
        case let error as StoreError: error.isConstraint
        default: false
        }
    }

    /// INB-4.
    private func assign(_ peer: ScriptPeer) throws {
        try seal(peer)
        let model = model(peer)
        guard let conflict = model.conflicts().randomElement(using: &random) else { return }
        let name = random.pick(["li", "wang", nil])
        try peer.replica.assign(conflict.id, to: name)
        let unit = "satchel:inbox:" + conflict.id
        let held = Set((model.row(conflict.row).units[unit] ?? [:]).keys)
        for change in try take(peer) {
            let write = change.rows[conflict.row]?.writes[unit]
            try require(
                change.rows.count == 1 && write?.replaced == held
                    && write?.values == [name.map { .text($0) } ?? .null],
                "\(conflict) was given to \(name ?? "nobody") by \(change)")
            judged.insert(change.dot)
        }
        try check(peer)
    }

    /// INB-6: what it decides are answers like any other.
    private func decideByRule(_ peer: ScriptPeer) throws {
        try seal(peer)
        let before = model(peer).conflicts()
        let rule = random.pick([BulkRule.newer, .older, .shown, .device(peer.replica.name)])
        let report: BulkReport
        do { report = try peer.replica.resolve(ConflictFilter(), by: rule) } catch is WouldHide {
            return try check(peer)
        }
        for change in try take(peer) {
            answers.insert(change.dot)
            for (name, done) in change.rows {
                for (unit, write) in done.writes where done.writes[""] == nil {
                    committed.append(NaiveCommitted(dot: change.dot, row: name, unit: unit, values: write.values))
                }
            }
        }
        try require(
            Set(report.decided).union(report.left) == Set(before.map(\.id)),
            "\(rule) took in \(report), open were \(before.map(\.id))")
        // Whoever decides to delete a row that others refer to is told that it is in use, under the same id (MRG-18).
        let kinds = Dictionary(uniqueKeysWithValues: before.map { ($0.id, $0.kind) })
        let open = Set(model(peer).conflicts().filter { kinds[$0.id] == $0.kind }.map(\.id))
        try require(open.isDisjoint(with: report.decided), "decided and open: \(open.intersection(report.decided))")
        try check(peer)
    }

    /// INB-8: the conflict is open again.
    private func undoDecision(_ peer: ScriptPeer) throws {
        try seal(peer)
        guard let decision = try peer.replica.decisions().randomElement(using: &random) else { return }
        let name = NaiveRowName(table: decision.table, key: decision.key)
        do { try peer.replica.undoDecision(decision.conflict) } catch is WouldHide {
            return try check(peer)
        } catch let error as WouldNotAsk {
            // What others did meanwhile settles the question of a record, and not that of a value that is shown, unless it names a
            // record without which its own is not.
            let model = model(peer)
            let table = model.schema.table(decision.table)
            let columns = table?.units.first { $0.name == decision.unit }?.columns ?? []
            let names = table?.references.contains { $0.columns.contains(where: columns.contains) } ?? false
            let isHidden = names && error.reason == "it would be out of sight"
            try require(
                decision.writer.device != peer.name || decision.act != nil || isHidden
                    || model.view().shown[name] == nil,
                "\(decision) could not be opened again: \(error)")
            return try check(peer)
        }
        for change in try take(peer) {
            // Merges that the decision renewed, and rows that it took with it, are deleted anew beside it (INB-8), with a note of
            // the deletions whose place that takes (MRG-61).
            let beside = change.rows.filter { $0.key != name }
            try require(
                change.rows[name] != nil
                    && beside.values.allSatisfy {
                        $0.cover != nil && $0.writes.keys.allSatisfy { $0 == "satchel:fell" }
                    },
                "an undo of \(name) is \(change)")
            judged.insert(change.dot)
            for (unit, write) in change.rows[name]?.writes ?? [:] {
                committed.append(NaiveCommitted(dot: change.dot, row: name, unit: unit, values: write.values))
            }
        }
        let model = model(peer)
        try require(
            model.conflicts().contains { $0.id == decision.conflict && $0.kind != "mergedApart" },
            "\(decision.conflict) is not open after its decision was undone")
        try check(peer)
    }

    /// Whom each open conflict is given to: the last by MRG-14 of those that were named at once (INB-4).
    func checkAssignees(_ peer: ScriptPeer, _ model: NaiveModel) throws {
        var given: [String: String] = [:]
        for conflict in try peer.replica.conflicts() { given[conflict.id] = conflict.assignee ?? "" }
        for conflict in model.conflicts() {
            let due = model.assignee(conflict)?.first?.display ?? ""
            try require(
                given[conflict.id] == due,
                "\(peer.name) has \(conflict) given to \(given[conflict.id] ?? "?"), the rules say \(due)")
        }
    }
}
