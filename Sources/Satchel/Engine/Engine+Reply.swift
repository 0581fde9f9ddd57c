internal import SatchelMerge
package import SatchelModel
internal import SatchelStore
package import SatchelWire

/// The hub's answer to a device: the rows changed since its position, and the change of the clock (EXC-15).
extension Engine {
    /// Rows in one section of state: bounds the memory of both sides.
    private static let sectionRows = 10_000

    /// Writes a reply for a device that stands at `standing`. Returns what it holds.
    ///
    /// O(rows changed since that position); all rows if the device has none, or stood with another hub.
    ///
    /// - Parameters:
    ///   - confined: the scopes it serves; nil: all rows.
    ///   - certificate: what the device may show to others; nil: there are no scopes.
    package func writeReply(
        to path: String, for receiver: Receiver, scopes: UInt64, confined: (any ReplyScopes)? = nil,
        certificate: ScopeCertificate? = nil
    ) throws -> PackReport {
        let standing = receiver.standing
        let sameScopes =
            try confined?.continues(standing.scopes, from: standing.position) ?? (standing.scopes == scopes)
        let horizon = try horizon
        let epochs = try store.epochs()
        let isOnLine =
            try standing.epoch == epoch
            || standing.epoch < epoch && standing.position <= epochs.start(after: standing.epoch)
        let continues =
            try isOnLine && standing.epoch != 0 && sameScopes && standing.position <= position
            && standing.position >= horizon
        let from = continues ? standing.position : 0
        let news = try store.dots(after: from)
        let (clock, toldFrom, told, waiting) = try receipts(from: from, for: receiver)
        // A forked line is nobody's alone: what one branch wrote the other does not have.
        let yours = try receiver.origin.flatMap { try from == 0 || store.heads($0).count > 1 ? nil : $0 }
        let reply = Reply(
            epoch: try epoch, from: from, position: try position, snapshot: from == 0, scopes: scopes, clock: clock,
            time: self.clock.now(), ahead: receiver.clockAhead, yours: yours, toldFrom: toldFrom, told: told,
            waiting: waiting, lost: try named(store.lost()), horizon: horizon,
            everywhere: try everywhere, epochs: epochs,
            adopted: receiver.adopted, accounted: try named(store.accounted()),
            aside: try named(setAsideByScopes?()?.changesets() ?? []))
        var report = PackReport(changesets: news.count, rows: 0, bytes: 0)
        let orders = try store.erasures(after: from)
        let known = try erasures()
        let named = try rowsNamed(by: confined == nil || from == 0 ? [] : news, yours: yours)
        report.bytes = try write(path, header(.down, for: receiver.audience)) { writer in
            // First, so that nothing that they are about is taken in before.
            for order in orders { try writer.append(.erasure(SignedErasure(decoding: order))) }
            if let last = known.last {
                try writer.append(
                    .erased(ErasureStanding(epoch: last.epoch, position: last.position, orders: known.digest)))
            }
            try appendNotices(after: from == 0 ? nil : from, to: writer)
            if let confined {
                let claimed = from == 0 ? scopes : standing.scopes
                let confinement = try confinement(confined, from: from, claimed: claimed, own: named.yours)
                try writer.append(.confinement(confinement))
                try confined.noteSent(scopes, at: position, drops: from == 0 || !confinement.left.isEmpty)
            }
            if let certificate { try writer.append(.scopes(certificate)) }
            try writer.append(.reply(reply))
            let version = store.directives.version
            if version > 0, receiver.schema != 0, receiver.schema != schemaTag {
                try writer.append(.schema(SchemaOffer(version: version, text: try store.schemaText)))
            }
            let sender = StateSender(store: store, writer: writer)
            if let confined {
                try sendConfined(confined, from: from, claimed: standing.scopes, named: named, sender)
            } else if from == 0 {
                try sendAll(sender)
            } else {
                try sendChanged(by: news, except: reply.yours, after: from, sender)
                for row in try store.archived(from: from) { try sender.drop(table: row.table, key: row.key) }
            }
            try sender.flush()
            let bases = try bases(of: sender.conflicts, budget: 64 << 20)
            if !bases.isEmpty {
                let told = bases.sorted { $0.key < $1.key }.map { ConflictBase(conflict: $0.key, values: $0.value) }
                try writer.append(.bases(told))
            }
            report.rows = sender.rows
        }
        return report
    }

