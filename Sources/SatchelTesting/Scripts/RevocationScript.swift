internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// A random story of devices that are stolen, copied and shut out while what they, their couriers and those who built on them
/// made is on its way, in every order. At the end everybody honest shows what the rules make of all changes but those
/// withheld (REV-2), and nobody waits.
final class RevocationScript: Script {
    var random: SplitMix64
    let length: Int
    let stage: ScriptStage
    private let hub: Hub
    private var devices: [Device] = []
    private var flights: [Flight] = []
    private var changes: [Dot: NaiveChange] = [:]
    /// By device, what the hub had applied of it when it was shut out.
    private var cuts: [String: Set<Dot>] = [:]
    private var released: Set<Dot> = []
    /// What came to anybody honest, or to the hub: it may not be lost.
    private var carried: Set<Dot> = []
    private let schema = ScopeScriptSchema.schema

    private struct Device {
        /// As the hub knows it; a copy has its original's.
        let name: String
        let replica: Replica
        /// Whether it may be stolen.
        let isExposed: Bool
        var lines: Set<OriginID>
    }

    private struct Flight {
        let to: Int
        let path: String
        let what: String
        /// Sideways, what its sender had.
        let dots: Set<Dot>
    }

    init(on stage: ScriptStage, random: SplitMix64) throws {
        self.stage = stage
        self.random = random
        length = Int.random(in: 15...55, using: &self.random)
        let count = Int.random(in: 3...5, using: &self.random)
        try stage.call(.init(ddl: ScopeScriptSchema.ddl, devices: count))
        hub = try stage.openHub()
        // Whose origin is greater is chance too: ties are broken by it.
        for (place, role) in Array(1...count).shuffled(using: &self.random).enumerated() {
            let replica = try stage.open("device\(role)")
            devices.append(
                Device(
                    name: "device\(role)", replica: replica, isExposed: place < count - 2, lines: [replica.origin]))
        }
    }

    func close() throws {
        for device in devices { try device.replica.close() }
        try hub.close()
    }

    func step() throws {
        let index = Int.random(in: 0..<devices.count, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<34: try write(index)
        case 34..<39: try writeAtHub()
        case 39..<55: try up(index, isLost: random.chance(20))
        case 55..<67: try down(index)
        case 67..<80: try sideways(from: index, to: Int.random(in: 0..<devices.count, using: &random))
        case 80..<90: if let flight = arrival(of: &flights) { try deliver(flight) }
        case 90..<93: try copy(random.pick(exposed))
        case 93..<97: try revoke(random.pick(exposed))
        default: try release()
        }
    }

    private var exposed: [Int] { devices.indices.filter { devices[$0].isExposed } }

    private func isRevoked(_ index: Int) -> Bool { cuts[devices[index].name] != nil }

    // MARK: - People

    private func write(_ index: Int) throws {
        let done = try ScopeScriptWriting.write(devices[index].replica, &random)
        stage.tell("\(title(index)) writes \(done)")
        if random.chance(70) { try seal(index) }
    }

    private func writeAtHub() throws {
        let done = try ScopeScriptWriting.write(hub.replica, &random)
        stage.tell("the hub writes \(done)")
        try hub.replica.seal()
        try note(hub.replica, "the hub")
    }

    private func seal(_ index: Int) throws {
        try devices[index].replica.seal()
        devices[index].lines.insert(devices[index].replica.origin)
        try note(devices[index].replica, title(index))
    }

    private func note(_ replica: Replica, _ name: String) throws {
        try note(replica, called: name, schema, in: &changes)
    }

    /// Copies have a number besides the name.
    private func title(_ index: Int) -> String {
        let isCopy = devices[..<index].contains { $0.name == devices[index].name }
        return isCopy ? "\(devices[index].name) (copy \(index))" : devices[index].name
    }

    private func copy(_ index: Int) throws {
        guard devices.count < 7 else { return }
        try seal(index)
        let name = "copy\(devices.count)"
        let replica = try devices[index].replica.duplicate(to: stage.path(name))
        stage.plant(replica)
        stage.tell("\(title(index)) is copied, as copy \(devices.count)")
        devices.append(
            Device(
                name: devices[index].name, replica: replica, isExposed: true,
                lines: devices[index].lines.union([replica.origin])))
    }

    // MARK: - Roads

    private func up(_ index: Int, isLost: Bool) throws {
        try seal(index)
        let path = stage.file("up")
        try devices[index].replica.pack(to: path)
        stage.tell("\(title(index)) packs for the hub\(isLost ? "; it is lost" : "")")
        if isLost { return }
        let merged = try stage.bring(path, to: hub).merged[0]
        try require(merged.outcome != .refused && merged.outcome != .failed, "\(merged)")
        carried.formUnion(try hub.log().map(\.dot))
    }

