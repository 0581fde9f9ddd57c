internal import Foundation
package import Satchel
internal import SatchelModel
internal import SatchelWire

/// Replicas, people, clocks, roads and disks on one seed: it runs the real engine, codec and store through a schedule,
/// and judges them by what it knows of the schedule (TST-1 to TST-5).
package final class World {
    package let schedule: Schedule
    /// By version.
    let schemas: [Schema]
    let constraints: [NaiveConstraints]
    let texts: [String]
    /// By which changes are read: what a later version dropped is read as it was written.
    var newest: Schema { schemas[schemas.count - 1] }
    let folder: String
    var random: SplitMix64
    /// For what heals, so that it does not depend on what was checked before.
    var healing: SplitMix64
    /// By number; 0 is the hub.
    var peers: [Int: WorldPeer] = [:]
    var bundles: [Int: WorldBundle] = [:]
    /// What the hub has accepted and not merged, in the order in which it came.
    var waitingAtHub: [WorldBundle] = []
    /// Paths of what was accepted and merged.
    var mergedAtHub: Set<String> = []
    /// Whether what is accepted is merged at once.
    var roads: SplitMix64
    /// All that was ever sealed, by anybody.
    var changes: [Dot: NaiveChange] = [:]
    /// How far its author stood in the hub's line when sealing.
    var cuts: [Dot: HubCut] = [:]
    var committed: [NaiveCommitted] = []
    /// Changes by which a conflict was answered.
    var answers: Set<Dot> = []
    /// The changesets without rows by which the hub tells of another schema (VER-9).
    var tellings: Set<Dot> = []
    /// Changes by which two rows were merged.
    var unions: Set<Dot> = []
    /// What a hub's position stands for, as first seen in a clock.
    var positions: [[UInt64]: Set<Dot>] = [:]
    /// By version of the schema.
    var judged: [[Set<Dot>: JudgedWorld]]
    var rows: [NaiveRowCache]
    /// By change, which version its author followed.
    var authored: [Dot: Int] = [:]
    /// While an erasure is on its way, and each replica shows another part of what is left.
    var isUnjudged = false
    /// By conflict, the changes that answered it.
    var answered: [String: [Dot]] = [:]
    /// Whether nobody writes who sees rival values: then clocks decide nothing (B7).
    var avoidsTies = false
    /// What rare states it came to.
    package internal(set) var reached: Set<RareState> = []
    /// Milliseconds of the true time.
    var now: Int64 = 1_700_000_000_000
    /// A bug that is in every replica (TST-8).
    let planted: PlantedBug?
    /// Whether devices look for signs that their file was copied or put back; without, they find out from others.
    let anchors: Anchoring
    private var files = 0

    /// Clones the replicas of a template into `folder`, which must be empty, and opens them.
    package init(
        _ schedule: Schedule, template: WorldTemplate, folder: String, planted: PlantedBug? = nil
    ) throws {
        self.schedule = schedule
        self.planted = planted
        self.folder = folder
        schemas = template.schemas
        texts = template.texts
        judged = schemas.map { _ in [:] }
        rows = schemas.map { _ in NaiveRowCache() }
        constraints = template.constraints
        random = SplitMix64(seed: schedule.seed ^ 0x5EED_0F_5A7C_4E15)
        healing = SplitMix64(seed: schedule.seed ^ 0x4EA1_1146)
        roads = SplitMix64(seed: schedule.seed ^ 0x40AD_5)
        // Of the seed, so that a story keeps it.
        anchors = schedule.seed % 4 == 0 ? .store(FileAnchors(directory: "\(folder)/anchors")) : .none
        try template.clone(into: folder)
        if schedule.hasHub { peers[0] = try WorldPeer(hubAt: path("hub"), planted) }
        // Whose origin is greater is chance too: ties are broken by it.
        let cast = Array(1...schedule.devices).shuffled(using: &random)
        for (index, role) in cast.enumerated() {
            peers[index + 1] = try WorldPeer(
                index + 1, name: "device\(role)", path: path("device\(role)"), anchors, planted)
        }
        for peer in peers.values { peer.isGrowing = schemas.count > 1 }
    }

    /// What a replica's schema says.
    func schema(_ peer: WorldPeer) -> Schema { schemas[peer.standing.version] }

    /// All replicas in the order of their numbers.
    var everybody: [WorldPeer] { peers.keys.sorted().compactMap { peers[$0] } }
    var devices: [WorldPeer] { everybody.filter { !$0.isHub } }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func file(_ kind: String) -> String {
        files += 1
        return path("\(files).\(kind)")
    }

    /// Lives through the schedule, lets everything heal, and judges (TST-7).
    package func run() throws {
        defer { for peer in everybody { try? peer.close() } }
        for event in schedule.events {
            do {
                try act(event)
            } catch {
                throw failure(error, event)
            }
        }
        do {
            if erasesAmongVersions { return try eraseAmongVersions() }
            try settle()
            try judgeTheEnd()
            try eraseSomebody()
        } catch {
            throw failure(error, nil)
        }
    }

    /// What was thrown, and how things stood at that moment.
    private func failure(_ error: any Error, _ event: WorldEvent?) -> WorldFailure {
        var failure = error as? WorldFailure ?? WorldFailure(.error, "\(error)")
        failure.event = event
        for peer in everybody {
            failure.standing += "\n\(WorldEvent.name(peer.number)) (\(peer.replica.origin)) knows "
            failure.standing += peer.standing.known.sorted().map(\.description).joined(separator: " ")
            for (name, values) in ((try? peer.contents(schema(peer))) ?? [:]).sorted(by: { $0.key < $1.key }) {
                failure.standing += "\n  \(name): \(values.map(\.sqlLiteral).joined(separator: ", "))"
            }
        }
        for change in changes.values.sorted(by: { $0.dot < $1.dot }) {
            failure.standing += "\n\(change.dot) at \(change.time.milliseconds) saw \(change.seen.sorted()):"
            for (name, row) in change.rows.sorted(by: { $0.key < $1.key }) {
                failure.standing += "\n  \(name)"
                for (unit, write) in row.writes.sorted(by: { $0.key < $1.key }) {
                    failure.standing += "; \(unit) = \(write.values.map(\.sqlLiteral)) over \(write.replaced.sorted())"
                }
                if let cover = row.cover { failure.standing += "; deleted over \(cover.map(\.dot).sorted())" }
            }
        }
        return failure
    }

    private func act(_ event: WorldEvent) throws {
        now += 1000
        for peer in peers.values where !peer.stands { peer.clock.set(now + peer.offBy) }
        switch event {
        case .write(let who, let sql, let unchecked): try peers[who].map { try write($0, sql, unchecked: unchecked) }
        case .seal(let who): try peers[who].map { try seal($0) }
        case .answer(let who, let conflict, let choice):
            try peers[who].map { try answer($0, conflict: conflict, choice: choice) }
        case .merge(let who, let row, let other, let table, let taking):
            try peers[who].map { try merge($0, row: row, into: other, table: table, taking: taking) }
        case .unmerge(let who, let row): try peers[who].map { try unmerge($0, row: row) }
        case .undo(let who, let deletion, let whole):
            try peers[who].map { try undo($0, deletion: deletion, whole: whole) }
        case .pack(let from, let to, let number):
            guard let from = peers[from], let to = peers[to], from !== to else { return }
            bundles[number] = try pack(from: from, to: to)
        case .arrive(let number): try arrive(number)
        case .arriveDamaged(let number, let at, let cut): try arriveDamaged(number, at: at, cut: cut)
        case .migrate(let who): try peers[who].map { try migrate($0) }
        case .crash(let who, let call, let fate): peers[who]?.fault = .crash(call: call, fate: fate)
        case .fullDisk(let who, let call): peers[who]?.fault = .full(call: call)
        case .copy(let who, let new): try copy(who, as: new)
        case .copyFile(let who, let new): try copyFile(who, as: new)
        case .backUp(let who): try peers[who].map { try backUp($0) }
        case .restore(let who): try peers[who].map { try restore($0) }
        case .clock(let who, let offBy):
            peers[who]?.offBy = offBy
            peers[who]?.stands = false
            if abs(offBy) > 300 * 86_400_000 { reached.insert(.clockOff) }
        case .clockStands(let who): peers[who]?.stands = true
        case .pass(let milliseconds): now += milliseconds
        }
    }

    private func copy(_ who: Int, as new: Int) throws {
        guard let peer = peers[who], peers[new] == nil, !peer.isHub else { return }
        try seal(peer)
        let twin = try WorldPeer(new, copyOf: peer, path: path("copy\(new)"))
        twin.clock.set(now + twin.offBy)
        peers[new] = twin
        reached.insert(.copied)
        try check(twin)
    }
}

/// What went wrong in a world.
public struct WorldFailure: Error, CustomStringConvertible {
    /// Who found it.
    public enum Judge: String, Sendable {
        /// A replica does not hold what the naive model says.
        case model
        /// Replicas that received the same differ.
        case equality
        case causality
        /// Something committed is neither visible, nor replaced by somebody who had seen it, nor kept.
        case loss
        /// It did not converge in time, or did not get quiet.
        case liveness
        /// A crash or a full disk left something half done, or undid what was acknowledged.
        case disk
        /// Something was accepted that must be refused, or the reverse.
        case refusal
        /// An act threw that must not.
        case error
    }

    public var judge: Judge
    public var message: String
    /// Nil: at the end.
    public var event: WorldEvent?
    /// Every replica's tables and every changeset at that moment.
    public var standing = ""

    init(_ judge: Judge, _ message: String) {
        self.judge = judge
        self.message = message
    }

    public var description: String { "\(judge.rawValue): \(message)\(event.map { "\nwhen \($0)" } ?? "")" }
}
