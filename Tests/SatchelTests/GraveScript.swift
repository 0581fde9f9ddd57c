import Foundation
import Satchel
import SatchelHub
import SatchelModel

@testable import SatchelTesting

/// A random story of a hub and devices that delete, are away for long, come back, are given up, restored and erased,
/// judged by the rules alone: what stands in the end is what EXC-23 to EXC-26 and ERA-5 make of all that was sealed.
final class GraveScript {
    private let world: CleanUpWorld
    private var random: SplitMix64
    private let devices: [String]
    private let seed: UInt64
    /// All that was ever sealed, as its author sealed it, with the place in the hub's log that they stood at.
    private var changes: [Dot: (change: NaiveChange, cut: UInt64)] = [:]
    /// What the hub dropped: rows, and at which place.
    private var drops: [(rows: Set<NaiveRowName>, at: UInt64)] = []
    private var erasures: [NaiveErasure] = []
    /// Where each device said it stood, last.
    private var claims: [String: UInt64] = [:]
    private var retired: Set<String> = []
    private var flights: [(path: String, device: String, claim: UInt64)] = []
    private var replies: [(path: String, device: String)] = []
    private var files = 0
    private var backups: Set<String> = []

    static let schema = Schema(tables: [
        table("parent", ["id", "name!", "above"], ("above", "parent")),
        table("child", ["id", "parent!", "amount"], ("parent", "parent")),
    ])

    init(seed: UInt64) throws {
        self.seed = seed
        random = SplitMix64(seed: seed)
        devices = (0..<Int.random(in: 2...4, using: &random)).map { "d\($0)" }
        world = try CleanUpWorld(devices)
    }

    func run() throws {
        for _ in 0..<Int.random(in: 20...70, using: &random) { try step() }
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

    private func step() throws {
        let device = random.pick(random.chance(70) ? Array(devices.dropLast()) : devices)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<38: try write(device)
        case 38..<58: try sync(device)
        case 58..<64: try packUp(device)
        case 64..<68:
            files += 1
            let path = world["down\(files)"]
            try world.hub.pack(for: device, to: path)
            replies.append((path, device))
        case 68..<76:
            if let place = flights.indices.randomElement(using: &random) {
                let flight = flights[place]
                if random.chance(60) { flights.remove(at: place) }
                try deliver(flight)
            }
        case 76..<80:
            if let place = replies.indices.randomElement(using: &random) {
                try seal(replies[place].device)
                _ = try? world.replica(replies[place].device).apply(replies[place].path)
            }
        case 80..<85:
            let other = random.pick(devices)
            if other == device { return }
            try seal(device)
            try seal(other)
            try world.replica(other).have(to: world["have"])
            try world.replica(device).pack(for: world["have"], to: world["side"])
            try world.replica(other).apply(world["side"])
        case 85..<91: try clean()
        case 91..<93:
            try world.hub.retire(device)
            retired.insert(device)
        case 93..<95:
            if backups.remove(device) == nil {
                try seal(device)
                try? FileManager.default.removeItem(atPath: world[device + ".backup"])
                try world.backUp(device)
                backups.insert(device)
            } else {
                try seal(device)
                try world.restore(device)
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
            try world.sql(
                device,
                random.pick([
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
                ]))
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
            try require(sealed.head.clock.position == position, "\(sealed.dot) stands at another place than \(device)")
        }
    }

    @discardableResult
    private func packUp(_ device: String) throws -> (path: String, device: String, claim: UInt64) {
        try seal(device)
        files += 1
        let path = world["up\(files)"]
        let claim = try world.replica(device).status().position
        try world.replica(device).pack(to: path)
        flights.append((path, device, claim))
        return (path, device, claim)
    }

    private func deliver(_ flight: (path: String, device: String, claim: UInt64)) throws {
        let report = try world.hub.merge([flight.path])
        try require(report.failures.isEmpty && report.merged[0].complaint == nil, "\(report)")
        claims[flight.device] = try world.hub.devices().first { $0.name == flight.device }?.standing.position
        try require(claims[flight.device] ?? 0 <= flight.claim, "\(flight.device) claims more than it holds")
        retired.remove(flight.device)
    }

    private func sync(_ device: String) throws {
        try deliver(packUp(device))
        flights.removeLast()
        try world.hub.pack(for: device, to: world["down"])
        try seal(device)
        _ = try world.replica(device).apply(world["down"])
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
        horizon = max(horizon, dropped.map { sim.lastNamed($0) }.max() ?? 0)
    }

    private var horizon: UInt64 = 0

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
        let blank: Value = unit == "name" ? .text("") : .null
        erasures.append(
            NaiveErasure(
                at: try world.hub.position(), rows: inPart ? [row] : sim.referring(to: row),
                unit: inPart ? unit : nil, blank: blank))
    }

