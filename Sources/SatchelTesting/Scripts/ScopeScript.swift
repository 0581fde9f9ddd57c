internal import Foundation
internal import GRDB
internal import Satchel
internal import SatchelHub
internal import SatchelModel
internal import SatchelStore

/// A random story of a hub whose scopes, grants and owners change while devices are away.
final class ScopeScript: Script {
    let stage: ScriptStage
    var random: SplitMix64
    let length: Int
    let hub: Hub
    var devices: [ScopeScriptDevice] = []
    var changes: [Dot: NaiveChange] = [:]
    var author: [Dot: ScopeScriptDevice] = [:]
    /// How far the author was when it sealed.
    var cuts: [Dot: UInt64] = [:]
    /// Everything that the hub has, in the order of its log, and what it set aside.
    var log: [NaiveChange] = []
    /// Where in that log each lies.
    var places: [Dot: UInt64] = [:]
    var aside: [Dot: Set<NaiveRowName>] = [:]
    /// Of those, what names rows that its author could not hold.
    var foreign: [Dot: Set<NaiveRowName>] = [:]
    /// Changes of rows that were entered outside the scopes: tried again.
    var entries: [Dot: Set<NaiveRowName>] = [:]
    var rules: [String: Set<NaiveRule>] = [:]
    var grants: [String: Set<String>] = [:]
    var looks: [Look] = []
    let schema = ScopeScriptSchema.schema

    /// The scopes and grants at a position, as the hub looked at them.
    struct Look {
        var position: UInt64
        var members: [String: Set<NaiveRowName>]
        var grants: [String: Set<String>]
    }

    init(on stage: ScriptStage, random: SplitMix64) throws {
        self.stage = stage
        self.random = random
        length = Int.random(in: 15...50, using: &self.random)
        let count = Int.random(in: 2...4, using: &self.random)
        // Whoever is enrolled while there is no scope gets everything.
        try stage.call(.init(ddl: ScopeScriptSchema.ddl, devices: count, scopes: ["s": ["plan ALL"]]))
        hub = try stage.openHub()
        for name in ["s", "t", "u"] { try setScope(name) }
        // Whose origin is greater is chance too: ties are broken by it.
        for role in Array(1...count).shuffled(using: &self.random) {
            let name = "device\(role)"
            devices.append(ScopeScriptDevice(name: name, replica: try stage.open(name)))
            grants[name] = []
            try grant(name)
        }
    }

    func close() throws {
        for device in devices { try device.replica.close() }
        try hub.close()
    }

