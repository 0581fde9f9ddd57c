internal import Satchel
internal import SatchelHub
internal import SatchelModel
internal import SatchelWire

/// One random story of several replicas: people write, bundles get lost, doubled and overtaken, and at the end
/// everything is exchanged until it is quiet.
final class RandomScript: Script {
    var random: SplitMix64
    let length: Int
    let stage: ScriptStage
    var peers: [ScriptPeer] = []
    var hub: Hub?
    /// All that was ever sealed, by anybody.
    var changes: [Dot: NaiveChange] = [:]
    /// How far its author stood in the hub's line when sealing.
    var cuts: [Dot: ScriptCut] = [:]
    var committed: [NaiveCommitted] = []
    /// Changes by which a conflict was answered.
    var answers: Set<Dot> = []
    /// Changes by which two rows were merged.
    var unions: Set<Dot> = []
    /// Changes that were judged by rules of their own when they were made.
    var judged: Set<Dot> = []
    /// By change, which of the schemas its author followed.
    var authored: [Dot: Int] = [:]
    /// Records that somebody has open, by the peer's index.
    var views: [(peer: Int, seen: ScriptView)] = []
    /// What a hub's position stands for, as first seen in a clock.
    var positions: [[UInt64]: Set<Dot>] = [:]
    private var flights: [ScriptBundle] = []
    /// Whether replicas look for signs that their file was copied or put back; without, they find out from others.
    let anchors: Anchoring

    /// What the story is about, by version of its schema: everybody begins with the first, and ends with the last.
    let versions: [ScriptData]
    var newest: ScriptData { versions[versions.count - 1] }

    /// - Parameter versions: not empty, the oldest first.
    init(on stage: ScriptStage, random: SplitMix64, versions: [ScriptData]) throws {
        self.stage = stage
        self.random = random
        self.versions = versions
        length = Int.random(in: 15...60, using: &self.random)
        let count = Int.random(in: 2...6, using: &self.random)
        anchors = self.random.chance(30) ? .store(FileAnchors(directory: stage.path("anchors"))) : .none
        let hasHub = self.random.chance(50)
        try stage.call(.init(ddl: versions[0].ddl, hasHub: hasHub, devices: count))
        if hasHub {
            let hub = try stage.openHub()
            self.hub = hub
            peers.append(ScriptPeer(name: "hub", replica: hub.replica, clock: stage.clock, isHub: true))
        }
        // Whose origin is greater is chance too: ties are broken by it.
        for role in Array(1...count).shuffled(using: &self.random) {
            let name = "device\(role)"
            let skew = Int64(self.random.pick([0, 0, 0, -1, 1, -100, 100])) * 365 * 86_400_000
            let clock = ScriptClock(1_700_000_000_000 + skew)
            let replica = try stage.open(name, clock: clock, anchors)
            peers.append(ScriptPeer(name: name, replica: replica, clock: clock))
        }
    }

    private func theHub() throws -> Hub {
        guard let hub else { throw ScriptComplaint("a bundle for a hub in a world without one") }
        return hub
    }

    private var devices: [Int] { peers.indices.filter { !peers[$0].isHub } }

    func path(_ name: String) -> String { stage.path(name) }

    func file(_ kind: String) -> String { stage.file(kind) }

    func finish() throws {
        if versions.count > 1, random.chance(50) { try settle() }
        for peer in peers { while peer.version < versions.count - 1 { try migrate(peer) } }
        try settle()
        try judgeTheEnd()
    }

    func close() throws { for peer in peers { try peer.replica.close() } }

