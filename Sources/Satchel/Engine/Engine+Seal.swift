internal import SatchelMerge
package import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Sealing: what people wrote since the last time becomes changesets, signed and never changed again.
extension Engine {
    /// Seals everything captured, inside the caller's transaction. Returns the new dots, none if nothing changed.
    ///
    /// Above `Limits.changesetRows` rows it makes several changesets, parents before children, which stay together
    /// wherever they go (EXC-32). O(rows noted).
    @discardableResult
    package func seal(actor: String = "", note: String = "") throws -> [Dot] {
        var note = note
        var changed: Set<Int64> = []
        let schemaChanged = try store.schemaChanged()
        if schemaChanged {
            changed = try store.adoptSchema()
            if try settleVanished(), note.isEmpty { note = "found by doctor" }
        }
        let recalled = try rowsToRecall(changed: changed)
        let unseen = try schemaChanged && (store.hasUnseen() || store.hasGraves())
        guard try store.hasNotes() || !recalled.isEmpty || unseen else { return [] }
        let captured = try store.entered()
        let (authored, tooLarge, untidy) = try authoredChanges(but: captured)
        // A row stands once in a changeset: who wrote a merged row itself has no need of its renewal.
        let touched = Set(
            authored.lazy.flatMap(\.self).filter { !$0.base.deletions.isEmpty }.map {
                self.store.rowHash($0.touch.table, $0.touch.key)
            }
        )
        let batch = newBatch()
        let parts = parts(of: captured.entered, authored)
        var dots: [Dot] = []
        for (place, part) in parts.enumerated() {
            let more = UInt32(clamping: parts.count - place - 1)
            dots.append(try seal(part, touched: touched, more: more, into: batch, actor: actor, note: note))
        }
        try finishContents()
        for row in untidy where batch.working(row.touch.table, row.touch.key) == nil {
            try take(row, as: nil, into: batch)
        }
        for name in recalled { _ = try batch.row(name.table, name.key) }
        // Another schema may take what the old one refused, or refer otherwise (MRG-49).
        if schemaChanged { try batch.recallUnseen() }
        try batch.settle()
        try store.forgetJournal()
        for touch in tooLarge { try store.noteAgain(touch) }
        return dots
    }

    /// After a change of the schema: rows that were held for a table or a column that is known only now (P12).
    private func rowsToRecall(changed: Set<Int64>) throws -> [RowBatch.RowName] {
        var names: [RowBatch.RowName] = []
        for layout in store.layouts where changed.contains(layout.id) {
            for fate in [Fate.unknown, .orphaned, .refused, .incomplete] {
                names += try store.graves(fate, table: layout.id).map { .init(table: $0.table, key: $0.key) }
            }
            try store.forEachRow(layout) { key, _ in
                if try store.hasDetail(store.rowHash(layout.id, key)) {
                    names.append(.init(table: layout.id, key: key))
                }
            }
        }
        return names
    }

    /// A row somebody wrote, and what that comes to.
    struct Authored {
        let touch: Touch
        let layout: TableLayout
        let base: RowState
        let change: RowChange
        /// What it does to rows merged into this one (MRG-55).
        var renewed: [Decided] = []
    }

    /// What is to be sealed beside `captured.entered`, for each table, parents first; and the new rows that are larger than
    /// any replica may accept, which stay captured until somebody makes them smaller and hold up no other. In a row that
    /// others know such a value stops the seal (CAP-13).
    /// Untidy are rows with a set that says what it said before in another form: they are only written anew (MRG-32).
    private func authoredChanges(
        but captured: Captured
    ) throws -> (authored: [[Authored]], tooLarge: [Touch], untidy: [Authored]) {
        var tooLarge: [Touch] = []
        var untidy: [Authored] = []
        let ranks = Dictionary(
            uniqueKeysWithValues: References.parentsFirst(store.layouts).enumerated().map { ($1.id, $0) })
        let graves = try store.hasGraves()
        var byRank: [[Authored]] = Array(repeating: [], count: ranks.count)
        let touches = try store.captured(but: captured)
        let beside = try inMerges(touches)
        for touch in touches {
            guard let layout = store.layout(touch.table), let rank = ranks[touch.table],
                let authored = try authored(touch, layout, graves: graves, beside: beside)
            else { continue }
            if touch.isTooLarge {
                tooLarge.append(touch)
            } else if authored.change == RowChange() {
                untidy.append(authored)
            } else {
                try checkStates(authored)
                byRank[rank].append(authored)
            }
        }
        return (byRank, tooLarge, untidy)
    }

