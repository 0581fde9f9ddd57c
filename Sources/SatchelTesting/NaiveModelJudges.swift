package import SatchelModel

/// What must hold of any set of changes, whoever made them. Each judge returns its complaints.
extension NaiveModel {
    /// No effect without its causes (MRG-4, EXC-13, EXC-14): lines have no gaps, who saw a change saw what its
    /// author had seen, and nobody replaced or covered what they had not seen.
    package func causalityComplaints() -> [String] {
        var complaints: [String] = []
        for change in changes.values.sorted(by: { $0.dot < $1.dot }) {
            for dot in change.seen {
                guard let cause = changes[dot] else {
                    complaints.append("\(change.dot) is here without \(dot), which its author had seen")
                    continue
                }
                if !cause.seen.isSubset(of: change.seen) {
                    complaints.append("\(change.dot) had seen \(dot) but not all that \(dot) had seen")
                }
            }
            let before = change.seen.filter { $0.origin == change.dot.origin }.map(\.sequence).sorted()
            if before != Array(1..<max(1, change.dot.sequence)) {
                complaints.append("\(change.dot) follows \(before) in its own line")
            }
            for (name, row) in change.rows {
                let named =
                    row.writes.values.flatMap(\.replaced) + row.deletionsReplaced
                    + (row.cover ?? []).map(\.dot)
                for dot in named where !change.seen.contains(dot) {
                    complaints.append("\(change.dot) replaced \(dot) in \(name) without having seen it")
                }
            }
        }
        return complaints
    }

    /// Each change replaced exactly what the rules let its author replace, given all that the author had seen
    /// (MRG-9 to MRG-13).
    ///
    /// - Parameters:
    ///   - answers: the changes by which a person answered a conflict; all others are ordinary.
    ///   - merges: those by which a person merged two rows: what is kept there is kept as by an answer (MRG-50).
    ///   - judged: changes that were judged by rules of their own when they were made (INB-4, INB-8, INB-10).
    package func replacementComplaints(
        answers: Set<Dot> = [], merges byPeople: Set<Dot> = [], judged: Set<Dot> = []
    ) -> [String] {
        var complaints: [String] = []
        for change in changes.values.sorted(by: { $0.dot < $1.dot }) where !judged.contains(change.dot) {
            let (isAnswer, isMerge) = (answers.contains(change.dot), byPeople.contains(change.dot))
            let letsGo = isAnswer || isMerge
            func answer(_ name: NaiveRowName) -> Bool {
                isAnswer || isMerge && change.rows[name]?.writes[""] != nil
            }
            for (name, done) in change.rows.sorted(by: { $0.key < $1.key }) {
                let merges = self.merges(name, in: change, answer: answer(name))
                var allowed = allowedChanges(
                    name, done, merges, among: change.seen, answer: answer(name), decides: letsGo)
                var matching = allowed.filter { $0.own == Replaced(done) }
                let beside =
                    done.into == nil
                    ? letGo(name, change, answer: letsGo)
                    : renewal(name, change, merges, answer: answer, letsGo: letsGo)
                if let beside {
                    allowed.append(Replacement(own: beside, foreign: [:]))
                    if beside == Replaced(done) { matching.append(Replacement(own: beside, foreign: [:])) }
                }
                guard let match = matching.first else {
                    complaints.append(
                        "\(change.dot) in \(name) replaced \(Replaced(done)), the rules allow \(allowed.map(\.own))")
                    continue
                }
                let keeps = done.writes[""] != nil && (answer(name) || isHereByNotesAlone(name, change.seen))
                let due = noted(name, change, isKeep: keeps)
                let note = done.writes["satchel:fell"]
                if note?.values != due?.values || note?.replaced != due?.replaced {
                    complaints.append(
                        "\(change.dot) noted \(String(describing: note)) of \(name), due is \(String(describing: due))")
                }
                for member in match.foreign.keys.sorted() where change.rows[member] == nil {
                    complaints.append(
                        "\(change.dot) replaced in \(name) what stands on \(member), and renewed no merge")
                }
                for (member, survivor) in merges.survivors
                where survivor == name && change.rows[member] == nil && done.cover != nil && done.into == nil {
                    complaints.append("\(change.dot) deleted \(name), and took nothing along on \(member)")
                }
                for (member, survivor) in merges.survivors
                where survivor == name && change.rows[member] == nil && letGo(member, change, answer: letsGo) != nil {
                    complaints.append(
                        "\(change.dot) kept \(name), and let nothing go that was taken along on \(member)")
                }
            }
        }
        return complaints
    }

