internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// The rows that one transaction works on: read once, changed in memory, settled and written at the end.
final class RowBatch {
    let store: Store
    let references: References
    private(set) var rows: [WorkingRow] = []
    private var index: [RowName: Int] = [:]
    private var knownParents: Set<RowName> = []
    private var shownAnew = false

    struct RowName: Hashable {
        let table: Int64
        let key: RowKey
    }

    /// One row under work.
    final class WorkingRow {
        let held: HeldRow
        var state: RowState
        /// What a person wrote into the table before it was sealed: the place is the table's, the clock is old.
        var isDirty = false
        /// If it is dirty, its values at the last seal; nil: it was not there.
        var formerly: [Value]?
        var verdict: Verdict?
        var refusal: String?

        init(_ held: HeldRow) {
            self.held = held
            state = held.state
        }
    }

    init(store: Store) {
        self.store = store
        references = References(store.layouts)
    }

    /// The row, read at the first asking.
    func row(_ table: Int64, _ key: RowKey) throws -> WorkingRow {
        if let known = working(table, key) { return known }
        return add(try store.load(table: table, key: key))
    }

    /// The row if it is already under work.
    func working(_ table: Int64, _ key: RowKey) -> WorkingRow? {
        index[RowName(table: table, key: key)].map { rows[$0] }
    }

    @discardableResult
    func add(_ held: HeldRow) -> WorkingRow {
        let row = WorkingRow(held)
        index[RowName(table: held.table, key: held.key)] = rows.count
        rows.append(row)
        return row
    }

    var isEmpty: Bool { rows.isEmpty && !shownAnew }

    /// Whether all that a row refers to is in its table, so that the row can be shown without further thought.
    func parentsAreShown(_ layout: TableLayout, value: (Int) -> Value) throws -> Bool {
        for reference in references.from(layout.id) {
            let values = reference.columns.map(value)
            if values.contains(.null) { continue }
            let parent = RowName(table: reference.parent.id, key: RowKey(values))
            if knownParents.contains(parent) { continue }
            guard index[parent] == nil, try store.isShown(reference.parent, parent.key) else { return false }
            knownParents.insert(parent)
        }
        return true
    }

    /// A row was put into its table past this batch: rows held aside may have waited for it.
    func noteShown(_ layout: TableLayout) {
        if !references.to(layout.id).isEmpty { shownAnew = true }
    }

    // MARK: Settling

    /// Judges every row, follows the references to whatever else is affected, and writes what changed.
    func settle() throws {
        guard !isEmpty else { return }
        try recallArchived()
        try recallAside()
        var checked = 0
        while checked < rows.count {
            try follow(rows[checked])
            checked += 1
        }
        try write(fates())
        try noteNaming()
        rows = []
        index = [:]
        knownParents = []
        written = [:]
        lifted = []
        shownAnew = false
    }

    func judge(_ row: WorkingRow) throws -> Verdict {
        if let verdict = row.verdict { return verdict }
        let verdict = try store.judge(row.state, table: row.held.table)
        row.verdict = verdict
        return verdict
    }

    /// The row as its table would show it.
    func values(_ row: WorkingRow, _ layout: TableLayout) throws -> [Value] {
        var shown: [UnitID: [Value]] = [:]
        for unit in try judge(row).shown { shown[unit.unit] = unit.values }
        return layout.row(key: row.held.key, shown: shown)
    }

    /// Rows held aside come under work again where the batch may have brought what they wait for.
    private func recallAside() throws {
        let arrives =
            try shownAnew
            || rows.contains { row in
                if case .table = row.held.place, !row.isDirty { return false }
                return try !references.to(row.held.table).isEmpty && judge(row).complete
            }
        if arrives { for aside in try store.graves(.orphaned) { _ = try row(aside.table, aside.key) } }
        for table in Set(rows.map(\.held.table)).sorted() {
            guard let layout = store.layout(table), layout.hasConstraints else { continue }
            for refused in try store.graves(.refused, table: table) { _ = try row(table, refused.key) }
        }
    }

