internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// At the end of some stories somebody is erased: then everything must be as if nobody had ever entered them (ERA-1, ERA-2,
/// ERA-10). What comes late, and meets the order, is the grave scripts' (ERA-5, ERA-6).
extension World {
    func eraseSomebody() throws {
        // Of the seed, so that a story keeps it.
        guard let hub = peers[0], schedule.seed % 3 == 1, !avoidsTies else { return }
        guard let name = held(hub).randomElement(using: &healing) else { return }
        let erased = about([name], hub)
        let report = try hub.hub?.erase(table: name.table, key: name.key, withReferences: true)
        let count = report?.rows.values.reduce(0, +)
        try require(count == erased.count, .model, "erasing \(name) took \(report as Any), not \(erased.sorted())")
        _ = try take(hub)
        forget(erased)
        isUnjudged = true
        // What is still on its way was lost: a bundle that meets the order is the grave scripts'.
        bundles = [:]
        try settle()
        isUnjudged = false
        for peer in everybody {
            try check(peer, always: true)
            try requireNothing(of: erased, at: peer)
            let digest = judged(peer.standing).model.digest()
            try require(
                try peer.replica.digest() == digest, .model,
                "after an erasure \(WorldEvent.name(peer.number)) has another digest than the rules give")
        }
        try require(
            try hub.hub?.verify().faults.isEmpty ?? true, .model, "after an erasure the hub's log does not verify")
        reached.insert(.erased)
    }
}

extension NaiveModel {
    /// ERA-1: rows, all that name them in any candidate or were merged into them, and so on.
    func referring(to targets: Set<NaiveRowName>) -> Set<NaiveRowName> {
        var found = targets
        while true {
            let more = rowNames.filter { !found.contains($0) && isAbout($0, found) }
            if more.isEmpty { return found }
            found.formUnion(more)
        }
    }

    private func isAbout(_ name: NaiveRowName, _ rows: Set<NaiveRowName>) -> Bool {
        let row = row(name)
        if row.into.values.contains(where: { rows.contains(NaiveRowName(table: name.table, key: $0)) }) { return true }
        guard let table = schema.table(name.table) else { return false }
        return table.references.contains { reference in
            guard let parent = schema.table(reference.parent) else { return false }
            let unit = table.units.first { $0.columns.contains(where: reference.columns.contains) }
            let candidates = unit.map { row.units[$0.name].map { Array($0.values) } ?? [] } ?? [[]]
            return candidates.contains { values in
                let key = parent.keyColumns.map { column -> Value in
                    guard let place = reference.parentColumns.firstIndex(of: column) else { return .null }
                    let own = reference.columns[place]
                    if let index = table.key.firstIndex(of: own) { return name.key.values[index] }
                    return unit?.columns.firstIndex(of: own).map { values[$0] } ?? .null
                }
                return !key.contains(.null) && rows.contains(NaiveRowName(table: parent.name, key: RowKey(key)))
            }
        }
    }
}
