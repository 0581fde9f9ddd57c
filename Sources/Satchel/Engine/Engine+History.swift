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
            try body(changeset, content(of: changeset))
        }
    }
}

extension Engine {
    /// Every changeset that lies in the file, also those that wait.
    package func allKept() throws -> [SealedChangeset] {
        try (store.dots(after: 0) + store.dots(.parked)).compactMap { try sealed($0) }
    }
}
