internal import SatchelMerge
public import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// One change of one unit of a record: who, when, on which device, old and new.
public struct HistoryEntry: Sendable {
    public let dot: Dot
    public let device: String
    public let actor: String
    public let note: String
    public let time: Timestamp
    /// "insert", "update", "keep", "delete" or "merge"; of a merge `new` is the key of the other row.
    public let act: String
    /// Empty for the row itself.
    public let unit: String
    public let columns: [String]
    /// The values that were replaced, one list for each; nil where the changeset that wrote it is not held here.
    public let old: [[Value]?]
    public let new: [Value]
}

/// Reading back what the kept changesets say.
extension Engine {
    /// What happened to a record, oldest first, as far as the changesets are kept here; the hub keeps all.
    /// O(all kept changesets).
    package func history(table: String, key: RowKey) throws -> [HistoryEntry] {
        var entries: [HistoryEntry] = []
        var written: [UnitAndDot: [Value]] = [:]
        let own = store.layout(named: table)?.schema.keyIdentities
        try forEachKept { changeset, content in
            // A table of this name with another key is another table (VER-11).
            for section in content.sections
            where section.table == table && (own == nil || section.keyColumns == own) {
                for row in 0..<section.rows where section.key(row) == key {
                    entries += try describe(section, row, of: changeset, content.dots, &written)
                }
            }
        }
        return entries
    }

    private struct UnitAndDot: Hashable {
        let unit: String
        let dot: Dot
    }

    private func describe(
        _ section: Section, _ row: Int, of changeset: SealedChangeset, _ dots: [Dot],
        _ written: inout [UnitAndDot: [Value]]
    ) throws -> [HistoryEntry] {
        let device = try store.author(changeset.head.origin)?.name ?? ""
        let time = Timestamp(
            milliseconds: changeset.head.time.milliseconds &- Int64(clamping: section.ages[row]))
        func entry(_ act: String, unit: String, columns: [String], old: [[Value]?], new: [Value]) -> HistoryEntry {
            HistoryEntry(
                dot: changeset.dot, device: device, actor: changeset.head.actor, note: changeset.head.note, time: time,
                act: act, unit: unit, columns: columns, old: old, new: new)
        }
        if let into = section.into {
            return [entry("merge", unit: "", columns: section.keyColumns, old: [], new: into.map { $0[row] })]
        }
        if section.cover != nil { return [entry("delete", unit: "", columns: [], old: [], new: [])] }
        var entries: [HistoryEntry] = []
        let inserts = section.existence != nil
        if inserts, section.units.isEmpty {
            entries.append(entry("keep", unit: "", columns: [], old: [], new: []))
        }
        for part in section.units {
            let values = part.values.prefix(part.tableColumns.count).map { $0[row] }
            var old: [[Value]?] = []
            if !part.replaced.isEmpty {
                let start = part.replaced.counts[..<row].reduce(0) { $0 + Int($1) }
                for index in start..<(start + Int(part.replaced.counts[row])) {
                    old.append(written[UnitAndDot(unit: part.name, dot: dots[Int(part.replaced.dots[index])])])
                }
            }
            written[UnitAndDot(unit: part.name, dot: changeset.dot)] = values
            entries.append(
                entry(
                    inserts ? "insert" : "update", unit: part.name, columns: Array(part.tableColumns), old: old,
                    new: values))
        }
        return entries
    }

    /// The kept and applied changesets in the order of application, decoded one at a time.
    func forEachKept(_ body: (SealedChangeset, Content) throws -> Void) throws {
        for id in try store.dots(after: 0) where try !store.isWithheld(id) {
            guard let changeset = try sealed(id) else { continue }
            try body(changeset, content(of: changeset, following: false))
        }
    }

    /// The states of rows as the kept changesets alone make them, by clock number.
    ///
    /// What is set aside counts as not made (SCO-19).
    func replayKept(rows: Set<Int64>) throws -> [Int64: HeldRow] {
        let isSetAside = try setAsideByScopes?()
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
                    guard rows.contains(h), try !(isSetAside?(id, h) ?? false) else { continue }
                    var held =
                        try states[h]
                        ?? HeldRow(
                            table: reader.table, key: key, hash: h,
                            state: restored ? handedIn(table: reader.table, key: key) : RowState(), place: .absent)
                    held.state.apply(reader.change(row), as: id)
                    states[h] = held
                }
            }
        }
        return states
    }

    /// What a hub that was put back holds of a row in values alone, as they were handed in: their changesets nobody has any
    /// more (EXC-29).
    private func handedIn(table: Int64, key: RowKey) throws -> RowState {
        var state = try store.load(table: table, key: key).state
        for unit in state.units {
            state[unit.unit] = try unit.candidates.filter { try store.standing(of: $0.dot) == nil }
        }
        state.deletions = try state.deletions.filter { try store.standing(of: $0.dot) == nil }
        return state
    }
}

extension Engine {
    /// Every changeset that lies in the file, also those that wait.
    package func allKept() throws -> [SealedChangeset] {
        try (store.dots(after: 0) + store.dots(.parked)).compactMap { try sealed($0) }
    }
}
