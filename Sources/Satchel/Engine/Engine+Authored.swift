internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore

/// What people wrote since the last seal, row by row: each row compared with what it was, and what that comes to.
extension Engine {
    /// A row somebody wrote, and what that comes to.
    struct Authored {
        let touch: Touch
        let layout: TableLayout
        fileprivate(set) var change: RowChange
        /// What it does to rows merged into this one (MRG-55).
        var renewed: [Decided] = []
        /// What people saw of it, where others are merged into it (MRG-54).
        private(set) var united: UnitedState?
        private let held: Held

        private enum Held {
            case whole(RowState)
            /// Nothing stands against it, and no merge touches it.
            case quiet(QuietRow)
        }

        init(
            touch: Touch, layout: TableLayout, base: RowState, change: RowChange, renewed: [Decided] = [],
            united: UnitedState? = nil
        ) {
            (self.touch, self.layout, self.change, self.renewed) = (touch, layout, change, renewed)
            self.united = united
            held = .whole(base)
        }

        init(touch: Touch, layout: TableLayout, quiet: QuietRow, change: RowChange) {
            (self.touch, self.layout, self.change) = (touch, layout, change)
            held = .quiet(quiet)
        }

        var quiet: QuietRow? {
            if case .quiet(let row) = held { return row }
            return nil
        }

        /// What was held of the row. Of a quiet one it is made when it is asked for.
        var base: RowState {
            switch held {
            case .whole(let state): state
            case .quiet(let row): row.state(layout)
            }
        }

        var hasDeletions: Bool {
            if case .whole(let state) = held { return !state.deletions.isEmpty }
            return false
        }

        /// Every dot that was held, of the rows that are renewed too.
        var dots: Set<DotID> {
            renewed.reduce(quiet?.dots(layout) ?? base.dots) { $0.union($1.row.state.dots) }
        }

        /// The rows merged into it on which something stands that was shown in a unit.
        func merged(in unit: UnitID) -> [RowKey] {
            guard let united else { return [] }
            let names = united.state[unit].map(\.dot).filter { united.member($0) != nil }
            return Set(names.map { united.row($0) }).sorted()
        }

        /// What was held of one unit.
        func candidates(of unit: UnitID) -> [Candidate] {
            quiet?.candidates(of: unit, layout) ?? base[unit]
        }
    }

    /// What is to be sealed beside `captured.rows`, for each table, parents first; and the new rows that are larger than
    /// any replica may accept, which stay captured until somebody makes them smaller and hold up no other. In a row that
    /// others know such a value stops the seal (CAP-13).
    /// Untidy are rows with a set that says what it said before in another form: they are only written anew (MRG-32).
    ///
    /// - Parameter outgrown: is told of rows that stop the seal for what they remember (CAP-13), which then goes on; nil: it stops.
    func authoredChanges(
        but captured: Captured, outgrown: ((Excess) -> Void)? = nil
    ) throws -> (authored: [[Authored]], tooLarge: [Touch], untidy: [Authored]) {
        var tooLarge: [Touch] = []
        var untidy: [Authored] = []
        let ranks = Dictionary(
            uniqueKeysWithValues: References.parentsFirst(store.layouts).enumerated().map { ($1.id, $0) })
        let graves = try store.hasGraves()
        var byRank: [[Authored]] = Array(repeating: [], count: ranks.count)
        let touches = try store.captured(but: captured)
        let cuts = CutReferences(store.layouts, touches)
        let beside = try inMerges(touches)
        let merges = try store.hasMerges()
        for touch in touches {
            guard let layout = store.layout(touch.table), let rank = ranks[touch.table] else { continue }
            func thought() throws -> Authored? {
                try authored(touch, layout, graves: graves, beside: beside, cuts: cuts)
            }
            guard var authored = try quietlyAuthored(touch, layout, merges: merges, otherwise: thought) else {
                continue
            }
            if touch.isTooLarge {
                tooLarge.append(touch)
            } else if authored.change == RowChange() {
                untidy.append(authored)
            } else {
                if outgrows(authored.change, layout) {
                    if try !merges || !store.isInMerge(store.rowHash(touch.table, touch.key)) {
                        authored.change = fitting(authored.change, on: authored.candidates, of: layout)
                    }
                    if let excess = excess(of: authored.change, key: touch.key, layout) {
                        guard let outgrown else { throw excess.stop }
                        outgrown(excess)
                    }
                }
                byRank[rank].append(authored)
            }
        }
        return (byRank, tooLarge, untidy)
    }

