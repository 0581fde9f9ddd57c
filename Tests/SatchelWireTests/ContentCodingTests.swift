import SatchelModel
import Testing

@testable import SatchelWire

@Suite("BND-21 to BND-36: content")
struct ContentCodingTests {
    @Test("BND-21: every kind of value and every edge comes back bit by bit")
    func edges() throws {
        let content = Samples.small()
        let bytes = ContentCoding.encode(content)
        #expect(try ContentCoding.decode(bytes) == content)
        #expect(ContentCoding.encode(try ContentCoding.decode(bytes)) == bytes)
    }

    @Test("BND-21: an empty content and an empty section come back")
    func empty() throws {
        #expect(try ContentCoding.decode(ContentCoding.encode(Content())) == Content())
        let section = Section(
            table: "", keyColumns: ["k"], keys: [ValueColumn()], rows: 0, existence: nil,
            units: [UnitPart(name: "u", columns: [], values: [], replaced: DotLists())],
            deletionsReplaced: DotLists(), cover: CoverLists(names: [UnitName("")]), ages: [])
        let content = Content(sections: [section])
        #expect(try ContentCoding.decode(ContentCoding.encode(content)) == content)
    }

    @Test("BND-35: names are told apart by their bytes, not by how Swift compares them")
    func names() throws {
        var content = Samples.small()
        content.sections[1].cover?.names = ["", "name", "\u{e9}", "e\u{301}"].map { UnitName($0) }
        let names = try ContentCoding.decode(ContentCoding.encode(content)).sections[1].cover?.names.map {
            Array($0.name.utf8)
        }
        #expect(names?[2] == [0xC3, 0xA9])
        #expect(names?[3] == [0x65, 0xCC, 0x81])
    }

    @Test("BND-30: columns of any mixture come back, 3,000 by chance", arguments: [1, 2, 3] as [UInt64])
    func columns(seed: UInt64) throws {
        var random = Seeded(state: seed)
        for round in 0..<1000 {
            let rows = random.number(1..<60)
            let column = Self.column(rows, &random)
            var writer = ByteWriter()
            ColumnCoding.encode(column, to: &writer)
            var reader = ByteReader(writer.bytes, "test")
            let back = try ColumnCoding.decode(rows, from: &reader)
            #expect(back == column, "seed \(seed), round \(round)")
            #expect(reader.remaining == 0)
        }
    }

    private static func column(_ rows: Int, _ random: inout Seeded) -> ValueColumn {
        let style = random.number(0..<10)
        let few = (0..<3).map { _ in random.uuid() }
        return ValueColumn(
            (0..<rows).map { row -> Value in
                switch style {
                case 0: Samples.edges[random.number(0..<Samples.edges.count)]
                case 1: .integer(Int64(bitPattern: random.next() >> UInt64(random.number(0..<64))))
                case 2: .integer(Int64(row * 7 + random.number(0..<2)))
                case 3: .real((Double(random.number(-1_000_000..<1_000_000)) / 100))
                case 4: .real(Double(bitPattern: random.next() & 0x7FEF_FFFF_FFFF_FFFF))
                case 5: .text(random.uuid())
                case 6: .text(few[random.number(0..<3)])
                case 7: .blob(random.bytes(random.number(0..<9)))
                case 8: random.number(0..<2) == 0 ? .null : .text("重点")
                default:
                    .text(
                        "20\(10 + random.number(0..<80))-0\(random.number(1..<10))-1\(random.number(0..<10))T1\(random.number(0..<10)):00:59.\(100 + random.number(0..<900))Z"
                    )
                }
            })
    }

    @Test("BND-31: integers at both limits come back in every coding")
    func integers() throws {
        let lists: [[Int64]] = [
            [.min, .max], [.max, .min, 0, -1, 1], Array(repeating: .min, count: 40), [.min, .min + 1, .min + 2],
            (0..<300).map { Int64($0) << 40 }, [Int64](repeating: 5, count: 50) + [Int64](repeating: .max, count: 50),
            [0x7FFF_FFFF_FFFF_FF00, 0x7FFF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FF80],
        ]
        for list in lists {
            var writer = ByteWriter()
            IntegerList.encode(list, to: &writer)
            var reader = ByteReader(writer.bytes, "test")
            #expect(try IntegerList.decode(list.count, from: &reader) == list)
            #expect(reader.remaining == 0)
        }
    }

