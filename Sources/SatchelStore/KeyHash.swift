internal import SatchelModel

/// A 64-bit hash keyed by a secret of the replica: the number under which a row's clock is kept.
///
/// The secret keeps others from choosing keys that collide. Folded multiplication after Wang Yi's wyhash. By
/// chance two of ten million rows share a number with a probability under 3 in a million.
struct KeyHash {
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    func row(table: Int64, key: RowKey) -> Int64 {
        row(table: table, canonical: key.canonical)
    }

    /// The same of a key's canonical form.
    func row(table: Int64, canonical: [UInt8]) -> Int64 {
        Int64(bitPattern: bytes(canonical, salt: UInt64(bitPattern: table)))
    }

    /// A checksum of a row's values, 32 bits: `doctor` finds by it what was changed round the triggers.
    func mark(_ values: [Value]) -> Int64 {
        var form: [UInt8] = []
        for value in values { value.appendCanonical(to: &form) }
        return mark(canonical: form)
    }

    private func mark(canonical: [UInt8]) -> Int64 { Int64(bytes(canonical, salt: 0) & 0xFFFF_FFFF) }

    /// The same of a row that lies in columns. `form` is room to work in.
    func mark(_ columns: [ValueColumn.View], _ row: Int, _ form: inout [UInt8]) -> Int64 {
        form.removeAll(keepingCapacity: true)
        for column in columns { column.appendCanonical(row, to: &form) }
        return mark(canonical: form)
    }

    /// `row(table:key:)` of a key that lies in columns.
    func row(table: Int64, key: [ValueColumn.View], _ row: Int, _ form: inout [UInt8]) -> Int64 {
        form.removeAll(keepingCapacity: true)
        for column in key { column.appendCanonical(row, to: &form) }
        return self.row(table: table, canonical: form)
    }

    func bytes(_ bytes: [UInt8], salt: UInt64) -> UInt64 {
        bytes.withUnsafeBytes { buffer in
            var state = seed ^ Self.fold(salt ^ 0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB)
            var offset = 0
            while offset + 16 <= buffer.count {
                let a = buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let b = buffer.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
                state = Self.fold(a ^ 0xE703_7ED1_A0B4_28DB, b ^ state)
                offset += 16
            }
            var a: UInt64 = 0
            var b: UInt64 = 0
            for index in offset..<buffer.count {
                let byte = UInt64(buffer[index])
                if index - offset < 8 { a = a << 8 | byte } else { b = b << 8 | byte }
            }
            state = Self.fold(a ^ 0x8EBC_6AF0_9C88_C6E3, b ^ state)
            return Self.fold(state ^ UInt64(buffer.count), 0x5899_65CC_7537_4CC3)
        }
    }

    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
