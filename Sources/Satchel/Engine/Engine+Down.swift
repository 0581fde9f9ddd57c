internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
package import SatchelWire

/// Taking in the hub's state: its rows, and on them again what the hub does not have yet (EXC-16 to EXC-18).
extension Engine {
    /// What became of a bundle of state.
    package enum DownVerdict: Equatable {
        case applied
        /// Nothing in it is newer than what is here.
        case alreadyHad
        /// It continues from a later position than this replica is at.
        case gap(from: UInt64, at: UInt64)
    }

    /// Takes in a verified bundle of state, in the caller's transaction.
    package func takeDown(_ bundle: VerifiedBundle, intake: inout Intake) throws -> DownVerdict {
        guard bundle.certificate.grant == nil else {
            throw WireError.untrusted("state comes down from the hub only")
        }
        try refuseIfSecondItself()
        try seal()
        try learn(
            Author(origin: bundle.header.sender, name: bundle.certificate.name, certificate: bundle.certificate.encoded)
        )
        var down: Down?
        var verdict: DownVerdict?
        var served = ServedScopes()
        var known: ErasureStanding?
        var orders: [SignedErasure] = []
        var notices: [Hash256] = []
        try bundle.forEach { item in
            switch item {
            case .confinement, .scopes:
                guard verdict == nil else { throw WireError.damaged("a reply's scopes come after it") }
                try learn(item, &served)
            case .reply(let reply):
                guard down == nil, verdict == nil else { throw WireError.damaged("a bundle holds two replies") }
                try check(served, of: reply)
                try learnEverywhere(reply)
                verdict = try judge(reply, claimed: served.confinement?.claimed ?? reply.scopes)
                // Who carries an order out stands above it from then on, so that what they write says that they knew (ERA-5).
                guard verdict == .applied else { return }
                for order in orders { try carryOut(order) }
                for notice in notices { try store.noteRowsCame(for: notice) }
                down = try begin(reply, served)
            case .author(let author): try learn(author)
            case .dots(let dots):
                for known in dots {
                    guard let down else { break }
                    let position = known.isMet ? down.reply.position : 0
                    let id = try store.dotID(
                        known.dot, time: known.time, actor: known.actor, reading: known.reading, offset: known.offset,
                        position: position, told: known.isMet)
                    if known.isMet { try store.notePosition(id, position) }
                    down.dots.append(id)
                }
            case .state(let section): if let down { try put(section, down, rows: &intake.rows) }
            case .erasure(let order):
                guard verdict == nil else { throw WireError.damaged("an order to erase comes after a reply") }
                orders.append(order)
            case .erased(let standing): known = standing
            case .standing, .changeset, .handIn: throw WireError.damaged("a bundle of state carries changesets")
            case .causes, .left: break
            case .schema(let offer): try note(offer)
            case .bases(let bases): down?.bases += bases
            case .notice(let notice):
                let batch = newBatch()
                try take(notice, batch: batch)
                notices.append(notice.hash)
                try batch.settle()
                try refuseIfSecondItself()
            }
        }
        if case .gap = verdict {
            // Whatever the hub was told last, it must be told again where this replica stands.
            try store.setMeta("told_position", nil)
        }
        guard let verdict else { throw WireError.damaged("a bundle of state holds no reply") }
        // A hub that knows fewer orders than this device was restored from a backup (ERA-9).
        let hubKnowsAll = try known?.orders ?? 0 == erasures().digest
        try store.setMeta("hand_in_erasures", hubKnowsAll ? nil : .integer(1))
        if let down { try finish(down, intake: &intake) }
        return verdict
    }

    /// How far all others are goes for as long as the hub's line lives, even where the reply brings nothing else (INB-13).
    private func learnEverywhere(_ reply: Reply) throws {
        let known = UInt64(clamping: try store.metaInteger("everywhere") ?? 0)
        guard try reply.epoch == epoch, reply.everywhere > known else { return }
        try store.setMeta("everywhere", .integer(Int64(clamping: reply.everywhere)))
        try store.forgetMoved(upTo: reply.everywhere)
    }

