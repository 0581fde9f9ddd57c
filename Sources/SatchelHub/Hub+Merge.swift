internal import Foundation
public import Satchel
internal import SatchelStore
internal import SatchelTransport
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
        /// Why it was refused, or what it waits for.
        public var reasons: [String]
        /// Why it was refused or failed, and what to do.
        public var complaint: Complaint?
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
}

extension Hub {
    /// Merges bundles, one transaction each, and writes a reply for each sender; a refused one stops no other.
    ///
    /// - Parameter replies: the folder for `NAME.satchel`; nil: none are written.
    /// - Parameter all: also for every other device that lacks something.
    public func merge(_ paths: [String], replies: String? = nil, all: Bool = false) throws -> MergeReport {
        var report = MergeReport()
        var senders: Set<String> = []
        for path in paths {
            let merged = merge(path)
            if merged.outcome != .refused, merged.outcome != .failed { senders.insert(merged.device) }
            report.merged.append(merged)
        }
        noteEverywhere(&report)
        cleanUp(after: &report)
        guard let replies else { return report }
        reply(into: &report) { device in
            guard try senders.contains(device.name) || all && lacksSomething(device) else { return nil }
            try FileManager.default.createDirectory(atPath: replies, withIntermediateDirectories: true)
            return "\(replies)/\(device.name).satchel"
        }
        return report
    }

    /// Notes how far every live device is, for the replies to say (INB-13).
    private func noteEverywhere(_ report: inout MergeReport) {
        do {
            try replica.withEngine { engine in
                try engine.transaction {
                    let position = try Registry(engine.store).claimedByAll(epoch: engine.epoch)
                    try engine.store.setMeta("everywhere", .integer(Int64(clamping: position)))
                }
            }
        } catch {
            report.failures.append(Complaint(error))
        }
    }

