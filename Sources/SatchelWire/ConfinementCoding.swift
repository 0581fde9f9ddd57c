import SatchelModel

/// What a reply says of its scopes, in bytes (BND-60).
enum ConfinementCoding {
    static func encode(_ confinement: Confinement, to writer: inout ByteWriter) throws(WireError) {
        writer.word(confinement.claimed)
        try encode(confinement.left, to: &writer)
        try encode(confinement.kept, to: &writer)
    }

    static func decode(from reader: inout ByteReader) throws(WireError) -> Confinement {
        Confinement(
            claimed: try reader.word(UInt64.self), left: try decodeRows(from: &reader),
            kept: try decodeRows(from: &reader))
    }

    private static func encode(_ tables: [Confinement.Rows], to writer: inout ByteWriter) throws(WireError) {
        writer.count(tables.count)
        for rows in tables {
            guard !rows.keyColumns.isEmpty, rows.keys.allSatisfy({ $0.values.count == rows.keyColumns.count }) else {
                throw .damaged("rows of scopes: keys that do not add up")
            }
            writer.counted(rows.table.utf8)
            writer.count(rows.keyColumns.count)
            for column in rows.keyColumns { writer.counted(column.utf8) }
            writer.count(rows.keys.count)
            StateCoding.encode(rows.keys, columns: rows.keyColumns.count, to: &writer)
        }
    }

    private static func decodeRows(from reader: inout ByteReader) throws(WireError) -> [Confinement.Rows] {
        let count = try reader.count()
        try reader.spend(count, each: 256)
        var tables: [Confinement.Rows] = []
        for _ in 0..<count {
            let table = try reader.text("a table")
            let width = try reader.number(upTo: Limits.columns, "columns")
            guard width > 0 else { throw reader.damaged("a table without a key") }
            try reader.spend(width, each: 64)
            var columns: [String] = []
            for _ in 0..<width { columns.append(try reader.text("a column")) }
            let rows = try reader.number(upTo: Int(UInt32.max), "rows")
            tables.append(
                .init(
                    table: table, keyColumns: columns,
                    keys: try StateCoding.decodeKeys(rows, columns: width, from: &reader)))
        }
        return tables
    }
}
