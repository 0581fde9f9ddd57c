/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Time never decides what replaced what; it breaks ties between concurrent writes, and people read it (MRG-15).
public struct Timestamp: Hashable, Comparable, Sendable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }

    /// The later of the author's corrected clock and one millisecond after the newest write that it had seen on
    /// the rows it changes, so that a write never looks older than what it replaced.
    ///
    /// A hybrid clock after Kulkarni and others, "Logical Physical Clocks" (2014), but kept by row, not by
    /// replica: a clock a century fast spoils only the rows that it touched.
    public static func hybrid(reading: Timestamp, offset: Int64, newestSeen: Timestamp?) -> Timestamp {
        let corrected = reading.milliseconds.addingReportingOverflow(offset)
        let own = corrected.overflow ? reading.milliseconds : corrected.partialValue
        guard let newestSeen else { return Timestamp(milliseconds: own) }
        let next = newestSeen.milliseconds.addingReportingOverflow(1)
        return Timestamp(milliseconds: max(own, next.overflow ? newestSeen.milliseconds : next.partialValue))
    }
}
