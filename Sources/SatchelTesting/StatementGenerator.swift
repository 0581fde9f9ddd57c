internal import SatchelModel

/// Makes up what people do, for any schema: few keys, so that they meet; few values, so that some are equal.
struct StatementGenerator {
    let schema: Schema
    let types: [String: [String: String]]
    /// By table, the columns of its UNIQUE constraints.
    let unique: [String: Set<String>]
    /// Those that are written: a few, so that people meet in them, and all that they refer to.
    var tables: [TableSchema]
    /// How many there are of each part of a key at most.
    var keys = 4

    init(schema: Schema, types: [String: [String: String]], unique: [String: [[String]]]) {
        self.schema = schema
        self.types = types
        self.unique = unique.mapValues { Set($0.flatMap(\.self)) }
        tables = schema.tables
    }

    /// Keeps to some tables and few keys.
    mutating func narrow(_ random: inout SplitMix64) {
        keys = random.pick([2, 3, 4, 4])
        guard random.chance(70) else { return }
        var names: Set<String> = []
        var open = (0..<random.pick([1, 1, 2])).compactMap { _ in schema.tables.randomElement(using: &random)?.name }
        while let name = open.popLast() {
            guard names.insert(name).inserted else { continue }
            open += (schema.table(name)?.references ?? []).map(\.parent)
        }
        tables = schema.tables.filter { names.contains($0.name) }
    }

    /// Of those that are written, the places among the tables whose rows can be merged.
    var mergeable: [Int] {
        schema.tables.filter { !$0.appendOnly }.enumerated()
            .filter { table in tables.contains { $0.name == table.element.name } }.map(\.offset)
    }

    /// One to three statements of one transaction.
    func transaction(_ random: inout SplitMix64) -> String {
        guard !tables.isEmpty else { return "SELECT 1" }
        return (0..<Int.random(in: 1...3, using: &random)).map { _ in statement(&random) }.joined(separator: "; ")
    }

    private func statement(_ random: inout SplitMix64) -> String {
        let table = random.pick(tables)
        let key = keyValues(of: table, &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<9: return insert(table, key, &random)
        case 9..<15:
            let units =
                table.units.filter { _ in random.chance(40) }
                + [table.units.randomElement(using: &random)]
                .compactMap(\.self)
            return update(table, key, units, &random)
        case 15..<19: return "DELETE FROM \(quoted(table.name)) WHERE \(match(table, key))"
        default:
            let new = keyValues(of: table, &random)
            let set = zip(table.keyColumns, new).map { "\(quoted($0)) = \($1.sqlLiteral)" }.joined(separator: ", ")
            return "UPDATE OR IGNORE \(quoted(table.name)) SET \(set) WHERE \(match(table, key))"
        }
    }

    /// Mostly with the rows that it refers to, or it would be refused.
    private func insert(
        _ table: TableSchema, _ key: [Value], _ random: inout SplitMix64, depth: Int = 0
    ) -> String {
        var values = Dictionary(zip(table.key, key)) { first, _ in first }
        for unit in table.units { values.merge(newValues(table, unit, &random)) { first, _ in first } }
        var before = ""
        for reference in table.references where depth < 3 {
            guard let parent = schema.table(reference.parent), random.chance(60) else { continue }
            let named = parent.keyColumns.map { column in
                reference.parentColumns.firstIndex(of: column).flatMap { values[reference.columns[$0]] } ?? .null
            }
            if named.contains(.null) || parent.name == table.name && named == key { continue }
            before += insert(parent, named, &random, depth: depth + 1) + "; "
        }
        let columns = values.keys.sorted()
        let names = columns.map { quoted(table.columns[$0].name) }.joined(separator: ", ")
        let literals = columns.map { (values[$0] ?? .null).sqlLiteral }.joined(separator: ", ")
        let verb = depth > 0 ? "INSERT OR IGNORE" : random.pick(Self.verbs)
        return before + "\(verb) INTO \(quoted(table.name)) (\(names)) VALUES (\(literals))"
    }

