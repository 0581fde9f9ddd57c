internal import Foundation
internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// A random story of a hub and devices that delete, are away for long, come back, are given up, restored and erased,
/// judged by the rules alone: what stands in the end is what EXC-23 to EXC-26 and ERA-5 make of all that was sealed.
final class GraveScript: Script {
    var random: SplitMix64
    let length: Int
    let stage: ScriptStage
    let world: CleanUpWorld
    let devices: [String]
    /// All that was ever sealed, as its author sealed it, with the place in the hub's log that they stood at.
    var changes: [Dot: (change: NaiveChange, cut: UInt64)] = [:]
    /// What the hub dropped: rows, and at which place.
    var drops: [(rows: Set<NaiveRowName>, at: UInt64)] = []
    var erasures: [NaiveErasure] = []
    /// Where the hub's log ended after each bundle.
    var merges: [UInt64] = []
    /// Where each device said it stood, last.
    var claims: [String: UInt64] = [:]
    var retired: Set<String> = []
    /// The last bundles that each device came with, the newest at the end (EXC-49).
    var came: [String: [String]] = [:]
    var flights: [(path: String, device: String, claim: UInt64)] = []
    var replies: [(path: String, device: String)] = []
    var backups: Set<String> = []

    static let schema = Schema(tables: [
        table("parent", ["id", "name!", "above"], ("above", "parent")),
        table("child", ["id", "parent!", "amount"], ("parent", "parent")),
    ])

    init(on stage: ScriptStage, random: SplitMix64) throws {
        self.stage = stage
        self.random = random
        length = Int.random(in: 20...70, using: &self.random)
        world = try CleanUpWorld(on: stage, devices: Int.random(in: 2...4, using: &self.random))
        // Whose origin is greater is chance too: ties are broken by it.
        devices = world.devices.shuffled(using: &self.random)
    }

    func close() throws { try world.close() }

    func finish() throws {
        for flight in flights.shuffled(using: &random) where random.chance(50) { try deliver(flight) }
        for _ in 0..<4 { for device in devices { try sync(device) } }
        try judge()
        try clean()
        let left = try graveyard()
        let expected = Set(try sim().undroppable())
        try require(
            left == expected, "after the clean-up \(left.sorted()) lie dead, the rules say \(expected.sorted())")
        for status in try world.hub.erasures() {
            try require(status.missing.isEmpty, "\(status.missing.map(\.name)) did not confirm an erasure")
        }
        try world.sql(devices[0], "INSERT OR REPLACE INTO parent VALUES ('last', 'n', NULL)")
        for _ in 0..<2 { for device in devices { try sync(device) } }
        for device in devices {
            let dead = try world.dead(device)
            try require(dead <= left.count, "\(device) still holds \(dead) dead rows, the hub \(left.count)")
        }
        try judge()
    }