    @Test("BND-33: every day of the calendar, and nothing else, is a date")
    func calendar() {
        var text: [UInt8] = []
        for day in Int64(-719_530)...2_932_900 where day % 97 == 0 || day < -719_526 || day > 2_932_894 {
            text.removeAll(keepingCapacity: true)
            let isDay = TimeText.date.append(day, to: &text)
            #expect(isDay == (-719_528...2_932_896).contains(day))
            if isDay { text.withUnsafeBufferPointer { #expect(TimeText.date.parse($0, 0..<10) == day) } }
        }
        #expect(!TimeText.zulu.append(.min, to: &text))
        #expect(!TimeText.zuluMilliseconds.append(.max, to: &text))
    }

    @Test("BND-32: a NaN, which SQLite cannot hold, is refused")
    func notANumber() {
        var content = Samples.small()
        // A column makes a NULL of it, so that no writer of ours brings one about: these are another's bits.
        let count = Samples.edges.count
        #expect(ValueColumn([.real(.nan)]) == ValueColumn([.null]))
        content.sections[0].units[0].values = [
            ValueColumn(
                kinds: Array(repeating: .real, count: count),
                words: Array(repeating: Double.nan.bitPattern, count: count), bytes: [])
        ]
        #expect(throws: WireError.damaged("content: a real is NaN")) {
            try ContentCoding.decode(ContentCoding.encode(content))
        }
    }

    @Test("BND-34: no byte may be left over and none may be missing")
    func ends() {
        let bytes = ContentCoding.encode(Samples.small())
        #expect(throws: WireError.self) { try ContentCoding.decode(bytes + [0]) }
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) { try ContentCoding.decode(Array(bytes.prefix(length))) }
        }
    }

    @Test("BND-22: an index of a dot beyond the dots is refused")
    func dots() {
        var content = Samples.small()
        content.dots.removeLast()
        #expect(throws: WireError.damaged("content: a dot's index")) {
            try ContentCoding.decode(ContentCoding.encode(content))
        }
    }

    @Test("BND-34: a primary key of 1,024 bytes is taken, one of 1,025 refused")
    func keys() throws {
        func content(_ size: Int) -> Content {
            var content = Samples.small()
            content.sections[1].keys[0] = ValueColumn([.text("n"), .blob(Array(repeating: 7, count: size))])
            return content
        }
        #expect(try ContentCoding.decode(ContentCoding.encode(content(1024))) == content(1024))
        #expect(throws: WireError.tooLarge("content: a primary key")) {
            try ContentCoding.decode(ContentCoding.encode(content(1025)))
        }
    }

    @Test("BND-34: rows, runs and dictionaries that promise gigabytes are refused before memory is taken")
    func bombs() {
        // Version 1, names "a", no dots, one section, table 0, key column 0, rows, no flags, then the key column.
        func section(rows: UInt64, _ column: [UInt8]) -> [UInt8] {
            var writer = ByteWriter()
            writer.raw([1, 1, 1, 0x61, 0, 1, 0, 1, 0])
            writer.varint(rows)
            writer.raw([0] + column)
            writer.raw(Array(repeating: 0, count: 200))
            return writer.bytes
        }
        func run(_ rows: UInt64, _ kind: UInt64) -> [UInt8] {
            var writer = ByteWriter()
            writer.varint(rows << 3 | kind)
            return writer.bytes
        }
        for rows: UInt64 in [1 << 31, 1 << 40, 1 << 60, .max >> 1] {
            #expect(throws: WireError.self) {
                try ContentCoding.decode(section(rows: rows, run(rows & 0xFFFF_FFFF, 0)))
            }
            #expect(throws: WireError.self) { try ContentCoding.decode(section(rows: rows, run(rows, 1) + [0, 0])) }
        }
        // A million rows of one text of 64 KiB.
        var text = ByteWriter()
        text.raw(run(1_000_000, 3) + [3, 1, 0, 0])
        text.zigzag(65_536)
        text.raw(Array(repeating: 0x61, count: 65_536))
        text.raw([0, 0])
        #expect(throws: WireError.tooLarge("content: decoded size")) {
            try ContentCoding.decode(section(rows: 1_000_000, text.bytes))
        }
    }

    @Test("BND-34: 100,000 damaged contents are decoded or refused, and none traps")
    func mutants() {
        var random = Seeded(state: 0x5A7C)
        let bytes = ContentCoding.encode(Samples.small())
        var taken = 0
        for _ in 0..<100_000 {
            var mutant = bytes
            for _ in 0..<random.number(1..<4) {
                let place = random.number(0..<mutant.count)
                switch random.number(0..<5) {
                case 0: mutant[place] ^= 1 << UInt8(random.number(0..<8))
                case 1: mutant[place] = UInt8(random.number(0..<256))
                case 2: mutant[place] = [0, 1, 0x7F, 0x80, 0xFF][random.number(0..<5)]
                case 3: mutant.remove(at: place)
                default: mutant.insert(UInt8(random.number(0..<256)), at: place)
                }
            }
            if let content = try? ContentCoding.decode(mutant) {
                taken += 1
                // What is taken is whole: it can be written again and comes back.
                if taken % 16 == 0 { #expect((try? ContentCoding.decode(ContentCoding.encode(content))) == content) }
            }
        }
        #expect(taken > 0)
    }
}
