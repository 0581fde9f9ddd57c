internal import Satchel
internal import SatchelModel

/// A random story with a judge of its own. What it lives through is a list of steps, each of which draws from a
/// generator of its own: any of them can be left out, and the others are drawn the same (TST-14).
protocol Script: AnyObject {
    var stage: ScriptStage { get }
    /// What is drawn in a step comes from here; whoever runs the script sets it before each.
    var random: SplitMix64 { get set }
    /// How many steps the seed stands for.
    var length: Int { get }

    /// Something happens. It must do nothing when what it would act upon is not there, since a step before was left out.
    /// Throws `ScriptComplaint`, and whatever the replicas throw; so do the others.
    func step() throws

    /// Lets everything heal, and judges.
    func finish() throws

    func close() throws
}

extension Script {
    func require(_ condition: Bool, _ message: @autoclosure () throws -> String) throws {
        if !condition { throw ScriptComplaint(try message()) }
    }

    /// What a courier brings next, of what is on its way; it may come again, and may never come.
    func arrival<Flight>(of flights: inout [Flight]) -> Flight? {
        guard !flights.isEmpty else { return nil }
        let place = Int.random(in: 0..<flights.count, using: &random)
        let flight = flights[place]
        if random.chance(75) { flights.remove(at: place) }
        return random.chance(85) ? flight : nil
    }

    /// Takes down what a replica holds that nobody has seen before.
    func note(
        _ replica: Replica, called name: String, _ schema: Schema, in changes: inout [Dot: NaiveChange]
    ) throws {
        for sealed in try replica.changesets() where changes[sealed.dot] == nil {
            let change = try NaiveChange(sealed, seen: [], schema: schema)
            changes[change.dot] = change
            if !change.rows.isEmpty { stage.tell("\(name) seals \(change.dot) of \(change.rows.keys.sorted())") }
        }
    }
}

/// What the scripts are about.
public enum ScriptKind: String, CaseIterable, Sendable, Codable, CodingKeyRepresentable {
    /// References, composite keys, values of every type and units of every policy, over every road.
    case records
    /// References of each policy, chains, cycles, UNIQUE and CHECK.
    case net
    /// Unique places of rows that refer to merged ones, and references that share a column.
    case places
    /// Rows whose fates hang on each other, by every policy, by unique places and by merges.
    case tangle
    /// Devices of three versions of a schema.
    case versions
    /// Scopes, grants and owners that change while devices are away.
    case scopes
    /// Tombstones that are cleaned up, devices given up and put back, erasure against work on its way.
    case graves
    /// A hub put back from its backups, or rebuilt from its key.
    case restored
    /// Devices stolen, copied and shut out while work that builds on theirs is on its way.
    case revoked
    /// All that a hub lives through at once.
    case fleet
    /// People who meet by sticks that are lost, copied and damaged.
    case folders

    /// Draws who is there.
    func make(on stage: ScriptStage, random: SplitMix64) throws -> any Script {
        switch self {
        case .records: try RandomScript(on: stage, random: random, versions: [.plain])
        case .net: try RandomScript(on: stage, random: random, versions: [.net])
        case .places: try RandomScript(on: stage, random: random, versions: [.places])
        case .tangle: try RandomScript(on: stage, random: random, versions: [.tangle])
        case .versions: try RandomScript(on: stage, random: random, versions: ScriptData.versions)
        case .scopes: try ScopeScript(on: stage, random: random)
        case .graves: try GraveScript(on: stage, random: random)
        case .restored: try RestoredHubScript(on: stage, random: random)
        case .revoked: try RevocationScript(on: stage, random: random)
        case .fleet: try FleetScript(on: stage, random: random)
        case .folders: try FoldersScript(on: stage, random: random)
        }
    }
}

/// What a judge found, before it is known of which script.
struct ScriptComplaint: Error, CustomStringConvertible {
    var description: String

    init(_ message: String) { description = message }
}
