internal import Foundation
public import Satchel
internal import SatchelModel
internal import SatchelStore
package import SatchelWire

/// The hub: the replica that all others meet, with a list of who may.
///
/// A directory: `hub.sqlite` is its replica, `quarantine` holds bundles that were refused and might still matter.
/// Sendable: calls from several threads wait for one another.
public final class Hub: Sendable {
    public let directory: String
    /// The hub's own replica, for reading and for what operators write.
    public let replica: Replica
    /// The threads that bring bundles to be stored.
    let gathering = Gathering()
    /// Bytes that may lie here accepted and not merged (EXC-42).
    package let acceptedRoom = Locked((all: Limits.acceptedBytes, ofDevice: Limits.acceptedBytesOfDevice))

    /// Makes a hub in a directory that is empty or not there yet, with this schema.
    ///
    /// Throws a `SchemaError` for SQL that cannot be run or synced. Whatever it throws, nothing is there that was not before.
    public static func create(
        at directory: String, schema: String, clock: any WallClock = SystemClock(), anchors: Anchoring = .standard
    ) throws -> Hub {
        let key = SigningKey()
        let dataSet = sha256(Array("satchel data set v1".utf8) + key.publicKey + Engine.randomBytes(16))
        return try create(at: directory, schema: schema, clock: clock, anchors: anchors, dataSet: dataSet, key: key)
    }

    /// A new hub of a data set that may be there already, and then begins a life of its own.
    ///
    /// - Parameter last: the last epoch that is known of a hub that is lost; nil: there was none before.
    static func create(
        at directory: String, schema: String, clock: any WallClock, anchors: Anchoring, dataSet: Hash256,
        key: SigningKey, after last: UInt64? = nil
    ) throws -> Hub {
        if let present = try? FileManager.default.contentsOfDirectory(atPath: directory), !present.isEmpty {
            throw UsageError("\(directory) is not empty", try: "give another directory")
        }
        let path = database(in: directory)
        return try MadeWhole.folder(at: directory) {
            try MadeWhole.database(at: path) {
                do {
                    let store = try Store.create(at: path, schema: schema, randomSeed: Randomness.next())
                    try store.db.transaction {
                        try Engine.settle(
                            in: store, dataSet: dataSet, hubKey: key.publicKey,
                            certificate: .root(hub: key, dataSet: dataSet, incarnation: Engine.randomBytes(16)),
                            key: key)
                        try store.setMeta("epoch", .integer(1))
                        try store.db.execute(String(decoding: PackageResources.hub_sql, as: UTF8.self))
                        if let last { try Engine(store: store, clock: clock, anchors: nil).beginEpoch(after: last) }
                    }
                } catch let error as StoreError where error.isSchemaFault {
                    throw SchemaError("the schema cannot be run: \(error.message)")
                }
                return try open(at: directory, clock: clock, anchors: anchors)
            }
        }
    }

    /// The same with a schema that says its directives in Swift.
    public static func create(
        at directory: String, schema: SchemaText, clock: any WallClock = SystemClock()
    ) throws -> Hub { try create(at: directory, schema: schema.text, clock: clock) }

    /// Opens a hub. After a crash it recovers by itself.
    public static func open(
        at directory: String, clock: any WallClock = SystemClock(), busyMilliseconds: Int = 10_000,
        anchors: Anchoring = .standard
    ) throws -> Hub {
        let path = database(in: directory)
        guard try Reachable.isThere(path) else {
            throw UsageError("there is no hub in \(directory)", try: "make one with `satchel-hub init`")
        }
        let store = try Store.open(at: path, busyMilliseconds: busyMilliseconds)
        // The rows of many devices lie far apart: what a group of bundles touches should fit into the cache (32 MiB), and a
        // page that several of them change be written back once.
        try store.db.execute("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 16384")
        let engine = try Engine(store: store, clock: clock, anchors: anchors.store(forReplicaAt: path))
        engine.setAsideByScopes = { try ScopeBook(store).isInUse ? SetAsideStore(store) : nil }
        return Hub(
            directory: directory,
            replica: try Replica(path: path, engine: engine, busyMilliseconds: busyMilliseconds))
    }

    private init(directory: String, replica: Replica) {
        self.directory = directory
        self.replica = replica
    }

    private static func database(in directory: String) -> String { directory + "/hub.sqlite" }

    public func close() throws { try replica.close() }

    public func conflicts() throws -> [Conflict] { try replica.conflicts() }

    /// The hub's digest, or what the device of that name must print when it has everything.
    public func digest(for name: String? = nil) throws -> String {
        guard let name else { return try replica.digest() }
        return try replica.withEngine { engine in
            try engine.transaction {
                let device = try Registry(engine.store).device(named: name)
                guard try served(device, engine).view != nil else { return try engine.digest() }
                return try withStandIn(ScopeBook(engine.store).granted(name), engine) { replica, _ in
                    try replica.digest()
                }
            }
        }
    }

    /// Decides a conflict at the hub.
    public func resolve(_ id: String, keep number: Int, actor: String = "") throws {
        try replica.resolve(id, keep: number, actor: actor)
    }
}
