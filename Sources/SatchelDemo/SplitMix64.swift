/// The demo's randomness: the same for the same seed, on every machine.
///
/// SplitMix64 of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014). For plays and tests,
/// never for keys.
struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True `percent` times out of a hundred.
    mutating func chance(_ percent: Int) -> Bool { int(1...100) <= percent }

    /// Expects a list that is not empty.
    mutating func pick<Element>(_ list: [Element]) -> Element { list[int(0...list.count - 1)] }

    /// `count` digits, the first of them not zero.
    mutating func digits(_ count: Int) -> String {
        String((0..<count).map { Character(String(int($0 == 0 ? 1...9 : 0...9))) })
    }
}
