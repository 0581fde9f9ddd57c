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
            if PlantedBug.planted == .noteIsLost { try peer.loseNote() }
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
        let before = judged(peer.standing).shown
        let after = try peer.contents(schema(peer))
        let died = try atDisk(peer) { _ = try peer.replica.seal(actor: "actor", note: "") }
        if died || peer.wasRefused {
            reached.formUnion(died ? [.diedInSeal] : [])
            try require(
                inOneForm(try peer.contents(schema(peer)), peer), are: inOneForm(after, peer), .disk,
                "after a seal that failed there is, and was")
            _ = try peer.replica.seal(actor: "actor", note: "")
        }
        let sealed = try take(peer)
        let expected = try difference(before, after, schema(peer))
        try require(
            sealed.count == (expected.isEmpty ? 0 : 1), .loss,
            "\(WorldEvent.name(peer.number)) changed \(expected.keys.sorted()), sealed \(sealed.map(\.dot))")
        if let change = sealed.first { try compare(change, with: expected) }
        try check(peer)
    }

    private func compare(_ change: NaiveChange, with expected: [NaiveRowName: [String: [Value]]?]) throws {
        try require(
            Set(change.rows.keys) == Set(expected.keys), .loss,
            "\(expected.keys.sorted()) were changed, \(change.rows.keys.sorted()) sealed")
        for name in expected.keys.sorted() {
            guard let done = expected[name], let row = change.rows[name] else { continue }
            let values = row.cover != nil ? nil : row.writes.mapValues(\.values)
            try require(values == done, .loss, "\(name) was written \(done as Any), sealed \(values as Any)")
            guard let done else {
                committed.append(NaiveCommitted(dot: change.dot, row: name, unit: nil, values: []))
                continue
            }
            if row.writes[""]?.replaced.isEmpty == false { reached.insert(.enteredAgain) }
            if row.writes[""] != nil, expected.contains(where: { $0.key.table == name.table && $0.value == nil }) {
                reached.insert(.keyChanged)
            }
            for (unit, values) in done {
                committed.append(NaiveCommitted(dot: change.dot, row: name, unit: unit, values: values))
            }
        }
    }

    /// Answers one open conflict as a person would.
    func answer(_ peer: WorldPeer, conflict number: Int, choice: Int) throws {
        try seal(peer)
        let open = judged(peer.standing).conflicts.filter { !avoidsTies || $0.kind == "values" }
        guard !open.isEmpty else { return }
        let conflict = open[number % open.count]
        let choices = conflict.kind == "values" ? conflict.candidates.count : conflict.kind == "deleted" ? 2 : 1
        let choice = 1 + choice % choices
        try atDisk(peer) { try peer.replica.resolve(conflict.id, keep: choice) }
        var made = try take(peer)
        if made.isEmpty {
            _ = try peer.replica.seal(actor: "actor", note: "")
            made = try take(peer)
        }
        if made.isEmpty, peer.wasInterrupted {
            try peer.replica.resolve(conflict.id, keep: choice)
            _ = try peer.replica.seal(actor: "actor", note: "")
            made = try take(peer)
        }
        try require(
            made.count == 1 && made[0].rows.count == 1, .model, "an answer is one change of one row, not \(made)")
        try noteAnswer(made[0], conflict, choice)
        try check(peer)
        try require(
            !judged(peer.standing).conflicts.contains { $0.id == conflict.id && $0.kind == conflict.kind },
            .model,
            "\(conflict) is open after its answer")
    }

    private func noteAnswer(_ change: NaiveChange, _ conflict: NaiveConflict, _ choice: Int) throws {
        let done = change.rows[conflict.row]
        answers.insert(change.dot)
        guard conflict.kind == "values" else {
            reached.insert(choice == 2 ? .answeredDelete : .answeredKeep)
            return try require(
                (done?.cover != nil) == (choice == 2), .model, "\(conflict) was answered \(choice) by \(change)")
        }
        reached.insert(.answeredValues)
        for other in answered[conflict.id] ?? [] where !change.seen.contains(other) { reached.insert(.answeredTwice) }
        answered[conflict.id, default: []].append(change.dot)
        let chosen = conflict.candidates[choice - 1]
        let written = done?.writes.mapValues(\.values)
        try require(written == [conflict.unit: chosen], .model, "\(conflict) was answered \(choice) by \(change)")
        committed.append(NaiveCommitted(dot: change.dot, row: conflict.row, unit: conflict.unit, values: chosen))
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
        _ before: [NaiveRowName: [Value]], _ after: [NaiveRowName: [Value]], _ schema: Schema
    ) throws -> [NaiveRowName: [String: [Value]]?] {
        var changes: [NaiveRowName: [String: [Value]]?] = [:]
        for name in before.keys where after[name] == nil { changes.updateValue(nil, forKey: name) }
        for (name, values) in after where before[name] != values {
            guard let table = schema.table(name.table) else {
                throw WorldFailure(.error, "no table \(name.table) in the judge's schema")
            }
            var written: [String: [Value]] = before[name] == nil ? ["": []] : [:]
            for unit in table.units {
                let new = inOneForm(unit.columns.map { values[$0] }, unit)
                if let old = before[name], unit.columns.map({ old[$0] }) == new { continue }
                written[unit.name] = new
            }
            if !written.isEmpty { changes[name] = written }
        }
        return changes
    }
}