    func step() throws {
        let index = random.pick(devices)
        let peer = peers[index]
        peer.clock.advance(by: Int64.random(in: -2000...60_000, using: &random))
        if versions.count > 1, random.chance(6) { return try migrate(random.chance(20) ? peers[0] : peer) }
        if let more = data(peer).merging, random.chance(more.steps) { return try unite(peer, of: more.tables) }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40: try write(peer)
        case 40..<46: try seal(peer)
        case 46..<52: try answer(peer)
        case 52..<54: try undo(peer)
        case 54..<58: try unite(peer)
        case 76..<84: try attendInbox(peer, index)
        case 58..<72:
            if hub != nil, random.chance(70) {
                try random.chance(50) ? flights.append(packUp(index)) : flights.append(packDown(index))
            } else if let other = devices.filter({ $0 != index }).randomElement(using: &random) {
                try flights.append(packSideways(from: index, to: other))
            }
        case 72 where hub == nil && peers.count < 6: try copy(peer)
        case 73 where peers.count < 6: try copyFile(of: peer)
        case 74: try backUp(peer)
        case 75: try restore(peer)
        default:
            guard !flights.isEmpty else { return }
            let chosen = Int.random(in: 0..<flights.count, using: &random)
            let bundle = flights[chosen]
            if random.chance(75) { flights.remove(at: chosen) }  // else it will come once more
            if random.chance(85) { try deliver(bundle) }  // else it is lost, this time
        }
    }

    /// Everything is exchanged until nobody can learn anything more.
    private func settle() throws {
        for index in peers.indices { try seal(peers[index]) }
        for bundle in flights.shuffled(using: &random) where random.chance(50) { try deliver(bundle) }
        flights = []
        if hub != nil {
            for _ in 0..<4 {
                for index in devices {
                    try deliver(packUp(index))
                    try deliver(packDown(index))
                }
            }
        } else {
            for _ in peers {
                for from in devices {
                    for to in devices where from != to { try deliver(packSideways(from: from, to: to)) }
                }
            }
        }
    }

    // MARK: - The roads

    private func packUp(_ index: Int) throws -> ScriptBundle {
        let peer = peers[index]
        try seal(peer)
        let path = file("up")
        try peer.replica.pack(to: path)
        stage.tell("\(peer.name) packs for the hub")
        return ScriptBundle(road: .up, path: path, receiver: 0, carries: peer.pending + peer.parked)
    }

    private func packDown(_ index: Int) throws -> ScriptBundle {
        try seal(peers[0])
        let path = file("down")
        try theHub().pack(for: peers[index].device, to: path)
        let cut = ScriptCut(length: peers[0].known.count, known: peers[0].known)
        stage.tell("the hub at \(cut.length) packs for \(peers[index].name)")
        return ScriptBundle(road: .down, path: path, receiver: index, carries: [], cut: cut)
    }

    private func packSideways(from: Int, to: Int) throws -> ScriptBundle {
        try seal(peers[from])
        try seal(peers[to])
        let have = file("have")
        let path = file("side")
        _ = try peers[to].replica.have(to: have)
        try peers[from].replica.pack(for: have, to: path)
        stage.tell("\(peers[from].name) packs for \(peers[to].name)")
        return ScriptBundle(
            road: .sideways, path: path, receiver: to, addressee: peers[to].replica.origin,
            carries: try carried(path, from: peers[from], to: peers[to]))
    }

    /// EXC-21: what a bundle made for one receiver carries is what the sender has for others, but for what the receiver
    /// said that it has. If that one is put back from a backup before the bundle comes, it lacks those.
    private func carried(_ path: String, from sender: ScriptPeer, to receiver: ScriptPeer) throws -> [Dot] {
        var carried: [Dot] = []
        try UnverifiedBundle(path: path).verify { _, certificate in certificate.deviceKey }.forEach { item in
            if case .changeset(let changeset) = item { carried.append(changeset.dot) }
        }
        let held = sender.pending + sender.parked
        let strange = Set(carried).subtracting(held).sorted()
        try require(strange.isEmpty, "\(sender.name) packs \(strange), which it does not hold for others")
        let said = receiver.known.union(receiver.parked)
        let lacking = held.filter { !said.contains($0) && !carried.contains($0) }
        try require(lacking.isEmpty, "\(sender.name) packs for \(receiver.name) without \(lacking)")
        return carried
    }

    private func deliver(_ bundle: ScriptBundle) throws {
        let peer = peers[bundle.receiver]
        try seal(peer)
        let what =
            bundle.road == .down ? "a reply made at \(bundle.cut.length)" : "a bundle of \(bundle.carries.sorted())"
        stage.tell("\(peer.name) gets \(what)")
        switch bundle.road {
        case .up: _ = try stage.bring(bundle.path, to: theHub())
        case .sideways where bundle.addressee.map { !peer.lines.contains($0) } ?? false:
            try requireRefusal(of: bundle, at: peer)
            return try check(peer)
        case .sideways: _ = try peer.replica.apply(bundle.path)
        case .down where bundle.cut.length > peer.cut.length:
            _ = try peer.replica.apply(bundle.path)
            if peer.mayLag, try peer.replica.status().position < UInt64(bundle.cut.length) { break }
            peer.cut = bundle.cut
            peer.pending.removeAll { bundle.cut.known.contains($0) }
            peer.known = bundle.cut.known.union(peer.pending)
        case .down:  // EXC-16: nothing new, so nothing may change, whether it says so or throws
            _ = try? peer.replica.apply(bundle.path)
        }
        peer.parked += bundle.carries.filter { !peer.parked.contains($0) }
        unpark(peer)
        try check(peer)
    }

    /// A bundle is for a line of this replica that the file which was put back in its place knows nothing of.
    private func requireRefusal(of bundle: ScriptBundle, at peer: ScriptPeer) throws {
        do {
            let report = try peer.replica.apply(bundle.path)
            throw ScriptComplaint("\(peer.name) takes a bundle for a line that its file does not know: \(report)")
        } catch is RefusedBundle {}
    }

    /// EXC-13, EXC-14.
    private func unpark(_ peer: ScriptPeer) {
        peer.parked.removeAll { peer.known.contains($0) }
        while let dot = peer.parked.first(where: { dot in
            guard let change = changes[dot], let cut = cuts[dot] else { return false }
            return change.seen.isSubset(of: peer.known) && (peer.isHub || cut.length <= peer.cut.length)
        }) {
            peer.known.insert(dot)
            if !peer.isHub { peer.pending.append(dot) }
            peer.parked.removeAll { $0 == dot }
        }
    }

    private func copy(_ peer: ScriptPeer) throws {
        try seal(peer)
        let name = "copy\(peers.count)"
        let replica = try peer.replica.duplicate(to: path(name), clock: peer.clock)
        stage.plant(replica)
        stage.tell("\(peer.name) is copied, as \(name)")
        let twin = ScriptPeer(name: name, replica: replica, clock: peer.clock)
        twin.version = peer.version
        twin.known = peer.known
        twin.pending = peer.pending
        twin.parked = peer.parked
        peers.append(twin)
        try check(twin)
    }
}
