public import SatchelModel

/// Items of type 7: orders to erase, changesets that a person was erased from, and how far replicas are (BND-50).
enum ErasureCoding {
    enum Shape: UInt8 {
        case order = 0
        case redacted = 1
        case standing = 2
    }

    static let idBytes = 16
    static let saltBytes = 32
    static let recognizerBytes = 16
    private static let version: UInt8 = 1

    static func encode(_ signed: SignedErasure, to writer: inout ByteWriter) throws(WireError) {
        guard signed.signature.count == 64 else { throw .damaged("an erasure's signature has 64 bytes") }
        writer.byte(Shape.order.rawValue)
        writer.raw(signed.signature)
        writer.raw(try encode(signed.order))
    }

    /// The bytes that the hub signs.
    static func encode(_ order: ErasureOrder) throws(WireError) -> [UInt8] {
        guard order.id.count == idBytes, order.salt.count == saltBytes,
            order.parts.allSatisfy({ $0.rows.allSatisfy { $0.count == recognizerBytes } })
        else { throw .damaged("an erasure that does not add up") }
        var writer = ByteWriter()
        writer.byte(version)
        writer.raw(order.id)
        writer.word(order.epoch)
        writer.word(order.position)
        writer.count(order.earlier.count)
        for point in order.earlier {
            writer.word(point.epoch)
            writer.word(point.position)
        }
        writer.word(order.time.milliseconds)
        writer.raw(order.salt)
        writer.byte(order.followsReferences ? 1 : 0)
        writer.count(order.parts.count)
        for part in order.parts {
            try encode(name: part.table, to: &writer)
            writer.count(part.units.count)
            for unit in part.units {
                guard unit.blank.count == unit.columns.count else { throw .damaged("an erasure that does not add up") }
                try encode(name: unit.name, to: &writer)
                writer.count(unit.columns.count)
                for column in unit.columns { try encode(name: column, to: &writer) }
                ColumnCoding.encode(ValueColumn(unit.blank), to: &writer)
            }
            writer.count(part.rows.count)
            for row in part.rows { writer.raw(row) }
        }
        return writer.bytes
    }

    private static func encode(name: String, to writer: inout ByteWriter) throws(WireError) {
        guard name.utf8.count <= Limits.nameBytes else { throw .tooLarge("an erasure: a name") }
        writer.counted(name.utf8)
    }

    static func decodeSigned(from reader: inout ByteReader) throws(WireError) -> SignedErasure {
        let signature = Array(try reader.raw(64))
        return SignedErasure(order: try decodeOrder(from: &reader), signature: signature)
    }

    private static func decodeOrder(from reader: inout ByteReader) throws(WireError) -> ErasureOrder {
        guard try reader.byte() == version else { throw .unsupported("an erasure of another version") }
        let id = Array(try reader.raw(idBytes))
        let epoch = try reader.word(UInt64.self)
        let position = try reader.word(UInt64.self)
        let places = try reader.number(upTo: reader.remaining / 16, "places")
        try reader.spend(places, each: 16)
        var earlier: [HubPoint] = []
        for _ in 0..<places {
            earlier.append(HubPoint(epoch: try reader.word(UInt64.self), position: try reader.word(UInt64.self)))
        }
        let time = try reader.time()
        let salt = Array(try reader.raw(saltBytes))
        let flag = try reader.byte()
        guard flag <= 1 else { throw reader.damaged("a flag") }
        let count = try reader.count()
        var parts: [ErasureOrder.Part] = []
        for _ in 0..<count { parts.append(try decodePart(from: &reader)) }
        return ErasureOrder(
            id: id, epoch: epoch, position: position, earlier: earlier, time: time, salt: salt,
            followsReferences: flag == 1, parts: parts)
    }

