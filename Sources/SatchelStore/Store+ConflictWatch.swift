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
}
