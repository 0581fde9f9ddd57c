internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What became of the values that a merge had taken over, when it was taken back (MRG-56).
public struct Unmerged: Sendable {
    /// The columns of the other row that show again what they showed before the merge.
    public let restored: [String]
    /// Those that go on showing what the merge took over; the history says what stood there.
    public let left: [String]
}

/// Who takes a merge back gives the row that is left what it showed before the merge took something over (MRG-56).
extension Engine {
    /// A unit of a row that is left of a merge, and what it showed before.
    struct GivenBack {
        /// As it is without the merges that are taken back.
        let whole: Whole
        let unit: UnitID
        let values: [Value]
    }

    /// What merges did, by the changesets by which they were made, each with what it did to the two rows and what else it merged.
    private typealias Merges = [DotID: [RowKey: RowChange]]

    /// What can be given back where these rows are taken out of their merges, but to rows that `decided` changes anyhow.
    ///
    /// O(rows of the changesets by which they were merged, and of those that wrote what these replaced).
    private func givenBack(unmerging rows: [HeldRow], beside decided: [Decided]) throws -> [GivenBack] {
        let freed = rows.map { row in
            var freed = row
            freed.state.deletions = []
            return freed
        }
        var given: [GivenBack] = []
        for row in rows {
            // Whatever is written to a row that was deleted brings it back (MRG-6).
            guard let layout = store.layout(row.table), let other = try whole(row).membership?.survivor.held,
                case .table(let now) = other.place, other.state.deletions.isEmpty,
                !decided.contains(where: { $0.row.hash == other.hash })
            else { continue }
            let left = try whole(other, beside: freed)
            let merges = try self.merges(of: row, into: other.key)
            if left.isMerged || merges.isEmpty { continue }
            var shown = now
            for (unit, id) in zip(layout.schema.units, layout.unitIDs) {
                if given.contains(where: { $0.unit == id && $0.whole.row.hash == other.hash }) { continue }
                guard let values = try replaced(by: merges, id, unit, of: left, layout) else { continue }
                var then = shown
                for (column, value) in zip(unit.columns, values) { then[column] = value }
                // What it referred to may be gone meanwhile, and is not brought back.
                if try dangling(unit.columns, of: then, layout) != nil { continue }
                shown = then
                given.append(GivenBack(whole: left, unit: id, values: values))
            }
        }
        return given
    }

    /// Writes what takes rows out of their merges, and gives back what can be. To take one out is to show what another has shown for
    /// it: where a table would refuse a record then, all is refused (INB-14). Returns the rows that were left, if these merges had
    /// taken something over there.
    func write(
        _ decided: [Decided], unmerging merged: [HeldRow], actor: String, note: String
    ) throws -> [(row: HeldRow, values: Unmerged)] {
        let given = try givenBack(unmerging: merged, beside: decided)
        let left = try left(of: merged, given)
        let back = try write(decided, givingBack: given, actor: actor, note: note)
        if back == nil { try refusingToHide { try write(decided, actor: actor, note: note) } }
        return left.compactMap { row, units in
            guard !units.isEmpty, let layout = store.layout(row.table) else { return nil }
            let restored = Set((back ?? []).filter { $0.whole.row.hash == row.hash }.map(\.unit))
            return (
                row,
                Unmerged(
                    restored: columns(of: restored, layout), left: columns(of: units.subtracting(restored), layout))
            )
        }
    }

    /// The rows that are left of merges, each with the units of it that show what these took over, or would be given back.
    private func left(of merged: [HeldRow], _ given: [GivenBack]) throws -> [(row: HeldRow, units: Set<UnitID>)] {
        var left: [(row: HeldRow, units: Set<UnitID>)] = []
        for row in merged {
            guard let layout = store.layout(row.table), let other = try whole(row).membership?.survivor.held else {
                continue
            }
            let back = given.filter { $0.whole.row.hash == other.hash }.map(\.unit)
            let units = try takenOver(by: row, layout).union(back)
            if let place = left.firstIndex(where: { $0.row.hash == other.hash }) {
                left[place].units.formUnion(units)
            } else {
                left.append((other, units))
            }
        }
        return left
    }

    private func columns(of units: Set<UnitID>, _ layout: TableLayout) -> [String] {
        zip(layout.schema.units, layout.unitIDs).filter { _, id in units.contains(id) }
            .flatMap { unit, _ in unit.columns.map { layout.schema.columns[$0].name } }
    }

