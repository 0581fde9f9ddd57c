/// The reference workload: clients, contacts, visits and updates, of the sizes and kind of text that field work has.
///
/// The same rows for the same seed. Schema, row counts and lengths are those of `fieldwork-v1`.
struct Workload {
    static let schema = """
        CREATE TABLE client(id TEXT PRIMARY KEY, code TEXT, name TEXT, short TEXT, industry TEXT, status INTEGER,
          level INTEGER, province TEXT, city TEXT, district TEXT, address TEXT, postcode TEXT, phone TEXT, email TEXT,
          owner TEXT, credit INTEGER, term INTEGER, tags TEXT, remark TEXT, created_at TEXT, updated_at TEXT);
        CREATE TABLE contact(id TEXT PRIMARY KEY, client_id TEXT, name TEXT, title TEXT, mobile TEXT, email TEXT,
          is_primary INTEGER, note TEXT);
        CREATE TABLE visit(id TEXT PRIMARY KEY, client_id TEXT, user_code TEXT, started_at TEXT, minutes INTEGER,
          kind INTEGER, result INTEGER, lat REAL, lng REAL, amount INTEGER, next_action TEXT, photos INTEGER,
          flag INTEGER, note TEXT);
        """
    static let clientInsert = "INSERT INTO client VALUES (\(places(21)))"
    static let contactInsert = "INSERT INTO contact VALUES (\(places(8)))"
    static let visitInsert = "INSERT INTO visit VALUES (\(places(14)))"

    static func places(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }

    var clients: [[Field]] = []
    var contacts: [[Field]] = []
    var visits: [[Field]] = []
    /// A column of client, its new value, and the client's id.
    var updates: [(column: String, values: [Field])] = []

    init(clients clientCount: Int, visits visitCount: Int, updates updateCount: Int, seed: UInt64) {
        var text = FieldText(seed: seed)
        for index in 0..<clientCount { clients.append(Self.client(index, &text)) }
        for index in 0..<(clientCount * 3) {
            let client = clients[text.below(clientCount)][0]
            contacts.append([
                text.uuid(), client, text.person(), text.pick(FieldText.titles), text.phone(), text.mail(),
                .integer(index % 3 == 0 ? 1 : 0), .text(text.prose(20)),
            ])
        }
        for index in 0..<visitCount {
            visits.append(Self.visit(of: clients[text.below(clientCount)][0], day: index / 300, &text))
        }
        for _ in 0..<updateCount {
            updates.append(Self.update(of: clients[text.below(clientCount)][0], &text))
        }
    }

    static func client(_ index: Int, _ text: inout FieldText) -> [Field] {
        let city = text.word(FieldText.cities)
        let name = city.dropLast() + text.word(FieldText.firms) + text.word(FieldText.trades) + "有限公司"
        let address =
            "\(city)\(text.word(FieldText.roads))\(text.below(999) + 1)号\(text.word(FieldText.firms))大厦"
            + "\(text.below(30) + 1)层\(text.below(2900) + 101)室"
        return [
            text.uuid(), .text("C\(100_000 + index)"), .text(String(name)), .text(String(name.prefix(4))),
            text.pick(FieldText.trades), .integer(Int64(text.below(5))), .integer(Int64(text.below(5) + 1)),
            .text(city), .text(city), text.pick(FieldText.districts), .text(address),
            .text("\(100_000 + text.below(600_000))"), text.phone(), text.mail(), text.person(),
            .integer(Int64(text.below(500_001))), .integer(Int64(text.below(91))),
            text.pick(["重点,老客户", "潜在", "普通", "战略"]),
            .text(text.prose(112)), text.time(day: text.below(300)), text.time(day: text.below(330)),
        ]
    }

    /// A single-column update of a client: the column, its new value, and the client's id.
    static func update(of client: Field, _ text: inout FieldText) -> (column: String, values: [Field]) {
        let (column, value): (String, Field) =
            switch text.below(6) {
            case 0: ("phone", text.phone())
            case 1: ("remark", .text(text.prose(60)))
            case 2: ("status", .integer(Int64(text.below(5))))
            case 3: ("credit", .integer(Int64(text.below(500_001))))
            case 4: ("owner", text.person())
            default: ("level", .integer(Int64(text.below(5) + 1)))
            }
        return (column, [value, client])
    }

    static func visit(of client: Field, day: Int, _ text: inout FieldText) -> [Field] {
        let note =
            text.below(10) < 8
            ? text.prose(68 + text.below(71))
            : text.prose(15 + text.below(31)) + " PO\(10_000_000 + text.below(90_000_000))"
        return [
            text.uuid(), client, .text("U" + FieldText.padded(text.below(120) + 1, 3)),
            text.time(day: day), .integer(Int64(text.below(176) + 5)), .integer(Int64(text.below(6) + 1)),
            .integer(Int64(text.below(5))), .real(Double(22_000_000 + text.below(18_000_000)) / 1_000_000),
            .real(Double(103_000_000 + text.below(18_000_000)) / 1_000_000), .integer(Int64(text.below(2_000_001))),
            text.pick(FieldText.actions), .integer(Int64(text.below(10))), .integer(Int64(text.below(2))), .text(note),
        ]
    }
}
