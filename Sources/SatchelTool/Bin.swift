internal import ArgumentParser
internal import Satchel
internal import SatchelCommands

/// CLI-43.
struct Bin: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the recycle bin: deleted rows with their last values.")

    @Argument(help: "The replica's file, or a hub's directory.") var replica: String
    @Option(help: ArgumentHelp("Only rows of this table.", valueName: "table")) var table: String?
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = BinTold(try answer.replica(replica).bin(table: table))
        try Answer.give(told, json: answer.json, told.lines)
    }
}
