public import SatchelModel

/// References that the people's tables do not show: they are looked up when the row that they name comes or goes.
extension Store {
    /// Why a reference is not to be seen in a table.
    public enum Unseen: Int64, Sendable {
        /// Of a dead row in the graveyard.
        case dead = 0
        /// Of a row that is alive, or wanted by one that is, and not in its table.
        case waiting = 1
        /// Of a dead row that is shown.
        case kept = 2
        /// Shown as NULL.
        case null = 3
        /// Shown as a reference to another row, into which the one named was merged.
        case moved = 4
    }

    public typealias RowPlace = (table: Int64, key: RowKey)

    /// Whether any reference is unseen.
    public func hasUnseen(_ kind: Unseen? = nil) throws -> Bool {
        let select = try db.statement(
            kind == .waiting
                ? "SELECT EXISTS (SELECT 1 FROM satchel_unseen WHERE kind = 1)"
                : "SELECT EXISTS (SELECT 1 FROM satchel_unseen WHERE ?1 IS NULL OR kind = ?1)")
        if kind != .waiting { select.bind(1, kind.map { .integer($0.rawValue) } ?? .null) }
        defer { select.reset() }
        return try select.step() && select.integer(0) != 0
    }

    /// Whether any unseen reference names a row, held or not. One look-up.
    public func isNamedUnseen(_ h: Int64) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_unseen WHERE parent = ? LIMIT 1")
        select.bind(1, h)
        defer { select.reset() }
        return try select.step()
    }

    /// Whether a row has an unseen reference.
    public func hasUnseenReference(_ h: Int64) throws -> Bool {
        let select = try db.statement("SELECT 1 FROM satchel_unseen WHERE child = ? LIMIT 1")
        select.bind(1, h)
        defer { select.reset() }
        return try select.step()
    }

    /// In which way a row's reference to another is unseen; nil: it is not. One look-up.
    public func unseen(_ child: Int64, names parent: Int64) throws -> Unseen? {
        let select = try db.statement("SELECT kind FROM satchel_unseen WHERE parent = ? AND child = ?")
        select.bind(1, parent).bind(2, child)
        defer { select.reset() }
        return try select.step() ? Unseen(rawValue: select.integer(0)) : nil
    }

    /// The rows with an unseen reference of some kind to a row, by table and key. O(those of any kind).
    public func naming(_ h: Int64, as kind: Unseen) throws -> [RowPlace] {
        let select = try db.statement(
            "SELECT tbl, key FROM satchel_unseen WHERE parent = ? AND kind = ? ORDER BY tbl, key")
        select.bind(1, h).bind(2, kind.rawValue)
        return try rowPlaces(select)
    }

    /// The waiting rows that name a row, or name one that names it, and so on: whatever may be shown once it is.
    /// O(unseen references on the way), and O(1) where nothing waits.
    public func waiting(for h: Int64) throws -> [RowPlace] {
        if try !hasUnseen(.waiting) { return [] }
        // The plus keeps SQLite from walking all that waits.
        let select = try db.statement(
            """
            WITH RECURSIVE below(h) AS (
                SELECT child FROM satchel_unseen WHERE parent = ?1
                UNION SELECT u.child FROM below b JOIN satchel_unseen u ON u.parent = b.h)
            SELECT DISTINCT u.tbl, u.key FROM below b JOIN satchel_unseen u ON u.child = b.h
            WHERE +u.kind = 1 ORDER BY 1, 2
            """)
        select.bind(1, h)
        return try rowPlaces(select)
    }

    /// The rows outside their tables that this one is filed under. O(its references).
    public func gravesNamed(by h: Int64) throws -> [RowPlace] {
        let select = try db.statement(
            """
            SELECT g.tbl, g.key FROM satchel_unseen u JOIN satchel_grave g ON g.h = u.parent WHERE u.child = ?
            ORDER BY 1, 2
            """)
        select.bind(1, h)
        return try rowPlaces(select)
    }

    /// Every row with an unseen reference that is neither plainly dead nor plainly shown.
    public func allUnseen() throws -> [RowPlace] {
        try rowPlaces(
            db.statement("SELECT DISTINCT tbl, key FROM satchel_unseen WHERE kind > 0 ORDER BY tbl, key"))
    }

    /// Replaces the unseen references of a row. `parents` are the numbers of the rows referred to.
    public func setUnseen(of row: HeldRow, _ parents: [(parent: Int64, kind: Unseen)]) throws {
        try forgetUnseen(row.hash)
        if parents.isEmpty { return }
        let insert = try db.statement(
            "INSERT OR REPLACE INTO satchel_unseen(parent, child, kind, tbl, key) VALUES (?, ?, ?, ?, ?)")
        for (parent, kind) in parents {
            try insert.bind(1, parent).bind(2, row.hash).bind(3, kind.rawValue).bind(4, row.table)
                .bind(5, blob: row.key.canonical).run()
        }
    }

    func forgetUnseen(_ h: Int64) throws {
        try db.statement("DELETE FROM satchel_unseen WHERE child = ?").bind(1, h).run()
    }

    func rowPlaces(_ select: Statement) throws -> [RowPlace] {
        var found: [RowPlace] = []
        while try select.step() {
            var reader = RowReader(select.bytes(1))
            found.append((select.integer(0), try reader.key()))
        }
        return found
    }
}
