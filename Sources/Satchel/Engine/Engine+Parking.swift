internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Changesets that came before what they build on: kept, let go by themselves, within bounds (EXC-33, EXC-35).
extension Engine {
    /// Keeps a changeset under the first thing that it lacks, if there is room for it and for all of its seal.
    func park(_ changeset: SealedChangeset, as id: DotID, for missing: Missing, intake: inout Intake) throws {
        let dot = changeset.dot
        if intake.continuesSeal(dot) { intake.seal.parts.append(dot) } else { intake.seal = ([dot], false) }
        let content = changeset.deflated ?? Deflate.compress(changeset.content)
        let bytes = content.count + changeset.header.count
        if try intake.seal.isAway || !hasRoom(for: bytes, of: dot.origin, &intake) {
            try turnAway(&intake)
        } else {
            try store.keep(
                id, standing: .parked, header: changeset.header, signature: changeset.signature, content: content,
                length: changeset.content.count, made: intake.made(dot), redaction: changeset.redaction?.encoded)
            try store.wait(id, of: dot.origin, for: missing.lack, bytes: bytes)
            try store.forgetRumours(of: id)
            intake.waiting?[dot.origin, default: 0] += bytes
            intake.parked.append(dot)
        }
        if changeset.head.more == 0 { intake.seal = ([], false) }
    }

    private func hasRoom(for bytes: Int, of author: OriginID, _ intake: inout Intake) throws -> Bool {
        if intake.hasItsRoom { return true }
        let waiting = try intake.waiting ?? store.parkedBytes()
        intake.waiting = waiting
        return waiting[author, default: 0] + bytes <= room.ofOne
            && waiting.values.reduce(bytes, +) <= room.all
    }

    /// Where there may be no room for a changeset that is to wait: lets go what waits for what came in this bundle, which makes
    /// room, or is what this one waits for. Returns whether it looked.
    func makeRoom(for changeset: SealedChangeset, batch: RowBatch, intake: inout Intake) throws -> Bool {
        // Of what was sealed together some parts may wait already, and stay or go with the others.
        if intake.arrived.isEmpty || intake.continuesSeal(changeset.dot) { return false }
        let most = (changeset.deflated ?? changeset.content).count + changeset.header.count
        if try hasRoom(for: most, of: changeset.head.origin, &intake) { return false }
        try unpark(batch: batch, intake: &intake)
        intake.waiting = nil
        return true
    }

    /// Of what was sealed together all is kept or none: what is parked of it already goes back too.
    private func turnAway(_ intake: inout Intake) throws {
        intake.turnedAway += intake.seal.isAway ? 1 : intake.seal.parts.count
        for part in intake.seal.parts.dropLast() where !intake.seal.isAway {
            let id = try store.dotID(part)
            try store.forget(id)
            try store.waitsNoMore(id)
            intake.parked.removeAll { $0 == part }
        }
        intake.seal.isAway = true
    }

    /// Lets go whatever waited for what arrived, and what waited for that, and so on. Whoever makes something known
    /// by another road than `receive` appends it to `intake.arrived` first.
    ///
    /// O(changesets that waited for it), each looked at once for each thing that it lacked.
    func unpark(batch: RowBatch, intake: inout Intake) throws {
        var next = 0
        for id in try store.waitingForProgram(upTo: UInt64(newestContent)) {
            try lookAgain(id, batch: batch, intake: &intake)
        }
        repeat {
            while next < intake.arrived.count {
                let dot = intake.arrived[next]
                next += 1
                for id in try store.waiting(for: .changeset(dot.origin, dot.sequence)) {
                    try lookAgain(id, batch: batch, intake: &intake)
                }
            }
            // What waits for a verdict may get it from the chain of what came (REV-3).
            for id in try store.waitingForHub(upTo: 0) { try lookAgain(id, batch: batch, intake: &intake) }
        } while next < intake.arrived.count
        intake.arrived = []
        try heed(intake.causes)
    }

