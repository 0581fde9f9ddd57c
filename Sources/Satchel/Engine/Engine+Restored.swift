internal import SatchelMerge
package import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// A hub that was restored from a backup, or rebuilt, gets back from the devices what they still hold (EXC-28 to EXC-31).
extension Engine {
    // MARK: At the hub: another life

    /// Begins a new epoch at the present end of the log, later than `others`, and a new line of the hub's own. Numbers
    /// are random in their lower half: two hubs restored from one backup, neither knowing the other, begin two.
    package func beginEpoch(after others: UInt64 = 0) throws {
        let last = max(try epoch, others)
        let number = (last >> 32 + 1) << 32 | (Randomness.next() % UInt64(UInt32.max) + 1)
        if try store.epochs().isEmpty { try store.addEpoch(HubEpoch(number: epoch, start: 0)) }
        try store.addEpoch(HubEpoch(number: number, start: position))
        erasureIndex = nil
        try store.setMeta("epoch", .integer(Int64(bitPattern: number)))
    }

    /// A device that stands beyond the log, or in an epoch that is unknown here, met a hub that this one no longer is.
    package func noticeRestore(_ standing: Standing) throws {
        let (mine, end) = (try epoch, try position)
        let isAhead = standing.epoch == mine && standing.position > end
        // The upper half counts restores: a number out of thin air moves it by no more than a person could.
        let isUnknown = standing.epoch > mine && standing.epoch >> 32 < (mine >> 32) + 1_000
        guard isAhead || isUnknown else { return }
        try renewIdentity(.restored)
        try beginEpoch(after: standing.epoch)
    }

    /// Whoever hands in rows for the epoch that this hub is in has met a later one that it never began: of two hubs that were put
    /// back, or made anew, from one older state. From now on it comes after that one (EXC-28).
    func noticeMisled(_ point: HubPoint) throws {
        if try isHub && point.epoch == epoch { try beginEpoch() }
    }

    // MARK: At the hub: rows come back

    /// Rows on their way into a restored hub.
    final class Adoption {
        let start: UInt64
        let known: Set<DotID>
        /// Of what the device knew, what no row of its follows from: the hub that is gone had set a row of it aside, or it had no
        /// effect there and counts again here.
        let aside: Set<DotID>
        let context: Int64?
        let batch: RowBatch
        /// Up to where in the hub's log the device has carried out the orders to erase.
        let erased: CausalClock
        /// Rows here that the device could not hold (SCO-32); nil: none.
        let isForeign: ((HeldRowName) throws -> Bool)?
        /// What the rows may name; empty where nobody asks.
        let references: [Int64: [ScopeReference]]
        /// Rows that were not here before it handed them in.
        var brought: Set<HeldRowName> = []
        /// Rows of which something is not taken in, since it names what the device could not hold (SCO-32).
        var leftOut = 0
        let setAside: (any ChangesSetAside)?
        var dots: [DotID] = []
        /// Whether changesets have no effect here (REV-2), of those that were asked about.
        var withheld: [DotID: Bool] = [:]

        init(
            start: UInt64, known: Set<DotID>, aside: Set<DotID>, context: Int64?, erased: CausalClock,
            isForeign: ((HeldRowName) throws -> Bool)?, references: [Int64: [ScopeReference]],
            setAside: (any ChangesSetAside)?, batch: RowBatch
        ) {
            self.start = start
            self.isForeign = isForeign
            self.references = references
            self.setAside = setAside
            self.erased = erased
            self.known = known
            self.aside = aside
            self.context = context
            self.batch = batch
        }
    }

