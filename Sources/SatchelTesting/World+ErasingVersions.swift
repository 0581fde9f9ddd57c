internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// Somebody erased while replicas follow several versions of the schema: what the hub cannot read it finds when it has
/// moved, and in the end nothing of them is anywhere (ERA-11).
extension World {
    /// Of the seed, so that a story keeps it.
    var erasesAmongVersions: Bool {
        schemas.count > 1 && peers[0] != nil && !avoidsTies && schedule.seed % 3 == 1 && schedule.seed / 3 % 2 == 0
    }

    /// Everything heals but the versions; somebody is erased; all move; and everything heals again.
    func eraseAmongVersions() throws {
        try settle(migrating: false)
        for peer in devices where healing.chance(60) {
            while peer.standing.version < schemas.count - 1 { try migrate(peer) }
            try writeAhead(peer)
        }
        for _ in 0..<2 { try settle(migrating: false) }
        guard let hub = peers[0], let name = somebody(at: hub) else {
            try settle()
            return try judgeTheEnd()
        }
        var erased = about([name], hub)
        let report = try hub.hub?.erase(table: name.table, key: name.key, withReferences: true)
        let count = report?.rows.values.reduce(0, +)
        try require(count == erased.count, .model, "erasing \(name) took \(report as Any), not \(erased.sorted())")
        _ = try take(hub)
        forget(erased)
        isUnjudged = true
        bundles = [:]
        try settle(migrating: false)
        while hub.standing.version < schemas.count - 1 {
            try migrate(hub)
            let all = about(erased, hub)
            if all.count > erased.count { reached.insert(.erasedLater) }
            forget(all)
            erased = all
            if healing.chance(50) { try settle(migrating: false) }
        }
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

    /// Some more writing, of what the hub perhaps cannot read.
    private func writeAhead(_ peer: WorldPeer) throws {
        let version = peer.standing.version
        let statements = StatementGenerator(
            schema: schemas[version], types: [:], unique: constraints[version].unique)
        for _ in 0..<12 { try write(peer, statements.transaction(&healing), unchecked: false) }
        try seal(peer)
    }

    /// Rather one of whom the hub holds more than it can read.
    private func somebody(at hub: WorldPeer) -> NaiveRowName? {
        let all = held(hub)
        let newest = schemas.count - 1
        let unread = all.filter { about([$0], hub, until: newest).count > about([$0], hub).count }
        return (unread.isEmpty || healing.chance(20) ? all : unread).randomElement(using: &healing)
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
