import SatchelModel

/// What units in conflict held before, in bytes (BND-51).
enum BaseCoding {
    static func encode(_ bases: [ConflictBase], to writer: inout ByteWriter) {
        writer.count(bases.count)
        StringList(bases.map { $0.conflict.clipped(bytes: Limits.nameBytes) }).encode(to: &writer)
        IntegerList.encode(bases.map { Int64($0.values.count) }, to: &writer)
        ColumnCoding.encode(ValueColumn(bases.flatMap(\.values)), to: &writer)
    }

    static func decode(from reader: inout ByteReader) throws(WireError) -> [ConflictBase] {
        let count = try reader.count()
        try reader.spend(count, each: 64)
        let names = try StringList.decode(count, from: &reader)
        let counts = try IntegerList.decode(count, from: &reader)
        var total = 0
        for count in counts {
            guard count >= 0, count <= Limits.columns else { throw reader.damaged("a base's columns") }
            total += Int(count)
        }
        let values = try ColumnCoding.decode(total, from: &reader)
        var bases: [ConflictBase] = []
        var next = 0
        for row in 0..<count {
            let slice = names.bytes[StringList.range(names.words[row])]
            let end = next + Int(counts[row])
            guard slice.count <= Limits.nameBytes else { throw .tooLarge("\(reader.place): a conflict's id") }
            bases.append(
                ConflictBase(
                    conflict: String(decoding: slice, as: UTF8.self), values: (next..<end).map { values[$0] }))
            next = end
        }
        return bases
    }
}
