import SatchelModel

/// Lists of dots, of known dots, and version vectors (BND-36).
enum DotCoding {
    static func encode(_ dots: [Dot], to writer: inout ByteWriter) {
        writer.count(dots.count)
        guard !dots.isEmpty else { return }
        var origins: [OriginID] = []
        var places: [OriginID: Int64] = [:]
        var indices: [Int64] = []
        for dot in dots {
            let place = places[dot.origin] ?? Int64(origins.count)
            if place == origins.count {
                origins.append(dot.origin)
                places[dot.origin] = place
            }
            indices.append(place)
        }
        writer.count(origins.count)
        for origin in origins { writer.origin(origin) }
        IntegerList.encode(indices, to: &writer)
        IntegerList.encode(dots.map { Int64(bitPattern: $0.sequence) }, to: &writer)
        for dot in dots { writer.word(dot.tag) }
    }

    static func decode(from reader: inout ByteReader) throws(WireError) -> [Dot] {
        let count = try reader.count()
        guard count > 0 else { return [] }
        let size = try reader.count()
        guard size >= 1, size <= count, size <= reader.remaining / 16 else { throw reader.damaged("origins") }
        var origins: [OriginID] = []
        for _ in 0..<size { origins.append(try reader.origin()) }
        let indices = try IntegerList.decodeIndices(count, below: size, "an origin's index", from: &reader)
        let sequences = try sequences(count, from: &reader)
        try reader.spend(count, each: 24)
        guard count <= reader.remaining / 8 else { throw reader.damaged("ends early") }
        var dots: [Dot] = []
        dots.reserveCapacity(count)
        for (index, sequence) in zip(indices, sequences) {
            dots.append(Dot(origin: origins[Int(index)], sequence: sequence, tag: try reader.word(UInt64.self)))
        }
        return dots
    }

    static func encode(_ vector: VersionVector, to writer: inout ByteWriter) {
        writer.count(vector.entries.count)
        for entry in vector.entries { writer.origin(entry.origin) }
        IntegerList.encode(vector.entries.map { Int64(bitPattern: $0.sequence) }, to: &writer)
        for entry in vector.entries { writer.word(entry.tag) }
    }

    /// Entries must be sorted by origin, sequence and tag, and no two alike.
    static func decodeVector(from reader: inout ByteReader) throws(WireError) -> VersionVector {
        let count = try reader.number(upTo: Limits.clockEntries, "clock entries")
        guard count <= reader.remaining / 24 else { throw reader.damaged("ends early") }
        var origins: [OriginID] = []
        for _ in 0..<count { origins.append(try reader.origin()) }
        let sequences = try sequences(count, from: &reader)
        var entries: [VersionVector.Entry] = []
        for (origin, sequence) in zip(origins, sequences) {
            let entry = VersionVector.Entry(origin: origin, sequence: sequence, tag: try reader.word(UInt64.self))
            if let last = entries.last, last >= entry { throw reader.damaged("clock entries out of order") }
            entries.append(entry)
        }
        return VersionVector(heads: entries)
    }

    static func encode(_ dots: [KnownDot], to writer: inout ByteWriter) {
        encode(dots.map(\.dot), to: &writer)
        IntegerList.encode(dots.map(\.time.milliseconds), to: &writer)
        IntegerList.encode(dots.map { $0.time.milliseconds &- $0.reading.milliseconds &- $0.offset }, to: &writer)
        IntegerList.encode(dots.map(\.offset), to: &writer)
        StringList(dots.map { $0.actor.clipped(bytes: Limits.nameBytes) }).encode(to: &writer)
    }

    static func decodeKnown(from reader: inout ByteReader) throws(WireError) -> [KnownDot] {
        let dots = try decode(from: &reader)
        let times = try IntegerList.decode(dots.count, from: &reader)
        let ahead = try IntegerList.decode(dots.count, from: &reader)
        let offsets = try IntegerList.decode(dots.count, from: &reader)
        let actors = try StringList.decode(dots.count, from: &reader)
        var known: [KnownDot] = []
        known.reserveCapacity(dots.count)
        for (row, dot) in dots.enumerated() {
            let slice = actors.bytes[StringList.range(actors.words[row])]
            guard slice.count <= Limits.nameBytes else { throw .tooLarge("\(reader.place): an actor") }
            let actor = String(decoding: slice, as: UTF8.self)
            guard actor.utf8.elementsEqual(slice) else { throw reader.damaged("text is not UTF-8") }
            known.append(
                KnownDot(
                    dot: dot, time: Timestamp(milliseconds: times[row]), actor: actor,
                    reading: Timestamp(milliseconds: times[row] &- ahead[row] &- offsets[row]), offset: offsets[row]))
        }
        return known
    }

    private static func sequences(_ count: Int, from reader: inout ByteReader) throws(WireError) -> [UInt64] {
        let values = try IntegerList.decode(count, from: &reader)
        guard values.allSatisfy({ $0 >= 1 && UInt64($0) < Limits.sequence }) else {
            throw reader.damaged("a sequence number")
        }
        return values.map { UInt64($0) }
    }
}
