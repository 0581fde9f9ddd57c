internal import SatchelModel

/// After the faults: everything heals, converges in a bounded number of rounds, and gets quiet.
extension World {
    /// H1: through one who meets all others the world has a diameter of two, so that four rounds are enough. H2: after
    /// that no bundle carries anything any more.
    ///
    /// - Parameter migrating: whether all move to the newest version of the schema, before or after.
    func settle(migrating: Bool = true) throws {
        for peer in everybody { peer.fault = nil }
        for number in bundles.keys.sorted() {
            guard let bundle = bundles[number], bundle.arrivals == 0 else { continue }
            reached.insert(.lost)
            if healing.chance(20) { try arrive(number) }
        }
        try mergeWaiting()
        for peer in everybody { try seal(peer) }
        // Some converge before they have one schema, and must then move without another bundle; the others after.
        let isLate = schemas.count > 1 && healing.chance(50)
        if migrating, !isLate { try migrateAll() }
        // Replicas of one name ask in each other's place: each is answered before the other asks, and may ask again.
        let twins = everybody.contains(where: \.mayLag)
        let rounds = twins ? 8 : 4
        for round in 1...rounds + 1 {
            let load = try meet(oneByOne: twins)
            if load == 0 && (!twins || round > 3) { break }
            if twins, round == rounds { break }
            try require(round <= rounds, .liveness, "after \(rounds) rounds bundles still carry \(load)")
        }
        if migrating, isLate { try migrateAll() }
    }

    private func mergeWaiting() throws {
        if let hub = peers[0] { try mergeAccepted(at: hub) }
    }

    private func migrateAll() throws {
        for peer in everybody { while peer.standing.version < schemas.count - 1 { try migrate(peer) } }
    }

    /// Everybody gives to the one in the middle, who answers everybody. Returns how much was carried.
    private func meet(oneByOne: Bool) throws -> Int {
        guard let middle = peers[0] ?? peers[1] else { return 0 }
        var load = 0
        let others = everybody.filter { $0 !== middle }.shuffled(using: &healing)
        let ways: [(WorldPeer, WorldPeer)] =
            oneByOne
            ? others.flatMap { [($0, middle), (middle, $0)] }
            : others.map { ($0, middle) } + others.map { (middle, $0) }
        for (from, to) in ways {
            // Those who come together are merged together.
            if from === middle { try mergeWaiting() }
            let made = try packing(from: from, to: to)
            load += made.load
            try deliver(made.bundle, to: to, merging: false)
        }
        return load
    }
}
