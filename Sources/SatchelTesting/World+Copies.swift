internal import Foundation
internal import Satchel
internal import SatchelModel

/// Files copied by hand and put back from backups, in the middle of the story: both branches go on (EXC-27).
extension World {
    /// A second device with the file of the first, as `cp` makes it while the first is open. It is sealed before: twins
    /// that seal the same notes at one moment make one and the same changeset.
    func copyFile(_ who: Int, as new: Int) throws {
        guard let peer = peers[who], peers[new] == nil, !peer.isHub else { return }
        try seal(peer)
        let place = path("copy\(new)")
        try ReplicaFiles.copy(from: peer.path, to: place)
        let twin = try WorldPeer(new, name: peer.name, path: place, anchors, planted)
        twin.takeAfter(peer)
        twin.clock.set(now + twin.offBy)
        twin.mayLag = true
        peer.mayLag = true
        peers[new] = twin
        reached.insert(.fileCopied)
        try seal(twin)
        try check(twin)
    }

    func backUp(_ peer: WorldPeer) throws {
        guard !peer.isHub else { return }
        try seal(peer)
        let saved = file("backup")
        try ReplicaFiles.copy(from: peer.path, to: saved)
        peer.backup = (saved, peer.standing, peer.lines.union([peer.replica.origin]))
    }

    /// Yesterday's file in the place of today's: what had left today's goes on elsewhere.
    func restore(_ peer: WorldPeer) throws {
        guard let backup = peer.backup else { return }
        try seal(peer)
        try peer.close()
        // Beside today's first, so that it surely is another file by its number (IDN-7).
        let new = peer.path + ".new"
        try ReplicaFiles.copy(from: backup.path, to: new)
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: peer.path + suffix)
            guard FileManager.default.fileExists(atPath: new + suffix) else { continue }
            try FileManager.default.moveItem(atPath: new + suffix, toPath: peer.path + suffix)
        }
        try peer.open()
        (peer.standing, peer.lines) = (backup.standing, backup.lines)
        peer.mayLag = true
        reached.insert(.restored)
        try check(peer)
    }
}
