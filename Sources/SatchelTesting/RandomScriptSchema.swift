package import SatchelModel

/// The data set of the random scripts: references across and within a table, a composite key, all five types.
package enum RandomScriptSchema {
    package static let ddl = """
        CREATE TABLE parent (
          id TEXT PRIMARY KEY NOT NULL,
          name TEXT NOT NULL,
          note,
          above TEXT REFERENCES parent (id)
        );
        CREATE TABLE child (
          id TEXT PRIMARY KEY NOT NULL,
          parent TEXT NOT NULL REFERENCES parent (id),
          amount REAL,
          note
        );
        CREATE TABLE pair (
          a TEXT NOT NULL,
          b INTEGER NOT NULL,
          value,
          PRIMARY KEY (a, b)
        );
        """

    /// The same, written by hand: the judge does not use the library's reading of the DDL.
    package static let schema = Schema(tables: [
        table("parent", key: ["id"], ["id!", "name!", "note", "above"], [("above", "parent")]),
        table("child", key: ["id"], ["id!", "parent!", "amount", "note"], [("parent", "parent")]),
        table("pair", key: ["a", "b"], ["a!", "b!", "value"], []),
    ])

    /// Columns that end in `!` are NOT NULL; each outside the key is a unit of its own.
    private static func table(
        _ name: String, key: [String], _ columns: [String], _ references: [(column: String, parent: String)]
    ) -> TableSchema {
        let names = columns.map { $0.hasSuffix("!") ? String($0.dropLast()) : $0 }
        return TableSchema(
            name: name,
            columns: zip(names, columns).map { .init(name: $0, notNull: $1.hasSuffix("!"), defaultSQL: nil) },
            key: key.compactMap { names.firstIndex(of: $0) },
            units: names.filter { !key.contains($0) }.map {
                .init(name: $0, columns: [names.firstIndex(of: $0)].compactMap(\.self), policy: .review)
            },
            references: references.map {
                .init(
                    columns: [names.firstIndex(of: $0.column)].compactMap(\.self), parent: $0.parent,
                    parentColumns: ["id"])
            },
            withoutRowid: false)
    }
}