    /// EXC-16: whether a reply may be taken, by what it continues from, whether it is newer, and whether what it
    /// leaves out is here.
    private func judge(_ reply: Reply, claimed: UInt64) throws -> DownVerdict {
        for dot in reply.clock.entries.map(\.dot) + reply.told { try noticeFork(dot) }
        let (epoch, position) = (try epoch, try position)
        if reply.epoch < epoch { return .alreadyHad }
        if epoch != 0, reply.epoch > epoch, position > reply.epochs.start(after: epoch) {
            // The hub was restored to before where this device stands: it must get back what it was told (EXC-29).
            try store.setMeta("hand_in", .integer(1))
            guard reply.snapshot, reply.adopted == HubPoint(epoch: epoch, position: position), try decides(reply) else {
                return .gap(from: 0, at: 0)
            }
            return .applied
        }
        if reply.epoch == epoch {
            let asked = try store.meta("fetch_all") != nil
            let another = try reply.scopes != scopes || asked && reply.snapshot
            let isOld = reply.position < position && planted != .oldReplyIsTaken
            if isOld || reply.position == position && !another { return .alreadyHad }
        }
        if !reply.snapshot {
            guard reply.from <= position else { return .gap(from: reply.from, at: position) }
            guard try claimed == scopes else { return .alreadyHad }
        }
        if let yours = reply.yours, try !reply.told.allSatisfy({ try $0.origin != yours || knows($0) }) {
            try store.setMeta("fetch_all", .integer(1))
            return .gap(from: reply.position, at: position)
        }
        if reply.snapshot, try !decides(reply) { return .gap(from: reply.position, at: position) }
        return .applied
    }

    /// Whether a snapshot says of each pending changeset if the hub has it. A part of the log may lie between what the
    /// hub has told one by one and where this replica stands; then it is asked with those changesets in hand.
    private func decides(_ reply: Reply) throws -> Bool {
        if reply.toldFrom == 0 { return true }
        if try reply.epoch == epoch && reply.toldFrom <= position { return true }
        let lost = Set(reply.lost)
        let told = try toldPending(Set(reply.told + reply.clock.entries.map(\.dot)), lost: lost)
        let lacks = lost.union(reply.waiting)
        return try store.chain(.pending).allSatisfy { id, dot, _ in
            told.contains(id) || lacks.contains(dot) || reply.clock.knowledge(of: dot) != .unsure
        }
    }

    /// Which pending changesets the hub has: those it named, and whatever lies before one of them in its chain, but not past one that
    /// is lost to it: it applied what follows without that (EXC-20, EXC-31).
    private func toldPending(_ named: Set<Dot>, lost: Set<Dot>) throws -> Set<DotID> {
        var told = named
        var ids: Set<DotID> = []
        for (id, dot, previous) in try store.chain(.pending).reversed() {
            guard try told.contains(dot) || store.isTold(dot) else { continue }
            ids.insert(id)
            guard dot.sequence > 1 else { continue }
            let before = Dot(origin: dot.origin, sequence: dot.sequence - 1, tag: previous)
            if !lost.contains(before) { told.insert(before) }
        }
        return ids
    }

    /// A bundle of state on its way in.
    final class Down {
        let reply: Reply
        let served: ServedScopes
        let batch: RowBatch
        var dots: [DotID] = []
        /// Changesets that the hub does not have yet, with the rows they touch.
        var pending: [(id: DotID, content: Content)] = []
        var pendingRows: Set<RowBatch.RowName> = []
        /// Rows named by changesets that the hub now has: those that the reply does not name left the scopes.
        var unnamed: Set<RowBatch.RowName> = []
        var replaced: Set<RowBatch.RowName> = []
        /// The rows that pending changesets touch as the reply has them.
        var came: [RowBatch.RowName: RowState] = [:]
        var bases: [ConflictBase] = []
        /// In a snapshot: every row that it names.
        var named: Set<Int64> = []
        let newEpoch: Bool
        /// Rows that went from here past the batch.
        var gone: [HeldRow] = []
        /// Rows that the hub dropped.
        var dropped: Set<RowBatch.RowName> = []
        /// Rows that would go, and stay for what is pending.
        var spared: Set<RowBatch.RowName> = []
        /// Those of `pending` that are lost to the hub, which may have what followed them, and what rows they touch were here.
        var lost: Set<DotID> = []
        var before: [RowBatch.RowName: RowState] = [:]
        /// Whether the hub had a changeset before this reply.
        var isOld: [DotID: Bool] = [:]

        init(reply: Reply, served: ServedScopes, batch: RowBatch, newEpoch: Bool) {
            self.reply = reply
            self.served = served
            self.batch = batch
            self.newEpoch = newEpoch
        }
    }