    func step() throws {
        let device = random.pick(devices)
        if stage.seed >= Self.withLateBundles, random.chance(8) { return try comeLate(device) }
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

    func finish() throws {
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
            try require(device.pending.isEmpty, "\(device.name) still has \(device.pending.map(\.dot))")
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

    // MARK: - The operator

    private func setScope(_ name: String) throws {
        let chosen = Set((0..<Int.random(in: 1...3, using: &random)).map { _ in random.pick(ScopeScriptSchema.rules) })
        try look()
        try hub.setScope(name, rules: chosen.map(\.text).sorted())
        stage.tell("scope \(name): \(chosen.map(\.text).sorted())")
        rules[name] = chosen
        try look()
    }

    private func grant(_ name: String) throws {
        var chosen = Set(["s", "t", "u"].filter { _ in random.chance(45) })
        if random.chance(6) { chosen = ["all"] }
        try look()
        try hub.grant(name, scopes: chosen.sorted())
        stage.tell("\(name) is granted \(chosen.sorted())")
        grants[name] = chosen
        try look()
    }

    private func writeAtHub() throws {
        let done = try ScopeScriptWriting.write(hub.replica, &random)
        stage.tell("the hub writes \(done)")
        try hub.replica.seal()
        try look()
    }

    /// From here on bundles also come late, and hubs begin another epoch: a seed that failed is the same story tomorrow.
    private static let withLateBundles: UInt64 = 7_000_000

    /// A bundle of a device comes that was overtaken or taken for lost, or comes once more; or the hub begins another epoch at
    /// the present end of its log, which changes nothing for those who stand at or below it (EXC-28).
    private func comeLate(_ device: ScopeScriptDevice) throws {
        if random.chance(25) {
            try hub.restored()
            stage.tell("the hub begins another epoch")
            try look()
        } else if !device.sent.isEmpty {
            let place = Int.random(in: 0..<device.sent.count, using: &random)
            _ = try stage.bring(device.sent[place], to: hub)
            stage.tell("bundle \(place + 1) of \(device.name) comes late")
            try look(merged: true)
        }
    }

    // MARK: - Devices

    private func write(_ device: ScopeScriptDevice) throws {
        let done = try ScopeScriptWriting.write(device.replica, &random)
        stage.tell("\(device.name) writes \(done)")
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
            device.pending.append(change)
            device.everSent.formUnion(change.rows.keys)
            stage.tell("\(device.name) seals \(change.dot) of \(change.rows.keys.sorted())")
        }
        try check(device)
    }

    private func up(_ device: ScopeScriptDevice, loses: Bool) throws {
        try seal(device)
        let path = stage.file("up")
        try device.replica.pack(to: path)
        device.sent.append(path)
        stage.tell("\(device.name) packs, from \(device.position)\(loses ? "; it is lost" : "")")
        if loses { return }
        let report = try stage.bring(path, to: hub)
        try require(report.merged[0].outcome != .refused, "\(report.merged)")
        try look(merged: true)
        if random.chance(10) {
            _ = try stage.bring(path, to: hub)
            try look(merged: true)
        }
    }

    private func pack(_ device: ScopeScriptDevice) throws {
        try look()
        let path = stage.file("down")
        try hub.pack(for: device.name, to: path)
        let model = hubModel()
        let mine = members(of: device.name, model)
        try checkNames(path, device, mine)
        device.everSent.formUnion(mine)
        let position = try hub.position()
        stage.tell("the hub at \(position) packs for \(device.name): \(mine.sorted())")
        device.flights.append(
            .init(
                path: path, position: try hub.position(), known: Set(log.map(\.dot)), rows: mine,
                kept: model.kept(from: mine),
                changes: hubChanges(), isWhole: grants[device.name]?.contains("all") ?? false))
    }

    private func deliverSomething() throws {
        let device = random.pick(devices)
        if let flight = arrival(of: &device.flights) { try deliver(device, flight) }
    }

    private func deliver(_ device: ScopeScriptDevice, _ flight: ScopeScriptDevice.Flight) throws {
        try seal(device)
        let outcome = try device.replica.apply(flight.path).outcome
        stage.tell("\(device.name) applies the reply at \(flight.position): \(outcome)")
        if outcome == .applied {
            let before = united(
                device.served.map { $0.only { device.rows.contains($0) } } + device.retained
                    + device.pending)
            device.pending.removeAll { flight.known.contains($0.dot) }
            device.retained = flight.isWhole ? needed(by: device, of: before, beyond: flight) : []
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
    private func needed(
        by device: ScopeScriptDevice, of all: [NaiveChange], beyond flight: ScopeScriptDevice.Flight
    ) -> [NaiveChange] {
        let pending = device.pending
        let pendingDots = Set(pending.map(\.dot))
        let before = NaiveModel(schema: schema, changes: all)
        var needed = Set(pending.flatMap(\.rows.keys))
        var open = Array(needed)
        while let name = open.popLast() {
            for parent in before.parents(name, before.row(name)) where needed.insert(parent.parent).inserted {
                open.append(parent.parent)
            }
        }
        let held = NaiveModel(schema: schema, changes: flight.changes).heldRows
        return all.map { change in
            change.only { needed.contains($0) && held[$0] == nil && !pendingDots.contains(change.dot) }
        }
    }

    /// What the device must show by the rules: the hub's rows of its scopes, and on them what the hub has not.
    private func check(_ device: ScopeScriptDevice) throws {
        let model = NaiveModel(
            schema: schema,
            changes: united(
                device.served.map { $0.only { device.rows.contains($0) } } + device.retained
                    + device.pending))
        let due = model.view(kept: device.kept)
        let real = try device.replica.contents(of: schema)
        for name in Set(due.keys).union(real.keys).sorted() {
            try require(
                due[name] == real[name],
                "\(device.name) shows \(name) as \(real[name] as Any), the rules say \(due[name] as Any)")
        }
        let mayHold = device.rows.union((device.retained + device.pending).flatMap(\.rows.keys))
        let held = try device.held()
        try require(held.isSubset(of: mayHold), "\(device.name) holds \(held.subtracting(mayHold))")
    }
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
    var pending: [NaiveChange] = []
    /// Rows that a reply was ever written with for it, or that it wrote: the only ones that may ever be named to it.
    var everSent: Set<NaiveRowName> = []
    var flights: [Flight] = []
    /// Every bundle that it packed.
    var sent: [String] = []

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