    /// Compares a touched row with what it was: notes are suspicions.
    private func authored(
        _ touch: Touch, _ layout: TableLayout, graves: Bool, beside: SealedMerges, cuts: CutReferences?
    ) throws -> Authored? {
        func made(_ change: RowChange, on base: RowState = RowState()) -> Authored {
            Authored(touch: touch, layout: layout, base: base, change: change)
        }
        func acted(
            _ base: RowState, _ values: [Value], _ make: (UnitedState, _ way: RowKey?) throws -> RowChange
        ) throws -> Authored {
            let whole = try beside.then(whole(held(touch, base, place: .table(values)), in: beside.batch))
            let isFree = beside.isFree(whole.row)
            let decided = try act(whole) { united in
                let made = try keeping(make(united, whole.way), whole)
                return isFree ? try lettingGo(made, on: united, whole.row) : made
            }
            return Authored(
                touch: touch, layout: layout, base: base, change: decided[0].change,
                renewed: Array(decided.dropFirst()), united: whole.united.hasForeign ? whole.united : nil)
        }
        switch (touch.old, touch.new) {
        case (let old?, let new?):
            guard let base = try store.state(of: layout, key: touch.key, values: old) else {
                return made(try writing(touch, layout, nil).insert(units(layout, new, touch), over: nil, dead: false))
            }
            let before = layout.rules.countsWrites ? layout.tidied(old) : old
            let changed = units(layout, new, touch).filter { unit in
                layout.unit(unit.unit).map { layout.values(of: $0, in: before) } != unit.values
            }
            if changed.isEmpty { return layout.isTidy(new) ? nil : made(RowChange(), on: base) }
            return try acted(base, old) { united, _ in
                let verdict = try store.judge(united, table: layout.id)
                let written = changed.compactMap { unit in
                    Self.withHidden(
                        unit, layout, shown: verdict.shown(unit.unit)?.values, old: cuts?.shown(old, new, layout) ?? old
                    )
                }
                return written.isEmpty
                    ? RowChange() : try store.writing(on: united, table: layout.id).update(written, on: united.state)
            }
        case (nil, let new?):
            if let base = try store.state(of: layout, key: touch.key, values: new) {
                // Known by its clock, but what it was is not.
                return try acted(base, new) { united, _ in
                    let verdict = try store.judge(united, table: layout.id)
                    let written = try written(units(layout, new, touch), of: touch, new, layout, before: verdict)
                    return written.isEmpty
                        ? RowChange()
                        : try store.writing(on: united, table: layout.id).update(written, on: united.state)
                }
            }
            guard let held = graves ? try store.heldInGrave(table: layout.id, key: touch.key) : nil else {
                return made(try writing(touch, layout, nil).insert(units(layout, new, touch), over: nil, dead: false))
            }
            let row = self.held(touch, held, place: .grave(.merged))
            return try Authored(
                touch: touch, layout: layout, base: held, change: entered(touch, new, layout, row, beside: beside),
                renewed: beside.freed(by: row).map { try released($0, unmerging: row) } ?? [])
        case (let old?, nil):
            guard let base = try store.state(of: layout, key: touch.key, values: old) else { return nil }
            // A merged row may be shown all the same (MRG-53): deleted, it goes on as the other.
            return try acted(base, old) { united, way in
                way.map { .goOn(united.state, as: $0) } ?? Writing.delete(united.state)
            }
        case (nil, nil):
            return nil
        }
    }

    /// The same of a row that was there and still is, from the units that changed alone; `otherwise` if more is to be thought
    /// of: a merge touches it, or writes are counted, so that a set may stand in its table in another form than in its clock.
    private func quietlyAuthored(
        _ touch: Touch, _ layout: TableLayout, merges: Bool, otherwise: () throws -> Authored?
    ) throws -> Authored? {
        let hash = store.rowHash(layout.id, touch.key)
        guard planted == nil, !layout.rules.countsWrites, let old = touch.old, let new = touch.new,
            try !merges || !store.isInMerge(hash),
            let row = try store.quietRow(layout, hash, values: new, formerly: old)
        else { return try otherwise() }
        let changed = zip(layout.schema.units, layout.unitIDs).filter { unit, _ in
            unit.columns.contains { old[$0] != new[$0] }
        }
        if changed.isEmpty { return nil }
        let columns = changed.flatMap(\.0.columns)
        if layout.schema.references.contains(where: { $0.columns.contains(where: columns.contains) }) {
            return try otherwise()
        }
        let state = row.state(of: changed.map(\.1), layout)
        let written = changed.map { Writing.NewValues(unit: $1, values: layout.values(of: $0, in: new)) }
        return Authored(
            touch: touch, layout: layout, quiet: row,
            change: try store.writing(on: state, of: touch.key, layout.rules).update(written, on: state))
    }

    func held(_ touch: Touch, _ state: RowState, place: HeldRow.Place) -> HeldRow {
        HeldRow(
            table: touch.table, key: touch.key, hash: store.rowHash(touch.table, touch.key), state: state, place: place)
    }

