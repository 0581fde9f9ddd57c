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
        let type = declared.uppercased()
        if type.contains("INT") {
            self = .integer
        } else if ["CHAR", "CLOB", "TEXT"].contains(where: type.contains) {
            self = .text
        } else if type.contains("BLOB") || type.isEmpty || strict && type == "ANY" {
            self = .none
        } else if ["REAL", "FLOA", "DOUB"].contains(where: type.contains) {
            self = .real
        } else {
            self = .numeric
        }
    }

    /// The value as a column of this affinity holds it, for numbers that were written as text.
    public func stored(_ value: Value) -> Value {
        switch (self, value) {
        case (.real, .integer(let number)): .real(Double(number))
        case (.integer, .real(let number)), (.numeric, .real(let number)):
            Int64(exactly: number).map { .integer($0) } ?? value
        default: value
        }
    }
}

extension Store {
    /// The affinity of each column of a table, in the layout's order.
    public func affinities(_ layout: TableLayout) throws -> [Affinity] {
        let list = try db.statement(
            "SELECT max(\"strict\") FROM pragma_table_list WHERE schema = 'main' AND name = ?")
        list.bind(1, layout.schema.name)
        let strict = try list.step() && list.integer(0) != 0
        list.reset()
        let info = try db.statement("SELECT name, type FROM pragma_table_xinfo(?)")
        info.bind(1, layout.schema.name)
        var declared: [String: String] = [:]
        while try info.step() { declared[info.string(0)] = info.string(1) }
        return layout.schema.columns.map { Affinity(declared: declared[$0.name] ?? "", strict: strict) }
    }
}
