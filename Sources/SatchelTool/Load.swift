internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-23.
struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads a CSV file into a table, all of it or nothing; a row whose key is there is changed.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @Argument(help: "The table.") var table: String
    @Argument(help: ArgumentHelp("The CSV file; - is standard input.", valueName: "file.csv")) var file: String
    @Option(help: ArgumentHelp("Who enters it.", valueName: "who")) var actor = ""
    @OptionGroup var answer: AnswerOptions

    private struct Told: Encodable {
        let table: String
        let rows: Int
        let inserted: Int
        let found: Int
    }

    func run() throws {
        let csv = try Input.bytes(of: file)
        let report = try answer.replica(replica).load(table, csv: csv, named: file, actor: actor)
        let told = Told(table: table, rows: report.rows, inserted: report.inserted, found: report.found)
        try Answer.give(
            told, json: answer.json,
            ["\(table): \(counted(told.rows, "row")), \(told.inserted) new, \(told.found) there already"])
    }
}
