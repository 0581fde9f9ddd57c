/// Values of one column, row after row, without an object for each.
///
/// The type of each value is a byte, its bits or the place of its bytes are a word. Appending is amortised O(1),
/// reading O(1). One column holds less than 4 GiB of text and blobs together.
public struct ValueColumn: Sendable, Equatable {
    public enum Kind: UInt8, Sendable { case null = 0, integer, real, text, blob }

    public private(set) var kinds: [Kind] = []
    /// Integers and reals: their bits. Text and blobs: offset into `bytes` in the upper half, length in the lower.
    public private(set) var words: [UInt64] = []
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// Texts and blobs that stay where they are: `words` of them say where in `bytes`, in which others may lie too.
    ///
    /// - Precondition: as many kinds as words, and each text and blob within `bytes`.
    public init(kinds: [Kind], words: [UInt64], bytes: [UInt8]) {
        precondition(kinds.count == words.count, "a value has a type")
        (self.kinds, self.words, self.bytes) = (kinds, words, bytes)
    }

    public init(_ values: some Sequence<Value>) { for value in values { append(value) } }

    public var count: Int { kinds.count }

    /// - Parameter bytes: of texts and blobs, about as many as will come.
    public mutating func reserve(rows: Int, bytes: Int) {
        kinds.reserveCapacity(rows)
        words.reserveCapacity(rows)
        self.bytes.reserveCapacity(bytes)
    }

    public mutating func appendNull() { push(.null, 0) }
    public mutating func append(integer: Int64) { push(.integer, UInt64(bitPattern: integer)) }
    /// NaN is NULL, as SQLite has it.
    public mutating func append(real: Double) { real.isNaN ? appendNull() : push(.real, real.bitPattern) }

    public mutating func append(_ kind: Kind, bytes new: UnsafeRawBufferPointer) {
        let place = UInt64(bytes.count) << 32 | UInt64(new.count)
        bytes.append(contentsOf: new)
        push(kind, place)
    }

    public mutating func append(_ kind: Kind, bytes new: some Collection<UInt8>) {
        let place = UInt64(bytes.count) << 32 | UInt64(new.count)
        bytes.append(contentsOf: new)
        push(kind, place)
    }

    public mutating func append(_ value: Value) {
        switch value {
        case .null: appendNull()
        case .integer(let number): append(integer: number)
        case .real(let number): append(real: number)
        case .text(let text): append(.text, bytes: text)
        case .blob(let blob): append(.blob, bytes: blob)
        }
    }

    public func integer(_ row: Int) -> Int64 { Int64(bitPattern: words[row]) }
    public func real(_ row: Int) -> Double { Double(bitPattern: words[row]) }

    /// Of all texts and blobs. O(rows).
    public var byteCount: Int {
        zip(kinds, words).reduce(0) { sum, value in
            value.0 == .text || value.0 == .blob ? sum + Int(value.1 & 0xFFFF_FFFF) : sum
        }
    }

    /// Where the bytes of a text or blob lie in `bytes`.
    public func range(_ row: Int) -> Range<Int> {
        let start = Int(words[row] >> 32)
        return start..<(start + Int(words[row] & 0xFFFF_FFFF))
    }

    public subscript(row: Int) -> Value {
        switch kinds[row] {
        case .null: .null
        case .integer: .integer(integer(row))
        case .real: .real(real(row))
        case .text: .text(Array(bytes[range(row)]))
        case .blob: .blob(Array(bytes[range(row)]))
        }
    }

    public static func == (a: Self, b: Self) -> Bool {
        a.count == b.count && (0..<a.count).allSatisfy { a[$0] == b[$0] }
    }

    private mutating func push(_ kind: Kind, _ word: UInt64) {
        kinds.append(kind)
        words.append(word)
    }
}