    /// What the rows that follow were made from: what of it is not here is lost, until it comes (EXC-30). Nil: the
    /// device has nothing that this hub could lack.
    ///
    /// - Parameter heard: the notices that came with it.
    func beginAdoption(
        _ handIn: HandIn, of sender: OriginID, from device: String, heard: Notices, erased: ErasureStanding?
    ) throws -> Adoption? {
        guard isHub else { throw WireError.damaged("rows are handed in to a hub only") }
        let start = try store.epochs().start(after: handIn.point.epoch)
        guard handIn.point.epoch < (try epoch), handIn.point.position > start else { return nil }
        // Of who entered a row under another's key its entry here does not say that they held what the other wrote (SCO-33).
        let isForeign = try admission?.foreign(to: sender, from: start, butEntered: false)
        // A changeset without rows moves the position on, so that every device gets the rows.
        try moveOn(note: "took back what \(device) holds")
        var known: Set<DotID> = []
        var missing: [DotID] = []
        let aside = try Set(handIn.aside.map { try store.dotID($0) }).union(released(butFor: heard))
        for dot in handIn.known {
            let id = try store.dotID(dot)
            known.insert(id)
            guard try store.arrival(of: id) == nil else { continue }
            if !aside.contains(id) { missing.append(id) }
            if try store.standing(of: id) == nil { try store.declareLost(id) }
        }
        for dot in handIn.lost {
            let id = try store.dotID(dot)
            if try store.standing(of: id) == nil { try store.declareLost(id) }
        }
        let clock = CausalClock(
            epoch: erased?.epoch ?? 0, position: erased?.position ?? 0, others: VersionVector())
        return Adoption(
            start: start, known: known, aside: aside, context: try store.addContext(missing, erased: clock),
            erased: clock,
            isForeign: isForeign, references: isForeign == nil ? [:] : scopeReferences(),
            setAside: try setAsideByScopes?(), batch: newBatch())
    }

    /// What was released here and is still withheld by somebody who has heard of these notices alone (REV-6).
    private func released(butFor heard: Notices) throws -> Set<DotID> {
        var found: Set<DotID> = []
        for dot in try notices().released.subtracting(heard.released) {
            guard let id = try store.metDot(dot), let author = try store.author(dot.origin),
                !author.certificate.isEmpty,
                let token = try Certificate(decoding: author.certificate).grant?.tokenKey
            else { continue }
            if heard.revocations[token] != nil || heard.bindings[token] != nil { found.insert(id) }
        }
        return found
    }

    func adopt(_ section: StateSection, _ adoption: Adoption) throws {
        let reader = try StateReader(section, store: store, dots: adoption.dots)
        for row in 0..<section.rows { try adopt(reader.table, reader.key(row), reader.state(row), adoption) }
        for detailed in section.detailed {
            try adopt(reader.table, detailed.key, reader.state(detailed.state), adoption)
        }
    }

