internal import SatchelMerge
package import SatchelModel
internal import SatchelStore
package import SatchelWire

/// Carrying out orders to erase, on devices and at the hub alike (`Protocol/erasure.md`).
extension Engine {
    /// What an order took away here.
    package struct ErasureCount {
        /// Rows, by table.
        package var rows: [String: Int] = [:]
        /// Rows that stay without the units that hold their loose references, by table (ERA-1).
        package var cut: [String: Int] = [:]
        /// Changesets whose content was replaced.
        package var changesets = 0
        /// Rows whose tables refuse the blanks.
        package var refused = 0
    }

    /// Issues an order of the hub: it takes a place in the log, and is carried out here at once (ERA-1).
    package func issueErasure(
        _ parts: [ErasureOrder.Part], followsReferences: Bool, actor: String
    ) throws -> (order: ErasureOrder, count: ErasureCount) {
        let order = ErasureOrder(
            id: Engine.randomBytes(16), epoch: 0, position: 0, time: clock.now(), salt: try erasureSalt(),
            followsReferences: followsReferences, parts: parts)
        return try place(order, actor: actor)
    }

    /// Whether an order that another device hands in says something that is not known here.
    func isNews(_ signed: SignedErasure) throws -> Bool {
        guard let held = try erasures().orders.first(where: { $0.id == signed.order.id }) else { return true }
        return signed.order.places.contains { !held.places.contains($0) }
    }

    /// At a hub that was restored: an order that a device brings back is issued once more, and so is one of which the
    /// device knows a place that this hub does not (ERA-9).
    func reissue(_ signed: SignedErasure) throws {
        try signed.verify(hubKey: hubKey)
        var order = signed.order
        let held = try erasures().orders.first { $0.id == order.id }
        if let held {
            let news = order.places.filter { !held.places.contains($0) }
            if news.isEmpty { return }
            order = held
            order.earlier += news
        }
        if try store.meta("erasure_salt") == nil { try store.setMeta("erasure_salt", .blob(order.salt)) }
        _ = try place(order, actor: "")
        // What refers to its rows may have come before it.
        try store.noteUnfollowed()
    }

    /// At the hub: rows that refer to an erased one are erased by an order of their own, with what refers to them, so that
    /// later changes of them are recognised too (ERA-6). Returns how many rows went, by table. O(rows).
    func eraseDerived(_ naming: Naming) throws -> [String: Int] {
        var rows = try referring(to: derived.whole, by: naming)
        for (row, columns) in derived.loose where !rows.whole.contains(row) {
            rows.loose[row, default: []].formUnion(columns)
        }
        let parts = try parts(of: rows, salt: erasureSalt())
        (derived.whole, derived.loose) = ([], [:])
        return try issueErasure(parts, followsReferences: true, actor: "").count.rows.filter { $0.value > 0 }
    }

    /// The salt of this data set's orders.
    package func erasureSalt() throws -> [UInt8] {
        if let salt = try store.metaBlob("erasure_salt") { return salt }
        let salt = Engine.randomBytes(32)
        try store.setMeta("erasure_salt", .blob(salt))
        return salt
    }

    private func place(_ order: ErasureOrder, actor: String) throws -> (order: ErasureOrder, count: ErasureCount) {
        try moveOn(note: "erasure \(order.id.hex)", actor: actor)
        var order = order
        if order.position > 0 { order.earlier.append(HubPoint(epoch: order.epoch, position: order.position)) }
        (order.epoch, order.position) = (try epoch, try position)
        // Bundles in quarantine may name its rows.
        try store.setMeta("erasures_in_quarantine", .integer(1))
        return (order, try carryOut(SignedErasure.sign(order, key: key)))
    }

