internal import SatchelMerge
package import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Applying changesets: causes before effects, whatever order they arrive in (EXC-12 to EXC-14).
extension Engine {
    /// What became of the changesets of one bundle.
    package struct Intake {
        package var applied = 0
        package var rows = 0
        package var known = 0
        package var parked: [Dot] = []
        /// Everything that the bundle carried and that may be taken, known or not.
        package var carried: [DotID] = []
        /// What the bundle brings had its room already when it was accepted (EXC-42).
        package var hasItsRoom = false
        /// Changesets that would wait, and for which there is no room (EXC-35).
        package var turnedAway = 0
        /// Where the sender says that it stands; of several the last counts at the hub (BND-41).
        package var standings: [Standing] = []
        /// An order to erase that only a hub may take, and that is not known here.
        var isLeftToHub = false
        /// Where the sender stood with a hub that is gone, if it handed in its rows (EXC-29).
        package var handIn: HubPoint?
        /// Rows handed in of which something was not taken in, since it names what the sender could not hold (SCO-32).
        package var leftOut = 0
        /// Rows in changesets of devices that are shut out, which have no effect (REV-2, REV-8).
        package var withheld = 0
        /// How far the sender is with orders to erase.
        package var erased: ErasureStanding?
        /// The lines that the sender wrote before and left, since it was put back or met a branch of them (BND-55).
        package var left: [OriginID] = []
        /// Who made the bundle, and when.
        var bundle: (sender: OriginID, made: Timestamp)?
        /// What the bundle says of changesets that it does not hold.
        var causes: [Cause] = []
        /// Of a device that may not hold everything: what it may; nil: not asked yet.
        var ownScopes: OwnScopes??
        /// What came to be known here and may let go what waits for it.
        var arrived: [Dot] = []
        /// Bytes that wait, by author; nil: not asked yet.
        var waiting: [OriginID: Int]?
        /// Changesets of one seal that were to be parked, so far, and whether there was no room for one of them.
        var seal: (parts: [Dot], isAway: Bool) = ([], false)

        package init() {}
    }

    /// Takes in one changeset whose signature was checked: applied if all it builds on is here, else parked.
    func receive(_ received: SealedChangeset, batch: RowBatch, intake: inout Intake) throws {
        let dot = received.dot
        let id = try store.dotID(received)
        intake.carried.append(id)
        if try knows(dot) || store.standing(of: id) != nil {
            intake.known += 1
            return
        }
        // What was erased is not kept again, whoever brings it back (ERA-5). A known one is not looked at: a row of it may
        // have named an erased row once and name another since, and ERA-6 is about what arrives.
        let changeset = try isHub ? redacted(received) ?? received : received
        // What was accepted before it was merged lay in the file as it came (ERA-7).
        if changeset.redaction != received.redaction { try store.setMeta("erasure_traces", .integer(1)) }
        if dot.origin == origin { try renewIdentity(.forked) }
        var missing = try firstMissing(of: changeset, batch: batch, intake: &intake)
        if missing != nil, try makeRoom(for: changeset, batch: batch, intake: &intake) {
            missing = try firstMissing(of: changeset, batch: batch, intake: &intake)
        }
        if let first = missing {
            try park(changeset, as: id, for: first, intake: &intake)
        } else {
            let ready = try ready(changeset, as: id, batch: batch)
            try keep(ready.changeset, as: id, standing: isHub ? .settled : .pending, made: intake.made(dot))
            try apply(ready.changeset, as: id, batch: batch, without: ready.aside, intake: &intake)
        }
    }

    /// The first thing that a changeset which came lacks here; nil: it can be applied.
    private func firstMissing(
        of changeset: SealedChangeset, batch: RowBatch, intake: inout Intake
    ) throws -> Missing? {
        if let first = try missing(changeset.head, changeset.dot).first { return first }
        if let version = unreadable(changeset) { return .program(version) }
        guard try isEvidentlyOutside(changeset, batch: batch, intake: &intake) else { return nil }
        return .hub(epoch: try epoch, position: try position + 1)
    }

    /// A changeset of our own line that is not ours: this replica was restored, or its file copied. It goes on under a
    /// new incarnation, so that the same changeset cannot set this off again (EXC-27).
    func noticeFork(_ dot: Dot) throws {
        guard dot.origin == origin, try !store.isMet(dot) else { return }
        try renewIdentity(.forked)
    }

    /// Applies a kept changeset that waits for nothing.
    func apply(
        _ changeset: SealedChangeset, as id: DotID, batch: RowBatch, without aside: Set<HeldRowName>,
        intake: inout Intake
    ) throws {
        if isHub {
            let isBehind = try store.isLost(changeset.dot) && store.isFollowed(changeset.dot)
            try store.advanceClock(to: changeset.dot, previous: changeset.head.previous.tag, isBehind: isBehind)
        }
        if try judgement(of: changeset.dot) == .withheld {
            try store.setWithheld(id, true)
            try store.find(id)
            intake.withheld += Int(changeset.head.rows)
        } else {
            try applyContent(changeset, as: id, batch: batch, without: aside)
        }
        intake.applied += 1
        intake.rows += Int(changeset.head.rows)
        intake.arrived.append(changeset.dot)
    }

