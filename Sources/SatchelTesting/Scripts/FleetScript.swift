internal import Foundation
internal import GRDB
internal import Satchel
internal import SatchelHub
internal import SatchelModel
internal import SatchelStore

/// A random story of everything that a hub lives through at once: scopes that move, duplicates that are merged, decisions,
/// people who are erased, devices that are shut out, and a hub that is put back or rebuilt meanwhile.
///
/// No model says what must be shown: each text that was ever entered is told from all others, and is lost if nobody who held
/// it overwrote it and the hub has it nowhere. Beside that, all who hold the same hold it alike.
final class FleetScript: Script {
    var random: SplitMix64
    let length: Int
    let stage: ScriptStage
    var hub: Hub
    var devices: [(name: String, replica: Replica)] = []
    var texts: [FleetText] = []
    /// Clients that something connects: a merge, or a client above another. What is erased of one may be of all.
    var connected: [Set<String>] = []
    var erased: Set<String> = []
    /// Devices whose work does not count any more.
    var revoked: Set<String> = []
    var flights: [Flight] = []
    private var hasBackup = false
    /// What of this story happens at all: most things in few stories, so that each can be judged.
    private let merges: Bool
    private let erases: Bool
    let isPutBack: Bool
    /// Whether files of devices are copied and put back. A hub is not put back in such a story: what is at it stays at it.
    let livesTwice: Bool
    var forms: [FleetForm] = []
    /// Saved files of devices, and how many texts there were.
    var saves: [Int: (path: String, texts: Int)] = [:]

    /// From here on there is more in these stories, and of fewer rows, which all have from the beginning: a seed that failed is
    /// the same story tomorrow.
    private static let withNews: UInt64 = 10_000_000
    let isRich: Bool
    /// From here on what people are told is looked at more closely.
    private static let withFigures: UInt64 = 11_000_000
    var hasFigures: Bool { stage.seed >= Self.withFigures }
    /// Devices that came to be counted by.
    var counters = 0
    private let clients: Int

    struct Flight {
        let device: Int
        let path: String
    }

    static let ddl = """
        -- satchel: policy client.district lastWriter
        CREATE TABLE client(id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, owner TEXT, district TEXT,
            above TEXT REFERENCES client(id));
        CREATE TABLE visit(id TEXT PRIMARY KEY NOT NULL, client TEXT NOT NULL REFERENCES client(id), note TEXT);
        """

    init(on stage: ScriptStage, random: SplitMix64) throws {
        self.stage = stage
        self.random = random
        let isRich = stage.seed >= Self.withNews
        self.isRich = isRich
        length = Int.random(in: isRich ? 30...80 : 20...60, using: &self.random)
        merges = self.random.chance(60)
        erases = self.random.chance(30)
        let isPutBack = self.random.chance(60)
        self.isPutBack = isPutBack
        livesTwice = !isPutBack && isRich && stage.seed % 5 < 3
        let count = Int.random(in: 2...4, using: &self.random)
        let clients = isRich ? Int.random(in: 2...4, using: &self.random) : 6
        self.clients = clients
        try stage.call(.init(ddl: Self.ddl, devices: count, scopes: ["s": ["visit ALL"]]))
        hub = try stage.openHub()
        try hub.exportKey(to: stage.path("key"))
        for name in Self.scopes { try setScope(name) }
        for role in Array(1...count).shuffled(using: &self.random) {
            let name = "device\(role)"
            devices.append((name, try stage.open(name)))
            try grant(name)
        }
        if isRich { try beginTogether(clients) }
    }

    func close() throws {
        for device in devices { try device.replica.close() }
        try hub.close()
    }

