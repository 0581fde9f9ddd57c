import CZlib
internal import Dispatch
internal import SatchelModel

/// Bytes that are being deflated on the machine's other cores, while whoever asked for it goes on.
///
/// They are cut into pieces that make one raw deflate stream: each is deflated with the 32 KiB before it as its
/// dictionary, and each but the last ends on a whole byte, as in Adler's pigz. That costs about five bytes a piece.
/// Memory: the bytes, and what they become.
public final class Deflating: Sendable {
    private static let pieceBytes = 256 << 10
    private static let windowBytes = 32 << 10

    private let pieces: Locked<[[UInt8]]>
    private let work = DispatchGroup()

    /// Begins at once. What is no longer than a piece is done when this returns.
    public init(_ bytes: [UInt8], level: Int32 = 6) {
        precondition(bytes.count <= Limits.contentBytes, "more than a content may hold")
        guard bytes.count > Self.pieceBytes else {
            pieces = Locked([Deflate.compress(bytes, level: level)])
            return
        }
        let starts = Array(stride(from: 0, to: bytes.count, by: Self.pieceBytes))
        let pieces = Locked([[UInt8]](repeating: [], count: starts.count))
        self.pieces = pieces
        for (place, start) in starts.enumerated() {
            DispatchQueue.global(qos: .userInitiated).async(group: work) {
                let piece = bytes.withUnsafeBufferPointer { whole in
                    Self.deflate(whole, start..<min(start + Self.pieceBytes, whole.count), level: level)
                }
                pieces.withLock { $0[place] = piece }
            }
        }
    }

    /// Waits for what is not done yet. One raw deflate stream (BND-11); the output depends on the build of zlib.
    public func finish() -> [UInt8] {
        work.wait()
        return pieces.withLock { pieces in
            if pieces.count == 1 { return pieces[0] }
            var whole: [UInt8] = []
            whole.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
            for piece in pieces { whole += piece }
            pieces = [whole]
            return whole
        }
    }

    private static func deflate(
        _ whole: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, level: Int32
    ) -> [UInt8] {
        var stream = z_stream()
        let started = deflateInit2_(
            &stream, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(started == Z_OK, "zlib starts unless there is no memory")
        defer { deflateEnd(&stream) }
        let window = UnsafeBufferPointer(rebasing: whole[max(0, range.lowerBound - windowBytes)..<range.lowerBound])
        if !window.isEmpty {
            let set = deflateSetDictionary(&stream, window.baseAddress, UInt32(window.count))
            precondition(set == Z_OK, "a fresh stream takes a dictionary")
        }
        let input = UnsafeBufferPointer(rebasing: whole[range])
        // zlib never writes through `next_in`.
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.avail_in = UInt32(input.count)
        // Ten bytes more than for a whole stream: the empty block on which a piece ends.
        let bound = Int(deflateBound(&stream, UInt(input.count))) + 10
        let isLast = range.upperBound == whole.count
        return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(bound)
            let result = CZlib.deflate(&stream, isLast ? Z_FINISH : Z_SYNC_FLUSH)
            precondition(
                result == (isLast ? Z_STREAM_END : Z_OK) && stream.avail_in == 0 && stream.avail_out > 0,
                "the bound is enough")
            count = bound - Int(stream.avail_out)
        }
    }
}
