internal import ArgumentParser
internal import Satchel
internal import SatchelCommands
internal import SatchelHub

/// CLI-85.
struct Duplicates: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists pairs of rows that may be one thing entered twice.")

    @Argument(help: "The hub's directory.") var hub: String
    @Option(help: ArgumentHelp("Of this table only.", valueName: "table")) var table: String?
    @OptionGroup var answer: AnswerOptions

    func run() throws {
        let told = DuplicatesTold(try answer.hub(hub).replica.duplicates(in: table))
        try Answer.give(told, json: answer.json, told.lines)
    }
}
