public import SatchelModel

/// A decision of a conflict and what the row was before it (INB-8).
public struct KeptDecision {
    public let conflict: String
    public let dot: DotID
    public let kind: ConflictKind
    public let table: Int64
    public let unit: UnitID
    public let key: RowKey
    public let was: RowState

    /// Where `was` names the earlier answers to the same question that stood beside this one when it came, each made without
    /// the others (INB-8). No unit of a row has this number.
    public static var unaware: UnitID { .max }

    /// Where `was` names the merges that no deletion of the row had seen when it was decided (MRG-60).
    public static var unseenMerges: UnitID { .max - 1 }

    /// Where `was` names the changesets of the same answer that came before the one in which the row is (EXC-32).
    public static var before: UnitID { .max - 2 }

    /// The first changeset of the answer.
    public var first: DotID { was[Self.before].first?.dot ?? dot }

    /// The decision, and the earlier ones that go with it.
    public var dots: [DotID] { [dot] + was[Self.unaware].map(\.dot) }

    /// How the name begins under which a row is kept that nobody was asked about, and that a decision took with it (MRG-46).
    public static var beside: String { "+" }

    /// How the name begins under which is kept what a unit showed before a merge took another value over (MRG-56). No decision:
    /// its place is here since it goes as these do (INB-12).
    public static var takenOver: String { "=" }

    public init(
        conflict: String, dot: DotID, kind: ConflictKind, table: Int64, unit: UnitID, key: RowKey, was: RowState
    ) {
        self.conflict = conflict
        self.dot = dot
        self.kind = kind
        self.table = table
        self.unit = unit
        self.key = key
        self.was = was
    }
}

/// An overwrite of a value that its author perhaps had not seen (INB-11).
public struct KeptUnseen {
    public let id: String
    public let table: Int64
    public let unit: UnitID
    public let key: RowKey
    /// The write.
    public let dot: DotID
    /// The write that it replaced.
    public let wasDot: DotID
    /// Of a counter followed by what the write added, as a counter's state (BND-24).
    public let was: [Value]
    public let values: [Value]

    public init(
        id: String, table: Int64, unit: UnitID, key: RowKey, dot: DotID, wasDot: DotID, was: [Value], values: [Value]
    ) {
        self.id = id
        self.table = table
        self.unit = unit
        self.key = key
        self.dot = dot
        self.wasDot = wasDot
        self.was = was
        self.values = values
    }
}

/// Decisions.
extension Store {
    /// Keeps what a conflict's row was before it was decided; an older decision of it is forgotten.
    ///
    /// - Parameter others: the rows merged into it, on which some of the values stood.
    public func keep(_ decision: KeptDecision, with others: [Int64]) throws {
        var was = RowWriter()
        was.state(decision.was)
        let insert = try db.statement(
            "INSERT OR REPLACE INTO satchel_decision(conflict, dot, h, kind, tbl, unit, key, was) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        try insert.bind(1, decision.conflict).bind(2, decision.dot)
            .bind(3, rowHash(decision.table, decision.key)).bind(4, decision.kind.rawValue).bind(5, decision.table)
            .bind(6, Int64(decision.unit)).bind(7, blob: decision.key.canonical).bind(8, blob: was.bytes).run()
        try setStood(.decision, decision.conflict, on: others)
    }

    public func decision(_ conflict: String) throws -> KeptDecision? {
        try decisions(where: "conflict = ?1", .text(conflict)).first
    }

    /// By conflict.
    public func decisions() throws -> [KeptDecision] {
        try decisions(
            where: "substr(conflict, 1, 1) NOT IN ('\(KeptDecision.beside)', '\(KeptDecision.takenOver)')")
    }

    /// The rows that a decision took with it, in whichever of its changesets. O(rows that decisions took with them).
    public func decisions(beside kept: KeptDecision) throws -> [KeptDecision] {
        let first = Set(kept.dots + [kept.first])
        return try decisions(where: "substr(conflict, 1, 1) = '\(KeptDecision.beside)'").filter {
            first.contains($0.first)
        }
    }

    /// The other rows on which values stood that are kept with a decision.
    public func stood(with conflict: String) throws -> [Int64] { try stood(.decision, conflict) }

    private func decisions(where condition: String, _ value: Value? = nil) throws -> [KeptDecision] {
        let select = try db.statement(
            "SELECT conflict, dot, kind, tbl, unit, key, was FROM satchel_decision WHERE \(condition) ORDER BY conflict"
        )
        if let value { select.bind(1, value) }
        var found: [KeptDecision] = []
        while try select.step() {
            var key = RowReader(select.bytes(5))
            var was = RowReader(select.bytes(6))
            found.append(
                KeptDecision(
                    conflict: select.string(0), dot: select.integer(1),
                    kind: ConflictKind(rawValue: select.integer(2)) ?? .values, table: select.integer(3),
                    unit: UnitID(truncatingIfNeeded: select.integer(4)), key: try key.key(), was: try was.state()))
        }
        return found
    }

    public func forgetDecision(_ conflict: String) throws {
        try db.statement("DELETE FROM satchel_decision WHERE conflict = ?").bind(1, conflict).run()
        try setStood(.decision, conflict, on: [])
    }
}

/// What rivals in a conflict started from (INB-2).
public struct KeptBase {
    public let values: [Value]
    /// The writes of which that is known.
    public let rivals: Set<DotID>
}

/// Bases of conflicts, as the hub told them.
extension Store {
    /// - Parameter rivals: the writes of which it is known.
    public func noteBase(_ base: ConflictBase, of rivals: Set<DotID>) throws {
        var dots = RowWriter()
        for dot in rivals.sorted() { dots.number(UInt64(bitPattern: dot)) }
        let insert = try db.statement("INSERT OR REPLACE INTO satchel_base(conflict, vals, rivals) VALUES (?, ?, ?)")
        try insert.bind(1, base.conflict).bind(2, blob: RowKey(base.values).canonical).bind(3, blob: dots.bytes).run()
    }

