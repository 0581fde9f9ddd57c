import Foundation
import Satchel
import SatchelModel

/// What a person has open: the view, and beside it what by the rules it stands for.
struct ScriptView {
    /// As it was kept over a restart of the app.
    var kept: Data
    var name: NaiveRowName
    /// By unit: the values in the table, and the writes that were shown as the model has them.
    var units: [String: (values: [Value], shown: Set<Dot>, held: Set<Dot>)]
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
        let contents = try peer.contents(schema)
        guard let name = contents.keys.sorted().randomElement(using: &random), let values = contents[name],
            let table = schema.table(name.table)
        else { return }
        guard let view = try peer.replica.view(table: name.table, key: name.key) else {
            throw ScriptFailure(seed: seed, message: "\(peer.name) does not show \(name) for a view")
        }
        let model = model(peer)
        let row = model.row(name)
        var units: [String: (values: [Value], shown: Set<Dot>, held: Set<Dot>)] = [:]
        for unit in table.units {
            units[unit.name] = (
                unit.columns.map { values[$0] }, model.shown(row, unit.name)?.dots ?? [],
                Set((row.units[unit.name] ?? [:]).keys)
            )
        }
        views.append((index, ScriptView(kept: try JSONEncoder().encode(view), name: name, units: units)))
    }

    /// INB-9, INB-10: the form is saved, whatever came since it was opened.
    private func save(_ peer: ScriptPeer, _ index: Int) throws {
        guard let place = views.indices.filter({ views[$0].peer == index }).randomElement(using: &random) else {
            return
        }
        let seen = views.remove(at: place).seen
        try seal(peer)
        guard let table = schema.table(seen.name.table), let unit = table.units.randomElement(using: &random),
            let before = seen.units[unit.name], let column = unit.columns.first
        else { return }
        let text = Value.text("v\(Int.random(in: 0..<1000, using: &random))")
        let value = table.references.contains { $0.columns.contains(column) } ? before.values[0] : text
        let view = try JSONDecoder().decode(RecordView.self, from: seen.kept)
        let held = model(peer).row(seen.name).units[unit.name] ?? [:]
        let now = try peer.contents(schema)[seen.name].map { row in unit.columns.map { row[$0] } }
        _ = try peer.replica.edit(basedOn: view) { $0[table.columns[column].name] = value }
        let made = try take(peer)
        guard let change = made.first else {
            let isSeen = held.allSatisfy { before.held.contains($0.key) || $0.value == before.values }
            try require(
                value == before.values[0] || now == [value] || isSeen && now == before.values,
                "\(peer.name) wrote \(seen.name) plainly over what its author had not seen")
            return try seal(peer)
        }
        let replaced = Set(held.filter { before.shown.contains($0.key) || $0.value == before.values }.keys)
        let write = change.rows[seen.name]?.writes[unit.name]
        try require(
            made.count == 1 && change.rows.count == 1 && write?.values == [value] && write?.replaced == replaced,
            "\(peer.name) saved \(seen.name).\(unit.name) as \(change), which had to replace \(replaced)")
        judged.insert(change.dot)
        committed.append(NaiveCommitted(dot: change.dot, row: seen.name, unit: unit.name, values: [value]))
        try check(peer)
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
        let rule = random.pick([BulkRule.newer, .older, .shown, .device(peer.name)])
        let report = try peer.replica.resolve(ConflictFilter(), by: rule)
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
        try peer.replica.undoDecision(decision.conflict)
        let name = NaiveRowName(table: decision.table, key: decision.key)
        for change in try take(peer) {
            try require(Array(change.rows.keys) == [name], "an undo of \(name) changed \(change.rows.keys)")
            judged.insert(change.dot)
            for (unit, write) in change.rows[name]?.writes ?? [:] {
                committed.append(NaiveCommitted(dot: change.dot, row: name, unit: unit, values: write.values))
            }
        }
        let model = model(peer)
        try require(
            decision.writer.device != peer.name || model.view().shown[name] == nil
                || model.conflicts().contains { $0.id == decision.conflict },
            "\(decision.conflict) is not open after its decision was undone")
        try check(peer)
    }

    /// Whom each open conflict is given to: the last by MRG-14 of those that were named at once (INB-4).
    func checkAssignees(_ peer: ScriptPeer, _ model: NaiveModel) throws {
        var given: [String: String] = [:]
        for conflict in try peer.replica.conflicts() { given[conflict.id] = conflict.assignee ?? "" }
        for conflict in model.conflicts() {
            let due = model.last(model.row(conflict.row), "satchel:inbox:" + conflict.id)?.first?.display ?? ""
            try require(
                given[conflict.id] == due,
                "\(peer.name) has \(conflict) given to \(given[conflict.id] ?? "?"), the rules say \(due)")
        }
    }
}
