internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Rows made again from the changesets that are kept here (SCO-20, REV-6).
extension Engine {
    /// Rows as the kept changesets make them, for whoever keeps them all. O(all kept changesets).
    ///
    /// Decisions of them that have come to count can be undone as if they had come so (INB-8).
    func madeAgain(_ names: [HeldRowName]) throws -> [HeldRowName: RowState] {
        let states = try replayKept(rows: Set(names.map { store.rowHash($0.table, $0.key) })) {
            before, change, id, note in
            try keepDecision(change, of: before, as: id, first: first(of: id, note: note), note: note)
            if isHub { try haunt(by: change, before) }
        }
        let restored = try isHub && store.wasRestored()
        var made: [HeldRowName: RowState] = [:]
        for name in names {
            let h = store.rowHash(name.table, name.key)
            // What was dropped of a row that lives anew stays so.
            if isHub, states[h]?.former == nil { try store.unarchive(h) }
            // Of a row that was only handed in no changeset may be left that has an effect.
            made[name] =
                try states[h]?.row.state ?? (restored ? handedIn(table: name.table, key: name.key) : RowState())
        }
        // Without what had moved it on a row may name somebody erased again (ERA-6).
        if isHub, try !erasures().isEmpty { derived.doubtful.formUnion(names) }
        return made
    }

    /// A row as the kept changesets make it.
    struct Remade {
        var row: HeldRow
        /// What was dropped of it, where it lives a life of its own since (EXC-26).
        var former: RowState?
        /// What changes that count took the place of.
        var replaced: Set<Covered> = []
    }

    /// The states of rows as the kept changesets alone make them, by clock number. O(all kept changesets).
    ///
    /// What is set aside counts as not made (SCO-19), and what a change replaced that came before it is replaced all the same:
    /// it was declared lost, and came late (EXC-31). At a hub that was put back a row begins with what was handed in of it
    /// and no changeset here makes, and what was replaced before it came stays so (EXC-44).
    ///
    /// - Parameter look: is given each row as it was before a change, the change, its changeset and the note of that.
    func replayKept(
        rows: Set<Int64>, _ look: (HeldRow, RowChange, DotID, String) throws -> Void = { _, _, _, _ in }
    ) throws -> [Int64: Remade] {
        let aside = try setAsideByScopes?()
        var states: [Int64: Remade] = [:]
        let restored = try isHub && store.wasRestored()
        try forEachKept { changeset, content in
            let id = try store.dotID(changeset.dot)
            let dots = try content.dots.map { try store.dotID($0) }
            for section in content.sections {
                let reader = try SectionReader(section, store: store, dots: dots)
                for row in 0..<section.rows {
                    let key = section.key(row)
                    let h = store.rowHash(reader.table, key)
                    guard rows.contains(h), try !(aside?.isOpen(id, h) ?? false) else { continue }
                    var made =
                        try states[h]
                        ?? Remade(
                            row: HeldRow(
                                table: reader.table, key: key, hash: h,
                                state: restored ? handedIn(table: reader.table, key: key) : RowState(), place: .absent))
                    let change = reader.change(row)
                    try tellLivesApart(change, id, changeset.head, &made)
                    try look(made.row, change, id, changeset.head.note)
                    made.row.state.apply(change, as: id)
                    made.row.state.drop(id) { made.replaced.contains(Covered(unit: $0, dot: id)) }
                    if restored { try dropGhosts(of: id, h, &made.row.state) }
                    made.replaced.formUnion(change.replaced)
                    states[h] = made
                }
            }
        }
        return states
    }

    /// Begins a row anew where a change did that came after the row had been dropped, and joins its lives again where one
    /// that is about the former comes to count (EXC-26).
    private func tellLivesApart(
        _ change: RowChange, _ id: DotID, _ head: ChangesetHeader, _ made: inout Remade
    ) throws {
        guard isHub, change != RowChange(), let dropped = try store.archived(made.row.hash)?.dropped,
            let arrival = try store.arrival(of: id), arrival > dropped
        else { return }
        let former = made.former ?? made.row.state
        let isItsOwn = try isOfItsOwn(change, by: head, beside: former, dropped: dropped)
        if made.former == nil, isItsOwn {
            (made.former, made.row.state) = (former, RowState())
        } else if let former = made.former, !isItsOwn {
            (made.former, made.row.state) = (nil, made.row.state.joined(with: former))
        }
    }

    /// What a hub that was put back holds of a row, or held until it was replaced, in values alone, as they were handed in:
    /// their changesets nobody has any more (EXC-29).
    private func handedIn(table: Int64, key: RowKey) throws -> RowState {
        let present = try store.load(table: table, key: key).state
        return try withoutKept(present.joined(with: store.replacedOfHandIn(store.rowHash(table, key))))
    }

