package import ArgumentParser
package import Satchel

/// How a replica moves to another schema (CLI-41).
package struct MigrateOptions: ParsableArguments {
    @Argument(help: "The new schema, a file of DDL (Protocol/schema.md); none: the newest that the hub told of.")
    package var schema: String?
    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("SQL of your own that makes the tables what the new schema says.", valueName: "file"))
    package var script: String?

    package init() {}

    private struct Told: Encodable {
        let replica: String
        let version: UInt64
        let steps: [String]
        let tables: [String]
        let localTables: [InitTold.Local]
    }

    package func validate() throws {
        guard script == nil || schema != nil else { throw ValidationError("--run goes with a schema file") }
    }

    /// Migrates, and answers.
    ///
    /// - Parameter path: by which the replica is named in the answer.
    package func migrate(_ replica: Replica, at path: String, _ answer: AnswerOptions) throws {
        let text = try schema.map { String(decoding: try Input.bytes(of: $0), as: UTF8.self) }
        let report =
            if let text, let script {
                try replica.migrate(schema: text, running: String(decoding: Input.bytes(of: script), as: UTF8.self))
            } else {
                try replica.migrate(to: text)
            }
        let tables = try InitTold(replica)
        try Answer.give(
            Told(
                replica: path, version: replica.schemaVersion, steps: report.steps, tables: tables.tables,
                localTables: tables.localTables), json: answer.json,
            ["\(path) follows the new schema"] + report.steps + tables.lines)
    }
}