    /// Carries out an order, once: rows, conflicts, graveyard, archive, and the changesets kept here (ERA-2, ERA-4). The
    /// caller has sealed. O(rows of its tables + all kept changesets).
    @discardableResult
    package func carryOut(_ signed: SignedErasure) throws -> ErasureCount {
        try signed.verify(hubKey: hubKey)
        let order = signed.order
        var count = ErasureCount()
        // It stands where it stood, or this is an old word of where it did.
        if let known = try store.erasurePlace(id: order.id), !order.earlier.contains(known) { return count }
        try store.keepErasure(
            id: order.id, epoch: order.epoch, position: order.position, body: try signed.encoded)
        try store.setMeta("erasure_traces", .integer(1))
        erasureIndex = nil
        // Only an order that comes again can meet what was written by somebody who knew it (ERA-9).
        let awareness = isHub && !order.earlier.isEmpty ? Awareness(self) : nil
        for part in order.parts {
            // An order names a table by its name alone (VER-11).
            for table in try store.tables(named: part.table) {
                try carryOut(part, in: table, of: order, awareness, &count)
            }
        }
        try redactKept(&count)
        if !isHub, !order.earlier.isEmpty { try replayPending(upon: order) }
        // Notes of rows that are gone go too, by the next look at them.
        try seal()
        return count
    }

    private func carryOut(
        _ part: ErasureOrder.Part, in table: Int64, of order: ErasureOrder, _ awareness: Awareness?,
        _ count: inout ErasureCount
    ) throws {
        let wanted = Set(part.rows)
        func isMeant(_ key: RowKey) -> Bool {
            wanted.contains(ErasureOrder.recognizer(salt: order.salt, table: part.table, key: key))
        }
        var found: Set<RowKey> = []
        if let layout = store.layout(table) {
            try store.forEachRow(layout) { key, _ in if isMeant(key) { found.insert(key) } }
        }
        for grave in try store.allGraves() where grave.table == table && isMeant(grave.key) { found.insert(grave.key) }
        let isCut = !part.units.isEmpty && order.followsReferences
        let naming = isCut ? try Naming(store) : nil
        func erased(_ state: RowState, _ key: RowKey) throws -> RowState {
            try self.erased(state, by: part, .init(table: table, key: key), of: order, awareness, cutBy: naming)
        }
        let batch = newBatch()
        let rows = try found.sorted().map { try batch.row(table, $0) }
        // It goes when it can be sealed: until then the order waits for it, as all does that is about it (CAP-13).
        if let row = rows.first(where: \.isUnsealed) { throw store.unsealed(row.held) }
        for row in rows {
            row.verdict = nil
            row.state = try erased(row.state, row.held.key)
            if isHub, !row.state.isEmpty { try store.noteMoved(table: table, key: row.held.key) }
        }
        var left = Set(rows.filter { !$0.state.isEmpty }.map(\.held.key))
        let shown = rows.filter { if case .table = $0.held.place { true } else { false } }.map(\.held.key)
        try batch.settle()
        let refused = Set(rows.filter { $0.refusal != nil }.map(\.held.key))
        if !isCut {
            count.refused += refused.count
        } else if isHub {
            // A row goes too if its table does not take that it refers to nothing.
            for key in refused.intersection(shown) { derived.whole.insert(RowBatch.RowName(table: table, key: key)) }
        }
        for archived in try store.allArchived() where archived.table == table && isMeant(archived.key) {
            found.insert(archived.key)
            let state = try erased(archived.state, archived.key)
            if !state.isEmpty { left.insert(archived.key) }
            try store.setArchived(table: table, key: archived.key, state: state)
        }
        for kept in try store.allReplacedOfHandIn() where kept.table == table && isMeant(kept.key) {
            try store.setReplacedOfHandIn(table: table, key: kept.key, state: erased(kept.state, kept.key))
        }
        // Beside rows that they were merged into once, too (INB-12).
        for key in found.sorted() { try store.forgetInbox(store.rowHash(table, key)) }
        try store.forgetClosedBases()
        if part.units.isEmpty {
            for key in found.subtracting(left).sorted() { try store.forgetRow(table: table, key: key) }
        }
        if isCut {
            count.cut[part.table, default: 0] += found.count - refused.intersection(shown).count
        } else {
            count.rows[part.table, default: 0] += found.count
        }
    }

