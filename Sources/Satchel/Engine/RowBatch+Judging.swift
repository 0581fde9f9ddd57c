internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// The rows under work as the rules see them. What they refer to and is not under work is in its table.
extension RowBatch {
    func node(_ row: WorkingRow) throws -> Referring.Row {
        guard let layout = store.layout(row.held.table) else {
            return Referring.Row(alive: false, complete: false, references: [])
        }
        let verdict = try judge(row)
        var references: [Referring.Reference] = []
        for parent in try parents(row, layout) {
            guard let place = index[parent.name] else { continue }
            // Its table would be asked about the NULL only, and not about what stands there (MRG-22, MRG-45).
            if parent.reference.policy == .setNull { try ask(row) }
            references.append(.init(place, try policy(parent.reference, of: row, layout)))
        }
        // A merged row has no part in what fell together (MRG-42).
        let isMerged = try !verdict.alive && membership(of: row)?.isMerged ?? false
        return Referring.Row(
            alive: verdict.alive, complete: try verdict.complete && refusal(row, layout) == nil, references: references,
            deletions: isMerged ? [] : row.state.deletions.filter { $0.into == nil }.map(\.dot),
            brings: isMerged ? [] : try bringing(row),
            isKeptOutside: try !verdict.alive && isKeptOutside(row))
    }

    /// Why the table refuses a row by its values alone, as far as that is known without asking the table (MRG-45).
    func refusal(_ row: WorkingRow, _ layout: TableLayout) throws -> String? {
        if let refusal = row.refusal { return refusal }
        if try !store.holdsAsItIs(row.held.key, layout) {
            row.refusal = "the columns of its key are of another type here"
            return row.refusal
        }
        let now = try values(row, layout)
        if let column = layout.schema.columns.indices.first(where: {
            layout.schema.columns[$0].notNull && now[$0] == .null
        }), try judge(row).complete {
            row.refusal = "NOT NULL constraint failed: \(layout.schema.name).\(layout.schema.columns[column].name)"
        }
        return row.refusal
    }

    // MARK: Unique places

    /// The unique places that a row wants: by its values as they are displayed, not as they were written (MRG-22).
    func places(_ row: WorkingRow, _ layout: TableLayout) throws -> [Store.UniquePlace] {
        let values = try planted == .placeIsAsWritten ? written(row, layout) : values(row, layout)
        return store.places(layout, values: values)
    }

    /// The unique places that several rows under work want, each with those rows, the oldest first (MRG-22).
    func contested() throws -> [[Int]] {
        contests = []
        for row in rows { row.contests = [] }
        var wanting: [Store.UniquePlace: [Int]] = [:]
        for (place, row) in rows.enumerated() {
            guard let layout = store.layout(row.held.table), layout.hasUniquePlaces, try judge(row).complete,
                try refusal(row, layout) == nil
            else { continue }
            for wanted in try places(row, layout) {
                wanting[wanted, default: []].append(place)
            }
        }
        wanting = wanting.filter { $0.value.count > 1 }
        if wanting.isEmpty { return [] }
        // With clashes it matters at once which rows their tables refuse anyway.
        for row in rows { try ask(row) }
        for (wanted, places) in wanting {
            let able = places.filter { place in
                rows[place].refusal == nil && rows[place].probe.map { store.isIn(wanted, $0) } ?? true
            }
            if able.count > 1 { contests.append((wanted, try oldestFirst(able))) }
        }
        for (contest, entry) in contests.enumerated() { for row in entry.rows { rows[row].contests.append(contest) } }
        return contests.map(\.rows)
    }

    /// Asks its table, once.
    func ask(_ row: WorkingRow) throws {
        guard let layout = store.layout(row.held.table), layout.mustProbe, row.probe == nil, try judge(row).complete
        else { return }
        let probe = try store.probe(layout, values: values(row, layout))
        row.probe = probe
        row.refusal = row.refusal ?? probe.refusal
    }

    private func oldestFirst(_ places: [Int]) throws -> [Int] {
        let ranks = try places.map { (place: $0, rank: try rank(rows[$0])) }
        return ranks.sorted { a, b in
            guard let first = a.rank, let second = b.rank else { return a.rank != nil }
            // One changeset may have entered both: then the key decides.
            return first != second ? first < second : rows[a.place].held.key < rows[b.place].held.key
        }.map(\.place)
    }

    /// The age of a row: the least (hybrid time, dot) of the candidates of its existence.
    private func rank(_ row: WorkingRow) throws -> DotOrder? {
        if let rank = row.rank { return rank }
        let rank = try row.state[RowState.existence].map { try store.order($0.dot) }.min()
        row.rank = .some(rank)
        return rank
    }

    // MARK: References shown as NULL

    /// By which policy a reference of the row counts: `setNull` is a cascade where its table does not take the NULL (MRG-43).
    func policy(
        _ reference: References.Reference, of row: WorkingRow, _ layout: TableLayout
    ) throws -> ReferencePolicy {
        try reference.policy == .setNull && !canShowNull(row, layout) ? .cascade : reference.policy
    }

    /// Whether the row's table takes it with any of its `setNull` references shown as NULL (MRG-43).
    private func canShowNull(_ row: WorkingRow, _ layout: TableLayout) throws -> Bool {
        if !layout.hasChecks { return true }
        if let known = row.canShowNull, row.verdict != nil { return known }
        let now = try values(row, layout)
        let nullable = try parents(row, layout).map(\.reference).filter { $0.policy == .setNull }
        var able = true
        // All of several at once and each by itself; more would be asked for nobody's good.
        for hidden in nullable.map({ [$0] }) + (nullable.count > 1 ? [nullable] : []) where able {
            var shown = now
            for column in hidden.flatMap(\.columns) { shown[column] = .null }
            able = try store.probe(layout, values: shown).refusal == nil
        }
        row.canShowNull = able
        return able
    }

    /// A row's values as its table shows them: references by `setNull` to rows that are not shown are NULL (MRG-43).
    ///
    /// - Returns: the values, and the rows referred to in vain.
    func display(
        _ row: WorkingRow, _ layout: TableLayout, _ fates: [Referring.Fate]
    ) throws -> (values: [Value], hidden: [RowName]) {
        var shown = try values(row, layout)
        var hidden: [RowName] = []
        for parent in try parents(row, layout) {
            guard parent.reference.policy == .setNull, let place = index[parent.name], !fates[place].isShown else {
                continue
            }
            for column in parent.reference.columns { shown[column] = .null }
            hidden.append(parent.name)
        }
        return (shown, hidden)
    }
}
