internal import Satchel
internal import SatchelModel
internal import SatchelStore

/// Rows, references and stays as they lie in the hub's file (SCO-8).
struct MembershipStore {
    let store: Store

    init(_ store: Store) { self.store = store }

    struct Edge: Hashable {
        let child: Int64
        let parent: Int64
        let reference: Int
        /// The child's.
        let table: Int64
        let isShown: Bool

        /// The child was merged into the parent: where one is, the other is too (SCO-4).
        var isMerge: Bool { reference == ScopeReference.merge }
    }

    // MARK: Rows

    func row(_ h: Int64) throws -> HeldRowName? {
        let select = try store.db.statement("SELECT tbl, key FROM satchel_scope_row WHERE h = ?")
        select.bind(1, h)
        defer { select.reset() }
        guard try select.step() else { return nil }
        return HeldRowName(table: select.integer(0), key: try RowKey(stored: select.bytes(1)))
    }

    func born(_ h: Int64) throws -> UInt64 {
        let select = try store.db.statement("SELECT born FROM satchel_scope_row WHERE h = ?")
        select.bind(1, h)
        defer { select.reset() }
        return try select.step() ? UInt64(bitPattern: select.integer(0)) : 0
    }

    func isHeld(_ h: Int64) throws -> Bool {
        let select = try store.db.statement("SELECT held FROM satchel_scope_row WHERE h = ?")
        select.bind(1, h)
        defer { select.reset() }
        return try select.step() && select.integer(0) != 0
    }

    /// Notes the row; the position at which it was first named stays.
    func note(_ facts: ScopeFacts, born: UInt64) throws {
        try store.db.statement(
            "INSERT INTO satchel_scope_row(h, tbl, key, born, held) VALUES (?, ?, ?, ?, ?) "
                + "ON CONFLICT(h) DO UPDATE SET held = excluded.held"
        ).bind(1, facts.hash).bind(2, facts.table).bind(3, blob: facts.key.canonical)
            .bind(4, Int64(bitPattern: born)).bind(5, facts.isHeld ? 1 : 0).run()
    }

    /// Nothing of an erased row stays, its key least of all (ERA-2), but what is set aside of one that was entered anew.
    ///
    /// - Parameter isAnew: whether a changeset still says something of the row.
    func forget(_ h: Int64, but isAnew: (DotID) throws -> Bool) throws {
        let select = try store.db.statement("SELECT dot FROM satchel_scope_aside WHERE h = ?")
        select.bind(1, h)
        var aside: [DotID] = []
        while try select.step() { aside.append(select.integer(0)) }
        for dot in aside where try !isAnew(dot) {
            try store.db.statement("DELETE FROM satchel_scope_aside WHERE dot = ? AND h = ?").bind(1, dot).bind(2, h)
                .run()
        }
        for sql in [
            "DELETE FROM satchel_scope_row WHERE h = ?", "DELETE FROM satchel_scope_edge WHERE child = ?",
            "DELETE FROM satchel_scope_edge WHERE parent = ?", "DELETE FROM satchel_scope_stay WHERE h = ?",
            "DELETE FROM satchel_handover_row WHERE h = ?",
        ] {
            try store.db.statement(sql).bind(1, h).run()
        }
    }

    /// The rows of one table that are known, or of which something is set aside.
    func rows(of table: Int64) throws -> [HeldRowName] {
        let select = try store.db.statement(
            "SELECT key FROM satchel_scope_row WHERE tbl = ?1 UNION SELECT key FROM satchel_scope_aside WHERE tbl = ?1")
        select.bind(1, table)
        var rows: [HeldRowName] = []
        while try select.step() { rows.append(.init(table: table, key: try RowKey(stored: select.bytes(0)))) }
        return rows
    }

    /// Every row that is known, some thousand at a time.
    func forEachRow(_ body: ([HeldRowName]) throws -> Void) throws {
        var last = Int64.min
        var isFirst = true
        while true {
            let select = try store.db.statement(
                "SELECT h, tbl, key FROM satchel_scope_row WHERE h > ?1 OR (?2 AND h = ?1) ORDER BY h LIMIT 5000")
            select.bind(1, last).bind(2, isFirst ? 1 : 0)
            var rows: [HeldRowName] = []
            while try select.step() {
                last = select.integer(0)
                rows.append(.init(table: select.integer(1), key: try RowKey(stored: select.bytes(2))))
            }
            if rows.isEmpty { return }
            isFirst = false
            try body(rows)
        }
    }

    // MARK: References

    func edges(ofChild h: Int64) throws -> [Edge] { try edges("child", h) }
    func edges(ofParent h: Int64) throws -> [Edge] { try edges("parent", h) }

    private func edges(_ side: StaticString, _ h: Int64) throws -> [Edge] {
        let select = try store.db.statement(
            "SELECT child, parent, reference, tbl, shown FROM satchel_scope_edge WHERE \(side) = ?")
        select.bind(1, h)
        var edges: [Edge] = []
        while try select.step() { edges.append(edge(select)) }
        return edges
    }

    private func edge(_ row: Statement) -> Edge {
        Edge(
            child: row.integer(0), parent: row.integer(1), reference: Int(row.integer(2)), table: row.integer(3),
            isShown: row.integer(4) != 0)
    }

    func allEdges() throws -> [Edge] {
        let select = try store.db.statement(
            "SELECT child, parent, reference, tbl, shown FROM satchel_scope_edge ORDER BY child, reference, parent")
        var edges: [Edge] = []
        while try select.step() { edges.append(edge(select)) }
        return edges
    }

