internal import SatchelMerge
internal import SatchelModel
internal import SatchelStore
internal import SatchelWire

/// Finding rows that are one thing entered twice (SCH-25, SCH-26, MRG-58, MRG-59).
extension Engine {
    /// The pairs of one table or of all, by table and key. O(n log n) for n rows.
    package func duplicates(in table: String?) throws -> [Duplicate] {
        let layouts = try table.map { [try layout(named: $0)] } ?? store.peoplesLayouts
        let distinct = try facts(.distinct)
        return try layouts.flatMap { layout -> [Duplicate] in
            let rule = Resembling(layout.schema)
            if rule.isEmpty { return [] }
            var rows: [(key: RowKey, entry: Resembling.Entry)] = []
            try store.forEachRow(layout) { rows.append(($0, rule.entry($1))) }
            rows.sort { $0.key < $1.key }
            return try rule.pairs(among: rows.map(\.entry)).compactMap { pair in
                let id = Engine.pairID(layout.schema.name, rows[pair.first].key, rows[pair.second].key)
                // A merged row may be shown all the same (MRG-53).
                if try distinct[id] != nil || areOne(rows[pair.first].key, rows[pair.second].key, layout) { return nil }
                return Duplicate(
                    table: layout.schema.name, first: rows[pair.first].key, second: rows[pair.second].key,
                    reasons: told(pair.reasons, layout))
            }
        }
    }

    /// Whether people merged the two already.
    private func areOne(_ a: RowKey, _ b: RowKey, _ layout: TableLayout) throws -> Bool {
        guard try store.hasMerges() else { return false }
        return try survivor(of: a, in: layout) == survivor(of: b, in: layout)
    }

    /// The rows that something about to be entered may be, by key. O(rows of the table).
    package func resembling(_ values: [String: Value], in table: String) throws -> [Resemblance] {
        let layout = try layout(named: table)
        let rule = Resembling(layout.schema)
        guard !rule.isEmpty else { return [] }
        var row = Array(repeating: Value.null, count: layout.schema.columns.count)
        for (name, value) in values {
            guard let column = layout.schema.columns.firstIndex(where: { $0.name == name }) else {
                throw UsageError(
                    "table \(table) has no column \(name)",
                    try: "one of \(layout.schema.columns.map(\.name).joined(separator: ", "))")
            }
            row[column] = value
        }
        let entry = rule.entry(row)
        let own = layout.key(of: row)
        var found: [Resemblance] = []
        try store.forEachRow(layout) { key, values in
            let reasons = key == own ? [] : rule.compare(entry, rule.entry(values))
            if !reasons.isEmpty { found.append(Resemblance(key: key, reasons: told(reasons, layout))) }
        }
        return found.sorted { $0.key < $1.key }
    }

    /// Says that two rows are not the same, or takes it back. In the caller's transaction.
    package func setDistinct(_ isDistinct: Bool, table: String, _ a: RowKey, _ b: RowKey, actor: String) throws {
        let layout = try layout(named: table)
        guard a != b else { throw UsageError("a row is the same as itself", try: "name two rows") }
        for key in [a, b] where try !store.isShown(layout, key) {
            throw UsageError("one of the two rows is not in table \(table)", try: "look at `duplicates`")
        }
        try setFact(.distinct, about: Engine.pairID(table, a, b), isDistinct ? "1" : nil, actor: actor)
    }

    /// The id of a pair, whichever of the two is named first (SCH-29).
    static func pairID(_ table: String, _ a: RowKey, _ b: RowKey) -> String {
        var form = Array("satchel pair v1".utf8) + [0]
        Value.text(table).appendCanonical(to: &form)
        form += min(a, b).canonical + max(a, b).canonical
        return String(sha256(form).description.prefix(32))
    }

    private func told(_ reasons: [Resembling.Reason], _ layout: TableLayout) -> [Duplicate.Reason] {
        func names(_ columns: [Int]) -> [String] { columns.map { layout.schema.columns[$0].name } }
        return reasons.map { reason in
            switch reason {
            case .naturalKey(let place): .naturalKey(columns: names(layout.schema.naturalKeys[place]))
            case .similar(let percent, let equal):
                .similar(name: names([layout.schema.similar[0]])[0], percent: percent, equal: names(equal))
            }
        }
    }
}
