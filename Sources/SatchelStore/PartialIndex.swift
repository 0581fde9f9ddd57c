/// The condition of a partial index, read out of the `CREATE INDEX` statement that SQLite keeps.
struct PartialIndex {
    /// What follows WHERE, without remarks, and without the table before a column's name: it can be asked of the table
    /// under whatever name.
    let condition: String
    /// Every name that stands in it, in small letters, be it a column's or not.
    let names: Set<String>

    /// Nil: it cannot be found.
    ///
    /// The first parenthesis of the statement opens the list of columns, and what follows the list is the condition.
    init?(_ sql: String) {
        let pieces = SQLText.pieces(of: sql)
        var depth = 0
        let closing = pieces.firstIndex { piece in
            if piece.isMark("(") { depth += 1 }
            if piece.isMark(")") { depth -= 1 }
            return piece.isMark(")") && depth == 0
        }
        guard let closing else { return nil }
        let rest = pieces[(closing + 1)...].drop { $0.kind == .gap }
        guard let word = rest.first, word.said.uppercased() == "WHERE" else { return nil }
        let own = Self.withoutTables(Array(rest.dropFirst()))
        condition = String(
            decoding: own.flatMap { $0.kind == .gap ? [UInt8(ascii: " ")] : $0.text }, as: UTF8.self)
        names = Set(own.filter { $0.kind == .word || $0.kind == .name }.map { $0.said.lowercased() })
    }

    private static func withoutTables(_ pieces: [SQLText.Piece]) -> [SQLText.Piece] {
        // The point in 1.5 is none between names.
        func isName(_ place: Int) -> Bool { pieces[place].kind == .name || pieces[place].isBareWord }
        var own: [SQLText.Piece] = []
        var place = 0
        while place < pieces.count {
            let point = pieces.indices.first { $0 > place && pieces[$0].kind != .gap }
            let column = point.flatMap { point in pieces.indices.first { $0 > point && pieces[$0].kind != .gap } }
            if isName(place), let point, pieces[point].isMark("."), let column, isName(column) {
                place = column
            } else {
                own.append(pieces[place])
                place += 1
            }
        }
        return own
    }
}