    /// The rows that merges connect with a row, it among them.
    func connected(_ row: HeldRow) throws -> [RowKey] {
        try whole(row).membership?.all.rows.map(\.held.key) ?? [row.key]
    }

    /// What an order leaves of a row (ERA-2), and of an order that comes again all that was written by who knew it (ERA-9).
    ///
    /// - Parameter naming: where it cuts references to what was erased whole (ERA-1).
    private func erased(
        _ state: RowState, by part: ErasureOrder.Part, _ row: RowBatch.RowName, of order: ErasureOrder,
        _ awareness: Awareness?, cutBy naming: Naming?
    ) throws -> RowState {
        var (left, rest) = try awareness?.split(state, by: order, in: row) ?? (RowState(), state)
        if part.units.isEmpty { return left }
        for unit in part.units {
            if let naming {
                try cut(unit, in: &rest, of: row, by: naming)
            } else {
                try erase(unit, in: &rest, table: row.table)
            }
        }
        for unit in Set(left.units.map(\.unit) + rest.units.map(\.unit)) {
            left[unit] = (left[unit] + rest[unit]).sorted { $0.dot < $1.dot }
        }
        left.deletions = state.deletions
        return left
    }

    /// What this device wrote knowing an order that comes again, and has not been told that the hub has: it stays in its rows,
    /// whatever of them went (ERA-9). The rest of those rows comes with the hub's next words.
    private func replayPending(upon order: ErasureOrder) throws {
        let index = ErasureIndex([order], on: try store.epochs())
        let batch = newBatch()
        for (id, _, _) in try store.chain(.pending) where try !store.isWithheld(id) {
            guard let changeset = try sealed(id), index.isSeen(order, by: changeset.head.clock) else { continue }
            try replay(content(of: changeset), as: id, on: batch) { name in
                try index.erased(
                    store.tableName(name.table), name.key, by: .init(epoch: 0, position: 0, others: .init()))
                    != nil
            }
        }
        try batch.settle()
    }

    /// Puts the blank in the place of what a row's unit holds (ERA-2).
    func erase(_ unit: ErasureOrder.Unit, in state: inout RowState, table: Int64) throws {
        for id in try store.metUnits(unit.name, table: table) {
            state.erase(id, leaving: unit.values(of: store.unitColumns(id, table: table)))
        }
    }

    /// Puts the blank in the place of references in a unit that name what was erased whole; what names another stays (ERA-1).
    func cut(
        _ unit: ErasureOrder.Unit, in state: inout RowState, of row: RowBatch.RowName, by naming: Naming
    ) throws {
        let index = try erasures()
        for id in try store.metUnits(unit.name, table: row.table) {
            let columns = store.unitColumns(id, table: row.table)
            let loose = naming.from(row.table).filter { reference in
                naming.isLoose(reference) && reference.columns.contains(where: columns.contains)
            }
            // A part of a reference, and a column of which the schema here knows none, do not say whom they name.
            let isTold = !loose.isEmpty && loose.allSatisfy { $0.columns.allSatisfy(columns.contains) }
            state[id] = try state[id].map { candidate in
                var one = RowState()
                one[id] = [candidate]
                let names =
                    try !isTold
                    || naming.looseEnds(of: one, row).contains { end in
                        !index.followed(store.tableName(end.parent.table), end.parent.key).isEmpty
                    }
                return names ? Candidate(dot: candidate.dot, values: unit.values(of: columns)) : candidate
            }
        }
    }