    /// Units of a merged row's survivor that show what a merge of it took over and nobody has written since.
    private func takenOver(by row: HeldRow, _ layout: TableLayout) throws -> Set<UnitID> {
        let merges = Set(row.state.deletions.filter { $0.into != nil }.map(\.dot))
        let own = try store.judge(row.state, of: row.key, table: layout.id)
        // The row that is left, and those on the way to it.
        let others = try Set(row.state.into + [survivor(of: row.key, in: layout)])
        return try others.reduce(into: []) { taken, key in
            let other = try store.load(table: layout.id, key: key)
            let verdict = try store.judge(other.state, of: other.key, table: layout.id)
            taken.formUnion(
                layout.unitIDs.filter { id in
                    // A merge that a later write renewed has the dot of that (MRG-55).
                    guard let shown = verdict.shown(id), shown.values == own.shown(id)?.values else { return false }
                    return !merges.isDisjoint(with: shown.dots)
                })
        }
    }

    /// Writes what takes merges back, with what is given back: all of it, or all but one unit, if a table would else refuse a record
    /// that it takes now (INB-14). Returns what was; nil: nothing could be, and nothing is written.
    private func write(
        _ decided: [Decided], givingBack given: [GivenBack], actor: String, note: String
    ) throws -> [GivenBack]? {
        if given.isEmpty { return nil }
        var attempts = [given]
        if given.count > 1 {
            attempts += given.indices.map { left in given.indices.filter { $0 != left }.map { given[$0] } }
        }
        for attempt in attempts {
            do {
                let all = try decided + changes(giving: attempt)
                _ = try part { try refusingToHide { try write(all, actor: actor, note: note) } }
            } catch is WouldHide {
                continue
            }
            for one in attempt { try store.forgetDecision(takenOverID(one.unit, of: one.whole.row)) }
            return attempt
        }
        return nil
    }

    /// Writes like any other, one change for each row (MRG-9).
    private func changes(giving given: [GivenBack]) throws -> [Decided] {
        let rows = Dictionary(grouping: given, by: \.whole.row.hash)
        return try rows.sorted { $0.key < $1.key }.flatMap { _, all -> [Decided] in
            guard let whole = all.first?.whole else { return [] }
            let values = all.sorted { $0.unit < $1.unit }.map { Writing.NewValues(unit: $0.unit, values: $0.values) }
            return try act(whole) { united in
                try store.writing(on: united, table: whole.row.table).update(values, on: united.state)
            }
        }
    }

    /// Keeps what units of a row showed, beside the merge that took others' values over: a device has nothing else that says it of
    /// what came from the hub.
    ///
    /// - Parameter row: as it was before. What the merge made of it is in the file already.
    func keepReplaced(in units: [UnitID], of row: Whole) throws {
        let (held, plain) = (row.row, row.united.plain)
        let now = try store.load(table: held.table, key: held.key).state
        let others = row.membership?.all.rows.map(\.held.hash).filter { $0 != held.hash } ?? []
        for unit in units {
            let before = Set(held.state[unit].map(\.dot))
            guard let dot = now[unit].map(\.dot).first(where: { !before.contains($0) }) else { continue }
            var was = RowState()
            was[unit] = plain[unit]
            try store.keep(
                KeptDecision(
                    conflict: takenOverID(unit, of: held), dot: dot, kind: .values, table: held.table, unit: unit,
                    key: held.key, was: was), with: others)
        }
    }

    private func takenOverID(_ unit: UnitID, of row: HeldRow) -> String {
        let name = store.unitName(unit, table: row.table)
        return KeptDecision.takenOver + Conflict.id(table: store.tableName(row.table), key: row.key, unit: name)
    }

    // MARK: What stood there

    /// The merges of a row into another that stand, as far as they are kept here: where one was renewed (MRG-55), as it was made.
    private func merges(of row: HeldRow, into key: RowKey) throws -> Merges {
        var open = row.state.deletions.filter { $0.into != nil }.map(\.dot)
        var met = Set(open)
        var found: Merges = [:]
        while let dot = open.popLast() {
            guard let done = try done(by: dot, table: row.table, to: [row.key, key]), let own = done[row.key],
                own.into != nil
            else { continue }
            // One that takes the place of another may be its renewal: what came with that, somebody wrote.
            if own.deletionsReplaced.isEmpty {
                if own.into == key { found[dot] = done }
                continue
            }
            for earlier in own.deletionsReplaced where met.insert(earlier).inserted { open.append(earlier) }
        }
        return found
    }

