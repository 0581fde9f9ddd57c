/// A changeset as one replica numbers it: small, local, and never on the wire.
public typealias DotID = Int64

/// A unit as one replica numbers it within its table. 0 is the row's existence.
public typealias UnitID = Int32

/// Everything the merge knows of one row (`Protocol/merge.md`, MRG-2, MRG-3).
///
/// Existence is a unit too, numbered 0, whose values are empty. Units and candidates are kept sorted, so that
/// equal states are equal values.
public struct RowState: Hashable, Sendable {
    /// Sorted by unit; a unit without candidates is absent.
    public var units: [UnitState]
    /// The standing deletions, sorted by dot.
    public var deletions: [Deletion]

    public init(units: [UnitState] = [], deletions: [Deletion] = []) {
        self.units = units
        self.deletions = deletions
    }

    public static let existence: UnitID = 0

    /// Units from here on are the library's own notes on a row, such as whom a conflict is given to (INB-4). They are
    /// no data of the row: they neither keep it alive nor are in conflict.
    public static let firstSystemUnit: UnitID = 1 << 24

    /// Whether there are such notes. O(1): they stand behind the units.
    public var hasNotes: Bool { units.last.map { $0.unit >= Self.firstSystemUnit } ?? false }

    public var isEmpty: Bool { units.isEmpty && deletions.isEmpty }

    /// A candidate of existence is uncovered: whatever merges stand, the row is itself (MRG-51).
    public var standsByItself: Bool {
        let covered = Set(deletions.flatMap(\.cover))
        return self[RowState.existence].contains { !covered.contains(Covered(unit: RowState.existence, dot: $0.dot)) }
    }

    /// The same, without the candidates and the deletions of some changesets. O(candidates).
    public func without(_ isGone: (DotID) throws -> Bool) rethrows -> RowState {
        RowState(
            units: try units.compactMap { unit in
                let left = try unit.candidates.filter { try !isGone($0.dot) }
                return left.isEmpty ? nil : UnitState(unit: unit.unit, candidates: left)
            }, deletions: try deletions.filter { try !isGone($0.dot) })
    }

    /// The unit's candidates, sorted by dot. O(units).
    public subscript(unit: UnitID) -> [Candidate] {
        get { units.first { $0.unit == unit }?.candidates ?? [] }
        set {
            let index = units.firstIndex { $0.unit >= unit } ?? units.endIndex
            let found = index < units.endIndex && units[index].unit == unit
            switch (found, newValue.isEmpty) {
            case (true, true): units.remove(at: index)
            case (true, false): units[index].candidates = newValue
            case (false, false): units.insert(UnitState(unit: unit, candidates: newValue), at: index)
            case (false, true): break
            }
        }
    }
}

public struct UnitState: Hashable, Sendable {
    public var unit: UnitID
    /// Sorted by dot, never empty.
    public var candidates: [Candidate]

    public init(unit: UnitID, candidates: [Candidate]) {
        self.unit = unit
        self.candidates = candidates
    }
}

/// One value that a changeset wrote to a unit and that nothing has replaced.
public struct Candidate: Hashable, Sendable {
    public var dot: DotID
    /// One for each column of the unit, in the unit's order.
    public var values: [Value]

    public init(dot: DotID, values: [Value]) {
        self.dot = dot
        self.values = values
    }
}

/// A deletion that still stands, and what its author held when deleting.
public struct Deletion: Hashable, Sendable {
    public var dot: DotID
    /// Sorted by unit, then dot.
    public var cover: [Covered]
    /// Not nil: the row was merged into the row of this key, of the same table (MRG-50).
    public var into: RowKey?

    public init(dot: DotID, cover: [Covered], into: RowKey? = nil) {
        self.dot = dot
        self.cover = cover
        self.into = into
    }
}

public struct Covered: Hashable, Comparable, Sendable {
    public var unit: UnitID
    public var dot: DotID

    public init(unit: UnitID, dot: DotID) {
        self.unit = unit
        self.dot = dot
    }

    public static func < (a: Self, b: Self) -> Bool { (a.unit, a.dot) < (b.unit, b.dot) }
}

/// What one changeset does to one row.
public struct RowChange: Hashable, Sendable {
    /// Sorted by unit. Existence among them: an insert or a revival.
    public var writes: [UnitWrite]
    /// Standing deletions that the author had seen and that this change takes away.
    public var deletionsReplaced: [DotID]
    /// Not nil: the row is deleted, and this is what its author held.
    public var cover: [Covered]?
    /// Beside a cover: the row is merged into the row of this key (MRG-50).
    public var into: RowKey?

    public init(
        writes: [UnitWrite] = [], deletionsReplaced: [DotID] = [], cover: [Covered]? = nil, into: RowKey? = nil
    ) {
        self.writes = writes
        self.deletionsReplaced = deletionsReplaced
        self.cover = cover
        self.into = into
    }
}

/// A new value of a unit and the dots that its author really held there and replaced.
public struct UnitWrite: Hashable, Sendable {
    public var unit: UnitID
    public var values: [Value]
    public var replaced: [DotID]

    public init(unit: UnitID, values: [Value], replaced: [DotID]) {
        self.unit = unit
        self.values = values
        self.replaced = replaced
    }
}

/// What orders concurrent candidates the same way everywhere: time, then the dot (MRG-14).
public struct DotOrder: Hashable, Comparable, Sendable {
    public let time: Timestamp
    public let dot: Dot

    public init(time: Timestamp, dot: Dot) {
        self.time = time
        self.dot = dot
    }

    public static func < (a: Self, b: Self) -> Bool { a.time != b.time ? a.time < b.time : a.dot < b.dot }
}
