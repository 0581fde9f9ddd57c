public import SatchelModel

/// A changeset as it lies in the file: exact header and signature, content deflated by the caller.
public struct KeptChangeset {
    public let dot: DotID
    public let standing: Standing
    /// The order of application here; at the hub, the position.
    public let arrival: UInt64
    public let header: [UInt8]
    public let signature: [UInt8]
    public let content: [UInt8]
    /// Bytes of the content before it was deflated.
    public let length: Int
    /// Who vouches for the content, where it is not the author's any more.
    public let redaction: [UInt8]?

    public enum Standing: Int64, Sendable {
        /// Waiting for something; not applied.
        case parked = 0
        /// Applied here, not known to be at the hub.
        case pending = 1
        /// Covered by the hub's clock; at the hub itself, applied.
        case settled = 2
    }
}

extension Store {
    /// Keeps a changeset whole; it becomes the last in the order of application.
    @discardableResult
    public func keep(
        _ dot: DotID, standing: KeptChangeset.Standing, header: [UInt8], signature: [UInt8], content: [UInt8],
        length: Int, made: Timestamp? = nil, redaction: [UInt8]? = nil
    ) throws -> UInt64 {
        let arrival = try lastArrival() + 1
        let insert = try db.statement(
            "INSERT INTO satchel_changeset(dot, standing, arrival, header, signature, content, length, made, redaction) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        try insert.bind(1, dot).bind(2, standing.rawValue).bind(3, Int64(clamping: arrival)).bind(4, blob: header)
            .bind(5, blob: signature).bind(6, blob: content).bind(7, Int64(length))
            .bind(8, made.map { .integer($0.milliseconds) } ?? .null)
            .bind(9, redaction.map { .blob($0) } ?? .null).run()
        return arrival
    }

    /// Puts the deflated content of a changeset into its place, which was kept without it.
    public func setContent(_ dot: DotID, _ content: [UInt8]) throws {
        try db.statement("UPDATE satchel_changeset SET content = ? WHERE dot = ?").bind(1, blob: content).bind(2, dot)
            .run()
    }

    /// The arrival of the newest changeset; 0: there is none.
    public func lastArrival() throws -> UInt64 {
        let select = try db.statement("SELECT coalesce(max(arrival), 0) FROM satchel_changeset")
        defer { select.reset() }
        return try select.step() ? UInt64(select.integer(0)) : 0
    }

    /// Moves a changeset to another standing; an unparked one becomes the last applied.
    public func setStanding(_ dot: DotID, _ standing: KeptChangeset.Standing, arrivesNow: Bool = false) throws {
        if arrivesNow {
            try db.statement("UPDATE satchel_changeset SET standing = ?, arrival = ? WHERE dot = ?")
                .bind(1, standing.rawValue).bind(2, Int64(try lastArrival() + 1)).bind(3, dot).run()
        } else {
            try db.statement("UPDATE satchel_changeset SET standing = ? WHERE dot = ?")
                .bind(1, standing.rawValue).bind(2, dot).run()
        }
    }

    public func standing(of dot: DotID) throws -> KeptChangeset.Standing? {
        let select = try db.statement("SELECT standing FROM satchel_changeset WHERE dot = ?")
        select.bind(1, dot)
        defer { select.reset() }
        return try select.step() ? KeptChangeset.Standing(rawValue: select.integer(0)) : nil
    }

    /// Dots of the changesets of a standing, in order of application.
    public func dots(_ standing: KeptChangeset.Standing) throws -> [DotID] {
        let select = try db.statement(
            "SELECT dot FROM satchel_changeset WHERE standing = \(standing.rawValue) ORDER BY arrival")
        var dots: [DotID] = []
        while try select.step() { dots.append(select.integer(0)) }
        return dots
    }

    /// Dots of everything that arrived after `arrival` and was applied, in that order.
    public func dots(after arrival: UInt64) throws -> [DotID] {
        let select = try db.statement(
            "SELECT dot FROM satchel_changeset WHERE arrival > ? AND standing > 0 ORDER BY arrival")
        select.bind(1, Int64(clamping: arrival))
        var dots: [DotID] = []
        while try select.step() { dots.append(select.integer(0)) }
        return dots
    }

    /// The same of one line.
    public func dots(of origin: OriginID, after arrival: UInt64) throws -> [DotID] {
        let select = try db.statement(
            "SELECT c.dot FROM satchel_changeset c JOIN satchel_dot d ON d.id = c.dot "
                + "WHERE d.origin = (SELECT id FROM satchel_origin WHERE origin = ?) AND c.arrival > ? "
                + "AND c.standing > 0 ORDER BY c.arrival")
        select.bind(1, blob: origin.bytes).bind(2, Int64(clamping: arrival))
        var dots: [DotID] = []
        while try select.step() { dots.append(select.integer(0)) }
        return dots
    }

    public func changeset(_ dot: DotID) throws -> KeptChangeset? {
        let select = try db.statement(
            "SELECT standing, arrival, header, signature, content, length, redaction FROM satchel_changeset "
                + "WHERE dot = ?")
        select.bind(1, dot)
        guard try select.step() else { return nil }
        defer { select.reset() }
        return KeptChangeset(
            dot: dot, standing: .init(rawValue: select.integer(0)) ?? .parked, arrival: UInt64(select.integer(1)),
            header: select.bytes(2), signature: select.bytes(3), content: select.bytes(4),
            length: Int(select.integer(5)), redaction: select.isNull(6) ? nil : select.bytes(6))
    }

    /// The header of a kept changeset, without the rest.
    public func header(_ dot: DotID) throws -> [UInt8]? {
        let select = try db.statement("SELECT header FROM satchel_changeset WHERE dot = ?")
        select.bind(1, dot)
        defer { select.reset() }
        return try select.step() ? select.bytes(0) : nil
    }
}

extension Store {
    /// Gives up the bytes of a changeset that the hub has and that is another's.
    public func forget(_ dot: DotID) throws {
        try db.statement("DELETE FROM satchel_changeset WHERE dot = ?").bind(1, dot).run()
    }
}

extension Store {
    /// Copies the whole file, compacted, to a path where nothing is yet, or an empty file.
    ///
    /// By a connection of its own, since VACUUM makes indexes anew by SQLite's own functions alone: where it takes those of
    /// JSON for unsafe (SCH-30), the schema must be trusted for that long, as apps trust it. It sets off no trigger, and a
    /// function in an index has no effects.
    public func copy(to path: String) throws {
        let other = try Connection(path: db.path, mode: .open)
        defer { other.close() }
        try other.setTriggers(true)
        try other.statement("VACUUM INTO ?").bind(1, Connection.plain(path)).run()
    }
}
