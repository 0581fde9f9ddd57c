internal import SatchelMerge
package import SatchelModel
internal import SatchelStore
package import SatchelWire

/// Devices that are shut out: what they sealed after the cut is known and has no effect (REV-1 to REV-6).
extension Engine {
    /// What the notices kept here come to.
    struct Notices {
        var revocations: [[UInt8]: Revocation] = [:]
        /// To which device a token belongs, of those that came with several.
        var bindings: [[UInt8]: Binding] = [:]
        var released: Set<Dot> = []

        /// Whether nothing that they say can keep a changeset from counting.
        var isEmpty: Bool { revocations.isEmpty && bindings.isEmpty }

        init(_ notices: [SealedNotice]) {
            for sealed in notices {
                switch sealed.notice {
                case .revocation(let revocation):
                    guard let known = revocations[revocation.tokenKey] else {
                        revocations[revocation.tokenKey] = revocation
                        continue
                    }
                    // The first counts; of two at one moment, everywhere the same.
                    let isFirst =
                        revocation.time != known.time
                        ? revocation.time < known.time
                        : revocation.cut.entries.lexicographicallyPrecedes(known.cut.entries)
                    if isFirst { revocations[revocation.tokenKey] = revocation }
                case .release(let release): released.formUnion(release.dots)
                case .binding(let binding):
                    let known = bindings[binding.tokenKey]
                    // The first counts, as of revocations.
                    let isFirst = known.map { known in
                        (binding.time, binding.deviceKey.hex) < (known.time, known.deviceKey.hex)
                    }
                    if isFirst ?? true { bindings[binding.tokenKey] = binding }
                }
            }
        }
    }

    /// Read from the file once in each transaction that asks: another program may have brought a notice.
    func notices() throws -> Notices {
        if let known = knownNotices { return known }
        let read = Notices(
            try store.notices(after: nil).map { try SealedNotice(bytes: $0.bytes, signature: $0.signature) })
        knownNotices = read
        return read
    }

    /// The revocation that a line falls under; nil: it may write.
    package func revocation(of origin: OriginID) throws -> Revocation? {
        let notices = try notices()
        if notices.revocations.isEmpty { return nil }
        guard let author = try store.author(origin), !author.certificate.isEmpty else { return nil }
        return try revocation(of: Certificate(decoding: author.certificate))
    }

    package func revocation(of certificate: Certificate) throws -> Revocation? {
        try certificate.grant.flatMap { try revocation(ofToken: $0.tokenKey) }
    }

    package func revocation(ofToken key: [UInt8]) throws -> Revocation? { try notices().revocations[key] }

    /// Whether another device was set up first with the enrolment of this one (REV-8).
    package func isSecond(_ certificate: Certificate) throws -> Bool {
        guard let grant = certificate.grant, let owner = try owner(ofToken: grant.tokenKey) else { return false }
        return certificate.deviceKey != owner && certificate.deviceKey != self.certificate.deviceKey
    }

    /// The key of the device to which a token belongs; nil: it came with one device alone, as far as is known.
    package func owner(ofToken key: [UInt8]) throws -> [UInt8]? { try notices().bindings[key]?.deviceKey }

    /// A device that was set up with the enrolment of another is given nothing by the hub; throws if this is one.
    func refuseIfSecondItself() throws {
        guard let grant = certificate.grant, let owner = try owner(ofToken: grant.tokenKey),
            owner != certificate.deviceKey
        else { return }
        throw RefusedBundle(
            description:
                "This device was set up with the enrolment of \(grant.name), which belongs to another one: the hub gives it "
                + "nothing, and what it makes has no effect there.",
            isOfThisDevice: true,
            try:
                "ask for an enrolment under another name; the operator lets what was entered here count with `quarantine --release`"
        )
    }

    func isSecond(_ origin: OriginID) throws -> Bool {
        guard try !notices().bindings.isEmpty, let author = try store.author(origin), !author.certificate.isEmpty else {
            return false
        }
        return try isSecond(Certificate(decoding: author.certificate))
    }

    /// Whether nothing that a device makes from now on counts, and nothing is given to it (REV-4, REV-8).
    package func isShutOut(_ certificate: Certificate) throws -> Bool {
        try revocation(of: certificate) != nil || isSecond(certificate)
    }

    /// Whether a changeset lies after the cut of its author's revocation (REV-2, REV-3), or is of a second device under one
    /// enrolment (REV-8).
    package enum Judgement { case counts, withheld, unsure }

    func judgement(of dot: Dot) throws -> Judgement {
        if try isSecond(dot.origin) { return try notices().released.contains(dot) ? .counts : .withheld }
        guard let revocation = try revocation(of: dot.origin), revocation.tokenKey != certificate.grant?.tokenKey
        else { return .counts }
        if try notices().released.contains(dot) { return .counts }
        switch revocation.cut.knowledge(of: dot) {
        case .contains: return .counts
        case .lacks: return .withheld
        case .unsure: break
        }
        // Below a head: in its chain, or of another branch. The chain says, as far as it is kept here.
        var isOpen = false
        for head in revocation.cut[dot.origin] where head.sequence > dot.sequence {
            var link: Dot? = head.dot
            while let at = link, at.sequence > dot.sequence { link = try store.predecessor(of: at) }
            if link == dot { return .counts }
            if link == nil { isOpen = true }
        }
        if !isOpen { return .withheld }
        // What the hub has below the cut it had before it.
        return try !isHub && store.isTold(dot) ? .counts : .unsure
    }