    /// What the hub has since `from`: the heads of the lines that moved, and one by one what it applied, with whatever
    /// of the device's last bundle it has (EXC-15, EXC-20).
    private func receipts(
        from: UInt64, for receiver: Receiver
    ) throws -> (clock: VersionVector, toldFrom: UInt64, told: [Dot], waiting: [Dot]) {
        var toldFrom = from
        if from == 0 {
            let length = try position
            toldFrom = length - min(length, toldLimit)
            // A hub goes back to its newest backup at most, as a rule: from there on a device can say what it knew.
            if let backup = try store.metaInteger("backup_position") {
                toldFrom = min(toldFrom, UInt64(bitPattern: backup))
            }
            if try receiver.standing.epoch == epoch { toldFrom = min(toldFrom, receiver.standing.position) }
        }
        var told = try store.applied(after: toldFrom)
        let clock =
            try from == 0
            ? store.clock() : VersionVector(heads: Set(told.map(\.origin)).flatMap { try store.heads($0) })
        var waiting: [Dot] = []
        let listed = Set(told)
        for id in receiver.handedIn {
            let dot = try store.known(id).dot
            guard !listed.contains(dot), let standing = try store.standing(of: id) else { continue }
            if standing == .parked { waiting.append(dot) } else { told.append(dot) }
        }
        return (clock, toldFrom, told, waiting)
    }

    private func named(_ dots: [DotID]) throws -> [Dot] { try dots.map { try store.known($0).dot } }

    /// - Parameter but: rows that are left out, by their hashes.
    func sendAll(_ sender: StateSender, but: Set<Int64> = []) throws {
        func isLeftOut(_ table: Int64, _ key: RowKey) -> Bool {
            !but.isEmpty && but.contains(store.rowHash(table, key))
        }
        for layout in References.parentsFirst(store.layouts) {
            try store.forEachRow(layout) { key, values in
                if isLeftOut(layout.id, key) { return }
                try sender.send(layout, key: key, values: values)
                try sender.flush(above: Self.sectionRows)
            }
        }
        for grave in try store.allGraves() where !isLeftOut(grave.table, grave.key) {
            try sender.send(table: grave.table, key: grave.key, state: grave.state)
            try sender.flush(above: Self.sectionRows)
        }
    }

    /// Whom a reply is for, and where it stands.
    package struct Receiver {
        package var audience: OriginID
        /// The line it wrote its last bundle under; nil: it has sent none.
        package var origin: OriginID?
        package var standing: Standing
        package var clockAhead: Int64
        /// The changesets of its last bundle.
        package var handedIn: [DotID]
        /// The tag of the schema that it followed in its last bundle; 0: not known.
        package var schema: UInt64
        /// Where it stood when its rows were taken in, after a restore of the hub.
        package var adopted: HubPoint?

        package init(
            audience: OriginID, origin: OriginID?, standing: Standing, clockAhead: Int64, handedIn: [DotID],
            schema: UInt64 = 0, adopted: HubPoint? = nil
        ) {
            self.audience = audience
            self.origin = origin
            self.standing = standing
            self.clockAhead = clockAhead
            self.schema = schema
            self.handedIn = handedIn
            self.adopted = adopted
        }
    }

    /// The rows that these changesets name, but for those that only `yours` changed: its replica has them (EXC-15), unless it
    /// has taken in what is set aside here. And those that moved by themselves: none of its changesets gives it these (EXC-26).
    private func sendChanged(
        by dots: [DotID], except yours: OriginID?, after from: UInt64, _ sender: StateSender
    ) throws {
        let named = try rowsNamed(by: dots, yours: yours)
        var rows = named.others
        if let aside = try setAsideByScopes?(), try !aside.changesets().isEmpty {
            for row in named.yours where try aside.concern(store.rowHash(row.table, row.key)) { rows.insert(row) }
        }
        for moved in try store.moved(after: from) { rows.insert(.init(table: moved.table, key: moved.key)) }
        try send(Array(rows), sender)
        try sender.leaveOut(named.yours.subtracting(rows))
    }

