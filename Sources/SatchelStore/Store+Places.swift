public import SatchelModel

/// Unique places: what UNIQUE and the primary key let only one row of a table hold (MRG-22).
extension Store {
    /// One unique place that a row wants, equal for two rows if and only if SQLite would let only one of them in.
    public struct UniquePlace: Hashable, Sendable {
        let table: Int64
        /// Among the unique indexes of the table.
        public let index: Int
        let form: [UInt8]
    }

    /// The places that a row of these values wants, but for what partial indexes say.
    public func places(_ layout: TableLayout, values: [Value]) -> [UniquePlace] {
        layout.facts.unique.indices.compactMap { index in
            let unique = layout.facts.unique[index]
            guard layout.isContended(index), !unique.columns.contains(where: { values[$0] == .null }) else {
                return nil
            }
            var form: [UInt8] = []
            for (column, collation) in zip(unique.columns, unique.collations) {
                values[column].asCompared(collation).appendCanonical(to: &form)
            }
            return UniquePlace(table: layout.id, index: index, form: form)
        }
    }

    /// The words for a place that is taken, as SQLite says it.
    public func refusal(_ layout: TableLayout, _ place: UniquePlace) -> String {
        let columns = layout.facts.unique[place.index].columns.map {
            "\(layout.schema.name).\(layout.schema.columns[$0].name)"
        }
        return "UNIQUE constraint failed: \(columns.joined(separator: ", "))"
    }

    /// Whether a row is in the partial index that the place is of.
    public func isIn(_ place: UniquePlace, _ probe: Probe) -> Bool { probe.isIn[place.index] }

    /// Whether a row with these blanks in some of its columns may want a unique place that another with the same wants. NULLs
    /// never clash. What a partial index leaves out is asked of the row itself, if it is in its table.
    public func mayClash(_ layout: TableLayout, key: RowKey, holding blanks: [Int: Value]) throws -> Bool {
        var isIn: [Bool]?
        if layout.hasPartialPlaces, var row = try tableRow(layout, key) {
            for (column, blank) in blanks { row[column] = blank }
            isIn = try probe(layout, values: row).isIn
        }
        return layout.facts.unique.indices.contains { index in
            let columns = layout.facts.unique[index].columns
            return layout.isContended(index) && isIn?[index] ?? true && columns.contains { blanks[$0] != nil }
                && !columns.contains { blanks[$0] == Value.null } && !layout.schema.key.allSatisfy(columns.contains)
        }
    }

    /// Keys of the other rows in the table that hold one of the row's unique places. O(those).
    public func rivals(of key: RowKey, values: [Value], in layout: TableLayout) throws -> [RowKey] {
        let columns = layout.schema.columns.map { quoted($0.name) }
        let keys = layout.schema.key.map { columns[$0] }.joined(separator: ", ")
        var found: Set<RowKey> = []
        for (index, unique) in layout.facts.unique.enumerated() where layout.isContended(index) {
            var conditions = zip(unique.columns, unique.collations).enumerated()
                .map { "\(columns[$1.0]) = ?\($0 + 1) COLLATE \(quoted($1.1))" }
            if let condition = unique.condition { conditions.append("(\(condition))") }
            let select = try db.statement(
                "SELECT \(keys) FROM \(quoted(layout.schema.name)) WHERE \(conditions.joined(separator: " AND "))")
            select.bind(unique.columns.map { values[$0] })
            while try select.step() { found.insert(RowKey(select.values(0..<layout.schema.key.count))) }
        }
        found.remove(key)
        return found.sorted()
    }

    // MARK: Places that rows want and no table shows

    public func hasClaims() throws -> Bool { try hasAny("satchel_claim") }

    /// The rows that want one of these places without showing it, or seem to, by table and key: rows outside their table,
    /// and rows with NULL in a reference.
    public func claimants(of places: [UniquePlace]) throws -> [RowPlace] {
        try places.flatMap { place in
            let select = try db.statement(
                """
                SELECT g.tbl, g.key FROM satchel_claim c JOIN satchel_grave g ON g.h = c.h WHERE c.place = ?1
                UNION SELECT u.tbl, u.key FROM satchel_claim c JOIN satchel_unseen u ON u.child = c.h WHERE c.place = ?1
                ORDER BY 1, 2
                """)
            select.bind(1, number(of: place))
            return try rowPlaces(select)
        }
    }

    /// The same of the places that a row itself wants without showing them.
    public func claimants(beside h: Int64) throws -> [RowPlace] {
        let select = try db.statement(
            """
            WITH beside(h) AS (
                SELECT c.h FROM satchel_claim own JOIN satchel_claim c ON c.place = own.place WHERE own.h = ?1)
            SELECT g.tbl, g.key FROM beside b JOIN satchel_grave g ON g.h = b.h
            UNION SELECT u.tbl, u.key FROM beside b JOIN satchel_unseen u ON u.child = b.h
            ORDER BY 1, 2
            """)
        select.bind(1, h)
        return try rowPlaces(select)
    }

    /// Replaces the places that a row wants without showing them.
    public func setClaims(of h: Int64, _ places: [UniquePlace]) throws {
        try forgetClaims(h)
        let insert = try db.statement("INSERT OR IGNORE INTO satchel_claim(place, h) VALUES (?, ?)")
        for place in places { try insert.bind(1, number(of: place)).bind(2, h).run() }
    }

    func forgetClaims(_ h: Int64) throws {
        try db.statement("DELETE FROM satchel_claim WHERE h = ?").bind(1, h).run()
    }

    private func number(of place: UniquePlace) -> Int64 {
        let salt = UInt64(bitPattern: place.table) << 16 ^ UInt64(place.index + 1)
        return Int64(bitPattern: hash.bytes(place.form, salt: salt))
    }
}

extension Value {
    /// What a unique index compares of it: values that it takes for equal are equal, and no others.
    fileprivate func asCompared(_ collation: String) -> Value {
        switch self {
        case .real(let number):
            return Int64(exactly: number).map { .integer($0) } ?? self
        case .text(let bytes) where collation.uppercased() == "NOCASE":
            // SQLite compares up to a NUL, and then the lengths.
            let folded = bytes.prefix { $0 != 0 }.map { 65...90 ~= $0 ? $0 + 32 : $0 }
            return .text(folded + Array(repeating: 0, count: bytes.count - folded.count))
        case .text(let bytes) where collation.uppercased() == "RTRIM":
            return .text(Array(bytes.prefix((bytes.lastIndex { $0 != 32 } ?? -1) + 1)))
        default: return self
        }
    }
}
