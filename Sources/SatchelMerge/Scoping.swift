/// Which rows are in a scope, given which rows its rules match and which refer to which (SCO-4).
///
/// Rows are numbers. Pure: the same rows, rules and references give the same scope, whatever came first (SCO-5).
public enum Scoping {
    /// A row that refers to another.
    public struct Edge: Hashable, Sendable {
        public let child: Int64
        public let parent: Int64
        /// Whether a rule `IN` follows it: the child is in the core if the parent is.
        public let leadsIn: Bool

        public init(child: Int64, parent: Int64, leadsIn: Bool) {
            self.child = child
            self.parent = parent
            self.leadsIn = leadsIn
        }
    }

    /// The core, and the whole scope, which holds it; `edges`: between rows that are held. O(rows + edges).
    public static func scope(
        matched: Set<Int64>, edges: some Sequence<Edge>
    ) -> (core: Set<Int64>, scope: Set<Int64>) {
        var down: [Int64: [Int64]] = [:]
        var up: [Int64: [Int64]] = [:]
        for edge in edges {
            if edge.leadsIn { down[edge.parent, default: []].append(edge.child) }
            up[edge.child, default: []].append(edge.parent)
        }
        let core = closure(of: matched) { down[$0] ?? [] }
        return (core, closure(of: core) { up[$0] ?? [] })
    }

    /// The least set that holds `start` and whatever its rows lead to.
    public static func closure(of start: Set<Int64>, _ next: (Int64) throws -> [Int64]) rethrows -> Set<Int64> {
        var reached = start
        var open = Array(start)
        while let row = open.popLast() {
            for other in try next(row) where reached.insert(other).inserted { open.append(other) }
        }
        return reached
    }
}