    /// One row wherever it lies.
    func sendHeld(_ name: HeldRowName, _ sender: StateSender) throws {
        let row = try store.load(table: name.table, key: name.key)
        if case .table(let values) = row.place, let layout = store.layout(name.table) {
            try sender.send(layout, key: name.key, values: values)
        } else if !row.state.isEmpty {
            try sender.send(table: name.table, key: name.key, state: row.state)
        }
        try sender.flush(above: Self.sectionRows)
    }
}

/// Gathers rows into sections of state and writes them, with the dots they name.
final class StateSender {
    private let store: Store
    private let writer: BundleWriter
    private var sections: [StateSection] = []
    private var places: [Place: Int] = [:]
    private var dotIndex: [DotID: UInt32] = [:]
    private var newDots: [KnownDot] = []
    private var named: Set<OriginID> = []
    private var newAuthors: [Author] = []
    private var gathered = 0

    /// Detailed rows stand in sections of their own, which may name units that the table here does not have.
    private struct Place: Hashable {
        let table: Int64
        let detailed: Bool
    }

    private(set) var rows = 0
    /// Those of which the reply tells the base: of the rows sent, then of those left out; no more than a reply tells.
    private(set) var conflicts: [Store.ListedConflict] = []
    /// Enough for what a person can look at.
    private static let basesTold = 1_000

    init(store: Store, writer: BundleWriter) {
        self.store = store
        self.writer = writer
    }

    /// A row that is in its table.
    func send(_ layout: TableLayout, key: RowKey, values: [Value]) throws {
        let place = try section(layout.id, detailed: false)
        if let dot = try store.plainDot(store.rowHash(layout.id, key)), dot > layout.newestUnit {
            try append(key, layout, values, base: dot, overrides: [], place)
            return
        }
        guard let state = try store.state(of: layout, key: key, values: values) else {
            throw StoreError("a row of \(layout.schema.name) has no clock; run `satchel-hub verify`")
        }
        if let base = state.plainBase, state.units.count == layout.unitIDs.count + 1, !state.carriesState(layout.rules),
            layout.shows(state, in: values)
        {
            let overrides = zip(layout.unitIDs.indices, layout.unitIDs).compactMap { index, unit in
                state[unit].first.flatMap { $0.dot == base ? nil : (index, $0.dot) }
            }
            try append(key, layout, values, base: base, overrides: overrides, place)
        } else {
            try send(table: layout.id, key: key, state: state)
        }
    }

    /// A row with its whole state.
    func send(table: Int64, key: RowKey, state: RowState) throws {
        let place = try section(table, detailed: true)
        var ids: [UnitID: UnitID] = [RowState.existence: RowState.existence]
        for unit in state.units.map(\.unit) + state.deletions.flatMap({ $0.cover.map(\.unit) }) where ids[unit] == nil {
            ids[unit] = UnitID(unitIndex(unit, table: table, place) + 1)
        }
        var dots: [DotID: DotID] = [:]
        for dot in state.dots { dots[dot] = DotID(try index(dot)) }
        if conflicts.count < Self.basesTold {
            let room = Self.basesTold - conflicts.count
            conflicts += try store.listedConflicts(of: store.rowHash(table, key)).prefix(room)
        }
        let wire = state.renamed(units: { ids[$0] }, dots: { dots[$0] ?? 0 })
        sections[place].detailed.append(.init(key: key, state: wire))
        count()
    }

    /// Rows that the receiver holds as they are here, after all that are sent. What is open of them may be so by its own
    /// changesets, and then no reply has told what they and their rivals started from (INB-2). O(rows), if anything is open at all.
    func leaveOut(_ left: Set<HeldRowName>) throws {
        guard !left.isEmpty, conflicts.count < Self.basesTold, try store.hasConflicts() else { return }
        let open = try left.flatMap { try store.listedConflicts(of: store.rowHash($0.table, $0.key)) }
            .filter { $0.kind == .values }
            .sorted { ($0.id, $0.key) < ($1.id, $1.key) }
        conflicts += open.prefix(Self.basesTold - conflicts.count)
    }

    /// A row that the hub dropped.
    func drop(table: Int64, key: RowKey) throws {
        sections[try section(table, detailed: true)].gone.append(key)
        gathered += 1
    }

    /// Writes what is gathered if it is more than `limit` rows.
    func flush(above limit: Int = 0) throws {
        guard gathered > limit else { return }
        for place in sections.indices { sections[place].makeRoomForStates() }
        for author in newAuthors { try writer.append(.author(author)) }
        if !newDots.isEmpty { try writer.append(.dots(newDots)) }
        for section in sections { try writer.append(.state(section)) }
        newAuthors = []
        newDots = []
        sections = []
        places = [:]
        gathered = 0
    }

