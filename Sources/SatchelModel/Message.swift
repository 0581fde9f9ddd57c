/// What a bundle is for.
public enum BundleKind: UInt8, Sendable {
    /// Changesets on their way up to the hub, with a request for what is missing below.
    case up = 1
    /// State on its way down from the hub to one device.
    case down = 2
    /// Changesets from device to device.
    case sideways = 3
    /// What a device has, so that another can work out what it lacks.
    case have = 4
}

/// What every bundle says of itself before anything else (BND-4).
public struct BundleHeader: Sendable, Equatable {
    public var kind: BundleKind
    public var dataSet: Hash256
    /// Chosen by the sender for each bundle, the same in all its parts.
    public var bundle: OriginID
    public var sender: OriginID
    /// The receiver; nil: whoever holds the data set.
    public var audience: OriginID?
    /// The sender's clock when it was made.
    public var made: Timestamp
    /// The schema of the sender, first eight bytes of its hash.
    public var schema: UInt64

    public init(
        kind: BundleKind, dataSet: Hash256, bundle: OriginID, sender: OriginID, audience: OriginID?,
        made: Timestamp, schema: UInt64
    ) {
        self.kind = kind
        self.dataSet = dataSet
        self.bundle = bundle
        self.sender = sender
        self.audience = audience
        self.made = made
        self.schema = schema
    }
}

/// How a device stands to the hub: what it asks with, and what a `have` shows (EXC-15).
public struct Standing: Sendable, Equatable {
    public var epoch: UInt64
    public var position: UInt64
    /// The scope set that the device was last served for, first eight bytes of its hash; 0: never served.
    public var scopes: UInt64
    /// In a `have`, every changeset that is applied or parked here and not known to be at the hub, one by one: heads
    /// could not tell the branches of a forked line apart. Empty in a request, which carries these changesets.
    public var beyond: [Dot]

    public init(epoch: UInt64, position: UInt64, scopes: UInt64, beyond: [Dot]) {
        self.epoch = epoch
        self.position = position
        self.scopes = scopes
        self.beyond = beyond
    }
}

/// The head of a hub's reply (EXC-15, EXC-16).
public struct Reply: Sendable, Equatable {
    public var epoch: UInt64
    /// The position that this reply continues; 0: it holds all rows of the scopes.
    public var from: UInt64
    public var position: UInt64
    /// True: every row that the device holds and that is neither here nor pending is out of scope.
    public var snapshot: Bool
    public var scopes: UInt64
    /// The change of the hub's whole clock since `from`: all heads of each line that moved.
    public var clock: VersionVector
    /// The hub's clock when it made the reply: teaches the device how far its own is behind.
    public var time: Timestamp
    /// Milliseconds by which the device's clock was ahead of the hub's at least, when its last bundle came. 0: none.
    public var ahead: Int64
    /// Rows that only this origin changed since `from` are left out: whoever holds all of its changesets that
    /// `clock` names has these rows as the hub has them. Nil: nothing is left out.
    public var yours: OriginID?
    /// Every changeset that the hub applied after this position is among `told`. Equal to `from`, or, in a snapshot,
    /// where the list begins: it may be cut to the newest.
    public var toldFrom: UInt64
    /// Changesets that the hub has applied, one by one: those after `toldFrom`, and of those that the device handed in
    /// with its last bundle the ones that were applied. These are the receipts (EXC-20).
    public var told: [Dot]
    /// Of those that the device handed in with its last bundle, the ones that wait at the hub.
    public var waiting: [Dot]
    /// Changesets that nobody has any more, as far as the hub knows: whatever builds on them need not wait (EXC-30).
    public var lost: [Dot]
    /// The highest position at which a dead row was dropped.
    public var horizon: UInt64
    /// The position in this epoch that every live device has claimed (INB-13).
    public var everywhere: UInt64
    /// The lives of the hub, and where each begins (EXC-28).
    public var epochs: [HubEpoch]
    /// Where the device stood when it handed in its rows, if they arrived (EXC-29).
    public var adopted: HubPoint?
    /// Changesets from which rows follow that were handed in, and that the hub may lack itself (EXC-30).
    public var accounted: [Dot]
    /// Changesets of which a row is set aside at the hub (SCO-19): its rows are not what they would make them.
    public var aside: [Dot]

    public init(
        epoch: UInt64, from: UInt64, position: UInt64, snapshot: Bool, scopes: UInt64, clock: VersionVector,
        time: Timestamp, ahead: Int64, yours: OriginID?, toldFrom: UInt64, told: [Dot], waiting: [Dot], lost: [Dot],
        horizon: UInt64, everywhere: UInt64 = 0, epochs: [HubEpoch] = [], adopted: HubPoint? = nil,
        accounted: [Dot] = [], aside: [Dot] = []
    ) {
        self.epoch = epoch
        self.from = from
        self.position = position
        self.snapshot = snapshot
        self.scopes = scopes
        self.clock = clock
        self.time = time
        self.ahead = ahead
        self.yours = yours
        self.toldFrom = toldFrom
        self.told = told
        self.waiting = waiting
        self.lost = lost
        self.horizon = horizon
        self.everywhere = everywhere
        self.epochs = epochs
        self.adopted = adopted
        self.accounted = accounted
        self.aside = aside
    }
}

