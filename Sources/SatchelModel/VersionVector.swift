/// What a replica has applied, line by line: the head of each line, or of each branch of a line that is forked.
///
/// An entry names a changeset by its dot and stands for it and for all that lies before it in its chain (MRG-4). What
/// lies before cannot be told from the sequence alone: a replica restored from a backup writes its sequence a second
/// time. A vector therefore answers for its heads, and says of a changeset below a head only that it may be there.
public struct VersionVector: Hashable, Sendable {
    public struct Entry: Hashable, Comparable, Sendable {
        public let origin: OriginID
        public let sequence: UInt64
        public let tag: UInt64

        public init(origin: OriginID, sequence: UInt64, tag: UInt64) {
            self.origin = origin
            self.sequence = sequence
            self.tag = tag
        }

        public init(_ dot: Dot) { self.init(origin: dot.origin, sequence: dot.sequence, tag: dot.tag) }

        public var dot: Dot { Dot(origin: origin, sequence: sequence, tag: tag) }

        public static func < (a: Self, b: Self) -> Bool { a.dot < b.dot }
    }

    /// Sorted by origin, sequence and tag. A line that is not forked has one.
    public private(set) var entries: [Entry]

    public init() { entries = [] }

    /// The heads of lines; equal ones count once. Whoever makes a vector sees to it that none lies before another.
    public init(heads: some Sequence<Entry>) { entries = Set(heads).sorted() }

    public var isEmpty: Bool { entries.isEmpty }

    /// The heads of a line: none, one, or one for each of its branches. O(log entries).
    public subscript(origin: OriginID) -> ArraySlice<Entry> {
        let start = position(of: origin)
        var end = start
        while end < entries.count, entries[end].origin == origin { end += 1 }
        return entries[start..<end]
    }

    /// What a vector can say of a changeset.
    public enum Knowledge: Sendable {
        /// It is a head.
        case contains
        /// Every head of its line is earlier, or as late and another: it is not there.
        case lacks
        /// A head of its line is later: it is there, or it is of another branch.
        case unsure
    }

    /// O(log entries).
    public func knowledge(of dot: Dot) -> Knowledge {
        let heads = self[dot.origin]
        if heads.contains(where: { $0.dot == dot }) { return .contains }
        return heads.contains { $0.sequence > dot.sequence } ? .unsure : .lacks
    }

    /// Puts these heads in the place of all that was known of their lines. O(entries of both).
    public mutating func replaceLines(_ other: VersionVector) {
        self = VersionVector(heads: entries.filter { other[$0.origin].isEmpty } + other.entries)
    }

    private func position(of origin: OriginID) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].origin < origin { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Finds the heads of lines among changesets that come causes first, however often a line is forked.
public struct Heads: Sendable {
    private var heads: Set<Dot> = []

    public init() {}

    /// `previous`: the tag of the changeset before it in its chain.
    public mutating func add(_ dot: Dot, previous: UInt64) {
        if dot.sequence > 1 {
            heads.remove(Dot(origin: dot.origin, sequence: dot.sequence - 1, tag: previous))
        }
        heads.insert(dot)
    }

    public var vector: VersionVector { VersionVector(heads: heads.map { .init($0) }) }
}

/// The vector clock of a changeset in its short coding: a cut through the hub's log, and exceptions.
///
/// It stands for the vector "everything the hub had applied up to `position`, and in addition `others`"
/// (`Protocol/merge.md`, MRG-4). A fleet of thousands around one hub would otherwise ship thousands of entries.
public struct CausalClock: Hashable, Sendable {
    /// Which life of the hub `position` counts in. 0: the author had never met a hub.
    public let epoch: UInt64
    /// How far the author had applied the hub's log. 0: nothing of it.
    public let position: UInt64
    /// What the author had applied beyond the cut, its own line included.
    public let others: VersionVector

    public init(epoch: UInt64, position: UInt64, others: VersionVector) {
        self.epoch = epoch
        self.position = position
        self.others = others
    }
}
