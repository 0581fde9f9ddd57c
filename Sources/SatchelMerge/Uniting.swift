public import SatchelModel

/// Rows of one table that people merged into one another (MRG-51, MRG-52).
///
/// The merges are edges from row to row. Whoever follows them comes to an end: a row that is not merged, or a cycle, of
/// which one row survives. The ends are the strongly connected components that nothing leaves, found by Tarjan's
/// algorithm ("Depth-first search and linear graph algorithms", 1972), without recursion: a bundle may hold a long chain.
public enum Uniting {
    /// What the merges must know of one row.
    public struct Row: Sendable {
        /// Existence and every required unit have candidates (MRG-7).
        public var complete: Bool
        /// A candidate of its existence is uncovered: whatever merges stand, it is itself (MRG-51).
        public var stands: Bool
        /// The rows that its standing deletions name, by index; those that are not held at all are left out.
        public var into: [Int]
        /// The least of all its candidates of existence; nil: it has none.
        public var rank: DotOrder?

        public init(complete: Bool, stands: Bool, into: [Int], rank: DotOrder?) {
            self.complete = complete
            self.stands = stands
            self.into = into
            self.rank = rank
        }
    }

    public struct Place: Sendable, Equatable {
        /// The row that is shown for it; itself if it is not merged.
        public var survivor: Int
        /// It is the survivor of a cycle: its own merges count for nothing.
        public var closesCycle: Bool
        /// It is merged into several rows, which lead to more than one end (MRG-57).
        public var isApart: Bool
    }

    /// Where each row's merges lead. The rows must stand in the order of their keys: of two that one changeset entered the
    /// lesser is the elder. O(rows + edges), but for rows that lead to many ends.
    public static func places(_ rows: [Row]) -> [Place] {
        let edges = rows.map { row in row.stands ? [] : row.into.filter { rows[$0].complete } }
        var walk = Walk(edges: edges)
        var ends: [[Int]] = Array(repeating: [], count: rows.count)
        var places = rows.indices.map { Place(survivor: $0, closesCycle: false, isApart: false) }
        func isLess(_ a: Int, _ b: Int) -> Bool {
            guard let first = rows[a].rank, let second = rows[b].rank, first != second else {
                return (rows[a].rank == nil ? 1 : 0, a) < (rows[b].rank == nil ? 1 : 0, b)
            }
            return first < second
        }
        for start in rows.indices where !edges[start].isEmpty {
            for component in walk.components(from: start) {
                let inside = Set(component)
                var led = Set<Int>()
                for row in component {
                    for next in edges[row] where !inside.contains(next) { led.formUnion(ends[next]) }
                }
                if led.isEmpty, let survivor = component.min(by: isLess) {
                    led = [survivor]
                    places[survivor].closesCycle = !edges[survivor].isEmpty
                }
                let sorted = led.sorted(by: isLess)
                for row in component {
                    ends[row] = sorted
                    places[row].survivor = sorted[0]
                    places[row].isApart = sorted.count > 1 && edges[row].count > 1
                }
            }
        }
        return places
    }

    /// Tarjan's walk, its stack held in arrays.
    private struct Walk {
        let edges: [[Int]]
        private var number: [Int]
        private var low: [Int]
        private var onPath: [Bool]
        private var path: [Int] = []
        private var count = 0

        init(edges: [[Int]]) {
            self.edges = edges
            number = Array(repeating: -1, count: edges.count)
            low = number
            onPath = Array(repeating: false, count: edges.count)
        }

        /// The components met from here and not before; each after those to which it leads.
        mutating func components(from start: Int) -> [[Int]] {
            guard number[start] < 0 else { return [] }
            var found: [[Int]] = []
            var open: [(row: Int, next: Int)] = []
            enter(start)
            open.append((start, 0))
            while let (row, next) = open.last {
                if next < edges[row].count {
                    open[open.count - 1].next += 1
                    let target = edges[row][next]
                    if number[target] < 0 {
                        enter(target)
                        open.append((target, 0))
                    } else if onPath[target] {
                        low[row] = min(low[row], number[target])
                    }
                    continue
                }
                open.removeLast()
                if let above = open.last?.row { low[above] = min(low[above], low[row]) }
                guard low[row] == number[row], let first = path.lastIndex(of: row) else { continue }
                found.append(Array(path[first...]))
                for member in path[first...] { onPath[member] = false }
                path.removeSubrange(first...)
            }
            return found
        }

        private mutating func enter(_ row: Int) {
            number[row] = count
            low[row] = count
            count += 1
            path.append(row)
            onPath[row] = true
        }
    }
}
