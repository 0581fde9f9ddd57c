internal import Foundation
internal import Satchel
internal import SatchelStore
internal import SatchelWire

/// A bundle on its way into the merge: verified, if it can be.
struct Incoming: Sendable {
    /// What people call it: its file, or its id.
    var name: String
    /// Where it waited, if it was accepted before.
    var accepted: AcceptedStore.Entry?
    private(set) var bundle: Result<VerifiedBundle, any Error>
    private var copy: PrivateCopy?

    /// Bytes of one bundle, inflated, that are decoded ahead.
    private static let aheadBytes = 1 << 20

    /// Copies and checks a file; on any core.
    ///
    /// - Parameter trust: an error: the hub itself could not be asked.
    init(path: String, beside neighbour: String, trust: Result<BundleTrust, any Error>) {
        name = path
        do {
            let trust = try trust.get()
            let copy = try PrivateCopy(path, beside: neighbour)
            do {
                bundle = .success(try trust.verify(copy.bundle).readAhead(upTo: Self.aheadBytes))
                self.copy = copy
            } catch {
                copy.remove()
                throw error
            }
        } catch {
            bundle = .failure(error)
        }
    }

    /// Checks what was accepted once more, for rot on the disk, and because the hub may have learnt since.
    init(_ entry: AcceptedStore.Entry, contents: [UInt8], trust: BundleTrust) {
        name = entry.id.hex
        accepted = entry
        let copy = PrivateCopy.memory(contents)
        self.copy = copy
        do {
            guard sha256(contents).bytes == entry.digest else { throw WireError.damaged("the file of the hub") }
            bundle = .success(try trust.verify(copy.bundle).readAhead(upTo: Self.aheadBytes))
        } catch {
            bundle = .failure(error)
        }
    }

    /// Without what was made of it ahead: to be kept until it is certain that it need not be taken once more.
    var asItCame: Incoming {
        var incoming = self
        incoming.bundle = bundle.map(\.asItCame)
        return incoming
    }

    func contents() throws -> [UInt8] { try copy?.contents() ?? [] }

    func remove() { copy?.remove() }
}

extension Hub {
    /// Files, to be checked on other cores.
    func incoming(_ paths: [String]) -> Ahead<Incoming> {
        let (trust, place) = replica.withEngine { engine in
            (Result { try engine.reading { try engine.bundleTrust() } }, engine.store.db.path)
        }
        return Ahead(
            paths.map { path in { @Sendable in Incoming(path: path, beside: place, trust: trust) } })
    }
}