    /// What a kept changeset did to some rows of a table, and to those that it merged; nil: it is not kept here.
    private func done(by dot: DotID, table: Int64, to keys: Set<RowKey>) throws -> [RowKey: RowChange]? {
        guard let changeset = try sealed(dot), unreadable(changeset) == nil else { return nil }
        var done: [RowKey: RowChange] = [:]
        for (row, change) in try changes(of: changeset)
        where row.table == table && (keys.contains(row.key) || change.into != nil) {
            done[row.key] = change
        }
        return done
    }

    /// What a unit of a row showed before merges took over what stands there alone; nil: it is not known here or was no one
    /// value, or something else stands there.
    private func replaced(
        by merges: Merges, _ id: UnitID, _ unit: TableSchema.Unit, of left: Whole, _ layout: TableLayout
    ) throws -> [Value]? {
        // These are joined, not taken over (MRG-54).
        if unit.policy == .counter || unit.policy == .set { return nil }
        let standing = left.united.state[id]
        var now: Set<[Value]> = []
        var before: Set<[Value]> = []
        for candidate in standing {
            guard left.united.member(candidate.dot) == nil, let done = merges[candidate.dot],
                let write = done[left.row.key]?.writes.first(where: { $0.unit == id }),
                let values = try stood(before: write, in: done, as: candidate.dot, unit, of: left.row, layout)
            else { return nil }
            now.insert(Array(candidate.values.prefix(unit.columns.count)))
            before.insert(values)
        }
        guard now.count == 1, before.count == 1, let values = before.first, !now.contains(values) else { return nil }
        return values
    }

    /// What a unit showed before a merge wrote to it, as it was noted then, or from the changesets that the write replaced.
    private func stood(
        before write: UnitWrite, in merge: [RowKey: RowChange], as dot: DotID, _ unit: TableSchema.Unit,
        of row: HeldRow, _ layout: TableLayout
    ) throws -> [Value]? {
        var found: [Candidate] = []
        if let kept = try store.decision(takenOverID(write.unit, of: row)), kept.dot == dot, kept.key == row.key,
            kept.unit == write.unit
        {
            found = kept.was[write.unit]
        } else {
            for earlier in write.replaced {
                let done = try done(by: earlier, table: row.table, to: [row.key])
                guard let made = done?[row.key]?.writes.first(where: { $0.unit == write.unit }) else { return nil }
                found.append(Candidate(dot: earlier, values: made.values))
            }
            // It may have shown what stands on another row merged into it, which a write does not name (MRG-55).
            if found.isEmpty, merge.values.count(where: { $0.into != nil }) > 1 { return nil }
        }
        for candidate in found {
            // What a merge took over that stands no more, or of a row that is erased, is no value of this one either.
            if try isGone(candidate.dot, write.unit, of: row) || isOfEndedMerge(candidate.dot, into: row) { return nil }
        }
        let values = Set(found.map { Array($0.values.prefix(unit.columns.count)) })
        if values.count > 1 { return nil }
        guard let one = values.first else { return layout.values(of: unit, in: layout.row(key: row.key, shown: [:])) }
        return one.count == unit.columns.count ? one : nil
    }

    /// Whether a changeset, as far as it is kept here, merged rows into this one of which none is merged so any more.
    private func isOfEndedMerge(_ dot: DotID, into row: HeldRow) throws -> Bool {
        let merged = try done(by: dot, table: row.table, to: [row.key])?.filter { $0.value.into == row.key } ?? [:]
        if merged.isEmpty { return false }
        return try !merged.keys.contains { key in
            try store.load(table: row.table, key: key).state.deletions.contains { $0.dot == dot && $0.into == row.key }
        }
    }

    /// Whether what a changeset wrote to a unit was erased, or counts as not made: it does not come back (ERA-2, REV-2, SCO-19).
    private func isGone(_ dot: DotID, _ unit: UnitID, of row: HeldRow) throws -> Bool {
        if try judgement(of: store.known(dot).dot) == .withheld { return true }
        if let aside = try setAsideByScopes?(), try aside.isOpen(dot, row.hash) { return true }
        guard let head = try head(dot) else { return false }
        let share = try erasures().share(store.tableName(row.table), row.key, by: head.clock)
        var units = share.cut
        switch share.erased {
        case .whole?: return true
        case .units(let erased)?: units += erased
        case nil: break
        }
        let name = store.unitName(unit, table: row.table)
        return units.contains { $0.name == name }
    }
}
