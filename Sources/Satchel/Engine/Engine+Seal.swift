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
        let dots = try sealCaptured(actor: actor, note: note)
        if !store.otherDefaults.isEmpty { try showOtherDefaults() }
        return dots
    }

    private func sealCaptured(actor: String, note: String) throws -> [Dot] {
        var note = note
        var changed: Set<Int64> = []
        let schemaChanged = try store.schemaChanged()
        if schemaChanged {
            changed = try store.adoptSchema()
            if try settleVanished(), note.isEmpty { note = "found by doctor" }
            // Dropped rows may be named by a column that is known only now, and come back; and the devices are to be told of
            // a schema that is another (VER-9).
            if try isHub && (!changed.isEmpty && store.hasArchive() || tellsOfAnotherSchema()) {
                try moveOn(note: "the tables changed")
            }
        }
        let recalled = try rowsToRecall(changed: changed)
        let unseen = try schemaChanged && (store.hasUnseen() || store.hasGraves())
        guard try store.hasNotes() || !recalled.isEmpty || unseen else { return [] }
        let mayBeQuiet = try !schemaChanged && !store.hasUnseen()
        let captured = try store.toldApart(changes: mayBeQuiet && planted == nil)
        let (authored, tooLarge, untidy) = try authoredChanges(but: captured)
        // A row stands once in a changeset: who wrote a merged row itself has no need of its renewal.
        let touched = Set(
            authored.lazy.flatMap(\.self).filter(\.hasDeletions).map {
                self.store.rowHash($0.touch.table, $0.touch.key)
            }
        )
        let batch = newBatch()
        let parts = try parts(of: captured.rows, authored)
        var dots: [Dot] = []
        for (place, part) in parts.enumerated() {
            let more = UInt32(clamping: parts.count - place - 1)
            dots.append(
                try seal(
                    part, touched: touched, more: more, into: batch, actor: actor, note: note,
                    mayBeQuiet: mayBeQuiet))
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

    /// After a change of the schema: rows that were held for a table or a column that is known only now (P12), and those that may
    /// come to something else by another policy, with who is shown for them (MRG-54).
    private func rowsToRecall(changed: Set<Int64>) throws -> [RowBatch.RowName] {
        var names: [RowBatch.RowName] = []
        for layout in store.layouts where changed.contains(layout.id) {
            for fate in [Fate.unknown, .orphaned, .refused, .incomplete, .merged] {
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

    private func seal(
        _ part: Part, touched: Set<Int64>, more: UInt32, into batch: RowBatch, actor: String, note: String,
        mayBeQuiet: Bool
    ) throws -> Dot {
        let age = part.age
        var builder = SectionBuilder(store: store)
        let noted = try part.noted.map { rows, range in
            let columns = try store.columns(of: rows, range)
            try builder.append(columns, of: rows, range, from: age)
            return columns
        }
        // Of noted rows what they take the place of is all that they were.
        var newest = try builder.named.map { try store.order($0).time }.max()
        for authored in part.authored {
            let touch = authored.touch
            try builder.append(authored.change, layout: authored.layout, key: touch.key, age: touch.age - age)
            for one in authored.renewed where !touched.contains(one.row.hash) {
                try builder.append(one.change, layout: authored.layout, key: one.row.key, age: touch.age - age)
            }
            for dot in authored.dots {
                newest = max(newest ?? Timestamp(milliseconds: .min), try store.order(dot).time)
            }
        }
        let dot = try author(
            builder.finish(), rows: builder.rows, more: more, age: age, newestSeen: newest, actor: actor, note: note,
            later: true)
        let id = try store.dotID(dot)
        for ((rows, range), columns) in zip(part.noted, noted) {
            try place(rows, range, columns, as: id, into: batch)
        }
        let seen = try store.seenUnits()
        var plain: [(layout: TableLayout, key: RowKey, values: [Value])] = []
        for authored in part.authored {
            for one in authored.renewed where !touched.contains(one.row.hash) {
                let row = try batch.row(one.row.table, one.row.key)
                batch.apply(one.change, to: row, as: id)
            }
            if authored.touch.old != nil, authored.touch.new != nil {
                try noteUnseen(authored, as: id, seen: seen)
                try nameSaved(authored, as: id, seen: seen)
            }
            if try isPlain(authored, batch) {
                guard let values = authored.touch.new else { continue }
                plain.append((authored.layout, authored.touch.key, values))
            } else if try !(mayBeQuiet && takeQuietly(authored, as: id, into: batch)) {
                try take(authored, as: id, into: batch)
            }
        }
        try batch.listMoved()
        try store.setPlainClocks(plain, dot: id)
        return dot
    }

    /// A row that was only entered, over nothing, with all that it refers to in place: its clock is one dot.
    private func isPlain(_ authored: Authored, _ batch: RowBatch) throws -> Bool {
        guard authored.quiet == nil, !authored.layout.rules.carriesState, authored.base.isEmpty,
            let row = authored.touch.new, authored.change.cover == nil
        else { return false }
        return try batch.standsPlainly(authored.layout, authored.touch.key) { row[$0] }
    }

    /// Whether what was written in a row could go past the batch, and did.
    private func takeQuietly(_ authored: Authored, as dot: DotID, into batch: RowBatch) throws -> Bool {
        let (key, layout, change) = (authored.touch.key, authored.layout, authored.change)
        guard let row = authored.quiet, batch.working(layout.id, key) == nil,
            let units = batch.quietUnits(layout, change.writes.map(\.unit))
        else { return false }
        return try batch.applyQuietly(change, row, key, layout, units, as: dot)
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
        // That of the part before was deflated while this one was gathered: no more than one is in memory beside what it is
        // made of.
        try finishContents()
        let changeset = SealedChangeset.seal(head, content: ContentCoding.encode(content), key: key)
        let dot = try store.dotID(changeset)
        let deflated = Deflating(changeset.content)
        try store.keep(
            dot, standing: isHub ? .settled : .pending, header: changeset.header, signature: changeset.signature,
            content: deflated.isDone ? deflated.finish() : [], length: changeset.content.count)
        if !deflated.isDone { deflating.append((dot, deflated)) }
        if !later { try finishContents() }
        if isHub { try store.advanceClock(to: changeset.dot, previous: previous.tag) }
        try store.setMeta("sequence", .integer(Int64(bitPattern: sequence)))
        try store.setMeta("head", .blob(changeset.hash.bytes))
        return changeset.dot
    }

    /// At the hub: a changeset without rows of its own moves its position on, so that every device is told of what follows
    /// from what is about to change here and is in no changeset (EXC-45).
    @discardableResult
    package func moveOn(note: String, actor: String = "") throws -> Dot {
        try author(Content(), rows: 0, age: 0, newestSeen: nil, actor: actor, note: note)
    }

    /// Rows that vanished while no trigger watched: where the changesets kept here say all that the clock of a row
    /// remembers, its deletion is captured; else the row is asked for again (CAP-10). Returns whether there were any.
    private func settleVanished() throws -> Bool {
        let vanished = Set(try store.vanished())
        guard !vanished.isEmpty else { return false }
        var unnamed = vanished
        let states = try replayKept(rows: vanished)
        for (h, row) in states.mapValues(\.row).sorted(by: { $0.key < $1.key }) {
            guard let layout = store.layout(row.table) else {
                // Its table is gone, which deletes no row (CAP-14). A hub has nobody to ask for it again.
                if isHub {
                    try keepWithoutTable(row)
                    unnamed.remove(h)
                }
                continue
            }
            // A hub has nobody to ask.
            guard let state = try store.remembered(h, layout, by: row.state) ?? (isHub ? row.state : nil) else {
                continue
            }
            let values = try layout.row(row.key, as: store.judge(state, of: row.key, table: row.table))
            try store.noteVanished(layout, key: row.key, values: values)
            unnamed.remove(h)
        }
        for h in unnamed.sorted() { try store.forgetClock(h) }
        if !unnamed.isEmpty { try store.setMeta("fetch_all", .integer(Int64(unnamed.count))) }
        try store.setMeta("vanished", nil)
        return true
    }

    /// Keeps a row whose table another program dropped as one of a table that is not known here (VER-3).
    private func keepWithoutTable(_ row: HeldRow) throws {
        try store.forgetClock(row.hash)
        try store.bury(row, state: row.state, fate: .unknown, reason: "")
        try store.setConflicts(of: row, [])
    }
}
