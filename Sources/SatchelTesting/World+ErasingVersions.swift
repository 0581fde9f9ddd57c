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
        var erased = try erase(name, at: hub)
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
        try judgeAnErasure(of: erased)
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
}