    public func base(_ conflict: String) throws -> KeptBase? {
        let select = try db.statement("SELECT vals, rivals FROM satchel_base WHERE conflict = ?")
        select.bind(1, conflict)
        defer { select.reset() }
        guard try select.step() else { return nil }
        var values = RowReader(select.bytes(0))
        var dots = RowReader(select.bytes(1))
        var rivals: Set<DotID> = []
        while !dots.isAtEnd { rivals.insert(DotID(bitPattern: try dots.number())) }
        return KeptBase(values: try values.key().values, rivals: rivals)
    }

    /// Forgets the bases of conflicts that are not open any more.
    public func forgetClosedBases() throws {
        guard try hasAny("satchel_base") else { return }
        try db.statement("DELETE FROM satchel_base WHERE conflict NOT IN (SELECT id FROM satchel_conflict)").run()
    }
}

/// Overwrites that were perhaps made unseen.
extension Store {
    public func hasOverwrites() throws -> Bool { try hasAny("satchel_overwrite") }

    /// Keeps one; an older one of the same unit is forgotten.
    ///
    /// - Parameter others: the rows merged into its row, on which what was overwritten may have stood.
    public func keep(_ unseen: KeptUnseen, with others: [Int64]) throws {
        let insert = try db.statement(
            "INSERT OR REPLACE INTO satchel_overwrite(id, h, tbl, unit, key, dot, was_dot, was, vals) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        try insert.bind(1, unseen.id).bind(2, rowHash(unseen.table, unseen.key)).bind(3, unseen.table)
            .bind(4, Int64(unseen.unit)).bind(5, blob: unseen.key.canonical).bind(6, unseen.dot)
            .bind(7, unseen.wasDot).bind(8, blob: RowKey(unseen.was).canonical)
            .bind(9, blob: RowKey(unseen.values).canonical).run()
        try setStood(.overwrite, unseen.id, on: others)
    }

    /// By id.
    public func unseen() throws -> [KeptUnseen] {
        let select = try db.statement(
            "SELECT id, tbl, unit, key, dot, was_dot, was, vals FROM satchel_overwrite ORDER BY id")
        var found: [KeptUnseen] = []
        while try select.step() {
            var key = RowReader(select.bytes(3))
            var was = RowReader(select.bytes(6))
            var values = RowReader(select.bytes(7))
            found.append(
                KeptUnseen(
                    id: select.string(0), table: select.integer(1), unit: UnitID(truncatingIfNeeded: select.integer(2)),
                    key: try key.key(), dot: select.integer(4), wasDot: select.integer(5), was: try was.key().values,
                    values: try values.key().values))
        }
        return found
    }

    public func forgetUnseen(_ id: String) throws {
        try db.statement("DELETE FROM satchel_overwrite WHERE id = ?").bind(1, id).run()
        try setStood(.overwrite, id, on: [])
    }

    /// The units of which a write was based on a view since the last seal: its author had seen what it replaced.
    public func seenUnits() throws -> [Int64: [RowKey: Set<UnitID>]] {
        let select = try db.statement("SELECT tbl, unit, key FROM satchel_seen")
        var seen: [Int64: [RowKey: Set<UnitID>]] = [:]
        while try select.step() {
            var key = RowReader(select.bytes(2))
            let unit = UnitID(truncatingIfNeeded: select.integer(1))
            seen[select.integer(0), default: [:]][try key.key(), default: []].insert(unit)
        }
        return seen
    }

    /// When this replica took a changeset in, by its own clock; nil: it has not.
    public func met(_ dot: DotID) throws -> Int64? {
        if let met = metCache[dot] { return met }
        let select = try db.statement("SELECT met FROM satchel_dot WHERE id = ? AND met <> 0")
        select.bind(1, dot)
        defer { select.reset() }
        let met = try select.step() ? select.integer(0) : nil
        if let met { metCache[dot] = met }
        return met
    }
}

/// Where changesets lie in the hub's log, as far as a device knows.
extension Store {
    /// A position at or below which it lies; 0: not known.
    public func positionBound(_ dot: DotID) throws -> UInt64 {
        let select = try db.statement("SELECT position FROM satchel_dot WHERE id = ?")
        select.bind(1, dot)
        defer { select.reset() }
        return try select.step() ? UInt64(clamping: select.integer(0)) : 0
    }

    /// Notes that the hub had it at this position; the first such notice counts.
    public func notePosition(_ dot: DotID, _ position: UInt64) throws {
        try db.statement("UPDATE satchel_dot SET position = ? WHERE id = ? AND position = 0")
            .bind(1, Int64(clamping: position)).bind(2, dot).run()
    }

    /// Where the hub had it says nothing any more.
    public func forgetPosition(_ dot: DotID) throws {
        try db.statement("UPDATE satchel_dot SET position = 0 WHERE id = ?").bind(1, dot).run()
    }

    /// Whether a row has notes that are not sealed. O(notes).
    public func hasNotes(_ layout: TableLayout, _ key: RowKey) throws -> Bool {
        let keys = key.values.indices.map { "k\($0 + 1) IS ?\($0 + 2)" }.joined(separator: " AND ")
        let select = try db.statement("SELECT 1 FROM satchel_journal WHERE t = ?1 AND \(keys) LIMIT 1")
        select.bind(1, layout.id).bind(key.values, from: 2)
        defer { select.reset() }
        return try select.step()
    }
}
