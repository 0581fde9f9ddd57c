/// An order of the hub to erase what is known of a person (`Protocol/erasure.md`).
///
/// It is kept for ever, so it names no row: a row is recognised by a hash of its key (ERA-3).
public struct ErasureOrder: Hashable, Sendable {
    /// 16 random bytes.
    public var id: [UInt8]
    /// Where in the hub's log the order stands: whoever is at or above it has carried it out.
    public var epoch: UInt64
    public var position: UInt64
    /// Where it stood in the logs of hubs that this one no longer is (ERA-9).
    public var earlier: [HubPoint]
    /// The hub's clock.
    public var time: Timestamp
    /// 32 random bytes of the data set, the same in all its orders: hashed before every key.
    public var salt: [UInt8]
    /// Whether rows that refer to an erased row, entered without knowledge of the order, are erased too (ERA-6).
    public var followsReferences: Bool
    public var parts: [Part]

    public init(
        id: [UInt8], epoch: UInt64, position: UInt64, earlier: [HubPoint] = [], time: Timestamp, salt: [UInt8],
        followsReferences: Bool, parts: [Part]
    ) {
        self.id = id
        self.epoch = epoch
        self.position = position
        self.earlier = earlier
        self.time = time
        self.salt = salt
        self.followsReferences = followsReferences
        self.parts = parts
    }

    /// Rows of one table of which the same is erased.
    public struct Part: Hashable, Sendable {
        public var table: String
        /// Empty: the rows are erased whole, keys too.
        public var units: [Unit]
        /// Of each row the first 16 bytes of its hash (ERA-3).
        public var rows: [[UInt8]]

        public init(table: String, units: [Unit], rows: [[UInt8]]) {
            self.table = table
            self.units = units
            self.rows = rows
        }
    }

    /// A unit whose values are erased, and what stands in their place.
    public struct Unit: Hashable, Sendable {
        public var name: String
        public var columns: [String]
        /// One for each column.
        public var blank: [Value]

        public init(name: String, columns: [String], blank: [Value]) {
            self.name = name
            self.columns = columns
            self.blank = blank
        }
    }

    /// Whether the author of a changeset with this clock had carried out the order (ERA-5).
    ///
    /// - Parameter line: the lives of the hub that its log goes through.
    public func isSeen(by clock: CausalClock, on line: [HubEpoch]) -> Bool {
        if places.contains(where: { $0.epoch == clock.epoch && clock.position >= $0.position }) { return true }
        guard clock.epoch > epoch else { return false }
        if line.contains(where: { $0.number == clock.epoch }) {
            return min(clock.position, line.start(after: clock.epoch)) >= position
        }
        // A life that this log knows nothing of: it began after the order's as surely as more restores lie before it.
        return clock.epoch >> 32 > epoch >> 32
    }

    /// Where it stands, and where it stood.
    public var places: [HubPoint] { [HubPoint(epoch: epoch, position: position)] + earlier }
}

/// An order as it travels and is kept.
public struct SignedErasure: Hashable, Sendable {
    public var order: ErasureOrder
    /// 64 bytes, the hub's over the order.
    public var signature: [UInt8]

    public init(order: ErasureOrder, signature: [UInt8]) {
        self.order = order
        self.signature = signature
    }
}

/// How far a replica is with the orders: from a device a receipt, from the hub what it knows of (ERA-8, ERA-9).
public struct ErasureStanding: Hashable, Sendable {
    public var epoch: UInt64
    /// All orders up to here are carried out, and no trace is left.
    public var position: UInt64
    /// The exclusive or of the first eight bytes of the ids of all orders held.
    public var orders: UInt64

    public init(epoch: UInt64, position: UInt64, orders: UInt64) {
        self.epoch = epoch
        self.position = position
        self.orders = orders
    }
}

/// Who put other content in the place of a changeset's own, because a person was erased from it (ERA-4).
public struct Redaction: Hashable, Sendable {
    public enum Signer: UInt8, Sendable { case hub = 0, author = 1 }

    public var signer: Signer
    /// 64 bytes over the header's hash and that of the new content.
    public var signature: [UInt8]

    public init(signer: Signer, signature: [UInt8]) {
        self.signer = signer
        self.signature = signature
    }
}

/// What an order says of one row.
public enum Erased: Hashable, Sendable {
    case whole
    /// Units by name, each with its columns and what stands in their place.
    case units([ErasureOrder.Unit])

    /// Both together.
    public func joined(with other: Erased) -> Erased {
        guard case .units(let mine) = self, case .units(let theirs) = other else { return .whole }
        return .units(mine + theirs.filter { unit in !mine.contains { $0.name == unit.name } })
    }
}
