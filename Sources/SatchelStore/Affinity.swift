public import SatchelModel

/// What SQLite makes of a value on its way into a column (section 3.1 of "Datatypes In SQLite"), each by the name of a
/// type that has it.
public enum Affinity: String, Sendable {
    case integer = "INTEGER"
    case real = "REAL"
    case numeric = "NUMERIC"
    case text = "TEXT"
    case none = "BLOB"

    /// By the declared type. In a STRICT table `ANY` means: as it comes.
    init(declared: String, strict: Bool) {
        // Bytes, since every column of every table is asked about whenever a replica is opened.
        let type = declared.utf8.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
        func names(_ words: StaticString...) -> Bool {
            words.contains { word in
                word.withUTF8Buffer { word in
                    type.count >= word.count
                        && (0...type.count - word.count).contains { type[$0..<$0 + word.count].elementsEqual(word) }
                }
            }
        }
        if names("INT") {
            self = .integer
        } else if names("CHAR", "CLOB", "TEXT") {
            self = .text
        } else if names("BLOB") || type.isEmpty || strict && type.count == 3 && names("ANY") {
            self = .none
        } else if names("REAL", "FLOA", "DOUB") {
            self = .real
        } else {
            self = .numeric
        }
    }

    static func isStrict(_ table: String, in db: Connection) throws -> Bool {
        let list = try db.statement(
            "SELECT max(\"strict\") FROM pragma_table_list WHERE schema = 'main' AND name = ?")
        list.bind(1, table)
        defer { list.reset() }
        return try list.step() && list.integer(0) != 0
    }

    /// Whether a column of either comes to the same, whatever is written into it. INTEGER and NUMERIC differ in CAST alone.
    func storesLike(_ other: Affinity) -> Bool {
        func plain(_ one: Affinity) -> Affinity { one == .numeric ? .integer : one }
        return plain(self) == plain(other)
    }
}

extension Affinity {
    /// Whether a column of this affinity may hold another value in the place of this one. What it says no to is held as it is.
    func mayChange(_ value: Value) -> Bool {
        switch value {
        case .null: mayChange(.null, 0, [])
        case .integer: mayChange(.integer, 0, [])
        case .real(let number): mayChange(.real, number, [])
        case .text(let text): mayChange(.text, 0, text)
        case .blob: mayChange(.blob, 0, [])
        }
    }

    /// The same of a value that lies in a column.
    func mayChange(_ column: ValueColumn.View, _ row: Int) -> Bool {
        let kind = column.kinds[row]
        return mayChange(
            kind, kind == .real ? column.real(row) : 0,
            kind == .text ? column.slice(row) : UnsafeRawBufferPointer(start: nil, count: 0))
    }

    private func mayChange(_ kind: ValueColumn.Kind, _ number: Double, _ text: some Collection<UInt8>) -> Bool {
        if kind == .real, number.isNaN { return true }
        return switch (self, kind) {
        case (.none, _), (_, .null), (_, .blob), (.text, .text), (.real, .real): false
        case (.text, .integer), (.text, .real), (.real, .integer): true
        case (.integer, .integer), (.numeric, .integer): false
        case (.integer, .real), (.numeric, .real): number == number.rounded()
        case (_, .text): Self.isNumber(text)
        }
    }

    /// Whether text is a number to SQLite: digits with a point, a sign, an exponent, and blanks around.
    private static func isNumber(_ text: some Collection<UInt8>) -> Bool {
        var rest = text[...]
        func skip(_ bytes: ClosedRange<UInt8>) -> Int {
            let count = rest.prefix { bytes.contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        func skipBlanks() { rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) } }
        func skip(anyOf bytes: String) -> Bool {
            guard let next = rest.first, bytes.utf8.contains(next) else { return false }
            rest = rest.dropFirst()
            return true
        }
        let digits: ClosedRange<UInt8> = 0x30...0x39
        skipBlanks()
        _ = skip(anyOf: "+-")
        var count = skip(digits)
        if skip(anyOf: ".") { count += skip(digits) }
        if count == 0 { return false }
        if skip(anyOf: "eE") {
            _ = skip(anyOf: "+-")
            if skip(digits) == 0 { return false }
        }
        skipBlanks()
        return rest.isEmpty
    }
}

/// What tables hold in the place of values that were written under another type (VER-12).
extension Store {
    /// The value as a column of this affinity holds it. SQLite itself says so.
    public func asHeld(_ value: Value, _ affinity: Affinity) throws -> Value {
        guard affinity.mayChange(value) else { return value }
        let db = try columnsToTry ?? Connection(path: ":memory:", mode: .memory)
        if columnsToTry == nil {
            let all: [Affinity] = [.integer, .real, .numeric, .text, .none]
            let columns = all.map { "\(quoted($0.rawValue)) \($0.rawValue)" }.joined(separator: ", ")
            try db.execute("CREATE TABLE held(id INTEGER PRIMARY KEY, \(columns))")
            columnsToTry = db
        }
        let column = quoted(affinity.rawValue)
        try db.statement("INSERT OR REPLACE INTO held(id, \(column)) VALUES (1, ?)").bind([value]).run()
        let select = try db.statement("SELECT \(column) FROM held")
        defer { select.reset() }
        return try select.step() ? select.value(0) : value
    }

    /// A row as its table holds it.
    public func asHeld(_ row: [Value], _ layout: TableLayout) throws -> [Value] {
        var row = row
        for (column, affinity) in layout.affinities.enumerated() where affinity.mayChange(row[column]) {
            row[column] = try asHeld(row[column], affinity)
        }
        return row
    }

    /// Whether the table can hold a row of this key: another is another row.
    public func holdsAsItIs(_ key: RowKey, _ layout: TableLayout) throws -> Bool {
        for (column, value) in zip(layout.schema.key, key.values) where layout.affinities[column].mayChange(value) {
            if try asHeld(value, layout.affinities[column]) != value { return false }
        }
        return true
    }
}