/// An author: its name for people, and the certificate that ties its key to the data set (IDN-3).
public struct Author: Sendable, Equatable {
    public var origin: OriginID
    public var name: String
    /// Empty where only the name is needed.
    public var certificate: [UInt8]

    public init(origin: OriginID, name: String, certificate: [UInt8]) {
        self.origin = origin
        self.name = name
        self.certificate = certificate
    }
}

/// A dot with what people and ties need to know of it.
public struct KnownDot: Sendable, Equatable {
    public var dot: Dot
    public var time: Timestamp
    public var actor: String
    /// What the author's own clock said.
    public var reading: Timestamp
    /// Milliseconds that the author knew to add to it.
    public var offset: Int64

    /// False: it was only named by another changeset, and nothing more is known of it.
    public var isMet: Bool { time.milliseconds != .min }

    public init(dot: Dot, time: Timestamp, actor: String, reading: Timestamp? = nil, offset: Int64 = 0) {
        self.dot = dot
        self.time = time
        self.actor = actor
        self.reading = reading ?? time
        self.offset = offset
    }
}

/// A changeset that those of a bundle build on and that is not in it, with what helps a person find it (BND-48).
public struct Cause: Sendable, Equatable {
    public var dot: Dot
    /// The hybrid time of its header.
    public var time: Timestamp
    /// When its author made the first bundle with it; nil: the sender does not know.
    public var made: Timestamp?
    /// The author's name; may be empty.
    public var device: String

    public init(dot: Dot, time: Timestamp, made: Timestamp?, device: String) {
        self.dot = dot
        self.time = time
        self.made = made
        self.device = device
    }
}

/// A schema that the hub follows, for devices that follow another (VER-9, BND-52).
public struct SchemaOffer: Sendable, Equatable {
    /// From 1.
    public var version: UInt64
    public var text: String

    public init(version: UInt64, text: String) {
        self.version = version
        self.text = text
    }
}

/// What a unit in conflict held before the conflict, as the hub's history has it (INB-2, BND-51).
public struct ConflictBase: Sendable, Equatable {
    /// The conflict's id (MRG-18).
    public var conflict: String
    /// One for each column of the unit.
    public var values: [Value]

    public init(conflict: String, values: [Value]) {
        self.conflict = conflict
        self.values = values
    }
}

/// The states of rows of one table, as the hub sends them down.
///
/// Nearly every row has one candidate in each unit: those lie in columns, with one dot for the row and a list of
/// the units that another changeset wrote. The rest are `detailed`. A dot is an index into the dots of the bundle.
public struct StateSection: Sendable, Equatable {
    public var table: String
    public var keyColumns: [String]
    public var units: [UnitColumns]
    public var keys: [ValueColumn]
    public var rows: Int
    /// For each row, the dot of its existence and of every unit without an override.
    public var base: [UInt32]
    /// Sorted by row, then unit.
    public var overrides: [UnitOverride]
    public var detailed: [DetailedRow]
    /// Keys of rows that left the scopes, or that the hub dropped.
    public var gone: [RowKey]

    public init(
        table: String, keyColumns: [String], units: [UnitColumns], keys: [ValueColumn], rows: Int,
        base: [UInt32], overrides: [UnitOverride], detailed: [DetailedRow], gone: [RowKey]
    ) {
        self.table = table
        self.keyColumns = keyColumns
        self.units = units
        self.keys = keys
        self.rows = rows
        self.base = base
        self.overrides = overrides
        self.detailed = detailed
        self.gone = gone
    }

    public struct UnitColumns: Sendable, Equatable {
        public var name: String
        public var columns: [String]
        /// One for each column, `rows` values each.
        public var values: [ValueColumn]

        public init(name: String, columns: [String], values: [ValueColumn]) {
            self.name = name
            self.columns = columns
            self.values = values
        }
    }

    public struct UnitOverride: Sendable, Equatable {
        public var row: UInt32
        /// An index into `units`.
        public var unit: UInt32
        public var dot: UInt32

        public init(row: UInt32, unit: UInt32, dot: UInt32) {
            self.row = row
            self.unit = unit
            self.dot = dot
        }
    }

    /// A row with conflicts, deletions, or units missing. In its state, units are 1 + index into `units`
    /// (0 is existence) and dots are indices into the dots of the bundle.
    public struct DetailedRow: Sendable, Equatable {
        public var key: RowKey
        public var state: RowState

        public init(key: RowKey, state: RowState) {
            self.key = key
            self.state = state
        }
    }
}

extension StateSection.UnitColumns {
    /// Whether its last column holds states, or NULL where a candidate has none (BND-24).
    public var holdsState: Bool { columns.last == UnitPart.state }

    /// The columns that are a table's.
    public var tableColumns: ArraySlice<String> { holdsState ? columns.dropLast() : columns[...] }

    /// A row's values, and its state if it has one.
    public func values(_ row: Int) -> [Value] {
        let all = values.map { $0[row] }
        return holdsState && all.last == .null ? all.dropLast() : all
    }
}
