internal import Foundation
package import SatchelModel
package import SatchelStore
package import SatchelWire

/// One replica at work: its store, its identity, and the rules that tie the modules together.
///
/// Not Sendable and not locked: `Replica` and the hub own one each and let one thread at it at a time.
package final class Engine {
    package let store: Store
    package let clock: any WallClock
    package let dataSet: Hash256
    package let hubKey: [UInt8]
    package private(set) var certificate: Certificate
    package private(set) var key: SigningKey
    package private(set) var origin: OriginID
    /// The first eight bytes of the schema's hash.
    package internal(set) var schemaTag: UInt64
    /// At a hub with scopes: who judges what devices hand in, while they do.
    package var admission: (any Admission)?
    /// At a hub: which changes of rows are set aside; nil: none is.
    package var setAsideByScopes: (() throws -> (any ChangesSetAside)?)?
    /// The orders to erase that are held here, as read in this transaction.
    var erasureIndex: ErasureIndex?
    /// What follows from orders to erase, as met in this transaction (ERA-6).
    var derived = DerivedErasures()

    /// Contents of changesets that were authored in this transaction and are being deflated.
    var deflating: [(dot: DotID, content: Deflating)] = []

    /// A bug that a test planted (TST-8); nil everywhere else.
    package var planted: PlantedBug?

    /// How many of its newest changesets the hub names one by one in a snapshot.
    package var toldLimit: UInt64 = Limits.toldDots

    /// The newest version of a changeset's content that is read here (EXC-36).
    package var newestContent = ContentCoding.newest

    /// Bytes of changesets that may wait here, of all authors and of one (EXC-35).
    package var room = (all: Limits.parkedBytes, ofOne: Limits.parkedBytesOfOne)

    package var name: String { certificate.name }
    package var isHub: Bool { certificate.grant == nil }

    let anchors: (any AnchorStore)?
    /// What the notices come to, as read in this transaction; nil: not read yet.
    var knownNotices: Notices?
    /// What was last noted outside the file, and for which line.
    var lastAnchor: (origin: OriginID, anchor: Anchor)?
    /// Why nothing can be noted there; nil: it can, or nobody asked for it.
    package internal(set) var anchorFault: String?

    /// Opens what is in the store. Throws `StoreError` if the identity is damaged.
    ///
    /// - Parameter anchors: nil: copies of the file are not noticed when they are opened, only when they meet others.
    package init(store: Store, clock: any WallClock, anchors: (any AnchorStore)?) throws {
        self.store = store
        self.clock = clock
        self.anchors = anchors
        guard let dataSet = try store.metaBlob("data_set").flatMap({ Hash256($0) }),
            let hubKey = try store.metaBlob("hub_key"), let encoded = try store.metaBlob("certificate"),
            let raw = try store.metaBlob("key")
        else { throw StoreError("the replica has no identity: it was not made by `init`") }
        self.dataSet = dataSet
        self.hubKey = hubKey
        certificate = try Certificate(decoding: encoded)
        key = try SigningKey(raw: raw)
        origin = certificate.origin(dataSet: dataSet)
        Spool.sweep(beside: store.db.path)
        schemaTag = Self.tag(ofSchema: try store.schemaText)
        try comeToAnchor()
    }

    /// Another program may have migrated the file while it was open here (VER-6).
    private func followSchema() throws {
        if try store.followSchema() { schemaTag = Self.tag(ofSchema: try store.schemaText) }
    }

    /// The tag of a schema's text (SCH-16).
    static func tag(ofSchema text: String) -> UInt64 { sha256(Array(text.utf8)).tag }

    /// Gives a new store its identity, inside the caller's transaction.
    package static func settle(
        in store: Store, dataSet: Hash256, hubKey: [UInt8], certificate: Certificate, key: SigningKey
    ) throws {
        try store.setMeta("data_set", .blob(dataSet.bytes))
        try store.setMeta("hub_key", .blob(hubKey))
        try store.setMeta("certificate", .blob(certificate.encoded))
        try store.setMeta("key", .blob(key.raw))
        try store.setMeta("sequence", .integer(0))
        try store.setMeta("head", .blob(Hash256.zero.bytes))
        try store.learn(
            Author(
                origin: certificate.origin(dataSet: dataSet), name: certificate.name, certificate: certificate.encoded))
    }

    /// Goes on under a new incarnation, after a restore, a copy or a fork (EXC-27): the old line ends here.
    package func renewIdentity(_ reason: Renewal) throws {
        try store.noteLine(
            origin, until: UInt64(bitPattern: try store.metaInteger("sequence") ?? 0), at: clock.now(),
            reason: reason.rawValue)
        certificate = certificate.renewed(incarnation: Engine.randomBytes(16))
        origin = certificate.origin(dataSet: dataSet)
        try Engine.settle(in: store, dataSet: dataSet, hubKey: hubKey, certificate: certificate, key: key)
        // What the old line told the hub may have been said of a later state than this one.
        try store.setMeta("told_position", nil)
    }

    /// Another program that has the file open may have renewed the identity since.
    private func adoptIdentity() throws {
        guard let encoded = try store.metaBlob("certificate"), encoded != certificate.encoded else { return }
        certificate = try Certificate(decoding: encoded)
        origin = certificate.origin(dataSet: dataSet)
    }

    package static func randomBytes(_ count: Int) -> [UInt8] { Randomness.bytes(count) }

    /// Rows to be worked on together.
    func newBatch() -> RowBatch { RowBatch(store: store, origin: origin, planted: planted) }

    // MARK: Standing with the hub

    package var epoch: UInt64 { get throws { UInt64(bitPattern: try store.metaInteger("epoch") ?? 0) } }

    /// On a device how far it has applied the hub's log; at the hub how long that log is.
    package var position: UInt64 {
        get throws { isHub ? try store.lastArrival() : UInt64(bitPattern: try store.metaInteger("position") ?? 0) }
    }

    /// Up to where in the present hub's log whoever stood there, perhaps with a life of it that is gone, holds what it says
    /// (EXC-28).
    package func reach(epoch: UInt64, position: UInt64) throws -> UInt64 {
        if try epoch == self.epoch { return position }
        return try min(position, store.epochs().start(after: epoch))
    }

    package var scopes: UInt64 { get throws { UInt64(bitPattern: try store.metaInteger("scopes") ?? 0) } }

    /// Milliseconds to add to this machine's clock, as learned from the hub.
    package var clockOffset: Int64 { get throws { try store.metaInteger("clock_offset") ?? 0 } }

    /// Heads of what is applied here beyond the hub's cut, the own line included: one for a line, one for each branch
    /// of a forked line (MRG-4). O(pending).
    package func beyond() throws -> VersionVector {
        var heads = Heads()
        for changeset in try store.chain(.pending) { heads.add(changeset.dot, previous: changeset.previous) }
        return heads.vector
    }

    /// Whether this very changeset is applied here, or the hub said that it is under the cut held here.
    package func knows(_ dot: Dot) throws -> Bool {
        if let id = try store.metDot(dot), let standing = try store.standing(of: id) { return standing != .parked }
        // The hub keeps every changeset: what it does not hold it does not know.
        return try !isHub && store.isTold(dot)
    }

    /// Whether the hub had a changeset at the position held here, as far as this device can tell (EXC-14).
    package func knowledge(of dot: Dot) throws -> VersionVector.Knowledge {
        if try store.isTold(dot) { return .contains }
        let heads = try store.heads(dot.origin)
        guard let last = heads.last, last.sequence > dot.sequence else { return .lacks }
        // Above this position the hub named each changeset that it has.
        if try store.metaInteger("told_from") ?? 0 == 0 { return .lacks }
        // A line that is not forked has one changeset of each sequence.
        return try heads.count == 1 && store.isAnotherTold(dot) ? .lacks : .unsure
    }

    /// Runs `body`, which writes nothing, on one state of the file; it waits for no other program.
    package func reading<T>(_ body: () throws -> T) throws -> T {
        knownNotices = nil
        return try store.db.reading {
            try followSchema()
            return try body()
        }
    }

    /// Runs `body` in one transaction; if it throws, nothing of it remains, in the file or in memory.
    package func transaction<T>(_ body: () throws -> T) throws -> T {
        try begin {
            try store.db.transaction {
                store.now = clock.now().milliseconds
                knownNotices = nil
                try adoptIdentity()
                try followSchema()
                return try body()
            }
        }
    }

    /// Runs `body` as if in a transaction of its own, but in the open one, which goes on without it if it throws.
    package func part<T>(_ body: () throws -> T) throws -> T {
        try finishContents()
        return try begin {
            try store.db.part {
                store.now = clock.now().milliseconds
                return try body()
            }
        }
    }

    private func begin<T>(_ body: () throws -> T) throws -> T {
        let identity = (certificate, origin)
        store.hubTime = isHub ? clock.now() : nil
        (erasureIndex, derived, deflating) = (nil, DerivedErasures(), [])
        do {
            return try body()
        } catch {
            (certificate, origin) = identity
            (erasureIndex, derived, deflating, knownNotices) = (nil, DerivedErasures(), [], nil)
            try store.forgetCaches()
            throw error
        }
    }

    // MARK: Changesets as kept

    /// A kept changeset as it travels. Its bytes are checked against their hash again, against rot on the disk.
    package func sealed(_ dot: DotID) throws -> SealedChangeset? {
        guard let kept = try store.changeset(dot) else { return nil }
        var changeset = try SealedChangeset(
            header: kept.header, signature: kept.signature,
            content: Deflate.inflate(kept.content, expected: kept.length),
            redaction: kept.redaction.map { try Redaction(decoding: $0) })
        changeset.deflated = kept.content
        return changeset
    }

    /// Puts a kept changeset into a bundle: a large one as it lies. Returns its head; nil: it is not kept here.
    func append(_ dot: DotID, to writer: BundleWriter) throws -> (head: ChangesetHeader, dot: Dot)? {
        if let head = try head(dot), head.contentLength >= PackedChangeset.contentBytes,
            let kept = try store.changeset(dot), kept.redaction == nil
        {
            try writer.append(
                PackedChangeset(header: kept.header, signature: kept.signature, deflated: kept.content))
            return (head, try store.known(dot).dot)
        }
        guard let changeset = try sealed(dot) else { return nil }
        try writer.append(.changeset(changeset))
        return (changeset.head, changeset.dot)
    }

    /// Keeps a changeset whole, its content deflated. `made`: when its author made the first bundle with it.
    package func keep(
        _ changeset: SealedChangeset, as dot: DotID, standing: KeptChangeset.Standing, made: Timestamp? = nil
    ) throws {
        try store.keep(
            dot, standing: standing, header: changeset.header, signature: changeset.signature,
            content: changeset.deflated ?? Deflate.compress(changeset.content), length: changeset.content.count,
            made: made, redaction: changeset.redaction?.encoded)
    }

    /// The head of a kept changeset.
    package func head(_ dot: DotID) throws -> ChangesetHeader? {
        try store.header(dot).map { try HeaderCoding.decode($0) }
    }
}

extension Store {
    /// The number of a changeset's dot, with what its header says of it.
    func dotID(_ changeset: SealedChangeset) throws -> DotID {
        let head = changeset.head
        return try dotID(
            changeset.dot, time: head.time, actor: head.actor, reading: head.reading, offset: head.offset)
    }
}
