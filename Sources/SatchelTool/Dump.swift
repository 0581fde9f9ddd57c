internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-25.
struct Dump: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a table as CSV, rows by key; `load` reads the same back.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @Argument(help: "The table.") var table: String
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let table: String
        let columns: [String]
        let rows: [[ValueTold]]
    }

    func run() throws {
        let replica = try answer.replica(replica)
        guard answer.json else { return try replica.dump(table) { try Answer.write($0) } }
        var rows: [[ValueTold]] = []
        try replica.forEachRow(of: table) { rows.append($0.map(ValueTold.init)) }
        let columns = try replica.columns(of: table).names
        try Answer.give(Told(table: table, columns: columns, rows: rows), json: true, [])
    }
}
