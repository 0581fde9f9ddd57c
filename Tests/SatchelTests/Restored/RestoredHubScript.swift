import Foundation
import GRDB
import Satchel
import SatchelHub
import SatchelModel

@testable import SatchelStore
@testable import SatchelTesting

/// A random story of a hub that is put back from its backups, or rebuilt from its key, while its devices go on. The seed
/// is the whole story. At the end everybody shows what the rules make of all that any device was ever given or wrote.
final class RestoredHubScript {
    let seed: UInt64
    private let directory: String
    private var random: SplitMix64
    private var hub: Hub
    private let anchors: Anchoring
    private var devices: [Replica] = []
    private var flights: [Flight] = []
    private var changes: [Dot: NaiveChange] = [:]
    /// What of the hub's own work came to any device.
    private var reached: Set<Dot> = []
    private var hubs: Set<OriginID> = []
    private var hasBackup = false
    private var story: [String] = []
    private var files = 0
    private let schema = ScopeScriptSchema.schema

    private struct Flight {
        let device: Int
        let path: String
        /// Nil: from another device.
        let position: UInt64?
        let known: Set<Dot>
    }

    init(seed: UInt64, directory: String) throws {
        self.seed = seed
        self.directory = directory
        random = SplitMix64(seed: seed)
        anchors = random.chance(50) ? .store(FileAnchors(directory: directory + "/anchors")) : .none
        hub = try Hub.create(at: directory + "/hub", schema: ScopeScriptSchema.ddl, anchors: anchors)
        for index in 0..<Int.random(in: 2...4, using: &random) {
            let name = "device\(index)"
            devices.append(
                try Replica.create(at: directory + "/\(name)", enrolment: hub.enrol(name: name), anchors: .none))
        }
        try hub.exportKey(to: directory + "/key")
    }

    func run() throws {
        do {
            try live()
        } catch let failure as ScopeScriptFailure {
            throw failure
        } catch {
            throw ScopeScriptFailure(seed: seed, message: "\(error)", story: story)
        }
    }

    private func live() throws {
        for _ in 0..<Int.random(in: 20...70, using: &random) { try step() }
        try settle()
        try judge()
        for device in devices { try device.close() }
        try hub.close()
    }

    private func step() throws {
        let index = Int.random(in: 0..<devices.count, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<34: try write(devices[index], "device\(index)")
        case 34..<42: try write(hub.replica, "the hub")
        case 42..<58: try up(index, isLost: random.chance(15))
        case 58..<74: try pack(index)
        case 74..<84: try deliverSomething()
        case 84..<90: try sideways(index)
        case 90..<94: try backUp()
        case 94..<99: try restore()
        default: try rebuild()
        }
    }

    private func file(_ kind: String) -> String {
        files += 1
        return "\(directory)/\(files).\(kind)"
    }

    // MARK: - People

    private func write(_ replica: Replica, _ name: String) throws {
        story.append("\(name) writes \(try ScopeScriptWriting.write(replica, &random))")
        if random.chance(70) { try seal(replica, name) }
    }

    private func seal(_ replica: Replica, _ name: String) throws {
        try replica.seal()
        for sealed in try replica.changesets() where changes[sealed.dot] == nil {
            let change = try NaiveChange(sealed, seen: [], schema: schema)
            changes[change.dot] = change
            if !change.rows.isEmpty { story.append("\(name) seals \(change.dot) of \(change.rows.keys.sorted())") }
        }
        if replica === hub.replica { hubs.insert(replica.origin) }
    }

    private func up(_ index: Int, isLost: Bool) throws {
        try seal(devices[index], "device\(index)")
        let path = file("up")
        try devices[index].pack(to: path)
        story.append("device\(index) packs\(isLost ? "; it is lost" : "")")
        if isLost { return }
        let merged = try hub.merge([path]).merged[0]
        try require(merged.outcome != .refused && merged.outcome != .failed, "\(merged)")
        try seal(hub.replica, "the hub")
    }

    private func pack(_ index: Int) throws {
        // A rebuilt hub knows a device only once it has come.
        guard try hub.devices().contains(where: { $0.name == "device\(index)" }) else { return }
        try seal(hub.replica, "the hub")
        let path = file("down")
        try hub.pack(for: "device\(index)", to: path)
        let known = Set(try hub.log().map(\.dot))
        story.append("the hub at \(try hub.position()) packs for device\(index)")
        flights.append(Flight(device: index, path: path, position: try hub.position(), known: known))
    }

