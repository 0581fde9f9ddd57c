import SatchelModel

/// Walks through the parts and frames of a bundle's file, checking all that needs no key (BND-4 to BND-13).
///
/// Both the check of a bundle and its reading go this way, so that what is read is what was checked. Memory: one
/// frame.
struct PartScanner {
    private let source: BundleSource
    private(set) var offset = 0
    /// Of the part that was entered last.
    private(set) var number: UInt32 = 0
    private var hasher = Hasher256()
    private var budget = PartBudget()
    private var first: BundleHeader?
    private var digest = Hash256.zero

    /// False: the bytes are held against a digest that was checked, which says more than sums do.
    private let checksSums: Bool

    init(_ source: BundleSource, checksSums: Bool = true) {
        self.source = source
        self.checksSums = checksSums
    }

    /// The header of the next part, which must go on with the part before, and the certificate, if it is the first.
    mutating func beginPart() throws(WireError) -> (header: BundleHeader, certificate: [UInt8]) {
        hasher = Hasher256()
        budget = PartBudget()
        let header = try PartHeader(decoding: read(upTo: PartHeader.size))
        guard number < Limits.parts else { throw .tooLarge("parts of a bundle") }
        number += 1
        guard header.number == number else { throw .damaged("parts out of order") }
        guard header.previous == digest else { throw .damaged("a part that does not follow the one before") }
        guard first == nil || first == header.bundle else { throw .damaged("parts of different bundles") }
        guard (number == 1) == (header.certificateLength > 0) else { throw .damaged("a certificate's place") }
        first = header.bundle
        let certificate = try read(header.certificateLength)
        budget.count(header: PartHeader.size + certificate.count)
        return (header.bundle, certificate)
    }

    /// The stored bytes of the next frame of items, or nil at the end of the part.
    mutating func nextFrame() throws(WireError) -> (header: FrameHeader, stored: [UInt8])? {
        let bytes = try read(upTo: FrameHeader.size)
        let header = try FrameHeader(decoding: bytes)
        if header.kind == .items, !budget.allows(inflated: header.inflated, stored: header.stored) {
            throw .tooLarge("part")
        }
        let stored = try read(header.stored)
        guard !checksSums || FrameHeader.checksum(bytes, stored) == header.checksum else {
            throw .damaged("frame checksum")
        }
        guard header.kind == .items else {
            isLast = header.flags & FrameHeader.isLastPart != 0
            return nil
        }
        budget.count(inflated: header.inflated, stored: header.stored)
        return (header, stored)
    }

    /// Whether the part whose end was read last is the bundle's last.
    private(set) var isLast = false

    /// After the end of a part: its digest and its signature. Nothing may follow the last.
    mutating func endPart() throws(WireError) -> (digest: Hash256, signature: [UInt8]) {
        digest = hasher.finish()
        let signature = try read(64)
        if isLast, try !source.read(1, at: offset).isEmpty { throw .damaged("bytes after the last part") }
        return (digest, signature)
    }

    private mutating func read(upTo count: Int) throws(WireError) -> [UInt8] {
        let bytes = try source.read(count, at: offset)
        hasher.update(bytes)
        offset += bytes.count
        return bytes
    }

    private mutating func read(_ count: Int) throws(WireError) -> [UInt8] {
        let bytes = try read(upTo: count)
        guard bytes.count == count else { throw .incomplete("part \(number)") }
        return bytes
    }
}
