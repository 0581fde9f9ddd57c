public import SatchelModel

/// One thing in a bundle (BND-40).
public enum BundleItem: Sendable {
    case standing(Standing), author(Author), changeset(SealedChangeset), reply(Reply), dots([KnownDot])
    case state(StateSection), erasure(SignedErasure), erased(ErasureStanding), causes([Cause]), notice(SealedNotice)
    case bases([ConflictBase]), schema(SchemaOffer), left([OriginID])
    case confinement(Confinement), scopes(ScopeCertificate), handIn(HandIn)
}

/// Items in bytes: a type, a length and a body, one after another in the bundle's stream (BND-40 to BND-61).
enum ItemCoding {
    enum Kind: UInt8 {
        case standing = 1
        case author = 2
        case changeset = 3
        case reply = 4
        case dots = 5
        case state = 6
        case erasure = 7
        case notice = 8
        case handIn = 9
        case packed = 10
        case confinement = 11
        case scopes = 12
        case causes = 128
        case bases = 129
        case schema = 130
        case left = 131

        /// Bytes that a body of this kind may have.
        var limit: Int {
            switch self {
            case .changeset, .packed, .erasure: Limits.contentBytes + Limits.headerBytes + 256
            case .standing, .reply, .dots, .state, .bases, .confinement, .handIn: Limits.contentBytes
            case .author, .causes, .notice, .schema, .left, .scopes: Limits.headerBytes
            }
        }
    }

    /// Types from here on may be skipped by whoever does not know them.
    static let firstOptional: UInt8 = 128

    /// The body in two pieces, of which the second is a changeset's content, not copied. `dots`: how many the bundle
    /// holds so far, before this item.
    static func encode(
        _ item: BundleItem, dots: Int
    ) throws(WireError) -> (kind: Kind, body: [UInt8], content: [UInt8]) {
        var writer = ByteWriter()
        var content: [UInt8] = []
        let kind: Kind
        switch item {
        case .standing(let standing):
            kind = .standing
            writer.word(standing.epoch)
            writer.word(standing.position)
            writer.word(standing.scopes)
            DotCoding.encode(standing.beyond, to: &writer)
        case .author(let author):
            kind = .author
            writer.origin(author.origin)
            writer.counted(author.name.clipped(bytes: Limits.nameBytes).utf8)
            writer.counted(author.certificate)
        case .changeset(let changeset):
            kind = changeset.redaction == nil ? .changeset : .erasure
            if let redaction = changeset.redaction {
                writer.byte(ErasureCoding.Shape.redacted.rawValue)
                writer.raw(redaction.encoded)
            }
            try encodeHead(changeset.header, changeset.signature, to: &writer)
            content = changeset.content
        case .reply(let reply):
            kind = .reply
            encode(reply, to: &writer)
        case .dots(let known):
            kind = .dots
            DotCoding.encode(known, to: &writer)
        case .erasure(let signed):
            kind = .erasure
            try ErasureCoding.encode(signed, to: &writer)
        case .erased(let standing):
            kind = .erasure
            ErasureCoding.encode(standing, to: &writer)
        case .state(let section):
            kind = .state
            try StateCoding.encode(section, dots: dots, to: &writer)
        case .handIn(let handIn):
            kind = .handIn
            writer.word(handIn.point.epoch)
            writer.word(handIn.point.position)
            DotCoding.encode(handIn.known, to: &writer)
            DotCoding.encode(handIn.aside, to: &writer)
            DotCoding.encode(handIn.lost, to: &writer)
        case .notice(let notice):
            kind = .notice
            writer.counted(notice.bytes)
            writer.raw(notice.signature)
        case .confinement(let confinement):
            kind = .confinement
            try ConfinementCoding.encode(confinement, to: &writer)
        case .scopes(let certificate):
            kind = .scopes
            writer.raw(certificate.encoded)
        case .causes(let causes):
            kind = .causes
            CauseCoding.encode(causes, to: &writer)
        case .bases(let bases):
            kind = .bases
            BaseCoding.encode(bases, to: &writer)
        case .schema(let offer):
            kind = .schema
            writer.word(offer.version)
            writer.counted(offer.text.utf8)
        case .left(let lines):
            kind = .left
            writer.count(lines.count)
            for line in lines { writer.raw(line.bytes) }
        }
        guard writer.bytes.count + content.count <= kind.limit else { throw .tooLarge("an item of a bundle") }
        return (kind, writer.bytes, content)
    }