    /// What a changeset waits for.
    package enum Missing: Hashable {
        /// A changeset of another line.
        case changeset(Dot)
        /// The changeset before it in its own line.
        case predecessor(Dot)
        /// The hub's state up to a position.
        case hub(epoch: UInt64, position: UInt64)
        /// The hub's word whether it has this very changeset, or another branch of its line.
        case verdict
        /// The hub's word: its author may still hold rows that are dropped here (EXC-24).
        case horizon(UInt64)
        /// A program that reads contents of this version (EXC-36).
        case program(UInt64)
    }

    /// What a changeset lacks here; nothing: it can be applied (EXC-13 at the hub, EXC-14 on a device).
    package func missing(_ head: ChangesetHeader, _ dot: Dot) throws -> [Missing] {
        var missing: [Missing] = []
        let previous = Dot(origin: head.origin, sequence: head.sequence - 1, tag: head.previous.tag)
        if head.sequence > 1, try !isSatisfied(previous) { missing.append(.predecessor(previous)) }
        for entry in head.clock.others.entries where entry.dot != previous {
            if try !isSatisfied(entry.dot) { missing.append(.changeset(entry.dot)) }
        }
        if try !isHub && (knowledge(of: dot) == .unsure || hubKnowsMore(of: dot)) || judgement(of: dot) == .unsure {
            missing.append(.verdict)
        }
        if try !isSatisfied(head.clock) {
            missing.append(.hub(epoch: head.clock.epoch, position: head.clock.position))
        }
        if !isHub, missing.isEmpty {
            let horizon = try horizon
            if head.clock.position < horizon { missing.append(.horizon(horizon)) }
        }
        if !missing.isEmpty, planted == .causesAreNotAwaited { return [] }
        return missing
    }

    /// Whether nothing need wait for a changeset: it is known, or nobody has it any more (EXC-30).
    private func isSatisfied(_ dot: Dot) throws -> Bool { try knows(dot) || store.isLost(dot) }

    /// Whether the hub knows what of a changeset has been replaced before it came, and this device does not (EXC-14).
    private func hubKnowsMore(of dot: Dot) throws -> Bool {
        try store.isLost(dot) || store.isAccountedAtHub(dot)
    }

    /// At the hub a cut of an epoch that is gone counts as satisfied for order; a device is sure of it only up to where
    /// the next epoch begins.
    private func isSatisfied(_ cut: CausalClock) throws -> Bool {
        if cut.position == 0 { return true }
        let (now, end) = (try epoch, try position)
        if cut.epoch == now { return cut.position <= end }
        if cut.epoch > now { return false }
        return try isHub || cut.position <= min(end, store.epochs().start(after: cut.epoch))
    }

    /// Applies one changeset's rows to the batch, but for those that are set aside (SCO-19).
    func applyContent(
        _ changeset: SealedChangeset, as id: DotID, batch: RowBatch, without aside: Set<HeldRowName> = []
    ) throws {
        // What a decision decided is kept as it was (INB-8): all that came before, in this bundle too, must lie in its place.
        let isDecided = Self.isDecision(changeset.head.note)
        if isDecided { try batch.settle() }
        let first = try first(of: id, note: changeset.head.note)
        let content = try content(of: changeset)
        let dots = try content.dots.map { try store.dotID($0) }
        let archive = try isHub && store.hasArchive()
        let restored = try isHub && store.wasRestored()
        if restored { try store.find(id) }
        for section in content.sections {
            let reader = try SectionReader(section, store: store, dots: dots)
            var rows = Array(0..<section.rows)
            if !aside.isEmpty { rows.removeAll { aside.contains(.init(table: reader.table, key: section.key($0))) } }
            if let layout = reader.layout, reader.isPlainInsert, !restored {
                rows = try batch.insertPlainly(
                    .init(layout: layout, columns: reader.columns, keys: section.keys), rows, dot: { _ in id },
                    isFree: archive
                        ? { try self.recallable(reader.table, $0, for: nil, by: changeset.head) == nil } : nil)
            }
            let quiet = reader.isUpdate && !restored && !isDecided ? reader.quietUnits(batch) : nil
            for row in rows {
                let key = section.key(row)
                let change = reader.change(row)
                let old = archive ? try recallable(reader.table, key, for: change, by: changeset.head) : nil
                if let quiet, let layout = reader.layout, old == nil,
                    try batch.applyQuietly(change, key, layout, quiet, as: id)
                {
                    continue
                }
                let working = try batch.row(reader.table, key)
                if let old { try batch.recall(working, old) }
                try keepDecision(change, of: working.now, as: id, first: first, note: changeset.head.note)
                if restored {
                    try applyRestored(change, as: id, to: working, batch: batch)
                } else {
                    batch.apply(change, to: working, as: id)
                }
            }
        }
        try batch.listMoved()
    }
}

