internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// Which rows must be judged together, so that the result is the one for the whole database.
///
/// Under work come: every changed row; what a row under work refers to, where that is not shown or shown only because of
/// others; what is shown because of it; what its table shows that refers to it, where it is dead or not shown; what
/// waits for it outside the tables, where its fate changes; what fell with a row that may bring it back; what a row outside the
/// tables referred to before; who else wants its unique places; and what a row needs that contends for one. Then no row outside
/// depends on a row inside whose fate changed, and no row inside on a row outside whose fate could.
extension RowBatch {
    /// Brings all of that under work, judging as often as something new was brought.
    func reach() throws -> Referring.Outcome {
        while true {
            var place = 0
            while place < rows.count {
                if !rows[place].isFollowed { try follow(rows[place]) }
                place += 1
            }
            let places = try contested()
            let nodes = try rows.map { try node($0) }
            // What merges connect with a row comes under work when it is asked for.
            if rows.contains(where: { !$0.isFollowed }) { continue }
            let outcome = Referring.judge(nodes, places: places)
            (fates, wanted) = (outcome.fates, outcome.wanted)
            let count = rows.count
            let placesMove = try rows.indices.contains { place in
                try !rows[place].contests.isEmpty && hasChanged(rows[place], fates[place])
            }
            for place in 0..<count {
                let (wanted, isFounding) = (outcome.wanted[place], outcome.founding[place])
                try widen(
                    rows[place], outcome.fates[place], wanted: wanted, isFounding: isFounding, placesMove: placesMove)
            }
            let hangs = try bringWhatPlacesHangOn()
            // A dropped row may have been under work as one that is not held.
            if !hangs, rows.count == count, rows.allSatisfy(\.isFollowed) { return outcome }
        }
    }

    /// The rows that a row refers to by its shown values.
    func parents(_ row: WorkingRow, _ layout: TableLayout) throws -> [WorkingRow.Parent] {
        if let parents = row.parents, row.verdict != nil { return parents }
        let now = try written(row, layout)
        let parents = try references.from(layout.id).compactMap { reference -> WorkingRow.Parent? in
            guard let key = reference.parentKey(of: now) else { return nil }
            let written = name(reference.parent, key)
            return WorkingRow.Parent(
                reference: reference, name: try survivor(of: written, for: reference), written: written)
        }
        row.parents = parents
        return parents
    }

    // MARK: Before anything is judged

    private func follow(_ row: WorkingRow) throws {
        row.isFollowed = true
        try followMerges(row)
        guard let layout = store.layout(row.held.table) else { return }
        let verdict = try judge(row)
        if try isQuiet(row, layout, verdict) { return }
        for parent in try parents(row, layout) where index[parent.name] == nil {
            if try store.isShown(parent.reference.parent, parent.name.key) {
                try recallIfKept(parent.name)
                // One that was kept may bring back a dead row (MRG-61).
                if try !verdict.alive && mayBringBack(parent.name) {
                    _ = try self.row(parent.name.table, parent.name.key)
                }
            } else {
                _ = try self.row(parent.name.table, parent.name.key)
            }
        }
        try recallKept(by: row, layout)
        if row.before != nil, !verdict.alive || !verdict.complete { try recallChildren(of: row) }
        guard try hasUnseen() else { return }
        try recallNamedBefore(by: row)
        if try row.isInQuestion || bringsOtherwise(row) { try recall(naming: row, as: .kept) }
        if row.before == nil, !verdict.alive, verdict.complete || row.state != row.held.state {
            for place in try store.waiting(for: row.held.hash) { _ = try self.row(place.table, place.key) }
        }
    }

    /// Whether a row that is shown goes on being shown and referring to what it referred to, so that nobody's fate
    /// can hang on what changed.
    private func isQuiet(_ row: WorkingRow, _ layout: TableLayout, _ verdict: Verdict) throws -> Bool {
        guard let before = row.before, !row.isRecalled, verdict.complete, !row.isInQuestion, !row.state.isEmpty,
            try !bringsOtherwise(row)
        else { return false }
        let now = try written(row, layout)
        return refersAsBefore(layout, now, before)
    }

    /// Whether a row refers to what its table showed that it refers to.
    private func refersAsBefore(_ layout: TableLayout, _ now: [Value], _ before: [Value]) -> Bool {
        references.from(layout.id).allSatisfy { $0.columns.allSatisfy { now[$0] == before[$0] } }
    }

    /// What the row referred to in its table: it may have been all that kept a deleted parent.
    private func recallKept(by row: WorkingRow, _ layout: TableLayout) throws {
        guard let before = row.before, !row.hasKept else { return }
        row.hasKept = true
        for reference in references.from(layout.id) {
            if let key = reference.parentKey(of: before) { try recallIfKept(name(reference.parent, key)) }
        }
    }

