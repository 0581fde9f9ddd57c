public import SatchelModel

/// The head of a changeset in bytes: canonical, so that its hash is the changeset's identity (BND-20).
public enum HeaderCoding {
    private static let version: UInt8 = 1
    /// Bytes that `actor` and `note` may take.
    static let textBytes = Limits.nameBytes

    /// O(clock entries). An actor or a note beyond 255 bytes is cut at a character.
    public static func encode(_ header: ChangesetHeader) -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(version)
        writer.origin(header.origin)
        writer.word(header.sequence)
        writer.raw(header.previous.bytes)
        writer.raw(header.content.bytes)
        writer.word(header.contentLength)
        writer.word(header.rows)
        writer.word(header.more)
        writer.word(header.schema)
        writer.word(header.time.milliseconds)
        writer.word(header.reading.milliseconds)
        writer.word(header.offset)
        writer.word(header.clock.epoch)
        writer.word(header.clock.position)
        DotCoding.encode(header.clock.others, to: &writer)
        writer.counted(header.actor.clipped(bytes: textBytes).utf8)
        writer.counted(header.note.clipped(bytes: textBytes).utf8)
        return writer.bytes
    }

    /// Reads exactly one header. Total.
    public static func decode(_ bytes: [UInt8]) throws(WireError) -> ChangesetHeader {
        guard bytes.count <= Limits.headerBytes else { throw .tooLarge("changeset header") }
        var reader = ByteReader(bytes, "changeset header")
        guard try reader.byte() == version else { throw .unsupported("changeset header version") }
        let origin = try reader.origin()
        let sequence = try reader.word(UInt64.self)
        guard sequence >= 1, sequence < Limits.sequence else { throw reader.damaged("a sequence number") }
        let previous = try reader.hash()
        guard (sequence == 1) == (previous == .zero) else { throw reader.damaged("the predecessor") }
        let content = try reader.hash()
        let contentLength = try reader.word(UInt64.self)
        guard contentLength <= UInt64(Limits.contentBytes) else { throw .tooLarge("changeset content") }
        let rows = try reader.word(UInt32.self)
        let more = try reader.word(UInt32.self)
        let schema = try reader.word(UInt64.self)
        let time = try reader.time()
        let reading = try reader.time()
        let offset = Int64(bitPattern: try reader.word(UInt64.self))
        let epoch = try reader.word(UInt64.self)
        let position = try reader.word(UInt64.self)
        let others = try DotCoding.decodeVector(from: &reader)
        let actor = try reader.text(upTo: textBytes, "actor")
        let note = try reader.text(upTo: textBytes, "note")
        try reader.finish()
        return ChangesetHeader(
            origin: origin, sequence: sequence, previous: previous,
            clock: CausalClock(epoch: epoch, position: position, others: others), time: time, reading: reading,
            offset: offset, actor: actor, note: note, schema: schema, rows: rows, more: more, content: content,
            contentLength: contentLength)
    }
}