    /// Replaces what the kept changesets say of erased rows: at the hub in all of them, on a device in its own. Those of
    /// others that the hub has are given up; those that it does not have stay whole until it has (ERA-8). Rows that only
    /// refer to erased ones stay in them: the hub must meet these to order that they go (ERA-6).
    private func redactKept(_ count: inout ErasureCount) throws {
        let aside = try isHub ? setAsideByScopes?() : nil
        let idle = try isHub ? Set(store.withheld() + (aside?.changesets() ?? [])) : []
        for id in try store.dots(after: 0) + store.dots(.parked) {
            guard let changeset = try sealed(id), let standing = try store.standing(of: id) else { continue }
            let isOwn = try isHub || isOwnLine(changeset.head.origin)
            let others = try idle.contains(id) ? takenOver(withoutEffectIn: changeset, as: id, aside) : [:]
            guard let redacted = try redacted(changeset, and: others) else { continue }
            if isOwn, let redaction = redacted.redaction {
                try store.redact(
                    id, content: Deflate.compress(redacted.content), length: redacted.content.count,
                    redaction: redaction.encoded)
                count.changesets += 1
            } else if standing == .settled {
                try store.forget(id)
            }
        }
    }

    // MARK: Receipts

    /// Empties SQLite's log of what the pages once held, if an order was carried out since the last time (ERA-7).
    /// Outside a transaction. Where another program is reading it is left for the next time, and not receipted until then.
    package func sweepTraces() throws {
        guard try store.meta("erasure_traces") != nil, try store.emptyLog() else { return }
        try transaction { try store.setMeta("erasure_traces", nil) }
    }

    /// What a device says of the orders that it holds; nil: it holds none (ERA-8).
    func erasureReceipt() throws -> ErasureStanding? {
        let index = try erasures()
        guard let last = index.last else { return nil }
        if try store.meta("erasure_traces") == nil, try !carriesErased() {
            try store.setMeta("erased_epoch", .integer(Int64(bitPattern: last.epoch)))
            try store.setMeta("erased_position", .integer(Int64(bitPattern: last.position)))
        }
        return ErasureStanding(
            epoch: UInt64(bitPattern: try store.metaInteger("erased_epoch") ?? 0),
            position: UInt64(bitPattern: try store.metaInteger("erased_position") ?? 0), orders: index.digest)
    }

    /// Whether a changeset of another device, which is on its way to the hub, still says something of an erased row.
    private func carriesErased() throws -> Bool {
        for id in try store.dots(.pending) + store.dots(.parked) {
            guard let changeset = try sealed(id), try !isOwnLine(changeset.head.origin) else { continue }
            if try saysErased(changeset) { return true }
        }
        return false
    }
}

extension Engine {
    /// Whether a bundle of changesets says something of an erased row. Throws `WireError` if it cannot be read.
    package func holdsErased(_ bundle: UnverifiedBundle) throws -> Bool {
        if try erasures().orders.isEmpty { return false }
        let bundle = try bundle.verify { _, certificate in certificate.deviceKey }
        var found = false
        var (dots, known): ([DotID], CausalClock) = ([], CausalClock(epoch: 0, position: 0, others: VersionVector()))
        try bundle.forEach { item in
            switch item {
            case .changeset(let changeset) where !found: found = try saysErased(changeset)
            case .erased(let standing):
                known = CausalClock(epoch: standing.epoch, position: standing.position, others: VersionVector())
            case .dots(let some):
                dots += try some.map { try store.dotID($0.dot, time: $0.time, actor: $0.actor) }
            case .state(let section) where !found: found = try saysErased(section, dots, by: known)
            default: break
            }
        }
        return found
    }

    /// The same of rows that are handed in, whose sender had carried out the orders up to there.
    private func saysErased(_ section: StateSection, _ dots: [DotID], by known: CausalClock) throws -> Bool {
        let index = try erasures()
        guard index.hasUnseen(by: known) else { return false }
        let (reader, naming) = (try StateReader(section, store: store, dots: dots), try Naming(store))
        func saysErased(_ key: RowKey, _ state: RowState) throws -> Bool {
            if index.erased(section.table, key, by: known) != nil { return true }
            return try naming.named(by: state, .init(table: reader.table, key: key)).contains {
                index.erased(store.tableName($0.table), $0.key, by: known, following: true) == .whole
            }
        }
        for row in 0..<section.rows where try saysErased(reader.key(row), reader.state(row)) { return true }
        return try section.detailed.contains { try saysErased($0.key, reader.state($0.state)) }
    }
}
