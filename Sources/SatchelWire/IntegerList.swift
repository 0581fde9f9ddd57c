import SatchelModel

/// Whole numbers of one column, in the shortest of five codings (BND-31).
///
/// The number of values is known to both sides; no values take no bytes.
enum IntegerList {
    enum Coding: UInt8 {
        /// One value for all.
        case constant = 0
        /// Each value, then how often it follows itself.
        case runs = 1
        /// What each value has above the least, high bytes of all first: bytes of one weight look alike to deflate.
        case planes = 2
        /// Differences to the value before.
        case deltas = 3
        case varints = 4
    }

    /// O(values).
    static func encode(_ values: [Int64], to writer: inout ByteWriter) {
        guard let first = values.first else { return }
        let sizes = Sizes(values)
        let coding = sizes.best
        writer.byte(coding.rawValue)
        switch coding {
        case .constant: writer.zigzag(first)
        case .runs: encodeRuns(values, to: &writer)
        case .planes: encodePlanes(values, least: sizes.least, width: sizes.width, to: &writer)
        case .deltas:
            var last: Int64 = 0
            for value in values {
                writer.zigzag(value &- last)
                last = value
            }
        case .varints:
            for value in values { writer.zigzag(value) }
        }
    }

    /// Reads exactly `count` values. Memory for them is taken from the reader's budget first.
    static func decode(_ count: Int, from reader: inout ByteReader) throws(WireError) -> [Int64] {
        guard count > 0 else { return [] }
        try reader.spend(count, each: 8)
        guard let coding = Coding(rawValue: try reader.byte()) else { throw reader.damaged("integer coding") }
        switch coding {
        case .constant: return Array(repeating: try reader.zigzag(), count: count)
        case .runs: return try decodeRuns(count, from: &reader)
        case .planes: return try decodePlanes(count, from: &reader)
        case .deltas:
            guard count <= reader.remaining else { throw reader.damaged("ends early") }
            var values: [Int64] = []
            values.reserveCapacity(count)
            var last: Int64 = 0
            for _ in 0..<count {
                last &+= try reader.zigzag()
                values.append(last)
            }
            return values
        case .varints:
            guard count <= reader.remaining else { throw reader.damaged("ends early") }
            var values: [Int64] = []
            values.reserveCapacity(count)
            for _ in 0..<count { values.append(try reader.zigzag()) }
            return values
        }
    }

    private static func encodeRuns(_ values: [Int64], to writer: inout ByteWriter) {
        var index = 0
        while index < values.count {
            let value = values[index]
            var end = index + 1
            while end < values.count, values[end] == value { end += 1 }
            writer.zigzag(value)
            writer.count(end - index)
            index = end
        }
    }

    private static func decodeRuns(_ count: Int, from reader: inout ByteReader) throws(WireError) -> [Int64] {
        var values: [Int64] = []
        values.reserveCapacity(count)
        while values.count < count {
            let value = try reader.zigzag()
            let run = try reader.varint()
            guard run >= 1, run <= UInt64(count - values.count) else { throw reader.damaged("a run's length") }
            values.append(contentsOf: repeatElement(value, count: Int(run)))
        }
        return values
    }

    private static func encodePlanes(_ values: [Int64], least: Int64, width: Int, to writer: inout ByteWriter) {
        writer.byte(UInt8(width))
        writer.zigzag(least)
        writer.reserve(values.count * width)
        for plane in stride(from: width - 1, through: 0, by: -1) {
            let shift = Int64(plane * 8)
            for value in values { writer.byte(UInt8(truncatingIfNeeded: (value &- least) &>> shift)) }
        }
    }

    private static func decodePlanes(_ count: Int, from reader: inout ByteReader) throws(WireError) -> [Int64] {
        let width = Int(try reader.byte())
        guard (1...8).contains(width) else { throw reader.damaged("a width") }
        let least = try reader.zigzag()
        let (size, overflow) = count.multipliedReportingOverflow(by: width)
        guard !overflow else { throw reader.damaged("ends early") }
        let planes = try reader.raw(size)
        var values = [Int64](repeating: 0, count: count)
        planes.withUnsafeBufferPointer { planes in
            var next = 0
            for _ in 0..<width {
                for row in 0..<count {
                    values[row] = values[row] &<< 8 | Int64(planes[next])
                    next += 1
                }
            }
        }
        for row in 0..<count {
            let (value, overflow) = UInt64(bitPattern: values[row])
                .addingReportingOverflow(UInt64(bitPattern: least) ^ 1 << 63)
            guard !overflow else { throw reader.damaged("a value beyond 64 bits") }
            values[row] = Int64(bitPattern: value ^ 1 << 63)
        }
        return values
    }

    /// What each coding would take, found in one pass.
    private struct Sizes {
        var least = Int64.max, most = Int64.min
        var runs = 0, deltas = 0, varints = 0
        let count: Int

        init(_ values: [Int64]) {
            count = values.count
            var last: Int64 = 0
            var run = 0
            for (index, value) in values.enumerated() {
                least = min(least, value)
                most = max(most, value)
                let size = Self.size(value)
                varints += size
                deltas += Self.size(value &- last)
                if index > 0, value == last {
                    run += 1
                } else {
                    if index > 0 { runs += Self.size(unsigned: run) }
                    runs += size
                    run = 1
                }
                last = value
            }
            runs += Self.size(unsigned: run)
        }

        /// Bytes of the widest difference to the least.
        var width: Int { (71 - UInt64(bitPattern: most &- least).leadingZeroBitCount) / 8 }

        var best: Coding {
            if least == most { return .constant }
            let planes = 1 + Self.size(least) + count * width
            var best = (Coding.runs, runs)
            for (coding, size) in [(Coding.planes, planes), (.deltas, deltas), (.varints, varints)] where size < best.1
            {
                best = (coding, size)
            }
            return best.0
        }

        @inline(__always)
        private static func size(_ value: Int64) -> Int {
            let word = UInt64(bitPattern: value << 1 ^ value >> 63) | 1
            return (70 - word.leadingZeroBitCount) / 7
        }

        @inline(__always)
        private static func size(unsigned value: Int) -> Int { (70 - (UInt64(value) | 1).leadingZeroBitCount) / 7 }
    }
}

extension IntegerList {
    /// Indices and counts.
    static func encode(_ values: [UInt32], to writer: inout ByteWriter) {
        encode(values.map { Int64($0) }, to: &writer)
    }

    /// Reads indices, each below `bound`.
    static func decodeIndices(
        _ count: Int, below bound: Int, _ what: StaticString, from reader: inout ByteReader
    ) throws(WireError) -> [UInt32] {
        let values = try decode(count, from: &reader)
        let limit = UInt64(min(bound, Int(UInt32.max)))
        guard values.allSatisfy({ UInt64(bitPattern: $0) < limit }) else { throw reader.damaged(what) }
        return values.map { UInt32(truncatingIfNeeded: $0) }
    }

    /// Reads how many things each of `count` rows has, and adds them up.
    static func decodeCounts(
        _ count: Int, _ what: StaticString, from reader: inout ByteReader
    ) throws(WireError) -> (counts: [UInt32], total: Int) {
        let counts = try decodeIndices(count, below: Int(UInt32.max), what, from: &reader)
        return (counts, counts.reduce(0) { $0 + Int($1) })
    }
}
