internal import GRDB
internal import Satchel
internal import SatchelModel

/// What people do at one replica, through plain SQL.
extension RandomScript {
    /// A transaction of one to three statements. One that the DDL forbids leaves nothing behind.
    func write(_ peer: ScriptPeer) throws {
        var random = self.random
        do {
            try peer.replica.write { db in
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    if random.chance(40) {
                        let (sql, arguments) = Self.policied(&random)
                        try db.execute(sql: sql, arguments: StatementArguments(arguments))
                    } else {
                        try Self.statement(db, &random)
                    }
                }
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {}
        self.random = random
    }

    private static func statement(_ db: Database, _ random: inout SplitMix64) throws {
        let parent: DatabaseValue = "p\(Int.random(in: 0..<4, using: &random))".databaseValue
        let other: DatabaseValue = "p\(Int.random(in: 0..<4, using: &random))".databaseValue
        let child: DatabaseValue = "c\(Int.random(in: 0..<4, using: &random))".databaseValue
        let pair: [DatabaseValue] = [random.pick(["x", "y"]).databaseValue, random.pick([1, 2]).databaseValue]
        let value = self.value(&random)
        let name = "n\(Int.random(in: 0..<1000, using: &random))".databaseValue
        let insert = random.pick(["INSERT OR IGNORE", "INSERT OR IGNORE", "INSERT OR REPLACE"])
        let (sql, arguments): (String, [DatabaseValue]) =
            switch Int.random(in: 0..<14, using: &random) {
            case 0, 1: ("\(insert) INTO parent VALUES (?, ?, ?, NULL)", [parent, name, value])
            case 2: ("INSERT OR IGNORE INTO parent VALUES (?, ?, ?, ?)", [parent, name, value, other])
            case 3, 4: ("\(insert) INTO child VALUES (?, ?, ?, ?)", [child, parent, value, name])
            case 5: ("\(insert) INTO pair VALUES (?, ?, ?)", pair + [value])
            case 6: ("UPDATE parent SET name = ? WHERE id = ?", [name, parent])
            case 7: ("UPDATE parent SET note = ?, above = ? WHERE id = ?", [value, other, parent])
            case 8: ("UPDATE child SET parent = ? WHERE id = ?", [parent, child])
            case 9: ("UPDATE child SET amount = ?, note = ? WHERE id = ?", [value, name, child])
            case 10: ("UPDATE pair SET value = ? WHERE a = ? AND b = ?", [value] + pair)
            case 11: ("DELETE FROM parent WHERE id = ?", [parent])
            case 12: ("DELETE FROM child WHERE id = ?", [child])
            default:
                random.chance(50)
                    ? ("DELETE FROM pair WHERE a = ? AND b = ?", pair)
                    : ("UPDATE OR IGNORE pair SET b = 3 - b WHERE a = ? AND b = ?", pair)  // a change of the key
            }
        try db.execute(sql: sql, arguments: StatementArguments(arguments))
    }

    private static func value(_ random: inout SplitMix64) -> DatabaseValue {
        let values: [Value] = [
            .null, .integer(1), .integer(.min), .real(1), .real(-2.5e-300), .text(""), .text("1"), .text("复检"),
            .blob([]), .blob([0, 255]), .integer(Int64.random(in: 0..<5, using: &random)),
        ]
        return random.pick(values).databaseValue
    }

    /// Seals what was written, and checks that the changeset is exactly the difference that SQL shows (MRG-25).
    func seal(_ peer: ScriptPeer) throws {
        let before = model(peer).view().shown
        let after = try peer.contents(schema)
        let dot = try peer.replica.seal(actor: "actor", note: "")
        let sealed = try take(peer)
        try require(
            sealed.map(\.dot) == (dot.map { [$0] } ?? []),
            "\(peer.name) sealed \(sealed.map(\.dot)), said \(dot as Any)")
        let expected = try difference(before, after)
        let done = sealed.first?.rows ?? [:]
        guard let dot else { return try require(expected.isEmpty, "\(peer.name) changed and did not seal") }
        try require(
            Set(done.keys) == Set(expected.keys),
            "\(peer.name) changed \(expected.keys.sorted()), sealed \(done.keys.sorted())")
        for (name, change) in expected {
            let row = done[name] ?? NaiveRowChange()
            let values = row.cover != nil ? nil : row.writes.mapValues(\.values)
            try require(values == change, "\(peer.name) wrote \(name): \(change as Any), sealed \(values as Any)")
            guard let change else {
                committed.append(NaiveCommitted(dot: dot, row: name, unit: nil, values: []))
                continue
            }
            for (unit, values) in change {
                committed.append(NaiveCommitted(dot: dot, row: name, unit: unit, values: values))
            }
        }
        try check(peer)
    }

    /// Answers one open conflict as a person would.
    func answer(_ peer: ScriptPeer) throws {
        try seal(peer)
        guard let conflict = model(peer).conflicts().randomElement(using: &random) else { return }
        let choices = conflict.kind == "values" ? conflict.candidates.count : conflict.kind == "deleted" ? 2 : 1
        let choice = Int.random(in: 1...choices, using: &random)
        try peer.replica.resolve(conflict.id, keep: choice)
        _ = try peer.replica.seal(actor: "actor", note: "")
        let made = try take(peer)
        try require(made.count == 1 && made[0].rows.count == 1, "an answer is one change of one row, not \(made)")
        let change = made[0]
        let done = change.rows[conflict.row]
        answers.insert(change.dot)
        if conflict.kind == "values" {
            let chosen = conflict.candidates[choice - 1]
            let written = done?.writes.mapValues(\.values)
            try require(written == [conflict.unit: chosen], "\(conflict) was answered \(choice) by \(change)")
            committed.append(NaiveCommitted(dot: change.dot, row: conflict.row, unit: conflict.unit, values: chosen))
        } else {
            try require((done?.cover != nil) == (choice == 2), "\(conflict) was answered \(choice) by \(change)")
        }
        try check(peer)
        try require(
            !model(peer).conflicts().contains { $0.id == conflict.id && $0.kind == conflict.kind },
            "\(conflict) is open after its answer")
    }

    /// What SQL changed: for each row the units written, existence among them for an insert; nil for a deletion.
    private func difference(
        _ before: [NaiveRowName: [Value]], _ after: [NaiveRowName: [Value]]
    ) throws -> [NaiveRowName: [String: [Value]]?] {
        var changes: [NaiveRowName: [String: [Value]]?] = [:]
        for name in before.keys where after[name] == nil { changes.updateValue(nil, forKey: name) }
        for (name, values) in after where before[name] != values {
            guard let table = schema.table(name.table) else {
                throw ScriptFailure(seed: seed, message: "no table \(name.table) in the judge's schema")
            }
            var written: [String: [Value]] = before[name] == nil ? ["": []] : [:]
            for unit in table.units {
                var new = unit.columns.map { values[$0] }
                if unit.policy == .set, case .text(let text)? = new.first, let set = NaiveJSON.elements(text) {
                    new = [.text(NaiveJSON.text(set))]  // MRG-32: sealing writes the one form
                }
                if let old = before[name], unit.columns.map({ old[$0] }) == new { continue }
                written[unit.name] = new
            }
            if !written.isEmpty { changes[name] = written }
        }
        return changes
    }
}
