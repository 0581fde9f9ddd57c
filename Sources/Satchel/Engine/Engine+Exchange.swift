package import SatchelModel
internal import SatchelStore
package import SatchelWire

/// What was packed into a bundle.
public struct PackReport: Sendable {
    public var changesets: Int
    public var rows: Int
    /// Bytes of the file.
    public var bytes: Int
    /// The bundle's id.
    package var bundle: OriginID?
}

/// Up to the hub and sideways to other devices: changesets, whole.
extension Engine {
    /// Everything the hub has not receipted, with a request for what is missing here. Always writes a file.
    ///
    /// What is sealed is committed before it leaves in a file: after a crash it must not be sealed once more.
    ///
    /// - Parameter asking: where another that goes by this replica's name stands, below it: the reply is to serve both.
    package func packUp(to path: String, asking: Standing? = nil) throws -> PackReport {
        try sweepTraces()
        try commitSeal()
        return try transaction {
            let handsIn = try mustHandIn
            let dots = try handsIn ? store.kept() : store.dots(.pending) + store.dots(.parked)
            let receipt = try erasureReceipt()
            let orders = try ordersToHandIn(all: handsIn)
            let left = try leftLines
            let report = try pack(dots, header(.up, for: nil), to: path, isThere: store.isTold) { writer in
                try writer.append(.standing(self.standing()))
                if let asking { try writer.append(.standing(asking)) }
                if !left.isEmpty { try writer.append(.left(left)) }
                if let receipt { try writer.append(.erased(receipt)) }
                for order in orders { try writer.append(.erasure(order)) }
            } last: { writer in
                if handsIn { try appendHandIn(to: writer) }
            }
            if planted == .packedIsReceived { for dot in dots { try store.setStanding(dot, .settled) } }
            return report
        }
    }

    /// The lines that this file wrote before and that nothing goes on with, as far as it can tell: it was put back, or met a
    /// branch of them. Of a line that it was copied from another file may be the owner.
    private var leftLines: [OriginID] {
        get throws {
            let left = try store.formerLines().filter { $0.reason != Renewal.copied.rawValue }
            return left.suffix(Limits.formerLines).map(\.origin)
        }
    }

    /// The orders to erase that the hub may lack, or of which it may not know a place where they stood (ERA-9).
    private func ordersToHandIn(all: Bool) throws -> [SignedErasure] {
        let all = try all || store.meta("hand_in_erasures") != nil
        guard try all || erasures().orders.contains(where: { !$0.earlier.isEmpty }) else { return [] }
        return try store.erasures().map { try SignedErasure(decoding: $0) }
            .filter { all || !$0.order.earlier.isEmpty }
    }

    /// What this replica has, for another to work out what it lacks.
    package func writeHave(to path: String) throws -> Int {
        try commitSeal()
        return try reading {
            let standing = try self.standing(
                beyond: store.chain(.pending).map(\.dot) + store.chain(.parked).map(\.dot))
            let certificate = try scopeCertificate()
            return try write(path, header(.have, for: nil)) { writer in
                if let certificate { try writer.append(.scopes(certificate)) }
                try writer.append(.standing(standing))
            }
        }
    }

    /// What the replica that made the `have` lacks of what is pending or parked here (EXC-21).
    package func packSideways(have: String, to path: String) throws -> PackReport {
        let bundle = try verify(have)
        guard bundle.header.kind == .have else {
            throw RefusedBundle(description: "This is not a file that `have` made.")
        }
        var theirs: Standing?
        var receiver: ScopeCertificate?
        try bundle.forEach { item in
            if case .standing(let standing) = item { theirs = standing }
            if case .scopes(let certificate) = item {
                try check(certificate, of: bundle.certificate)
                receiver = certificate
            }
        }
        guard let theirs else { throw WireError.damaged("the `have` file says nothing") }
        if let revocation = try reading({ try revocation(of: bundle.certificate) }) {
            throw RefusedBundle(description: "The hub has shut out \(revocation.name): nothing is given to it.")
        }
        if try reading({ try isSecond(bundle.certificate) }) {
            throw RefusedBundle(
                description:
                    "It was set up with the enrolment of \(bundle.certificate.name), which belongs to another device: "
                    + "nothing is given to it.")
        }
        try commitSeal()
        return try transaction {
            for dot in theirs.beyond { try noticeFork(dot) }
            let had = Set(theirs.beyond)
            let lacked = try (store.chain(.pending) + store.chain(.parked)).filter { !had.contains($0.dot) }
            let dots = try allowed(lacked.map(\.id), for: receiver)
            let hubIsLevel = try theirs.epoch == epoch && theirs.position >= position
            // Whoever may not hold everything is told nothing of the authors of what is withheld (P11).
            let isConfined = receiver.map { !$0.isOfAll } ?? false
            // What the receiver says it has is named too: it may be an older copy that takes the bundle in.
            return try pack(dots, header(.sideways, for: bundle.header.sender), to: path) { dot in
                try isConfined || hubIsLevel && store.isTold(dot)
            } first: { _ in
            }
        }
    }

