/// One value as SQLite stores it: five types, compared by type and bytes.
///
/// Text is kept as its bytes, so that what another program wrote comes through unchanged even where it is not
/// valid UTF-8, holds NUL, or is not normalised.
public enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    /// Never NaN: SQLite stores NaN as NULL.
    case real(Double)
    case text([UInt8])
    case blob([UInt8])

    public static func text(_ string: String) -> Value { .text(Array(string.utf8)) }

    /// Equal in type and bits: 1 and 1.0 differ, and so do 0.0 and −0.0.
    public static func == (a: Value, b: Value) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.integer(let a), .integer(let b)): a == b
        case (.real(let a), .real(let b)): a.bitPattern == b.bitPattern
        case (.text(let a), .text(let b)), (.blob(let a), .blob(let b)): a == b
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .integer(let number): hasher.combine(number)
        case .real(let number): hasher.combine(number.bitPattern)
        case .text(let bytes), .blob(let bytes): hasher.combine(bytes)
        }
    }

    /// The value's type and bytes in the canonical form of `Protocol/digest.md`: one type byte, then eight bytes
    /// big endian for numbers, or an eight-byte length and the bytes. No two values share one form, and the
    /// forms of one type sort like the values' bytes.
    public func appendCanonical(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(canonical: .null)
        case .integer(let value): bytes.append(canonical: .integer, UInt64(bitPattern: value))
        case .real(let value): bytes.append(canonical: .real, value.bitPattern)
        case .text(let value): bytes.append(canonical: .text, value)
        case .blob(let value): bytes.append(canonical: .blob, value)
        }
    }

    /// Bytes of text or blob; numbers and NULL count nothing.
    public var byteCount: Int {
        switch self {
        case .null, .integer, .real: 0
        case .text(let bytes), .blob(let bytes): bytes.count
        }
    }

    /// For people: text as it is, blobs as `x'…'`, NULL as an empty string.
    public var display: String {
        switch self {
        case .null: ""
        case .integer(let value): String(value)
        case .real(let value): String(value)
        case .text(let value): String(decoding: value, as: UTF8.self)
        case .blob(let value): "x'\(value.hex)'"
        }
    }
}

/// A total order over values by type, then content: what sorts the keys of a digest.
extension Value: Comparable {
    public static func < (a: Value, b: Value) -> Bool {
        switch (a, b) {
        case (.integer(let a), .integer(let b)): a < b
        case (.real(let a), .real(let b)): a == b ? a.bitPattern < b.bitPattern : a < b
        case (.text(let a), .text(let b)), (.blob(let a), .blob(let b)): a.lexicographicallyPrecedes(b)
        default: a.rank < b.rank
        }
    }

    private var rank: Int {
        switch self {
        case .null: 0
        case .integer: 1
        case .real: 2
        case .text: 3
        case .blob: 4
        }
    }
}

/// The primary key of a row: its values in the order of the key's columns.
public struct RowKey: Hashable, Comparable, Sendable {
    public let values: [Value]

    public init(_ values: [Value]) { self.values = values }

    public static func < (a: Self, b: Self) -> Bool {
        for (left, right) in zip(a.values, b.values) where left != right { return left < right }
        return a.values.count < b.values.count
    }

    /// The canonical form of `Protocol/digest.md`: the values' forms one after another.
    public var canonical: [UInt8] {
        var bytes: [UInt8] = []
        for value in values { value.appendCanonical(to: &bytes) }
        return bytes
    }

    /// For people: the values joined by a comma.
    public var display: String { values.map(\.display).joined(separator: ",") }
}

extension [UInt8] {
    /// A value's type, in the canonical form.
    package mutating func append(canonical kind: ValueColumn.Kind) { append(kind.rawValue) }

    /// A number.
    package mutating func append(canonical kind: ValueColumn.Kind, _ word: UInt64) {
        append(kind.rawValue)
        Swift.withUnsafeBytes(of: word.bigEndian) { append(contentsOf: $0) }
    }

    /// A text or blob.
    package mutating func append(canonical kind: ValueColumn.Kind, _ value: some Collection<UInt8>) {
        append(canonical: kind, UInt64(value.count))
        append(contentsOf: value)
    }
}

extension [Value] {
    /// Bytes of all texts and blobs.
    public var byteCount: Int { reduce(0) { $0 + $1.byteCount } }
}
