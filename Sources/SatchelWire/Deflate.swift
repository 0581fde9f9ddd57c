import CZlib
import SatchelModel

/// Raw deflate (RFC 1951) by zlib, with every size known before anything is allocated (BND-11).
public enum Deflate {
    private static let windowBytes = 32 << 10

    /// O(bytes). The output depends on the build of zlib: nothing is ever identified by it.
    public static func compress(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
        piece(bytes.indices, of: bytes, level: level)
    }

    /// A part of one raw deflate stream, with what comes before it as its dictionary. The last ends the stream; any other
    /// ends on a whole byte.
    static func piece(_ range: Range<Int>, of bytes: [UInt8], level: Int32) -> [UInt8] {
        precondition(bytes.count <= Limits.contentBytes, "more than one call can compress")
        return bytes.withUnsafeBufferPointer { whole in
            var stream = z_stream()
            // A quarter of a megabyte to clear for a few hundred bytes costs more than to deflate them.
            let bits = range == bytes.indices ? windowBits(for: bytes.count) : MAX_WBITS
            let started = deflateInit2_(
                &stream, level, Z_DEFLATED, -bits, min(8, bits - 6), Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size))
            precondition(started == Z_OK, "zlib starts unless there is no memory")
            defer { deflateEnd(&stream) }
            let before = max(0, range.lowerBound - windowBytes)..<range.lowerBound
            if !before.isEmpty {
                let window = UnsafeBufferPointer(rebasing: whole[before])
                let set = deflateSetDictionary(&stream, window.baseAddress, UInt32(window.count))
                precondition(set == Z_OK, "a fresh stream takes a dictionary")
            }
            let input = UnsafeBufferPointer(rebasing: whole[range])
            // zlib never writes through `next_in`.
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.avail_in = UInt32(input.count)
            let isLast = range.upperBound == whole.count
            // Ten bytes more than for a whole stream: the empty block on which a piece ends.
            let bound = Int(deflateBound(&stream, UInt(input.count))) + (isLast ? 0 : 10)
            return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(bound)
                let result = deflate(&stream, isLast ? Z_FINISH : Z_SYNC_FLUSH)
                precondition(
                    isLast ? result == Z_STREAM_END : result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0,
                    "the bound is enough")
                count = bound - Int(stream.avail_out)
            }
        }
    }

    /// The least window from whose end the whole of so many bytes can be referred to: zlib keeps 262 of it free.
    private static func windowBits(for count: Int) -> Int32 {
        let needed = Int32(Int.bitWidth - (count + 262).leadingZeroBitCount)
        return min(MAX_WBITS, max(9, needed))
    }

    /// Inflates to exactly `expected` bytes, and refuses anything else: more, fewer, or input left over.
    ///
    /// `expected` comes from outside: it is checked against `Limits.contentBytes` and against what deflate can do
    /// at best (1032 for 1) before it is allocated.
    public static func inflate(_ bytes: [UInt8], expected: Int) throws(WireError) -> [UInt8] {
        guard expected >= 0, expected <= Limits.contentBytes else { throw .tooLarge("inflated size") }
        guard expected / 1032 <= bytes.count, bytes.count <= Limits.contentBytes else {
            throw .damaged("an inflated size that deflate cannot reach")
        }
        var stream = z_stream()
        let started = inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { throw .io("zlib has no memory") }
        defer { inflateEnd(&stream) }
        var result = Z_OK
        // One byte more than expected shows a stream that goes on.
        let inflated = [UInt8](unsafeUninitializedCapacity: expected + 1) { buffer, count in
            bytes.withUnsafeBufferPointer { input in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(expected + 1)
                result = CZlib.inflate(&stream, Z_FINISH)
            }
            count = expected + 1 - Int(stream.avail_out)
        }
        guard result == Z_STREAM_END, inflated.count == expected, stream.avail_in == 0 else {
            throw .damaged("compressed bytes that do not inflate to their size")
        }
        return inflated
    }

    /// CRC-32 as in zlib and PNG, of pieces one after another.
    static func checksum(_ pieces: UnsafeRawBufferPointer...) -> UInt32 {
        var crc: UInt = 0
        for piece in pieces where piece.count > 0 {
            crc = crc32(crc, piece.bindMemory(to: UInt8.self).baseAddress, UInt32(piece.count))
        }
        return UInt32(truncatingIfNeeded: crc)
    }

    static func checksum(_ bytes: some Collection<UInt8>) -> UInt32 {
        Array(bytes).withUnsafeBytes { checksum($0) }
    }
}
