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
        -- satchel: policy tally.n counter
        -- satchel: policy tally.tags set
        -- satchel: policy tally.low min
        -- satchel: policy tally.high max
        -- satchel: policy tally.words text
        -- satchel: policy tally.last lastWriter
        -- satchel: policy tally.once immutable
        CREATE TABLE tally (
          id TEXT PRIMARY KEY NOT NULL,
          n INTEGER NOT NULL,
          tags TEXT NOT NULL,
          low,
          high,
          words TEXT,
          last,
          once
        );
        -- satchel: appendOnly entry
        CREATE TABLE entry (id TEXT PRIMARY KEY NOT NULL, what);
        """

    /// The same, written by hand: the judge does not use the library's reading of the DDL.
    package static let schema = Schema(tables: [
        table("parent", key: ["id"], ["id!", "name!", "note", "above"], [("above", "parent")]),
        table("child", key: ["id"], ["id!", "parent!", "amount", "note"], [("parent", "parent")]),
        table("pair", key: ["a", "b"], ["a!", "b!", "value"], []),
        table(
            "tally", key: ["id"], ["id!", "n!", "tags!", "low", "high", "words", "last", "once"], [],
            policies: [
                "n": .counter, "tags": .set, "low": .min, "high": .max, "words": .text, "last": .lastWriter,
                "once": .immutable,
            ]),
        table("entry", key: ["id"], ["id!", "what"], [], appendOnly: true),
    ])

    /// Columns that end in `!` are NOT NULL; each outside the key is a unit of its own.
    private static func table(
        _ name: String, key: [String], _ columns: [String], _ references: [(column: String, parent: String)],
        policies: [String: Policy] = [:], appendOnly: Bool = false
    ) -> TableSchema {
        let names = columns.map { $0.hasSuffix("!") ? String($0.dropLast()) : $0 }
        return TableSchema(
            name: name,
            columns: zip(names, columns).map { .init(name: $0, notNull: $1.hasSuffix("!"), defaultSQL: nil) },
            key: key.compactMap { names.firstIndex(of: $0) },
            units: names.filter { !key.contains($0) }.map {
                .init(name: $0, columns: [names.firstIndex(of: $0)].compactMap(\.self), policy: policies[$0] ?? .review)
            },
            references: references.map {
                .init(
                    columns: [names.firstIndex(of: $0.column)].compactMap(\.self), parent: $0.parent,
                    parentColumns: ["id"])
            },
            withoutRowid: false, appendOnly: appendOnly)
    }
}