    /// MRG-61: what a change notes of the deletions that it takes away from a row; nil: nothing.
    private func noted(_ name: NaiveRowName, _ change: NaiveChange, isKeep: Bool) -> NaiveRowChange.Write? {
        guard let done = change.rows[name], isKeep || done.cover != nil else { return nil }
        let own = row(name, among: change.seen)
        let plain = done.deletionsReplaced.filter {
            own.deletions[$0] != nil && (own.into[$0] == nil || own.standsByItself)
        }
        let loses = own.notes.keys.contains { done.deletionsReplaced.contains($0) }
        guard isKeep || !plain.isEmpty || loses else { return nil }
        var all = own.notes.values.reduce(into: Set(plain)) { $0.formUnion($1) }
        // MRG-56.
        let survivors = isKeep ? merges(of: name.table, among: change.seen).survivors : [:]
        if let survivor = survivors[name] {
            for one in [survivor] + survivors.filter({ $0.value == survivor }).keys {
                all.formUnion(row(one, among: change.seen).brings)
            }
        }
        if all.isEmpty { return nil }
        return NaiveRowChange.Write(
            values: [.blob(all.sorted().flatMap(\.bytes))], replaced: Set((own.units["satchel:fell"] ?? [:]).keys))
    }

    /// MRG-10, MRG-56: the merges by which a row is judged in a change that enters others, or takes merges back.
    private func merges(_ name: NaiveRowName, in change: NaiveChange, answer: Bool) -> Merges {
        let all = merges(of: name.table, among: change.seen)
        let entered = change.rows.filter { $0.key.table == name.table && $0.value.writes[""] != nil }.keys
        let isRelease = change.rows[name].map { $0.writes.isEmpty && $0.cover == nil } ?? false
        let isKeptApart = entered.contains(name) && (!answer || all.survivors[name] != nil)
        if entered.isEmpty || isKeptApart || isRelease { return all }
        let freed = all.survivors.keys.filter(entered.contains)
        if answer { return freed.isEmpty ? all : merges(of: name.table, among: change.seen, without: Set(freed)) }
        // The survivors of cycles with those let go.
        let free = Set(freed.compactMap { all.survivors[$0] }).intersection(all.closing).subtracting(entered)
        var then = merges(of: name.table, among: change.seen, without: free, entering: change)
        if free.contains(name) { then.closing.insert(name) }
        return then
    }

    /// Every value that was ever sealed stands somewhere, or was replaced by a change that had seen it (MRG-26).
    package func lossComplaints(_ committed: [NaiveCommitted]) -> [String] {
        committed.compactMap { value in
            guard let change = changes[value.dot], let done = change.rows[value.row] else {
                return "\(value) is in no change that is left"
            }
            guard let unit = value.unit else { return done.cover == nil ? "\(value) is no deletion" : nil }
            guard let write = done.writes[unit], write.values == value.values else {
                return "\(value) was sealed as \(String(describing: done.writes[unit]))"
            }
            if row(value.row).units[unit]?[value.dot] != nil { return nil }
            let replacers = changes.values.filter {
                $0.rows[value.row]?.writes[unit]?.replaced.contains(value.dot) ?? false
            }
            return replacers.contains { $0.seen.contains(value.dot) } ? nil : "\(value) is gone and nobody replaced it"
        }
    }
}

/// One value, or a deletion, that was committed on a replica and then sealed.
package struct NaiveCommitted: CustomStringConvertible {
    package var dot: Dot
    package var row: NaiveRowName
    /// Nil for a deletion.
    package var unit: String?
    package var values: [Value]

    package init(dot: Dot, row: NaiveRowName, unit: String?, values: [Value]) {
        self.dot = dot
        self.row = row
        self.unit = unit
        self.values = values
    }

    package var description: String { "\(row).\(unit ?? "(deletion)") = \(values.map(\.display)) of \(dot)" }
}

/// What a change took away and where it wrote, without the values it wrote.
private struct Replaced: Equatable, CustomStringConvertible {
    var units: [String: Set<Dot>]
    var deletions: Set<Dot>
    var cover: Set<NaiveCovered>?

    init(units: [String: Set<Dot>], deletions: Set<Dot>, cover: Set<NaiveCovered>? = nil) {
        self.units = units
        self.deletions = deletions
        self.cover = cover
    }

    init(_ change: NaiveRowChange) {
        self.init(
            units: change.writes.filter { $0.key != "satchel:fell" }.mapValues(\.replaced),
            deletions: change.deletionsReplaced, cover: change.cover)
    }

    var description: String { "\(units), deletions \(deletions), cover \(String(describing: cover))" }
}

