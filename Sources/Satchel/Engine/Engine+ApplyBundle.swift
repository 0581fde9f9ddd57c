internal import Foundation
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// A bundle that was not taken: damaged, forged, or not for this replica. Nothing of it remains.
public struct RefusedBundle: Error, Sendable, CustomStringConvertible {
    /// Why, in a sentence.
    public let description: String
    /// What to do about it.
    public let hint: String
    /// It is this device that the hub gives nothing, whatever bundle comes.
    let isOfThisDevice: Bool

    init(
        description: String, isOfThisDevice: Bool = false,
        try hint: String = "copy it again; if that does not help, `satchel inspect` says whose it is and for whom"
    ) {
        self.description = description
        self.hint = hint
        self.isOfThisDevice = isOfThisDevice
    }
}

/// What became of a bundle.
public struct ApplyReport: Sendable {
    public enum Outcome: Sendable, Equatable {
        case applied
        /// Nothing in it was new.
        case alreadyHad
        /// Something in it waits for what is not here yet; `waitsFor` names it.
        case parked
    }

    public var outcome: Outcome
    /// Device or hub that made it.
    public var sender: String
    public var changesets: Int
    public var rows: Int
    public var parked: Int
    /// What parked changesets wait for, in a person's words.
    public var waitsFor: [String]
    /// Changesets that would wait too and were not taken, for want of room (EXC-35).
    public var turnedAway: Int
    /// Rows that are held aside now and were not before.
    public var setAside: Int
    /// Conflicts open now and not before.
    public var newConflicts: Int
}

extension Engine {
    /// Takes in one bundle of any kind that a device may get, in one transaction.
    package func apply(_ path: String) throws -> ApplyReport {
        var intake = Intake()
        return try apply(path, &intake)
    }

    /// Takes in a bundle for the hub that this replica is about to replace by its own (EXC-47).
    ///
    /// - Returns: where its maker stood, whether all that it says to the hub is said from here from now on, and how many rows
    ///   are held aside by it.
    func takeOver(_ path: String) throws -> (standing: Standing?, isCarriedOn: Bool, setAside: Int) {
        var intake = Intake()
        let report = try apply(path, &intake)
        return (intake.standings.first, intake.turnedAway == 0 && !intake.isLeftToHub, report.setAside)
    }

    private func apply(_ path: String, _ intake: inout Intake) throws -> ApplyReport {
        try refusing {
            let spool = try Spool(path, beside: store.db.path)
            defer { spool.remove() }
            let bundle = try verify(spool.path)
            let report = try transaction { try take(bundle, &intake) }
            try sweepTraces()
            return report
        }
    }

    /// Turns what is wrong with a bundle into a refusal; what is wrong with this replica or its disk stays itself.
    package func refusing<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as WireError {
            if case .io = error { throw error }
            throw RefusedBundle(description: error.sentence)
        }
    }

    private func take(_ bundle: VerifiedBundle, _ intake: inout Intake) throws -> ApplyReport {
        var outcome = ApplyReport.Outcome.applied
        var waits: [String] = []
        // What was written here and not sealed may go aside by that alone, and nothing else would tell of it.
        store.watchAside()
        try seal()
        store.watchConflicts()
        switch bundle.header.kind {
        case .down:
            switch try takeDown(bundle, intake: &intake) {
            case .applied: break
            case .alreadyHad: outcome = .alreadyHad
            case .gap(let from, let at):
                outcome = .parked
                waits = [
                    from > at
                        ? "the hub's changes from number \(at + 1) to \(from): ask the hub again with `pack`"
                        : "the hub, which was put back or asks for all that is here: hand in with `pack`, and ask again"
                ]
            }
        case .up, .sideways:
            _ = try takeIn(bundle, intake: &intake)
            if intake.applied == 0 { outcome = .alreadyHad }
        case .have:
            throw RefusedBundle(
                description: "This file says what a replica has; give it to `pack --have`.",
                try: "pack for that replica with `pack --have` and this file, and take what it packs for you")
        }
        if !intake.parked.isEmpty || intake.turnedAway > 0 { outcome = .parked }
        waits += try self.waits(intake.parked) + intake.noRoom
        return ApplyReport(
            outcome: outcome, sender: bundle.certificate.name, changesets: intake.applied, rows: intake.rows,
            parked: intake.parked.count, waitsFor: waits, turnedAway: intake.turnedAway,
            setAside: try store.movedAside().went, newConflicts: try store.openedConflicts())
    }
}
