public import SatchelModel

/// Comparing the tables with their clocks: what a rebuild without triggers, or a program that dropped them, did.
extension Store {
    /// Notes what differs from the clocks and was not noted. O(rows of all tables).
    func noteWhatWentRound() throws {
        var seen: Set<Int64> = try notedRows()
        let noted = seen
        for layout in layouts {
            let columns = layout.schema.columns.map(\.name)
            let marked = try markedColumns(layout.id)
            // Marks can be compared only if every column that they were made under is still there.
            let places = marked.map { names in names.compactMap { name in columns.firstIndex(of: name) } }
            let comparable = places?.count == marked?.count ? places : nil
            var found: [(RowKey, Int64)] = []
            var remarked: [(Int64, Int64)] = []
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
                    if !noted.contains(h) { found.append((key, Triggers.Note.inserted)) }
                    continue
                }
                let mark = clock.integer(0)
                if let comparable, !noted.contains(h), mark != hash.mark(comparable.map { values[$0] }) {
                    found.append((key, Triggers.Note.found))
                }
                if marked != columns { remarked.append((h, hash.mark(values))) }
            }
            for (key, kind) in found { try note(kind, layout: layout, key: key) }
            for (h, mark) in remarked {
                try db.statement("UPDATE satchel_row SET mark = ? WHERE h = ?").bind(1, mark).bind(2, h).run()
            }
            if marked != columns {
                try db.statement("UPDATE satchel_table SET columns = ? WHERE id = ?")
                    .bind(1, columns.joined(separator: "\u{1F}")).bind(2, layout.id).run()
            }
        }
        try collectVanished(seen)
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

    /// Notes that a row of this key is gone, with its last known values, as a trigger would have.
    public func noteVanished(_ layout: TableLayout, key: RowKey, values: [Value]) throws {
        try note(Triggers.Note.deleted, layout: layout, key: key)
        let places = values.indices.map { ", ?\($0 + 1)" }.joined()
        let insert = try db.statement(
            "INSERT INTO satchel_old_\(layout.id) VALUES ((SELECT max(n) FROM satchel_journal)\(places))")
        try insert.bind(values).run()
    }

    public func forgetClock(_ h: Int64) throws {
        try db.statement("DELETE FROM satchel_row WHERE h = ?").bind(1, h).run()
    }

    private func markedColumns(_ table: Int64) throws -> [String]? {
        let select = try db.statement("SELECT columns FROM satchel_table WHERE id = ?")
        select.bind(1, table)
        guard try select.step() else { return nil }
        defer { select.reset() }
        let text = select.string(0)
        return text.isEmpty ? nil : text.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
    }

    private func notedRows() throws -> Set<Int64> {
        var noted: Set<Int64> = []
        let width = layouts.map(\.schema.key.count).max() ?? 1
        let keys = (1...max(1, width)).map { "k\($0)" }.joined(separator: ", ")
        let notes = try db.statement("SELECT t, \(keys) FROM satchel_journal")
        while try notes.step() {
            guard let layout = layout(notes.integer(0)) else { continue }
            noted.insert(rowHash(layout.id, RowKey(notes.values(1..<(1 + layout.schema.key.count)))))
        }
        return noted
    }

    private func note(_ kind: Int64, layout: TableLayout, key: RowKey) throws {
        let names = key.values.indices.map { ", k\($0 + 1)" }.joined()
        let places = key.values.indices.map { ", ?\($0 + 4)" }.joined()
        let insert = try db.statement(
            "INSERT INTO satchel_journal(t, u, at, v\(names)) VALUES (?1, ?2, "
                + "CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER), ?3\(places))")
        try insert.bind(1, layout.id).bind(2, kind).bind(3, .null).bind(key.values, from: 4).run()
    }
}
