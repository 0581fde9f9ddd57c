public import SatchelModel

/// Origins and dots by number.
extension Store {
    /// The number of an origin. A new one is stored with no name or certificate.
    public func originID(_ origin: OriginID) throws -> Int64 {
        if let id = originIDs[origin] { return id }
        let find = try db.statement("SELECT id FROM satchel_origin WHERE origin = ?")
        find.bind(1, blob: origin.bytes)
        if try find.step() {
            let id = find.integer(0)
            find.reset()
            remember(origin, id)
            return id
        }
        let insert = try db.statement(
            "INSERT INTO satchel_origin(origin, name, certificate) VALUES (?, '', x'') RETURNING id")
        insert.bind(1, blob: origin.bytes)
        guard try insert.step() else { throw StoreError("an origin could not be stored") }
        let id = insert.integer(0)
        insert.reset()
        remember(origin, id)
        return id
    }

    private func remember(_ origin: OriginID, _ id: Int64) {
        originIDs[origin] = id
        originsByID[id] = origin
    }

    func origin(_ id: Int64) throws -> OriginID {
        if let origin = originsByID[id] { return origin }
        let find = try db.statement("SELECT origin FROM satchel_origin WHERE id = ?")
        find.bind(1, id)
        guard try find.step(), let origin = OriginID(bytes: find.bytes(0)) else {
            throw StoreError("the replica's list of origins is damaged")
        }
        find.reset()
        remember(origin, id)
        return origin
    }

    /// Stores what is said of an author; an empty name or certificate takes nothing away.
    public func learn(_ author: Author) throws {
        let id = try originID(author.origin)
        if !author.name.isEmpty {
            try db.statement("UPDATE satchel_origin SET name = ? WHERE id = ? AND name <> ?1")
                .bind(1, author.name).bind(2, id).run()
        }
        if !author.certificate.isEmpty {
            try db.statement("UPDATE satchel_origin SET certificate = ? WHERE id = ? AND certificate <> ?1")
                .bind(1, blob: author.certificate).bind(2, id).run()
        }
    }

    /// What is known of an author; nil if the origin was never met.
    public func author(_ origin: OriginID) throws -> Author? {
        let find = try db.statement("SELECT name, certificate FROM satchel_origin WHERE origin = ?")
        find.bind(1, blob: origin.bytes)
        guard try find.step() else { return nil }
        defer { find.reset() }
        return Author(origin: origin, name: find.string(0), certificate: find.bytes(1))
    }

    /// The number of a dot that was met before; nil: it was not. Writes nothing.
    public func metDot(_ dot: Dot) throws -> DotID? {
        if let id = dotCache[dot] { return id }
        let find = try db.statement(
            "SELECT d.id FROM satchel_dot d JOIN satchel_origin o ON o.id = d.origin "
                + "WHERE o.origin = ? AND d.sequence = ? AND d.tag = ?")
        find.bind(1, blob: dot.origin.bytes).bind(2, Int64(bitPattern: dot.sequence)).bind(
            3, Int64(bitPattern: dot.tag))
        defer { find.reset() }
        return try find.step() ? find.integer(0) : nil
    }

    /// The number of a dot. A new one is stored; `time` and `actor` fill in what was not known, and `told` that the hub
    /// has it.
    ///
    /// `reading` and `offset`: the author's clock and what it knew to add to it. `position`: where in the hub's log it
    /// lies at most.
    public func dotID(
        _ dot: Dot, time: Timestamp? = nil, actor: String? = nil, reading: Timestamp? = nil, offset: Int64 = 0,
        position: UInt64 = 0, told: Bool = false
    ) throws -> DotID {
        if let id = dotCache[dot], time == nil, !told { return id }
        let origin = try originID(dot.origin)
        let find = try db.statement(
            "SELECT id, time, hub FROM satchel_dot WHERE origin = ? AND sequence = ? AND tag = ?")
        find.bind(1, origin).bind(2, Int64(dot.sequence)).bind(3, Int64(bitPattern: dot.tag))
        if try find.step() {
            let id = find.integer(0)
            let known = find.integer(1)
            let wasTold = find.integer(2) == 1
            find.reset()
            if told, !wasTold {
                try db.statement("UPDATE satchel_dot SET hub = 1 WHERE id = ?").bind(1, id).run()
            }
            if let time, known == Self.unknownTime {
                try db.statement(
                    "UPDATE satchel_dot SET time = ?, actor = ?, reading = ?, offset = ?, met = ?, position = ? "
                        + "WHERE id = ?"
                )
                .bind(1, time.milliseconds).bind(2, actor ?? "").bind(3, (reading ?? time).milliseconds)
                .bind(4, offset).bind(5, now).bind(6, Int64(clamping: position)).bind(7, id).run()
                orderCache[id] = nil
            }
            dotCache[dot] = id
            return id
        }
        let insert = try db.statement(
            "INSERT INTO satchel_dot(origin, sequence, tag, time, actor, reading, offset, met, position, hub) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id")
        insert.bind(1, origin).bind(2, Int64(dot.sequence)).bind(3, Int64(bitPattern: dot.tag))
            .bind(4, time?.milliseconds ?? Self.unknownTime).bind(5, actor ?? "")
            .bind(6, (reading ?? time).map { .integer($0.milliseconds) } ?? .null).bind(7, offset)
            .bind(8, time == nil ? 0 : now).bind(9, Int64(clamping: position)).bind(10, Int64(told ? 1 : 0))
        guard try insert.step() else { throw StoreError("a dot could not be stored") }
        let id = insert.integer(0)
        insert.reset()
        dotCache[dot] = id
        return id
    }

    /// Whether the changeset itself was here once, or the hub said that it has it. A dot may be known by name only.
    public func isMet(_ dot: Dot) throws -> Bool {
        guard let id = try metDot(dot) else { return false }
        let find = try db.statement("SELECT 1 FROM satchel_dot WHERE id = ? AND (hub > 0 OR time <> ?)")
        find.bind(1, id).bind(2, Self.unknownTime)
        defer { find.reset() }
        return try find.step()
    }

    /// Stands for "named by another changeset, not met itself".
    private static var unknownTime: Int64 { .min }

    /// What is known of a dot by its number.
    public func known(_ id: DotID) throws -> KnownDot {
        let find = try db.statement(
            "SELECT origin, sequence, tag, time, actor, reading, offset FROM satchel_dot WHERE id = ?")
        find.bind(1, id)
        guard try find.step() else { throw StoreError("the replica's list of dots is damaged") }
        let (origin, sequence, tag) = (find.integer(0), find.integer(1), find.integer(2))
        let (time, actor) = (find.integer(3), find.string(4))
        let reading = find.isNull(5) ? nil : Timestamp(milliseconds: find.integer(5))
        let offset = find.integer(6)
        find.reset()
        let dot = Dot(
            origin: try self.origin(origin), sequence: UInt64(bitPattern: sequence), tag: UInt64(bitPattern: tag))
        return KnownDot(
            dot: dot, time: Timestamp(milliseconds: time), actor: actor, reading: reading, offset: offset)
    }

    /// Whether a changeset is of a line of writes.
    public func isOf(_ origin: OriginID, _ id: DotID) throws -> Bool { try order(id).dot.origin == origin }

    /// What orders a dot among concurrent ones.
    public func order(_ id: DotID) throws -> DotOrder {
        if let order = orderCache[id] { return order }
        let known = try known(id)
        let order = DotOrder(time: known.time, dot: known.dot)
        orderCache[id] = order
        return order
    }
}
