import SatchelModel

/// What a reply says of its scopes, in bytes (BND-48).
enum ConfinementCoding {
    static func encode(_ confinement: Confinement, to writer: inout ByteWriter) throws(WireError) {
        writer.word(confinement.claimed)
        writer.count(confinement.kept.count)
        for rows in confinement.kept {
            guard !rows.keyColumns.isEmpty, rows.keys.allSatisfy({ $0.values.count == rows.keyColumns.count }) else {
                throw .damaged("kept rows: keys that do not add up")
            }
            writer.counted(rows.table.utf8)
            writer.count(rows.keyColumns.count)
            for column in rows.keyColumns { writer.counted(column.utf8) }
            writer.count(rows.keys.count)
            StateCoding.encode(rows.keys, columns: rows.keyColumns.count, to: &writer)
        }
    }

    static func decode(from reader: inout ByteReader) throws(WireError) -> Confinement {
        var confinement = Confinement(claimed: try reader.word(UInt64.self), kept: [])
        let tables = try reader.count()
        try reader.spend(tables, each: 256)
        for _ in 0..<tables {
            let table = try reader.text("a table")
            let width = try reader.number(upTo: Limits.columns, "columns")
            guard width > 0 else { throw reader.damaged("a table without a key") }
            try reader.spend(width, each: 64)
            var columns: [String] = []
            for _ in 0..<width { columns.append(try reader.text("a column")) }
            let count = try reader.number(upTo: Int(UInt32.max), "rows")
            let keys = try StateCoding.decodeKeys(count, columns: width, from: &reader)
            confinement.kept.append(.init(table: table, keyColumns: columns, keys: keys))
        }
        return confinement
    }
}
