internal import SatchelStore

/// A table, or a unit of one, as people write them in one word (CLI-72).
extension Replica {
    /// Reads `TABLE` or `TABLE.UNIT`, each name as it is or in double quotes. Dots may be in names: what counts is which
    /// tables and units there are.
    ///
    /// Throws a `UsageError` for what names none, and for what without quotes may name two.
    public func tableOrUnit(written text: String) throws -> (table: String, unit: String?) {
        try withEngine { engine in
            let places = ReadName.readings(of: text).filter { reading in
                guard let layout = engine.store.layout(named: reading.table) else { return false }
                return reading.unit.map { engine.unitNames(layout).contains($0) } ?? true
            }
            if places.count > 1 {
                throw UsageError(
                    "“\(text)” may be \(places.map(\.words).joined(separator: ", or "))",
                    try: "put the names in double quotes: \(places.map(\.inQuotes).joined(separator: " or "))")
            }
            if let place = places.first { return (place.table, place.unit) }
            // The table is right, or nothing is.
            let near = ReadName.readings(of: text).last { engine.store.layout(named: $0.table) != nil }
            guard let near, let unit = near.unit else {
                _ = try engine.layout(named: text)
                throw UsageError(
                    "“\(text)” begins with a quote and is no name in quotes",
                    try: "put the name in double quotes, and double those inside it")
            }
            throw engine.noUnit(unit, of: near.table)
        }
    }
}

/// One way to read it.
private struct ReadName {
    let table: String
    let unit: String?

    var words: String { unit.map { "the unit \($0) of the table \(table)" } ?? "the table \(table)" }
    var inQuotes: String { quoted(table) + (unit.map { "." + quoted($0) } ?? "") }

    /// Every way: without quotes the whole may be a table, and each dot may end one, the first dot first.
    static func readings(of text: String) -> [ReadName] {
        // By scalars: a quote with an accent after it is one character.
        let scalars = Substring(text).unicodeScalars
        guard scalars.first == "\"" else {
            let dots = scalars.indices.filter { scalars[$0] == "." }
            return [ReadName(table: text, unit: nil)]
                + dots.flatMap { dot in
                    let table = String(scalars[..<dot])
                    return units(scalars[scalars.index(after: dot)...]).map { ReadName(table: table, unit: $0) }
                }
        }
        guard let (table, rest) = unquoted(scalars) else { return [] }
        if rest.isEmpty { return [ReadName(table: table, unit: nil)] }
        return rest.first == "." ? units(rest.dropFirst()).map { ReadName(table: table, unit: $0) } : []
    }

    /// What comes after the dot, to its end: as it is, or as it stands in quotes.
    private static func units(_ text: Substring.UnicodeScalarView) -> [String] {
        guard text.first == "\"" else { return [String(text)] }
        guard let (unit, rest) = unquoted(text), rest.isEmpty else { return [] }
        return [unit]
    }

    /// A name in double quotes, of which those inside are doubled, and what follows; nil: the last quote is missing.
    private static func unquoted(
        _ text: Substring.UnicodeScalarView
    ) -> (name: String, rest: Substring.UnicodeScalarView)? {
        var name = String.UnicodeScalarView()
        var rest = text.dropFirst()
        while let scalar = rest.popFirst() {
            if scalar == "\"" {
                guard rest.first == "\"" else { return (String(name), rest) }
                rest = rest.dropFirst()
            }
            name.append(scalar)
        }
        return nil
    }
}