    /// Brings under work what this row's fate depends on, and what depends on it.
    private func follow(_ row: WorkingRow) throws {
        guard let layout = store.layout(row.held.table) else { return }
        let verdict = try judge(row)
        let now = try values(row, layout)
        var before = row.formerly
        if !row.isDirty, case .table(let values) = row.held.place { before = values }
        for reference in references.from(layout.id) {
            if let parent = reference.parentKey(of: now), !knownParents.contains(name(reference.parent, parent)) {
                if try !store.isShown(reference.parent, parent) { _ = try self.row(reference.parent.id, parent) }
            }
            // The row may have been all that kept a deleted parent.
            if let before, let parent = reference.parentKey(of: before) { try recallIfKept(reference.parent, parent) }
            if let parent = reference.parentKey(of: now) { try recallIfKept(reference.parent, parent) }
        }
        if !verdict.alive || !verdict.complete || row.refusal != nil { try recallChildren(of: row) }
    }

    private func recallIfKept(_ layout: TableLayout, _ key: RowKey) throws {
        guard working(layout.id, key) == nil, try store.isKept(layout, key) else { return }
        _ = try row(layout.id, key)
    }

    private func recallChildren(of row: WorkingRow) throws {
        for reference in references.to(row.held.table) {
            for child in try store.children(of: row.held.key, in: reference.child, columns: reference.columns) {
                _ = try self.row(reference.child.id, child)
            }
        }
    }

    private func name(_ layout: TableLayout, _ key: RowKey) -> RowName { RowName(table: layout.id, key: key) }

    /// MRG-20 over the rows under work; a parent that is not among them is in its table.
    private func fates() throws -> [Referring.Fate] {
        let nodes = try rows.map { row in
            let verdict = try judge(row)
            guard let layout = store.layout(row.held.table) else {
                return Referring.Row(alive: false, complete: false, parents: [])
            }
            var parents: [Int?] = []
            let now = try values(row, layout)
            for reference in references.from(layout.id) {
                guard let key = reference.parentKey(of: now) else { continue }
                if let place = index[name(reference.parent, key)] { parents.append(place) }
            }
            return Referring.Row(
                alive: verdict.alive, complete: verdict.complete && row.refusal == nil, parents: parents)
        }
        return Referring.fates(nodes)
    }

    /// Writes the rows with their fates. A row that its table refuses is held aside and the rest is judged again,
    /// so that one bad row never blocks the others (P15).
    private func write(_ first: [Referring.Fate]) throws {
        var fates = first
        try liftMoving(fates)
        while true {
            for (row, fate) in zip(rows, fates) where fate != .shown && fate != .kept {
                try bury(row, fate)
            }
            guard let refused = try show(fates) else { return }
            var checked = rows.count
            try follow(refused)
            while checked < rows.count {
                try follow(rows[checked])
                checked += 1
            }
            fates = try self.fates()
        }
    }

    private var lifted: Set<ObjectIdentifier> = []

    /// Rows that change in a table with unique places are taken out first: they may pass such a place on to one
    /// another, and none must be judged against what another held before (MRG-22).
    private func liftMoving(_ fates: [Referring.Fate]) throws {
        for (row, fate) in zip(rows, fates) where fate == .shown || fate == .kept {
            guard let layout = store.layout(row.held.table), layout.hasUniquePlaces,
                case .table(let before) = row.held.place, try values(row, layout) != before
            else { continue }
            try store.lift(row.held)
            lifted.insert(ObjectIdentifier(row))
        }
    }

    private(set) var written: [ObjectIdentifier: Referring.Fate] = [:]

    private func bury(_ row: WorkingRow, _ fate: Referring.Fate) throws {
        let (reason, why) = try self.reason(row, fate)
        if row.isDirty { try store.forgetClock(row.held.hash) }
        if case .absent = row.held.place, row.state.isEmpty { return }
        let before = written[ObjectIdentifier(row)]
        if before == nil, row.held.place == .grave(reason), row.state == row.held.state, !row.isDirty, why.isEmpty {
            return
        }
        var held = row.held
        if before == nil, lifted.contains(ObjectIdentifier(row)) {
            try store.forgetClock(row.held.hash)
            held.place = .absent
        }
        if before == .shown, let layout = store.layout(held.table) {
            held.place = .table(try values(row, layout))
        }
        try store.bury(held, state: row.state, fate: reason, reason: why)
        try store.setConflicts(of: row.held, [])
        written[ObjectIdentifier(row)] = .dead
    }

