internal import Foundation
public import Satchel
internal import SatchelStore
internal import SatchelWire

/// What was accepted: merging it, and what an operator sees of it.
extension Hub {
    /// Bundles that are looked for, read and checked at once.
    private static let readAtOnce = 256
    private static let bytesAtOnce = 16 << 20

    /// Merges what was accepted in the order of its arrival, many bundles in one transaction (EXC-40). What is refused is
    /// kept aside, with the reason, and stops nothing behind it; what fails for another reason goes on waiting.
    ///
    /// - Parameter limit: bundles at most. Each is tried once.
    public func mergeAccepted(limit: Int = .max) throws -> MergeReport {
        var report = MergeReport()
        var last: Int64 = 0
        var left = max(0, limit)
        while left > 0 {
            let (trust, entries) = try replica.withEngine { engine in
                try engine.reading {
                    let accepted = AcceptedStore(engine.store)
                    var some: [(entry: AcceptedStore.Entry, contents: [UInt8])] = []
                    var bytes = 0
                    for entry in try accepted.waiting(after: last, limit: min(left, Self.readAtOnce)) {
                        if bytes > 0, bytes + entry.size > Self.bytesAtOnce { break }
                        some.append((entry, try accepted.contents(entry)))
                        bytes += entry.size
                    }
                    return (try engine.bundleTrust(), some)
                }
            }
            guard let end = entries.last else { break }
            last = end.entry.arrival
            left -= entries.count
            mergeInGroups(
                Ahead(
                    entries.map { one in { @Sendable in Incoming(one.entry, contents: one.contents, trust: trust) } }),
                into: &report)
        }
        noteEverywhere(&report)
        cleanUp(after: &report)
        return report
    }

    /// A bundle that lies at the hub and is not merged.
    public struct Accepted: Sendable {
        public let receipt: BundleReceipt
        /// Why its merge was refused; nil: it waits.
        public let reason: String?
    }

    /// What was accepted and is not merged, in the order of its arrival.
    public func accepted() throws -> [Accepted] {
        try replica.withEngine { engine in
            try engine.reading {
                try AcceptedStore(engine.store).entries().map {
                    Accepted(
                        receipt: BundleReceipt(
                            bundle: $0.id.hex, digest: $0.digest.hex, device: $0.device, bytes: $0.size,
                            accepted: $0.at), reason: $0.reason)
                }
            }
        }
    }

    /// Lets bundles whose merge was refused be merged once more, by their digests.
    public func retryAccepted(_ digests: [String]) throws {
        try forRefused(digests) { try $1.refuse($0, nil) }
    }

    /// Gives up bundles whose merge was refused, by their digests: they are gone from the hub.
    public func dropAccepted(_ digests: [String]) throws { try forRefused(digests) { try $1.remove($0) } }

    private func forRefused(
        _ digests: [String], _ body: (AcceptedStore.Entry, AcceptedStore) throws -> Void
    ) throws {
        try replica.withEngine { engine in
            try engine.transaction {
                let accepted = AcceptedStore(engine.store)
                let refused = try accepted.entries().filter { $0.reason != nil }
                for digest in Set(digests).sorted() {
                    guard let entry = refused.first(where: { $0.digest.hex == digest }) else {
                        throw UsageError(
                            "\(digest) is not the digest of a bundle whose merge was refused",
                            try: "list them with `satchel-hub accepted`")
                    }
                    try body(entry, accepted)
                }
                try accepted.close()
            }
        }
    }

    /// Between two groups: whoever waits to store what was brought comes first, so that a receipt takes no longer than
    /// one group.
    func letOthersIn() {
        for _ in 0..<100 where gathering.waiting > 0 { usleep(500) }
    }
}
