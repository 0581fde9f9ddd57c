import Foundation
import SatchelModel
import Testing

@testable import SatchelWire

/// The vectors in `Protocol/vectors`, which a stranger's reader must judge alike.
///
/// With `SATCHEL_WRITE_VECTORS=1` they are written anew; a change of theirs is a change of the format.
@Suite("Protocol/vectors", .serialized)
struct VectorTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Protocol/vectors")

    struct Vector {
        let file: String, verdict: String, rule: String, why: String
        let bytes: [UInt8]
    }

    @Test("every vector gets its verdict")
    func verdicts() throws {
        let world = try World()
        defer { world.remove() }
        if ProcessInfo.processInfo.environment["SATCHEL_WRITE_VECTORS"] == "1" { try Self.write(world) }
        let index = try String(contentsOf: Self.folder.appendingPathComponent("index.tsv"), encoding: .utf8)
        var files: Set<String> = ["index.tsv"]
        for line in index.split(separator: "\n") where !line.hasPrefix("#") {
            let fields = line.split(separator: "\t").map(String.init)
            let path = Self.folder.appendingPathComponent(fields[0]).path
            #expect(Self.verdict(path, world) == fields[1], "\(line)")
            files.insert(fields[0])
        }
        #expect(files.count > 30)
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)) == files)
    }

    /// The vectors were written once and hold an item of every kind: BND-36, BND-41, BND-42, BND-43, BND-44, BND-45, BND-46,
    /// BND-47, BND-48, BND-49, BND-50, BND-51, BND-52, BND-53, BND-60, BND-61.
    @Test(
        "BND-20, BND-21: today's program reads the bytes of the vectors as what they were made of, and writes the same")
    func stable() throws {
        let world = try World()
        defer { world.remove() }
        let edges = try Data(contentsOf: Self.folder.appendingPathComponent("edges.content"))
        #expect(ContentCoding.encode(Samples.small()) == Array(edges))
        let bundle = world.header()
        var items: [BundleItem] = []
        let read = try world.verify(path: Self.folder.appendingPathComponent("all-items.bundle").path)
        #expect(read.header == bundle)
        try read.forEach { items.append($0) }
        BundleTests.expectEqual(items, try BundleTests.items(world))
    }

    private static func verdict(_ path: String, _ world: World) -> String {
        do {
            if path.hasSuffix(".content") {
                _ = try ContentCoding.decode(Array(Data(contentsOf: URL(fileURLWithPath: path))))
            } else {
                _ = try world.read(path: path)
            }
            return "valid"
        } catch let error as WireError {
            return switch error {
            case .incomplete: "incomplete"
            case .damaged: "damaged"
            case .unsupported: "unsupported"
            case .untrusted: "untrusted"
            case .tooLarge: "too large"
            case .io: "io"
            }
        } catch {
            return "another error"
        }
    }

    private static func write(_ world: World) throws {
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var lines = [
            "# Each file, the verdict that a reader must give, the rule it follows from, and what is special about it.",
            "# A bundle is verified and then read to its end; a .content file is decoded (BND-21).",
            "# Private keys (RFC 8032 seeds): hub 32 bytes 01, token 32 bytes 02, device 32 bytes 03. Hub's public key:",
            "# \(world.hub.publicKey.hex)",
            "# Data set: \(world.dataSet)",
        ]
        for vector in try bundles(world) + contents() {
            lines.append([vector.file, vector.verdict, vector.rule, vector.why].joined(separator: "\t"))
            try Data(vector.bytes).write(to: folder.appendingPathComponent(vector.file))
        }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appendingPathComponent("index.tsv"))
    }

    private static func bundles(_ world: World) throws -> [Vector] {
        var vectors: [Vector] = []
        func add(_ name: String, _ verdict: String, _ rule: String, _ why: String, _ bytes: [UInt8]) {
            vectors.append(Vector(file: name + ".bundle", verdict: verdict, rule: rule, why: why, bytes: bytes))
        }
        func craft(_ change: (inout Craft) -> Void) -> [UInt8] {
            var craft = Craft(world)
            craft.frames = [Craft.item(200, Array(repeating: 0x61, count: 40))]
            change(&craft)
            return craft.bytes()
        }
        try world.write(BundleTests.items(world), to: "all")
        add("all-items", "valid", "BND-40", "one item of every kind", try world.bytes("all"))
        add("empty", "valid", "BND-3", "no items", craft { $0.frames = [] })
        let plain = craft { _ in }
        add("optional-item", "valid", "BND-40", "an item of type 200, which is skipped", plain)
        add("wrong-item", "unsupported", "BND-40", "an item of type 100", craft { $0.frames = [Craft.item(100, [0])] })
        var part = world.head()
        part.more = 1
        let half = SealedChangeset.seal(part, content: ContentCoding.encode(Content()), key: world.device)
        try world.write([.changeset(half)], to: "half")
        add("half-seal", "damaged", "BND-43", "a changeset whose next is not there, signed", try world.bytes("half"))
        func packed(_ content: [UInt8], _ deflated: [UInt8]) -> [UInt8] {
            let sealed = SealedChangeset.seal(world.head(), content: content, key: world.device)
            var body = ByteWriter()
            body.counted(sealed.header)
            body.raw(sealed.signature)
            return craft { $0.frames = [Craft.item(10, body.bytes + deflated)] }
        }
        let content = ContentCoding.encode(Samples.small())
        let deflated = Deflate.compress(content)
        let empty = [UInt8](repeating: 0, count: 2 << 20)
        add("packed", "valid", "BND-54", "a changeset whose content stays deflated", packed(content, deflated))
        add("packed-lie", "damaged", "BND-54", "it inflates to another length", packed(content + [0], deflated))
        add("packed-more", "damaged", "BND-54", "a byte after the stream", packed(content, deflated + [0]))
        add("packed-hash", "damaged", "BND-54", "another content", packed(content.map { ~$0 }, deflated))
        add(
            "packed-bomb", "too large", "BND-54", "2 MiB in 2 KiB, signed", packed(empty, Deflate.compress(empty)))
        add("cut-item", "damaged", "BND-40", "the stream ends in an item", craft { $0.frames = [[200, 40, 0x61]] })
        add("magic", "damaged", "BND-4", "CR LF became LF LF", [UInt8](plain.prefix(4)) + [0x0A] + plain.dropFirst(5))
        add("version", "unsupported", "BND-4", "version 2, signed", craft { $0.header = [8: 2] })
        add("flag", "unsupported", "BND-4", "an unknown flag, signed", craft { $0.header = [9: 2] })
        add("kind", "unsupported", "BND-4", "kind 5, signed", craft { $0.header = [10: 5] })
        add("audience", "damaged", "BND-4", "an audience without its flag, signed", craft { $0.header = [95: 1] })
        var summed = plain
        summed[60] ^= 1
        add("header-checksum", "damaged", "BND-4", "one bit of the bundle's number", summed)
        add("part-number", "damaged", "BND-5", "the first part is number 2, signed", craft { $0.header = [15: 2] })
        add(
            "sender", "untrusted", "IDN-5", "another sender than the certificate's, signed",
            craft { $0.header = [79: 1] })
        let stream = Craft.item(200, Array(0..<100))
        func two(_ change: (inout Craft) -> Void) -> [UInt8] {
            craft {
                $0.frames = [Array(stream.prefix(50))]
                $0.secondPart = [Array(stream.dropFirst(50))]
                change(&$0)
            }
        }
        add("two-parts", "valid", "BND-3", "an item that begins in part 1 and ends in part 2", two { _ in })
        add("chain", "damaged", "BND-5", "part 2 names another part 1, signed", two { $0.secondHeader = [143: 0] })
        add("mixed", "damaged", "BND-5", "part 2 is of another bundle, signed", two { $0.secondHeader = [63: 7] })
        add("not-last", "incomplete", "BND-5", "no part has the last flag, signed", two { $0.endFlags = 0 })
        add("frame-type", "unsupported", "BND-10", "a frame of type 2, signed", craft { $0.frameHead = [0: 2] })
        add(
            "frame-flag", "unsupported", "BND-10", "an unknown flag of a frame, signed", craft { $0.frameHead = [1: 5] }
        )
        add("frame-long", "too large", "BND-10", "a frame of 16 MiB, signed", craft { $0.frameHead = [2: 1] })
        add(
            "frame-lie", "damaged", "BND-11", "one byte more declared than inflates, signed",
            craft { $0.frameHead = [5: 43] })
        var frame = plain
        frame[152 + world.certificate.encoded.count + 14] ^= 1
        add("frame-checksum", "damaged", "BND-10", "one bit of a stored byte", frame)
        let zeros = Craft.item(200, Array(repeating: 0, count: (1 << 20) - 4))
        add("dense", "valid", "BND-12", "1 MiB from 1 KiB, which the first MiB may", craft { $0.frames = [zeros] })
        add("bomb", "too large", "BND-12", "2 MiB from 2 KiB, signed", craft { $0.frames = [zeros, zeros] })
        add(
            "signature", "untrusted", "IDN-1", "the signature's last bit but five",
            [UInt8](plain.dropLast()) + [plain[plain.count - 1] ^ 4])
        add("longer", "damaged", "BND-13", "one byte more", plain + [0])
        add("shorter", "incomplete", "BND-13", "one byte less", Array(plain.dropLast()))
        return vectors
    }

    private static func contents() -> [Vector] {
        var vectors: [Vector] = []
        func add(_ name: String, _ verdict: String, _ rule: String, _ why: String, _ bytes: [UInt8]) {
            vectors.append(Vector(file: name + ".content", verdict: verdict, rule: rule, why: why, bytes: bytes))
        }
        add(
            "edges", "valid", "BND-21", "every type and edge, a deletion with covers",
            ContentCoding.encode(Samples.small()))
        // version; names: "a"; dots: none; one section: table a, key column a, 1 row, no flags; the key: one integer,
        // constant 1; no units; no deletions replaced; ages: constant 0.
        let one: [UInt8] = [1, 1, 1, 0x61, 0, 1, 0, 1, 0, 1, 0, 9, 0, 2, 0, 0, 0, 0]
        func change(_ offset: Int, _ values: UInt8...) -> [UInt8] {
            [UInt8](one.prefix(offset)) + values + one.dropFirst(offset + 1)
        }
        add("one-row", "valid", "BND-22", "one row of one key", one)
        add("version", "unsupported", "BND-21", "version 2", change(0, 2))
        add("name-index", "damaged", "BND-35", "a name that is not there", change(6, 1))
        add("section-flag", "unsupported", "BND-22", "an unknown flag", change(10, 8))
        add("merge-alone", "damaged", "BND-22", "a merge without a cover", change(10, 4))
        let merge = [UInt8](one.prefix(10)) + [6, 9, 0, 2, 0, 0, 0, 0]
        add("merge", "valid", "BND-22", "row 1 is merged into row 2", merge + [9, 0, 4, 0, 0])
        add("merge-null", "damaged", "BND-22", "row 1 is merged into NULL", merge + [8, 0, 0])
        func stated(_ columns: [String], _ values: Value...) -> [UInt8] {
            ContentCoding.encode(
                Content(sections: [
                    Section(
                        table: "a", keyColumns: ["a"], keys: [ValueColumn([.integer(1)])], rows: 1, existence: nil,
                        units: [
                            UnitPart(
                                name: "n", columns: columns, values: values.map { ValueColumn([$0]) },
                                replaced: DotLists())
                        ], deletionsReplaced: DotLists(), cover: nil, ages: [0])
                ]))
        }
        // A counter that 3 was added to, under the id 7.
        let state = Value.blob([1, 1, 0, 0, 0, 0, 0, 0, 0, 7, 6])
        add("state", "valid", "BND-24", "a counter of 3 with its state", stated(["n", ""], .integer(3), state))
        add("no-state", "valid", "BND-24", "a counter of 0 without one", stated(["n", ""], .integer(0), .null))
        add("state-first", "damaged", "BND-24", "a state before its value", stated(["", "n"], state, .integer(3)))
        add("state-text", "damaged", "BND-24", "a text for a state", stated(["n", ""], .integer(3), .text("x")))
        add("varint", "damaged", "BND-2", "the number of rows in two bytes, though one would do", change(9, 0x81, 0))
        add("type", "damaged", "BND-30", "a value of type 5", change(11, 13))
        add("run", "damaged", "BND-30", "a run of two in one row", change(11, 17))
        add("empty-run", "damaged", "BND-30", "a run of none", change(11, 1))
        add("coding", "damaged", "BND-31", "integer coding 5", change(12, 5))
        add(
            "width", "damaged", "BND-31", "a width of 9",
            [UInt8](one.prefix(12)) + [2, 9, 0] + Array(repeating: 0, count: 12))
        add("list", "damaged", "BND-23", "a list of dots that is neither there nor absent", change(15, 2))
        add("nan", "damaged", "BND-32", "NaN", [UInt8](one.prefix(11)) + [10, 0, 0, 1, 0, 0, 0, 0])
        add(
            "rows", "too large", "BND-34", "four thousand million rows in five bytes",
            change(9, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F))
        add("longer", "damaged", "BND-34", "one byte more", one + [0])
        add("shorter", "damaged", "BND-34", "one byte less", one.dropLast())
        return vectors
    }
}
