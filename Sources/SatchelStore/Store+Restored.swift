public import SatchelModel

/// What a restored hub must remember of what it had been told before (EXC-28 to EXC-31).
extension Store {
    public func epochs() throws -> [HubEpoch] {
        let select = try db.statement("SELECT epoch, start FROM satchel_epoch ORDER BY epoch")
        var epochs: [HubEpoch] = []
        while try select.step() {
            epochs.append(
                HubEpoch(number: UInt64(bitPattern: select.integer(0)), start: UInt64(bitPattern: select.integer(1))))
        }
        return epochs
    }

    /// Takes the lives that the hub names in the place of those that were known: one that it does not name is on another
    /// line than its log. Returns whether any differs.
    public func replaceEpochs(_ epochs: [HubEpoch]) throws -> Bool {
        if try epochs == self.epochs() { return false }
        try db.execute("DELETE FROM satchel_epoch")
        for epoch in epochs { try addEpoch(epoch) }
        return true
    }

    public func addEpoch(_ epoch: HubEpoch) throws {
        try db.statement("INSERT OR REPLACE INTO satchel_epoch(epoch, start) VALUES (?, ?)")
            .bind(1, Int64(bitPattern: epoch.number)).bind(2, Int64(bitPattern: epoch.start)).run()
    }

    /// Whether this hub was ever restored, or misses what was declared lost, or knows of what was replaced before it came: if
    /// not, nothing else here need be asked.
    public func wasRestored() throws -> Bool {
        let select = try db.statement(
            "SELECT (SELECT count(*) FROM satchel_epoch) > 1 OR EXISTS(SELECT 1 FROM satchel_lost) "
                + "OR EXISTS(SELECT 1 FROM satchel_ghost)")
        defer { select.reset() }
        return try select.step() && select.integer(0) != 0
    }

    /// The place in the log of a changeset that is applied; nil: it is not.
    public func arrival(of dot: DotID) throws -> UInt64? {
        let select = try db.statement("SELECT arrival FROM satchel_changeset WHERE dot = ? AND standing > 0")
        select.bind(1, dot)
        defer { select.reset() }
        return try select.step() ? UInt64(bitPattern: select.integer(0)) : nil
    }

    // MARK: Lost

    public func declareLost(_ dot: DotID) throws {
        try db.statement("INSERT OR IGNORE INTO satchel_lost(dot) VALUES (?)").bind(1, dot).run()
    }

    public func isLost(_ dot: Dot) throws -> Bool {
        guard let id = try metDot(dot) else { return false }
        let select = try db.statement("SELECT 1 FROM satchel_lost WHERE dot = ?")
        select.bind(1, id)
        defer { select.reset() }
        return try select.step()
    }

    public func setLost(_ dots: [DotID]) throws {
        try empty("satchel_lost")
        for dot in dots { try declareLost(dot) }
    }

    public func lost() throws -> [DotID] { try list("SELECT dot FROM satchel_lost ORDER BY dot") }

    public func find(_ dot: DotID) throws {
        try db.statement("DELETE FROM satchel_lost WHERE dot = ?").bind(1, dot).run()
    }

    // MARK: Accounted for

    /// Keeps changesets that rows handed in follow from; returns the number under which rows name them, nil: there are none.
    ///
    /// - Parameter erased: up to where who handed them in had carried out orders to erase.
    public func addContext(_ dots: [DotID], erased: CausalClock) throws -> Int64? {
        if dots.isEmpty { return nil }
        let next = try list("SELECT coalesce(max(context), 0) + 1 FROM satchel_context").first ?? 1
        let insert = try db.statement("INSERT OR IGNORE INTO satchel_context(context, dot) VALUES (?, ?)")
        for dot in dots { try insert.bind(1, next).bind(2, dot).run() }
        try db.statement("INSERT INTO satchel_adoption(context, epoch, position) VALUES (?, ?, ?)").bind(1, next)
            .bind(2, Int64(bitPattern: erased.epoch)).bind(3, Int64(bitPattern: erased.position)).run()
        return next
    }

    /// Up to where those had carried out orders to erase who handed in a row with what a changeset did to it.
    public func handedIn(_ h: Int64, _ dot: DotID) throws -> [CausalClock] {
        let select = try db.statement(
            "SELECT s.epoch, s.position FROM satchel_accounted a JOIN satchel_context c ON c.context = a.context "
                + "JOIN satchel_adoption s ON s.context = a.context WHERE a.h = ? AND c.dot = ? ORDER BY a.context")
        select.bind(1, h).bind(2, dot)
        var found: [CausalClock] = []
        while try select.step() {
            found.append(
                CausalClock(
                    epoch: UInt64(bitPattern: select.integer(0)), position: UInt64(bitPattern: select.integer(1)),
                    others: VersionVector()))
        }
        return found
    }

    public func account(_ h: Int64, to context: Int64) throws {
        try db.statement("INSERT OR IGNORE INTO satchel_accounted(h, context) VALUES (?, ?)")
            .bind(1, h).bind(2, context).run()
    }

    /// Takes back for a row that what a changeset does to it is there; what is handed in later may account for it again.
    public func unaccount(_ h: Int64, _ dot: DotID) throws {
        try db.statement(
            "INSERT OR IGNORE INTO satchel_unaccounted(h, context, dot) SELECT a.h, a.context, c.dot "
                + "FROM satchel_accounted a JOIN satchel_context c ON c.context = a.context WHERE a.h = ? AND c.dot = ?"
        ).bind(1, h).bind(2, dot).run()
    }