    /// A row entered where one is held that is not shown. Who enters a merged row again wants it for itself: what was seen
    /// of it is replaced, as over a dead one (MRG-10). What is counted on rows merged into it counts beside what is written
    /// (MRG-54), and what their merges cover stays covered.
    private func entered(
        _ touch: Touch, _ new: [Value], _ layout: TableLayout, _ row: HeldRow, beside: SealedMerges
    ) throws -> RowChange {
        let whole = try whole(row, in: beside.batch)
        return try entered(touch, new, layout, whole, as: beside.then(whole))
    }

    /// - Parameter then: the row as merges connect it when all are entered.
    private func entered(
        _ touch: Touch, _ new: [Value], _ layout: TableLayout, _ whole: Whole, as then: Whole
    ) throws -> RowChange {
        let verdict = try store.judge(whole.united, table: layout.id)
        let isDead = verdict.complete && (!verdict.alive || whole.isMerged)
        let made = try store.writing(on: then.united, table: layout.id).insert(
            units(layout, new, touch), over: then.united.state, dead: isDead)
        return then.united.parted(made).own
    }

    /// The rows that are to be sealed and that merges touch. O(rows that merges connect with them).
    private func inMerges(_ touches: [Touch]) throws -> SealedMerges {
        let found = SealedMerges(store)
        guard try store.hasMerges() else { return found }
        var hidden: [(touch: Touch, new: [Value], layout: TableLayout, row: HeldRow)] = []
        for touch in touches {
            guard let layout = store.layout(touch.table), try store.isInMerge(store.rowHash(touch.table, touch.key))
            else { continue }
            let row: HeldRow
            if let old = touch.old {
                let state = try store.state(of: layout, key: touch.key, values: old) ?? RowState()
                row = held(touch, state, place: .table(old))
            } else if let new = touch.new, let state = try store.state(of: layout, key: touch.key, values: new) {
                row = held(touch, state, place: .table(new))
            } else {
                let state = try store.heldInGrave(table: layout.id, key: touch.key)
                row = held(touch, state ?? RowState(), place: state == nil ? .absent : .grave(.merged))
                if state != nil, let new = touch.new, !touch.isTooLarge { hidden.append((touch, new, layout, row)) }
            }
            found.batch.add(row)
        }
        for (touch, new, layout, row) in hidden {
            let whole = try whole(row, in: found.batch)
            try found.enter(whole, as: entered(touch, new, layout, whole, as: whole))
        }
        return found
    }

    /// MRG-44, MRG-53: a reference that was shown as NULL or as another, and that a write of its unit left so, is
    /// written as it stands. Nil: what is written is what stands there already.
    private static func withHidden(
        _ unit: Writing.NewValues, _ layout: TableLayout, shown: [Value]?, old: [Value]
    ) -> Writing.NewValues? {
        guard let shown, let columns = layout.unit(unit.unit)?.columns,
            layout.schema.references.contains(where: { $0.columns.contains(where: columns.contains) })
        else { return unit }
        var written = unit
        for reference in layout.schema.references {
            let places = columns.indices.filter { reference.columns.contains(columns[$0]) }
            guard places.allSatisfy({ old[columns[$0]] == unit.values[$0] }) else { continue }
            for place in places { written.values[place] = shown[place] }
        }
        return Array(shown.prefix(columns.count)) == written.values ? nil : written
    }

    private func writing(_ touch: Touch, _ layout: TableLayout, _ state: RowState?) throws -> Writing {
        try store.writing(on: state, of: touch.key, layout.rules)
    }

    /// Every unit of a row as it is now, in the form in which it is sealed, with the steps that were counted.
    private func units(_ layout: TableLayout, _ row: [Value], _ touch: Touch) -> [Writing.NewValues] {
        let row = layout.rules.countsWrites ? layout.tidied(row) : row
        return zip(layout.schema.units, layout.unitIDs).map { unit, id in
            var new = Writing.NewValues(unit: id, values: layout.values(of: unit, in: row))
            if unit.policy.countsWrites, let column = unit.columns.first {
                new.steps = touch.steps(of: column).map { .init(id: $0.id, before: $0.before) }
            }
            return new
        }
    }
}

extension TableLayout {
    /// The row with its sets in the one form that stands for what they hold (MRG-32).
    func tidied(_ row: [Value]) -> [Value] {
        var row = row
        for unit in schema.units where unit.policy == .set {
            for column in unit.columns {
                if let elements = JSONArray.elements(row[column]) { row[column] = JSONArray.text(elements) }
            }
        }
        return row
    }

    func isTidy(_ row: [Value]) -> Bool { !rules.countsWrites || tidied(row) == row }
}
