public import SatchelModel

/// The content of a changeset in bytes: canonical, in columns, not compressed (BND-21).
public enum ContentCoding {
    private static let version: UInt8 = 1
    /// The newest version of a content that can be read here.
    public static let newest = version

    /// The version that a content says it has; nil: it is empty.
    public static func version(of content: [UInt8]) -> UInt8? { content.first }
    private static let hasExistence: UInt8 = 1
    private static let hasCover: UInt8 = 2
    private static let hasInto: UInt8 = 4

    /// The one encoding of a content whose parts agree in their counts; others are a programming error. O(values).
    public static func encode(_ content: Content) -> [UInt8] {
        var names = NameTable()
        for section in content.sections {
            names.add(section.table)
            names.add(section.keyColumns)
            for unit in section.units {
                names.add(unit.name)
                names.add(unit.columns)
            }
            for unit in section.cover?.names ?? [] { names.add([unit.name] + unit.furtherColumns) }
        }
        var writer = ByteWriter()
        writer.reserve(size(of: content))
        writer.byte(version)
        names.encode(to: &writer)
        DotCoding.encode(content.dots, to: &writer)
        writer.count(content.sections.count)
        for section in content.sections { encode(section, names, to: &writer) }
        return writer.bytes
    }

    /// Reads exactly one content. Total: any bytes may be given; nothing is allocated beyond `BND-34`.
    public static func decode(_ bytes: [UInt8]) throws(WireError) -> Content {
        guard bytes.count <= Limits.contentBytes else { throw .tooLarge("content") }
        var reader = ByteReader(bytes, "content")
        guard try reader.byte() == version else { throw .unsupported("content version") }
        let names = try NameTable.decode(from: &reader)
        var content = Content(dots: try DotCoding.decode(from: &reader))
        let count = try reader.count()
        try reader.spend(count, each: 256)
        for _ in 0..<count {
            content.sections.append(try decodeSection(names, dots: content.dots.count, from: &reader))
        }
        try reader.finish()
        return content
    }

    /// About as many bytes as a content takes, and seldom fewer: an array that grows is there twice for a moment.
    private static func size(of content: Content) -> Int {
        content.sections.reduce(4096 + 16 * content.dots.count) { sum, section in
            let columns = section.keys + section.units.flatMap(\.values) + (section.into ?? [])
            return columns.reduce(sum + 8 * section.rows) { $0 + $1.byteCount + 3 * $1.count }
        }
    }

    private static func encode(_ section: Section, _ names: NameTable, to writer: inout ByteWriter) {
        let rows = section.rows
        precondition(section.keys.count == section.keyColumns.count && section.ages.count == rows, "a section adds up")
        names.write(section.table, to: &writer)
        names.write(section.keyColumns, to: &writer)
        writer.count(rows)
        writer.byte(
            (section.existence == nil ? 0 : hasExistence) | (section.cover == nil ? 0 : hasCover)
                | (section.into == nil ? 0 : hasInto))
        encode(section.keys, rows: rows, to: &writer)
        if let existence = section.existence { ListCoding.encode(existence, rows: rows, to: &writer) }
        writer.count(section.units.count)
        for unit in section.units {
            precondition(unit.values.count == unit.columns.count, "a unit adds up")
            names.write(unit.name, to: &writer)
            names.write(unit.columns, to: &writer)
            encode(unit.values, rows: rows, to: &writer)
            ListCoding.encode(unit.replaced, rows: rows, to: &writer)
        }
        ListCoding.encode(section.deletionsReplaced, rows: rows, to: &writer)
        if let cover = section.cover { ListCoding.encode(cover, rows: rows, names: names, to: &writer) }
        if let into = section.into {
            precondition(section.cover != nil && into.count == section.keyColumns.count, "a merge is a deletion")
            encode(into, rows: rows, to: &writer)
        }
        IntegerList.encode(section.ages.map { Int64(bitPattern: $0) }, to: &writer)
    }

    private static func decodeSection(
        _ names: [String], dots: Int, from reader: inout ByteReader
    ) throws(WireError) -> Section {
        let table = try NameTable.read(names, from: &reader)
        let keyColumns = try NameTable.readList(names, from: &reader)
        guard !keyColumns.isEmpty else { throw reader.damaged("a table without a key") }
        let rows = try reader.number(upTo: Int(UInt32.max), "rows")
        let flags = try reader.byte()
        guard flags & ~(hasExistence | hasCover | hasInto) == 0 else { throw .unsupported("a flag of a section") }
        let keys = try decodeKeys(keyColumns.count, rows: rows, from: &reader)
        var existence: DotLists?
        if flags & hasExistence != 0 {
            existence = try ListCoding.decodeDots(rows: rows, dots: dots, from: &reader)
        }
        let units = try decodeUnits(rows: rows, dots: dots, names, from: &reader)
        let deletions = try ListCoding.decodeDots(rows: rows, dots: dots, from: &reader)
        var cover: CoverLists?
        if flags & hasCover != 0 {
            cover = try ListCoding.decodeCovers(rows: rows, dots: dots, names: names, from: &reader)
        }
        var into: [ValueColumn]?
        if flags & hasInto != 0 {
            guard cover != nil else { throw reader.damaged("a merge that is no deletion") }
            into = try decodeKeys(keyColumns.count, rows: rows, from: &reader)
            guard into?.contains(where: { $0.kinds.contains(.null) }) == false else {
                throw reader.damaged("a NULL in a key")
            }
        }
        let ages = try IntegerList.decode(rows, from: &reader)
        return Section(
            table: table, keyColumns: keyColumns, keys: keys, rows: rows, existence: existence, units: units,
            deletionsReplaced: deletions, cover: cover, into: into, ages: ages.map { UInt64(bitPattern: $0) })
    }

    private static func decodeUnits(
        rows: Int, dots: Int, _ names: [String], from reader: inout ByteReader
    ) throws(WireError) -> [UnitPart] {
        let count = try reader.number(upTo: Limits.columns, "units")
        try reader.spend(count, each: 128)
        var columnsLeft = Limits.columns
        var units: [UnitPart] = []
        for _ in 0..<count {
            let name = try NameTable.read(names, from: &reader)
            let columns = try NameTable.readList(names, from: &reader)
            columnsLeft -= columns.count
            guard columnsLeft >= 0 else { throw .tooLarge("\(reader.place): columns") }
            var values: [ValueColumn] = []
            for _ in columns { values.append(try ColumnCoding.decode(rows, from: &reader)) }
            try StateColumn.check(columns, values, reader.place)
            let replaced = try ListCoding.decodeDots(rows: rows, dots: dots, from: &reader)
            units.append(UnitPart(name: name, columns: columns, values: values, replaced: replaced))
        }
        return units
    }

    static func encode(_ columns: [ValueColumn], rows: Int, to writer: inout ByteWriter) {
        for column in columns {
            precondition(column.count == rows, "a column has one value for each row")
            ColumnCoding.encode(column, to: &writer)
        }
    }

    /// Reads the columns of a primary key, which together pass `Limits.keyBytes` in no row.
    static func decodeKeys(
        _ count: Int, rows: Int, from reader: inout ByteReader
    ) throws(WireError) -> [ValueColumn] {
        var keys: [ValueColumn] = []
        for _ in 0..<count { keys.append(try ColumnCoding.decode(rows, from: &reader)) }
        for row in 0..<rows {
            var size = 0
            for key in keys where key.kinds[row] == .text || key.kinds[row] == .blob { size += key.range(row).count }
            guard size <= Limits.keyBytes else { throw .tooLarge("\(reader.place): a primary key") }
        }
        return keys
    }
}