    /// Writes a reply for each device that `path` names a place for. One that cannot be written
    /// stops no other: the merges before it stand.
    private func reply(into report: inout MergeReport, path: (Device) throws -> String?) {
        do {
            for device in try devices() {
                do {
                    guard try !isRevoked(device), let path = try path(device) else { continue }
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

    /// Meets the devices at a folder: merges what lies there for the hub, leaves what each device lacks.
    @discardableResult
    public func sync(folder root: String) throws -> MergeReport {
        let folder = try DropFolder(root)
        var report = try merge(folder.bundles(.toHub))
        reply(into: &report) { device in
            guard try lacksSomething(device) else {
                try folder.remove(.toDevice, device: device.name)
                return nil
            }
            return try folder.path(.toDevice, device: device.name)
        }
        return report
    }

    private func merge(_ path: String) -> MergeReport.Merged {
        var merged = MergeReport.Merged(
            path: path, outcome: .applied, device: "", changesets: 0, rows: 0, bytes: 0, newConflicts: 0, setAside: 0,
            reasons: [])
        do {
            try replica.withEngine { engine in
                try engine.refusing { try merge(path, engine, &merged) }
            }
        } catch {
            let complaint = Complaint(error)
            merged.outcome = complaint.kind == .refused ? .refused : .failed
            merged.complaint = complaint
            merged.reasons = [complaint.sentence]
        }
        return merged
    }

    private func merge(_ path: String, _ engine: Engine, _ merged: inout MergeReport.Merged) throws {
        let spool = try Spool(path, beside: engine.store.db.path)
        defer { spool.remove() }
        let bundle = try engine.verify(spool.path)
        guard bundle.header.kind == .up || bundle.header.kind == .sideways else {
            throw Complaint(
                .refused, "only a device's bundle of changes can be merged at the hub",
                try: "`satchel inspect` says what this one is")
        }
        merged.device = bundle.certificate.name
        merged.bytes = bundle.bytes
        do {
            let strangers = try engine.transaction { try take(bundle, engine, &merged) }
            try engine.sweepTraces()
            if !strangers.isEmpty { try quarantine(spool.path, device: merged.device) }
        } catch let error as WireError {
            if case .untrusted = error { try quarantine(spool.path, device: merged.device) }
            throw error
        }
    }

    /// Returns the authors whose changesets were left out because their enrolment was used on another device.
    private func take(
        _ bundle: VerifiedBundle, _ engine: Engine, _ merged: inout MergeReport.Merged
    ) throws -> Set<OriginID> {
        let registry = Registry(engine.store)
        try admit(bundle.certificate, registry, at: engine.clock.now())
        try engine.seal()
        let conflicts = Set(try engine.store.listedConflicts().map(\.id))
        let aside = try engine.aside().count
        let admission = try ScopeBook(engine.store).isInUse ? ScopeAdmission(engine) : nil
        engine.admission = admission
        defer { engine.admission = nil }
        var intake = Engine.Intake()
        let standing = try engine.takeIn(bundle, intake: &intake) { certificate in
            try certificate.verify(hubKey: engine.hubKey, dataSet: engine.dataSet)
            if certificate.grant == nil { return true }
            do {
                try admit(certificate, registry, at: engine.clock.now())
                return true
            } catch WireError.untrusted {
                return false
            }
        }
        try admission?.tryAgain()
        let now = engine.clock.now()
        let ahead = bundle.header.made.milliseconds.subtractingReportingOverflow(now.milliseconds)
        try registry.note(
            merged.device, origin: bundle.header.sender, at: now, ahead: ahead.overflow ? 0 : max(0, ahead.partialValue)
        )
        try registry.note(merged.device, schema: bundle.header.schema)
        if try engine.revocation(of: bundle.certificate) != nil { try registry.retire(merged.device, at: now) }
        try registry.note(merged.device, handedIn: intake.carried)
        if let handIn = intake.handIn { try registry.note(merged.device, adopted: handIn) }
        if let standing {
            try registry.note(merged.device, standing: standing)
            try ScopeBook(engine.store).forgetSent(merged.device, before: standing.position)
        }
        // A bundle that says nothing of orders was made by a device that knows of none, perhaps not any more.
        if standing != nil {
            try registry.note(merged.device, erased: intake.erased ?? .init(epoch: 0, position: 0, orders: 0))
        }
        merged.changesets = intake.applied
        merged.rows = intake.rows
        merged.newConflicts = try engine.store.listedConflicts().filter { !conflicts.contains($0.id) }.count
        merged.setAside = max(0, try engine.aside().count - aside) + intake.strangers.count + intake.withheld
        merged.setAside += admission?.count ?? 0
        if intake.withheld > 0 {
            merged.reasons.append("changes of a device that was shut out are kept without effect: see `quarantine`")
        }
        if !intake.parked.isEmpty || intake.turnedAway > 0 {
            merged.outcome = .parked
            merged.parked = intake.parked.count
            merged.turnedAway = intake.turnedAway
            merged.reasons += try engine.waits(intake.parked) + intake.noRoom
        } else if intake.applied == 0 {
            merged.outcome = .alreadyHad
        }
        if let count = admission?.count, count > 0 {
            merged.reasons.append(
                "\(count) of its changes are of rows that the device could not hold; they are kept and not applied: "
                    + "`satchel-hub outside` lists them")
        }
        if !intake.strangers.isEmpty {
            merged.reasons.append(
                "it also carries changes of a device whose enrolment was used on another device already; they were left "
                    + "out, and the bundle is kept in quarantine")
        }
        return intake.strangers
    }

    /// A token admits the first device key that comes with it; a second one is refused and its bundle kept.
    private func admit(_ certificate: Certificate, _ registry: Registry, at time: Timestamp) throws {
        guard let grant = certificate.grant else {
            throw WireError.untrusted("the bundle says it is from the hub itself")
        }
        guard let device = try registry.find(grant.name) else {
            // The grant is this hub's own: its list of devices was restored from before the enrolment.
            // When that was is lost with it: before anything that this hub ever ordered (ERA-8).
            try registry.enrol(
                name: grant.name, displayName: grant.name, tokenKey: grant.tokenKey, at: Timestamp(milliseconds: 0))
            try registry.admit(grant.name, deviceKey: certificate.deviceKey)
            return
        }
        guard device.tokenKey == grant.tokenKey else {
            throw WireError.untrusted("the enrolment of \(grant.name) is not the one that the hub holds")
        }
        if let known = device.deviceKey {
            guard known == certificate.deviceKey else {
                throw WireError.untrusted(
                    "the enrolment of \(grant.name) was used on another device already; the bundle is kept in quarantine"
                )
            }
        } else {
            try registry.admit(grant.name, deviceKey: certificate.deviceKey)
        }
    }

    private func quarantine(_ path: String, device: String) throws {
        let folder = directory + "/quarantine"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let kept = "\(folder)/\(device)-\(sha256(data).description.prefix(16)).satchel"
        if !FileManager.default.fileExists(atPath: kept) {
            try data.write(to: URL(fileURLWithPath: kept), options: .atomic)
        }
    }
}
