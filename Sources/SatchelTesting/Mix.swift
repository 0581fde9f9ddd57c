/// What a seed stands for in a run of everything: a world, or a script of a kind.
public enum ScheduleKind: Hashable, Sendable, CustomStringConvertible {
    case world
    case script(ScriptKind)

    /// Of each 20 seeds 14 are worlds, from 12,000,001 on 13, from 14,000,001 on 10, for ever: a seed that failed is the
    /// same schedule tomorrow. So a kind that came later is among those of later seeds only.
    public init(seed: UInt64) {
        self =
            switch seed % 20 {
            case 3: .script(.scopes)
            case 13: .script(seed < Self.withNews ? .scopes : .fleet)
            case 5 where seed < Self.withNews: .script([.records, .net, .versions][Int(seed / 20 % 3)])
            case 5: .script([.records, .net, .versions, .places][Int(seed / 20 % 4)])
            case 7: .script(.graves)
            case 11: .script(.revoked)
            case 17: .script(.restored)
            case 15 where seed >= Self.withFolders: .script(.folders)
            case 1 where seed >= Self.withTangles: .script([.records, .net, .versions, .places][Int(seed / 20 % 4)])
            case 9, 19: seed < Self.withTangles ? .world : .script(.tangle)
            default: .world
            }
    }

    /// From here on seeds are also of kinds of scripts that came later.
    private static let withNews: UInt64 = 6_000_000
    /// And from here on of this one.
    private static let withFolders: UInt64 = 12_000_001
    private static let withTangles: UInt64 = 14_000_001

    /// By its name. Nil: there is none of that name.
    public init?(name: String) {
        guard let kind = Self.all.first(where: { $0.description == name }) else { return nil }
        self = kind
    }

    public static let all: [ScheduleKind] = [.world] + ScriptKind.allCases.map { .script($0) }

    public var description: String {
        switch self {
        case .world: "world"
        case .script(let kind): kind.rawValue
        }
    }
}

/// Runs worlds of our schemas and scripts of every kind, mixed.
public final class Mix {
    private let simulation: Simulation
    private let scripts: Scripts

    /// - Parameter schemas: of the worlds; the scripts have their own.
    public init(_ schemas: [WorldSchema], in place: String? = nil) throws {
        simulation = try Simulation(schemas, in: place)
        scripts = try Scripts(in: place)
    }

    /// Runs seeds until one fails. Throws a `SimulationFailure` or a `ScriptFailure`, each as short as it could be made.
    ///
    /// - Parameter only: nil: each seed as what it stands for.
    /// - Parameter deadline: no seed is begun after it.
    public func run(
        seeds: ClosedRange<UInt64>, only: ScheduleKind? = nil, until deadline: ContinuousClock.Instant? = nil
    ) throws -> SimulationReport {
        let begin = ContinuousClock.now
        var whole = SimulationReport()
        for seed in seeds {
            if let deadline, ContinuousClock.now >= deadline { break }
            whole.add(try run(seed, as: only ?? ScheduleKind(seed: seed)))
        }
        whole.duration = ContinuousClock.now - begin
        return whole
    }

    private func run(_ seed: UInt64, as kind: ScheduleKind) throws -> SimulationReport {
        switch kind {
        case .world: return try simulation.run(seeds: seed...seed)
        case .script(let kind):
            var report = SimulationReport()
            report.events = try scripts.run(kind, seeds: seed...seed)
            report.schedules = 1
            report.scripts[kind] = 1
            return report
        }
    }

    /// Runs a story of either again. Throws `StoryError`, `WorldFailure` or `ScriptFailure`.
    public func replay(_ story: String) throws { try simulation.replay(story) }
}
