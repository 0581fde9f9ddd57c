/// Finds equal byte strings: an open-addressed table of those seen, in order of appearance.
///
/// The hash is seeded by chance, so that nobody can choose strings that all fall on one place; the order, and with
/// it every byte that is written, does not depend on it.
struct StringTable {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let capacity: Int
    private let mask: Int
    private let seed: UInt64
    private var slots: [Int32]
    private var hashes: [UInt32] = []
    private(set) var distinct: [UInt64] = []

    /// Holds at most `capacity` different strings of `bytes`.
    init(bytes: UnsafeBufferPointer<UInt8>, capacity: Int) {
        self.bytes = bytes
        self.capacity = capacity
        var size = 16
        while size < capacity * 2 { size *= 2 }
        mask = size - 1
        slots = Array(repeating: -1, count: size)
        var random = SystemRandomNumberGenerator()
        seed = random.next() | 1
    }

    /// The place of the string among the different ones; nil when it would be one too many. Expected O(its bytes).
    mutating func index(of word: UInt64) -> Int? {
        let string = UnsafeBufferPointer(rebasing: bytes[StringList.range(word)])
        let hash = hash(string)
        var slot = Int(hash >> 32) & mask
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if hashes[index] == UInt32(truncatingIfNeeded: hash), equal(string, distinct[index]) { return index }
            slot = (slot + 1) & mask
        }
        guard distinct.count < capacity else { return nil }
        slots[slot] = Int32(distinct.count)
        hashes.append(UInt32(truncatingIfNeeded: hash))
        distinct.append(word)
        return distinct.count - 1
    }

    private func equal(_ string: UnsafeBufferPointer<UInt8>, _ word: UInt64) -> Bool {
        let other = UnsafeBufferPointer(rebasing: bytes[StringList.range(word)])
        return string.count == other.count && string.elementsEqual(other)
    }

    private func hash(_ string: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let raw = UnsafeRawBufferPointer(string)
        var state = seed ^ UInt64(raw.count)
        var offset = 0
        while offset + 8 <= raw.count {
            state = Self.mix(state ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self), seed)
            offset += 8
        }
        var tail: UInt64 = 0
        while offset < raw.count {
            tail = tail << 8 | UInt64(raw[offset])
            offset += 1
        }
        return Self.mix(state ^ tail, 0x9E37_79B9_7F4A_7C15)
    }

    @inline(__always)
    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
