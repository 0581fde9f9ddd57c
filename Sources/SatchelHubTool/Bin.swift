internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-46.
struct Bin: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the recycle bin: deleted rows with their last values.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(help: ArgumentHelp("Only rows of this table.", valueName: "table")) var table: String?
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = BinTold(try answer.hub(hub).replica.bin(table: table))
        try Answer.give(told, json: answer.json, told.lines)
    }
}
