internal import Satchel
internal import SatchelModel

/// Replicas that move to a later version of the schema, each when it comes to it (`Protocol/versions.md`).
extension World {
    /// One step. It writes no row (VER-6), and a machine that dies in it leaves the old version or the new one.
    func migrate(_ peer: WorldPeer) throws {
        let next = peer.standing.version + 1
        guard next < schemas.count else { return }
        try seal(peer)
        let old = peer.replica.schemaVersion
        let died = try atDisk(peer) { try peer.replica.migrate(to: texts[next]) }
        if died || peer.wasRefused {
            if peer.replica.schemaVersion == old {
                let left = try peer.contents(schema(peer))
                try require(left, are: judged(peer.standing).shown, .disk, "a migration that failed left, and found")
                try peer.replica.migrate(to: texts[next])
            } else {
                reached.insert(.diedInMigration)
            }
        }
        peer.standing.version = next
        if peers.values.contains(where: { $0.standing.version != next }) { reached.insert(.twoVersions) }
        let made = try take(peer)
        // The hub tells of the new schema (VER-9), and may order that somebody's rows, which it can read now, be erased too
        // (ERA-11).
        let isTelling = peer.isHub && made.allSatisfy(\.rows.isEmpty)
        if isTelling { tellings.formUnion(made.map(\.dot)) }
        try require(
            made.isEmpty || isTelling, .model, "\(WorldEvent.name(peer.number)) wrote \(made) by a migration (VER-6)")
        try check(peer)
    }
}
