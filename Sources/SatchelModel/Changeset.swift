/// The signed head of a changeset: what the chain runs over (`Protocol/bundle.md`, BND-20).
public struct ChangesetHeader: Hashable, Sendable {
    public var origin: OriginID
    public var sequence: UInt64
    /// The hash of the author's previous header, `.zero` for the first.
    public var previous: Hash256
    /// Everything its author had applied when sealing.
    public var clock: CausalClock
    /// The hybrid time of its newest edit.
    public var time: Timestamp
    /// What the device's own clock said at that edit.
    public var reading: Timestamp
    /// Milliseconds to add to the device's clock, as learned at its last contact with the hub.
    public var offset: Int64
    /// Who was working, in the app's words. May be empty.
    public var actor: String
    /// Why it was sealed, when not in the ordinary way, for example "captured by doctor". May be empty.
    public var note: String
    /// The first eight bytes of the hash of the schema it was written under.
    public var schema: UInt64
    /// Rows changed.
    public var rows: UInt32
    /// How many changesets that were sealed together with this one follow it in its line (EXC-32).
    public var more: UInt32
    /// Hash of the canonical, not compressed content.
    public var content: Hash256
    /// Bytes of that content.
    public var contentLength: UInt64

    public init(
        origin: OriginID, sequence: UInt64, previous: Hash256, clock: CausalClock, time: Timestamp,
        reading: Timestamp, offset: Int64, actor: String, note: String, schema: UInt64, rows: UInt32,
        more: UInt32 = 0, content: Hash256, contentLength: UInt64
    ) {
        self.origin = origin
        self.sequence = sequence
        self.previous = previous
        self.clock = clock
        self.time = time
        self.reading = reading
        self.offset = offset
        self.actor = actor
        self.note = note
        self.schema = schema
        self.rows = rows
        self.more = more
        self.content = content
        self.contentLength = contentLength
    }
}

/// A changeset as it travels and is kept: exact bytes, checked against each other.
///
/// `header` is the canonical coding, whose SHA-256 is `hash`; `content` is the canonical content, whose SHA-256
/// the header names.
public struct SealedChangeset: Sendable {
    public var head: ChangesetHeader
    public var header: [UInt8]
    public var hash: Hash256
    /// 64 bytes, Ed25519 over the header's domain-separated hash, by the author.
    public var signature: [UInt8]
    public var content: [UInt8] { didSet { deflated = nil } }
    /// The content as one raw deflate stream, where it came or lay so: not to be deflated again.
    public var deflated: [UInt8]?
    /// Not nil: a person was erased from the content, so that it is not the one that the header names (ERA-4).
    public var redaction: Redaction?

    public init(
        head: ChangesetHeader, header: [UInt8], hash: Hash256, signature: [UInt8], content: [UInt8]
    ) {
        self.head = head
        self.header = header
        self.hash = hash
        self.signature = signature
        self.content = content
    }

    public var dot: Dot { Dot(origin: head.origin, sequence: head.sequence, tag: hash.tag) }
}

/// A changeset that is passed on as it lies, its content deflated and not looked at.
public struct PackedChangeset: Sendable {
    /// From how many bytes of content on it is worth an item of its own kind (BND-54).
    public static let contentBytes: UInt64 = 64 << 10

    public var header: [UInt8]
    public var signature: [UInt8]
    /// One raw deflate stream.
    public var deflated: [UInt8]

    public init(header: [UInt8], signature: [UInt8], deflated: [UInt8]) {
        self.header = header
        self.signature = signature
        self.deflated = deflated
    }
}

/// The decoded content of a changeset: its rows, grouped so that a group is a set of columns.
public struct Content: Sendable, Equatable {
    /// The dots that the sections name, by their index here.
    public var dots: [Dot]
    public var sections: [Section]

    public init(dots: [Dot] = [], sections: [Section] = []) {
        self.dots = dots
        self.sections = sections
    }
}

/// Rows of one table that write the same units, or that are all deleted.
///
/// A row stands in at most one section of a changeset.
public struct Section: Sendable, Equatable {
    public var table: String
    public var keyColumns: [String]
    /// One for each key column, `rows` values each.
    public var keys: [ValueColumn]
    public var rows: Int
    /// Not nil: every row writes its existence (an insert or a revival), and these are the dots replaced there.
    public var existence: DotLists?
    /// Every row writes all of these.
    public var units: [UnitPart]
    public var deletionsReplaced: DotLists
    /// Not nil: every row is deleted, and this is what its author held.
    public var cover: CoverLists?
    /// Not nil, beside a cover: every row is merged into the row of this key (MRG-50); one for each key column.
    public var into: [ValueColumn]?
    /// For each row, how many milliseconds before the header's reading it was last edited.
    public var ages: [UInt64]

    public init(
        table: String, keyColumns: [String], keys: [ValueColumn], rows: Int, existence: DotLists?,
        units: [UnitPart], deletionsReplaced: DotLists, cover: CoverLists?, into: [ValueColumn]? = nil,
        ages: [UInt64]
    ) {
        self.table = table
        self.keyColumns = keyColumns
        self.keys = keys
        self.rows = rows
        self.existence = existence
        self.units = units
        self.deletionsReplaced = deletionsReplaced
        self.cover = cover
        self.into = into
        self.ages = ages
    }

    public func key(_ row: Int) -> RowKey { RowKey(keys.map { $0[row] }) }
}

/// The new values of one unit, column by column, and the dots they replaced.
public struct UnitPart: Sendable, Equatable {
    /// The name of the column after the others that holds a state, or NULL where a row has none (BND-24).
    public static let state = ""

    public var name: String
    public var columns: [String]
    public var values: [ValueColumn]
    public var replaced: DotLists

    public init(name: String, columns: [String], values: [ValueColumn], replaced: DotLists) {
        self.name = name
        self.columns = columns
        self.values = values
        self.replaced = replaced
    }
}

extension UnitPart {
    /// The columns that are a table's, without the state's.
    public var tableColumns: ArraySlice<String> { columns.last == Self.state ? columns.dropLast() : columns[...] }

    /// A row's values, and its state if it has one.
    public func values(_ row: Int) -> [Value] {
        let all = values.map { $0[row] }
        return columns.last == Self.state && all.last == .null ? all.dropLast() : all
    }
}

/// A list of dots for each row, laid flat.
public struct DotLists: Sendable, Equatable {
    /// How many dots each row has. Empty: none has any.
    public var counts: [UInt32]
    /// Indices into the content's dots, row after row.
    public var dots: [UInt32]

    public init(counts: [UInt32] = [], dots: [UInt32] = []) {
        self.counts = counts
        self.dots = dots
    }

    public var isEmpty: Bool { dots.isEmpty }
}

/// A list of (unit, dot) for each row, laid flat.
public struct CoverLists: Sendable, Equatable {
    /// What `units` indexes.
    public var names: [UnitName]
    public var counts: [UInt32]
    public var units: [UInt32]
    public var dots: [UInt32]

    public init(names: [UnitName] = [], counts: [UInt32] = [], units: [UInt32] = [], dots: [UInt32] = []) {
        self.names = names
        self.counts = counts
        self.units = units
        self.dots = dots
    }
}
