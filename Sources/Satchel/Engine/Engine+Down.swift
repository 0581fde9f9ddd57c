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
        try seal()
        try learn(
            Author(origin: bundle.header.sender, name: bundle.certificate.name, certificate: bundle.certificate.encoded)
        )
        var down: Down?
        var verdict: DownVerdict?
        var known: ErasureStanding?
        try bundle.forEach { item in
            switch item {
            case .reply(let reply):
                guard down == nil, verdict == nil else { throw WireError.damaged("a bundle holds two replies") }
                verdict = try judge(reply)
                if verdict == .applied { down = try begin(reply) }
            case .author(let author): try learn(author)
            case .dots(let dots):
                for known in dots {
                    down?.dots.append(
                        try store.dotID(known.dot, time: known.time, actor: known.actor, told: known.isMet))
                }
            case .state(let section): if let down { try put(section, down, rows: &intake.rows) }
            case .erasure(let order): try carryOut(order)
            case .erased(let standing): known = standing
            case .standing, .changeset: throw WireError.damaged("a bundle of state carries changesets")
            case .causes: break
            case .notice(let notice):
                let batch = RowBatch(store: store, planted: planted)
                try take(notice, batch: batch)
                try batch.settle()
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

    /// EXC-16: whether a reply may be taken, by what it continues from, whether it is newer, and whether what it
    /// leaves out is here.
    private func judge(_ reply: Reply) throws -> DownVerdict {
        for dot in reply.clock.entries.map(\.dot) + reply.told { try noticeFork(dot) }
        let (epoch, position) = (try epoch, try position)
        if reply.epoch < epoch { return .alreadyHad }
        if reply.epoch == epoch {
            let asked = try store.meta("fetch_all") != nil
            let another = try reply.scopes != scopes || asked && reply.snapshot
            let isOld = reply.position < position && planted != .oldReplyIsTaken
            if isOld || reply.position == position && !another { return .alreadyHad }
        }
        if !reply.snapshot {
            guard reply.epoch == epoch, reply.from <= position else { return .gap(from: reply.from, at: position) }
            guard try reply.scopes == scopes else { return .alreadyHad }
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
        let told = try toldPending(Set(reply.told + reply.clock.entries.map(\.dot)))
        let waiting = Set(reply.waiting)
        return try store.chain(.pending).allSatisfy { id, dot, _ in
            told.contains(id) || waiting.contains(dot) || reply.clock.knowledge(of: dot) != .unsure
        }
    }

    /// Which pending changesets the hub has: those it named, and whatever lies before one of them in its chain.
    private func toldPending(_ named: Set<Dot>) throws -> Set<DotID> {
        var told = named
        var ids: Set<DotID> = []
        for (id, dot, previous) in try store.chain(.pending).reversed() {
            guard try told.contains(dot) || store.isTold(dot) else { continue }
            ids.insert(id)
            if dot.sequence > 1 { told.insert(Dot(origin: dot.origin, sequence: dot.sequence - 1, tag: previous)) }
        }
        return ids
    }

    /// A bundle of state on its way in.
    private final class Down {
        let reply: Reply
        let batch: RowBatch
        var dots: [DotID] = []
        /// Changesets that the hub does not have yet, with the rows they touch.
        var pending: [(id: DotID, content: Content)] = []
        var pendingRows: Set<RowBatch.RowName> = []
        /// Rows named by changesets that the hub now has: those that the reply does not name left the scopes.
        var unnamed: Set<RowBatch.RowName> = []
        var replaced: Set<RowBatch.RowName> = []
        /// In a snapshot: every row that it names.
        var named: Set<Int64> = []
        /// What was known of the hub before, of the lines that the reply names.
        let newEpoch: Bool
        /// Rows that the hub dropped.
        var dropped: Set<RowBatch.RowName> = []

        init(reply: Reply, batch: RowBatch, newEpoch: Bool) {
            self.reply = reply
            self.batch = batch
            self.newEpoch = newEpoch
        }
    }

    private func begin(_ reply: Reply) throws -> Down {
        let down = Down(
            reply: reply, batch: RowBatch(store: store, planted: planted), newEpoch: try reply.epoch != epoch)
        try takeReceipts(reply)
        try store.setMeta("epoch", .integer(Int64(bitPattern: reply.epoch)))
        try store.setMeta("position", .integer(Int64(bitPattern: reply.position)))
        try store.setMeta("scopes", .integer(Int64(bitPattern: reply.scopes)))
        try store.setMeta("horizon", .integer(Int64(bitPattern: reply.horizon)))
        if reply.snapshot { try store.setMeta("fetch_all", nil) }
        try store.setMeta("last_contact", .integer(reply.time.milliseconds))
        let told = try toldPending([])
        for (id, dot, _) in try store.chain(.pending) {
            guard let changeset = try sealed(id) else { continue }
            let content = try content(of: changeset)
            if told.contains(id) {
                if dot.origin != reply.yours { try forEachRow(content) { down.unnamed.insert($0) } }
                _ = try store.dotID(dot, told: true)
                try settle(id, of: dot.origin)
            } else if try !store.isWithheld(id) {
                try forEachRow(content) { down.pendingRows.insert($0) }
                down.pending.append((id, content))
            }
        }
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
        if try reply.epoch != epoch { try store.forgetHub() }
        try store.replaceLines(reply.clock)
        for dot in reply.clock.entries.map(\.dot) + reply.told { _ = try store.dotID(dot, told: true) }
    }

    func forEachRow(_ content: Content, _ body: (RowBatch.RowName) -> Void) throws {
        for section in content.sections {
            let table = try store.tableID(section.table)
            for row in 0..<section.rows { body(.init(table: table, key: section.key(row))) }
        }
    }

    private func put(_ section: StateSection, _ down: Down, rows: inout Int) throws {
        let reader = try StateReader(section, store: store, dots: down.dots)
        let graves = try store.hasGraves()
        for row in 0..<section.rows {
            let name = RowBatch.RowName(table: reader.table, key: reader.key(row))
            note(name, down)
            if let layout = reader.layout, reader.isWhole, !reader.hasOverrides(row), !down.pendingRows.contains(name),
                down.batch.working(name.table, name.key) == nil,
                try !graves || !store.isInGrave(table: name.table, key: name.key),
                try down.batch.standsPlainly(layout, name.key, value: { reader.value($0, row) }),
                try store.insertFresh(layout, columns: reader.columns, row: row, key: name.key, dot: reader.base(row))
            {
                rows += 1
                continue
            }
            try replace(name, reader.state(row), down, rows: &rows)
        }
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
        if working.state != state { rows += 1 }
        working.state = state
        working.verdict = nil
        if down.pendingRows.contains(name) { down.replaced.insert(name) }
    }

    private func finish(_ down: Down, intake: inout Intake) throws {
        for name in down.unnamed.sorted() where !down.pendingRows.contains(name) {
            try purge(name, down)
        }
        for (id, content) in down.pending {
            let dots = try content.dots.map { try store.dotID($0) }
            for section in content.sections {
                let reader = try SectionReader(section, store: store, dots: dots)
                for row in 0..<section.rows {
                    let name = RowBatch.RowName(table: reader.table, key: section.key(row))
                    guard down.replaced.contains(name), planted != .pendingIsNotReplayed else { continue }
                    down.batch.apply(reader.change(row), to: try down.batch.row(name.table, name.key), as: id)
                }
            }
        }
        try forget(down)
        intake.applied += 1
        try unpark(
            after: down.reply, newEpoch: down.newEpoch, batch: down.batch, intake: &intake)
        try down.batch.settle()
        try learnClock(down.reply)
    }

    private func purge(_ name: RowBatch.RowName, _ down: Down) throws {
        let row = try store.load(table: name.table, key: name.key)
        try store.purge(row)
        try down.batch.noteGone(row)
    }

    /// What the hub dropped (EXC-24), and after a snapshot all that it does not name (EXC-25): but not what `pending`
    /// touches, nor what rows so touched name, which the hub will hold again when it gets `pending` (EXC-26).
    private func forget(_ down: Down) throws {
        guard down.reply.snapshot || !down.dropped.isEmpty else { return }
        let needed = try rowsNeeded(by: down.pendingRows, batch: down.batch)
        for name in down.dropped.subtracting(needed).sorted() { try purge(name, down) }
        guard down.reply.snapshot else { return }
        let kept = Set(needed.map { store.rowHash($0.table, $0.key) }).union(down.named)
        for row in try store.allRows() where !kept.contains(row.hash) {
            try purge(.init(table: row.table, key: row.key), down)
        }
    }

    /// These rows and all that they name in any candidate, transitively, as far as it is held.
    private func rowsNeeded(
        by rows: Set<RowBatch.RowName>, batch: RowBatch
    ) throws -> Set<RowBatch.RowName> {
        var needed = rows
        var open = Array(rows)
        while let name = open.popLast() {
            guard let layout = store.layout(name.table) else { continue }
            let state =
                try batch.working(name.table, name.key)?.state ?? store.load(table: name.table, key: name.key).state
            for parent in batch.references.named(by: state, key: name.key, of: layout)
            where needed.insert(parent).inserted { open.append(parent) }
        }
        return needed
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

extension RowBatch.RowName: Comparable {
    static func < (a: Self, b: Self) -> Bool { a.table != b.table ? a.table < b.table : a.key < b.key }
}

/// One section of state, its names looked up in the local schema.
struct StateReader {
    let section: StateSection
    let table: Int64
    let layout: TableLayout?
    let columns: [(column: Int, values: ValueColumn)]
    private let units: [UnitID]
    private let dots: [DotID]
    private let overrides: [UInt32: [StateSection.UnitOverride]]

    init(_ section: StateSection, store: Store, dots: [DotID]) throws {
        self.section = section
        self.dots = dots
        (table, layout) = try store.lookUp(section.table, keyColumns: section.keyColumns, sender: "the hub")
        let table = table
        units = try section.units.map { try store.unitID($0.name, columns: Array($0.tableColumns), table: table) }
        overrides = Dictionary(grouping: section.overrides, by: \.row)
        guard section.base.allSatisfy({ $0 < dots.count }), section.overrides.allSatisfy({ $0.dot < dots.count }),
            section.keys.allSatisfy({ !$0.kinds.contains(.null) }),
            section.detailed.allSatisfy({ row in row.state.dotsLie(in: dots.indices, units: section.units.count) })
        else { throw WireError.damaged("a section of state names a dot that the bundle does not hold") }
        var columns: [(column: Int, values: ValueColumn)] = []
        if let layout {
            columns = zip(layout.schema.key, section.keys).map { (column: $0, values: $1) }
            for part in section.units {
                guard let unit = layout.schema.units.first(where: { $0.name == part.name }),
                    unit.columns.map({ layout.schema.columns[$0].name }) == part.columns
                else { continue }
                columns += zip(unit.columns, part.values).map { (column: $0, values: $1) }
            }
        }
        self.columns = columns
    }

    /// Whether the section has every column of the table and no other.
    var isWhole: Bool {
        columns.count == layout?.schema.columns.count && section.units.count == layout?.schema.units.count
    }

    func key(_ row: Int) -> RowKey { RowKey(section.keys.map { $0[row] }) }
    func base(_ row: Int) -> DotID { dots[Int(section.base[row])] }
    func hasOverrides(_ row: Int) -> Bool { overrides[UInt32(row)] != nil }
    func value(_ column: Int, _ row: Int) -> Value { columns.first { $0.column == column }?.values[row] ?? .null }

    func state(_ row: Int) -> RowState {
        var state = RowState()
        state[RowState.existence] = [Candidate(dot: base(row), values: [])]
        for (place, part) in section.units.enumerated() {
            let override = overrides[UInt32(row)]?.first { $0.unit == place }
            let dot = override.map { dots[Int($0.dot)] } ?? base(row)
            state[units[place]] = [Candidate(dot: dot, values: part.values(row))]
        }
        return state
    }

    func state(_ wire: RowState) -> RowState {
        var wire = wire
        for index in wire.units.indices where wire.units[index].unit > 0 {
            guard section.units[Int(wire.units[index].unit) - 1].holdsState else { continue }
            for place in wire.units[index].candidates.indices
            where wire.units[index].candidates[place].values.last == .null {
                wire.units[index].candidates[place].values.removeLast()
            }
        }
        return wire.renamed(units: { $0 == 0 ? 0 : units[Int($0) - 1] }, dots: { dots[Int($0)] })
    }
}

extension RowState {
    /// Whether every dot and unit is an index into what a bundle holds.
    fileprivate func dotsLie(in range: Range<Int>, units count: Int) -> Bool {
        dots.allSatisfy { range.contains(Int($0)) } && units.allSatisfy { (0...count).contains(Int($0.unit)) }
            && deletions.allSatisfy { $0.cover.allSatisfy { (0...count).contains(Int($0.unit)) } }
    }
}
