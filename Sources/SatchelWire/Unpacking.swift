internal import Dispatch
internal import SatchelModel

/// A changeset that is being inflated and checked against its hash on another core, while the one before it is taken in.
final class Unpacking: Sendable {
    private let found: Locked<Result<SealedChangeset, WireError>?> = Locked(nil)
    private let work = DispatchGroup()

    /// `body`: of an item that stays deflated (BND-54). Begins at once.
    init(_ body: consuming [UInt8]) {
        let body = body
        DispatchQueue.global(qos: .userInitiated).async(group: work) { [found] in
            let result = Result { () throws(WireError) in try ItemCoding.decodePacked(body) }
            found.withLock { $0 = result }
        }
    }

    /// Waits until it is done. Throws what `ItemCoding.decode` throws of a changeset.
    func finish() throws(WireError) -> SealedChangeset {
        work.wait()
        guard let result = found.withLock({ $0 }) else { throw .damaged("a changeset that was not read") }
        return try result.get()
    }
}