    private func down(_ index: Int) throws {
        let path = stage.file("down")
        if isRevoked(index) {
            var isGiven = true
            do { try hub.pack(for: devices[index].name, to: path) } catch is UsageError { isGiven = false }
            return try require(!isGiven, "a reply was made for \(title(index)), who is shut out (REV-4)")
        }
        try hub.pack(for: devices[index].name, to: path)
        let position = try hub.position()
        stage.tell("the hub at \(position) packs for \(title(index))")
        flights.append(Flight(to: index, path: path, what: "the reply at \(position)", dots: []))
    }

    private func sideways(from: Int, to: Int) throws {
        guard from != to, devices[from].name != devices[to].name else { return }
        try seal(from)
        try seal(to)
        let (have, path) = (stage.file("have"), stage.file("side"))
        try devices[to].replica.have(to: have)
        do {
            try devices[from].replica.pack(for: have, to: path)
        } catch let error as RefusedBundle {
            stage.tell("\(title(from)) gives nothing to \(title(to))")
            return try require(isRevoked(to), "\(title(from)) refuses \(title(to)): \(error)")
        }
        let dots = Set(try devices[from].replica.changesets().map(\.dot))
        stage.tell("\(title(from)) packs for \(title(to))")
        flights.append(Flight(to: to, path: path, what: "the bundle of \(title(from))", dots: dots))
    }

    private func deliver(_ flight: Flight) throws {
        try seal(flight.to)
        // An old reply is refused, and whoever is shut out refuses what says so.
        let outcome = Result { try devices[flight.to].replica.apply(flight.path).outcome }
        stage.tell("\(title(flight.to)) applies \(flight.what): \(outcome)")
        if case .success(.applied) = outcome, !devices[flight.to].isExposed { carried.formUnion(flight.dots) }
        try seal(flight.to)
    }

    // MARK: - The operator

    private func revoke(_ index: Int) throws {
        guard !isRevoked(index) else { return }
        let name = devices[index].name
        try hub.replica.seal()
        let lines = devices.filter { $0.name == name }.reduce(into: Set<OriginID>()) { $0.formUnion($1.lines) }
        cuts[name] = Set(try hub.log().map(\.dot).filter { lines.contains($0.origin) })
        try hub.revoke(name)
        try note(hub.replica, "the hub")
        stage.tell("\(name) is shut out after \(cuts[name, default: []].sorted())")
    }

    private func release() throws {
        let chosen = try hub.quarantine().changesets.map(\.dot).sorted().filter { _ in random.chance(50) }
        if chosen.isEmpty { return }
        try hub.release(chosen.map(\.description))
        try note(hub.replica, "the hub")
        released.formUnion(chosen)
        stage.tell("the hub releases \(chosen)")
    }

    // MARK: - The end

    func finish() throws {
        for flight in flights.shuffled(using: &random) where random.chance(50) { try deliver(flight) }
        flights = []
        for index in devices.indices { try seal(index) }
        for index in devices.indices where random.chance(60) { try up(index, isLost: false) }
        for _ in 0..<5 {
            for index in honest {
                try up(index, isLost: false)
                try down(index)
                while !flights.isEmpty { try deliver(flights.removeFirst()) }
            }
        }
        try judge()
    }

    /// Those who are neither shut out nor copied.
    private var honest: [Int] {
        devices.indices.filter { index in
            !isRevoked(index) && devices.filter { $0.name == devices[index].name }.count == 1
        }
    }

    private func judge() throws {
        let log = Set(try hub.log().map(\.dot))
        let owed = carried.union(
            honest.flatMap { index in changes.keys.filter { devices[index].lines.contains($0.origin) } })
        try require(owed.isSubset(of: log), "the hub lacks \(owed.subtracting(log).sorted())")
        var withheld: Set<Dot> = []
        for (name, cut) in cuts {
            let lines = devices.filter { $0.name == name }.reduce(into: Set<OriginID>()) { $0.formUnion($1.lines) }
            withheld.formUnion(log.filter { lines.contains($0.origin) && !cut.contains($0) && !released.contains($0) })
        }
        let held = Set(try hub.quarantine().changesets.map(\.dot))
        try require(held == withheld, "in quarantine are \(held.sorted()), due are \(withheld.sorted())")
        let due = try log.subtracting(withheld).map { dot in
            guard let change = changes[dot] else { throw ScriptComplaint("\(dot) is in the log and nobody sealed it") }
            return change
        }
        let model = NaiveModel(schema: schema, changes: due)
        let digest = model.digest()
        let everybody = [("the hub", hub.replica)] + honest.map { (title($0), devices[$0].replica) }
        for (name, replica) in everybody {
            let parked = try replica.status().parked
            try require(parked.isEmpty, "\(name) has parked \(parked)")
            try require(
                try replica.digest() == digest,
                "\(name) shows another state than the rules make: \(try model.difference(from: replica))")
            try require(try replica.status().isAllAtHub, "\(name) has work that is not at the hub")
        }
        try require(try hub.verify().faults.isEmpty, "the hub is not whole")
    }
}
