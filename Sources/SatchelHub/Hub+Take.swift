internal import Foundation
internal import Satchel
internal import SatchelStore
internal import SatchelWire

/// Taking in one bundle that was verified, in the caller's transaction.
extension Hub {
    /// - Parameter isAccepted: a receipt was given for it: all of it is taken (EXC-42).
    func take(
        _ bundle: VerifiedBundle, isAccepted: Bool, _ engine: Engine, _ merged: inout MergeReport.Merged
    ) throws {
        let registry = Registry(engine.store)
        try engine.seal()
        func meet(_ certificate: Certificate) throws { try admit(certificate, registry, engine) }
        try meet(bundle.certificate)
        let isSecond = try engine.isSecond(bundle.certificate)
        engine.store.watchConflicts()
        engine.store.watchAside()
        let admission = try ScopeBook(engine.store).isInUse ? ScopeAdmission(engine) : nil
        engine.admission = admission
        defer { engine.admission = nil }
        var intake = Engine.Intake()
        intake.hasItsRoom = isAccepted
        let standing = try engine.takeIn(bundle, intake: &intake) { certificate in
            try certificate.verify(hubKey: engine.hubKey, dataSet: engine.dataSet)
            if certificate.grant != nil { try meet(certificate) }
        }
        try admission?.tryAgain()
        merged.bundle = bundle.header.bundle.bytes
        merged.isWhole = intake.turnedAway == 0 && intake.leftOut == 0
        // The name is another device's, and so is what is noted of it.
        if !isSecond {
            try note(bundle, intake, standing, isWhole: merged.isWhole, registry, engine)
            if let admission, let standing {
                // What found no room too: it was made when its author stood no further than here.
                try admission.meet(intake.carried)
                try DeviceClaims(engine).note(standing, of: merged.device)
            }
        }
        merged.changesets = intake.applied
        merged.rows = intake.rows
        merged.newConflicts = try engine.store.openedConflicts()
        merged.setAside = try engine.store.movedAside().went + intake.withheld
        merged.setAside += admission?.count ?? 0
        if !intake.parked.isEmpty || intake.turnedAway > 0 {
            merged.outcome = .parked
            merged.parked = intake.parked.count
            merged.turnedAway = intake.turnedAway
            merged.reasons += try engine.waits(intake.parked) + intake.noRoom
        } else if intake.applied == 0 {
            merged.outcome = .alreadyHad
        }
        // Of what is parked the reasons say what it waits for.
        if intake.withheld > 0, merged.outcome != .parked {
            merged.reasons.append("changes of a device that was shut out are kept without effect: see `quarantine`")
        }
        if isSecond, merged.outcome != .parked {
            merged.reasons.append(
                "the enrolment of \(merged.device) was used on another device before: what this one makes is kept without effect; "
                    + "enrol it under another name, and let what it made count with `quarantine --release`")
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
    }

    /// What a bundle says of its sender.
    private func note(
        _ bundle: VerifiedBundle, _ intake: Engine.Intake, _ standing: Standing?, isWhole: Bool, _ registry: Registry,
        _ engine: Engine
    ) throws {
        let (device, now, id) = (bundle.certificate.name, engine.clock.now(), bundle.header.bundle.bytes)
        let ahead = bundle.header.made.milliseconds.subtractingReportingOverflow(now.milliseconds)
        // The same bundle once more, found again where it lies, is no sign of its device (EXC-49).
        if try !registry.hasCome(with: id, device) {
            try registry.note(
                device, origin: bundle.header.sender, at: now, ahead: ahead.overflow ? 0 : max(0, ahead.partialValue))
        }
        try registry.note(device, bundle: id, isWhole: isWhole)
        try registry.note(device, schema: bundle.header.schema)
        if try engine.revocation(of: bundle.certificate) != nil { try registry.retire(device, at: now) }
        try registry.note(device, handedIn: intake.carried)
        if let handIn = intake.handIn { try registry.note(device, adopted: handIn) }
        guard let standing else { return }
        try registry.note(device, standing: standing)
        // A bundle that says nothing of orders was made by a device that knows of none, perhaps not any more.
        let erased = intake.erased ?? .init(epoch: 0, position: 0, orders: 0)
        try registry.note(device, erased: erased)
        let (lines, sender) = (DeviceLines(engine.store), bundle.header.sender)
        try lines.note(device, origin: sender, standing: standing, erased: erased, epoch: engine.epoch)
        try lines.note(device, left: intake.left, by: sender, at: engine.position)
    }

    /// A token belongs to the first device key that comes with it, and that is made known when another does (REV-8).
    private func admit(_ certificate: Certificate, _ registry: Registry, _ engine: Engine) throws {
        if try isFirst(certificate, registry, engine) { return }
        guard let grant = certificate.grant, let device = try registry.find(grant.name) else { return }
        let owner = device.tokenKey == grant.tokenKey ? device.deviceKey : nil
        try engine.bind(grant.tokenKey, to: owner, name: grant.name)
    }

    /// Whether no other device came with the token before, to this hub or to the one that it stands for.
    func isFirst(_ certificate: Certificate, _ registry: Registry, _ engine: Engine) throws -> Bool {
        guard let grant = certificate.grant else {
            throw WireError.untrusted("the bundle says it is from the hub itself")
        }
        guard let device = try registry.find(grant.name) else {
            // The grant is this hub's own: its list of devices was restored from before the enrolment.
            // When that was is lost with it: before anything that this hub ever ordered (ERA-8).
            try registry.enrol(
                name: grant.name, displayName: grant.name, tokenKey: grant.tokenKey, at: Timestamp(milliseconds: 0))
            try registry.admit(grant.name, deviceKey: certificate.deviceKey)
            return true
        }
        guard device.tokenKey == grant.tokenKey else { return false }
        if let owner = try engine.owner(ofToken: grant.tokenKey) {
            guard owner == certificate.deviceKey else { return false }
            // A hub that was rebuilt heard of it after it had met the other.
            if device.deviceKey != owner { try registry.put(grant.name, deviceKey: owner) }
            return true
        }
        if let known = device.deviceKey { return known == certificate.deviceKey }
        try registry.admit(grant.name, deviceKey: certificate.deviceKey)
        return true
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
