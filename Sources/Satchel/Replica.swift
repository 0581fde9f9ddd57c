internal import Foundation
public import GRDB
public import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// A replica of the data set in one SQLite file: people write it with plain SQL, and it syncs.
///
/// ```swift
/// let replica = try Replica.create(at: "clients.db", enrolment: Enrolment(contentsOf: "tablet-1.enrolment"))
/// try replica.write { db in try db.execute(sql: "UPDATE client SET phone = ? WHERE id = ?", arguments: [phone, id]) }
/// try replica.pack(to: "tablet-1.satchel")
/// ```
///
/// Any program may write the file at the same time; what it wrote is captured by triggers. Sendable: calls from
/// several threads wait for one another.
public final class Replica: @unchecked Sendable {
    // Sound as @unchecked: `engine` is touched only while `lock` is held, and `app` is itself Sendable.
    private let engine: Engine
    private let lock = NSLock()
    let app: AppConnection
    public let path: String

    /// Makes a new replica from an enrolment. It makes its own key; nothing may be at `path`.
    ///
    /// Throws `UsageError`, `SchemaError` or `StoreError`; then there is no file that was not there before.
    public static func create(
        at path: String, enrolment: Enrolment, clock: any WallClock = SystemClock(), anchors: Anchoring = .standard
    ) throws -> Replica {
        let opened = try enrolment.opened()
        let device = SigningKey()
        let certificate = Certificate.issue(
            grant: opened.grant, token: opened.token, device: device, incarnation: Engine.randomBytes(16))
        return try MadeWhole.database(at: path) {
            do {
                let store = try Store.create(at: path, schema: enrolment.schema, randomSeed: Randomness.next())
                try store.db.transaction {
                    try Engine.settle(
                        in: store, dataSet: opened.dataSet, hubKey: opened.hubKey, certificate: certificate, key: device
                    )
                    try store.setMeta("display_name", .text(enrolment.displayName))
                }
            }
            return try open(at: path, clock: clock, anchors: anchors)
        }
    }

    /// Opens a replica. After a crash it recovers by itself.
    ///
    /// - Parameter busyMilliseconds: how long every call waits while another program writes the file.
    /// - Parameter anchors: where to look whether the file is a copy, or was put back from a backup (IDN-7).
    public static func open(
        at path: String, clock: any WallClock = SystemClock(), busyMilliseconds: Int = 10_000,
        anchors: Anchoring = .standard
    ) throws -> Replica {
        guard try Reachable.isThere(path) else {
            throw UsageError("there is no replica at \(path)", try: "make one with `init`")
        }
        return try Replica(
            path: path,
            engine: Engine(
                store: Store.open(at: path, busyMilliseconds: busyMilliseconds), clock: clock,
                anchors: anchors.store(forReplicaAt: path)),
            busyMilliseconds: busyMilliseconds)
    }

    package init(path: String, engine: Engine, busyMilliseconds: Int = 10_000) throws {
        self.path = path
        self.engine = engine
        try engine.store.db.execute("PRAGMA busy_timeout = \(max(0, busyMilliseconds))")
        app = AppConnection(path: path, busyMilliseconds: busyMilliseconds)
    }

    /// Closes the file and folds SQLite's write-ahead log into it. Later calls throw.
    public func close() throws {
        try app.close()
        withEngine { $0.store.db.close() }
    }

    public var name: String { withEngine { $0.name } }
    public var origin: OriginID { withEngine { $0.origin } }
    /// Whether this is the hub's own replica.
    public var isHub: Bool { withEngine { $0.isHub } }

    // MARK: Reading and writing

    /// Writes in one transaction with plain GRDB or SQL. What is committed together syncs together.
    public func write<T>(_ body: (Database) throws -> T) throws -> T { try app.opened().write(body) }

    public func read<T>(_ body: (Database) throws -> T) throws -> T { try app.opened().read(body) }

    /// Seals what was written since the last time. Sync, pack and apply do it by themselves.
    ///
    /// - Returns: the newest dot, nil if nothing had changed.
    @discardableResult
    public func seal(actor: String = "", note: String = "") throws -> Dot? {
        try withEngine { engine in try engine.transaction { try engine.seal(actor: actor, note: note) }.last }
    }

    // MARK: Exchange

    /// Writes what the hub has not receipted, with a request for what is missing here. Always writes a file.
    @discardableResult
    public func pack(to path: String) throws -> PackReport { try withEngine { try $0.packUp(to: path) } }

    /// Writes what this replica has, so that another can work out what it lacks. Returns bytes.
    @discardableResult
    public func have(to path: String) throws -> Int { try withEngine { try $0.writeHave(to: path) } }