    private func begin(_ reply: Reply, _ served: ServedScopes) throws -> Down {
        let down = Down(
            reply: reply, served: served, batch: newBatch(),
            newEpoch: try reply.epoch != epoch)
        try keep(served)
        try takeReceipts(reply)
        // The same number says something else from now on.
        if try down.newEpoch || reply.scopes != scopes { try store.setMeta("told_position", nil) }
        try store.setMeta("epoch", .integer(Int64(bitPattern: reply.epoch)))
        try store.setMeta("position", .integer(Int64(bitPattern: reply.position)))
        try store.setMeta("scopes", .integer(Int64(bitPattern: reply.scopes)))
        if down.newEpoch { try store.setMeta("everywhere", .integer(Int64(clamping: reply.everywhere))) }
        try store.setMeta("horizon", .integer(Int64(bitPattern: reply.horizon)))
        if reply.snapshot { try store.setMeta("fetch_all", nil) }
        try store.setMeta("last_contact", .integer(reply.time.milliseconds))
        let lost = Set(reply.lost)
        let told = try toldPending([], lost: lost)
        if served.isConfined { down.unnamed = try leftOut(told, by: reply) }
        var own: Set<RowBatch.RowName> = []
        for (id, dot, _) in try store.chain(.pending) {
            guard let changeset = try sealed(id) else { continue }
            let content = try content(of: changeset)
            if told.contains(id) {
                let isOwn = dot.origin == reply.yours
                try forEachRow(content) { _ = isOwn ? own.insert($0) : down.unnamed.insert($0) }
                _ = try store.dotID(dot, told: true)
                try settle(id, of: dot.origin)
                try store.notePosition(id, reply.position)
            } else if try !store.isWithheld(id) {
                try forEachRow(content) { down.pendingRows.insert($0) }
                down.pending.append((id, content))
                if lost.contains(dot) { down.lost.insert(id) }
            }
        }
        // What went with the author's own work is not in the reply, and stays (EXC-15).
        down.unnamed.formUnion(try spared().subtracting(own))
        return down
    }

    /// The hub's clock, and what it has one by one. Above `told_from` nothing that it has is left out.
    private func takeReceipts(_ reply: Reply) throws {
        if reply.snapshot {
            let continues = try reply.epoch == epoch && position > 0 && reply.toldFrom <= position
            let known = try store.metaInteger("told_from") ?? 0
            let from = Int64(bitPattern: reply.toldFrom)
            try store.setMeta("told_from", .integer(continues ? min(known, from) : from))
        }
        if try reply.epoch != epoch && position > reply.epochs.start(after: epoch) { try store.forgetHub() }
        if try store.replaceEpochs(reply.epochs) { erasureIndex = nil }
        try store.setLost(reply.lost.map { try store.dotID($0) })
        for dot in reply.accounted { try store.noteAccounted(dot) }
        try store.setAsideAtHub(reply.aside.map { try store.dotID($0) })
        try store.setMeta("hand_in", nil)
        try store.replaceLines(reply.clock)
        for dot in reply.clock.entries.map(\.dot) + reply.told { _ = try store.dotID(dot, told: true) }
    }

    func forEachRow(_ content: Content, _ body: (RowBatch.RowName) throws -> Void) throws {
        for section in content.sections {
            let table = try store.tableID(section.table, key: section.keyColumns)
            for row in 0..<section.rows { try body(.init(table: table, key: section.key(row))) }
        }
    }

    private func put(_ section: StateSection, _ down: Down, rows: inout Int) throws {
        let reader = try StateReader(section, store: store, dots: down.dots)
        let name = { RowBatch.RowName(table: reader.table, key: reader.key($0)) }
        var rest = Array(0..<section.rows)
        if !down.unnamed.isEmpty || down.reply.snapshot { for row in rest { note(name(row), down) } }
        if let layout = reader.layout, reader.isWhole {
            var whole = rest.filter { !reader.hasOverrides($0) }
            if down.pendingRows.isEmpty, try store.hasClocks() {
                // A snapshot names everything, most of which is here: it is passed over before anything is made of it.
                let news = try store.changed(layout, columns: reader.columns, rows: whole, dot: reader.base)
                var same = Set(whole).subtracting(news)
                if !down.batch.rows.isEmpty {
                    same = same.filter { down.batch.working(layout.id, reader.key($0)) == nil }
                }
                rest.removeAll(where: same.contains)
                whole.removeAll(where: same.contains)
            }
            let left = try down.batch.insertPlainly(
                .init(layout: layout, columns: reader.columns, keys: section.keys), whole, dot: reader.base,
                isFree: down.pendingRows.isEmpty
                    ? nil : { !down.pendingRows.contains(.init(table: layout.id, key: $0)) })
            rows += whole.count - left.count
            let notTaken = Set(left)
            for row in whole where !notTaken.contains(row) {
                try noteCome(name(row), CollectionOfOne(reader.base(row)), down)
            }
            rest = (rest.filter(reader.hasOverrides) + left).sorted()
        }
        for row in rest { try replace(name(row), reader.state(row), down, rows: &rows) }
        for detailed in section.detailed {
            let name = RowBatch.RowName(table: reader.table, key: detailed.key)
            note(name, down)
            try replace(name, reader.state(detailed.state), down, rows: &rows)
        }
        for key in section.gone {
            down.unnamed.remove(.init(table: reader.table, key: key))
            down.dropped.insert(.init(table: reader.table, key: key))
        }
    }

