internal import Foundation
public import Satchel
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What the hub says of a bundle that it has stored and not yet merged (EXC-37). It does not say that anything is at the
/// hub: that does a reply.
public struct BundleReceipt: Sendable, Equatable {
    /// The bundle's own id, 32 hexadecimal digits.
    public let bundle: String
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    public let digest: String
    public let device: String
    public let bytes: Int
    /// When it was stored, by the hub's clock.
    public let accepted: Timestamp
}

extension Hub {
    /// A bundle that somebody brings.
    public enum Arrival: Sendable {
        case file(String)
        case bytes([UInt8])
    }

    public enum Acceptance: Sendable {
        /// Stored, on the disk.
        case accepted(BundleReceipt)
        /// Not stored, and why. It stays with who brought it.
        case refused(Complaint)
    }

    /// What is checked on all cores at once, and then stored in one commit.
    private static let acceptedAtOnce = (bundles: 256, bytes: 16 << 20)

    /// Checks bundles and stores them as they came, many in one commit; what was stored is merged by `mergeAccepted`.
    /// One that was stored before gets the same receipt.
    ///
    /// - Returns: an answer for each, in the same order. A receipt holds whatever happens to the machine afterwards.
    /// - Throws: `StoreError` where the hub's file cannot be written; then none of the last commit is stored, and
    ///   bringing all of them again does no harm.
    public func accept(_ arrivals: [Arrival]) throws -> [Acceptance] {
        let trust = try replica.withEngine { engine in try engine.reading { try engine.bundleTrust() } }
        var answers: [Acceptance] = []
        var rest = arrivals[...]
        while !rest.isEmpty {
            var some: [Result<[UInt8], any Error>] = []
            var bytes = 0
            while let next = rest.first, some.count < Self.acceptedAtOnce.bundles, bytes < Self.acceptedAtOnce.bytes {
                let contents = Result { try Self.contents(next) }
                bytes += (try? contents.get().count) ?? 0
                some.append(contents)
                rest.removeFirst()
            }
            answers += try store(Self.check(some, trust))
        }
        return answers
    }

    struct Checked: Sendable {
        let bundle: VerifiedBundle
        let contents: [UInt8]
        let digest: [UInt8]
    }

    private static func contents(_ arrival: Arrival) throws -> [UInt8] {
        let tooLarge = Complaint(
            .refused, "a bundle of more than \(Limits.acceptedBytesOfOne >> 20) MiB is not accepted",
            try: "take it in with `satchel-hub merge`, which needs no room for it")
        switch arrival {
        case .bytes(let bytes):
            guard bytes.count <= Limits.acceptedBytesOfOne else { throw tooLarge }
            return bytes
        case .file(let path):
            guard let contents = try PrivateCopy.contents(of: path, upTo: Limits.acceptedBytesOfOne) else {
                throw tooLarge
            }
            return contents
        }
    }

    /// On all cores.
    private static func check(
        _ arrivals: [Result<[UInt8], any Error>], _ trust: BundleTrust
    ) -> [Result<Checked, any Error>] {
        let found = Locked([Result<Checked, any Error>?](repeating: nil, count: arrivals.count))
        DispatchQueue.concurrentPerform(iterations: arrivals.count) { place in
            let result = arrivals[place].flatMap { contents in
                Result {
                    let bundle = try trust.verify(UnverifiedBundle(bytes: contents))
                    try checkKind(bundle)
                    return Checked(bundle: bundle, contents: contents, digest: sha256(contents).bytes)
                }
            }
            found.withLock { $0[place] = result }
        }
        return found.withLock { $0 }.map { $0 ?? .failure(WireError.damaged("a bundle that was not read")) }
    }

    /// Stores what was checked, together with what other threads bring in the same moment, in one commit.
    private func store(_ checked: [Result<Checked, any Error>]) throws -> [Acceptance] {
        try gathering.store(checked) { all in
            try replica.withEngine { engine in
                try engine.transaction {
                    let accepted = AcceptedStore(engine.store)
                    let answers = try all().map { checked in
                        try checked.map { try answer($0, accepted, engine) }
                    }
                    try accepted.close()
                    return answers
                }
            }
        }
    }

    private func answer(
        _ checked: Result<Checked, any Error>, _ accepted: AcceptedStore, _ engine: Engine
    ) throws -> Acceptance {
        do {
            return .accepted(try store(checked.get(), accepted, engine))
        } catch let error as BundleTrust.NotForHere {
            return .refused(Complaint(try engine.refusal(of: error.audience)))
        } catch let error as StoreError {
            throw error
        } catch {
            return .refused(Complaint(error))
        }
    }

    /// In the caller's transaction. Whatever it throws that is no `StoreError`, nothing was written.
    private func store(_ checked: Checked, _ accepted: AcceptedStore, _ engine: Engine) throws -> BundleReceipt {
        let registry = Registry(engine.store)
        let (certificate, now) = (checked.bundle.certificate, engine.clock.now())
        let id = checked.bundle.header.bundle.bytes
        func receipt(_ time: Timestamp) -> BundleReceipt {
            BundleReceipt(
                bundle: id.hex, digest: checked.digest.hex, device: certificate.name, bytes: checked.contents.count,
                accepted: time)
        }
        if let time = try accepted.accepted(checked.digest) ?? registry.receipt(certificate.name, of: checked.digest) {
            return receipt(time)
        }
        guard try engine.revocation(of: certificate) == nil else {
            throw Complaint(
                .refused, "\(certificate.name) was shut out: its bundles are not accepted",
                try: "an operator can take it in with `satchel-hub merge`, which keeps its changes in quarantine")
        }
        let room = acceptedRoom.withLock { $0 }
        let waiting = try accepted.parkedBytes()
        let later =
            "bring it again later; the operator sees with `satchel-hub accepted` what waits, and what was refused"
        guard try accepted.bytes + waiting.values.reduce(checked.contents.count, +) <= room.all else {
            throw Complaint(
                .busy, "the hub has no room for more bundles before it has merged those that wait", try: later)
        }
        let ofDevice = waiting[checked.bundle.header.sender, default: 0] + checked.contents.count
        guard try accepted.bytes(of: certificate.name) + ofDevice <= room.ofDevice else {
            throw Complaint(
                .busy,
                "the hub has no room for more bundles of \(certificate.name) before it has merged those that wait",
                try: later)
        }
        guard try isFirst(certificate, registry, engine) else {
            throw Complaint(
                .refused,
                "the enrolment of \(certificate.name) was used on another device: this one's bundles are not accepted",
                try: "an operator can take it in with `satchel-hub merge`, which keeps its changes in quarantine")
        }
        try accepted.add(id, digest: checked.digest, device: certificate.name, at: now, checked.contents)
        return receipt(now)
    }
}