    /// What leaves a replica is in its file first: a crash between the two must not let a sequence be used again.
    package func commitSeal() throws { try transaction { _ = try seal() } }

    /// `isThere` says what the receiver is known to have.
    private func pack(
        _ dots: [DotID], _ header: BundleHeader, to path: String, isThere: (Dot) throws -> Bool,
        first: (BundleWriter) throws -> Void, last: (BundleWriter) throws -> Void = { _ in }
    ) throws -> PackReport {
        var report = PackReport(changesets: 0, rows: 0, bytes: 0, bundle: header.bundle)
        let dots = try inWholeSeals(dots, after: header.kind == .up ? store.isTold : { _ in false })
        report.bytes = try write(path, header) { writer in
            try first(writer)
            try appendNotices(after: nil, to: writer)
            for author in try authors(of: dots) where author.origin != origin { try writer.append(.author(author)) }
            var named = NamedCauses()
            for dot in dots {
                guard let (head, dot) = try append(dot, to: writer) else { continue }
                named.take(head, dot)
                report.changesets += 1
                report.rows += Int(head.rows)
            }
            let causes = try named.missing.filter { try !isThere($0) }.compactMap { try cause($0) }
            if !causes.isEmpty { try writer.append(.causes(causes)) }
            try last(writer)
        }
        for dot in dots where try store.known(dot).dot.origin == origin { try store.noteMade(dot, at: header.made) }
        return report
    }

    /// The same changesets, those that were sealed together one after another, all of them or none (EXC-32).
    ///
    /// - Parameter isThere: what the receiver has for certain, with all that was sealed together with it.
    private func inWholeSeals(_ dots: [DotID], after isThere: (Dot) throws -> Bool) throws -> [DotID] {
        var heads: [DotID: ChangesetHeader] = [:]
        for dot in dots { heads[dot] = try head(dot) }
        var followers: [Dot: DotID] = [:]
        for dot in dots {
            guard let head = heads[dot] else { continue }
            followers[Dot(origin: head.origin, sequence: head.sequence - 1, tag: head.previous.tag)] = dot
        }
        // Whatever follows none of the others may follow what was sealed together with it and is not sent.
        let there = Set(try dots.map { try store.known($0).dot })
        let headless = Set(
            try followers.filter { before, _ in
                guard before.sequence > 0, !there.contains(before), try !isThere(before),
                    let id = try store.metDot(before)
                else { return false }
                return try head(id)?.more ?? 0 > 0
            }.values)
        guard !headless.isEmpty || heads.values.contains(where: { $0.more > 0 }) else { return dots }
        var ordered: [DotID] = []
        var placed: Set<DotID> = []
        for dot in dots where !placed.contains(dot) {
            var seal = [dot]
            while let last = seal.last, heads[last]?.more ?? 0 > 0, let next = followers[try store.known(last).dot] {
                seal.append(next)
            }
            placed.formUnion(seal)
            if let last = seal.last, heads[last]?.more == 0, !headless.contains(dot) { ordered += seal }
        }
        return ordered
    }

