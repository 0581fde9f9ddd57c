public import SatchelModel

/// A file that claims to be a bundle. Nothing in it may be used before `verify`.
public struct UnverifiedBundle: Sendable {
    private let path: String

    /// Does not open the file.
    public init(path: String) { self.path = path }

    /// What the file says of itself. Nobody vouches for it: good for messages to people, for nothing else.
    public func peek() throws(WireError) -> (header: BundleHeader, certificate: [UInt8]) {
        var scanner = PartScanner(try SystemFile.reading(path))
        return try scanner.beginPart()
    }

    /// Checks the whole file before anything in it is inflated or parsed (BND-13): order and completeness of the
    /// parts, checksums, limits, and each part's signature over the bytes as shipped.
    ///
    /// `trust` gets what the first part says of itself and returns the public key to check with, or throws what
    /// the caller wants to see thrown. It must check the certificate (`Certificate.verify`); that the sender is
    /// the certificate's origin is checked here. O(bytes of the file); memory: one frame.
    public func verify(_ trust: (BundleHeader, Certificate) throws -> [UInt8]) throws -> VerifiedBundle {
        let file = try SystemFile.reading(path)
        var scanner = PartScanner(file)
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
            guard Signatures.verify(signature, digest.bytes, domain: Domain.bundle, publicKey: key) else {
                throw WireError.untrusted("part \(scanner.number) is not signed by its sender")
            }
            digests.append(digest)
            if scanner.isLast { break }
            _ = try scanner.beginPart()
        }
        return VerifiedBundle(
            header: header, certificate: certificate, bytes: scanner.offset, file: file, digests: digests)
    }
}

/// A bundle whose every byte was signed by the sender that `verify` was told to trust.
///
/// Holds the file that was checked, by its descriptor: another file put in its place is not read.
public struct VerifiedBundle: Sendable {
    public let header: BundleHeader
    /// The sender's, as parsed. It was for `trust` to check it.
    public let certificate: Certificate
    public let bytes: Int
    private let file: SystemFile
    /// Of each part.
    private let digests: [Hash256]

    public var parts: Int { digests.count }

    fileprivate init(
        header: BundleHeader, certificate: Certificate, bytes: Int, file: SystemFile, digests: [Hash256]
    ) {
        self.header = header
        self.certificate = certificate
        self.bytes = bytes
        self.file = file
        self.digests = digests
    }

    /// Hands over the items in order; memory is bounded by one of them.
    ///
    /// Throws what `body` throws, and `damaged` where a sender signed nonsense or somebody wrote to the file since
    /// it was checked. Either may come after many items: take them in one transaction, and roll it back.
    public func forEach(_ body: (BundleItem) throws -> Void) throws {
        var scanner = PartScanner(file)
        var items = ItemStream()
        for digest in digests {
            _ = try scanner.beginPart()
            while let (header, stored) = try scanner.nextFrame() {
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
}
