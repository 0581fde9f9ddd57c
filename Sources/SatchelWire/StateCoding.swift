import SatchelModel

/// A section of row states in bytes (BND-46). Dots are indices into all dots of the bundle so far.
enum StateCoding {
    /// Throws `damaged` if the section contradicts itself, so that nothing leaves that nobody could read.
    static func encode(_ section: StateSection, dots: Int, to writer: inout ByteWriter) throws(WireError) {
        try check(section, dots: dots)
        var names = NameTable()
        names.add(section.table)
        names.add(section.keyColumns)
        for unit in section.units {
            names.add(unit.name)
            names.add(unit.columns)
        }
        names.encode(to: &writer)
        names.write(section.table, to: &writer)
        names.write(section.keyColumns, to: &writer)
        writer.count(section.rows)
        ContentCoding.encode(section.keys, rows: section.rows, to: &writer)
        writer.count(section.units.count)
        for unit in section.units {
            names.write(unit.name, to: &writer)
            names.write(unit.columns, to: &writer)
            ContentCoding.encode(unit.values, rows: section.rows, to: &writer)
        }
        IntegerList.encode(section.base, to: &writer)
        writer.count(section.overrides.count)
        let overrides = section.overrides.sorted { ($0.row, $0.unit) < ($1.row, $1.unit) }
        IntegerList.encode(overrides.map(\.row), to: &writer)
        IntegerList.encode(overrides.map(\.unit), to: &writer)
        IntegerList.encode(overrides.map(\.dot), to: &writer)
        writer.count(section.detailed.count)
        encode(section.detailed.map(\.key), columns: section.keyColumns.count, to: &writer)
        try RowStateCoding.encode(
            section.detailed.map(\.state), section.units, keyColumns: section.keyColumns.count, dots: dots, to: &writer)
        writer.count(section.gone.count)
        encode(section.gone, columns: section.keyColumns.count, to: &writer)
    }

    static func decode(dots: Int, from reader: inout ByteReader) throws(WireError) -> StateSection {
        let names = try NameTable.decode(from: &reader)
        let table = try NameTable.read(names, from: &reader)
        let keyColumns = try NameTable.readList(names, from: &reader)
        guard !keyColumns.isEmpty else { throw reader.damaged("a table without a key") }
        let rows = try reader.number(upTo: Int(UInt32.max), "rows")
        let keys = try ContentCoding.decodeKeys(keyColumns.count, rows: rows, from: &reader)
        let units = try decodeUnits(rows: rows, names, from: &reader)
        let base = try IntegerList.decodeIndices(rows, below: dots, "a dot's index", from: &reader)
        let overrides = try decodeOverrides(rows: rows, units: units.count, dots: dots, from: &reader)
        let detailedCount = try reader.number(upTo: Int(UInt32.max), "rows")
        let detailedKeys = try decodeKeys(detailedCount, columns: keyColumns.count, from: &reader)
        let states = try RowStateCoding.decode(
            detailedCount, units, keyColumns: keyColumns.count, dots: dots, from: &reader)
        let goneCount = try reader.number(upTo: Int(UInt32.max), "rows")
        let gone = try decodeKeys(goneCount, columns: keyColumns.count, from: &reader)
        return StateSection(
            table: table, keyColumns: keyColumns, units: units, keys: keys, rows: rows, base: base,
            overrides: overrides, detailed: zip(detailedKeys, states).map { .init(key: $0, state: $1) }, gone: gone)
    }

    private static func check(_ section: StateSection, dots: Int) throws(WireError) {
        let rows = section.rows
        let names = [section.table] + section.keyColumns + section.units.flatMap { [$0.name] + $0.columns }
        guard names.allSatisfy({ $0.utf8.count <= Limits.nameBytes }) else { throw .tooLarge("state: a name") }
        let columns = section.units.reduce(section.keyColumns.count) { $0 + $1.columns.count }
        guard columns <= Limits.columns, section.units.count <= Limits.columns else {
            throw .tooLarge("state: columns")
        }
        guard !section.keyColumns.isEmpty, section.keys.count == section.keyColumns.count,
            section.keys.allSatisfy({ $0.count == rows }),
            section.units.allSatisfy({ $0.values.count == $0.columns.count }),
            section.units.allSatisfy({ $0.values.allSatisfy { $0.count == rows } }),
            (section.detailed.map(\.key) + section.gone).allSatisfy({ $0.values.count == section.keyColumns.count })
        else { throw .damaged("state: columns that do not add up") }
        guard section.base.count == rows, section.base.allSatisfy({ $0 < dots }),
            section.overrides.allSatisfy({ $0.row < rows && $0.unit < section.units.count && $0.dot < dots })
        else { throw .damaged("state: an index out of range") }
    }

    private static func decodeUnits(
        rows: Int, _ names: [String], from reader: inout ByteReader
    ) throws(WireError) -> [StateSection.UnitColumns] {
        let count = try reader.number(upTo: Limits.columns, "units")
        try reader.spend(count, each: 128)
        var columnsLeft = Limits.columns
        var units: [StateSection.UnitColumns] = []
        for _ in 0..<count {
            let name = try NameTable.read(names, from: &reader)
            let columns = try NameTable.readList(names, from: &reader)
            columnsLeft -= columns.count
            guard columnsLeft >= 0 else { throw .tooLarge("\(reader.place): columns") }
            var values: [ValueColumn] = []
            for _ in columns { values.append(try ColumnCoding.decode(rows, from: &reader)) }
            try StateColumn.check(columns, values, reader.place)
            units.append(.init(name: name, columns: columns, values: values))
        }
        return units
    }

    private static func decodeOverrides(
        rows: Int, units: Int, dots: Int, from reader: inout ByteReader
    ) throws(WireError) -> [StateSection.UnitOverride] {
        let count = try reader.number(upTo: Int(UInt32.max), "overrides")
        let inRows = try IntegerList.decodeIndices(count, below: rows, "an override's row", from: &reader)
        let inUnits = try IntegerList.decodeIndices(count, below: units, "an override's unit", from: &reader)
        let withDots = try IntegerList.decodeIndices(count, below: dots, "a dot's index", from: &reader)
        var overrides: [StateSection.UnitOverride] = []
        overrides.reserveCapacity(count)
        for index in 0..<count {
            if let last = overrides.last, (last.row, last.unit) >= (inRows[index], inUnits[index]) {
                throw reader.damaged("overrides out of order")
            }
            overrides.append(.init(row: inRows[index], unit: inUnits[index], dot: withDots[index]))
        }
        return overrides
    }

    // MARK: Keys one by one, laid in columns

    static func encode(_ keys: [RowKey], columns: Int, to writer: inout ByteWriter) {
        for column in 0..<columns {
            ColumnCoding.encode(ValueColumn(keys.lazy.map { $0.values[column] }), to: &writer)
        }
    }

    static func decodeKeys(
        _ count: Int, columns: Int, from reader: inout ByteReader
    ) throws(WireError) -> [RowKey] {
        let keys = try ContentCoding.decodeKeys(columns, rows: count, from: &reader)
        try reader.spend(count, each: 64)
        return (0..<count).map { row in RowKey(keys.map { $0[row] }) }
    }
}
