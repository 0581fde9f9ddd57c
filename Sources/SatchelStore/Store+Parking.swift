public import SatchelModel

/// Changesets that wait, each under the first thing that it lacks (EXC-33).
extension Store {
    /// What the store looks a waiting changeset up by.
    public enum Lack: Sendable {
        case changeset(OriginID, UInt64)
        /// The hub's state up to a position.
        case hub(UInt64)
        /// A program that reads contents of a version.
        case program(UInt64)
    }

    /// Notes what a parked changeset of this size waits for.
    public func wait(_ dot: DotID, of author: OriginID, for lack: Lack, bytes: Int) throws {
        let (origin, sequence) = try place(of: lack)
        let insert = try db.statement(
            "INSERT INTO satchel_wait(dot, origin, sequence, author, bytes) VALUES (?, ?, ?, ?, ?)")
        try insert.bind(1, dot).bind(2, origin).bind(3, Int64(clamping: sequence)).bind(4, try originID(author))
            .bind(5, Int64(bytes)).run()
    }

    public func waitsNoMore(_ dot: DotID) throws {
        try db.statement("DELETE FROM satchel_wait WHERE dot = ?").bind(1, dot).run()
    }

    /// Those that wait for exactly this.
    public func waiting(for lack: Lack) throws -> [DotID] {
        let (origin, sequence) = try place(of: lack)
        return try waiting(origin: origin, from: sequence, to: sequence)
    }

    /// Those that wait for the hub's state up to a position or an earlier one. O(log parked + found).
    public func waitingForHub(upTo position: UInt64) throws -> [DotID] {
        try waiting(origin: 0, from: 0, to: position)
    }

    /// Those that wait for a program that reads contents up to a version. O(log parked + found).
    public func waitingForProgram(upTo version: UInt64) throws -> [DotID] {
        try waiting(origin: -1, from: 0, to: version)
    }

    private func waiting(origin: Int64, from: UInt64, to: UInt64) throws -> [DotID] {
        let select = try db.statement(
            "SELECT dot FROM satchel_wait WHERE origin = ? AND sequence BETWEEN ? AND ? ORDER BY sequence, dot")
        select.bind(1, origin).bind(2, Int64(clamping: from)).bind(3, Int64(clamping: to))
        var dots: [DotID] = []
        while try select.step() { dots.append(select.integer(0)) }
        return dots
    }

    /// Moves a waiting changeset to another thing that it lacks.
    public func wait(_ dot: DotID, for lack: Lack) throws {
        let (origin, sequence) = try place(of: lack)
        try db.statement("UPDATE satchel_wait SET origin = ?, sequence = ? WHERE dot = ?")
            .bind(1, origin).bind(2, Int64(clamping: sequence)).bind(3, dot).run()
    }

    private func place(of lack: Lack) throws -> (origin: Int64, sequence: UInt64) {
        switch lack {
        case .changeset(let origin, let sequence): (try originID(origin), sequence)
        case .hub(let position): (0, position)
        case .program(let version): (-1, version)
        }
    }

    /// Bytes that wait, by author. O(parked).
    public func parkedBytes() throws -> [OriginID: Int] {
        let select = try db.statement("SELECT author, sum(bytes) FROM satchel_wait GROUP BY author")
        var sums: [(Int64, Int64)] = []
        while try select.step() { sums.append((select.integer(0), select.integer(1))) }
        return Dictionary(uniqueKeysWithValues: try sums.map { (try origin($0.0), Int($0.1)) })
    }
}

/// What is told of changesets that are not here (EXC-34), and when bundles were made.
extension Store {
    /// Keeps what a sender said of a changeset, if nobody said it before.
    public func noteRumour(_ cause: Cause) throws {
        let insert = try db.statement(
            "INSERT OR IGNORE INTO satchel_rumour(dot, time, made, device) VALUES (?, ?, ?, ?)")
        try insert.bind(1, try dotID(cause.dot)).bind(2, cause.time.milliseconds)
            .bind(3, cause.made.map { .integer($0.milliseconds) } ?? .null).bind(4, cause.device).run()
    }

    public func rumour(_ dot: Dot) throws -> Cause? {
        guard let id = try metDot(dot) else { return nil }
        let select = try db.statement("SELECT time, made, device FROM satchel_rumour WHERE dot = ?")
        select.bind(1, id)
        defer { select.reset() }
        guard try select.step() else { return nil }
        return Cause(
            dot: dot, time: Timestamp(milliseconds: select.integer(0)),
            made: select.isNull(1) ? nil : Timestamp(milliseconds: select.integer(1)), device: select.string(2))
    }

    /// Forgets what was said of a changeset, or all of it once nothing waits any more.
    public func forgetRumours(of dot: DotID? = nil) throws {
        if let dot {
            try db.statement("DELETE FROM satchel_rumour WHERE dot = ?").bind(1, dot).run()
        } else {
            try db.statement("DELETE FROM satchel_rumour WHERE NOT EXISTS (SELECT 1 FROM satchel_wait)").run()
        }
    }

    /// When its author made the first bundle with a changeset that is kept here; nil: not known.
    public func made(_ dot: DotID) throws -> Timestamp? {
        let select = try db.statement("SELECT made FROM satchel_changeset WHERE dot = ? AND made IS NOT NULL")
        select.bind(1, dot)
        defer { select.reset() }
        return try select.step() ? Timestamp(milliseconds: select.integer(0)) : nil
    }

    /// Notes that a bundle with this changeset was made; the first one counts.
    public func noteMade(_ dot: DotID, at time: Timestamp) throws {
        try db.statement("UPDATE satchel_changeset SET made = ? WHERE dot = ? AND made IS NULL")
            .bind(1, time.milliseconds).bind(2, dot).run()
    }
}
