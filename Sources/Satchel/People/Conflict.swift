public import SatchelModel
internal import SatchelWire

/// Some of the open conflicts, by id.
public struct ConflictPage: Sendable {
    public let conflicts: [Conflict]
    /// How many follow.
    public let more: Int
}

/// Something that a person is asked to decide: several values, none of whose authors had seen the others' (INB-1).
public struct Conflict: Sendable, Identifiable {
    /// Ten hexadecimal digits, the same on every replica (MRG-18).
    public let id: String
    public let kind: ConflictKind
    public let table: String
    public let key: RowKey
    /// The unit in conflict; empty where the row itself is.
    public let unit: String
    /// The unit's columns.
    public let columns: [String]
    /// In an order that is the same on every replica; people count them from 1.
    public let candidates: [Candidate]
    /// What all of them started from, where it is known here (INB-2).
    public let base: [Value]?
    /// Whom it is given to; nil: nobody (INB-4).
    public let assignee: String?
    /// What else the same changesets wrote in this record and beside it (INB-3).
    public let neighbours: [Neighbour]

    public struct Candidate: Sendable {
        /// One for each column of the unit. Empty where the row itself is in question.
        public let values: [Value]
        /// What choosing this one does, where it is not a value: "keep" or "delete".
        public let act: String?
        /// Whether the table shows this one now.
        public let isShown: Bool
        /// Who wrote it: all authors of this value, the newest last.
        public let authors: [Writer]
    }

    /// The author of one changeset.
    public struct Writer: Sendable {
        /// The device's name; empty if it is not known here.
        public let device: String
        /// Who was working, in the app's words.
        public let actor: String
        /// The corrected time that breaks ties (MRG-15).
        public let time: Timestamp
        /// What the device's own clock said.
        public let reading: Timestamp
        /// Milliseconds by which that clock was known to be behind the hub's when this was written.
        public let clockOffset: Int64
        public let dot: Dot
    }

    /// Another write of one of the changesets in conflict.
    public struct Neighbour: Sendable {
        public let table: String
        public let key: RowKey
        /// Empty: the record itself was entered or kept.
        public let unit: String
        public let columns: [String]
        public let values: [Value]
        public let writer: Writer
    }

    /// The first ten hexadecimal digits of a hash of table, key and unit (MRG-18).
    static func id(table: String, key: RowKey, unit: String) -> String {
        var form = Array("satchel conflict v1".utf8) + [0]
        Value.text(table).appendCanonical(to: &form)
        form += key.canonical
        Value.text(unit).appendCanonical(to: &form)
        return sha256(form).bytes.prefix(idBytes).hex
    }

    private static let idBytes = 5

    /// Whether a text has the form of an id.
    static func isID(_ text: Substring) -> Bool {
        text.utf8.count == 2 * idBytes
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
