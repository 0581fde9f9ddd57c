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

        public init(alive: Bool, complete: Bool, parents: [Int?]) {
            self.alive = alive
            self.complete = complete
            self.parents = parents
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

    /// A dead row that a wanted row refers to is wanted too, transitively; a wanted row is shown unless it is
    /// incomplete or something it refers to is not shown. O(rows + references).
    public static func fates(_ rows: [Row]) -> [Fate] {
        var wanted = rows.map(\.alive)
        var queue = rows.indices.filter { rows[$0].alive && rows[$0].complete }
        while let row = queue.popLast() {
            for case let parent? in rows[row].parents where !wanted[parent] {
                wanted[parent] = true
                if rows[parent].complete { queue.append(parent) }
            }
        }
        var shown = rows.indices.map { wanted[$0] && rows[$0].complete && !rows[$0].parents.contains(nil) }
        var children = Array(repeating: [Int](), count: rows.count)
        for row in rows.indices { for case let parent? in rows[row].parents { children[parent].append(row) } }
        var hidden = rows.indices.filter { !shown[$0] }
        while let row = hidden.popLast() {
            for child in children[row] where shown[child] {
                shown[child] = false
                hidden.append(child)
            }
        }
        return rows.indices.map { row in
            switch (rows[row].alive, shown[row], wanted[row]) {
            case (true, true, _): .shown
            case (true, false, _): .aside
            case (false, true, _): .kept
            case (false, false, _): .dead
            }
        }
    }
}
