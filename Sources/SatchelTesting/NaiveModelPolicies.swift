package import SatchelModel

/// MRG-30 to MRG-36, written from their words: what several candidates of a unit come to.
extension NaiveModel {
    func policies(of table: String) -> [String: Policy] {
        guard let table = schema.table(table) else { return [:] }
        let pairs = table.units.map { ($0.name, table.appendOnly ? Policy.immutable : $0.policy) }
        return Dictionary(pairs) { first, _ in first }
    }

    /// The value made of the candidates, and those that it was made of; nil: it is picked, not made.
    func merged(_ row: NaiveRow, _ unit: String, _ pool: [Dot: [Value]]) -> (values: [Value], dots: Set<Dot>)? {
        let held = row.units[unit] ?? [:]
        guard held.count > 1 else { return nil }
        let states = row.states[unit] ?? [:]
        switch row.policies[unit] ?? .review {
        case .counter: return counted(held, states, in: row).map { ([.integer($0)], Set(held.keys)) }
        case .set: return united(held, states, in: row).map { ([.text(NaiveJSON.text($0))], Set(held.keys)) }
        case .min: return (held.values.sorted { before($0, $1, least: true) }.first ?? [], Set(held.keys))
        case .max: return (held.values.sorted { before($0, $1, least: false) }.first ?? [], Set(held.keys))
        case .text: return woven(pool, states, in: row).map { ([.text($0)], Set(pool.keys)) }
        case .review, .lastWriter, .immutable: return nil
        }
    }

    /// MRG-31.
    private func counted(_ held: [Dot: [Value]], _ states: [Dot: [UInt8]], in row: NaiveRow) -> Int64? {
        var all: [UInt64: Int64] = [:]
        for (dot, values) in held {
            let place = row.standing[dot] ?? row.key
            if let additions = states[dot].flatMap({ NaiveState.additions($0) }) {
                for (id, amount) in additions { all[id] = Swift.max(all[id] ?? amount, amount) }
            } else if values != [.integer(0)] {
                // MRG-54: a value that is all that its row holds counts there.
                let isAlone = held.keys.filter { (row.standing[$0] ?? row.key) == place }.count == 1
                guard isAlone, case .integer(let value)? = values.first else { return nil }
                let id = naiveID(of: dot, on: place)
                all[id] = Swift.max(all[id] ?? value, value)
            }
        }
        return all.values.reduce(0, &+)
    }

    /// MRG-32.
    private func united(_ held: [Dot: [Value]], _ states: [Dot: [UInt8]], in row: NaiveRow) -> Set<Value>? {
        var put: Set<NaiveState.Put> = []
        var taken: Set<NaiveState.Put> = []
        let stated = Set(held.keys.filter { states[$0].flatMap { NaiveState.puts($0) } != nil })
        let places = Set(stated.map { row.standing[$0] ?? row.key })
        for (dot, values) in held where !stated.contains(dot) && values != [.text(Array("[]".utf8))] {
            if places.contains(row.standing[dot] ?? row.key) { return nil }
        }
        for (dot, values) in held {
            if let set = states[dot].flatMap({ NaiveState.puts($0) }) {
                put.formUnion(set.put)
                taken.formUnion(set.taken)
            } else {
                guard case .text(let text)? = values.first, let elements = NaiveJSON.elements(text) else { return nil }
                let id = naiveID(of: dot, on: row.standing[dot] ?? row.key)
                put.formUnion(elements.map { .init(element: $0, id: id) })
            }
        }
        return Set(put.subtracting(taken).map(\.element))
    }

    /// What stands against each other in a unit where nothing is made of all of it: values, equal ones once, each with its dots. What
    /// is counted, or is a set with its state, comes to one of them (MRG-31, MRG-32), before what is equal to it.
    func choices(_ row: NaiveRow, _ unit: String, _ pool: [Dot: [Value]]) -> [(values: [Value], dots: Set<Dot>)] {
        let states = row.states[unit] ?? [:]
        var joint: [Dot: [Value]] = [:]
        var value: Value?
        switch row.policies[unit] ?? .review {
        case .counter:
            joint = pool.filter { dot, _ in states[dot].flatMap { NaiveState.additions($0) } != nil }
            value = self.counted(joint, states, in: row).map { .integer($0) }
        case .set:
            joint = pool.filter { dot, _ in states[dot].flatMap { NaiveState.puts($0) } != nil }
            value = united(joint, states, in: row).map { .text(NaiveJSON.text($0)) }
        default: break
        }
        if joint.count == pool.count { joint = [:] }
        var choices: [(values: [Value], dots: Set<Dot>)] = []
        if let value, !joint.isEmpty { choices.append(([value], Set(joint.keys))) }
        for values in Set(pool.filter { joint[$0.key] == nil || value == nil }.values) {
            choices.append(
                (values, Set(pool.filter { $0.value == values && (joint[$0.key] == nil || value == nil) }.keys)))
        }
        return choices.enumerated().sorted { a, b in
            let (x, y) = (canonical(a.element.values), canonical(b.element.values))
            return x == y ? a.offset < b.offset : x.lexicographicallyPrecedes(y)
        }.map(\.element)
    }

