internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What the values of a conflict started from (INB-2).
extension Engine {
    /// The bases of the conflicts of values among these, by id: as the hub told them, if that is true of all their rivals, or from
    /// the changesets kept here.
    ///
    /// Reads at most `budget` bytes of contents. O(changesets between the rivals and their base), each read once.
    func bases(of listed: [Store.ListedConflict], budget: Int = WrittenUnits.budget) throws -> [String: [Value]] {
        var found: [String: [Value]] = [:]
        var lines: [Lineage] = []
        for conflict in listed where conflict.kind == .values {
            let told = try store.base(conflict.id)
            let (groups, isOfOneRow) = try rivals(in: conflict)
            if let told, groups.allSatisfy({ !$0.isDisjoint(with: told.rivals) }) {
                found[conflict.id] = told.values
                continue
            }
            // Values of rows that were entered apart started from nothing common.
            if groups.count > 1, isOfOneRow { lines.append(Lineage(conflict: conflict, groups: groups, told: told)) }
        }
        var written = WrittenUnits(budget: budget)
        for _ in 0..<100 where !lines.isEmpty {
            try written.read(lines.flatMap(\.asked), from: self)
            var open: [Lineage] = []
            var ended: [(line: Lineage, common: DotID)] = []
            for var line in lines {
                line.step(written)
                let common = try line.common.max { try store.order($0) < store.order($1) }
                if let common {
                    ended.append((line, common))
                } else if let told = line.told {
                    found[line.conflict.id] = told
                } else if line.goesOn {
                    open.append(line)
                }
            }
            try written.read(ended.map { ($0.line.row, [$0.common]) }, from: self)
            for (line, common) in ended { found[line.conflict.id] = written[line.row, common]?.values }
            lines = open
        }
        return found
    }

    /// The writes of each of the rival values of a unit, and whether all of them were made in the record itself.
    private func rivals(in conflict: Store.ListedConflict) throws -> (groups: [Set<DotID>], isOfOneRow: Bool) {
        let united = try whole(store.load(table: conflict.table, key: conflict.key)).united
        let groups = try contenders(united, conflict.unit, table: conflict.table).map { Set($0.dots) }
        return (groups, groups.allSatisfy { $0.allSatisfy { united.dot($0) == $0 } })
    }

    /// Notes a base that the hub told: of the rivals that the hub had. What it does not have yet may have started from another.
    ///
    /// - Parameter came: rows on which something stands here that the hub does not have, as they came from it.
    func note(_ base: ConflictBase, _ came: [HeldRowName: RowState]) throws {
        var known: Set<DotID> = []
        for conflict in try store.listedConflicts(named: base.conflict) where conflict.kind == .values {
            if let state = came[HeldRowName(table: conflict.table, key: conflict.key)] {
                known.formUnion(state.visible(of: conflict.unit).map(\.dot))
                continue
            }
            let (groups, isOfOneRow) = try rivals(in: conflict)
            guard isOfOneRow else { continue }
            known.formUnion(try groups.flatMap(\.self).filter { try store.standing(of: $0) != .pending })
        }
        if known.isEmpty { return }
        if let before = try store.base(base.conflict), before.values == base.values {
            known.formUnion(before.rivals)
        }
        try store.noteBase(base, of: known)
    }

    /// Notes what a form showed as the base of the conflict that it brought about, or of one that was open, if that has the same.
    func note(_ shown: [Value], asBaseOf conflict: Store.ListedConflict, broughtBy dot: DotID) throws {
        let groups = try rivals(in: conflict).groups
        var known = Set(groups.flatMap(\.self))
        if let before = try store.base(conflict.id), !known.isDisjoint(with: before.rivals) {
            guard before.values.starts(with: shown) else { return }
            known = before.rivals.union([dot])
        } else if groups.count > 2 {
            return
        }
        try store.noteBase(ConflictBase(conflict: conflict.id, values: shown), of: known)
    }
}

