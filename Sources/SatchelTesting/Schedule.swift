/// Who is in a world, and all that happens there: a plain value that comes from a seed or from a story (TST-6).
public struct Schedule: Hashable, Sendable {
    /// Where it came from. Its own randomness, for keys and for what is checked when, comes from it too.
    public var seed: UInt64
    /// The name of the schema.
    public var schema: String
    public var hasHub: Bool
    /// How many devices there are in the beginning.
    public var devices: Int
    /// After how many of a hundred acts the acting replica is compared with the rules; at the end all are.
    public var checks: Int
    public var events: [WorldEvent]

    public init(
        seed: UInt64, schema: String, hasHub: Bool, devices: Int, checks: Int = 100, events: [WorldEvent]
    ) {
        self.seed = seed
        self.schema = schema
        self.hasHub = hasHub
        self.devices = devices
        self.checks = checks
        self.events = events
    }
}

extension Schedule: CustomStringConvertible {
    /// The story: what a failure prints, what a regression file holds, and what `init(story:)` reads.
    public var description: String {
        ([head] + events.map(\.description)).joined(separator: "\n") + "\n"
    }

    private var head: String {
        "seed \(seed), schema \(schema), \(hasHub ? "a hub" : "no hub"), \(devices) devices, checks \(checks) %"
    }

    /// Reads a story. Lines that begin with # are remarks.
    public init(story: String) throws {
        var lines = story.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.allSatisfy(\.isWhitespace) }[...]
        let pattern = #/seed (\d+), schema (\S+), (a|no) hub, (\d+) devices, checks (\d+) %/#
        guard let found = try lines.popFirst().flatMap({ try pattern.wholeMatch(in: $0) }),
            let seed = UInt64(found.1), let devices = Int(found.4), let checks = Int(found.5), devices <= 8
        else { throw StoryError(line: String(story.prefix(100))) }
        self.init(
            seed: seed, schema: String(found.2), hasHub: found.3 == "a", devices: devices, checks: checks,
            events: try lines.map { line in
                guard let event = WorldEvent(line) else { throw StoryError(line: String(line)) }
                return event
            })
    }
}

/// A line of a story that says nothing the world knows.
public struct StoryError: Error, CustomStringConvertible {
    public var line: String

    public var description: String { "this is no line of a story: \(line)" }
}
