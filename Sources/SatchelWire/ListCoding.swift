import SatchelModel

/// The lists of dots and of covers that each row of a section has (BND-23).
enum ListCoding {
    private static let none: UInt8 = 0
    private static let some: UInt8 = 1

    static func encode(_ lists: DotLists, rows: Int, to writer: inout ByteWriter) {
        guard !lists.counts.isEmpty else {
            precondition(lists.dots.isEmpty, "dots belong to rows")
            return writer.byte(none)
        }
        check(lists.counts, rows: rows, total: lists.dots.count)
        writer.byte(some)
        IntegerList.encode(lists.counts, to: &writer)
        IntegerList.encode(lists.dots, to: &writer)
    }

    static func decodeDots(
        rows: Int, dots: Int, from reader: inout ByteReader
    ) throws(WireError) -> DotLists {
        switch try reader.byte() {
        case none: return DotLists()
        case some where rows > 0:
            let (counts, total) = try IntegerList.decodeCounts(rows, "how many dots", from: &reader)
            return DotLists(
                counts: counts,
                dots: try IntegerList.decodeIndices(total, below: dots, "a dot's index", from: &reader))
        default: throw reader.damaged("a list of dots")
        }
    }

    static func encode(_ lists: CoverLists, rows: Int, names: NameTable, to writer: inout ByteWriter) {
        writer.count(lists.names.count)
        for unit in lists.names {
            names.write(unit.name, to: &writer)
            names.write(unit.furtherColumns, to: &writer)
        }
        guard !lists.counts.isEmpty else {
            precondition(lists.dots.isEmpty && lists.units.isEmpty, "covers belong to rows")
            return writer.byte(none)
        }
        check(lists.counts, rows: rows, total: lists.dots.count)
        precondition(lists.units.count == lists.dots.count, "each covered dot has a unit")
        writer.byte(some)
        IntegerList.encode(lists.counts, to: &writer)
        IntegerList.encode(lists.units, to: &writer)
        IntegerList.encode(lists.dots, to: &writer)
    }

    static func decodeCovers(
        rows: Int, dots: Int, names: [String], from reader: inout ByteReader
    ) throws(WireError) -> CoverLists {
        let count = try reader.number(upTo: Limits.columns, "covered units")
        try reader.spend(count, each: 64)
        var list: [UnitName] = []
        for _ in 0..<count {
            let name = try NameTable.read(names, from: &reader)
            let columns = try NameTable.readList(names, from: &reader)
            list.append(columns.isEmpty ? UnitName(name) : UnitName(name: name, columns: columns))
        }
        switch try reader.byte() {
        case none: return CoverLists(names: list)
        case some where rows > 0:
            let (counts, total) = try IntegerList.decodeCounts(rows, "how many covers", from: &reader)
            return CoverLists(
                names: list, counts: counts,
                units: try IntegerList.decodeIndices(total, below: list.count, "a unit's index", from: &reader),
                dots: try IntegerList.decodeIndices(total, below: dots, "a dot's index", from: &reader))
        default: throw reader.damaged("a list of covers")
        }
    }

    private static func check(_ counts: [UInt32], rows: Int, total: Int) {
        precondition(
            counts.count == rows && counts.reduce(0) { $0 + Int($1) } == total, "the counts of a list add up")
    }
}
