import Foundation
import SatchelModel
import Testing

@testable import SatchelWire

/// Taking bundles apart, as somebody with a hex editor would.
enum Splices {
    /// The parts of a bundle, whole.
    static func parts(_ bytes: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var offset = 0
        while offset < bytes.count {
            let start = offset
            offset += 152 + word(bytes, offset + 144)
            while true {
                let isEnd = bytes[offset] == 0
                offset += 14 + word(bytes, offset + 6)
                if isEnd { break }
            }
            offset += 64
            parts.append(Array(bytes[start..<offset]))
        }
        return parts
    }

    static func word(_ bytes: [UInt8], _ offset: Int) -> Int {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    static func set(_ bytes: inout [UInt8], _ offset: Int, _ value: Int) {
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (24 - index * 8)) }
    }

    /// Signs the first part anew, after checksums were put right: what an enrolled device with a bad will sends.
    static func resign(_ bytes: [UInt8], frame: Int, key: SigningKey) -> [UInt8] {
        var bytes = Array(bytes.dropLast(64))
        let stored = word(bytes, frame + 6)
        if frame + 14 + stored <= bytes.count {
            set(
                &bytes, frame + 10,
                Int(
                    FrameHeader.checksum(
                        Array(bytes[frame..<frame + 10]), Array(bytes[(frame + 14)..<(frame + 14 + stored)]))))
        }
        return bytes + key.sign(sha256(bytes).bytes, domain: Domain.bundle)
    }
}

@Suite("T1, T4, T7: hostile bundles")
struct HostileBundleTests {
    private func small(_ world: World) throws -> [UInt8] {
        let sealed = SealedChangeset.seal(world.head(), content: ContentCoding.encode(Content()), key: world.device)
        try world.write([.changeset(sealed)], to: "small")
        return try world.bytes("small")
    }

    @Test("BND-13: every truncation is refused as incomplete")
    func truncations() throws {
        let world = try World()
        defer { world.remove() }
        let bytes = try small(world)
        for length in 0..<bytes.count {
            try world.put(Array(bytes.prefix(length)), "cut")
            do {
                _ = try world.verify("cut")
                Issue.record("a bundle of \(length) bytes was taken")
            } catch let error as WireError {
                guard case .incomplete = error else {
                    Issue.record("\(length) bytes: \(error)")
                    continue
                }
            }
        }
    }

