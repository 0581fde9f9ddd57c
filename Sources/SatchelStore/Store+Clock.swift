public import SatchelModel

/// What the hub has: heads of lines, and changesets one by one (MRG-4, EXC-20).
extension Store {
    /// On a device the hub's whole clock at the device's position; at the hub, what it applied.
    public func clock() throws -> VersionVector {
        let select = try db.statement("SELECT origin, sequence, tag FROM satchel_clock")
        var rows: [(Int64, Int64, Int64)] = []
        while try select.step() { rows.append((select.integer(0), select.integer(1), select.integer(2))) }
        return VersionVector(
            heads: try rows.map {
                .init(origin: try origin($0.0), sequence: UInt64(bitPattern: $0.1), tag: UInt64(bitPattern: $0.2))
            })
    }

    /// The heads of one line, in order.
    public func heads(_ origin: OriginID) throws -> [VersionVector.Entry] {
        let select = try db.statement(
            "SELECT sequence, tag FROM satchel_clock WHERE origin = (SELECT id FROM satchel_origin WHERE origin = ?)")
        select.bind(1, blob: origin.bytes)
        var heads: [VersionVector.Entry] = []
        while try select.step() {
            heads.append(
                .init(
                    origin: origin, sequence: UInt64(bitPattern: select.integer(0)),
                    tag: UInt64(bitPattern: select.integer(1))))
        }
        return heads.sorted()
    }

    /// Moves a line's head on to the next changeset of its chain; where none of its heads is the one before, the line
    /// is forked and has one more. Causes come first.
    ///
    /// - Parameter isBehind: it comes late, and what follows it in its chain is under the clock: it is no head.
    public func advanceClock(to dot: Dot, previous: UInt64, isBehind: Bool = false) throws {
        let origin = try originID(dot.origin)
        if dot.sequence > 1 {
            try db.statement("DELETE FROM satchel_clock WHERE origin = ? AND sequence = ? AND tag = ?")
                .bind(1, origin).bind(2, Int64(bitPattern: dot.sequence - 1)).bind(3, Int64(bitPattern: previous)).run()
        }
        if !isBehind { try addHead(origin, .init(dot)) }
    }

    /// Whether a changeset is applied here that names this one as the one before it in its chain (BND-20).
    public func isFollowed(_ dot: Dot) throws -> Bool {
        let select = try db.statement(
            "SELECT 1 FROM satchel_dot d JOIN satchel_changeset c ON c.dot = d.id WHERE d.origin = ? AND d.sequence = ? "
                + "AND substr(c.header, 26, 8) = ? AND c.standing > 0")
        try select.bind(1, originID(dot.origin)).bind(2, Int64(bitPattern: dot.sequence &+ 1))
            .bind(3, blob: withUnsafeBytes(of: dot.tag.bigEndian, Array.init))
        defer { select.reset() }
        return try select.step()
    }

    /// Takes over the heads of the lines in `clock`; other lines stay.
    public func replaceLines(_ clock: VersionVector) throws {
        for entry in clock.entries {
            try db.statement("DELETE FROM satchel_clock WHERE origin = ?").bind(1, try originID(entry.origin)).run()
        }
        for entry in clock.entries { try addHead(originID(entry.origin), entry) }
    }

    /// Forgets the whole clock, and what the hub said it has: a hub of another epoch may not have it (EXC-20).
    public func forgetHub() throws {
        try db.execute(
            "DELETE FROM satchel_clock; UPDATE satchel_dot SET hub = 2 WHERE hub > 0; "
                + "UPDATE satchel_dot SET position = 0 WHERE position <> 0; "
                + "DELETE FROM satchel_moved")
    }

    private func addHead(_ origin: Int64, _ entry: VersionVector.Entry) throws {
        try db.statement("INSERT OR IGNORE INTO satchel_clock(origin, sequence, tag) VALUES (?, ?, ?)")
            .bind(1, origin).bind(2, Int64(bitPattern: entry.sequence)).bind(3, Int64(bitPattern: entry.tag)).run()
    }

