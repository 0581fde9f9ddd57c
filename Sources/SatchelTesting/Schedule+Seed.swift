public import SatchelModel

extension Schedule {
    /// The schedule of a seed. Swarm testing: each seed draws its own mix of what goes wrong, since faults hide each
    /// other (Groce and others, "Swarm Testing", ISSTA 2012). Most are small, because small ones are read, shrunk and
    /// run quickly; one in a hundred is large.
    ///
    /// - Parameter tables: of each version of the schema, the oldest first.
    public init(seed: UInt64, schema: WorldSchema, tables: [Schema]) {
        var random = SplitMix64(seed: seed)
        let people = random.pick([2, 2, 2, 3, 3, 3, 4, 4, 5, 6])
        let hub = random.chance(65)
        self.init(
            seed: seed, schema: schema.name, hasHub: hub, devices: people,
            checks: random.pick([0, 0, 20, 50, 100]), events: [])
        let statements = zip(tables, schema.versions).map { tables, version in
            var statements = StatementGenerator(
                schema: tables, types: version.types, unique: version.constraints.unique)
            statements.narrow(&random)
            return statements
        }
        var author = EventGenerator(random: random, statements: statements, hasHub: hub, devices: people)
        events = author.events()
    }
}

/// Draws the events of one schedule.
private struct EventGenerator {
    var random: SplitMix64
    /// By version of the schema.
    let statements: [StatementGenerator]
    /// Of those that moved to a later one, as far as the schedule can tell.
    private var versions: [Int: Int] = [:]
    let hasHub: Bool
    var devices: Int
    private var bundles = 0
    /// Devices that were backed up.
    private var saved: [Int] = []
    /// Of a hundred transactions, how many a program writes that does not look at foreign keys.
    private var unchecked = 0
    /// Made and not yet arrived for good.
    private var flights: [Int] = []
    private var made: [WorldEvent] = []

    init(random: SplitMix64, statements: [StatementGenerator], hasHub: Bool, devices: Int) {
        self.random = random
        self.statements = statements
        self.hasHub = hasHub
        self.devices = devices
    }

    private enum Kind: CaseIterable {
        case write, seal, answer, merge, unmerge, undo, meet, exchange, arrive, copy, copyFile, backUp, restore
        case crash, fullDisk, clock, pass, damage, migrate

        /// What a schedule without peculiarities has of it.
        var usual: Int {
            switch self {
            case .write: 40
            case .arrive: 20
            case .exchange, .meet: 15
            case .answer: 8
            case .seal: 4
            case .merge: 6
            case .undo, .unmerge: 4
            case .clock, .crash, .migrate: 3
            case .pass, .damage: 2
            case .fullDisk, .copy, .copyFile, .backUp, .restore: 1
            }
        }

        var isFault: Bool {
            switch self {
            case .copy, .copyFile, .backUp, .restore, .crash, .fullDisk, .clock, .pass,
                .damage:
                true
            case .migrate, .write, .seal, .answer, .merge, .unmerge, .undo, .meet, .exchange, .arrive: false
            }
        }
    }

    mutating func events() -> [WorldEvent] {
        var weights: [(kind: Kind, weight: Int)] = []
        let deciding = random.pick([0, 1, 1, 3])
        let saving = random.pick([0, 0, 1, 4])
        for kind in Kind.allCases where kind != .migrate || statements.count > 1 {
            let factor =
                switch kind {
                // These mean something together.
                case .merge, .unmerge, .undo: deciding
                case .backUp, .restore: saving
                default: kind.isFault ? random.pick([0, 0, 1, 3]) : random.pick([1, 2, 3])
                }
            weights.append((kind, kind.usual * factor))
        }
        let again = random.pick([0, 10, 50])
        let lost = random.pick([0, 10, 40])
        unchecked = random.pick([0, 5, 10, 50])
        if random.chance(50) { clocks() }
        let size = Int.random(in: 0..<100, using: &random)
        let count =
            size < 1
            ? Int.random(in: 80...200, using: &random)
            : Int.random(in: size < 25 ? 24...60 : 6...24, using: &random)
        for _ in 0..<count { draw(weights, again: again, lost: lost) }
        return made
    }

    /// Wrong from the beginning: by a blink, or by a century.
    private mutating func clocks() {
        let year: Int64 = 365 * 86_400_000
        for device in 1...devices where random.chance(60) {
            made.append(
                random.chance(15)
                    ? .clockStands(device)
                    : .clock(device, offBy: random.pick([-1, 1, -3000, 3000, -year, year, -100 * year, 100 * year])))
        }
    }

