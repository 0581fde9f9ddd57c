package import ArgumentParser
internal import Satchel

/// How a replica moves to another schema (CLI-41).
package struct MigrateOptions: ParsableArguments {
    @Argument(help: "The new schema, a file of DDL (Protocol/schema.md).") package var schema: String
    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("SQL that makes the tables what the new schema says.", valueName: "file"))
    package var script: String?

    package init() {}

    private struct Told: Encodable {
        let replica: String
        let tables: [String]
        let localTables: [InitTold.Local]
    }

    /// Migrates, and answers.
    package func migrate(_ path: String, _ answer: AnswerOptions) throws {
        let text = String(decoding: try Input.bytes(of: schema), as: UTF8.self)
        let sql = try script.map { String(decoding: try Input.bytes(of: $0), as: UTF8.self) }
        let replica = try answer.replica(path)
        try replica.migrate(schema: text, running: sql ?? "")
        let tables = try InitTold(replica)
        try Answer.give(
            Told(replica: path, tables: tables.tables, localTables: tables.localTables), json: answer.json,
            ["\(path) follows the new schema"] + tables.lines)
    }
}
