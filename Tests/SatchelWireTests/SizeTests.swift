import SatchelModel
import SatchelWire
import Testing

@Suite("Cost goals: sizes")
struct SizeTests {
    private static let clientColumns = ["phone", "remark", "status", "credit", "owner", "level"]

    /// 20 visits with notes of 120 characters and 200 single-column edits on 20 clients, in four changesets.
    private func day(_ random: inout Seeded) -> [Content] {
        let clients = (0..<20).map { _ in random.uuid() }
        let seen = (0..<20).map { _ in
            Dot(
                origin: OriginID(high: UInt64(random.number(0..<6)), low: 3), sequence: UInt64(random.number(1..<400)),
                tag: random.next())
        }
        return (0..<4).map { quarter in
            var content = Content(dots: seen)
            content.sections.append(visits(5, hour: 9 + quarter * 2, clients, &random))
            // 50 edits: the last of each column of each client is what is sealed.
            var edits: [Int: Set<Int>] = [:]
            for _ in 0..<50 { edits[random.number(0..<20), default: []].insert(random.number(0..<6)) }
            var groups: [[Int]: [Int]] = [:]
            for client in edits.keys.sorted() { groups[(edits[client] ?? []).sorted(), default: []].append(client) }
            for (columns, rows) in groups.sorted(by: { $0.value[0] < $1.value[0] }) {
                content.sections.append(clientEdits(columns, rows, clients, &random))
            }
            return content
        }
    }

    private func visits(_ rows: Int, hour: Int, _ clients: [String], _ random: inout Seeded) -> Section {
        func column(_ name: String, _ value: (inout Seeded) -> Value) -> UnitPart {
            UnitPart(
                name: name, columns: [name], values: [ValueColumn((0..<rows).map { _ in value(&random) })],
                replaced: DotLists())
        }
        let id = ValueColumn((0..<rows).map { _ in Value.text(random.uuid()) })
        let place = UnitPart(
            name: "place", columns: ["latitude", "longitude"],
            values: [
                ValueColumn((0..<rows).map { _ in Value.real(Double(random.number(31_200_000..<31_300_000)) / 1e6) }),
                ValueColumn((0..<rows).map { _ in Value.real(Double(random.number(121_400_000..<121_500_000)) / 1e6) }),
            ], replaced: DotLists())
        return Section(
            table: "visit", keyColumns: ["id"], keys: [id], rows: rows, existence: DotLists(),
            units: [
                column("client_id") { .text(clients[$0.number(0..<20)]) },
                column("visited_at") {
                    .text("2024-06-01T\(hour < 10 ? "0" : "")\(hour):\($0.number(10..<60)):\($0.number(10..<60))Z")
                },
                column("minutes") { .integer(Int64($0.number(5..<180))) },
                column("purpose") { .integer(Int64($0.number(0..<6))) },
                column("status") { .integer(Int64($0.number(0..<4))) }, place,
                column("amount") { .integer(Int64($0.number(0..<2_000_000))) }, column("note") { .text($0.note(120)) },
            ], deletionsReplaced: DotLists(), cover: nil, ages: (0..<rows).map { UInt64($0 * 600_000) })
    }

    private func clientEdits(_ columns: [Int], _ rows: [Int], _ clients: [String], _ random: inout Seeded) -> Section {
        let units = columns.map { column -> UnitPart in
            let values = rows.map { _ -> Value in
                switch column {
                case 0: .text("138\(random.number(10_000_000..<99_999_999))")
                case 1: .text(random.note(20))
                case 3: .integer(Int64(random.number(0..<500_000)))
                case 4: .text(["王伟", "李娜", "张强", "刘洋"][random.number(0..<4)])
                default: .integer(Int64(random.number(0..<5)))
                }
            }
            return UnitPart(
                name: Self.clientColumns[column], columns: [Self.clientColumns[column]], values: [ValueColumn(values)],
                replaced: DotLists(counts: rows.map { _ in 1 }, dots: rows.map { UInt32($0) }))
        }
        return Section(
            table: "client", keyColumns: ["id"], keys: [ValueColumn(rows.map { Value.text(clients[$0]) })],
            rows: rows.count, existence: nil, units: units, deletionsReplaced: DotLists(), cover: nil,
            ages: rows.map { _ in UInt64(random.number(0..<7_200_000)) })
    }

    @Test("a field worker's day is a bundle of at most 12 KB")
    func fieldDay() throws {
        let world = try World()
        defer { world.remove() }
        var random = Seeded(state: 2024)
        var previous = Hash256.zero
        var items: [BundleItem] = [
            .standing(Standing(epoch: 3, position: 812_345, scopes: 99, beyond: []))
        ]
        for (index, content) in day(&random).enumerated() {
            var head = world.head(UInt64(index + 1), previous: previous, rows: 25)
            if index > 0 {
                let own = VersionVector.Entry(origin: world.origin, sequence: UInt64(index), tag: previous.tag)
                head.clock = CausalClock(epoch: 3, position: 812_345, others: VersionVector(heads: [own]))
            }
            let sealed = SealedChangeset.seal(head, content: ContentCoding.encode(content), key: world.device)
            previous = sealed.hash
            items.append(.changeset(sealed))
        }
        let size = try world.write(items, to: "day")
        print("a field worker's day: \(size) bytes")
        #expect(size <= 12_288)
        BundleTests.expectEqual(try world.read("day"), items)
    }

    @Test("an empty bundle, which says that nothing is new, is at most 600 bytes")
    func nothingNew() throws {
        let world = try World()
        defer { world.remove() }
        let size = try world.write(
            [.standing(Standing(epoch: 3, position: 9, scopes: 1, beyond: []))], to: "b")
        print("nothing new: \(size) bytes")
        #expect(size <= 600)
    }
}
