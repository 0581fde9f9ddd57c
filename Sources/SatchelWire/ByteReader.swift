import SatchelModel

/// Reads the format's primitive forms from bytes that nobody vouches for (BND-2).
///
/// Total: every read checks what is left, and every count is checked before anything is allocated for it. What
/// costs no bytes of its own (a constant column of a billion rows) is charged to `budget`.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var position: Int
    private let end: Int
    /// Bytes of memory that what is decoded may still take.
    private var budget: Int
    /// What one message may take decoded (BND-34): twice what it may take as bytes.
    static let decodedBytes = 2 * Limits.contentBytes

    /// What is being read, for the error.
    let place: StaticString

    init(_ bytes: [UInt8], _ place: StaticString, budget: Int = decodedBytes) {
        self.bytes = bytes
        self.place = place
        self.budget = budget
        position = 0
        end = bytes.count
    }

    var remaining: Int { end - position }

    func damaged(_ what: StaticString) -> WireError { .damaged("\(place): \(what)") }

    /// Takes memory from the budget before it is allocated.
    mutating func spend(_ count: Int, each size: Int) throws(WireError) {
        let (total, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, total <= budget else { throw .tooLarge("\(place): decoded size") }
        budget -= total
    }

    mutating func byte() throws(WireError) -> UInt8 {
        guard position < end else { throw damaged("ends early") }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func raw(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw damaged("ends early") }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// All bytes, and moves on to `offset`: for strings that stay where they are.
    mutating func skip(to offset: Int) throws(WireError) -> [UInt8] {
        guard offset >= position, offset <= end else { throw damaged("ends early") }
        position = offset
        return bytes
    }

    mutating func word<Word: FixedWidthInteger & UnsignedInteger>(_: Word.Type) throws(WireError) -> Word {
        var value: Word = 0
        for byte in try raw(Word.bitWidth / 8) { value = value << 8 | Word(byte) }
        return value
    }

    /// Refuses forms that are longer than they need to be, so that each number has one form.
    @inline(__always)
    mutating func varint() throws(WireError) -> UInt64 {
        guard position < end else { throw damaged("ends early") }
        let first = bytes[position]
        position += 1
        if first < 0x80 { return UInt64(first) }
        return try longVarint(first)
    }

    private mutating func longVarint(_ first: UInt8) throws(WireError) -> UInt64 {
        var value = UInt64(first & 0x7F)
        var shift: UInt64 = 7
        while true {
            let next = try byte()
            if shift == 63, next > 1 { throw damaged("a varint of more than 64 bits") }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 {
                guard next != 0 else { throw damaged("a varint longer than needed") }
                return value
            }
            shift += 7
        }
    }

    @inline(__always)
    mutating func zigzag() throws(WireError) -> Int64 {
        let word = try varint()
        return Int64(bitPattern: word >> 1) ^ -Int64(bitPattern: word & 1)
    }

    /// A number of things of which each takes at least one byte of what is left.
    mutating func count() throws(WireError) -> Int {
        let value = try varint()
        guard value <= UInt64(remaining) else { throw damaged("a count beyond its end") }
        return Int(value)
    }

    /// A number that is at most `limit`.
    mutating func number(upTo limit: Int, _ what: StaticString) throws(WireError) -> Int {
        let value = try varint()
        guard value <= UInt64(limit) else { throw .tooLarge("\(place): \(what)") }
        return Int(value)
    }

    mutating func counted(upTo limit: Int, _ what: StaticString) throws(WireError) -> ArraySlice<UInt8> {
        try raw(number(upTo: limit, what))
    }

    /// Counted text, which must be valid UTF-8.
    mutating func text(upTo limit: Int = Limits.nameBytes, _ what: StaticString) throws(WireError) -> String {
        let slice = try counted(upTo: limit, what)
        let text = String(decoding: slice, as: UTF8.self)
        guard text.utf8.elementsEqual(slice) else { throw damaged("text is not UTF-8") }
        return text
    }

    mutating func origin() throws(WireError) -> OriginID {
        OriginID(high: try word(UInt64.self), low: try word(UInt64.self))
    }

    mutating func hash() throws(WireError) -> Hash256 {
        guard let hash = Hash256(try raw(32)) else { throw damaged("ends early") }
        return hash
    }

    mutating func time() throws(WireError) -> Timestamp {
        Timestamp(milliseconds: Int64(bitPattern: try word(UInt64.self)))
    }

    func finish() throws(WireError) {
        guard position == end else { throw damaged("bytes are left over") }
    }
}
