internal import SatchelModel

/// Counting the conflicts that a bundle opens, without listing all there are.
extension Store {
    /// Begins to note which conflicts come and go.
    public func watchConflicts() { wasInConflict = [:] }

    /// How many conflicts are open that were not when the watch began, which ends with this. O(conflicts that changed).
    public func openedConflicts() throws -> Int {
        defer { wasInConflict = nil }
        var count = 0
        for id in (wasInConflict ?? [:]).lazy.filter({ !$0.value }).map(\.key).sorted() {
            let select = try db.statement("SELECT 1 FROM satchel_conflict WHERE id = ?")
            select.bind(1, id)
            if try select.step() { count += 1 }
            select.reset()
        }
        return count
    }

    /// What was so when it was first touched counts.
    func noteConflicts(were: [String], are: [String]) {
        guard wasInConflict != nil else { return }
        for id in were where wasInConflict?[id] == nil { wasInConflict?[id] = true }
        for id in are where wasInConflict?[id] == nil { wasInConflict?[id] = false }
    }

    /// Rows of the graveyard with one of these fates, which are not `dead`. From the index alone.
    public func count(_ graves: GraveCount) throws -> Int {
        let select = try db.statement(graves.sql)
        defer { select.reset() }
        return try select.step() ? Int(select.integer(0)) : 0
    }
}

/// How many rows of the graveyard have one of some fates: the question, made once.
public struct GraveCount: Sendable {
    fileprivate let sql: String

    public init(_ fates: [Fate]) {
        // One look into the index for each: SQLite makes a table of a list, every time.
        let counts = fates.map { "(SELECT count(*) FROM satchel_grave WHERE fate > 0 AND fate = \($0.rawValue))" }
        sql = "SELECT \(counts.isEmpty ? "0" : counts.joined(separator: " + "))"
    }
}
