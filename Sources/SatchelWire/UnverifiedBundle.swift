public import SatchelModel

/// A file, or bytes, that claim to be a bundle. Nothing in it may be used before `verify`.
public struct UnverifiedBundle: Sendable {
    private enum Place: Sendable {
        case path(String)
        case memory([UInt8])
    }

    private let place: Place

    /// Does not open the file.
    public init(path: String) { place = .path(path) }

    public init(bytes: [UInt8]) { place = .memory(bytes) }

    private func source() throws(WireError) -> BundleSource {
        switch place {
        case .path(let path): .file(try SystemFile.reading(path))
        case .memory(let bytes): .memory(bytes)
        }
    }

    /// What the file says of itself. Nobody vouches for it: good for messages to people, for nothing else.
    public func peek() throws(WireError) -> (header: BundleHeader, certificate: [UInt8]) {
        var scanner = PartScanner(try source())
        return try scanner.beginPart()
    }

    /// Checks the whole file before anything in it is inflated or parsed (BND-13): order and completeness of the
    /// parts, checksums, limits, and each part's signature over the bytes as shipped.
    ///
    /// `trust` gets what the first part says of itself and returns the public key to check with, or throws what
    /// the caller wants to see thrown. It must check the certificate (`Certificate.verify`); that the sender is
    /// the certificate's origin is checked here. O(bytes of the file); memory: one frame.
    public func verify(_ trust: (BundleHeader, Certificate) throws -> [UInt8]) throws -> VerifiedBundle {
        let source = try source()
        var scanner = PartScanner(source)
        let (header, bytes) = try scanner.beginPart()
        let certificate = try Certificate(decoding: bytes)
        guard certificate.origin(dataSet: header.dataSet) == header.sender else {
            throw WireError.untrusted("the sender is not the certificate's")
        }
        let key = try trust(header, certificate)
        var digests: [Hash256] = []
        while true {
            while try scanner.nextFrame() != nil {}
            let (digest, signature) = try scanner.endPart()
            guard CheckMemory.verify(signature, digest.bytes, domain: Domain.bundle, publicKey: key) else {
                throw WireError.untrusted("part \(scanner.number) is not signed by its sender")
            }
            digests.append(digest)
            if scanner.isLast { break }
            _ = try scanner.beginPart()
        }
        return VerifiedBundle(
            header: header, certificate: certificate, bytes: scanner.offset, source: source, digests: digests)
    }
}

/// A bundle whose every byte was signed by the sender that `verify` was told to trust.
///
/// Holds the file that was checked, by its descriptor, or its bytes: another file put in its place is not read.
public struct VerifiedBundle: Sendable {
    public let header: BundleHeader
    /// The sender's, as parsed. It was for `trust` to check it.
    public let certificate: Certificate
    public let bytes: Int
    private let source: BundleSource
    /// Of each part.
    private let digests: [Hash256]
    /// Its items, if they were decoded already.
    private var items: [BundleItem]?

    public var parts: Int { digests.count }

    fileprivate init(
        header: BundleHeader, certificate: Certificate, bytes: Int, source: BundleSource, digests: [Hash256]
    ) {
        self.header = header
        self.certificate = certificate
        self.bytes = bytes
        self.source = source
        self.digests = digests
    }

    /// Hands over the items in order; memory is bounded by one of them.
    ///
    /// Throws what `body` throws, and `damaged` where a sender signed nonsense or somebody wrote to the file since
    /// it was checked. Either may come after many items: take them in one transaction, and roll it back.
    public func forEach(_ body: (BundleItem) throws -> Void) throws {
        if let items { return try items.forEach(body) }
        try decode(upTo: nil, body)
    }

    private struct TooMuch: Error {}

    private func decode(upTo limit: Int?, _ body: (BundleItem) throws -> Void) throws {
        var scanner = PartScanner(source, checksSums: false)
        var items = ItemStream(room: limit)
        var room = limit ?? .max
        for digest in digests {
            _ = try scanner.beginPart()
            while let (header, stored) = try scanner.nextFrame() {
                room -= header.inflated
                if room < 0 { throw TooMuch() }
                let isDeflated = header.flags & FrameHeader.isDeflated != 0
                let inflated = isDeflated ? try Deflate.inflate(stored, expected: header.inflated) : stored
                try items.add(inflated, body)
            }
            guard try scanner.endPart().digest == digest else {
                throw WireError.damaged("the file was changed after it was checked")
            }
        }
        try items.finish(body)
    }

    /// The same bundle with its items decoded, and all in it done that needs no replica: for another core than the one
    /// that takes it in. The sender's own changesets are checked against its key, and each is deflated as it will be
    /// kept. What has more than `limit` bytes inflated, or does not decode, stays as it was: `forEach` will say so.
    public func readAhead(upTo limit: Int) -> VerifiedBundle {
        var read: [BundleItem] = []
        do {
            try decode(upTo: limit) { item in
                guard case .changeset(var changeset) = item else { return read.append(item) }
                // One that does not hold is checked once more, and refused, where it is taken in.
                if changeset.head.origin == header.sender { try? changeset.verify(publicKey: certificate.deviceKey) }
                if changeset.deflated == nil { changeset.deflated = Deflate.compress(changeset.content) }
                read.append(.changeset(changeset))
            }
        } catch {
            return self
        }
        var ready = self
        ready.items = read
        return ready
    }

    /// Whether its items lie decoded in memory.
    var isReadAhead: Bool { items != nil }

    /// The same bundle without what `readAhead` made of it.
    public var asItCame: VerifiedBundle {
        var bundle = self
        bundle.items = nil
        return bundle
    }
}
