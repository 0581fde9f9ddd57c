import SatchelModel
import Testing

@testable import SatchelWire

/// E10: decoding is total. What reaches these decoders is signed, but by whom?
@Suite("E10: damaged messages are decoded or refused, and none traps")
struct MutationTests {
    private static func mutant(of bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
        var mutant = bytes
        for _ in 0..<random.number(1..<4) {
            let place = random.number(0..<mutant.count)
            switch random.number(0..<4) {
            case 0: mutant[place] ^= 1 << UInt8(random.number(0..<8))
            case 1: mutant[place] = [0, 1, 2, 0x7F, 0x80, 0xFF][random.number(0..<6)]
            case 2: mutant.remove(at: place)
            default: mutant.insert(UInt8(random.number(0..<256)), at: place)
            }
            if mutant.isEmpty { return [0] }
        }
        return mutant
    }

    @Test("BND-41 to BND-47: items of every kind")
    func items() throws {
        let world = try World()
        defer { world.remove() }
        var random = Seeded(state: 0xE10)
        for item in try BundleTests.items(world) {
            let (kind, body, content) = try ItemCoding.encode(item, dots: 4)
            for _ in 0..<(kind == .state ? 30_000 : 3000) {
                guard let back = try? ItemCoding.decode(kind, Self.mutant(of: body + content, &random), dots: 4) else {
                    continue
                }
                // Whatever is taken can be written again.
                _ = try ItemCoding.encode(back, dots: 4)
            }
        }
    }

    @Test("BND-20, IDN-3: headers of changesets and certificates")
    func heads() throws {
        let world = try World()
        defer { world.remove() }
        var random = Seeded(state: 0xE11)
        let header = HeaderCoding.encode(world.head())
        let certificate = world.certificate.encoded
        for _ in 0..<5000 {
            if let back = try? HeaderCoding.decode(Self.mutant(of: header, &random)) {
                #expect(try HeaderCoding.decode(HeaderCoding.encode(back)) == back)
            }
            let changed = Self.mutant(of: certificate, &random)
            if let back = try? Certificate(decoding: changed) { #expect(back.encoded == changed) }
        }
    }

    @Test("BND-40: streams, in frames of any length")
    func streams() throws {
        let world = try World()
        defer { world.remove() }
        var random = Seeded(state: 0xE12)
        var stream: [UInt8] = []
        let items = try BundleTests.items(world)
        var dots = 0
        for item in items {
            let (kind, body, content) = try ItemCoding.encode(item, dots: dots)
            if case .dots(let known) = item { dots += known.count }
            stream += Craft.item(kind.rawValue, body + content)
        }
        for size in 1..<40 {
            var whole = ItemStream()
            var back: [BundleItem] = []
            for start in stride(from: 0, to: stream.count, by: size) {
                try whole.add(Array(stream[start..<min(stream.count, start + size)])) { back.append($0) }
            }
            try whole.finish { back.append($0) }
            BundleTests.expectEqual(back, items)
        }
        for _ in 0..<3000 {
            var damaged = ItemStream()
            try? damaged.add(Self.mutant(of: stream, &random)) { _ in }
            try? damaged.finish { _ in }
        }
    }
}