    /// - Parameters:
    ///   - dots: how many the bundle held before this item.
    ///   - most: bytes that a content which travels deflated may have.
    static func decode(
        _ kind: Kind, _ body: consuming [UInt8], dots: Int, upTo most: Int = Limits.contentBytes
    ) throws(WireError) -> BundleItem {
        guard kind != .changeset else { return .changeset(try decodeChangeset(consume body, redaction: nil)) }
        guard kind != .packed else { return .changeset(try decodePacked(consume body, upTo: most)) }
        guard kind != .erasure else { return try decodeErasure(consume body) }
        var reader = ByteReader(body, "an item of a bundle")
        let item: BundleItem
        switch kind {
        case .standing:
            item = .standing(
                Standing(
                    epoch: try reader.word(UInt64.self), position: try reader.word(UInt64.self),
                    scopes: try reader.word(UInt64.self), beyond: try DotCoding.decode(from: &reader)))
        case .author:
            item = .author(
                Author(
                    origin: try reader.origin(), name: try reader.text("an author's name"),
                    certificate: Array(try reader.counted(upTo: Certificate.maximumBytes, "certificate"))))
        case .reply: item = .reply(try decodeReply(from: &reader))
        case .dots: item = .dots(try DotCoding.decodeKnown(from: &reader))
        case .changeset, .packed, .erasure: throw reader.damaged("an item which is read by itself")
        case .state: item = .state(try StateCoding.decode(dots: dots, from: &reader))
        case .handIn:
            let point = HubPoint(epoch: try reader.word(UInt64.self), position: try reader.word(UInt64.self))
            item = .handIn(
                HandIn(
                    point: point, known: try DotCoding.decode(from: &reader),
                    aside: try DotCoding.decode(from: &reader),
                    lost: try DotCoding.decode(from: &reader)))
        case .notice:
            let bytes = Array(try reader.counted(upTo: Limits.headerBytes, "a notice of the hub"))
            item = .notice(try SealedNotice(bytes: bytes, signature: Array(try reader.raw(64))))
        case .confinement: item = .confinement(try ConfinementCoding.decode(from: &reader))
        case .scopes: item = .scopes(try ScopeCertificate(from: &reader))
        case .causes: item = .causes(try CauseCoding.decode(from: &reader))
        case .bases: item = .bases(try BaseCoding.decode(from: &reader))
        case .schema:
            item = .schema(
                SchemaOffer(
                    version: try reader.word(UInt64.self),
                    text: try reader.text(upTo: Limits.headerBytes, "a schema")))
        case .left: item = .left(try decodeLines(from: &reader))
        }
        try reader.finish()
        return item
    }

    /// The content is the body without its beginning: cut off in place, since it may be large.
    private static func decodeChangeset(
        _ body: consuming [UInt8], redaction: Redaction?
    ) throws(WireError) -> SealedChangeset {
        let (header, signature, size) = try decodeChangesetHead(body)
        body.removeFirst(size)
        return try SealedChangeset(header: header, signature: signature, content: body, redaction: redaction)
    }

    static func decodePacked(_ body: consuming [UInt8], upTo most: Int) throws(WireError) -> SealedChangeset {
        let (header, signature, size) = try decodeChangesetHead(body)
        body.removeFirst(size)
        let length = try HeaderCoding.decode(header).contentLength
        guard length <= packedLimit(body.count), length <= UInt64(max(0, most)) else {
            throw .tooLarge("what a content inflates to")
        }
        var changeset = try SealedChangeset(
            header: header, signature: signature, content: Deflate.inflate(body, expected: Int(length)))
        changeset.deflated = body
        return changeset
    }

    /// Bytes that a content may have which travels in so many deflated ones (BND-54).
    static func packedLimit(_ deflated: Int) -> UInt64 { UInt64(1 << 20) + 100 * UInt64(deflated) }

    private static func decodeErasure(_ body: consuming [UInt8]) throws(WireError) -> BundleItem {
        var reader = ByteReader(body, "an item of an erasure")
        let item: BundleItem
        switch ErasureCoding.Shape(rawValue: try reader.byte()) {
        case .order: item = .erasure(try ErasureCoding.decodeSigned(from: &reader))
        case .standing: item = .erased(try ErasureCoding.decodeStanding(from: &reader))
        case .redacted:
            let redaction = try Redaction(decoding: Array(try reader.raw(65)))
            return .changeset(try decodeChangeset(Array(try reader.raw(reader.remaining)), redaction: redaction))
        case nil: throw .unsupported("an erasure of another shape")
        }
        try reader.finish()
        return item
    }

