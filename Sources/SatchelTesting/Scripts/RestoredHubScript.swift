internal import Foundation
internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// A random story of a hub that is put back from its backups, or rebuilt from its key, while its devices go on. At the
/// end everybody shows what the rules make of all that any device was ever given or wrote.
final class RestoredHubScript: Script {
    var random: SplitMix64
    let length: Int
    let stage: ScriptStage
    private var hub: Hub
    private let anchors: Anchoring
    private var devices: [(name: String, replica: Replica)] = []
    private var flights: [Flight] = []
    private var changes: [Dot: NaiveChange] = [:]
    /// What of the hub's own work came to any device.
    private var reached: Set<Dot> = []
    private var hubs: Set<OriginID> = []
    private var hasBackup = false
    private let schema = ScopeScriptSchema.schema

    private struct Flight {
        let device: Int
        let path: String
        /// Nil: from another device.
        let position: UInt64?
        let known: Set<Dot>
    }

    init(on stage: ScriptStage, random: SplitMix64) throws {
        self.stage = stage
        self.random = random
        length = Int.random(in: 20...70, using: &self.random)
        anchors = self.random.chance(50) ? .store(FileAnchors(directory: stage.path("anchors"))) : .none
        let count = Int.random(in: 2...4, using: &self.random)
        try stage.call(.init(ddl: ScopeScriptSchema.ddl, devices: count))
        hub = try stage.openHub(anchors)
        // Whose origin is greater is chance too: ties are broken by it.
        for role in Array(1...count).shuffled(using: &self.random) {
            devices.append(("device\(role)", try stage.open("device\(role)")))
        }
        try hub.exportKey(to: stage.path("key"))
    }

    func close() throws {
        for device in devices { try device.replica.close() }
        try hub.close()
    }

    func finish() throws {
        try settle()
        try judge()
    }

    func step() throws {
        let index = Int.random(in: 0..<devices.count, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<34: try write(devices[index].replica, devices[index].name)
        case 34..<42: try write(hub.replica, "the hub")
        case 42..<58: try up(index, isLost: random.chance(15))
        case 58..<74: try pack(index)
        case 74..<84: if let flight = arrival(of: &flights) { try deliver(flight) }
        case 84..<90: try sideways(index)
        case 90..<94: try backUp()
        case 94..<99: try restore()
        default: try rebuild()
        }
    }

    // MARK: - People

    private func write(_ replica: Replica, _ name: String) throws {
        let done = try ScopeScriptWriting.write(replica, &random)
        stage.tell("\(name) writes \(done)")
        if random.chance(70) { try seal(replica, name) }
    }

    private func seal(_ replica: Replica, _ name: String) throws {
        try replica.seal()
        try note(replica, called: name, schema, in: &changes)
        if replica === hub.replica { hubs.insert(replica.origin) }
    }

    private func up(_ index: Int, isLost: Bool) throws {
        try seal(devices[index].replica, devices[index].name)
        let path = stage.file("up")
        try devices[index].replica.pack(to: path)
        stage.tell("\(devices[index].name) packs\(isLost ? "; it is lost" : "")")
        if isLost { return }
        let merged = try stage.bring(path, to: hub).merged[0]
        try require(merged.outcome != .refused && merged.outcome != .failed, "\(merged)")
        try seal(hub.replica, "the hub")
    }

    private func pack(_ index: Int) throws {
        // A rebuilt hub knows a device only once it has come.
        guard try hub.devices().contains(where: { $0.name == devices[index].name }) else { return }
        try seal(hub.replica, "the hub")
        let path = stage.file("down")
        try hub.pack(for: devices[index].name, to: path)
        let known = Set(try hub.log().map(\.dot))
        let position = try hub.position()
        stage.tell("the hub at \(position) packs for \(devices[index].name)")
        flights.append(Flight(device: index, path: path, position: position, known: known))
    }

    private func sideways(_ from: Int) throws {
        let to = Int.random(in: 0..<devices.count, using: &random)
        guard from != to else { return }
        let (have, path) = (stage.file("have"), stage.file("side"))
        try devices[to].replica.have(to: have)
        try devices[from].replica.pack(for: have, to: path)
        stage.tell("\(devices[from].name) packs for \(devices[to].name)")
        flights.append(Flight(device: to, path: path, position: nil, known: []))
    }

    private func deliver(_ flight: Flight) throws {
        let (name, device) = devices[flight.device]
        try seal(device, name)
        // A reply that does not continue where the device stands is refused, and says so.
        let outcome = Result { try device.apply(flight.path).outcome }
        stage.tell(
            "\(name) applies \(flight.position.map { "the reply at \($0)" } ?? "it"): \(outcome)")
        if case .success(.applied) = outcome { reached.formUnion(flight.known) }
        try seal(device, name)
    }

    // MARK: - The operator

    private func backUp() throws {
        try seal(hub.replica, "the hub")
        let path = stage.path("backup")
        try? FileManager.default.removeItem(atPath: path)
        try hub.backUp(to: path)
        hasBackup = true
        let position = try hub.position()
        stage.tell("the hub at \(position) is backed up")
    }

    private func restore() throws {
        guard hasBackup else { return }
        try hub.close()
        try stage.replace("hub/hub.sqlite", with: stage.path("backup"))
        hub = try stage.openHub(anchors)
        if case .none = anchors { try hub.restored() }
        let position = try hub.position()
        stage.tell("the hub is put back to \(position)")
        try seal(hub.replica, "the hub")
    }

    private func rebuild() throws {
        try hub.close()
        try FileManager.default.removeItem(atPath: stage.path("hub"))
        hub = try stage.rebuildHub(keyFile: stage.path("key"), anchors)
        hasBackup = false
        stage.tell("the hub is lost, and rebuilt")
        try seal(hub.replica, "the hub")
    }

    // MARK: - The end

    private func settle() throws {
        for index in devices.indices { try seal(devices[index].replica, devices[index].name) }
        flights = []
        for _ in 0..<5 {
            for index in devices.indices {
                try up(index, isLost: false)
                try pack(index)
                while !flights.isEmpty { try deliver(flights.removeFirst()) }
            }
        }
    }

    private func judge() throws {
        let log = Set(try hub.log().map(\.dot))
        let due = changes.values.filter {
            !hubs.contains($0.dot.origin) || reached.contains($0.dot) || log.contains($0.dot)
        }
        let model = NaiveModel(schema: schema, changes: Array(due))
        let digest = model.digest()
        let real = try hub.digest()
        try require(
            real == digest,
            "the hub shows another state than the rules make: \(try model.difference(from: hub.replica))")
        for (name, device) in devices {
            try require(
                try device.digest() == digest,
                "\(name) shows another state than the rules make: \(try model.difference(from: device))")
            try require(try device.status().isAllAtHub, "\(name) has work that is not at the hub")
            try require(try device.status().parked.isEmpty, "\(name) has parked")
        }
        try require(try hub.replica.status().parked.isEmpty, "the hub has parked")
        try require(try hub.verify().faults.isEmpty, "the hub is not whole")
    }
}
