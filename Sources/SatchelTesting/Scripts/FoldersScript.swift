internal import Foundation
internal import Satchel
internal import SatchelHub
internal import SatchelModel

/// A random story of people who meet by sticks alone, or nearly so: sticks that are lost, copied, put back and damaged, tablets that are
/// put back and copied, a hub that is put back or rebuilt. At the end everybody shows what the rules make of all that any
/// file or stick still held.
final class FoldersScript: Script {
    var random: SplitMix64
    let length: Int
    let stage: ScriptStage
    var hub: Hub
    var hubKnown = HubKnown()
    var tablets: [Tablet] = []
    let sticks: [String]
    var changes: [Dot: NaiveChange] = [:]
    /// Every bundle that was ever made, by the digest of its bytes: what lies on a stick is told by it, whatever its name.
    var bundles: [Hash256: FolderBundle] = [:]
    /// What became of bundles that were damaged: whoever finds one may replace it.
    var broken: Set<Hash256> = []
    /// All that any hub ever had.
    var everAtHub: Set<Dot> = []
    /// The end has come, in which the time stands still.
    var isSettling = false
    let schema = FoldersScriptSchema.schema
    private let anchors: Anchoring
    /// From here on an operator gives up what has not come yet.
    private static let withGivingUp: UInt64 = 12_300_001
    private var days: Int64 = 0
    private var backup: (hub: HubKnown, path: String)?
    private var stranger: (up: Data, down: Data)?

    /// What by the rules the hub must know: the script's own bookkeeping, to which what it is found to keep is added.
    struct HubKnown {
        var holds: Set<Dot> = []
        /// By device, the bundles that it came with.
        var came: [String: Set<Hash256>] = [:]
        var retired: Set<String> = []
        /// Each time that the hub was put back another.
        var life = 0
    }

    /// A device's file. A copy has its original's name.
    struct Tablet {
        let name: String
        let file: String
        var replica: Replica
        var known: Known
        var saved: (path: String, known: Known)?

        /// The same of a device.
        struct Known {
            var holds: Set<Dot> = []
            var lines: Set<OriginID>
            /// Of the hub, when it gave the last reply that was taken.
            var life = 0
        }
    }

    init(on stage: ScriptStage, random: SplitMix64) throws {
        self.stage = stage
        self.random = random
        length = Int.random(in: 20...70, using: &self.random)
        anchors = self.random.chance(50) ? .store(FileAnchors(directory: stage.path("anchors"))) : .none
        let count = Int.random(in: 2...4, using: &self.random)
        sticks = Array(["stick1", "stick2", "stick3"].prefix(self.random.pick([1, 1, 2, 2, 3])))
        try stage.call(.init(ddl: FoldersScriptSchema.ddl, devices: count))
        hub = try stage.openHub(anchors)
        // Whose origin is greater is chance too: ties are broken by it.
        for role in Array(1...count).shuffled(using: &self.random) {
            let replica = try stage.open("device\(role)", anchors)
            tablets.append(
                Tablet(
                    name: "device\(role)", file: "device\(role)", replica: replica,
                    known: .init(lines: [replica.origin])))
        }
        try hub.exportKey(to: stage.path("key"))
        for stick in sticks { try makeEmpty(stick) }
    }

    func close() throws {
        for tablet in tablets { try tablet.replica.close() }
        try hub.close()
    }

    func step() throws {
        stage.clock.advance(by: days * 86_400_000)
        let index = Int.random(in: 0..<tablets.count, using: &random)
        let stick = random.pick(sticks)
        if stage.seed >= Self.withGivingUp, random.chance(5) { return try giveUp() }
        switch Int.random(in: 0..<200, using: &random) {
        case 0..<56: try write(index)
        case 56..<62: try writeAtHub()
        case 62..<108: try visit(index, stick)
        case 108..<136: try hubVisits(stick)
        case 136..<140: try meetByHand(index)
        case 140..<142: try lose(stick)
        case 142..<145: try copyStick(stick, to: random.pick(sticks))
        case 145..<150: try saveStick(stick)
        case 150..<154: try putBackStick(stick)
        case 154..<165: try spoil(stick)
        case 165..<170: try save(index)
        case 170..<176: try putBack(index)
        case 176..<179: try copy(index)
        case 179..<184: try backUp()
        case 184..<189: try restore()
        case 189..<191: try rebuild()
        case 191..<196: try retire(index)
        default:
            days = min(days + 1, 9)
            stage.tell("a day passes")
        }
    }

    func finish() throws {
        stage.clock.advance(by: days * 86_400_000)
        isSettling = true
        try settle()
        try judge()
    }

    // MARK: - People

    private func write(_ index: Int) throws {
        let done = try FoldersScriptSchema.write(tablets[index].replica, &random)
        stage.tell("\(tablets[index].file) writes \(done)")
        if random.chance(70) { try seal(index) }
    }

    private func writeAtHub() throws {
        let done = try FoldersScriptSchema.write(hub.replica, &random)
        stage.tell("the hub writes \(done)")
        try sealAtHub()
    }

