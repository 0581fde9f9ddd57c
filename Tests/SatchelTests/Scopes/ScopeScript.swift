import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel
import SatchelStore

@testable import SatchelTesting

/// A random story of a hub whose scopes, grants and owners change while devices are away. The seed is the whole story.
final class ScopeScript {
    let seed: UInt64
    let directory: String
    var random: SplitMix64
    let hub: Hub
    var devices: [ScopeScriptDevice] = []
    var changes: [Dot: NaiveChange] = [:]
    var author: [Dot: ScopeScriptDevice] = [:]
    /// How far the author was when it sealed.
    var cuts: [Dot: UInt64] = [:]
    /// Every dot that the hub has, in the order of its log, and what it set aside.
    var log: [Dot] = []
    var aside: [Dot: Set<NaiveRowName>] = [:]
    /// Changes of rows that were entered outside the scopes: tried again.
    var entries: [Dot: Set<NaiveRowName>] = [:]
    var rules: [String: Set<NaiveRule>] = [:]
    var grants: [String: Set<String>] = [:]
    var looks: [Look] = []
    /// What happened, for a person who reads a failure.
    var story: [String] = []
    private var files = 0
    let schema = ScopeScriptSchema.schema

    /// The scopes and grants at a position, as the hub looked at them.
    struct Look {
        var position: UInt64
        var members: [String: Set<NaiveRowName>]
        var grants: [String: Set<String>]
    }

    init(seed: UInt64, directory: String) throws {
        self.seed = seed
        self.directory = directory
        random = SplitMix64(seed: seed)
        hub = try Hub.create(at: directory + "/hub", schema: ScopeScriptSchema.ddl)
        for name in ["s", "t", "u"] { try setScope(name) }
        for index in 0..<Int.random(in: 2...4, using: &random) {
            let name = "device\(index)"
            let replica = try Replica.create(at: directory + "/\(name)", enrolment: hub.enrol(name: name))
            devices.append(ScopeScriptDevice(name: name, replica: replica))
            grants[name] = []
            try grant(name)
        }
    }

    func run() throws {
        for _ in 0..<Int.random(in: 15...50, using: &random) { try step() }
        try settle()
        for device in devices { try device.replica.close() }
        try hub.close()
    }

