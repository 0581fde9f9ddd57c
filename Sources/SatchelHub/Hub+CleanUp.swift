public import Satchel
internal import SatchelStore

/// What a clean-up did, and what it waits for.
public struct CleanUpReport: Sendable {
    /// Dead rows dropped this time.
    public var dropped = 0
    /// Dead rows that still lie in the recycle bin.
    public var dead = 0
    /// Dead rows dropped so far, and kept apart for changes that still name them.
    public var archived = 0
    /// Days that a dead row lies in the recycle bin at least.
    public var keepDays: Int
    /// The position in the log up to which every live device knows all; 0: no device has come yet.
    public var known: UInt64
    /// The live devices that know less than the whole log, the one that holds up most first.
    public var waitsFor: [Device] = []
}

/// Clean-up of tombstones (EXC-23): when every live device knows of a death, its trace may go.
extension Hub {
    /// Days that a dead row lies in the recycle bin, unless the operator said otherwise.
    static let keepDays = 30
    /// Rows that a clean-up after merging looks at: it must not hold up the next bundle.
    private static let afterMerging = 5_000
    /// Milliseconds from one such clean-up to the next.
    private static let betweenCleanUps: Int64 = 3_600_000

    /// Drops the dead rows that every live device knows of and that have lain in the recycle bin long enough.
    ///
    /// - Parameter keepDays: from now on, how many days they lie there; nil: as before. 0: not at all.
    @discardableResult
    public func cleanUp(keepDays: Int? = nil) throws -> CleanUpReport {
        try replica.withEngine { engine in
            try engine.transaction {
                if let keepDays {
                    guard (0...36_500).contains(keepDays) else {
                        throw UsageError("dead rows are kept from 0 to 36,500 days", try: "give another number")
                    }
                    try engine.store.setMeta("keep_days", .integer(Int64(keepDays)))
                }
                try engine.seal()
                return try cleanUp(engine, atMost: .max)
            }
        }
    }

    /// The clean-up after merging, bounded, and once an hour. If it fails the merges stand, and the report says why.
    func cleanUp(after report: inout MergeReport) {
        do {
            try replica.withEngine { engine in
                let now = engine.clock.now().milliseconds
                if let last = try engine.store.metaInteger("cleaned"), last <= now {
                    let since = now.subtractingReportingOverflow(last)
                    if !since.overflow, since.partialValue < Self.betweenCleanUps { return }
                }
                try engine.transaction {
                    _ = try cleanUp(engine, atMost: Self.afterMerging)
                    try engine.store.setMeta("cleaned", .integer(now))
                }
            }
        } catch {
            report.failures.append(Complaint(error))
        }
    }

    private func cleanUp(_ engine: Engine, atMost count: Int) throws -> CleanUpReport {
        let epoch = try engine.epoch
        let horizon = try engine.horizon
        let position = try engine.position
        let days = Int(try engine.store.metaInteger("keep_days") ?? Int64(Self.keepDays))
        var report = CleanUpReport(keepDays: days, known: 0)
        // One that never came, or is below the horizon, gets a snapshot whatever is dropped.
        let live = try Registry(engine.store).devices().filter { device in
            try device.retired == nil && engine.revocation(ofToken: device.tokenKey) == nil
                && device.standing.position > 0
                && (device.standing.epoch != epoch || device.standing.position >= horizon)
        }
        let claims = live.map { $0.standing.epoch == epoch ? $0.standing.position : 0 }
        if let least = claims.min() {
            report.known = least
            let now = engine.clock.now().milliseconds
            let before = days == 0 ? .max : now.subtractingReportingOverflow(Int64(days) * 86_400_000).partialValue
            report.dropped = try engine.dropDead(
                upTo: least, before: Timestamp(milliseconds: before), atMost: count,
                isMixed: live.contains { $0.schema != 0 && $0.schema != engine.schemaTag })
        }
        report.waitsFor = zip(live, claims).filter { $0.1 < position }.sorted { $0.1 < $1.1 }.map(\.0)
        (report.dead, report.archived) = try engine.store.deadCount()
        return report
    }

    /// Gives up a device that will never come back, so that it no longer holds up clean-up. If it does come, it is
    /// live again, hands in its work, and gets a snapshot.
    public func retire(_ name: String) throws {
        try replica.withEngine { engine in
            try engine.transaction {
                let registry = Registry(engine.store)
                _ = try registry.device(named: name)
                try registry.retire(name, at: engine.clock.now())
            }
        }
    }
}
