internal import SatchelModel

/// Bytes that are being deflated on the machine's other cores, while whoever asked for it goes on.
///
/// They are cut into pieces that make one raw deflate stream: each is deflated with the 32 KiB before it as its
/// dictionary, and each but the last ends on a whole byte, as in Adler's pigz. That costs about five bytes a piece.
/// Memory: the bytes, and what they become.
public final class Deflating: Sendable {
    private static let pieceBytes = 256 << 10

    private let pieces: [Later<[UInt8]>]
    /// Whether it was no longer than a piece.
    public let isDone: Bool

    /// Begins at once. What is no longer than a piece is done when this returns.
    public init(_ bytes: [UInt8], level: Int32 = 6) {
        precondition(bytes.count <= Limits.contentBytes, "more than a content may hold")
        isDone = bytes.count <= Self.pieceBytes
        guard !isDone else {
            pieces = [Later(done: Deflate.compress(bytes, level: level))]
            return
        }
        pieces = stride(from: 0, to: bytes.count, by: Self.pieceBytes).map { start in
            Later { Deflate.piece(start..<min(start + Self.pieceBytes, bytes.count), of: bytes, level: level) }
        }
    }

    /// Waits for what is not done yet. One raw deflate stream (BND-11); the output depends on the build of zlib.
    public func finish() -> [UInt8] {
        var whole = pieces[0].finish()
        for piece in pieces.dropFirst() { whole += piece.finish() }
        return whole
    }
}
