internal import Satchel
internal import SatchelModel

/// What people do at one replica.
extension World {
    /// A transaction of plain SQL. One that the schema forbids leaves nothing behind.
    func write(_ peer: WorldPeer, _ sql: String, unchecked: Bool) throws {
        if avoidsTies, judged(peer.standing).model.hasRivals { return }
        guard peer.fault != nil else {
            turnClock(to: peer)
            if try !peer.write(sql, unchecked: unchecked) { reached.insert(.refused) }
            if planted == .noteIsLost { try peer.loseNote() }
            peer.isDirty = true
            return
        }
        let before = try peer.contents(schema(peer))
        let after = try peer.contents(after: sql, unchecked: unchecked, schema(peer))
        var acknowledged: Bool?
        let died = try atDisk(peer) { acknowledged = try peer.write(sql, unchecked: unchecked) }
        let left = try peer.contents(schema(peer))
        if acknowledged == true {
            try require(left, are: after, .disk, "an acknowledged transaction left, and should have left")
        } else if left != after {
            try require(left, are: before, .disk, "a transaction that failed left, and should have left")
            _ = try peer.write(sql, unchecked: unchecked)
        }
        peer.isDirty = true
        if died { reached.formUnion([.diedInWrite, left == before ? .diedBefore : .diedAfter]) }
    }

    /// Seals what was written, and checks that the changeset is exactly the difference that SQL shows (MRG-25).
    func seal(_ peer: WorldPeer) throws {
        guard peer.isDirty else { return }
        peer.isDirty = false
        let known = judged(peer.standing)
        let before = known.shown
        let after = try peer.contents(schema(peer))
        let died = try atDisk(peer) { _ = try peer.replica.seal(actor: "actor", note: "") }
        var left: [NaiveRowName: [Value]]?
        if died || peer.wasRefused {
            reached.formUnion(died ? [.diedInSeal] : [])
            left = inOneForm(try peer.contents(schema(peer)), peer)
            let again = try peer.replica.seal(actor: "actor", note: "")
            try require(
                peer.wasInterrupted || again == nil, .disk, "an acknowledged seal is undone, and makes \(again as Any)")
        }
        let sealed = try take(peer)
        if let left, left != inOneForm(after, peer) {
            try require(
                left, are: judged(peer.standing).shown, .disk, "after a seal that failed there is, and should be")
        }
        let expected = try difference(before, after, known.model)
        try require(
            sealed.count == (expected.isEmpty ? 0 : 1), .loss,
            "\(WorldEvent.name(peer.number)) changed \(expected.keys.sorted()), sealed \(sealed.map(\.dot))")
        if let change = sealed.first {
            try compare(change, with: expected, known.model, judged(peer.standing).model)
            let shown = judged(peer.standing).shown
            if change.rows.contains(where: { $0.value.cover == nil && shown[$0.key] == nil }) {
                reached.insert(.unchecked)
            }
        }
        try check(peer)
    }

    /// - Parameters:
    ///   - known: as it was before.
    ///   - now: as it is with the change.
    private func compare(
        _ change: NaiveChange, with expected: [NaiveRowName: [String: [Value]]?], _ known: NaiveModel, _ now: NaiveModel
    ) throws {
        let sealed = change.rows.filter { expected[$0.key] != nil || !known.mayGoAlong($0.key, by: $0.value) }
        try require(
            Set(sealed.keys) == Set(expected.keys), .loss,
            "\(expected.keys.sorted()) were changed, \(sealed.keys.sorted()) sealed")
        for name in expected.keys.sorted() {
            guard let done = expected[name], let row = sealed[name] else { continue }
            let values = row.cover != nil ? nil : row.writes.mapValues(\.values)
            let isSealed =
                if let done, values != nil { now.sealed(name, row, as: done, over: known) } else {
                    done == nil && values == nil
                }
            try require(isSealed, .loss, "\(name) was written \(done as Any), sealed \(values as Any)")
            guard let values else {
                committed.append(NaiveCommitted(dot: change.dot, row: name, unit: nil, values: []))
                continue
            }
            if row.writes[""]?.replaced.isEmpty == false { reached.insert(.enteredAgain) }
            if row.writes[""] != nil, expected.contains(where: { $0.key.table == name.table && $0.value == nil }) {
                reached.insert(.keyChanged)
            }
            for (unit, values) in values where !unit.hasPrefix("satchel:") {
                committed.append(NaiveCommitted(dot: change.dot, row: name, unit: unit, values: values))
            }
        }
    }

    /// MRG-32: sealing writes sets in their one form.
    private func inOneForm(_ values: [Value], _ unit: TableSchema.Unit) -> [Value] {
        guard unit.policy == .set, case .text(let text)? = values.first, let set = NaiveJSON.elements(text) else {
            return values
        }
        return [.text(NaiveJSON.text(set))]
    }

    private func inOneForm(_ rows: [NaiveRowName: [Value]], _ peer: WorldPeer) -> [NaiveRowName: [Value]] {
        var rows = rows
        for (name, values) in rows {
            for unit in schema(peer).table(name.table)?.units ?? [] where unit.policy == .set {
                for (column, value) in zip(unit.columns, inOneForm(unit.columns.map { values[$0] }, unit)) {
                    rows[name]?[column] = value
                }
            }
        }
        return rows
    }

    /// What SQL changed: for each row the units written, existence among them for an insert; nil for a deletion.
    private func difference(
        _ before: [NaiveRowName: [Value]], _ after: [NaiveRowName: [Value]], _ known: NaiveModel
    ) throws -> [NaiveRowName: [String: [Value]]?] {
        var changes: [NaiveRowName: [String: [Value]]?] = [:]
        let gone = Set(before.keys.filter { after[$0] == nil })
        for name in gone { changes.updateValue(nil, forKey: name) }
        for (name, values) in after where before[name] != values {
            guard let table = known.schema.table(name.table) else {
                throw WorldFailure(.error, "no table \(name.table) in the judge's schema")
            }
            var written: [String: [Value]] = before[name] == nil ? ["": []] : [:]
            let references = Set(table.references.flatMap(\.columns))
            for unit in table.units {
                var new = inOneForm(unit.columns.map { values[$0] }, unit)
                if let old = before[name], unit.columns.map({ old[$0] }) == new { continue }
                if let old = before[name], unit.columns.contains(where: references.contains) {
                    // MRG-44, MRG-53: what was displayed as NULL or as another row, and left so, is written as it stands.
                    let entered = known.values(name, known.united(name, known.merges(of: name.table)))
                    let cut = known.shown(old, cutTo: values, in: table, without: gone)
                    let left = table.referringColumns(of: unit, leftIn: values, from: cut)
                    for (place, column) in unit.columns.enumerated() where left.contains(column) {
                        new[place] = entered?[column] ?? .null
                    }
                    if unit.columns.map({ entered?[$0] }) == new { continue }
                }
                written[unit.name] = new
            }
            if !written.isEmpty { changes[name] = written }
        }
        return changes
    }
}