    /// The hub drops what the device knew and no longer holds, and adds what the device holds and it never knew.
    private func adopt(_ table: Int64, _ key: RowKey, _ theirs: RowState, _ adoption: Adoption) throws {
        var theirs = theirs
        let share = try erasures().share(store.tableName(table), key, by: adoption.erased)
        switch share.erased {
        case .whole?: return
        case .units(let units)?: for unit in units { try erase(unit, in: &theirs, table: table) }
        case nil: break
        }
        if !share.cut.isEmpty {
            let naming = try Naming(store)
            for unit in share.cut { try cut(unit, in: &theirs, of: .init(table: table, key: key), by: naming) }
        }
        let h = store.rowHash(table, key)
        let row = try adoption.batch.row(table, key)
        if let old = try store.archived(h) { try adoption.batch.recall(row, old) }
        func theyKnow(_ dot: DotID) throws -> Bool {
            if adoption.aside.contains(dot) { return false }
            return try adoption.known.contains(dot) || store.arrival(of: dot).map { $0 <= adoption.start } ?? false
        }
        let before = try takenInBefore(theirs, in: row, adoption)
        // What has no effect here (REV-2, SCO-19) is not taken in by way of somebody's rows, and takes nothing away.
        var idle = try Set(
            theirs.dots.subtracting(before).filter {
                try adoption.setAside?.isOpen($0, h) ?? false || isWithheld($0, adoption)
            })
        idle.formUnion(try naming(theirs, row, without: idle, adoption))
        let letIn = before.subtracting(idle)
        try note(letIn, asTakenIn: theirs, of: row, adoption)
        func isNew(_ dot: DotID, unit: UnitID) throws -> Bool {
            let isNews = try letIn.contains(dot) || store.arrival(of: dot) == nil && !store.isAccounted(h, dot)
            return try isNews && !store.isGhost(h, unit: unit, dot)
        }
        let isForeign = try adoption.isForeign?(.init(table: table, key: key)) ?? false
        // Only changes that were replayed on nothing (SCO-15): the device does not hold the row.
        let isPart = theirs[RowState.existence].isEmpty && theirs.deletions.isEmpty
        var state = row.state
        for unit in Set(state.units.map(\.unit) + theirs.units.map(\.unit)).sorted() {
            let held = Set(theirs[unit].map(\.dot))
            let mayDrop = !isForeign && !isPart && !held.isEmpty && idle.isDisjoint(with: held)
            let mine = Set(state[unit].map(\.dot))
            var candidates = try state[unit].filter { try !mayDrop || held.contains($0.dot) || !theyKnow($0.dot) }
            candidates += try theirs[unit].filter {
                try !mine.contains($0.dot) && !idle.contains($0.dot) && isNew($0.dot, unit: unit)
            }
            state[unit] = candidates.sorted { $0.dot < $1.dot }
            for dot in mine.subtracting(candidates.map(\.dot)).sorted() { try store.addGhost(h, unit: unit, dot) }
        }
        let held = Set(theirs.deletions.map(\.dot))
        let mine = Set(state.deletions.map(\.dot))
        let mayDrop = !isForeign && !isPart && idle.isDisjoint(with: held)
        var deletions = try state.deletions.filter { try !mayDrop || held.contains($0.dot) || !theyKnow($0.dot) }
        deletions += try theirs.deletions.filter {
            try !mine.contains($0.dot) && !idle.contains($0.dot) && isNew($0.dot, unit: Self.deletions)
        }
        state.deletions = deletions.sorted { $0.dot < $1.dot }
        for dot in mine.subtracting(deletions.map(\.dot)).sorted() { try store.addGhost(h, unit: Self.deletions, dot) }
        // Only of a row that the device holds whole does its absence say that a value was replaced.
        if let context = adoption.context, !isForeign, !isPart, idle.isEmpty { try store.account(h, to: context) }
        guard state != row.state else { return }
        row.state = state
        row.verdict = nil
        try store.noteMoved(table: table, key: key)
        // It may refer to somebody who was erased here meanwhile, as what comes late may (ERA-6).
        if try !erasures().isEmpty { derived.doubtful.insert(.init(table: table, key: key)) }
    }

    /// What is set aside of a row that the hub does not hold, and that a row which is handed in whole follows from: the hub that is gone
    /// had taken it in, and so does this one (SCO-32).
    private func takenInBefore(_ theirs: RowState, in row: WorkingRow, _ adoption: Adoption) throws -> Set<DotID> {
        guard let setAside = adoption.setAside, row.state.isEmpty, !theirs[RowState.existence].isEmpty else {
            return []
        }
        let aside = try setAside.ofTheRowItself(row.held.hash)
        if aside.isEmpty { return [] }
        let dots = theirs.dots
        return try Set(
            aside.filter { dot in
                let isThere = dots.contains(dot) || adoption.known.contains(dot) && !adoption.aside.contains(dot)
                return try isThere && !isWithheld(dot, adoption)
            })
    }

    /// What was set aside counts as part of the row; what of it that lacks has been replaced.
    private func note(
        _ letIn: Set<DotID>, asTakenIn theirs: RowState, of row: WorkingRow, _ adoption: Adoption
    ) throws {
        for dot in letIn.sorted() {
            try noteReplaced(dot, in: units(of: theirs, table: row.held.table), lackedBy: theirs, row.held.hash)
            try adoption.setAside?.letIn(dot, row.held.hash)
        }
    }