    /// MRG-33.
    private func before(_ a: [Value], _ b: [Value], least: Bool) -> Bool {
        guard let place = a.indices.first(where: { a[$0] != b[$0] }) else { return false }
        let (x, y) = (a[place], b[place])
        if x == .null || y == .null { return y == .null }
        return least ? isLess(x, y) : isLess(y, x)
    }

    private func isLess(_ a: Value, _ b: Value) -> Bool {
        func kind(_ value: Value) -> Int {
            switch value {
            case .null: 0
            case .integer, .real: 1
            case .text: 2
            case .blob: 3
            }
        }
        switch (a, b) {
        case (.integer(let a), .integer(let b)): return a < b
        case (.real(let a), .real(let b)): return a < b
        case (.integer(let a), .real(let b)):
            // An integer is not above a real if it is not above the integer below that real.
            return b >= 0x1p63 || b >= -0x1p63 && a <= Int64(b.rounded(.down))
        case (.real, .integer): return !isLess(b, a)
        case (.text(let a), .text(let b)), (.blob(let a), .blob(let b)): return a.lexicographicallyPrecedes(b)
        default: return kind(a) < kind(b)
        }
    }

    /// MRG-34.
    private func woven(_ pool: [Dot: [Value]], _ states: [Dot: [UInt8]], in row: NaiveRow) -> [UInt8]? {
        var texts: [NaiveHistory.Text] = []
        for (dot, values) in pool {
            guard case .text(let text)? = values.first else { return nil }
            texts.append(
                NaiveHistory.Text(
                    text, id: naiveID(of: dot, on: row.standing[dot] ?? row.key),
                    from: states[dot].flatMap { NaiveState.history($0) } ?? [:]))
        }
        return texts.count > 32 ? nil : NaiveHistory.merge(texts)?.bytes
    }

    /// MRG-30 to MRG-32: what a write carries says what it shows, and loses nothing of what it replaced.
    ///
    /// - Parameter others: changes that are not asked about.
    package func stateComplaints(without others: Set<Dot> = []) -> [String] {
        var complaints: [String] = []
        for change in changes.values.sorted(by: { $0.dot < $1.dot }) where !others.contains(change.dot) {
            for (name, done) in change.rows.sorted(by: { $0.key < $1.key }) {
                for (unit, write) in done.writes.sorted(by: { $0.key < $1.key }) {
                    let replaced = write.replaced.compactMap { changes[$0]?.rows[name]?.writes[unit]?.state }
                    let policy = policies(of: name.table)[unit] ?? .review
                    if !isSound(write, policy, replaced), !(change.isUndo && restores(write, of: name, unit)) {
                        complaints.append(
                            "\(change.dot) carries in \(name).\(unit) what it does not show, or too little: \(write)")
                    }
                }
            }
        }
        return complaints
    }

    /// INB-8: an undo carries what the value carried that it writes again, and not what the decision did.
    private func restores(_ write: NaiveRowChange.Write, of name: NaiveRowName, _ unit: String) -> Bool {
        func written(_ dot: Dot) -> NaiveRowChange.Write? { changes[dot]?.rows[name]?.writes[unit] }
        return write.replaced.flatMap { written($0)?.replaced ?? [] }.contains { old in
            written(old).map { $0.values == write.values && $0.state == write.state } ?? false
        }
    }

    private func isSound(_ write: NaiveRowChange.Write, _ policy: Policy, _ replaced: [[UInt8]]) -> Bool {
        switch policy {
        case .counter:
            let all = write.state.flatMap { NaiveState.additions($0) } ?? []
            let before = replaced.compactMap { NaiveState.additions($0) }.flatMap(\.self)
            let sums = all.isEmpty || write.values == [.integer(all.reduce(0) { $0 &+ $1.amount })]
            return sums && before.allSatisfy { old in all.contains { $0.id == old.id } }
        case .set:
            let all = write.state.flatMap { NaiveState.puts($0) } ?? ([], [])
            let before = replaced.compactMap { NaiveState.puts($0) }
            let shown = NaiveJSON.text(Set(all.put.subtracting(all.taken).map(\.element)))
            return write.values == [.text(shown)]
                && before.allSatisfy { $0.put.isSubset(of: all.put) && $0.taken.isSubset(of: all.taken) }
        case .text: return write.state.map { NaiveState.history($0)?.isEmpty == false } ?? true
        case .review, .lastWriter, .min, .max, .immutable: return write.state == nil
        }
    }
}
