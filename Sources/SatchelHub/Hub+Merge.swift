internal import Foundation
public import Satchel
internal import SatchelStore
internal import SatchelWire

/// What a run of merging did.
public struct MergeReport: Sendable {
    public struct Merged: Sendable {
        public enum Outcome: Sendable, Equatable {
            case applied, alreadyHad, parked, refused
            /// Not the bundle's fault: the file could not be read, or the hub is busy. `complaint` says which.
            case failed
        }

        public var path: String
        public var outcome: Outcome
        /// The device that made it; empty if that could not be told.
        public var device: String
        public var changesets: Int
        public var rows: Int
        public var bytes: Int
        public var newConflicts: Int
        public var setAside: Int
        /// How many of its changesets wait.
        public var parked = 0
        /// How many would wait too and were not taken, for want of room (EXC-35).
        public var turnedAway = 0
        /// Of how many of the rows that it hands in a part was not taken in (SCO-32).
        public var leftOut = 0
        /// Why it was refused, or what it waits for.
        public var reasons: [String]
        /// Why it was refused or failed, and what to do.
        public var complaint: Complaint?
        /// The bundle's id; empty: nothing of it was taken.
        var bundle: [UInt8] = []
        /// Whether all of it was taken.
        var isWhole = false
    }

    public struct Reply: Sendable {
        public var device: String
        public var path: String
        public var rows: Int
        public var bytes: Int
    }

    public var merged: [Merged] = []
    public var replies: [Reply] = []
    /// Replies that could not be written, each with what to do.
    public var failures: [Complaint] = []
    /// What else was found in a folder, and what became of it: a sentence each, for people.
    public var notes: [String] = []
}

extension Hub {
    /// Merges bundles, each as if it were the only one, and writes a reply for each sender; a refused one stops no other.
    /// Several share a transaction (EXC-40).
    ///
    /// - Parameter replies: the folder for `NAME.satchel`; nil: none are written.
    /// - Parameter all: also for every other device that lacks something.
    public func merge(_ paths: [String], replies: String? = nil, all: Bool = false) throws -> MergeReport {
        var report = MergeReport()
        mergeInGroups(incoming(paths), into: &report)
        noteEverywhere(&report)
        cleanUp(after: &report)
        guard let replies else { return report }
        let senders = Set(report.merged.filter { $0.outcome != .refused && $0.outcome != .failed }.map(\.device))
        reply(into: &report) { device in
            guard try senders.contains(device.name) || all && lacksSomething(device) else { return nil }
            if try isRevoked(device) { return nil }
            try FileManager.default.createDirectory(atPath: replies, withIntermediateDirectories: true)
            return "\(replies)/\(device.name).satchel"
        }
        return report
    }

    /// Notes how far every live device is, and each copy of its file, for the replies to say (INB-13).
    func noteEverywhere(_ report: inout MergeReport) {
        do {
            try replica.withEngine { engine in
                try engine.transaction {
                    let position = try Int64(clamping: DeviceLines(engine.store).claimedByAll(epoch: engine.epoch))
                    // Nothing to write, nothing to wait for.
                    if try engine.store.metaInteger("everywhere") == position { return }
                    try engine.store.setMeta("everywhere", .integer(position))
                }
            }
        } catch {
            report.failures.append(Complaint(error))
        }
    }

    /// Writes a reply for each device that `path` names a place for. One that cannot be written
    /// stops no other: the merges before it stand.
    func reply(into report: inout MergeReport, path: (Device) throws -> String?) {
        do {
            for device in try devices() {
                do {
                    guard let path = try path(device) else { continue }
                    let pack = try self.pack(for: device, to: path)
                    report.replies.append(.init(device: device.name, path: path, rows: pack.rows, bytes: pack.bytes))
                } catch {
                    let complaint = Complaint(error)
                    report.failures.append(
                        Complaint(
                            complaint.kind, "no reply for \(device.name): \(complaint.sentence)", try: complaint.hint))
                }
            }
        } catch {
            report.failures.append(Complaint(error))
        }
    }

    /// Whether a device has not yet said that it has everything: a receipt that it has not seen is a lack too. One
    /// that was given up is not waited for.
    func lacksSomething(_ device: Device) throws -> Bool {
        if device.retired != nil { return false }
        return try replica.withEngine { engine in
            try engine.transaction {
                try engine.seal()
                return try device.standing.epoch != engine.epoch || device.standing.position < engine.position
                    || device.standing.scopes != scopesTag(of: device, engine)
            }
        }
    }

    /// Writes what a device lacks, since the last position that it said it had.
    @discardableResult
    public func pack(for name: String, to path: String) throws -> PackReport {
        let device = try replica.withEngine { engine in
            try engine.transaction { try Registry(engine.store).device(named: name) }
        }
        if try isRevoked(device) {
            throw UsageError("\(name) was shut out: nothing is given to it", try: "enrol the person's new device")
        }
        return try pack(for: device, to: path)
    }

    private func pack(for device: Device, to path: String) throws -> PackReport {
        try replica.withEngine { engine in
            try engine.commitSeal()
            return try engine.transaction {
                // The rows must be those of the seal: another program may have written since.
                try engine.seal()
                return try pack(for: device, served(device, engine), to: path, engine)
            }
        }
    }

    /// In the caller's transaction.
    private func pack(
        for device: Device, _ served: Served, to path: String, _ engine: Engine
    ) throws -> PackReport {
        try engine.writeReply(
            to: path,
            for: .init(
                audience: Grant.audience(tokenKey: device.tokenKey, dataSet: engine.dataSet),
                origin: device.origin, standing: device.standing, clockAhead: device.clockAhead,
                handedIn: Registry(engine.store).handedIn(device.name), schema: device.schema,
                adopted: device.adopted),
            scopes: served.tag, confined: served.view, certificate: served.certificate)
    }
}
