import SatchelModel

@testable import SatchelWire

/// Bundles made byte by byte, so that each can be wrong in one place and right, signed and summed in all others.
struct Craft {
    let world: World
    /// The stream of items, cut into one frame for each element, all in part 1.
    var frames: [[UInt8]] = []
    /// Frames of a second part.
    var secondPart: [[UInt8]]?
    var header: [Int: UInt8] = [:]
    var secondHeader: [Int: UInt8] = [:]
    /// Changes to the head of the first frame, before it is summed.
    var frameHead: [Int: UInt8] = [:]
    /// Flags of the last end frame.
    var endFlags = FrameHeader.isLastPart

    init(_ world: World) { self.world = world }

    func bytes() -> [UInt8] {
        let first = part(
            1, after: .zero, frames, header, certificate: world.certificate.encoded, isLast: secondPart == nil)
        guard let secondPart else { return first.bytes }
        return first.bytes + part(2, after: first.digest, secondPart, secondHeader, certificate: [], isLast: true).bytes
    }

    private func part(
        _ number: UInt32, after previous: Hash256, _ frames: [[UInt8]], _ changes: [Int: UInt8], certificate: [UInt8],
        isLast: Bool
    ) -> (bytes: [UInt8], digest: Hash256) {
        var bytes = PartHeader(
            bundle: world.header(), number: number, previous: previous, certificateLength: certificate.count
        ).encoded()
        if !changes.isEmpty {
            for (offset, value) in changes { bytes[offset] = value }
            Splices.set(&bytes, 148, Int(Deflate.checksum(bytes.prefix(148))))
        }
        bytes += certificate
        for (index, stream) in frames.enumerated() {
            let deflated = Deflate.compress(stream)
            let isDeflated = deflated.count < stream.count
            var frame = FrameHeader.encode(
                .items, flags: isDeflated ? FrameHeader.isDeflated : 0, inflated: stream.count,
                stored: isDeflated ? deflated : stream)
            if index == 0, number == 1, !frameHead.isEmpty {
                for (offset, value) in frameHead { frame[offset] = value }
                Splices.set(&frame, 10, Int(FrameHeader.checksum(Array(frame.prefix(10)), Array(frame.dropFirst(14)))))
            }
            bytes += frame
        }
        bytes += FrameHeader.encode(.end, flags: isLast ? endFlags : 0, inflated: 0, stored: [])
        let digest = sha256(bytes)
        return (bytes + world.device.sign(digest.bytes, domain: Domain.bundle), digest)
    }

    /// An item as it stands in the stream.
    static func item(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(type)
        writer.counted(body)
        return writer.bytes
    }
}