    private func count() {
        gathered += 1
        rows += 1
    }

    private func append(
        _ key: RowKey, _ layout: TableLayout, _ values: [Value], base: DotID, overrides: [(Int, DotID)], _ place: Int
    ) throws {
        let row = UInt32(sections[place].rows)
        for (column, value) in key.values.enumerated() { sections[place].keys[column].append(value) }
        for (unit, part) in layout.schema.units.enumerated() {
            for (column, index) in part.columns.enumerated() {
                sections[place].units[unit].values[column].append(values[index])
            }
        }
        sections[place].base.append(try index(base))
        for (unit, dot) in overrides {
            sections[place].overrides.append(.init(row: row, unit: UInt32(unit), dot: try index(dot)))
        }
        sections[place].rows += 1
        count()
    }

    private func section(_ table: Int64, detailed: Bool) throws -> Int {
        if let place = places[Place(table: table, detailed: detailed)] { return place }
        let layout = store.layout(table)
        sections.append(
            StateSection(
                table: store.tableName(table), keyColumns: try store.keyColumns(table),
                units: layout?.schema.units.map { unit in
                    .init(
                        name: unit.name, columns: unit.columns.compactMap { layout?.schema.columns[$0].identity },
                        values: unit.columns.map { _ in ValueColumn() })
                } ?? [],
                keys: try store.keyColumns(table).map { _ in ValueColumn() }, rows: 0, base: [], overrides: [],
                detailed: [], gone: []))
        places[Place(table: table, detailed: detailed)] = sections.count - 1
        return sections.count - 1
    }

    private func unitIndex(_ unit: UnitID, table: Int64, _ place: Int) -> Int {
        let name = store.wholeUnitName(unit, table: table)
        if let index = sections[place].units.firstIndex(where: { $0.isNamed(name) }) { return index }
        sections[place].units.append(
            .init(name: name.name, columns: name.columns, values: name.columns.map { _ in ValueColumn() }))
        return sections[place].units.count - 1
    }

    private func index(_ dot: DotID) throws -> UInt32 {
        if let known = dotIndex[dot] { return known }
        let known = try store.known(dot)
        let next = UInt32(dotIndex.count)
        dotIndex[dot] = next
        newDots.append(known)
        if named.insert(known.dot.origin).inserted, let author = try store.author(known.dot.origin) {
            newAuthors.append(Author(origin: author.origin, name: author.name, certificate: []))
        }
        return next
    }
}

extension RowState {
    /// Whether any candidate has more than the values of its columns (MRG-30).
    fileprivate func carriesState(_ rules: TableRules) -> Bool {
        units.contains { unit in
            guard let width = rules[unit.unit]?.width else { return false }
            return unit.candidates.contains { $0.values.count > width }
        }
    }

    /// The dot of existence, if every unit has one candidate and no deletion stands.
    fileprivate var plainBase: DotID? {
        guard deletions.isEmpty, units.allSatisfy({ $0.candidates.count == 1 }) else { return nil }
        return self[RowState.existence].first?.dot
    }
}

extension StateSection {
    /// Gives each unit of which a detailed row carries a state the column for it (BND-24); the others get a NULL there.
    fileprivate mutating func makeRoomForStates() {
        for (index, unit) in units.enumerated() where !unit.holdsState {
            func own(_ state: UnitState) -> Bool { Int(state.unit) == index + 1 }
            let width = unit.columns.count
            let wanted = detailed.contains { row in
                row.state.units.contains { own($0) && $0.candidates.contains { $0.values.count == width + 1 } }
            }
            guard wanted else { continue }
            units[index].columns.append(UnitPart.state)
            units[index].values.append(ValueColumn(repeatElement(.null, count: rows)))
            for row in detailed.indices {
                for part in detailed[row].state.units.indices where own(detailed[row].state.units[part]) {
                    for place in detailed[row].state.units[part].candidates.indices
                    where detailed[row].state.units[part].candidates[place].values.count == width {
                        detailed[row].state.units[part].candidates[place].values.append(.null)
                    }
                }
            }
        }
    }
}
