internal import GRDB
internal import Satchel
internal import SatchelModel

/// What people do at one replica, through plain SQL.
extension RandomScript {
    /// A transaction of one to three statements. One that the DDL forbids leaves nothing behind.
    func write(_ peer: ScriptPeer) throws {
        var random = self.random
        do {
            let data = data(peer)
            let statement = data.statement
            func write(_ db: Database) throws {
                db.trace { event in
                    let text = event.expandedDescription
                    if !text.hasPrefix("--") { self.stage.tell("\(peer.name) writes \(text)") }
                }
                defer { db.trace(options: []) }
                for _ in 0..<Int.random(in: 1...3, using: &random) { try statement(db, &random) }
            }
            if random.chance(data.unenforced) {
                try stranger(peer).write(write)
            } else {
                try peer.replica.write(write)
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {}
        self.random = random
    }

    /// Another program, which as SQLite comes does not look at foreign keys.
    private func stranger(_ peer: ScriptPeer) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        return try DatabaseQueue(path: peer.replica.path, configuration: configuration)
    }

    @Sendable static func statement(_ db: Database, _ random: inout SplitMix64) throws {
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
        let known = model(peer)
        let before = known.view().shown
        let after = try peer.contents(known.schema)
        let dot = try peer.replica.seal(actor: "actor", note: "")
        let sealed = try take(peer)
        if let done = sealed.first { stage.tell("\(peer.name) seals \(done.dot) of \(done.rows.keys.sorted())") }
        try require(
            sealed.map(\.dot) == (dot.map { [$0] } ?? []),
            "\(peer.name) sealed \(sealed.map(\.dot)), said \(dot as Any)")
        let expected = try difference(before, after, known)
        let done = (sealed.first?.rows ?? [:]).filter {
            expected[$0.key] != nil || !known.mayGoAlong($0.key, by: $0.value)
        }
        guard let dot else { return try require(expected.isEmpty, "\(peer.name) changed and did not seal") }
        try require(
            Set(done.keys) == Set(expected.keys),
            "\(peer.name) changed \(expected.keys.sorted()), sealed \(done.keys.sorted())")
        for (name, change) in expected {
            let row = done[name] ?? NaiveRowChange()
            let values = row.cover != nil ? nil : row.writes.mapValues(\.values)
            let isDone =
                if let change, values != nil { model(peer).sealed(name, row, as: change, over: known) } else {
                    change == nil && values == nil
                }
            try require(isDone, "\(peer.name) wrote \(name): \(change as Any), sealed \(values as Any)")
            guard let values else {
                committed.append(NaiveCommitted(dot: dot, row: name, unit: nil, values: []))
                continue
            }
            for (unit, values) in values where !unit.hasPrefix("satchel:") {
                committed.append(NaiveCommitted(dot: dot, row: name, unit: unit, values: values))
            }
        }
        try check(peer)
    }

    /// Answers one open conflict as a person would.
    func answer(_ peer: ScriptPeer) throws {
        try seal(peer)
        let before = model(peer)
        guard let conflict = before.conflicts().randomElement(using: &random) else { return }
        let choices =
            switch conflict.kind {
            case "values", "mergedApart": conflict.candidates.count
            case "deleted": 2
            default: 1
            }
        let choice = Int.random(in: 1...choices, using: &random)
        do { try peer.replica.resolve(conflict.id, keep: choice) } catch is WouldHide { return try check(peer) }
        _ = try peer.replica.seal(actor: "actor", note: "")
        let made = try take(peer)
        let isOfRow = conflict.kind == "deleted" || conflict.kind == "inUse"
        var due = isOfRow ? before.together(conflict.row, keep: choice == 1) : [conflict.row]
        if isOfRow, choice == 1 { due.formUnion(before.released(byKeeping: due)) }
        try require(
            made.count == 1 && Set(Self.acted(made[0], beside: due).keys) == due,
            "the answer \(choice) to \(conflict) is \(made), not one change of \(due)")
        let change = made[0]
        let done = change.rows[conflict.row]
        answers.insert(change.dot)
        if conflict.kind == "values" {
            let chosen = conflict.candidates[choice - 1]
            let written = done?.writes.mapValues(\.values)
            try require(written == [conflict.unit: chosen], "\(conflict) was answered \(choice) by \(change)")
            committed.append(NaiveCommitted(dot: change.dot, row: conflict.row, unit: conflict.unit, values: chosen))
        } else if conflict.kind == "mergedApart" {
            try require(done?.into?.values == conflict.candidates[choice - 1], "\(conflict) was answered by \(change)")
        } else {
            for row in change.rows.filter({ due.contains($0.key) }).values {
                try require((row.cover != nil) == (choice == 2), "\(conflict) was answered \(choice) by \(change)")
            }
        }
        try check(peer)
        // Whoever decides to delete a row that others refer to is told that it is in use, under the same id (MRG-18).
        let open = model(peer).conflicts().contains { $0.id == conflict.id && $0.kind == conflict.kind }
        try require(!open, "\(conflict) is open after its answer")
    }

    /// The rows of a change without those of which merges were only renewed or let go (MRG-55, MRG-56).
    private static func acted(
        _ change: NaiveChange, beside due: Set<NaiveRowName>
    ) -> [NaiveRowName: NaiveRowChange] {
        change.rows.filter { name, row in
            due.contains(name) || row.into == nil && !(row.cover == nil && row.writes.isEmpty)
        }
    }

    /// Merges two shown rows of a table, now and then with a value taken over, or takes a merge back.
    ///
    /// - Parameter tables: of which tables; nil: of any.
    func unite(_ peer: ScriptPeer, of tables: Set<String>? = nil) throws {
        try seal(peer)
        let before = model(peer)
        let able = before.schema.tables.filter { !$0.appendOnly && tables?.contains($0.name) ?? true }
        guard let table = able.randomElement(using: &random) else { return }
        let merges = before.merges(of: table.name)
        if random.chance(40), let name = merges.survivors.keys.sorted().randomElement(using: &random) {
            do { try peer.replica.unmerge(name.key, in: table.name, actor: "actor") } catch is WouldHide {
                return try check(peer)
            }
            let made = try take(peer)
            let back = try givenBack(made, unmerging: [name], before)
            let due = before.released(byKeeping: [name]).union([name]).union(back)
            // What the merge took along on other rows is let go beside it (MRG-55); the judge of the end looks at that.
            let acted = made.first.map { Self.acted($0, beside: due) } ?? [:]
            try require(made.count == 1 && Set(acted.keys) == due, "unmerging \(name) is \(made), not of \(due)")
            answers.formUnion(made.map(\.dot))
            try check(peer)
            return try require(
                model(peer).merges(of: table.name).survivors[name] == nil, "\(name) is still merged after its unmerge")
        }
        let rows = before.view().shown.keys.filter { $0.table == table.name && merges.survivors[$0] == nil }.sorted()
        guard rows.count > 1 else { return }
        let row = random.pick(rows)
        let into = random.pick(rows.filter { $0 != row })
        let taken = random.chance(50) ? table.units.filter { $0.policy != .immutable && random.chance(30) } : []
        do {
            try peer.replica.merge(
                row.key, into: into.key, in: table.name,
                taking: taken.flatMap { $0.columns.map { table.columns[$0].name } },
                actor: "actor")
        } catch is WouldHide { return try check(peer) }
        let made = try take(peer)
        try require(
            made.count == 1 && made[0].rows[row]?.into == into.key, "merging \(row) into \(into) is \(made)")
        let (kept, due) = (made[0].kept, before.kept(merging: row, into: into))
        try require(kept == due, "merging \(row) into \(into) kept \(kept) and not \(due)")
        unions.insert(made[0].dot)
        for (unit, write) in made[0].rows[into]?.writes ?? [:] {
            committed.append(NaiveCommitted(dot: made[0].dot, row: into, unit: unit, values: write.values))
        }
        try check(peer)
    }

    /// The rows to which a change gave back what merges had taken over of the rows that it unmerges (MRG-56).
    private func givenBack(
        _ made: [NaiveChange], unmerging rows: Set<NaiveRowName>, _ before: NaiveModel
    ) throws -> Set<NaiveRowName> {
        guard let change = made.first else { return [] }
        let back = before.givenBack(by: change, unmerging: rows)
        try require(back.complaints.isEmpty, "\(change): \(back.complaints)")
        committed += back.committed
        return back.rows
    }

    /// Takes a deletion back, of a row or of a whole changeset (MRG-46, MRG-47).
    func undo(_ peer: ScriptPeer) throws {
        try seal(peer)
        let before = model(peer)
        guard let name = before.deleted().randomElement(using: &random) else { return }
        var asked = [name]
        let dot = random.chance(40) ? before.row(name).deletions.keys.min() : nil
        if let dot { asked = before.deleted(by: dot) }
        let due = asked.reduce(into: Set<NaiveRowName>()) { $0.formUnion(before.together($1, keep: true)) }
        do {
            if let dot {
                try peer.replica.undo(changeset: dot.description, actor: "actor")
            } else {
                try peer.replica.undo(table: name.table, key: name.key, actor: "actor")
            }
        } catch let error where before.mayRefuse(undoing: due, error) {
            return try check(peer)
        }
        let made = try take(peer)
        let all = try due.union(before.released(byKeeping: due)).union(givenBack(made, unmerging: due, before))
        try require(
            made.count == 1 && Set(Self.acted(made[0], beside: all).keys) == all,
            "undoing \(asked) is \(made), not one change of \(all)")
        answers.formUnion(made.map(\.dot))
        try check(peer)
        for row in due {
            let after = model(peer).row(row)
            try require(after.isAlive && after.deletions.isEmpty, "\(row) is still deleted after its undo")
        }
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
                throw ScriptComplaint("no table \(name.table) in the judge's schema")
            }
            var written: [String: [Value]] = before[name] == nil ? ["": []] : [:]
            let entered = known.values(name, known.united(name, known.merges(of: name.table)))
            let references = Set(table.references.flatMap(\.columns))
            for unit in table.units {
                var new = unit.columns.map { values[$0] }
                if unit.policy == .set, case .text(let text)? = new.first, let set = NaiveJSON.elements(text) {
                    new = [.text(NaiveJSON.text(set))]  // MRG-32: sealing writes the one form
                }
                guard let old = before[name] else {
                    written[unit.name] = new
                    continue
                }
                if unit.columns.map({ old[$0] }) == new { continue }
                // MRG-44, MRG-53: what was displayed as NULL or as another row, and left so, is written as it stands.
                let cut = known.shown(old, cutTo: values, in: table, without: gone)
                let left = table.referringColumns(of: unit, leftIn: values, from: cut)
                for (place, column) in unit.columns.enumerated() where left.contains(column) {
                    new[place] = entered?[column] ?? .null
                }
                let isHidden = unit.columns.contains(where: references.contains)
                if !isHidden || unit.columns.map({ entered?[$0] }) != new { written[unit.name] = new }
            }
            if !written.isEmpty { changes[name] = written }
        }
        return changes
    }
}