    /// Of a row outside its table, what it is filed under, and may refer to no more: that may have waited for this one. Its own
    /// state would not say it, where an edit of a row merged into it counts (MRG-54).
    private func recallNamedBefore(by row: WorkingRow) throws {
        guard row.before == nil, !row.held.state.isEmpty else { return }
        for parent in try store.gravesNamed(by: row.held.hash) { _ = try self.row(parent.table, parent.key) }
    }

    /// Whether a shown row may have notes of its own, or of rows merged into it (MRG-61).
    private func mayBringBack(_ name: RowName) throws -> Bool {
        try store.hasDetail(hash(name)) || hasMerges() && store.isInMerge(hash(name))
    }

    private func recallIfKept(_ name: RowName) throws {
        guard index[name] == nil, let layout = store.layout(name.table) else { return }
        let kept = try store.isKept(layout, name.key)
        if try kept || hasUnseen() && store.hasUnseenReference(hash(name)) { _ = try row(name.table, name.key) }
    }

    func recallChildren(of row: WorkingRow) throws {
        if row.hasChildren { return }
        row.hasChildren = true
        for reference in references.to(row.held.table) {
            for child in try store.children(of: row.held.key, in: reference.child, columns: reference.columns) {
                _ = try self.row(reference.child.id, child)
            }
        }
    }

    func recall(naming row: WorkingRow, as kind: Store.Unseen) throws {
        for place in try store.naming(row.held.hash, as: kind) { _ = try self.row(place.table, place.key) }
    }

    /// Brings under work what refers to rows that went from their tables past this batch (SCO-15). Of many rows of one
    /// table those that refer to it are read once, of few they are asked.
    private func recallChildren(ofGone gone: [HeldRow]) throws {
        for (table, rows) in Dictionary(grouping: gone, by: \.table).sorted(by: { $0.key < $1.key }) {
            for reference in references.to(table) {
                var found: [RowKey] = []
                if rows.count <= 32 {
                    for row in rows {
                        found += try store.children(of: row.key, in: reference.child, columns: reference.columns)
                    }
                } else {
                    let keys = Set(rows.map(\.key))
                    try store.forEachRow(reference.child) { key, values in
                        if let parent = reference.parentKey(of: values), keys.contains(parent) { found.append(key) }
                    }
                }
                for key in found { try row(reference.child.id, key).isRecalled = true }
            }
        }
    }

    /// Brings under work what may stand otherwise without rows that went from the file past this batch. What goes where scopes
    /// are served may be in use.
    func recall(without gone: [HeldRow], isConfined: Bool) throws {
        for row in gone { try noteGone(row) }
        try recallChildren(ofGone: gone)
        guard isConfined else { return }
        for conflict in try store.listedConflicts() where conflict.kind == .inUse {
            _ = try row(conflict.table, conflict.key)
        }
        try recallUnseen()
    }

    // MARK: When it is known what becomes of a row

    /// - Parameter placesMove: whether any row that contends for a place changes.
    private func widen(
        _ row: WorkingRow, _ fate: Referring.Fate, wanted: Bool, isFounding: Bool, placesMove: Bool
    ) throws {
        guard let layout = store.layout(row.held.table) else { return }
        let was = row.before != nil
        if was || row.isDirty, !fate.isShown { try recallChildren(of: row) }
        // One that seemed to go on as it was may have lost its place, or what it needs.
        if was, !fate.isShown, planted != .keptIsNotLetGo { try recallKept(by: row, layout) }
        if try layout.hasUniquePlaces { try widenPlaces(row, layout, fate, wanted: wanted) }
        guard try hasUnseen() || hasArchive() else { return }
        let hasChanged = try hasChanged(row, fate)
        if try hasChanged || !fate.isShown && mayBeRefusedAnew(row, placesMove), !row.hasWaiting {
            row.hasWaiting = true
            for place in try store.waiting(for: row.held.hash) { _ = try self.row(place.table, place.key) }
            // A dead row that is shown is filed as that, whatever it shows in the place of the reference.
            for kind in [Store.Unseen.null, .kept] { try recall(naming: row, as: kind) }
        }
        // What is not shown may be kept from it by what it would bring back, or keep others from their places.
        if isFounding, !row.hasCompanions, hasChanged || !fate.isShown, try bringsAnew(row, fate) {
            row.hasCompanions = true
            try recall(naming: row, as: .dead)
        }
        if isFounding, hasChanged, !row.hasArchived, try bringsAnew(row, fate) {
            row.hasArchived = true
            try recallArchived(fallenWith: row)
        }
    }

    /// Whether what is refused before and after may be so for another reason, which decides about who waits for it.
    private func mayBeRefusedAnew(_ row: WorkingRow, _ placesMove: Bool) -> Bool {
        if row.state != row.held.state { return true }
        return placesMove && (!row.contests.isEmpty || row.held.place == .grave(.refused))
    }

