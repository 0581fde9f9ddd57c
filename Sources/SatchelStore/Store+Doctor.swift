public import SatchelModel

/// Comparing the tables with their clocks: what a rebuild without triggers, or a program that dropped them, did.
extension Store {
    /// Notes what differs from the clocks although no trigger noted it (CAP-10). O(rows of all tables).
    func noteWhatWentRound() throws {
        var seen: Set<Int64> = []
        // By clock: how the rows that were noted are said to have been. That must be what their clocks remember.
        var noted: [Int64: [Value]?] = [:]
        for touch in try captured() {
            let h = rowHash(touch.table, touch.key)
            noted[h] = .some(touch.old)
            if touch.old != nil { seen.insert(h) }
        }
        for layout in layouts { try noteWhatWentRound(layout, noted: noted, seen: &seen) }
        try collectVanished(seen)
    }

    private func noteWhatWentRound(_ layout: TableLayout, noted: [Int64: [Value]?], seen: inout Set<Int64>) throws {
        let columns = layout.schema.columns.map(\.name)
        let marked = try markedColumns(layout.id)
        let marks = try marked.map { try Marks(of: $0, layout, self) }
        let added = addedColumns(layout, since: marked ?? [])
        var found: [(key: RowKey, note: Int64, old: Value)] = []
        var remarked: [(Int64, Int64)] = []
        let defaults = try defaults(of: layout.facts)
        let rows = try Statement(db, layout.allSQL)
        let clock = try db.statement("SELECT mark FROM satchel_row WHERE h = ?")
        while try rows.step() {
            let values = rows.values(0..<columns.count)
            let key = layout.key(of: values)
            let h = rowHash(layout.id, key)
            seen.insert(h)
            clock.reset()
            clock.bind(1, h)
            guard try clock.step() else {
                if noted[h] == nil { found.append((key, Triggers.Note.inserted, .null)) }
                continue
            }
            let mark = clock.integer(0)
            // A row noted as new although it has a clock was removed unseen: then all of it counts as written.
            if let marks, let before = noted[h, default: values], !marks.may(be: mark, of: before, hash) {
                found.append((key, Triggers.Note.found, .null))
            } else {
                // As the column would hold it: a row that is older shows what the DDL says, even a number where the column
                // holds text (DEFAULT true).
                for column in added
                where try asHeld(values[column], layout.affinities[column]) != defaults[column] {
                    found.append((key, Int64(column + 1), defaults[column]))
                }
            }
            if marked != columns { remarked.append((h, hash.mark(values))) }
        }
        clock.reset()
        for row in found { try note(row.note, layout: layout, key: row.key, old: row.old) }
        for (h, mark) in remarked {
            try db.statement("UPDATE satchel_row SET mark = ? WHERE h = ?").bind(1, mark).bind(2, h).run()
        }
        if marked != columns {
            try setMarked(columns, layout.id)
        }
    }

    /// What the marks of a table's rows were made of.
    private struct Marks {
        /// In the order of then: the place of each column today; nil: it is gone.
        private let places: [Int?]
        /// What may have stood in those that are gone: nothing, or what the schema's text says.
        private let blanks: [[Value]]

        init(of marked: [String], _ layout: TableLayout, _ store: Store) throws {
            let columns = layout.schema.columns.map(\.name)
            places = marked.map { name in columns.firstIndex(of: name) }
            guard places.contains(nil) else {
                blanks = [marked.map { _ in .null }]
                return
            }
            let facts = try Migration.Side(store.schemaText).table(layout.schema.name)
            let defaults = try facts.map { try store.defaults(of: $0) } ?? []
            let former = marked.map { name in
                facts?.schema.columns.firstIndex { $0.name == name }.map { defaults[$0] } ?? .null
            }
            blanks = [marked.map { _ in .null }, former]
        }

        /// Whether a row that was as these values say may have this mark.
        func may(be mark: Int64, of values: [Value], _ hash: KeyHash) -> Bool {
            blanks.contains { blanks in
                mark == hash.mark(zip(places, blanks).map { place, blank in place.map { values[$0] } ?? blank })
            }
        }
    }