    private func step() throws {
        let device = random.pick(devices)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<35: try write(device)
        case 35..<45: try writeAtHub()
        case 45..<60: try up(device, loses: random.chance(15))
        case 60..<78: try pack(device)
        case 78..<90: try deliverSomething()
        case 90..<95: try setScope(random.pick(["s", "t", "u"]))
        default: try grant(device.name)
        }
    }

    private func settle() throws {
        for device in devices { try seal(device) }
        for _ in 0..<3 {
            for device in devices {
                try up(device, loses: false)
                try pack(device)
                while !device.flights.isEmpty { try deliver(device, device.flights.removeFirst()) }
            }
        }
        let model = hubModel()
        let whole = model.view(kept: [])
        for device in devices {
            try require(device.pending.isEmpty, "\(device.name) still has \(device.pending)")
            let mine = members(of: device.name, model)
            let shown = try device.replica.contents(of: schema)
            try require(
                shown == whole.filter { mine.contains($0.key) },
                "\(device.name) shows \(shown.keys.sorted()), due \(whole.keys.filter { mine.contains($0) }.sorted())")
            try require(
                try device.replica.digest() == hub.digest(for: device.name), "\(device.name) has another digest")
            try require(try device.replica.status().isAllAtHub, "\(device.name) has unsent work")
        }
    }

    func file(_ kind: String) -> String {
        files += 1
        return "\(directory)/\(files).\(kind)"
    }

    func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw ScopeScriptFailure(seed: seed, message: message(), story: story) }
    }

    // MARK: - The operator

    private func setScope(_ name: String) throws {
        let chosen = Set((0..<Int.random(in: 1...3, using: &random)).map { _ in random.pick(ScopeScriptSchema.rules) })
        try look()
        try hub.setScope(name, rules: chosen.map(\.text).sorted())
        story.append("scope \(name): \(chosen.map(\.text).sorted())")
        rules[name] = chosen
        try look()
    }

    private func grant(_ name: String) throws {
        var chosen = Set(["s", "t", "u"].filter { _ in random.chance(45) })
        if random.chance(6) { chosen = ["all"] }
        try look()
        try hub.grant(name, scopes: chosen.sorted())
        story.append("\(name) is granted \(chosen.sorted())")
        grants[name] = chosen
        try look()
    }

    private func writeAtHub() throws {
        story.append("the hub writes \(try ScopeScriptWriting.write(hub.replica, &random))")
        try hub.replica.seal()
        try look()
    }

    // MARK: - Devices

    private func write(_ device: ScopeScriptDevice) throws {
        story.append("\(device.name) writes \(try ScopeScriptWriting.write(device.replica, &random))")
        if random.chance(70) { try seal(device) }
    }

    func seal(_ device: ScopeScriptDevice) throws {
        try device.replica.seal()
        for sealed in try device.replica.changesets()
        where sealed.dot.origin == device.replica.origin && changes[sealed.dot] == nil {
            let change = try NaiveChange(sealed, seen: [], schema: schema)
            changes[change.dot] = change
            author[change.dot] = device
            cuts[change.dot] = device.position
            device.pending.append(change.dot)
            device.everSent.formUnion(change.rows.keys)
            story.append("\(device.name) seals \(change.dot) of \(change.rows.keys.sorted())")
        }
        try check(device)
    }

    private func up(_ device: ScopeScriptDevice, loses: Bool) throws {
        try seal(device)
        let path = file("up")
        try device.replica.pack(to: path)
        story.append("\(device.name) packs, from \(device.position)\(loses ? "; it is lost" : "")")
        if loses { return }
        let report = try hub.merge([path])
        try require(report.merged[0].outcome != .refused, "\(report.merged)")
        try look(merged: true)
        if random.chance(10) {
            _ = try hub.merge([path])
            try look(merged: true)
        }
    }

    private func pack(_ device: ScopeScriptDevice) throws {
        try look()
        let path = file("down")
        try hub.pack(for: device.name, to: path)
        let model = hubModel()
        let mine = members(of: device.name, model)
        try checkNames(path, device, mine)
        device.everSent.formUnion(mine)
        story.append("the hub at \(try hub.position()) packs for \(device.name): \(mine.sorted())")
        device.flights.append(
            .init(
                path: path, position: try hub.position(), known: Set(log), rows: mine, kept: model.kept(from: mine),
                changes: hubChanges(), isWhole: grants[device.name]?.contains("all") ?? false))
    }

    private func deliverSomething() throws {
        let device = random.pick(devices)
        guard !device.flights.isEmpty else { return }
        let place = Int.random(in: 0..<device.flights.count, using: &random)
        let flight = device.flights[place]
        if random.chance(75) { device.flights.remove(at: place) }
        if random.chance(85) { try deliver(device, flight) }
    }

    private func deliver(_ device: ScopeScriptDevice, _ flight: ScopeScriptDevice.Flight) throws {
        try seal(device)
        let outcome = try device.replica.apply(flight.path).outcome
        story.append("\(device.name) applies the reply at \(flight.position): \(outcome)")
        if outcome == .applied {
            device.pending.removeAll { flight.known.contains($0) }
            device.retained = flight.isWhole ? needed(by: device, beyond: flight) : []
            device.position = flight.position
            device.rows = flight.rows
            device.kept = flight.kept
            device.served = flight.changes
        }
        try check(device)
    }

    /// Each change once, with all its rows.
    private func united(_ parts: [NaiveChange]) -> [NaiveChange] {
        var whole: [NaiveChange] = []
        for part in parts {
            if let place = whole.firstIndex(where: { $0.dot == part.dot }) {
                whole[place].rows.merge(part.rows) { one, _ in one }
            } else {
                whole.append(part)
            }
        }
        return whole
    }

    /// EXC-26: rows that what is pending names stay, though a reply of everything does not hold them.
    private func needed(by device: ScopeScriptDevice, beyond flight: ScopeScriptDevice.Flight) -> [NaiveChange] {
        let pending = device.pending.map { changes[$0]! }
        let own = log.filter { author[$0] === device }.map { changes[$0]! }
        let all = device.served + device.retained + own + pending
        let before = NaiveModel(schema: schema, changes: united(all))
        var needed = Set(pending.flatMap(\.rows.keys))
        var open = Array(needed)
        while let name = open.popLast() {
            for parent in before.parents(name, before.row(name)) where needed.insert(parent.parent).inserted {
                open.append(parent.parent)
            }
        }
        let held = NaiveModel(schema: schema, changes: flight.changes).heldRows
        return all.map { change in
            change.only { needed.contains($0) && held[$0] == nil && !device.pending.contains(change.dot) }
        }
    }

    /// What the device must show by the rules: the hub's rows of its scopes, and on them what the hub has not.
    private func check(_ device: ScopeScriptDevice) throws {
        let model = NaiveModel(
            schema: schema,
            changes: united(
                device.served.map { $0.only { device.rows.contains($0) } } + device.retained
                    + device.pending.map { changes[$0]! }))
        let due = model.view(kept: device.kept)
        let real = try device.replica.contents(of: schema)
        for name in Set(due.keys).union(real.keys).sorted() {
            try require(
                due[name] == real[name],
                "\(device.name) shows \(name) as \(real[name] as Any), the rules say \(due[name] as Any)")
        }
        let mayHold = device.rows.union((device.retained + device.pending.map { changes[$0]! }).flatMap(\.rows.keys))
        let held = try device.held()
        try require(held.isSubset(of: mayHold), "\(device.name) holds \(held.subtracting(mayHold))")
    }
}

