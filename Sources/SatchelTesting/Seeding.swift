internal import CFaultyDisk
internal import SatchelWire

/// Everything that a run draws, its keys and SQLite's own random numbers among it, from a seed (TST-1).
enum Seeding {
    /// Draws what is drawn in `body` from the seed.
    static func seeded<T>(_ seed: UInt64, _ body: () throws -> T) throws -> T {
        try seeded(SharedRandom(seed), seed, body)
    }

    static func seeded<T>(_ random: SharedRandom, _ seed: UInt64, _ body: () throws -> T) throws -> T {
        faulty_seed(seed)
        return try Randomness.$source.withValue(Randomness.Source { random.next() }, operation: body)
    }

    /// The seed of what has a name. FNV-1a.
    static func seed(of name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

/// One generator for whoever draws in a run.
final class SharedRandom: Sendable {
    private let random: Locked<SplitMix64>

    init(_ seed: UInt64) { random = Locked(SplitMix64(seed: seed)) }

    func next() -> UInt64 { random.withLock { $0.next() } }

    /// Begins anew, and SQLite with it.
    func begin(_ seed: UInt64) {
        random.withLock { $0 = SplitMix64(seed: seed) }
        faulty_seed(seed)
    }
}
