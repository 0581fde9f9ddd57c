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
            try keepDecision(change, of: before, as: id, note: note)
        }
        let restored = try isHub && store.wasRestored()
        var made: [HeldRowName: RowState] = [:]
        for name in names {
            // Of a row that was only handed in no changeset may be left that has an effect.
            made[name] =
                try states[store.rowHash(name.table, name.key)]?.state
                ?? (restored ? handedIn(table: name.table, key: name.key) : RowState())
        }
        return made
    }

    /// The states of rows as the kept changesets alone make them, by clock number. O(all kept changesets).
    ///
    /// What is set aside counts as not made (SCO-19). At a hub that was put back a row begins with what was handed in of it
    /// and no changeset here makes, and what was replaced before it came stays so (EXC-44).
    ///
    /// - Parameter look: is given each row as it was before a change, the change, its changeset and the note of that.
    func replayKept(
        rows: Set<Int64>, _ look: (HeldRow, RowChange, DotID, String) throws -> Void = { _, _, _, _ in }
    ) throws -> [Int64: HeldRow] {
        let aside = try setAsideByScopes?()
        var states: [Int64: HeldRow] = [:]
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
                    var held =
                        try states[h]
                        ?? HeldRow(
                            table: reader.table, key: key, hash: h,
                            state: restored ? handedIn(table: reader.table, key: key) : RowState(), place: .absent)
                    let change = reader.change(row)
                    try look(held, change, id, changeset.head.note)
                    held.state.apply(change, as: id)
                    if restored { try dropGhosts(of: change, as: id, h, &held.state) }
                    states[h] = held
                }
            }
        }
        return states
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
    func dropGhosts(of change: RowChange, as dot: DotID, _ h: Int64, _ state: inout RowState) throws {
        for write in change.writes where try store.isGhost(h, unit: write.unit, dot) {
            state[write.unit].removeAll { $0.dot == dot }
        }
        if change.cover != nil, try store.isGhost(h, unit: Self.deletions, dot) {
            state.deletions.removeAll { $0.dot == dot }
        }
    }

    /// What a changeset replaced that is not here has been replaced, as long as the changeset has an effect (REV-2).
    func haunt(by change: RowChange, _ h: Int64) throws {
        for (unit, dot) in change.replaced
        where try store.arrival(of: dot) == nil && !store.isAccounted(h, dot) { try store.addGhost(h, unit: unit, dot) }
    }

    /// The changeset has no effect: nothing has been replaced by it.
    func layGhosts(of change: RowChange, _ h: Int64) throws {
        for (unit, dot) in change.replaced { try store.removeGhost(h, unit: unit, dot) }
    }
}

extension RowChange {
    /// Every dot that the change takes the place of, with its unit.
    fileprivate var replaced: [(unit: UnitID, dot: DotID)] {
        writes.flatMap { write in write.replaced.map { (write.unit, $0) } }
            + deletionsReplaced.map { (Engine.deletions, $0) }
    }
}
