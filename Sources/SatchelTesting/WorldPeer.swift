internal import Foundation
internal import GRDB
internal import Satchel
internal import SatchelHub
internal import SatchelModel
internal import SatchelStore

/// What by the rules a replica knows: the world's own bookkeeping, never asked of the replica (TST-3).
struct WorldStanding: Equatable {
    /// All changesets that it has applied: the hub's, to its position, and `pending`.
    var known: Set<Dot> = []
    /// Where it stands in the hub's line.
    var cut = HubCut()
    /// Applied, and not known to be at the hub (EXC-6).
    var pending: [Dot] = []
    /// Received, and waiting for a cause (EXC-13, EXC-14).
    var parked: [Dot] = []
    /// Of the schema that it follows, counted from 0.
    var version = 0
}

/// A point in the hub's line: how many changesets it had applied, and which.
struct HubCut: Equatable {
    var length = 0
    var known: Set<Dot> = []
}

/// A bundle on its way. It may arrive late, twice, or never.
struct WorldBundle {
    var path: String
    var from: Int
    var to: Int
    /// Sideways: the line of the receiver that it was made for (IDN-6).
    var audience: OriginID?
    /// Up and sideways: the changesets that it may hold.
    var carries: [Dot] = []
    /// Down: where it leads.
    var cut = HubCut()
    var arrivals = 0
    /// In true time.
    var made: Int64
}

/// What waits for the next act at a replica's disk.
enum DiskFault {
    case crash(call: Int, fate: WorldEvent.Fate)
    case full(call: Int)
}

/// A real replica, its clock, and beside it what it must know.
final class WorldPeer {
    let number: Int
    /// As the hub has enrolled it.
    let name: String
    /// Of the SQLite file.
    let path: String
    let clock = ScriptClock(0)
    private(set) var hub: Hub?
    private(set) var replica: Replica
    var standing = WorldStanding()
    var fault: DiskFault?
    /// Whether the last act was refused by the disk.
    var wasRefused = false
    /// Whether the last act was refused, or died before it was acknowledged.
    var wasInterrupted = false
    /// It was copied or restored: a reply made for where another replica of its name stood may not fit it (EXC-16).
    var mayLag = false
    /// A saved file, what the replica knew then, and its lines.
    var backup: (path: String, standing: WorldStanding, lines: Set<OriginID>)?
    /// The lines that its file knows for its own, as far as a bundle was made for one of them.
    var lines: Set<OriginID> = []
    /// Whether anything was written and not sealed.
    var isDirty = false
    var offBy: Int64 = 0
    var stands = false
    /// Whether its schema has later versions: then what people write may be of another one.
    var isGrowing = false
    private let anchors: Anchoring
    private let planted: PlantedBug?
    /// The changesets that were looked at, as the file numbers them.
    private var looked: Set<DotID> = []

    var isHub: Bool { number == 0 }

    /// Opens the hub in a folder.
    init(hubAt folder: String, _ planted: PlantedBug?) throws {
        number = 0
        name = "hub"
        self.planted = planted
        anchors = .none
        path = folder + "/hub.sqlite"
        let hub = try Hub.open(at: folder, clock: clock, anchors: .none)
        self.hub = hub
        replica = hub.replica
        try plant()
    }

    /// Opens a device's replica.
    init(_ number: Int, name: String, path: String, _ anchors: Anchoring, _ planted: PlantedBug?) throws {
        self.number = number
        self.anchors = anchors
        self.name = name
        self.path = path
        self.planted = planted
        replica = try Replica.open(at: path, clock: clock, anchors: anchors)
        try plant()
    }

    /// A copy of another replica under the clock of its own device.
    init(_ number: Int, copyOf other: WorldPeer, path: String) throws {
        self.number = number
        name = other.name
        self.path = path
        (anchors, planted) = (other.anchors, other.planted)
        replica = try other.replica.duplicate(to: path, clock: clock)
        try plant()
        takeAfter(other)
        isDirty = false
    }

    /// Knows what the other knows, by a clock as wrong.
    func takeAfter(_ other: WorldPeer) {
        standing = other.standing
        lines = other.lines.union([other.replica.origin])
        isDirty = other.isDirty
        offBy = other.offBy
        stands = other.stands
        isGrowing = other.isGrowing
    }

    func close() throws { try replica.close() }

    func open() throws {
        if isHub {
            let hub = try Hub.open(
                at: (path as NSString).deletingLastPathComponent, clock: clock, anchors: .none)
            self.hub = hub
            replica = hub.replica
        } else {
            replica = try Replica.open(at: path, clock: clock, anchors: anchors)
        }
        looked = []
        try plant()
    }

    /// Gives the replica that was just opened the bug, if one is planted.
    private func plant() throws {
        try replica.withEngine { engine in
            engine.planted = planted
            if planted == .diskIsNotAwaited { try engine.store.db.execute("PRAGMA synchronous = OFF") }
        }
    }