    /// The columns that came since the marks were made. In a row that nobody changed they hold their default.
    private func addedColumns(_ layout: TableLayout, since marked: [String]) -> [Int] {
        if marked.isEmpty { return [] }
        let columns = layout.schema.columns
        return columns.indices.filter { index in
            // One that is computed says nothing of what a row held before.
            !marked.contains(columns[index].name) && columns[index].hasConstantDefault
        }
    }

    /// The clocks whose rows are gone though nobody noted a deletion, found at the last look.
    public func vanished() throws -> [Int64] {
        guard let bytes = try metaBlob("vanished") else { return [] }
        return stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
            Int64(bitPattern: bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) })
        }
    }

    private func collectVanished(_ seen: Set<Int64>) throws {
        var vanished: [UInt8] = []
        let clocks = try db.statement("SELECT h FROM satchel_row ORDER BY h")
        while try clocks.step() {
            if !seen.contains(clocks.integer(0)) { vanished += clocks.integer(0).bigEndianBytes }
        }
        try setMeta("vanished", vanished.isEmpty ? nil : .blob(vanished))
    }

    /// Notes that a row of this key is gone, with its last known values.
    public func noteVanished(_ layout: TableLayout, key: RowKey, values: [Value]) throws {
        try note(Triggers.Note.vanished, layout: layout, key: key)
        let old = Triggers(table: layout.facts, id: layout.id)
        let names = old.oldColumns.map { ", \($0.name)" }.joined()
        let places = old.oldColumns.indices.map { ", ?\($0 + 1)" }.joined()
        let insert = try db.statement(
            "INSERT INTO \(old.oldTable)(n\(names)) VALUES ((SELECT max(n) FROM satchel_journal)\(places))")
        try insert.bind(old.oldColumns.map { values[$0.index] }).run()
    }

    /// What the clock of a row remembers, though the row itself is gone, with the values that `state` has for it; nil: it
    /// does not have all of them.
    public func remembered(_ h: Int64, _ layout: TableLayout, by state: RowState) throws -> RowState? {
        let lost = layout.row(key: RowKey([]), shown: [:])
        guard var found = try clock(h, layout: layout, values: lost) else { return nil }
        for unit in found.units.indices {
            for place in found.units[unit].candidates.indices {
                let dot = found.units[unit].candidates[place].dot
                guard let known = state[found.units[unit].unit].first(where: { $0.dot == dot }) else { return nil }
                found.units[unit].candidates[place] = known
            }
        }
        return found
    }

    public func forgetClock(_ h: Int64) throws {
        try db.statement("DELETE FROM satchel_row WHERE h = ?").bind(1, h).run()
    }

    /// The columns that the row marks of a table were made under, in their order; nil: there are no marks yet.
    func markedColumns(_ table: Int64) throws -> [String]? {
        let select = try db.statement("SELECT columns FROM satchel_table WHERE id = ?")
        select.bind(1, table)
        guard try select.step() else { return nil }
        defer { select.reset() }
        let text = select.string(0)
        return text.isEmpty ? nil : text.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
    }

    /// - Parameter columns: none: there are no marks any more.
    func setMarked(_ columns: [String], _ table: Int64) throws {
        try db.statement("UPDATE satchel_table SET columns = ? WHERE id = ?")
            .bind(1, columns.joined(separator: "\u{1F}")).bind(2, table).run()
    }

    /// Puts a new row back into the journal that is too large to be sealed.
    public func noteAgain(_ touch: Touch) throws {
        guard let layout = layout(touch.table) else { return }
        try note(Triggers.Note.inserted, layout: layout, key: touch.key)
    }

    private func note(_ kind: Int64, layout: TableLayout, key: RowKey, old: Value = .null) throws {
        let names = key.values.indices.map { ", k\($0 + 1)" }.joined()
        let places = key.values.indices.map { ", ?\($0 + 4)" }.joined()
        let insert = try db.statement(
            "INSERT INTO satchel_journal(t, u, at, v\(names)) VALUES (?1, ?2, "
                + "CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER), ?3\(places))")
        try insert.bind(1, layout.id).bind(2, kind).bind(3, old).bind(key.values, from: 4).run()
    }
}