    /// Whether a row may bring back what is dead now. What it notes does so once: when that comes, or the row (MRG-61).
    private func bringsAnew(_ row: WorkingRow, _ fate: Referring.Fate) throws -> Bool {
        if !row.state.deletions.isEmpty { return true }
        guard try hasNotes(row) else { return false }
        return try !fate.isShown || row.isRecalled || (row.before != nil) != fate.isShown || bringsOtherwise(row)
    }

    /// Whether what a row notes brings back other rows than before. O(1) for a row without notes.
    private func bringsOtherwise(_ row: WorkingRow) throws -> Bool {
        try hasNotes(row) && bringing(row) != bringing(row, by: \.held.state)
    }

    private func hasChanged(_ row: WorkingRow, _ fate: Referring.Fate) throws -> Bool {
        if row.isDirty || row.isRecalled { return true }
        if row.state.isEmpty, row.held.place == .absent { return false }
        if (row.before != nil) != fate.isShown || row.state.deletions != row.held.state.deletions { return true }
        if try bringsOtherwise(row) { return true }
        return try !fate.isShown && row.held.place != .grave(stored(row, fate).fate)
    }

    private func widenPlaces(
        _ row: WorkingRow, _ layout: TableLayout, _ fate: Referring.Fate, wanted: Bool
    ) throws {
        let now = try values(row, layout)
        let places = try places(row, layout)
        if try hasClaims(), !row.hasBeside {
            row.hasBeside = true
            // What it wanted outside its table, or beyond what that shows.
            for rival in try store.claimants(beside: row.held.hash) { _ = try self.row(rival.table, rival.key) }
        }
        // One that a person took out of its table, and that comes back, may meet another in its place.
        if let before = row.before, fate == .shown, !row.isRecalled, row.place != .absent, !row.hangsOnPlaces,
            row.state[RowState.existence] == row.held.state[RowState.existence],
            layout.hasPartialPlaces ? now == before : places == store.places(layout, values: before),
            refersAsBefore(layout, now, before)
        {
            return
        }
        if wanted, !row.hasRivals {
            row.hasRivals = true
            for key in try store.rivals(of: row.held.key, values: now, in: layout) { _ = try self.row(layout.id, key) }
            if try hasClaims() { try recallClaimants(of: places) }
        }
        if try hasClaims(), !row.hasClaimants {
            row.hasClaimants = true
            if let before = row.before { try recallClaimants(of: store.places(layout, values: before)) }
        }
    }

    /// Brings under work what a row cannot be shown without, and so on upward, if it contends for a place, or is shown and
    /// refers to what it did not: who wants a place of what it needs decides about its own, and its own may decide about them, so
    /// that a place may hang on itself (MRG-22).
    ///
    /// - Returns: whether the rows must be judged again.
    private func bringWhatPlacesHangOn() throws -> Bool {
        let anyClaims = try hasClaims()
        if contests.isEmpty && !anyClaims { return false }
        var open: [WorkingRow] = []
        // Those that were judged.
        for place in fates.indices {
            let row = rows[place]
            guard let layout = store.layout(row.held.table), references.mayHangOnPlaces(layout.id) else { continue }
            if try !row.contests.isEmpty || anyClaims && fates[place].isShown && !goesOnReferring(row, layout) {
                open.append(row)
            }
        }
        var met = Set(open.map { ObjectIdentifier($0) })
        var isNews = false
        while let row = open.popLast() {
            guard let layout = store.layout(row.held.table) else { continue }
            if !row.hangsOnPlaces { (row.hangsOnPlaces, isNews) = (true, true) }
            for parent in try parents(row, layout) where try holdsUp(parent, row, layout) {
                let above = try self.row(parent.name.table, parent.name.key)
                if met.insert(ObjectIdentifier(above)).inserted { open.append(above) }
            }
        }
        return isNews
    }

    private func goesOnReferring(_ row: WorkingRow, _ layout: TableLayout) throws -> Bool {
        guard let before = row.before else { return false }
        return try refersAsBefore(layout, values(row, layout), before)
    }

    /// Whether it hangs on the parent that the row is shown, or that it is alive.
    private func holdsUp(_ parent: WorkingRow.Parent, _ row: WorkingRow, _ layout: TableLayout) throws -> Bool {
        try policy(parent.reference, of: row, layout) != .setNull || !judge(row).alive
    }

    private func recallClaimants(of places: [Store.UniquePlace]) throws {
        for claimant in try store.claimants(of: places) { _ = try row(claimant.table, claimant.key) }
    }
}

extension WorkingRow {
    /// Whether a deletion of it stands, or stood.
    fileprivate var isInQuestion: Bool { !state.deletions.isEmpty || !held.state.deletions.isEmpty }
}
