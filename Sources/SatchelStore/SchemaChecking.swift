internal import SatchelModel

/// What is refused in a new schema although each table could be read (SCH-4, SCH-6, SCH-14).
extension SchemaReader {
    /// SCH-4: nothing of the people's may bear a name that the library keeps for itself.
    func refuseReservedNames() throws {
        let own = try db.statement(
            "SELECT type, name FROM sqlite_master WHERE name LIKE 'satchel\\_%' ESCAPE '\\' ORDER BY rowid")
        if try own.step() {
            throw SchemaError("the \(own.string(0)) \(own.string(1)) has a name that Satchel keeps for itself")
        }
    }

    /// SCH-14: each directive speaks of what is there, and none contradicts another.
    /// VER-5: the new name is a column, or was on the way to another, or was dropped later; the old one is none any more.
    private func checkRenamed(_ mention: Directives.Mention, _ table: TableFacts) throws(SchemaError) {
        let names = table.schema.columns.map(\.name)
        let passedOn = directives.renamed[mention.table]?.values.contains(mention.name) ?? false
        let isDropped = directives.dropped[mention.table]?.contains(mention.name) ?? false
        guard names.contains(mention.name) || passedOn || isDropped else {
            throw SchemaError(line: mention.line, "\(mention.table) has no column \(mention.name)")
        }
        guard !names.contains(mention.former) else {
            throw SchemaError(
                line: mention.line, "\(mention.table).\(mention.former) was renamed and is still there")
        }
    }

    /// VER-7: what was dropped is not there.
    private func checkDropped(
        _ mention: Directives.Mention, _ tables: [TableFacts], _ all: Set<String>
    ) throws(SchemaError) {
        let columns = tables.first { $0.schema.name == mention.table }?.schema.columns.map(\.name) ?? []
        guard mention.name.isEmpty ? !all.contains(mention.table) : !columns.contains(mention.name) else {
            let what = mention.name.isEmpty ? mention.table : "\(mention.table).\(mention.name)"
            throw SchemaError(line: mention.line, "\(what) was dropped and is still there")
        }
    }

    func check(_ mentions: [Directives.Mention], against tables: [TableFacts], all: Set<String>) throws(SchemaError) {
        for mention in mentions {
            func refuse(_ message: String) -> SchemaError { SchemaError(line: mention.line, message) }
            if mention.verb == .version { continue }
            if mention.verb == .dropped {
                try checkDropped(mention, tables, all)
                continue
            }
            guard all.contains(mention.table) else { throw refuse("there is no table \(mention.table)") }
            if mention.verb == .local { continue }
            guard let table = tables.first(where: { $0.schema.name == mention.table }) else {
                throw refuse("table \(mention.table) is local or has no primary key, so this says nothing")
            }
            switch mention.verb {
            case .local, .appendOnly, .version, .dropped: break
            case .renamed: try checkRenamed(mention, table)
            case .reference: try checkReferencePolicies(of: table)
            case .stable:
                guard table.keyIsRowid else { throw refuse("table \(mention.table) has no INTEGER PRIMARY KEY") }
            case .policy:
                let declared = directives.units[mention.table] ?? []
                if declared.contains(where: { $0.columns.contains(mention.name) }) {
                    throw refuse("column \(mention.table).\(mention.name) is in a unit, which has its own policy")
                }
                guard
                    table.schema.units.contains(where: { unit in
                        unit.columns.count == 1
                            && unit.columns.allSatisfy { table.schema.columns[$0].name == mention.name }
                            && !declared.contains { $0.name == unit.name }
                    })
                else {
                    throw refuse("\(mention.table).\(mention.name) is not a column that is a unit by itself")
                }
            case .naturalKey, .similar:
                for (place, column) in mention.columns.enumerated() {
                    guard table.schema.columns.contains(where: { $0.name == column }) else {
                        throw refuse("\(mention.table) has no column \(column), or it is generated")
                    }
                    guard !mention.columns[..<place].contains(column) else {
                        throw refuse("column \(mention.table).\(column) is named twice")
                    }
                }
            case .unit:
                guard mention.name.utf8.count <= Limits.nameBytes else {
                    throw refuse("the name of the unit has more than \(Limits.nameBytes) bytes")
                }
                let unit = table.schema.units.first { $0.name == mention.name }
                let inside = Set(unit?.columns.map { table.schema.columns[$0].name } ?? [])
                if table.schema.columns.contains(where: { $0.name == mention.name && !inside.contains($0.name) }) {
                    throw refuse("unit \(mention.table).\(mention.name) is called like a column outside it")
                }
            }
        }
    }

