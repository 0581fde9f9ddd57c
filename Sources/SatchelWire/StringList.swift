import SatchelModel

/// Texts or blobs of one column, as byte strings (BND-33).
///
/// Either every string in order, or each different one once and an index for each row.
struct StringList {
    /// Offset into `bytes` in the upper half, length in the lower, as in a `ValueColumn`.
    var words: [UInt64]
    var bytes: [UInt8]

    private enum Coding: UInt8 {
        case plain = 0
        /// Lowercase UUIDs with hyphens, 16 bytes each.
        case uuids = 1
        /// Dates or times of one style, as numbers.
        case times = 2
        /// Different strings by one of the codings above, then indices.
        case dictionary = 3
    }

    init(words: [UInt64], bytes: [UInt8]) {
        self.words = words
        self.bytes = bytes
    }

    init(_ strings: some Sequence<String>) {
        words = []
        bytes = []
        for string in strings {
            let start = UInt64(bytes.count)
            bytes.append(contentsOf: string.utf8)
            words.append(start << 32 | UInt64(bytes.count) - start)
        }
    }

    static func range(_ word: UInt64) -> Range<Int> {
        let start = Int(word >> 32)
        return start..<start + Int(word & 0xFFFF_FFFF)
    }

    /// O(bytes).
    func encode(to writer: inout ByteWriter) {
        guard !words.isEmpty else { return }
        let whole = choose(words)
        if let (distinct, indices) = different(), worthwhile(distinct, than: whole) {
            writer.byte(Coding.dictionary.rawValue)
            writer.count(distinct.count)
            encode(distinct, choose(distinct), to: &writer)
            IntegerList.encode(indices, to: &writer)
        } else {
            encode(words, whole, to: &writer)
        }
    }

    /// Reads `count` strings of at most `Limits.valueBytes` each.
    static func decode(_ count: Int, from reader: inout ByteReader) throws(WireError) -> StringList {
        guard count > 0 else { return StringList(words: [], bytes: []) }
        guard let coding = Coding(rawValue: try reader.byte()) else { throw reader.damaged("string coding") }
        guard coding == .dictionary else { return try decode(count, coding, from: &reader) }
        let size = try reader.count()
        guard size >= 1, size <= count, let inner = Coding(rawValue: try reader.byte()), inner != .dictionary else {
            throw reader.damaged("a dictionary")
        }
        var list = try decode(size, inner, from: &reader)
        let indices = try IntegerList.decodeIndices(count, below: size, "a dictionary's index", from: &reader)
        let distinct = list.words
        list.words = indices.map { distinct[Int($0)] }
        return list
    }

    // MARK: The strings themselves

    private enum Choice: Equatable { case plain, uuids, times(TimeText) }

    /// The densest coding that fits all of these strings.
    private func choose(_ words: [UInt64]) -> Choice {
        bytes.withUnsafeBufferPointer { bytes in
            guard let first = words.first else { return .plain }
            let length = first & 0xFFFF_FFFF
            if length == 36, words.allSatisfy({ UUIDText.isUUID(bytes, Self.range($0)) }) { return .uuids }
            if let style = TimeText(length: Int(length), bytes, Self.range(first)),
                words.allSatisfy({ style.parse(bytes, Self.range($0)) != nil })
            {
                return .times(style)
            }
            return .plain
        }
    }

    private func encode(_ words: [UInt64], _ choice: Choice, to writer: inout ByteWriter) {
        bytes.withUnsafeBufferPointer { bytes in
            switch choice {
            case .plain:
                writer.byte(Coding.plain.rawValue)
                IntegerList.encode(words.map { Int64($0 & 0xFFFF_FFFF) }, to: &writer)
                for word in words { writer.raw(UnsafeBufferPointer(rebasing: bytes[Self.range(word)])) }
            case .uuids:
                writer.byte(Coding.uuids.rawValue)
                for word in words { UUIDText.pack(bytes, Self.range(word), to: &writer) }
            case .times(let style):
                writer.byte(Coding.times.rawValue)
                writer.byte(style.rawValue)
                IntegerList.encode(words.map { style.parse(bytes, Self.range($0)) ?? 0 }, to: &writer)
            }
        }
    }

    private static func decode(
        _ count: Int, _ coding: Coding, from reader: inout ByteReader
    ) throws(WireError) -> StringList {
        switch coding {
        case .plain:
            let lengths = try IntegerList.decode(count, from: &reader)
            var offset = reader.position
            var left = reader.remaining
            var words: [UInt64] = []
            words.reserveCapacity(count)
            for length in lengths {
                guard length >= 0, length <= left else { throw reader.damaged("a string's length") }
                guard length <= Limits.valueBytes else { throw .tooLarge("\(reader.place): a value") }
                words.append(UInt64(offset) << 32 | UInt64(length))
                offset += Int(length)
                left -= Int(length)
            }
            return StringList(words: words, bytes: try reader.skip(to: offset))
        case .uuids:
            let (size, overflow) = count.multipliedReportingOverflow(by: 16)
            guard !overflow else { throw reader.damaged("ends early") }
            let packed = try reader.raw(size)
            try reader.spend(count, each: UUIDText.length + 8)
            return StringList(
                words: (0..<count).map { UInt64($0 * UUIDText.length) << 32 | UInt64(UUIDText.length) },
                bytes: UUIDText.unpack(packed))
        case .times:
            guard let style = TimeText(rawValue: try reader.byte()) else { throw reader.damaged("a style of time") }
            let numbers = try IntegerList.decode(count, from: &reader)
            try reader.spend(count, each: style.length + 8)
            var list = StringList(words: [], bytes: [])
            list.words.reserveCapacity(count)
            list.bytes.reserveCapacity(count * style.length)
            for number in numbers {
                let start = UInt64(list.bytes.count)
                guard style.append(number, to: &list.bytes) else { throw reader.damaged("a time out of range") }
                list.words.append(start << 32 | UInt64(style.length))
            }
            return list
        case .dictionary: throw reader.damaged("a dictionary in a dictionary")
        }
    }

    // MARK: The dictionary

    /// The different strings in order of appearance and an index for each row, or nil when more than half differ.
    private func different() -> (distinct: [UInt64], indices: [Int64])? {
        guard words.count > 2 else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            var table = StringTable(bytes: bytes, capacity: words.count / 2)
            var indices: [Int64] = []
            indices.reserveCapacity(words.count)
            for word in words {
                guard let index = table.index(of: word) else { return nil }
                indices.append(Int64(index))
            }
            return (table.distinct, indices)
        }
    }

    private func worthwhile(_ distinct: [UInt64], than whole: Choice) -> Bool {
        let index = distinct.count == 1 ? 0 : distinct.count <= 256 ? 1 : distinct.count <= 65_536 ? 2 : 3
        return cost(distinct, choose(distinct)) + index * words.count < cost(words, whole)
    }

    private func cost(_ words: [UInt64], _ choice: Choice) -> Int {
        switch choice {
        case .plain: words.reduce(words.count) { $0 + Int($1 & 0xFFFF_FFFF) }
        case .uuids: words.count * 16
        case .times: words.count * 3
        }
    }
}
