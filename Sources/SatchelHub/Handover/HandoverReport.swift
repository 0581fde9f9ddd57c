public import Satchel
internal import SatchelModel

/// What one device hands over to another, or has.
public struct HandoverReport: Sendable {
    /// Rows that people see in the scopes of a device, counted before and after.
    public struct Count: Sendable, Equatable {
        public var table: String
        public var formerBefore: Int
        public var formerAfter: Int
        public var successorBefore: Int
        public var successorAfter: Int
    }

    /// A column in which the successor's value took the place of the former owner's.
    public struct Owner: Sendable, Equatable {
        public var table: String
        public var column: String
        public var from: String { was.display }
        public var to: String { becomes.display }
        /// Rows changed; of a handover that is only looked at, rows that would be.
        public var rows: Int
        let was: Value
        let becomes: Value
        /// The table's number, and the column's place in it.
        let layout: Int64
        let place: Int
    }

    /// Rows that keep the former owner's value, since their table does not take the other, or others are served them by it
    /// too, or it is not known what the other is. They are handed over by the scopes that moved.
    public struct Kept: Sendable, Equatable {
        public var table: String
        public var column: String
        public var rows: Int
        /// For a person.
        public var reason: String
        /// Whether the operator must say first which value is the successor's own.
        var isUndecided = false
    }

    /// A value that stays, whatever the rows are.
    struct Staying {
        let value: Value
        /// The table's number, and the column's place in it.
        let layout: Int64
        let place: Int
        let reason: String
        var isUndecided = false
    }

    public var former: String
    public var successor: String
    /// Names of the scopes that moved, and of those that moved before and that the successor is still served.
    public var scopes: [String] = []
    public var owners: [Owner] = []
    /// Values that stay since others are served the rows too, or the successor's own is not known.
    var staying: [Staying] = []
    public var kept: [Kept] = []
    /// Rows of which something of the successor's that had been set aside was taken in.
    public var takenIn = 0
    /// By table.
    public var counts: [Count] = []
    public var checklist = HandoverChecklist()
}

/// What is still missing of a handover.
public struct HandoverChecklist: Sendable, Equatable {
    /// Whether the handover was made, and the former device is granted nothing any more.
    public var isHandedOver = false
    /// Whether the former device has said since that it knows, and each copy of its file: until then it may hold work that
    /// it has not sent.
    public var formerHasCome = false
    /// Copies of its file that go on beside the one that came last, and have not said so.
    public var formerCopies = 0
    /// Whether it was revoked or given up, so that nobody waits for it.
    public var formerIsGone = false
    public var formerLastSeen: Timestamp?
    /// Changesets of the hub that the former device has not said it has.
    public var formerLacks: UInt64 = 0
    /// Its changesets that came and wait for something.
    public var parked = 0
    /// Changes that wait for the operator: the former device's, and the successor's of rows handed over.
    public var setAside = 0
    /// Rows handed over, or that would be, which nobody sees: their table refuses them, or they refer to such a row.
    public var heldAside = 0
    /// Rows that still name the former owner and need not, as late work does: hand over once more. And those of which the
    /// operator must say first which value is the successor's own.
    public var stillNamed = 0
    /// Rows that name the former owner and stay so, for a reason that the report tells.
    public var keptNamed = 0
    /// Conflicts open in the rows handed over, and in those of which it is asked whether they are the former owner's or the
    /// new one's.
    public var conflicts = 0
    /// Rows handed over that wait to be dealt with, by table.
    public var openMatters: [String: Int] = [:]

    /// Nothing is missing but matters that are open.
    public var isComplete: Bool {
        isHandedOver && (formerHasCome || formerIsGone) && parked == 0 && setAside == 0 && heldAside == 0
            && stillNamed == 0
    }
}
