internal import Satchel
public import SatchelModel
internal import SatchelStore

/// A change of one row that was set aside because its author could not hold the row (SCO-19).
public struct OutsideChange: Sendable {
    public var table: String
    public var key: RowKey
    /// The author's.
    public var device: String
    public var dot: Dot
    public var actor: String
    public var time: Timestamp
    public var reason: String
}

/// The list of what was set aside, in the hub's file.
struct SetAsideStore: ChangesSetAside {
    let store: Store

    init(_ store: Store) { self.store = store }

    struct Change {
        let dot: DotID
        let row: HeldRowName
        let device: String
        let reason: String

        /// Whether it might come into the author's scopes by what they hand in later.
        var isEntry: Bool { reason == "the row was entered outside the device's scopes" }
        /// Whether it might count as soon as what entered the row does (REV-6).
        var lackedItsEntry: Bool { reason == SetAsideStore.lacksEntry }
    }

    /// What waits for the operator, in the order of its arrival.
    func open() throws -> [Change] {
        let select = try store.db.statement(
            "SELECT a.dot, a.tbl, a.key, a.device, a.reason FROM satchel_scope_aside a "
                + "JOIN satchel_changeset c ON c.dot = a.dot WHERE a.accepted = 0 ORDER BY c.arrival, a.tbl, a.key")
        var changes: [Change] = []
        while try select.step() {
            changes.append(
                Change(
                    dot: select.integer(0),
                    row: .init(table: select.integer(1), key: try RowKey(stored: select.bytes(2))),
                    device: select.string(3), reason: select.string(4)))
        }
        return changes
    }

    func isOpen(_ dot: DotID, _ h: Int64) throws -> Bool {
        let select = try store.db.statement(
            "SELECT 1 FROM satchel_scope_aside WHERE dot = ? AND h = ? AND accepted = 0")
        select.bind(1, dot).bind(2, h)
        defer { select.reset() }
        return try select.step()
    }

    func concern(_ h: Int64) throws -> Bool {
        let select = try store.db.statement("SELECT 1 FROM satchel_scope_aside WHERE h = ? AND accepted = 0")
        select.bind(1, h)
        defer { select.reset() }
        return try select.step()
    }

    /// The changesets of which a row is set aside, in order.
    func changesets() throws -> [DotID] {
        let select = try store.db.statement(
            "SELECT DISTINCT dot FROM satchel_scope_aside WHERE accepted = 0 ORDER BY dot")
        var found: [DotID] = []
        while try select.step() { found.append(select.integer(0)) }
        return found
    }

    func ofTheRowItself(_ h: Int64) throws -> [DotID] {
        let select = try store.db.statement(
            "SELECT dot FROM satchel_scope_aside WHERE h = ? AND accepted = 0 AND reason <> ? ORDER BY dot")
        select.bind(1, h).bind(2, Self.namesForeign)
        var found: [DotID] = []
        while try select.step() { found.append(select.integer(0)) }
        return found
    }

    func letIn(_ dot: DotID, _ h: Int64) throws {
        try store.db.statement("UPDATE satchel_scope_aside SET accepted = 1 WHERE dot = ? AND h = ?")
            .bind(1, dot).bind(2, h).run()
    }

    static let lacksEntry = "the row is not there and was not entered"
    static let namesForeign = "it names a row that is in none of the device's scopes"

    /// What is taken in of a row.
    struct Accepted {
        let row: HeldRowName
        /// The author's.
        let device: String
        /// Also what names rows that the author could not hold (SCO-30).
        let withForeign: Bool
    }

    /// Takes in all that is set aside of these rows by one device (SCO-20).
    func accept(_ rows: [Accepted], note: String, _ engine: Engine) throws {
        for accepted in rows {
            try store.db.statement(
                "UPDATE satchel_scope_aside SET accepted = 1 WHERE h = ? AND device = ? AND accepted = 0 "
                    + "AND (? OR reason <> ?)"
            ).bind(1, store.rowHash(accepted.row.table, accepted.row.key)).bind(2, accepted.device)
                .bind(3, Int64(accepted.withForeign ? 1 : 0)).bind(4, Self.namesForeign).run()
        }
        try engine.makeAgain(Set(rows.map(\.row)).sorted(), note: "accepted: \(note)")
    }
}

extension Hub {
    /// Changes that were set aside and wait for the operator, in the order in which they came.
    public func outsideChanges() throws -> [OutsideChange] {
        try replica.withEngine { engine in
            try engine.reading {
                try SetAsideStore(engine.store).open().map { change in
                    let known = try engine.store.known(change.dot)
                    return OutsideChange(
                        table: engine.store.tableName(change.row.table), key: change.row.key, device: change.device,
                        dot: known.dot, actor: known.actor, time: known.time, reason: change.reason)
                }
            }
        }
    }

    /// Takes in what was set aside of a row, by whichever devices, as if it had been when it came.
    public func acceptSetAside(table: String, key: RowKey, actor: String = "") throws {
        try replica.withEngine { engine in
            try engine.transaction {
                let aside = SetAsideStore(engine.store)
                let changes = try aside.open().filter {
                    engine.store.tableName($0.row.table) == table && $0.row.key == key
                }
                guard let row = changes.first?.row else {
                    throw UsageError("nothing is set aside of that row of \(table)", try: "list it with `outside`")
                }
                // Made again from its history the row has all of it in the order in which it came.
                try aside.accept(
                    Set(changes.map(\.device)).sorted().map { .init(row: row, device: $0, withForeign: true) },
                    note: actor.isEmpty ? "by the operator" : "by \(actor)", engine)
            }
        }
    }
}
