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
        let erased = try erase(name, at: hub)
        try settle()
        try judgeAnErasure(of: erased)
    }

    /// Erases somebody, with all that is about them. From now on nothing is judged.
    func erase(_ name: NaiveRowName, at hub: WorldPeer) throws -> Set<NaiveRowName> {
        let erased = about([name], hub)
        let report = try hub.hub?.erase(table: name.table, key: name.key, withReferences: true)
        let count = report?.rows.values.reduce(0, +)
        try require(count == erased.count, .model, "erasing \(name) took \(report as Any), not \(erased.sorted())")
        _ = try take(hub)
        forget(erased)
        isUnjudged = true
        // What is still on its way was lost: a bundle that meets the order is the grave scripts'.
        bundles = [:]
        return erased
    }

    /// When all is quiet again everybody shows what the rules make of the rest, and nothing of them is anywhere.
    func judgeAnErasure(of erased: Set<NaiveRowName>) throws {
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
            try peers[0]?.hub?.verify().faults.isEmpty ?? true, .model, "after an erasure the hub's log does not verify"
        )
        reached.insert(.erased)
    }

    func held(_ peer: WorldPeer) -> [NaiveRowName] {
        let all = judged(peer.standing).model
        return all.rowNames.filter { all.schema.table($0.table) != nil }.filter {
            !all.row($0).held.isEmpty || !all.row($0).deletions.isEmpty
        }
    }

    /// ERA-1, ERA-11: rows and all that name them, by the references of every version that a replica has followed.
    func about(_ rows: Set<NaiveRowName>, _ peer: WorldPeer, until version: Int? = nil) -> Set<NaiveRowName> {
        let models = (0...(version ?? peer.standing.version)).map { judged(peer.standing.known, version: $0).model }
        var found = rows
        while true {
            let more = models.reduce(into: found) { $0 = $1.referring(to: $0) }
            if more == found { return found }
            found = more
        }
    }

    /// As if nobody had ever entered them.
    func forget(_ erased: Set<NaiveRowName>) {
        for dot in changes.keys {
            for row in erased { changes[dot]?.rows[row] = nil }
        }
        judged = schemas.map { _ in [:] }
        rows = schemas.map { _ in NaiveRowCache() }
    }

    /// ERA-2: not in the graveyard, not under another list's key, and in no changeset that is kept.
    func requireNothing(of erased: Set<NaiveRowName>, at peer: WorldPeer) throws {
        let name = WorldEvent.name(peer.number)
        for sealed in try peer.replica.changesets() {
            let said = Set(try NaiveChange(sealed, seen: [], schema: newest).rows.keys).intersection(erased)
            try require(said.isEmpty, .model, "\(name) keeps \(sealed.dot), which says something of \(said.sorted())")
        }
        for row in erased.sorted() {
            let lists = try peer.lists(of: row)
            try require(lists.isEmpty, .model, "\(name) has \(row) in \(lists), and it was erased")
        }
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