    /// What is known here of a changeset that is not sent, for people at the other end (EXC-34).
    private func cause(_ dot: Dot) throws -> Cause? {
        let rumour = try store.rumour(dot)
        guard let id = try store.metDot(dot) else { return nil }
        let known = try store.known(id)
        guard known.time.milliseconds != .min || rumour != nil else { return nil }
        let name = try store.author(dot.origin)?.name ?? ""
        return Cause(
            dot: dot, time: known.time.milliseconds != .min ? known.time : rumour?.time ?? known.time,
            made: try store.made(id) ?? rumour?.made, device: name.isEmpty ? rumour?.device ?? "" : name)
    }

    /// Takes in the changesets of a verified bundle, in the caller's transaction. Returns the sender's standing if
    /// the bundle carries one.
    ///
    /// `meet` gets the certificate of each author before its changesets come.
    package func takeIn(
        _ bundle: VerifiedBundle, intake: inout Intake, meet: (Certificate) throws -> Void = { _ in }
    ) throws -> Standing? {
        try seal()
        try learn(
            Author(origin: bundle.header.sender, name: bundle.certificate.name, certificate: bundle.certificate.encoded)
        )
        intake.bundle = isHub ? nil : (bundle.header.sender, bundle.header.made)
        let batch = newBatch()
        var standing: Standing?
        var adoption: Adoption?
        var notices: [SealedNotice] = []
        try bundle.forEach { item in
            switch item {
            case .standing(let theirs):
                standing = theirs
                intake.standings.append(theirs)
                if try isHub && !isShutOut(bundle.certificate) { try noticeRestore(theirs) }
            case .author(let author) where intake.handIn != nil && author.certificate.isEmpty:
                // The name of somebody whose changes nobody has any more; a known name stays.
                if try store.author(author.origin)?.name.isEmpty ?? true { try learn(author) }
            case .author(let author):
                try meet(Certificate(decoding: author.certificate))
                try learn(author)
            case .changeset(let changeset):
                try verifyAuthor(changeset)
                try receive(changeset, batch: batch, intake: &intake)
            // A device takes orders from the hub only, in the place that they have in its log.
            case .erasure(let order):
                if isHub { try reissue(order) } else if try isNews(order) { intake.isLeftToHub = true }
            case .erased(let standing): intake.erased = standing
            case .causes(let causes): intake.causes += causes
            case .left(let lines): intake.left += lines
            case .notice(let notice):
                try take(notice, batch: batch)
                notices.append(notice)
            case .handIn(let handIn):
                try unpark(batch: batch, intake: &intake)
                try batch.settle()
                intake.handIn = handIn.point
                if try !isShutOut(bundle.certificate) {
                    try noticeMisled(handIn.point)
                    adoption = try beginAdoption(
                        handIn, of: bundle.header.sender, from: bundle.certificate.name, heard: Notices(notices),
                        erased: intake.erased)
                }
            case .dots(let dots) where intake.handIn != nil:
                for known in dots {
                    adoption?.dots.append(try store.dotID(known.dot, time: known.time, actor: known.actor))
                }
            case .state(let section) where intake.handIn != nil: if let adoption { try adopt(section, adoption) }
            case .reply, .dots, .state, .confinement, .scopes, .bases, .schema:
                throw WireError.damaged("a bundle of changesets carries state")
            }
        }
        if let adoption {
            try adoption.batch.settle()
            intake.leftOut = adoption.leftOut
            // What waited for something that is lost waits no more.
            for id in try store.dots(.parked) { try lookAgain(id, batch: batch, intake: &intake) }
        }
        try unpark(batch: batch, intake: &intake)
        try batch.settle()
        try followErasures()
        return standing
    }
}

/// The changesets that those of a bundle name as their causes, and which of these are not in it.
private struct NamedCauses {
    private var held: Set<Dot> = []
    private var named: [Dot] = []
    private var seen: Set<Dot> = []

    mutating func take(_ head: ChangesetHeader, _ dot: Dot) {
        held.insert(dot)
        var causes = head.clock.others.entries.map(\.dot)
        if head.sequence > 1 {
            causes.append(Dot(origin: head.origin, sequence: head.sequence - 1, tag: head.previous.tag))
        }
        for cause in causes where seen.insert(cause).inserted { named.append(cause) }
    }

    var missing: [Dot] { named.filter { !held.contains($0) } }
}