    private mutating func draw(_ weights: [(kind: Kind, weight: Int)], again: Int, lost: Int) {
        let device = Int.random(in: 1...devices, using: &random)
        let anyone = hasHub && random.chance(15) ? 0 : device
        var place = Int.random(in: 0..<max(1, weights.reduce(0) { $0 + $1.weight }), using: &random)
        let kind =
            weights.first {
                place -= $0.weight; return place < 0
            }?.kind ?? .write
        switch kind {
        case .write:
            let writer = random.chance(90) ? device : anyone
            made.append(
                .write(
                    writer, sql: statements[versions[writer] ?? 0].transaction(&random),
                    unchecked: random.chance(unchecked)))
        case .seal: made.append(.seal(anyone))
        case .migrate:
            versions[anyone] = min((versions[anyone] ?? 0) + 1, statements.count - 1)
            made.append(.migrate(anyone))
        case .answer:
            made.append(
                .answer(
                    anyone, conflict: Int.random(in: 0..<6, using: &random),
                    choice: Int.random(in: 0..<4, using: &random)))
        case .merge:
            let (row, into) = (Int.random(in: 0..<8, using: &random), Int.random(in: 0..<8, using: &random))
            guard let table = statements[versions[anyone] ?? 0].mergeable.randomElement(using: &random) else { return }
            let taking = random.chance(50) ? 0 : Int.random(in: 1..<8, using: &random)
            made.append(.merge(anyone, row: row, into: into, table: table, taking: taking))
        case .unmerge: made.append(.unmerge(anyone, row: Int.random(in: 0..<6, using: &random)))
        case .undo:
            made.append(.undo(anyone, deletion: Int.random(in: 0..<6, using: &random), whole: random.chance(40)))
        case .meet: meet(device)
        case .exchange: exchange(device)
        case .arrive:
            guard !flights.isEmpty else { return exchange(device) }
            // Mostly the eldest: those that stay behind arrive before or after their time.
            let place = random.chance(60) ? 0 : Int.random(in: 0..<flights.count, using: &random)
            let bundle = flights[place]
            if !random.chance(again) { flights.remove(at: place) }
            if !random.chance(lost) { made.append(.arrive(bundle)) }
        case .damage:
            guard let bundle = flights.randomElement(using: &random) else { return }
            made.append(
                .arriveDamaged(bundle, at: Int.random(in: 0..<100_000, using: &random), cut: random.chance(30)))
        case .copy:
            guard !hasHub, devices < 6 else { return }
            devices += 1
            versions[devices] = versions[device]
            made.append(.copy(device, as: devices))
        case .copyFile:
            guard devices < 6 else { return }
            devices += 1
            versions[devices] = versions[device]
            made.append(.copyFile(device, as: devices))
        case .backUp: backUp(device)
        case .restore:
            guard let device = saved.randomElement(using: &random) else { return backUp(device) }
            made.append(.restore(device))
        case .crash:
            // After the last call of nearly any act, among its first, or anywhere.
            let call =
                random.chance(35)
                ? 1000
                : random.chance(70) ? Int.random(in: 1...12, using: &random) : Int.random(in: 1...60, using: &random)
            made.append(.crash(anyone, call: call, fate: random.pick(WorldEvent.Fate.allCases)))
        case .fullDisk: made.append(.fullDisk(anyone, call: Int.random(in: 1...15, using: &random)))
        case .clock:
            made.append(
                random.chance(20)
                    ? .clockStands(device)
                    : .clock(device, offBy: Int64.random(in: -100_000...100_000, using: &random)))
        case .pass: made.append(.pass(random.pick([1000, 86_400_000, 90 * 86_400_000])))
        }
    }

    private mutating func backUp(_ device: Int) {
        saved.append(device)
        made.append(.backUp(device))
    }

    /// Up and down again at once; now and then the answer stays behind, to be overtaken.
    private mutating func meet(_ device: Int) {
        let other = hasHub ? 0 : Int.random(in: 1...devices, using: &random)
        for (from, to) in [(device, other), (other, device)] where from != to {
            bundles += 1
            made.append(.pack(from: from, to: to, bundle: bundles))
            if random.chance(80) { made.append(.arrive(bundles)) } else { flights.append(bundles) }
        }
    }

    private mutating func exchange(_ device: Int) {
        let other = Int.random(in: 1...devices, using: &random)
        bundles += 1
        flights.append(bundles)
        if hasHub, random.chance(75) {
            made.append(
                random.chance(50)
                    ? .pack(from: device, to: 0, bundle: bundles) : .pack(from: 0, to: device, bundle: bundles))
        } else {
            made.append(.pack(from: device, to: other == device ? device % devices + 1 : other, bundle: bundles))
        }
    }
}