    /// The rows that are to be sealed and that merges touch, as they were: what one comes to hangs on the others (MRG-55),
    /// and the file has them as people left them.
    private func inMerges(_ touches: [Touch]) throws -> [HeldRow] {
        guard try store.hasMerges() else { return [] }
        return try touches.compactMap { touch in
            guard let layout = store.layout(touch.table), try store.isInMerge(store.rowHash(touch.table, touch.key))
            else { return nil }
            if let old = touch.old {
                let state = try store.state(of: layout, key: touch.key, values: old) ?? RowState()
                return held(touch, state, place: .table(old))
            }
            let state = try store.heldInGrave(table: layout.id, key: touch.key)
            return held(touch, state ?? RowState(), place: state == nil ? .absent : .grave(.merged))
        }
    }

    /// What a counter or a set remembers grows with each write; beyond the limit of a value nobody could read it (CAP-13).
    private func checkStates(_ authored: Authored) throws {
        guard authored.layout.rules.carriesState else { return }
        for write in authored.change.writes where (write.values.last?.byteCount ?? 0) > Limits.valueBytes {
            throw StoreError(
                "what \(authored.layout.schema.name).\(store.unitName(write.unit, table: authored.layout.id)) "
                    + "remembers of its changes in one row has more than \(Limits.valueBytes) bytes: give the column "
                    + "another policy")
        }
    }

    /// Compares a touched row with what it was: notes are suspicions.
    private func authored(
        _ touch: Touch, _ layout: TableLayout, graves: Bool, beside: [HeldRow]
    ) throws -> Authored? {
        func made(_ change: RowChange, on base: RowState = RowState()) -> Authored {
            Authored(touch: touch, layout: layout, base: base, change: change)
        }
        func acted(
            _ base: RowState, _ values: [Value], _ make: (UnitedState) throws -> RowChange
        ) throws -> Authored {
            let whole = try whole(held(touch, base, place: .table(values)), beside: beside)
            let decided = try act(whole, make)
            return Authored(
                touch: touch, layout: layout, base: base, change: decided[0].change, renewed: Array(decided.dropFirst())
            )
        }
        switch (touch.old, touch.new) {
        case (let old?, let new?):
            guard let base = try store.state(of: layout, key: touch.key, values: old) else {
                return made(try writing(layout, nil).insert(units(layout, new, touch), over: nil, dead: false))
            }
            let before = layout.rules.countsWrites ? layout.tidied(old) : old
            let changed = units(layout, new, touch).filter { unit in
                layout.unit(unit.unit).map { layout.values(of: $0, in: before) } != unit.values
            }
            if changed.isEmpty { return layout.isTidy(new) ? nil : made(RowChange(), on: base) }
            return try acted(base, old) { united in
                let verdict = try store.judge(united, table: layout.id)
                let written = changed.compactMap { unit in
                    Self.withHidden(unit, layout, shown: verdict.shown(unit.unit)?.values, old: old)
                }
                return written.isEmpty
                    ? RowChange() : try store.writing(on: united, table: layout.id).update(written, on: united.state)
            }
        case (nil, let new?):
            if let base = try store.state(of: layout, key: touch.key, values: new) {
                // Known by its clock, but what it was is not: all of it counts as written.
                return try acted(base, new) { united in
                    try store.writing(on: united, table: layout.id).update(units(layout, new, touch), on: united.state)
                }
            }
            let held = graves ? try store.heldInGrave(table: layout.id, key: touch.key) : nil
            let verdict = try held.map { try store.judge($0, table: layout.id) }
            let dead = try verdict.map { try $0.complete && (!$0.alive || isMerged(touch, held, beside)) } ?? false
            return made(
                try writing(layout, held).insert(units(layout, new, touch), over: held, dead: dead),
                on: held ?? RowState())
        case (let old?, nil):
            guard let base = try store.state(of: layout, key: touch.key, values: old) else { return nil }
            return try acted(base, old) { Writing.delete($0.state) }
        case (nil, nil):
            return nil
        }
    }