    func step() throws {
        let index = Int.random(in: 0..<devices.count, using: &random)
        let (name, replica) = devices[index]
        if isRich, random.chance(30) { return try stepOfNews(index) }
        if isRich, random.chance(15) { return try write(replica, name) }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<28: try write(replica, name)
        case 28..<34: try write(hub.replica, "hub")
        case 34..<40: if merges { try merge(random.chance(70) ? replica : hub.replica) }
        case 40..<44: try decide(random.chance(70) ? replica : hub.replica)
        case 44..<58: try up(index, isLost: random.chance(15))
        case 58..<74: try pack(index)
        case 74..<83: if let flight = arrival(of: &flights) { try deliver(flight) }
        case 83..<87: try sideways(index)
        case 87..<89: try setScope(random.pick(Self.scopes))
        case 89..<91: try grant(name)
        case 91..<94: if erases { try erase() }
        case 94..<96: if isPutBack { try backUp() }
        case 96..<98: if isPutBack { try restore() }
        case 98: if isPutBack { try rebuild() }
        default: try revoke(name)
        }
    }

    func finish() throws {
        flights = []
        try mergeAccepted()
        for round in 0..<6 {
            for index in devices.indices where !revoked.contains(devices[index].name) {
                try up(index, isLost: false, isLate: round > 1)
                try pack(index)
                while !flights.isEmpty { try deliver(flights.removeFirst(), mustApply: round > 2) }
            }
        }
        try judge()
    }

    // MARK: - The operator

    private static let scopes = ["s", "t", "u"]

    private func setScope(_ name: String) throws {
        let clients = [
            "client BY owner 'a'", "client BY owner 'b'", "client BY owner 'c'", "client WHERE district = 'N'",
        ]
        var rules = Set((0..<Int.random(in: 1...2, using: &random)).map { _ in random.pick(clients) })
        if random.chance(85) { rules.insert("visit IN (client)") }
        try hub.setScope(name, rules: rules.sorted())
        stage.tell("scope \(name): \(rules.sorted())")
    }

    private func grant(_ name: String) throws {
        guard try hub.devices().contains(where: { $0.name == name }) else { return }
        var chosen = Self.scopes.filter { _ in random.chance(50) }
        if random.chance(isRich ? 50 : 15) { chosen = ["all"] }
        do { try hub.grant(name, scopes: chosen) } catch is UsageError where revoked.contains(name) { return }
        stage.tell("\(name) is granted \(chosen)")
    }

    private func erase() throws {
        let client = client()
        do {
            let report = try hub.erase(table: "client", key: RowKey([.text(client)]), withReferences: true)
            stage.tell("\(client) is erased: \(report.rows)")
            erased.insert(client)
        } catch is UsageError {}  // nothing is known of it
    }

    private func revoke(_ name: String) throws {
        guard revoked.isEmpty, try hub.devices().contains(where: { $0.name == name }) else { return }
        try hub.revoke(name)
        revoked.insert(name)
        stage.tell("\(name) is shut out")
    }

    private func backUp() throws {
        let path = stage.path("backup")
        try? FileManager.default.removeItem(atPath: path)
        try hub.backUp(to: path)
        hasBackup = true
        let position = try hub.position()
        stage.tell("the hub is backed up at \(position)")
    }

    private func restore() throws {
        guard hasBackup else { return }
        try hub.close()
        try stage.replace("hub/hub.sqlite", with: stage.path("backup"))
        hub = try stage.openHub()
        try hub.restored()
        // Of two lives that begin from one backup the second cannot know what was known in the first.
        hasBackup = false
        let position = try hub.position()
        stage.tell("the hub is put back to \(position)")
        try shutOutAgain()
    }

    private func rebuild() throws {
        try hub.close()
        try FileManager.default.removeItem(atPath: stage.path("hub"))
        hub = try stage.rebuildHub(keyFile: stage.path("key"), .none)
        hasBackup = false
        stage.tell("the hub is lost, and rebuilt")
        for name in Self.scopes { try setScope(name) }
    }

    /// The operator knows whom they shut out.
    func shutOutAgain() throws {
        for name in revoked.sorted() where try hub.devices().contains(where: { $0.name == name }) {
            do { try hub.revoke(name) } catch is UsageError { continue }  // it is shut out
            stage.tell("\(name) is shut out again")
        }
    }

    // MARK: - Roads

    func up(_ index: Int, isLost: Bool, isLate: Bool = false) throws {
        let (name, replica) = devices[index]
        let path = stage.file("up")
        try replica.pack(to: path)
        stage.tell("\(name) packs\(isLost ? "; it is lost" : "")")
        if isLost { return }
        let report = try stage.bring(path, to: hub)
        try requireTaken(report)
        try shutOutAgain()
        // A rebuilt hub knows a device once it has come, and nothing of what it may see.
        if try !isLate && !revoked.contains(name) && hub.granted(name).isEmpty && random.chance(60) { try grant(name) }
    }

    func pack(_ index: Int) throws {
        let name = devices[index].name
        guard !revoked.contains(name), try hub.devices().contains(where: { $0.name == name }) else { return }
        let path = stage.file("down")
        try hub.pack(for: name, to: path)
        let position = try hub.position()
        stage.tell("the hub at \(position) packs for \(name)")
        flights.append(Flight(device: index, path: path))
    }

    private func sideways(_ from: Int) throws {
        let to = Int.random(in: 0..<devices.count, using: &random)
        guard from != to, !revoked.contains(devices[to].name) else { return }
        let (have, path) = (stage.file("have"), stage.file("side"))
        try devices[to].replica.have(to: have)
        do {
            try devices[from].replica.pack(for: have, to: path)
        } catch is UsageError {
            return  // one of them was never served
        }
        stage.tell("\(devices[from].name) packs for \(devices[to].name)")
        flights.append(Flight(device: to, path: path))
    }

    func deliver(_ flight: Flight, mustApply: Bool = false) throws {
        let (name, device) = devices[flight.device]
        // A reply that does not continue where the device stands is refused, and says so.
        let outcome = Result { try device.apply(flight.path).outcome }
        stage.tell("\(name) applies it: \(outcome)")
        if mustApply {
            guard case .success = outcome else { throw ScriptComplaint("\(name) does not take a reply: \(outcome)") }
        }
    }

    /// What happens in rich stories happens to few rows, so that people meet.
    func client() -> String {
        if isRich, random.chance(75) { return "c0" }
        return "c\(Int.random(in: 0..<clients, using: &random))"
    }

    func visit() -> String {
        if isRich, random.chance(75) { return "v0" }
        return "v\(Int.random(in: 0..<2 * clients, using: &random))"
    }
}
