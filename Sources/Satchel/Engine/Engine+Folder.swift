internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// What a replica remembers of the bundles that it left in shared folders.
///
/// In `satchel_meta`: `folder_left`, the ids of the last of them, newest first; `folder_bytes`, how large the newest is;
/// `told_position`, where this replica stood when it was made; `folder_asks`, the lower position for which it asked on behalf
/// of another copy, and `folder_reply`, the hub's bundle that lay there then.
extension Engine {
    /// So many sticks and folders may be visited by turns without reading what was left at each once more.
    private static let keptIDs = 16

    /// The bundles that this replica left, newest first: what is in them is here.
    func leftBundles() throws -> [OriginID] {
        let ids = try store.metaBlob("folder_left") ?? []
        return stride(from: 0, to: ids.count, by: 16).compactMap {
            OriginID(bytes: Array(ids[$0..<min($0 + 16, ids.count)]))
        }
    }

    /// Whether a bundle that lies in a folder is the newest one, and all of it.
    func isLastLeft(_ bundle: OriginID, bytes: Int) throws -> Bool {
        try leftBundles().first == bundle && store.metaInteger("folder_bytes") == Int64(bytes)
    }

    /// Whether a bundle was made less than a day ago. One that is older is made anew: whoever was given up is heard again by
    /// another bundle than the one that they came with last (EXC-49), and a lost device makes none.
    func isOfToday(_ made: Timestamp) -> Bool {
        let (age, isFar) = clock.now().milliseconds.subtractingReportingOverflow(made.milliseconds)
        return !isFar && (-86_400_000...86_400_000).contains(age)
    }

    /// Whether the newest one says where this replica is now.
    func standsAsTold() throws -> Bool {
        if try store.meta("fetch_all") != nil || mustHandIn { return false }
        let told = try store.metaInteger("told_position")
        return try told.map { UInt64(bitPattern: $0) } == position && position > 0
    }

    /// What is asked for beside what this replica needs itself: whoever else goes by its name would never hear from the hub
    /// if its request were replaced by a higher one (EXC-47). Once the hub has answered they ask for themselves again.
    func asksForAnother(_ other: Standing?, reply: OriginID?) throws -> Standing? {
        try reading {
            let own = try standing()
            var least = own.position
            if let other {
                least = other.epoch == own.epoch && other.scopes == own.scopes ? min(least, other.position) : 0
            }
            if let before = try store.metaInteger("folder_asks"), try store.metaBlob("folder_reply") == reply?.bytes {
                least = min(least, UInt64(bitPattern: before))
            }
            guard least < own.position else { return nil }
            return Standing(epoch: own.epoch, position: least, scopes: own.scopes, beyond: [])
        }
    }

    /// After a crash before this, the bundle that lies there is taken for another's, which costs time and nothing else.
    func noteLeft(_ sent: PackReport, asked: Standing?, reply: OriginID?) throws {
        try transaction {
            let ids = try [sent.bundle].compactMap { $0 } + leftBundles()
            try store.setMeta("folder_left", .blob(ids.prefix(Self.keptIDs).flatMap(\.bytes)))
            try store.setMeta("folder_bytes", .integer(Int64(sent.bytes)))
            // What was asked for another is to be said again for this one, when the hub has answered.
            try store.setMeta("told_position", asked == nil ? .integer(Int64(bitPattern: position)) : nil)
            try store.setMeta("folder_asks", asked.map { .integer(Int64(bitPattern: $0.position)) })
            try store.setMeta("folder_reply", asked == nil ? nil : reply.map { .blob($0.bytes) })
        }
    }
}