    /// Writes what the replica that made the `have` file lacks.
    @discardableResult
    public func pack(for have: String, to path: String) throws -> PackReport {
        try withEngine { try $0.packSideways(have: have, to: path) }
    }

    /// Takes in a bundle: entirely or not at all. Throws `RefusedBundle` if it is damaged, forged or not for here.
    @discardableResult
    public func apply(_ path: String) throws -> ApplyReport { try withEngine { try $0.apply(path) } }

    // MARK: What people see

    public func conflicts() throws -> [Conflict] { try listing { try $0.conflicts() } }

    /// At most `limit` of them, by id, after this one.
    public func conflicts(after id: String = "", limit: Int) throws -> ConflictPage {
        try listing { try $0.conflicts(after: id, limit: limit) }
    }

    /// The open conflict of an id; nil: none is.
    public func conflict(_ id: String) throws -> Conflict? { try listing { try $0.conflicts(id) }.first }

    /// What is in conflict is so of what was sealed.
    private func listing<T>(_ body: (Engine) throws -> T) throws -> T {
        try looking(sealing: { try $0.store.hasNotes() }, body)
    }

    /// Reads what is said of everything that was written. What was written past the triggers is found first (CAP-10).
    ///
    /// - Parameter sealing: whether what was noted is to be sealed too.
    func looking<T>(
        sealing: (Engine) throws -> Bool = { _ in false }, _ body: (Engine) throws -> T
    ) throws -> T {
        try withEngine { engine in
            if try sealing(engine) || engine.store.schemaChanged() {
                try engine.transaction { _ = try engine.seal() }
            }
            return try engine.reading { try body(engine) }
        }
    }

    /// Decides a conflict for one of its candidates, counted from 1.
    public func resolve(_ id: String, keep number: Int, actor: String = "") throws {
        try withEngine { engine in try engine.transaction { try engine.resolve(id, .keep(number), actor: actor) } }
    }

    /// Decides a conflict as it was read for one of its candidates, counted from 1. Throws a `UsageError` if it is another
    /// by now: then the number may be that of another value.
    public func resolve(_ conflict: Conflict, keep number: Int, actor: String = "") throws {
        try withEngine { engine in
            try engine.transaction { try engine.resolve(conflict.id, .keep(number), of: conflict, actor: actor) }
        }
    }

    /// Decides a conflict for other values, one for each column of the unit.
    public func resolve(_ id: String, values: [Value], actor: String = "") throws {
        try withEngine { engine in try engine.transaction { try engine.resolve(id, .values(values), actor: actor) } }
    }

    /// 64 hexadecimal digits, equal on replicas that hold the same. Seals first. O(rows).
    public func digest() throws -> String {
        try withEngine { engine in try engine.transaction { try engine.digest() } }
    }

    public func status() throws -> Status {
        try looking { try $0.status() }
    }

    /// What happened to a record, oldest first, as far as it is kept here.
    public func history(table: String, key: RowKey) throws -> [HistoryEntry] {
        try past(table: table, key: key).entries
    }

    /// The history of a record, and whether it is whole as far as anything of it is known here.
    package func past(table: String, key: RowKey) throws -> (entries: [HistoryEntry], isComplete: Bool) {
        try withEngine { engine in
            try engine.transaction {
                try engine.seal()
                return try engine.history(table: table, key: key)
            }
        }
    }

    /// Every changeset kept here and applied, in the order of application.
    public func changesets() throws -> [SealedChangeset] {
        try withEngine { engine in
            try engine.transaction { try engine.store.dots(after: 0).compactMap { try engine.sealed($0) } }
        }
    }

    /// The schema as this replica reads it.
    public func schema() -> Schema { withEngine { Schema(tables: $0.store.peoplesLayouts.map(\.schema)) } }

    /// Copies the replica into a new file that goes on under an incarnation of its own.
    public func duplicate(to path: String, clock: (any WallClock)? = nil) throws -> Replica {
        try MadeWhole.database(at: path) {
            let (ownClock, anchors) = try withEngine { engine in
                try engine.transaction { _ = try engine.seal() }
                try engine.store.copy(to: path)
                return (engine.clock, engine.anchors)
            }
            let copy = try Engine(store: Store.open(at: path), clock: clock ?? ownClock, anchors: anchors)
            if copy.origin == origin { try copy.transaction { try copy.renewIdentity(.copied) } }
            return try Replica(path: path, engine: copy)
        }
    }

    package func withEngine<T>(_ body: (Engine) throws -> T) rethrows -> T {
        lock.lock()
        defer { lock.unlock() }
        return try body(engine)
    }
}
