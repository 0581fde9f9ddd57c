internal import SatchelModel

/// The data set of the scope scripts: owners and districts, children, grandparents, and a client above a client.
enum ScopeScriptSchema {
    static let ddl = """
        CREATE TABLE client(id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, owner TEXT, district TEXT,
            above TEXT REFERENCES client(id));
        CREATE TABLE plan(id TEXT PRIMARY KEY NOT NULL, note TEXT);
        CREATE TABLE visit(id TEXT PRIMARY KEY NOT NULL, client TEXT NOT NULL REFERENCES client(id),
            plan TEXT REFERENCES plan(id), note TEXT);
        """

    static let schema = Schema(tables: [
        table("client", ["id!", "name!", "owner", "district", "above"], [("above", "client")]),
        table("plan", ["id!", "note"], []),
        table("visit", ["id!", "client!", "plan", "note"], [("client", "client"), ("plan", "plan")]),
    ])

    private static func table(
        _ name: String, _ columns: [String], _ references: [(column: String, parent: String)]
    ) -> TableSchema {
        let names = columns.map { $0.hasSuffix("!") ? String($0.dropLast()) : $0 }
        return TableSchema(
            name: name,
            columns: zip(names, columns).map { .init(name: $0, notNull: $1.hasSuffix("!"), defaultSQL: nil) },
            key: [0],
            units: names.dropFirst().map {
                .init(name: $0, columns: [names.firstIndex(of: $0)!], policy: .review)
            },
            references: references.map {
                .init(columns: [names.firstIndex(of: $0.column)!], parent: $0.parent, parentColumns: ["id"])
            },
            withoutRowid: false)
    }

    static let rules: [NaiveRule] = [
        .by("client", column: "owner", .text("a")), .by("client", column: "owner", .text("b")),
        .by("client", column: "owner", .text("c")), .by("visit", column: "note", .text("x")), .northern, .loose,
        .within("visit", columns: ["client"]), .within("visit", columns: ["client"]),
        .within("client", columns: ["above"]), .all("plan"), .all("visit"), .within("visit", columns: ["plan"]),
        .everything,
    ]
}