    private func sideways(_ from: Int) throws {
        let to = Int.random(in: 0..<devices.count, using: &random)
        guard from != to else { return }
        let (have, path) = (file("have"), file("side"))
        try devices[to].have(to: have)
        try devices[from].pack(for: have, to: path)
        story.append("device\(from) packs for device\(to)")
        flights.append(Flight(device: to, path: path, position: nil, known: []))
    }

    private func deliverSomething() throws {
        guard !flights.isEmpty else { return }
        let place = Int.random(in: 0..<flights.count, using: &random)
        let flight = flights[place]
        if random.chance(75) { flights.remove(at: place) }
        if random.chance(85) { try deliver(flight) }
    }

    private func deliver(_ flight: Flight) throws {
        let device = devices[flight.device]
        try seal(device, "device\(flight.device)")
        // A reply that does not continue where the device stands is refused, and says so.
        let outcome = Result { try device.apply(flight.path).outcome }
        story.append(
            "device\(flight.device) applies \(flight.position.map { "the reply at \($0)" } ?? "it"): \(outcome)")
        if case .success(.applied) = outcome { reached.formUnion(flight.known) }
        try seal(device, "device\(flight.device)")
    }

    // MARK: - The operator

    private func backUp() throws {
        try seal(hub.replica, "the hub")
        let path = directory + "/backup"
        try? FileManager.default.removeItem(atPath: path)
        try hub.backUp(to: path)
        hasBackup = true
        story.append("the hub at \(try hub.position()) is backed up")
    }

    private func restore() throws {
        guard hasBackup else { return }
        try hub.close()
        let path = directory + "/hub/hub.sqlite"
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try FileManager.default.copyItem(atPath: directory + "/backup", toPath: path)
        hub = try Hub.open(at: directory + "/hub", anchors: anchors)
        if case .none = anchors { try hub.restored() }
        story.append("the hub is put back to \(try hub.position())")
        try seal(hub.replica, "the hub")
    }

    private func rebuild() throws {
        try hub.close()
        try FileManager.default.removeItem(atPath: directory + "/hub")
        hub = try Hub.rebuild(at: directory + "/hub", keyFile: directory + "/key", anchors: anchors)
        hasBackup = false
        story.append("the hub is lost, and rebuilt")
        try seal(hub.replica, "the hub")
    }

    // MARK: - The end

    private func settle() throws {
        for index in devices.indices { try seal(devices[index], "device\(index)") }
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
            real == digest, "the hub shows another state than the rules make: \(try difference(hub.replica, model))")
        for (index, device) in devices.enumerated() {
            try require(
                try device.digest() == digest,
                "device\(index) shows another state than the rules make: \(try difference(device, model))")
            try require(try device.status().isAllAtHub, "device\(index) has work that is not at the hub")
            try require(try device.status().parked.isEmpty, "device\(index) has parked")
        }
        try require(try hub.replica.status().parked.isEmpty, "the hub has parked")
        try require(try hub.verify().faults.isEmpty, "the hub is not whole")
    }

    private func difference(_ replica: Replica, _ model: NaiveModel) throws -> String {
        let due = model.view().shown
        let real = try replica.contents(of: schema)
        let rows = Set(due.keys).union(real.keys).sorted().filter { due[$0] != real[$0] }.map {
            "\($0) is \(real[$0].map { $0.map(\.display) } as Any), due \(due[$0].map { $0.map(\.display) } as Any)"
        }
        let listed = Set(try replica.conflicts().map(\.id))
        let wanted = model.conflicts()
        let unlisted = try wanted.filter { !listed.contains($0.id) }.map { conflict in
            let state = try replica.withEngine { engine in
                try engine.store.load(table: engine.store.tableID(conflict.row.table), key: conflict.row.key).state
            }
            return "\(conflict) is not listed: \(state)"
        }
        let undue = listed.subtracting(wanted.map(\.id)).sorted().map { "conflict \($0) is not due" }
        return (rows + unlisted + undue).joined(separator: "; ")
    }

    private func require(_ condition: Bool, _ message: @autoclosure () throws -> String) throws {
        if !condition { throw ScopeScriptFailure(seed: seed, message: try message(), story: story) }
    }
}