    /// SCH-17, SCH-18: the policies of a table fit its columns, and one another.
    func checkPolicies(of table: TableFacts) throws(SchemaError) {
        let name = table.schema.name
        for unit in table.schema.units {
            let word = unit.policy.rawValue
            let line = directives.mentions.first { ($0.table, $0.name) == (name, unit.name) }?.line ?? 0
            if table.schema.appendOnly, unit.policy != .review {
                throw SchemaError(
                    line: line, "table \(name) is appendOnly, so unit \(unit.name) has no policy of its own")
            }
            guard unit.policy.carriesState else { continue }
            guard unit.columns.count == 1 else {
                throw SchemaError(line: line, "unit \(name).\(unit.name) has several columns; \(word) is for one")
            }
            let index = unit.columns[0]
            let keeps = Self.keeps(table.types[index])
            guard unit.policy == .counter ? keeps.integers : keeps.text else {
                throw SchemaError(
                    line: line,
                    "column \(name).\(unit.name) of type \(table.types[index]) cannot hold a \(word): declare it "
                        + (unit.policy == .counter ? "INTEGER" : "TEXT"))
            }
        }
    }

    /// SCH-6: a foreign key names the whole primary key of a synced table.
    func checkReferences(of table: TableFacts, among tables: [TableFacts]) throws(SchemaError) {
        for reference in table.schema.references {
            let words = "a foreign key of table \(table.schema.name)"
            guard
                let parent = tables.first(where: { $0.schema.name.lowercased() == reference.parent.lowercased() })
            else { throw SchemaError("\(words) names \(reference.parent), which is not a synced table") }
            let named = Set(reference.parentColumns.map { $0.lowercased() })
            guard named == Set(parent.schema.keyColumns.map { $0.lowercased() }) else {
                throw SchemaError("\(words) names columns of \(reference.parent) that are not its primary key")
            }
            try checkComparison(reference, of: table, with: parent, words)
        }
    }

    /// SQLite compares a reference with a key as the key's type and collation say; replicas compare what is stored.
    private func checkComparison(
        _ reference: TableSchema.Reference, of table: TableFacts, with parent: TableFacts, _ words: String
    ) throws(SchemaError) {
        for (column, name) in zip(reference.columns, reference.parentColumns) {
            let named = parent.schema.columns.firstIndex { $0.name.lowercased() == name.lowercased() }
            guard let named else { continue }
            let types = [table.types[column], parent.types[named]]
            guard Affinity(declared: types[0], strict: false) == Affinity(declared: types[1], strict: false) else {
                throw SchemaError(
                    "\(words) compares \(table.schema.columns[column].name), of type \(types[0]), with "
                        + "\(reference.parent).\(name), of type \(types[1]): give both one type")
            }
        }
        for key in parent.unique where key.isPrimary && key.collations.contains(where: { $0.uppercased() != "BINARY" })
        {
            throw SchemaError(
                "\(words) names \(reference.parent), whose key is compared by another collation than BINARY")
        }
    }

    /// Whether a column of this declared type holds integers, and text, as they are written.
    private static func keeps(_ declared: String) -> (integers: Bool, text: Bool) {
        switch Affinity(declared: declared, strict: true) {
        case .integer, .numeric: (true, false)
        case .text: (false, true)
        case .none: (true, true)
        case .real: (false, false)
        }
    }

    /// SCH-27, SCH-28: the columns are those of one foreign key, and a reference that may be shown as NULL can be.
    private func checkReferencePolicies(of table: TableFacts) throws(SchemaError) {
        let (name, columns) = (table.schema.name, table.schema.columns)
        for declared in directives.references[name] ?? [] {
            func refuse(_ message: String) -> SchemaError { SchemaError(line: declared.line, message) }
            let list = declared.columns.joined(separator: ", ")
            let matching = table.schema.references.filter {
                Set($0.columns.map { columns[$0].name }) == Set(declared.columns)
            }
            guard let reference = matching.first, matching.count == 1,
                Set(declared.columns).count == declared.columns.count
            else { throw refuse("(\(list)) are not the columns of one foreign key of table \(name)") }
            guard declared.policy == .setNull else { continue }
            for column in reference.columns {
                let word = columns[column].name
                if table.schema.key.contains(column) || columns[column].notNull {
                    throw refuse("\(name).\(word) is in the key or NOT NULL, so it cannot be shown as NULL")
                }
                if table.schema.references.contains(where: { $0 != reference && $0.columns.contains(column) }) {
                    throw refuse("\(name).\(word) is in another foreign key too, so it cannot be shown as NULL")
                }
                if table.unique.contains(where: { $0.condition?.lowercased().contains(word.lowercased()) == true }) {
                    throw refuse("the condition of a UNIQUE index names \(name).\(word), so it cannot be shown as NULL")
                }
            }
        }
    }
}
