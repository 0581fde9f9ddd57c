internal import SatchelModel

/// MRG-56: what a change that takes merges back gives back to the rows that are left.
extension NaiveModel {
    struct GivenBack {
        /// The rows to which something was given.
        var rows: Set<NaiveRowName> = []
        /// What was written to them.
        var committed: [NaiveCommitted] = []
        var complaints: [String] = []
    }

    /// Asked of the model as it was before the change. What a replica knows of what stood there is not asked: it may give back less.
    ///
    /// - Parameter taken: the rows that it takes out of their merges, and others that it keeps.
    func givenBack(by change: NaiveChange, unmerging taken: Set<NaiveRowName>) -> GivenBack {
        var back = GivenBack()
        for name in taken.sorted() {
            let all = merges(of: name.table)
            guard let survivor = all.survivors[name], !taken.contains(survivor), !back.rows.contains(survivor),
                let done = change.rows[survivor], done.cover == nil, done.deletionsReplaced.isEmpty,
                !done.writes.isEmpty, done.writes[""] == nil
            else { continue }
            back.rows.insert(survivor)
            let freed = taken.filter { all.survivors[$0] != nil }
            let left = united(survivor, merges(of: name.table, without: freed))
            if !left.deletions.isEmpty { back.complaints.append("\(survivor) was deleted, and is written to") }
            for (unit, write) in done.writes.sorted(by: { $0.key < $1.key }) {
                back.committed.append(NaiveCommitted(dot: change.dot, row: survivor, unit: unit, values: write.values))
                guard let due = takenOver(unit, of: left, survivor, from: freed) else {
                    back.complaints.append("\(survivor).\(unit) shows not only what merges took over: \(write)")
                    continue
                }
                if !due.isEmpty, due != [write.values] {
                    back.complaints.append("\(survivor).\(unit) was \(due) before, and is now \(write.values)")
                }
            }
        }
        return back
    }

    /// The values that merges of some rows replaced in a unit in which nothing else stands than what they wrote, as far as they are
    /// known; nil: something else does.
    private func takenOver(
        _ unit: String, of left: NaiveRow, _ name: NaiveRowName, from merged: Set<NaiveRowName>
    ) -> Set<[Value]>? {
        if [.counter, .set].contains(left.policies[unit] ?? .review) { return nil }
        let standing = left.units[unit] ?? [:]
        if standing.isEmpty || Set(standing.values).count > 1 { return nil }
        var before: Set<[Value]> = []
        for dot in standing.keys {
            guard let made = changes[dot], let write = made.rows[name]?.writes[unit],
                made.rows.contains(where: { other, done in
                    merged.contains(other) && done.into == name.key && done.deletionsReplaced.isEmpty
                })
            else { return nil }
            for earlier in write.replaced {
                if let values = changes[earlier]?.rows[name]?.writes[unit]?.values { before.insert(values) }
            }
        }
        return before
    }
}
