/// What a schema makes beside its tables, and what other programs made there: views, triggers, indexes.
extension Migration {
    /// Takes away what the old schema made beside the tables and the new one has not, and all that may stand in the way.
    func dropPrograms() throws {
        let present = Set(try Self.objects(store.db).map { $0.type + $0.name })
        for object in before.objects where object.type != "table" && present.contains(object.type + object.name) {
            if object.type == "index", after.objects.contains(object) { continue }
            try drop(object)
        }
    }

    /// Makes those of the new schema, whatever bears their names, and those of other programs that went with a table.
    mutating func makePrograms() throws {
        for object in after.objects where object.type != "table" {
            let namesake = try Self.objects(store.db).first { $0.isNamed(like: object) }
            if namesake == object { continue }
            if let namesake {
                // What is in a table nobody gives up for a name.
                guard namesake.type != "table" else {
                    throw SchemaError(
                        "the schema makes \(object.type) \(object.name), and another program made a table of that name: rename "
                            + "the table, or drop it, first")
                }
                try leave(namesake, since: "the schema has another of that name")
            }
            try fitting("the \(object.type) \(object.name)") { try store.db.execute(object.sql) }
        }
        for object in uprooted where !after.objects.contains(where: { $0.isNamed(like: object) }) {
            do {
                try store.db.execute(object.sql)
            } catch {
                steps.append(Self.words(object, error.message))
                continue
            }
            if object.type == "trigger", let reason = try missingColumn(of: object) { try leave(object, since: reason) }
        }
    }

    /// What other programs made upon a table and what goes with it when it is made anew.
    func others(on table: String) throws -> [Object] {
        try Self.objects(store.db).filter { object in
            ["index", "trigger"].contains(object.type) && object.table.lowercased() == table.lowercased()
                && !before.objects.contains { $0.isNamed(like: object) }
        }
    }

    private func drop(_ object: Object) throws { try store.db.execute("DROP \(object.type) \(quoted(object.name))") }

    private mutating func leave(_ object: Object, since reason: String) throws {
        try drop(object)
        steps.append(Self.words(object, reason))
    }

    private static func words(_ object: Object, _ reason: String) -> String {
        "dropped \(object.type) \(object.name), which another program made: \(reason)"
    }

    /// SQLite makes a trigger without a look at the columns that it names, and refuses each later write. A function that is
    /// not known is no reason: the app may have brought it.
    private func missingColumn(of trigger: Object) throws -> String? {
        try store.db.setTriggers(true)
        defer { try? store.db.setTriggers(false) }
        let table = quoted(trigger.table)
        let columns = try Self.columns(of: trigger.table, in: store.db).map {
            "\(quoted($0.name)) = \(quoted($0.name))"
        }
        let writes = [
            "INSERT INTO \(table) DEFAULT VALUES", "UPDATE \(table) SET \(columns.joined(separator: ", "))",
            "DELETE FROM \(table)",
        ]
        for write in writes {
            do { _ = try Statement(store.db, write) } catch {
                if error.message.contains("no such column") || error.message.contains("has no column") {
                    return error.message
                }
            }
        }
        return nil
    }
}
