/// What a replica has applied: for each origin, how far its line of changesets is held without a gap.
///
/// Entries are kept sorted by origin. Each carries the tag of its head, so that the two branches of a fork
/// cannot be taken for one another (MRG-1).
public struct VersionVector: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
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
    }

    /// Sorted by origin, at most one for each.
    public private(set) var entries: [Entry]

    public init() { entries = [] }

    /// Of several entries of one origin the highest counts.
    public init(_ entries: some Sequence<Entry>) {
        self.init()
        for entry in entries { advance(to: entry) }
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// O(log entries).
    public subscript(origin: OriginID) -> Entry? {
        let index = position(of: origin)
        return index < entries.count && entries[index].origin == origin ? entries[index] : nil
    }

    /// Whether the changeset of `dot` is known. At the head itself the branch is compared too. O(log entries).
    public func contains(_ dot: Dot) -> Bool {
        guard let entry = self[dot.origin] else { return false }
        return entry.sequence > dot.sequence || entry.sequence == dot.sequence && entry.tag == dot.tag
    }

    /// Moves one entry forward, never back. O(entries) for a new origin, O(log entries) otherwise.
    public mutating func advance(to entry: Entry) {
        let index = position(of: entry.origin)
        guard index < entries.count, entries[index].origin == entry.origin else {
            entries.insert(entry, at: index)
            return
        }
        if entries[index].sequence < entry.sequence { entries[index] = entry }
    }

    public mutating func merge(_ other: VersionVector) {
        for entry in other.entries { advance(to: entry) }
    }

    /// How two vectors stand to each other: the order in which their owners knew things.
    public enum Order: Sendable { case equal, before, after, concurrent }

    /// O(entries of both).
    public func compare(_ other: VersionVector) -> Order {
        let covers = other.entries.allSatisfy { contains($0.dot) }
        let covered = entries.allSatisfy { other.contains($0.dot) }
        return switch (covers, covered) {
        case (true, true): .equal
        case (true, false): .after
        case (false, true): .before
        case (false, false): .concurrent
        }
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
