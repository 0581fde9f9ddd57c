import GRDB
import Satchel
import SatchelFieldwork

/// A tablet, the person who carries it, and what it has sent so far.
final class Device {
    let name: String
    let person: String
    let path: String
    let replica: Replica
    private let clock: any WallClock
    private var ids = RecordIDs()
    private var random: SplitMix64
    private(set) var sent = Traffic()
    private(set) var received = Traffic()

    init(
        name: String, person: String, path: String, enrolment: Enrolment, clock: any WallClock, random: SplitMix64
    ) throws {
        self.name = name
        self.person = person
        self.path = path
        self.clock = clock
        self.random = random
        replica = try Replica.create(at: path, enrolment: enrolment, clock: clock)
    }

    /// What this tablet takes for the time.
    var now: Moment { Moment(milliseconds: clock.now().milliseconds) }

    func newID() -> String { ids.next(at: clock.now().milliseconds, using: &random) }

    /// A visit by this tablet's person, now, with notes to fit the client.
    func newVisit(to client: Client) -> Visit {
        var visit = Visit(id: newID(), clientId: client.id, visitor: person, at: now)
        visit.kind = random.pick([.routine, .returnVisit, .satisfaction])
        visit.purpose = "例行走访"
        visit.place = client.street
        visit.startedAt = now
        visit.note = FieldNotes.visit(at: client, met: nil, using: &random)
        visit.needs = random.chance(30) ? FieldNotes.need(of: client, using: &random) : nil
        return visit
    }

    /// Changes a client as this tablet holds it. Does nothing where it is not held.
    func edit(_ client: Client, _ change: @escaping @Sendable (inout Client) -> Void) throws {
        let id = client.id
        try replica.write { db in
            guard var current = try Client.fetchOne(db, key: id) else { return }
            try current.updateChanges(db, modify: change)
        }
    }

    /// What this tablet shows of a client; nil where it is not held.
    func shown(_ id: String) throws -> Client? { try replica.read { db in try Client.fetchOne(db, key: id) } }

    /// What people call the row in conflict: the client's name, or the key.
    func name(of conflict: Conflict) throws -> String {
        guard conflict.table == Client.databaseTableName else { return conflict.key.display }
        return try shown(conflict.key.display)?.name ?? conflict.key.display
    }

    func count(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Int {
        try replica.read { db in try Int.fetchOne(db, sql: sql, arguments: arguments) ?? 0 }
    }

    func noteSent(_ traffic: Traffic) { sent += traffic }
    func noteReceived(_ traffic: Traffic) { received += traffic }
}

/// Changesets, rows and bytes that went one way.
struct Traffic: Sendable, Equatable {
    var changesets = 0
    var rows = 0
    var bytes = 0

    var isEmpty: Bool { changesets == 0 && rows == 0 }

    static func + (a: Self, b: Self) -> Self {
        Self(changesets: a.changesets + b.changesets, rows: a.rows + b.rows, bytes: a.bytes + b.bytes)
    }

    static func += (a: inout Self, b: Self) { a = a + b }
}
