public import SatchelModel

/// What the DDL says a column holds by default, in the text that SQLite keeps of it: an expression without the parentheses
/// around it, a literal, or one word or a name in quotes, which is a string.
struct ColumnDefault {
    private let sql: String
    private let pieces: [SQLText.Piece]

    init(_ sql: String) {
        self.sql = sql
        pieces = SQLText.pieces(of: sql).filter { $0.kind != .gap }
    }

    /// Whether it is one value for ever, and everywhere: no function is called in it, and it is no time of day.
    var isConstant: Bool {
        !callsFunctions && !pieces.contains { $0.kind == .word && $0.said.uppercased().hasPrefix("CURRENT_") }
    }

    var callsFunctions: Bool {
        zip(pieces, pieces.dropFirst()).contains { piece, next in
            (piece.kind == .word || piece.kind == .name) && next.isMark("(")
        }
    }

    /// As an expression in any other place.
    var expression: String {
        guard pieces.count == 1, let only = pieces.first, only.kind == .name || Self.isBareName(only) else {
            // A line of its own: the text may end in a remark.
            return "(\(sql)\n)"
        }
        return "'\(only.said.replacing("'", with: "''"))'"
    }

    /// What it comes to now, as it is before a column makes something else of it.
    func value(_ db: Connection) throws -> Value {
        let select = try Statement(db, "SELECT \(expression)")
        return try select.step() ? select.value(0) : .null
    }

    /// Whether a word by itself is a string and not what it says.
    private static func isBareName(_ piece: SQLText.Piece) -> Bool {
        let constants = ["NULL", "TRUE", "FALSE", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"]
        return piece.isBareWord && !constants.contains(piece.said.uppercased())
    }
}

extension TableSchema.Column {
    /// Whether what the DDL says it holds by default is one value for ever, or nothing.
    var hasConstantDefault: Bool { defaultSQL.map { ColumnDefault($0).isConstant } ?? true }
}

extension Store {
    /// What each column of a table holds where nobody wrote it, as the column holds it. A default that is computed would
    /// differ from replica to replica: NULL.
    func defaults(of facts: TableFacts) throws -> [Value] {
        try zip(facts.schema.columns, facts.affinities).map { column, affinity in
            guard let sql = column.defaultSQL, column.hasConstantDefault else { return .null }
            return try asHeld(ColumnDefault(sql).value(db), affinity)
        }
    }

    /// The blank that a column's default gives.
    public func blank(defaultSQL: String) throws -> Value { try ColumnDefault(defaultSQL).value(db) }
}