    /// A changeset but for its content.
    static func encodeHead(_ header: [UInt8], _ signature: [UInt8], to writer: inout ByteWriter) throws(WireError) {
        guard signature.count == 64 else { throw .damaged("a changeset's signature has 64 bytes") }
        writer.counted(header)
        writer.raw(signature)
    }

    private static func decodeChangesetHead(
        _ body: [UInt8]
    ) throws(WireError) -> (header: [UInt8], signature: [UInt8], size: Int) {
        var reader = ByteReader(body, "a changeset")
        let header = Array(try reader.counted(upTo: Limits.headerBytes, "changeset header"))
        return (header, Array(try reader.raw(64)), reader.position)
    }

    private static func encode(_ reply: Reply, to writer: inout ByteWriter) {
        writer.word(reply.epoch)
        writer.word(reply.from)
        writer.word(reply.position)
        writer.byte(reply.snapshot ? 1 : 0)
        writer.word(reply.scopes)
        DotCoding.encode(reply.clock, to: &writer)
        writer.word(reply.time.milliseconds)
        writer.word(reply.ahead)
        writer.byte(reply.yours == nil ? 0 : 1)
        if let yours = reply.yours { writer.raw(yours.bytes) }
        writer.word(reply.toldFrom)
        DotCoding.encode(reply.told, to: &writer)
        DotCoding.encode(reply.waiting, to: &writer)
        DotCoding.encode(reply.lost, to: &writer)
        writer.word(reply.horizon)
        writer.word(reply.everywhere)
        writer.count(reply.epochs.count)
        for epoch in reply.epochs {
            writer.word(epoch.number)
            writer.word(epoch.start)
        }
        writer.byte(reply.adopted == nil ? 0 : 1)
        if let adopted = reply.adopted {
            writer.word(adopted.epoch)
            writer.word(adopted.position)
        }
        DotCoding.encode(reply.accounted, to: &writer)
        DotCoding.encode(reply.aside, to: &writer)
    }

    private static func decodeReply(from reader: inout ByteReader) throws(WireError) -> Reply {
        let epoch = try reader.word(UInt64.self)
        let from = try reader.word(UInt64.self)
        let position = try reader.word(UInt64.self)
        let snapshot = try reader.byte()
        guard snapshot <= 1 else { throw reader.damaged("a reply's flag") }
        let scopes = try reader.word(UInt64.self)
        let clock = try DotCoding.decodeVector(from: &reader)
        let time = try reader.time()
        let ahead = Int64(bitPattern: try reader.word(UInt64.self))
        return Reply(
            epoch: epoch, from: from, position: position, snapshot: snapshot == 1, scopes: scopes, clock: clock,
            time: time, ahead: ahead, yours: try decodeYours(from: &reader),
            toldFrom: try reader.word(UInt64.self), told: try DotCoding.decode(from: &reader),
            waiting: try DotCoding.decode(from: &reader), lost: try DotCoding.decode(from: &reader),
            horizon: try reader.word(UInt64.self), everywhere: try reader.word(UInt64.self),
            epochs: try decodeEpochs(from: &reader),
            adopted: try decodeAdopted(from: &reader), accounted: try DotCoding.decode(from: &reader),
            aside: try DotCoding.decode(from: &reader))
    }

    private static func decodeEpochs(from reader: inout ByteReader) throws(WireError) -> [HubEpoch] {
        var epochs: [HubEpoch] = []
        for _ in 0..<(try reader.number(upTo: Limits.epochs, "epochs of the hub")) {
            epochs.append(HubEpoch(number: try reader.word(UInt64.self), start: try reader.word(UInt64.self)))
        }
        return epochs
    }

    private static func decodeLines(from reader: inout ByteReader) throws(WireError) -> [OriginID] {
        var lines: [OriginID] = []
        for _ in 0..<(try reader.number(upTo: Limits.formerLines, "former lines")) {
            lines.append(try reader.origin())
        }
        return lines
    }

    private static func decodeAdopted(from reader: inout ByteReader) throws(WireError) -> HubPoint? {
        switch try reader.byte() {
        case 0: return nil
        case 1: return HubPoint(epoch: try reader.word(UInt64.self), position: try reader.word(UInt64.self))
        default: throw reader.damaged("a reply's flag")
        }
    }

    private static func decodeYours(from reader: inout ByteReader) throws(WireError) -> OriginID? {
        switch try reader.byte() {
        case 0: return nil
        case 1: return try reader.origin()
        default: throw reader.damaged("a reply's flag")
        }
    }
}