    private func reason(_ row: WorkingRow, _ fate: Referring.Fate) throws -> (Fate, String) {
        if store.layout(row.held.table) == nil { return (.unknown, "") }
        if let refusal = row.refusal, try judge(row).alive || fate == .aside { return (.refused, refusal) }
        guard fate == .aside else { return (.dead, "") }
        return try judge(row).complete ? (.orphaned, "") : (.incomplete, "")
    }

    /// Returns the first row that its table refuses, marked so.
    private func show(_ fates: [Referring.Fate]) throws -> WorkingRow? {
        let order = try inWriteOrder(rows.indices.filter { fates[$0] == .shown || fates[$0] == .kept })
        for place in order {
            let row = rows[place]
            guard let layout = store.layout(row.held.table) else { continue }
            if written[ObjectIdentifier(row)] == .shown { continue }
            let now = try values(row, layout)
            var held = row.held
            if written[ObjectIdentifier(row)] == .dead {
                held.place = .grave(.dead)
            } else if lifted.contains(ObjectIdentifier(row)) {
                held.place = .absent
            }
            let same = held.place == .table(now) && row.state == held.state && !row.isDirty
            if !same {
                do {
                    if row.isDirty { try store.dig(held) }
                    try store.show(held, state: row.state, values: now)
                } catch let error as StoreError where error.isConstraint {
                    return try refuse(row, held: held, layout: layout, values: now, error)
                }
            }
            try store.setConflicts(of: held, try conflicts(row, fate: fates[place]))
            written[ObjectIdentifier(row)] = .shown
        }
        return nil
    }

    /// Rows with constraints go in the order of their existence, so that of two that clash the older is shown.
    private func inWriteOrder(_ places: [Int]) throws -> [Int] {
        guard places.contains(where: { store.layout(rows[$0].held.table)?.hasConstraints == true }) else {
            return places
        }
        var ranks: [Int: DotOrder] = [:]
        for place in places { ranks[place] = try rank(rows[place]) }
        return places.sorted { a, b in
            guard let first = ranks[a], let second = ranks[b] else { return ranks[a] != nil }
            return first < second
        }
    }

    private func rank(_ row: WorkingRow) throws -> DotOrder? {
        try row.state[RowState.existence].map { try store.order($0.dot) }.min()
    }

    /// A table refused a row: if a younger row holds its unique place, that one goes aside, else this one.
    private func refuse(
        _ row: WorkingRow, held: HeldRow, layout: TableLayout, values: [Value], _ error: StoreError
    ) throws -> WorkingRow {
        for rival in try store.rivals(of: held.key, values: values, in: layout) {
            let other = try self.row(layout.id, rival)
            if let mine = try rank(row), let theirs = try rank(other), mine < theirs {
                other.refusal = error.message
                return other
            }
        }
        row.refusal = error.message
        return row
    }

    private func conflicts(
        _ row: WorkingRow, fate: Referring.Fate
    ) throws -> [(id: String, kind: ConflictKind, unit: UnitID)] {
        let verdict = try judge(row)
        let table = store.tableName(row.held.table)
        func id(_ unit: String) -> String { Conflict.id(table: table, key: row.held.key, unit: unit) }
        // Of a unit that the table here does not have nobody sees the values (VER-3).
        let layout = store.layout(row.held.table)
        var found = verdict.conflicts.filter { layout?.unit($0) != nil }.map { unit in
            (id: id(store.unitName(unit, table: row.held.table)), kind: ConflictKind.values, unit: unit)
        }
        if verdict.deletedButEdited { found.append((id(""), .deleted, RowState.existence)) }
        if fate == .kept { found.append((id(""), .inUse, RowState.existence)) }
        return found
    }
}
