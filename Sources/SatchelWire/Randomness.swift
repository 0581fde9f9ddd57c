/// Where keys, incarnations, names of bundles and secrets of a file come from: the system's generator, or for a
/// simulation a seed, so that a run can be had again (TST-1).
package enum Randomness {
    /// Draws in the system's place.
    package final class Source: Sendable {
        fileprivate let draw: @Sendable () -> UInt64

        package init(_ draw: @escaping @Sendable () -> UInt64) { self.draw = draw }
    }

    /// Not nil: the source of this task instead of the system. For tests alone.
    @TaskLocal package static var source: Source?

    package static func next() -> UInt64 {
        if let source { return source.draw() }
        var system = SystemRandomNumberGenerator()
        return system.next()
    }

    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count { withUnsafeBytes(of: next()) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(count))
    }
}
