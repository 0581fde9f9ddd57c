internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// Bundles that come to the hub as its service takes them: accepted with a receipt, and merged later, many at once (EXC-37,
/// EXC-40).
extension World {
    /// From here on there are such worlds: a seed that failed is the same story tomorrow.
    private static let withAcceptance: UInt64 = 10_000_000

    /// Of the seed, so that a story keeps it.
    var accepts: Bool { schedule.seed >= Self.withAcceptance && schedule.seed / 20 % 2 == 0 }

    /// The hub stores a bundle, and perhaps merges all that wait.
    func accept(_ bundle: WorldBundle, at peer: WorldPeer, merging: Bool) throws {
        let before = peer.standing
        func take() throws {
            for answer in try hub(peer).accept([.file(bundle.path)]) {
                guard case .accepted = answer else {
                    throw WorldFailure(.refusal, "the hub does not accept a bundle: \(answer)")
                }
            }
        }
        if try atDisk(peer, take) || peer.wasRefused {
            let left = try peer.contents(schema(peer))
            try require(
                left, are: judged(before).shown, .disk, "a bundle was only accepted, and the hub left, and found")
            if peer.wasInterrupted { try take() }
        }
        waitingAtHub.append(bundle)
        // A receipt holds. One that was merged before has its receipt, as long as the hub remembers it.
        let held = try hub(peer).accepted().count
        let all = Set(waitingAtHub.map(\.path))
        let new = all.subtracting(mergedAtHub)
        try require(
            new.count <= held && held <= all.count, .disk,
            "of \(new.count) new bundles of \(all.count) the hub holds \(held)")
        reached.insert(.accepted)
        if merging { try mergeAccepted(at: peer) }
    }

    /// Merges all that the hub has accepted. What is merged in one transaction is there whole or not at all.
    func mergeAccepted(at peer: WorldPeer) throws {
        guard !waitingAtHub.isEmpty else { return }
        try seal(peer)
        var stages = [peer.standing]
        for bundle in waitingAtHub { stages.append(standing(of: stages[stages.count - 1], after: bundle, atHub: true)) }
        func merge() throws {
            for merged in try hub(peer).mergeAccepted().merged {
                if merged.outcome == .failed { throw DiskRefused(why: "\(merged.reasons)") }
                try require(merged.outcome != .refused, .refusal, "the hub refused what it accepted: \(merged.reasons)")
            }
        }
        let died = try atDisk(peer, merge)
        if died || peer.wasRefused {
            reached.formUnion(died ? [.diedInMerge] : [])
            let left = try peer.contents(schema(peer))
            let whole = judged(stages[stages.count - 1]).shown
            if !peer.wasInterrupted {
                try require(left, are: whole, .disk, "an acknowledged merge left, and should have")
            } else if !stages.contains(where: { judged($0).shown == left }) {
                try require(left, are: whole, .disk, "a merge that failed left, and should have or be as before")
            }
            try merge()
        }
        if waitingAtHub.count > 1 { reached.insert(.mergedTogether) }
        for (number, bundle) in waitingAtHub.enumerated() {
            peer.standing = stages[number + 1]
            noteArrival(bundle, at: peer, before: stages[number])
        }
        mergedAtHub.formUnion(waitingAtHub.map(\.path))
        waitingAtHub = []
        let left = try hub(peer).accepted()
        try require(left.isEmpty, .liveness, "when all was merged the hub still holds \(left)")
        try check(peer)
    }

    private func hub(_ peer: WorldPeer) throws -> Hub {
        guard let hub = peer.hub else { throw WorldFailure(.error, "\(peer.name) is no hub") }
        return hub
    }
}