    @Test("BND-13: every flipped bit is refused")
    func flips() throws {
        let world = try World()
        defer { world.remove() }
        let bytes = try small(world)
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                try world.put(flipped, "flipped")
                #expect(throws: WireError.self, "byte \(index), bit \(bit)") { try world.verify("flipped") }
            }
        }
    }

    @Test("BND-13: bytes after the last part, and a second bundle after the first, are refused")
    func leftovers() throws {
        let world = try World()
        defer { world.remove() }
        let bytes = try small(world)
        for tail in [[0], bytes] {
            try world.put(bytes + tail, "long")
            #expect(throws: WireError.damaged("bytes after the last part")) { try world.verify("long") }
        }
    }

    @Test("BND-5: parts that are swapped, dropped, doubled or taken from another bundle are refused")
    func splicedParts() throws {
        let world = try World()
        defer { world.remove() }
        var random = Seeded(state: 1)
        let sealed = SealedChangeset.seal(world.head(), content: random.bytes(18_000_000), key: world.device)
        func bundle(_ number: UInt64) throws -> [[UInt8]] {
            try world.write([.changeset(sealed)], to: "whole", header: world.header(bundle: number))
            return Splices.parts(try world.bytes("whole"))
        }
        let a = try bundle(1)
        let b = try bundle(2)
        #expect(a.count == 3 && b.count == 3)
        let wrong: [[[UInt8]]] = [
            [a[1], a[0], a[2]], [a[0], a[2]], [a[0], a[1]], [a[1], a[2]], [a[0], a[0], a[1], a[2]],
            [a[0], a[1], a[1], a[2]], [a[0], b[1], a[2]], [a[0], a[1], b[2]], [b[0], a[1], a[2]], [a[0], a[2], a[1]],
        ]
        for (index, parts) in wrong.enumerated() {
            try world.put(parts.reduce(into: []) { $0 += $1 }, "spliced")
            #expect(throws: WireError.self, "splice \(index)") { try world.verify("spliced") }
        }
        try world.put(a.reduce(into: []) { $0 += $1 }, "whole")
        _ = try world.verify("whole")
    }

    @Test("BND-5: the header of one bundle with the body of another is refused")
    func splicedBodies() throws {
        let world = try World()
        defer { world.remove() }
        var bundles: [(head: [UInt8], body: [UInt8])] = []
        for number in 0..<12 as Range<UInt64> {
            try world.write(
                [.standing(Standing(epoch: 1, position: number % 4, scopes: 0, beyond: []))], to: "x",
                header: world.header(bundle: number))
            let bytes = try world.bytes("x")
            let head = 152 + world.certificate.encoded.count
            bundles.append((Array(bytes.prefix(head)), Array(bytes.dropFirst(head))))
        }
        for a in bundles.indices {
            for b in bundles.indices {
                try world.put(bundles[a].head + bundles[b].body, "y")
                #expect((try? world.verify("y")) != nil ? a == b : a != b, "header \(a), body \(b)")
            }
        }
    }

    @Test("IDN-5: unsigned, wrongly signed and wrongly sent bundles are refused")
    func wrongKeys() throws {
        let world = try World()
        defer { world.remove() }
        let bytes = try small(world)
        try world.put(bytes.dropLast(64) + Array(repeating: 0, count: 64), "b")
        #expect(throws: WireError.self) { try world.verify("b") }
        try world.write([], to: "b", key: world.stranger)
        #expect(throws: WireError.untrusted("part 1 is not signed by its sender")) { try world.verify("b") }
        var header = world.header()
        header.sender = OriginID(high: 1, low: 1)
        try world.write([], to: "b", header: header)
        #expect(throws: WireError.untrusted("the sender is not the certificate's")) { try world.verify("b") }
    }

    @Test("BND-10: lengths that lie are refused even when correctly signed")
    func lyingLengths() throws {
        let world = try World()
        defer { world.remove() }
        let bytes = try small(world)
        let frame = 152 + world.certificate.encoded.count
        for (field, value) in [
            (frame + 2, 0), (frame + 2, 1), (frame + 2, Limits.frameBytes + 1), (frame + 2, 0x7FFF_FFFF),
            (frame + 6, 0),
            (frame + 2, 0xFFFF_FFFF), (frame + 6, 0xFFFF_FFFF), (frame + 6, Splices.word(bytes, frame + 6) + 1),
        ] {
            var lie = bytes
            Splices.set(&lie, field, value)
            try world.put(Splices.resign(lie, frame: frame, key: world.device), "lie")
            #expect(throws: WireError.self, "field \(field - frame), value \(value)") { try world.read("lie") }
        }
        // One byte more than the stream has: well formed, and found when it is inflated.
        var longer = bytes
        Splices.set(&longer, frame + 2, Splices.word(bytes, frame + 2) + 1)
        try world.put(Splices.resign(longer, frame: frame, key: world.device), "lie")
        #expect(throws: WireError.self) { try world.read("lie") }
    }

    @Test("BND-12: a part that inflates a hundredfold beyond its first MiB is refused, one just below is taken")
    func ratio() {
        var budget = PartBudget()
        #expect(budget.allows(inflated: 1 << 20, stored: 1))
        budget.count(inflated: 1 << 20, stored: 1000)
        #expect(budget.allows(inflated: 100_000, stored: 0))
        #expect(!budget.allows(inflated: 100_001, stored: 0))
        #expect(budget.allows(inflated: 1 << 20, stored: 10_486))
    }

    @Test("BND-11: a deflate bomb does not inflate beyond what it declares")
    func bomb() throws {
        let zeros = Deflate.compress(Array(repeating: 0, count: 10 << 20))
        #expect(zeros.count < 11_000)
        #expect(try Deflate.inflate(zeros, expected: 10 << 20).count == 10 << 20)
        for size in [0, 1, 1 << 20, (10 << 20) - 1, (10 << 20) + 1] {
            #expect(throws: WireError.self) { try Deflate.inflate(zeros, expected: size) }
        }
        #expect(throws: WireError.tooLarge("inflated size")) { try Deflate.inflate(zeros, expected: .max) }
        #expect(throws: WireError.tooLarge("inflated size")) { try Deflate.inflate(zeros, expected: -1) }
        #expect(throws: WireError.self) { try Deflate.inflate([], expected: 200 << 20) }
        #expect(throws: WireError.self) { try Deflate.inflate(zeros + [0], expected: 10 << 20) }
        #expect(try Deflate.inflate(Deflate.compress([]), expected: 0) == [])
    }

    @Test("T15: a link, a folder and a missing file are refused")
    func paths() throws {
        let world = try World()
        defer { world.remove() }
        #expect(throws: WireError.self) { try UnverifiedBundle(path: world.file("none")).peek() }
        #expect(throws: WireError.self) { try UnverifiedBundle(path: world.directory.path).peek() }
        _ = try small(world)
        try FileManager.default.createSymbolicLink(atPath: world.file("link"), withDestinationPath: world.file("small"))
        #expect(throws: WireError.self) { try UnverifiedBundle(path: world.file("link")).peek() }
    }
}
