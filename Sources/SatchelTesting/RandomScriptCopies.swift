internal import Satchel
internal import SatchelModel

/// Files copied by hand and put back from backups, in the middle of the story: both branches go on (EXC-27).
extension RandomScript {
    /// A replica's file as a person saved it, and what it knew then.
    struct Backup {
        var path: String
        var version: Int
        var known: Set<Dot>
        var cut: ScriptCut
        var pending: [Dot]
        var parked: [Dot]
        var lines: Set<OriginID>
    }

    /// A second device with the file of the first, as `cp` makes it while the first is open.
    func copyFile(of peer: ScriptPeer) throws {
        let name = "copy\(peers.count)"
        try ReplicaFiles.copy(from: path(peer.name), to: path(name))
        let replica = try stage.open(name, clock: peer.clock, anchors)
        stage.tell("the file of \(peer.name) is copied, as \(name)")
        let twin = ScriptPeer(name: name, device: peer.device, replica: replica, clock: peer.clock)
        twin.version = peer.version
        twin.known = peer.known
        twin.cut = peer.cut
        twin.pending = peer.pending
        twin.parked = peer.parked
        twin.lines = peer.lines
        twin.mayLag = true
        peer.mayLag = true
        peers.append(twin)
        try seal(twin)
        try check(twin)
    }

    func backUp(_ peer: ScriptPeer) throws {
        try seal(peer)
        let saved = file("backup")
        try ReplicaFiles.copy(from: path(peer.name), to: saved)
        stage.tell("\(peer.name) is backed up")
        peer.backup = Backup(
            path: saved, version: peer.version, known: peer.known, cut: peer.cut, pending: peer.pending,
            parked: peer.parked, lines: peer.lines)
    }

    /// Yesterday's file in the place of today's: what had left today's goes on elsewhere.
    func restore(_ peer: ScriptPeer) throws {
        guard let backup = peer.backup else { return }
        try seal(peer)
        try peer.replica.close()
        try ReplicaFiles.replace(path(peer.name), with: backup.path)
        peer.replica = try stage.open(peer.name, clock: peer.clock, anchors)
        stage.tell("\(peer.name) is put back from its backup")
        peer.version = backup.version
        peer.known = backup.known
        peer.cut = backup.cut
        peer.pending = backup.pending
        peer.parked = backup.parked
        peer.lines = backup.lines
        peer.mayLag = true
        try check(peer)
    }
}