/// The ancestors of each of the rival values of one conflict, found backwards.
private struct Lineage {
    let conflict: Store.ListedConflict
    private let groups: [Set<DotID>]
    private let base: KeptBase?
    private var seen: [Set<DotID>]
    private var front: [Set<DotID>]

    /// - Parameter told: what some of them, or others before them, are known to have started from.
    init(conflict: Store.ListedConflict, groups: [Set<DotID>], told: KeptBase?) {
        self.conflict = conflict
        self.groups = groups
        base = told
        seen = groups.map { _ in [] }
        front = groups
    }

    var row: WrittenUnits.Row { .init(table: conflict.table, key: conflict.key, unit: conflict.unit) }
    var asked: [(WrittenUnits.Row, [DotID])] { front.map { (row, $0.sorted()) } }
    var goesOn: Bool { front.contains { !$0.isEmpty } }

    /// What every one of them replaced, at once or after others.
    var common: Set<DotID> { seen.dropFirst().reduce(seen.first ?? []) { $0.intersection($1) } }

    /// What was told, if each of them is, or comes from, a write of which that is known.
    var told: [Value]? {
        guard let base else { return nil }
        let isKnown = groups.indices.allSatisfy { !base.rivals.isDisjoint(with: groups[$0].union(seen[$0])) }
        return isKnown ? base.values : nil
    }

    mutating func step(_ written: WrittenUnits) {
        for index in front.indices {
            let before = Set(front[index].flatMap { written[row, $0]?.replaced ?? [] }).subtracting(seen[index])
            seen[index].formUnion(before)
            front[index] = before
        }
    }
}

/// What changesets wrote to some units, read from their contents.
struct WrittenUnits {
    struct Row: Hashable {
        let table: Int64
        let key: RowKey
        let unit: UnitID
    }

    private struct Place: Hashable {
        let row: Row
        let dot: DotID
    }

    private var writes: [Place: Written] = [:]
    private var asked: Set<Place> = []
    private var budget: Int

    /// Bytes of contents, where nobody says less.
    static let budget = 256 << 20

    init(budget: Int = budget) { self.budget = budget }

    struct Written {
        let values: [Value]
        /// Where an answer was taken back, what the value had been, and not the answer (INB-8).
        let replaced: [DotID]
    }

    subscript(row: Row, dot: DotID) -> Written? { writes[Place(row: row, dot: dot)] }

    mutating func read(_ wanted: [(Row, [DotID])], from engine: Engine) throws {
        var rows: [DotID: Set<Row>] = [:]
        for (row, dots) in wanted {
            for dot in dots where asked.insert(Place(row: row, dot: dot)).inserted {
                rows[dot, default: []].insert(row)
            }
        }
        for (dot, rows) in rows.sorted(by: { $0.key < $1.key }) {
            guard let kept = try engine.store.changeset(dot), kept.length <= budget,
                let changeset = try engine.sealed(dot)
            else { continue }
            budget -= kept.length
            let opensAgain = Engine.opensAgain(changeset.head.note)
            let content = try engine.content(of: changeset)
            let dots = try content.dots.map { try engine.store.dotID($0) }
            let keys = Set(rows.map { RowBatch.RowName(table: $0.table, key: $0.key) })
            for section in content.sections {
                let reader = try SectionReader(section, store: engine.store, dots: dots)
                for index in 0..<section.rows {
                    let name = RowBatch.RowName(table: reader.table, key: section.key(index))
                    guard keys.contains(name) else { continue }
                    for write in reader.change(index).writes {
                        let row = Row(table: name.table, key: name.key, unit: write.unit)
                        guard rows.contains(row) else { continue }
                        let replaced = try write.replaced.filter { dot in
                            try !opensAgain || engine.head(dot).map { !Engine.isDecision($0.note) } ?? true
                        }
                        writes[Place(row: row, dot: dot)] = Written(values: write.values, replaced: replaced)
                    }
                }
            }
        }
    }
}
