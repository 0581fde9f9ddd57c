internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-49.
struct Erase: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Erases a record for ever, here and by an order at every device: a person's right. Not to be undone.")

    @Argument(help: "The hub's directory.") var hub: String
    @Argument(help: "The record's table.") var table: String
    @Argument(help: "The record's key: a value for each of its columns.") var key: [String]
    @Option(
        name: .customLong("column"),
        help: ArgumentHelp(
            "Erase only what this column holds, and the unit it belongs to, of the record and of rows merged with it; may be "
                + "given several times.",
            valueName: "name"))
    var columns: [String] = []
    @Flag(
        help: ArgumentHelp(
            "Erase all records that refer to it too. One that does so by a reference declared setNull alone stays: what is erased "
                + "of it is that reference, with what is in a unit with it."))
    var withReferences = false
    @Option(help: ArgumentHelp("Who orders it.", valueName: "who")) var actor = ""
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        struct Table: Encodable {
            let table: String
            let rows: Int
        }

        let erasure: String
        let tables: [Table]
        let cut: [Table]
        let changesets: Int
        let quarantineRemoved: [String]
        let quarantineUnread: [String]
        let unknownTables: [String]
        let merged: Int

        var lines: [String] {
            var lines = ["erasure \(erasure): redacted \(counted(changesets, "changeset"))"]
            lines += tables.map { "\($0.table): \(counted($0.rows, "row"))" }
            lines += cut.map { "\($0.table): \(counted($0.rows, "row")) left, without the reference" }
            if merged > 0 {
                lines.append("among them \(counted(merged, "row")) merged with the record, with what stood there alone")
            }
            lines += quarantineRemoved.map { "removed from quarantine: \($0)" }
            lines += quarantineUnread.map { "could not be read in quarantine: \($0)" }
            return lines
                + unknownTables.map { "not looked at until the hub moves to a schema that has it: rows of \($0)" }
        }
    }

    func validate() throws {
        guard columns.isEmpty || !withReferences else {
            throw ValidationError("--with-references goes with whole records, not with --column")
        }
    }

    func run() throws {
        let hub = try answer.hub(hub)
        let key = try hub.replica.key(of: table, written: key)
        let report = try hub.erase(
            table: table, key: key, columns: columns, withReferences: withReferences, actor: actor)
        let told = Told(
            erasure: report.id, tables: report.rows.sorted { $0.key < $1.key }.map { .init(table: $0, rows: $1) },
            cut: report.cut.sorted { $0.key < $1.key }.map { .init(table: $0, rows: $1) },
            changesets: report.changesets, quarantineRemoved: report.quarantineRemoved,
            quarantineUnread: report.quarantineUnread, unknownTables: report.unknownTables, merged: report.merged)
        try Answer.give(told, json: answer.json, told.lines)
    }
}
