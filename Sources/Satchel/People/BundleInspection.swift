public import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What a bundle must lead back to: a hub's key and a data set.
public struct TrustAnchor: Sendable {
    let hubKey: [UInt8]
    let dataSet: Hash256

    public init(_ replica: Replica) { (hubKey, dataSet) = replica.withEngine { ($0.hubKey, $0.dataSet) } }

    public init(_ enrolment: Enrolment) throws {
        let opened = try enrolment.opened()
        (hubKey, dataSet) = (opened.hubKey, opened.dataSet)
    }
}

/// What a bundle holds, read without taking any of it in.
public struct BundleInspection: Sendable {
    public let header: BundleHeader
    /// As the sender's certificate says.
    public let senderName: String
    public let bytes: Int
    public let parts: Int
    /// Whether the sender was checked against a hub's key; if not, it is only known to be the one that signed.
    public let isTrusted: Bool
    public private(set) var changesets = 0
    /// Rows in those.
    public private(set) var rows = 0
    /// Bytes of their content before compression.
    public private(set) var contentBytes = 0
    public private(set) var stateRows = 0
    /// Rows of changesets and state, by people's table.
    public private(set) var tables: [String: Int] = [:]
    public private(set) var standing: Standing?
    public private(set) var reply: Reply?
    /// Changesets whose author's certificate is not in the bundle.
    public private(set) var unsignedChangesets = 0

    /// Changesets that a person was erased from.
    public private(set) var redactedChangesets = 0

    private var authors: [OriginID: Certificate]
    private let anchor: TrustAnchor?

    /// Reads and checks a whole bundle: checksums, signatures, authors; the sender against `anchor`, if there is one.
    ///
    /// Throws `RefusedBundle` where anything does not hold. Memory: one item of the bundle.
    public init(contentsOf path: String, anchor: TrustAnchor? = nil) throws {
        do {
            let bundle = try UnverifiedBundle(path: path).verify { header, certificate in
                try Self.check(certificate, header.dataSet, anchor)
                return certificate.deviceKey
            }
            self.init(bundle, anchor)
            try bundle.forEach { try take($0) }
        } catch let error as WireError {
            if case .io = error { throw error }
            throw RefusedBundle(description: error.sentence)
        }
    }

    private init(_ bundle: VerifiedBundle, _ anchor: TrustAnchor?) {
        header = bundle.header
        senderName = bundle.certificate.name
        bytes = bundle.bytes
        parts = bundle.parts
        isTrusted = anchor != nil
        authors = [bundle.header.sender: bundle.certificate]
        self.anchor = anchor
    }

    /// IDN-5; without a hub's key, what of it can be checked: that the token signed the device's key.
    private static func check(_ certificate: Certificate, _ dataSet: Hash256, _ anchor: TrustAnchor?) throws {
        if let anchor {
            guard dataSet == anchor.dataSet else { throw WireError.untrusted("the bundle belongs to another data set") }
            return try certificate.verify(hubKey: anchor.hubKey, dataSet: anchor.dataSet)
        }
        guard let grant = certificate.grant else {
            return try certificate.verify(hubKey: certificate.deviceKey, dataSet: dataSet)
        }
        guard grant.dataSet == dataSet else { throw WireError.untrusted("a grant for another data set") }
        guard
            Signatures.verify(
                certificate.tokenSignature, dataSet.bytes + certificate.deviceKey, domain: "satchel-device-1",
                publicKey: grant.tokenKey)
        else { throw WireError.untrusted("the device's key is not signed by its token") }
    }

    private mutating func take(_ item: BundleItem) throws {
        switch item {
        case .standing(let standing): self.standing = standing
        case .reply(let reply): self.reply = reply
        case .dots, .causes, .bases, .schema, .left, .notice, .erasure, .erased, .confinement, .scopes, .handIn: break
        case .author(let author): try take(author)
        case .state(let section):
            let count = section.rows + section.detailed.count
            stateRows += count
            note(section.table, rows: count)
        case .changeset(let changeset):
            if let author = authors[changeset.head.origin] {
                try changeset.verify(publicKey: author.deviceKey)
                try check(changeset, by: author)
            } else {
                unsignedChangesets += 1
            }
            changesets += 1
            rows += Int(changeset.head.rows)
            contentBytes += changeset.content.count
            if let version = ContentCoding.version(of: changeset.content), version > ContentCoding.newest { return }
            for section in try ContentCoding.decode(changeset.content).sections {
                note(section.table, rows: section.rows)
            }
        }
    }

    /// What people said of the data and not in it is no table of theirs (SCH-29).
    private mutating func note(_ table: String, rows: Int) {
        if table != factTable { tables[table, default: 0] += rows }
    }

    /// Where a person was erased from a changeset, somebody must vouch for what is left; the hub is believed only where
    /// its key was given.
    private mutating func check(_ changeset: SealedChangeset, by author: Certificate) throws {
        guard let redaction = changeset.redaction else { return }
        redactedChangesets += 1
        switch redaction.signer {
        case .author: try changeset.verifyRedaction(publicKey: author.deviceKey)
        case .hub: if let anchor { try changeset.verifyRedaction(publicKey: anchor.hubKey) }
        }
    }

    private mutating func take(_ author: Author) throws {
        guard !author.certificate.isEmpty else { return }
        let certificate = try Certificate(decoding: author.certificate)
        try Self.check(certificate, header.dataSet, anchor)
        guard certificate.origin(dataSet: header.dataSet) == author.origin else {
            throw WireError.untrusted("an author's certificate is another's")
        }
        authors[author.origin] = certificate
    }
}
