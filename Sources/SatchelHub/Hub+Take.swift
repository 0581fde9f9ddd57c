internal import Foundation
internal import Satchel
internal import SatchelStore
internal import SatchelWire

/// Taking in one bundle that was verified, in the caller's transaction.
extension Hub {
    /// - Parameter isAccepted: a receipt was given for it: all of it is taken (EXC-42).
    ///
    /// Returns the authors whose changesets were left out because their enrolment was used on another device.
    func take(
        _ bundle: VerifiedBundle, isAccepted: Bool, _ engine: Engine, _ merged: inout MergeReport.Merged
    ) throws -> Set<OriginID> {
        let registry = Registry(engine.store)
        try admit(bundle.certificate, registry, at: engine.clock.now())
        try engine.seal()
        engine.store.watchConflicts()
        let aside = try engine.asideCount()
        let admission = try ScopeBook(engine.store).isInUse ? ScopeAdmission(engine) : nil
        engine.admission = admission
        defer { engine.admission = nil }
        var intake = Engine.Intake()
        intake.hasItsRoom = isAccepted
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
        let id = bundle.header.bundle.bytes
        // The same bundle once more, found again where it lies, is no sign of its device (EXC-49).
        if try !registry.hasCome(with: id, merged.device) {
            try registry.note(
                merged.device, origin: bundle.header.sender, at: now,
                ahead: ahead.overflow ? 0 : max(0, ahead.partialValue))
        }
        merged.bundle = id
        merged.isWhole = intake.strangers.isEmpty && intake.turnedAway == 0 && intake.leftOut == 0
        try registry.note(merged.device, bundle: id, isWhole: merged.isWhole)
        try registry.note(merged.device, schema: bundle.header.schema)
        if try engine.revocation(of: bundle.certificate) != nil { try registry.retire(merged.device, at: now) }
        try registry.note(merged.device, handedIn: intake.carried)
        if let handIn = intake.handIn { try registry.note(merged.device, adopted: handIn) }
        if let standing {
            try registry.note(merged.device, standing: standing)
            if let admission {
                // What found no room too: it was made when its author stood no further than here.
                try admission.meet(intake.carried)
                try DeviceClaims(engine).note(standing, of: merged.device)
            }
        }
        // A bundle that says nothing of orders was made by a device that knows of none, perhaps not any more.
        if standing != nil {
            try registry.note(merged.device, erased: intake.erased ?? .init(epoch: 0, position: 0, orders: 0))
        }
        merged.changesets = intake.applied
        merged.rows = intake.rows
        merged.newConflicts = try engine.store.openedConflicts()
        merged.setAside = max(0, try engine.asideCount() - aside) + intake.strangers.count + intake.withheld
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
        if intake.leftOut > 0 {
            merged.leftOut = intake.leftOut
            merged.reasons.append(
                "\(intake.leftOut) of the rows that it hands in name rows that the device could not hold; that was left out, "
                    + "and the bundle is kept: grant the device what it had, and merge it once more")
        }
        if !intake.strangers.isEmpty {
            merged.reasons.append(
                "it also carries changes of a device whose enrolment was used on another device already; they were left "
                    + "out, and the bundle is kept in quarantine")
        }
        return intake.strangers
    }

    /// A token admits the first device key that comes with it; a second one is refused and its bundle kept.
    func admit(_ certificate: Certificate, _ registry: Registry, at time: Timestamp) throws {
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

    func quarantine(_ contents: [UInt8], device: String) throws {
        let folder = directory + "/quarantine"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let kept = "\(folder)/\(device)-\(sha256(contents).description.prefix(16)).satchel"
        if !FileManager.default.fileExists(atPath: kept) {
            try Data(contents).write(to: URL(fileURLWithPath: kept), options: .atomic)
        }
    }
}