    /// Of a row's candidates and deletions those that no changeset here makes.
    private func withoutKept(_ all: RowState) throws -> RowState {
        var state = all
        for unit in all.units {
            state[unit.unit] = try unit.candidates.filter { try store.standing(of: $0.dot) == nil }
        }
        state.deletions = try all.deletions.filter { try store.standing(of: $0.dot) == nil }
        return state
    }

    /// Keeps what a change replaced of what had been handed in: that change may come to have no effect (EXC-44).
    func keepReplaced(_ before: RowState, by after: RowState, of row: HeldRow) throws {
        var gone = before
        for unit in before.units {
            let left = Set(after[unit.unit].map(\.dot))
            gone[unit.unit].removeAll { left.contains($0.dot) }
        }
        let left = Set(after.deletions.map(\.dot))
        gone.deletions.removeAll { left.contains($0.dot) }
        gone = try withoutKept(gone)
        if gone.isEmpty { return }
        let known = try store.replacedOfHandIn(row.hash)
        try store.setReplacedOfHandIn(table: row.table, key: row.key, state: known.joined(with: gone))
    }

    /// Takes out again what was replaced before it came (EXC-13).
    func dropGhosts(of dot: DotID, _ h: Int64, _ state: inout RowState) throws {
        try state.drop(dot) { try store.isGhost(h, unit: $0, dot) }
    }

    /// What a change replaced that is not here has been replaced, as long as the change has an effect (REV-2). The row moves:
    /// who made it from all that was replaced holds another (EXC-15).
    func haunt(by change: RowChange, _ row: HeldRow) throws {
        for replaced in change.replaced
        where try store.arrival(of: replaced.dot) == nil && !store.isAccounted(row.hash, replaced.dot)
            && !store.isGhost(row.hash, unit: replaced.unit, replaced.dot)
        {
            try store.addGhost(row.hash, unit: replaced.unit, replaced.dot)
            try store.noteMoved(table: row.table, key: row.key)
        }
    }

    /// The change has no effect: what it replaced of a row that was handed in is not there, and is taken in when it comes, but
    /// in units in which something else had replaced it (EXC-44).
    func unaccount(what change: RowChange, replaced row: HeldRowName) throws {
        let h = store.rowHash(row.table, row.key)
        let held = try handedIn(table: row.table, key: row.key)
        for (dot, freed) in Dictionary(grouping: change.replaced, by: \.dot)
        where try store.arrival(of: dot) == nil && store.isAccounted(h, dot) {
            if freed.allSatisfy({ held.holds(dot, in: $0.unit) }) { continue }
            let others = try units(of: held, table: row.table).subtracting(freed.map(\.unit))
            try noteReplaced(dot, in: others, lackedBy: held, h)
            try store.unaccount(h, dot)
        }
    }

    /// Of a changeset that counts as part of a row, what the row lacks in these units has been replaced (EXC-13). Returns whether it
    /// lacks any.
    @discardableResult
    func noteReplaced(_ dot: DotID, in units: Set<UnitID>, lackedBy state: RowState, _ h: Int64) throws -> Bool {
        let gone = units.filter { !state.holds(dot, in: $0) }
        for unit in gone.sorted() { try store.addGhost(h, unit: unit, dot) }
        return !gone.isEmpty
    }

    /// The units in which a changeset may have written to a row, and `deletions`.
    func units(of state: RowState, table: Int64) throws -> Set<UnitID> {
        Set([RowState.existence, Self.deletions] + (store.layout(table)?.unitIDs ?? []) + state.units.map(\.unit))
    }

    /// The change has no effect: nothing has been replaced by it.
    func layGhosts(of change: RowChange, _ h: Int64) throws {
        for replaced in change.replaced { try store.removeGhost(h, unit: replaced.unit, replaced.dot) }
    }
}

extension RowChange {
    /// Every dot that the change takes the place of, with its unit.
    fileprivate var replaced: [Covered] {
        writes.flatMap { write in write.replaced.map { Covered(unit: write.unit, dot: $0) } }
            + deletionsReplaced.map { Covered(unit: Engine.deletions, dot: $0) }
    }
}

extension RowState {
    /// Whether something that a changeset wrote stands in a unit; in `Engine.deletions`: whether its deletion does.
    func holds(_ dot: DotID, in unit: UnitID) -> Bool {
        unit == Engine.deletions ? deletions.contains { $0.dot == dot } : self[unit].contains { $0.dot == dot }
    }

    /// Takes out what a changeset wrote, where it had been replaced. Of its deletion `Engine.deletions` is asked.
    mutating func drop(_ dot: DotID, where isReplaced: (UnitID) throws -> Bool) rethrows {
        for unit in units.map(\.unit) where try holds(dot, in: unit) && isReplaced(unit) {
            self[unit].removeAll { $0.dot == dot }
        }
        if holds(dot, in: Engine.deletions), try isReplaced(Engine.deletions) { deletions.removeAll { $0.dot == dot } }
    }
}
