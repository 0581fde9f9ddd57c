import SatchelModel
import Testing

@testable import SatchelWire

/// Deflating on several cores, and changesets that travel as they lie.
@Suite struct DeflatingTests {
    /// Bytes of three pieces and a little more, which shrink to about a half.
    private static func text(_ count: Int) -> [UInt8] {
        var state: UInt64 = 7
        return (0..<count).map { place in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return place % 3 == 0 ? UInt8(truncatingIfNeeded: state >> 56) : UInt8(place % 5)
        }
    }

    @Test(
        "BND-11: pieces deflated on several cores are one stream, hardly longer than one",
        arguments: [
            0, 1, 256 << 10, (256 << 10) + 1, (512 << 10), (800 << 10) + 17,
        ])
    func pieces(count: Int) throws {
        let bytes = Self.text(count)
        let deflated = Deflating(bytes).finish()
        #expect(try Deflate.inflate(deflated, expected: count) == bytes)
        #expect(deflated.count <= Deflate.compress(bytes).count * 101 / 100 + 40)
    }

    @Test("BND-54: a changeset that was packed comes back whole, with what it was deflated to")
    func packed() throws {
        let world = try World()
        defer { world.remove() }
        let sealed = SealedChangeset.seal(world.head(), content: Self.text(3 << 20), key: world.device)
        let deflated = Deflating(sealed.content).finish()
        let writer = try BundleWriter(
            path: world.file("b"), header: world.header(), certificate: world.certificate.encoded, key: world.device)
        try writer.append(.dots([]))
        try writer.append(PackedChangeset(header: sealed.header, signature: sealed.signature, deflated: deflated))
        try writer.append(.dots([]))
        let size = try writer.finish()
        #expect(size < deflated.count + 2048, "it is not deflated again, and nothing else is large")
        let items = try world.read("b")
        guard items.count == 3, case .changeset(let found) = items[1] else {
            Issue.record("\(items.count) items")
            return
        }
        #expect(found.hash == sealed.hash && found.content == sealed.content && found.deflated == deflated)
        var changed = found
        changed.content = [0]
        #expect(changed.deflated == nil, "what no longer says the content is gone with it")
    }

    @Test("BND-54: what shrank beyond the limit travels as it is")
    func dense() throws {
        let world = try World()
        defer { world.remove() }
        let sealed = SealedChangeset.seal(
            world.head(), content: [UInt8](repeating: 0, count: 4 << 20), key: world.device)
        let writer = try BundleWriter(
            path: world.file("b"), header: world.header(), certificate: world.certificate.encoded, key: world.device)
        try writer.append(
            PackedChangeset(
                header: sealed.header, signature: sealed.signature, deflated: Deflating(sealed.content).finish()))
        _ = try writer.finish()
        guard case .changeset(let found)? = try world.read("b").first else {
            Issue.record("no changeset")
            return
        }
        #expect(found.content == sealed.content && found.deflated == nil)
    }

    @Test("BND-54: whoever reads ahead makes room for all contents together, and leaves what has more as it came")
    func readAhead() throws {
        let world = try World()
        defer { world.remove() }
        let writer = try BundleWriter(
            path: world.file("b"), header: world.header(), certificate: world.certificate.encoded, key: world.device)
        let sealed = SealedChangeset.seal(world.head(), content: Self.text(300_000), key: world.device)
        for _ in 0..<3 {
            try writer.append(
                PackedChangeset(
                    header: sealed.header, signature: sealed.signature, deflated: Deflating(sealed.content).finish()))
        }
        _ = try writer.finish()
        for limit in [1_000_000, 800_000, 100_000] {
            let bundle = try world.verify("b").readAhead(upTo: limit)
            var found = 0
            try bundle.forEach { if case .changeset(let one) = $0, one.hash == sealed.hash { found += 1 } }
            #expect(found == 3)
            #expect(bundle.isReadAhead == (limit >= 900_000), "\(limit)")
        }
    }
}