/// What a change may do to a row, and what of the rows merged into it goes with that (MRG-55).
private struct Replacement {
    var own: Replaced
    /// By row, what stands there and is replaced.
    var foreign: [NaiveRowName: Set<NaiveCovered>]
}

extension NaiveModel {
    private func allowedChanges(
        _ name: NaiveRowName, _ done: NaiveRowChange, _ merges: Merges, among seen: Set<Dot>, answer: Bool,
        decides: Bool
    ) -> [Replacement] {
        guard let table = schema.table(name.table) else { return [] }
        let own = row(name, among: seen)
        let isMerged = merges.survivors[name] != nil
        let before = isMerged ? own : united(name, merges, among: seen)
        let members = merges.survivors.filter { $0.value == name }.keys.sorted()
        let deletions = Set(own.deletions.keys)
        func all(_ unit: String) -> Set<Dot> { Set((before.units[unit] ?? [:]).keys) }
        /// Parts what is replaced into what lies on the row itself and what stands on others.
        func parted(_ all: Replaced) -> Replacement {
            var result = Replacement(own: all, foreign: [:])
            func take(_ unit: String, _ dot: Dot) -> Bool {
                guard let alias = NaiveAlias.dot(dot) else { return false }
                if !before.hidden.contains(NaiveCovered(unit: unit, dot: dot)) {
                    result.foreign[members[alias.member], default: []].insert(NaiveCovered(unit: unit, dot: alias.dot))
                }
                return true
            }
            result.own.units = [:]
            for (unit, dots) in all.units { result.own.units[unit] = dots.filter { !take(unit, $0) } }
            result.own.cover = all.cover.map { cover in cover.filter { !take($0.unit, $0.dot) } }
            return result
        }
        if done.cover != nil {
            // MRG-57: who deletes a row that is shown all the same (MRG-53) does not say which of several it is.
            let apart = isMerged && !decides ? own.into.filter { $0.value != done.into }.keys.map(\.self) : []
            let whole = parted(
                Replaced(units: [:], deletions: deletions.subtracting(apart), cover: before.held))
            // MRG-57.
            let settled = Replaced(units: [:], deletions: deletions, cover: Set(own.deletions.values.flatMap(\.self)))
            return merges.apart[name] != nil && answer ? [whole, Replacement(own: settled, foreign: [:])] : [whole]
        }
        if done.writes.isEmpty {
            // MRG-56: the survivor of a cycle lets go.
            return merges.closing.contains(name)
                ? [Replacement(own: Replaced(units: [:], deletions: Set(own.into.keys)), foreign: [:])] : []
        }
        if done.writes[""] != nil {
            let units = [""] + table.units.map(\.name)
            let dead = isComplete(before, in: table) && (!before.isAlive || isMerged)
            let insert = Replaced(
                units: Dictionary(uniqueKeysWithValues: units.map { ($0, dead ? all($0) : []) }),
                deletions: dead ? deletions : [])
            if isHereByNotesAlone(name, seen) {
                // MRG-62.
                var kept = keeping(before, table, deletions)
                for unit in done.writes.keys where !unit.isEmpty && !unit.hasPrefix("satchel:") {
                    kept.units[unit] = shown(before, unit)?.dots ?? []
                }
                return [parted(kept)]
            }
            // MRG-10, MRG-56: or the survivor of a cycle lets go, and with that of a note.
            guard answer || merges.closing.contains(name), !deletions.isEmpty else { return [parted(insert)] }
            var kept = keeping(before, table, deletions)
            if !answer {
                for unit in done.writes.keys where !unit.isEmpty && !unit.hasPrefix("satchel:") {
                    kept.units[unit] = shown(before, unit)?.dots ?? []
                }
            }
            // Out of the bin it is younger.
            var younger = kept
            younger.units[""] = all("")
            return [parted(kept)] + (before.isAlive ? [] : [parted(younger)])
        }
        // MRG-9: no write of what is shown already. MRG-13: an answer takes all.
        let shown = done.writes.keys.map { ($0, self.shown(before, $0)) }
        let ordinary = Replaced(
            units: Dictionary(uniqueKeysWithValues: shown.map { ($0.0, $0.1?.dots ?? []) }), deletions: [])
        let resolution = Replaced(
            units: Dictionary(uniqueKeysWithValues: done.writes.keys.map { ($0, all($0)) }), deletions: [])
        if answer { return [parted(resolution)] }
        if isShownByNotesAlone(name, among: seen) { return [] }
        // Of what is counted with other rows the write says the row's own part (MRG-54). What stands there already is told by what
        // its author saw: that another row is entered in the same change (MRG-10) they need not know.
        let asSeen = united(name, self.merges(of: name.table, among: seen), among: seen)
        let joined = [Policy.counter, .set]
        let idle = done.writes.contains { unit, write in
            self.shown(isMerged ? own : asSeen, unit)?.values == write.values
                && !(joined.contains(asSeen.policies[unit] ?? .review)
                    && asSeen.units[unit]?.keys.contains { NaiveAlias.dot($0) != nil } ?? false)
        }
        if done.writes.isEmpty || idle { return [] }
        // MRG-10: with that it may let go of its merges, the survivor of a cycle with a row that is entered again.
        var free = parted(ordinary)
        free.own.deletions = Set(own.into.keys)
        return [parted(ordinary)] + (merges.closing.contains(name) ? [free] : [])
    }