    func step() throws {
        let device = random.pick(random.chance(70) ? Array(devices.dropLast()) : devices)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<38: try write(device)
        case 38..<58: try sync(device)
        case 58..<64: try packUp(device)
        case 64..<68:
            let path = stage.file("down")
            try world.hub.pack(for: device, to: path)
            let position = try world.hub.position()
            stage.tell("the hub at \(position) packs for \(device)")
            replies.append((path, device))
        case 68..<76:
            if let place = flights.indices.randomElement(using: &random) {
                let flight = flights[place]
                if random.chance(60) { flights.remove(at: place) }
                try deliver(flight)
            }
        case 76..<80:
            if let place = replies.indices.randomElement(using: &random) {
                let (path, device) = replies[place]
                try seal(device)
                // An old one is refused.
                let outcome = Result { try world.replica(device).apply(path).outcome }
                stage.tell("\(device) applies \(name(path)): \(outcome)")
            }
        case 80..<85:
            let other = random.pick(devices)
            if other == device { return }
            try seal(device)
            try seal(other)
            stage.tell("\(device) packs for \(other), who applies it")
            try world.carry(device, to: other)
        case 85..<91: try clean()
        case 91..<93:
            try world.hub.retire(device)
            retired.insert(device)
            stage.tell("\(device) is given up")
        case 93..<95:
            if backups.remove(device) == nil {
                try seal(device)
                try? FileManager.default.removeItem(atPath: world[device + ".backup"])
                try world.backUp(device)
                backups.insert(device)
                stage.tell("\(device) is backed up")
            } else {
                try seal(device)
                try world.restore(device)
                stage.tell("\(device) is put back from its backup")
            }
        default: try erase()
        }
    }

    // MARK: What people do

    private func write(_ device: String) throws {
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let parent = "p\(Int.random(in: 0..<4, using: &random))"
            let other = "p\(Int.random(in: 0..<4, using: &random))"
            let child = "c\(Int.random(in: 0..<4, using: &random))"
            let value = Int.random(in: 0..<1000, using: &random)
            let statement = random.pick([
                "INSERT OR IGNORE INTO parent VALUES ('\(parent)', 'n\(value)', NULL)",
                "INSERT OR IGNORE INTO parent VALUES ('\(parent)', 'n\(value)', '\(other)')",
                "INSERT OR IGNORE INTO child VALUES ('\(child)', '\(parent)', \(value))",
                "INSERT OR IGNORE INTO child VALUES ('\(child)', '\(parent)', \(value))",
                "UPDATE parent SET name = 'n\(value)' WHERE id = '\(parent)'",
                "UPDATE parent SET above = '\(other)' WHERE id = '\(parent)'",
                "UPDATE child SET parent = '\(parent)' WHERE id = '\(child)'",
                "UPDATE child SET amount = \(value) WHERE id = '\(child)'",
                "DELETE FROM parent WHERE id = '\(parent)'", "DELETE FROM parent WHERE id = '\(parent)'",
                "DELETE FROM child WHERE id = '\(child)'", "DELETE FROM child WHERE id = '\(child)'",
                "DELETE FROM child; DELETE FROM parent",
            ])
            try world.sql(device, statement)
            stage.tell("\(device) writes \(statement)")
        }
        if random.chance(60) { try seal(device) }
    }

    /// Notes what was sealed before anything can be erased from it.
    private func seal(_ device: String) throws {
        let replica = try world.replica(device)
        let position = try replica.status().position
        try replica.seal()
        for sealed in try replica.changesets() where changes[sealed.dot] == nil && sealed.redaction == nil {
            guard sealed.head.origin == replica.origin else { continue }
            let change = try NaiveChange(sealed, seen: [], schema: Self.schema)
            changes[sealed.dot] = (change, sealed.head.clock.position)
            stage.tell("\(device) seals \(sealed.dot) of \(change.rows.keys.sorted()), at \(position)")
            try require(sealed.head.clock.position == position, "\(sealed.dot) stands at another place than \(device)")
        }
    }

    @discardableResult
    private func packUp(_ device: String) throws -> (path: String, device: String, claim: UInt64) {
        try seal(device)
        let path = stage.file("up")
        let claim = try world.replica(device).status().position
        try world.replica(device).pack(to: path)
        flights.append((path, device, claim))
        stage.tell("\(device) packs \(name(path)), at \(claim)")
        return (path, device, claim)
    }

    private func deliver(_ flight: (path: String, device: String, claim: UInt64)) throws {
        let report = try stage.bring(flight.path, to: world.hub)
        merges.append(try world.hub.position())
        stage.tell("the hub merges \(name(flight.path)) of \(flight.device)")
        try require(report.failures.isEmpty && report.merged[0].complaint == nil, "\(report)")
        claims[flight.device] = try world.hub.devices().first { $0.name == flight.device }?.standing.position
        try require(claims[flight.device] ?? 0 <= flight.claim, "\(flight.device) claims more than it holds")
        // The same bundle once more is no sign of the device.
        let last = came[flight.device, default: []].suffix(16)
        if !last.contains(flight.path) { retired.remove(flight.device) }
        came[flight.device] = last.filter { $0 != flight.path } + [flight.path]
    }

    private func sync(_ device: String) throws {
        try deliver(packUp(device))
        flights.removeLast()
        try world.hub.pack(for: device, to: world["down"])
        try seal(device)
        let outcome = try world.replica(device).apply(world["down"]).outcome
        let position = try world.hub.position()
        stage.tell("\(device) applies the hub's answer at \(position): \(outcome)")
    }

    // MARK: What the hub does

    /// Cleans up, and holds what it dropped against EXC-23.
    private func clean() throws {
        let before = try archive()
        let sim = try sim()
        let position = try world.hub.position()
        try world.clean()
        let dropped = try archive().filter { before[$0.key] != $0.value }.map(\.key)
        guard !dropped.isEmpty else { return }
        stage.tell("the hub at \(position) drops \(dropped.sorted())")
        drops.append((Set(dropped), position))
        let live = claims.filter { !retired.contains($0.key) && $0.value > 0 && $0.value >= self.horizon }
        for row in dropped {
            let state = sim.state(row)
            try require(!state.isAlive, "\(row) was dropped alive")
            let last = sim.lastNamed(row)
            try require(
                live.allSatisfy { $0.value >= last }, "\(row) moved at \(last) and was dropped before \(live) knew")
        }
        for name in sim.held where !dropped.contains(name) {
            for parent in sim.named(by: name) {
                try require(!dropped.contains(parent), "\(parent) was dropped, and \(name) names it")
            }
        }
        horizon = max(horizon, dropped.map { lastMoved($0, sim) }.max() ?? 0)
    }

    /// An order about a row may have moved it too: who stands below that is not surely waited for.
    private func lastMoved(_ row: NaiveRowName, _ sim: NaiveGraves) -> UInt64 {
        max(sim.lastNamed(row), erasures.filter { $0.rows.contains(row) }.map(\.at).max() ?? 0)
    }

    var horizon: UInt64 = 0

    private func erase() throws {
        let sim = try sim()
        guard let row = sim.everWritten.randomElement(using: &random) else { return }
        let inPart = random.chance(30)
        let unit = row.table == "parent" ? "name" : "amount"
        do {
            if inPart {
                _ = try world.hub.erase(table: row.table, key: row.key, columns: [unit])
            } else {
                _ = try world.hub.erase(table: row.table, key: row.key, withReferences: true)
            }
        } catch is UsageError {
            return  // nothing is known of it any more
        }
        stage.tell("the operator erases \(inPart ? unit + " of " : "")\(row)")
        let blank: Value = unit == "name" ? .text("") : .null
        erasures.append(
            NaiveErasure(
                at: try world.hub.position(), rows: inPart ? [row] : sim.referring(to: row),
                unit: inPart ? unit : nil, blank: blank))
    }

    /// The last part of a bundle's path.
    private func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    private static func table(
        _ name: String, _ columns: [String], _ reference: (column: String, parent: String)
    ) -> TableSchema {
        let names = columns.map { $0.replacingOccurrences(of: "!", with: "") }
        return TableSchema(
            name: name,
            columns: zip(names, columns).map { .init(name: $0, notNull: $1.hasSuffix("!"), defaultSQL: nil) },
            key: [0],
            units: names.indices.dropFirst().map { .init(name: names[$0], columns: [$0], policy: .review) },
            references: [
                .init(
                    columns: names.indices.filter { names[$0] == reference.column }, parent: reference.parent,
                    parentColumns: ["id"])
            ], withoutRowid: false)
    }
}