    /// Takes down what was entered since.
    func seal(_ index: Int) throws {
        let replica = tablets[index].replica
        try replica.seal()
        try note(replica, called: tablets[index].file, schema, in: &changes)
        tablets[index].known.lines.insert(replica.origin)
        tablets[index].known.holds.formUnion(try kept(replica))
    }

    func sealAtHub() throws {
        try hub.replica.seal()
        try note(hub.replica, called: "the hub", schema, in: &changes)
        hubKnown.holds.formUnion(try hub.log().map(\.dot))
        everAtHub.formUnion(hubKnown.holds)
    }

    /// The changesets that a replica keeps, also those that wait there.
    func kept(_ replica: Replica) throws -> Set<Dot> {
        Set(try replica.changesets().map(\.dot) + replica.status().parked.map(\.dot))
    }

    // MARK: - Files of devices

    private func save(_ index: Int) throws {
        try seal(index)
        let path = stage.file("saved")
        try ReplicaFiles.copy(from: tablets[index].replica.path, to: path)
        tablets[index].saved = (path, tablets[index].known)
        stage.tell("\(tablets[index].file) is backed up")
    }

    private func putBack(_ index: Int) throws {
        guard let saved = tablets[index].saved else { return }
        try tablets[index].replica.close()
        try ReplicaFiles.replace(stage.path(tablets[index].file), with: saved.path)
        tablets[index].replica = try stage.open(tablets[index].file, anchors)
        tablets[index].known = saved.known
        stage.tell("\(tablets[index].file) is put back from its backup")
        try seal(index)
    }

    /// Of three copies that always come in one order the first is not answered (EXC-51): there are two at most.
    private func copy(_ index: Int) throws {
        let original = tablets[index]
        guard tablets.filter({ $0.name == original.name }).count == 1 else { return }
        try seal(index)
        let file = original.name + "-copy"
        try ReplicaFiles.copy(from: original.replica.path, to: stage.path(file))
        let replica = try stage.open(file, anchors)
        tablets.append(Tablet(name: original.name, file: file, replica: replica, known: tablets[index].known))
        stage.tell("\(original.file) is copied, as \(file)")
        try seal(tablets.count - 1)
    }

    // MARK: - The operator

    private func backUp() throws {
        try sealAtHub()
        let path = stage.file("backup")
        try hub.backUp(to: path)
        backup = (hubKnown, path)
        let position = try hub.position()
        stage.tell("the hub at \(position) is backed up")
    }

    private func restore() throws {
        guard let backup else { return }
        try sealAtHub()
        try hub.close()
        try stage.replace("hub/hub.sqlite", with: backup.path)
        hub = try stage.openHub(anchors)
        if case .none = anchors { try hub.restored() }
        let life = hubKnown.life + 1
        hubKnown = backup.hub
        hubKnown.life = life
        let position = try hub.position()
        stage.tell("the hub is put back to \(position)")
        try sealAtHub()
    }

    private func rebuild() throws {
        try sealAtHub()
        try hub.close()
        try FileManager.default.removeItem(atPath: stage.path("hub"))
        hub = try stage.rebuildHub(keyFile: stage.path("key"), anchors)
        backup = nil
        hubKnown = HubKnown(life: hubKnown.life + 1)
        stage.tell("the hub is lost, and rebuilt")
        try sealAtHub()
    }

    /// What the hub waits for, though somebody may have it.
    private func giveUp() throws {
        guard let awaited = try hub.awaited().map(\.changeset).min() else { return }
        try hub.declareLost([awaited])
        try sealAtHub()
        stage.tell("\(awaited) is declared lost")
    }

    private func retire(_ index: Int) throws {
        let name = tablets[index].name
        // A rebuilt hub knows a device only once it has come.
        guard try hub.devices().contains(where: { $0.name == name }) else { return }
        try hub.retire(name)
        hubKnown.retired.insert(name)
        stage.tell("\(name) is given up")
    }

    // MARK: - Another data set

    /// What a hub and a device of another data set, called like the first of this one's, leave for each other.
    func strangersBundles() throws -> (up: Data, down: Data) {
        if let stranger { return stranger }
        let other = try Hub.create(
            at: stage.path("other"), schema: "CREATE TABLE t(id TEXT PRIMARY KEY NOT NULL);", clock: stage.clock,
            anchors: .none)
        let enrolment = try other.enrol(name: "device1")
        let namesake = try Replica.create(
            at: stage.path("namesake"), enrolment: enrolment, clock: stage.clock, anchors: .none)
        try namesake.pack(to: stage.path("of-another.up"))
        try other.pack(for: "device1", to: stage.path("of-another.down"))
        try namesake.close()
        try other.close()
        let read = try ["up", "down"].map { try Data(contentsOf: URL(fileURLWithPath: stage.path("of-another.\($0)"))) }
        stranger = (read[0], read[1])
        return (read[0], read[1])
    }
}

/// A bundle that was made.
struct FolderBundle {
    /// The device's name; empty: the hub's.
    let maker: String
    /// What whoever takes it in must know then: the changesets in it and, of rows that are handed in or of a reply, all that
    /// they were made of.
    let carries: Set<Dot>
    let handsIn: Bool
    /// Of the hub, if it is the hub's.
    let life: Int
}
