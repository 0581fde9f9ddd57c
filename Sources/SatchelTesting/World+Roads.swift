internal import Foundation
internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// Bundles: made, carried, late, doubled, damaged.
extension World {
    /// Makes a bundle for a replica.
    func pack(from: WorldPeer, to: WorldPeer) throws -> WorldBundle { try packing(from: from, to: to).bundle }

    /// Also says how much it carries: changesets, or rows of a reply.
    func packing(from: WorldPeer, to: WorldPeer) throws -> (bundle: WorldBundle, load: Int) {
        try seal(from)
        var bundle = WorldBundle(path: file("bundle"), from: from.number, to: to.number, made: now)
        var load = 0
        let path = bundle.path
        if to.isHub {
            load = try certainly(from) { try from.replica.pack(to: path).changesets }
            bundle.carries = from.standing.pending + from.standing.parked
        } else if from.isHub {
            load = try certainly(from) { try from.hub?.pack(for: to.name, to: path).rows ?? 0 }
            bundle.cut = HubCut(length: from.standing.known.count, known: from.standing.known)
        } else {
            try seal(to)
            let have = file("have")
            _ = try to.replica.have(to: have)
            bundle.audience = to.replica.origin
            to.lines.insert(to.replica.origin)
            load = try certainly(from) { try from.replica.pack(for: have, to: path).changesets }
            // The receiver may have lost by then what it had now (EXC-21, EXC-27).
            let had = Set(to.standing.pending + to.standing.parked)
            bundle.carries = (from.standing.pending + from.standing.parked).filter { !had.contains($0) }
        }
        try check(from)
        return (bundle, load)
    }

    func arrive(_ number: Int) throws {
        guard var bundle = bundles[number], let peer = peers[bundle.to] else { return }
        bundle.arrivals += 1
        bundles[number] = bundle
        if bundle.arrivals == 2 { reached.insert(.again) }
        try deliver(bundle, to: peer)
    }

    /// - Parameter merging: whether the hub also merges what it accepts; nil: perhaps.
    func deliver(_ bundle: WorldBundle, to peer: WorldPeer, merging: Bool? = nil) throws {
        try seal(peer)
        if peer.isHub, accepts {
            return try accept(bundle, at: peer, merging: merging ?? roads.chance(50))
        }
        if let audience = bundle.audience, !peer.lines.contains(audience) {
            reached.insert(.misdirected)
            try refuse(bundle.path, at: peer, "a bundle for a line that its file does not know")
            return try check(peer)
        }
        let before = peer.standing
        var after = standing(of: peer.standing, after: bundle, atHub: peer.isHub)
        let died = try atDisk(peer) { try self.takeIn(bundle, at: peer) }
        if died || peer.wasRefused {
            reached.formUnion(died ? [.diedInMerge] : [])
            let left = try peer.contents(schema(peer))
            if !peer.wasInterrupted, bundle.from != 0 || !peer.mayLag {
                try require(left, are: judged(after).shown, .disk, "an acknowledged merge left, and should have")
            } else if left != judged(after).shown {
                try require(left, are: judged(before).shown, .disk, "a merge that failed left, and found")
                if died { reached.insert(.diedBefore) }
            }
            try takeIn(bundle, at: peer)
        }
        if bundle.from == 0, peer.mayLag, after.cut.length > before.cut.length,
            try peer.replica.status().position < UInt64(bundle.cut.length)
        {
            after = before  // made for a replica of the same name that stood elsewhere: it asks again
        }
        peer.standing = after
        noteArrival(bundle, at: peer, before: before)
        try check(peer)
    }

    private func takeIn(_ bundle: WorldBundle, at peer: WorldPeer) throws {
        if let hub = peer.hub {
            for merged in try hub.merge([bundle.path], replies: nil).merged {
                if merged.outcome == .failed { throw DiskRefused(why: "\(merged.reasons)") }
                try require(merged.outcome != .refused, .refusal, "the hub refused a bundle: \(merged.reasons)")
            }
        } else if bundle.from == 0, bundle.cut.length <= peer.standing.cut.length {
            // EXC-16: nothing new, so nothing may change, whether it says so or throws.
            _ = try? peer.replica.apply(bundle.path)
        } else {
            _ = try peer.replica.apply(bundle.path)
        }
    }

    /// What a bundle must make of what a replica knows (EXC-13, EXC-14, EXC-16, EXC-17).
    func standing(of before: WorldStanding, after bundle: WorldBundle, atHub: Bool) -> WorldStanding {
        var now = before
        if bundle.from == 0, bundle.cut.length > now.cut.length {
            now.cut = bundle.cut
            now.pending.removeAll { bundle.cut.known.contains($0) }
            now.known = bundle.cut.known.union(now.pending)
        }
        now.parked += bundle.carries.filter { !now.parked.contains($0) }
        now.parked.removeAll { now.known.contains($0) }
        while let dot = now.parked.first(where: { isReady($0, now, atHub: atHub) }) {
            now.known.insert(dot)
            if !atHub { now.pending.append(dot) }
            now.parked.removeAll { $0 == dot }
        }
        return now
    }

    private func isReady(_ dot: Dot, _ now: WorldStanding, atHub: Bool) -> Bool {
        guard let change = changes[dot], let cut = cuts[dot] else { return false }
        return change.seen.isSubset(of: now.known) && (atHub || cut.length <= now.cut.length)
    }

    private func refuse(_ path: String, at peer: WorldPeer, _ what: String) throws {
        do {
            let report = try peer.replica.apply(path)
            throw WorldFailure(.refusal, "\(what) was taken: \(report)")
        } catch is RefusedBundle {}
    }

    func noteArrival(_ bundle: WorldBundle, at peer: WorldPeer, before: WorldStanding) {
        let parked = peer.standing.parked
        if parked.contains(where: { !before.parked.contains($0) }) {
            reached.insert(.parked)
        }
        if before.parked.contains(where: { !parked.contains($0) && peer.standing.known.contains($0) }) {
            reached.insert(.unparked)
        }
        if bundle.from == 0, bundle.cut.length < before.cut.length { reached.insert(.overtaken) }
        if now - bundle.made > 60 * 86_400_000 { reached.insert(.late) }
    }

    /// A damaged bundle is refused, and nothing changes (T1, D3).
    func arriveDamaged(_ number: Int, at place: Int, cut: Bool) throws {
        guard let bundle = bundles[number], let peer = peers[bundle.to],
            var bytes = FileManager.default.contents(atPath: bundle.path), !bytes.isEmpty
        else { return }
        try seal(peer)
        if cut { bytes = bytes.prefix(place % bytes.count) } else { bytes[place % bytes.count] ^= 1 << (place % 8) }
        let path = file("damaged")
        guard FileManager.default.createFile(atPath: path, contents: bytes) else {
            throw WorldFailure(.error, "no room for \(path)")
        }
        if let hub = peer.hub {
            let merged = try hub.merge([path], replies: nil).merged
            try require(
                merged.allSatisfy { $0.outcome == .refused }, .refusal, "the hub took a damaged bundle: \(merged)")
        } else {
            try refuse(path, at: peer, "a damaged bundle")
        }
        reached.insert(.damaged)
        try check(peer, always: true)
    }
}

/// An act that did nothing because the disk did not let it.
struct DiskRefused: Error {
    var why: String
}
