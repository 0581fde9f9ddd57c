/// Telling which rows went aside, and which came back, without listing all that are aside.
extension Store {
    /// Begins to note which rows go aside and come back.
    public func watchAside() { wasAside = [:] }

    /// How many rows are aside that were not when the watch began, which ends with this, and how many are not that were: each
    /// row for itself, whatever became of others (CLI-10). O(rows that moved).
    public func movedAside() throws -> (went: Int, came: Int) {
        defer { wasAside = nil }
        var moved = (went: 0, came: 0)
        for (h, was) in wasAside ?? [:] {
            switch try (was, isAside(h)) {
            case (false, true): moved.went += 1
            case (true, false): moved.came += 1
            default: break
            }
        }
        return moved
    }

    /// What was so when it was first touched counts. Where a row lies is asked of the graveyard: one that somebody enters anew is
    /// in its table, and lies there still.
    func noteAside(_ h: Int64, becomes isAside: Bool) throws {
        guard wasAside?[h] == nil, wasAside != nil else { return }
        let was = try self.isAside(h)
        // One that was not aside and is not is as if nobody had touched it.
        if was || isAside { wasAside?[h] = was }
    }

    private func isAside(_ h: Int64) throws -> Bool {
        let select = try db.statement("SELECT fate FROM satchel_grave WHERE h = ?")
        select.bind(1, h)
        guard try select.step() else { return false }
        defer { select.reset() }
        return Fate(rawValue: select.integer(0))?.isAside ?? false
    }
}
