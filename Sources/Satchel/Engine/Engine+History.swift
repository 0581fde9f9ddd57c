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
    /// "insert", "update", "keep", "delete" or "merge"; of a merge `new` is the key of the other row. A keep says of a
    /// unit what it settled beside the deletion.
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
    /// What happened to a record, oldest first, as far as the changesets are kept here, and whether that is all of which
    /// is known here; the hub keeps all. O(all kept changesets).
    package func history(table: String, key: RowKey) throws -> (entries: [HistoryEntry], isComplete: Bool) {
        var past = RecordPast()
        let layout = store.layout(named: table)
        try forEachKept { changeset, content in
            // A table of this name with another key is another table (VER-11).
            for section in content.sections
            where section.table == table && (layout == nil || section.keyColumns == layout?.schema.keyIdentities) {
                for row in 0..<section.rows where section.key(row) == key {
                    past.add(PastChange(changeset, section, row, content.dots))
                }
            }
        }
        let state = try layout.map { try store.load(table: $0.id, key: key).state }
        let standing = try (state?.dots ?? []).map { try store.order($0).dot }
        return (try past.inOrder().flatMap { try describe($0, of: past, layout) }, past.holds(standing))
    }

    private func describe(_ change: PastChange, of past: RecordPast, _ layout: TableLayout?) throws -> [HistoryEntry] {
        let device = try store.author(change.head.origin)?.name ?? ""
        func entry(
            _ act: String, unit: String = "", columns: [String] = [], old: [[Value]?] = [], new: [Value] = []
        ) -> HistoryEntry {
            HistoryEntry(
                dot: change.dot, device: device, actor: change.head.actor, note: change.head.note, time: change.time,
                act: act, unit: unit, columns: columns, old: old, new: new)
        }
        if let into = change.into {
            let columns = layout.map { layout in layout.schema.key.map { layout.schema.columns[$0].name } }
            return [entry("merge", columns: columns ?? change.keyColumns, new: into)]
        }
        if change.deletes { return [entry("delete")] }
        var act = "update"
        if change.writesExistence {
            act = past.isKeep(change, tableHasUnits: layout?.schema.units.isEmpty != true) ? "keep" : "insert"
            if change.units.isEmpty { return [entry(act)] }
        }
        return try change.units.map { unit in
            let called = try called(unit, layout)
            return entry(act, unit: called.name, columns: called.columns, old: past.old(unit), new: unit.values)
        }
    }

    /// A unit and its columns by their names of today, where it is a unit here (VER-5).
    private func called(_ written: PastChange.Written, _ layout: TableLayout?) throws -> UnitName {
        guard let layout, let id = try store.metUnit(written.unit, table: layout.id) else { return written.unit }
        return UnitName(
            name: store.shownUnitName(id, table: layout.id), columns: store.shownUnitColumns(id, table: layout.id))
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
