package import Satchel

/// Runs a data set through worlds in which everything goes wrong that can, and says what broke.
///
/// ```swift
/// let simulation = try Simulation([WorldSchema(name: "mine", ddl: ddl)])
/// let report = try simulation.run(seeds: 1...500)      // throws a SimulationFailure with a story
/// ```
///
/// Not Sendable, and one at a time in a process: its disk and SQLite's random numbers are the process's.
public final class Simulation {
    public let schemas: [WorldSchema]
    private let folder: RunFolder
    private var templates: [String: WorldTemplate] = [:]
    /// A bug to find, for the tests of the tests.
    package var planted: PlantedBug?

    /// - Parameter place: the folder of the replicas; nil: memory where the machine has a folder of it, else the
    ///   folder for temporary files.
    public init(_ schemas: [WorldSchema], in place: String? = nil) throws {
        self.schemas = schemas
        folder = try RunFolder(in: place)
    }

    /// The schedule that a seed stands for.
    public func schedule(seed: UInt64) throws -> Schedule {
        var random = SplitMix64(seed: seed ^ 0xC0FFEE)
        guard let schema = schemas.randomElement(using: &random) else {
            throw WorldFailure(.error, "a simulation without a schema")
        }
        let tables = try template(schema, hasHub: false, devices: 1).schemas
        return Schedule(seed: seed, schema: schema, tables: tables)
    }

    /// Lives through one schedule. Throws `WorldFailure`. Returns the rare states that it came to.
    @discardableResult
    public func run(_ schedule: Schedule) throws -> Set<RareState> {
        try live(schedule) { world in
            try world.run()
            return world.reached
        }
    }

    /// B7: what stands at the end if nobody writes who sees rival values.
    package func survivors(of schedule: Schedule) throws -> [String] {
        try live(schedule) { world in
            world.avoidsTies = true
            try world.run()
            return world.survivors()
        }
    }

    private func live<T>(_ schedule: Schedule, _ body: (World) throws -> T) throws -> T {
        guard let schema = schemas.first(where: { $0.name == schedule.schema }), (1...8).contains(schedule.devices)
        else { throw WorldFailure(.error, "there is no schema \(schedule.schema) here, or not so many devices") }
        let template = try template(schema, hasHub: schedule.hasHub, devices: schedule.devices)
        return try folder.run { place in
            try Seeding.seeded(schedule.seed) {
                try body(World(schedule, template: template, folder: place, planted: planted))
            }
        }
    }

    /// Runs a story again, as a failure printed it or as a file keeps it. Throws `StoryError`, `WorldFailure`, or of a
    /// script `ScriptFailure`.
    public func replay(_ story: String) throws {
        guard let call = try ScriptCall(story: story) else {
            try run(Schedule(story: story))
            return
        }
        let scripts = try Scripts()
        scripts.planted = planted
        try scripts.run(call)
    }

    /// Runs seeds until one fails. Throws a `SimulationFailure`, its story as short as it can be made.
    ///
    /// - Parameter deadline: no seed is begun after it.
    /// - Parameter shrinking: whether the story is made short first; it takes seconds.
    public func run(
        seeds: ClosedRange<UInt64>, until deadline: ContinuousClock.Instant? = nil, shrinking: Bool = true
    ) throws -> SimulationReport {
        let clock = ContinuousClock()
        var report = SimulationReport()
        let begin = clock.now
        for seed in seeds {
            if let deadline, clock.now >= deadline { break }
            let schedule = try schedule(seed: seed)
            do {
                for state in try run(schedule) { report.reached[state, default: 0] += 1 }
            } catch let failure as WorldFailure {
                throw SimulationFailure(
                    seed: seed, failure: failure, shrunk: shrinking ? shrink(schedule, failure) : schedule)
            }
            report.schedules += 1
            report.events += schedule.events.count
        }
        report.duration = clock.now - begin
        return report
    }

    private func template(_ schema: WorldSchema, hasHub: Bool, devices: Int) throws -> WorldTemplate {
        let name = "\(schema.name)-\(hasHub)-\(devices)"
        if let made = templates[name] { return made }
        let new = try Seeding.seeded(Seeding.seed(of: name)) {
            try WorldTemplate(schema, hasHub: hasHub, devices: devices, folder: folder["template-\(name)"])
        }
        templates[name] = new
        return new
    }
}

/// What a number of runs came to.
public struct SimulationReport: Sendable, Codable {
    public var schedules = 0
    /// How many of them were scripts, by kind; the others were worlds.
    public var scripts: [ScriptKind: Int] = [:]
    /// Of worlds, and steps of scripts.
    public var events = 0
    public var duration: Duration = .zero
    /// In how many schedules each rare state was reached.
    public var reached: [RareState: Int] = [:]

    public init() {}

    public var missing: [RareState] { RareState.allCases.filter { reached[$0] == nil } }

    public mutating func add(_ other: SimulationReport) {
        schedules += other.schedules
        scripts.merge(other.scripts, uniquingKeysWith: +)
        events += other.events
        duration += other.duration
        reached.merge(other.reached, uniquingKeysWith: +)
    }
}

/// A seed that failed.
public struct SimulationFailure: Error, CustomStringConvertible {
    public var seed: UInt64
    public var failure: WorldFailure
    /// The same failure with as few events as were found to do.
    public var shrunk: Schedule

    public var description: String {
        "seed \(seed) fails: \(failure)\nThe shortest story of it that was found, to replay:\n\(shrunk)"
    }
}