    /// Whether what a changeset does to a row is in the row already, since it was handed in.
    public func isAccounted(_ h: Int64, _ dot: DotID) throws -> Bool {
        let select = try db.statement(
            "SELECT 1 FROM satchel_accounted a JOIN satchel_context c ON c.context = a.context "
                + "WHERE a.h = ?1 AND c.dot = ?2 AND NOT EXISTS (SELECT 1 FROM satchel_unaccounted u "
                + "WHERE u.h = a.h AND u.context = a.context AND u.dot = c.dot) LIMIT 1")
        select.bind(1, h).bind(2, dot)
        defer { select.reset() }
        return try select.step()
    }

    /// Everything that any row was accounted for.
    public func accounted() throws -> [DotID] { try list("SELECT DISTINCT dot FROM satchel_context ORDER BY dot") }

    // MARK: Ghosts

    /// Keeps that a candidate, or with unit −1 a deletion, was replaced before it came.
    public func addGhost(_ h: Int64, unit: UnitID, _ dot: DotID) throws {
        try db.statement("INSERT OR IGNORE INTO satchel_ghost(h, unit, dot) VALUES (?, ?, ?)")
            .bind(1, h).bind(2, Int64(unit)).bind(3, dot).run()
    }

    public func isGhost(_ h: Int64, unit: UnitID, _ dot: DotID) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_ghost WHERE h = ? AND unit = ? AND dot = ?")
        select.bind(1, h).bind(2, Int64(unit)).bind(3, dot)
        defer { select.reset() }
        return try select.step()
    }

    public func removeGhost(_ h: Int64, unit: UnitID, _ dot: DotID) throws {
        try db.statement("DELETE FROM satchel_ghost WHERE h = ? AND unit = ? AND dot = ?")
            .bind(1, h).bind(2, Int64(unit)).bind(3, dot).run()
    }

    // MARK: What was replaced of a row that was handed in

    /// The candidates and deletions that a row held in values alone when they were replaced (EXC-44). One look-up by key.
    public func replacedOfHandIn(_ h: Int64) throws -> RowState {
        let select = try db.statement("SELECT state FROM satchel_replaced WHERE h = ?")
        select.bind(1, h)
        defer { select.reset() }
        guard try select.step() else { return RowState() }
        var reader = RowReader(select.bytes(0))
        return try reader.state()
    }

    public func setReplacedOfHandIn(table: Int64, key: RowKey, state: RowState) throws {
        let h = rowHash(table, key)
        if state.isEmpty { return try db.statement("DELETE FROM satchel_replaced WHERE h = ?").bind(1, h).run() }
        var writer = RowWriter()
        writer.state(state)
        try db.statement("INSERT OR REPLACE INTO satchel_replaced(h, tbl, key, state) VALUES (?, ?, ?, ?)")
            .bind(1, h).bind(2, table).bind(3, blob: key.canonical).bind(4, blob: writer.bytes).run()
    }

    /// Every row of which something is kept so, by table and key.
    public func allReplacedOfHandIn() throws -> [(table: Int64, key: RowKey, state: RowState)] {
        let select = try Statement(db, "SELECT tbl, key, state FROM satchel_replaced ORDER BY tbl, key")
        var found: [(Int64, RowKey, RowState)] = []
        while try select.step() {
            var key = RowReader(select.bytes(1))
            var state = RowReader(select.bytes(2))
            found.append((select.integer(0), try key.key(), try state.state()))
        }
        return found
    }

    // MARK: On a device

    /// Everything that a hub ever said it had, or that a row from it accounted for.
    public func everTold() throws -> [DotID] { try list("SELECT id FROM satchel_dot WHERE hub > 0 ORDER BY id") }

    /// The changesets of which the hub has set a row aside, as its last reply says (EXC-29).
    public func asideAtHub() throws -> [DotID] { try list("SELECT dot FROM satchel_hub_aside ORDER BY dot") }

    public func setAsideAtHub(_ dots: [DotID]) throws {
        try empty("satchel_hub_aside")
        for dot in dots {
            try db.statement("INSERT OR IGNORE INTO satchel_hub_aside(dot) VALUES (?)").bind(1, dot).run()
        }
    }

    /// Keeps that rows from the hub follow from a changeset that the hub may not have.
    public func noteAccounted(_ dot: Dot) throws {
        try db.statement("UPDATE satchel_dot SET hub = 3 WHERE id = ? AND hub IN (0, 2)").bind(1, try dotID(dot)).run()
    }

    /// Whether the hub said so.
    public func isAccountedAtHub(_ dot: Dot) throws -> Bool {
        guard let id = try metDot(dot) else { return false }
        let select = try db.statement("SELECT 1 FROM satchel_dot WHERE id = ? AND hub = 3")
        select.bind(1, id)
        defer { select.reset() }
        return try select.step()
    }

    /// Every changeset that is kept and applied, in order of arrival.
    public func keptAndApplied() throws -> [DotID] {
        try list("SELECT dot FROM satchel_changeset WHERE standing > 0 ORDER BY arrival")
    }

    /// Every changeset that is kept, in order of arrival.
    public func kept() throws -> [DotID] { try list("SELECT dot FROM satchel_changeset ORDER BY arrival") }

    private func list(_ sql: String) throws -> [Int64] {
        let select = try db.statement(sql)
        var found: [Int64] = []
        while try select.step() { found.append(select.integer(0)) }
        return found
    }
}
