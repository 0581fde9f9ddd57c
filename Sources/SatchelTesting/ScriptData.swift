package import GRDB
package import SatchelModel

/// What a random script is about: a data set, written once as DDL and once by hand for the judges, and what people do
/// to it.
package struct ScriptData: Sendable {
    package var ddl: String
    /// The same, written by hand: the judge does not use the library's reading of the DDL.
    package var schema: Schema
    package var constraints = NaiveConstraints()
    /// One statement of plain SQL, chosen at random.
    package var statement: @Sendable (Database, inout SplitMix64) throws -> Void
    /// Of a hundred transactions, how many are written by a program that does not look at foreign keys.
    package var unenforced = 0
    /// Of a hundred steps, in how many rows of some tables are merged or unmerged, beside those of every story.
    package var merging: (steps: Int, tables: Set<String>)?

    package static let plain = ScriptData(
        ddl: RandomScriptSchema.ddl, schema: RandomScriptSchema.schema,
        statement: { db, random in
            if random.chance(40) {
                let (sql, arguments) = RandomScript.policied(&random)
                try db.execute(sql: sql, arguments: StatementArguments(arguments))
            } else {
                try RandomScript.statement(db, &random)
            }
        })
}