    private static func decodePart(from reader: inout ByteReader) throws(WireError) -> ErasureOrder.Part {
        try reader.spend(1, each: 256)
        var part = ErasureOrder.Part(table: try reader.text("a table's name"), units: [], rows: [])
        for _ in 0..<(try reader.number(upTo: Limits.columns, "units")) {
            try reader.spend(1, each: 128)
            var unit = ErasureOrder.Unit(name: try reader.text("a unit's name"), columns: [], blank: [])
            let columns = try reader.number(upTo: Limits.columns, "columns")
            try reader.spend(columns, each: 64)
            for _ in 0..<columns { unit.columns.append(try reader.text("a column's name")) }
            let values = try ColumnCoding.decode(columns, from: &reader)
            unit.blank = (0..<columns).map { values[$0] }
            part.units.append(unit)
        }
        let rows = try reader.number(upTo: reader.remaining / recognizerBytes, "rows")
        try reader.spend(rows, each: 64)
        for _ in 0..<rows { part.rows.append(Array(try reader.raw(recognizerBytes))) }
        return part
    }

    static func encode(_ standing: ErasureStanding, to writer: inout ByteWriter) {
        writer.byte(Shape.standing.rawValue)
        writer.word(standing.epoch)
        writer.word(standing.position)
        writer.word(standing.orders)
    }

    static func decodeStanding(from reader: inout ByteReader) throws(WireError) -> ErasureStanding {
        ErasureStanding(
            epoch: try reader.word(UInt64.self), position: try reader.word(UInt64.self),
            orders: try reader.word(UInt64.self))
    }
}

extension SignedErasure {
    /// Signs an order as the hub.
    public static func sign(_ order: ErasureOrder, key: SigningKey) throws(WireError) -> SignedErasure {
        SignedErasure(
            order: order, signature: key.sign(sha256(try ErasureCoding.encode(order)).bytes, domain: Domain.erasure))
    }

    /// Throws `untrusted` unless the hub signed it.
    public func verify(hubKey: [UInt8]) throws(WireError) {
        let hash = sha256(try ErasureCoding.encode(order))
        guard Signatures.verify(signature, hash.bytes, domain: Domain.erasure, publicKey: hubKey) else {
            throw .untrusted("an order to erase is not signed by the hub")
        }
    }

    /// As it is kept: the body of an item of type 7.
    public var encoded: [UInt8] {
        get throws(WireError) {
            var writer = ByteWriter()
            try ErasureCoding.encode(self, to: &writer)
            return writer.bytes
        }
    }

    public init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = ByteReader(bytes, "an erasure")
        guard try reader.byte() == ErasureCoding.Shape.order.rawValue else { throw reader.damaged("a shape") }
        self = try ErasureCoding.decodeSigned(from: &reader)
        try reader.finish()
    }
}

extension ErasureOrder {
    /// What a row is recognised by (ERA-3): nobody can read the key from it; who can guess the key can confirm it.
    public static func recognizer(salt: [UInt8], table: String, key: RowKey) -> [UInt8] {
        var bytes: [UInt8] = []
        Value.text(table).appendCanonical(to: &bytes)
        return Array(sha256(Domain.message(salt + bytes + key.canonical, Domain.erased)).bytes.prefix(16))
    }
}

extension Redaction {
    /// 65 bytes: as it is kept beside the changeset.
    public var encoded: [UInt8] { [signer.rawValue] + signature }

    public init(decoding bytes: [UInt8]) throws(WireError) {
        guard bytes.count == 65, let signer = Signer(rawValue: bytes[0]) else { throw .damaged("a redaction") }
        self.init(signer: signer, signature: Array(bytes[1...]))
    }

    fileprivate static func message(_ hash: Hash256, _ content: [UInt8]) -> [UInt8] {
        hash.bytes + sha256(content).bytes
    }
}

extension SealedChangeset {
    /// The same changeset with other content, vouched for by the hub or by its author (ERA-4).
    public func redacted(to content: [UInt8], by signer: Redaction.Signer, key: SigningKey) -> SealedChangeset {
        var copy = self
        copy.content = content
        copy.redaction = Redaction(
            signer: signer, signature: key.sign(Redaction.message(hash, content), domain: Domain.redaction))
        return copy
    }

    /// Throws `untrusted` if other content stands in the place of the author's and the owner of this key did not sign
    /// for it. Which key that must be is for the caller: the hub's or the author's, as `redaction` says.
    public func verifyRedaction(publicKey: [UInt8]) throws(WireError) {
        guard let redaction else { return }
        guard
            Signatures.verify(
                redaction.signature, Redaction.message(hash, content), domain: Domain.redaction, publicKey: publicKey)
        else { throw .untrusted("nobody vouches for the content of a changeset that a person was erased from") }
    }
}