    /// Looks again at what waited for the hub's state, or for changesets that the hub is now known to have. A snapshot,
    /// and any reply where the hub has not named all from the first on, may tell of more by the states of rows.
    func unpark(after reply: Reply, newEpoch: Bool, batch: RowBatch, intake: inout Intake) throws {
        if try reply.snapshot || newEpoch || store.metaInteger("told_from") ?? 0 > 0 {
            for id in try store.dots(.parked) { try lookAgain(id, batch: batch, intake: &intake) }
        } else if try !store.dots(.parked).isEmpty {
            for dot in reply.clock.entries.map(\.dot) + reply.told + reply.lost {
                if let id = try store.metDot(dot) { try lookAgain(id, batch: batch, intake: &intake) }
                intake.arrived.append(dot)
            }
            for id in try store.waitingForHub(upTo: reply.position) {
                try lookAgain(id, batch: batch, intake: &intake)
            }
        }
        try unpark(batch: batch, intake: &intake)
    }

    /// The version of a changeset's content, if this program cannot read it (EXC-36).
    func unreadable(_ changeset: SealedChangeset) -> UInt64? {
        ContentCoding.version(of: changeset.content).flatMap { $0 > newestContent ? UInt64($0) : nil }
    }

    /// A parked changeset that may lack nothing any more.
    func lookAgain(_ id: DotID, batch: RowBatch, intake: inout Intake) throws {
        guard try store.standing(of: id) == .parked, let head = try head(id) else { return }
        let dot = try store.known(id).dot
        if try !isHub && store.isTold(dot) {
            try settle(id, of: dot.origin)
            try store.waitsNoMore(id)
            intake.parked.removeAll { $0 == dot }
            intake.arrived.append(dot)
        } else if let first = try missing(head, dot).first {
            try store.wait(id, for: first.lack)
        } else if let kept = try sealed(id) {
            if let version = unreadable(kept) { return try store.wait(id, for: .program(version)) }
            // What could not be read when it came, or when the order did, still says what was erased (ERA-4).
            let rest = try isHub ? redacted(kept) ?? kept : kept
            if try isEvidentlyOutside(rest, batch: batch, intake: &intake) {
                return try store.wait(id, for: Missing.hub(epoch: epoch, position: position + 1).lack)
            }
            let (changeset, aside) = try ready(rest, as: id, batch: batch)
            if let redaction = changeset.redaction, redaction != kept.redaction {
                try store.redact(
                    id, content: Deflate.compress(changeset.content), length: changeset.content.count,
                    redaction: redaction.encoded)
                try store.setMeta("erasure_traces", .integer(1))
            }
            try store.setStanding(id, isHub ? .settled : .pending, arrivesNow: true)
            try store.waitsNoMore(id)
            intake.parked.removeAll { $0 == dot }
            try apply(changeset, as: id, batch: batch, without: aside, intake: &intake)
        }
    }

    /// A changeset that the hub has: a device keeps the bytes of its own and gives up those of others.
    func settle(_ id: DotID, of author: OriginID) throws {
        if Certificate.deviceKey(of: try store.author(author)) == certificate.deviceKey {
            try store.setStanding(id, .settled)
        } else {
            try store.forget(id)
        }
    }

    /// Remembers what was said of changesets that are not here, while anything waits (EXC-34).
    private func heed(_ causes: [Cause]) throws {
        for cause in causes {
            let met = try store.metDot(cause.dot).flatMap { try store.standing(of: $0) }
            if try met == nil && !knows(cause.dot) { try store.noteRumour(cause) }
        }
        try store.forgetRumours()
    }
}

extension Engine.Intake {
    /// In a person's words, what became of those for which there was no room.
    package var noRoom: [String] {
        turnedAway == 0
            ? []
            : [
                "room for \(turnedAway) changesets that wait too: bring what the others wait for, then this bundle "
                    + "once more"
            ]
    }

    /// Whether a changeset goes on where the last of a seal that was to be parked ended.
    func continuesSeal(_ dot: Dot) -> Bool {
        seal.parts.last.map { $0.origin == dot.origin && $0.sequence + 1 == dot.sequence } ?? false
    }

    /// When its author made the bundle that brings a changeset; nil: another brings it.
    func made(_ dot: Dot) -> Timestamp? { bundle?.sender == dot.origin ? bundle?.made : nil }
}

extension Engine.Missing {
    /// What the store looks it up by.
    var lack: Store.Lack {
        switch self {
        case .changeset(let dot), .predecessor(let dot): .changeset(dot.origin, dot.sequence)
        case .hub(_, let position): .hub(position)
        // No position settles it: only that the hub has the changeset itself.
        case .horizon: .hub(.max)
        // Any reply may say it.
        case .verdict: .hub(0)
        case .program(let version): .program(version)
        }
    }
}
