/// What follows from rows that refer to one another (MRG-20), for a set of rows that is closed under reference.
///
/// Derived from the state, never written: a repair that were a write would conflict with the same repair made
/// elsewhere.
public enum Referring {
    /// What the references must know of one row.
    public struct Row: Sendable {
        public var alive: Bool
        public var complete: Bool
        /// Indices of the rows it refers to; nil where the row referred to is not held at all.
        public var parents: [Int?]
        /// Whether a shown row outside the replica's scopes refers to it, as the hub says (SCO-14).
        public var isKeptOutside: Bool

        public init(alive: Bool, complete: Bool, parents: [Int?], isKeptOutside: Bool = false) {
            self.alive = alive
            self.complete = complete
            self.parents = parents
            self.isKeptOutside = isKeptOutside
        }
    }

    public enum Fate: Sendable, Equatable {
        /// Alive, complete, and all it refers to is shown.
        case shown
        /// Dead, but shown because a live row refers to it.
        case kept
        /// Alive, but something it needs is not held: listed, not shown.
        case aside
        case dead
    }

    /// First the rows that cannot stand: incomplete, or referring to something that is not held or cannot stand
    /// itself. Of the others the live ones are shown, and whatever a shown row refers to. O(rows + references).
    public static func fates(_ rows: [Row]) -> [Fate] {
        var stands = rows.map { $0.complete && !$0.parents.contains(nil) }
        var children = Array(repeating: [Int](), count: rows.count)
        for row in rows.indices { for case let parent? in rows[row].parents { children[parent].append(row) } }
        var fallen = rows.indices.filter { !stands[$0] }
        while let row = fallen.popLast() {
            for child in children[row] where stands[child] {
                stands[child] = false
                fallen.append(child)
            }
        }
        var shown = rows.indices.map { (rows[$0].alive || rows[$0].isKeptOutside) && stands[$0] }
        var queue = rows.indices.filter { shown[$0] }
        while let row = queue.popLast() {
            for case let parent? in rows[row].parents where !shown[parent] {
                shown[parent] = true
                queue.append(parent)
            }
        }
        return rows.indices.map { row in
            switch (rows[row].alive, shown[row]) {
            case (true, true): .shown
            case (true, false): .aside
            case (false, true): .kept
            case (false, false): .dead
            }
        }
    }
}
