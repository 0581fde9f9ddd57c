public import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// How a replica stands: computed from what is there, never from what last succeeded (P14).
public struct Status: Sendable {
    public var name: String
    public var origin: OriginID
    public var dataSet: Hash256
    public var epoch: UInt64
    /// How far the hub's log is applied here.
    public var position: UInt64
    /// Written, not sealed yet: notes in the journal.
    public var unsealedNotes: Int
    /// Changesets of this device that the hub has not receipted.
    public var unreceipted: Int
    /// Rows in those.
    public var unreceiptedRows: Int
    /// Changesets of others that were carried here and that the hub is not known to have.
    public var carried: Int
    public var parked: [Parked]
    public var conflicts: Int
    public var aside: [Aside]
    /// The hub's clock at the last contact; nil: there was none.
    public var lastContact: Timestamp?
    /// Milliseconds that this machine's clock is known to be behind the hub's.
    public var clockOffset: Int64
    /// The version of the schema that is followed here; 0: it says none.
    public var schemaVersion: UInt64 = 0
    /// A newer one that the hub follows; nil: none is known.
    public var offeredVersion: UInt64?
    /// Changesets kept here that have no effect, since their author was shut out (REV-2).
    public var quarantined = 0
    /// Changesets of this device of which the hub keeps a row without effect, since it is in none of the device's scopes (SCO-19), as
    /// its last reply says.
    public var outside = 0
    /// Lines that this replica wrote before it was copied, restored or forked, oldest first.
    public var formerLines: [FormerLine] = []
    /// Why nothing is kept outside the file that would tell a copy of it; nil: it is kept, or nobody asked for it.
    public var anchorFault: String?
    /// Rows in each synced table, by name.
    public var rows: [(table: String, count: Int)]
    /// Names of the scopes that it is served (SCO-27); empty: it was served nothing yet.
    public var scopes: [String] = []
    /// The hub's position when it was served so.
    public var scopesAt: UInt64 = 0
    /// Rows that cannot leave this replica before they are made smaller.
    public var tooLarge: [TooLarge] = []

    /// Everything entered here is durably at the hub: nothing unsealed, nothing without a receipt.
    public var isAllAtHub: Bool { unsealedNotes == 0 && unreceipted == 0 && !mustHandIn }

    /// The hub was put back to before where this device stands: what it had of this device's work it may lack (EXC-29).
    public var mustHandIn = false

    /// A changeset that waits for something.
    public struct Parked: Sendable {
        public var dot: Dot
        public var device: String
        public var made: Timestamp
        /// What it waits for, in a person's words.
        public var waitsFor: [String]
    }

    /// A row that is larger than any replica may accept: it waits, and all else with it if others know it (CAP-13).
    public struct TooLarge: Sendable {
        public var table: String
        public var key: RowKey
        /// Nil: all its values together are too large.
        public var column: String?
        public var reason: String
        /// What helps.
        public var hint: String

        /// All of it, for people.
        public var sentence: String { "row \(key.display) is not synced: \(reason); \(hint)" }
    }

    /// A row that is held and cannot be shown.
    public struct Aside: Sendable {
        public var table: String
        public var key: RowKey
        public var reason: String
    }
}

extension Engine {
    package func status() throws -> Status {
        var status = Status(
            name: name, origin: origin, dataSet: dataSet, epoch: try epoch, position: try position, unsealedNotes: 0,
            unreceipted: 0, unreceiptedRows: 0, carried: 0, parked: try parked(),
            conflicts: try store.listedConflicts().count, aside: try aside(),
            lastContact: try store.metaInteger("last_contact").map { Timestamp(milliseconds: $0) },
            clockOffset: try clockOffset, formerLines: try store.formerLines(), anchorFault: anchorFault, rows: [])
        status.unsealedNotes = try store.noteCount()
        status.tooLarge = try tooLarge()
        status.mustHandIn = try mustHandIn
        status.schemaVersion = store.directives.version
        status.offeredVersion = try offeredSchema()?.version
        status.quarantined = try store.withheld().count
        for dot in try store.asideAtHub() where try isOwnLine(store.known(dot).dot.origin) { status.outside += 1 }
        if let certificate = try scopeCertificate() {
            (status.scopes, status.scopesAt) = (certificate.scopes.map(\.name), certificate.position)
        } else if try isHub || scopes != 0 {
            (status.scopes, status.scopesAt) = ([ScopeDefinition.all.name], status.position)
        }
        for dot in try store.dots(.pending) {
            guard let changeset = try sealed(dot) else { continue }
            if try isOwnLine(changeset.head.origin) {
                status.unreceipted += 1
                status.unreceiptedRows += Int(changeset.head.rows)
            } else {
                status.carried += 1
            }
        }
        // What this device wrote before it was put back from a backup, and got from others, waits here too.
        for dot in try store.dots(.parked) {
            guard let changeset = try sealed(dot), try !store.isTold(changeset.dot),
                try isOwnLine(changeset.head.origin)
            else { continue }
            status.unreceipted += 1
            status.unreceiptedRows += Int(changeset.head.rows)
        }
        status.rows = try store.peoplesLayouts.map { ($0.schema.name, try store.rowCount($0)) }
        return status
    }

    /// What was written here and cannot be sealed. O(rows noted).
    func tooLarge() throws -> [Status.TooLarge] {
        try (store.excesses() + outgrown()).map {
            Status.TooLarge(table: $0.table, key: $0.key, column: $0.column, reason: $0.words, hint: $0.hint)
        }
    }

    /// Whether the hub has, and is known to have, everything that was entered here or came this way. Without counting
    /// any rows: O(changesets that it is not known to have).
    package func hasNothingForHub() throws -> Bool {
        try !store.hasNotes() && store.dots(.pending).isEmpty && store.dots(.parked).isEmpty
    }
}