    private func update(
        _ table: TableSchema, _ key: [Value], _ units: [TableSchema.Unit], _ random: inout SplitMix64
    ) -> String {
        var set: [Int: String] = [:]
        for unit in units {
            let new = newValues(table, unit, &random)
            for column in new.keys.sorted() {
                guard let value = new[column] else { continue }
                let name = quoted(table.columns[column].name)
                let step = Int.random(in: -2...3, using: &random)
                let words = [random.pick(Self.words), random.pick(["uno", "dos", "tres"])]
                let changes =
                    switch unit.policy {
                    case .counter: "\(name) + \(step)"
                    case .text: "replace(\(name), '\(words[0])', '\(words[1])')"
                    default: value.sqlLiteral
                    }
                set[column] = "\(name) = \(random.chance(80) ? changes : value.sqlLiteral)"
            }
        }
        let list = set.keys.sorted().compactMap { set[$0] }.joined(separator: ", ")
        return list.isEmpty
            ? "SELECT 1" : "UPDATE \(quoted(table.name)) SET \(list) WHERE \(match(table, key))"
    }

    // MARK: Values

    private static let verbs = ["INSERT OR IGNORE", "INSERT OR IGNORE", "INSERT OR REPLACE"]
    private static let words = ["one", "two", "three", "four"]

    private func keyValues(of table: TableSchema, _ random: inout SplitMix64) -> [Value] {
        table.key.enumerated().map { place, column in
            let choice = Int.random(in: 0..<(place == 0 ? keys : 2), using: &random)
            let name = table.columns[column].name
            if let parent = table.references.first(where: { $0.columns == [column] }).flatMap({
                schema.table($0.parent)
            }),
                parent.name != table.name
            {
                return keyValues(of: parent, &random).first ?? .null
            }
            return isNumber(table, name) ? .integer(Int64(choice + 1)) : .text("\(table.name.prefix(1))\(choice)")
        }
    }

    /// By column. References name keys of their parents; other values are what the column takes.
    private func newValues(
        _ table: TableSchema, _ unit: TableSchema.Unit, _ random: inout SplitMix64
    ) -> [Int: Value] {
        var values: [Int: Value] = [:]
        for column in unit.columns {
            values[column] = value(table, column, unit.policy, &random)
        }
        for reference in table.references where reference.columns.contains(where: unit.columns.contains) {
            guard let parent = schema.table(reference.parent) else { continue }
            let optional = reference.columns.allSatisfy { !table.columns[$0].notNull }
            let key = keyValues(of: parent, &random)
            let isNull = optional && random.chance(50)
            for (column, name) in zip(reference.columns, reference.parentColumns) where unit.columns.contains(column) {
                guard let place = parent.keyColumns.firstIndex(of: name) else { continue }
                values[column] = isNull ? .null : key[place]
            }
        }
        return values
    }

    private func value(
        _ table: TableSchema, _ column: Int, _ policy: Policy, _ random: inout SplitMix64
    ) -> Value {
        let small = Int64.random(in: 0..<5, using: &random)
        let any: [Value] = [
            .null, .integer(1), .integer(.min), .integer(.max), .real(1), .real(-2.5e-300), .text(""), .text("1"),
            .text("复检"), .text("e\u{301}"), .text("\u{e9}"), .text([97, 0, 98]), .blob([]), .blob([0, 255]),
            .integer(small),
        ]
        let new: Value =
            switch policy {
            case .counter: .integer(small)
            case .set: .text("[\(random.pick(["", "1", "\"a\"", "2, 1", "\"a\",\"b\"", "1,\"b\""]))]")
            case .text: .text(Self.words.joined(separator: " "))
            case _ where unique[table.name]?.contains(table.columns[column].name) ?? false:
                random.pick([.null, .integer(small % 3), .integer(small % 3)])
            case _ where isNumber(table, table.columns[column].name):
                random.pick([.integer(small), .integer(small), .integer(.max), .null])
            default: random.chance(50) ? .text("n\(Int.random(in: 0..<1000, using: &random))") : random.pick(any)
            }
        return new == .null && table.columns[column].notNull ? .integer(small) : new
    }

    private func isNumber(_ table: TableSchema, _ column: String) -> Bool {
        types[table.name]?[column]?.contains("INT") ?? false
    }

    private func match(_ table: TableSchema, _ key: [Value]) -> String {
        zip(table.keyColumns, key).map { "\(quoted($0)) = \($1.sqlLiteral)" }.joined(separator: " AND ")
    }

    private func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
}
