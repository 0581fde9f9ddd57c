internal import CFaultyDisk
internal import Satchel
internal import SatchelHub

/// Where a script takes place: a folder of its own, replicas ready made, the time, and what is told of it.
final class ScriptStage {
    let seed: UInt64
    let directory: String
    /// The true time, which stands still within a step.
    let clock = ScriptClock(1_700_000_000_000)
    private(set) var story: [String] = []
    private let planted: PlantedBug?
    private let templates: (Cast) throws -> ReplicaTemplate
    private let drawn: SharedRandom
    private var now = Moment.cast
    private var files = 0
    /// For what a script does one way or another without asking its own generator.
    private var coin: SplitMix64

    /// Who is there.
    struct Cast: Hashable {
        var ddl: String
        var hasHub = true
        /// How many: `device1` and so on.
        var devices: Int
        /// That the hub has before anybody is enrolled, by name, with rules.
        var scopes: [String: [String]] = [:]
    }

    /// What a generator is for.
    enum Moment {
        case cast, step(Int), end

        fileprivate var number: UInt64 {
            switch self {
            case .cast: 0
            case .step(let number): UInt64(number)
            case .end: .max
            }
        }
    }

    init(
        seed: UInt64, directory: String, planted: PlantedBug?, drawn: SharedRandom,
        templates: @escaping (Cast) throws -> ReplicaTemplate
    ) {
        self.seed = seed
        self.directory = directory
        self.planted = planted
        self.drawn = drawn
        coin = SplitMix64(seed: seed ^ 0xC014_0000_C014)
        self.templates = templates
    }

    /// From now on the clock is the moment's, and what is drawn comes from it. Returns its generator.
    func begin(_ moment: Moment) -> SplitMix64 {
        now = moment
        var whole = SplitMix64(seed: seed)
        var part = SplitMix64(seed: whole.next() ^ moment.number &* 0xD134_2543_DE82_EF95)
        drawn.begin(part.next())
        coin = SplitMix64(seed: whole.next() ^ moment.number)
        let minutes: Int64 =
            switch moment {
            case .cast: 0
            case .step(let number): Int64(number)
            case .end: 10_000
            }
        clock.set(1_700_000_000_000 + minutes * 60_000)
        faulty_time(clock.now().milliseconds)
        return part
    }

    /// Puts a hub, in the folder `hub`, and devices in files of their names. Each time the devices have the same keys,
    /// whatever the seed.
    func call(_ cast: Cast) throws {
        try templates(cast).clone(into: directory)
        _ = begin(now)  // what making the template drew
    }

    // MARK: - Replicas with the bug, if one is planted

    func openHub(_ anchors: Anchoring = .none) throws -> Hub {
        let hub = try Hub.open(at: path("hub"), clock: clock, anchors: anchors)
        plant(hub.replica)
        return hub
    }

    func rebuildHub(keyFile: String, _ anchors: Anchoring) throws -> Hub {
        let hub = try Hub.rebuild(at: path("hub"), keyFile: keyFile, clock: clock, anchors: anchors)
        plant(hub.replica)
        return hub
    }

    func open(_ name: String, clock: (any WallClock)? = nil, _ anchors: Anchoring = .none) throws -> Replica {
        let replica = try Replica.open(at: path(name), clock: clock ?? self.clock, anchors: anchors)
        plant(replica)
        return replica
    }

    func plant(_ replica: Replica) { replica.withEngine { $0.planted = planted } }

    func chance(_ percent: Int) -> Bool { coin.chance(percent) }

    // MARK: - Files

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    func file(_ kind: String) -> String {
        files += 1
        return path("\(files).\(kind)")
    }

    /// Puts a saved file in the place of a closed replica's.
    func replace(_ name: String, with saved: String) throws {
        try ReplicaFiles.replace(path(name), with: saved)
    }

    // MARK: - What is told

    func tell(_ line: @autoclosure () -> String) {
        let when =
            switch now {
            case .cast: "in the beginning"
            case .step(let number): "step \(number)"
            case .end: "in the end"
            }
        story.append("\(when): \(line())")
    }
}