    // MARK: The judge

    private func sim() throws -> NaiveGraves {
        try NaiveGraves(
            schema: Self.schema, changes: changes, log: world.hub.log().map { ($0.position, $0.dot, $0.note) },
            drops: drops, erasures: erasures)
    }

    private func judge() throws {
        let sim = try sim()
        let digest = sim.model.digest()
        let hub = try world.hub.digest()
        let due = "\(sim.shown)/\(sim.model.conflicts().map { "\($0.row) \($0.kind)" }.sorted())"
        try require(hub == digest, "the hub shows \(try contents("hub")), the rules say \(due)\n\(story())")
        for device in devices {
            try require(
                try world.replica(device).digest() == digest,
                "\(device) shows \(try contents(device)), the rules say \(due)\n\(story())")
        }
        for sealed in try world.hub.replica.changesets() {
            let kept = try NaiveChange(sealed, seen: [], schema: Self.schema)
            let rest = sim.unerased[sealed.dot]?.rows ?? [:]
            try require(
                Set(kept.rows.keys) == Set(rest.keys),
                "the hub keeps \(kept.rows.keys.sorted()) of \(sealed.dot), the rules \(rest.keys.sorted())\n\(story())"
            )
            for (name, change) in kept.rows {
                try require(
                    change.writes.mapValues(\.values) == rest[name]?.writes.mapValues(\.values),
                    "the hub keeps other values of \(name) in \(sealed.dot)")
            }
        }
        try require(try world.hub.verify().faults.isEmpty, "the hub's log does not verify")
    }

    /// The hub's log, what each changeset said, and what was erased when.
    private func story() throws -> String {
        var lines = erasures.map { "at \($0.at) erased \($0.unit ?? "all") of \($0.rows.sorted())" }
        lines += drops.map { "at \($0.at) dropped \($0.rows.sorted())" }
        for entry in try world.hub.log() {
            lines.append("\(entry.position) \(entry.dot) \(entry.note)")
            guard let (change, cut) = changes[entry.dot] else { continue }
            for (name, row) in change.rows.sorted(by: { $0.key < $1.key }) {
                let writes = row.writes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.values)" }
                lines.append("  cut \(cut) \(name) \(row.cover == nil ? "" : "deleted") \(writes)")
            }
        }
        return lines.joined(separator: "\n")
    }

    private func contents(_ name: String) throws -> String {
        let parents = try world.value(name, "SELECT group_concat(id || name || ifnull(above, '')) FROM parent")
        let children = try world.value(name, "SELECT group_concat(id || parent || ifnull(amount, '')) FROM child")
        let conflicts = try world.replica(name).conflicts().map { "\($0.table)(\($0.key.display)) \($0.kind)" }
        return "\(parents ?? "")/\(children ?? "")/\(conflicts.sorted())"
    }

    /// The rows in the archive, each with the place at which it was dropped last.
    private func archive() throws -> [NaiveRowName: String] { try rows("satchel_archive", value: "dropped") }

    private func graveyard() throws -> Set<NaiveRowName> {
        Set(try rows("satchel_grave WHERE fate = 0", value: "0").keys)
    }

    private func rows(_ source: String, value: String) throws -> [NaiveRowName: String] {
        var found: [NaiveRowName: String] = [:]
        for table in Self.schema.tables {
            for id in (0..<4).map({ "\(table.name.prefix(1))\($0)" }) {
                let name = NaiveRowName(table: table.name, key: RowKey([.text(id)]))
                let key = name.key.canonical.hex
                let condition =
                    "tbl = (SELECT id FROM satchel_table WHERE name = '\(table.name)') AND key = x'\(key)'"
                let filter = source.contains(" WHERE ") ? "\(source) AND" : "\(source) WHERE"
                found[name] = try world.value("hub", "SELECT CAST(\(value) AS TEXT) FROM \(filter) \(condition)")
            }
        }
        return found
    }

    private func require(_ condition: Bool, _ message: @autoclosure () throws -> String) throws {
        if !condition { throw GraveFailure(seed: seed, message: try message()) }
    }

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

struct GraveFailure: Error, CustomStringConvertible {
    let seed: UInt64
    let message: String

    var description: String { "seed \(seed): \(message)" }
}