extension Store {
    /// A table as a bundle names it (VER-11): its number, and its layout if the schema has it.
    func lookUp(_ name: String, keyColumns: [String]) throws -> (table: Int64, layout: TableLayout?) {
        let table = try tableID(name, key: keyColumns)
        return (table, layout(table))
    }
}

/// One section, its names looked up in the local schema. A name from a bundle never becomes SQL.
struct SectionReader {
    let section: Section
    let table: Int64
    let layout: TableLayout?
    /// The values of each column of the table.
    let columns: [(column: Int, values: ValueColumn)]
    /// Whether every row is a whole new one that replaces nothing.
    let isPlainInsert: Bool
    private let units: [UnitID]
    private let coverUnits: [UnitID]
    private let dots: [DotID]
    private let unitStarts: [[Int]]
    private let existenceStarts: [Int]
    private let deletionStarts: [Int]
    private let coverStarts: [Int]

    init(_ section: Section, store: Store, dots: [DotID]) throws {
        self.section = section
        self.dots = dots
        (table, layout) = try store.lookUp(section.table, keyColumns: section.keyColumns)
        guard section.keys.allSatisfy({ !$0.kinds.contains(.null) }) else {
            throw WireError.damaged("a row has a NULL in its key")
        }
        let table = table
        units = try section.units.map { try store.unitID($0.unitName, table: table) }
        coverUnits = try section.cover?.names.map { try store.unitID($0, table: table) } ?? []
        unitStarts = section.units.map { Self.starts($0.replaced.counts) }
        existenceStarts = Self.starts(section.existence?.counts ?? [])
        deletionStarts = Self.starts(section.deletionsReplaced.counts)
        coverStarts = Self.starts(section.cover?.counts ?? [])
        columns = layout.map { Self.columns(of: section, in: $0) } ?? []
        isPlainInsert =
            section.existence?.isEmpty == true && section.cover == nil && section.deletionsReplaced.isEmpty
            && section.units.allSatisfy(\.replaced.isEmpty) && columns.count == layout?.schema.columns.count
    }

    /// Whether every row changes units of a row that its author held, and does nothing else to it.
    var isUpdate: Bool { section.existence == nil && section.cover == nil && section.deletionsReplaced.isEmpty }

    /// The units that every row writes, if rows that change in no others can go past the batch.
    func quietUnits(_ batch: RowBatch) -> QuietUnits? {
        guard let layout, section.units.allSatisfy({ Self.unit(of: $0, in: layout) != nil }) else { return nil }
        return batch.quietUnits(layout, units)
    }

    /// One value of a row by column of the table; NULL where the section does not have it.
    func value(_ column: Int, _ row: Int) -> Value { columns.first { $0.column == column }?.values[row] ?? .null }

    func change(_ row: Int) -> RowChange {
        var change = RowChange()
        if let existence = section.existence {
            let replaced = list(existence, existenceStarts, row)
            change.writes.append(UnitWrite(unit: RowState.existence, values: [], replaced: replaced))
        }
        for (place, part) in section.units.enumerated() {
            change.writes.append(
                UnitWrite(
                    unit: units[place], values: part.values(row),
                    replaced: list(part.replaced, unitStarts[place], row)))
        }
        change.deletionsReplaced = list(section.deletionsReplaced, deletionStarts, row)
        if let cover = section.cover {
            let range = Self.range(coverStarts, row)
            change.cover = range.map { Covered(unit: coverUnits[Int(cover.units[$0])], dot: dots[Int(cover.dots[$0])]) }
            change.into = section.into.map { columns in RowKey(columns.map { $0[row] }) }
        }
        return change
    }

    private func list(_ lists: DotLists, _ starts: [Int], _ row: Int) -> [DotID] {
        Self.range(starts, row).map { dots[Int(lists.dots[$0])] }
    }

    private static func starts(_ counts: [UInt32]) -> [Int] {
        var starts = [0]
        for count in counts { starts.append((starts.last ?? 0) + Int(count)) }
        return starts
    }

    private static func range(_ starts: [Int], _ row: Int) -> Range<Int> {
        row + 1 < starts.count ? starts[row]..<starts[row + 1] : 0..<0
    }

    /// The section's columns by their place in the table; units that are grouped otherwise here are left out.
    private static func columns(of section: Section, in layout: TableLayout) -> [(column: Int, values: ValueColumn)] {
        var columns = zip(layout.schema.key, section.keys).map { (column: $0, values: $1) }
        for part in section.units {
            guard let unit = unit(of: part, in: layout), part.columns.count == unit.columns.count else { return [] }
            columns += zip(unit.columns, part.values).map { (column: $0, values: $1) }
        }
        return columns
    }

    /// The table's unit of the name and the columns that a part has; nil: it is grouped otherwise here.
    private static func unit(of part: UnitPart, in layout: TableLayout) -> TableSchema.Unit? {
        guard let unit = layout.schema.units.first(where: { $0.name == part.name }),
            unit.columns.map({ layout.schema.columns[$0].identity }) == Array(part.tableColumns)
        else { return nil }
        return unit
    }
}
