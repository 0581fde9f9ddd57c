internal import SatchelModel

/// Certificates whose two signatures were found to hold, by a hash of all that was checked.
///
/// What a check says depends on the bytes alone, so that it need not be done for each bundle of a device again: half
/// of the time that a hub spends on a small bundle. Only what holds is remembered; revocation is asked for elsewhere,
/// every time. At most `capacity` hashes are kept.
enum CertificateMemory {
    private static let capacity = 16_384
    private static let held = Locked<Set<Hash256>>([])

    static func holds(_ checked: Hash256) -> Bool { held.withLock { $0.contains(checked) } }

    static func remember(_ checked: Hash256) {
        held.withLock { held in
            if held.count >= capacity { held = [] }
            held.insert(checked)
        }
    }
}
