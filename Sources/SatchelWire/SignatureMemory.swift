internal import SatchelModel

/// Signatures that were found to hold, by a hash of all that was checked, so that one that another core has looked at
/// already is not looked at again.
///
/// What a check says depends on the bytes alone. Only what holds is remembered, and at most `capacity` of that.
enum SignatureMemory {
    private static let capacity = 8192
    private static let held = Locked<Set<Hash256>>([])

    /// Whether the key signed the message; a check that held is remembered.
    static func verify(_ signature: [UInt8], _ message: [UInt8], domain: String, publicKey: [UInt8]) -> Bool {
        var hasher = Hasher256()
        // Of fixed lengths but for the message, which comes last: two checks never make the same bytes.
        guard signature.count == 64, publicKey.count == 32 else { return false }
        hasher.update(signature)
        hasher.update(publicKey)
        hasher.update(Domain.message(message, domain))
        let checked = hasher.finish()
        if held.withLock({ $0.contains(checked) }) { return true }
        guard Signatures.verify(signature, message, domain: domain, publicKey: publicKey) else { return false }
        held.withLock { held in
            if held.count >= capacity { held = [] }
            held.insert(checked)
        }
        return true
    }
}