    /// Puts the row's references in the place of those that are noted.
    func setEdges(_ facts: ScopeFacts) throws {
        try store.db.statement("DELETE FROM satchel_scope_edge WHERE child = ?").bind(1, facts.hash).run()
        for parent in facts.parents {
            try store.db.statement(
                "INSERT OR REPLACE INTO satchel_scope_edge(child, reference, parent, tbl, shown) VALUES (?, ?, ?, ?, ?)"
            ).bind(1, facts.hash).bind(2, Int64(parent.reference)).bind(3, parent.hash).bind(4, facts.table)
                .bind(5, parent.isShown ? 1 : 0).run()
        }
    }

    func forgetEdges() throws { try store.db.execute("DELETE FROM satchel_scope_edge") }

    // MARK: Stays

    /// The scopes that a row is in now, and whether in their core.
    func present(_ h: Int64) throws -> [Int64: Bool] {
        let select = try store.db.statement("SELECT scope, core FROM satchel_scope_stay WHERE h = ? AND ended IS NULL")
        select.bind(1, h)
        var scopes: [Int64: Bool] = [:]
        while try select.step() { scopes[select.integer(0)] = select.integer(1) != 0 }
        return scopes
    }

    func enter(_ scope: Int64, _ h: Int64, core: Bool, at position: UInt64) throws {
        try store.db.statement(
            "INSERT OR REPLACE INTO satchel_scope_stay(scope, h, entered, ended, core) VALUES (?, ?, ?, NULL, ?)"
        ).bind(1, scope).bind(2, h).bind(3, Int64(bitPattern: position)).bind(4, core ? 1 : 0).run()
    }

    func leave(_ scope: Int64, _ h: Int64, at position: UInt64) throws {
        try store.db.statement("UPDATE satchel_scope_stay SET ended = ? WHERE scope = ? AND h = ? AND ended IS NULL")
            .bind(1, Int64(bitPattern: position)).bind(2, scope).bind(3, h).run()
    }

    func setCore(_ scope: Int64, _ h: Int64, _ core: Bool) throws {
        try store.db.statement("UPDATE satchel_scope_stay SET core = ? WHERE scope = ? AND h = ? AND ended IS NULL")
            .bind(1, core ? 1 : 0).bind(2, scope).bind(3, h).run()
    }

    /// The rows of a scope now, with whether they are in its core.
    func members(_ scope: Int64) throws -> [Int64: Bool] {
        let select = try store.db.statement("SELECT h, core FROM satchel_scope_stay WHERE scope = ? AND ended IS NULL")
        select.bind(1, scope)
        var rows: [Int64: Bool] = [:]
        while try select.step() { rows[select.integer(0)] = select.integer(1) != 0 }
        return rows
    }

    /// How many rows are in a scope now, but for what people said of the data, which is in each (SCH-29).
    func count(_ scope: Int64) throws -> Int {
        let select = try store.db.statement(
            "SELECT count(*) FROM satchel_scope_stay s JOIN satchel_scope_row r ON r.h = s.h "
                + "WHERE s.scope = ? AND s.ended IS NULL AND r.tbl <> ?")
        select.bind(1, scope).bind(2, store.layout(named: factTable)?.id ?? 0)
        defer { select.reset() }
        return try select.step() ? Int(select.integer(0)) : 0
    }

    /// Rows that entered a scope after a position and are in it still.
    func entered(_ scope: Int64, after position: UInt64) throws -> [Int64] {
        try list(
            "SELECT h FROM satchel_scope_stay WHERE scope = ? AND entered > ? AND ended IS NULL", scope, position)
    }

    /// Whether a row entered or left a scope after a position. O(log rows).
    func hasMoved(_ scope: Int64, after position: UInt64) throws -> Bool {
        let select = try store.db.statement(
            "SELECT EXISTS(SELECT 1 FROM satchel_scope_stay WHERE scope = ?1 AND entered > ?2) "
                + "OR EXISTS(SELECT 1 FROM satchel_scope_stay WHERE scope = ?1 AND ended IS NOT NULL AND ended > ?2)")
        select.bind(1, scope).bind(2, Int64(clamping: position))
        defer { select.reset() }
        return try select.step() && select.integer(0) != 0
    }

    /// Rows that were in a scope at a position and left it since.
    func left(_ scope: Int64, after position: UInt64) throws -> [Int64] {
        try list("SELECT h FROM satchel_scope_stay WHERE scope = ?1 AND ended > ?2 AND entered <= ?2", scope, position)
    }

    /// Rows that were in a scope at a position, whether they are in it still or not.
    func rows(_ scope: Int64, at position: UInt64) throws -> [Int64] {
        try list(
            "SELECT h FROM satchel_scope_stay WHERE scope = ?1 AND entered <= ?2 AND (ended IS NULL OR ended > ?2)",
            scope, position)
    }

    private func list(_ sql: String, _ scope: Int64, _ position: UInt64) throws -> [Int64] {
        let select = try store.db.statement(sql)
        select.bind(1, scope).bind(2, Int64(clamping: position))
        var rows: [Int64] = []
        while try select.step() { rows.append(select.integer(0)) }
        return rows
    }

    /// The stays of a row in a scope that reach beyond a position.
    func stays(_ scope: Int64, _ h: Int64, beyond position: UInt64) throws -> [(entered: Int64, left: Int64)] {
        let select = try store.db.statement(
            "SELECT entered, coalesce(ended, ?4) FROM satchel_scope_stay "
                + "WHERE scope = ?1 AND h = ?2 AND coalesce(ended, ?4) > ?3")
        select.bind(1, scope).bind(2, h).bind(3, Int64(clamping: position)).bind(4, Int64.max)
        var stays: [(Int64, Int64)] = []
        while try select.step() { stays.append((select.integer(0), select.integer(1))) }
        return stays
    }
}
