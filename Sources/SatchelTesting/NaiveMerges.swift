internal import SatchelModel

/// MRG-50 to MRG-57, MRG-60 by the words of the rules, over all rows of a table at once.
extension NaiveModel {
    /// What merges make of the rows of one table. A row that no merge touches is in none of these.
    struct Merges {
        /// For each merged row the one that is shown for it.
        var survivors: [NaiveRowName: NaiveRowName] = [:]
        /// For each merged row whose merges lead to several ends, the different rows that they name.
        var apart: [NaiveRowName: [RowKey]] = [:]
        /// The survivors of cycles.
        var closing: Set<NaiveRowName> = []
    }

    /// - Parameters:
    ///   - seen: as it was when only these changes had been made; nil: all.
    ///   - freed: rows whose merges are taken back.
    ///   - entering: a change of which the rows that it enters are entered already (MRG-10).
    func merges(
        of table: String, among seen: Set<Dot>? = nil, without freed: Set<NaiveRowName> = [],
        entering: NaiveChange? = nil
    ) -> Merges {
        guard let schema = schema.table(table) else { return Merges() }
        let names = rowNames.filter { $0.table == table }
        var rows: [NaiveRowName: NaiveRow] = [:]
        for name in names {
            let entry = entering.flatMap { $0.rows[name]?.writes[""] == nil ? nil : $0.dot }
            rows[name] = row(name, among: entry.map { seen?.union([$0]) } ?? seen)
        }
        /// MRG-51.
        func edges(_ name: NaiveRowName) -> Set<NaiveRowName> {
            guard !freed.contains(name), let row = rows[name], row.uncovered("").isEmpty else { return [] }
            let named = row.deletions.keys.compactMap { row.into[$0] }.map { NaiveRowName(table: table, key: $0) }
            return Set(named.filter { rows[$0].map { isComplete($0, in: schema) } ?? false })
        }
        guard names.contains(where: { !edges($0).isEmpty }) else { return Merges() }
        func isOlder(_ a: NaiveRowName, _ b: NaiveRowName) -> Bool {
            func age(_ name: NaiveRowName) -> [UInt64] {
                (rows[name]?.units[""] ?? [:]).keys.map { rank($0) }.min { $0.lexicographicallyPrecedes($1) } ?? []
            }
            let (first, second) = (age(a), age(b))
            return first == second ? a < b : first.lexicographicallyPrecedes(second)
        }
        var reached: [NaiveRowName: Set<NaiveRowName>] = [:]
        for name in names {
            var met = edges(name)
            while true {
                let more = met.union(met.flatMap(edges))
                if more == met { break }
                met = more
            }
            reached[name] = met
        }
        /// MRG-52: of an end the row that survives.
        func end(_ name: NaiveRowName) -> NaiveRowName? {
            let met = reached[name] ?? []
            if met.isEmpty { return name }
            return met.allSatisfy { (reached[$0] ?? []).contains(name) } ? met.min(by: isOlder) : nil
        }
        var merges = Merges()
        for name in names where !(reached[name] ?? []).isEmpty {
            let ends = Set((reached[name] ?? []).union([name]).compactMap(end)).sorted(by: isOlder)
            guard let survivor = ends.first else { continue }
            if survivor == name {
                merges.closing.insert(name)
            } else {
                merges.survivors[name] = survivor
                if ends.count > 1, edges(name).count > 1 {
                    merges.apart[name] = edges(name).map(\.key).sorted {
                        canonical($0.values).lexicographicallyPrecedes(canonical($1.values))
                    }
                }
            }
        }
        return merges
    }

    /// MRG-55: a row, and those whose merges lead to it, but not by way of the one that is shown for it.
    func led(to name: NaiveRowName, among seen: Set<Dot>) -> Set<RowKey> {
        guard let schema = schema.table(name.table) else { return [name.key] }
        let survivor = merges(of: name.table, among: seen).survivors[name]
        let others = rowNames.filter { $0.table == name.table && $0 != name && $0 != survivor }
        let rows = others.map { (key: $0.key, row: row($0, among: seen)) }
        let complete = Set(rows.filter { isComplete($0.row, in: schema) }.map(\.key) + [name.key])
        var led: Set = [name.key]
        while true {
            let more = rows.filter { _, row in
                row.uncovered("").isEmpty
                    && row.deletions.keys.contains { dot in row.into[dot].map(led.contains) ?? false }
            }.map(\.key)
            let all = led.union(complete.intersection(more))
            if all == led { return led }
            led = all
        }
    }