struct ScopeScriptFailure: Error, CustomStringConvertible {
    var seed: UInt64
    var message: String
    var story: [String] = []

    var description: String { "seed \(seed): \(message)\n" + story.joined(separator: "\n") }
}

/// A real device, and beside it what by the rules it was served.
final class ScopeScriptDevice {
    let name: String
    let replica: Replica
    var position: UInt64 = 0
    var rows: Set<NaiveRowName> = []
    var kept: Set<NaiveRowName> = []
    var served: [NaiveChange] = []
    /// What it still has of rows that the last reply, of everything, did not hold.
    var retained: [NaiveChange] = []
    var pending: [Dot] = []
    /// Rows that a reply was ever written with for it, or that it wrote: the only ones that may ever be named to it.
    var everSent: Set<NaiveRowName> = []
    var flights: [Flight] = []

    struct Flight {
        var path: String
        var position: UInt64
        var known: Set<Dot>
        var rows: Set<NaiveRowName>
        var kept: Set<NaiveRowName>
        var changes: [NaiveChange]
        /// Whether the device was served everything.
        var isWhole: Bool
    }

    init(name: String, replica: Replica) {
        self.name = name
        self.replica = replica
    }

    /// Every row that it holds anything of, shown or not.
    func held() throws -> Set<NaiveRowName> {
        try replica.withEngine { engine in
            Set(try engine.store.allRows().map { .init(table: engine.store.tableName($0.table), key: $0.key) })
        }
    }
}

extension Replica {
    /// Every row of every table as plain SQL reads it.
    func contents(of schema: Schema) throws -> [NaiveRowName: [Value]] {
        try read { db in
            var rows: [NaiveRowName: [Value]] = [:]
            for table in schema.tables {
                let columns = table.columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
                for row in try Row.fetchAll(db, sql: "SELECT \(columns) FROM \"\(table.name)\"") {
                    let values = Array(row.databaseValues).map { Value($0) }
                    rows[NaiveRowName(table: table.name, key: RowKey(table.key.map { values[$0] }))] = values
                }
            }
            return rows
        }
    }
}