    private func note(_ name: RowBatch.RowName, _ down: Down) {
        down.unnamed.remove(name)
        if down.reply.snapshot { down.named.insert(store.rowHash(name.table, name.key)) }
    }

    private func replace(_ name: RowBatch.RowName, _ state: RowState, _ down: Down, rows: inout Int) throws {
        let working = try down.batch.row(name.table, name.key)
        if !down.lost.isEmpty, down.pendingRows.contains(name) { down.before[name] = working.state }
        if working.state != state { rows += 1 }
        if working.held.place == .absent { try noteCome(name, state.dots, down) }
        working.state = state
        working.verdict = nil
        guard down.pendingRows.contains(name) else { return }
        down.replaced.insert(name)
        down.came[name] = state
    }

    /// A row that was not here, and of which the hub has had all for long, is known to others from now on alone (INB-13).
    private func noteCome(
        _ name: @autoclosure () -> RowBatch.RowName, _ dots: some Sequence<DotID>, _ down: Down
    ) throws {
        let isOld = try dots.allSatisfy { dot in
            if let known = down.isOld[dot] { return known }
            let bound = try store.positionBound(dot)
            let isOld = bound > 0 && bound < down.reply.position
            down.isOld[dot] = isOld
            return isOld
        }
        guard isOld else { return }
        let name = name()
        try store.noteCome(store.rowHash(name.table, name.key), at: down.reply.position)
    }

    private func finish(_ down: Down, intake: inout Intake) throws {
        if let confinement = down.served.confinement {
            try purge(down.unnamed.union(names(confinement.left)), down)
            if down.reply.snapshot { try purgeUnnamed(down, except: []) }
        }
        for (id, content) in down.pending {
            try replay(content, as: id, on: down.batch) { name in
                down.replaced.contains(name) && planted != .pendingIsNotReplayed
            }
            if down.lost.contains(id) { try withdraw(id, content, down) }
        }
        try forget(down)
        try spare(down.spared)
        try judgeAfresh(down)
        intake.applied += 1
        try unpark(
            after: down.reply, newEpoch: down.newEpoch, batch: down.batch, intake: &intake)
        try down.batch.settle()
        for base in down.bases { try note(base, down.came) }
        try store.forgetClosedBases()
        try learnClock(down.reply)
    }

    /// What had been replaced here of a changeset does not come back where the hub has what replaced it (EXC-31).
    private func withdraw(_ id: DotID, _ content: Content, _ down: Down) throws {
        try forEachRow(content) { name in
            guard down.replaced.contains(name), let before = down.before[name] else { return }
            let working = try down.batch.row(name.table, name.key)
            working.state.drop(id) { !before.holds(id, in: $0) }
            working.verdict = nil
        }
    }

    /// Applies what a changeset says of some rows once more.
    func replay(
        _ content: Content, as id: DotID, on batch: RowBatch, where isMeant: (RowBatch.RowName) throws -> Bool
    ) throws {
        let dots = try content.dots.map { try store.dotID($0) }
        for section in content.sections {
            let reader = try SectionReader(section, store: store, dots: dots)
            for row in 0..<section.rows {
                let name = RowBatch.RowName(table: reader.table, key: section.key(row))
                guard try isMeant(name) else { continue }
                batch.apply(reader.change(row), to: try batch.row(name.table, name.key), as: id)
            }
        }
    }

    /// A reply made later than this machine's clock says now proves that the clock is behind; a bundle that reached
    /// the hub before it was made proves that it was ahead. On slow roads neither shows: then nothing is corrected.
    private func learnClock(_ reply: Reply) throws {
        let behind = reply.time.milliseconds.subtractingReportingOverflow(clock.now().milliseconds)
        if !behind.overflow, behind.partialValue > 0 {
            try store.setMeta("clock_offset", .integer(behind.partialValue))
        } else {
            try store.setMeta(
                "clock_offset", .integer(-max(0, reply.ahead)))
        }
    }
}

extension Certificate {
    /// The device key in an author's certificate, if it can be read.
    static func deviceKey(of author: Author?) -> [UInt8]? {
        guard let author, let certificate = try? Certificate(decoding: author.certificate) else { return nil }
        return certificate.deviceKey
    }
}
