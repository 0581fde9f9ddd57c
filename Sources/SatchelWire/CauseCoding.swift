import SatchelModel

/// What a bundle says of changesets that it builds on and does not hold, in bytes (BND-48).
enum CauseCoding {
    /// Stands for "the sender does not know when".
    private static let unknown = Int64.min

    static func encode(_ causes: [Cause], to writer: inout ByteWriter) {
        DotCoding.encode(causes.map(\.dot), to: &writer)
        IntegerList.encode(causes.map(\.time.milliseconds), to: &writer)
        IntegerList.encode(causes.map { $0.made?.milliseconds ?? unknown }, to: &writer)
        StringList(causes.map { $0.device.clipped(bytes: Limits.nameBytes) }).encode(to: &writer)
    }

    static func decode(from reader: inout ByteReader) throws(WireError) -> [Cause] {
        let dots = try DotCoding.decode(from: &reader)
        let times = try IntegerList.decode(dots.count, from: &reader)
        let made = try IntegerList.decode(dots.count, from: &reader)
        let names = try StringList.decode(dots.count, from: &reader)
        var causes: [Cause] = []
        causes.reserveCapacity(dots.count)
        for (row, dot) in dots.enumerated() {
            let slice = names.bytes[StringList.range(names.words[row])]
            guard slice.count <= Limits.nameBytes else { throw .tooLarge("\(reader.place): an author's name") }
            let name = String(decoding: slice, as: UTF8.self)
            guard name.utf8.elementsEqual(slice) else { throw reader.damaged("text is not UTF-8") }
            causes.append(
                Cause(
                    dot: dot, time: Timestamp(milliseconds: times[row]),
                    made: made[row] == unknown ? nil : Timestamp(milliseconds: made[row]), device: name))
        }
        return causes
    }
}
