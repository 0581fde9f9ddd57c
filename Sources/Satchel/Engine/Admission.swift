internal import SatchelMerge
package import SatchelModel
internal import SatchelStore
package import SatchelWire

/// Who judges, at the hub, which rows of a changeset its author may change (SCO-17 to SCO-19, SCO-33).
package protocol Admission: AnyObject {
    /// The rows that are set aside. Asked before the changeset is kept; all that came before is settled.
    func rowsSetAside(of changeset: SealedChangeset, as dot: DotID) throws -> Set<HeldRowName>
    /// Whether this author's work is judged at all.
    func judges(_ author: OriginID) throws -> Bool
    /// How far the author of a changeset was at least (SCO-17).
    func cut(of head: ChangesetHeader, as dot: DotID) throws -> UInt64
    /// Which rows of this hub an author could not hold from a position on; nil: none. All that came before is settled.
    ///
    /// - Parameter butEntered: not those either that their device entered itself and was not told of (SCO-33).
    func foreign(
        to author: OriginID, from cut: UInt64, butEntered: Bool
    ) throws -> ((HeldRowName) throws -> Bool)?
}

/// Changes of rows that scopes set aside and nobody has accepted: they are kept, and count as not made (SCO-19).
package protocol ChangesSetAside {
    /// - Parameter row: the number of the row's clock.
    func isOpen(_ changeset: DotID, _ row: Int64) throws -> Bool
    /// Whether any change of a row is.
    func concern(_ row: Int64) throws -> Bool
    /// Those of which a row is set aside, in order.
    func changesets() throws -> [DotID]
    /// Those of which this row is set aside, but for what names a row that its author could not hold (SCO-30).
    func ofTheRowItself(_ row: Int64) throws -> [DotID]
    /// What is set aside counts, as part of a row that is handed in (SCO-32).
    func letIn(_ changeset: DotID, _ row: Int64) throws
}

extension Engine {
    /// What the rows of a changeset do, each as the merge takes it.
    package func changes(of changeset: SealedChangeset) throws -> [(row: HeldRowName, change: RowChange)] {
        let content = try content(of: changeset)
        let dots = try content.dots.map { try store.dotID($0) }
        var changes: [(HeldRowName, RowChange)] = []
        for section in content.sections {
            let reader = try SectionReader(section, store: store, dots: dots)
            for row in 0..<section.rows {
                changes.append((HeldRowName(table: reader.table, key: section.key(row)), reader.change(row)))
            }
        }
        return changes
    }

    /// Rows not to be applied of a changeset that has just become ready. The batch is settled where it is judged.
    func rowsSetAside(_ changeset: SealedChangeset, as dot: DotID, batch: RowBatch) throws -> Set<HeldRowName> {
        guard let admission, try admission.judges(changeset.head.origin) else { return [] }
        try batch.settle()
        return try admission.rowsSetAside(of: changeset, as: dot)
    }

    /// Of rows that a changeset would take from everybody, by naming one that was erased, those that it may (ERA-6).
    func rowsInReach(
        _ rows: Set<HeldRowName>, of head: ChangesetHeader, as dot: DotID, batch: RowBatch
    ) throws -> Set<HeldRowName> {
        guard !rows.isEmpty, let admission, try admission.judges(head.origin) else { return rows }
        try batch.settle()
        let isForeign = try admission.foreign(
            to: head.origin, from: admission.cut(of: head, as: dot), butEntered: true)
        return try rows.filter { try !(isForeign?($0) ?? false) }
    }

    /// Makes rows again from their whole history, without what is set aside, and says so in a changeset of
    /// the hub, by which they get a new position (SCO-20). O(all kept changesets).
    package func makeAgain(
        _ names: [HeldRowName], note: String
    ) throws {
        try seal()
        let states = try madeAgain(names)
        var sections: [Section] = []
        for name in names.sorted() {
            let columns = try store.keyColumns(name.table)
            sections.append(
                Section(
                    table: store.tableName(name.table), keyColumns: columns,
                    keys: name.key.values.map { ValueColumn([$0]) }, rows: 1, existence: nil, units: [],
                    deletionsReplaced: DotLists(), cover: nil, ages: [0]))
        }
        _ = try author(
            Content(sections: sections), rows: names.count, age: 0, newestSeen: nil, actor: "", note: note)
        let batch = newBatch()
        for name in names {
            let working = try batch.row(name.table, name.key)
            try store.noteMoved(table: name.table, key: name.key)
            working.state = states[name] ?? RowState()
            working.verdict = nil
        }
        try batch.settle()
        try followErasures()
    }
}