    // MARK: Notices come

    /// Takes in a notice; whatever it changes of what is kept here takes effect. A known one does nothing.
    ///
    /// - Parameter isPlaced: a changeset of the hub's own has moved its position on already.
    func take(_ sealed: SealedNotice, batch: RowBatch, isPlaced: Bool = false) throws {
        try sealed.verify(hubKey: hubKey, dataSet: dataSet)
        if try store.hasNotice(sealed.hash) { return }
        // It comes back to a hub that was put back: whoever stands at the end of the log must hear of it (EXC-45).
        if isHub, !isPlaced { try moveOn(note: "heard of a revocation or a release again") }
        try store.keepNotice(
            sealed.hash, bytes: sealed.bytes, signature: sealed.signature, position: isHub ? position : 0,
            awaitsRows: !isHub && epoch != 0)
        knownNotices = nil
        // It has come to count since: those who were past where it first lay do not have it (INB-13).
        if !isHub, case .release(let release) = sealed.notice {
            for dot in release.dots { if let id = try store.metDot(dot) { try store.forgetPosition(id) } }
        }
        var changed: [DotID] = []
        // One that was withheld may count again: by a release, and where an earlier binding takes the place of a later one.
        let idle = try Set(store.withheld().map { try store.known($0).dot.origin })
        for author in try store.authors()
        where try idle.contains(author.origin) || revocation(of: author.origin) != nil || isSecond(author.origin) {
            for id in try store.applied(of: author.origin) {
                let withheld = try judgement(of: store.known(id).dot) == .withheld
                if try store.isWithheld(id) == withheld { continue }
                try store.setWithheld(id, withheld)
                changed.append(id)
            }
        }
        if !changed.isEmpty { try workOutAgain(changed, batch: batch) }
    }

    /// The rows that these changesets name, as those that count make them. A device that lives with a hub gets them from
    /// there; who keeps every changeset works them out.
    private func workOutAgain(_ changed: [DotID], batch: RowBatch) throws {
        guard try isHub || epoch == 0 else {
            if try changed.contains(where: { try store.standing(of: $0) == .pending }) {
                try store.setMeta("fetch_all", .integer(1))
            }
            return
        }
        let restored = try isHub && store.wasRestored()
        var rows: Set<RowBatch.RowName> = []
        for id in changed {
            guard let changeset = try sealed(id) else { continue }
            let isIdle = try store.isWithheld(id)
            for (name, change) in try changes(of: changeset) {
                rows.insert(name)
                // Those of changes that count are raised again as the rows are made again.
                guard restored, isIdle else { continue }
                try unaccount(what: change, replaced: name)
                try layGhosts(of: change, store.rowHash(name.table, name.key))
            }
        }
        let states = try madeAgain(rows.sorted())
        for name in rows.sorted() {
            let working = try batch.row(name.table, name.key)
            working.state = states[name] ?? RowState()
            working.verdict = nil
            if isHub { try store.noteMoved(table: name.table, key: name.key) }
        }
    }

    /// Passes on every notice that is kept here.
    func appendNotices(after position: UInt64?, to writer: BundleWriter) throws {
        for notice in try store.notices(after: position) {
            try writer.append(.notice(SealedNotice(bytes: notice.bytes, signature: notice.signature)))
        }
    }

    // MARK: At the hub

    /// Shuts a device out (REV-1): everything of it that is applied here stays. In the caller's transaction.
    package func revoke(tokenKey: [UInt8], name: String) throws {
        try seal()
        var cut: [VersionVector.Entry] = []
        for author in try store.authors() where !author.certificate.isEmpty {
            guard try Certificate(decoding: author.certificate).grant?.tokenKey == tokenKey else { continue }
            cut += try store.heads(author.origin)
        }
        let revocation = Revocation(
            tokenKey: tokenKey, name: name, time: clock.now(), cut: VersionVector(heads: cut))
        try publish(.revocation(revocation), note: "revoked \(name)")
    }

    /// Lets changesets count after all (REV-6). In the caller's transaction.
    package func release(_ dots: [Dot]) throws {
        try seal()
        try publish(.release(Release(time: clock.now(), dots: dots.sorted())), note: "released from quarantine")
    }

    /// Makes known to which device an enrolment belongs, the first time that another comes with it (REV-8). In the caller's
    /// transaction.
    package func bind(_ tokenKey: [UInt8], to deviceKey: [UInt8]?, name: String) throws {
        if try notices().bindings[tokenKey] != nil { return }
        let key = deviceKey ?? Array(repeating: 0, count: 32)
        let binding = Binding(tokenKey: tokenKey, deviceKey: key, time: clock.now())
        try publish(.binding(binding), note: "the enrolment of \(name) was used on another device")
    }

    private func publish(_ notice: Notice, note: String) throws {
        try moveOn(note: note)
        let batch = newBatch()
        try take(SealedNotice.seal(notice, dataSet: dataSet, key: key), batch: batch, isPlaced: true)
        try batch.settle()
        try followErasures()
    }

    /// A changeset in quarantine.
    package struct Quarantined: Sendable {
        package let dot: Dot
        package let device: String
        package let time: Timestamp
        package let rows: Int
    }

    package func quarantined() throws -> [Quarantined] {
        try store.withheld().compactMap { id in
            guard let head = try head(id) else { return nil }
            return Quarantined(
                dot: try store.known(id).dot, device: try store.author(head.origin)?.name ?? "", time: head.time,
                rows: Int(head.rows))
        }
    }
}