    /// Of a row that is handed in, the changes by which it would come to name one that the device could not hold (SCO-32).
    private func naming(
        _ theirs: RowState, _ row: WorkingRow, without idle: Set<DotID>, _ adoption: Adoption
    ) throws -> Set<DotID> {
        guard let isForeign = adoption.isForeign else { return [] }
        let name = HeldRowName(table: row.held.table, key: row.held.key)
        func parents(_ state: RowState) throws -> Set<HeldRowName> {
            let facts = try scopeFacts(
                table: name.table, key: name.key, hash: row.held.hash, state: state, references: adoption.references)
            return Set(facts.parents.map { HeldRowName(table: $0.table, key: $0.key) })
        }
        let before = try parents(row.state)
        func namesForeign(_ state: RowState) throws -> Bool {
            try parents(state).subtracting(before).subtracting(adoption.brought).contains(where: isForeign)
        }
        if row.state.isEmpty, try !isForeign(name) { adoption.brought.insert(name) }
        guard try namesForeign(row.state.joined(with: theirs)) else { return [] }
        var state = row.state
        var found: Set<DotID> = []
        for dot in theirs.dots.subtracting(idle).sorted() {
            let next = state.joined(with: theirs.only(dot))
            if try namesForeign(next) { found.insert(dot) } else { state = next }
        }
        if !found.isEmpty { adoption.leftOut += 1 }
        return found
    }

    private func isWithheld(_ dot: DotID, _ adoption: Adoption) throws -> Bool {
        if let known = adoption.withheld[dot] { return known }
        let name = try store.known(dot).dot
        // A binding has no cut (REV-8): what the lost hub had taken of a device before it heard of another goes on counting.
        let found = try !isSecond(name.origin) && judgement(of: name) == .withheld
        adoption.withheld[dot] = found
        return found
    }

    /// Stands for the standing deletions among the units of a ghost.
    static var deletions: UnitID { -1 }

    /// Applies a change at a hub that was restored: what the row accounts for is in it already, and what was replaced
    /// before it came is not added (EXC-13).
    ///
    /// Of a row in which some of it had been replaced before it came its author gets what stands, too: with the change in hand they played it
    /// on that (EXC-17, EXC-31).
    func applyRestored(_ change: RowChange, as dot: DotID, to row: WorkingRow, batch: RowBatch) throws {
        let h = row.held.hash
        if try store.isAccounted(h, dot) { return try noteReplaced(change, as: dot, in: row) }
        try haunt(by: change, row.held)
        let before = row.state
        batch.apply(change, to: row, as: dot)
        try keepReplaced(before, by: row.state, of: row.held)
        let added = row.state
        try dropGhosts(of: dot, h, &row.state)
        if row.state != added { try store.noteMoved(table: row.held.table, key: row.held.key) }
        row.verdict = nil
    }

    /// What a changeset wrote to a row that was handed in with it is there, or was replaced by what nobody has any more:
    /// then it is not added when the row is made again (EXC-44).
    private func noteReplaced(_ change: RowChange, as dot: DotID, in row: WorkingRow) throws {
        let h = row.held.hash
        let held = try row.state.joined(with: store.replacedOfHandIn(h))
        let units = Set(change.writes.map(\.unit) + (change.cover == nil ? [] : [Self.deletions]))
        if try noteReplaced(dot, in: units, lackedBy: held, h) {
            try store.noteMoved(table: row.held.table, key: row.held.key)
        }
    }
}

extension RowState {
    /// What stands of one change.
    fileprivate func only(_ dot: DotID) -> RowState {
        var state = RowState()
        for unit in units { state[unit.unit] = unit.candidates.filter { $0.dot == dot } }
        state.deletions = deletions.filter { $0.dot == dot }
        return state
    }
}