    /// A bug to plant: the newest note of the capture is gone.
    func loseNote() throws {
        try replica.write { db in
            try db.execute(sql: "DELETE FROM satchel_journal WHERE n = (SELECT max(n) FROM satchel_journal)")
        }
    }

    // MARK: Reading and writing it as any program would

    /// Every row of every table, as plain SQL reads it.
    func contents(_ schema: Schema) throws -> [NaiveRowName: [Value]] {
        try replica.withEngine { try Self.contents($0.store.db, schema) }
    }

    private static func contents(_ db: Connection, _ schema: Schema) throws -> [NaiveRowName: [Value]] {
        var rows: [NaiveRowName: [Value]] = [:]
        for table in schema.tables {
            let columns = table.columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
            let select = try db.statement("SELECT \(columns) FROM \"\(table.name)\"")
            while try select.step() {
                let values = table.columns.indices.map { select.value($0) }
                rows[NaiveRowName(table: table.name, key: RowKey(table.key.map { values[$0] }))] = values
            }
        }
        return rows
    }

    /// Runs a transaction. Returns false, and leaves nothing behind, where the schema forbids what it does.
    func write(_ sql: String, unchecked: Bool) throws -> Bool {
        do {
            if unchecked {
                try withProgram(checks: false) { program in try program.write { try $0.execute(sql: sql) } }
            } else {
                try replica.write { try $0.execute(sql: sql) }
            }
            return true
        } catch let error as DatabaseError where isForbidden(error) {
            return false
        }
    }

    /// What the schema does not let in, or, where there are several versions of it, does not know.
    private func isForbidden(_ error: DatabaseError) -> Bool {
        error.resultCode == .SQLITE_CONSTRAINT || isGrowing && error.resultCode == .SQLITE_ERROR
    }

    /// What the tables would hold after a transaction, which is not made.
    func contents(after sql: String, unchecked: Bool, _ schema: Schema) throws -> [NaiveRowName: [Value]] {
        let before = try contents(schema)
        return try withProgram(checks: !unchecked) { program in
            var after = before
            do {
                try program.inTransaction { db in
                    try db.execute(sql: sql)
                    after = [:]
                    for table in schema.tables {
                        // GRDB ends a text at its first NUL: texts are read as their bytes.
                        let columns = table.columns.map { column in
                            "CASE typeof(\"\(column.name)\") WHEN 'text' THEN CAST(\"\(column.name)\" AS BLOB) "
                                + "ELSE \"\(column.name)\" END, typeof(\"\(column.name)\")"
                        }.joined(separator: ", ")
                        for row in try Row.fetchAll(db, sql: "SELECT \(columns) FROM \"\(table.name)\"") {
                            let read = Array(row.databaseValues).map { Value($0) }
                            let values = table.columns.indices.map { place -> Value in
                                guard read[2 * place + 1] == .text("text"), case .blob(let bytes) = read[2 * place]
                                else { return read[2 * place] }
                                return .text(bytes)
                            }
                            after[NaiveRowName(table: table.name, key: RowKey(table.key.map { values[$0] }))] = values
                        }
                    }
                    return .rollback
                }
                return after
            } catch let error as DatabaseError where isForbidden(error) {
                return before
            }
        }
    }

    /// Another program: capture is its only tie to the library.
    private func withProgram<T>(checks: Bool, _ body: (DatabaseQueue) throws -> T) throws -> T {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = checks
        let program = try DatabaseQueue(path: path, configuration: configuration)
        let result = Result { try body(program) }
        try program.close()
        return try result.get()
    }

    /// The library's lists in which a row stands, though no table shows it.
    func lists(of row: NaiveRowName) throws -> [String] {
        try replica.read { db in
            try ["grave", "archive", "moved", "unseen", "conflict", "decision", "overwrite", "seen", "kept"].filter {
                list in
                let sql =
                    "SELECT count(*) FROM satchel_\(list) "
                    + "WHERE tbl = (SELECT id FROM satchel_table WHERE name = ?) AND key = ?"
                return try Int.fetchOne(db, sql: sql, arguments: [row.table, Data(row.key.canonical)]) != 0
            }
        }
    }

    /// The changesets that it has applied or made since the last time it was asked, and that are not `known`.
    func newChangesets(isKnown: (Dot) -> Bool) throws -> [SealedChangeset] {
        try replica.withEngine { engine in
            try engine.reading {
                var new: [SealedChangeset] = []
                for id in try engine.store.dots(after: 0) where looked.insert(id).inserted {
                    if try isKnown(engine.store.known(id).dot) { continue }
                    if let changeset = try engine.sealed(id) { new.append(changeset) }
                }
                return new
            }
        }
    }
}
