internal import SatchelModel

/// Checks that were found to hold, each by a hash of all that was checked: certificates, half of the time that a hub spends
/// on a small bundle, and signatures that another core has looked at already.
///
/// What a check says depends on the bytes alone, so that it need not be done again. Only what holds is remembered;
/// revocation is asked for elsewhere, every time. At most `capacity` hashes are kept.
final class CheckMemory: Sendable {
    static let certificates = CheckMemory(capacity: 16_384)
    private static let signatures = CheckMemory(capacity: 8192)

    private let capacity: Int
    private let held: Locked<Set<Hash256>> = Locked([])

    private init(capacity: Int) { self.capacity = capacity }

    func holds(_ checked: Hash256) -> Bool { held.withLock { $0.contains(checked) } }

    func remember(_ checked: Hash256) {
        held.withLock { held in
            if held.count >= capacity { held = [] }
            held.insert(checked)
        }
    }

    /// Whether the key signed the message; a check that held is remembered.
    static func verify(_ signature: [UInt8], _ message: [UInt8], domain: String, publicKey: [UInt8]) -> Bool {
        // Of fixed lengths but for the message, which comes last: two checks never make the same bytes.
        guard signature.count == 64, publicKey.count == 32 else { return false }
        var hasher = Hasher256()
        hasher.update(signature)
        hasher.update(publicKey)
        hasher.update(Domain.message(message, domain))
        let checked = hasher.finish()
        if signatures.holds(checked) { return true }
        guard Signatures.verify(signature, message, domain: domain, publicKey: publicKey) else { return false }
        signatures.remember(checked)
        return true
    }
}