    /// Keeps that this replica wrote a line before, and why it left it.
    public func noteLine(_ origin: OriginID, until sequence: UInt64, at time: Timestamp, reason: String) throws {
        let insert = try db.statement(
            "INSERT OR REPLACE INTO satchel_line(origin, sequence, time, reason) VALUES (?, ?, ?, ?)")
        try insert.bind(1, blob: origin.bytes).bind(2, Int64(bitPattern: sequence)).bind(3, time.milliseconds)
            .bind(4, reason).run()
    }

    /// Whether this replica wrote a line before the one it writes now.
    public func wroteLine(_ origin: OriginID) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_line WHERE origin = ?")
        select.bind(1, blob: origin.bytes)
        defer { select.reset() }
        return try select.step()
    }

    /// The lines that this replica wrote before, oldest first.
    public func formerLines() throws -> [FormerLine] {
        let select = try db.statement("SELECT origin, sequence, time, reason FROM satchel_line ORDER BY time, origin")
        var lines: [FormerLine] = []
        while try select.step() {
            guard let origin = OriginID(bytes: select.bytes(0)) else { continue }
            lines.append(
                FormerLine(
                    origin: origin, sequence: UInt64(bitPattern: select.integer(1)),
                    until: Timestamp(milliseconds: select.integer(2)), reason: select.string(3)))
        }
        return lines
    }

    /// Whether the hub said that it has this very changeset.
    public func isTold(_ dot: Dot) throws -> Bool {
        let select = try db.statement(
            "SELECT 1 FROM satchel_dot d JOIN satchel_origin o ON o.id = d.origin "
                + "WHERE o.origin = ? AND d.sequence = ? AND d.tag = ? AND d.hub = 1")
        select.bind(1, blob: dot.origin.bytes).bind(2, Int64(bitPattern: dot.sequence))
            .bind(3, Int64(bitPattern: dot.tag))
        defer { select.reset() }
        return try select.step()
    }

    /// Whether the hub said that it has another changeset of the same line and sequence.
    public func isAnotherTold(_ dot: Dot) throws -> Bool {
        let select = try db.statement(
            "SELECT 1 FROM satchel_dot d JOIN satchel_origin o ON o.id = d.origin "
                + "WHERE o.origin = ? AND d.sequence = ? AND d.tag <> ? AND d.hub = 1")
        select.bind(1, blob: dot.origin.bytes).bind(2, Int64(bitPattern: dot.sequence))
            .bind(3, Int64(bitPattern: dot.tag))
        defer { select.reset() }
        return try select.step()
    }

    /// Everything that was applied after `arrival`, in that order, as dots. One statement.
    public func applied(after arrival: UInt64) throws -> [Dot] {
        let select = try db.statement(
            "SELECT d.origin, d.sequence, d.tag FROM satchel_changeset c JOIN satchel_dot d ON d.id = c.dot "
                + "WHERE c.arrival > ? AND c.standing > 0 ORDER BY c.arrival")
        select.bind(1, Int64(clamping: arrival))
        var rows: [(Int64, Int64, Int64)] = []
        while try select.step() { rows.append((select.integer(0), select.integer(1), select.integer(2))) }
        return try rows.map {
            Dot(origin: try origin($0.0), sequence: UInt64(bitPattern: $0.1), tag: UInt64(bitPattern: $0.2))
        }
    }

    /// The changesets of a standing in order of application, each with the tag of the one before it in its chain,
    /// read from its header (BND-20). One statement.
    public func chain(_ standing: KeptChangeset.Standing) throws -> [(id: DotID, dot: Dot, previous: UInt64)] {
        let select = try db.statement(
            "SELECT c.dot, d.origin, d.sequence, d.tag, substr(c.header, 26, 8) FROM satchel_changeset c "
                + "JOIN satchel_dot d ON d.id = c.dot WHERE c.standing = \(standing.rawValue) ORDER BY c.arrival")
        var rows: [(DotID, Int64, Int64, Int64, UInt64)] = []
        while try select.step() {
            rows.append(
                (
                    select.integer(0), select.integer(1), select.integer(2), select.integer(3),
                    select.bytes(4).reduce(0) { $0 << 8 | UInt64($1) }
                ))
        }
        return try rows.map { id, origin, sequence, tag, previous in
            let dot = Dot(
                origin: try self.origin(origin), sequence: UInt64(bitPattern: sequence), tag: UInt64(bitPattern: tag))
            return (id, dot, previous)
        }
    }
}