    private func held(_ touch: Touch, _ state: RowState, place: HeldRow.Place) -> HeldRow {
        HeldRow(
            table: touch.table, key: touch.key, hash: store.rowHash(touch.table, touch.key), state: state, place: place)
    }

    /// Who enters a merged row again wants it for itself: what was seen of it is replaced, as over a dead one (MRG-10).
    private func isMerged(_ touch: Touch, _ state: RowState?, _ beside: [HeldRow]) throws -> Bool {
        try state.map { try whole(held(touch, $0, place: .grave(.merged)), beside: beside).isMerged } ?? false
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

    private func writing(_ layout: TableLayout, _ state: RowState?) throws -> Writing {
        try store.writing(on: state, layout.rules)
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

    private func seal(
        _ part: Part, touched: Set<Int64>, more: UInt32, into batch: RowBatch, actor: String, note: String
    ) throws -> Dot {
        let age = part.age
        var builder = SectionBuilder(store: store)
        let entered = try part.entered.map { rows, range in
            let columns = try store.columns(of: rows, range)
            builder.append(columns, of: rows.layout, ages: rows.rows[range].map { $0.age - age })
            return columns
        }
        var newest: Timestamp?
        for authored in part.authored {
            let touch = authored.touch
            try builder.append(authored.change, layout: authored.layout, key: touch.key, age: touch.age - age)
            for one in authored.renewed where !touched.contains(one.row.hash) {
                try builder.append(one.change, layout: authored.layout, key: one.row.key, age: touch.age - age)
            }
            for dot in authored.renewed.reduce(authored.base.dots, { $0.union($1.row.state.dots) }) {
                newest = max(newest ?? Timestamp(milliseconds: .min), try store.order(dot).time)
            }
        }
        let dot = try author(
            builder.finish(), rows: builder.rows, more: more, age: age, newestSeen: newest, actor: actor, note: note,
            later: true)
        let id = try store.dotID(dot)
        for ((rows, range), columns) in zip(part.entered, entered) {
            try place(rows, range, columns, as: id, into: batch)
        }
        let seen = try store.seenUnits()
        let isCalm = try !store.hasUnseen()
        var plain: [(layout: TableLayout, key: RowKey, values: [Value])] = []
        for authored in part.authored {
            for one in authored.renewed where !touched.contains(one.row.hash) {
                let row = try batch.row(one.row.table, one.row.key)
                batch.apply(one.change, to: row, as: id)
            }
            if authored.touch.old != nil, authored.touch.new != nil {
                try noteUnseen(
                    authored.change, over: authored.base, renewed: authored.renewed, authored.touch, authored.layout,
                    as: id, seen: seen)
            }
            if try isPlain(authored, batch) {
                guard let values = authored.touch.new else { continue }
                plain.append((authored.layout, authored.touch.key, values))
            } else if try !(isCalm && takeQuietly(authored, as: id, into: batch)) {
                try take(authored, as: id, into: batch)
            }
        }
        try store.setPlainClocks(plain, dot: id)
        return dot
    }

    /// A row that was only entered, over nothing, with all that it refers to in place: its clock is one dot.
    private func isPlain(_ authored: Authored, _ batch: RowBatch) throws -> Bool {
        guard !authored.layout.rules.carriesState, authored.base.isEmpty, let row = authored.touch.new,
            authored.change.cover == nil
        else { return false }
        return try batch.standsPlainly(authored.layout, authored.touch.key) { row[$0] }
    }

    /// Whether what was written in a row could go past the batch, and did.
    private func takeQuietly(_ authored: Authored, as dot: DotID, into batch: RowBatch) throws -> Bool {
        let (touch, layout, change) = (authored.touch, authored.layout, authored.change)
        // A set may stand in its table in another form than in its clock.
        guard let old = touch.old, let new = touch.new, !layout.rules.countsWrites, authored.renewed.isEmpty,
            change.cover == nil, change.deletionsReplaced.isEmpty, batch.working(layout.id, touch.key) == nil,
            let units = batch.quietUnits(layout, change.writes.map(\.unit)),
            let row = try store.quietRow(layout, store.rowHash(layout.id, touch.key), values: new, formerly: old)
        else { return false }
        return try batch.applyQuietly(change, row, touch.key, layout, units, as: dot)
    }

    private func take(_ authored: Authored, as dot: DotID?, into batch: RowBatch) throws {
        let touch = authored.touch
        let held = held(touch, authored.base, place: touch.new.map { .table($0) } ?? .absent)
        let row = batch.working(touch.table, touch.key) ?? batch.add(held)
        row.isDirty = true
        row.formerly = touch.old
        row.verdict = nil
        if let dot { batch.apply(authored.change, to: row, as: dot) }
    }

    /// Waits for the contents that are being deflated, and puts them in their places.
    func finishContents() throws {
        for (dot, content) in deflating { try store.setContent(dot, content.finish()) }
        deflating = []
    }

    /// Makes, signs and keeps a changeset of this replica's own line. It is applied already or about to be.
    ///
    /// - Parameter later: its content is being deflated when this returns, and in its place after `finishContents`.
    package func author(
        _ content: Content, rows: Int, more: UInt32 = 0, age: UInt64, newestSeen: Timestamp?, actor: String,
        note: String, later: Bool = false
    ) throws -> Dot {
        let sequence = UInt64(bitPattern: try store.metaInteger("sequence") ?? 0) + 1
        let previous = try store.metaBlob("head").flatMap { Hash256($0) } ?? .zero
        let now = clock.now().milliseconds
        let reading = Timestamp(milliseconds: now.subtractingReportingOverflow(Int64(clamping: age)).partialValue)
        let offset = try clockOffset
        let head = ChangesetHeader(
            origin: origin, sequence: sequence, previous: previous,
            clock: CausalClock(
                epoch: try epoch, position: try position, others: isHub ? VersionVector() : try beyond()),
            time: .hybrid(reading: reading, offset: offset, newestSeen: newestSeen), reading: reading, offset: offset,
            actor: actor, note: note, schema: schemaTag, rows: UInt32(clamping: rows), more: more,
            content: .zero, contentLength: 0)
        let encoded = ContentCoding.encode(content)
        // That of the part before was deflated while this one was gathered: no more than two are in memory.
        try finishContents()
        let changeset = SealedChangeset.seal(head, content: encoded, key: key)
        let dot = try store.dotID(changeset)
        try store.keep(
            dot, standing: isHub ? .settled : .pending, header: changeset.header, signature: changeset.signature,
            content: [], length: changeset.content.count)
        deflating.append((dot, Deflating(changeset.content)))
        if !later { try finishContents() }
        if isHub { try store.advanceClock(to: changeset.dot, previous: previous.tag) }
        try store.setMeta("sequence", .integer(Int64(bitPattern: sequence)))
        try store.setMeta("head", .blob(changeset.hash.bytes))
        return changeset.dot
    }

    /// Rows that vanished while no trigger watched: where a kept changeset still names the row, its deletion is
    /// captured; else the row is asked for again. Returns whether there were any.
    private func settleVanished() throws -> Bool {
        let vanished = Set(try store.vanished())
        guard !vanished.isEmpty else { return false }
        var unnamed = vanished
        let states = try replayKept(rows: vanished)
        for (h, row) in states.sorted(by: { $0.key < $1.key }) {
            guard let layout = store.layout(row.table) else { continue }
            var shown: [UnitID: [Value]] = [:]
            for unit in try store.judge(row.state, table: row.table).shown { shown[unit.unit] = unit.values }
            try store.noteVanished(layout, key: row.key, values: layout.row(key: row.key, shown: shown))
            unnamed.remove(h)
        }
        for h in unnamed.sorted() { try store.forgetClock(h) }
        if !unnamed.isEmpty { try store.setMeta("fetch_all", .integer(Int64(unnamed.count))) }
        try store.setMeta("vanished", nil)
        return true
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
