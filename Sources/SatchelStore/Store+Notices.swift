public import SatchelModel

/// The hub's notices, and changesets whose content has no effect because of one (REV-1 to REV-6).
extension Store {
    /// Keeps a notice; one that is kept stays as it is.
    ///
    /// - Parameter awaitsRows: the rows that it changes are to come from the hub.
    public func keepNotice(
        _ hash: Hash256, bytes: [UInt8], signature: [UInt8], position: UInt64, awaitsRows: Bool
    ) throws {
        let insert = try db.statement(
            "INSERT OR IGNORE INTO satchel_notice(hash, bytes, signature, position, awaits) VALUES (?, ?, ?, ?, ?)")
        try insert.bind(1, blob: hash.bytes).bind(2, blob: bytes).bind(3, blob: signature)
            .bind(4, Int64(clamping: position)).bind(5, awaitsRows ? 1 : 0).run()
    }

    /// The rows that a notice changes have come.
    public func noteRowsCame(for hash: Hash256) throws {
        try db.statement("UPDATE satchel_notice SET awaits = 0 WHERE hash = ? AND awaits = 1").bind(1, blob: hash.bytes)
            .run()
    }

    /// The notices of which the rows that they change have not come.
    public func noticesAwaitingRows() throws -> [(bytes: [UInt8], signature: [UInt8])] {
        try notices(db.statement("SELECT bytes, signature FROM satchel_notice WHERE awaits = 1 ORDER BY hash"))
    }

    public func hasNotice(_ hash: Hash256) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_notice WHERE hash = ?")
        select.bind(1, blob: hash.bytes)
        defer { select.reset() }
        return try select.step()
    }

    /// The notices that were kept after a position of the hub's log; all of them after nil.
    public func notices(after position: UInt64?) throws -> [(bytes: [UInt8], signature: [UInt8])] {
        let select = try db.statement(
            "SELECT bytes, signature FROM satchel_notice WHERE position > ? ORDER BY position, hash")
        return try notices(select.bind(1, position.map { Int64(clamping: $0) } ?? -1))
    }

    private func notices(_ select: Statement) throws -> [(bytes: [UInt8], signature: [UInt8])] {
        var notices: [(bytes: [UInt8], signature: [UInt8])] = []
        while try select.step() { notices.append((select.bytes(0), select.bytes(1))) }
        return notices
    }

    /// Keeps whether a changeset that is known for order has no effect.
    public func setWithheld(_ dot: DotID, _ withheld: Bool) throws {
        try db.statement("UPDATE satchel_changeset SET withheld = ? WHERE dot = ?")
            .bind(1, Int64(withheld ? 1 : 0)).bind(2, dot).run()
    }

    public func isWithheld(_ dot: DotID) throws -> Bool {
        let select = try db.statement("SELECT withheld FROM satchel_changeset WHERE dot = ?")
        select.bind(1, dot)
        defer { select.reset() }
        return try select.step() && select.integer(0) == 1
    }

    /// The changesets that are known and have no effect, in order of arrival.
    public func withheld() throws -> [DotID] {
        let select = try db.statement("SELECT dot FROM satchel_changeset WHERE withheld = 1 ORDER BY arrival")
        var dots: [DotID] = []
        while try select.step() { dots.append(select.integer(0)) }
        return dots
    }

    /// Every author that was ever met.
    public func authors() throws -> [Author] {
        let select = try db.statement("SELECT origin, name, certificate FROM satchel_origin ORDER BY id")
        var authors: [Author] = []
        while try select.step() {
            guard let origin = OriginID(bytes: select.bytes(0)) else { continue }
            authors.append(Author(origin: origin, name: select.string(1), certificate: select.bytes(2)))
        }
        return authors
    }

    /// The kept and not parked changesets of a line, in order of arrival.
    public func applied(of origin: OriginID) throws -> [DotID] {
        let select = try db.statement(
            "SELECT c.dot FROM satchel_changeset c JOIN satchel_dot d ON d.id = c.dot "
                + "WHERE d.origin = (SELECT id FROM satchel_origin WHERE origin = ?) AND c.standing > 0 "
                + "ORDER BY c.arrival")
        select.bind(1, blob: origin.bytes)
        var dots: [DotID] = []
        while try select.step() { dots.append(select.integer(0)) }
        return dots
    }

    /// The changeset before a kept one in its chain; nil: it is the first, or its bytes are not kept here.
    public func predecessor(of dot: Dot) throws -> Dot? {
        guard dot.sequence > 1, let id = try metDot(dot) else { return nil }
        let select = try db.statement("SELECT substr(header, 26, 8) FROM satchel_changeset WHERE dot = ?")
        select.bind(1, id)
        defer { select.reset() }
        guard try select.step() else { return nil }
        return Dot(
            origin: dot.origin, sequence: dot.sequence - 1, tag: select.bytes(0).reduce(0) { $0 << 8 | UInt64($1) })
    }
}
