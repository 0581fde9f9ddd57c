import SatchelModel

/// One column of values: runs of types, then the values of each type by themselves (BND-30).
enum ColumnCoding {
    /// O(values and their bytes).
    static func encode(_ column: ValueColumn, to writer: inout ByteWriter) {
        let kinds = column.kinds
        guard let first = kinds.first else { return }
        let uniform = encode(kinds: kinds, to: &writer) == 1
        func words(_ kind: ValueColumn.Kind) -> [UInt64] {
            if uniform { return kind == first ? column.words : [] }
            var words: [UInt64] = []
            for row in kinds.indices where kinds[row] == kind { words.append(column.words[row]) }
            return words
        }
        IntegerList.encode(words(.integer).map { Int64(bitPattern: $0) }, to: &writer)
        RealList.encode(words(.real), to: &writer)
        StringList(words: words(.text), bytes: column.bytes).encode(to: &writer)
        StringList(words: words(.blob), bytes: column.bytes).encode(to: &writer)
    }

    /// Reads `rows` values. Texts stay where the reader has them, those of a dictionary once.
    static func decode(_ rows: Int, from reader: inout ByteReader) throws(WireError) -> ValueColumn {
        guard rows > 0 else { return ValueColumn() }
        try reader.spend(rows, each: 9)
        let (runs, counts) = try decodeKinds(rows, from: &reader)
        let integers = try IntegerList.decode(counts[1], from: &reader)
        let reals = try RealList.decode(counts[2], from: &reader)
        let texts = try StringList.decode(counts[3], from: &reader)
        let blobs = try StringList.decode(counts[4], from: &reader)
        try spend(texts, from: &reader)
        try spend(blobs, from: &reader)
        let (bytes, words) = together(texts, blobs)
        var column = (kinds: [ValueColumn.Kind](), words: [UInt64]())
        column.kinds.reserveCapacity(rows)
        column.words.reserveCapacity(rows)
        var next = [0, 0, 0, 0, 0]
        for (kind, length) in runs {
            let start = next[Int(kind.rawValue)]
            let end = start + length
            next[Int(kind.rawValue)] = end
            column.kinds.append(contentsOf: repeatElement(kind, count: length))
            switch kind {
            case .null: column.words.append(contentsOf: repeatElement(0, count: length))
            case .integer: for index in start..<end { column.words.append(UInt64(bitPattern: integers[index])) }
            case .real: column.words.append(contentsOf: reals[start..<end])
            case .text: column.words.append(contentsOf: words.texts[start..<end])
            case .blob: column.words.append(contentsOf: words.blobs[start..<end])
            }
        }
        return ValueColumn(kinds: column.kinds, words: column.words, bytes: bytes)
    }

    /// The strings of both in one store of bytes, which is where they are unless there are some of both.
    private static func together(
        _ first: StringList, _ second: StringList
    ) -> (bytes: [UInt8], words: (texts: [UInt64], blobs: [UInt64])) {
        if second.words.isEmpty { return (first.bytes, (first.words, [])) }
        if first.words.isEmpty { return (second.bytes, ([], second.words)) }
        var bytes: [UInt8] = []
        func moved(_ list: StringList) -> [UInt64] {
            list.words.map { word in
                let place = UInt64(bytes.count) << 32 | word & 0xFFFF_FFFF
                bytes.append(contentsOf: list.bytes[StringList.range(word)])
                return place
            }
        }
        let words = (texts: moved(first), blobs: moved(second))
        return (bytes, words)
    }

    /// A dictionary of one long text may stand for many: what they come to is charged, though it lies here once (BND-34).
    private static func spend(_ list: StringList, from reader: inout ByteReader) throws(WireError) {
        try reader.spend(list.words.reduce(0) { $0 + Int($1 & 0xFFFF_FFFF) }, each: 1)
    }

    /// Returns the number of runs.
    private static func encode(kinds: [ValueColumn.Kind], to writer: inout ByteWriter) -> Int {
        var runs = 0
        var index = 0
        while index < kinds.count {
            let kind = kinds[index]
            var end = index + 1
            while end < kinds.count, kinds[end] == kind { end += 1 }
            writer.varint(UInt64(end - index) << 3 | UInt64(kind.rawValue))
            runs += 1
            index = end
        }
        return runs
    }

    private static func decodeKinds(
        _ rows: Int, from reader: inout ByteReader
    ) throws(WireError) -> (runs: [(ValueColumn.Kind, Int)], counts: [Int]) {
        var runs: [(ValueColumn.Kind, Int)] = []
        var counts = [0, 0, 0, 0, 0]
        var left = rows
        while left > 0 {
            let word = try reader.varint()
            guard let kind = ValueColumn.Kind(rawValue: UInt8(word & 7)) else { throw reader.damaged("a type") }
            let length = word >> 3
            guard length >= 1, length <= UInt64(left), runs.last?.0 != kind else {
                throw reader.damaged("a run of types")
            }
            runs.append((kind, Int(length)))
            counts[Int(kind.rawValue)] += Int(length)
            left -= Int(length)
        }
        return (runs, counts)
    }
}
