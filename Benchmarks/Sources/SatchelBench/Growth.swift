import Foundation

/// How a cost grows with the data: cost ~ size to the power of `exponent`, from the smallest size to the largest.
struct Growth {
    enum Expected {
        /// The work is as large as the data.
        case withTheWork
        /// The work is the same, however much lies beside it.
        case independent
    }

    struct Point {
        let size: Double
        let cost: Double
        /// Plain SQLite's for the same; nil: it does no such thing.
        let plain: Double?
    }

    let points: [Point]
    let exponent: Double
    let plainExponent: Double?
    /// It grows faster than the work does, and faster than plain SQLite's cost of it: a B-tree of random keys larger
    /// than the page cache makes that grow faster too.
    let isDefect: Bool

    /// What noise does to the exponent of a median over a fourfold size.
    private static let tolerance = 0.2

    /// Nil: there is but one size.
    init?(_ points: [Point], expected: Expected) {
        guard let first = points.first, let last = points.last, last.size > first.size, first.cost > 0 else {
            return nil
        }
        func exponent(_ from: Double, _ to: Double) -> Double { log(to / from) / log(last.size / first.size) }
        self.points = points
        self.exponent = exponent(first.cost, last.cost)
        let plain = first.plain.flatMap { from in last.plain.map { exponent(from, $0) } }
        plainExponent = plain
        let least = expected == .independent ? 0.0 : 1.0
        isDefect = self.exponent > max(least, plain ?? least) + Self.tolerance
    }
}