    /// MRG-55: what the renewal of a merge must be beside the act upon the survivor in the same changeset.
    private func renewal(
        _ name: NaiveRowName, _ change: NaiveChange, _ merges: Merges, answer: (NaiveRowName) -> Bool, letsGo: Bool
    ) -> Replaced? {
        guard let survivor = merges.survivors[name], let done = change.rows[name], let act = change.rows[survivor],
            let allowed = allowedChanges(
                survivor, act, merges, among: change.seen, answer: answer(survivor), decides: letsGo
            )
            .first(where: { $0.own == Replaced(act) })
        else { return nil }
        let own = row(name, among: change.seen)
        let standing = own.deletions.filter { own.into[$0.key] == done.into }
        let along = standing.filter { act.deletionsReplaced.contains($0.key) }
        func covering(_ covers: [Dot: Set<NaiveCovered>]) -> Set<NaiveCovered> {
            covers.values.reduce(into: allowed.foreign[name] ?? []) { $0.formUnion($1) }
        }
        let gone = letGo(name, change, answer: letsGo)?.deletions ?? []
        // A deletion takes every merged row along; it and a merge take the place of what those had taken along which they replace.
        if act.cover != nil {
            if act.into != nil, allowed.foreign[name] == nil, along.isEmpty { return nil }
            return Replaced(units: [:], deletions: gone.union(along.keys), cover: covering(along))
        }
        guard allowed.foreign[name] != nil, !standing.isEmpty else { return nil }
        return Replaced(
            units: [:], deletions: gone.union(standing.keys),
            cover: covering(standing.filter { !gone.contains($0.key) }))
    }

    /// MRG-55: what deletions took along on a row goes when one into which it was merged is kept, from which they are taken
    /// away; nil: there is nothing.
    private func letGo(_ name: NaiveRowName, _ change: NaiveChange, answer: Bool) -> Replaced? {
        // Who enters a row again wants nothing of what was seen deleted (MRG-10).
        guard answer else { return nil }
        let kept = change.rows.filter { $0.key.table == name.table && $0.key != name && $0.value.writes[""] != nil }
        let own = row(name, among: change.seen)
        // Who stands by itself goes on being asked about.
        if own.standsByItself { return nil }
        let along = kept.reduce(into: Set<Dot>()) { along, kept in
            let taken = kept.value.deletionsReplaced
            let gone = own.into.filter { dot, into in
                taken.contains(dot) && own.into.contains { $0.value == into && !taken.contains($0.key) }
            }
            if gone.isEmpty { return }
            let led = led(to: kept.key, among: change.seen)
            along.formUnion(gone.filter { led.contains($0.value) }.keys)
        }
        return along.isEmpty ? nil : Replaced(units: [:], deletions: along)
    }

    /// Whether an author who had seen these saw a row that notes alone show. Another may have its place (MRG-22): who enters it then
    /// enters it over what they do not see (MRG-10).
    private func isHereByNotesAlone(_ name: NaiveRowName, _ seen: Set<Dot>) -> Bool {
        isShownByNotesAlone(name, among: seen) && restricted(to: seen).view().shown[name] != nil
    }

    /// MRG-11.
    private func keeping(_ before: NaiveRow, _ table: TableSchema, _ deletions: Set<Dot>) -> Replaced {
        let existence = (before.units[""] ?? [:]).keys
        let oldest = existence.min { rank($0).lexicographicallyPrecedes(rank($1)) }
        var units = ["": Set(existence).subtracting(oldest.map { [$0] } ?? [])]
        // Of units that its schema does not have too (VER-3).
        for unit in before.units.keys.sorted() where !unit.isEmpty && !unit.hasPrefix("satchel:") {
            let all = Set((before.units[unit] ?? [:]).keys)
            let covered = all.subtracting(before.uncovered(unit).keys)
            if covered.isEmpty || covered == all { continue }
            units[unit] = covered.union(shown(before, unit)?.dots ?? [])
        }
        return Replaced(units: units, deletions: deletions)
    }
}
