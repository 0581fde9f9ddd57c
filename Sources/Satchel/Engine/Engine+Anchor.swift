internal import Foundation
package import SatchelModel
internal import SatchelStore

/// Noticing at open that the file is a copy, or was put back from a backup, before anything is sealed (IDN-7).
extension Engine {
    /// Why a replica took a new incarnation.
    package enum Renewal: String, Sendable {
        case copied, restored, forked
    }

    /// Compares the file with its anchor; a copy or a restored file goes on under a new incarnation. Called once, when
    /// the file is opened.
    func comeToAnchor() throws {
        guard let anchors else { return }
        do {
            let place = try anchors.place()
            let renewal = try sinceAnchor(anchors, place: place)
            let last = try anchors.anchor(of: origin)?.epoch ?? 0
            let isNew = try store.metaText("anchor_place") != place
            if isNew || renewal != nil {
                try transaction {
                    if let renewal {
                        try renewIdentity(renewal)
                        if isHub { try beginEpoch(after: last) }
                    }
                    try store.setMeta("anchor_place", .text(place))
                }
            }
            try anchor()
        } catch let error where !(error is StoreError) {
            anchorFault = "\(error)"
        }
    }

    /// What happened to the file since it was anchored; nil: nothing.
    private func sinceAnchor(_ anchors: any AnchorStore, place: String) throws -> Renewal? {
        guard let anchored = try store.metaText("anchor_place") else { return nil }
        guard anchored == place, let anchor = try anchors.anchor(of: origin) else { return .copied }
        let sequence = UInt64(bitPattern: try store.metaInteger("sequence") ?? 0)
        let (last, own) = (Dot(origin: origin, sequence: anchor.sequence, tag: anchor.tag), try fileIdentity())
        let isOlder =
            try sequence < anchor.sequence || anchor.sequence > 0 && !store.isMet(last)
            || isHub && (epoch < anchor.epoch || position < anchor.position)
        if isOlder { return anchor.file.isStillThere(beside: own) ? .copied : .restored }
        if anchor.file.isSame(as: own) { return nil }
        // What lies in the place of the anchored file took that place from it.
        return anchor.file.path == own.path ? .restored : .copied
    }

    /// Notes outside the file what is about to leave it. What has not left it may be sealed a second time and nobody
    /// is confused, so that this need not follow every seal.
    func anchor() throws {
        guard let anchors, anchorFault == nil else { return }
        let now = Anchor(
            file: try fileIdentity(), sequence: UInt64(bitPattern: try store.metaInteger("sequence") ?? 0),
            tag: try store.metaBlob("head").flatMap { Hash256($0)?.tag } ?? 0, epoch: try epoch, position: try position)
        if let lastAnchor, lastAnchor.origin == origin, lastAnchor.anchor == now { return }
        do {
            if try lastAnchor == nil && anchors.anchor(of: origin) == now {
                lastAnchor = (origin, now)
                return
            }
            try anchors.keep(now, of: origin)
            if let lastAnchor, lastAnchor.origin != origin { try anchors.forget(lastAnchor.origin) }
            lastAnchor = (origin, now)
        } catch {
            anchorFault = "\(error)"
        }
    }

    private func fileIdentity() throws -> FileIdentity {
        var facts = stat()
        guard stat(store.db.path, &facts) == 0 else {
            throw StoreError("the replica's file is not where it was opened: \(String(cString: strerror(errno)))")
        }
        let resolved = realpath(store.db.path, nil)
        defer { free(resolved) }
        return FileIdentity(
            number: UInt64(truncatingIfNeeded: facts.st_ino), volume: UInt64(truncatingIfNeeded: facts.st_dev),
            path: resolved.map { String(cString: $0) } ?? store.db.path)
    }
}

extension FileIdentity {
    /// Whether this file lies where it lay, and another is looked at.
    fileprivate func isStillThere(beside other: FileIdentity) -> Bool {
        if path == other.path || number == other.number { return false }
        var facts = stat()
        return stat(path, &facts) == 0 && UInt64(truncatingIfNeeded: facts.st_ino) == number
    }
}