    /// MRG-54: the row with what stands on those merged into it, each foreign candidate under an alias of its dot.
    func united(_ name: NaiveRowName, _ merges: Merges, among seen: Set<Dot>? = nil) -> NaiveRow {
        var row = row(name, among: seen)
        if merges.closing.contains(name) {
            for dot in row.into.keys { row.deletions[dot] = nil }
        }
        let members = merges.survivors.filter { $0.value == name }.keys.sorted()
        let plain = Set(row.deletions.keys.filter { row.into[$0] == nil })
        for (number, member) in members.enumerated() {
            let other = self.row(member, among: seen)
            // MRG-60.
            if !plain.isEmpty, plain.isDisjoint(with: other.deletions.keys) {
                row.isKeptByMerge = true
            }
            for (unit, candidates) in other.units where !unit.isEmpty && !unit.hasPrefix("satchel:") {
                let joins = [.counter, .set].contains(row.policies[unit] ?? .review)
                let standing = other.uncovered(unit)
                for (dot, values) in candidates where joins || standing[dot] != nil {
                    let alias = NaiveAlias.of(dot, number)
                    row.standing[alias] = member.key
                    row.units[unit, default: [:]][alias] = values
                    row.states[unit, default: [:]][alias] = other.states[unit]?[dot]
                    if standing[dot] == nil { row.hidden.insert(NaiveCovered(unit: unit, dot: alias)) }
                }
            }
        }
        return row
    }
}

extension NaiveModel {
    /// MRG-54: the units of a row that are counted, or put into a set, together with those of rows merged into it. What is
    /// written to them says the row's own part.
    func joinedUnits(_ name: NaiveRowName) -> Set<String> {
        let merges = merges(of: name.table)
        guard merges.survivors.values.contains(name) else { return [] }
        let row = united(name, merges)
        return Set(
            row.units.filter { unit, candidates in
                [.counter, .set].contains(row.policies[unit] ?? .review)
                    && candidates.keys.contains { NaiveAlias.dot($0) != nil }
            }.keys)
    }

    /// The survivors of cycles that let go when some of these rows are taken out of their merges (MRG-56).
    func released(byKeeping rows: Set<NaiveRowName>) -> Set<NaiveRowName> {
        rows.reduce(into: []) { released, name in
            let merges = merges(of: name.table)
            if let survivor = merges.survivors[name], merges.closing.contains(survivor) { released.insert(survivor) }
        }
    }

    /// Whether a change lets the survivor of a cycle go (MRG-56).
    func isFreed(_ name: NaiveRowName, by done: NaiveRowChange) -> Bool {
        done.cover == nil && done.into == nil && !done.deletionsReplaced.isEmpty
            && merges(of: name.table).closing.contains(name)
    }

    /// Whether what a change does to a row may go with what it does to another: the renewal of a merge goes with what was written to
    /// the survivor (MRG-55), and of a cycle the survivor lets go when another of it is entered (MRG-10). The judge of the end looks
    /// at both.
    func mayGoAlong(_ name: NaiveRowName, by done: NaiveRowChange) -> Bool {
        done.into != nil || isFreed(name, by: done)
    }

    /// Whether a row was sealed as it was written: of joined units, that it shows what was written (MRG-54).
    ///
    /// - Parameters:
    ///   - written: by unit, what the table held.
    ///   - known: as it was before.
    func sealed(
        _ name: NaiveRowName, _ done: NaiveRowChange, as written: [String: [Value]], over known: NaiveModel
    ) -> Bool {
        // What leads to a row that was entered anew may have led elsewhere before (MRG-10).
        let joined = known.joinedUnits(name).union(done.writes[""] == nil ? [] : joinedUnits(name))
        // MRG-62: who writes to a row that notes alone show keeps it with that.
        let isKept = known.isShownByNotesAlone(name) || done.writes[""] != nil && known.isFreed(name, by: done)
        let kept: Set<String> = isKept ? [""] : []
        let units = Set(done.writes.keys).subtracting(kept.isEmpty ? [] : ["satchel:fell"])
        if units != kept.union(written.keys) { return false }
        // Who enters a merged row again in the same changeset takes it, with its part, out of this one.
        let (before, after) = (known.merges(of: name.table), merges(of: name.table))
        let shown = joined.isEmpty || before.survivors != after.survivors ? nil : view().shown[name]
        return written.allSatisfy { unit, values in
            guard joined.contains(unit) else { return done.writes[unit]?.values == values }
            guard let shown else { return true }
            let columns = schema.table(name.table)?.units.first { $0.name == unit }?.columns ?? []
            return columns.map { shown[$0] } == values
        }
    }
}

/// A name for a candidate that stands on another row: a sequence that no changeset has.
enum NaiveAlias {
    private static let flag: UInt64 = 1 << 62

    static func of(_ dot: Dot, _ member: Int) -> Dot {
        Dot(origin: dot.origin, sequence: dot.sequence | flag | UInt64(member) << 52, tag: dot.tag)
    }

    /// The dot and the number of the member; nil: it is no alias.
    static func dot(_ alias: Dot) -> (dot: Dot, member: Int)? {
        guard alias.sequence & flag != 0 else { return nil }
        let sequence = alias.sequence & (1 << 52 - 1)
        return (Dot(origin: alias.origin, sequence: sequence, tag: alias.tag), Int(alias.sequence >> 52 & 0x3FF))
    }
}
